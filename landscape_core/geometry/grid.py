"""Grids: coordinates of planes and lines through the start point, and the parameter vectors behind them.

A point with coordinates (a, b) is x0 + a d1 + b d2. Every point is computed from the start point itself, never from its
neighbour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

Coordinates = Float[ndarray, "G 2"]


@dataclass(frozen=True)
class Line:
    """A line through the start point.

    Attributes:
        name: As in the paper's Fig. 4.
        angle: Its direction, in degrees from d1 towards d2.
    """

    name: str
    angle: float

    @property
    def unit(self) -> Float[ndarray, "2"]:
        """Its unit direction in coordinates of the plane: (cos, sin) of the angle."""
        return unit(self.angle)


LINES = (Line("d1", 0.0), Line("d2", 90.0), Line("d1+d2", 45.0), Line("d1-d2", -45.0))
"""The four directions of the paper's Fig. 4, each normalised."""

LINE_NAMES = tuple(line.name for line in LINES)


def unit(angle: float) -> Float[ndarray, "2"]:
    """(cos, sin) of an angle in degrees, exact at multiples of 90°."""
    turns = {0.0: (1.0, 0.0), 90.0: (0.0, 1.0), 180.0: (-1.0, 0.0), 270.0: (0.0, -1.0)}
    exact = turns.get(angle % 360.0)
    return np.array(exact if exact else (np.cos(np.deg2rad(angle)), np.sin(np.deg2rad(angle))))


def axis(half_width: float, points: int) -> Float[ndarray, "S"]:
    """Equally spaced coordinates from −half_width to +half_width, both ends included."""
    return np.linspace(-half_width, half_width, points)


def plane(coordinates: Float[ndarray, "S"]) -> Float[ndarray, "G 2"]:
    """All pairs of coordinates, row-major: row i of the plane is at d2 = axis[i], column j at d1 = axis[j]."""
    d2, d1 = np.meshgrid(coordinates, coordinates, indexing="ij")
    return np.stack([d1.ravel(), d2.ravel()], axis=1)


def lines(positions: Float[ndarray, "A"]) -> Float[ndarray, "G 2"]:
    """The points of the four lines, line after line: (4 · A, 2)."""
    return np.concatenate([positions[:, None] * line.unit for line in LINES])
