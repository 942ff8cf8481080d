"""The surrogate of a probabilistic line search: a Gaussian process whose mean is a cubic spline.

M. Mahsereci and P. Hennig (2017), *Probabilistic line searches for stochastic optimization*, JMLR 18(119), Sections 3.1 and
3.2. The prior of f is a once-integrated Wiener process that began τ before 0: with A = a + τ and B = b + τ,

    k(a, b) = min(A, B)³ / 3 + |A − B| min(A, B)² / 2.

Values and slopes are observed with independent Gaussian noise. Whatever is computed of one line is computed of many at
once: leading axes *Z of lines with equally many knots.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy import ndarray

OFFSET = 10.0
"""τ."""

Points = Float[ndarray, "*Z C"]

TINY = 1e-300
"""Stands for 0 where a mean from 0 on is taken."""


class Belief(NamedTuple):
    """What is believed of f at C places t.

    Attributes:
        mean: Of f(t), (*Z, C).
        variance: Of f(t), (*Z, C).
        covariance: Of f(t) and f′(t), (*Z, C).
        slopes: Mean of f′(0), (f(t) − f(0)) / t and f′(t), (*Z, C, 3). Not of f itself, from whose values at close places
            nothing could be told, for rounding.
        spread: Their covariance, (*Z, C, 3, 3).
    """

    mean: Points
    variance: Points
    covariance: Points
    slopes: Float[ndarray, "*Z C 3"]
    spread: Float[ndarray, "*Z C 3 3"]


@dataclass(frozen=True, eq=False)
class Spline:
    """The posterior, given values and slopes at T knots.

    Attributes:
        knots: Where, in any order, (*Z, T).
        weights: Of the kernel's columns in the mean, (*Z, 2T): value and slope at the first knot, at the second, and so on.
        whitening: L⁻¹ of the Cholesky factor of the observations' covariance, (*Z, 2T, 2T).
    """

    knots: Float[ndarray, "*Z T"]
    weights: Float[ndarray, "*Z U"]
    whitening: Float[ndarray, "*Z U U"]

    def evaluate(self, t: Points) -> Belief:
        """The belief at each t ≥ 0."""
        covariance = _covariance(t, self.knots)
        columns = np.empty((*t.shape, 4, self.weights.shape[-1]))
        columns[..., 0, :] = _covariance(np.zeros_like(t[..., :1]), self.knots)[..., 1, :]  # of f′(0)
        columns[..., 1, :] = _mean_slope_covariance(np.maximum(t, TINY), self.knots)
        columns[..., 2, :] = covariance[..., 1, :]
        columns[..., 3, :] = covariance[..., 0, :]
        flat = columns.reshape(*t.shape[:-1], -1, columns.shape[-1])
        mean = _times(flat, self.weights).reshape(columns.shape[:-1])
        white = (flat @ self.whitening.mT).reshape(columns.shape)
        variance = (t + OFFSET) ** 3 / 3 - np.square(white[..., 3, :]).sum(-1)
        crossed = (t + OFFSET) ** 2 / 2 - (white[..., 3, :] * white[..., 2, :]).sum(-1)
        prior = np.full((*t.shape, 3, 3), OFFSET)
        prior[..., 1, 1] += t / 3
        prior[..., 1, 2] += t / 2
        prior[..., 2, 1] += t / 2
        prior[..., 2, 2] += t
        three = white[..., :3, :]
        return Belief(mean[..., 3], variance, crossed, mean[..., :3], prior - three @ three.mT)

    def minima(self) -> Points:
        """The strict minimum of the mean in each cell between neighbouring knots, NaN where there is none, (*Z, T − 1).

        In a cell the mean is a cubic: with its first three derivatives m₁, m₂, m₃ at the left end, its slope is
        m₁ + m₂ s + m₃ s²/2 at a distance s.
        """
        ends = np.sort(self.knots)
        left, width = ends[..., :-1], np.diff(ends)
        ahead = self.knots[..., None, :] - left[..., None]
        away = np.maximum(ahead, 0.0)
        inside = (ahead > 0.0).astype(float)  # seen from just right of the left end
        value, slope = self.weights[..., ::2], self.weights[..., 1::2]
        first = _times(_covariance(left, self.knots)[..., 1, :], self.weights)
        second = _times(away, value) + _times(inside, slope)
        third = -_times(inside, value)
        square = second**2 - 2 * first * third
        with np.errstate(all="ignore"):  # a root that is not there drops out below
            root = np.sqrt(square)
            # of the two ways to write the root with rising slope, the one in which nothing cancels
            distance = np.where(second >= 0, -2 * first / (second + root), (root - second) / third)
            found = (square > 0) & (distance > 0) & (distance < width)
            return np.where(found, left + distance, np.nan)


def condition(
    knots: Float[ndarray, "*Z T"],
    values: Float[ndarray, "*Z T"],
    slopes: Float[ndarray, "*Z T"],
    value_sd: Float[ndarray, "*Z"] | float,
    slope_sd: Float[ndarray, "*Z"] | float,
) -> Spline:
    """The posterior from observations with the same noise at all knots; all NaN if they are too close to be told apart."""
    size = 2 * knots.shape[-1]
    covariance = _covariance(knots, knots).reshape(*knots.shape[:-1], size, size)
    diagonal = np.arange(size)
    covariance[..., diagonal[::2], diagonal[::2]] += np.square(value_sd)[..., None]
    covariance[..., diagonal[1::2], diagonal[1::2]] += np.square(slope_sd)[..., None]
    whitening = np.linalg.inv(_root(covariance))
    observed = np.stack([values, slopes], axis=-1).reshape(*knots.shape[:-1], size)
    return Spline(knots, _times(whitening.mT, _times(whitening, observed)), whitening)


def _root(covariance: Float[ndarray, "*Z U U"]) -> Float[ndarray, "*Z U U"]:
    """Cholesky's factors, lower; NaN for a matrix that has none."""
    try:
        return np.linalg.cholesky(covariance)
    except np.linalg.LinAlgError:  # for one of them
        if covariance.ndim == 2:
            return np.full_like(covariance, np.nan)
        return np.stack([_root(one) for one in covariance])


