"""Specification of a study: frozen, validated, hashable.

The description alone decides every number of a result, bit for bit on one machine; another device, number of threads or
size of chunks changes at most the rounding of the sample tables. Names are checked against the registries, so a new
activation, data set, scaling, loss or domain is known here at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeVar

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_serializer, model_validator
from pydantic_core import PydanticCustomError

from landscape_core.errors import SpecError
from landscape_core.geometry.directions import DOMAINS
from landscape_core.problems.activations import ACTIVATIONS
from landscape_core.problems.builtin import PROBLEMS
from landscape_core.problems.datasets import DATASETS, SCALINGS
from landscape_core.problems.losses import LOSSES
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import WITH, WITHOUT, Batches, Sampling
from landscape_core.study import own_problems
from landscape_core.study.start_point import Optimiser, StartPoint

AnySpec = TypeVar("AnySpec", bound="Spec")  # not Self, which beartype knows in decorated classes only

FORMAT = 3
"""Raised whenever the same description would give other numbers than before; part of `StudySpec.key`."""

PAPER = "iris-paper"
"""The problem of Kafka and Wilke (2019): a small fully connected network on Iris."""

OF_PROBLEMS: dict[str, object] = {
    **{"problem": PAPER, "hidden": (10,), "population": 0, "max_samples": 0, "start_point": "auto"},
    **{"train_steps": 300, "train_optimiser": "adam", "train_rate": 0.01, "table_dtype": "same"},
}
"""Fields that tell other problems from the paper's, with its values; those are not listed."""

LATER: dict[str, object] = {"sampling": WITHOUT, **OF_PROBLEMS}
"""Fields that descriptions of this format once did not have, and what they leave unwritten: keys and files stay."""

RECIPE = ("dataset", "scaling", "loss", "activation", "output_activation", "hidden")
"""Fields that the paper's problem is made from; others are made already."""

TRAINING = ("train_steps", "train_optimiser", "train_rate")
"""Fields that say how a start point is trained; other start points have no use for them."""

SMALLEST_RANGE = 1e-12
"""Start points are of size 0.3, known to 16 digits: a smaller plane would be a single point."""

SAFE_INTEGER = 2**53 - 1
"""The largest whole number that JSON readers of every language keep exactly."""


def option(default: Any, allowed: str, description: str, **limits: Any) -> Any:  # noqa: ANN401  as pydantic's Field
    """A field of a specification: what it accepts as a phrase, what it means, and limits that pydantic checks."""
    return Field(default, description=description, json_schema_extra={"allowed": allowed}, **limits)


def whole_number(default: int, low: int, high: int, description: str) -> Any:  # noqa: ANN401  as pydantic's Field
    """A field that is a whole number."""
    return option(default, f"a whole number from {low} to {high:,}", description, ge=low, le=high)


def _name_in(registry: Mapping[str, object], default: str, description: str) -> Any:  # noqa: ANN401  as pydantic's Field
    return option(default, "one of " + ", ".join(registry), description)


class Spec(BaseModel):
    """Base of the specifications: frozen, validated, hashable."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    NOUN: ClassVar[str] = ""
    """What a reader calls it."""

    def __init__(self, /, **fields: Any) -> None:  # noqa: ANN401  whatever came, even "self": it is validated here
        try:
            super().__init__(**fields)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = str(first["loc"][0])
            if first["type"] == "extra_forbidden":
                allowed = f"nothing: {self.NOUN} has the fields " + ", ".join(type(self).model_fields)
            else:
                allowed = self.allowed(field)
            raise SpecError(field, fields.get(field), allowed) from None

    @classmethod
    def allowed(cls, field: str) -> str:
        """What a field accepts, as the phrase used in error messages."""
        extra = cls.model_fields[field].json_schema_extra
        return str(extra["allowed"]) if isinstance(extra, dict) else ""

    def fields(self) -> dict[str, Any]:
        """What it is made from."""
        return self.model_dump()

    def stated_fields(self) -> dict[str, Any]:
        """What to tell of it: its fields, of another problem without those that the paper's network is made from."""
        fields = self.fields()
        unsaid = () if fields.get("problem", PAPER) == PAPER else RECIPE
        return {name: value for name, value in fields.items() if name not in unsaid}

    def replace(self: AnySpec, **changes: Any) -> AnySpec:  # noqa: ANN401  validated
        """The same with some fields changed."""
        return type(self)(**{**self.fields(), **changes})

    def to_json(self) -> str:
        """Canonical JSON: every field that applies, sorted by name, no spaces; one of `LATER` only where it differs."""
        return _write_json(self.stated_fields())

    @classmethod
    def from_json(cls: type[AnySpec], text: str) -> AnySpec:
        """The inverse of `to_json`.

        Raises:
            SpecError: The text is not a JSON object, or a field is not allowed.
        """
        wanted = f"a JSON object with the fields of {cls.NOUN}"
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError):
            raise SpecError("spec", text, wanted) from None
        if not isinstance(fields, dict):
            raise SpecError("spec", fields, wanted)
        if fields.get("start_point") != "trained":  # these fields were allowed once, and unused
            fields = {name: value for name, value in fields.items() if name not in TRAINING}
        return cls(**fields)

    def key(self) -> str:
        """A hexadecimal digest that is equal exactly when two descriptions are; changes with `FORMAT`."""
        return hashlib.sha256(f"{FORMAT}:{_write_json(self.fields())}".encode()).hexdigest()


