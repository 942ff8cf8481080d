"""Pictures on paper: figures of several panels, thumbnails, single panels. No browser, no state shared between threads."""

from __future__ import annotations

from app.prints.sheet import Format, compose, picture_png, picture_svg, picture_webp, write
from app.prints.thumbnails import thumbnail

__all__ = ["Format", "compose", "picture_png", "picture_svg", "picture_webp", "thumbnail", "write"]
