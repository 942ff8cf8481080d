"""Explore: both surfaces, a map of the same plane, a line to be moved and a point to be opened, all linked."""

from __future__ import annotations

from app.panels import explore, surfaces
from app.pictures import Drawn
from app.state import Request, Task
from app.views.view import Results, View
from landscape_core import StudySpec
from landscape_core.probe import probe_line, probe_point
from landscape_core.study import Surfaces


def study(request: Request) -> StudySpec:
    """The study of the controls; the map of probabilities alone needs draws."""
    return request.spec.replace(draws=StudySpec().draws if request.field == "negative" else 0)


def needs(request: Request) -> list[Task]:
    """That one study."""
    return [study(request)]


def draw(request: Request, results: Results) -> dict[str, Drawn]:
    """Surfaces and map from the study; line and point at once."""
    result, full = results[study(request)], request.source == "full"
    ends = explore.segment((request.through_d1, request.through_d2), request.angle, request.spec.range)
    at = (request.at_d1, request.at_d2)
    return {**glimpse(request, result), "map": explore.plane_map(result, request.field, full, ends, at)}


def glimpse(request: Request, seen: Surfaces) -> dict[str, Drawn]:
    """All but the map."""
    full = request.source == "full"
    at = (request.at_d1, request.at_d2)
    through = (request.through_d1, request.through_d2)
    line = probe_line(request.spec, through, request.angle)
    point = probe_point(request.spec, at)
    where = f"{request.angle:g}° through ({through[0]:g}, {through[1]:g})"
    return {
        "loss": explore.on_surface(surfaces.loss(seen, full), line, line.full_loss, at),
        "slope": explore.on_surface(surfaces.slope(seen, full), line, line.full_slope, at),
        "line-loss": explore.along(line, "loss", full, where),
        "line-slope": explore.along(line, "slope", full, where),
        "at-loss": explore.at_point(point, "loss", at, request.spec.batch_size),
        "at-slope": explore.at_point(point, "slope", at, request.spec.batch_size),
    }


VIEW = View(
    "explore",
    "Explore",
    dict.fromkeys(("loss", "slope", "map", "line-loss", "line-slope", "at-loss", "at-slope"), "figure"),
    sampled=False,
    draw=draw,
    needs=needs,
    glimpse=glimpse,
    movable=("map",),
)
