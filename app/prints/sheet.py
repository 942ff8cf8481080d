"""Sheets: panels in a grid under a title, and the files they become, the same bytes every time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from io import BytesIO
from os import PathLike
from pathlib import Path
from threading import Lock
from typing import IO, Any, Literal

import matplotlib
from matplotlib.figure import Figure

from app.pictures import Chart, Drawn, Map, Picture, Scene, Table
from app.prints.charts import draw_chart
from app.prints.look import HEADING, NORMAL, POINT, PRINTED, SMALL, TITLE, Box, Look, field, text, wrap
from app.prints.maps import draw_map
from app.prints.scenes import draw_scene
from app.prints.tables import draw_table, table_height

Format = Literal["png", "svg", "pdf"]

DPI = 200
PANEL = 3.45
"""Width of a panel in inches: two fill a journal's page."""

ALONE = 5.2
"""Width of a panel that has a row to itself."""

WEBP_QUALITY = 90
"""Of 100: faint colours and small type are still as they were."""

MARGIN, BETWEEN = 0.12, 0.24
LEADING = 1.35
"""Distance of two lines of text, in heights of the type."""

WRITING: dict[Any, Any] = {
    "svg.hashsalt": "batchscape",
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "image.composite_image": False,
}
"""The settings of matplotlib that only its SVG and PDF writers read, and that it knows only as global ones."""

METADATA: dict[Format, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": "Batchscape"},
    "pdf": {"CreationDate": None, "Creator": "Batchscape"},
}
FALLBACK = (b"font-family: 'DejaVu Sans'", b"font-family: 'DejaVu Sans', Verdana, sans-serif")
STYLED = '<style type="text/css">*{stroke-linejoin: round; stroke-linecap: butt}</style>'
_one_writer = Lock()


def compose(panels: Sequence[tuple[str, Drawn]], *, title: str, columns: int = 2, footer: str = "") -> Figure:
    """One printed figure.

    Args:
        panels: Letter and panel, row by row.
        title: Above all.
        columns: How many stand beside each other at most.
        footer: What the figure was made with, below all.
    """
    columns = max(1, min(columns, len(panels)))
    width = PANEL if columns > 1 else ALONE
    sheet_width = 2 * MARGIN + columns * width + (columns - 1) * BETWEEN
    heading = wrap(title, HEADING, sheet_width - 2 * MARGIN, bold=True)
    small_print = wrap(footer, SMALL, sheet_width - 2 * MARGIN)
    rows = [panels[start : start + columns] for start in range(0, len(panels), columns)]
    words = [[_words(letter, drawn, width) for letter, drawn in row] for row in rows]
    heads = [
        max(_line(TITLE) * len(above) + _line(NORMAL) * len(under) for above, under in row) + 0.06 for row in words
    ]
    bodies = [max(_height(drawn.picture, width) for _, drawn in row) for row in rows]

    above = MARGIN + _line(HEADING) * len(heading) + (0.08 if heading else 0.0)
    below = MARGIN + _line(SMALL) * len(small_print)
    height = above + below + sum(heads) + sum(bodies) + BETWEEN * (len(rows) - 1)
    figure = _sheet(sheet_width, height, DPI)
    palette = PRINTED.palette
    over = field(figure, Box(0, 0, sheet_width, height))
    _lines(over, MARGIN, height - MARGIN, heading, HEADING, palette.ink, weight="bold")
    _lines(over, MARGIN, below - 0.06, small_print, SMALL, palette.muted)

    top = height - above
    for row, row_words, head, body in zip(rows, words, heads, bodies, strict=True):
        for column, ((_, drawn), (named, noted)) in enumerate(zip(row, row_words, strict=True)):
            left = MARGIN + column * (width + BETWEEN)
            _lines(over, left, top, named, TITLE, palette.ink, weight="bold")
            _lines(over, left, top - _line(TITLE) * len(named), noted, NORMAL, palette.muted)
            own = _height(drawn.picture, width)
            draw_picture(figure, Box(left, top - head - own, width, own), drawn.picture, PRINTED)
        top -= head + body + BETWEEN
    return figure


