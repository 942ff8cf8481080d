"""Printed scenes: surfaces, meshes and sheets as triangles, in a box with ticks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy import ndarray

from app.plotting.model import WHITE, Curve, Layer, Mesh, Scene, Sheet, Surface, Underside
from app.plotting.mpl import depth_buffer
from app.plotting.mpl.camera import EYE, SIDES, Margins, View
from app.plotting.mpl.colour_bar import ColourBar
from app.plotting.mpl.scene_axes import MARGINS, draw_axes, label_room
from app.plotting.mpl.scene_key import DASH, MESHES, PERIOD, ZERO_WIDTH, draw_key, list_samples, mesh_line
from app.plotting.mpl.style import (
    POINT,
    SMALL,
    Box,
    PrintStyle,
    add_field,
    colour_map,
    format_number,
    measure_text,
)
from app.plotting.plotly.style import BAND_OPACITY, SHEET_OPACITY, Palette
from app.plotting.scales import height_limits
from app.plotting.zeros import without_flat

BARE = Margins(0.0, 0.0, 0.0, 0.0)
OVER_CORNER, LEAST_BAR = 0.08, 0.6
"""How far above the box's right corner, and below the top, a colour bar ends; its least height, where there is less."""

BESIDE = 0.12
"""From the title of the upright axis to a key."""

MOST_POINTS = 300
"""Most points along a side: print shows no more."""

BARE_POINTS = 40
MESH_LINES = 13
SHEET_POINTS = 25
HEAVY_LINES, BAND_LINES = 9, 8
"""Lines of a heavy mesh, which lies over others, and of either side of a band."""

CURVE = 0.9
"""Width of a curve, in points."""

STRIPES = 42.0
"""Stripes of a flat patch along the plane's diagonal."""

NEARER = 0.004
"""Depth by which lines are drawn nearer, so that their own surface does not hide them."""

AMBIENT, DIFFUSE = 0.66, 0.42
GREY_AMBIENT, GREY_DIFFUSE = 0.86, 0.17
"""Weaker where lightness is the scale."""


def draw_scene(figure: Figure, box: Box, scene: Scene, look: PrintStyle) -> View:
    """Draw a scene into a rectangle of the sheet; return how it is seen."""
    axes = add_field(figure, box)
    low, high = height_limits(scene)
    seen = [] if look.bare else _visible_layers(scene)
    samples = list_samples(scene, seen, look)
    bars = _colour_bars(scene, seen, look)
    # a single sample stands beside the title of the upright axis
    tall = draw_key(axes, (0.0, box.width, box.height), samples, look) if len(samples) > 1 else 0.0
    eye = EYE if look.eye is None else np.array(look.eye)
    margins = BARE if look.bare else _margins(scene, (low, high), bars, tall)
    view = View(box.width, box.height, margins, below=scene.below, eye=eye)
    if not look.bare:
        left = draw_axes(axes, view, scene, (low, high), look) + BESIDE
        if len(samples) == 1:
            draw_key(axes, (left, box.width, box.height), samples, look)
        _draw_bars(figure, box, bars, view, box.height - tall, look)
    width, height = round(box.width * figure.dpi), round(box.height * figure.dpi)
    picture = depth_buffer.render_image(_layers(scene, view, (low, high), box.height, figure.dpi, look), width, height)
    axes.imshow(picture, extent=(0, box.width, 0, box.height), aspect="auto", interpolation="none", zorder=2)
    return view


def _colour_bars(scene: Scene, seen: Sequence[Layer], look: PrintStyle) -> list[ColourBar]:
    """List the colour bars of the surfaces that are seen; the upright axis has the title of its own quantity already."""
    return [
        ColourBar(
            *colour_map(layer.colours, layer.values, look, layer.high),
            "" if layer.name == scene.quantity else layer.name,
        )
        for layer in seen
        if isinstance(layer, Surface) and np.isfinite(layer.values).any()
    ]


def _margins(scene: Scene, heights: tuple[float, float], bars: Sequence[ColourBar], tall: float) -> Margins:
    """Return the room around the box: for its labels, colour bars at the right, and a key of some height above."""
    ends = measure_text(format_number(max(scene.x[-1], scene.y[-1], key=abs)), SMALL)
    right = max(sum(bar.room for bar in bars), MARGINS.right + ends)
    return replace(MARGINS, left=MARGINS.left + label_room(heights), right=right, top=MARGINS.top + tall)


