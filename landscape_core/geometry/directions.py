"""Directions that span the plane: the paper's global and local domains.

To add a kind of plane, add one entry to `DOMAINS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from landscape_core.errors import NumericalError
from landscape_core.problems.registry import Entry, register
from landscape_core.random_streams import StartDraws

Vector = Float[ndarray, "P"]
Pair = Float[ndarray, "2 P"]

ORTHONORMAL_TOLERANCE = 1e-12


@dataclass(frozen=True)
class Domain(Entry):
    """A kind of plane.

    Attributes:
        half_width: Range of the plane and lines if none is asked for, in units of parameter space.
        directions: (random draws, −∇L of the full batch at the start point as a function) → d1 and d2 before
            orthonormalisation. The gradient is a function because only the local domain needs it.
    """

    half_width: float
    directions: Callable[[StartDraws, Callable[[], Vector]], tuple[Vector, Vector]]


def _steepest_descent(draws: StartDraws, descent: Callable[[], Vector]) -> tuple[Vector, Vector]:
    direction = descent()
    if not np.isfinite(direction).all():
        raise NumericalError("the full-batch gradient at the start point is not finite: use another scaling or seed")
    if not direction.any():
        raise NumericalError(
            "the full-batch gradient at the start point is exactly zero (every unit is off), so there is no direction "
            "of steepest descent: use another seed, or the global domain"
        )
    return direction, draws.local_second


DOMAINS: dict[str, Domain] = register(
    Domain("global", "Global: two random directions", 20.0, lambda draws, _: (draws.first, draws.second)),
    Domain("local", "Local: steepest descent and a random direction", 2.0, _steepest_descent),
)


def orthonormalise(first: Vector, second: Vector) -> Pair:
    """Gram-Schmidt: d1 = u / ‖u‖, d2 = v⊥ / ‖v⊥‖ with v⊥ = v − (v·d1) d1.

    Raises:
        NumericalError: The two are parallel, so that they span no plane.
    """
    d1 = first / np.linalg.norm(first)
    rest = second - (second @ d1) * d1
    length = np.linalg.norm(rest)
    if not length > 1e-9 * np.linalg.norm(second):
        raise NumericalError("the two directions are parallel and span no plane: use another seed")
    pair = np.stack([d1, rest / length])
    gram = pair @ pair.T
    if not np.allclose(gram, np.eye(2), rtol=0, atol=ORTHONORMAL_TOLERANCE):
        raise NumericalError(f"the directions are not orthonormal: Gram matrix {gram.tolist()}")
    return pair
