"""Directions that span the plane: the paper's global and local domains, filter-normalised ones, and those of a training.

To add a kind of plane, add one entry to `DOMAINS`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Integer
from numpy import ndarray

from landscape_core.errors import NumericalError
from landscape_core.problems.registry import Entry, register
from landscape_core.random_streams import StartDraws

Vector = Float[ndarray, "P"]
Pair = Float[ndarray, "2 P"]

ORTHONORMAL_TOLERANCE = 1e-12

STRAIGHT = 1e-9
"""A path that leaves its straight line by a smaller share of its length has no second direction, but rounding."""


@dataclass(frozen=True, eq=False)
class Origin:
    """The start point x0 of a plane, and what the directions may be made from.

    Attributes:
        start: x0.
        draws: Random numbers of the study's seed.
        filters: () → which filter each parameter belongs to; −1 for none. See `Problem.filters`.
        descent: () → −∇L of the full batch at x0.
        path: Points of the training that ended at x0, in their order; None without one.
    """

    start: Vector
    draws: StartDraws
    filters: Callable[[], Integer[ndarray, "P"]]
    descent: Callable[[], Vector]
    path: Float[ndarray, "T P"] | None = None


@dataclass(frozen=True, eq=False)
class Span:
    """Two vectors that span a plane, before orthonormalisation.

    Attributes:
        first: Along d1.
        second: Together with `first` spans the plane.
        scale: How long in parameter space one unit of the plane's axes is.
    """

    first: Vector
    second: Vector
    scale: float = 1.0


@dataclass(frozen=True)
class Domain(Entry):
    """A kind of plane.

    Attributes:
        half_width: Range of the plane and lines if none is asked for, in units of its axes.
        directions: What spans it.
        unit: What the axes count, in the plural; empty where they are in units of parameter space.
        of_path: Whether it is a plane of a training, so that its start point must be trained.
    """

    half_width: float
    directions: Callable[[Origin], Span]
    unit: str = ""
    of_path: bool = False

    @property
    def short_label(self) -> str:
        """The label up to its colon."""
        return self.label.partition(":")[0]


def _steepest_descent(origin: Origin) -> Span:
    direction = origin.descent()
    if not np.isfinite(direction).all():
        raise NumericalError("the full-batch gradient at the start point is not finite: use another scaling or seed")
    if not direction.any():
        raise NumericalError(
            "the full-batch gradient at the start point is exactly zero (every unit is off), so there is no direction "
            "of steepest descent: use another seed, or the global domain"
        )
    return Span(direction, origin.draws.local_second)


def _normalise_filters(origin: Origin) -> Span:
    """Two random directions, each filter of them as long as that of x0 (Li et al., 2018, arXiv 1712.09913, Section 4).

    They are made perpendicular within each filter: Gram-Schmidt on whole vectors would change the second's filter norms.
    Scaling the weights of a ReLU network from layer to layer, which does not change what it computes, does not change
    the loss along these directions either.
    """
    filters = origin.filters()
    inside = filters >= 0
    if not inside.any():
        raise NumericalError(
            "no parameter has more than one dimension, so there are no filters: use the global or the local domain"
        )
    number = filters[inside]

    def dot(one: Vector, other: Vector) -> Vector:
        """Their product within each filter, for each of its parameters."""
        return np.bincount(number, one * other)[number]

    lengths = np.sqrt(dot(origin.start[inside], origin.start[inside]))
    if not lengths.any():
        raise NumericalError(
            "all weights of the start point are zero, and so would be filters as long as they are: use another start "
            "point, or the global domain"
        )
    first, second = origin.draws.first[inside], origin.draws.second[inside]
    first = first / np.sqrt(dot(first, first))
    for _ in range(2):  # once leaves rounding behind where a filter's two parts are nearly parallel
        second = second - first * dot(first, second)
        second = second / np.sqrt(dot(second, second))
    pair = np.zeros((2, len(filters)))
    pair[:, inside] = lengths * first, lengths * second
    return Span(pair[0], pair[1], scale=float(np.linalg.norm(pair[0])))


def _find_principal(origin: Origin) -> Span:
    """The two principal directions of the points of a training, as `sklearn.decomposition.PCA` has them.

    They come from the T × T products of the centred points; the second after the first is taken out of them, which keeps
    its digits where it is much the smaller. Their signs make the entry of largest absolute value positive.
    """
    path = origin.path
    if path is None:
        raise NumericalError("the start point was not trained, so there is no path with principal directions")
    scale = float(np.linalg.norm(path[-1] - path[0]))
    if not scale > 0.0:
        raise NumericalError("the training ended where it began, which leaves no unit for the axes: train otherwise")
    rest = path - path.mean(0)
    found: list[Vector] = []
    sizes: list[float] = []
    for _ in range(2):
        squares, vectors = np.linalg.eigh(rest @ rest.T)
        direction = vectors[:, -1] @ rest
        sizes.append(float(np.sqrt(max(squares[-1], 0.0))))
        if not sizes[-1] > STRAIGHT * sizes[0]:
            raise NumericalError(
                f"the {len(path)} points of the training are on a straight line and span no plane: use more train_steps"
            )
        direction = direction / np.linalg.norm(direction)
        direction = direction * np.sign(direction[np.abs(direction).argmax()])
        rest = rest - (rest @ direction)[:, None] * direction
        found.append(direction)
    return Span(found[0], found[1], scale)


DOMAINS: dict[str, Domain] = register(
    Domain(
        "global",
        "Global: two random directions",
        20.0,
        lambda origin: Span(origin.draws.first, origin.draws.second),
    ),
    Domain("local", "Local: steepest descent and a random direction", 2.0, _steepest_descent),
    Domain(
        "filter",
        "Filter: two random directions, each filter as long as that of the weights",
        1.0,
        _normalise_filters,
        unit="weight norms",
    ),
    Domain(
        "pca",
        "PCA: principal directions of the training of the start point",
        1.2,
        _find_principal,
        unit="training distances",
        of_path=True,
    ),
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
