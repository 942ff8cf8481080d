"""Thumbnails: pictures side by side without words, for a gallery on a light or a dark page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure

from app.figures.style import PALETTES, Palette
from app.pictures import Map, Picture
from app.prints.look import Box, Look
from app.prints.sheet import draw_picture, written

DPI = 100


def _between(light: Palette, dark: Palette) -> Palette:
    """Colours that stand out from white and from black alike."""

    def mixed(one: str, other: str) -> str:
        return to_hex((np.array(to_rgb(one)) + np.array(to_rgb(other))) / 2)

    return replace(
        light,
        ink=mixed(light.ink, dark.ink),
        muted=mixed(light.muted, dark.muted),
        wire=mixed(light.wire, dark.wire),
        lines=tuple(mixed(*pair) for pair in zip(light.lines, dark.lines, strict=True)),
    )


LOOK = Look(_between(PALETTES["light"], PALETTES["dark"]), bare=True)
ON_MAPS = Look(PALETTES["light"], bare=True)
"""Maps have a ground of their own."""


def thumbnail(pictures: Sequence[Picture], *, width: int, height: int) -> bytes:
    """A small WebP of so many dots, on a transparent ground."""
    figure = Figure(figsize=(width / DPI, height / DPI), dpi=DPI, facecolor="none")
    gap = 0.06
    share = (width / DPI - gap * (len(pictures) - 1)) / max(1, len(pictures))
    for index, picture in enumerate(pictures):
        box = Box(index * (share + gap), 0.0, share, height / DPI)
        draw_picture(figure, box, picture, ON_MAPS if isinstance(picture, Map) else LOOK)
    return written(figure, "webp")
