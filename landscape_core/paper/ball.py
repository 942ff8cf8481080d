"""Stochastic NN-GPPs along a line, and the ball around a true optimum that holds them.

With a fresh mini-batch at every evaluation, an SNN-GPP is a point that is an NN-GPP with a probability above 0. The ball
B_ε around a true optimum x* is to be large enough for those that sampling makes there (D. Kafka and D. N. Wilke, arXiv
1903.08552v2, 1903.09383, 2001.05113). Along a line both follow from the probabilities of the slope's sign: docs/theory.md,
Section 6.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from jaxtyping import Bool, Float, Integer
from numpy import ndarray
from torch import Tensor

from landscape_core.geometry import grid
from landscape_core.geometry.grid import LINES
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import WITHOUT, Sampling, draw_shared
from landscape_core.statistics import moments, optima
from landscape_core.study import limits
from landscape_core.study.plane import recall_plane
from landscape_core.study.spec import StudySpec

LEVEL = 0.05
"""A ball ends where one of the signs has no more than this probability."""

SHARED_BATCHES = 4 * limits.SIGN_BATCHES
"""Mini-batches, the same at all points, that probabilities are shares of: an end is known to about 2% of the radius."""

HALVINGS, END_HALVINGS = 30, 14
"""Bisections between two points of a line by which a true optimum is located, and an end of a ball. More would leave slopes
beside an optimum that are mere rounding."""

NEAR = 1e-4
"""The curvature is taken over this share of the half-width to either side of the optimum."""

SlopesAt = Callable[[Integer[ndarray, "G"], Float[ndarray, "G"]], Float[Tensor, "G N"]]
"""Numbers of lines, and positions on them → the slope of every sample there, along its line."""

OpenAt = Callable[[Float[Tensor, "G N"]], Bool[ndarray, "G"]]
"""Slopes of the samples at some points → where the sign of a mini-batch's slope is open."""


@dataclass(frozen=True)
class Ball:
    """The ball around one true NN-GPP of a line. Positions and lengths are in units of parameter space.

    Attributes:
        line: Name of the line.
        centre: x*, where the slope of the full batch turns from negative to positive.
        curvature: Change of that slope per unit length at x*.
        sd: Standard deviation of a mini-batch's slope at x*, exactly.
        chance: P(slope < 0) just before x* · P(slope > 0) just behind it: that of an SNN-GPP at x*, for
            independent mini-batches.
        low: Where the stretch begins in which both signs have more than 5%; None if the line begins before it does.
        high: Where it ends; None if the line ends before it does.
        reach_low: As `low`, of the stretch in which both signs occur at all; exact.
        reach_high: As `high`, likewise.
    """

    line: str
    centre: float
    curvature: float
    sd: float
    chance: float
    low: float | None
    high: float | None
    reach_low: float | None
    reach_high: float | None

    @property
    def radius(self) -> float | None:
        """ε: from x* to the farther end of the stretch; None where an end is not on the line."""
        return None if self.low is None or self.high is None else max(self.centre - self.low, self.high - self.centre)

    @property
    def law(self) -> float:
        """The radius of a normal law with this SD and curvature all around: 1.645 SD / curvature. NaN without curvature."""
        return -NormalDist().inv_cdf(LEVEL) * self.sd / self.curvature if self.curvature > 0 else np.nan

    def steps_inside(self, positions: Float[ndarray, "A"]) -> Bool[ndarray, "A"]:
        """Which points of the line end a step that the ball's stretch has part of: an SNN-GPP there lies in the ball."""
        low, high = (default if end is None else end for end, default in ((self.low, -np.inf), (self.high, np.inf)))
        inside = np.zeros(len(positions), dtype=bool)
        inside[1:] = (positions[1:] >= low) & (positions[:-1] <= high)
        return inside


def find_balls(spec: StudySpec, *, device: str = "auto") -> tuple[Ball, ...]:
    """The balls around all true NN-GPPs of the four lines of a study, line after line.

    Probabilities are shares of about 4,000 mini-batches, the same at all points; at B = 1 and N − 1 they are exact.

    Args:
        spec: The study; `spec.line_points` are looked at for true NN-GPPs, as in its result.
        device: auto, cpu, cuda (cuda:1 …) or mps.

    Raises:
        SpecError: The device is not there.
        NumericalError: The start point has no usable directions.
    """
    plane = recall_plane(spec, device)
    units = np.array([line.unit for line in LINES])

    def slopes_at(line: Integer[ndarray, "G"], position: Float[ndarray, "G"]) -> Float[Tensor, "G N"]:
        return plane.table(position[:, None] * units[line]).slope(units[line])

    batches = draw_shared(
        spec.batches(Purpose.SIGNS), SHARED_BATCHES, spec.samples
    )  # those of the study's maps, and more
    return locate_balls(slopes_at, grid.axis(spec.range, spec.line_points), batches, spec.sampling)