def _draw_bars(figure: Figure, box: Box, bars: Sequence[ColourBar], view: View, top: float, look: PrintStyle) -> None:
    """Draw colour bars at the right of the box, above the labels at its corner there."""
    beside, corner = view.right_corner
    bottom = min(corner + OVER_CORNER, top - LEAST_BAR)
    for bar in bars:
        bar.draw(figure, Box(box.left, box.bottom + bottom, beside, top - OVER_CORNER - bottom), look)
        beside += bar.room


def _visible_layers(scene: Scene) -> list[Layer]:
    """List the layers that are drawn: undersides from below, the surfaces over them from above."""
    undersides = any(isinstance(layer, Underside) for layer in scene.layers)
    others = any(isinstance(layer, Surface | Sheet) for layer in scene.layers)
    if scene.below and undersides:
        return [layer for layer in scene.layers if isinstance(layer, Mesh | Underside | Curve)]
    return [layer for layer in scene.layers if not (others and isinstance(layer, Underside))]


class _Projection:
    """Coordinates of the plane and heights, to shares of the box, to pixels."""

    def __init__(
        self, scene: Scene, view: View, heights: tuple[float, float], tall: float, dpi: float, look: PrintStyle
    ) -> None:
        self._view, self._heights, self._tall, self._dpi, self._grey = view, heights, tall, dpi, look.grey
        most = BARE_POINTS if look.bare else MOST_POINTS
        self.columns, self.rows = _thin(len(scene.x), most), _thin(len(scene.y), most)
        self.x, self.y = _shares(scene.x)[self.columns], _shares(scene.y)[self.rows]
        self._x, self._y = scene.x, scene.y
        self.line = dpi * POINT

    def grid(self, values: ndarray) -> ndarray:
        """Return a surface over the plane as points in the box, (S, T, 3)."""
        low, high = self._heights
        across, along = np.meshgrid(self.x, self.y)
        chosen = self.chosen(values)
        return np.stack([across, along, (np.where(np.isfinite(chosen), chosen, np.nan) - low) / (high - low)], axis=-1)

    def place(self, x: ndarray, y: ndarray, z: ndarray) -> ndarray:
        """Return points of the plane and their heights as points in the box, (A, 3)."""
        low, high = self._heights
        shares = [(along - axis[0]) / (axis[-1] - axis[0]) for along, axis in ((x, self._x), (y, self._y))]
        return np.stack([*shares, (z - low) / (high - low)], axis=-1)

    def chosen(self, values: ndarray) -> ndarray:
        """Return the values that are drawn, thinned if there are too many."""
        return values[np.ix_(self.rows, self.columns)]

    def pixels(self, points: ndarray) -> ndarray:
        """Project points in the box to pixels, y down, and depth."""
        return (self._view(points) * (1, -1, 1) + (0, self._tall, 0)) * (self._dpi, self._dpi, 1)

    def share(self, height: float) -> float:
        """Return a height as a share of the box."""
        low, high = self._heights
        return (height - low) / (high - low)

    def light(self, points: ndarray) -> ndarray:
        """Return the brightness of a surface at its points, (S, T), lit from the upper left of the eye."""
        heights = points[..., 2] * SIDES[2]
        by_y, by_x = np.gradient(heights, self.y, self.x) if min(heights.shape) > 1 else (heights * 0, heights * 0)
        normals = np.stack([-by_x, -by_y, np.ones_like(by_x)], axis=-1)
        normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
        up = 1.0 if self._view.backward[2] > 0 else -1.0
        source = self._view.backward + np.array([-0.9, -0.35, 0.9 * up])
        lit = np.clip(up * normals @ (source / np.linalg.norm(source)), 0.0, None)
        ambient, diffuse = (GREY_AMBIENT, GREY_DIFFUSE) if self._grey else (AMBIENT, DIFFUSE)
        return ambient + diffuse * np.nan_to_num(lit, nan=0.8)


