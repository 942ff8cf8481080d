"""Maps on paper: values over the plane in colours, with a colour bar and lines of equal value."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from app.pictures import Map
from app.prints.bar import BAR, GAP, ColourBar
from app.prints.legend import ENTRY, ROW, STROKES
from app.prints.look import (
    NORMAL,
    SMALL,
    Box,
    Look,
    field,
    fractions,
    frame,
    number,
    scale,
    text,
    text_width,
)

LEFT, UNDER = 0.5, 0.36
CONTOURS = ("solid", "dash", "dot", "dashdot")


def draw_map(figure: Figure, box: Box, picture: Map, look: Look) -> None:
    """Draw a map into a rectangle of the sheet."""
    palette = look.palette
    colours, norm = scale(picture.colours, picture.values, palette, picture.high)
    inner = box if look.bare else _inner(box, picture)
    axes = figure.add_axes(fractions(figure, inner))
    axes.pcolormesh(picture.x, picture.y, picture.values, cmap=colours, norm=norm, shading="nearest", rasterized=True)
    for index, (_, values, level) in enumerate(picture.contours):
        if np.nanmin(values, initial=np.inf) < level < np.nanmax(values, initial=-np.inf):
            stroke = STROKES[CONTOURS[index % len(CONTOURS)]]
            # ink on a white rim can be seen on every colour
            for colour, width, dash in (("white", 2.0, "solid"), (palette.ink, 1.0, stroke)):
                axes.contour(
                    picture.x, picture.y, values, [level], colors=[colour], linewidths=width, linestyles=[dash]
                )
    axes.set(xlim=(picture.x[0], picture.x[-1]), ylim=(picture.y[0], picture.y[-1]))
    if look.bare:
        axes.set_axis_off()
        return
    frame(axes, look)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
        axis.set_major_formatter(FuncFormatter(number))

    ColourBar(colours, norm, picture.quantity).draw(figure, inner, look)

    over = field(figure, box)
    left, bottom = inner.left - box.left, inner.bottom - box.bottom
    middle = bottom + inner.height / 2
    text(over, left + inner.width / 2, bottom - 0.28, "d1", NORMAL, palette.ink, ha="center", va="center")
    text(over, left - 0.36, middle, "d2", NORMAL, palette.ink, ha="center", va="center", rotation=90)
    at = left
    for index, (name, _, _) in enumerate(picture.contours):
        y = bottom + inner.height + ROW * 0.6
        stroke = STROKES[CONTOURS[index % len(CONTOURS)]]
        over.add_line(Line2D([at, at + ENTRY], [y, y], color=palette.ink, linewidth=1.0, linestyle=stroke))
        text(over, at + ENTRY + 0.05, y, name, SMALL, palette.ink, ha="left", va="center_baseline")
        at += ENTRY + 0.19 + text_width(name, SMALL)


def _inner(box: Box, picture: Map) -> Box:
    """The field of the map: as wide as it is high, in the middle."""
    above = ROW + 0.06 if picture.contours else 0.08
    side = min(box.width - 2 * LEFT - BAR - GAP, box.height - UNDER - above)
    left = box.left + (box.width - side - BAR - GAP) / 2
    return Box(left, box.bottom + box.height - above - side, side, side)
