"""The four lines: curves with their optima marked, and histograms of where the optima lie."""

from __future__ import annotations

import numpy as np
from numpy import ndarray

from app import text
from app.pictures import REFERENCE, Axes, Bars, Chart, Drawn, Level, Mark, Series
from landscape_core import StudyResult
from landscape_core.geometry import LINES
from landscape_core.optima import HISTOGRAM_BINS, histogram
from landscape_core.statistics import noise_ceiling


def minima(result: StudyResult, full: bool = False) -> Drawn:
    """The loss along the lines, with its minima."""
    values = result.line_full_loss if full else result.line_batch_loss
    note = text.minima_sentence(result, full)
    picture = _chart(
        "loss",
        "minimum",
        "triangle",
        result,
        full,
        values,
        result.line_full_loss,
        result.true_minima if full else result.minima,
        result.true_minima,
        None if full else noise_ceiling(len(result.positions)),
    )
    return Drawn(f"Minima along four lines, {_size(result, full)}", note, picture, note)


def nngpps(result: StudyResult, full: bool = False) -> Drawn:
    """The slope along the lines, with its NN-GPPs."""
    values = result.line_full_slope if full else result.line_batch_slope
    note = text.nngpps_sentence(result, full)
    picture = _chart(
        "slope",
        "NN-GPP",
        "diamond",
        result,
        full,
        values,
        result.line_full_slope,
        result.true_nngpps if full else result.nngpps,
        result.true_nngpps,
        None,
    )
    return Drawn(f"NN-GPPs along four lines, {_size(result, full)}", note, picture, note)


def _size(result: StudyResult, full: bool) -> str:
    return "full batch" if full else text.size_phrase(result.spec)


def _chart(
    quantity: str,
    found_name: str,
    mark: Mark,
    result: StudyResult,
    exact: bool,
    values: ndarray,
    full: ndarray,
    found: ndarray,
    true: ndarray,
    ceiling: float | None,
) -> Chart:
    """Curves above, histogram below; the legend gives the numbers, line by line and of all, as in the paper."""
    positions = result.positions
    reach = float(positions[-1])
    curves: list[Series | Bars] = []
    bars: list[Series | Bars] = []
    for index, line in enumerate(LINES):
        at, true_at = found[index], true[index]
        group = line.name
        curves += [
            Series(f"{line.name}: {int(at.sum())}", positions, values[index], index, group=group),
            Series(
                f"{line.name}, {found_name}",
                positions[at],
                values[index][at],
                index,
                mark,
                group=group,
                legend=False,
            ),
            Series(
                f"{line.name}, true optimum",
                positions[true_at],
                full[index][true_at],
                index,
                "star",
                group=group,
                legend=False,
            ),
        ]
        counts, centres = histogram(positions[at], reach)
        bars.append(Bars(line.name, centres, counts.astype(float), 2 * reach / HISTOGRAM_BINS, index, group))
    none = np.array([np.nan])  # Plotly names nothing that is empty
    if not exact:
        curves.append(Series(f"found: {int(found.sum())}", none, none, REFERENCE, mark))
    curves.append(Series(f"true: {int(true.sum())}", none, none, REFERENCE, "star"))
    levels = () if ceiling is None else (Level(len(LINES) * ceiling / HISTOGRAM_BINS, "pure noise", dashed=True),)
    zero = (Level(0.0),) if quantity == "slope" else ()
    return Chart(
        "position along the line",
        (Axes(quantity, tuple(curves), zero), Axes("count", tuple(bars), levels, share=0.53, low=0.0)),
        (-reach, reach),
    )
