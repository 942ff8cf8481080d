"""Probability: what the numbers of minima and NN-GPPs mean, and where the optima lie whatever the numbers."""

from __future__ import annotations

from app.jobs.small_tasks import BallsTask
from app.panels import counts, intro
from app.plotting.model import PanelContent
from app.state.view_state import ViewState
from app.views.view import Need, Part, Results, View


def draw(request: ViewState, results: Results) -> dict[str, PanelContent]:
    """Two maps of probabilities, and counts by the points on a line."""
    result = results[request.spec]
    return {
        "minima": counts.minima_map(result),
        "nngpps": counts.nngpp_map(result),
        "thinned": counts.thinned(result),
    }


def needs_balls(request: ViewState) -> list[Need]:
    """The study, and the balls around the true optima of its lines."""
    return [request.spec, BallsTask(request.spec)]


def draw_balls(request: ViewState, results: Results) -> dict[str, PanelContent]:
    """Densities along the lines, and the balls."""
    result, balls = (results[need] for need in needs_balls(request))
    return {"lines": counts.along_lines(result, balls), "balls": counts.ball_table(result, balls)}


def about(request: ViewState) -> str:
    """What is likely, and where."""
    where = "how likely each is at every point of the plane, and of four lines through its middle"
    return f"{intro.plane(request.spec)}: {where}, with {intro.fresh(request.spec)} at each."


VIEW = View(
    "counts",
    "Probability",
    "Understand",
    5,
    {"minima": "figure", "nngpps": "figure", "thinned": "figure", "lines": "figure", "balls": "words"},
    (Part(draw), Part(draw_balls, needs_balls)),
    sampled=True,
    controls=(
        "problem",
        "activation",
        "plane",
        "size",
        "resolution",
        "sampling",
        "draws",
        "slope",
    ),
    lead="Where chance puts minima and NN-GPPs.",
    about=about,
)
