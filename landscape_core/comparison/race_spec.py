"""Specification of a race: frozen, validated, hashable.

Every method searches along +d from the start, a point of the line, to the line's end, at a distance L. The published
searches are for training, where a step along a direction of length 1 is at most 1; here all their lengths are in units of
L: a_max = L, a_min = 1e-8 L, GOLS-B's δ = 5 L and golden section's δ = 0.5 L (both so large that the bracket is all of the
way), tolerances 1e-12 L.

A step accepted before, at which most searches begin, does not exist in a race. It is `RaceSpec.first_step` · L · 2^u for
all methods, with a share u of an octave that is spread evenly over the races: doubling and halving reach a few steps only,
and from a single first guess it would be chance for a whole line whether one of them lies near an optimum.

By default searches start near the line's end, not at it: halving the whole line would land on x0 itself, which in the local
domain is stationary along d2, and at most seeds a true optimum.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import field_validator

from landscape_core.comparison.comparison_spec import ComparisonSpec, are_different
from landscape_core.geometry import grid
from landscape_core.line_search.search import Reach
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import Batches
from landscape_core.study.spec import OF_PROBLEMS, option, whole_number

MAX_BUDGET = 100
"""Most evaluations of one search. Every race has this many mini-batches, so that a larger budget continues it."""

LINE_ANGLES = tuple(line.angle for line in grid.LINES)
"""The paper's four lines."""


def octave_share(race: int) -> float:
    """0, 1/2, 1/4, 3/4, 1/8, …: evenly spread however many races there are (J. G. van der Corput, 1935).

    >>> [octave_share(race) for race in range(5)]
    [0.0, 0.5, 0.25, 0.75, 0.125]
    """
    return int(f"{race:b}"[::-1], 2) / 2 ** race.bit_length()


class RaceSpec(ComparisonSpec):
    """Races of W methods on L lines, Z on each. `batch_seed` is the seed of the races.

    Raises:
        SpecError: A field is unknown or holds a value that is not allowed; names the first such field.
    """

    NOUN: ClassVar[str] = "a race"
    STUDY_FIELDS: ClassVar[tuple[str, ...]] = (
        *("dataset", "scaling", "loss", "activation", "output_activation", "domain", "range"),
        *("batch_size", "seed", "batch_seed", "dtype"),
        *OF_PROBLEMS,
    )

    angles: tuple[float, ...] = option(
        LINE_ANGLES,
        "1 to 360 different numbers of degrees from −360 to 360",
        "directions of the lines, in degrees from d1 towards d2",
        min_length=1,
        max_length=360,
    )
    start: float = option(
        -0.9,
        "a number from −1 to below 1",
        "where on the line searches start, in units of the range; they go towards +1",
        ge=-1,
        lt=1,
    )
    first_step: float = option(
        0.1,
        "a number above 0, at most 1",
        "first guess of a step, as a share of the way to the end of the line; up to twice that over the races",
        gt=0,
        le=1,
    )
    budget: int = whole_number(15, 1, MAX_BUDGET, "evaluations of a search")
    races: int = whole_number(500, 1, 10_000, "races on each line")

    @field_validator("methods")
    @classmethod
    def _check_not_empty(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if not names:
            raise ValueError
        return names

    @field_validator("angles")
    @classmethod
    def _check_angles(cls, angles: tuple[float, ...]) -> tuple[float, ...]:
        if not are_different(angles) or not all(-360 <= angle <= 360 for angle in angles):
            raise ValueError
        return tuple(angle + 0.0 for angle in angles)  # −0.0 would be written otherwise

    @property
    def origin(self) -> float:
        """Position on the line where searches start."""
        return self.start * self.base.range

    def reach(self, race: int) -> Reach:
        """How far searches may go, to the end of the line, and the first guess of a race."""
        length = self.base.range - self.origin
        return Reach(first=self.first_step * length * 2 ** octave_share(race), longest=length, unit=length)

    @property
    def batches(self) -> Batches:
        """The mini-batches: race r is draw r, evaluation k its point k of `MAX_BUDGET`."""
        return Batches(self.base.batch_size, self.base.batch_seed, Purpose.RACE)
