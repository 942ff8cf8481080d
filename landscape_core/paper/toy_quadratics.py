"""Toy quadratics of Fig. 1: a few parabolas, each the loss of one mini-batch, and an oracle that picks one.

The full batch is their mean, a parabola too. An oracle that picks a parabola afresh at every point gives a curve that
jumps from one to another. Its minima are found all over the line, wherever a low parabola is picked between two higher
ones. Its NN-GPPs stay between the smallest and the largest of the minimisers, or one step beyond, as outside of these all
slopes agree. The paper adds that every NN-GPP is a minimum of the jumping curve as well; that is common but need not be
so, since the two points of the change of sign may lie on parabolas of any height (`OracleCurve.nngpps_without_minimum`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Integer
from numpy import ndarray

from landscape_core.errors import SpecError
from landscape_core.geometry import grid
from landscape_core.random_streams import Purpose, batch_stream
from landscape_core.statistics import optima
from landscape_core.study.spec import SAFE_INTEGER

MOST_POINTS = 1_000_000


@dataclass(frozen=True, eq=False)
class OracleCurve:
    """What the oracle shows at A points: at each the value and the derivative of one picked parabola.

    Attributes:
        positions: Where it was asked.
        picks: Number of the parabola picked at each point.
        values: Its value there.
        derivatives: Its derivative there.
    """

    positions: Float[ndarray, "A"]
    picks: Integer[ndarray, "A"]
    values: Float[ndarray, "A"]
    derivatives: Float[ndarray, "A"]

    @property
    def minima(self) -> Bool[ndarray, "A"]:
        """Where the values have strict local minima."""
        return optima.minima(self.values)

    @property
    def nngpps(self) -> Bool[ndarray, "A"]:
        """Where the derivatives have NN-GPPs."""
        return optima.nngpps(self.derivatives)

    @property
    def nngpps_without_minimum(self) -> int:
        """How many NN-GPPs have no minimum on either side of their change of sign."""
        beside = self.minima.copy()
        beside[1:] |= self.minima[:-1]
        return int((self.nngpps & ~beside).sum())


@dataclass(frozen=True)
class Quadratics:
    """Parabolas hₖ + ½ cₖ (x − mₖ)² over ±half_width; as they come, four like those of Fig. 1.

    Attributes:
        minimisers: mₖ.
        heights: hₖ, the value at the minimiser.
        curvatures: cₖ, above 0.
        half_width: The line reaches from −half_width to +half_width.
    """

    minimisers: tuple[float, ...] = (-0.8, -0.3, 0.4, 0.9)
    heights: tuple[float, ...] = (0.6, 1.5, 0.2, 1.0)
    curvatures: tuple[float, ...] = (1.0, 0.7, 1.3, 0.9)
    half_width: float = 3.0

    @property
    def full_minimiser(self) -> float:
        """Where the full batch has its minimum: the minimisers' mean, weighted by the curvatures."""
        return float(np.average(self.minimisers, weights=self.curvatures))

    def values(self, positions: Float[ndarray, "A"]) -> Float[ndarray, "Q A"]:
        """Every parabola's value at each position."""
        curvatures, heights = (np.array(part)[:, None] for part in (self.curvatures, self.heights))
        return heights + 0.5 * curvatures * (positions - np.array(self.minimisers)[:, None]) ** 2

    def derivatives(self, positions: Float[ndarray, "A"]) -> Float[ndarray, "Q A"]:
        """Every parabola's derivative at each position."""
        return np.array(self.curvatures)[:, None] * (positions - np.array(self.minimisers)[:, None])

    def full_values(self, positions: Float[ndarray, "A"]) -> Float[ndarray, "A"]:
        """The full batch's value: the mean over the parabolas."""
        return self.values(positions).mean(0)

    def full_derivatives(self, positions: Float[ndarray, "A"]) -> Float[ndarray, "A"]:
        """The full batch's derivative, likewise."""
        return self.derivatives(positions).mean(0)

    def sample(self, points: int, seed: int) -> OracleCurve:
        """Ask the oracle at equally spaced points of the line, ends included.

        Args:
            points: How many.
            seed: Seed of the picks.

        Raises:
            SpecError: There are too few points or too many, or the seed is not allowed.
        """
        if not 3 <= points <= MOST_POINTS:
            raise SpecError("points", points, f"a whole number from 3 to {MOST_POINTS:,}")
        if not 0 <= seed <= SAFE_INTEGER:
            raise SpecError("seed", seed, f"a whole number from 0 to {SAFE_INTEGER:,}")
        positions = grid.axis(self.half_width, points)
        words = batch_stream(seed, Purpose.QUADRATICS, 0).random_raw(points)
        picks = (words % np.uint64(len(self.minimisers))).astype(np.int64)
        here = np.arange(points)
        return OracleCurve(
            positions, picks, self.values(positions)[picks, here], self.derivatives(positions)[picks, here]
        )
