"""Camera: perspective, and the faces and edges of a scene's box that carry grid and labels."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy import ndarray

EYE = np.array([0.81, -1.4, 1.01])
"""Direction of the camera: higher up than the page's, so that surfaces hide less of themselves and fill their panels."""

FURTHER = 1.6
"""Distance of the eye, as a multiple of its direction's length: far away, for a weak perspective."""

SIDES = np.array([1.0, 1.0, 0.55])
"""Sides of the box: along d1, along d2, vertical."""

WIDEST, TALLEST = 1.7, 1.15
"""Most that a picture is stretched to fill its field: its width over its height, and its height over its width."""

BOX_CORNERS = np.array(list(product((0.0, 1.0), repeat=3)))


@dataclass(frozen=True)
class Margins:
    """Room around the box, in inches."""

    left: float
    right: float
    bottom: float
    top: float


class View:
    """Projection of points in the box, (…, 3) from 0 to 1, to inches and a depth from 0, near, to 1, far."""

    def __init__(self, width: float, height: float, margins: Margins, *, below: bool, eye: ndarray = EYE) -> None:
        """Fit the box into a field, with room around it."""
        self.eye = eye * (1, 1, -1 if below else 1) * FURTHER
        self._distance = float(np.linalg.norm(self.eye))
        backward = self.eye / self._distance
        right = np.cross([0.0, 0.0, 1.0], backward)
        right /= np.linalg.norm(right)
        self._basis = np.stack([right, np.cross(backward, right), backward], axis=1)
        self.backward = backward

        away = self._distance - ((BOX_CORNERS - 0.5) * SIDES @ self._basis)[:, 2]
        self._near, self._far = -1 / float(away.min()), -1 / float(away.max())
        self._scale, self._shift = np.ones(2), np.zeros(2)
        flat = self(BOX_CORNERS)[:, :2]
        low, high = flat.min(axis=0), flat.max(axis=0)
        room = np.array([width - margins.left - margins.right, height - margins.bottom - margins.top])
        scale = room / (high - low)
        self._scale = np.minimum(scale, scale[::-1] * (WIDEST, TALLEST))
        self._shift = (margins.left, margins.bottom) + room / 2 - self._scale * (low + high) / 2

    def __call__(self, points: ndarray) -> ndarray:
        """Project points: inches to the right, inches up, depth. Depths are linear over the field."""
        turned = (points - 0.5) * SIDES @ self._basis
        away = self._distance - turned[..., 2]
        depth = (-1 / away - self._near) / (self._far - self._near)
        # a hair of room for what is drawn nearer than it is
        return np.concatenate(
            [self._scale * turned[..., :2] / away[..., None] + self._shift, 0.02 + 0.96 * depth[..., None]], axis=-1
        )

    @property
    def right_corner(self) -> ndarray:
        """Where the labels at the right begin: how far the box reaches there, and the lower end of its upright edge."""
        edges = self(BOX_CORNERS)[:, :2].reshape(4, 2, 2)
        edge = edges[edges[..., 0].max(axis=1).argmax()]
        return np.array([edge[:, 0].max(), edge[:, 1].min()])

    def behind(self, axis: int, end: int) -> bool:
        """Return whether the face of the box at this end of an axis is behind."""
        reach = SIDES[axis] / 2
        return bool(self.eye[axis] < reach) if end else bool(self.eye[axis] > -reach)

    def rim(self, axis: int) -> tuple[ndarray, ndarray, ndarray]:
        """Find the edge along an axis for labels: its ends in shares of the box, and the outward direction."""
        first, second = (other for other in range(3) if other != axis)
        centre = self(np.full(3, 0.5))[:2]
        best: tuple[float, ndarray, ndarray] | None = None
        for at_first, at_second in product((0, 1), repeat=2):
            if self.behind(first, at_first) == self.behind(second, at_second):
                continue
            edge = np.zeros((2, 3))
            edge[:, first], edge[:, second], edge[1, axis] = at_first, at_second, 1.0
            flat = self(edge)[:, :2]
            lowest = float(flat[:, 0].mean() if axis == 2 else flat[:, 1].mean())
            along = (flat[1] - flat[0]) / np.linalg.norm(flat[1] - flat[0])
            out = np.array([-along[1], along[0]])
            out = out if out @ (flat.mean(axis=0) - centre) > 0 else -out
            if best is None or lowest < best[0]:
                best = lowest, edge, out
        if best is None:
            raise ValueError("the eye is inside the box")
        return best[1][0], best[1][1], best[2]
