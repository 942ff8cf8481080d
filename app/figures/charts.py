"""Charts: lines, marks and stacked bars in one or more fields that share the horizontal axis."""

from __future__ import annotations

from dataclasses import asdict
from itertools import accumulate
from typing import Any

import numpy as np

from app.figures.style import DASHES, PALETTES, PATTERNS, Figure, Palette, Theme, array, layout
from app.pictures import REFERENCE, Axes, Bars, Chart, Level, Series

GAP, MOST_GAPS = 0.08, 0.12
"""Room between two fields, as a share of the height; at most so much in all."""

SYMBOLS = {
    "triangle": "triangle-down",
    "diamond": "diamond",
    "star": "star",
    "dot": "circle",
    "square": "square",
    "up": "triangle-up",
    "left": "triangle-left",
    "right": "triangle-right",
    "cross": "cross",
    "x": "x",
}
SIZES = {"triangle": 6, "diamond": 6, "star": 12, "dot": 5}
OTHER_SIZE = 7
WIDTHS = {"thin": 0.6, "normal": 1.6, "heavy": 6.0}


def chart_figure(picture: Chart, theme: Theme) -> Figure:
    """A figure of one chart; a click on a legend entry shows or hides all that belongs to its group."""
    palette = PALETTES[theme]
    shared = {
        "gridcolor": palette.grid,
        "zeroline": False,
        "color": palette.muted,
        "tickfont": {"size": 11},
        "automargin": True,
    }
    numbers = ["" if index == 0 else str(index + 1) for index in range(len(picture.fields))]
    traces: list[dict[str, Any]] = []
    shapes: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    for field, number, domain in zip(picture.fields, numbers, _domains(picture.fields), strict=True):
        traces += [
            {
                **(series(item, palette) if isinstance(item, Series) else _bars(item, palette)),
                "xaxis": "x",
                "yaxis": f"y{number}",
            }
            for item in field.items
        ]
        shapes += [_level(level, f"y{number}", palette) for level in field.levels]
        notes += [_level_note(level, field, f"y{number}", palette) for level in field.levels if level.text]
        axes[f"yaxis{number}"] = {**shared, **_upright(field, picture), "domain": domain}
    across: dict[str, Any] = {**shared, "anchor": f"y{numbers[-1]}", "title": _title(picture.x_title)}
    if picture.x_range is not None:
        low, high = picture.x_range
        across["range"] = [low - 0.01 * (high - low), high + 0.01 * (high - low)]
    if picture.steps is not None:
        across["fixedrange"] = True
        for index, trace in enumerate(traces):
            # else Plotly fits another race into the marks of the last one, and loses numbers where that one had none
            trace["uid"] = f"{picture.steps.name}-{index}"
    return {
        "data": traces,
        "layout": layout(
            theme,
            margin={"l": 8, "r": 8, "t": 2, "b": 4},
            barmode="stack",
            bargap=0,
            xaxis=across,
            **axes,
            legend={
                "orientation": "h",
                "x": -0.06,
                "y": 1.01,
                "yanchor": "bottom",
                "font": {"size": 11},
                "itemwidth": 30,
                "bgcolor": "rgba(0,0,0,0)",
            },
            shapes=shapes,
            annotations=notes,
            dragmode="zoom",
            **({"meta": asdict(picture.steps)} if picture.steps else {}),
        ),
    }


def counts(part: Axes) -> bool:
    """Whether a field shows counts: bars of whole numbers."""
    bars = [item.y for item in part.items if isinstance(item, Bars)]
    return len(bars) == len(part.items) > 0 and all(bool((heights == np.round(heights)).all()) for heights in bars)


def _domains(fields: tuple[Axes, ...]) -> list[list[float]]:
    """Where each field begins and ends, from the top down."""
    gap = min(GAP, MOST_GAPS / max(1, len(fields) - 1))
    room = 1 - gap * (len(fields) - 1)
    total = sum(field.share for field in fields)
    heights = [room * field.share / total for field in fields]
    tops = [1 - before - gap * index for index, before in enumerate(accumulate([0.0, *heights[:-1]]))]
    return [[max(0.0, top - height), top] for top, height in zip(tops, heights, strict=True)]


