"""Colour bars of printed maps and surfaces."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter

from app.plotting.mpl.style import (
    NORMAL,
    POINT,
    SMALL,
    Box,
    PrintStyle,
    add_field,
    choose_ticks,
    draw_frame,
    format_number,
    measure_text,
    to_fractions,
    write_text,
)

GAP, BAR, TICK, TITLE = 0.06, 0.09, 0.07, 0.17
"""From the picture to the bar, the bar, its ticks, and ticks and all from its longest number to the middle of its title."""

MOST_TICKS, TICK_ROOM = 6, 0.15
"""Intervals between ticks, at most, and the least height of one."""


@dataclass(frozen=True)
class ColourBar:
    """The scale of one quantity."""

    colours: Colormap  # from its lower end to its upper
    norm: Normalize  # where it begins and ends
    title: str  # what it is a scale of; empty where the picture says so already

    @property
    def ends(self) -> tuple[float, float]:
        """Lower and upper end."""
        return float(self.norm.vmin or 0.0), float(self.norm.vmax or 0.0)

    @property
    def room(self) -> float:
        """Width that it takes beside a picture."""
        return GAP + BAR + self._to_title + (NORMAL * POINT / 2 if self.title else 0.0)

    @property
    def _to_title(self) -> float:
        beyond = TITLE if self.title else TICK
        return beyond + max(
            (measure_text(format_number(mark), SMALL) for mark in choose_ticks(*self.ends, MOST_TICKS)), default=0.0
        )

    def draw(self, figure: Figure, picture: Box, look: PrintStyle) -> None:
        """Draw it to the right of a picture, at the same height."""
        low, high = self.ends
        place = Box(picture.left + picture.width + GAP, picture.bottom, BAR, picture.height)
        bar = figure.add_axes(to_fractions(figure, place))
        bar.pcolormesh(
            [0, 1],
            np.linspace(low, high, 257),
            np.linspace(low, high, 256)[:, None],
            cmap=self.colours,
            norm=self.norm,
            rasterized=True,
        )
        bar.set(xlim=(0, 1), ylim=(low, high), xticks=[])
        draw_frame(bar, look)
        bar.yaxis.tick_right()
        bar.yaxis.set_major_locator(
            FixedLocator(choose_ticks(low, high, min(MOST_TICKS, int(picture.height / TICK_ROOM))))
        )
        bar.yaxis.set_major_formatter(FuncFormatter(format_number))
        x = BAR + self._to_title
        write_text(add_field(figure, place), x, place.height / 2, self.title, NORMAL, look.palette.ink, rotation=90)
