"""One line of your own, and one point: what mini-batches do there, in a fraction of a second.

As everywhere, the network is evaluated once and mini-batches are drawn from its table.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray

from landscape_core import devices, geometry, optima, problem, statistics
from landscape_core.problem import Problem
from landscape_core.randomness import Purpose
from landscape_core.sampling import Batches, batch_means
from landscape_core.spec import StudySpec
from landscape_core.tabulate import SampleTable, tabulate

LINE_DRAWS = 200
"""Draws on the line: the standard error of a probability is at most 0.035."""

POINT_DRAWS = 1_000
"""Draws at the point: the standard error of a probability is at most 0.016."""

OnLine = Float[ndarray, "A"]


@dataclass(frozen=True, eq=False)
class LineProbe:
    """Loss and slope along a line; the slope is that along the line. `batch_…` is draw 0 of `LINE_DRAWS`.

    Attributes:
        positions: Along the line, from −range to +range around the point that it goes through.
        coordinates: The same points in the plane, (A, 2).
        full_loss: Of the full batch.
        full_slope: Likewise.
        batch_loss: Of a fresh mini-batch at every point.
        batch_slope: Likewise, of the same mini-batches.
        minima_chance: Share of the draws in which a point is a minimum.
        nngpp_chance: P(slope < 0) at the point before × P(slope > 0) here, both as shares of the draws.
    """

    positions: OnLine
    coordinates: Float[ndarray, "A 2"]
    full_loss: OnLine
    full_slope: OnLine
    batch_loss: OnLine
    batch_slope: OnLine
    minima_chance: OnLine
    nngpp_chance: OnLine


@dataclass(frozen=True, eq=False)
class PointProbe:
    """What mini-batches give at one point; slopes are those along the direction of the study's slope.

    Attributes:
        sample_loss: Loss of each sample.
        sample_slope: Slope of each sample.
        batch_loss: Of `POINT_DRAWS` mini-batches.
        batch_slope: Likewise, of the same mini-batches.
        sd_loss: Standard deviation of a mini-batch's loss, exactly.
        sd_slope: Likewise.
        gradient: ‖∇L‖ of the full batch.
        leaves: ‖∇L − its projection on the plane‖ / ‖∇L‖: 1 if nothing of the gradient lies in the plane. NaN where the
            gradient is zero.
    """

    sample_loss: Float[ndarray, "N"]
    sample_slope: Float[ndarray, "N"]
    batch_loss: Float[ndarray, "D"]
    batch_slope: Float[ndarray, "D"]
    sd_loss: float
    sd_slope: float
    gradient: float
    leaves: float


def probe_line(spec: StudySpec, through: tuple[float, float], angle: float, *, device: str = "auto") -> LineProbe:
    """Loss and slope along a line through a point of the plane, with `spec.line_points` points.

    Args:
        spec: The study.
        through: Coordinates of the point along d1 and d2.
        angle: Direction of the line, in degrees from d1 towards d2.
        device: auto, cpu, cuda (cuda:1 …) or mps.

    Raises:
        SpecError: The device is not there.
        NumericalError: The start point has no usable directions.
    """
    positions = geometry.axis(spec.range, spec.line_points)
    unit = geometry.unit(angle)
    coordinates = np.array(through) + positions[:, None] * unit
    table = _table(spec, coordinates, device)
    loss, slope = table.loss, table.slope(unit)
    batches = Batches(spec.batch_size, spec.batch_seed, Purpose.LINE_PROBE)
    first: tuple[ndarray, ndarray] | None = None
    minima, negative, positive = np.zeros((3, len(positions)))
    for means in batch_means((loss, slope), batches, range(LINE_DRAWS)):
        losses, slopes = (statistics.to_numpy(mean) for mean in means)
        first = first or (losses[0].copy(), slopes[0].copy())
        minima += optima.minima(losses).sum(0)
        negative += (slopes < 0).sum(0)
        positive += (slopes > 0).sum(0)
    assert first is not None  # noqa: S101  there is more than one draw
    return LineProbe(
        positions=positions,
        coordinates=coordinates,
        full_loss=statistics.full_batch(loss),
        full_slope=statistics.full_batch(slope),
        batch_loss=first[0],
        batch_slope=first[1],
        minima_chance=minima / LINE_DRAWS,
        nngpp_chance=statistics.nngpp_chance(negative / LINE_DRAWS, positive / LINE_DRAWS),
    )


def probe_point(spec: StudySpec, at: tuple[float, float], *, device: str = "auto") -> PointProbe:
    """What mini-batches give at a point of the plane.

    Args:
        spec: The study.
        at: Coordinates of the point along d1 and d2.
        device: auto, cpu, cuda (cuda:1 …) or mps.

    Raises:
        SpecError: The device is not there.
        NumericalError: The start point has no usable directions.
    """
    table = _table(spec, np.array([at]), device)
    loss, slope = table.loss, table.slope(geometry.unit(spec.slope_angle))
    batches = Batches(spec.batch_size, spec.batch_seed, Purpose.POINT_PROBE)
    # one stream of random numbers for all draws, as if the point were many: a stream each would take most of the time
    many = [values.expand(POINT_DRAWS, -1) for values in (loss, slope)]
    ((losses, slopes),) = [
        [statistics.to_numpy(mean)[0] for mean in means] for means in batch_means(many, batches, [0])
    ]
    task, start, directions = _problem(_landscape(spec), device)
    gradient = task.full_gradient(start + np.array(at) @ directions)
    length = float(np.linalg.norm(gradient))
    outside = float(np.linalg.norm(gradient - (gradient @ directions.T) @ directions))
    return PointProbe(
        sample_loss=statistics.to_numpy(loss)[0],
        sample_slope=statistics.to_numpy(slope)[0],
        batch_loss=losses,
        batch_slope=slopes,
        sd_loss=float(statistics.exact_sd(loss, spec.batch_size)[0]),
        sd_slope=float(statistics.exact_sd(slope, spec.batch_size)[0]),
        gradient=length,
        leaves=outside / length if length else float("nan"),
    )


def _table(spec: StudySpec, coordinates: Float[ndarray, "G 2"], device: str) -> SampleTable:
    task, start, directions = _problem(_landscape(spec), device)
    return tabulate(
        task,
        start,
        directions,
        coordinates,
        samples=spec.samples,
        dtype=getattr(torch, spec.dtype),
        device=task.inputs.device,
    )


def _landscape(spec: StudySpec) -> StudySpec:
    """The same landscape for all studies of it."""
    plain = StudySpec()
    return spec.replace(
        **{name: getattr(plain, name) for name in ("batch_size", "draws", "slope_angle", "batch_seed", "resolution")},
        line_points=plain.line_points,
        range=plain.range,
    )


@lru_cache(maxsize=16)
def _problem(spec: StudySpec, device: str) -> tuple[Problem, Float[ndarray, "P"], Float[ndarray, "2 P"]]:
    task = problem.problem(spec, devices.resolve(device, spec.dtype))
    return task, *problem.start_and_directions(spec, task)
