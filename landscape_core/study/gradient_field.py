"""The gradient within the plane at a few places of it: that of the full batch, and that of the mini-batch drawn there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Integer
from numpy import ndarray

from landscape_core.geometry import grid
from landscape_core.problems.problem import Problem
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import choose_samples
from landscape_core.statistics import gradients, moments
from landscape_core.study.own_problems import read_spec
from landscape_core.study.plane import recall_plane
from landscape_core.study.spec import StudySpec

SIDE = 9
"""Most places along each side of the plane."""


@dataclass(frozen=True, eq=False)
class GradientField:
    """Gradients within the plane at K places: their components are the slopes along d1 and d2, loss per parameter unit.

    Attributes:
        coordinates: Of the places, (K, 2), d1 running fastest. They are points of the study's plane.
        full: Gradient of the full batch, (K, 2).
        batch: Gradient of the mini-batch that `StudyResult.batch_slope` has there, (K, 2).
        rounding: Lengths up to which a gradient may be nothing but rounding, (K,).
    """

    coordinates: Float[ndarray, "K 2"]
    full: Float[ndarray, "K 2"]
    batch: Float[ndarray, "K 2"]
    rounding: Float[ndarray, "K"]


def count_places(spec: StudySpec) -> int:
    """How many places `probe_gradients` has."""
    return min(SIDE, spec.resolution) ** 2


def probe_gradients(
    asked: StudySpec | Problem,
    *,
    device: str = "auto",
    **fields: Any,  # noqa: ANN401  of a study, validated
) -> GradientField:
    """The gradient within the plane at up to 9 × 9 of its points, each in the middle of an equal square.

    Args:
        asked: The study, or a problem of your own.
        device: auto, cpu, cuda (cuda:1 …) or mps.
        fields: Fields of the study, or changes to it.

    Raises:
        SpecError: The device is not there.
        NumericalError: The start point has no usable directions.
    """
    spec = read_spec(StudySpec, asked, fields)
    points, side = spec.resolution, min(SIDE, spec.resolution)
    chosen = ((2 * np.arange(side) + 1) * points) // (2 * side)
    coordinates = grid.plane(grid.axis(spec.range, points)[chosen])
    samples = np.stack([moments.to_numpy(one) for one in recall_plane(spec, device).table(coordinates).slopes], -1)
    full = samples.mean(1)
    return GradientField(
        coordinates=coordinates,
        full=full,
        batch=full if spec.full_batch else _draw(spec, samples, chosen),
        rounding=gradients.rounding(samples, samples.dtype.type),
    )


def _draw(spec: StudySpec, samples: Float[ndarray, "K N 2"], chosen: Integer[ndarray, "C"]) -> Float[ndarray, "K 2"]:
    """Means of the mini-batches of the plane at some of its rows and columns; only those rows are drawn."""
    batches, points = spec.batches(Purpose.PLANE), spec.resolution
    rows = [range(row * points, (row + 1) * points) for row in chosen.tolist()]
    drawn = [choose_samples(batches, [0], points**2, spec.samples, row)[0, chosen] for row in rows]
    inside = np.concatenate(drawn).astype(np.int64)
    return np.asarray(np.take_along_axis(samples, inside[..., None], 1).mean(1))
