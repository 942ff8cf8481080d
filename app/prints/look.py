"""What all prints share: sizes, text and its width, scales of colours, places on the sheet. Lengths are in inches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import MaxNLocator
from numpy import ndarray

from app.figures.style import PALETTES, Palette, colour_limits, colour_scale
from app.pictures import Colours

FAMILY = "DejaVu Sans"
SMALL, NORMAL, TITLE, HEADING = 6.5, 7.5, 8.5, 11.0
"""Sizes of type, in points."""

POINT = 1 / 72
MEASURED = 100
"""The size of type, in points, at which widths are measured: small type is widened to whole dots."""

HAIRLINE = 0.4
"""Width of grid lines, in points."""


@dataclass(frozen=True)
class Look:
    """How pictures are drawn.

    Attributes:
        palette: Its colours.
        bare: Without any text or axes.
    """

    palette: Palette
    bare: bool = False


PRINTED = Look(PALETTES["light"])


@dataclass(frozen=True)
class Box:
    """A rectangle on the sheet, in inches from its lower left corner."""

    left: float
    bottom: float
    width: float
    height: float


def fractions(figure: Figure, box: Box) -> tuple[float, float, float, float]:
    """A rectangle as shares of the sheet, on whole dots, so that images are not resampled."""
    wide, high = (float(side) for side in figure.get_size_inches())
    left, bottom, width, height = (
        round(length * figure.dpi) / figure.dpi for length in (box.left, box.bottom, box.width, box.height)
    )
    return left / wide, bottom / high, width / wide, height / high


def field(figure: Figure, box: Box) -> Axes:
    """An empty field that is measured in inches and lies over nothing."""
    axes = figure.add_axes(fractions(figure, box), facecolor="none")
    axes.set(xlim=(0, box.width), ylim=(0, box.height))
    axes.set_axis_off()
    return axes


def frame(axes: Axes, look: Look) -> None:
    """A frame all around, with ticks and their labels."""
    axes.spines[:].set(color=look.palette.muted, linewidth=1.5 * HAIRLINE)
    axes.tick_params(
        length=2.5,
        width=1.5 * HAIRLINE,
        pad=2,
        color=look.palette.muted,
        labelcolor=look.palette.muted,
        labelsize=SMALL,
        labelfontfamily=FAMILY,
    )


def text(axes: Axes, x: float, y: float, words: str, size: float, colour: str, **more: Any) -> None:  # noqa: ANN401
    """Words, never read as mathematics."""
    axes.text(x, y, words, fontsize=size, color=colour, fontfamily=FAMILY, parse_math=False, clip_on=False, **more)


def text_width(words: str, size: float, *, bold: bool = False) -> float:
    """How wide words are."""
    font = get_font(findfont(FontProperties(family=FAMILY, weight="bold" if bold else "normal")))
    font.set_size(MEASURED, 72)
    font.set_text(words, 0.0)
    return float(font.get_width_height()[0]) / 64 * size / MEASURED * POINT


def wrap(words: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """Lines no wider than `width`, unless one word is."""
    lines: list[str] = []
    for word in words.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def number(value: float, _position: object = None) -> str:
    """A number at an axis.

    >>> number(-0.25), number(0.0), number(2e-7)
    ('−0.25', '0', '2e−7')
    """
    mantissa, _, exponent = f"{value + 0.0:.6g}".partition("e")
    return (f"{mantissa}e{int(exponent)}" if exponent else mantissa).replace("-", "−")


def power(value: float, _position: object = None) -> str:
    """A power of ten at an axis.

    >>> power(1e-5), power(1.0), power(10.0)
    ('10⁻⁵', '1', '10')
    """
    exponent = round(float(np.log10(value)))
    raised = str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return {0: "1", 1: "10"}.get(exponent, f"10{raised}")


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers between two others."""
    found = MaxNLocator(nbins=count, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    slack = 1e-9 * (high - low)
    return [0.0 if abs(value) <= slack else float(value) for value in found if low - slack <= value <= high + slack]


def ends(arrays: Iterable[ndarray]) -> tuple[float, float] | None:
    """The lowest and the highest finite value of all, or None where there is none."""
    finite = [array[np.isfinite(array)] for array in arrays]
    low = min((float(array.min()) for array in finite if array.size), default=None)
    high = max((float(array.max()) for array in finite if array.size), default=None)
    return None if low is None or high is None else (low, high)


def scale(colours: Colours, values: ndarray, palette: Palette, high: float | None = None) -> tuple[Colormap, Normalize]:
    """The colours of a quantity, and where they begin and end."""
    low, top = colour_limits(colours, values, high)
    limits = Normalize(low, top if top > low else low + (abs(low) or 1.0))
    known = colour_scale(colours, palette)
    if isinstance(known, str):
        return matplotlib.colormaps[known.lower()], limits
    return LinearSegmentedColormap.from_list(colours, [(share, colour) for share, colour in known], N=512), limits
