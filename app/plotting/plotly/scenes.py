"""Scenes in three dimensions: surfaces over the plane, wire meshes, the side seen from below."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from app.plotting.model import BLACK, WHITE, Curve, Layer, Mesh, Scene, Sheet, Surface, Underside, title_plane
from app.plotting.plotly.style import (
    BAND_OPACITY,
    CLASSES,
    FINE,
    FLAT,
    FLAT_ZERO,
    PALETTES,
    SEEN,
    SHEET_OPACITY,
    Figure,
    Palette,
    Theme,
    colour_bar,
    colour_limits,
    colour_scale,
    count_classes,
    encode_array,
    encode_classes,
    finite_range,
    layout,
)
from app.plotting.zeros import find_zeros, flat_points, inside_flat, without_flat

ASPECT = {"x": 1, "y": 1, "z": 0.5}
"""Sides of the box."""

CAMERA: dict[str, dict[str, float]] = {
    "eye": {"x": 0.39, "y": -1.57, "z": 0.41},
    "center": {"x": 0, "y": 0, "z": -0.12},
    "up": {"x": 0, "y": 0, "z": 1},
}
FROM_BELOW = {**CAMERA, "eye": {**CAMERA["eye"], "z": -0.72}, "center": {**CAMERA["center"], "z": 0.06}}
LIGHTING = {"ambient": 0.75, "diffuse": 0.5, "specular": 0.04, "roughness": 0.9}
MESH_LINES, HEAVY_LINES, BAND_LINES = 12, 8, 8
MESH_POINTS = 33
"""Least points of a mesh line, if there are more."""

LIFT = 0.012
"""How far the underside lies below what it colours, as a share of the height: enough to keep the two apart."""

FLAT_LIFT = 2e-3
"""How far a flat patch lies over its surface, as a share of the largest slope: enough to keep the two apart."""

UNMARKED = {side: {"highlight": False} for side in "xyz"}
UNLIT = {"hoverinfo": "skip", "contours": UNMARKED, "lighting": {"ambient": 1, "diffuse": 0, "specular": 0}}
"""Options of a surface coloured by class: no shading, no hover."""

CLASS_KEY = "class"
"""`meta` of the legend's entry of a class; `frontend/src/plotly/sides.ts` shows them for what is seen from below."""

TRAIL_LIFT = 0.03
"""How far a trail lies above its surface, as a share of the height: enough to be seen."""

ZERO_LIFT, GUIDE_OPACITY = 0.06, 0.2
"""Of the line where the full batch is 0: above most of the noise; of the level plane that it lies on."""

HEIGHTS, ZERO_LINE = "heights", "zero line"
"""`meta` of the surface whose heights are read and of that line; `frontend/src/live/surface.ts` moves the surface, and the
trails on it by their lift."""

LEGEND = {"orientation": "h", "x": 0, "y": 1, "xanchor": "left", "yanchor": "top", "bgcolor": "rgba(0,0,0,0)"}

UNDER_LEGEND = 0.9
"""Upper end of a colour bar where there is a legend."""

Trace = dict[str, Any]


def scene_figure(picture: Scene, theme: Theme) -> Figure:
    """Render a scene."""
    palette, (across, _) = PALETTES[theme], title_plane(picture.unit)
    furniture = {
        "color": palette.muted,
        "gridcolor": palette.grid,
        "zerolinecolor": palette.grid,
        "showbackground": False,
        "showspikes": False,
        "tickangle": 0,
        "tickfont": {"size": 11},
        "hoverformat": ".3~g",
    }
    titled = {
        "xaxis": {**furniture, **_named_ticks(across, picture.x)},
        "yaxis": {
            **furniture,
            **_named_ticks("d2", picture.y),
        },  # beside it there is no room
        "zaxis": {**furniture, "title": {"text": ""}, "nticks": 4},
    }
    if picture.heights is not None:
        titled["zaxis"]["range"] = list(picture.heights)
    named = picture.named
    keys = [key for layer in picture.layers if isinstance(layer, Underside) for key in _class_keys(layer)]
    classes_seen = picture.below and bool(keys)  # beside them a scale of what is hidden would mislead
    lowered = max((_measure_lift(layer) for layer in picture.layers if isinstance(layer, Underside)), default=0.0)
    return {
        "data": [
            {
                **trace,
                **({"showlegend": not classes_seen} if layer in named or trace["name"] == FLAT else {}),
                **({"colorbar": {**trace["colorbar"], "y": UNDER_LEGEND}} if named and "colorbar" in trace else {}),
                **({"showscale": False} if classes_seen and trace["type"] == "surface" else {}),
            }
            for layer in picture.layers
            for trace in _traces(layer, picture.x, picture.y, palette, lowered)
        ]
        + _guides(picture, palette)
        + [{**key, "showlegend": classes_seen} for key in keys],
        "layout": layout(
            theme,
            # where the lines lie on a surface, its title stands over it
            legend={**LEGEND, **({"y": 0, "yanchor": "bottom"} if picture.trails else {})},
            scene={
                **titled,
                "aspectmode": "manual",
                "aspectratio": ASPECT,
                "camera": FROM_BELOW if picture.below else CAMERA,
                "dragmode": "turntable",
                "uirevision": "below" if picture.below else "keep",
            },
        ),
    }