def locate_balls(
    slopes_at: SlopesAt, positions: Float[ndarray, "A"], batches: Float[Tensor, "N K"], sampling: Sampling = WITHOUT
) -> tuple[Ball, ...]:
    """As `find_balls`, for any slopes of samples along the four lines and any mini-batches.

    Args:
        slopes_at: The landscape.
        positions: Points of each line, from −half-width to +half-width.
        batches: How often each sample is in a batch; all of one size.
        sampling: How they are drawn.
    """
    size = int(batches[:, 0].sum())
    shape = (len(LINES), len(positions))
    on_lines = slopes_at(*(index.ravel() for index in np.broadcast_arrays(np.arange(shape[0])[:, None], positions)))
    full = moments.full_batch(on_lines).reshape(shape)
    row, after = np.nonzero(optima.nngpps(full))
    if not len(row):
        return ()
    before, behind = _bisect(
        lambda at: moments.full_batch(slopes_at(row, at)) < 0, positions[after - 1], positions[after], HALVINGS
    )
    near = NEAR * positions[-1]
    here = slopes_at(row, behind)
    rise = np.subtract(*(moments.full_batch(slopes_at(row, behind + by)) for by in (near, -near)))
    negative, positive = (moments.sign_shares(slopes_at(row, at), batches)[k] for k, at in ((0, before), (1, behind)))

    def likely(values: Float[Tensor, "G N"]) -> Bool[ndarray, "G"]:
        return np.minimum(*moments.sign_shares(values, batches)) > LEVEL

    def possible(values: Float[Tensor, "G N"]) -> Bool[ndarray, "G"]:
        lowest, highest = moments.extreme_means(values, size, sampling)
        return (lowest < 0) & (highest > 0)

    ends: list[ndarray] = []
    for is_open in (likely, possible):
        opened = np.where(np.isnan(full), np.nan, is_open(on_lines).reshape(shape))
        ways = [
            _bracket(opened[line, first::step], positions[first::step], start)
            for starts, firsts, step in ((before, after - 1, -1), (behind, after, 1))
            for line, first, start in zip(row, firsts, starts, strict=True)
        ]
        for end in np.split(_refine(slopes_at, is_open, np.tile(row, 2), np.array(ways)), 2):
            at_once = (before <= end) & (end <= behind)  # the sign is certain on that side of x*
            ends.append(np.where(at_once, behind, end))
    numbers = (behind, rise / (2 * near), moments.exact_sd(here, size, sampling), negative * positive, *ends)
    return tuple(
        Ball(LINES[line].name, *map(float, one[:4]), *(None if np.isnan(end) else float(end) for end in one[4:]))
        for line, *one in zip(row, *numbers, strict=True)
    )


def mark_inside(balls: Sequence[Ball], positions: Float[ndarray, "A"]) -> Bool[ndarray, "4 A"]:
    """As `Ball.steps_inside`, of any of the balls on each line."""
    inside = np.zeros((len(LINES), len(positions)), dtype=bool)
    for index, line in enumerate(LINES):
        for ball in balls:
            if ball.line == line.name:
                inside[index] |= ball.steps_inside(positions)
    return inside


def _bracket(opened: Float[ndarray, "E"], positions: Float[ndarray, "E"], start: float) -> tuple[float, float]:
    """On a walk away from x*: the last point up to which the sign is open, and the next one, NaN if there is none.

    Args:
        opened: Whether it is open at each point, 1 or 0; NaN at a hole, which ends the line.
        positions: Of these points.
        start: Where the walk begins, before the first of them.
    """
    count = int(np.argmin(np.append(opened == 1, False)))
    inner = positions[count - 1] if count else start
    outer = positions[count] if count < len(opened) and opened[count] == 0 else np.nan
    return float(inner), float(outer)


def _refine(
    slopes_at: SlopesAt, is_open: OpenAt, row: Integer[ndarray, "F"], ways: Float[ndarray, "F 2"]
) -> Float[ndarray, "F"]:
    """Where the sign is certain first, between the two points of each bracket; NaN where there is no second one."""
    ends = ways[:, 1].copy()
    known = ~np.isnan(ends)
    if known.any():
        inner = ways[known, 0]
        # a sign that is certain at the very start of the walk needs no search
        ends[known] = np.where(is_open(slopes_at(row[known], inner)), ends[known], inner)
        ends[known] = _bisect(lambda at: is_open(slopes_at(row[known], at)), inner, ends[known], END_HALVINGS)[1]
    return ends


def _bisect(
    holds: Callable[[Float[ndarray, "F"]], Bool[ndarray, "F"]],
    inner: Float[ndarray, "F"],
    outer: Float[ndarray, "F"],
    halvings: int,
) -> tuple[Float[ndarray, "F"], Float[ndarray, "F"]]:
    """Neighbouring positions of which the first, and not the second, has a property."""
    for _ in range(halvings):
        middle = (inner + outer) / 2
        inside = holds(middle)
        inner, outer = np.where(inside, middle, inner), np.where(inside, outer, middle)
    return inner, outer