def _layers(
    scene: Scene, view: View, heights: tuple[float, float], tall: float, dpi: float, look: PrintStyle
) -> list[depth_buffer.Layer]:
    box = _Projection(scene, view, heights, tall, dpi, look)
    layers: list[depth_buffer.Layer] = []
    for layer in _visible_layers(scene):
        if isinstance(layer, Mesh):
            layers += _mesh(layer, box, look)
        elif isinstance(layer, Curve):
            layers.append(_curve(layer, box, look.palette))
        elif isinstance(layer, Underside):
            layers.append(_underside(layer, box, look))
        elif isinstance(layer, Sheet):
            layers += _sheet(layer, box, look.palette)
        else:
            layers += _surface(layer, box, look)
    return layers


def _surface(layer: Surface, box: _Projection, look: PrintStyle) -> list[depth_buffer.Layer]:
    points = box.grid(layer.values)
    corners = _triangles(points)
    colours, norm = colour_map(layer.colours, layer.values, look, layer.high)
    table = colours(np.linspace(0, 1, 1024))[:, :3]
    chosen = box.chosen(layer.values)
    values = chosen.ravel()[corners]
    light = box.light(points).ravel()[corners]
    low, high = float(norm.vmin or 0.0), float(norm.vmax or 0.0)
    flat = points.reshape(-1, 3)
    level = (values == 0).all(axis=1) & (layer.colours == "slope")

    def paint(triangles: ndarray, weights: ndarray) -> ndarray:
        share = ((values[triangles] * weights).sum(axis=1) - low) / (high - low)
        shades = table[np.clip(share * 1023, 0, 1023).astype(np.int64)]
        shades = np.where(level[triangles, None], _stripes(flat[corners][triangles], weights, look), shades)
        lit = (light[triangles] * weights).sum(axis=1)
        return np.clip(shades * lit[:, None], 0, 1)

    layers = [depth_buffer.Layer(box.pixels(flat[corners]), paint)]
    if layer.colours == "slope":
        signed = without_flat(chosen).ravel()[corners]
        whole = np.isfinite(signed).all(axis=1)
        segments = box.pixels(_zero_segments(flat[corners][whole], signed[whole]))
        layers.append(_lines(segments, ZERO_WIDTH, "#000000", box))
    return layers


def _stripes(corners: ndarray, weights: ndarray, look: PrintStyle) -> ndarray:
    """Return the colour of a flat patch at points of the plane: striped, to be told from any scale of colours."""
    across = (corners[..., :2].sum(axis=2) * weights).sum(axis=1)
    thin = (across * STRIPES) % 1 < 0.22
    return np.where(thin[:, None], np.zeros(3), np.array(to_rgb(look.classes[3])))


def _underside(layer: Underside, box: _Projection, look: PrintStyle) -> depth_buffer.Layer:
    points = box.grid(layer.lowest)
    corners = _triangles(points)
    classes = np.nan_to_num(box.chosen(layer.classes), nan=1.0).ravel()[corners]
    light = box.light(points).ravel()[corners]
    shades = np.array([to_rgb(colour) for colour in look.classes])
    flat = points.reshape(-1, 3)

    def paint(triangles: ndarray, weights: ndarray) -> ndarray:
        # a pixel is of the class of the corner that is next to it
        nearest = classes[triangles, weights.argmax(axis=1)].astype(np.int64)
        own = shades[np.clip(nearest, 0, 3)]
        own = np.where(nearest[:, None] == 3, _stripes(flat[corners][triangles], weights, look), own)
        return np.clip(own * (light[triangles] * weights).sum(axis=1)[:, None], 0, 1)

    return depth_buffer.Layer(box.pixels(flat[corners]), paint)


def _sheet(layer: Sheet, box: _Projection, palette: Palette) -> list[depth_buffer.Layer]:
    side = np.linspace(0, 1, SHEET_POINTS)
    across, along = np.meshgrid(side, side)
    points = np.stack([across, along, np.full_like(across, box.share(layer.height))], axis=-1)
    corners = box.pixels(points.reshape(-1, 3)[_triangles(points)])
    sheet = depth_buffer.Layer(
        corners,
        depth_buffer.paint_plain(to_rgb(palette.wire if layer.clear else palette.sheet)),
        SHEET_OPACITY if layer.clear else 1.0,
    )
    if not layer.clear:
        return [sheet]
    rim = [points[0], points[-1], points[:, 0], points[:, -1]]
    return [sheet, _lines(_join([box.pixels(strand) for strand in rim]), MESHES["thin"], palette.muted, box)]


