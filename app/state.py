"""What a visitor looks at: a study and the way of looking, validated. The page keeps it; the server keeps nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from landscape_core import SpecError, StudySpec, paper
from landscape_core.geometry import LINE_NAMES, LINES
from landscape_core.line_search import METHODS
from landscape_core.race_spec import MAX_BUDGET, RaceSpec
from landscape_core.tiles import TileSpec
from landscape_core.training import TrainingSpec
from landscape_core.typical_spec import FIELDS as SHARED
from landscape_core.typical_spec import TypicalSpec

Source = Literal["batch", "full"]
Moments = Literal["sampled", "exact"]
Field = Literal["loss", "slope", "negative", "below"]
Stage = Literal["one", "many", "train"]
WonBy = Literal["distance", "loss"]
OracleOf = Literal["network", "quadratics"]
Reference = Literal["shown", "hidden"]
ViewName = Literal[
    "compare",
    "explore",
    "moments",
    "chances",
    "variance",
    "static",
    "oracle",
    "race",
    "figures",
    "tables",
    "gallery",
]

CHOICES: dict[str, tuple[str, ...]] = {
    "view": get_args(ViewName),
    "source": get_args(Source),
    "moments": get_args(Moments),
    "line": LINE_NAMES,
    "field": get_args(Field),
    "stage": get_args(Stage),
    "score": get_args(WonBy),
    "oracle": get_args(OracleOf),
    "reference": get_args(Reference),
}
"""What the fields of a request that name something may hold."""

ON_THE_PLANE = ("at_d1", "at_d2", "through_d1", "through_d2")
"""Coordinates of a plane."""

DECIMALS = 6
"""Coordinates and angles that a visitor chooses are kept to so many decimals, so that links stay short."""

RACES: int = RaceSpec.model_fields["races"].default
"""Races on each line."""

SCENES = 12
"""Scenes of the tour."""

LIMITS: dict[str, tuple[int, int]] = {
    "scene": (0, SCENES),
    "step": (0, 1_000_000),
    "budget": (1, MAX_BUDGET),
    "race": (0, RACES - 1),
    "race_step": (0, MAX_BUDGET),
}
"""Whole numbers: the least and the greatest that is allowed."""


@dataclass(frozen=True)
class Request:
    """A study, and how it is looked at.

    Attributes:
        spec: The study.
        view: Which view.
        source: Compare and Explore: one mini-batch draw or the full batch.
        moments: Mean ± SD: from the draws, or exact.
        line: Variance, Static, Oracle and Race: which of the four lines.
        at_d1: Variance and Explore: the point that is explained, its coordinate along d1.
        at_d2: Likewise along d2.
        through_d1: Explore: a point that the line goes through, its coordinate along d1.
        through_d2: Likewise along d2.
        angle: Explore: direction of the line, in degrees from d1 towards d2.
        field: Explore: what the map shows.
        step: Oracle: how many points have been drawn.
        oracle: Oracle: whose urn it is, that of the network or of the four parabolas of Fig. 1.
        reference: Oracle: whether the full batch is shown beside what is drawn.
        budget: Race: evaluations of a search.
        race: Race: which of the races is shown step by step.
        race_step: Race: how many evaluations of it are shown.
        racers: Race: which line searches are shown, in the order of the registry.
        stage: Race: one race, all of them, or training.
        score: Race: by what a race is won.
        figure: Figures: number of the paper's figure.
        panel: Figures: letter of the panel.
        scene: Which scene of the tour, from 1; 0 for none.
        seeds: Tables: how many start points are compared; the domain of the study says which table.
    """

    spec: StudySpec
    view: ViewName = "compare"
    source: Source = "batch"
    moments: Moments = "sampled"
    line: str = LINE_NAMES[0]
    at_d1: float = 0.0
    at_d2: float = 0.0
    through_d1: float = 0.0
    through_d2: float = 0.0
    angle: float = 45.0
    field: Field = "slope"
    step: int = 0
    oracle: OracleOf = "network"
    reference: Reference = "shown"
    budget: int = 15
    race: int = 0
    race_step: int = 0
    racers: tuple[str, ...] = tuple(METHODS)
    stage: Stage = "one"
    score: WonBy = "distance"
    figure: int = 1
    panel: str = "a"
    scene: int = 0
    seeds: int = TypicalSpec().seeds

    def __post_init__(self) -> None:
        for name in (*ON_THE_PLANE, "angle"):
            value, reach = getattr(self, name), 360.0 if name == "angle" else self.spec.range
            if isinstance(value, float) and abs(value) <= reach:
                object.__setattr__(self, name, max(-reach, min(reach, round(value, DECIMALS) + 0.0)))
        for name, allowed in CHOICES.items():
            value = getattr(self, name)
            if not isinstance(value, str) or value not in allowed:
                raise SpecError(name, value, "one of " + ", ".join(allowed))
        for name in ON_THE_PLANE:
            value = getattr(self, name)
            if not _number(value) or not abs(value) <= self.spec.range:  # NaN is not
                raise SpecError(name, value, f"a number from −{self.spec.range:g} to {self.spec.range:g}: on the plane")
        if not _number(self.angle) or not abs(self.angle) <= 360:
            raise SpecError("angle", self.angle, "a number of degrees from −360 to 360")
        for name, (low, high) in LIMITS.items():
            value = getattr(self, name)
            if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
                raise SpecError(name, value, f"a whole number from {low} to {high:,}")
        object.__setattr__(self, "racers", _racers(self.racers))
        paper.figure(self.figure).panel(self.panel)
        self.typical  # noqa: B018  checks the seeds

    @property
    def typical(self) -> TypicalSpec:
        """The many start points that the study's is compared with."""
        return TypicalSpec(seeds=self.seeds, **{name: getattr(self.spec, name) for name in SHARED})

    @property
    def races(self) -> dict[str, RaceSpec]:
        """The races on each of the four lines, by its name, the line that is looked at first."""
        shared = {name: getattr(self.spec, name) for name in RaceSpec.STUDY_FIELDS}
        lines = sorted(LINES, key=lambda line: line.name != self.line)
        return {line.name: RaceSpec(angles=(line.angle,), budget=self.budget, **shared) for line in lines}

    @property
    def training(self) -> TrainingSpec:
        """Training with the line searches."""
        return TrainingSpec(**{name: getattr(self.spec, name) for name in TrainingSpec.STUDY_FIELDS})

    def to_dict(self) -> dict[str, Any]:
        """As the page keeps it."""
        looks = {name: getattr(self, name) for name in LOOKS}
        return {**looks, "racers": list(self.racers), "spec": self.spec.model_dump()}

    @classmethod
    def from_dict(cls, data: object) -> Request:
        """The inverse of `to_dict`, for whatever the page sent back.

        Raises:
            SpecError: It is not a request, or a field is not allowed.
        """
        if not isinstance(data, dict) or set(data) != {"spec", *LOOKS}:
            raise SpecError("request", data, ", ".join(("spec", *LOOKS)))
        return cls(spec_from(data["spec"]), **{name: data[name] for name in LOOKS})


