"""Draw by draw: an urn of samples, drawn from point by point; an optimum is declared when the next point proves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.jobs.small_tasks import OraclePointTask, SmallTask
from app.jobs.tasks import Task
from app.panels import intro, text
from app.panels import oracle as panels
from app.panels.oracle import Words
from app.panels.plane_axes import title_positions
from app.plotting.model import PanelContent
from app.state import problems
from app.state.view_state import ViewState
from app.views.view import Need, Part, Results, View
from landscape_core import SpecError, StudySpec
from landscape_core.paper.sampling_oracle import (
    OracleLine,
    OraclePoint,
    evaluate_quadratics,
    oracle,
    oracle_of_quadratics,
)

MOST_POINTS = 2_000
"""The whole line goes to the browser at once."""


def line_tasks(request: ViewState) -> list[Task]:
    """What the line needs: the study of the controls; the four parabolas need none.

    Raises:
        SpecError: The line has too many points to be stepped through.
    """
    if request.spec.line_points > MOST_POINTS:
        allowed = f"at most {MOST_POINTS:,} here: they are drawn one by one"
        raise SpecError("line_points", request.spec.line_points, allowed)
    return [] if request.oracle == "quadratics" else [request.spec]


def the_line(request: ViewState, results: Results) -> OracleLine:
    """The line that a request is about."""
    if request.oracle == "quadratics":
        return oracle_of_quadratics(request.spec.line_points, request.spec.batch_seed)
    return oracle(results[request.spec], request.line)


def point_tasks(request: ViewState, index: int) -> list[SmallTask]:
    """What a point of the line needs; the four parabolas need nothing."""
    return [] if request.oracle == "quadratics" else [OraclePointTask(request.spec, request.line, index)]


def last_point(request: ViewState) -> int:
    """The number of the point that was drawn last, or −1."""
    return min(request.step, request.spec.line_points) - 1


def needs(request: ViewState) -> list[Need]:
    """The line, and the point that was drawn last."""
    last = last_point(request)
    return [*line_tasks(request), *(point_tasks(request, last) if last >= 0 else [])]


def the_point(request: ViewState, index: int, results: Results) -> OraclePoint:
    """Every sample at one of its points.

    Raises:
        SpecError: There is no such point.
    """
    if request.oracle == "quadratics":
        return evaluate_quadratics(request.spec.line_points, index)
    (task,) = point_tasks(request, index)
    point: OraclePoint = results[task]
    return point


def spoken(request: ViewState) -> Words:
    """How the line of a request is spoken of."""
    return panels.words(
        request.oracle, request.line, problems.name_classes(request.spec), title_positions(request.spec)
    )


def setting(request: ViewState) -> str:
    """Which line it is."""
    if request.oracle == "quadratics":
        return f"{request.spec.line_points} points, one of four parabolas at each; batch seed {request.spec.batch_seed}"
    return text.setting_and_size(request.spec)


def draw(request: ViewState, results: Results) -> dict[str, PanelContent]:
    """The state after as many draws as the request says; on the page the browser draws it, from the whole line."""
    line, how = the_line(request, results), spoken(request)
    last, shown = last_point(request), request.reference == "shown"
    step = last + 1
    made = panels.made(line, last, step, the_point(request, last, results), how) if step else panels.nothing(how)
    return {
        "urn": panels.urn(line, step, how),
        "loss": panels.chart(line, "loss", request.oracle, step, shown, how, setting(request)),
        "slope": panels.chart(line, "slope", request.oracle, step, shown, how, setting(request)),
        "made": made,
    }


def about(request: ViewState) -> str:
    """What the oracle draws, and from what."""
    if request.oracle == "quadratics":
        return "Four parabolas stand for four mini-batches: at each point the oracle draws one of them."
    line = text.line_label(request.line)
    drawn = f"At each point of {line} the oracle draws {intro.fresh(request.spec)} and tells their loss and slope"
    return f"{intro.plane(request.spec)}. {drawn}."


def inert(look: Mapping[str, Any]) -> frozenset[str]:
    """The four parabolas have no network, no plane and no samples."""
    quadratics = look.get("oracle") == "quadratics"
    return frozenset(StudySpec.model_fields) - {"batch_seed", "line_points"} | {"line"} if quadratics else frozenset()


VIEW = View(
    "oracle",
    "Draw by draw",
    "Learn",
    2,
    dict.fromkeys(("urn", "loss", "slope", "made"), "live"),
    (Part(draw, needs),),
    controls=(
        "problem",
        "activation",
        "plane",
        "size",
        "line",
        "step",
    ),
    lead="One mini-batch at a time.",
    about=about,
    inert=inert,
)
