"""What is asked for when many start points are compared: one frozen, validated, hashable description."""

from __future__ import annotations

import hashlib
import inspect
import json
from functools import cache
from types import ModuleType
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from landscape_core import claims, measured, paper, questions
from landscape_core.errors import SpecError
from landscape_core.spec import FORMAT, SAFE_INTEGER, StudySpec

MAX_SEEDS = 10_000

FIELDS = ("domain", "seed", "batch_seed", "line_points", "batch_size", "scaling", "output_activation", "dtype")
"""The fields of a study that are asked for here too."""


DECIDING: tuple[ModuleType, ...] = (measured, questions, claims)
"""The modules that decide whether a claim holds."""


class TypicalSpec(BaseModel):
    """Many start points of one domain: the seeds 0 to seeds − 1, and the one that is shown.

    It is made from `seeds` and from a study's fields named in `FIELDS`, which mean here what they mean there: `seed` is
    the start point that is shown, and `batch_seed` that of its mini-batches.

    Raises:
        SpecError: A field is unknown or holds a value that is not allowed; names the first such field.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    seeds: int = Field(200, ge=1, le=MAX_SEEDS, description="number of start points")
    base: StudySpec

    def __init__(self, /, **fields: Any) -> None:  # noqa: ANN401  whatever came, even "self": it is validated here
        for name, value in fields.items():
            if name not in {"seeds", *FIELDS}:
                raise SpecError(
                    name,
                    value,
                    "nothing: a description of many start points has the fields seeds, " + ", ".join(FIELDS),
                )
        seeds = {"seeds": fields.pop("seeds")} if "seeds" in fields else {}
        base = StudySpec(**fields, resolution=2, draws=0)
        if base.domain not in paper.DOMAIN_TABLE:
            raise SpecError("domain", base.domain, "one of " + ", ".join(paper.DOMAIN_TABLE))
        try:
            super().__init__(base=base, **seeds)
        except ValidationError:
            raise SpecError("seeds", seeds["seeds"], f"a whole number from 1 to {MAX_SEEDS:,}") from None

    @property
    def domain(self) -> str:
        """Which two directions span the plane."""
        return self.base.domain

    @property
    def seed(self) -> int:
        """The start point that is shown."""
        return self.base.seed

    def fields(self) -> dict[str, Any]:
        """What it is made from."""
        return {"seeds": self.seeds, **{name: getattr(self.base, name) for name in FIELDS}}

    def replace(self, **changes: Any) -> TypicalSpec:  # noqa: ANN401  validated
        """The same with some fields changed."""
        return TypicalSpec(**{**self.fields(), **changes})

    def study(self, activation: str, seed: int | None = None) -> StudySpec:
        """The study behind the numbers of one start point, whose draws on the lines they are.

        Args:
            activation: One of `ACTIVATIONS`.
            seed: One of the many; without it the shown one. Start point z of the many has the mini-batches of
                `batch_seed + 1 + z`, so that no two share theirs, nor with the shown one.
        """
        own = (
            {} if seed is None else {"seed": seed, "batch_seed": (self.base.batch_seed + 1 + seed) % (SAFE_INTEGER + 1)}
        )
        defaults = {name: StudySpec.model_fields[name].default for name in ("resolution", "draws")}
        return self.base.replace(activation=activation, **defaults, **own)

    def to_json(self) -> str:
        """Canonical JSON: every field, sorted by name, no spaces."""
        return json.dumps(self.fields(), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> TypicalSpec:
        """The inverse of `to_json`.

        Raises:
            SpecError: The text is not a JSON object, or a field is not allowed.
        """
        wanted = "a JSON object with the fields of a description of many start points"
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError):
            raise SpecError("spec", text, wanted) from None
        if not isinstance(fields, dict):
            raise SpecError("spec", fields, wanted)
        return cls(**fields)

    def key(self) -> str:
        """A digest that is equal exactly when two descriptions are; changes with `FORMAT` and the source of `DECIDING`."""
        rules = "".join(map(_digest, DECIDING))
        return "typical-" + hashlib.sha256(f"{FORMAT}:{rules}:{self.to_json()}".encode()).hexdigest()


@cache
def _digest(module: ModuleType) -> str:
    return hashlib.sha256(inspect.getsource(module).encode()).hexdigest()
