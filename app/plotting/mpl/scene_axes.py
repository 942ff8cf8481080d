"""Axes of a printed scene: the faces behind with their grid, ticks and titles at the edges."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from numpy import ndarray

from app.plotting.model import Scene, title_plane
from app.plotting.mpl.camera import Margins, View
from app.plotting.mpl.style import (
    HAIRLINE,
    NORMAL,
    POINT,
    SMALL,
    PrintStyle,
    choose_ticks,
    format_number,
    measure_text,
    write_text,
)

MARGINS = Margins(left=0.09, right=0.1, bottom=0.2, top=0.05)
"""Room around the box, without that of its upright labels."""

TICK, PAD = 0.035, 0.03
"""Length of a tick, and from its end to its label."""

APART = 0.06
"""Labels of two edges that meet in a corner are kept so far to either side of it."""

BETWEEN = 0.2
"""Least distance of the ticks of an edge along it."""


def label_room(heights: tuple[float, float]) -> float:
    """Return the width of the labels of the upright axis."""
    return max((measure_text(format_number(mark), SMALL) for mark in choose_ticks(*heights, 5)), default=0.0)


def draw_axes(axes: Axes, view: View, scene: Scene, heights: tuple[float, float], look: PrintStyle) -> float:
    """Draw the faces behind with their grid, and ticks and titles at the edges.

    Returns:
        Where the title of the upright axis ends.
    """
    palette = look.palette
    behind: dict[str, Any] = {"zorder": 1, "clip_on": False}
    ranges = ((float(scene.x[0]), float(scene.x[-1])), (float(scene.y[0]), float(scene.y[-1])), heights)
    edges = [view.rim(axis) for axis in range(3)]
    marked = [_choose_marks(view, *edge[:2], ends) for edge, ends in zip(edges, ranges, strict=True)]
    shares = [
        [(value - low) / ((high - low) or 1.0) for value in marks]
        for marks, (low, high) in zip(marked, ranges, strict=True)
    ]
    for normal, end in product(range(3), (0, 1)):
        if not view.behind(normal, end):
            continue
        for across in range(3):
            if across == normal:
                continue
            for share in {0.0, 1.0, *shares[across]}:
                line = np.zeros((2, 3))
                line[:, normal], line[:, across], line[1, 3 - normal - across] = end, share, 1.0
                axes.plot(*view(line)[:, :2].T, color=palette.grid, linewidth=HAIRLINE, **behind)

    end_of_title = 0.0
    for axis, title in enumerate((*title_plane(scene.unit), scene.quantity)):
        start, end_of, out = edges[axis]
        flat = view(np.stack([start, end_of]))[:, :2]
        axes.plot(*flat.T, color=palette.muted, linewidth=1.5 * HAIRLINE, **behind)
        side = "right" if out[0] < 0 else "left"
        widest = 0.0
        for value, share in zip(marked[axis], shares[axis], strict=True):
            at = view(start + share * (end_of - start))[:2]
            words = format_number(value)
            widest = max(widest, measure_text(words, SMALL))
            tip = at + TICK * out
            axes.plot(*zip(at, tip, strict=True), color=palette.muted, linewidth=1.5 * HAIRLINE, **behind)
            x, y = tip + PAD * out
            if axis == 2:
                # the lowest stands over the corner, where the labels of d1 begin
                low = y < flat[0, 1] + 0.6 * SMALL * POINT
                write_text(axes, x, y, words, SMALL, palette.muted, ha=side, va="bottom" if low else "center_baseline")
            else:
                x = min(x, at[0] - APART) if side == "right" else max(x, at[0] + APART)
                write_text(axes, x, y, words, SMALL, palette.muted, ha=side, va="top")
        middle = flat.mean(axis=0)
        if axis == 2:
            # over the axis: beside it there would be less room for the surface
            x, y = flat[1] + (-TICK - PAD - widest, 1.1 * SMALL * POINT)
            x = max(x, 0.0)
            write_text(axes, x, y, title, NORMAL, palette.ink, ha="left", va="bottom")
            end_of_title = x + measure_text(title, NORMAL)
        else:
            # beyond the labels, which hang down from their ticks
            x, y = middle + out * (TICK + PAD + (widest + 0.12) * abs(out[0]) + 1.6 * SMALL * POINT * abs(out[1]))
            write_text(axes, x, y, title, NORMAL, palette.ink)
    return end_of_title


def _choose_marks(view: View, start: ndarray, end: ndarray, ends: tuple[float, float]) -> list[float]:
    """Choose ticks that have room along their edge."""
    flat = view(np.stack([start, end]))[:, :2]
    length = float(np.hypot(*(flat[1] - flat[0])))
    return choose_ticks(*ends, max(2, min(5, int(length / BETWEEN))))
