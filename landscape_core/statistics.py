"""Moments and probabilities of mini-batch quantities, in closed form and from draws."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

ROWS_AT_A_TIME = 10_000
"""Points whose variance is taken at a time: bounds the temporary memory."""


def full_batch(values: Float[Tensor, "G N"]) -> Float[ndarray, "G"]:
    """The mean over all samples: the full-batch quantity, and the expectation of every mini-batch mean."""
    return to_numpy(values.sum(-1) / values.shape[-1])


def exact_sd(values: Float[Tensor, "G N"], batch_size: int) -> Float[ndarray, "G"]:
    """Standard deviation of the mean of a mini-batch drawn without replacement, over all possible batches.

    SD = √(σ² / B · (N − B) / (N − 1)), with σ² the population variance (divisor N) over the samples: the variance of
    the mean under hypergeometric sampling. It is 0 at B = N.
    """
    samples = values.shape[-1]
    if batch_size == samples:
        return to_numpy(values.sum(-1) * 0.0)  # exactly 0, but a hole stays a hole
    factor = (samples - batch_size) / (batch_size * (samples - 1))
    parts = [torch.var(part, dim=-1, correction=0) for part in values.split(ROWS_AT_A_TIME)]
    return to_numpy((torch.cat(parts) * factor).sqrt())


@dataclass(eq=False)
class RunningMoments:
    """Mean and SD over a stream of draws, by Chan's update of Welford's sums.

    Attributes:
        count: Draws seen.
        mean: Mean so far, (G,).
        squares: Sum of squared deviations from the mean so far, (G,).
    """

    count: int = 0
    mean: Tensor = field(default_factory=lambda: torch.zeros(()))
    squares: Tensor = field(default_factory=lambda: torch.zeros(()))

    def add(self, block: Float[Tensor, "D G"]) -> None:
        """Take in a block of draws."""
        for draw in block:  # one by one, so that the size of a block changes nothing
            self.count += 1
            away = draw - self.mean
            self.mean = self.mean + away / self.count
            self.squares = self.squares + away * (draw - self.mean)

    def sd(self) -> Tensor:
        """Sample standard deviation (divisor draws − 1); NaN for a single draw, which has none."""
        return (self.squares / (self.count - 1)).sqrt() if self.count > 1 else self.squares * math.nan


def noise_ceiling(points: int) -> float:
    """Expected strict local minima of independent noise at n points of a line: (n − 2) / 3.

    Each of the n − 2 interior points is the smallest of three exchangeable values with probability 1/3.
    """
    return max(0, points - 2) / 3


def expected_nngpps(negative: Float[ndarray, "A"], positive: Float[ndarray, "A"]) -> float:
    """Expected NN-GPPs along a line with an independent mini-batch at every point: Σ P(gᵢ₋₁ < 0) · P(gᵢ > 0)."""
    return float(np.sum(negative[:-1] * positive[1:]))


def to_numpy(values: Tensor) -> ndarray:
    """A tensor as a numpy array on the host."""
    return np.asarray(values.cpu().numpy())
