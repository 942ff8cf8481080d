"""Probes: loss and slope along any line of the plane, and at one point.

As everywhere, the network is evaluated once and mini-batches are drawn from its table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from landscape_core.geometry import grid
from landscape_core.problems.problem import Problem
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import SHUFFLE, batch_means
from landscape_core.statistics import gradients, moments, optima
from landscape_core.study.own_problems import read_spec
from landscape_core.study.plane import recall_plane
from landscape_core.study.spec import StudySpec

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
        nngpp_chance: P(slope < 0) at the point before × P(slope > 0) here, both as shares of the draws; by an epoch's
            shuffle, where the two are not independent, the share of the draws in which the point is an NN-GPP.
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
        plane_gradient: Gradient of the full batch within the plane: its slopes along d1 and d2.
        batch_gradient: Of the same `POINT_DRAWS` mini-batches.
        covariance: Of the components of a mini-batch's gradient within the plane, exactly.
        rounding: Length up to which one of these gradients may be nothing but rounding.
    """

    sample_loss: Float[ndarray, "N"]
    sample_slope: Float[ndarray, "N"]
    batch_loss: Float[ndarray, "D"]
    batch_slope: Float[ndarray, "D"]
    sd_loss: float
    sd_slope: float
    gradient: float
    leaves: float
    plane_gradient: Float[ndarray, "2"]
    batch_gradient: Float[ndarray, "D 2"]
    covariance: Float[ndarray, "2 2"]
    rounding: float


def probe_line(
    asked: StudySpec | Problem,
    through: tuple[float, float],
    angle: float,
    *,
    device: str = "auto",
    **fields: Any,  # noqa: ANN401  of a study, validated
) -> LineProbe:
    """Loss and slope along a line through a point of the plane, with `spec.line_points` points.

    Args:
        asked: The study, or a problem of your own.
        through: Coordinates of the point along d1 and d2.
        angle: Direction of the line, in degrees from d1 towards d2.
        device: auto, cpu, cuda (cuda:1 …) or mps.
        fields: Fields of the study, or changes to it.

    Raises:
        SpecError: The device is not there.
        NumericalError: The start point has no usable directions.
    """
    spec = read_spec(StudySpec, asked, fields)
    positions = grid.axis(spec.range, spec.line_points)
    unit = grid.unit(angle)
    coordinates = np.array(through) + positions[:, None] * unit
    table = recall_plane(spec, device).table(coordinates)
    loss, slope = table.loss, table.slope(unit)
    first: tuple[ndarray, ndarray] | None = None
    minima, nngpps, negative, positive = np.zeros((4, len(positions)))
    for means in batch_means((loss, slope), spec.batches(Purpose.LINE_PROBE), range(LINE_DRAWS)):
        losses, slopes = (moments.to_numpy(mean) for mean in means)
        first = first or (losses[0].copy(), slopes[0].copy())
        minima += optima.minima(losses).sum(0)
        nngpps += optima.nngpps(slopes).sum(0)
        negative += (slopes < 0).sum(0)
        positive += (slopes > 0).sum(0)
    assert first is not None  # noqa: S101  there is more than one draw
    return LineProbe(
        positions=positions,
        coordinates=coordinates,
        full_loss=moments.full_batch(loss),
        full_slope=moments.full_batch(slope),
        batch_loss=first[0],
        batch_slope=first[1],
        minima_chance=minima / LINE_DRAWS,
        nngpp_chance=nngpps / LINE_DRAWS
        if spec.sampling == SHUFFLE
        else moments.nngpp_chance(negative / LINE_DRAWS, positive / LINE_DRAWS),
    )


def probe_point(
    asked: StudySpec | Problem,
    at: tuple[float, float],
    *,
    device: str = "auto",
    **fields: Any,  # noqa: ANN401  of a study, validated
) -> PointProbe:
    """What mini-batches give at a point of the plane.

    Args:
        asked: The study, or a problem of your own.
        at: Coordinates of the point along d1 and d2.
        device: auto, cpu, cuda (cuda:1 …) or mps.
        fields: Fields of the study, or changes to it.

    Raises:
        SpecError: The device is not there.
        NumericalError: The start point has no usable directions.
    """
    spec = read_spec(StudySpec, asked, fields)
    plane = recall_plane(spec, device)
    table = plane.table(np.array([at]))
    loss, slope = table.loss, table.slope(grid.unit(spec.slope_angle))
    batches = spec.batches(Purpose.POINT_PROBE)
    # one stream of random numbers for all draws, as if the point were many: a stream each would take most of the time
    many = [values.expand(POINT_DRAWS, -1) for values in (loss, slope, *table.slopes)]
    ((losses, slopes, *pair),) = [
        [moments.to_numpy(mean)[0] for mean in means] for means in batch_means(many, batches, [0])
    ]
    samples = np.stack([moments.to_numpy(values)[0] for values in table.slopes], 1)
    gradient = plane.problem.full_gradient(plane.start + plane.measure(np.array(at)) @ plane.directions)
    length = float(np.linalg.norm(gradient))
    outside = float(np.linalg.norm(gradient - (gradient @ plane.directions.T) @ plane.directions))
    return PointProbe(
        sample_loss=moments.to_numpy(loss)[0],
        sample_slope=moments.to_numpy(slope)[0],
        batch_loss=losses,
        batch_slope=slopes,
        sd_loss=float(moments.exact_sd(loss, spec.batch_size, spec.sampling)[0]),
        sd_slope=float(moments.exact_sd(slope, spec.batch_size, spec.sampling)[0]),
        gradient=length,
        leaves=outside / length if length else float("nan"),
        plane_gradient=samples.mean(0),
        batch_gradient=np.stack(pair, 1),
        covariance=gradients.batch_covariance(samples, spec.batch_size, spec.sampling),
        rounding=float(gradients.rounding(samples, samples.dtype.type)),
    )