def _named_ticks(name: str, axis: ndarray) -> dict[str, Any]:
    """Two ticks away from the corners, where those of two axes would lie over each other, and the axis's name between them.

    A title of its own would take as much room again under the scene.
    """
    low, high = float(axis[0]), float(axis[-1])
    first, middle, last = (low + share * (high - low) for share in (0.25, 0.5, 0.75))
    numbers = [(f"{end:.4g}" if abs(end) < 1e4 else f"{end:,.0f}").replace("-", "−") for end in (first, last)]
    return {
        "title": {"text": ""},
        "tickvals": [first, middle, last],
        "ticktext": [numbers[0], f"<b>{name}</b>", numbers[1]],
    }


def _traces(layer: Layer, x: ndarray, y: ndarray, palette: Palette, lowered: float) -> list[Trace]:
    if isinstance(layer, Surface):
        return _surface(layer, x, y, palette)
    if isinstance(layer, Curve):
        # white stands on an underside, which is lowered itself
        return [_curve(layer, palette, 2 * lowered if layer.style == WHITE else 0.0)]
    if isinstance(layer, Mesh):
        return [_mesh(layer, x, y, palette)]
    if isinstance(layer, Sheet):
        return [_sheet(layer, x, y, palette)]
    return [_underside(layer, x, y, palette)]


def _sheet(layer: Sheet, x: ndarray, y: ndarray, palette: Palette) -> Trace:
    level = _grid(x[[0, -1]], y[[0, -1]], np.full((2, 2), layer.height), layer.name)
    if not layer.clear:
        return {**level, **_plain(palette.sheet)}
    rim = {axis: _lines(ends, 1, palette.muted, 3) for axis, ends in (("x", x), ("y", y))}
    return {**level, **_plain(palette.wire), "opacity": SHEET_OPACITY, "contours": {**UNMARKED, **rim}}


def _guides(picture: Scene, palette: Palette) -> list[Trace]:
    """Draw a level plane, and curves a touch above the surface that they lie on."""
    heights = [layer.values for layer in picture.layers if isinstance(layer, Surface)]
    low, high = finite_range(heights[0], 100) if heights else (0.0, 0.0)
    made = []
    if picture.level is not None:
        sheet = Sheet("zero", picture.level, clear=True)
        made.append({**_sheet(sheet, picture.x, picture.y, palette), "opacity": GUIDE_OPACITY})
    for trail in picture.trails:
        zero = trail.style == BLACK
        lift = (ZERO_LIFT if zero else TRAIL_LIFT) * (high - low)
        made.append({**_curve(trail, palette, -lift), "meta": ZERO_LINE if zero else {"lift": lift}})
    return made


def _plain(colour: str) -> dict[str, Any]:
    return {"colorscale": [[0, colour], [1, colour]], "showscale": False, **UNLIT}


def _surface(layer: Surface, x: ndarray, y: ndarray, palette: Palette) -> list[Trace]:
    """Draw a surface; where a slope is exactly 0 a patch of its own, whose border is no change of sign."""
    low, high = colour_limits(layer.colours, layer.values, layer.high)
    if layer.colours != "slope":
        return [_coloured(layer, x, y, layer.values, (low, high), palette)]
    flat = flat_points(layer.values)
    if np.isfinite(layer.values).all() and not flat.any():
        level = {"show": True, "start": 0, "end": 0.5 * high * 1e-6, "size": high, "color": "#000000"}
        level["width"] = 1 if layer.noisy else 4
        return [{**_coloured(layer, x, y, layer.values, (low, high), palette), "contours": {"z": level}}]
    made = [_coloured(layer, x, y, np.where(inside_flat(layer.values), np.nan, layer.values), (low, high), palette)]
    lift = FLAT_LIFT * np.nanmax(np.abs(layer.values), initial=0.0)
    # a surface's own line takes software WebGL a minute to draw where there are holes below a clear plane
    zeros = find_zeros(x, y, without_flat(layer.values))
    if zeros is not None:
        line = _curve(Curve("slope 0", *zeros, np.full(len(zeros[0]), lift), BLACK), palette, 0.0)
        made.append({**line, "line": {"color": "#000000", "width": 2 if layer.noisy else 6}})
    if flat.any():
        patch = _grid(x, y, np.where(flat, lift, np.nan), FLAT, SEEN)
        made.append({**patch, **_plain(FLAT_ZERO), "hoverinfo": "name"})
    return made


