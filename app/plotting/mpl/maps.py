"""Printed maps: a heat map of the plane with a colour bar and contours."""

from __future__ import annotations

import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, MaxNLocator

from app.plotting.arrows import find_dots, outline_arrows
from app.plotting.model import REFERENCE, Map, title_plane
from app.plotting.mpl.colour_bar import BAR, GAP, ColourBar
from app.plotting.mpl.legend import ENTRY, ROW, STROKES
from app.plotting.mpl.style import (
    NORMAL,
    SMALL,
    Box,
    PrintStyle,
    add_field,
    colour_map,
    draw_frame,
    format_number,
    measure_text,
    to_fractions,
    write_text,
)
from app.plotting.zeros import flat_points, without_flat

LEFT, UNDER = 0.5, 0.36
CONTOURS = ("solid", "dash", "dot", "dashdot")


def draw_map(figure: Figure, box: Box, picture: Map, look: PrintStyle) -> None:
    """Draw a map into a rectangle of the sheet."""
    palette = look.palette
    colours, norm = colour_map(picture.colours, picture.values, look, picture.high)
    inner = box if look.bare else _place_map(box, picture)
    axes = figure.add_axes(to_fractions(figure, inner))
    axes.pcolormesh(picture.x, picture.y, picture.values, cmap=colours, norm=norm, shading="nearest", rasterized=True)
    flat = flat_points(picture.values) & (picture.colours == "slope")
    if flat.any():
        patch = np.where(flat, 0.0, np.nan)
        violet = ListedColormap([look.classes[3]])
        axes.pcolormesh(picture.x, picture.y, patch, cmap=violet, shading="nearest", rasterized=True)
    for index, (_, passing, level) in enumerate(picture.contours):
        values = without_flat(passing, level)
        if np.nanmin(values, initial=np.inf) < level < np.nanmax(values, initial=-np.inf):
            stroke = STROKES[CONTOURS[index % len(CONTOURS)]]
            # ink on a white rim can be seen on every colour
            for colour, width, dash in (("white", 2.0, "solid"), (palette.ink, 1.0, stroke)):
                axes.contour(
                    picture.x, picture.y, values, [level], colors=[colour], linewidths=width, linestyles=[dash]
                )
    for arrows in picture.arrows:
        bold = arrows.style == REFERENCE
        colour, width = palette.ink if bold else palette.lines[arrows.style], 1.5 if bold else 0.7
        for stroke, wide in (("white", width + 1.0), (colour, width)):
            axes.plot(*outline_arrows(arrows), color=stroke, linewidth=wide, zorder=3, solid_capstyle="round")
        axes.plot(*find_dots(arrows), "o", color=colour, markersize=2.4 * width, markeredgecolor="white")
    axes.set(xlim=(picture.x[0], picture.x[-1]), ylim=(picture.y[0], picture.y[-1]))
    if look.bare:
        axes.set_axis_off()
        return
    draw_frame(axes, look)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(5, steps=[1, 2, 2.5, 5, 10]))
        axis.set_major_formatter(FuncFormatter(format_number))

    ColourBar(colours, norm, picture.quantity).draw(figure, inner, look)

    over = add_field(figure, box)
    left, bottom = inner.left - box.left, inner.bottom - box.bottom
    middle = bottom + inner.height / 2
    titles = title_plane(picture.unit)
    write_text(over, left + inner.width / 2, bottom - 0.28, titles[0], NORMAL, palette.ink)
    write_text(over, left - 0.36, middle, titles[1], NORMAL, palette.ink, rotation=90)
    at = left
    for index, (name, _, _) in enumerate(picture.contours):
        y = bottom + inner.height + ROW * 0.6
        stroke = STROKES[CONTOURS[index % len(CONTOURS)]]
        over.add_line(Line2D([at, at + ENTRY], [y, y], color=palette.ink, linewidth=1.0, linestyle=stroke))
        write_text(over, at + ENTRY + 0.05, y, name, SMALL, palette.ink, ha="left", va="center_baseline")
        at += ENTRY + 0.19 + measure_text(name, SMALL)


def _place_map(box: Box, picture: Map) -> Box:
    """Return the square field of the map, centred."""
    above = ROW + 0.06 if picture.contours else 0.08
    side = min(box.width - 2 * LEFT - BAR - GAP, box.height - UNDER - above)
    left = box.left + (box.width - side - BAR - GAP) / 2
    return Box(left, box.bottom + box.height - above - side, side, side)
