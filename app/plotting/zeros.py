"""Where a quantity is exactly 0 over whole cells of the plane: a patch, whose border is no change of sign."""

from __future__ import annotations

import numpy as np
from contourpy import contour_generator
from numpy import ndarray


def flat_points(values: ndarray, level: float = 0.0) -> ndarray:
    """Find the points of exactly flat patches: corners of cells that are 0, or at another level, at all four, (S, T).

    There is none where values have vanished all over, some of them to 0.

    >>> flat_points(np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 0.0], [1.0, 1.0, 1.0]])).astype(int).tolist()
    [[1, 1, 0], [1, 1, 0], [0, 0, 0]]
    """
    zero = values == level
    if 0 < np.nanmax(np.abs(values), initial=0.0) < np.finfo(np.float32).tiny:
        return np.zeros(values.shape, dtype=bool)
    cells = zero[:-1, :-1] & zero[:-1, 1:] & zero[1:, :-1] & zero[1:, 1:]
    found = np.zeros(values.shape, dtype=bool)
    for rows in (slice(None, -1), slice(1, None)):
        for columns in (slice(None, -1), slice(1, None)):
            found[rows, columns] |= cells
    return found


def without_flat(values: ndarray, level: float = 0.0) -> ndarray:
    """Return values with holes at the points of flat patches, for lines along which they pass the level."""
    return np.where(flat_points(values, level), np.nan, values)


def inside_flat(values: ndarray) -> ndarray:
    """Find the points that only flat cells meet, (S, T): those that can be left out while the patch is drawn itself."""
    flat = np.pad(flat_points(values), 1, constant_values=True)
    rows, columns = values.shape
    around = [flat[down : down + rows, right : right + columns] for down in range(3) for right in range(3)]
    return np.logical_and.reduce(around)


def find_zeros(x: ndarray, y: ndarray, values: ndarray) -> tuple[ndarray, ndarray] | None:
    """Find where values (T, S) at x (S,) and y (T,) pass 0; None if they do so nowhere.

    Returns:
        Coordinates x and y of lines, which end at holes, with a gap after each.
    """
    pieces = contour_generator(z=np.ma.masked_invalid(values)).lines(0.0)
    if not pieces:
        return None
    gap = np.full((1, 2), np.nan)
    column, row = np.concatenate([part for piece in pieces for part in (np.asarray(piece), gap)]).T
    return np.interp(column, np.arange(len(x)), x), np.interp(row, np.arange(len(y)), y)
