"""Printed tables: no type is made smaller so that they fit; words go over several lines, and rows over several pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from app.plotting.minus_signs import typeset
from app.plotting.model import Table
from app.plotting.mpl.style import HAIRLINE, SMALL, Box, PrintStyle, add_field, measure_text, wrap_text, write_text

LINE = 0.14
"""Height of a line of type, in inches."""

APART, BETWEEN = 0.05, 0.18
"""From a row to the next, and from a column to the next."""


@dataclass(frozen=True)
class TableLayout:
    """A table that is set in columns of given widths.

    Attributes:
        numeric: Which columns are set to the right.
        widths: Of the columns.
        rows: Lines of each cell, the headings first.
    """

    numeric: frozenset[int]
    widths: tuple[float, ...]
    rows: tuple[tuple[list[str], ...], ...]

    @property
    def width(self) -> float:
        """Width of all columns."""
        return sum(self.widths) + BETWEEN * max(0, len(self.widths) - 1)

    @property
    def heights(self) -> list[float]:
        """Of each row, the headings' first."""
        return [LINE * max((len(lines) for lines in row), default=1) + APART for row in self.rows]


def natural_width(table: Table) -> float:
    """Return the width of a table that has every cell on one line."""
    return lay_out(table, float("inf")).width


def lay_out(table: Table, width: float) -> TableLayout:
    """Set a table in columns that are together no wider than `width`, as far as no number and no word is broken."""
    cells = (table.columns, *(tuple(map(typeset, row)) for row in table.rows))
    whole, least = [], []
    for column in range(len(table.columns)):
        words = [(row[column], index == 0) for index, row in enumerate(cells)]
        whole.append(max(measure_text(text, SMALL, bold=bold) for text, bold in words))
        parts = [
            (part, bold)
            for text, bold in words
            for part in ([text] if column in table.numeric and not bold else text.split())
        ]
        least.append(max((measure_text(text, SMALL, bold=bold) for text, bold in parts), default=0.0))
    room = width - BETWEEN * max(0, len(whole) - 1) - sum(least)
    wanted = sum(whole) - sum(least)
    share = min(1.0, max(0.0, room / wanted)) if wanted else 0.0
    widths = tuple(low + share * (high - low) + 1e-6 for low, high in zip(least, whole, strict=True))
    rows = tuple(
        tuple(wrap_text(text, SMALL, wide, bold=index == 0) or [""] for text, wide in zip(row, widths, strict=True))
        for index, row in enumerate(cells)
    )
    return TableLayout(table.numeric, widths, rows)


def table_height(table: Table, width: float) -> float:
    """Return the height of a table that is set in a width."""
    return sum(lay_out(table, width).heights) + APART


def split_rows(table: Table, width: float, room: float) -> list[Table]:
    """Divide a table into parts that are no higher than `room`, each of at least one row."""
    heading, *heights = lay_out(table, width).heights
    parts: list[list[int]] = [[]]
    used = heading + APART
    for index, height in enumerate(heights):
        if parts[-1] and used + height > room:
            parts.append([])
            used = heading + APART
        parts[-1].append(index)
        used += height
    return [replace(table, rows=tuple(table.rows[index] for index in part)) for part in parts]


def draw_table(figure: Figure, box: Box, table: Table, look: PrintStyle) -> None:
    """Draw a table from the top of a rectangle of the sheet."""
    laid = lay_out(table, box.width)
    axes = add_field(figure, box)
    top = box.height
    for index, (row, height) in enumerate(zip(laid.rows, laid.heights, strict=True)):
        weight, colour = ("bold", look.palette.muted) if index == 0 else ("normal", look.palette.ink)
        left = 0.0
        for column, (lines, width) in enumerate(zip(row, laid.widths, strict=True)):
            place, side = (left + width, "right") if column in laid.numeric else (left, "left")
            _write_cell(axes, place, top - APART / 2, lines, colour, side, weight)
            left += width + BETWEEN
        top -= height
        if index in (0, len(laid.rows) - 1):
            axes.plot([0, laid.width], [top, top], color=look.palette.muted, linewidth=2 * HAIRLINE, clip_on=False)


def _write_cell(axes: Axes, x: float, top: float, lines: Sequence[str], colour: str, side: str, weight: str) -> None:
    for number, words in enumerate(lines):
        y = top - LINE * (number + 0.5)
        write_text(axes, x, y, words, SMALL, colour, ha=side, va="center_baseline", weight=weight)
