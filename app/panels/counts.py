"""Panels of Probability: where minima and NN-GPPs are likely, on the plane and along the lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy import ndarray

from app.panels import text
from app.panels.lines import FOUR_LINES
from app.panels.plane_axes import name_unit, title_positions
from app.plotting.model import REFERENCE, Axes, Chart, Level, Map, PanelContent, Series, Table
from landscape_core import Ball, StudyResult, StudySpec
from landscape_core.geometry.grid import LINE_NAMES, LINES
from landscape_core.paper.ball import LEVEL, SHARED_BATCHES, mark_inside
from landscape_core.sampling.minibatches import SHUFFLE, WITH, count_shared
from landscape_core.statistics.moments import noise_ceiling
from landscape_core.statistics.optima import place_variance
from landscape_core.study.limits import MINIMA_DRAWS, SIGN_BATCHES

NOT_SAMPLED = "This study has no draws."


def nngpp_map(result: StudyResult) -> PanelContent:
    """Where on the plane a mini-batch slope changes sign from − to +."""
    return _map(
        result,
        result.plane_nngpp_chance,
        "Where NN-GPPs are likely",
        f"{_change(result.spec)}, {_signs_from(result.spec)}",
        "NN-GPP",
    )


def minima_map(result: StudyResult) -> PanelContent:
    """Where on the plane a mini-batch loss has a minimum."""
    return _map(
        result,
        result.plane_minima_chance,
        "Where minima are likely",
        f"P(loss lower than one step before and after), sampled: {_triples(result.spec)}",
        "minimum",
    )


def along_lines(result: StudyResult, balls: Sequence[Ball]) -> PanelContent:
    """Expected NN-GPPs and minima per unit of length along the lines, and the balls around the true NN-GPPs."""
    positions = result.positions
    step = float(positions[1] - positions[0])

    def densities(chances: ndarray, of: str) -> tuple[Series, ...]:
        style: dict[str, Any] = {"legend": False, "kind": f"density of {of}"}
        return tuple(
            Series(text.line_label(line.name), positions, chances[index] / step, index, group=line.name, **style)
            for index, line in enumerate(LINES)
        )

    def in_row(ball: Ball, name: str, *x: float, **style: Any) -> Series:  # noqa: ANN401
        row = LINE_NAMES.index(ball.line)
        where = np.array(x), np.full(len(x), float(row))
        kind = name.strip(":, ").replace("%", "percent")
        label = f"{text.line_label(ball.line)}{name}"
        return Series(label, *where, row, group=ball.line, legend=False, kind=kind, **style)

    def stretch(low: float | None, high: float | None) -> tuple[float, float]:
        return _or(low, positions[0]), _or(high, positions[-1])

    rows = (
        *(in_row(one, ": both signs occur", *stretch(one.reach_low, one.reach_high), weight="thin") for one in balls),
        *(in_row(one, ": both signs have 5%", *stretch(one.low, one.high), weight="heavy") for one in balls),
        *(in_row(one, ", true NN-GPP", one.centre, mark="star") for one in balls),
    )
    note = (
        f"{_radii(balls)}. {_inside(result, balls)} "
        f"Variance of the locations on {', '.join(map(text.line_label, LINE_NAMES))}: "
        f"minima {_variances(positions, result.line_minima_chance)}; "
        f"NN-GPPs {_variances(positions, result.line_nngpp_chance)}; uniform R²/3 = "
        f"{result.spec.range**2 / 3:.3g}. Sampled, not from a normal approximation."
    )
    reach = float(positions[-1])
    ceiling = Level(result.noise_ceiling / (2 * reach), "white noise", dashed=True)
    return PanelContent(
        "Density, and where both signs occur",
        note,
        Chart(
            title_positions(result.spec),
            (
                Axes("minima", densities(result.line_minima_chance, "minima"), (ceiling,), low=0.0),
                Axes("NN-GPPs", densities(result.line_nngpp_chance, "NN-GPPs"), low=0.0),
                Axes("", rows, share=1.3, ticks=tuple(enumerate(map(text.line_label, LINE_NAMES)))),
            ),
            (-reach, reach),
            along=FOUR_LINES,
        ),
        note,
    )


def ball_table(result: StudyResult, balls: Sequence[Ball]) -> PanelContent:
    """Each ball: where it is, its radius, that of the law, and how many NN-GPPs are to be expected in it."""
    reach = float(result.positions[-1])
    chances = dict(zip(LINE_NAMES, result.line_nngpp_chance, strict=True))
    rows = tuple(
        (
            one.line,
            _place(one.centre, reach),
            _from_to(one.low, one.high, reach),
            "leaves the line" if one.radius is None else f"{one.radius:#.3g}",
            "–" if np.isnan(one.law) else f"{one.law:#.3g}",
            _from_to(one.reach_low, one.reach_high, reach),
            _share_inside(chances[one.line], one.steps_inside(result.positions)),
        )
        for one in balls
    )
    ratios = [one.radius / one.law for one in balls if one.radius is not None and one.law > 0]
    compared = f" Radius over law: {np.median(ratios):.2f} (median)." if ratios else ""
    signs = text.capitalise(_signs_from(result.spec, SHARED_BATCHES))
    note = f"{signs}. Law: 1.645 SD / curvature at x*.{compared}"
    columns = (
        "line",
        "x*",
        f"both signs > {LEVEL:.0%}",
        "radius ε",
        "by the law",
        "both signs occur",
        "of Σ P(SNN-GPP)",
    )
    numeric = frozenset(range(1, len(columns)))
    table = Table(columns, rows, numeric, grouped=True)
    return PanelContent("Balls around true optima", note, table, note, setting=text.setting_and_size(result.spec))


def thinned(result: StudyResult) -> PanelContent:
    """Counts on lines of fewer points: both grow with the number of points."""
    points = result.thinned_points.astype(float)
    order = np.argsort(points)
    minima, found = result.thinned_minima.sum(1)[order], result.thinned_nngpps.sum(1)[order]
    points = points[order]
    ceiling = np.array([len(LINES) * noise_ceiling(int(count)) for count in points])
    true = float(result.true_nngpps.sum())
    note = (
        f"{points[0]:.0f} points per line: {minima[0]:.1f} minima, {found[0]:.1f} NN-GPPs. {points[-1]:.0f} points: "
        f"{minima[-1]:.1f} and {found[-1]:.1f}. True NN-GPPs at {points[-1]:.0f} points: {true:.0f}."
    )
    if result.spec.sampling == SHUFFLE:
        note += " The points that are kept are no coarser line: epochs go on between them."
    shown = (
        Series("white noise", points, ceiling, REFERENCE),
        Series("minima", points, minima, 0, "triangle", joined=True),
        Series("NN-GPPs", points, found, 1, "diamond", joined=True),
    )
    return PanelContent(
        "Counts by points on a line",
        note,
        Chart("points per line", (Axes("mean count, four lines", shown, (Level(true, "true NN-GPPs"),), low=0.0),)),
        note,
    )


def _change(spec: StudySpec) -> str:
    """The probability that the slope's sign changes; neighbours that share an urn are not independent."""
    if spec.sampling == SHUFFLE:
        return "P(slope < 0 one step before and > 0 here)"
    return "P(slope < 0 one step before) · P(slope > 0 here)"