def _upright(field: Axes, picture: Chart) -> dict[str, Any]:
    axis: dict[str, Any] = {"title": _title(field.title), "nticks": 5 if field.share >= 1 else 4}
    if field.log:
        axis |= {"type": "log", "dtick": 1}
    if field.ticks is not None:
        axis |= {
            "tickvals": [place for place, _ in field.ticks],
            "ticktext": [name for _, name in field.ticks],
            "showgrid": False,
        }
    if field.low is not None:
        heights = [level.height for level in field.levels]
        bars = [item.y for item in field.items if isinstance(item, Bars)]
        tops = [item.y for item in field.items if isinstance(item, Series)] + ([np.sum(bars, axis=0)] if bars else [])
        heights += [float(np.nanmax(top)) for top in tops if np.isfinite(top).any()]
        axis |= {"range": [field.low, field.low + 1.15 * (max(heights, default=1.0) - field.low or 1.0)]}
        axis |= {"fixedrange": True}
        if counts(field) and max(heights, default=0.0) < 4:  # else it would go in halves
            axis |= {"dtick": 1}
    if picture.square:
        axis |= {"scaleanchor": "x"}
    return axis


def series(item: Series, palette: Palette) -> dict[str, Any]:
    """A series as a trace."""
    reference = item.style == REFERENCE
    colour = palette.ink if reference else palette.lines[item.style % len(palette.lines)]
    dash = "dash" if reference else DASHES[item.style % len(DASHES)]
    trace: dict[str, Any] = {
        "type": "scatter",
        "name": item.name,
        "showlegend": item.legend,
        "x": array(item.x),
        "y": array(item.y),
        "hovertemplate": f"{item.name} at %{{x:.4g}}: %{{y:.4g}}<extra></extra>",
    }
    if item.group:
        trace["legendgroup"] = item.group
    modes = []
    if item.mark is None or item.joined:
        modes.append("lines")
        straight = item.weight != "normal" or item.joined
        trace["line"] = {
            "color": colour,
            "width": WIDTHS["thin" if item.joined else item.weight],
            "dash": "solid" if straight else dash,
        }
    if item.mark is not None:
        modes.append("markers")
        size = SIZES.get(item.mark, OTHER_SIZE)
        trace["marker"] = {"symbol": SYMBOLS[item.mark], "size": size, "color": colour}
        if item.reveal and item.reveal.sizes:
            trace["marker"] |= {"size": [size * one for one in item.reveal.sizes]}
            trace["marker"] |= {"line": {"width": 1, "color": palette.ink}, "opacity": 0.85}
        if item.mark == "star":
            trace["marker"]["line"] = {"width": 1.2, "color": palette.ink}
    if item.arrow:
        modes.append("markers")
        trace["marker"] = {"symbol": "arrow", "size": [0] * (len(item.x) - 1) + [14], "angleref": "previous"}
        trace["marker"] |= {"color": colour, "opacity": 1}
    if item.text:
        modes.append("text")
        trace |= {"text": list(item.text), "textposition": "top right", "textfont": {"size": 13, "color": colour}}
        trace["cliponaxis"] = False
    if item.weight == "thin":
        trace["opacity"] = 0.6
    if item.reveal is not None:
        trace |= {"meta": {"since": item.reveal.since, "until": item.reveal.until}, "hoverinfo": "skip"}
        trace |= {"textposition": "top center", "textfont": {"size": 11, "color": colour}, "hovertemplate": None}
    return {**trace, "mode": "+".join(modes)}


def _bars(item: Bars, palette: Palette) -> dict[str, Any]:
    trace = {
        "type": "bar",
        "name": item.name,
        "showlegend": False,
        "x": array(item.x),
        "y": array(item.y),
        "width": item.width,
        "marker": {
            "color": palette.lines[item.style % len(palette.lines)],
            "pattern": {"shape": PATTERNS[item.style % len(PATTERNS)], "size": 5, "solidity": 0.25},
            "line": {"width": 0},
        },
        "hovertemplate": f"{item.name}: %{{y}} at %{{x:.3g}}<extra></extra>",
    }
    return {**trace, "legendgroup": item.group} if item.group else trace


def _level(level: Level, yref: str, palette: Palette) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "yref": yref,
        "y0": level.height,
        "y1": level.height,
        "line": {"color": palette.ink, "width": 1.2, "dash": "dash" if level.dashed else "solid"},
    }


def _level_note(level: Level, field: Axes, yref: str, palette: Palette) -> dict[str, Any]:
    return {
        "text": level.text,
        "xref": "paper",
        "x": 1,
        "xanchor": "right",
        "yref": yref,
        # unlike shapes, annotations are placed by the logarithm
        "y": float(np.log10(level.height)) if field.log else level.height,
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 11, "color": palette.ink},
    }


def _title(text: str) -> dict[str, Any]:
    return {"text": text, "standoff": 4, "font": {"size": 12}}
