"""Scenes on paper: surfaces, meshes and sheets as triangles, in a box with ticks at its rim."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy import ndarray

from app.figures.style import NEGATIVE, POSITIVE, UNCERTAIN, Palette
from app.pictures import WHITE, Curve, Layer, Mesh, Scene, Sheet, Surface, Underside
from app.prints import depth
from app.prints.bar import ColourBar
from app.prints.camera import SIDES, Margins, View
from app.prints.legend import key
from app.prints.look import (
    HAIRLINE,
    NORMAL,
    POINT,
    SMALL,
    Box,
    Look,
    ends,
    field,
    number,
    scale,
    text,
    text_width,
    ticks,
)

MARGINS = Margins(left=0.5, right=0.14, bottom=0.2, top=0.04)
BARE = Margins(0.0, 0.0, 0.0, 0.0)
BAR_SHARE = 0.62
"""Height of a colour bar as a share of the picture's, as on the page."""

MOST_POINTS = 300
"""Along a side: more cannot be told apart on paper."""

BARE_POINTS = 40
MESH_LINES = 13
SHEET_POINTS = 25
WIRE, HEAVY, ZERO = 0.5, 0.9, 0.9
"""Widths of lines, in points."""

NEARER = 0.004
"""How much nearer lines are drawn than they are, so that a surface that holds them does not hide them."""

AMBIENT, DIFFUSE = 0.66, 0.42
CLASSES = np.array([to_rgb(NEGATIVE), to_rgb(UNCERTAIN), to_rgb(POSITIVE)])


def draw_scene(figure: Figure, box: Box, scene: Scene, look: Look) -> None:
    """Draw a scene into a rectangle of the sheet."""
    axes = field(figure, box)
    margins = BARE if look.bare else _explain(figure, axes, box, scene, look)
    view = View(box.width, box.height, margins, below=scene.below)
    low, high = _heights(scene)
    if not look.bare:
        _furniture(axes, view, scene, (low, high), look.palette)
    width, height = round(box.width * figure.dpi), round(box.height * figure.dpi)
    picture = depth.image(_layers(scene, view, (low, high), box.height, figure.dpi, look), width, height)
    axes.imshow(picture, extent=(0, box.width, 0, box.height), aspect="auto", interpolation="none", zorder=2)


def _explain(figure: Figure, axes: Axes, box: Box, scene: Scene, look: Look) -> Margins:
    """What the colours stand for: bars beside surfaces, a key above classes; returns the margins that they leave."""
    seen = _seen(scene)
    classes = [layer for layer in seen if isinstance(layer, Underside)]
    entries = {
        (colour, words): None  # once each, in this order
        for index, colour in enumerate((NEGATIVE, UNCERTAIN, POSITIVE))
        for layer in classes
        if (words := layer.meanings[index]) and (layer.classes == index).any()
    }
    tall = key(axes, (MARGINS.left, box.width, box.height), list(entries), look)
    bars = [
        # the upright axis has its title already
        ColourBar(
            *scale(layer.colours, layer.values, look.palette, layer.high),
            "" if layer.name == scene.quantity else layer.name,
        )
        for layer in seen
        if isinstance(layer, Surface) and np.isfinite(layer.values).any()
    ]
    right = MARGINS.right + sum(bar.room for bar in bars)
    beside = box.width - right
    for bar in bars:
        room = Box(box.left, box.bottom + (1 - BAR_SHARE) / 2 * box.height, beside, BAR_SHARE * box.height)
        bar.draw(figure, room, look)
        beside += bar.room
    return replace(MARGINS, right=right, top=MARGINS.top + tall)


def _seen(scene: Scene) -> list[Layer]:
    """The layers that are drawn: an underside stands for what lies over it, and is hidden by it from above."""
    undersides = any(isinstance(layer, Underside) for layer in scene.layers)
    others = any(isinstance(layer, Surface | Sheet) for layer in scene.layers)
    if scene.below and undersides:
        return [layer for layer in scene.layers if isinstance(layer, Mesh | Underside | Curve)]
    return [layer for layer in scene.layers if not (others and isinstance(layer, Underside))]


