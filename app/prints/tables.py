"""Tables on paper."""

from __future__ import annotations

from matplotlib.figure import Figure

from app.pictures import Table
from app.prints.look import HAIRLINE, SMALL, Box, Look, field, text, text_width

LINE = 0.16
BETWEEN = 0.18


def table_height(table: Table) -> float:
    """How high a table is."""
    return LINE * (len(table.rows) + 1) + 0.1


def draw_table(figure: Figure, box: Box, table: Table, look: Look) -> None:
    """Draw a table from the top of a rectangle of the sheet; smaller where it would be too wide."""
    cells = (table.columns, *table.rows)
    wide = [max(text_width(row[column], SMALL, bold=True) for row in cells) for column in range(len(table.columns))]
    total = sum(wide) + BETWEEN * max(0, len(wide) - 1)
    shrunk = min(1.0, box.width / total) if total else 1.0
    axes = field(figure, box)
    for index, row in enumerate(cells):
        y = box.height - LINE * (index + 0.5)
        weight, colour = ("bold", look.palette.muted) if index == 0 else ("normal", look.palette.ink)
        left = 0.0
        for column, words in enumerate(row):
            right = left + wide[column] * shrunk
            numeric = column in table.numeric
            place, side = (right, "right") if numeric else (left, "left")
            text(axes, place, y, words, SMALL * shrunk, colour, ha=side, va="center_baseline", weight=weight)
            left = right + BETWEEN * shrunk
        if index in (0, len(cells) - 1):
            axes.plot(
                [0, total * shrunk], [y - LINE / 2] * 2, color=look.palette.muted, linewidth=2 * HAIRLINE, clip_on=False
            )
