"""Filters: the weights of one unit of a layer, as numbers in the order of a flat parameter vector."""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from jaxtyping import Integer
from numpy import ndarray


def number_filters(shapes: Iterable[tuple[int, ...]], axis: int = 0) -> Integer[ndarray, "P"]:
    """Which filter each parameter belongs to, from 0; −1 for none, as biases and single numbers have none.

    Where a filter would be a single weight, all of its tensor is one filter: a number has no direction.

    >>> number_filters([(2, 3), (2,)]).tolist()
    [0, 0, 0, 1, 1, 1, -1, -1]
    >>> number_filters([(2, 3), (2,), (1, 4)], axis=-1).tolist()
    [0, 1, 2, 0, 1, 2, -1, -1, 3, 3, 3, 3]

    Args:
        shapes: Of the parameters, each row-major, in their order.
        axis: Which axis of a tensor counts its filters: the first, as torch has it, unless a problem keeps them otherwise.
    """
    parts: list[ndarray] = []
    count = 0
    for shape in shapes:
        size = math.prod(shape)
        if len(shape) < 2 or size < 2:
            parts.append(np.full(size, -1))
            continue
        units = 1 if shape[axis] == size else shape[axis]
        along = [1] * len(shape)
        along[axis] = units
        parts.append(np.broadcast_to(count + np.arange(units).reshape(along), shape).ravel())
        count += units
    return np.concatenate([np.empty(0, dtype=np.int64), *parts])