def _heights(scene: Scene) -> tuple[float, float]:
    """Where the box begins and ends upright."""
    arrays = [
        np.array([layer.height])
        if isinstance(layer, Sheet)
        else layer.z
        if isinstance(layer, Curve)
        else (layer.lowest if isinstance(layer, Underside) else layer.values)
        for layer in scene.layers
    ]
    low, high = ends(arrays) or (0.0, 1.0)
    return (low, high) if high > low else (low - (abs(low) or 1.0) / 2, high + (abs(high) or 1.0) / 2)


class _Box:
    """The plane and the heights as shares of the box, and from there to dots."""

    def __init__(
        self, scene: Scene, view: View, heights: tuple[float, float], tall: float, dpi: float, most: int
    ) -> None:
        self._view, self._heights, self._tall, self._dpi = view, heights, tall, dpi
        self.columns, self.rows = _thinned(len(scene.x), most), _thinned(len(scene.y), most)
        self.x, self.y = _shares(scene.x)[self.columns], _shares(scene.y)[self.rows]
        self._x, self._y = scene.x, scene.y
        self.line = dpi * POINT

    def grid(self, values: ndarray) -> ndarray:
        """A surface over the plane as points in the box, (S, T, 3)."""
        low, high = self._heights
        across, along = np.meshgrid(self.x, self.y)
        chosen = self.chosen(values)
        return np.stack([across, along, (np.where(np.isfinite(chosen), chosen, np.nan) - low) / (high - low)], axis=-1)

    def place(self, x: ndarray, y: ndarray, z: ndarray) -> ndarray:
        """Points of the plane and their heights as points in the box, (A, 3)."""
        low, high = self._heights
        shares = [(along - axis[0]) / (axis[-1] - axis[0]) for along, axis in ((x, self._x), (y, self._y))]
        return np.stack([*shares, (z - low) / (high - low)], axis=-1)

    def chosen(self, values: ndarray) -> ndarray:
        """The values that are drawn: all, unless they are more than can be told apart."""
        return values[np.ix_(self.rows, self.columns)]

    def dots(self, points: ndarray) -> ndarray:
        """Points in the box as dots, y down, and depth."""
        return (self._view(points) * (1, -1, 1) + (0, self._tall, 0)) * (self._dpi, self._dpi, 1)

    def share(self, height: float) -> float:
        """A height as a share of the box."""
        low, high = self._heights
        return (height - low) / (high - low)

    def light(self, points: ndarray) -> ndarray:
        """How brightly a surface is lit at its points, (S, T): from over the left shoulder of the eye."""
        heights = points[..., 2] * SIDES[2]
        by_y, by_x = np.gradient(heights, self.y, self.x) if min(heights.shape) > 1 else (heights * 0, heights * 0)
        normals = np.stack([-by_x, -by_y, np.ones_like(by_x)], axis=-1)
        normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
        up = 1.0 if self._view.backward[2] > 0 else -1.0
        source = self._view.backward + np.array([-0.9, -0.35, 0.9 * up])
        lit = np.clip(up * normals @ (source / np.linalg.norm(source)), 0.0, None)
        return AMBIENT + DIFFUSE * np.nan_to_num(lit, nan=0.8)


def _layers(
    scene: Scene, view: View, heights: tuple[float, float], tall: float, dpi: float, look: Look
) -> list[depth.Layer]:
    box = _Box(scene, view, heights, tall, dpi, BARE_POINTS if look.bare else MOST_POINTS)
    layers: list[depth.Layer] = []
    for layer in _seen(scene):
        if isinstance(layer, Mesh):
            layers.append(_mesh(layer, box, look.palette))
        elif isinstance(layer, Curve):
            layers.append(_curve(layer, box, look.palette))
        elif isinstance(layer, Underside):
            layers.append(_underside(layer, box))
        elif isinstance(layer, Sheet):
            layers.append(_sheet(layer, box, look.palette))
        else:
            layers += _surface(layer, box, look.palette)
    return layers


