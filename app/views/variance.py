"""Variance: why loss and slope scatter as they do (Section 3 of the paper, Eq. 11 to 14)."""

from __future__ import annotations

from app.panels import variance
from app.pictures import Drawn
from app.state import Request
from app.views.view import Results, View


def draw(request: Request, results: Results) -> dict[str, Drawn]:
    """The parts of both variances along a line, the largest |C|, and all parts at one point."""
    return {**variance.along(request.spec, request.line), "at": variance.at(request.spec, request.at_d1, request.at_d2)}


VIEW = View(
    "variance",
    "Variance",
    {"loss": "figure", "slope": "figure", "at": "words", "largest": "figure"},
    sampled=False,
    draw=draw,
    needs=lambda request: [],  # a few hundred points, at once
)
