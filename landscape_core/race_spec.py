"""What is asked for when line searches race: one frozen, validated, hashable description.

Every method searches along +d from the start, a point of the line, to the line's end, at a distance L. The published
searches are for training, where a step along a direction of length 1 is at most 1; here all their lengths are in units of
L: a_max = L, a_min = 1e-8 L, GOLS-B's δ = 5 L and golden section's δ = 0.5 L (both so large that the bracket is all of the
way), tolerances 1e-12 L.

A step accepted before, at which most searches begin, does not exist in a race. It is `RaceSpec.first_step` · L · 2^u for
all methods, with a share u of an octave that is spread evenly over the races: doubling and halving reach a few steps only,
and from a single first guess it would be chance for a whole line whether one of them lies near an optimum.

By default searches start near the line's end, not at it: halving the whole line would land on x0 itself, which in the local
domain is a true optimum along d2.
"""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field, field_validator

from landscape_core import geometry
from landscape_core.line_search import METHODS
from landscape_core.line_search.search import Reach
from landscape_core.on_study import OnStudy
from landscape_core.randomness import Purpose
from landscape_core.sampling import Batches

MAX_BUDGET = 100
"""Most evaluations of one search. Every race has this many mini-batches, so that a larger budget continues it."""

LINE_ANGLES = tuple(line.angle for line in geometry.LINES)
"""The paper's four lines."""


def octave_share(race: int) -> float:
    """0, 1/2, 1/4, 3/4, 1/8, …: evenly spread however many races there are (J. G. van der Corput, 1935).

    >>> [octave_share(race) for race in range(5)]
    [0.0, 0.5, 0.25, 0.75, 0.125]
    """
    return int(f"{race:b}"[::-1], 2) / 2 ** race.bit_length()


class RaceSpec(OnStudy):
    """Races of W methods on L lines, Z on each. `batch_seed` is the seed of the races.

    Raises:
        SpecError: A field is unknown or holds a value that is not allowed; names the first such field.
    """

    NOUN: ClassVar[str] = "a race"
    STUDY_FIELDS: ClassVar[tuple[str, ...]] = (
        "dataset",
        "scaling",
        "loss",
        "activation",
        "output_activation",
        "domain",
        "range",
        "batch_size",
        "seed",
        "batch_seed",
        "dtype",
    )

    methods: tuple[str, ...] = Field(
        tuple(METHODS),
        min_length=1,
        description="line searches",
        json_schema_extra={"allowed": "different names out of " + ", ".join(METHODS)},
    )
    angles: tuple[float, ...] = Field(
        LINE_ANGLES,
        min_length=1,
        max_length=360,
        description="directions of the lines, in degrees from d1 towards d2",
        json_schema_extra={"allowed": "1 to 360 different numbers of degrees from −360 to 360"},
    )
    start: float = Field(
        -0.9,
        ge=-1,
        lt=1,
        description="where on the line searches start, in units of the range; they go towards +1",
        json_schema_extra={"allowed": "a number from −1 to below 1"},
    )
    first_step: float = Field(
        0.1,
        gt=0,
        le=1,
        description="first guess of a step, as a share of the way to the end of the line; up to twice that over the races",
        json_schema_extra={"allowed": "a number above 0, at most 1"},
    )
    budget: int = Field(
        15,
        ge=1,
        le=MAX_BUDGET,
        description="evaluations of a search",
        json_schema_extra={"allowed": f"a whole number from 1 to {MAX_BUDGET}"},
    )
    races: int = Field(
        500,
        ge=1,
        le=10_000,
        description="races on each line",
        json_schema_extra={"allowed": "a whole number from 1 to 10,000"},
    )

    @field_validator("methods")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) < len(names) or not set(names) <= set(METHODS):
            raise ValueError
        return names

    @field_validator("angles")
    @classmethod
    def _different(cls, angles: tuple[float, ...]) -> tuple[float, ...]:
        if len(set(angles)) < len(angles) or not all(-360 <= angle <= 360 for angle in angles):
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
