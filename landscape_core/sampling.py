"""Mini-batches: without replacement, a fresh one at every point, the same one for loss and slope.

A draw gives every point an urn of N samples in random order; a mini-batch of size B is its first B samples. So the
order does not depend on B: as B grows the batch only gains samples, and at B = N it holds them all.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
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

AT_ONCE = 2**17
"""Values that are gathered by one call into torch, where a draw has fewer."""

KEPT_BYTES = 128 * 2**20
"""Memory of the urns that are kept: a thousand draws on four lines of 100 points take 60 MB, whatever is computed there."""

LARGEST_KEPT = 4 * 2**20
"""Most bytes of the urns of one block that are kept: larger ones would drive all others out."""

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


def urn(
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
    """
    urns = _Urns(batches.seed, batches.purpose, draws, points, samples, part)
    urns.shuffle(batches.size)
    return urns.order


class _Urns:
    """Urns of some draws, shuffled so far; they can be shuffled further, which leaves the places before alone.

    Attributes:
        order: The samples of each urn, (R, N).
    """

    def __init__(
        self, seed: int, purpose: Purpose, draws: Sequence[int], points: int, samples: int, part: range | None
    ) -> None:
        rows = len(draws) * len(range(points) if part is None else part)
        self.order = np.tile(np.arange(samples, dtype=np.min_scalar_type(samples - 1)), (rows, 1))
        self._streams = [batch_stream(seed, purpose, draw) for draw in draws]
        self._points, self._part = points, part
        self._done = 0
        self._lock = threading.Lock()

    def shuffle(self, size: int) -> Integer[ndarray, "R B"]:
        """Shuffle until the first places hold mini-batches of a size, if that is not done; return those."""
        with self._lock:
            rows, samples = self.order.shape
            end = min(size, samples - 1)  # the last place has nowhere left to go
            flat = self.order.reshape(-1)
            first = np.arange(rows) * samples
            places = _places(self._streams, self._points, samples, self._part, range(self._done, end))
            for step, place in enumerate(places, self._done):
                chosen = first + place.astype(np.int64)
                here = first + step
                picked = flat[chosen]
                flat[chosen] = flat[here]
                flat[here] = picked
            self._done = max(self._done, end)
        return self.order[:, :size]


class _Kept:
    """Urns that were shuffled lately, within `KEPT_BYTES`, least recently used out first.

    Mini-batches do not depend on the network, so all start points and activations share them, and a larger batch only
    goes on where a smaller one stopped.
    """

    def __init__(self) -> None:
        self._urns: OrderedDict[tuple[object, ...], _Urns] = OrderedDict()
        self._nbytes = 0
        self._lock = threading.Lock()

    def batches(
        self, batches: Batches, draws: Sequence[int], points: int, samples: int, part: range | None
    ) -> Integer[ndarray, "R B"]:
        """As `urn(…)[:, :batches.size]`."""
        nbytes = len(draws) * len(range(points) if part is None else part) * samples
        if nbytes > LARGEST_KEPT:
            return urn(batches, draws, points, samples, part)[:, : batches.size]
        which = (batches.seed, batches.purpose, tuple(draws), points, samples, part)
        with self._lock:
            urns = self._urns.get(which)
            if urns is None:
                urns = self._urns[which] = _Urns(batches.seed, batches.purpose, draws, points, samples, part)
                self._nbytes += urns.order.nbytes
            self._urns.move_to_end(which)
            while self._nbytes > KEPT_BYTES:
                self._nbytes -= self._urns.popitem(last=False)[1].order.nbytes
        return urns.shuffle(batches.size)


_kept = _Kept()


