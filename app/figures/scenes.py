"""Scenes in three dimensions: surfaces over the plane, wire meshes, the side seen from below."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from app.figures.style import (
    FINE,
    NEGATIVE,
    PALETTES,
    POSITIVE,
    SEEN,
    UNCERTAIN,
    Figure,
    Palette,
    Theme,
    array,
    classes,
    colour_limits,
    colour_scale,
    finite_range,
    layout,
)
from app.pictures import WHITE, Curve, Layer, Mesh, Scene, Sheet, Surface, Underside

CAMERA = {
    "eye": {"x": 1.12, "y": -1.34, "z": 0.78},
    "center": {"x": 0.04, "y": 0, "z": -0.12},
    "up": {"x": 0, "y": 0, "z": 1},
}
FROM_BELOW = {**CAMERA, "eye": {"x": 1.12, "y": -1.34, "z": -0.78}}
LIGHTING = {"ambient": 0.75, "diffuse": 0.5, "specular": 0.04, "roughness": 0.9}
MESH_LINES = 12
MESH_POINTS = 33
"""Least pieces of a mesh's line, where there are more points."""

LIFT = 0.012
"""How far the underside lies below what it colours, as a share of the height: enough to keep the two apart."""

FLAT = {
    "hoverinfo": "skip",
    "contours": {side: {"highlight": False} for side in "xyz"},
    "lighting": {"ambient": 1, "diffuse": 0, "specular": 0},
}
"""A surface whose colours are classes: no shading, nothing to hover."""

Trace = dict[str, Any]


def scene_figure(picture: Scene, theme: Theme) -> Figure:
    """A figure of one rotatable scene."""
    palette = PALETTES[theme]
    furniture = {
        "color": palette.muted,
        "gridcolor": palette.grid,
        "zerolinecolor": palette.grid,
        "showbackground": False,
        "showspikes": False,
        "nticks": 5,
    }
    titled = {
        key: {**furniture, "title": {"text": text, "font": {"size": 13, "color": palette.ink}}}
        for key, text in (("xaxis", "d1"), ("yaxis", "d2"), ("zaxis", picture.quantity))
    }
    lowered = max((_lift(layer) for layer in picture.layers if isinstance(layer, Underside)), default=0.0)
    return {
        "data": [_trace(layer, picture.x, picture.y, palette, lowered) for layer in picture.layers],
        "layout": layout(
            theme,
            scene={
                **titled,
                "aspectmode": "manual",
                "aspectratio": {"x": 1, "y": 1, "z": 0.62},
                "camera": FROM_BELOW if picture.below else CAMERA,
                "dragmode": "turntable",
                "uirevision": "below" if picture.below else "keep",
            },
        ),
    }


def _trace(layer: Layer, x: ndarray, y: ndarray, palette: Palette, lowered: float) -> Trace:
    if isinstance(layer, Surface):
        return _surface(layer, x, y, palette)
    if isinstance(layer, Curve):
        # white stands on an underside, which is lowered itself
        return _curve(layer, palette, 2 * lowered if layer.style == WHITE else 0.0)
    if isinstance(layer, Mesh):
        return _mesh(layer, x, y, palette)
    if isinstance(layer, Sheet):
        return {
            **_grid(x[[0, -1]], y[[0, -1]], np.full((2, 2), layer.height), layer.name),
            "colorscale": [[0, palette.sheet], [1, palette.sheet]],
            "showscale": False,
            **FLAT,
        }
    return _underside(layer, x, y)


def _surface(layer: Surface, x: ndarray, y: ndarray, palette: Palette) -> Trace:
    low, high = colour_limits(layer.colours, layer.values, layer.high)
    contours: dict[str, Any] = {}
    if layer.colours == "slope":
        contours = {
            "z": {"show": True, "start": 0, "end": 0.5 * high * 1e-6, "size": high, "color": "#000000", "width": 4}
        }
    return {
        **_grid(x, y, layer.values, layer.name),
        "colorscale": colour_scale(layer.colours, palette),
        "cmin": low,
        "cmax": high,
        "lighting": LIGHTING,
        "contours": contours,
        "colorbar": {
            "thickness": 9,
            "len": 0.62,
            "x": 0.99,
            "xanchor": "right",
            "outlinewidth": 0,
            "tickfont": {"size": 11, "color": palette.muted},
            "nticks": 5,
        },
        "hovertemplate": f"d1 %{{x:.3g}}<br>d2 %{{y:.3g}}<br>{layer.name} %{{z:.3g}}<extra></extra>",
    }


def _curve(layer: Curve, palette: Palette, lowered: float) -> Trace:
    colour = "#ffffff" if layer.style == WHITE else palette.lines[layer.style % len(palette.lines)]
    point = len(layer.x) == 1
    return {
        "type": "scatter3d",
        "name": layer.name,
        "mode": "markers" if point else "lines",
        **{axis: array(values) for axis, values in (("x", layer.x), ("y", layer.y), ("z", layer.z - lowered))},
        "line": {"color": colour, "width": 6},
        "marker": {"color": colour, "size": 6, "line": {"color": palette.ink, "width": 1}},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _mesh(layer: Mesh, x: ndarray, y: ndarray, palette: Palette) -> Trace:
    """Lines only: Plotly does not sort translucent surfaces."""

    def lines(axis: ndarray) -> dict[str, Any]:
        low, high = float(axis[0]), float(axis[-1])
        return {
            "show": True,
            "start": low,
            "end": high,
            "size": (high - low) / MESH_LINES,
            "color": palette.ink if layer.heavy else palette.wire,
            "width": 2 if layer.heavy else 1,
            "highlight": False,
        }

    across, along = _thinned(len(x)), _thinned(len(y))
    return {
        **_grid(x[across], y[along], layer.values[along, across], layer.name, SEEN),
        "hidesurface": True,
        "showscale": False,
        "contours": {"x": lines(x), "y": lines(y), "z": {"highlight": False}},
        "hoverinfo": "skip",
    }


def _thinned(count: int) -> slice:
    """As few points as lines of a mesh need, evenly spaced and with both ends."""
    steps = count - 1
    fits = [step for step in range(1, steps // MESH_POINTS + 1) if steps % step == 0]
    return slice(None, None, max(fits, default=1))


def _underside(layer: Underside, x: ndarray, y: ndarray) -> Trace:
    """Opaque, and a hair below the surfaces it stands for, so that from above they hide it."""
    bands = [NEGATIVE, NEGATIVE, UNCERTAIN, UNCERTAIN, POSITIVE, POSITIVE]
    return {
        **_grid(x, y, layer.lowest - _lift(layer), layer.name, SEEN),
        "surfacecolor": classes(layer.classes),
        "colorscale": [[edge, colour] for edge, colour in zip((0, 1 / 3, 1 / 3, 2 / 3, 2 / 3, 1), bands, strict=True)],
        "cmin": -0.5,
        "cmax": 2.5,
        "showscale": False,
        **FLAT,
    }


def _lift(layer: Underside) -> float:
    low, high = finite_range(layer.lowest, 100)
    return LIFT * (high - low)


def _grid(x: ndarray, y: ndarray, values: ndarray, name: str, bits: int = FINE) -> Trace:
    grid = {"type": "surface", "name": name, "x": array(x), "y": array(y), "z": array(values, bits)}
    # a surface of holes alone breaks Plotly's scene for good
    return grid if np.isfinite(values).any() else {**grid, "visible": False}
