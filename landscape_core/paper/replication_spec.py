"""Specification of a replication: frozen, validated, hashable."""

from __future__ import annotations

import hashlib
import inspect
from functools import cache
from types import ModuleType
from typing import Any, ClassVar

from landscape_core.errors import SpecError
from landscape_core.paper import claims, likely_places, published
from landscape_core.paper.claims import (
    claim,
    criteria,
    line_estimates,
    line_features,
    line_observations,
    observations,
    plane_features,
    repeated_claims,
    table_claims,
    text_criteria,
)
from landscape_core.study.derived_spec import DerivedSpec
from landscape_core.study.spec import FORMAT, SAFE_INTEGER, StudySpec, whole_number

MAX_SEEDS = 10_000

RULES = 3
"""Raised when counts or shares are estimated in another way, so that results kept from before are computed again."""

DECIDING: tuple[ModuleType, ...] = (
    *(line_estimates, likely_places, line_features, plane_features, criteria, text_criteria, claim, repeated_claims),
    *(table_claims, observations, line_observations, claims),
)
"""The modules that decide whether a claim holds."""


class ReplicationSpec(DerivedSpec):
    """Many start points of one domain: the seeds 0 to seeds − 1, and the one that is shown.

    `seed` is the start point that is shown, and `batch_seed` that of its mini-batches.

    Raises:
        SpecError: A field is unknown or holds a value that is not allowed; names the first such field.
    """

    NOUN: ClassVar[str] = "a description of many start points"
    STUDY_FIELDS: ClassVar[tuple[str, ...]] = (
        *("domain", "seed", "batch_seed", "line_points", "batch_size", "scaling", "output_activation", "dtype"),
    )

    seeds: int = whole_number(200, 1, MAX_SEEDS, "number of start points")

    def __init__(self, /, **fields: Any) -> None:  # noqa: ANN401  pydantic checks the types, and mypy shall not
        domain = fields.get("domain")
        if isinstance(domain, str) and domain not in published.DOMAIN_TABLE:  # before a study asks what it needs
            raise SpecError("domain", domain, "one of " + ", ".join(published.DOMAIN_TABLE))
        super().__init__(**fields)

    @property
    def domain(self) -> str:
        """Which two directions span the plane."""
        return self.base.domain

    @property
    def seed(self) -> int:
        """The start point that is shown."""
        return self.base.seed

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

    def key(self) -> str:
        """A digest that is equal exactly when two descriptions are; changes with `FORMAT`, `RULES` and `DECIDING`."""
        rules = "".join(map(_digest, DECIDING))
        return "typical-" + hashlib.sha256(f"{FORMAT}:{RULES}:{rules}:{self.to_json()}".encode()).hexdigest()


@cache
def _digest(module: ModuleType) -> str:
    return hashlib.sha256(inspect.getsource(module).encode()).hexdigest()
