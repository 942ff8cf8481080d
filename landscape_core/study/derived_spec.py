"""Specifications that build on a study's: fields of their own, and some of a study's with the same meaning."""

from __future__ import annotations

from typing import Any, ClassVar

from landscape_core.errors import SpecError
from landscape_core.study.spec import Spec, StudySpec


class DerivedSpec(Spec):
    """Base of such descriptions. It is made from its own fields and those in `STUDY_FIELDS`."""

    STUDY_FIELDS: ClassVar[tuple[str, ...]] = ()
    """The fields of a study that are asked for here too."""

    base: StudySpec

    def __init__(self, /, **fields: Any) -> None:  # noqa: ANN401  whatever came, even "self": it is validated here
        own = {name: fields.pop(name) for name in self.own_fields() if name in fields}
        for name, value in fields.items():
            if name not in self.STUDY_FIELDS:
                known = ", ".join(self.known_fields())
                raise SpecError(name, value, f"nothing: {self.NOUN} has the fields {known}")
        # JSON has lists only
        own = {name: tuple(value) if isinstance(value, list) else value for name, value in own.items()}
        super().__init__(base=StudySpec(**{"resolution": 2, "draws": 0, **fields}), **own)

    @classmethod
    def own_fields(cls) -> tuple[str, ...]:
        """The fields that a study does not have."""
        return tuple(name for name in cls.model_fields if name != "base")

    @classmethod
    def known_fields(cls) -> tuple[str, ...]:
        """The fields that it is made from."""
        return cls.own_fields() + cls.STUDY_FIELDS

    def fields(self) -> dict[str, Any]:
        """What it is made from."""
        own = {name: getattr(self, name) for name in self.own_fields()}
        study = self.base.fields()
        return own | {name: study[name] for name in self.STUDY_FIELDS if name in study}

    def key(self) -> str:
        """A digest that is equal exactly when two descriptions are; changes with `FORMAT`."""
        return f"{type(self).__name__.removesuffix('Spec').lower()}-{super().key()}"