def _triples(spec: StudySpec) -> str:
    """Where the probabilities of a minimum come from, and what they are without a trend."""
    triples = f"all triples of {min(spec.draws, MINIMA_DRAWS)} draws"
    if spec.sampling == SHUFFLE:
        return f"{triples}, those of one draw where neighbours share an epoch; white noise would give at least 1/3"
    return f"{triples}; white noise would give 1/3 everywhere"


def _signs_from(spec: StudySpec, least: int = SIGN_BATCHES) -> str:
    """Where the probabilities of a sign come from."""
    if spec.full_batch:
        return "of the full batch"
    if spec.batch_size in (1, spec.samples - 1) and spec.sampling != WITH:
        return "exact: shares of all mini-batches"
    count = count_shared(spec.batch_size, least, spec.samples, spec.sampling)
    return f"sampled: shares of {count:,} mini-batches, the same everywhere, not a normal approximation"


def _radii(balls: Sequence[Ball]) -> str:
    """How large the balls are; those that leave the line are larger than all others."""
    if not balls:
        return "No true NN-GPPs"
    radii = [np.inf if one.radius is None else one.radius for one in balls]
    median, leaving = float(np.median(radii)), sum(map(np.isinf, radii))
    length = f"{median:.2g}" if np.isfinite(median) else "more than lies on the line"
    return f"{len(radii)} true NN-GPPs; radius of their balls {length} (median)" + (
        f", {leaving} of {len(radii)} leave the line" if leaving else ""
    )


