"""Tables: those of the paper with ours beside them, how typical they are, and its observations as checked claims."""

from __future__ import annotations

from app.panels import tables
from app.pictures import Drawn
from app.state import Request
from app.views.view import Results, View


def draw(request: Request, results: Results) -> dict[str, Drawn]:
    """The counts, where the paper's lie among ours, and the claims."""
    result = results[request.typical]
    return {
        "counts": tables.counts(result),
        "typical": tables.percentiles(result),
        "claims": tables.claims(result),
    }


VIEW = View(
    "tables",
    "Tables",
    {"counts": "words", "typical": "figure", "claims": "words"},
    sampled=False,
    draw=draw,
    needs=lambda request: [request.typical],
    picker=True,
)
