"""Compare: loss and slope of the same mini-batches side by side, as surfaces and along four lines."""

from __future__ import annotations

from app.jobs.small_tasks import SurfacesTask
from app.panels import intro, lines, surfaces
from app.plotting.model import PanelContent
from app.state.view_state import ViewState
from app.views.view import Part, Results, View


def draw_surfaces(request: ViewState, results: Results) -> dict[str, PanelContent]:
    """The two surfaces."""
    found, full = results[SurfacesTask(request.spec)], request.source == "full"
    drawn = {"loss": surfaces.loss(found, full), "slope": surfaces.slope(found, full)}
    return {name: surfaces.with_guides(panel, found, full) for name, panel in drawn.items()}


def draw_lines(request: ViewState, results: Results) -> dict[str, PanelContent]:
    """The two line charts."""
    result, full = results[request.spec], request.source == "full"
    return {"minima": lines.minima(result, full), "nngpps": lines.nngpps(result, full)}


VIEW = View(
    "compare",
    "Compare",
    "Learn",
    1,
    {"loss": "figure", "slope": "figure", "minima": "figure", "nngpps": "figure"},
    (Part(draw_surfaces, lambda request: [SurfacesTask(request.spec)]), Part(draw_lines)),
    controls=(
        "problem",
        "activation",
        "plane",
        "size",
        "resolution",
        "sampling",
        "source",
        "cameras",
        "play",
        "slope",
    ),
    lead="Training sees the loss through mini-batches.",
    about=lambda request: f"{intro.points(request)}. {intro.NNGPPS}",
    figures=intro.count,
    live=("lines", "plane"),
)
