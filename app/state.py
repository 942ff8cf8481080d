"""What a visitor looks at: a study and the way of looking, validated. The page keeps it; the server keeps nothing."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any, Literal, get_args

from landscape_core import SpecError, StudySpec, paper
from landscape_core.geometry import LINE_NAMES

Source = Literal["batch", "full"]
Moments = Literal["sampled", "exact"]
ViewName = Literal["compare", "moments", "chances", "variance", "static", "figures", "gallery"]

CHOICES: dict[str, tuple[str, ...]] = {
    "view": get_args(ViewName),
    "source": get_args(Source),
    "moments": get_args(Moments),
    "line": LINE_NAMES,
}
"""What the fields of a request that name something may hold."""


@dataclass(frozen=True)
class Request:
    """A study, and how it is looked at.

    Attributes:
        spec: The study.
        view: Which view.
        source: Compare: one mini-batch draw or the full batch.
        moments: Mean ± SD: from the draws, or exact.
        line: Variance and Static: which of the four lines.
        at_d1: Variance: the point that is explained, its coordinate along d1.
        at_d2: Likewise along d2.
        figure: Figures: number of the paper's figure.
        panel: Figures: letter of the panel.
    """

    spec: StudySpec
    view: ViewName = "compare"
    source: Source = "batch"
    moments: Moments = "sampled"
    line: str = LINE_NAMES[0]
    at_d1: float = 0.0
    at_d2: float = 0.0
    figure: int = 1
    panel: str = "a"

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            value = getattr(self, name)
            if not isinstance(value, str) or value not in allowed:
                raise SpecError(name, value, "one of " + ", ".join(allowed))
        for name in ("at_d1", "at_d2"):
            value = getattr(self, name)
            number = isinstance(value, int | float) and not isinstance(value, bool)
            if not number or not abs(value) <= self.spec.range:  # NaN is not
                raise SpecError(name, value, f"a number from −{self.spec.range:g} to {self.spec.range:g}: on the plane")
        paper.figure(self.figure).panel(self.panel)

    def to_dict(self) -> dict[str, Any]:
        """As the page keeps it."""
        return {**{name: getattr(self, name) for name in LOOKS}, "spec": self.spec.model_dump()}

    @classmethod
    def from_dict(cls, data: object) -> Request:
        """The inverse of `to_dict`, for whatever the page sent back.

        Raises:
            SpecError: It is not a request, or a field is not allowed.
        """
        if not isinstance(data, dict) or set(data) != {"spec", *LOOKS}:
            raise SpecError("request", data, ", ".join(("spec", *LOOKS)))
        return cls(spec_from(data["spec"]), **{name: data[name] for name in LOOKS})


LOOKS = tuple(field.name for field in fields(Request) if field.name != "spec")
"""The fields of a request that say how it is looked at."""


def spec_from(fields: object) -> StudySpec:
    """A study from whatever the page sent.

    Raises:
        SpecError: It is not an object with a study's fields, or a field is not allowed.
    """
    if not isinstance(fields, dict) or not all(isinstance(name, str) for name in fields):
        raise SpecError("spec", fields, "an object with the fields of a study")
    return StudySpec(**fields)
