"""Apparent and true optima along a line: strict local minima of the loss, NN-GPPs of the slope.

The paper's rules, with ties decided: both comparisons are strict, so that an exactly flat stretch, as ReLU has, holds
neither a minimum nor an NN-GPP; the ends of a line are never minima; an NN-GPP lies at the point after the sign change. A
sign change that passes through exact zeros (−, 0, +) is not counted.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

HISTOGRAM_BINS = 20


def minima(loss: Float[ndarray, "*D A"]) -> Bool[ndarray, "*D A"]:
    """Strict local minima: f[i−1] > f[i] < f[i+1], interior points only.

    >>> minima(np.array([3.0, 1.0, 2.0, 2.0, 0.0])).tolist()
    [False, True, False, False, False]
    """
    found = np.zeros(loss.shape, dtype=bool)
    middle = loss[..., 1:-1]
    found[..., 1:-1] = (loss[..., :-2] > middle) & (middle < loss[..., 2:])
    return found


def nngpps(slope: Float[ndarray, "*D A"]) -> Bool[ndarray, "*D A"]:
    """Non-negative associated gradient projection points of a line: g[i−1] < 0 and g[i] > 0, marked at i.

    Kafka & Wilke (2019), Definition 2.3 as read along a sampled line (Section 4.1).

    >>> nngpps(np.array([-1.0, 2.0, -1.0, 0.0, 1.0])).tolist()
    [False, True, False, False, False]
    """
    found = np.zeros(slope.shape, dtype=bool)
    found[..., 1:] = (slope[..., :-1] < 0) & (slope[..., 1:] > 0)
    return found


def uncertain_interval(
    positions: Float[ndarray, "A"], positive: Float[ndarray, "A"], index: int, level: float = 0.05
) -> tuple[float | None, float | None]:
    """Around a true NN-GPP: the stretch of a line in which the sign of a mini-batch's slope is open.

    The stretch holds level < P(slope > 0) < 1 − level, with P taken as straight between neighbouring points. It has no
    length if both points of the sign change lie on the same side outside of these levels.

    >>> uncertain_interval(np.arange(4.0), np.array([0.0, 0.5, 0.5, 1.0]), 2, level=0.25)
    (0.5, 2.5)

    Args:
        positions: Where the points lie.
        positive: P(slope > 0) at each point; NaN where it is not known, which ends the line.
        index: The point after the change of sign, as `nngpps` marks it.
        level: The probability at which a sign counts as certain.

    Returns:
        Where the stretch begins and ends; None for an end that is not on the line.
    """
    before, here = (_side(positive[place], level) for place in (index - 1, index))
    if before == here != 0:
        return float(positions[index]), float(positions[index])
    return (
        _end(positions[index::-1], positive[index::-1], level),
        _end(positions[index - 1 :], positive[index - 1 :], level),
    )


def _side(chance: float, level: float) -> int:
    """−1 or 1 where a sign is certain, negative or positive; 0 where it is open or not known."""
    return int(chance >= 1 - level) - int(chance <= level)


def _end(positions: Float[ndarray, "B"], positive: Float[ndarray, "B"], level: float) -> float | None:
    """Where P(slope > 0), straight between the points, first leaves the levels on a walk away from a sign change."""
    for place in range(1, len(positive)):
        side = _side(positive[place], level)
        if math.isnan(positive[place]):
            return None
        if side:
            bound = level if side < 0 else 1 - level
            share = (bound - positive[place - 1]) / (positive[place] - positive[place - 1])
            return float(positions[place - 1] + share * (positions[place] - positions[place - 1]))
    return None


def grid_step(angle: float) -> tuple[int, int]:
    """The step of a grid nearest to an angle in degrees from d1 towards d2: (rows, columns), each −1, 0 or 1.

    Rows go along d2 and columns along d1. An angle just between an axis and a diagonal takes the axis.

    >>> grid_step(45.0), grid_step(180.0), grid_step(22.5)
    ((1, 1), (0, -1), (0, 1))
    """
    steps = ((0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))
    return steps[round(angle / 45) % 8]


def spread(locations: Float[ndarray, "F"]) -> float | None:
    """Variance of the locations (divisor n), the paper's measure of how far they scatter; None without any.

    Uniform locations on ±R have R² / 3.
    """
    return float(np.var(locations)) if len(locations) else None


def place_variance(positions: Float[ndarray, "A"], shares: Float[ndarray, "*L A"]) -> Float[ndarray, "*L"]:
    """As `spread`, of optima that are given by how many are to be expected at each position; NaN without any.

    >>> float(place_variance(np.array([-1.0, 0.0, 1.0]), np.array([0.5, 0.0, 0.5])))
    1.0
    """
    total = shares.sum(-1)
    with np.errstate(invalid="ignore"):
        mean = (shares * positions).sum(-1) / total
        return np.asarray((shares * (positions - mean[..., None]) ** 2).sum(-1) / total)


def distance_to_nearest(positions: Float[ndarray, "A"], true: Bool[ndarray, "*L A"]) -> Float[ndarray, "*L A"]:
    """From each point of a line to the nearest of its true optima; NaN on a line without any.

    >>> distance_to_nearest(np.arange(4.0), np.array([True, False, False, True])).tolist()
    [0.0, 1.0, 1.0, 0.0]
    """
    before = np.maximum.accumulate(np.where(true, positions, -np.inf), axis=-1)
    after = np.minimum.accumulate(np.where(true, positions, np.inf)[..., ::-1], axis=-1)[..., ::-1]
    return np.where(true.any(-1, keepdims=True), np.minimum(positions - before, after - positions), np.nan)


def median_distance(found: Bool[ndarray, "*D L A"], distance: Float[ndarray, "L A"]) -> Float[ndarray, "*D"]:
    """Median over the apparent optima of all lines of their distance from the nearest true one, draw by draw.

    A line without a true optimum has no distances and is left out; NaN where nothing remains.

    >>> float(median_distance(np.array([[False, True, True]]), np.array([[0.0, 1.0, 4.0]])))
    2.5
    """
    known = np.isfinite(distance)
    ordered = np.sort(distance[known])
    # the points are the same in all draws: sorted once, the middle of those found is where their number reaches half
    reached = np.cumsum(found[..., known][..., np.argsort(distance[known], kind="stable")], axis=-1, dtype=np.int32)
    if not ordered.size:
        return np.full(found.shape[:-2], np.nan)
    count = reached[..., -1:]
    low, high = (ordered[(reached > half).argmax(-1)] for half in ((count - 1) // 2, count // 2))
    return np.where(count[..., 0] > 0, (low + high) / 2, np.nan)


def histogram(locations: Float[ndarray, "F"], half_width: float) -> tuple[ndarray, ndarray]:
    """Counts in 20 equal bins over ±half_width, and the centres of the bins."""
    counts, edges = np.histogram(locations / half_width, bins=HISTOGRAM_BINS, range=(-1.0, 1.0))
    return counts, half_width * (edges[:-1] + edges[1:]) / 2
