"""Explore: both surfaces, a map of the same plane, a line to drag and a point to open, all linked."""

from __future__ import annotations

from app.jobs.small_tasks import GradientFieldTask, LineProbeTask, PointProbeTask, SurfacesTask
from app.panels import explore, explore_gradients, intro, surfaces
from app.plotting.model import PanelContent
from app.state.view_state import ViewState
from app.views.view import Need, Part, Results, View
from landscape_core import StudySpec


def study(request: ViewState) -> StudySpec:
    """The study of the controls; the map of probabilities alone needs draws."""
    return request.spec.replace(draws=StudySpec().draws if request.field == "negative" else 0)


def line_task(request: ViewState) -> LineProbeTask:
    """The line of one's own."""
    return LineProbeTask(request.spec, (request.through_d1, request.through_d2), request.angle)


def point_task(request: ViewState) -> PointProbeTask:
    """The point that is opened."""
    return PointProbeTask(request.spec, (request.at_d1, request.at_d2))


def field_task(request: ViewState) -> GradientFieldTask:
    """The gradients of the map's arrows."""
    return GradientFieldTask(request.spec)


def map_needs(request: ViewState) -> list[Need]:
    """The study, and the gradients if they are shown."""
    return [study(request), *([field_task(request)] if request.arrows == "shown" else [])]


def needs(request: ViewState) -> list[Need]:
    """Surfaces, line and point."""
    return [SurfacesTask(study(request)), line_task(request), point_task(request)]


def draw_map(request: ViewState, results: Results) -> dict[str, PanelContent]:
    """The map."""
    result, full = results[study(request)], request.source == "full"
    ends = explore.segment((request.through_d1, request.through_d2), request.angle, request.spec.range)
    at = (request.at_d1, request.at_d2)
    arrows = results[field_task(request)] if request.arrows == "shown" else None
    return {"map": explore.plane_map(result, request.field, full, ends, at, arrows)}


def draw(request: ViewState, results: Results) -> dict[str, PanelContent]:
    """All but the map."""
    seen, full = results[SurfacesTask(study(request))], request.source == "full"
    at = (request.at_d1, request.at_d2)
    through = (request.through_d1, request.through_d2)
    line, point = results[line_task(request)], results[point_task(request)]
    where = f"{request.angle:g}° through ({through[0]:g}, {through[1]:g})"
    return {
        "loss": explore.on_surface(surfaces.loss(seen, full), line, line.full_loss, at),
        "slope": explore.on_surface(surfaces.slope(seen, full, short=True), line, line.full_slope, at),
        "line-loss": explore.along(line, "loss", full, where, request.spec),
        "line-slope": explore.along(line, "slope", full, where, request.spec),
        "at-gradient": explore_gradients.at_point(point, at, request.spec),
        "at-loss": explore.at_point(point, "loss", at, request.spec),
        "at-slope": explore.at_point(point, "slope", at, request.spec),
    }


VIEW = View(
    "explore",
    "Explore",
    "Understand",
    3,
    dict.fromkeys(("loss", "slope", "map", "at-gradient", "line-loss", "line-slope", "at-loss", "at-slope"), "figure"),
    (Part(draw, needs), Part(draw_map, map_needs)),
    controls=(
        "problem",
        "activation",
        "plane",
        "size",
        "resolution",
        "sampling",
        "source",
        "explore",
        "point",
        "cameras",
        "slope",
    ),
    lead="Any line, any point.",
    about=lambda request: f"{intro.points(request)}. Click the map to look at a point; drag the line or its ends.",
    movable=("map",),
    live=("plane",),
)
