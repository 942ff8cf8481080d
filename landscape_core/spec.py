"""What is asked for: one frozen, validated, hashable description of a study.

The description alone decides every number of a result, bit for bit on one machine; another device, number of threads or
size of chunks changes at most the rounding of the sample tables. Names are checked against the registries, so a new
activation, data set, scaling, loss or domain is known here at once.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from landscape_core.activations import ACTIVATIONS
from landscape_core.datasets import DATASETS, SCALINGS
from landscape_core.directions import DOMAINS
from landscape_core.errors import SpecError
from landscape_core.losses import LOSSES

FORMAT = 3
"""Raised whenever the same description would give other numbers than before; part of `StudySpec.key`."""

SAFE_INTEGER = 2**53 - 1
"""The largest whole number that JSON readers of every language keep exactly."""


def _one_of(registry: Mapping[str, object]) -> str:
    return "one of " + ", ".join(registry)


def _whole(default: int, low: int, high: int, description: str) -> Any:  # noqa: ANN401  as pydantic's Field
    allowed = f"a whole number from {low} to {high:,}"
    return Field(default, ge=low, le=high, description=description, json_schema_extra={"allowed": allowed})


class StudySpec(BaseModel):
    """A study: one landscape and the mini-batches drawn on it.

    Raises:
        SpecError: A field is unknown or holds a value that is not allowed; names the first such field.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    dataset: str = Field("iris", description="data set", json_schema_extra={"allowed": _one_of(DATASETS)})
    scaling: str = Field(
        "authors", description="scaling of the inputs", json_schema_extra={"allowed": _one_of(SCALINGS)}
    )
    loss: str = Field("mse", description="loss of one sample", json_schema_extra={"allowed": _one_of(LOSSES)})
    activation: str = Field(
        "sigmoid", description="activation function", json_schema_extra={"allowed": _one_of(ACTIVATIONS)}
    )
    output_activation: Literal["same", "linear"] = Field(
        "same",
        description="activation of the output layer: the same function, as in the paper, or none",
        json_schema_extra={"allowed": "same or linear"},
    )
    domain: str = Field(
        "global", description="which two directions span the plane", json_schema_extra={"allowed": _one_of(DOMAINS)}
    )
    range: float = Field(
        0.0,
        gt=0,
        le=1e6,
        validate_default=True,
        description="the plane reaches from −range to +range, in units of parameter space",
        json_schema_extra={"allowed": "a number above 0, at most 1,000,000; leave it out for the domain's own"},
    )
    resolution: int = _whole(100, 2, 10_000, "points along each side of the plane")
    line_points: int = _whole(100, 3, 1_000_000, "points along each line")
    batch_size: int = Field(
        10,
        ge=1,
        description="samples in a mini-batch",
        json_schema_extra={"allowed": "a whole number from 1 to the number of samples (150 for iris)"},
    )
    draws: int = _whole(50, 0, 10_000_000, "sampled draws at each point of the plane; 0 leaves the exact moments only")
    slope_angle: float = Field(
        45.0,
        ge=-360,
        le=360,
        description="direction of the slope in the plane, in degrees from d1 towards d2; 45 is the paper's Eq. 7",
        json_schema_extra={"allowed": "a number of degrees from −360 to 360"},
    )
    seed: int = _whole(12735, 0, SAFE_INTEGER, "seed of the start point and the directions")
    batch_seed: int = _whole(0, 0, SAFE_INTEGER, "seed of the mini-batches")
    dtype: Literal["float64", "float32"] = Field(
        "float64", description="precision of the arithmetic", json_schema_extra={"allowed": "float64 or float32"}
    )

    def __init__(self, /, **fields: Any) -> None:  # noqa: ANN401  whatever came, even "self": it is validated here
        try:
            super().__init__(**fields)
        except ValidationError as problem:
            raise _spec_error(problem) from None

    @field_validator("dataset", "scaling", "loss", "activation", "domain")
    @classmethod
    def _known(cls, value: str, info: Any) -> str:  # noqa: ANN401  pydantic's ValidationInfo
        if value not in REGISTRIES[info.field_name]:
            raise PydanticCustomError("unknown_name", "unknown name")
        return value

    @field_validator("slope_angle")
    @classmethod
    def _no_negative_zero(cls, value: float) -> float:
        """−0.0 equals 0.0 but would be written, and so hashed into `key`, differently."""
        return value + 0.0

    @model_validator(mode="before")
    @classmethod
    def _default_range(cls, fields: Any) -> Any:  # noqa: ANN401  pydantic calls it with anything
        """Without a range of its own a study takes its domain's."""
        if isinstance(fields, dict) and fields.get("range") is None:
            domain = fields.get("domain", cls.model_fields["domain"].default)
            known = isinstance(domain, str) and domain in DOMAINS
            return {**fields, "range": DOMAINS[domain].half_width if known else 1.0}
        return fields

    @model_validator(mode="after")
    def _batch_fits(self) -> StudySpec:
        if self.batch_size > self.samples:
            raise SpecError("batch_size", self.batch_size, f"a whole number from 1 to {self.samples} (all samples)")
        return self

    @property
    def samples(self) -> int:
        """N, the number of samples of the data set: the batch size of the full batch."""
        return DATASETS[self.dataset].samples

    def replace(self, **changes: Any) -> StudySpec:  # noqa: ANN401  validated
        """The same study with some fields changed; changing the domain alone keeps the range."""
        return StudySpec(**{**self.model_dump(), **changes})

    def to_json(self) -> str:
        """Canonical JSON: every field, sorted by name, no spaces."""
        return json.dumps(self.model_dump(), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> StudySpec:
        """The inverse of `to_json`.

        Raises:
            SpecError: The text is not a JSON object, or a field is not allowed.
        """
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError):
            raise SpecError("spec", text, "a JSON object with the fields of a study") from None
        if not isinstance(fields, dict):
            raise SpecError("spec", fields, "a JSON object with the fields of a study")
        return cls(**fields)

    def key(self) -> str:
        """A hexadecimal digest that is equal exactly when two descriptions are, and changes with `FORMAT`."""
        return hashlib.sha256(f"{FORMAT}:{self.to_json()}".encode()).hexdigest()

    def table_key(self) -> str:
        """As `key`, for the sample tables alone: they know nothing of batches, draws or the slope's direction."""
        return "table-" + self.replace(batch_size=1, draws=0, slope_angle=0.0, batch_seed=0).key()


REGISTRIES: dict[str, Mapping[str, object]] = {
    "dataset": DATASETS,
    "scaling": SCALINGS,
    "loss": LOSSES,
    "activation": ACTIVATIONS,
    "domain": DOMAINS,
}


def allowed(field: str) -> str:
    """What a field accepts, as the phrase used in error messages."""
    extra = StudySpec.model_fields[field].json_schema_extra
    return str(extra["allowed"]) if isinstance(extra, dict) else ""


def _spec_error(problem: ValidationError) -> SpecError:
    first = problem.errors(include_url=False)[0]
    field = str(first["loc"][0]) if first["loc"] else "spec"
    if first["type"] == "extra_forbidden":
        return SpecError(field, first["input"], "nothing: a study has the fields " + ", ".join(StudySpec.model_fields))
    if field not in StudySpec.model_fields:
        return SpecError(field, first["input"], "a study's fields")
    return SpecError(field, first["input"], allowed(field))
