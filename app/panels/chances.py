"""What the counts mean: where minima and NN-GPPs are likely, on the plane and along the lines, whatever the count."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy import ndarray

from app import text
from app.pictures import REFERENCE, Axes, Chart, Drawn, Level, Map, Series
from landscape_core import StudyResult, StudySpec
from landscape_core.geometry import LINE_NAMES, LINES
from landscape_core.optima import place_variance
from landscape_core.sampling import shared_count
from landscape_core.statistics import noise_ceiling
from landscape_core.study import MINIMA_DRAWS, SIGN_BATCHES, UncertainInterval

NOT_SAMPLED = "This study has no draws."


def nngpp_map(result: StudyResult) -> Drawn:
    """Where on the plane a mini-batch slope changes sign from − to +."""
    return _map(
        result,
        result.plane_nngpp_chance,
        "Where NN-GPPs are likely",
        f"P(slope < 0 one step before) · P(slope > 0 here){_signs_from(result.spec)}",
        "NN-GPP",
    )


def minima_map(result: StudyResult) -> Drawn:
    """Where on the plane a mini-batch loss has a minimum."""
    return _map(
        result,
        result.plane_minima_chance,
        "Where minima are likely",
        "P(loss lower than one step before and after), sampled: all triples of "
        f"{min(result.spec.draws, MINIMA_DRAWS)} draws; pure noise gives 1/3 everywhere",
        "minimum",
    )


def along_lines(result: StudyResult) -> Drawn:
    """Expected NN-GPPs and minima per unit of length along the lines, and where the slope's sign is uncertain."""
    positions = result.positions
    step = float(positions[1] - positions[0])
    intervals = [interval for line in result.uncertain_intervals() for interval in line]

    def densities(chances: ndarray) -> tuple[Series, ...]:
        return tuple(
            Series(line.name, positions, chances[index] / step, index, group=line.name, legend=False)
            for index, line in enumerate(LINES)
        )

    spans = tuple(
        Series(
            f"{found.line}: 5 % < P(slope > 0) < 95 %",
            np.array([_or(found.low, positions[0]), _or(found.high, positions[-1])]),
            np.full(2, float(LINE_NAMES.index(found.line))),
            LINE_NAMES.index(found.line),
            group=found.line,
            legend=False,
            weight="heavy",
        )
        for found in intervals
    )
    stars = tuple(
        Series(
            f"{found.line}, true NN-GPP",
            np.array([found.location]),
            np.array([float(LINE_NAMES.index(found.line))]),
            LINE_NAMES.index(found.line),
            "star",
            group=found.line,
            legend=False,
        )
        for found in intervals
    )
    note = (
        f"{_uncertain(intervals)}. Variance of places on {', '.join(LINE_NAMES)}: "
        f"minima {_variances(positions, result.line_minima_chance)}; "
        f"NN-GPPs {_variances(positions, result.line_nngpp_chance)}; uniform R²/3 = "
        f"{result.spec.range**2 / 3:.3g}. Sampled, not from a normal approximation."
    )
    reach = float(positions[-1])
    ceiling = Level(noise_ceiling(len(positions)) / (2 * reach), "pure noise", dashed=True)
    return Drawn(
        "Density, and where the sign is uncertain",
        note,
        Chart(
            "position along the line",
            (
                Axes("minima", densities(result.line_minima_chance), (ceiling,), low=0.0),
                Axes("NN-GPPs", densities(result.line_nngpp_chance), low=0.0),
                Axes("", spans + stars, share=1.0, ticks=tuple(enumerate(LINE_NAMES))),
            ),
            (-reach, reach),
        ),
        note,
    )


def thinned(result: StudyResult) -> Drawn:
    """Counts on lines of fewer points: both grow with the number of points."""
    points = result.thinned_points.astype(float)
    order = np.argsort(points)
    minima, found = result.thinned_minima.sum(1)[order], result.thinned_nngpps.sum(1)[order]
    points = points[order]
    ceiling = np.array([len(LINES) * noise_ceiling(int(count)) for count in points])
    true = float(result.true_nngpps.sum())
    note = (
        f"{points[0]:.0f} points a line: {minima[0]:.1f} minima, {found[0]:.1f} NN-GPPs. {points[-1]:.0f} points: "
        f"{minima[-1]:.1f} and {found[-1]:.1f}. True NN-GPPs at {points[-1]:.0f} points: {true:.0f}."
    )
    shown = (
        Series("pure noise", points, ceiling, REFERENCE),
        Series("minima", points, minima, 0, "triangle", joined=True),
        Series("NN-GPPs", points, found, 1, "diamond", joined=True),
    )
    return Drawn(
        "Counts grow with the points on a line",
        note,
        Chart("points a line", (Axes("mean count, four lines", shown, (Level(true, "true NN-GPPs"),), low=0.0),)),
        note,
    )


def _signs_from(spec: StudySpec) -> str:
    """Where the probabilities of a sign come from."""
    if spec.batch_size == spec.samples:
        return ", of the full batch"
    count = shared_count(spec.batch_size, SIGN_BATCHES, spec.samples)
    return f", sampled: shares of {count:,} mini-batches, the same everywhere, not a normal approximation"


def _uncertain(intervals: Sequence[UncertainInterval]) -> str:
    """How long the stretches of uncertain sign are; those that leave the line are longer than all others."""
    if not intervals:
        return "No true NN-GPPs"
    widths = [np.inf if found.width is None else found.width for found in intervals]
    median, leaving = float(np.median(widths)), sum(map(np.isinf, widths))
    length = f"{median:.2g}" if np.isfinite(median) else "more than lies on the line"
    return f"{len(widths)} true NN-GPPs; uncertain sign over {length} (median)" + (
        f", {leaving} of {len(widths)} leave the line" if leaving else ""
    )


def _variances(positions: ndarray, chances: ndarray) -> str:
    """The variance of the places on each line; a line without any has none."""
    return ", ".join("–" if np.isnan(found) else f"{found:.3g}" for found in place_variance(positions, chances))


def _map(result: StudyResult, chance: ndarray | None, title: str, how: str, name: str) -> Drawn:
    values = np.full_like(result.full_loss, np.nan) if chance is None else chance
    expected = float(np.nansum(values))
    note = (
        f"{text.setting(result.spec)}, |B| = {result.spec.batch_size}. {how}. Line: full-batch slope 0. "
        f"Expected on the plane: about {_rounded(expected)}."
        if chance is not None
        else NOT_SAMPLED
    )
    return Drawn(
        title,
        note,
        Map(
            result.axis,
            result.axis,
            values,
            "chance",
            f"P({name})",
            contours=() if chance is None else (("full-batch slope 0", result.full_slope, 0.0),),
        ),
        f"{title}: {note}",
    )


def _rounded(value: float) -> str:
    """To two digits: more are not known.

    >>> _rounded(1234.5), _rounded(0.0)
    ('1,200', '0')
    """
    return f"{float(f'{value:.2g}'):,.0f}"


def _or(value: float | None, otherwise: float) -> float:
    return float(otherwise if value is None else value)
