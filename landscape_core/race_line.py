"""The lines of a race: every sample of the network at any position, and the optima of the full batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray

from landscape_core import devices, geometry, optima, problem, statistics
from landscape_core.problem import Problem
from landscape_core.race_spec import RaceSpec
from landscape_core.tabulate import ACCELERATOR_CHUNK_VALUES, CHUNK_VALUES, tabulate

FINE_POINTS = 2_001
"""Points of the line on which the full batch is looked at."""

HALVINGS = 50
"""Bisections by which a true optimum is located between two of these points."""

Look = Callable[[Float[ndarray, "G"]], tuple[Float[ndarray, "G N"], Float[ndarray, "G N"]]]
"""Positions on a line → loss and slope of every sample there."""


def looks_along(spec: RaceSpec, device: str) -> list[Look]:
    """The network along each of the lines.

    Raises:
        SpecError: The device is not there.
        NumericalError: The start point has no usable directions.
    """
    where = devices.resolve(device, spec.base.dtype)
    task = problem.problem(spec.base, where)
    start, pair = problem.start_and_directions(spec.base, task)
    return [partial(_look, spec, task, start, pair, geometry.unit(angle)) for angle in spec.angles]


def true_lines(spec: RaceSpec, looks: Sequence[Look]) -> dict[str, ndarray]:
    """The full batch along each line, and its optima, by the names of a result's fields."""
    positions = np.linspace(spec.origin, spec.base.range, FINE_POINTS)
    loss, slope, lowest = [], [], []
    found: list[ndarray] = []
    for look in looks:
        line_loss, line_slope = (values.mean(-1) for values in look(positions))
        after = np.flatnonzero(optima.nngpps(line_slope))
        low, high = positions[after - 1], positions[after]
        for _ in range(HALVINGS if len(after) else 0):
            middle = (low + high) / 2
            descends = look(middle)[1].mean(-1) < 0
            low, high = np.where(descends, middle, low), np.where(descends, high, middle)
        at_optima = look(high)[0].mean(-1) if len(high) else high
        found.append(high)
        loss.append(line_loss)
        slope.append(line_slope)
        known = np.concatenate([line_loss, at_optima])
        lowest.append(np.nanmin(known) if np.isfinite(known).any() else np.nan)
    return {
        "positions": positions,
        "line_loss": np.stack(loss),
        "line_slope": np.stack(slope),
        "optima": np.concatenate(found),
        "optima_line": np.repeat(np.arange(len(looks), dtype=np.int32), [len(one) for one in found]),
        "lowest": np.array(lowest),
    }


def _look(
    spec: RaceSpec,
    task: Problem,
    start: Float[ndarray, "P"],
    pair: Float[ndarray, "2 P"],
    unit: Float[ndarray, "2"],
    positions: Float[ndarray, "G"],
) -> tuple[Float[ndarray, "G N"], Float[ndarray, "G N"]]:
    """Loss and slope of every sample at positions on a line.

    Positions are filled up to whole chunks: in matrix products of another size the last bit of a number could depend on
    what else is asked for.
    """
    device, samples = task.inputs.device, spec.base.samples
    chunk = max(1, (CHUNK_VALUES if device.type == "cpu" else ACCELERATOR_CHUNK_VALUES) // samples)
    filled = np.resize(positions, -(-len(positions) // chunk) * chunk)
    table = tabulate(
        task,
        start,
        pair,
        filled[:, None] * unit,
        samples=samples,
        dtype=getattr(torch, spec.base.dtype),
        device=device,
    )
    loss, slope = (statistics.to_numpy(values)[: len(positions)] for values in (table.loss, table.slope(unit)))
    return loss.astype(np.float64), slope.astype(np.float64)