def _times(matrix: Float[ndarray, "*Z C U"], vector: Float[ndarray, "*Z U"]) -> Float[ndarray, "*Z C"]:
    return np.asarray((matrix @ vector[..., None])[..., 0])


def _covariance(a: Points, b: Float[ndarray, "*Z T"]) -> Float[ndarray, "*Z C 2 2*T"]:
    """Prior covariance of f and f′ at each of `a` with f and f′ at each of `b`: value and slope of a place side by side."""
    before, after = a[..., None] + OFFSET, b[..., None, :] + OFFSET
    least = np.minimum(before, after)
    half = least * least / 2
    greatest = before + after - least
    by_least = least * greatest - half
    """The derivative of k by the smaller one; that by the greater is `half`."""
    first = before <= after
    found = np.empty((*a.shape, 2, b.shape[-1], 2))
    found[..., 0, :, 0] = half * (greatest - least / 3)
    found[..., 1, :, 0] = np.where(first, by_least, half)
    found[..., 0, :, 1] = np.where(first, half, by_least)
    found[..., 1, :, 1] = least
    return found.reshape(*a.shape, 2, -1)


def _mean_slope_covariance(t: Points, b: Float[ndarray, "*Z T"]) -> Float[ndarray, "*Z C 2*T"]:
    """Prior covariance of (f(t) − f(0)) / t, the mean of f′ from 0 to t, with f and f′ at each of `b` ≥ 0.

    The integral of f′'s own covariance from 0 to t, over t. From b on, that is constant.
    """
    t, b = t[..., None], b[..., None, :]
    reach = np.minimum(t, b)
    share = reach / t
    after = b + OFFSET
    rising = after * (OFFSET + reach / 2) - (OFFSET**2 + OFFSET * reach + reach**2 / 3) / 2
    found = np.stack(
        [
            share * rising + (1 - share) * after**2 / 2,
            share * (OFFSET + reach / 2) + (1 - share) * after,
        ],
        axis=-1,
    )
    return found.reshape(*found.shape[:-2], -1)