def _racers(names: object) -> tuple[str, ...]:
    """Some of the line searches, in the order of the registry."""
    allowed = "at least one of " + ", ".join(METHODS)
    if not isinstance(names, list | tuple) or not names:
        raise SpecError("racers", names, allowed)
    for name in names:
        if not isinstance(name, str) or name not in METHODS:
            raise SpecError("racers", name, allowed)
        if names.count(name) > 1:
            raise SpecError("racers", name, f"each once, {allowed}")
    return tuple(name for name in METHODS if name in names)


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


LOOKS = tuple(field.name for field in fields(Request) if field.name != "spec")
"""The fields of a request that say how it is looked at."""


def spec_from(fields: object) -> StudySpec:
    """A study from whatever the page sent.

    Raises:
        SpecError: It is not an object with a study's fields, or a field is not allowed.
    """
    return StudySpec(**_named(fields, "a study"))


Task = StudySpec | TypicalSpec | RaceSpec | TrainingSpec | TileSpec
"""What can be asked of the engine."""

TASKS: Mapping[str, tuple[type[Task], Callable[[Any], dict[str, Any]]]] = {
    "study": (StudySpec, StudySpec.model_dump),
    "typical": (TypicalSpec, TypicalSpec.fields),
    "race": (RaceSpec, RaceSpec.fields),
    "training": (TrainingSpec, TrainingSpec.fields),
    "tile": (TileSpec, TileSpec.fields),  # part of a study, for workers
}
"""Kinds of tasks as the page names them: how each is made from its fields, and the other way."""


def task_to_dict(task: Task) -> dict[str, Any]:
    """As the page keeps it."""
    (name, to_fields), *_ = [(name, entry[1]) for name, entry in TASKS.items() if isinstance(task, entry[0])]
    return {"kind": name, "fields": to_fields(task)}


def task_from(data: object) -> Task:
    """The inverse of `task_to_dict`, for whatever the page sent back.

    Raises:
        SpecError: It is not a task, or a field is not allowed.
    """
    if not isinstance(data, dict) or set(data) != {"kind", "fields"}:
        raise SpecError("task", data, "an object with kind and fields")
    if not isinstance(data["kind"], str) or data["kind"] not in TASKS:
        raise SpecError("kind", data["kind"], "one of " + ", ".join(TASKS))
    return TASKS[data["kind"]][0](**_named(data["fields"], f"a task of kind {data['kind']}"))


def _named(fields: object, what: str) -> dict[str, Any]:
    if not isinstance(fields, dict) or not all(isinstance(name, str) for name in fields):
        raise SpecError("spec", fields, f"an object with the fields of {what}")
    return fields