def _curve(layer: Curve, box: _Projection, palette: Palette) -> depth_buffer.Layer:
    points = box.pixels(box.place(layer.x, layer.y, layer.z))
    colour = "#ffffff" if layer.style == WHITE else palette.lines[layer.style % len(palette.lines)]
    return _lines(_join([points]), CURVE, colour, box)


def _mesh(layer: Mesh, box: _Projection, look: PrintStyle) -> list[depth_buffer.Layer]:
    """Return the lines of a mesh; of a side of a band its sheet, its rim, and lines one way, dashed at the lower one."""
    grid = box.grid(layer.values)
    points = box.pixels(grid)
    colour, width, dashed = mesh_line(layer, look)
    number = BAND_LINES if layer.side is not None else HEAVY_LINES if layer.heavy else MESH_LINES
    along = [points[row] for row in _thin(len(points), number)]
    across = [points[:, column] for column in _thin(points.shape[1], number)]
    if layer.side is None:
        return [_lines(_join([*along, *across]), width, colour, box)]
    rim = _join([points[0], points[-1], points[:, 0], points[:, -1]])
    inner = _join(across if dashed else along)
    flat = grid.reshape(-1, 3)
    veil = depth_buffer.Layer(
        box.pixels(flat[_triangles(grid)]), depth_buffer.paint_plain(to_rgb(colour)), BAND_OPACITY
    )
    lines = [
        _lines(_dash(part, box.line) if dashed else part, wide, colour, box)
        for part, wide in ((inner, width), (rim, 1.4 * width))
    ]
    return [veil, *lines]


def _join(strands: list[ndarray]) -> ndarray:
    """Join the points of each strand to segments, (n, 2, 3)."""
    return np.concatenate([np.stack([strand[:-1], strand[1:]], axis=1) for strand in strands])


def _dash(segments: ndarray, line: float) -> ndarray:
    """Keep the segments of dashes, counted along all; `line` is a point in pixels."""
    lengths = np.hypot(*(segments[:, 1, :2] - segments[:, 0, :2]).T)
    middle = np.cumsum(np.nan_to_num(lengths)) - np.nan_to_num(lengths) / 2
    return segments[middle % (PERIOD * line) < DASH * line]


def _lines(segments: ndarray, width: float, colour: str, box: _Projection) -> depth_buffer.Layer:
    """Draw line segments in pixels, (n, 2, 3), without those with a hole; `width` is in points."""
    whole = segments[np.isfinite(segments).all(axis=(1, 2))]
    return depth_buffer.Layer(
        depth_buffer.make_ribbons(whole, width * box.line, NEARER), depth_buffer.paint_plain(to_rgb(colour))
    )


def _triangles(points: ndarray) -> ndarray:
    """Split each cell into two triangles: indices into the flattened points, (n, 3), without cells with holes."""
    index = np.arange(points[..., 0].size).reshape(points.shape[:2])
    cells = np.stack([index[:-1, :-1], index[:-1, 1:], index[1:, 1:], index[1:, :-1]], axis=-1).reshape(-1, 4)
    heights = points[..., 2].ravel()[cells]
    whole = np.isfinite(heights).all(axis=1)
    cells, heights = cells[whole], heights[whole]
    # a cell is folded along the diagonal that climbs less: ridges do not turn into saws
    folded = np.abs(heights[:, 0] - heights[:, 2]) <= np.abs(heights[:, 1] - heights[:, 3])
    one, other = cells[folded], cells[~folded]
    return np.concatenate([one[:, [0, 1, 2]], one[:, [0, 2, 3]], other[:, [0, 1, 3]], other[:, [1, 2, 3]]])


def _zero_segments(corners: ndarray, values: ndarray) -> ndarray:
    """Find the zero level on triangles, (n, 3, 3), with values, (n, 3): segments, (m, 2, 3)."""
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


def _thin(count: int, most: int) -> ndarray:
    """Choose at most `most` of some points, both ends among them."""
    return np.unique(np.round(np.linspace(0, count - 1, min(count, most))).astype(np.int64))


def _shares(axis: ndarray) -> ndarray:
    low, high = float(axis[0]), float(axis[-1])
    return (axis - low) / (high - low) if high > low else np.zeros(len(axis))
