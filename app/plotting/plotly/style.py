"""Colours, fonts and axes that all figures share.

Blue is descending (go on), orange is ascending (you have passed it); never red and green, and never colour alone: zero
levels are drawn, lines are dashed differently and named, markers differ in shape.
"""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy import ndarray

from app.plotting.model import Colours

Theme = Literal["light", "dark"]
Figure = dict[str, Any]
"""A Plotly figure as plain data: {"data": […], "layout": {…}}."""

COLOUR_PERCENTILE = 99.0
"""Colours end at this percentile, so that the steep corners of a plane do not take them all."""

SMALLEST_SHOWN = float(np.finfo(np.float32).tiny)
"""Smaller values are shown as 0: browsers draw in float32."""

SIGNED_FLOOR = 1e-6
"""The colours of a signed quantity reach at least this share of its largest value: browsers interpolate in float32, so
that what is smaller is as good as 0 beside it, and is not painted in full."""

LEAST_CONTRAST = 1e-6
"""Colours tell values apart that differ by more than this share of the largest: a browser's float32 ends there."""

NEGATIVE = "#0072B2"
POSITIVE = "#D55E00"
UNCERTAIN = "#BFC4C9"
FLAT_ZERO = "#B79BD6"
"""Of a patch where a slope is exactly 0: a hue that neither its scale nor the classes have, and darker than near 0."""

FLAT = "slope exactly 0"
"""Its name."""

CLASSES = (NEGATIVE, UNCERTAIN, POSITIVE, FLAT_ZERO)
"""Of a slope that is negative, uncertain, positive, exactly 0."""

BAND_OPACITY, SHEET_OPACITY = 0.3, 0.34
"""Of the sides of a band and of a level plane that one sees through."""


@dataclass(frozen=True)
class Palette:
    """Colours of a theme."""

    ink: str
    muted: str
    grid: str
    sheet: str
    wire: str
    lines: tuple[str, ...]
    chance: tuple[str, str, str]
    band: tuple[str, str]  # the lower and the upper side of a band around a surface


PALETTES: dict[Theme, Palette] = {
    "light": Palette(
        "#1B2733",
        "#55636F",
        "#D5DCE2",
        "#E4E8EB",
        "#7A8894",
        ("#0072B2", "#B34700", "#00795A", "#A0387A", "#6B5B00", "#4B4FC0", "#55636F"),
        ("#FFFFFF", "#5FA3D9", "#08306B"),
        ("#005A41", "#CC5C9E"),
    ),
    "dark": Palette(
        "#E6EDF3",
        "#A9B6C2",
        "#3A4753",
        "#4A5763",
        "#8FA0AF",
        ("#56B4E9", "#F0894A", "#3BC49B", "#E08CC0", "#D9C54A", "#A9A4F5", "#B8C4CE"),
        ("#17212B", "#3A88D2", "#E6EDF3"),
        ("#1FA37D", "#F0A3D2"),
    ),
}

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "2px,2px,6px,2px")

DIVERGING = [
    [position / 8, colour]
    for position, colour in enumerate(
        ("#2166AC", "#4393C3", "#92C5DE", "#D1E5F0", "#F7F7F7", "#FEE0B6", "#FDB863", "#E08214", "#B35806")
    )
]
"""Blue below zero, orange above, equally light on both sides."""

SCALES: dict[Colours, str] = {"loss": "Cividis", "sd": "Viridis"}
"""Scales that Plotly and matplotlib know by the same name, but for capitals."""

WHOLE, FINE, COARSE, SEEN = 23, 11, 10, 8
"""Bits of a mantissa that are sent: all of float32's; of surfaces, to 2.4e−4 of each value, of which three digits are read
off; of maps, to 5e−4; of what is only looked at, to 2e−3. What is taken away as numbers has all digits."""

FONT = "'Source Sans 3', system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def encode_array(values: ndarray, bits: int = WHOLE) -> dict[str, str]:
    """Encode an array for Plotly: float32 in base64, rounded to `bits` so that it compresses better.

    Numbers that float32 cannot hold are sent in float64. What differs little from a large value gets as many bits more, so
    that the error is as small a share of the height, too.
    """
    finite = values[np.isfinite(values)]
    if finite.size and np.abs(finite).max() > np.finfo(np.float32).max:  # squares on the largest planes
        return _encode("f8", np.ascontiguousarray(values, dtype=np.float64))
    compact = np.ascontiguousarray(values, dtype=np.float32)
    kept = bits + _count_common_bits(compact) if bits < WHOLE else WHOLE
    return _encode("f4", round_mantissa(compact, kept) if kept < WHOLE else compact)


def _count_common_bits(values: ndarray) -> int:
    """Count the leading mantissa bits that all values share."""
    finite = values[np.isfinite(values)].astype(np.float64)
    height = np.ptp(finite) if finite.size else 0.0
    return max(0, math.floor(math.log2(np.abs(finite).max() / height))) if height > 0 else 0


def encode_classes(values: ndarray) -> dict[str, str]:
    """Encode integers from 0 to 255 for Plotly; 0 at a hole."""
    return _encode("u1", np.ascontiguousarray(np.nan_to_num(values), dtype=np.uint8))


def _encode(dtype: str, compact: ndarray) -> dict[str, str]:
    encoded = {"dtype": dtype, "bdata": base64.b64encode(compact.tobytes()).decode("ascii")}
    return encoded if compact.ndim == 1 else {**encoded, "shape": ", ".join(map(str, compact.shape))}


