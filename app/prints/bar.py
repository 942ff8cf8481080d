"""Colour bars on paper: which value a colour of a map or a surface stands for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.colors import Colormap, Normalize
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter

from app.prints.look import (
    NORMAL,
    POINT,
    SMALL,
    Box,
    Look,
    field,
    fractions,
    frame,
    number,
    text,
    text_width,
    ticks,
)

GAP, BAR, TICK, TITLE = 0.1, 0.1, 0.07, 0.2
"""From the picture to the bar, the bar, its ticks, and ticks and all from its longest number to the middle of its title."""


@dataclass(frozen=True)
class ColourBar:
    """The scale of one quantity.

    Attributes:
        colours: From its lower end to its upper.
        norm: Where it begins and ends.
        title: What it is a scale of; empty where the picture says so already.
    """

    colours: Colormap
    norm: Normalize
    title: str

    @property
    def ends(self) -> tuple[float, float]:
        """Where it begins and ends."""
        return float(self.norm.vmin or 0.0), float(self.norm.vmax or 0.0)

    @property
    def room(self) -> float:
        """How much room it takes beside a picture."""
        return GAP + BAR + self._to_title + (NORMAL * POINT / 2 if self.title else 0.0)

    @property
    def _marks(self) -> list[float]:
        return ticks(*self.ends, 6)

    @property
    def _to_title(self) -> float:
        beyond = TITLE if self.title else TICK
        return beyond + max((text_width(number(mark), SMALL) for mark in self._marks), default=0.0)

    def draw(self, figure: Figure, picture: Box, look: Look) -> None:
        """Draw it to the right of a picture, as high as that."""
        low, high = self.ends
        place = Box(picture.left + picture.width + GAP, picture.bottom, BAR, picture.height)
        bar = figure.add_axes(fractions(figure, place))
        bar.pcolormesh(
            [0, 1],
            np.linspace(low, high, 257),
            np.linspace(low, high, 256)[:, None],
            cmap=self.colours,
            norm=self.norm,
            rasterized=True,
        )
        bar.set(xlim=(0, 1), ylim=(low, high), xticks=[])
        frame(bar, look)
        bar.yaxis.tick_right()
        bar.yaxis.set_major_locator(FixedLocator(self._marks))
        bar.yaxis.set_major_formatter(FuncFormatter(number))
        text(
            field(figure, place),
            BAR + self._to_title,
            place.height / 2,
            self.title,
            NORMAL,
            look.palette.ink,
            ha="center",
            va="center",
            rotation=90,
        )
