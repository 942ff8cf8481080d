"""Mean ± SD: what many draws have in common and how far they scatter, from above and from below (Fig. 3)."""

from __future__ import annotations

from app.panels import surfaces
from app.pictures import Drawn
from app.state import Request
from app.views.view import Results, View


def draw(request: Request, results: Results) -> dict[str, Drawn]:
    """Mean ± SD of loss and slope, and the two SDs as maps."""
    result, exact = results[request.spec], request.moments == "exact"
    return {
        "loss": surfaces.mean_loss(result, exact, turned=True),
        "slope": surfaces.mean_slope(result, exact, turned=True),
        "sd-loss": surfaces.from_above(surfaces.sd_loss(result, exact)),
        "sd-slope": surfaces.from_above(surfaces.sd_slope(result, exact)),
    }


VIEW = View(
    "moments",
    "Mean ± SD",
    {"loss": "figure", "slope": "figure", "sd-loss": "figure", "sd-slope": "figure"},
    sampled=True,
    draw=draw,
)
