"""What a visitor looks at: a study and the way of looking, validated. The page keeps it; the server keeps nothing."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

from landscape_core import SpecError, StudySpec

Source = Literal["batch", "full"]
Moments = Literal["sampled", "exact"]
ViewName = Literal["compare", "moments"]


@dataclass(frozen=True)
class Request:
    """A study, and how it is looked at.

    Attributes:
        spec: The study.
        view: Which view.
        source: Compare view: one mini-batch draw or the full batch.
        moments: Moments view: from the draws, or exact.
    """

    spec: StudySpec
    view: ViewName = "compare"
    source: Source = "batch"
    moments: Moments = "sampled"

    def __post_init__(self) -> None:
        for field, allowed in (("view", ViewName), ("source", Source), ("moments", Moments)):
            value = getattr(self, field)
            if not isinstance(value, str) or value not in get_args(allowed):
                raise SpecError(field, value, "one of " + ", ".join(get_args(allowed)))

    def to_dict(self) -> dict[str, Any]:
        """As the page keeps it."""
        return {**asdict(self), "spec": self.spec.model_dump()}

    @classmethod
    def from_dict(cls, data: object) -> Request:
        """The inverse of `to_dict`, for whatever the page sent back.

        Raises:
            SpecError: It is not a request, or a field is not allowed.
        """
        if not isinstance(data, dict) or set(data) != {"spec", "view", "source", "moments"}:
            raise SpecError("request", data, "spec, view, source and moments")
        return cls(spec_from(data["spec"]), data["view"], data["source"], data["moments"])


def spec_from(fields: object) -> StudySpec:
    """A study from whatever the page sent.

    Raises:
        SpecError: It is not an object with a study's fields, or a field is not allowed.
    """
    if not isinstance(fields, dict) or not all(isinstance(name, str) for name in fields):
        raise SpecError("spec", fields, "an object with the fields of a study")
    return StudySpec(**fields)