def _surface(layer: Surface, box: _Box, palette: Palette) -> list[depth.Layer]:
    points = box.grid(layer.values)
    corners = _triangles(points)
    colours, norm = scale(layer.colours, layer.values, palette, layer.high)
    table = colours(np.linspace(0, 1, 1024))[:, :3]
    values = box.chosen(layer.values).ravel()[corners]
    light = box.light(points).ravel()[corners]
    low, high = float(norm.vmin or 0.0), float(norm.vmax or 0.0)

    def paint(triangles: ndarray, weights: ndarray) -> ndarray:
        share = ((values[triangles] * weights).sum(axis=1) - low) / (high - low)
        lit = (light[triangles] * weights).sum(axis=1)
        return np.clip(table[np.clip(share * 1023, 0, 1023).astype(np.int64)] * lit[:, None], 0, 1)

    flat = points.reshape(-1, 3)
    layers = [depth.Layer(box.dots(flat[corners]), paint)]
    if layer.colours == "slope":
        segments = box.dots(_zero(flat[corners], values))
        layers.append(depth.Layer(depth.ribbons(segments, ZERO * box.line, NEARER), depth.plain((0.0, 0.0, 0.0))))
    return layers


def _underside(layer: Underside, box: _Box) -> depth.Layer:
    points = box.grid(layer.lowest)
    corners = _triangles(points)
    classes = np.nan_to_num(box.chosen(layer.classes), nan=1.0).ravel()[corners]
    light = box.light(points).ravel()[corners]

    def paint(triangles: ndarray, weights: ndarray) -> ndarray:
        # a dot is of the class of the corner that is next to it
        nearest = classes[triangles, weights.argmax(axis=1)].astype(np.int64)
        return np.clip(CLASSES[np.clip(nearest, 0, 2)] * (light[triangles] * weights).sum(axis=1)[:, None], 0, 1)

    return depth.Layer(box.dots(points.reshape(-1, 3)[corners]), paint)


def _sheet(layer: Sheet, box: _Box, palette: Palette) -> depth.Layer:
    side = np.linspace(0, 1, SHEET_POINTS)
    across, along = np.meshgrid(side, side)
    points = np.stack([across, along, np.full_like(across, box.share(layer.height))], axis=-1)
    return depth.Layer(box.dots(points.reshape(-1, 3)[_triangles(points)]), depth.plain(to_rgb(palette.sheet)))


def _curve(layer: Curve, box: _Box, palette: Palette) -> depth.Layer:
    points = box.dots(box.place(layer.x, layer.y, layer.z))
    segments = np.stack([points[:-1], points[1:]], axis=1)
    segments = segments[np.isfinite(segments).all(axis=(1, 2))]
    colour = "#ffffff" if layer.style == WHITE else palette.lines[layer.style % len(palette.lines)]
    return depth.Layer(depth.ribbons(segments, HEAVY * box.line, NEARER), depth.plain(to_rgb(colour)))


def _mesh(layer: Mesh, box: _Box, palette: Palette) -> depth.Layer:
    points = box.dots(box.grid(layer.values))
    strands = [points[row] for row in _thinned(len(points), MESH_LINES)]
    strands += [points[:, column] for column in _thinned(points.shape[1], MESH_LINES)]
    segments = np.concatenate([np.stack([strand[:-1], strand[1:]], axis=1) for strand in strands])
    segments = segments[np.isfinite(segments).all(axis=(1, 2))]
    width, colour = (HEAVY, palette.ink) if layer.heavy else (WIRE, palette.wire)
    return depth.Layer(depth.ribbons(segments, width * box.line, NEARER), depth.plain(to_rgb(colour)))


def _triangles(points: ndarray) -> ndarray:
    """Two triangles a cell as indices into the flattened points, (n, 3); cells with holes are left out."""
    number = np.arange(points[..., 0].size).reshape(points.shape[:2])
    cells = np.stack([number[:-1, :-1], number[:-1, 1:], number[1:, 1:], number[1:, :-1]], axis=-1).reshape(-1, 4)
    heights = points[..., 2].ravel()[cells]
    whole = np.isfinite(heights).all(axis=1)
    cells, heights = cells[whole], heights[whole]
    # a cell is folded along the diagonal that climbs less: ridges do not turn into saws
    folded = np.abs(heights[:, 0] - heights[:, 2]) <= np.abs(heights[:, 1] - heights[:, 3])
    one, other = cells[folded], cells[~folded]
    return np.concatenate([one[:, [0, 1, 2]], one[:, [0, 2, 3]], other[:, [0, 1, 3]], other[:, [1, 2, 3]]])


