"""Charts: lines, marks and stacked bars in one or more fields that share the horizontal axis."""

from __future__ import annotations

from dataclasses import asdict
from itertools import accumulate
from typing import Any

import numpy as np

from app.plotting.minus_signs import typeset
from app.plotting.model import REFERENCE, Axes, Bars, Chart, Level, Series
from app.plotting.plotly.style import DASHES, PALETTES, Figure, Palette, Theme, axis, encode_array, layout

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
MOST_DECADES = 3
"""Decades of an upright axis up to which there are ticks between the powers of ten."""

WIDTHS = {"thin": 0.6, "normal": 1.6, "heavy": 6.0}


def chart_figure(picture: Chart, theme: Theme) -> Figure:
    """Render a chart; a click on a legend entry shows or hides its group, but where all belong together in a row."""
    palette = PALETTES[theme]
    numbers = ["" if index == 0 else str(index + 1) for index in range(len(picture.fields))]
    traces: list[dict[str, Any]] = []
    shapes: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    axes: dict[str, Any] = {}
    for field, number, domain in zip(picture.fields, numbers, _divide_height(picture.fields), strict=True):
        traces += [
            {
                **(series_trace(item, palette) if isinstance(item, Series) else _bar_trace(item, palette)),
                "xaxis": "x",
                "yaxis": f"y{number}",
            }
            for item in field.items
        ]
        shapes += [_level_line(level, f"y{number}", palette) for level in field.levels]
        notes += [_level_note(level, field, f"y{number}", palette) for level in field.levels if level.text]
        upright = _vertical_axis(field, picture)
        axes[f"yaxis{number}"] = axis(palette, field.title, gridcolor=palette.grid, domain=domain, **upright)
    across = axis(palette, picture.x_title, gridcolor=palette.grid, anchor=f"y{numbers[-1]}")
    if picture.x_range is not None:
        low, high = picture.x_range
        across["range"] = [low - 0.01 * (high - low), high + 0.01 * (high - low)]
    if picture.steps is not None:
        across["fixedrange"] = True
        for index, trace in enumerate(traces):
            # else Plotly fits another race into the marks of the last one, and loses numbers where that one had none
            trace["uid"] = f"{picture.steps.name}-{index}"
    meta = {
        **(asdict(picture.steps) if picture.steps else {}),
        **({"legend": "row"} if picture.legend_row else {}),
        **({"along": [asdict(line) for line in picture.along]} if picture.along else {}),
    }
    return {
        "data": traces,
        "layout": layout(
            theme,
            # half a tick's label stands above an axis; with room for it, charts beside each other are equally high
            margin={"l": 8, "r": 8, "t": 8 if picture.legend_row else 2, "b": 4},
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
                **({"itemclick": False, "itemdoubleclick": False} if picture.legend_row else {}),
            },
            shapes=shapes,
            annotations=notes,
            dragmode="zoom",
            **({"meta": meta} if meta else {}),
        ),
    }


def shows_counts(part: Axes) -> bool:
    """Return whether a field shows counts: bars of whole numbers."""
    bars = [item.y for item in part.items if isinstance(item, Bars)]
    return len(bars) == len(part.items) > 0 and all(bool((heights == np.round(heights)).all()) for heights in bars)


def _divide_height(fields: tuple[Axes, ...]) -> list[list[float]]:
    """Return the vertical domain of each field, from the top down."""
    gap = min(GAP, MOST_GAPS / max(1, len(fields) - 1))
    room = 1 - gap * (len(fields) - 1)
    total = sum(field.share for field in fields)
    heights = [room * field.share / total for field in fields]
    tops = [1 - before - gap * index for index, before in enumerate(accumulate([0.0, *heights[:-1]]))]
    return [[max(0.0, top - height), top] for top, height in zip(tops, heights, strict=True)]


def _vertical_axis(field: Axes, picture: Chart) -> dict[str, Any]:
    own: dict[str, Any] = {"nticks": 5 if field.share >= 1 else 3}
    if field.log:
        own |= {"type": "log", **_log_ticks(field)}
    if field.ticks is not None:
        own |= {
            "tickvals": [place for place, _ in field.ticks],
            "ticktext": [name for _, name in field.ticks],
            "showgrid": False,
        }
    if field.low is not None:
        heights = [field.top, *(level.height for level in field.levels)]
        bars = [item.y for item in field.items if isinstance(item, Bars)]
        tops = [item.y for item in field.items if isinstance(item, Series)] + ([np.sum(bars, axis=0)] if bars else [])
        heights += [float(np.nanmax(top)) for top in tops if np.isfinite(top).any()]
        own |= {"range": [field.low, field.low + 1.15 * (max(heights, default=1.0) - field.low or 1.0)]}
        own |= {"fixedrange": True}
        if shows_counts(field) and max(heights, default=0.0) < 4:  # else it would go in halves
            own |= {"dtick": 1}
    if picture.square:
        own |= {"scaleanchor": "x"}
    return own


def _log_ticks(field: Axes) -> dict[str, Any]:
    """Powers of ten; where there are few of these, 2 and 5 times each, too."""
    values = np.concatenate([np.ravel(item.y) for item in field.items])
    known = np.log10(values[np.isfinite(values) & (values > 0)])
    if not len(known) or np.ptp(known) > MOST_DECADES:
        return {"dtick": 1, "exponentformat": "power"}
    decades = range(int(np.floor(known.min())) - 1, int(np.ceil(known.max())) + 1)
    places = [float(f"{digit}e{decade}") for decade in decades for digit in (1, 2, 5)]
    return {"tickvals": places, "ticktext": [typeset(f"{place:g}") for place in places]}


def series_trace(item: Series, palette: Palette) -> dict[str, Any]:
    """Build the trace of a series."""
    reference = item.style == REFERENCE
    colour = palette.ink if reference else palette.lines[item.style % len(palette.lines)]
    dash = "dash" if reference else DASHES[item.style % len(DASHES)]
    trace: dict[str, Any] = {
        "type": "scatter",
        "name": item.name,
        "showlegend": item.legend,
        "x": encode_array(item.x),
        "y": encode_array(item.y),
        "hovertemplate": f"{item.label or item.name} at %{{x}}: %{{y}}<extra></extra>",
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


def _bar_trace(item: Bars, palette: Palette) -> dict[str, Any]:
    trace = {
        "type": "bar",
        "name": item.name,
        "showlegend": False,
        "x": encode_array(item.x),
        "y": encode_array(item.y),
        "width": item.width,
        "marker": {
            "color": palette.lines[item.style % len(palette.lines)],
            "line": {"width": 0},
        },
        "hovertemplate": f"{item.name}: %{{y}} at %{{x}}<extra></extra>",
    }
    return {**trace, "legendgroup": item.group} if item.group else trace


def _level_line(level: Level, yref: str, palette: Palette) -> dict[str, Any]:
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
