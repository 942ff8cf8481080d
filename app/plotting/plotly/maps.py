"""Maps: a heat map of the plane with contours."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from app.plotting.arrows import find_dots, outline_arrows
from app.plotting.model import REFERENCE, Arrows, Map, title_plane
from app.plotting.plotly.charts import series_trace
from app.plotting.plotly.style import (
    COARSE,
    FLAT,
    FLAT_ZERO,
    PALETTES,
    Figure,
    Theme,
    axis,
    colour_bar,
    colour_limits,
    colour_scale,
    count_classes,
    encode_array,
    layout,
)
from app.plotting.zeros import flat_points, without_flat

SQUARE = {"constrain": "domain"}
"""A unit is equally long along d1 and d2; the browser fits the margins (`frontend/src/plotly/square.ts`)."""

SIGNS = ("−", "?", "+", "0")


def map_figure(picture: Map, theme: Theme) -> Figure:
    """Render a map."""
    palette, titles = PALETTES[theme], title_plane(picture.unit)
    common = {"x": encode_array(picture.x), "y": encode_array(picture.y)}
    low, high = colour_limits(picture.colours, picture.values, picture.high)
    classes = count_classes(picture.values)
    signs = {"tickvals": list(range(classes)), "ticktext": SIGNS[:classes]}
    traces: list[dict[str, Any]] = [
        {
            **common,
            "type": "heatmap",
            "colorscale": colour_scale(picture.colours, palette, classes),
            "zmin": low,
            "zmax": high,
            "name": picture.quantity,
            "z": encode_array(picture.values, COARSE),
            "colorbar": colour_bar(palette, **(signs if picture.colours == "sign" else {"nticks": 6})),
            "zhoverformat": ".3~g",
            "hovertemplate": f"d1 %{{x}}<br>d2 %{{y}}<br>{picture.quantity} %{{z}}<extra></extra>",
        }
    ]
    if picture.colours == "slope" and (flat := flat_points(picture.values)).any():
        traces.append({**common, "type": "heatmap", "name": FLAT, **_patch(flat)})
    # probabilities begin at the sheet's own colour, the other scales are light around zero in either theme
    ink = palette.ink if picture.colours == "chance" else "#000000"
    traces += [
        {
            **common,
            "type": "contour",
            "name": name,
            "z": encode_array(_clip_around(without_flat(values, level), level), COARSE),
            "autocontour": False,
            "contours": {"start": level, "end": level, "size": 1, "coloring": "lines", "showlabels": False},
            "colorscale": [[0, ink], [1, ink]],
            "line": {"width": 2},
            "showscale": False,
            "hoverinfo": "skip",
        }
        for name, values, level in picture.contours
    ]
    traces += [series_trace(item, palette) for item in picture.curves]
    traces += [trace for arrows in picture.arrows for trace in _arrow_traces(arrows)]
    shapes = []
    if picture.handle is not None:
        (x0, y0), (x1, y1) = picture.handle
        ends = {"x0": x0, "y0": y0, "x1": x1, "y1": y1}
        shapes = [{"type": "line", **ends, "line": {"color": palette.lines[1], "width": 3}}]
    return {
        "data": traces,
        "layout": layout(
            theme,
            margin={"l": 8, "r": 8, "t": 8, "b": 4},
            shapes=shapes,
            xaxis=axis(palette, titles[0], 2, showgrid=False, range=picture.x[[0, -1]].tolist(), **SQUARE),
            yaxis=axis(
                palette, titles[1], 2, showgrid=False, range=picture.y[[0, -1]].tolist(), **SQUARE, scaleanchor="x"
            ),
            showlegend=False,  # what lies over a map is named beside it
            dragmode="pan" if picture.handle else "zoom",
        ),
    }


def _arrow_traces(arrows: Arrows) -> list[dict[str, Any]]:
    """Build the traces of arrows: lines on a white rim, which can be seen on every colour, and dots."""
    bold = arrows.style == REFERENCE
    # in the colours of the light theme: the scales of maps are light in either
    colour = "#000000" if bold else PALETTES["light"].lines[arrows.style]
    width = 2.4 if bold else 1.2
    (x, y), dots = outline_arrows(arrows), find_dots(arrows)
    shared = {"type": "scatter", "name": arrows.name, "hoverinfo": "skip"}
    lines = {**shared, "x": encode_array(x), "y": encode_array(y), "mode": "lines", "connectgaps": False}
    traces = [
        {**lines, "line": {"color": "#FFFFFF", "width": width + 1.2}, "opacity": 0.8},
        {**lines, "line": {"color": colour, "width": width}},
    ]
    if dots[0].size:
        marker = {"size": 2.5 * width, "color": colour, "line": {"width": 0.8, "color": "#FFFFFF"}}
        places = {"x": encode_array(dots[0]), "y": encode_array(dots[1])}
        traces.append({**shared, **places, "mode": "markers", "marker": marker})
    return traces


def _patch(flat: ndarray) -> dict[str, Any]:
    return {
        "z": encode_array(np.where(flat, 0.0, np.nan), COARSE),
        "colorscale": [[0, FLAT_ZERO], [1, FLAT_ZERO]],
        "showscale": False,
        "hovertemplate": f"d1 %{{x}}<br>d2 %{{y}}<br>{FLAT}<extra></extra>",
    }


def _clip_around(values: ndarray, level: float) -> ndarray:
    """Clip values far from a level, which keeps its contour and compresses better.

    >>> _clip_around(np.array([[-9.0, -8.0, -1.0, 2.0, 7.0]]), 0.0).tolist()
    [[-2.0, -2.0, -1.0, 2.0, 2.0]]
    """
    above = values > level
    reach = 0.0
    for dimension in (0, 1):
        passed = np.diff(above, axis=dimension)
        for side in (np.delete(values, -1, dimension), np.delete(values, 0, dimension)):
            reach = np.fmax.reduce(np.abs(side[passed] - level), initial=reach)
    return np.clip(values, level - reach, level + reach)
