"""Counts: what the numbers of minima and NN-GPPs mean, and where the optima lie whatever the numbers."""

from __future__ import annotations

from app.panels import chances
from app.pictures import Drawn
from app.state import Request
from app.views.view import Results, View


def draw(request: Request, results: Results) -> dict[str, Drawn]:
    """Two maps of probabilities, densities along the lines, and counts by the points on a line."""
    result = results[request.spec]
    return {
        "minima": chances.minima_map(result),
        "nngpps": chances.nngpp_map(result),
        "lines": chances.along_lines(result),
        "thinned": chances.thinned(result),
    }


VIEW = View(
    "chances",
    "Counts",
    {"minima": "figure", "nngpps": "figure", "lines": "figure", "thinned": "figure"},
    sampled=True,
    draw=draw,
)
