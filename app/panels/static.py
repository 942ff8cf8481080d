"""Static mini-batches beside dynamic ones: one batch kept along a whole line, against a fresh one at every point."""

from __future__ import annotations

from typing import Literal

import numpy as np

from app import text
from app.pictures import REFERENCE, Axes, Bars, Chart, Drawn, Level, Series
from landscape_core import StudyResult
from landscape_core.geometry import LINE_NAMES
from landscape_core.optima import HISTOGRAM_BINS, histogram

STATIC, DYNAMIC = 0, 1
"""Styles of the curves."""


def static(result: StudyResult, line: str, quantity: Literal["loss", "slope"]) -> Drawn:
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
    )
    places = np.concatenate([positions[one] for one in found]) if len(found) else np.array([])
    counts, centres = histogram(places, reach)
    note = (
        f"{text.setting(result.spec)}, line {line}, |B| = {result.spec.batch_size}: "
        f"{found.sum(1).mean():.1f} {name} a curve. {_scatter(places, positions[text.optima_of(quantity, full)])}"
    )
    return Drawn(
        f"Static batches: {quantity} along {line}",
        note,
        Chart(
            "position along the line",
            (
                Axes(quantity, (many, Series("full batch", positions, full, REFERENCE)), _zero(quantity)),
                Axes(
                    name,
                    (Bars(name, centres, counts.astype(float), 2 * reach / HISTOGRAM_BINS, STATIC),),
                    share=0.45,
                    low=0.0,
                ),
            ),
            (-reach, reach),
        ),
        note,
    )


def dynamic(result: StudyResult, line: str, quantity: Literal["loss", "slope"]) -> Drawn:
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
    return Drawn(
        f"Dynamic batches: {quantity} along {line}",
        note,
        Chart(
            "position along the line",
            (
                Axes(quantity, shown, _zero(quantity)),
                Axes("probability", (likely,), share=0.45, low=0.0),
            ),
            (-reach, reach),
        ),
        note,
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
