"""ViewState: the study that a visitor looks at, and how. The page keeps it; the server keeps nothing."""

from __future__ import annotations

from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Any, Literal, get_args

from annotated_types import Ge, Le
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator

from app.state.exercises import EXERCISES
from landscape_core import SpecError, StudySpec
from landscape_core.comparison.race_replication import RaceReplicationSpec
from landscape_core.comparison.race_spec import MAX_BUDGET, RaceSpec
from landscape_core.comparison.training import TrainingSpec
from landscape_core.geometry.grid import LINES
from landscape_core.line_search import METHODS
from landscape_core.paper import published
from landscape_core.paper.replication_spec import MAX_SEEDS, ReplicationSpec

Source = Literal["batch", "full"]
Moments = Literal["sampled", "exact"]
Quantity = Literal["loss", "slope", "negative", "below"]
Stage = Literal["one", "many", "starts", "train"]
WonBy = Literal["distance", "loss"]
OracleOf = Literal["network", "quadratics"]
Reference = Literal["shown", "hidden"]
Arrows = Literal["shown", "hidden"]
Scales = Literal["own", "common"]
LineName = Literal["d1", "d2", "d1+d2", "d1-d2"]
VIEW_NAMES = tuple(
    sorted(module.name for module in iter_modules([str(Path(__file__).parents[1] / "views")]) if module.name != "view")
)
"""A view is a file of `app.views`, and has its name."""

if TYPE_CHECKING:
    ViewName = str
else:
    ViewName = Literal[VIEW_NAMES]

ON_THE_PLANE = ("at_d1", "at_d2", "through_d1", "through_d2")
"""Coordinates of a plane."""

DECIMALS = 6
"""Decimals of coordinates and angles, so that links stay short."""

RACES: int = RaceSpec.model_fields["races"].default
"""Races on each line."""

SCENES = 16
"""Scenes of the tour, and of the part of other problems."""