def write(figure: Figure, path_or_buffer: str | PathLike[str] | IO[bytes], format: Format) -> None:
    """Write a figure; of the same figure always the same bytes."""
    content = written(figure, format)
    if isinstance(path_or_buffer, str | PathLike):
        Path(path_or_buffer).write_bytes(content)
    else:
        path_or_buffer.write(content)


def picture_png(picture: Picture, *, width: int, height: int) -> bytes:
    """One picture alone, without its title, for a page: `width` × `height` are the page's dots, of which it has 2 × 2."""
    return _alone(picture, width, height, "png")


def picture_webp(picture: Picture, *, width: int, height: int) -> bytes:
    """As `picture_png`, in a fifth of its bytes and nearly the same: for a page that holds many."""
    return _alone(picture, width, height, "webp")


def picture_svg(picture: Picture, *, width: int, height: int) -> str:
    """One picture alone, as a drawing to put into a page."""
    document = _alone(picture, width, height, "svg").decode("utf-8")
    # several in one page must not share names, nor style what is not theirs
    document = re.sub(r' id="[\w.]+_\d+"', "", document[document.index("<svg") :])
    return document.replace(STYLED, "").replace("<svg ", '<svg stroke-linejoin="round" stroke-linecap="butt" ', 1)


def written(figure: Figure, kind: Format | Literal["webp"]) -> bytes:
    """A figure as a file."""
    buffer = BytesIO()
    if kind == "webp":
        figure.savefig(buffer, format=kind, dpi=figure.dpi, pil_kwargs={"quality": WEBP_QUALITY})
        return buffer.getvalue()
    if kind == "png":
        figure.savefig(buffer, format=kind, dpi=figure.dpi, metadata=METADATA[kind])
        return buffer.getvalue()
    with _one_writer, matplotlib.rc_context(WRITING):
        figure.savefig(buffer, format=kind, dpi=figure.dpi, metadata=METADATA[kind])
    # text stays text; where the font is missing, one of the same width steps in
    return buffer.getvalue().replace(*FALLBACK) if kind == "svg" else buffer.getvalue()


def _alone(picture: Picture, width: int, height: int, kind: Format | Literal["webp"]) -> bytes:
    wide, high = width / 96, height / 96
    figure = _sheet(wide, high, 192)
    draw_picture(figure, Box(0, 0, wide, high), picture, PRINTED)
    return written(figure, kind)


def _sheet(width: float, height: float, dpi: int) -> Figure:
    return Figure(figsize=(round(width * dpi) / dpi, round(height * dpi) / dpi), dpi=dpi, facecolor="white")


def draw_picture(figure: Figure, box: Box, picture: Picture | Table, look: Look) -> None:
    """Draw a picture of any kind into a rectangle of the sheet."""
    if isinstance(picture, Scene):
        draw_scene(figure, box, picture, look)
    elif isinstance(picture, Chart):
        draw_chart(figure, box, picture, look)
    elif isinstance(picture, Map):
        draw_map(figure, box, picture, look)
    else:
        draw_table(figure, box, picture, look)


def _height(picture: Picture | Table, width: float) -> float:
    """How high a picture is in a panel of this width."""
    if isinstance(picture, Table):
        return table_height(picture)
    if isinstance(picture, Chart) and not picture.square:
        return 0.74 * width
    return (0.66 if isinstance(picture, Scene) else 0.8) * width


def _words(letter: str, drawn: Drawn, width: float) -> tuple[list[str], list[str]]:
    named = f"({letter}) {drawn.title}" if letter else drawn.title
    return wrap(named, TITLE, width, bold=True), wrap(drawn.note, NORMAL, width)


def _line(size: float) -> float:
    return LEADING * size * POINT


def _lines(axes: Any, left: float, top: float, lines: list[str], size: float, colour: str, **more: Any) -> None:  # noqa: ANN401
    for index, words in enumerate(lines):
        text(axes, left, top - _line(size) * (index + 0.75), words, size, colour, ha="left", va="baseline", **more)
