"""Outlines of arrows over a map, which both libraries draw as lines."""

from __future__ import annotations

import numpy as np
from numpy import ndarray

from app.plotting.model import Arrows

HEAD, HALF = 0.36, 0.2
"""Length of a head and half its width, as shares of an arrow's length."""


def outline_arrows(arrows: Arrows) -> tuple[ndarray, ndarray]:
    """Return the points of one line through all arrows, shaft and head, with a NaN after each."""
    tails, units = _directed(arrows)
    along, across = arrows.length * units, arrows.length * np.stack([-units[:, 1], units[:, 0]], 1)
    tips = tails + along
    sides = [tips - HEAD * along + side * HALF * across for side in (1, -1)]
    points = np.stack([tails, tips, sides[0], tips, sides[1], np.full_like(tips, np.nan)], 1).reshape(-1, 2)
    return points[:, 0], points[:, 1]


def find_dots(arrows: Arrows) -> tuple[ndarray, ndarray]:
    """Return the places without a direction; where there is no number there is no dot either."""
    length = np.hypot(arrows.u, arrows.v)
    dots = length <= arrows.least
    return arrows.x[dots], arrows.y[dots]


def _directed(arrows: Arrows) -> tuple[ndarray, ndarray]:
    """Return the tails and the unit directions of those that have one."""
    length = np.hypot(arrows.u, arrows.v)
    kept = np.isfinite(length) & (length > arrows.least)
    numbers = np.stack([arrows.u, arrows.v], 1)[kept] / length[kept, None]
    return np.stack([arrows.x, arrows.y], 1)[kept], numbers
