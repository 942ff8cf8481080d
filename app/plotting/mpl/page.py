"""Pages: panels in a grid under a title, and their files, reproducible to the byte."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from os import PathLike
from pathlib import Path
from threading import Lock
from typing import IO, Any, Literal

import matplotlib
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure

from app.plotting.model import Chart, Map, PanelContent, Picture, Scene, Table
from app.plotting.mpl.charts import draw_chart
from app.plotting.mpl.maps import draw_map
from app.plotting.mpl.scenes import draw_scene
from app.plotting.mpl.style import (
    GREY_STYLE,
    HEADING,
    NORMAL,
    POINT,
    PRINT_STYLE,
    SMALL,
    TITLE,
    Box,
    PrintStyle,
    add_field,
    wrap_text,
    write_text,
)
from app.plotting.mpl.tables import draw_table, lay_out, natural_width, split_rows, table_height

Format = Literal["png", "svg", "pdf"]

DPI = 200
PANEL = 3.38
"""Width of a panel in inches: two fill a journal's page."""

ALONE = 5.2
"""Width of a panel that has a row to itself."""

TALLEST = 10.3
"""Greatest height of a sheet with several columns, as far as its panels can be lower: it fits A4 and letter, upright."""

WIDEST, LESS_TALL = 10.3, 6.9
"""Greatest width of a table, on a page that is turned, and its greatest height there."""

LOWEST = 1.3
"""Least height of a picture that is made lower so that all fit a page."""

NARROWEST = 2.5
"""Least width of a panel beside another, on a sheet of a given width."""

WEBP_QUALITY = 90
"""Out of 100: keeps faint colours and small type."""

EDGE = 0.08
"""Inches at either side of a surface alone, where ticks of its colour bar would touch the end of the picture."""

MARGIN, BETWEEN, UNDER_ROW = 0.08, 0.18, 0.1
"""Around the sheet, between columns, and below a row."""

LEADING = 1.3
"""Line height, relative to the size of type."""

WRITING: dict[Any, Any] = {
    "svg.hashsalt": "batchscape",
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "image.composite_image": False,
}
"""Settings of matplotlib's SVG and PDF writers, which exist only as global ones."""

METADATA: dict[Format, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": "Batchscape"},
    "pdf": {"CreationDate": None, "Creator": "Batchscape"},
}
FALLBACK = (b"font-family: 'DejaVu Sans'", b"font-family: 'DejaVu Sans', Verdana, sans-serif")
STYLED = '<style type="text/css">*{stroke-linejoin: round; stroke-linecap: butt}</style>'
_one_writer = Lock()


@dataclass(frozen=True)
class PrintOptions:
    """How a figure is printed."""

    width: float | None = None  # of the sheet, in inches, or None: two panels fill a journal's page
    title: bool = True  # whether figure and panels have their titles; letters stay
    notes: bool = True  # whether there is text under the titles and below all
    grey: bool = False  # whether all is told apart without hue


