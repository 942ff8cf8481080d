"""Maps: values over the plane in colours, with lines of equal value."""

from __future__ import annotations

from typing import Any

import numpy as np

from app.figures.style import (
    DEVIATION,
    DIVERGING,
    LOSS,
    PALETTES,
    Figure,
    Theme,
    array,
    finite_range,
    layout,
    signed_limit,
)
from app.pictures import Map


def map_figure(picture: Map, theme: Theme) -> Figure:
    """A heat map of the plane."""
    palette = PALETTES[theme]
    common = {"x": array(picture.x), "y": array(picture.y)}
    if picture.colours == "slope":
        high = picture.high or signed_limit(picture.values)
        colours: dict[str, Any] = {"colorscale": DIVERGING, "zmin": -high, "zmax": high}
    elif picture.colours == "chance":
        scale = [[stop / 2, colour] for stop, colour in enumerate(palette.chance)]
        top = picture.high if picture.high is not None else float(np.nanmax(picture.values, initial=0.0)) or 1.0
        colours = {"colorscale": scale, "zmin": 0.0, "zmax": top}
    else:
        low, high = finite_range(picture.values)
        colours = {"colorscale": DEVIATION if picture.colours == "sd" else LOSS, "zmin": low, "zmax": high}
    traces: list[dict[str, Any]] = [
        {
            **common,
            **colours,
            "type": "heatmap",
            "name": picture.quantity,
            "z": array(picture.values),
            "colorbar": {
                "thickness": 9,
                "outlinewidth": 0,
                "tickfont": {"size": 11, "color": palette.muted},
                "nticks": 6,
            },
            "hovertemplate": f"d1 %{{x:.3g}}<br>d2 %{{y:.3g}}<br>{picture.quantity} %{{z:.3g}}<extra></extra>",
        }
    ]
    traces += [
        {
            **common,
            "type": "contour",
            "name": name,
            "z": array(values),
            "autocontour": False,
            "contours": {"start": level, "end": level, "size": 1, "coloring": "lines", "showlabels": False},
            "colorscale": [[0, palette.ink], [1, palette.ink]],
            "line": {"width": 2},
            "showscale": False,
            "showlegend": True,
            "hoverinfo": "skip",
        }
        for name, values, level in picture.contours
    ]
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
            margin={"l": 8, "r": 8, "t": 2, "b": 4},
            xaxis={**shared, "title": {"text": "d1", "standoff": 2, "font": {"size": 12}}},
            yaxis={**shared, "title": {"text": "d2", "standoff": 2, "font": {"size": 12}}},
            legend={"orientation": "h", "x": 0, "y": 1.01, "yanchor": "bottom", "font": {"size": 12}},
            showlegend=bool(picture.contours),
        ),
    }
