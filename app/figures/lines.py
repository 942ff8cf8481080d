"""The four lines: curves with their optima marked, and histograms of where the optima lie."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy import ndarray

from app.figures.style import DASHES, PALETTES, PATTERNS, Figure, Theme, array, layout
from landscape_core.geometry import LINES
from landscape_core.optima import HISTOGRAM_BINS, histogram


@dataclass(frozen=True, eq=False)
class Curves:
    """One quantity on the four lines.

    Attributes:
        quantity: "loss" or "slope".
        found_name: What is marked: "minima" or "NN-GPPs".
        symbol: Plotly's name of the marker.
        positions: (A,).
        values: What is shown, (4, A).
        full: The full batch, (4, A).
        found: Where apparent optima lie, (4, A).
        true: Where true optima lie, (4, A).
        ceiling: Expected optima of pure noise on one line, or None where that has no meaning.
    """

    quantity: str
    found_name: str
    symbol: str
    positions: ndarray
    values: ndarray
    full: ndarray
    found: ndarray
    true: ndarray
    ceiling: float | None


def line_figure(curves: Curves, theme: Theme) -> Figure:
    """Curves above, histogram below, one legend entry a direction that shows or hides all that belongs to it."""
    palette = PALETTES[theme]
    reach = float(curves.positions[-1])
    traces: list[dict[str, Any]] = []
    totals = np.zeros(HISTOGRAM_BINS)
    for index, line in enumerate(LINES):
        colour, dash, group = palette.lines[index], DASHES[index], f"line{index}"
        at, true_at = curves.found[index], curves.true[index]
        common = {"legendgroup": group, "xaxis": "x", "yaxis": "y"}
        traces.append(
            {
                **common,
                "type": "scatter",
                "mode": "lines",
                "name": f"{line.name}: {int(at.sum())}",
                "x": array(curves.positions),
                "y": array(curves.values[index]),
                "line": {"color": colour, "width": 1.6, "dash": dash},
                "hovertemplate": f"{line.name} at %{{x:.3g}}: %{{y:.4g}}<extra></extra>",
            }
        )
        for kind, where, values, marker in (
            (curves.found_name, at, curves.values, {"symbol": curves.symbol, "size": 6}),
            (
                "true optimum",
                true_at,
                curves.full,
                {"symbol": "star", "size": 12, "line": {"width": 1.2, "color": palette.ink}},
            ),
        ):
            traces.append(
                {
                    **common,
                    "type": "scatter",
                    "mode": "markers",
                    "name": f"{line.name}, {kind}",
                    "showlegend": False,
                    "x": array(curves.positions[where]),
                    "y": array(values[index][where]),
                    "marker": {**marker, "color": colour},
                    "hovertemplate": f"{kind} of {line.name} at %{{x:.3g}}<extra></extra>",
                }
            )
        counts, centres = histogram(curves.positions[at], reach)
        totals += counts
        traces.append(
            {
                "type": "bar",
                "legendgroup": group,
                "name": f"{line.name}, histogram",
                "showlegend": False,
                "x": array(centres),
                "y": array(counts),
                "width": 2 * reach / HISTOGRAM_BINS,
                "xaxis": "x",
                "yaxis": "y2",
                "marker": {
                    "color": colour,
                    "pattern": {"shape": PATTERNS[index], "size": 5, "solidity": 0.25},
                    "line": {"width": 0},
                },
                "hovertemplate": f"{line.name}: %{{y}} at %{{x:.3g}}<extra></extra>",
            }
        )
    highest = float(totals.max(initial=1.0))
    shapes: list[dict[str, Any]] = []
    notes: list[dict[str, Any]] = []
    if curves.ceiling is not None:
        level = len(LINES) * curves.ceiling / HISTOGRAM_BINS
        highest = max(highest, level)
        shapes.append(_level(level, "y2", palette.ink, "dash"))
        notes.append(
            {
                "text": "pure noise",
                "xref": "paper",
                "x": 1,
                "xanchor": "right",
                "yref": "y2",
                "y": level,
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 11, "color": palette.ink},
            }
        )
    if curves.quantity == "slope":
        shapes.append(_level(0.0, "y", palette.ink, "solid"))
    shared = {
        "gridcolor": palette.grid,
        "zeroline": False,
        "color": palette.muted,
        "tickfont": {"size": 11},
        "automargin": True,
    }
    return {
        "data": traces,
        "layout": layout(
            theme,
            margin={"l": 8, "r": 8, "t": 2, "b": 4},
            barmode="stack",
            bargap=0,
            xaxis={**shared, "range": [-reach * 1.02, reach * 1.02], "anchor": "y2", "showspikes": False},
            yaxis={**shared, "domain": [0.40, 1], "title": _title(curves.quantity), "nticks": 5},
            yaxis2={
                **shared,
                "domain": [0, 0.32],
                "title": _title("count"),
                "nticks": 4,
                "range": [0, 1.15 * highest],
                "fixedrange": True,
            },
            legend={
                "orientation": "h",
                "x": 0,
                "y": 1.01,
                "yanchor": "bottom",
                "font": {"size": 12},
                "itemwidth": 30,
                "bgcolor": "rgba(0,0,0,0)",
            },
            shapes=shapes,
            annotations=notes,
            dragmode="zoom",
        ),
    }


def _level(height: float, yref: str, colour: str, dash: str) -> dict[str, Any]:
    return {
        "type": "line",
        "xref": "paper",
        "x0": 0,
        "x1": 1,
        "yref": yref,
        "y0": height,
        "y1": height,
        "line": {"color": colour, "width": 1.2, "dash": dash},
    }


def _title(text: str) -> dict[str, Any]:
    return {"text": text, "standoff": 4, "font": {"size": 12}}
