"""Pictures that need no study: the oracle's four quadratics, the four directions, the activation functions."""

from __future__ import annotations

import numpy as np
import torch
from numpy import ndarray

from app.pictures import REFERENCE, Axes, Chart, Drawn, Series
from landscape_core.activations import ACTIVATIONS
from landscape_core.geometry import LINES
from landscape_core.quadratics import Quadratics

ORACLE_POINTS = 100
ORACLE_SEED = 0
MODEL = Quadratics()


def quadratics(slopes: bool = False) -> Drawn:
    """Fig. 1(a), (b): the loss or slope of each of four mini-batches, and the full batch."""
    positions = np.linspace(-MODEL.half_width, MODEL.half_width, ORACLE_POINTS)
    curves = MODEL.derivatives(positions) if slopes else MODEL.values(positions)
    full = MODEL.full_derivatives(positions) if slopes else MODEL.full_values(positions)
    shown = [Series(f"batch {index + 1}", positions, curve, index) for index, curve in enumerate(curves)]
    note = (
        f"Minima at {', '.join(f'{place:g}' for place in MODEL.minimisers)}; the full batch has its minimum at "
        f"{MODEL.full_minimiser:.2f}."
    )
    quantity = "derivative" if slopes else "value"
    return Drawn(
        f"Four quadratics: {quantity}",
        note,
        _one_field(quantity, [*shown, Series("full batch", positions, full, REFERENCE)], MODEL.half_width, "x"),
        note,
    )


def oracle(slopes: bool = False) -> Drawn:
    """Fig. 1(c), (d): what the oracle shows, and the minima or NN-GPPs of it."""
    curve = MODEL.sample(ORACLE_POINTS, ORACLE_SEED)
    values = curve.derivatives if slopes else curve.values
    found = curve.nngpps if slopes else curve.minima
    full = (MODEL.full_derivatives if slopes else MODEL.full_values)(curve.positions)
    name, quantity = ("NN-GPPs", "derivative") if slopes else ("minima", "value")
    places = curve.positions[found]
    note = f"{int(found.sum())} {name} at {ORACLE_POINTS} points, from {places.min():.2f} to {places.max():.2f}."
    if slopes:
        note += f" NN-GPPs without a minimum beside them: {curve.nngpps_without_minimum}."
    shown = [
        Series("oracle", curve.positions, values, 0, "dot", joined=True),
        Series(name, places, values[found], 1, "diamond" if slopes else "triangle"),
        Series("full batch", curve.positions, full, REFERENCE),
    ]
    return Drawn(f"Oracle: {name}", note, _one_field(quantity, shown, MODEL.half_width, "x"), note)


def directions() -> Drawn:
    """Fig. 4: the four directions, through the start point."""
    shown = [
        Series(
            line.name,
            np.array([-line.unit[0], line.unit[0]]),
            np.array([-line.unit[1], line.unit[1]]),
            index,
            text=("", line.name),
            arrow=True,
            legend=False,
        )
        for index, line in enumerate(LINES)
    ]
    note = "Each direction has unit length; all four lines go through the start point."
    field = Axes("d2", tuple(shown))
    return Drawn("Four directions in the plane", note, Chart("d1", (field,), (-1.3, 1.3), square=True), note)


def activations(family: str, slopes: bool = False) -> Drawn:
    """Fig. 6: the activation functions of one class, or their derivatives."""
    inputs = torch.linspace(-5, 5, 401, dtype=torch.float64)
    members = [entry for entry in ACTIVATIONS.values() if entry.family == family]
    shown = []
    for index, entry in enumerate(members):
        values = entry.value(inputs)
        curve = entry.derivative(inputs, values) if slopes else values
        shown.append(Series(entry.label, _numpy(inputs), _numpy(curve), index))
    quantity = "derivative" if slopes else "value"
    note = "; ".join(f"{entry.label}: {entry.formula}" for entry in members)
    return Drawn(f"{family.capitalize()} class: {quantity}", note, _one_field(quantity, shown, 5.0, "z"), note)


def _one_field(title: str, series: list[Series], reach: float, across: str) -> Chart:
    return Chart(across, (Axes(title, tuple(series)),), (-reach, reach))


def _numpy(values: torch.Tensor) -> ndarray:
    return np.asarray(values.numpy())
