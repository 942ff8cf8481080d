"""Maps: values over the plane in colours, with lines of equal value."""

from __future__ import annotations

from typing import Any

from app.figures.style import PALETTES, Figure, Theme, array, colour_limits, colour_scale, layout
from app.pictures import Map


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
