"""The oracle of Section 2, point by point: the samples drawn at each point of a line, and the optima known by then.

At every point of a line an oracle draws a fresh mini-batch out of an urn of all samples and tells its loss and its slope.
A minimum is known only when the point after it has been drawn; an NN-GPP as soon as its own point has. The draws are those
of a study, draw 0 on its lines, or the picks of the four parabolas of Fig. 1, where the urn holds four.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Bool, Float, Integer
from numpy import ndarray

from landscape_core.errors import SpecError
from landscape_core.geometry import grid
from landscape_core.geometry.grid import LINE_NAMES, LINES
from landscape_core.paper.toy_quadratics import OracleCurve, Quadratics
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import WITHOUT, first_samples
from landscape_core.statistics import moments, optima
from landscape_core.study.plane import recall_plane
from landscape_core.study.result import StudyResult
from landscape_core.study.spec import StudySpec

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
        """Minima to be expected of white noise, for 0, 1, … A points: (n − 2) / 3."""
        return np.array([moments.noise_ceiling(points) for points in range(len(self.positions) + 1)])

    @property
    def noise_nngpps(self) -> Float[ndarray, "C"]:
        """NN-GPPs to be expected of noise whose sign is a fair coin, for 0, 1, … A points: (n − 1) / 4."""
        return np.array([moments.noise_nngpps(points) for points in range(len(self.positions) + 1)])


@dataclass(frozen=True, eq=False)
class OraclePoint:
    """Every sample at one point of a line.

    Attributes:
        loss: Of each sample.
        slope: Of each sample, along the line.
    """

    loss: Float[ndarray, "N"]
    slope: Float[ndarray, "N"]


def find_minima_times(found: Bool[ndarray, "A"]) -> Integer[ndarray, "F"]:
    """How many points must have been drawn for each of some minima to be known: its own and the one after.

    >>> find_minima_times(np.array([False, True, False, True, False])).tolist()
    [3, 5]
    """
    return np.flatnonzero(found) + 2


def find_nngpp_times(found: Bool[ndarray, "A"]) -> Integer[ndarray, "F"]:
    """How many points must have been drawn for each of some NN-GPPs to be known: as far as its own.

    >>> find_nngpp_times(np.array([False, True, False, True, False])).tolist()
    [2, 4]
    """
    return np.flatnonzero(found) + 1


def count_known(known: Integer[ndarray, "F"], points: int) -> Integer[ndarray, "C"]:
    """How many are known when 0, 1, … `points` points have been drawn.

    >>> count_known(np.array([3, 5]), 5).tolist()
    [0, 0, 0, 1, 1, 2]
    """
    return np.searchsorted(np.sort(known), np.arange(points + 1), side="right")


def oracle(result: StudyResult, line: str) -> OracleLine:
    """What the oracle of a study draws along one of its four lines: the study's draw 0.

    Args:
        result: The study's result.
        line: Name of the line.

    Raises:
        SpecError: There is no such line, or the mini-batches are not drawn without replacement.
    """
    if result.spec.sampling != WITHOUT:
        raise SpecError("sampling", result.spec.sampling, f"{WITHOUT}: each point has an urn of its own")
    index, points = _find_line(line), len(result.positions)
    drawn = _draw_samples(result.spec)[index * points : (index + 1) * points]
    members = np.zeros((points, result.spec.samples), dtype=bool)
    np.put_along_axis(members, drawn.astype(np.int64), True, axis=1)
    return OracleLine(
        positions=result.positions,
        members=members,
        classes=np.zeros(result.spec.samples, int) if result.targets is None else result.targets.argmax(1),
        loss=result.line_batch_loss[index],
        slope=result.line_batch_slope[index],
        full_loss=result.line_full_loss[index],
        full_slope=result.line_full_slope[index],
    )


def evaluate_samples(spec: StudySpec, line: str, index: int, *, device: str = "auto") -> OraclePoint:
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
    unit = LINES[_find_line(line)].unit
    _check_index(index, spec.line_points)
    position = grid.axis(spec.range, spec.line_points)[index]
    table = recall_plane(spec, device).table((position * unit)[None])
    return OraclePoint(moments.to_numpy(table.loss[0]), moments.to_numpy(table.slope(unit)[0]))


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


def evaluate_quadratics(points: int, index: int, model: Quadratics | None = None) -> OraclePoint:
    """Value and derivative of every parabola at one point of the line.

    Raises:
        SpecError: There is no such point.
    """
    model = model or Quadratics()
    _check_index(index, points)
    position = grid.axis(model.half_width, points)[index : index + 1]
    return OraclePoint(model.values(position)[:, 0], model.derivatives(position)[:, 0])


@lru_cache(maxsize=4)
def _draw_samples(spec: StudySpec) -> Integer[ndarray, "R B"]:
    """The samples of draw 0 at every point of the four lines."""
    points = len(LINES) * spec.line_points
    return np.ascontiguousarray(first_samples(spec.batches(Purpose.LINES), [0], points, spec.samples))


def _find_line(line: str) -> int:
    if line not in LINE_NAMES:
        raise SpecError("line", line, "one of " + ", ".join(LINE_NAMES))
    return LINE_NAMES.index(line)


def _check_index(index: int, points: int) -> None:
    if not 0 <= index < points:
        raise SpecError("point", index, f"a whole number from 0 to {points - 1:,}")