def compose(
    panels: Sequence[tuple[str, PanelContent]],
    *,
    title: str,
    columns: int = 2,
    footer: str = "",
    options: PrintOptions = PrintOptions(),
) -> Figure:
    """Compose a printed figure.

    Args:
        panels: Letter and panel, row by row.
        title: Above all.
        columns: How many stand beside each other at most; fewer on a sheet too narrow for them.
        footer: What the figure was made with, below all.
        options: Of the print.
    """
    look = GREY_STYLE if options.grey else PRINT_STYLE
    setting, panels = _lift_setting(panels)
    columns, width, sheet_width = _divide_width(max(1, min(columns, len(panels))), options.width)
    heading = wrap_text(title if options.title else "", HEADING, sheet_width - 2 * MARGIN, bold=True)
    subtitle = wrap_text(setting if options.notes else "", NORMAL, sheet_width - 2 * MARGIN)
    small_print = wrap_text(footer if options.notes else "", SMALL, sheet_width - 2 * MARGIN)
    rows = [panels[start : start + columns] for start in range(0, len(panels), columns)]
    words = [[_wrap_words(letter, drawn, width, options) for letter, drawn in row] for row in rows]
    heads = [
        max(_line_height(TITLE) * len(above) + _line_height(NORMAL) * len(under) for above, under in row) + 0.04
        for row in words
    ]
    under_heading = MARGIN + _line_height(HEADING) * len(heading)
    above = under_heading + _line_height(NORMAL) * len(subtitle) + (0.06 if heading or subtitle else 0.0)
    below = MARGIN + _line_height(SMALL) * len(small_print)
    rest = above + below + sum(heads) + UNDER_ROW * (len(rows) - 1)
    natural = [[_panel_height(drawn.picture, width) for _, drawn in row] for row in rows]
    heights = _fit_heights(rows, natural, TALLEST - rest) if columns > 1 else natural
    bodies = [max(row) for row in heights]

    height = rest + sum(bodies)
    figure = _blank_sheet(sheet_width, height, DPI)
    palette = look.palette
    over = add_field(figure, Box(0, 0, sheet_width, height))
    _write_lines(over, MARGIN, height - MARGIN, heading, HEADING, palette.ink, weight="bold")
    _write_lines(over, MARGIN, height - under_heading, subtitle, NORMAL, palette.muted)
    _write_lines(over, MARGIN, below - 0.06, small_print, SMALL, palette.muted)

    top = height - above
    for row, row_words, row_heights, head, body in zip(rows, words, heights, heads, bodies, strict=True):
        for column, ((_, drawn), (named, noted), own) in enumerate(zip(row, row_words, row_heights, strict=True)):
            left = MARGIN + column * (width + BETWEEN)
            _write_lines(over, left, top, named, TITLE, palette.ink, weight="bold")
            _write_lines(over, left, top - _line_height(TITLE) * len(named), noted, NORMAL, palette.muted)
            draw_picture(figure, Box(left, top - head - own, width, own), drawn.picture, look)
        top -= head + body + UNDER_ROW
    return figure


def compose_pages(panel: PanelContent, *, footer: str = "") -> list[Figure]:
    """Compose a panel by itself: on one sheet, a table on as many pages as it takes, turned where it is wide."""
    table = panel.picture
    if not isinstance(table, Table):
        return [compose([("", panel)], title="", footer=footer)]
    # no number and no word is broken, so that a table can be wider than it should be
    width = max(ALONE, lay_out(table, min(natural_width(table), WIDEST)).width)
    parts = split_rows(table, width, (LESS_TALL if width > TALLEST / 2**0.5 else TALLEST) - 1)
    options = PrintOptions(width=width + 2 * MARGIN)
    return [compose([("", replace(panel, picture=part))], title="", footer=footer, options=options) for part in parts]


def _lift_setting(
    panels: Sequence[tuple[str, PanelContent]],
) -> tuple[str, Sequence[tuple[str, PanelContent]]]:
    """Take out the setting that all panels with one share, to be said once; else each says its own before its note."""
    settings = [drawn.setting for _, drawn in panels if drawn.setting]
    shared = settings[0] if len(settings) > 1 and len(set(settings)) == 1 else ""
    return shared, [
        (letter, replace(drawn, note=drawn.note if shared else drawn.caption, setting="")) for letter, drawn in panels
    ]


def _divide_width(columns: int, sheet: float | None) -> tuple[int, float, float]:
    """Return the number of columns, the width of one, and that of the sheet."""
    if sheet is None:
        width = PANEL if columns > 1 else ALONE
        return columns, width, 2 * MARGIN + columns * width + (columns - 1) * BETWEEN
    while columns > 1 and (sheet - 2 * MARGIN - (columns - 1) * BETWEEN) / columns < NARROWEST:
        columns -= 1
    return columns, (sheet - 2 * MARGIN - (columns - 1) * BETWEEN) / columns, sheet


def _fit_heights(
    rows: Sequence[Sequence[tuple[str, PanelContent]]], heights: list[list[float]], room: float
) -> list[list[float]]:
    """Make pictures lower, all by the same factor, so that the rows fit; tables stay, and none gets too low to be read."""
    factor = room / max(sum(max(row) for row in heights), 1e-9)
    if factor >= 1:
        return heights
    return [
        [
            own if isinstance(drawn.picture, Table) else min(own, max(LOWEST, factor * own))
            for (_, drawn), own in zip(row, row_heights, strict=True)
        ]
        for row, row_heights in zip(rows, heights, strict=True)
    ]