def _inside(result: StudyResult, balls: Sequence[Ball]) -> str:
    """How many of the NN-GPPs to be expected lie in the balls."""
    expected = float(result.line_nngpp_chance.sum())
    if not balls or not expected:
        return ""
    share = _share_inside(result.line_nngpp_chance, mark_inside(balls, result.positions))
    return f"{share} of the {expected:.1f} NN-GPPs to be expected lie in a ball."


def _share_inside(chances: ndarray, inside: ndarray) -> str:
    """The share of the NN-GPPs to be expected that lie at some of the points."""
    expected = float(chances.sum())
    return text.format_share(float(chances[inside].sum()) / expected) if expected else "–"


def _place(value: float, reach: float) -> str:
    """A place on a line, to about a thousandth of its half-width.

    >>> _place(1.1e-16, 2.0), _place(-14.24, 20.0)
    ('0.000', '-14.24')
    """
    return f"{value:z.{max(0, 3 - math.floor(math.log10(reach)))}f}"


def _from_to(low: float | None, high: float | None, reach: float) -> str:
    """A stretch of a line; an end that is not on it lies beyond the end of the line.

    >>> _from_to(-0.5, None, 2.0), _from_to(None, 1.0, 2.0)
    ('-0.500 to > 2', '< -2 to 1.000')
    """
    first = f"< {-reach:g}" if low is None else _place(low, reach)
    return f"{first} to {f'> {reach:g}' if high is None else _place(high, reach)}"


def _variances(positions: ndarray, chances: ndarray) -> str:
    """The variance of the places on each line; a line without any has none."""
    return ", ".join("–" if np.isnan(found) else f"{found:.3g}" for found in place_variance(positions, chances))


def _map(result: StudyResult, chance: ndarray | None, title: str, how: str, name: str) -> PanelContent:
    values = np.full_like(result.full_loss, np.nan) if chance is None else chance
    expected = float(np.nansum(values))
    note = (
        f"{how}. Line: full-batch slope 0. Expected on the plane: about {_rounded(expected)}."
        if chance is not None
        else NOT_SAMPLED
    )
    return PanelContent(
        title,
        note,
        Map(
            result.axis,
            result.axis,
            values,
            "chance",
            f"P({name})",
            contours=() if chance is None else (("full-batch slope 0", result.full_slope, 0.0),),
            unit=name_unit(result.spec),
        ),
        f"{title}: {note}",
        setting=text.setting_and_size(result.spec),
    )


def _rounded(value: float) -> str:
    """To two digits: more are not known.

    >>> _rounded(1234.5), _rounded(0.0)
    ('1,200', '0')
    """
    return f"{float(f'{value:.2g}'):,.0f}"


def _or(value: float | None, otherwise: float) -> float:
    return float(otherwise if value is None else value)
