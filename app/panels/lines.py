"""Panels of the four lines: curves with their optima marked, and histograms of where the optima lie."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy import ndarray

from app.panels import text
from app.panels.plane_axes import title_positions
from app.plotting.model import REFERENCE, Along, Axes, Bars, Chart, Level, Mark, PanelContent, Series
from landscape_core import StudyResult
from landscape_core.geometry.grid import LINES
from landscape_core.statistics.optima import HISTOGRAM_BINS, histogram

FOUR_LINES = tuple(Along(line.name, (0.0, 0.0), tuple(line.unit.tolist())) for line in LINES)


def along_line(name: str) -> tuple[Along, ...]:
    """One of the four lines, alone in its chart."""
    return tuple(replace(line, group="") for line in FOUR_LINES if line.group == name)


def minima(result: StudyResult, full: bool = False) -> PanelContent:
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
        None if full else result.noise_ceiling,
    )
    return PanelContent(f"Minima along four lines, {_size(result, full)}", note, picture, note)


def nngpps(result: StudyResult, full: bool = False) -> PanelContent:
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
    return PanelContent(f"NN-GPPs along four lines, {_size(result, full)}", note, picture, note)


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
        group, name = line.name, text.line_label(line.name)
        curves += [
            Series(f"{name}: {int(at.sum())}", positions, values[index], index, group=group, kind=quantity, label=name),
            Series(
                f"{name}, {found_name}",
                positions[at],
                values[index][at],
                index,
                mark,
                group=group,
                legend=False,
                kind=found_name,
            ),
            Series(
                f"{name}, true optimum",
                positions[true_at],
                full[index][true_at],
                index,
                "star",
                group=group,
                legend=False,
                kind="true optimum",
            ),
        ]
        counts, centres = histogram(positions[at], reach)
        bars.append(Bars(name, centres, counts.astype(float), 2 * reach / HISTOGRAM_BINS, index, group, "count"))
    none = np.array([np.nan])  # Plotly names nothing that is empty
    if not exact:
        curves.append(Series(f"found: {int(found.sum())}", none, none, REFERENCE, mark))
    curves.append(Series(f"true: {int(true.sum())}", none, none, REFERENCE, "star"))
    levels = () if ceiling is None else (Level(len(LINES) * ceiling / HISTOGRAM_BINS, "white noise", dashed=True),)
    zero = (Level(0.0),) if quantity == "slope" else ()
    return Chart(
        title_positions(result.spec),
        (
            Axes(quantity, tuple(curves), zero),
            Axes("count", tuple(bars), levels, share=0.53, low=0.0, top=_highest_count(result, exact)),
        ),
        (-reach, reach),
        legend_row=True,
        along=FOUR_LINES,
    )


def _highest_count(result: StudyResult, exact: bool) -> float:
    """Find the highest bar of both histograms, so that their axes are the same."""
    reach = float(result.positions[-1])
    levels = (0.0,) if exact else (len(LINES) * result.noise_ceiling / HISTOGRAM_BINS,)
    optima = (result.true_minima, result.true_nngpps) if exact else (result.minima, result.nngpps)
    stacks = (sum(histogram(result.positions[at], reach)[0] for at in found) for found in optima)
    return float(max(*levels, *(np.max(stack) for stack in stacks)))