def write(figure: Figure, path_or_buffer: str | PathLike[str] | IO[bytes], format: Format) -> None:
    """Write a figure, reproducible to the byte."""
    content = encode_figure(figure, format)
    if isinstance(path_or_buffer, str | PathLike):
        Path(path_or_buffer).write_bytes(content)
    else:
        path_or_buffer.write(content)


def picture_image(
    picture: Picture, *, width: int, height: int, kind: Literal["png", "webp"] = "webp", density: int = 2
) -> bytes:
    """Draw one picture without its title; `width` × `height` are in CSS pixels, of which each has `density` dots each way.

    WebP has a fifth of the bytes of PNG and looks nearly the same.
    """
    return _draw_alone(picture, width, height, kind, density)


def picture_svg(picture: Picture, *, width: int, height: int) -> str:
    """Draw one picture without its title as SVG, to embed in a page."""
    document = _draw_alone(picture, width, height, "svg").decode("utf-8")
    # several in one page must not share names, nor style what is not theirs
    document = re.sub(r' id="[\w.]+_\d+"', "", document[document.index("<svg") :])
    return document.replace(STYLED, "").replace("<svg ", '<svg stroke-linejoin="round" stroke-linecap="butt" ', 1)


def encode_figure(figure: Figure, kind: Format | Literal["webp"]) -> bytes:
    """Encode a figure in a file format."""
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


def encode_pages(figures: Sequence[Figure]) -> bytes:
    """Encode figures as the pages of one PDF."""
    buffer = BytesIO()
    with _one_writer, matplotlib.rc_context(WRITING), PdfPages(buffer, metadata=METADATA["pdf"]) as pages:
        for figure in figures:
            pages.savefig(figure, dpi=figure.dpi)
    return buffer.getvalue()


def _draw_alone(picture: Picture, width: int, height: int, kind: Format | Literal["webp"], density: int = 2) -> bytes:
    wide, high = width / 96, height / 96
    figure = _blank_sheet(wide, high, 96 * density)
    edge = EDGE if isinstance(picture, Scene) else 0.0
    draw_picture(figure, Box(edge, 0, wide - 2 * edge, high), picture, PRINT_STYLE)
    return encode_figure(figure, kind)


def _blank_sheet(width: float, height: float, dpi: int) -> Figure:
    return Figure(figsize=(round(width * dpi) / dpi, round(height * dpi) / dpi), dpi=dpi, facecolor="white")


def draw_picture(figure: Figure, box: Box, picture: Picture | Table, look: PrintStyle) -> None:
    """Draw a picture of any kind into a rectangle of the sheet."""
    if isinstance(picture, Scene):
        draw_scene(figure, box, picture, look)
    elif isinstance(picture, Chart):
        draw_chart(figure, box, picture, look)
    elif isinstance(picture, Map):
        draw_map(figure, box, picture, look)
    else:
        draw_table(figure, box, picture, look)


def _panel_height(picture: Picture | Table, width: float) -> float:
    """Return the height of a picture in a panel of this width."""
    if isinstance(picture, Table):
        return table_height(picture, width)
    if isinstance(picture, Chart) and not picture.square:
        return 0.74 * width
    return (0.66 if isinstance(picture, Scene) else 0.8) * width


def _wrap_words(letter: str, drawn: PanelContent, width: float, options: PrintOptions) -> tuple[list[str], list[str]]:
    named = " ".join([f"({letter})"] * bool(letter) + [drawn.title] * options.title)
    noted = drawn.note if options.notes else ""
    return wrap_text(named, TITLE, width, bold=True), wrap_text(noted, NORMAL, width)


def _line_height(size: float) -> float:
    return LEADING * size * POINT


def _write_lines(axes: Any, left: float, top: float, lines: list[str], size: float, colour: str, **more: Any) -> None:  # noqa: ANN401
    for index, words in enumerate(lines):
        write_text(
            axes, left, top - _line_height(size) * (index + 0.75), words, size, colour, ha="left", va="baseline", **more
        )
