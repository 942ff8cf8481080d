"""Likely places: where the slope of mini-batches changes sign more often than not, beside where the full batch's does.

Section 5 of Kafka & Wilke (2019): in directions of low curvature the likely place of an NN-GPP can shift away from the
true one. The likely place is where P(slope > 0) passes 1/2; the true one is where the full-batch slope passes 0. For
slopes with a symmetrical law they are the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Integer
from numpy import ndarray

from landscape_core.errors import NumericalError
from landscape_core.geometry import grid
from landscape_core.geometry.grid import LINES
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import draw_shared
from landscape_core.statistics import moments, optima
from landscape_core.study import limits
from landscape_core.study.plane import build_problem, place_plane, resolve_device
from landscape_core.study.spec import SAFE_INTEGER, StudySpec

FAR = 0.5
"""A likely place farther than this from the true one, in parameter units, is far: ours, the paper gives 1.1 to 1.5."""

OnLines = Float[ndarray, "4 A"]


@dataclass(frozen=True, eq=False)
class Shifts:
    """True NN-GPPs on the four lines and the likely place nearest to each, line by line from left to right.

    Attributes:
        line: Number of the line in `geometry.LINES`.
        true: Where the full-batch slope passes 0, taken as straight between points.
        likely: Where P(slope > 0) passes 1/2 from below, likewise; NaN if it does so nowhere on the line.
        curvature: Change of the full-batch slope across the step, per unit length.
    """

    line: Integer[ndarray, "F"]
    true: Float[ndarray, "F"]
    likely: Float[ndarray, "F"]
    curvature: Float[ndarray, "F"]

    @property
    def size(self) -> Float[ndarray, "F"]:
        """How far the likely place lies from the true one; infinite where the line has none."""
        return np.nan_to_num(np.abs(self.likely - self.true), nan=np.inf)


def find_shifts(positions: Float[ndarray, "A"], slope: OnLines, positive: OnLines) -> Shifts:
    """Find the likely place nearest to each true NN-GPP.

    Args:
        positions: Along a line.
        slope: Of the full batch.
        positive: P(slope > 0) for a mini-batch.
    """
    rows: list[tuple[float, float, float, int]] = []
    for index in range(len(LINES)):
        before = np.flatnonzero((positive[index, :-1] < 0.5) & (positive[index, 1:] >= 0.5))
        places = _interpolate(positions, positive[index] - 0.5, before)
        left = np.flatnonzero(optima.nngpps(slope[index])) - 1
        steepness = np.diff(slope[index])[left] / np.diff(positions)[left]
        for place, steep in zip(_interpolate(positions, slope[index], left), steepness, strict=True):
            nearest = places[np.abs(places - place).argmin()] if len(places) else np.nan
            rows.append((place, nearest, steep, index))
    true, likely, curvature, line = np.array(rows, dtype=float).reshape(-1, 4).T
    return Shifts(line.astype(np.int64), true, likely, curvature)


def survey_shifts(spec: StudySpec, start_points: int, *, device: str = "auto") -> dict[int, Shifts]:
    """Find the likely places at many start points.

    Start point z has the seed z and mini-batches of its own, those of `spec.batch_seed + 1 + z`.

    Args:
        spec: The study; its seed does not matter.
        start_points: How many, seeds from 0 on.
        device: auto, cpu, cuda (cuda:1 …) or mps.

    Returns:
        Seed → what was found there; a start point without directions is left out.

    Raises:
        SpecError: The device is not there.
    """
    problem = build_problem(spec, resolve_device(spec, device))
    positions = grid.axis(spec.range, spec.line_points)
    units = np.repeat([line.unit for line in LINES], spec.line_points, axis=0)
    found = {}
    for seed in range(start_points):
        own = spec.replace(seed=seed, batch_seed=(spec.batch_seed + 1 + seed) % (SAFE_INTEGER + 1))
        try:
            plane = place_plane(own, problem)
        except NumericalError:
            continue
        slope = plane.table(grid.lines(positions)).slope(units)
        batches = draw_shared(own.batches(Purpose.SIGNS), limits.SIGN_BATCHES, own.samples)
        _, positive = moments.sign_shares(slope, batches)
        side = (len(LINES), -1)
        found[seed] = find_shifts(positions, moments.full_batch(slope).reshape(side), positive.reshape(side))
    return found


def _interpolate(
    positions: Float[ndarray, "A"], values: Float[ndarray, "A"], left: Integer[ndarray, "F"]
) -> Float[ndarray, "F"]:
    """Where values that are straight between points are 0, in the steps that begin at the points `left`."""
    share = values[left] / (values[left] - values[left + 1])
    return np.asarray(positions[left] + share * (positions[left + 1] - positions[left]))
