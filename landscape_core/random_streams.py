"""Named, independent random streams.

Two seeds feed a study. `seed` gives the start point and the directions by a fixed recipe; `batch_seed` gives the
mini-batches, through counter-based generators: the numbers of draw 17 can be had without those of draws 0 to 16. Batches
use raw Philox words, whose values numpy guarantees across versions and platforms.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from jaxtyping import Float, Integer
from numpy import ndarray

START_HALF_WIDTH = 0.3
"""Start points are uniform in ±0.3: the scale at which the counts of Tables 1 and 2 come out best."""

Vector = Float[ndarray, "P"]


class Purpose(IntEnum):
    """What a stream is for; each purpose has its own, so that planes and lines do not share batches."""

    PLANE = 0
    LINES = 1
    STATIC = 2
    QUADRATICS = 3
    RACE = 4
    TRAINING = 5
    LINE_PROBE = 6
    POINT_PROBE = 7
    SIGNS = 8
    SUBSET = 9
    START = 10
    START_WEIGHTS = 11


@dataclass(frozen=True, eq=False)
class StartDraws:
    """The random numbers behind a start point and the directions of both domains, each of shape (P,)."""

    start: Vector
    first: Vector
    second: Vector
    local_second: Vector


def start_draws(seed: int, parameters: int) -> StartDraws:
    """Start point uniform in ±0.3, then three standard normal vectors, in this order from one generator."""
    generator = np.random.default_rng(seed)
    return StartDraws(
        start=generator.uniform(-START_HALF_WIDTH, START_HALF_WIDTH, parameters),
        first=generator.standard_normal(parameters),
        second=generator.standard_normal(parameters),
        local_second=generator.standard_normal(parameters),
    )


def batch_stream(batch_seed: int, purpose: Purpose, draw: int) -> np.random.Philox:
    """The generator behind one draw: one fresh mini-batch at every point."""
    return np.random.Philox(np.random.SeedSequence(batch_seed, spawn_key=(int(purpose), draw)))


class WordReader:
    """The 64-bit words of a Philox stream, read from any place at the cost of those that are read.

    Philox is counter-based: its words come in blocks of four, and the counter of a block can be set without making those
    before it.

    >>> stream = np.random.Philox(1)
    >>> words = stream.random_raw(100)
    >>> bool((WordReader(np.random.Philox(1)).read(30, 7) == words[30:37]).all())
    True
    """

    BLOCK = 4

    def __init__(self, stream: np.random.Philox) -> None:
        """Take over a stream that nothing has been read from."""
        self._stream = stream
        self._blocks = 0  # where the stream's counter stands

    def read(self, first: int, count: int) -> Integer[ndarray, "C"]:
        """The words number `first` to `first + count − 1` of the stream."""
        block, skipped = divmod(first, self.BLOCK)
        self._stream.advance(block - self._blocks)  # this drops what is left of a block; the counter may go back, too
        self._blocks = block - (-(skipped + count) // self.BLOCK)
        return self._stream.random_raw(skipped + count)[skipped:]