def _zero(corners: ndarray, values: ndarray) -> ndarray:
    """Where triangles, (n, 3, 3), of these values, (n, 3), pass through zero: segments, (m, 2, 3)."""
    found = []
    for positive in (values > 0, values >= 0):  # so that a level stretch of zeros has an outline all around
        mixed = positive.any(axis=1) & ~positive.all(axis=1)
        points, heights, above = corners[mixed], values[mixed], positive[mixed]
        # the corner that is alone on its side, and the two others
        alone = np.where(above.sum(axis=1) == 1, above.argmax(axis=1), above.argmin(axis=1))
        rows = np.arange(len(points))
        ends_of = []
        for step in (1, 2):
            other = (alone + step) % 3
            share = heights[rows, alone] / (heights[rows, alone] - heights[rows, other])
            ends_of.append(points[rows, alone] + share[:, None] * (points[rows, other] - points[rows, alone]))
        found.append(np.stack(ends_of, axis=1))
        if (values != 0).all():
            break
    return np.concatenate(found)


def _furniture(axes: Axes, view: View, scene: Scene, heights: tuple[float, float], palette: Palette) -> None:
    """The faces behind with their grid, and ticks and titles at the rim."""
    ranges = ((float(scene.x[0]), float(scene.x[-1])), (float(scene.y[0]), float(scene.y[-1])), heights)
    marked = [ticks(low, high, 5 if axis < 2 else 6) for axis, (low, high) in enumerate(ranges)]
    shares = [
        [(value - low) / ((high - low) or 1.0) for value in marks]
        for marks, (low, high) in zip(marked, ranges, strict=True)
    ]
    for normal, end in product(range(3), (0, 1)):
        if not view.behind(normal, end):
            continue
        for across in range(3):
            if across == normal:
                continue
            for share in {0.0, 1.0, *shares[across]}:
                line = np.zeros((2, 3))
                line[:, normal], line[:, across], line[1, 3 - normal - across] = end, share, 1.0
                flat = view(line)
                axes.plot(flat[:, 0], flat[:, 1], color=palette.grid, linewidth=HAIRLINE, zorder=1, clip_on=False)

    for axis, title in enumerate(("d1", "d2", scene.quantity)):
        start, end_of, out = view.rim(axis)
        flat = view(np.stack([start, end_of]))
        axes.plot(flat[:, 0], flat[:, 1], color=palette.muted, linewidth=1.5 * HAIRLINE, zorder=1, clip_on=False)
        widest = 0.0
        for value, share in zip(marked[axis], shares[axis], strict=True):
            at = view(start + share * (end_of - start))[:2]
            words = number(value)
            widest = max(widest, text_width(words, SMALL))
            tip = at + 0.035 * out
            axes.plot(
                *zip(at, tip, strict=True), color=palette.muted, linewidth=1.5 * HAIRLINE, zorder=1, clip_on=False
            )
            # labels of two axes that meet in a corner stand on either side of it
            side = "right" if out[0] < 0 else "left"
            place = tip + 0.02 * out
            text(axes, place[0], place[1], words, SMALL, palette.muted, ha=side, va="center" if axis == 2 else "top")
        middle = flat[:, :2].mean(axis=0)
        if axis == 2:
            beside = middle[0] - 0.09 - widest - NORMAL * POINT / 2
            text(axes, beside, middle[1], title, NORMAL, palette.ink, ha="center", va="center", rotation=90)
        else:
            place = middle + 0.31 * out
            text(axes, place[0], place[1], title, NORMAL, palette.ink, ha="center", va="center")


def _thinned(count: int, most: int) -> ndarray:
    """At most so many of some points, both ends among them."""
    return np.unique(np.round(np.linspace(0, count - 1, min(count, most))).astype(np.int64))


def _shares(axis: ndarray) -> ndarray:
    low, high = float(axis[0]), float(axis[-1])
    return (axis - low) / (high - low) if high > low else np.zeros(len(axis))