def round_mantissa(values: ndarray, bits: int) -> ndarray:
    """Round the mantissa of float32 to `bits`: off by at most 2^−(bits + 1) of each value.

    >>> round_mantissa(np.float32([1.0, 1 / 3, -0.0, np.nan]), 14).tolist()
    [1.0, 0.3333282470703125, -0.0, nan]
    """
    spare = WHOLE - bits
    values = np.ascontiguousarray(values, dtype=np.float32)
    raw = values.view(np.uint32).astype(np.uint64)
    near = ((raw + (1 << (spare - 1))) >> spare << spare).astype(np.uint32).view(np.float32)
    return np.where(np.isfinite(values) & np.isfinite(near), near, values)


def layout(theme: Theme, **more: Any) -> dict[str, Any]:  # noqa: ANN401  Plotly's own attributes
    """Build the layout of every figure: no background, the page's font, a view that survives updates."""
    palette = PALETTES[theme]
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12, "color": palette.ink},
        "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
        "uirevision": "keep",
        "hoverlabel": {"font": {"family": FONT}},
        "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": palette.muted, "activecolor": palette.ink},
        **more,
    }


def axis(palette: Palette, title: str, standoff: int = 4, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Build an axis of a chart or a map."""
    return {
        "title": {"text": title, "standoff": standoff, "font": {"size": 12}},
        "color": palette.muted,
        "zeroline": False,
        "tickfont": {"size": 11},
        "automargin": True,
        "hoverformat": ".4~g",  # an axis writes a minus sign where the format of a template would write a hyphen
        **more,
    }


def colour_bar(palette: Palette, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """Build a colour bar."""
    return {"thickness": 9, "outlinewidth": 0, "tickfont": {"size": 11, "color": palette.muted}, **more}


def finite_range(values: ndarray, percentile: float = COLOUR_PERCENTILE) -> tuple[float, float]:
    """Return the least finite value and a high percentile."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    return float(finite.min()), float(np.percentile(finite, percentile))


def count_classes(classes: ndarray) -> int:
    """Count the classes of a sign that a scale has: three, and a fourth if there are patches that are exactly 0."""
    return 4 if (classes == 3).any() else 3


def colour_scale(colours: Colours, palette: Palette, classes: int = 3) -> str | list[list[Any]]:
    """Return the colour scale of a quantity, or of so many classes: its name, or colours at shares from 0 to 1."""
    if colours == "slope":
        return DIVERGING
    if colours == "sign":
        stops = CLASSES[:classes]
        return [[edge / classes, colour] for index, colour in enumerate(stops) for edge in (index, index + 1)]
    if colours == "chance":
        return [[stop / 2, colour] for stop, colour in enumerate(palette.chance)]
    return SCALES[colours]


def colour_limits(colours: Colours, values: ndarray, high: float | None = None) -> tuple[float, float]:
    """Return the limits of the colours of a quantity, which always differ.

    Args:
        colours: Which scale; a signed quantity has the same end both ways.
        values: What is coloured.
        high: Sets the upper end.
    """
    if colours == "slope":
        reach = high or signed_limit(values)
        return -reach, reach
    if colours == "sign":
        return -0.5, count_classes(values) - 0.5
    if colours == "chance":
        top = float(np.nanmax(values, initial=0.0)) if high is None else high
        return 0.0, top if top >= SMALLEST_SHOWN else 1.0
    return unsigned_limits(values) if high is None else (0.0, high)


def signed_limit(values: ndarray) -> float:
    """Return the upper limit of a signed quantity, or 1 if no value is large enough to be shown.

    >>> signed_limit(np.array([0.0, -4e-161])), signed_limit(np.array([0.0, -4.0]))
    (1.0, 3.96)
    """
    sizes = np.abs(values)
    most, usual = (finite_range(sizes, percentile)[1] for percentile in (100.0, COLOUR_PERCENTILE))
    return max(usual, SIGNED_FLOOR * most) if most >= SMALLEST_SHOWN else 1.0


def unsigned_limits(values: ndarray) -> tuple[float, float]:
    """Return the limits of an unsigned quantity.

    They end at the largest value where nearly all are equal, and have one value in their middle where all are.

    >>> unsigned_limits(np.array([2.0, 2.0])), unsigned_limits(np.zeros(2))
    ((1.0, 3.0), (0.0, 1.0))
    """
    for percentile in (COLOUR_PERCENTILE, 100.0):
        low, high = finite_range(values, percentile)
        size = max(abs(low), abs(high))
        if high - low > max(LEAST_CONTRAST * size, SMALLEST_SHOWN):
            return low, high
    return (low - size / 2, high + size / 2) if size >= SMALLEST_SHOWN else (0.0, 1.0)


def enlarge(figure: Any, factor: float, inside: str = "") -> Any:  # noqa: ANN401  plain data
    """Enlarge type, lines, marks and colour bars of a figure by a factor.

    >>> enlarge({"font": {"size": 12}, "line": {"width": 2.0}, "z": {"size": 1}}, 2.0)
    {'font': {'size': 24.0}, 'line': {'width': 4.0}, 'z': {'size': 1}}
    """
    if isinstance(figure, dict):
        return {
            name: value * factor
            if isinstance(value, int | float) and (inside, name) in ENLARGED
            else enlarge(value, factor, _name_context(inside, name))
            for name, value in figure.items()
        }
    if isinstance(figure, list) and inside == "marker sizes":
        return [value * factor for value in figure]
    return [enlarge(value, factor, inside) for value in figure] if isinstance(figure, list) else figure


def _name_context(outer: str, name: str) -> str:
    if (outer, name) == ("marker", "size"):
        return "marker sizes"
    return "font" if name.endswith("font") else name


ENLARGED = {
    *(("font", "size"), ("line", "width"), ("marker", "size"), ("colorbar", "thickness")),
    *((axis, "width") for axis in "xyz"),
}
"""What is enlarged: (context, name)."""
