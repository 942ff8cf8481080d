"""Static: one mini-batch kept along a line, fifty times, beside a fresh one at every point."""

from __future__ import annotations

from app.panels import static
from app.pictures import Drawn
from app.state import Request
from app.views.view import Results, View


def draw(request: Request, results: Results) -> dict[str, Drawn]:
    """Static above, dynamic below; the loss at the left, the slope at the right."""
    result, line = results[request.spec], request.line
    return {
        "static-loss": static.static(result, line, "loss"),
        "static-slope": static.static(result, line, "slope"),
        "dynamic-loss": static.dynamic(result, line, "loss"),
        "dynamic-slope": static.dynamic(result, line, "slope"),
    }


VIEW = View(
    "static",
    "Static",
    {"static-loss": "figure", "static-slope": "figure", "dynamic-loss": "figure", "dynamic-slope": "figure"},
    sampled=False,
    draw=draw,
)
