"""Moments and probabilities of mini-batch quantities, in closed form and from draws."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import torch
from jaxtyping import Float, Integer
from numpy import ndarray
from torch import Tensor

from landscape_core.sampling.minibatches import WITH, WITHOUT, Batches, Sampling

ROWS_AT_A_TIME = 10_000
"""Points whose variance is taken at a time: bounds the temporary memory."""

SIGN_ROWS_AT_A_TIME = 1_000
"""As `ROWS_AT_A_TIME`, where each point has a row of mini-batches."""

LEAST_DRAWS = 2
"""Draws that have a standard deviation."""


def full_batch(values: Float[Tensor, "G N"]) -> Float[ndarray, "G"]:
    """The mean over all samples: the full-batch quantity, and the expectation of every mini-batch mean."""
    return to_numpy(values.sum(-1) / values.shape[-1])


def batch_factor(samples: int, batch_size: int, sampling: Sampling = WITHOUT) -> float:
    """The variance of a mini-batch's mean, as a share of the variance over the samples.

    (N − B) / (B (N − 1)) without replacement, and so for each mini-batch of an epoch's shuffle; 1 / B with replacement.
    """
    return 1 / batch_size if sampling == WITH else (samples - batch_size) / (batch_size * max(1, samples - 1))


def exact_sd(values: Float[Tensor, "G N"], batch_size: int, sampling: Sampling = WITHOUT) -> Float[ndarray, "G"]:
    """Standard deviation of the mean of a mini-batch, over all possible batches.

    SD = σ √(`batch_factor`), with σ² the population variance (divisor N) over the samples: without replacement the
    variance of the mean under hypergeometric sampling, 0 at B = N. Where the squares are too large for the precision,
    they are taken of values scaled to 1.
    """
    factor = batch_factor(values.shape[-1], batch_size, sampling)
    if not factor:
        return to_numpy((values.sum(-1) * 0.0).abs())  # exactly 0, but a hole stays a hole
    parts = [torch.var(part, dim=-1, correction=0) for part in values.split(ROWS_AT_A_TIME)]
    sd = (torch.cat(parts) * factor).sqrt()
    too_large = sd.isinf()
    if too_large.any():
        rows = values[too_large]
        unit = rows.abs().amax(-1, keepdim=True)
        sd[too_large] = (torch.var(rows / unit, dim=-1, correction=0) * factor).sqrt() * unit[:, 0]
    return to_numpy(sd)


@dataclass(eq=False)
class RunningMoments:
    """Mean and SD over a stream of draws, by Chan's update of Welford's sums.

    Attributes:
        count: Draws seen.
        mean: Mean so far, (G,).
        squares: Sum of squared deviations from the mean so far, (G,).
        large_squares: The same sum in squares of `unit`, for where `squares` is too large for the precision.
    """

    count: int = 0
    mean: Tensor = field(default_factory=lambda: torch.zeros(()))
    squares: Tensor = field(default_factory=lambda: torch.zeros(()))
    large_squares: Tensor = field(default_factory=lambda: torch.zeros(()))

    @property
    def unit(self) -> float:
        """What deviations are measured in whose squares are too large: 2⁹⁶ in float32, which ends at 2¹²⁸."""
        return float(torch.finfo(self.mean.dtype).max ** 0.75)

    def add(self, block: Float[Tensor, "D G"]) -> None:
        """Take in a block of draws."""
        for draw in block:  # one by one, so that the size of a block changes nothing
            self.count += 1
            away = draw - self.mean
            self.mean = self.mean + away / self.count
            rest = draw - self.mean
            self.squares = self.squares + away * rest
            self.large_squares = self.large_squares + (away / self.unit) * (rest / self.unit)

    def sd(self) -> Tensor | None:
        """Sample standard deviation (divisor draws − 1); None for fewer than two draws, which have none."""
        if self.count < LEAST_DRAWS:
            return None
        usual, large = ((squares / (self.count - 1)).sqrt() for squares in (self.squares, self.large_squares))
        return torch.where(self.squares.isinf(), large * self.unit, usual)


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


def extreme_means(
    values: Float[Tensor, "G N"], batch_size: int, sampling: Sampling = WITHOUT
) -> tuple[Float[ndarray, "G"], Float[ndarray, "G"]]:
    """The lowest and the highest mean that any mini-batch can have at each point: those of its B smallest and B largest.

    With replacement B times the smallest, and B times the largest.
    """
    if sampling == WITH:
        return to_numpy(values.amin(-1)), to_numpy(values.amax(-1))
    ordered = values.sort(-1).values
    return to_numpy(ordered[:, :batch_size].mean(-1)), to_numpy(ordered[:, -batch_size:].mean(-1))


def joint_shares(
    values: Float[Tensor, "G N"], batches: Float[Tensor, "N K"], each: int, back: int
) -> Float[ndarray, "G"]:
    """At each point, for what share of the pairs of mini-batches of one urn the mean is below 0 before and above 0 here.

    One of a pair is taken at the point `back` points before, the other here. By an epoch's shuffle they have no sample in
    common, so that P(− before, + here) is not P(− before) · P(+ here). The share is over all pairs of two of an urn.

    Args:
        values: Per-sample quantity.
        batches: As in `sign_shares`; the first `each` are of one urn, then come those of the next.
        each: Mini-batches of an urn, at least 2.
        back: How many points before; negative if that point comes after.

    Returns:
        The shares; NaN where there is no such point.
    """
    inside, sign, reach = batches.to(values), 1 if back > 0 else -1, abs(back)
    kept = torch.zeros(reach, inside.shape[1], dtype=torch.bool, device=values.device)
    pairs = []
    for begin in range(0, len(values), SIGN_ROWS_AT_A_TIME):
        sums = sign * (values[begin : begin + SIGN_ROWS_AT_A_TIME] @ inside)
        kept = torch.cat([kept, sums < 0])
        first, second = kept[: len(sums)], sums > 0
        ones, others = (side.unflatten(1, (-1, each)).sum(-1) for side in (first, second))
        pairs.append(to_numpy((ones * others).sum(1) - (first & second).sum(1)))
        kept = kept[len(sums) :]
    found = np.concatenate(pairs) / (inside.shape[1] * (each - 1))
    found[:reach] = np.nan
    return found if back > 0 else np.roll(found, back)


def noise_chance(samples: int, batches: Batches) -> float:
    """Probability of a minimum at a point of a line whose full-batch loss is constant: 1/3 where the noise is white.

    The point is the smallest of three exchangeable values. By an epoch's shuffle means of one urn have the correlation
    ρ = −B / (N − B): their covariance is −σ² / (N − 1), and `batch_factor` has their variance. Three of one urn are
    exchangeable as well. Where an epoch ends at the point or begins there, as it does at 2 / ⌊N / B⌋ of the points, the
    probability is 1/4 + arcsin(½ √(1 − ρ)) / 2π for normal noise.
    """
    each = batches.per_urn(samples)
    if each == 1:
        return 1 / 3
    correlation = -batches.size / (samples - batches.size)
    at_end = 0.25 + math.asin(math.sqrt(1 - correlation) / 2) / math.tau
    return 1 / 3 + 2 / each * (at_end - 1 / 3)


def noise_ceiling(points: int, chance: float = 1 / 3) -> float:
    """Expected strict local minima of white noise at n points of a line, n − 2 of them interior: (n − 2) / 3.

    Args:
        points: n.
        chance: That of an interior point; see `noise_chance`.
    """
    return max(0, points - 2) / (1 / chance)  # for 1/3 that is (n − 2) / 3 to the last digit


def noise_nngpps(points: int) -> float:
    """Expected NN-GPPs of independent noise whose sign is a fair coin, at n points of a line: (n − 1) / 4.

    Each of the n − 1 neighbouring pairs is negative, then positive with probability 1/2 · 1/2.
    """
    return max(0, points - 1) / 4


def nngpp_chance(negative: Float[ndarray, "*L A"], positive: Float[ndarray, "*L A"]) -> Float[ndarray, "*L A"]:
    """P(gᵢ₋₁ < 0) · P(gᵢ > 0) along lines, for independent mini-batches at the points; 0 at a line's first point.

    Its sum over a line is the expected number of NN-GPPs.
    """
    chance = np.zeros(positive.shape)
    chance[..., 1:] = negative[..., :-1] * positive[..., 1:]
    return chance


def plane_nngpp_chance(
    negative: Float[ndarray, "R S"],
    positive: Float[ndarray, "R S"],
    step: tuple[int, int],
    joint: Float[ndarray, "R S"] | None = None,
) -> Float[ndarray, "R S"]:
    """As `nngpp_chance` in a direction of a plane, or of some rows of it: P(g < 0) one step back times P(g > 0) here.

    Args:
        negative: P(g < 0); NaN at a hole.
        positive: P(g > 0), likewise.
        step: (rows, columns), each −1, 0 or 1.
        joint: P(g < 0 one step back and g > 0 here), where the two are not independent; NaN elsewhere.

    Returns:
        The probabilities; 0 where there is no point one step back, NaN at a hole and one step after it.
    """
    here, before = zip(*map(_shift_back, positive.shape, step), strict=True)
    chance = positive * 0.0
    product = negative[before] * positive[here]
    if joint is not None:
        product = np.where(np.isnan(joint[here]) | np.isnan(product), product, joint[here])
    chance[here] = product
    return chance


def plane_minima_chance(
    losses: Float[ndarray, "D R S"], step: tuple[int, int], urns: Integer[ndarray, "R S"] | None = None
) -> Float[ndarray, "R S"]:
    """As `chance_of_minimum` in a direction of a plane, or of some rows of it, between the points one step back and on.

    Args:
        losses: Draws of the loss; NaN at a hole.
        step: (rows, columns), each −1, 0 or 1.
        urns: Number of the urn of each point, if points share them. Where one of the neighbours is of the urn of the
            point itself, mini-batches of one draw belong together, and the chance is their share of the draws.

    Returns:
        The probabilities; 0 where there is no point one step back or on, NaN at a hole and beside it.
    """
    sides = tuple(zip(losses.shape[1:], step, strict=True))
    here, before, after = (
        tuple(slice(abs(along) + by * along, size - abs(along) + by * along) for size, along in sides)
        for by in (0, -1, 1)
    )
    chance = np.where(np.isnan(losses).any(0), np.nan, 0.0)
    triple = losses[:, *before], losses[:, *here], losses[:, *after]
    chance[here] = chance_of_minimum(*triple)
    if urns is not None:
        together = (urns[before] == urns[here]) | (urns[here] == urns[after])
        counted = np.where(np.isnan(chance[here]), np.nan, ((triple[0] > triple[1]) & (triple[1] < triple[2])).mean(0))
        chance[here] = np.where(together, counted, chance[here])
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


def _shift_back(size: int, step: int) -> tuple[slice, slice]:
    """Along one side of a plane: the places that have another one step back, and those others."""
    return slice(max(0, step), size + min(0, step)), slice(max(0, -step), size - max(0, step))


def to_numpy(values: Tensor) -> ndarray:
    """A tensor as a numpy array on the host."""
    return np.asarray(values.cpu().numpy())
