"""Intervals: where many numbers lie, the rank of one among them, and the confidence interval of a share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from jaxtyping import Float, Integer
from numpy import ndarray

ENDS = 2.5, 97.5
"""The percentiles between which the central 95% lie."""

RESAMPLES = 4_000
"""Of a bootstrap: its interval's ends are right to about a fiftieth of its width."""


@dataclass(frozen=True)
class Among:
    """One number among many.

    Attributes:
        count: How many.
        mean: Of the many.
        low: Where their central 95% begin: the first of them, in order, with 2.5% up to and with it.
        high: Where they end: likewise with 97.5%.
        inside: Whether the number lies among the central 95%, their ends included.
        percentile: Of the number: how many of a hundred are smaller, those that are equal by half (mid-rank).
    """

    count: int
    mean: float
    low: int
    high: int
    inside: bool
    percentile: float


@dataclass(frozen=True)
class Share:
    """How often something held.

    Attributes:
        held: Times that it held.
        count: Times that it was decided.
        share: held / count.
        low: Wilson's 95% interval of the probability begins.
        high: It ends.
    """

    held: int
    count: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class GroupedShare:
    """How often something held, over groups of verdicts.

    Attributes:
        groups: Groups in which it was decided at least once.
        share: Mean over the groups of the share in each.
        low: The hierarchical 95% interval begins.
        high: It ends.
    """

    groups: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class CentralRange:
    """Where many numbers lie.

    Attributes:
        count: How many.
        median: Of them.
        low: Where their central 95% begin: their 2.5th percentile, straight between neighbours.
        high: Where they end.
    """

    count: int
    median: float
    low: float
    high: float


def central_range(values: Float[ndarray, "..."]) -> CentralRange | None:
    """Where many numbers lie, but for those that are NaN; None if all are.

    >>> central_range(np.arange(41.0))
    CentralRange(count=41, median=20.0, low=1.0, high=39.0)
    """
    known = values[np.isfinite(values)]
    if not known.size:
        return None
    low, high = np.percentile(known, ENDS)
    return CentralRange(known.size, float(np.median(known)), float(low), float(high))


def rank_among(number: int, many: Integer[ndarray, "..."]) -> Among | None:
    """A number among many; None among none.

    >>> rank_among(3, np.array([1, 2, 3, 3, 4]))
    Among(count=5, mean=2.6, low=1, high=4, inside=True, percentile=60.0)
    """
    if not many.size:
        return None
    low, high = map(int, np.percentile(many, ENDS, method="inverted_cdf"))
    ranks = int((many < number).sum()) + int((many <= number).sum())
    return Among(many.size, float(many.mean()), low, high, low <= number <= high, 50 * ranks / many.size)


def share(verdicts: Integer[ndarray, "Z"]) -> Share | None:
    """How often 1 came, of all that are 0 or 1; None if none is.

    Wilson's interval: all p with |p̂ − p| ≤ z √(p (1 − p) / n). Unlike p̂ ± z SE it stays within 0 … 1 and is not empty
    where everything held.
    """
    held, count = int((verdicts == 1).sum()), int((verdicts >= 0).sum())
    if not count:
        return None
    z = NormalDist().inv_cdf(ENDS[1] / 100)
    centre = held + z * z / 2
    reach = z * math.sqrt(held * (count - held) / count + z * z / 4)
    low, high = ((centre + side * reach) / (count + z * z) for side in (-1, 1))
    return Share(held, count, held / count, 0.0 if held == 0 else low, 1.0 if held == count else high)


def grouped_share(held: Integer[ndarray, "Z"], count: Integer[ndarray, "Z"]) -> GroupedShare | None:
    """How often something held, where verdicts come in groups: start points, and races at each. None if none is decided.

    The interval is that of the hierarchical bootstrap (A. C. Davison and D. V. Hinkley, 1997, *Bootstrap methods and their
    application*, Section 3.8): groups are drawn with replacement, then as many verdicts within each as it has. An interval
    that pools all verdicts would be too narrow, since those of one group are alike.

    Args:
        held: Verdicts that it held, in each group.
        count: Verdicts in each group; groups with none are left out.
    """
    decided = count > 0
    groups = int(decided.sum())
    if not groups:
        return None
    sizes, shares = count[decided], held[decided] / count[decided]
    generator = np.random.Generator(np.random.Philox(0))
    drawn = generator.integers(0, groups, (RESAMPLES, groups))
    again = generator.binomial(sizes[drawn], shares[drawn]) / sizes[drawn]
    low, high = np.percentile(again.mean(1), ENDS)
    return GroupedShare(groups, float(shares.mean()), float(low), float(high))
