"""How a series looks, in its field and in the legend above it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from app.figures.style import DASHES
from app.pictures import REFERENCE, Series
from app.prints.look import SMALL, Look, text, text_width

STROKES: Mapping[str, Any] = {
    "solid": "solid",
    "dash": (0, (4.5, 1.8)),
    "dot": (0, (1.1, 1.4)),
    "dashdot": (0, (5, 1.5, 1.1, 1.5)),
    "longdash": (0, (8, 2)),
    "longdashdot": (0, (8, 1.6, 1.1, 1.6)),
    "2px,2px,6px,2px": (0, (1.1, 1.1, 4, 1.1)),
}
"""The page's dashes, in widths of the line."""

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
"""Opacity of one of very many lines."""

ENTRY, SPACE, ROW = 0.24, 0.12, 0.15
"""Of the legend: length of a sample, room between entries, height of a row."""

CHIP = 0.09
"""Side of a patch of colour."""


def look_of(item: Series, look: Look) -> dict[str, Any]:
    """How a series is drawn, in the field and in the legend."""
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


def legend(over: Axes, place: tuple[float, float, float], entries: Sequence[Series], look: Look) -> float:
    """Entries above the fields, in as many rows as they need.

    Args:
        over: Drawn on this, in inches.
        place: Where the fields begin, and how wide and high all is.
        entries: What is named.
        look: Of the print.

    Returns:
        The height that they take.
    """
    left, width, height = place
    if not entries:
        return 0.08
    left, rows = _rows([item.name for item in entries], ENTRY, left, width)
    for index, row in enumerate(rows):
        y = height - ROW * (index + 0.5)
        for x, which in row:
            item = entries[which]
            style = {**look_of(item, look), "alpha": 1.0}
            if item.mark is None:
                over.add_line(Line2D([left + x, left + x + ENTRY], [y, y], **style))
            else:
                shown = "none" if not item.joined else "solid"
                over.add_line(
                    Line2D(
                        np.linspace(left + x, left + x + ENTRY, 3),
                        np.full(3, y),
                        markevery=[1],
                        **{**style, "linestyle": shown},
                    )
                )
            text(over, left + x + ENTRY + 0.05, y, item.name, SMALL, look.palette.ink, ha="left", va="center_baseline")
    return ROW * len(rows) + 0.06


def key(over: Axes, place: tuple[float, float, float], entries: Sequence[tuple[str, str]], look: Look) -> float:
    """Colours and what they stand for, above a picture; `place` and the result are as for `legend`."""
    left, width, height = place
    if not entries:
        return 0.0
    left, rows = _rows([words for _, words in entries], CHIP, left, width)
    for index, row in enumerate(rows):
        y = height - ROW * (index + 0.5)
        for x, which in row:
            colour, words = entries[which]
            over.add_patch(Rectangle((left + x, y - CHIP / 2), CHIP, CHIP, facecolor=colour, edgecolor="none"))
            text(over, left + x + CHIP + 0.05, y, words, SMALL, look.palette.ink, ha="left", va="center_baseline")
    return ROW * len(rows) + 0.06


def _rows(
    names: Sequence[str], sample: float, left: float, width: float
) -> tuple[float, list[list[tuple[float, int]]]]:
    """Where the entries of a legend stand: where its rows begin, and in each row the places and numbers of its entries."""
    widths = [sample + 0.05 + text_width(name, SMALL) + SPACE for name in names]
    # in line with the fields, but rather further to the left than in a second row
    left = min(left, max(0.0, width - sum(widths) + SPACE)) if sum(widths) - SPACE <= width else left
    rows: list[list[tuple[float, int]]] = [[]]
    at = 0.0
    for index, wide in enumerate(widths):
        if at and at + wide - SPACE > width - left + 1e-6:
            rows.append([])
            at = 0.0
        rows[-1].append((at, index))
        at += wide
    return left, rows
