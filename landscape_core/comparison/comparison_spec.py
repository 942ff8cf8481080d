"""Specifications that compare line searches."""

from __future__ import annotations

from typing import Any

from pydantic import field_validator

from landscape_core.errors import SpecError
from landscape_core.line_search import METHODS
from landscape_core.study.derived_spec import DerivedSpec
from landscape_core.study.spec import option


def are_different(values: tuple[Any, ...]) -> bool:
    """Whether no value stands twice."""
    return len(set(values)) == len(values)


RULES = 4
"""Raised when a line search changes its rules, so that results that are kept from before are computed again."""


class ComparisonSpec(DerivedSpec):
    """Base of such descriptions."""

    methods: tuple[str, ...] = option(tuple(METHODS), "different names out of " + ", ".join(METHODS), "line searches")

    @field_validator("methods")
    @classmethod
    def _check_methods(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if not are_different(names) or not set(names) <= set(METHODS):
            raise ValueError
        return names

    def find_method(self, name: str) -> int:
        """Place of a line search among those compared.

        Raises:
            SpecError: It is not among them.
        """
        if name not in self.methods:
            raise SpecError("method", name, "one of " + ", ".join(self.methods))
        return self.methods.index(name)

    def key(self) -> str:
        """A digest that is equal exactly when two descriptions are; changes with `FORMAT` and `RULES`."""
        return f"{super().key()}-{RULES}"
