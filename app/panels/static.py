"""Panels of Fixed batch: one mini-batch kept along a whole line, beside a fresh one at every point."""

from __future__ import annotations

from typing import Literal

import numpy as np

from app.panels import text
from app.panels.lines import along_line
from app.panels.plane_axes import title_positions
from app.plotting.model import REFERENCE, Axes, Bars, Chart, Level, PanelContent, Series
from landscape_core import StudyResult
from landscape_core.geometry.grid import LINE_NAMES
from landscape_core.statistics.optima import HISTOGRAM_BINS, histogram

STATIC, DYNAMIC = 0, 1
"""Styles of the curves."""


def static(result: StudyResult, line: str, quantity: Literal["loss", "slope"]) -> PanelContent:
    """Fifty batches, each kept along the line; and where each of the smooth curves has its optima."""
    index, name = LINE_NAMES.index(line), _name(quantity)
    curves = (result.static_loss if quantity == "loss" else result.static_slope)[:, index]
    found = text.optima_of(quantity, curves)
    full = (result.line_full_loss if quantity == "loss" else result.line_full_slope)[index]
    positions, reach = result.positions, float(result.positions[-1])
    # one series for all curves: a NaN between them interrupts the line
    gap = np.full((len(curves), 1), np.nan)
    many = Series(
        f"{len(curves)} static batches",
        np.tile(np.append(positions, np.nan), len(curves)),
        np.hstack([curves, gap]).ravel(),
        STATIC,
        weight="thin",
        kind="static batch",
    )
    places = np.concatenate([positions[one] for one in found]) if len(found) else np.array([])
    counts, centres = histogram(places, reach)
    note = (
        f"{found.sum(1).mean():.1f} {name} per curve on average. "
        f"{_scatter(places, positions[text.optima_of(quantity, full)])}"
    )
    return PanelContent(
        f"Static batches: {quantity} along {text.line_label(line)}",
        note,
        Chart(
            title_positions(result.spec),
            (
                Axes(quantity, (many, Series("full batch", positions, full, REFERENCE)), _zero(quantity)),
                Axes(
                    name,
                    (Bars(name, centres, counts.astype(float), 2 * reach / HISTOGRAM_BINS, STATIC, kind="count"),),
                    share=0.45,
                    low=0.0,
                ),
            ),
            (-reach, reach),
            along=along_line(line),
        ),
        note,
        setting=text.setting_and_size(result.spec),
    )


def dynamic(result: StudyResult, line: str, quantity: Literal["loss", "slope"]) -> PanelContent:
    """A fresh batch at every point of the same line."""
    index, name = LINE_NAMES.index(line), _name(quantity)
    curve = (result.line_batch_loss if quantity == "loss" else result.line_batch_slope)[index]
    full = (result.line_full_loss if quantity == "loss" else result.line_full_slope)[index]
    chance = (result.line_minima_chance if quantity == "loss" else result.line_nngpp_chance)[index]
    positions, reach = result.positions, float(result.positions[-1])
    found = text.optima_of(quantity, curve)
    note = (
        f"{int(found.sum())} {name} on this draw, {np.nansum(chance):.1f} on average. "
        f"{_scatter(positions[found], positions[text.optima_of(quantity, full)])}"
    )
    shown = (
        Series("dynamic batches", positions, curve, DYNAMIC),
        Series(name, positions[found], curve[found], DYNAMIC, "triangle" if quantity == "loss" else "diamond"),
        Series("full batch", positions, full, REFERENCE),
    )
    likely = Series(f"P({name} here)", positions, chance, DYNAMIC, legend=False)
    return PanelContent(
        f"Dynamic batches: {quantity} along {text.line_label(line)}",
        note,
        Chart(
            title_positions(result.spec),
            (
                Axes(quantity, shown, _zero(quantity)),
                Axes("probability", (likely,), share=0.45, low=0.0),
            ),
            (-reach, reach),
            along=along_line(line),
        ),
        note,
        setting=text.setting_and_size(result.spec),
    )


def _name(quantity: str) -> str:
    return "minima" if quantity == "loss" else "NN-GPPs"


def _zero(quantity: str) -> tuple[Level, ...]:
    return (Level(0.0),) if quantity == "slope" else ()


def _scatter(places: np.ndarray, true: np.ndarray) -> str:
    if not len(places) or not len(true):
        return "No optimum to compare." if not len(places) else "The full batch has none on this line."
    away = np.abs(places[:, None] - true).min(1)
    return f"Median distance from the nearest true one: {np.median(away):.3g}."
