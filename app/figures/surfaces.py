"""Surfaces in three dimensions: values over the plane, wire meshes, the side seen from below."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from app.figures.style import DIVERGING, LOSS, NEGATIVE, PALETTES, POSITIVE, UNCERTAIN, Figure, Theme, array, layout

COLOUR_PERCENTILE = 99.0
"""Colours end at this percentile, so that the steep corners of a plane do not take them all."""

CAMERA = {
    "eye": {"x": 1.12, "y": -1.34, "z": 0.78},
    "center": {"x": 0.04, "y": 0, "z": -0.12},
    "up": {"x": 0, "y": 0, "z": 1},
}
LIGHTING = {"ambient": 0.75, "diffuse": 0.5, "specular": 0.04, "roughness": 0.9}
MESH_LINES = 12
LIFT = 0.012
"""How far the underside lies below what it colours, as a share of the height: enough to keep the two apart."""

FLAT = {
    "hoverinfo": "skip",
    "contours": {side: {"highlight": False} for side in "xyz"},
    "lighting": {"ambient": 1, "diffuse": 0, "specular": 0},
}
"""A surface whose colours are classes: no shading, nothing to hover."""

Trace = dict[str, Any]


def loss_surface(axis: ndarray, loss: ndarray, theme: Theme, *, name: str = "loss", scale: str = LOSS) -> Trace:
    """A surface of a quantity that is not signed."""
    low, high = _finite_range(loss, COLOUR_PERCENTILE)
    return _surface(axis, loss, theme, name, colorscale=scale, cmin=low, cmax=high)


def slope_surface(axis: ndarray, slope: ndarray, theme: Theme, *, name: str = "slope") -> Trace:
    """A surface of a signed quantity: colours centred on zero, and the zero level drawn on it."""
    finite = np.abs(slope[np.isfinite(slope)])
    limit = float(np.percentile(finite, COLOUR_PERCENTILE)) if finite.size else 1.0
    limit = limit or 1.0
    zero = {"show": True, "start": 0, "end": 0.5 * limit * 1e-6, "size": limit, "color": "#000000", "width": 4}
    return {
        **_surface(axis, slope, theme, name, colorscale=DIVERGING, cmin=-limit, cmax=limit),
        "contours": {"z": zero},
    }


def mesh(axis: ndarray, values: ndarray, colour: str, name: str, *, width: int = 1) -> Trace:
    """A surface as lines only, so that what lies behind stays visible (Plotly does not sort translucent surfaces)."""
    reach = float(axis[-1])
    line = {
        "show": True,
        "start": -reach,
        "end": reach,
        "size": 2 * reach / MESH_LINES,
        "color": colour,
        "width": width,
        "highlight": False,
    }
    return {
        **_grid(axis, values, name),
        "hidesurface": True,
        "showscale": False,
        "contours": {"x": line, "y": line, "z": {"highlight": False}},
        "hoverinfo": "skip",
    }


def sheet(axis: ndarray, height: float, colour: str, name: str) -> Trace:
    """A level plane."""
    ends = axis[[0, -1]]
    return {
        **_grid(ends, np.full((2, 2), height), name),
        "colorscale": [[0, colour], [1, colour]],
        "showscale": False,
        **FLAT,
    }


def underside(axis: ndarray, lowest: ndarray, classes: ndarray, name: str) -> Trace:
    """What is seen from below: the lowest of some stacked surfaces, coloured by class.

    It is opaque and lies a hair below the surfaces it stands for, so that from above they hide it.

    Args:
        axis: Coordinates, (S,).
        lowest: The lowest value at each point, (S, S).
        classes: 0 blue, 1 grey, 2 orange at each point, (S, S).
        name: What the classes tell.
    """
    low, high = _finite_range(lowest, 100)
    bands = [NEGATIVE, NEGATIVE, UNCERTAIN, UNCERTAIN, POSITIVE, POSITIVE]
    return {
        **_grid(axis, lowest - LIFT * (high - low), name),
        "surfacecolor": array(classes),
        "colorscale": [[edge, colour] for edge, colour in zip((0, 1 / 3, 1 / 3, 2 / 3, 2 / 3, 1), bands, strict=True)],
        "cmin": -0.5,
        "cmax": 2.5,
        "showscale": False,
        **FLAT,
    }


def scene(traces: list[Trace], theme: Theme, quantity: str) -> Figure:
    """A figure of one rotatable scene."""
    palette = PALETTES[theme]
    furniture = {
        "color": palette.muted,
        "gridcolor": palette.grid,
        "zerolinecolor": palette.grid,
        "showbackground": False,
        "showspikes": False,
        "nticks": 5,
        "title": {"font": {"size": 13, "color": palette.ink}},
    }
    titled = {
        key: {**furniture, "title": {"text": text, "font": furniture["title"]["font"]}}  # type: ignore[index]
        for key, text in (("xaxis", "d1"), ("yaxis", "d2"), ("zaxis", quantity))
    }
    return {
        "data": traces,
        "layout": layout(
            theme,
            scene={
                **titled,
                "aspectmode": "manual",
                "aspectratio": {"x": 1, "y": 1, "z": 0.62},
                "camera": CAMERA,
                "dragmode": "turntable",
                "uirevision": "keep",
            },
        ),
    }


def _surface(axis: ndarray, values: ndarray, theme: Theme, name: str, **colours: Any) -> Trace:  # noqa: ANN401
    palette = PALETTES[theme]
    return {
        **_grid(axis, values, name),
        **colours,
        "lighting": LIGHTING,
        "contours": {},
        "colorbar": {
            "thickness": 9,
            "len": 0.62,
            "x": 0.99,
            "xanchor": "right",
            "outlinewidth": 0,
            "tickfont": {"size": 11, "color": palette.muted},
            "nticks": 5,
        },
        "hovertemplate": f"d1 %{{x:.3g}}<br>d2 %{{y:.3g}}<br>{name} %{{z:.4g}}<extra></extra>",
    }


def _grid(axis: ndarray, values: ndarray, name: str) -> Trace:
    grid = {"type": "surface", "name": name, "x": array(axis), "y": array(axis), "z": array(values)}
    # a surface of holes alone breaks Plotly's scene for good
    return grid if np.isfinite(values).any() else {**grid, "visible": False}


def _finite_range(values: ndarray, percentile: float) -> tuple[float, float]:
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    return float(finite.min()), float(np.percentile(finite, percentile))
