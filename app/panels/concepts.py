"""Panels that need no study: the oracle's four quadratics, the four directions, the activation functions."""

from __future__ import annotations

import numpy as np
import torch
from numpy import ndarray

from app.panels import text
from app.panels.oracle import MODEL as FIRST_STYLE
from app.panels.oracle import PARABOLAS
from app.plotting.model import REFERENCE, Axes, Chart, Level, PanelContent, Series
from landscape_core.geometry.grid import LINES
from landscape_core.paper import published
from landscape_core.paper.toy_quadratics import Quadratics
from landscape_core.problems.activations import ACTIVATIONS

ORACLE_POINTS = 100
ORACLE_SEED = 0
MODEL = Quadratics()


def quadratics(slopes: bool = False) -> PanelContent:
    """Fig. 1(a), (b): the loss or slope of each of four mini-batches and of the full batch, with their minima."""
    positions = np.linspace(-MODEL.half_width, MODEL.half_width, ORACLE_POINTS)
    curves = MODEL.derivatives(positions) if slopes else MODEL.values(positions)
    full = MODEL.full_derivatives(positions) if slopes else MODEL.full_values(positions)
    heights = np.zeros(len(MODEL.heights)) if slopes else np.array(MODEL.heights)
    styles = {letter: FIRST_STYLE + index for index, letter in enumerate(PARABOLAS)}
    shown = [
        Series(f"batch {letter}", positions, curve, style)
        for (letter, style), curve in zip(styles.items(), curves, strict=True)
    ]
    lowest = [
        Series(f"minimum of batch {letter}", np.array([place]), np.array([height]), style, "triangle", legend=False)
        for (letter, style), place, height in zip(styles.items(), MODEL.minimisers, heights, strict=True)
    ]
    centre = np.array([MODEL.full_minimiser])
    true = Series("full-batch minimum", centre, centre * 0 if slopes else MODEL.full_values(centre), REFERENCE, "star")
    places = ", ".join(_signed(place) for place in MODEL.minimisers)
    note = f"Minima of the batches at {places}; of the full batch, the mean of their curves, at {_signed(centre[0])}."
    quantity = "derivative" if slopes else "value"
    return PanelContent(
        f"Four quadratics: {quantity}",
        note,
        _one_field(
            quantity,
            [*shown, Series("full batch", positions, full, REFERENCE), *lowest, true],
            MODEL.half_width,
            "x",
            slopes,
        ),
        note,
    )


def oracle(slopes: bool = False) -> PanelContent:
    """Fig. 1(c), (d): what the oracle shows, and the minima or NN-GPPs of it."""
    curve = MODEL.sample(ORACLE_POINTS, ORACLE_SEED)
    values = curve.derivatives if slopes else curve.values
    found = curve.nngpps if slopes else curve.minima
    full = (MODEL.full_derivatives if slopes else MODEL.full_values)(curve.positions)
    name, quantity = ("NN-GPPs", "derivative") if slopes else ("minima", "value")
    places = curve.positions[found]
    note = (
        f"{int(found.sum())} {name} at {ORACLE_POINTS} points, from {_signed(places.min())} to {_signed(places.max())}"
    )
    if slopes:
        bounds = (_signed(end(MODEL.minimisers)) for end in (min, max))
        note += (
            f"; none can lie outside {' to '.join(bounds)}, the outermost minima of the batches, by more than a step. "
            f"Without a minimum in (c) beside them: {curve.nngpps_without_minimum}."
        )
    else:
        note += "; they can lie anywhere."
    shown = [
        Series("oracle", curve.positions, values, 0, "dot", joined=True),
        Series(name, places, values[found], 1, "diamond" if slopes else "triangle"),
        Series("full batch", curve.positions, full, REFERENCE),
    ]
    title = f"What the oracle shows: {quantity}, with its {name}"
    return PanelContent(title, note, _one_field(quantity, shown, MODEL.half_width, "x", slopes), note)


def directions() -> PanelContent:
    """Fig. 4: the four directions, through the start point."""
    shown = [
        Series(
            text.line_label(line.name),
            np.array([-line.unit[0], line.unit[0]]),
            np.array([-line.unit[1], line.unit[1]]),
            index,
            text=("", text.line_label(line.name)),
            arrow=True,
            legend=False,
        )
        for index, line in enumerate(LINES)
    ]
    note = "Each direction has unit length; all four lines go through the start point."
    field = Axes("d2", tuple(shown))
    return PanelContent("Four directions in the plane", note, Chart("d1", (field,), (-1.3, 1.3), square=True), note)


def activations(family: str, slopes: bool = False) -> PanelContent:
    """Fig. 6: the paper's activation functions of one class, or their derivatives."""
    inputs = torch.linspace(-5, 5, 401, dtype=torch.float64)
    members = [entry for name in published.PAPER_ACTIVATIONS if (entry := ACTIVATIONS[name]).family == family]
    shown = []
    for index, entry in enumerate(members):
        values = entry.value(inputs)
        curve = entry.derivative(inputs, values) if slopes else values
        shown.append(Series(entry.label, _numpy(inputs), _numpy(curve), index))
    quantity = "derivative" if slopes else "value"
    note = "; ".join(f"{entry.label}: {entry.formula}" for entry in members)
    if slopes:
        largest = ", ".join(f"{curve.name} {np.max(curve.y):.2g}" for curve in shown)
        note = (
            f"Largest: {largest}. At z = −5: " + ", ".join(f"{curve.name} {curve.y[0]:z.1g}" for curve in shown) + "."
        )
    return PanelContent(f"{family.capitalize()} class: {quantity}", note, _one_field(quantity, shown, 5.0, "z"), note)


def _one_field(title: str, series: list[Series], reach: float, across: str, zero: bool = False) -> Chart:
    return Chart(across, (Axes(title, tuple(series), (Level(0.0),) if zero else ()),), (-reach, reach))


def _signed(value: float) -> str:
    return f"{value:z.2f}".replace("-", "−")


def _numpy(values: torch.Tensor) -> ndarray:
    return np.asarray(values.numpy())
