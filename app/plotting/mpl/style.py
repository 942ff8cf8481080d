"""Style of printed pictures: sizes, text, colour scales. Lengths are in inches."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import Colormap, LinearSegmentedColormap, ListedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, findfont, get_font
from matplotlib.ticker import MaxNLocator
from numpy import ndarray

from app.plotting.model import Colours
from app.plotting.plotly.style import (
    CLASSES,
    PALETTES,
    Palette,
    colour_limits,
    colour_scale,
    count_classes,
)

FAMILY = "DejaVu Sans"
SMALL, NORMAL, TITLE, HEADING = 8.0, 8.0, 9.0, 11.0
"""Sizes of type, in points: none is smaller than journals ask for."""

POINT = 1 / 72
MEASURED = 100
"""Size of type, in points, at which widths are measured: small type is widened to whole pixels."""

HAIRLINE = 0.4
"""Width of grid lines, in points."""


@dataclass(frozen=True)
class PrintStyle:
    """Style of a printed picture."""

    palette: Palette
    bare: bool = False  # without any text or axes
    grey: bool = False  # told apart without hue: every scale runs from dark to light
    # of what is negative, uncertain, positive and exactly 0
    classes: tuple[str, str, str, str] = CLASSES
    eye: tuple[float, float, float] | None = None  # where a scene is seen from, or None: as in print


GREYS = Palette(
    ink="#000000",
    muted="#444444",
    grid="#D9D9D9",
    sheet="#C8C8C8",
    wire="#777777",
    lines=("#000000", "#6E6E6E", "#3A3A3A", "#8C8C8C", "#555555", "#7D7D7D", "#222222"),
    chance=("#FFFFFF", "#8A8A8A", "#111111"),
    band=("#1A1A1A", "#8E8E8E"),
)
PRINT_STYLE = PrintStyle(PALETTES["light"])
GREY_STYLE = PrintStyle(GREYS, grey=True, classes=("#303030", "#8F8F8F", "#E8E8E8", "#C4C4C4"))
DARKEST, LIGHTEST = "#202020", "#E2E2E2"
"""Ends of the scales without hue: of a signed quantity too, so that its sign is read off the lightness."""


@dataclass(frozen=True)
class Box:
    """A rectangle on the sheet, in inches from its lower left corner."""

    left: float
    bottom: float
    width: float
    height: float


def to_fractions(figure: Figure, box: Box) -> tuple[float, float, float, float]:
    """Return a rectangle as shares of the sheet, on whole pixels, so that images are not resampled."""
    wide, high = (float(side) for side in figure.get_size_inches())
    left, bottom, width, height = (
        round(length * figure.dpi) / figure.dpi for length in (box.left, box.bottom, box.width, box.height)
    )
    return left / wide, bottom / high, width / wide, height / high


def add_field(figure: Figure, box: Box) -> Axes:
    """Add a transparent field measured in inches."""
    axes = figure.add_axes(to_fractions(figure, box), facecolor="none")
    axes.set(xlim=(0, box.width), ylim=(0, box.height))
    axes.set_axis_off()
    return axes


def draw_frame(axes: Axes, look: PrintStyle) -> None:
    """Draw a frame all around, with ticks and their labels."""
    axes.spines[:].set(color=look.palette.muted, linewidth=1.5 * HAIRLINE)
    style_ticks(axes, look)


def style_ticks(axes: Axes, look: PrintStyle) -> None:
    """Set the style of ticks and their labels."""
    axes.tick_params(
        which="both",
        length=2.5,
        width=1.5 * HAIRLINE,
        pad=3,
        color=look.palette.muted,
        labelcolor=look.palette.muted,
        labelsize=SMALL,
        labelfontfamily=FAMILY,
    )


def write_text(
    axes: Axes,
    x: float,
    y: float,
    words: str,
    size: float,
    colour: str,
    *,
    ha: str = "center",
    va: str = "center",
    **more: Any,  # noqa: ANN401
) -> None:
    """Write words, never read as mathematics."""
    style = {"fontsize": size, "color": colour, "fontfamily": FAMILY, "ha": ha, "va": va, **more}
    axes.text(x, y, words, parse_math=False, clip_on=False, **style)


def measure_text(words: str, size: float, *, bold: bool = False) -> float:
    """Measure the width of words."""
    font = get_font(findfont(FontProperties(family=FAMILY, weight="bold" if bold else "normal")))
    font.set_size(MEASURED, 72)
    font.set_text(words, 0.0)
    return float(font.get_width_height()[0]) / 64 * size / MEASURED * POINT


def wrap_text(words: str, size: float, width: float, *, bold: bool = False) -> list[str]:
    """Wrap words to lines no wider than `width`, unless one word is; where a line ends, it needs no dot to divide it.

    A no-break space holds two words together. A link that is wider is broken after "&".
    """
    lines: list[str] = []
    whole = re.split(r"[ \n\t]+", words.strip()) if words.strip() else []
    for word, space in (part for one in whole for part in _break_link(one, size, width, bold)):
        longer = f"{lines[-1]}{space}{word}" if lines else word
        if lines and measure_text(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return [kept for line in lines if (kept := line.strip(" ·"))]


def _break_link(word: str, size: float, width: float, bold: bool) -> list[tuple[str, str]]:
    """The pieces of a word that is too wide, each with what is before it on its line."""
    if "&" not in word or measure_text(word, size, bold=bold) <= width:
        return [(word, " ")]
    return [(piece, "" if place else " ") for place, piece in enumerate(re.split("(?<=&)", word))]


def format_number(value: float, _position: object = None) -> str:
    """Format a number at an axis.

    >>> format_number(-0.25), format_number(0.0), format_number(2e-7)
    ('−0.25', '0', '2e−7')
    """
    mantissa, _, exponent = f"{value + 0.0:.6g}".partition("e")
    return (f"{mantissa}e{int(exponent)}" if exponent else mantissa).replace("-", "−")


def format_power(value: float, _position: object = None) -> str:
    """Format a power of ten at an axis.

    >>> format_power(1e-5), format_power(1.0), format_power(10.0)
    ('10⁻⁵', '1', '10')
    """
    exponent = round(float(np.log10(value)))
    raised = str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return {0: "1", 1: "10"}.get(exponent, f"10{raised}")


def choose_ticks(low: float, high: float, count: int = 5) -> list[float]:
    """Choose round numbers between two ends."""
    found = MaxNLocator(nbins=count, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    slack = 1e-9 * (high - low)
    return [0.0 if abs(value) <= slack else float(value) for value in found if low - slack <= value <= high + slack]


def finite_ends(arrays: Iterable[ndarray]) -> tuple[float, float] | None:
    """Return the least and the greatest finite value of all arrays, or None if there is none."""
    finite = [array[np.isfinite(array)] for array in arrays]
    low = min((float(array.min()) for array in finite if array.size), default=None)
    high = max((float(array.max()) for array in finite if array.size), default=None)
    return None if low is None or high is None else (low, high)


def colour_map(
    colours: Colours, values: ndarray, look: PrintStyle, high: float | None = None
) -> tuple[Colormap, Normalize]:
    """Return the colours of a quantity, and their limits."""
    low, top = colour_limits(colours, values, high)
    limits, classes = Normalize(low, top), count_classes(values)
    if look.grey and colours == "sign":
        return ListedColormap(look.classes[:classes]), limits
    if look.grey and colours != "chance":
        return LinearSegmentedColormap.from_list(colours, [DARKEST, LIGHTEST], N=512), limits
    known = colour_scale(colours, look.palette, classes)
    if isinstance(known, str):
        return matplotlib.colormaps[known.lower()], limits
    return LinearSegmentedColormap.from_list(colours, [(share, colour) for share, colour in known], N=512), limits
