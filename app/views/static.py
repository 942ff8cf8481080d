"""Fixed batch: one mini-batch kept along a line, fifty times, beside a fresh one at every point."""

from __future__ import annotations

from app.panels import intro, static, text
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


def about(request: ViewState) -> str:
    """What is kept, and what is drawn anew."""
    line = text.line_label(request.line)
    kept = f"Above, curves along {line}, each of one mini-batch; below, {intro.fresh(request.spec)} at every point"
    return f"{intro.plane(request.spec)}. {kept}."


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
    lead="One mini-batch kept, or a fresh one at every point.",
    about=about,
    live=("lines",),
)
