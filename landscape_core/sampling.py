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
    streams = [batch_stream(batches.seed, batches.purpose, draw) for draw in draws]
    rows = len(draws) * points
    order = np.tile(np.arange(samples, dtype=np.min_scalar_type(samples - 1)), (rows, 1))
    flat = order.reshape(-1)
    first = np.arange(rows) * samples
    for step in range(min(batches.size, samples - 1)):  # the last place has nowhere left to go
        words = np.concatenate([_words(stream, points) for stream in streams])
        chosen = first + step + ((words * np.uint64(samples - step)) >> np.uint64(32)).astype(np.int64)
        here = first + step
        picked = flat[chosen]
        flat[chosen] = flat[here]
        flat[here] = picked
    return order


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
    points, samples = values[0].shape
    totals = [value.sum(-1) for value in values]
    at_once = max(1, BLOCK_ROWS // points)
    # the smaller side of the urn is summed; the full batch leaves no rest, so that it equals the total exactly
    rest = 2 * batches.size > samples
    for begin in range(0, len(draws), at_once):
        block = draws[begin : begin + at_once]
        order = urn(batches, block, points, samples)
        chosen = order[:, batches.size :] if rest else order[:, : batches.size]
        index = torch.from_numpy(np.ascontiguousarray(chosen)).to(values[0].device)
        sums = [_gathered_sums(value, index.view(len(block), points, -1)) for value in values]
        yield tuple(
            ((total - found) if rest else found) / batches.size for total, found in zip(totals, sums, strict=True)
        )


def _gathered_sums(value: Float[Tensor, "G N"], index: Integer[Tensor, "D G C"]) -> Float[Tensor, "D G"]:
    """Σ over c of value[g, index[d, g, c]]."""
    return torch.stack([torch.gather(value, 1, one.long()).sum(-1) for one in index])


def _words(stream: np.random.Philox, count: int) -> Integer[ndarray, "G"]:
    """The next `count` 32-bit words of a stream (an odd last half word is left unused), widened to 64 bits."""
    return stream.random_raw((count + 1) // 2).view(np.uint32)[:count].astype(np.uint64)
