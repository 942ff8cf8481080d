"""Mini-batch gradients within the plane, as pairs of slopes along d1 and d2: their spread, and their angles.

A component of a gradient is a slope, so the gradient of a mini-batch within the plane is the mean of its samples' pairs.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from landscape_core.sampling.minibatches import WITHOUT, Sampling
from landscape_core.statistics.moments import batch_factor


def rounding(samples: Float[ndarray, "*G N 2"], precision: type[np.floating] = np.float64) -> Float[ndarray, "*G"]:
    """The length up to which a mean of gradients may be nothing but rounding: N ε times the longest of the samples'.

    Args:
        samples: Gradient of each sample, whatever their precision is by now.
        precision: That in which they were computed and summed.
    """
    longest = np.hypot(samples[..., 0], samples[..., 1]).max(-1)
    return np.asarray(samples.shape[-2] * float(np.finfo(precision).eps) * longest)


def batch_covariance(
    samples: Float[ndarray, "N 2"], batch_size: int, sampling: Sampling = WITHOUT
) -> Float[ndarray, "2 2"]:
    """Covariance of the two components of a mini-batch's gradient, over all possible mini-batches.

    That over the samples, with the divisor N, times `batch_factor`: exact, and 0 at the full batch.
    """
    away = samples - samples.mean(0)
    return np.asarray(away.T @ away / len(samples) * batch_factor(len(samples), batch_size, sampling))


def normal_region(
    mean: Float[ndarray, "2"], covariance: Float[ndarray, "2 2"], share: float = 0.95, points: int = 73
) -> Float[ndarray, "A 2"]:
    """The ellipse that holds a share of a normal law in the plane, as a closed outline of A points.

    It is where the squared distance in units of the covariance is −2 ln(1 − share), the quantile of χ² with 2 degrees of
    freedom. Without any spread it is the mean itself.
    """
    values, axes = np.linalg.eigh(covariance)
    reach = np.sqrt(np.maximum(values, 0.0) * -2.0 * math.log1p(-share))
    turn = np.linspace(0.0, 2.0 * math.pi, points)
    return np.asarray(mean + (np.stack([np.cos(turn), np.sin(turn)], 1) * reach) @ axes.T)


def angles(
    gradients: Float[ndarray, "*G 2"], reference: Float[ndarray, "*#G 2"], least: Float[ndarray, "*#G"] | float = 0.0
) -> Float[ndarray, "*G"]:
    """Angle between each gradient and another one, in degrees from 0 to 180.

    Args:
        gradients: Of mini-batches.
        reference: Of the full batch: one for all, or one for each.
        least: Lengths up to which a gradient has no direction; see `rounding`.

    Returns:
        The angles; NaN where one of the two has no direction.
    """
    first, second = np.broadcast_arrays(gradients, reference)
    unit, other = (_unit(vectors, np.asarray(least)) for vectors in (first, second))
    cross = unit[..., 0] * other[..., 1] - unit[..., 1] * other[..., 0]
    return np.asarray(np.degrees(np.arctan2(np.abs(cross), (unit * other).sum(-1))))


def _unit(vectors: Float[ndarray, "*G 2"], least: Float[ndarray, "*#G"]) -> Float[ndarray, "*G 2"]:
    length = np.hypot(vectors[..., 0], vectors[..., 1])
    return np.asarray(vectors / np.where(length > least, length, np.nan)[..., None])
