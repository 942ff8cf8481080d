"""Descriptions that build on a study: fields of their own, and some of a study's that mean here what they mean there."""

from __future__ import annotations

import hashlib
import json
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from landscape_core.errors import SpecError
from landscape_core.spec import FORMAT, StudySpec

Described = TypeVar("Described", bound="OnStudy")


class OnStudy(BaseModel):
    """Base of such descriptions: frozen, validated, hashable. It is made from its own fields and those in `STUDY_FIELDS`.

    Raises:
        SpecError: A field is unknown or holds a value that is not allowed; names the first such field.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    STUDY_FIELDS: ClassVar[tuple[str, ...]] = ()
    """The fields of a study that are asked for here too."""

    NOUN: ClassVar[str] = ""
    """What a reader calls it."""

    base: StudySpec

    def __init__(self, /, **fields: Any) -> None:  # noqa: ANN401  whatever came, even "self": it is validated here
        own = {name: fields.pop(name) for name in self.own_fields() if name in fields}
        for name, value in fields.items():
            if name not in self.STUDY_FIELDS:
                known = ", ".join((*self.own_fields(), *self.STUDY_FIELDS))
                raise SpecError(name, value, f"nothing: {self.NOUN} has the fields {known}")
        # JSON has lists only
        own = {name: tuple(value) if isinstance(value, list) else value for name, value in own.items()}
        try:
            super().__init__(base=StudySpec(**{"resolution": 2, "draws": 0, **fields}), **own)
        except ValidationError as problem:
            first = problem.errors(include_url=False)[0]
            name = str(first["loc"][0])
            extra = type(self).model_fields[name].json_schema_extra
            allowed = str(extra["allowed"]) if isinstance(extra, dict) else ""
            raise SpecError(name, own[name], allowed) from None

    @classmethod
    def own_fields(cls) -> tuple[str, ...]:
        """The fields that a study does not have."""
        return tuple(name for name in cls.model_fields if name != "base")

    def fields(self) -> dict[str, Any]:
        """What it is made from."""
        own = {name: getattr(self, name) for name in self.own_fields()}
        return own | {name: getattr(self.base, name) for name in self.STUDY_FIELDS}

    def replace(self: Described, **changes: Any) -> Described:  # noqa: ANN401  validated
        """The same with some fields changed."""
        return type(self)(**{**self.fields(), **changes})

    def to_json(self) -> str:
        """Canonical JSON: every field, sorted by name, no spaces."""
        return json.dumps(self.fields(), sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls: type[Described], text: str) -> Described:
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
        return cls(**fields)

    def key(self) -> str:
        """A hexadecimal digest that is equal exactly when two descriptions are; changes with `FORMAT`."""
        name = type(self).__name__.removesuffix("Spec").lower()
        return f"{name}-" + hashlib.sha256(f"{FORMAT}:{self.to_json()}".encode()).hexdigest()
