"""Mini-batches: without replacement, a fresh one at every point, the same one for loss and slope.

A draw gives every point an urn of N samples in random order; a mini-batch of size B is its first B samples. So the
order does not depend on B: as B grows the batch only gains samples, and at B = N it holds them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Integer
from numpy import ndarray
from torch import Tensor

from landscape_core.randomness import Purpose, batch_stream

BLOCK_ROWS = 10_000
"""Mini-batches drawn at a time: enough to keep array operations busy, few enough to stay in cache."""

FEW = 10
"""Samples left over up to which walking back through a shuffle is faster than shuffling."""


@dataclass(frozen=True)
class Batches:
    """Which mini-batches to draw.

    Attributes:
        size: B.
        seed: Seed of the mini-batches.
        purpose: Which stream.
    """

    size: int
    seed: int
    purpose: Purpose


def urn(batches: Batches, draws: Sequence[int], points: int, samples: int) -> Integer[ndarray, "R N"]:
    """The urns of some draws, shuffled as far as the batch size needs.

    A partial Fisher-Yates shuffle: step j swaps place j with a uniform place in j … N − 1. Uniform places come from
    32-bit words w as ⌊w · (N − j) / 2³²⌋, whose bias is below N / 2³².

    Returns:
        R = draws × points rows, draw after draw; the first B entries of a row are its mini-batch, the others the rest.
    """
    rows = len(draws) * points
    order = np.tile(np.arange(samples, dtype=np.min_scalar_type(samples - 1)), (rows, 1))
    flat = order.reshape(-1)
    first = np.arange(rows) * samples
    for step, place in enumerate(_places(batches, draws, points, samples)):
        chosen = first + place.astype(np.int64)
        here = first + step
        picked = flat[chosen]
        flat[chosen] = flat[here]
        flat[here] = picked
    return order


def urn_rest(batches: Batches, draws: Sequence[int], points: int, samples: int) -> Integer[ndarray, "R C"]:
    """The samples that a mini-batch leaves in its urn: `urn(…)[:, batches.size:]`, without the urn where they are few.

    The sample in one place of a shuffled urn is found by walking back through the steps: what the last step moved there
    came from that step's own place, and so on. That takes a comparison a step where shuffling takes a swap. The full
    batch leaves nothing.
    """
    count = samples - batches.size
    if count > FEW:
        return urn(batches, draws, points, samples)[:, batches.size :]
    kind = np.min_scalar_type(samples - 1)
    found = np.repeat(np.arange(batches.size, samples, dtype=kind)[:, None], len(draws) * points, axis=1)
    if count:
        steps = [place.astype(kind) for place in _places(batches, draws, points, samples)]
        for step in reversed(range(len(steps))):
            np.putmask(found, found == steps[step], kind.type(step))
    return found.T


def batch_means(
    values: Sequence[Float[Tensor, "G N"]], batches: Batches, draws: Sequence[int]
) -> Iterator[tuple[Float[Tensor, "D G"], ...]]:
    """Mini-batch means of several per-sample quantities, the same batches for all of them.

    Streamed: a block of draws at a time, in order, so that any number of draws fits in memory. Which block a draw falls
    into changes nothing.

    Args:
        values: Per-sample quantities, each (G, N).
        batches: Which mini-batches.
        draws: Numbers of the draws.

    Yields:
        For each quantity the means of the next draws, (draws in this block, G).
    """
    points = len(values[0])
    totals = [value.sum(-1) for value in values]
    at_once = max(1, BLOCK_ROWS // points)
    for begin in range(0, len(draws), at_once):
        block = draws[begin : begin + at_once]
        yield _means(values, totals, batches, block, points)


def static_means(
    values: Sequence[Float[Tensor, "G N"]], batches: Batches, draws: Sequence[int]
) -> tuple[Float[Tensor, "D G"], ...]:
    """As `batch_means`, but of *static* mini-batches: each draw is a single batch, kept at all of the points.

    Args:
        values: Per-sample quantities, each (G, N).
        batches: Which mini-batches.
        draws: Numbers of the draws.

    Returns:
        For each quantity the means of all draws, (D, G).
    """
    return _means(values, [value.sum(-1) for value in values], batches, draws, 1)


def _means(
    values: Sequence[Float[Tensor, "G N"]],
    totals: Sequence[Float[Tensor, "G"]],
    batches: Batches,
    draws: Sequence[int],
    urns: int,
) -> tuple[Float[Tensor, "D G"], ...]:
    """Means of some draws, with an urn for every point or a single one for all of them."""
    # the smaller side of the urn is summed; the full batch leaves no rest, so that it equals the total exactly
    samples = values[0].shape[-1]
    rest = 2 * batches.size > samples
    chosen = urn_rest(batches, draws, urns, samples) if rest else urn(batches, draws, urns, samples)[:, : batches.size]
    index = torch.from_numpy(np.ascontiguousarray(chosen)).to(values[0].device).view(len(draws), urns, -1)
    sums = [_gathered_sums(value, index) for value in values]
    return tuple(((total - found) if rest else found) / batches.size for total, found in zip(totals, sums, strict=True))


def _gathered_sums(value: Float[Tensor, "G N"], index: Integer[Tensor, "D U C"]) -> Float[Tensor, "D G"]:
    """Σ over c of value[g, index[d, u, c]], with an urn u for each point g or one for all."""
    return torch.stack([torch.gather(value, 1, one.long().expand(len(value), -1)).sum(-1) for one in index])


def _places(batches: Batches, draws: Sequence[int], points: int, samples: int) -> Iterator[Integer[ndarray, "R"]]:
    """The places that the steps of a shuffle swap with, step after step, each for all urns of the draws.

    A step takes a whole number of 64-bit words from each draw's stream; an odd last half is left unused.
    """
    streams = [batch_stream(batches.seed, batches.purpose, draw) for draw in draws]
    steps = min(batches.size, samples - 1)  # the last place has nowhere left to go
    pairs = (points + 1) // 2
    at_once = max(1, BLOCK_ROWS // points)
    for begin in range(0, steps, at_once):
        count = min(at_once, steps - begin)
        taken = [stream.random_raw(count * pairs).view(np.uint32).reshape(count, 2 * pairs) for stream in streams]
        for step, words in enumerate(np.stack(taken, axis=1)[..., :points], begin):
            place = words.reshape(-1).astype(np.uint64)
            place *= np.uint64(samples - step)
            place >>= np.uint64(32)
            place += np.uint64(step)
            yield place
