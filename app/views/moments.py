"""Mean ± SD: the mean of many draws and their spread, from above and from below (Fig. 3)."""

from __future__ import annotations

from app.panels import intro, surfaces
from app.plotting.model import PanelContent
from app.state.view_state import ViewState
from app.views.view import Part, Results, View


def draw(request: ViewState, results: Results) -> dict[str, PanelContent]:
    """Mean ± SD of loss and slope, and the two SDs as maps."""
    result, exact = results[request.spec], request.moments == "exact"
    return {
        "loss": surfaces.mean_loss(result, exact, turned=True),
        "slope": surfaces.mean_slope(result, exact, turned=True),
        "sd-loss": surfaces.from_above(surfaces.sd_loss(result, exact)),
        "sd-slope": surfaces.from_above(surfaces.sd_slope(result, exact)),
    }


def about(request: ViewState) -> str:
    """Of what mean and standard deviation are."""
    spec = request.spec
    if request.moments == "exact":
        return f"{intro.plane(spec)}: mean and SD over all mini-batches of {intro.sampled(spec)}, by a closed form."
    return f"{intro.plane(spec)}: mean and standard deviation of {spec.draws} draws of {intro.fresh(spec)}, at every point."


VIEW = View(
    "moments",
    "Mean ± SD",
    "Understand",
    4,
    {"loss": "figure", "slope": "figure", "sd-loss": "figure", "sd-slope": "figure"},
    (Part(draw),),
    sampled=True,
    controls=(
        "problem",
        "activation",
        "plane",
        "size",
        "resolution",
        "sampling",
        "moments",
        "draws",
        "cameras",
        "slope",
    ),
    lead="How far mini-batches scatter.",
    about=about,
    inert=lambda look: frozenset({"line_points", *(("draws", "batch_seed") if look.get("moments") == "exact" else ())}),
)
