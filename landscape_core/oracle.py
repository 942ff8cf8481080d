"""The oracle of Section 2, point by point: which samples it drew at each point of a line, and what that showed.

At every point of a line an oracle draws a fresh mini-batch out of an urn of all samples and tells its loss and its slope.
A minimum is known only when the point after it has been drawn; an NN-GPP as soon as its own point has. The draws are those
of a study, draw 0 on its lines, or the picks of the four parabolas of Fig. 1, where the urn holds four.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Bool, Float, Integer
from numpy import ndarray

from landscape_core import devices, geometry, optima, problem, statistics
from landscape_core.errors import SpecError
from landscape_core.geometry import LINE_NAMES, LINES
from landscape_core.problem import Problem
from landscape_core.quadratics import OracleCurve, Quadratics
from landscape_core.randomness import Purpose
from landscape_core.sampling import Batches, urn
from landscape_core.spec import StudySpec
from landscape_core.study import StudyResult
from landscape_core.tabulate import tabulate

OnLine = Float[ndarray, "A"]


@dataclass(frozen=True, eq=False)
class OracleLine:
    """What the oracle drew and showed at A points of a line. Slopes are along the line.

    Attributes:
        positions: Along the line.
        members: Which of the N samples were drawn at each point.
        classes: The class of each sample, from 0.
        loss: Mean over the samples drawn.
        slope: Likewise, of the same samples.
        full_loss: Mean over all samples.
        full_slope: Likewise.
    """

    positions: OnLine
    members: Bool[ndarray, "A N"]
    classes: Integer[ndarray, "N"]
    loss: OnLine
    slope: OnLine
    full_loss: OnLine
    full_slope: OnLine

    @property
    def minima(self) -> Bool[ndarray, "A"]:
        """Where the loss has strict local minima."""
        return optima.minima(self.loss)

    @property
    def nngpps(self) -> Bool[ndarray, "A"]:
        """Where the slope has NN-GPPs."""
        return optima.nngpps(self.slope)

    @property
    def true_minima(self) -> Bool[ndarray, "A"]:
        """Where the full-batch loss has strict local minima."""
        return optima.minima(self.full_loss)

    @property
    def true_nngpps(self) -> Bool[ndarray, "A"]:
        """Where the full-batch slope has NN-GPPs."""
        return optima.nngpps(self.full_slope)

    @property
    def noise_minima(self) -> Float[ndarray, "C"]:
        """Minima to be expected of pure noise, for 0, 1, … A points: (n − 2) / 3."""
        return np.array([statistics.noise_ceiling(points) for points in range(len(self.positions) + 1)])

    @property
    def noise_nngpps(self) -> Float[ndarray, "C"]:
        """NN-GPPs to be expected of noise whose sign is a fair coin, for 0, 1, … A points: (n − 1) / 4."""
        return np.array([statistics.noise_nngpps(points) for points in range(len(self.positions) + 1)])


@dataclass(frozen=True, eq=False)
class OraclePoint:
    """Every sample at one point of a line.

    Attributes:
        loss: Of each sample.
        slope: Of each sample, along the line.
    """

    loss: Float[ndarray, "N"]
    slope: Float[ndarray, "N"]


def minima_known(found: Bool[ndarray, "A"]) -> Integer[ndarray, "F"]:
    """How many points must have been drawn for each of some minima to be known: its own and the one after.

    >>> minima_known(np.array([False, True, False, True, False])).tolist()
    [3, 5]
    """
    return np.flatnonzero(found) + 2


def nngpps_known(found: Bool[ndarray, "A"]) -> Integer[ndarray, "F"]:
    """How many points must have been drawn for each of some NN-GPPs to be known: as far as its own.

    >>> nngpps_known(np.array([False, True, False, True, False])).tolist()
    [2, 4]
    """
    return np.flatnonzero(found) + 1


def so_far(known: Integer[ndarray, "F"], points: int) -> Integer[ndarray, "C"]:
    """How many are known when 0, 1, … `points` points have been drawn.

    >>> so_far(np.array([3, 5]), 5).tolist()
    [0, 0, 0, 1, 1, 2]
    """
    return np.searchsorted(np.sort(known), np.arange(points + 1), side="right")


def oracle(result: StudyResult, line: str) -> OracleLine:
    """What the oracle of a study draws along one of its four lines: the study's draw 0.

    Args:
        result: The study's result.
        line: Name of the line.

    Raises:
        SpecError: There is no such line.
    """
    index, points = _number(line), len(result.positions)
    drawn = _drawn(result.spec)[index * points : (index + 1) * points]
    members = np.zeros((points, result.spec.samples), dtype=bool)
    np.put_along_axis(members, drawn.astype(np.int64), True, axis=1)
    return OracleLine(
        positions=result.positions,
        members=members,
        classes=result.targets.argmax(1),
        loss=result.line_batch_loss[index],
        slope=result.line_batch_slope[index],
        full_loss=result.line_full_loss[index],
        full_slope=result.line_full_slope[index],
    )


def samples_at(spec: StudySpec, line: str, index: int, *, device: str = "auto") -> OraclePoint:
    """Loss and slope of every sample at one point of a line of a study.

    Args:
        spec: The study.
        line: Name of the line.
        index: Number of the point, from 0.
        device: auto, cpu, cuda (cuda:1 …) or mps.

    Raises:
        SpecError: There is no such line or point, or the device is not there.
        NumericalError: The start point has no usable directions.
    """
    unit = LINES[_number(line)].unit
    _check(index, spec.line_points)
    position = geometry.axis(spec.range, spec.line_points)[index]
    task, start, directions = _problem(_landscape(spec), device)
    table = tabulate(
        task,
        start,
        directions,
        (position * unit)[None],
        samples=spec.samples,
        dtype=getattr(torch, spec.dtype),
        device=task.inputs.device,
    )
    return OraclePoint(statistics.to_numpy(table.loss[0]), statistics.to_numpy(table.slope(unit)[0]))


def oracle_of_quadratics(points: int, seed: int, model: Quadratics | None = None) -> OracleLine:
    """What the oracle of Fig. 1 draws: at every point one of the four parabolas, each a class of its own.

    Args:
        points: Points of the line.
        seed: Seed of the picks.
        model: The parabolas; those of Fig. 1 if None.

    Raises:
        SpecError: As `Quadratics.sample`.
    """
    model = model or Quadratics()
    curve: OracleCurve = model.sample(points, seed)
    number = np.arange(len(model.minimisers))
    return OracleLine(
        positions=curve.positions,
        members=curve.picks[:, None] == number,
        classes=number,
        loss=curve.values,
        slope=curve.derivatives,
        full_loss=model.full_values(curve.positions),
        full_slope=model.full_derivatives(curve.positions),
    )


def quadratics_at(points: int, index: int, model: Quadratics | None = None) -> OraclePoint:
    """Value and derivative of every parabola at one point of the line.

    Raises:
        SpecError: There is no such point.
    """
    model = model or Quadratics()
    _check(index, points)
    position = geometry.axis(model.half_width, points)[index : index + 1]
    return OraclePoint(model.values(position)[:, 0], model.derivatives(position)[:, 0])


@lru_cache(maxsize=4)
def _drawn(spec: StudySpec) -> Integer[ndarray, "R B"]:
    """The samples of draw 0 at every point of the four lines."""
    points = len(LINES) * spec.line_points
    order = urn(Batches(spec.batch_size, spec.batch_seed, Purpose.LINES), [0], points, spec.samples)
    return np.ascontiguousarray(order[:, : spec.batch_size])


def _landscape(spec: StudySpec) -> StudySpec:
    """The same landscape for all studies of it."""
    plain = {"batch_size": 1, "draws": 0, "slope_angle": 0.0, "batch_seed": 0, "resolution": 2, "line_points": 3}
    return spec.replace(**plain, range=1.0)


@lru_cache(maxsize=16)
def _problem(spec: StudySpec, device: str) -> tuple[Problem, Float[ndarray, "P"], Float[ndarray, "2 P"]]:
    task = problem.problem(spec, devices.resolve(device, spec.dtype))
    return task, *problem.start_and_directions(spec, task)


def _number(line: str) -> int:
    if line not in LINE_NAMES:
        raise SpecError("line", line, "one of " + ", ".join(LINE_NAMES))
    return LINE_NAMES.index(line)


def _check(index: int, points: int) -> None:
    if not 0 <= index < points:
        raise SpecError("point", index, f"a whole number from 0 to {points - 1:,}")
