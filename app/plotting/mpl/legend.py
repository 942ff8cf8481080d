"""Legends, and the style of a series in its field and its legend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

from app.plotting.model import REFERENCE, Series
from app.plotting.mpl.style import SMALL, PrintStyle, measure_text, write_text
from app.plotting.plotly.style import DASHES

STROKES: Mapping[str, Any] = {
    "solid": "solid",
    "dash": (0, (4.5, 1.8)),
    "dot": (0, (1.1, 1.4)),
    "dashdot": (0, (5, 1.5, 1.1, 1.5)),
    "longdash": (0, (8, 2)),
    "longdashdot": (0, (8, 1.6, 1.1, 1.6)),
    "2px,2px,6px,2px": (0, (1.1, 1.1, 4, 1.1)),
}
"""Dashes, in line widths."""

MARKS = {
    "triangle": ("v", 4.2),
    "diamond": ("D", 3.8),
    "star": ("*", 8.0),
    "dot": ("o", 3.0),
    "square": ("s", 3.2),
    "up": ("^", 4.0),
    "left": ("<", 4.0),
    "right": (">", 4.0),
    "cross": ("P", 4.0),
    "x": ("X", 4.0),
}
"""Shapes and sizes, in points."""

WIDTHS = {"thin": 0.4, "normal": 1.1, "heavy": 3.4}
FAINT = 0.6
"""Opacity of thin lines."""

ENTRY, SPACE, ROW = 0.22, 0.1, 0.16
"""Length of a sample, space between entries, height of a row."""


def style_series(item: Series, look: PrintStyle) -> dict[str, Any]:
    """Return the style of a series, in the field and in the legend."""
    palette = look.palette
    reference = item.style == REFERENCE
    colour = palette.ink if reference else palette.lines[item.style % len(palette.lines)]
    dash = "dash" if reference else DASHES[item.style % len(DASHES)]
    straight = item.joined or item.weight != "normal"
    style: dict[str, Any] = {
        "color": colour,
        "linewidth": WIDTHS["thin" if item.joined else item.weight],
        "linestyle": "solid" if straight and not reference else STROKES.get(dash, "solid"),
        "solid_capstyle": "butt",
        "solid_joinstyle": "round",
    }
    if item.weight == "thin":
        style["alpha"] = FAINT
    if item.mark is not None:
        shape, size = MARKS[item.mark]
        edge = palette.ink if item.mark == "star" else "white"
        style |= {"marker": shape, "markersize": size, "markeredgecolor": edge, "markeredgewidth": 0.4}
        if look.bare:
            style |= {"markersize": 0.75 * size, "markeredgewidth": 0}
        if not item.joined:
            style["linestyle"] = "none"
    return style


def draw_legend(over: Axes, place: tuple[float, float, float], entries: Sequence[Series], look: PrintStyle) -> float:
    """Draw entries above the fields, in as many rows as they need.

    Args:
        over: Drawn on this, in inches.
        place: Where the fields begin, and how wide and high all is.
        entries: What is named.
        look: Of the print.

    Returns:
        The height that they take.
    """
    if not entries:
        return 0.08
    height, places = place_entries([item.name for item in entries], [ENTRY] * len(entries), place)
    for item, (x, y) in zip(entries, places, strict=True):
        style = {**style_series(item, look), "alpha": 1.0, "markevery": [1]}
        over.add_line(Line2D(np.linspace(x, x + ENTRY, 3), np.full(3, y), **style))
        write_text(over, x + ENTRY + 0.05, y, item.name, SMALL, look.palette.ink, ha="left", va="center_baseline")
    return height


def place_entries(
    names: Sequence[str], samples: Sequence[float], place: tuple[float, float, float]
) -> tuple[float, list[tuple[float, float]]]:
    """Return the height of a legend, and the left end and middle height of each entry, whose sample is so long."""
    left, width, height = place
    widths = [sample + 0.05 + measure_text(name, SMALL) + SPACE for name, sample in zip(names, samples, strict=True)]
    # in line with the fields, but rather further to the left than in a second row
    if left + sum(widths) - SPACE > width >= sum(widths) - SPACE:
        left = min(left, max(0.0, width - sum(widths) + SPACE))
    places, row, at = [], 0, 0.0
    for wide in widths:
        if at and at + wide - SPACE > width - left + 1e-6:
            row, at = row + 1, 0.0
        places.append((left + at, height - ROW * (row + 0.5)))
        at += wide
    return ROW * (row + 1) + 0.06, places
