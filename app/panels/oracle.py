"""Panels of Draw by draw: a line after so many draws, and the samples behind one of its points."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy import ndarray

from app.plotting.model import REFERENCE, Axes, Chart, Level, Mark, PanelContent, Series, Table
from landscape_core.paper.sampling_oracle import (
    OracleLine,
    OraclePoint,
    count_known,
    find_minima_times,
    find_nngpp_times,
)
from landscape_core.paper.toy_quadratics import Quadratics

Quantity = Literal["loss", "slope"]
Role = Literal["model", "reference", "true", "drawn", "found"]

FULL, FOUND, MODEL = 0, 1, 2
"""Styles of the full batch, of what is found, and of the first of the four parabolas."""

PARABOLAS = ("A", "B", "C", "D")
"""The four parabolas of Fig. 1."""

LISTED = 12
"""Samples that a sentence lists one by one."""


@dataclass(frozen=True)
class Words:
    """How a line is spoken of.

    Attributes:
        of: What the urn holds, several of it.
        one: One of it.
        classes: Names of the classes; of parabolas, each its own.
        sorts: Title of what is told of one of it in a table, and that for each class.
        along: What the line is called.
        across: Title of the horizontal axis.
    """

    of: str
    one: str
    classes: tuple[str, ...]
    sorts: tuple[str, tuple[str, ...]]
    along: str
    across: str


def words(source: str, line: str, classes: tuple[str, ...], across: str = "position along the line") -> Words:
    """The words for the urn of a network with its classes, or for that of the four parabolas."""
    if source == "quadratics":
        own = tuple(f"{place:g}".replace("-", "−") for place in Quadratics().minimisers)
        return Words("parabolas", "parabola", PARABOLAS, ("its minimum at", own), "the line of Fig. 1", "x")
    return Words("samples", "sample", classes, ("class", classes), line, across)


@dataclass(frozen=True, eq=False)
class Part:
    """Something of a chart that appears with the draws.

    Attributes:
        role: What it is.
        series: All of it.
        known: After how many draws each of its points is seen, in rising order.
    """

    role: Role
    series: Series
    known: ndarray

    def after(self, step: int) -> Series:
        """As much as is seen after so many draws."""
        seen = self.known <= step
        return replace(self.series, x=self.series.x[seen], y=self.series.y[seen])


def parts(line: OracleLine, quantity: Quantity, source: str) -> tuple[Part, ...]:
    """What a chart of the loss or of the slope is made of, from the back to the front."""
    loss = quantity == "loss"
    x, points = line.positions, len(line.positions)
    values, full = (line.loss, line.full_loss) if loss else (line.slope, line.full_slope)
    found, true = (line.minima, line.true_minima) if loss else (line.nngpps, line.true_nngpps)
    name = "minima" if loss else "NN-GPPs"
    mark: Mark = "triangle" if loss else "diamond"
    always = np.zeros(points, dtype=np.int64)
    model: list[Part] = []
    if source == "quadratics":
        curves = Quadratics().values(x) if loss else Quadratics().derivatives(x)
        model = [
            Part("model", Series(f"parabola {letter}", x, curve, MODEL + number, weight="thin", legend=False), always)
            for number, (letter, curve) in enumerate(zip(PARABOLAS, curves, strict=True))
        ]
    return (
        *model,
        Part("reference", Series("full batch", x, full, FULL), always),
        Part("true", Series(f"true {name}", x[true], full[true], FULL, "star"), always[true]),
        Part("drawn", Series("drawn", x, values, REFERENCE, "dot", joined=True), np.arange(1, points + 1)),
        Part(
            "found",
            Series(f"{name} declared", x[found], values[found], FOUND, mark),
            find_minima_times(found) if loss else find_nngpp_times(found),
        ),
    )


def chart(
    line: OracleLine, quantity: Quantity, source: str, step: int, reference: bool, spoken: Words, setting: str
) -> PanelContent:
    """Loss or slope along the line after so many draws."""
    shown = [
        part.after(step)
        for part in parts(line, quantity, source)
        if reference or part.role not in {"reference", "true"}
    ]
    reach = float(line.positions[-1])
    what = {"network": quantity, "quadratics": "value" if quantity == "loss" else "derivative"}[source]
    sentence = f"{what.capitalize()} along {spoken.along}, {min(step, len(line.positions))} points drawn. "
    return PanelContent(
        f"{what.capitalize()} along {spoken.along}",
        "",
        Chart(
            spoken.across,
            (Axes(what, tuple(shown), () if quantity == "loss" else (Level(0.0),)),),
            (-reach, reach),
        ),
        sentence + counted(line, quantity, step, reference),
        setting=setting,
    )


def counted(line: OracleLine, quantity: Quantity, step: int, reference: bool) -> str:
    """How many are known after so many draws, beside what white noise would give and what there truly is."""
    found, noise, true = counts(line, quantity)
    at = min(step, len(line.positions))
    name = "minima" if quantity == "loss" else "NN-GPPs"
    sentence = f"{found[at]} {name} declared; white noise would give {noise[at]:.1f}"
    return sentence + (f"; the full batch has {true[at]}." if reference else ".")


def counts(line: OracleLine, quantity: Quantity) -> tuple[ndarray, ndarray, ndarray]:
    """After 0, 1, … draws: optima known, those to be expected of white noise, those of the full batch."""
    points = len(line.positions)
    if quantity == "loss":
        known = find_minima_times
        return count_known(known(line.minima), points), line.noise_minima, count_known(known(line.true_minima), points)
    known = find_nngpp_times
    return count_known(known(line.nngpps), points), line.noise_nngpps, count_known(known(line.true_nngpps), points)


def said(line: OracleLine, spoken: Words) -> list[str]:
    """What has just happened, after 0, 1, … draws."""
    size, urn = _size(line), line.members.shape[1]
    a_batch = f"one of the {urn}" if size == 1 else f"all {urn}" if size == urn else f"{size} of the {urn}"
    first = f"The urn holds {urn} {spoken.of}. Step: the oracle draws {a_batch} and shows loss and slope at point 1."
    points = [_said(line, index) for index in range(len(line.positions))]
    points[-1] += f" The line is drawn: {int(line.minima.sum())} minima, {int(line.nngpps.sum())} NN-GPPs."
    return [first, *points]


def _said(line: OracleLine, index: int) -> str:
    point, loss, slope = index + 1, line.loss[index], line.slope[index]
    if not np.isfinite(loss) or not np.isfinite(slope):
        return f"Point {point}: no finite value."
    happened = []
    if index and line.minima[index - 1]:
        happened.append(f"the loss of point {index} is below both neighbours: a minimum is declared")
    if line.nngpps[index]:
        happened.append(f"the slope has turned from − at point {index} to + here: an NN-GPP is declared")
    if not happened:
        happened.append(f"loss {loss:.3g}, slope {_signed(slope)}")
    return f"Point {point}: {'; '.join(happened)}."


def explained(line: OracleLine, index: int, step: int, point: OraclePoint, spoken: Words) -> str:
    """Why a point is where it is: which samples were drawn there, and what they are beside all of them."""
    size, urn = _size(line), line.members.shape[1]
    loss, slope = line.loss[index], line.slope[index]
    here = f"Point {index + 1} at {line.positions[index]:z.3g}".replace("-", "−")
    if not np.isfinite(loss) or not np.isfinite(slope):
        return f"{here}: no finite value."
    told = [f"{here}: loss {loss:.3g}, slope {_signed(slope)}."]
    cause = _drawn(line, index, spoken)
    minimum = bool(line.minima[index]) and step >= index + 2
    nngpp = bool(line.nngpps[index]) and step >= index + 1
    if size == urn:
        told.append(f"All {urn} {spoken.of} were drawn: this is the full batch.")
    elif minimum:
        told.append(
            f"A minimum: {loss:.3g} is below {line.loss[index - 1]:.3g} before and {line.loss[index + 1]:.3g} after, "
            f"because here {cause}."
        )
    if nngpp:
        told.append(
            f"An NN-GPP: the slope has turned from {_signed(line.slope[index - 1])} at the point before"
            + ("." if minimum or size == urn else f", and here {cause}.")
        )
    if size == urn:
        return " ".join(told)
    if not minimum and not nngpp:
        told.append(f"Here {cause}.")
    below = int((point.loss[line.members[index]] < line.full_loss[index]).sum())
    share = f"{below} of these {size} are" if size > 1 else "It is" if below else "It is not"
    told.append(
        f"{share} below the mean of all {urn}, {line.full_loss[index]:.3g}; "
        f"the full batch's slope here is {_signed(line.full_slope[index])}."
    )
    return " ".join(told)


@dataclass(frozen=True)
class Row:
    """A sample that was drawn, or the mean of several.

    Attributes:
        name: Its number, or of what it is the mean.
        kind: What is told of it; empty for a mean.
        loss: At the point.
        slope: At the point.
    """

    name: str
    kind: str
    loss: float
    slope: float


def rows(line: OracleLine, index: int, point: OraclePoint, spoken: Words) -> list[Row]:
    """The samples drawn at a point and the means of them and of all, by their losses."""
    found = [
        Row(_name(int(sample), spoken), spoken.sorts[1][line.classes[sample]], *_at(point, int(sample)))
        for sample in np.flatnonzero(line.members[index])
    ]
    size, urn = _size(line), line.members.shape[1]
    means = [Row(f"mean of all {urn}", "", float(line.full_loss[index]), float(line.full_slope[index]))]
    if 1 < size < urn:
        means.append(Row(f"mean of these {size}", "", float(line.loss[index]), float(line.slope[index])))
    return sorted([*found, *means], key=lambda row: row.loss)


def made(line: OracleLine, index: int, step: int, point: OraclePoint, spoken: Words) -> PanelContent:
    """Which samples made a point, as a table."""
    told = explained(line, index, step, point, spoken)
    cells = tuple(
        (row.name, row.kind, f"{row.loss:.4g}", _signed(row.slope)) for row in rows(line, index, point, spoken)
    )
    here = f"at point {index + 1}"
    columns = (spoken.one, spoken.sorts[0], f"loss {here}", f"slope {here}")
    return PanelContent(_made_by(spoken), "", Table(columns, cells, frozenset({2, 3})), told)


def urn(line: OracleLine, step: int, spoken: Words) -> PanelContent:
    """What has been drawn out of the urn at each point so far."""
    size, held = _size(line), line.members.shape[1]
    if size == 1:
        fresh = f"One of the {held}, drawn afresh at every point."
    elif size == held:
        fresh = f"All {held} at every point: nothing is left to chance."
    else:
        fresh = f"A mini-batch of {size}, drawn afresh at every point, without replacement."
    drawn = min(step, len(line.positions))
    cells = tuple(
        (str(index + 1), _listed([_name(int(one), spoken) for one in np.flatnonzero(line.members[index])]))
        for index in range(drawn)
    )
    return PanelContent(
        f"The oracle and its urn of {held:,} {spoken.of}",
        fresh,
        Table(("point", f"{spoken.of} drawn"), cells, frozenset({0})),
        f"An urn of {held:,} {spoken.of}. {fresh}",
    )


def nothing(spoken: Words) -> PanelContent:
    """No point yet."""
    told = "Click a point, or go to it with ← → in a chart and press Enter, to see what was drawn there."
    return PanelContent(_made_by(spoken), "", Table((spoken.one, spoken.sorts[0], "loss", "slope"), ()), told)


def _made_by(spoken: Words) -> str:
    return f"{spoken.of.capitalize()} behind this point"


def _drawn(line: OracleLine, index: int, spoken: Words) -> str:
    names = [_name(int(one), spoken) for one in np.flatnonzero(line.members[index])]
    if len(names) == 1:
        return f"{spoken.one} {names[0]} was drawn"
    if len(names) > LISTED:
        return f"{len(names)} {spoken.of} were drawn"
    return f"{spoken.of} {', '.join(names[:-1])} and {names[-1]} were drawn"


def _listed(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= LISTED else f"{', '.join(names[:LISTED])} … ({len(names)})"


def _name(sample: int, spoken: Words) -> str:
    """Parabolas have letters; samples are numbered from 1, as a reader counts."""
    return spoken.classes[sample] if spoken.one == "parabola" else str(sample + 1)


def _at(point: OraclePoint, sample: int) -> tuple[float, float]:
    return float(point.loss[sample]), float(point.slope[sample])


def _size(line: OracleLine) -> int:
    return int(line.members[0].sum())


def _signed(value: float) -> str:
    return f"{value:+z.3g}".replace("-", "−")