def _coloured(
    layer: Surface, x: ndarray, y: ndarray, values: ndarray, limits: tuple[float, float], palette: Palette
) -> Trace:
    low, high = limits
    return {
        **_grid(x, y, values, layer.name),
        "meta": HEIGHTS,
        "colorscale": colour_scale(layer.colours, palette),
        "cmin": low,
        "cmax": high,
        "lighting": LIGHTING,
        "contours": {},
        "colorbar": colour_bar(palette, len=0.45, x=1, xanchor="right", y=1, yanchor="top", nticks=5),
        "hovertemplate": f"d1 %{{x}}<br>d2 %{{y}}<br>{layer.name} %{{z}}<extra></extra>",
    }


def _curve(layer: Curve, palette: Palette, lowered: float) -> Trace:
    own = {WHITE: "#ffffff", BLACK: "#000000"}
    colour = own.get(layer.style) or palette.lines[layer.style % len(palette.lines)]
    point = len(layer.x) == 1
    return {
        "type": "scatter3d",
        "name": layer.name,
        "mode": "markers" if point else "lines",
        **{axis: encode_array(values) for axis, values in (("x", layer.x), ("y", layer.y), ("z", layer.z - lowered))},
        "line": {"color": colour, "width": 6},
        "marker": {"color": colour, "size": 6, "line": {"color": palette.ink, "width": 1}},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _mesh(layer: Mesh, x: ndarray, y: ndarray, palette: Palette) -> Trace:
    """Draw lines only; of a side of a band its clear sheet, too, and the lines one way: along d2 below, along d1 above."""
    band = layer.side is not None
    colour = palette.ink if layer.heavy else palette.wire if layer.side is None else palette.band[layer.side]
    number = BAND_LINES if band else HEAVY_LINES if layer.heavy else MESH_LINES
    width = 4 if band else 3 if layer.heavy else 1
    across, along = _thin(len(x)), _thin(len(y))
    ways = [("x", x)] * (layer.side != 1) + [("y", y)] * (layer.side != 0)
    return {
        **_grid(x[across], y[along], layer.values[along, across], layer.name, SEEN),
        **_plain(colour),
        **({"opacity": BAND_OPACITY} if band else {"hidesurface": True}),
        "contours": {**UNMARKED, **{axis: _lines(ends, number, colour, width) for axis, ends in ways}},
    }


def _lines(axis: ndarray, number: int, colour: str, width: int) -> dict[str, Any]:
    """Draw lines across an axis, at both ends and between."""
    low, high = float(axis[0]), float(axis[-1])
    ends = {"show": True, "start": low, "end": high, "size": (high - low) / number}
    return {**ends, "color": colour, "width": width, "highlight": False}


def _thin(count: int) -> slice:
    """Choose as few points as mesh lines need, evenly spaced and with both ends."""
    steps = count - 1
    fits = [step for step in range(1, steps // MESH_POINTS + 1) if steps % step == 0]
    return slice(None, None, max(fits, default=1))


def _underside(layer: Underside, x: ndarray, y: ndarray, palette: Palette) -> Trace:
    """Draw it opaque and slightly below its surfaces, so that they hide it from above."""
    classes = count_classes(layer.classes)
    return {
        **_grid(x, y, layer.lowest - _measure_lift(layer), layer.name, SEEN),
        "surfacecolor": encode_classes(layer.classes),
        "colorscale": colour_scale("sign", palette, classes),
        "cmin": -0.5,
        "cmax": classes - 0.5,
        "showscale": False,
        **UNLIT,
    }


def _class_keys(layer: Underside) -> list[Trace]:
    """Return what stands for the classes in a legend: marks without a place."""
    present = set(np.unique(layer.classes[np.isfinite(layer.classes)]).astype(int).tolist())
    return [
        {
            "type": "scatter3d",
            "name": words,
            "mode": "markers",
            **{axis: [None] for axis in "xyz"},
            "marker": {"symbol": "square", "size": 9, "color": CLASSES[index]},
            "line": {"color": CLASSES[index], "width": 2},
            "hoverinfo": "skip",
            "meta": CLASS_KEY,
        }
        for index, words in enumerate(layer.meanings)
        if words and index in present
    ]


def _measure_lift(layer: Underside) -> float:
    low, high = finite_range(layer.lowest, 100)
    return LIFT * (high - low)


def _grid(x: ndarray, y: ndarray, values: ndarray, name: str, bits: int = FINE) -> Trace:
    grid = {
        "type": "surface",
        "name": name,
        "x": encode_array(x),
        "y": encode_array(y),
        "z": encode_array(values, bits),
    }
    # a surface of holes alone breaks Plotly's scene for good
    return grid if np.isfinite(values).any() else {**grid, "visible": False}
