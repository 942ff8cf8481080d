"""Variance: why loss and slope vary as they do (Section 3 of the paper, Eq. 11 to 14)."""

from __future__ import annotations

from app.jobs.small_tasks import VarianceAlongTask, VarianceAtTask
from app.panels import variance
from app.plotting.model import PanelContent
from app.state import problems
from app.state.view_state import ViewState
from app.views.view import Need, Part, Results, View


def is_split(request: ViewState) -> bool:
    """Whether the paper's decomposition holds: it is one of squared errors."""
    return problems.is_papers(request.spec) and request.spec.loss == "mse"


def needs(request: ViewState) -> list[Need]:
    """The parts along the line, and at the point."""
    if not is_split(request):
        return []
    at = (request.at_d1, request.at_d2)
    return [VarianceAlongTask(request.spec, request.line), VarianceAtTask(request.spec, at)]


def draw(request: ViewState, results: Results) -> dict[str, PanelContent]:
    """The parts of both variances along a line, the largest |C|, and all parts at one point."""
    if not is_split(request):
        return variance.nothing(request.spec)
    along, at = (results[task] for task in needs(request))
    return {
        **variance.along(request.spec, request.line, along),
        "at": variance.at(request.spec, request.at_d1, request.at_d2, at),
    }


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
    inert=lambda _look: frozenset({"batch_seed", "line_points"}),  # the variances are exact
)
