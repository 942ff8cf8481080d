"""Variance: why loss and slope vary as they do (Section 3 of the paper, Eq. 11 to 14)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.jobs.small_tasks import VarianceAlongTask, VarianceAtTask
from app.panels import intro, text, variance
from app.plotting.model import PanelContent
from app.state import problems
from app.state.view_state import ViewState
from app.views.view import Need, Part, Results, View
from landscape_core import StudySpec
from landscape_core.study.spec import RECIPE


def is_split(spec: StudySpec) -> bool:
    """Whether the paper's decomposition holds: it is one of squared errors."""
    return problems.is_papers(spec) and spec.loss == "mse"


def needs(request: ViewState) -> list[Need]:
    """The parts along the line, and at the point."""
    if not is_split(request.spec):
        return []
    at = (request.at_d1, request.at_d2)
    return [VarianceAlongTask(request.spec, request.line), VarianceAtTask(request.spec, at)]


def draw(request: ViewState, results: Results) -> dict[str, PanelContent]:
    """The parts of both variances along a line, the largest |C|, and all parts at one point."""
    if not is_split(request.spec):
        return variance.nothing(request.spec)
    along, at = (results[task] for task in needs(request))
    return {
        **variance.along(request.spec, request.line, along),
        "at": variance.at(request.spec, request.at_d1, request.at_d2, at),
    }


def about(request: ViewState) -> str:
    """What is split."""
    spec, line = request.spec, text.line_label(request.line)
    if not is_split(spec):
        return f"{intro.plane(spec)}."
    parts = f"Along {line}, the variances of loss and slope of a mini-batch of {intro.sampled(spec)}"
    return f"{intro.plane(spec)}. {parts}, split as in Section 3 of the paper."


def inert(look: Mapping[str, Any]) -> frozenset[str]:
    """The variances are exact; where they are not split, only another problem or loss changes anything."""
    spec = look.get("spec")
    if isinstance(spec, StudySpec) and not is_split(spec):
        return frozenset(StudySpec.model_fields) - {"problem", *RECIPE} | {"line", "at_d1", "at_d2"}
    return frozenset({"batch_seed", "line_points"})


VIEW = View(
    "variance",
    "Variance",
    "Understand",
    6,
    {"loss": "figure", "slope": "figure", "at": "words", "largest": "figure"},
    (Part(draw, needs),),
    controls=(
        "problem",
        "activation",
        "plane",
        "size",
        "sampling",
        "line",
        "point",
        "slope",
    ),
    lead="Where the noise comes from.",
    about=about,
    inert=inert,
)
