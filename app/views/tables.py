"""Paper tables: those of the paper with ours beside them, and its observations as checked claims."""

from __future__ import annotations

from app.panels import tables
from app.plotting.model import PanelContent
from app.state.view_state import ViewState
from app.views.view import Part, Results, View


def draw(request: ViewState, results: Results) -> dict[str, PanelContent]:
    """The counts, where the paper's lie among ours, and the claims."""
    result = results[request.typical]
    return {
        "counts": tables.counts(result),
        "typical": tables.percentiles(result),
        "claims": tables.claims(result),
    }


VIEW = View(
    "tables",
    "Paper tables",
    "Apply and verify",
    10,
    {"counts": "words", "typical": "figure", "claims": "words"},
    (Part(draw, lambda request: [request.typical]),),
    controls=(
        "plane",
        "seeds",
    ),
    picker=True,
)
