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

SIGN_ROWS_AT_A_TIME = 1_000
"""As `ROWS_AT_A_TIME`, where each point has a row of mini-batches."""


def full_batch(values: Float[Tensor, "G N"]) -> Float[ndarray, "G"]:
    """The mean over all samples: the full-batch quantity, and the expectation of every mini-batch mean."""
    return to_numpy(values.sum(-1) / values.shape[-1])


def batch_factor(samples: int, batch_size: int) -> float:
    """(N − B) / (B (N − 1)): the variance of a mini-batch's mean, as a share of the variance over the samples."""
    return (samples - batch_size) / (batch_size * (samples - 1))


def exact_sd(values: Float[Tensor, "G N"], batch_size: int) -> Float[ndarray, "G"]:
    """Standard deviation of the mean of a mini-batch drawn without replacement, over all possible batches.

    SD = √(σ² / B · (N − B) / (N − 1)), with σ² the population variance (divisor N) over the samples: the variance of
    the mean under hypergeometric sampling. It is 0 at B = N.
    """
    samples = values.shape[-1]
    if batch_size == samples:
        return to_numpy(values.sum(-1) * 0.0)  # exactly 0, but a hole stays a hole
    factor = batch_factor(samples, batch_size)
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


def sign_shares(
    values: Float[Tensor, "G N"], batches: Float[Tensor, "N K"]
) -> tuple[Float[ndarray, "G"], Float[ndarray, "G"]]:
    """At each point, in what shares of some mini-batches the mean lies below and above 0; exact zeros are neither.

    The batches are the same at all points, so that their sums are one product of matrices: twenty times as many in the
    time of fresh ones. At each point the shares are as unbiased as with fresh batches. What is lost is independence
    between points: errors are alike at neighbouring ones, where fresh batches give grain, and a product of the shares at
    two points is off by about 1 / 4K at most.

    Args:
        values: Per-sample quantity.
        batches: 1 for each sample that is in a batch, 0 for the others.
    """
    inside = batches.to(values)
    below, above = (np.empty(len(values)) for _ in range(2))
    for begin in range(0, len(values), SIGN_ROWS_AT_A_TIME):
        part = slice(begin, begin + SIGN_ROWS_AT_A_TIME)
        sums = values[part] @ inside
        below[part] = to_numpy((sums < 0).sum(-1)) / inside.shape[1]
        above[part] = to_numpy((sums > 0).sum(-1)) / inside.shape[1]
    return below, above


def noise_ceiling(points: int) -> float:
    """Expected strict local minima of independent noise at n points of a line: (n − 2) / 3.

    Each of the n − 2 interior points is the smallest of three exchangeable values with probability 1/3.
    """
    return max(0, points - 2) / 3


def noise_nngpps(points: int) -> float:
    """Expected NN-GPPs of independent noise whose sign is a fair coin, at n points of a line: (n − 1) / 4.

    Each of the n − 1 neighbouring pairs is negative, then positive with probability 1/2 · 1/2.
    """
    return max(0, points - 1) / 4


def expected_nngpps(negative: Float[ndarray, "A"], positive: Float[ndarray, "A"]) -> float:
    """Expected NN-GPPs along a line with an independent mini-batch at every point: Σ P(gᵢ₋₁ < 0) · P(gᵢ > 0)."""
    return float(np.sum(nngpp_chance(negative, positive)))


def nngpp_chance(negative: Float[ndarray, "*L A"], positive: Float[ndarray, "*L A"]) -> Float[ndarray, "*L A"]:
    """P(gᵢ₋₁ < 0) · P(gᵢ > 0) along lines, for independent mini-batches at the points; 0 at a line's first point."""
    chance = np.zeros(positive.shape)
    chance[..., 1:] = negative[..., :-1] * positive[..., 1:]
    return chance


def plane_nngpp_chance(
    negative: Float[ndarray, "R S"], positive: Float[ndarray, "R S"], step: tuple[int, int]
) -> Float[ndarray, "R S"]:
    """As `nngpp_chance` in a direction of a plane, or of some rows of it: P(g < 0) one step back times P(g > 0) here.

    Args:
        negative: P(g < 0); NaN at a hole.
        positive: P(g > 0), likewise.
        step: (rows, columns), each −1, 0 or 1.

    Returns:
        The probabilities; 0 where there is no point one step back, NaN at a hole and one step after it.
    """
    here, before = zip(*map(_one_back, positive.shape, step), strict=True)
    chance = positive * 0.0
    chance[here] = negative[before] * positive[here]
    return chance


def plane_minima_chance(losses: Float[ndarray, "D R S"], step: tuple[int, int]) -> Float[ndarray, "R S"]:
    """As `chance_of_minimum` in a direction of a plane, or of some rows of it, between the points one step back and on.

    Args:
        losses: Draws of the loss; NaN at a hole.
        step: (rows, columns), each −1, 0 or 1.

    Returns:
        The probabilities; 0 where there is no point one step back or on, NaN at a hole and beside it.
    """
    sides = tuple(zip(losses.shape[1:], step, strict=True))
    here, before, after = (
        tuple(slice(abs(along) + by * along, size - abs(along) + by * along) for size, along in sides)
        for by in (0, -1, 1)
    )
    chance = np.where(np.isnan(losses).any(0), np.nan, 0.0)
    chance[here] = chance_of_minimum(losses[:, *before], losses[:, *here], losses[:, *after])
    return chance


def chance_of_minimum(
    before: Float[ndarray, "D *G"], here: Float[ndarray, "D *G"], after: Float[ndarray, "D *G"]
) -> Float[ndarray, "*G"]:
    """Probability that a mini-batch loss is a strict minimum between those of its two neighbours.

    The mini-batches at different points are independent, so any draw before, any here and any after belong together as
    well as three of the same number: the share is over all D³ triples. For each draw here the two comparisons share
    nothing, so that the triples need not be visited: it is the mean over b of
    (share of a with before[a] > here[b]) · (share of c with after[c] > here[b]).

    Args:
        before: Draws of the loss at the points before.
        here: Draws at the points themselves.
        after: Draws at the points after.

    Returns:
        Unbiased estimates; NaN where a draw is not a number.
    """
    draws, shape = len(here), here.shape[1:]
    # the order of the draws does not matter, and searching for sorted values is five times faster
    rows = [np.ascontiguousarray(values.reshape(draws, -1).T) for values in (before, here, after)]
    chances = np.zeros(len(rows[1]))
    for begin in range(0, len(chances), ROWS_AT_A_TIME):
        part = slice(begin, begin + ROWS_AT_A_TIME)
        sides = [np.sort(values[part], axis=1) for values in rows]
        left, middle, right = (torch.from_numpy(values) for values in sides)
        above = [draws - torch.searchsorted(side, middle, right=True).numpy() for side in (left, right)]
        chances[part] = (above[0] * above[1]).sum(1) / draws**3
        chances[part][np.isnan(sides).any((0, 2))] = np.nan
    return chances.reshape(shape)


def _one_back(size: int, step: int) -> tuple[slice, slice]:
    """Along one side of a plane: the places that have another one step back, and those others."""
    return slice(max(0, step), size + min(0, step)), slice(max(0, -step), size - max(0, step))


def to_numpy(values: Tensor) -> ndarray:
    """A tensor as a numpy array on the host."""
    return np.asarray(values.cpu().numpy())
