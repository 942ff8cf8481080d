"""Features of a landscape on a coarse plane, computed where a claim looks at them."""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from landscape_core.paper.claims.line_features import DIAGONAL, LineFeatures, find_steepest
from landscape_core.statistics import moments

NEXT_TO_FLAT = 0.01
"""A point is next to flat if no sample has more than this share of the largest slope on the coarse plane."""


def is_outside(features: LineFeatures, share: float) -> Bool[ndarray, "G"]:
    """Which points of the coarse plane are farther from the middle than a share of the half-width, along d1 or d2."""
    return np.abs(features.coarse).max(-1) > share * features.half_width


def find_uncertain(features: LineFeatures) -> tuple[float, float]:
    """Shares of the plane where the slope along d1+d2 is below 0, and where it is not, by less than one SD."""
    slope = features.tabulate(features.cells).slope(DIAGONAL)
    mean = moments.full_batch(slope)
    open_ = np.abs(mean) < moments.exact_sd(slope, int(features.shared[:, 0].sum()))
    return float((open_ & (mean < 0)).mean()), float((open_ & (mean >= 0)).mean())


def find_planes_next_to_flat(features: LineFeatures) -> tuple[Float[ndarray, "F"], Float[ndarray, "F"]]:
    """At the points of the coarse plane that are next to flat: slope along d1+d2, and the largest curvature.

    The curvature is the change of the slope along d1 or d2 between one step of a line back and on in that direction,
    without sign, per unit length; one that is no more than rounding is 0.
    """
    steep = find_steepest(features)
    places = features.coarse[steep < NEXT_TO_FLAT * steep.max()]
    step = features.step
    slope = moments.full_batch(features.tabulate(places).slope(DIAGONAL))
    rounding = 100 * np.finfo(features.slope.dtype).eps * float(np.abs(features.slope).max()) / (2 * step)
    largest = np.zeros(len(places))
    for along, unit in enumerate(np.eye(2)):
        ends = features.tabulate(np.concatenate([places - step * unit, places + step * unit])).slopes[along]
        back, on = moments.full_batch(ends).reshape(2, -1)
        largest = np.maximum(largest, np.abs(on - back) / (2 * step))
    return slope, np.where(largest > rounding, largest, 0.0)
