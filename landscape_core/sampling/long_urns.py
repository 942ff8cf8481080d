"""Urns of many samples: the first places of a shuffle from its swaps, without the urn.

A partial Fisher-Yates shuffle of N samples touches at most 2B places. What ends in place j is what stood in place p_j when
step j swapped the two: p_j itself, unless an earlier step s with p_s = p_j moved there what had stood in place s. So B
places cost O(B log B), however large N is, where an urn costs O(N).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Integer
from numpy import ndarray


def take_first(places: Integer[ndarray, "R B"]) -> Integer[ndarray, "R B"]:
    """The first B samples of R shuffled urns.

    Args:
        places: p_j for each step j: which place, j or a later one, it swaps with place j.

    >>> take_first(np.array([[2, 2, 2]])).tolist()  # 0 1 2 → 2 1 0 → 2 0 1 → 2 0 1
    [[2, 0, 1]]
    """
    size = places.shape[1]
    step = np.arange(size, dtype=np.min_scalar_type(size))
    # where what stood in place s came from: the last step before s that swapped with it, or nowhere
    source = np.broadcast_to(step, places.shape).copy()
    row, early = _find((places < size) & (places != step))
    source[row, places[row, early]] = early  # of several steps the last is kept
    # steps in the order of their places, as one number each: sorting numbers is faster than sorting steps by places
    bits = size.bit_length()
    kind = np.uint32 if 8 * places.itemsize + bits <= 32 else np.uint64
    ordered = np.left_shift(places.astype(kind), bits) | step
    ordered.sort(axis=1)
    taken = np.right_shift(ordered, bits)
    row, column = _find(taken[:, 1:] == taken[:, :-1])  # places that were taken before, which are few
    before, again = ((ordered[row, column + after] & (2**bits - 1)).astype(np.int64) for after in (0, 1))
    while not np.array_equal(further := source[row, before], before):
        before = further
    found = places.copy()
    found[row, again] = before
    return found


def _find(wanted: Bool[ndarray, "R C"]) -> tuple[Integer[ndarray, "F"], Integer[ndarray, "F"]]:
    """Rows and columns of what is wanted: `np.nonzero`, several times as fast where that is little."""
    row, column = np.divmod(np.flatnonzero(wanted), max(1, wanted.shape[1]))
    return row, column
