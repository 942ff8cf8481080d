"""Where one number lies among many, and how sure a share is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from jaxtyping import Integer
from numpy import ndarray

ENDS = 2.5, 97.5
"""The percentiles between which the central 95 % lie."""


@dataclass(frozen=True)
class Among:
    """One number among many.

    Attributes:
        count: How many.
        mean: Of the many.
        low: Where their central 95 % begin: the first of them, in order, with 2.5 % up to and with it.
        high: Where they end: likewise with 97.5 %.
        inside: Whether the number lies among the central 95 %, their ends included.
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
        low: Wilson's 95 % interval of the probability begins.
        high: It ends.
    """

    held: int
    count: int
    share: float
    low: float
    high: float


def among(number: int, many: Integer[ndarray, "..."]) -> Among | None:
    """A number among many; None among none.

    >>> among(3, np.array([1, 2, 3, 3, 4]))
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
