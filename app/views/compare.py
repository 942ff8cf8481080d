"""Compare: loss and slope of the same mini-batches side by side, as surfaces and along four lines."""

from __future__ import annotations

from app.panels import lines, surfaces
from app.pictures import Drawn
from app.state import Request
from app.views.view import Results, View
from landscape_core.study import Surfaces


def draw(request: Request, results: Results) -> dict[str, Drawn]:
    """The two surfaces and the two line charts."""
    result, full = results[request.spec], request.source == "full"
    return {
        **glimpse(request, result),
        "minima": lines.minima(result, full),
        "nngpps": lines.nngpps(result, full),
    }


def glimpse(request: Request, seen: Surfaces) -> dict[str, Drawn]:
    """The two surfaces."""
    full = request.source == "full"
    return {"loss": surfaces.loss(seen, full), "slope": surfaces.slope(seen, full)}


VIEW = View(
    "compare",
    "Compare",
    {"loss": "figure", "slope": "figure", "minima": "figure", "nngpps": "figure"},
    sampled=False,
    draw=draw,
    glimpse=glimpse,
)
