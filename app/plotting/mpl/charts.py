"""Printed charts: lines, marks, arrows and stacked bars in fields that share the horizontal axis."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes as Field
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from app.plotting.model import Axes, Bars, Chart, Level, Series
from app.plotting.mpl.axis_limits import (
    horizontal_limits,
    measure_labels,
    stack_bars,
    tick_format,
    vertical_limits,
    vertical_ticks,
)
from app.plotting.mpl.legend import STROKES, draw_legend, style_series
from app.plotting.mpl.style import (
    FAMILY,
    HAIRLINE,
    NORMAL,
    SMALL,
    Box,
    PrintStyle,
    add_field,
    format_number,
    style_ticks,
    to_fractions,
    write_text,
)

HATCHES = ("", "/////", "..", "xxxx", "-----", "|||||", "\\\\\\\\\\")
"""Patterns of bars that are told apart without hue. An SVG holds the outline of every dot: denser ones
make it four times as large."""

GAP = 0.1
"""Between two fields."""

LEAST = 0.4
"""Least width and height of the fields."""

UNDER = 0.36
"""Room for the ticks and the title of the horizontal axis."""

HEAD = 4.0
"""Length of an arrowhead, in points."""

NOTE: dict[str, Any] = {
    "textcoords": "offset points",
    "fontfamily": FAMILY,
    "parse_math": False,
    "annotation_clip": False,
    "zorder": 4,
}
"""Style of a label beside a point or a level."""


def draw_chart(figure: Figure, box: Box, chart: Chart, look: PrintStyle) -> None:
    """Draw a chart into a rectangle of the sheet."""
    across = horizontal_limits(chart)
    if look.bare:
        for part in chart.fields[:1]:  # a histogram of hair's breadth tells nothing
            _field(figure, box, part, chart, across, look, lowest=False)
        return

    names = measure_labels(chart)
    entries = [item for part in chart.fields for item in part.items if isinstance(item, Series) and item.legend]
    left = 0.34 + names
    over = add_field(figure, box)
    tall = draw_legend(over, (left, box.width, box.height), entries, look)
    inner = Box(
        box.left + left, box.bottom + UNDER, max(LEAST, box.width - left - 0.1), max(LEAST, box.height - UNDER - tall)
    )
    total = sum(part.share for part in chart.fields)
    room = inner.height - GAP * (len(chart.fields) - 1)
    top = inner.bottom + inner.height
    for index, part in enumerate(chart.fields):
        height = room * part.share / total
        here = replace(inner, bottom=top - height, height=height)
        if chart.square:
            here = _squared(here, across, vertical_limits(part, across))
        lowest = index == len(chart.fields) - 1
        _field(figure, here, part, chart, across, look, lowest=lowest)
        x = here.left - box.left - names - 0.24 if chart.square else 0.1
        y = here.bottom - box.bottom + here.height / 2
        write_text(over, x, y, part.title, NORMAL, look.palette.ink, rotation=90)
        if lowest:
            middle, under = here.left - box.left + here.width / 2, here.bottom - box.bottom - 0.28
            write_text(over, middle, under, chart.x_title, NORMAL, look.palette.ink)
        top -= height + GAP


def _squared(box: Box, across: tuple[float, float], upright: tuple[float, float]) -> Box:
    """Return the largest field in a rectangle with equal units both ways."""
    wide, tall = across[1] - across[0], upright[1] - upright[0]
    unit = min(box.width / wide, box.height / tall)
    left, bottom = box.left + (box.width - unit * wide) / 2, box.bottom + (box.height - unit * tall) / 2
    return Box(left, bottom, unit * wide, unit * tall)


def _field(
    figure: Figure, box: Box, part: Axes, chart: Chart, across: tuple[float, float], look: PrintStyle, *, lowest: bool
) -> None:
    palette = look.palette
    axes = figure.add_axes(to_fractions(figure, box), facecolor="none")
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set(color=palette.muted, linewidth=1.5 * HAIRLINE)
    axes.grid(visible=True, color=palette.grid, linewidth=HAIRLINE, linestyle="solid")
    style_ticks(axes, look)
    axes.tick_params(labelbottom=lowest)
    if part.log:
        axes.set_yscale("log", nonpositive="mask")
    upright = vertical_limits(part, across)
    axes.set(xlim=across, ylim=upright)
    axes.xaxis.set_major_locator(MaxNLocator(7, steps=[1, 2, 2.5, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(format_number))
    if part.ticks is None:
        axes.yaxis.set_major_locator(FixedLocator(vertical_ticks(part, upright)))
        axes.yaxis.set_major_formatter(FuncFormatter(tick_format(part, upright)))
        axes.yaxis.set_minor_locator(NullLocator())
    else:
        axes.set_yticks([place for place, _ in part.ticks])
        axes.set_yticklabels([name for _, name in part.ticks], parse_math=False)
        axes.grid(visible=False, axis="y")
    if look.bare:
        axes.set_axis_off()

    bars: list[Bars] = []
    for item in part.items:
        if isinstance(item, Bars):
            _bars(axes, item, stack_bars(bars), look)
            bars.append(item)
        else:
            _series(axes, item, look)
    for level in part.levels:
        _level(axes, level, look)


def _series(axes: Field, item: Series, look: PrintStyle) -> None:
    style = style_series(item, look)
    colour = style["color"]
    if not len(item.x):
        return
    if item.arrow:
        # the head has a line of its own, undashed and hardly longer than itself
        for arrowstyle, linestyle, start, short in (
            ("-", style["linestyle"], 0.0, HEAD),
            ("-|>,head_length=0.5,head_width=0.22", "solid", 0.999, 0.0),
        ):
            axes.annotate(
                "",
                xy=(item.x[-1], item.y[-1]),
                xytext=tuple(along[0] + start * (along[-1] - along[0]) for along in (item.x, item.y)),
                arrowprops={
                    "arrowstyle": arrowstyle,
                    "color": colour,
                    "linewidth": style["linewidth"],
                    "linestyle": linestyle,
                    "shrinkA": 0,
                    "shrinkB": short,
                },
                zorder=3,
                annotation_clip=False,
            )
    else:
        axes.plot(item.x, item.y, zorder=3 if item.mark else 2, **style)
    for index, words in enumerate(item.text):
        if words:
            away = np.sign([item.x[index] - item.x[0], item.y[index] - item.y[0]]) if item.arrow else np.ones(2)
            axes.annotate(
                words,
                (item.x[index], item.y[index]),
                xytext=(3.5 * away[0], 3.5 * away[1]),
                ha=("right", "center", "left")[int(away[0]) + 1],
                va=("top", "center", "bottom")[int(away[1]) + 1],
                fontsize=NORMAL,
                color=colour,
                visible=not look.bare,
                **NOTE,
            )


def _bars(axes: Field, item: Bars, under: dict[float, float], look: PrintStyle) -> None:
    """Draw bars on top of those before."""
    colour = look.palette.lines[item.style % len(look.palette.lines)]
    bottom = np.array([under.get(place, 0.0) for place in item.x.tolist()])
    left, right, top = item.x - item.width / 2, item.x + item.width / 2, bottom + item.y
    corners = np.array([(left, bottom), (right, bottom), (right, top), (left, top)]).transpose(2, 0, 1)[top > bottom]
    if not len(corners):
        return
    # one shape for all bars: a pattern is drawn once, and runs through
    shape = PathPatch(
        Path.make_compound_path_from_polys(corners),
        facecolor=colour,
        edgecolor="white",
        linewidth=0.3,
        hatch=(HATCHES[item.style % len(HATCHES)] or None) if look.grey else None,
        zorder=2,
    )
    shape.set_hatch_linewidth(0.5)
    axes.add_patch(shape)


def _level(axes: Field, level: Level, look: PrintStyle) -> None:
    style = STROKES["dash"] if level.dashed else "solid"
    axes.axhline(level.height, color=look.palette.ink, linewidth=0.7, linestyle=style, zorder=2.5)
    if level.text and not look.bare:
        axes.annotate(
            level.text,
            (1.0, 1.0 if axes.patches else level.height),  # above bars, not on them
            xycoords=("axes fraction", "axes fraction" if axes.patches else "data"),
            xytext=(0, 1.5),
            ha="right",
            va="bottom",
            bbox={"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 0.6},
            fontsize=SMALL,
            color=look.palette.ink,
            **NOTE,
        )
