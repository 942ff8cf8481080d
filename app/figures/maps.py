"""Maps: values over the plane in colours, with lines of equal value."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy import ndarray

from app.figures.charts import series
from app.figures.style import COARSE, PALETTES, Figure, Theme, array, colour_limits, colour_scale, layout
from app.pictures import Map

SIGNS = {"tickvals": [0, 1, 2], "ticktext": ["−", "?", "+"]}


def map_figure(picture: Map, theme: Theme) -> Figure:
    """A heat map of the plane."""
    palette = PALETTES[theme]
    common = {"x": array(picture.x), "y": array(picture.y)}
    low, high = colour_limits(picture.colours, picture.values, picture.high)
    traces: list[dict[str, Any]] = [
        {
            **common,
            "type": "heatmap",
            "colorscale": colour_scale(picture.colours, palette),
            "zmin": low,
            "zmax": high,
            "name": picture.quantity,
            "z": array(picture.values, COARSE),
            "colorbar": {
                "thickness": 9,
                "outlinewidth": 0,
                "tickfont": {"size": 11, "color": palette.muted},
                **(SIGNS if picture.colours == "sign" else {"nticks": 6}),
            },
            "hovertemplate": f"d1 %{{x:.3g}}<br>d2 %{{y:.3g}}<br>{picture.quantity} %{{z:.3g}}<extra></extra>",
        }
    ]
    # probabilities begin at the sheet's own colour, the other scales are light around zero in either theme
    ink = palette.ink if picture.colours == "chance" else "#000000"
    traces += [
        {
            **common,
            "type": "contour",
            "name": name,
            "z": array(_around(values, level), COARSE),
            "autocontour": False,
            "contours": {"start": level, "end": level, "size": 1, "coloring": "lines", "showlabels": False},
            "colorscale": [[0, ink], [1, ink]],
            "line": {"width": 2},
            "showscale": False,
            "hoverinfo": "skip",
        }
        for name, values, level in picture.contours
    ]
    traces += [series(item, palette) for item in picture.curves]
    shapes = []
    if picture.handle is not None:
        (x0, y0), (x1, y1) = picture.handle
        ends = {"x0": x0, "y0": y0, "x1": x1, "y1": y1}
        shapes = [{"type": "line", **ends, "line": {"color": palette.lines[1], "width": 3}}]
    shared = {
        "color": palette.muted,
        "showgrid": False,
        "zeroline": False,
        "tickfont": {"size": 11},
        "automargin": True,
    }
    return {
        "data": traces,
        "layout": layout(
            theme,
            margin={"l": 8, "r": 8, "t": 8, "b": 4},
            shapes=shapes,
            xaxis={**shared, **_along("d1", picture.x)},
            yaxis={**shared, **_along("d2", picture.y)},
            showlegend=False,  # what lies over a map is named beside it
            dragmode="pan" if picture.handle else "zoom",
        ),
    }


def _around(values: ndarray, level: float) -> ndarray:
    """The same line of a level, with values that are equal far from it, which compress to little.

    >>> _around(np.array([[-9.0, -8.0, -1.0, 2.0, 7.0]]), 0.0).tolist()
    [[-2.0, -2.0, -1.0, 2.0, 2.0]]
    """
    above = values > level
    reach = 0.0
    for axis in (0, 1):
        passed = np.diff(above, axis=axis)
        for side in (np.delete(values, -1, axis), np.delete(values, 0, axis)):
            reach = np.fmax.reduce(np.abs(side[passed] - level), initial=reach)
    return np.clip(values, level - reach, level + reach)


def _along(title: str, positions: ndarray) -> dict[str, Any]:
    return {
        "range": [float(positions[0]), float(positions[-1])],
        "title": {"text": title, "standoff": 2, "font": {"size": 12}},
    }
