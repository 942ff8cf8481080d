"""Printed pictures: figures of several panels, thumbnails, single panels. Thread-safe, without a browser."""

from __future__ import annotations

from app.plotting.mpl.page import (
    Format,
    PrintOptions,
    compose,
    compose_pages,
    encode_figure,
    encode_pages,
    picture_image,
    picture_svg,
    write,
)
from app.plotting.mpl.thumbnails import thumbnail

__all__ = [
    "Format",
    "PrintOptions",
    "compose",
    "compose_pages",
    "encode_figure",
    "encode_pages",
    "picture_image",
    "picture_svg",
    "thumbnail",
    "write",
]
