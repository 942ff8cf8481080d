"""Depth buffer: finds the nearest triangle at each pixel, so that surfaces intersect and hide lines exactly.

What one sees through is laid over it, the furthest first, where it is nearer than all that is opaque.

Polygons sorted by their distance, matplotlib's way, cut each other along saw-toothed edges and lie wrongly where they are
steep; here every pixel is decided for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy import ndarray

AT_ONCE = 8_192
"""Triangles rasterised at a time, which bounds the memory."""

NUMBER_BITS = np.uint64(26)
"""Bits of a pixel for the number of its triangle, below those of the depth."""

DEPTHS = 2.0**37
NOTHING = np.uint64(2**64 - 1)

Paint = Callable[[ndarray, ndarray], ndarray]
"""(numbers of triangles (n,), weights of their corners (n, 3)) → colours, (n, 3), from 0 to 1."""


@dataclass(frozen=True, eq=False)
class Layer:
    """Triangles with one paint function."""

    corners: ndarray  # x to the right, y down, both in pixels, and the depth from 0, near, to 1, far: (n, 3, 3)
    paint: Paint
    opacity: float = 1.0  # below 1, of several of its triangles at a pixel only the nearest is seen


def paint_plain(colour: tuple[float, float, float]) -> Paint:
    """Paint in one colour."""
    return lambda triangles, weights: np.broadcast_to(np.array(colour), (len(triangles), 3))


def make_ribbons(segments: ndarray, width: float, nearer: float) -> ndarray:
    """Turn line segments, (n, 2, 3), into triangles of a width in pixels, (2 n, 3, 3), moved nearer by `nearer`."""
    along = segments[:, 1, :2] - segments[:, 0, :2]
    along = along / np.maximum(np.hypot(along[:, 0], along[:, 1]), 1e-9)[:, None] * (width / 2)
    across = np.stack([-along[:, 1], along[:, 0]], axis=1)
    corners = np.repeat(segments, 2, axis=1)  # start, start, end, end
    corners[:, :2, :2] -= along[:, None]
    corners[:, 2:, :2] += along[:, None]
    corners[:, ::2, :2] += across[:, None]
    corners[:, 1::2, :2] -= across[:, None]
    corners[..., 2] -= nearer
    return np.concatenate([corners[:, :3], corners[:, 1:]])


def render_image(layers: Sequence[Layer], width: int, height: int, finer: int = 2) -> ndarray:
    """Render layers as red, green, blue and opacity: (height, width, 4), bytes.

    Args:
        layers: Corners are in pixels of the image.
        width: In pixels.
        height: In pixels.
        finer: Each pixel is the mean of so many pixels each way: smooths edges.
    """
    wide, high = width * finer, height * finer
    fine = [replace(layer, corners=layer.corners * (finer, finer, 1.0)) for layer in layers]
    opaque, colours = _paint_nearest([layer for layer in fine if layer.opacity == 1], wide, high)
    veils = [(*_paint_nearest([layer], wide, high), layer.opacity) for layer in fine if layer.opacity < 1]
    _lay_over(colours, opaque, veils)
    # colours are weighted by their opacity while they are averaged
    grid = colours.reshape(height, finer, width, finer, 4)
    mean = np.zeros((height, width, 4), dtype=np.float32)
    for row in range(finer):
        for column in range(finer):
            mean += grid[:, row, :, column]
    mean /= finer**2
    mean[..., :3] /= np.maximum(mean[..., 3:], 1e-6)
    return np.round(np.clip(mean, 0, 1) * 255).astype(np.uint8)


def _paint_nearest(layers: Sequence[Layer], wide: int, high: int) -> tuple[ndarray, ndarray]:
    """Paint the nearest triangle at each pixel: depths, and colours with an opacity of 1 or 0, (wide · high, 4)."""
    nearest = np.full(wide * high, NOTHING, dtype=np.uint64)
    first = 0
    for layer in layers:
        for start in range(0, len(layer.corners), AT_ONCE):
            _cover_pixels(nearest, layer.corners[start : start + AT_ONCE], first + start, wide, high)
        first += len(layer.corners)

    seen = np.flatnonzero(nearest != NOTHING)
    numbers = (nearest[seen] & ((np.uint64(1) << NUMBER_BITS) - np.uint64(1))).astype(np.int64)
    colours = np.zeros((wide * high, 4), dtype=np.float32)
    colours[seen, 3] = 1.0
    first = 0
    for layer in layers:
        chosen = (numbers >= first) & (numbers < first + len(layer.corners))
        pixels, triangles = seen[chosen], numbers[chosen] - first
        if len(pixels):
            weights = _weights(layer.corners[triangles], pixels % wide + 0.5, pixels // wide + 0.5)
            colours[pixels, :3] = layer.paint(triangles, weights)
        first += len(layer.corners)
    return nearest >> NUMBER_BITS, colours


def _lay_over(colours: ndarray, opaque: ndarray, veils: Sequence[tuple[ndarray, ndarray, float]]) -> None:
    """Lay (depths, colours, opacity) over colours in place, each weighted by its opacity, the furthest first."""
    if not veils:
        return
    depths = np.stack([depth for depth, _, _ in veils])
    furthest_first = np.argsort(depths, axis=0)[::-1]
    for rank in furthest_first:
        for number, (depth, veil, opacity) in enumerate(veils):
            shown = np.flatnonzero((rank == number) & (depth < opaque))
            colours[shown] = opacity * veil[shown] + (1 - opacity) * colours[shown]


def _cover_pixels(nearest: ndarray, corners: ndarray, first: int, wide: int, high: int) -> None:
    """Rasterise triangles into the buffer: their rows, then the pixels of each row."""
    x, y, depth = corners[..., 0], corners[..., 1], corners[..., 2]
    top = np.clip(np.ceil(y.min(axis=1) - 0.5), 0, high).astype(np.int64)
    bottom = np.clip(np.ceil(y.max(axis=1) - 0.5), 0, high).astype(np.int64)
    triangle, row = _list_indices(top, bottom)
    if not len(triangle):
        return

    # each edge crosses the middle of a row in at most one point
    left, right = np.full(len(row), np.inf), np.full(len(row), -np.inf)
    middle = row + 0.5
    for one, other in ((0, 1), (1, 2), (2, 0)):
        y0, y1 = y[triangle, one], y[triangle, other]
        crossed = (y0 <= middle) != (y1 <= middle)
        share = (middle - y0) / np.where(crossed, y1 - y0, 1.0)
        at = x[triangle, one] + share * (x[triangle, other] - x[triangle, one])
        left = np.where(crossed, np.minimum(left, at), left)
        right = np.where(crossed, np.maximum(right, at), right)
    some = right > left
    triangle, row, left, right = triangle[some], row[some], left[some], right[some]
    begin = np.clip(np.ceil(left - 0.5), 0, wide).astype(np.int64)
    end = np.clip(np.ceil(right - 0.5), 0, wide).astype(np.int64)
    span, column = _list_indices(begin, end)

    # the depth of a triangle is linear over the pixels
    x1, y1, d1 = x[:, 1] - x[:, 0], y[:, 1] - y[:, 0], depth[:, 1] - depth[:, 0]
    x2, y2, d2 = x[:, 2] - x[:, 0], y[:, 2] - y[:, 0], depth[:, 2] - depth[:, 0]
    area = x1 * y2 - x2 * y1
    area = np.where(np.abs(area) < 1e-9, np.inf, area)
    by_x, by_y = (d1 * y2 - d2 * y1) / area, (d2 * x1 - d1 * x2) / area
    at_edge = (
        depth[triangle, 0] + by_y[triangle] * (row + 0.5 - y[triangle, 0]) + by_x[triangle] * (0.5 - x[triangle, 0])
    )
    depths = np.clip(at_edge[span] + by_x[triangle][span] * column, 0.0, 1.0)
    packed = (depths * DEPTHS).astype(np.uint64) << NUMBER_BITS
    packed |= (triangle + first).astype(np.uint64)[span]
    np.minimum.at(nearest, (row * wide)[span] + column, packed)


def _list_indices(start: ndarray, stop: ndarray) -> tuple[ndarray, ndarray]:
    """List every integer of each range from start to stop, and the index of its range."""
    counts = np.maximum(stop - start, 0)
    which = np.repeat(np.arange(len(counts)), counts)
    offset = start - (np.cumsum(counts) - counts)
    return which, np.arange(len(which)) + offset[which]


def _weights(corners: ndarray, x: ndarray, y: ndarray) -> ndarray:
    """Return the barycentric weights of the corners at a pixel, (n, 3)."""
    (x0, y0), (x1, y1), (x2, y2) = (corners[:, corner, :2].T for corner in range(3))
    area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    area = np.where(np.abs(area) < 1e-9, np.inf, area)
    second = ((x - x0) * (y2 - y0) - (x2 - x0) * (y - y0)) / area
    third = ((x1 - x0) * (y - y0) - (x - x0) * (y1 - y0)) / area
    return np.stack([1 - second - third, second, third], axis=1)
