"""Colours and furniture that all figures share.

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

from app.pictures import Colours

Theme = Literal["light", "dark"]
Figure = dict[str, Any]
"""A Plotly figure as plain data: {"data": […], "layout": {…}}."""

COLOUR_PERCENTILE = 99.0
"""Colours end at this percentile, so that the steep corners of a plane do not take them all."""

NEGATIVE = "#0072B2"
POSITIVE = "#D55E00"
UNCERTAIN = "#BFC4C9"


@dataclass(frozen=True)
class Palette:
    """What changes between light and dark."""

    ink: str
    muted: str
    grid: str
    sheet: str
    wire: str
    lines: tuple[str, ...]
    chance: tuple[str, str, str]


PALETTES: dict[Theme, Palette] = {
    "light": Palette(
        "#1B2733",
        "#55636F",
        "#D5DCE2",
        "#E4E8EB",
        "#7A8894",
        ("#0072B2", "#B34700", "#00795A", "#A0387A", "#6B5B00", "#4B4FC0", "#55636F"),
        ("#FFFFFF", "#5FA3D9", "#08306B"),
    ),
    "dark": Palette(
        "#E6EDF3",
        "#A9B6C2",
        "#3A4753",
        "#4A5763",
        "#8FA0AF",
        ("#56B4E9", "#F0894A", "#3BC49B", "#E08CC0", "#D9C54A", "#A9A4F5", "#B8C4CE"),
        ("#17212B", "#3A88D2", "#E6EDF3"),
    ),
}

DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot", "2px,2px,6px,2px")
PATTERNS = ("", "/", ".", "x", "-", "|", "\\")

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

FONT = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif"


def array(values: ndarray, bits: int = WHOLE) -> dict[str, str]:
    """An array as Plotly takes it over the wire: float32, base64; rounded to so many bits, it compresses better.

    What differs little from a large value gets as many bits more, so that the error is as small a share of the height, too.
    """
    compact = np.ascontiguousarray(values, dtype=np.float32)
    kept = bits + _alike(compact) if bits < WHOLE else WHOLE
    return _encoded("f4", rounded(compact, kept) if kept < WHOLE else compact)


def _alike(values: ndarray) -> int:
    """How many bits of a mantissa tell values from zero, but not from each other."""
    finite = values[np.isfinite(values)].astype(np.float64)
    height = np.ptp(finite) if finite.size else 0.0
    return max(0, math.floor(math.log2(np.abs(finite).max() / height))) if height > 0 else 0


def classes(values: ndarray) -> dict[str, str]:
    """Whole numbers from 0 to 255 as Plotly takes them over the wire."""
    return _encoded("u1", np.ascontiguousarray(values, dtype=np.uint8))


def _encoded(dtype: str, compact: ndarray) -> dict[str, str]:
    encoded = {"dtype": dtype, "bdata": base64.b64encode(compact.tobytes()).decode("ascii")}
    return encoded if compact.ndim == 1 else {**encoded, "shape": ", ".join(map(str, compact.shape))}


def rounded(values: ndarray, bits: int) -> ndarray:
    """Float32 with a mantissa of so many bits: off by at most 2^−(bits + 1) of each value.

    >>> rounded(np.float32([1.0, 1 / 3, -0.0, np.nan]), 14).tolist()
    [1.0, 0.3333282470703125, -0.0, nan]
    """
    spare = WHOLE - bits
    values = np.ascontiguousarray(values, dtype=np.float32)
    raw = values.view(np.uint32).astype(np.uint64)
    near = ((raw + (1 << (spare - 1))) >> spare << spare).astype(np.uint32).view(np.float32)
    return np.where(np.isfinite(values) & np.isfinite(near), near, values)


def layout(theme: Theme, **more: Any) -> dict[str, Any]:  # noqa: ANN401  Plotly's own attributes
    """The layout that every figure starts from: no background, the page's font, and a view that survives updates."""
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


def finite_range(values: ndarray, percentile: float = COLOUR_PERCENTILE) -> tuple[float, float]:
    """The lowest finite value and a high percentile: where colours begin and end."""
    finite = values[np.isfinite(values)]
    if not finite.size:
        return 0.0, 1.0
    return float(finite.min()), float(np.percentile(finite, percentile))


def colour_scale(colours: Colours, palette: Palette) -> str | list[list[Any]]:
    """The colours of a quantity: the name of a scale, or colours at shares from 0 to 1."""
    if colours == "slope":
        return DIVERGING
    if colours == "sign":
        stops = (NEGATIVE, UNCERTAIN, POSITIVE)
        return [[edge / 3, colour] for index, colour in enumerate(stops) for edge in (index, index + 1)]
    if colours == "chance":
        return [[stop / 2, colour] for stop, colour in enumerate(palette.chance)]
    return SCALES[colours]


def colour_limits(colours: Colours, values: ndarray, high: float | None = None) -> tuple[float, float]:
    """Where the colours of a quantity begin and end; `high` sets the end, which a signed quantity has both ways."""
    if colours == "slope":
        reach = high or signed_limit(values)
        return -reach, reach
    if colours == "sign":
        return -0.5, 2.5
    if colours == "chance":
        return 0.0, high if high is not None else float(np.nanmax(values, initial=0.0)) or 1.0
    return finite_range(values) if high is None else (0.0, high)


def signed_limit(values: ndarray) -> float:
    """Where the colours of a signed quantity end, either way."""
    return finite_range(np.abs(values))[1] or 1.0


def enlarged(figure: Any, factor: float, inside: str = "") -> Any:  # noqa: ANN401  plain data
    """The same figure for a projector: type, lines, marks and colour bars larger by a factor.

    >>> enlarged({"font": {"size": 12}, "line": {"width": 2.0}, "z": {"size": 1}}, 2.0)
    {'font': {'size': 24.0}, 'line': {'width': 4.0}, 'z': {'size': 1}}
    """
    if isinstance(figure, dict):
        return {
            name: value * factor
            if isinstance(value, int | float) and (inside, name) in GROWING
            else enlarged(value, factor, _inside(inside, name))
            for name, value in figure.items()
        }
    if isinstance(figure, list) and inside == "marker sizes":
        return [value * factor for value in figure]
    return [enlarged(value, factor, inside) for value in figure] if isinstance(figure, list) else figure


def _inside(outer: str, name: str) -> str:
    if (outer, name) == ("marker", "size"):
        return "marker sizes"
    return "font" if name.endswith("font") else name


GROWING = {
    *(("font", "size"), ("line", "width"), ("marker", "size"), ("colorbar", "thickness")),
    *((axis, "width") for axis in "xyz"),
}
"""What is larger on a projector: (what it is inside, its name)."""