def urn_rest(
    batches: Batches, draws: Sequence[int], points: int, samples: int, part: range | None = None
) -> Integer[ndarray, "R C"]:
    """The samples that a mini-batch leaves in its urn: `urn(…)[:, batches.size:]`, without the urn where they are few.

    The sample in one place of a shuffled urn is found by walking back through the steps: what the last step moved there
    came from that step's own place, and so on. That takes a comparison a step where shuffling takes a swap. The full
    batch leaves nothing.
    """
    count = samples - batches.size
    if count > FEW:
        return urn(batches, draws, points, samples, part)[:, batches.size :]
    kind = np.min_scalar_type(samples - 1)
    rows = len(draws) * len(range(points) if part is None else part)
    found = np.repeat(np.arange(batches.size, samples, dtype=kind)[:, None], rows, axis=1)
    if count:
        streams = [batch_stream(batches.seed, batches.purpose, draw) for draw in draws]
        end = min(batches.size, samples - 1)
        steps = [place.astype(kind) for place in _places(streams, points, samples, part, range(end))]
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
    into changes nothing.

    Args:
        values: Per-sample quantities, each (G, N).
        batches: Which mini-batches.
        draws: Numbers of the draws.
        first: Where the values are only part of a plane: number of their first point, in the plane.
        points: Likewise: how many points the plane has.

    Yields:
        For each quantity the means of the next draws, (draws in this block, G).
    """
    own = len(values[0])
    part = range(first, first + own)
    totals = [value.sum(-1) for value in values]
    at_once = max(1, BLOCK_ROWS // own)
    for begin in range(0, len(draws), at_once):
        block = draws[begin : begin + at_once]
        yield _means(values, totals, batches, block, points or own, part)


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
    return _means(values, [value.sum(-1) for value in values], batches, draws, 1, range(1))


def shared(batches: Batches, least: int, samples: int) -> Float[Tensor, "N K"]:
    """Mini-batches that are to be used at all points alike: 1 for each sample that is in a batch, 0 for the others.

    Each urn gives as many batches as it holds that do not overlap, or for batches of more than half of all samples, as
    many of which each leaves out other samples. So K is a multiple of that number, and at least `least`. Each batch alone
    is as likely as any other; together they are more even than independent ones, down to B = 1, where an urn holds them
    all. There is but one full batch.
    """
    part = min(batches.size, samples - batches.size)
    if not part:
        return torch.ones(samples, 1, dtype=torch.float64)
    each = samples // part
    drawn = range(shared_count(batches.size, least, samples) // each)
    urns = urn(Batches(part * each, batches.seed, batches.purpose), drawn, 1, samples)
    chosen = urns[:, : part * each].reshape(-1, part).astype(np.int64)
    inside = np.full((samples, len(chosen)), float(part != batches.size))
    inside[chosen.T, np.arange(len(chosen))] = float(part == batches.size)
    return torch.from_numpy(inside)


def shared_count(size: int, least: int, samples: int) -> int:
    """How many mini-batches of a size `shared` gives.

    >>> shared_count(10, 1000, 150), shared_count(1, 1000, 150), shared_count(150, 1000, 150)
    (1005, 1050, 1)
    """
    part = min(size, samples - size)
    return -(-least // (samples // part)) * (samples // part) if part else 1


def _means(
    values: Sequence[Float[Tensor, "G N"]],
    totals: Sequence[Float[Tensor, "G"]],
    batches: Batches,
    draws: Sequence[int],
    urns: int,
    part: range,
) -> tuple[Float[Tensor, "D G"], ...]:
    """Means of some draws, with an urn for every point or a single one for all of them; `part` says which urns."""
    # the smaller side of the urn is summed; the full batch leaves no rest, so that it equals the total exactly
    samples = values[0].shape[-1]
    rest = 2 * batches.size > samples
    chosen = (urn_rest if rest else _kept.batches)(batches, draws, urns, samples, part)
    index = torch.from_numpy(np.ascontiguousarray(chosen)).to(values[0].device).view(len(draws), len(part), -1)
    sums = _gathered_sums(values, index)
    return tuple(((total - found) if rest else found) / batches.size for total, found in zip(totals, sums, strict=True))


def _gathered_sums(
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


def _places(
    streams: Sequence[np.random.Philox], points: int, samples: int, part: range | None, steps: range
) -> Iterator[Integer[ndarray, "R"]]:
    """The places that steps of a shuffle swap with, step after step, each for the urns of the draws.

    The streams, one a draw, stand where the first of the steps begins. A step takes a whole number of 64-bit words from
    each draw's stream; an odd last half is left unused.
    """
    pairs = (points + 1) // 2
    wanted = slice(points) if part is None else slice(part.start, part.stop)
    at_once = max(1, BLOCK_ROWS // points)
    for begin in range(steps.start, steps.stop, at_once):
        count = min(at_once, steps.stop - begin)
        taken = [stream.random_raw(count * pairs).view(np.uint32).reshape(count, 2 * pairs) for stream in streams]
        for step, words in enumerate(np.stack(taken, axis=1)[..., wanted], begin):
            place = words.reshape(-1).astype(np.uint64)
            place *= np.uint64(samples - step)
            place >>= np.uint64(32)
            place += np.uint64(step)
            yield place
