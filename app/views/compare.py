"""Compare: loss and slope of the same mini-batches side by side, as surfaces and along four lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app import text
from app.figures.lines import Curves, line_figure
from app.figures.surfaces import loss_surface, scene, slope_surface
from app.views.view import Drawn, View
from landscape_core.statistics import noise_ceiling

if TYPE_CHECKING:
    from app.figures.style import Theme
    from app.state import Request
    from landscape_core import StudyResult


def draw(result: StudyResult, request: Request, theme: Theme) -> dict[str, Drawn]:
    """The two surfaces and the two line charts."""
    spec = result.spec
    full = request.source == "full"
    how = "full batch" if full or spec.batch_size == spec.samples else text.batch_phrase(spec)
    loss, slope = (result.full_loss, result.full_slope) if full else (result.batch_loss, result.batch_slope)
    line_loss, line_slope = (
        (result.line_full_loss, result.line_full_slope) if full else (result.line_batch_loss, result.line_batch_slope)
    )
    along = text.angle_phrase(spec.slope_angle)
    minima = Curves(
        "loss",
        "minimum",
        "triangle-down",
        result.positions,
        line_loss,
        result.line_full_loss,
        found=result.true_minima if full else result.minima,
        true=result.true_minima,
        ceiling=None if full else noise_ceiling(len(result.positions)),
    )
    nngpps = Curves(
        "slope",
        "NN-GPP",
        "diamond",
        result.positions,
        line_slope,
        result.line_full_slope,
        found=result.true_nngpps if full else result.nngpps,
        true=result.true_nngpps,
        ceiling=None,
    )
    minima_note, nngpps_note = text.minima_sentence(result, full), text.nngpps_sentence(result, full)
    return {
        "loss": Drawn(
            "Loss",
            f"{text.setting(spec)}: {how}",
            scene([loss_surface(result.axis, loss, theme)], theme, "loss"),
            text.surface_sentence("Loss", "loss", loss, spec, how),
        ),
        "slope": Drawn(
            f"Slope along {along}",
            f"{how}; black line: slope 0",
            scene([slope_surface(result.axis, slope, theme)], theme, "slope"),
            text.surface_sentence(f"Slope along {along}", "slope", slope, spec, how),
        ),
        "minima": Drawn(
            "Minima of the loss along four lines · ▼ found ★ true", minima_note, line_figure(minima, theme), minima_note
        ),
        "nngpps": Drawn(
            "NN-GPPs: slope turns from − to + · ◆ found ★ true", nngpps_note, line_figure(nngpps, theme), nngpps_note
        ),
    }


VIEW = View(
    "compare",
    "Compare",
    {"loss": "surface", "slope": "surface", "minima": "chart", "nngpps": "chart"},
    sampled=False,
    draw=draw,
)
