"""Marks, colours and names of the line searches, the same in all of their panels."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy import ndarray

from app.plotting.model import REFERENCE, Mark, Series
from landscape_core.line_search import METHODS

MARKS: dict[str, tuple[Mark, str]] = {
    "gols_i": ("dot", "●"),
    "gols_b": ("square", "■"),
    "gols_max": ("up", "▲"),
    "gols_back": ("left", "◄"),
    "golden_section": ("right", "►"),
    "armijo": ("cross", "✚"),
    "probabilistic": ("x", "✕"),
}
"""The mark of each method, in pictures and in words."""

STYLES = {name: place for place, name in enumerate(METHODS)}
OURS = tuple(name for name, method in METHODS.items() if method.uses == "slope")
RIVALS = tuple(name for name in METHODS if name not in OURS)


def describe_method(name: str) -> str:
    """A method's mark and name."""
    return f"{MARKS[name][1]} {METHODS[name].label}"


def list_pairs(methods: Sequence[str]) -> list[tuple[str, str]]:
    """Every gradient-only search with every rival, of those that race."""
    return [(ours, rival) for ours in methods if ours in OURS for rival in methods if rival in RIVALS]


def draw_walls(places: ndarray, low: float, high: float) -> Series:
    """Upright lines at the true optima."""
    x = np.repeat(places, 3)
    y = np.tile([low, high, np.nan], len(places))
    return Series("true optimum", x, y, REFERENCE, legend=False, kind=None)