class ViewState(BaseModel):
    """A study and the view of it.

    Raises:
        SpecError: A field is unknown or holds a value that is not allowed; names the first such field.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    spec: StudySpec
    view: ViewName = "compare"
    source: Source = "batch"  # Compare and Explore: one mini-batch draw or the full batch
    moments: Moments = "sampled"  # Mean ± SD: from the draws, or exact
    line: LineName = "d1"  # Variance, Fixed batch, Draw by draw and Line searches: which of the four lines
    at_d1: float = 0.0  # Variance and Explore: the point that is explained, its coordinate along d1
    at_d2: float = 0.0  # likewise along d2
    through_d1: float = 0.0  # Explore: a point that the line goes through, its coordinate along d1
    through_d2: float = 0.0  # likewise along d2
    angle: float = 45.0  # Explore: direction of the line, in degrees from d1 towards d2
    field: Quantity = "slope"  # Explore: what the map shows
    arrows: Arrows = "shown"  # Explore: whether the map has arrows of the gradients
    step: int = Field(0, ge=0, le=1_000_000)  # Draw by draw: how many points have been drawn
    oracle: OracleOf = "network"  # Draw by draw: whose urn: the network's, or that of Fig. 1's parabolas
    reference: Reference = "shown"  # Draw by draw: whether the full batch is shown beside what is drawn
    budget: int = Field(15, ge=1, le=MAX_BUDGET)  # Line searches: evaluations of a search
    race: int = Field(0, ge=0, le=RACES - 1)  # Line searches: which of the races is shown step by step
    race_step: int = Field(0, ge=0, le=MAX_BUDGET)  # Line searches: how many evaluations of it are shown
    racers: tuple[str, ...] = tuple(METHODS)  # Line searches: which are shown, in the registry's order
    stage: Stage = "one"  # Line searches: one race, all of them, those of many start points, or training
    score: WonBy = "distance"  # Line searches: by what a race is won
    figure: int = 1  # Paper figures: number of the paper's figure
    panel: str = Field("a", validate_default=True)  # Paper figures: letter of the panel
    scales: Scales = "own"  # Paper figures: whether each surface has scales of its own
    scene: int = Field(0, ge=0, le=SCENES)  # which scene of the tour, from 1; 0 for none
    exercise: int = Field(0, ge=0, le=len(EXERCISES))  # which exercise, from 1; 0 for none
    # Paper tables: how many start points are compared; the domain of the study says which table
    seeds: int = Field(ReplicationSpec().seeds, ge=1, le=MAX_SEEDS)

    def __init__(
        self,
        spec: StudySpec,
        view: ViewName = "compare",
        source: Source = "batch",
        moments: Moments = "sampled",
        **looks: Any,  # noqa: ANN401  validated
    ) -> None:
        try:
            super().__init__(spec=spec, view=view, source=source, moments=moments, **looks)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            name = str(first["loc"][0])
            raise SpecError(name, first["input"], _describe_allowed(name, spec)) from None

    @field_validator(*ON_THE_PLANE, "angle")
    @classmethod
    def _within_reach(cls, value: float, info: ValidationInfo) -> float:
        reach = 360.0 if info.field_name == "angle" else info.data["spec"].range
        if abs(value) > reach:
            raise ValueError
        return max(-reach, min(reach, round(value, DECIMALS) + 0.0))  # + 0.0: no negative zero

    @field_validator("racers", mode="before")
    @classmethod
    def _known_racers(cls, names: object) -> tuple[str, ...]:
        """Sort line searches in the order of the registry."""
        allowed = "at least one of " + ", ".join(METHODS)
        if not isinstance(names, list | tuple) or not names:
            raise SpecError("racers", names, allowed)
        for name in names:
            if not isinstance(name, str) or name not in METHODS:
                raise SpecError("racers", name, allowed)
            if names.count(name) > 1:
                raise SpecError("racers", name, f"each once, {allowed}")
        return tuple(name for name in METHODS if name in names)

    @field_validator("figure", mode="before")
    @classmethod
    def _known_figure(cls, number: object) -> int:
        return published.find_figure(number).number

    @field_validator("panel", mode="before")
    @classmethod
    def _known_panel(cls, letter: object, info: ValidationInfo) -> str:
        return published.find_figure(info.data["figure"]).panel(letter).letter

    @field_validator("exercise")
    @classmethod
    def _scene_or_exercise(cls, number: int, info: ValidationInfo) -> int:
        if number and info.data.get("scene"):
            raise SpecError("exercise", number, "nothing beside scene: a link starts at one place")
        return number

    @property
    def typical(self) -> ReplicationSpec:
        """The replication that compares the study's start point with many."""
        return ReplicationSpec(
            seeds=self.seeds, **{name: getattr(self.spec, name) for name in ReplicationSpec.STUDY_FIELDS}
        )

    @property
    def races(self) -> dict[str, RaceSpec]:
        """The races on each of the four lines by name, the line that is shown first."""
        shared = {name: getattr(self.spec, name) for name in RaceSpec.STUDY_FIELDS}
        lines = sorted(LINES, key=lambda line: line.name != self.line)
        return {line.name: RaceSpec(angles=(line.angle,), budget=self.budget, **shared) for line in lines}

    @property
    def race_replication(self) -> RaceReplicationSpec:
        """The races at many start points."""
        shared = {name: getattr(self.spec, name) for name in RaceReplicationSpec.STUDY_FIELDS}
        return RaceReplicationSpec(budget=self.budget, **shared)

    @property
    def training(self) -> TrainingSpec:
        """Training with the line searches."""
        return TrainingSpec(**{name: getattr(self.spec, name) for name in TrainingSpec.STUDY_FIELDS})

    def replace(self, **changes: Any) -> ViewState:  # noqa: ANN401  validated
        """Return a copy with some fields changed."""
        return ViewState(**{**vars(self), **changes})

    def to_dict(self) -> dict[str, Any]:
        """Return JSON values, as the page keeps them."""
        return self.model_dump(mode="json")

    @classmethod
    def from_dict(cls, data: object) -> ViewState:
        """Validate what the page sent back: the inverse of `to_dict`.

        Raises:
            SpecError: It is not a state, or a field is not allowed.
        """
        if not isinstance(data, dict) or set(data) != set(cls.model_fields):
            raise SpecError("request", data, ", ".join(cls.model_fields))
        return cls(**{**data, "spec": parse_spec(data["spec"])})


VIEW_FIELDS = tuple(name for name in ViewState.model_fields if name != "spec")
"""Fields of the view, beside the study."""

CHOICES: dict[str, tuple[str, ...]] = {
    name: get_args(field.annotation)
    for name, field in ViewState.model_fields.items()
    if all(isinstance(one, str) for one in get_args(field.annotation) or (None,))
}
"""Allowed values of fields that hold names."""

LIMITS: dict[str, tuple[int, int]] = {
    name: (int(str(low.ge)), int(str(high.le)))
    for name, field in ViewState.model_fields.items()
    for low in field.metadata
    if isinstance(low, Ge)
    for high in field.metadata
    if isinstance(high, Le)
}
"""Least and greatest values of whole numbers."""


def _describe_allowed(name: str, spec: StudySpec) -> str:
    if name in CHOICES:
        return "one of " + ", ".join(CHOICES[name])
    if name in LIMITS:
        return "a whole number from {} to {:,}".format(*LIMITS[name])
    if name in ON_THE_PLANE:
        return f"a number from −{spec.range:g} to {spec.range:g}: on the plane"
    if name == "angle":
        return "a number of degrees from −360 to 360"
    return "nothing: a view has the fields " + ", ".join(ViewState.model_fields)


def parse_spec(fields: object) -> StudySpec:
    """Validate a study that the page sent.

    Raises:
        SpecError: It is not an object with a study's fields, or a field is not allowed.
    """
    if not isinstance(fields, dict) or not all(isinstance(name, str) for name in fields):
        raise SpecError("spec", fields, "an object with the fields of a study")
    return StudySpec(**fields)
