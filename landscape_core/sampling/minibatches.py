"""Mini-batches: one at every point, the same one for loss and slope, drawn in one of three ways.

*Without replacement* a draw gives every point an urn of N samples in random order; a mini-batch of size B is its first B
samples. So the order does not depend on B: as B grows the batch only gains samples, and at B = N it holds them all.
*With replacement* each of the B samples is any of the N, whatever the others are. By *an epoch's shuffle* one urn serves
⌊N / B⌋ successive points, each with its next B samples; then comes a fresh urn.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
import torch
from cachetools import LRUCache, cached
from jaxtyping import Float, Integer
from numpy import ndarray
from torch import Tensor

from landscape_core.random_streams import Purpose, WordReader, batch_stream
from landscape_core.sampling.long_urns import take_first

Sampling = Literal["without-replacement", "with-replacement", "epoch-shuffle"]
"""How mini-batches are drawn."""

WITHOUT: Final = "without-replacement"
WITH: Final = "with-replacement"
SHUFFLE: Final = "epoch-shuffle"

BLOCK_ROWS = 10_000
"""Mini-batches drawn at a time: enough to keep array operations busy, few enough to stay in cache."""

AT_ONCE = 2**17
"""Values that are gathered by one call into torch, where a draw has fewer."""

KEPT_BYTES = 128 * 2**20
"""Memory of the urns that are kept: a thousand draws on four lines of 100 points take 60 MB, whatever is computed there."""

LARGEST_KEPT = 4 * 2**20
"""Most bytes of the urns of one block that are kept: larger ones would drive all others out."""

LARGEST_URNS = 32 * 2**20
"""Most samples in the urns that are shuffled at a time."""

SPARSE_SAMPLES = 1_000
"""Samples above which mini-batches shared by all points are a sparse matrix, whose sums take the time of B, not of N."""

FEW = 10
"""Samples left over up to which walking back through a shuffle is faster than shuffling."""


@dataclass(frozen=True)
class Batches:
    """Which mini-batches to draw.

    Attributes:
        size: B.
        seed: Seed of the mini-batches.
        purpose: Which stream.
        sampling: How they are drawn.
    """

    size: int
    seed: int
    purpose: Purpose
    sampling: Sampling = WITHOUT

    def per_urn(self, samples: int) -> int:
        """How many successive mini-batches come out of one urn of N samples.

        >>> Batches(10, 0, Purpose.LINES).per_urn(150), Batches(10, 0, Purpose.LINES, "epoch-shuffle").per_urn(150)
        (1, 15)
        """
        return samples // self.size if self.sampling == SHUFFLE else 1


def shuffle_urns(
    batches: Batches, draws: Sequence[int], points: int, samples: int, part: range | None = None
) -> Integer[ndarray, "R N"]:
    """The urns of some draws, shuffled as far as the batch size needs.

    A partial Fisher-Yates shuffle: step j swaps place j with a uniform place in j … N − 1. Uniform places come from
    32-bit words w as ⌊w · (N − j) / 2³²⌋, whose bias is below N / 2³².

    Args:
        batches: Which mini-batches.
        draws: Numbers of the draws.
        points: G, the points that have an urn each.
        samples: N.
        part: Neighbouring points, if not all are wanted; their urns are the same as among all.

    Returns:
        R = draws × points rows, draw after draw; the first B entries of a row are its mini-batch, the others the rest.
        With replacement they are no rest, and mean nothing.
    """
    replaced = batches.sampling == WITH
    urns = _Urns(batches.seed, batches.purpose, draws, points, samples, part or range(points), replaced)
    urns.shuffle(batches.size)
    return urns.order


class _Urns:
    """Urns of some draws, shuffled so far; they can be shuffled further, which leaves the places before alone.

    Attributes:
        order: The samples of each urn, (R, N); with replacement, as many of its places as have been drawn.
    """

    def __init__(
        self,
        seed: int,
        purpose: Purpose,
        draws: Sequence[int],
        points: int,
        samples: int,
        part: range,
        replaced: bool = False,
    ) -> None:
        rows = len(draws) * len(part)
        self.order = np.tile(np.arange(samples, dtype=np.min_scalar_type(samples - 1)), (rows, 1))
        self._readers = _open_streams(seed, purpose, draws)
        self._points, self._part, self._replaced = points, part, replaced
        self._done = 0
        self._lock = threading.Lock()

    def shuffle(self, size: int) -> Integer[ndarray, "R B"]:
        """Shuffle until the first places hold mini-batches of a size, if that is not done; return those."""
        with self._lock:
            rows, samples = self.order.shape
            end = size if self._replaced else min(size, samples - 1)  # the last place has nowhere left to go
            flat = self.order.reshape(-1)
            first = np.arange(rows) * samples
            steps = range(self._done, end)
            places = _draw_places(self._readers, self._points, samples, self._part, steps, self._replaced)
            for step, place in enumerate(places, self._done):
                if self._replaced:
                    self.order[:, step] = place
                    continue
                chosen = first + place.astype(np.int64)
                here = first + step
                picked = flat[chosen]
                flat[chosen] = flat[here]
                flat[here] = picked
            self._done = max(self._done, end)
        return self.order[:, :size]


@cached(LRUCache(KEPT_BYTES, getsizeof=lambda urns: urns.order.nbytes), lock=threading.Lock())
def _recall_urns(
    seed: int, purpose: Purpose, draws: tuple[int, ...], points: int, samples: int, part: range, replaced: bool
) -> _Urns:
    """Urns that were shuffled lately, or new ones.

    Mini-batches do not depend on the network, so all start points and activations share them, and a larger batch only
    goes on where a smaller one stopped.
    """
    return _Urns(seed, purpose, draws, points, samples, part, replaced)


def _draw_batches(
    batches: Batches, draws: Sequence[int], points: int, samples: int, part: range
) -> Integer[ndarray, "R B"]:
    """As `shuffle_urns(…)[:, :batches.size]`, from kept urns unless they are too large."""
    if len(draws) * len(part) * samples > LARGEST_KEPT:
        return first_samples(batches, draws, points, samples, part)
    stream = batches.seed, batches.purpose, tuple(draws), points, samples, part, batches.sampling == WITH
    return _recall_urns(*stream).shuffle(batches.size)


def first_samples(
    batches: Batches, draws: Sequence[int], points: int, samples: int, part: range | None = None
) -> Integer[ndarray, "R B"]:
    """As `shuffle_urns(…)[:, :batches.size]`, without urns where a mini-batch is a small part of one."""
    if 4 * batches.size > samples and batches.sampling != WITH:
        return shuffle_urns(batches, draws, points, samples, part)[:, : batches.size]
    replaced = batches.sampling == WITH
    readers, kind = _open_streams(batches.seed, batches.purpose, draws), np.min_scalar_type(samples - 1)
    steps = _draw_places(readers, points, samples, part or range(points), range(batches.size), replaced)
    places = np.stack([place.astype(kind) for place in steps], axis=1)
    return places if replaced else take_first(places)


def choose_samples(
    batches: Batches, draws: Sequence[int], points: int, samples: int, part: range
) -> Integer[ndarray, "D C B"]:
    """The samples of the mini-batches at some of G successive points.

    Args:
        batches: Which mini-batches.
        draws: Numbers of the draws.
        points: G.
        samples: N.
        part: C neighbouring points.
    """
    each = batches.per_urn(samples)
    urns = range(part.start // each, -(-part.stop // each))
    whole = replace(batches, size=each * batches.size)
    order = _draw_batches(whole, draws, -(-points // each), samples, urns)
    begin = part.start - each * urns.start
    return order.reshape(len(draws), -1, batches.size)[:, begin : begin + len(part)]


def choose_subset(samples: int, count: int) -> Integer[ndarray, "C"]:
    """A random subset of so many of N samples, in ascending order: always the same one."""
    words = batch_stream(0, Purpose.SUBSET, 0).random_raw(samples)
    return np.sort(np.argsort(words, kind="stable")[:count])


def find_urn_rest(
    batches: Batches, draws: Sequence[int], points: int, samples: int, part: range
) -> Integer[ndarray, "R C"]:
    """The samples that a mini-batch leaves in its urn: `shuffle_urns(…)[:, batches.size:]`, without it where they are few.

    The sample in one place of a shuffled urn is found by walking back through the steps: what the last step moved there
    came from that step's own place, and so on. That takes a comparison a step where shuffling takes a swap. The full
    batch leaves nothing.
    """
    count = samples - batches.size
    if count > FEW:
        return shuffle_urns(batches, draws, points, samples, part)[:, batches.size :]
    kind = np.min_scalar_type(samples - 1)
    found = np.repeat(np.arange(batches.size, samples, dtype=kind)[:, None], len(draws) * len(part), axis=1)
    if count:
        readers = _open_streams(batches.seed, batches.purpose, draws)
        end = min(batches.size, samples - 1)
        steps = [place.astype(kind) for place in _draw_places(readers, points, samples, part, range(end))]
        for step in reversed(range(len(steps))):
            np.putmask(found, found == steps[step], kind.type(step))
    return found.T


def batch_means(
    values: Sequence[Float[Tensor, "G N"]],
    batches: Batches,
    draws: Sequence[int],
    *,
    first: int = 0,
    points: int | None = None,
) -> Iterator[tuple[Float[Tensor, "D G"], ...]]:
    """Mini-batch means of several per-sample quantities, the same batches for all of them.

    Streamed: a block of draws at a time, in order, so that any number of draws fits in memory. Which block a draw falls
    into changes nothing. By an epoch's shuffle the points are visited one after another, and the first begins an epoch.

    Args:
        values: Per-sample quantities, each (G, N).
        batches: Which mini-batches.
        draws: Numbers of the draws.
        first: Where the values are only part of a plane: number of their first point, in the plane.
        points: Likewise: how many points the plane has.

    Yields:
        For each quantity the means of the next draws, (draws in this block, G).
    """
    own, samples = values[0].shape
    part = range(first, first + own)
    totals = [value.sum(-1) for value in values]
    at_once = max(1, min(BLOCK_ROWS, LARGEST_URNS // samples) // own)
    for begin in range(0, len(draws), at_once):
        block = draws[begin : begin + at_once]
        if _sums_rest(batches, samples):
            chosen = find_urn_rest(batches, block, points or own, samples, part).reshape(len(block), own, -1)
        else:
            chosen = choose_samples(batches, block, points or own, samples, part)
        yield _compute_means(values, totals, batches, chosen)


def static_means(
    values: Sequence[Float[Tensor, "G N"]], batches: Batches, draws: Sequence[int]
) -> tuple[Float[Tensor, "D G"], ...]:
    """As `batch_means`, but of *static* mini-batches: each draw is a single batch, kept at all of the points.

    By an epoch's shuffle successive draws share an urn.

    Args:
        values: Per-sample quantities, each (G, N).
        batches: Which mini-batches.
        draws: Numbers of the draws.

    Returns:
        For each quantity the means of all draws, (D, G).
    """
    samples = values[0].shape[-1]
    if _sums_rest(batches, samples):
        chosen = find_urn_rest(batches, draws, 1, samples, range(1))
    else:
        each = batches.per_urn(samples)
        urns = sorted({draw // each for draw in draws})
        order = _draw_batches(replace(batches, size=each * batches.size), urns, 1, samples, range(1))
        chosen = order.reshape(-1, batches.size)[[each * urns.index(draw // each) + draw % each for draw in draws]]
    return _compute_means(values, [value.sum(-1) for value in values], batches, chosen[:, None])


def _sums_rest(batches: Batches, samples: int) -> bool:
    """Whether what a mini-batch leaves in its urn is the smaller side, which is summed and taken from the total."""
    return 2 * batches.size > samples and batches.sampling != WITH


def draw_shared(batches: Batches, least: int, samples: int) -> Float[Tensor, "N K"]:
    """Mini-batches that are to be used at all points alike: how often each sample is in a batch.

    Each urn gives as many batches as it holds that do not overlap, or for batches of more than half of all samples, as
    many of which each leaves out other samples. So K is a multiple of that number, and at least `least`. Each batch alone
    is as likely as any other; together they are more even than independent ones, down to B = 1, where an urn holds them
    all. There is but one full batch. With replacement there are `least`, each drawn alone.
    """
    if batches.sampling == WITH:
        drawn = choose_samples(batches, [0], least, samples, range(least))[0]
        times = np.zeros((samples, least))
        np.add.at(times, (drawn, np.arange(least)[:, None]), 1.0)
        return torch.from_numpy(times)
    part = min(batches.size, samples - batches.size)
    if not part:
        return torch.ones(samples, 1, dtype=torch.float64)
    each = samples // part
    number = range(count_shared(batches.size, least, samples) // each)
    urns = shuffle_urns(Batches(part * each, batches.seed, batches.purpose), number, 1, samples)
    chosen = urns[:, : part * each].reshape(-1, part).astype(np.int64)
    if samples > SPARSE_SAMPLES and part == batches.size:
        ends = torch.arange(0, chosen.size + 1, part)
        ones = torch.ones(chosen.size, dtype=torch.float64)
        ordered = torch.from_numpy(np.sort(chosen, 1).reshape(-1))
        return torch.sparse_csc_tensor(ends, ordered, ones, (samples, len(chosen)))
    inside = np.full((samples, len(chosen)), float(part != batches.size))
    inside[chosen.T, np.arange(len(chosen))] = float(part == batches.size)
    return torch.from_numpy(inside)


def count_shared(size: int, least: int, samples: int, sampling: Sampling = WITHOUT) -> int:
    """How many mini-batches of a size `draw_shared` gives.

    >>> count_shared(10, 1000, 150), count_shared(1, 1000, 150), count_shared(150, 1000, 150)
    (1005, 1050, 1)
    """
    if sampling == WITH:
        return least
    part = min(size, samples - size)
    return -(-least // (samples // part)) * (samples // part) if part else 1


def _compute_means(
    values: Sequence[Float[Tensor, "G N"]],
    totals: Sequence[Float[Tensor, "G"]],
    batches: Batches,
    chosen: Integer[ndarray, "D U C"],
) -> tuple[Float[Tensor, "D G"], ...]:
    """Means of some draws, with a mini-batch for every point or a single one for all; `chosen` is the side to be summed."""
    # the full batch leaves no rest, so that it equals the total exactly
    rest = _sums_rest(batches, values[0].shape[-1])
    sums = _sum_gathered(values, torch.from_numpy(np.ascontiguousarray(chosen)).to(values[0].device))
    return tuple(((total - found) if rest else found) / batches.size for total, found in zip(totals, sums, strict=True))


def _sum_gathered(
    values: Sequence[Float[Tensor, "G N"]], index: Integer[Tensor, "D U C"]
) -> list[Float[Tensor, "D G"]]:
    """Σ over c of value[g, index[d, u, c]] for each of the values, with an urn u for each point g or one for all."""
    points, (draws, _, each) = len(values[0]), index.shape
    at_once = max(1, AT_ONCE // (points * each)) if each else draws
    sums = [value.new_empty(draws, points) for value in values]
    for begin in range(0, draws, at_once):
        some = index[begin : begin + at_once]
        places = some.transpose(0, 1).flatten(1).long().expand(points, -1)
        for value, found in zip(values, sums, strict=True):
            gathered = torch.gather(value, 1, places).view(points, len(some), each)
            found[begin : begin + at_once] = gathered.sum(-1).T
    return sums


def _open_streams(seed: int, purpose: Purpose, draws: Sequence[int]) -> list[WordReader]:
    return [WordReader(batch_stream(seed, purpose, draw)) for draw in draws]


def _draw_places(
    readers: Sequence[WordReader], points: int, samples: int, part: range, steps: range, replaced: bool = False
) -> Iterator[Integer[ndarray, "R"]]:
    """The places that steps of a shuffle swap with, step after step, each for the urns of the draws; or any places.

    A step takes half a 64-bit word a point from each draw's stream; an odd last half is left unused. Only the words of
    the wanted points are made.
    """
    pairs, first, last = (points + 1) // 2, part.start // 2, (part.stop + 1) // 2
    width = last - first
    at_once = max(1, BLOCK_ROWS // points) if width == pairs else 1  # only whole steps lie side by side
    own = slice(part.start - 2 * first, part.stop - 2 * first)
    for begin in range(steps.start, steps.stop, at_once):
        count = min(at_once, steps.stop - begin)
        taken = [reader.read(begin * pairs + first, count * width) for reader in readers]
        words = np.stack([found.view(np.uint32).reshape(count, 2 * width) for found in taken], axis=1)
        for step, halves in enumerate(words[..., own], begin):
            place = halves.reshape(-1).astype(np.uint64)
            fixed = np.uint64(0 if replaced else step)
            place *= np.uint64(samples) - fixed
            place >>= np.uint64(32)
            place += fixed
            yield place
