"""Thumbnails: pictures side by side without text, for light and dark pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from app.plotting.model import Map, Picture
from app.plotting.mpl.page import draw_picture, encode_figure
from app.plotting.mpl.style import Box, PrintStyle
from app.plotting.plotly.style import PALETTES, Palette

DPI = 100


def _mix_palettes(light: Palette, dark: Palette) -> Palette:
    """Mix palettes to colours that stand out from white and from black."""

    def mixed(one: str, other: str) -> str:
        return to_hex((np.array(to_rgb(one)) + np.array(to_rgb(other))) / 2)

    return replace(
        light,
        ink=mixed(light.ink, dark.ink),
        muted=mixed(light.muted, dark.muted),
        wire=mixed(light.wire, dark.wire),
        lines=tuple(mixed(*pair) for pair in zip(light.lines, dark.lines, strict=True)),
    )


THUMBNAIL_STYLE = PrintStyle(_mix_palettes(PALETTES["light"], PALETTES["dark"]), bare=True)
MAP_STYLE = PrintStyle(PALETTES["light"], bare=True)
"""Maps have their own background."""


def thumbnail(pictures: Sequence[Picture], *, width: int, height: int) -> bytes:
    """Draw a small WebP of `width` × `height` pixels on a transparent background."""
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor="none")
    gap = 0.06
    share = (width / DPI - gap * (len(pictures) - 1)) / max(1, len(pictures))
    for index, picture in enumerate(pictures):
        box = Box(index * (share + gap), 0.0, share, height / DPI)
        draw_picture(figure, box, picture, MAP_STYLE if isinstance(picture, Map) else THUMBNAIL_STYLE)
    return encode_figure(figure, "webp")
