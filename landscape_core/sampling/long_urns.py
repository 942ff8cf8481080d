"""Urns of many samples: the first places of a shuffle from its swaps, without the urn.

A partial Fisher-Yates shuffle of N samples touches at most 2B places. What ends in place j is what stood in place p_j when
step j swapped the two: p_j itself, unless an earlier step s with p_s = p_j moved there what had stood in place s. So B
places cost O(B log B), however large N is, where an urn costs O(N).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Integer
from numpy import ndarray


def take_first(places: Integer[ndarray, "R B"]) -> Integer[ndarray, "R B"]:
    """The first B samples of R shuffled urns.

    Args:
        places: p_j for each step j: which place, j or a later one, it swaps with place j.

    >>> take_first(np.array([[2, 2, 2]])).tolist()  # 0 1 2 → 2 1 0 → 2 0 1 → 2 0 1
    [[2, 0, 1]]
    """
    size = places.shape[1]
    step = np.arange(size)
    # where what stood in place s came from: the last step before s that swapped with it, or nowhere
    source = np.broadcast_to(step, places.shape).copy()
    row, early = np.nonzero((places < size) & (places != step))
    source[row, places[row, early]] = early  # of several steps the last is kept
    while not np.array_equal(further := np.take_along_axis(source, source, 1), source):
        source = further
    order = np.argsort(places, axis=1, kind="stable")
    ordered = np.take_along_axis(places, order, 1)
    row, column = np.nonzero(ordered[:, 1:] == ordered[:, :-1])
    found = places.astype(np.int64)
    found[row, order[row, column + 1]] = source[row, order[row, column]]
    return found
