"""Fixed batch: one mini-batch kept along a line, fifty times, beside a fresh one at every point."""

from __future__ import annotations

from app.panels import static
from app.plotting.model import PanelContent
from app.state.view_state import ViewState
from app.views.view import Part, Results, View


def draw(request: ViewState, results: Results) -> dict[str, PanelContent]:
    """A fixed mini-batch above, fresh ones below; the loss at the left, the slope at the right."""
    result, line = results[request.spec], request.line
    return {
        "static-loss": static.static(result, line, "loss"),
        "static-slope": static.static(result, line, "slope"),
        "dynamic-loss": static.dynamic(result, line, "loss"),
        "dynamic-slope": static.dynamic(result, line, "slope"),
    }


VIEW = View(
    "static",
    "Fixed batch",
    "Understand",
    7,
    {"static-loss": "figure", "static-slope": "figure", "dynamic-loss": "figure", "dynamic-slope": "figure"},
    (Part(draw),),
    controls=(
        "problem",
        "activation",
        "plane",
        "size",
        "sampling",
        "line",
    ),
    live=("lines",),
)
