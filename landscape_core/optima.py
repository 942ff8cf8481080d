"""Apparent and true optima along a line: strict local minima of the loss, NN-GPPs of the slope.

The paper's rules, with ties decided: both comparisons are strict, so that an exactly flat stretch, as ReLU has, holds
neither a minimum nor an NN-GPP; the ends of a line are never minima; an NN-GPP lies at the point after the sign change. A
sign change that passes through exact zeros (−, 0, +) is not counted.
"""

from __future__ import annotations

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


def spread(locations: Float[ndarray, "F"]) -> float | None:
    """Variance of the locations (divisor n), the paper's measure of how far they scatter; None without any.

    Uniform locations on ±R have R² / 3.
    """
    return float(np.var(locations)) if len(locations) else None


def histogram(locations: Float[ndarray, "F"], half_width: float) -> tuple[ndarray, ndarray]:
    """Counts in 20 equal bins over ±half_width, and the centres of the bins."""
    # in shares of the half-width: the smallest of widths could not be divided by twenty
    counts, edges = np.histogram(locations / half_width, bins=HISTOGRAM_BINS, range=(-1.0, 1.0))
    return counts, half_width * (edges[:-1] + edges[1:]) / 2
