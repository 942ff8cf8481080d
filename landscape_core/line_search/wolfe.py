"""Probability of Wolfe's conditions at a step, and its expected improvement, under a Gaussian belief.

M. Mahsereci and P. Hennig (2017), *Probabilistic line searches for stochastic optimization*, JMLR 18(119), Sections 3.3 and
3.4.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from landscape_core.line_search.spline import Belief

Points = Float[ndarray, "*Z C"]

LEAST_VARIANCE = 1e-12
"""Variances below this are rounding of the prior's: the belief is certain."""

CERTAIN = 1e-100
"""The SD of what is certain: any difference is many SDs."""


def wolfe_probability(
    belief: Belief, decrease: Float[ndarray, "*#Z #C"] | float, curvature: Float[ndarray, "*#Z #C"] | float
) -> Points:
    """P(f(t) ≤ f(0) + c₁ t f′(0) and c₂ f′(0) ≤ f′(t) ≤ c₂ f′(0) + 2 c₂ (|μ′(0)| + 2 SD f′(0))), for each t.

    The first condition, over t, and the second are linear in f′(0), (f(t) − f(0)) / t and f′(t), so that they have a
    bivariate normal distribution. The second is bounded above, nearly as Wolfe's strong condition is.

    Args:
        belief: The belief at each t > 0.
        decrease: c₁.
        curvature: c₂.
    """
    start, mean, slope = np.moveaxis(belief.slopes, -1, 0)
    s = np.moveaxis(belief.spread, (-2, -1), (0, 1))
    first_sd = _sd(decrease**2 * s[0, 0] - 2 * decrease * s[0, 1] + s[1, 1])
    second_sd = _sd(curvature**2 * s[0, 0] - 2 * curvature * s[0, 2] + s[2, 2])
    covariance = decrease * s[0, 2] + curvature * s[0, 1] - decrease * curvature * s[0, 0] - s[1, 2]
    sure = (first_sd <= CERTAIN) | (second_sd <= CERTAIN)
    correlation = np.where(sure, 0.0, covariance / (first_sd * second_sd))
    centre = slope - curvature * start
    highest = 2 * curvature * (np.abs(start) + 2 * np.sqrt(np.maximum(s[0, 0], 0.0)))
    return strip_probability(
        (mean - decrease * start) / first_sd, -centre / second_sd, (highest - centre) / second_sd, correlation
    )


def expected_improvement(belief: Belief, lowest: Float[ndarray, "*#Z #C"] | float) -> Points:
    """E max(0, η − f(t)) = (η − μ) Φ(z) + SD φ(z) with z = (η − μ) / SD.

    Args:
        belief: The belief at each t.
        lowest: η, the lowest posterior mean of the steps evaluated so far.
    """
    from scipy.special import ndtr

    gain, sd = lowest - belief.mean, _sd(belief.variance)
    z = np.clip(gain / sd, -40.0, 40.0)  # beyond, Φ is 0 or 1 and φ is 0
    return np.asarray(gain * ndtr(z) + sd * np.exp(-z * z / 2) / np.sqrt(2 * np.pi))


def _sd(variances: Float[ndarray, "..."]) -> Float[ndarray, "..."]:
    return np.where(variances > LEAST_VARIANCE, np.sqrt(np.maximum(variances, LEAST_VARIANCE)), CERTAIN)


def strip_probability(above: Points, low: Points, high: Points, correlation: Points) -> Points:
    """P(X > above, low < Y < high) of standard normal variables with a correlation."""
    both = _quadrant(-above, -np.stack([low, high]), correlation)
    return np.maximum(both[0] - both[1], 0.0)


def _quadrant(h: Points, k: Float[ndarray, "2 *Z C"], correlation: Points) -> Float[ndarray, "2 *Z C"]:
    """P(X < h, Y < k), by D. B. Owen (1956), *Tables for computing bivariate normal probabilities*, Eq. 2.1."""
    from scipy.special import ndtr, owens_t

    h, k = np.where(h == 0, 1e-300, h), np.where(k == 0, 1e-300, k)
    correlation = np.minimum(np.maximum(correlation, -1 + 1e-15), 1 - 1e-15)
    root = np.sqrt((1 - correlation) * (1 + correlation))
    with np.errstate(over="ignore"):
        first, second = (k / h - correlation) / root, (h / k - correlation) / root
    opposite = np.where((h > 0) == (k > 0), 0.0, 0.5)
    return np.asarray((ndtr(h) + ndtr(k)) / 2 - owens_t(h, first) - owens_t(k, second) - opposite)