def _write_json(fields: Mapping[str, Any]) -> str:
    written = {name: value for name, value in fields.items() if value != LATER.get(name, ...)}
    return json.dumps(written, sort_keys=True, separators=(",", ":"))


class StudySpec(Spec):
    """A study: one landscape and the mini-batches drawn on it. Replacing the domain alone keeps the range.

    Raises:
        SpecError: A field is unknown or holds a value that is not allowed; names the first such field.
    """

    NOUN: ClassVar[str] = "a study"

    dataset: str = _name_in(DATASETS, "iris", "data set")
    scaling: str = _name_in(SCALINGS, "authors", "scaling of the inputs")
    loss: str = _name_in(LOSSES, "mse", "loss of one sample")
    activation: str = _name_in(ACTIVATIONS, "sigmoid", "activation function")
    output_activation: Literal["same", "linear"] = option(
        "same", "same or linear", "activation of the output layer: the same function, as inferred of the paper, or none"
    )
    domain: str = _name_in(DOMAINS, "global", "which two directions span the plane")
    range: float = option(
        0.0,
        "a number from 1e-12 to 1,000,000",
        "the plane reaches from −range to +range, in units of its axes: of parameter space, unless the domain has its own",
        ge=SMALLEST_RANGE,
        le=1e6,
        validate_default=True,
    )
    resolution: int = whole_number(100, 2, 10_000, "points along each side of the plane")
    line_points: int = whole_number(100, 3, 1_000_000, "points along each line")
    batch_size: int = option(10, "a whole number from 1 to the number of samples", "samples in a mini-batch", ge=1)
    draws: int = whole_number(
        50, 0, 10_000_000, "sampled draws at each point of the plane; 0 leaves the exact moments only"
    )
    sampling: Sampling = option(
        WITHOUT,
        "without-replacement, with-replacement or epoch-shuffle",
        "how mini-batches are drawn: afresh at every point, without or with putting samples back; or the samples are "
        "shuffled, and successive points take the next mini-batch until they are used up",
    )
    slope_angle: float = option(
        45.0,
        "a number of degrees from −360 to 360",
        "direction of the slope in the plane, in degrees from d1 towards d2; 45 is the paper's Eq. 7",
        ge=-360,
        le=360,
    )
    seed: int = whole_number(12735, 0, SAFE_INTEGER, "seed of the start point and the directions")
    batch_seed: int = whole_number(0, 0, SAFE_INTEGER, "seed of the mini-batches")
    dtype: Literal["float64", "float32"] = option("float64", "float64 or float32", "precision of the arithmetic")
    problem: str = option(
        PAPER,
        "one of "
        + ", ".join(PROBLEMS)
        + "; or custom: and 16 hexadecimal digits, as in a study of a problem of your own",
        f"data, model and loss: {PAPER} is made from {', '.join(RECIPE)}, others are made already",
    )
    hidden: tuple[int, ...] = option(
        (10,), "1 to 8 whole numbers from 1 to 4,096", "units of each hidden layer", min_length=1, max_length=8
    )
    population: int = whole_number(
        0, 0, SAFE_INTEGER, "samples of a problem of your own; 0 for problems that have a name"
    )
    max_samples: int = whole_number(0, 0, SAFE_INTEGER, "a random subset of so many samples; 0 for all of them")
    start_point: StartPoint = option(
        "auto",
        "auto, paper, pytorch, zero or trained",
        "auto: the problem's own, or else uniform in ±0.3 as in the paper; paper: the latter; pytorch: as its layers "
        "begins; zero; trained: where a training from auto ends",
    )
    train_steps: int = whole_number(300, 1, 100_000, "steps of the training of a start point")
    train_optimiser: Optimiser = option("adam", "adam, momentum or sgd", "its optimiser")
    train_rate: float = option(0.01, "a number above 0, at most 1,000", "its learning rate", gt=0, le=1000)

    table_dtype: Literal["same", "float32"] = option(
        "same",
        "same or float32",
        "precision in which tables of samples are kept: that of the arithmetic, or half of it",
    )

    def __init__(self, /, **fields: Any) -> None:  # noqa: ANN401  pydantic checks the types, and mypy shall not
        super().__init__(**fields)

    @field_validator("dataset", "scaling", "loss", "activation", "domain")
    @classmethod
    def _check_name(cls, value: str, info: Any) -> str:  # noqa: ANN401  pydantic's ValidationInfo
        if value not in REGISTRIES[info.field_name]:
            raise PydanticCustomError("unknown_name", "unknown name")
        return value

    @field_validator("slope_angle")
    @classmethod
    def _drop_negative_zero(cls, value: float) -> float:
        """−0.0 equals 0.0 but would be written, and so hashed into `key`, differently."""
        return value + 0.0

    @model_validator(mode="before")
    @classmethod
    def _fill_in_range(cls, fields: Any) -> Any:  # noqa: ANN401  pydantic calls it with anything
        """Without a range of its own a study takes its domain's."""
        if isinstance(fields, dict) and fields.get("range") is None:
            domain = fields.get("domain", cls.model_fields["domain"].default)
            known = isinstance(domain, str) and domain in DOMAINS
            return {**fields, "range": DOMAINS[domain].half_width if known else 1.0}
        return fields

    @field_validator("hidden", mode="before")
    @classmethod
    def _read_list(cls, units: Any) -> Any:  # noqa: ANN401  pydantic calls it with anything
        return tuple(units) if isinstance(units, list) else units  # JSON has lists only

    @field_validator("hidden")
    @classmethod
    def _check_hidden(cls, units: Any) -> Any:  # noqa: ANN401  whole numbers, as pydantic has seen
        if not all(1 <= count <= 4096 for count in units):
            raise ValueError
        return units

    @field_validator("problem")
    @classmethod
    def _check_problem(cls, name: str) -> str:
        if name not in PROBLEMS and not own_problems.is_own(name):
            raise ValueError
        return name

    @model_validator(mode="before")
    @classmethod
    def _fill_in_population(cls, fields: Any) -> Any:  # noqa: ANN401  pydantic calls it with anything
        """Without a number of samples of its own, a study of a problem of this process takes that problem's."""
        if isinstance(fields, dict) and not fields.get("population") and own_problems.is_own(fields.get("problem")):
            return {**fields, "population": own_problems.find(fields["problem"]).samples}
        return fields

    @model_validator(mode="after")
    def _check_what_belongs(self) -> StudySpec:
        if self.population and not own_problems.is_own(self.problem):
            raise SpecError("population", self.population, f"0: {self.problem} has {self.samples} samples")
        if (known := own_problems.recall(self.problem)) is not None and self.population != known.samples:
            raise SpecError("population", self.population, f"{known.samples}: so many samples has {self.problem}")
        if DOMAINS[self.domain].of_path and self.start_point != "trained":
            others = ", ".join(name for name, entry in DOMAINS.items() if not entry.of_path)
            allowed = f"one of {others}, or else a start_point that is trained: {self.domain} shows the way to it"
            raise SpecError("domain", self.domain, allowed)
        for name in RECIPE if self.problem != PAPER else ():
            if getattr(self, name) != type(self).model_fields[name].default:
                allowed = f"nothing: the problem {self.problem} is made already, with {name} of its own"
                raise SpecError(name, getattr(self, name), allowed)
        for name in TRAINING if self.start_point != "trained" else ():
            if getattr(self, name) != (usual := type(self).model_fields[name].default):
                allowed = f"{usual}, unless start_point is trained: {self.start_point} takes no training"
                raise SpecError(name, getattr(self, name), allowed)
        return self

    @model_serializer(mode="wrap")
    def _write(self, write: Any) -> dict[str, Any]:  # noqa: ANN401  pydantic's SerializerFunctionWrapHandler
        return {name: value for name, value in write(self).items() if getattr(self, name) != OF_PROBLEMS.get(name, ...)}

    @model_validator(mode="after")
    def _check_batch_size(self) -> StudySpec:
        if self.batch_size > self.samples:
            raise SpecError("batch_size", self.batch_size, f"a whole number from 1 to {self.samples} (all samples)")
        return self

    @property
    def samples(self) -> int:
        """N, the number of samples that are looked at: the batch size of the full batch."""
        entry = DATASETS[self.dataset] if self.problem == PAPER else PROBLEMS.get(self.problem)
        known = self.population if entry is None else entry.samples
        return min(known, self.max_samples or known)

    @property
    def kept_precision(self) -> torch.dtype:
        """Precision of its tables of samples, while they are kept."""
        return torch.float32 if self.table_dtype == "float32" else getattr(torch, self.dtype)

    @property
    def full_batch(self) -> bool:
        """Whether every mini-batch is the full batch, so that nothing is random."""
        return self.batch_size == self.samples and self.sampling != WITH

    def batches(self, purpose: Purpose) -> Batches:
        """Its mini-batches for a purpose."""
        return Batches(self.batch_size, self.batch_seed, purpose, self.sampling)

    def table_key(self) -> str:
        """As `key`, for the sample tables alone: they know nothing of batches, draws or the slope's direction."""
        return "table-" + self.replace(batch_size=1, draws=0, sampling=WITHOUT, slope_angle=0.0, batch_seed=0).key()


REGISTRIES: dict[str, Mapping[str, object]] = {
    "dataset": DATASETS,
    "scaling": SCALINGS,
    "loss": LOSSES,
    "activation": ACTIVATIONS,
    "domain": DOMAINS,
}
