"""Mean ± SD: what many draws have in common and how far they scatter, from above and from below (Fig. 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app import text
from app.figures.style import DEVIATION, PALETTES
from app.figures.surfaces import loss_surface, mesh, scene, sheet, slope_surface, underside
from app.views.view import Drawn, View

if TYPE_CHECKING:
    from app.figures.style import Theme
    from app.state import Request
    from landscape_core import StudyResult


def draw(result: StudyResult, request: Request, theme: Theme) -> dict[str, Drawn]:
    """Mean ± SD of loss and slope, and the two SD surfaces."""
    spec, palette, axis = result.spec, PALETTES[theme], result.axis
    sampled = request.moments == "sampled" and result.sampled_mean_loss is not None
    if sampled:
        how = f"{spec.draws} draws of {text.batch_phrase(spec)}"
        mean_loss, mean_slope = result.sampled_mean_loss, result.sampled_mean_slope
        sd_loss, sd_slope = result.sampled_sd_loss, result.sampled_sd_slope
    else:
        how = f"all mini-batches of {spec.batch_size}, exactly"
        mean_loss, mean_slope, sd_loss, sd_slope = (
            result.mean_loss,
            result.mean_slope,
            result.sd_loss,
            result.sd_slope,
        )
    assert mean_loss is not None and mean_slope is not None and sd_loss is not None and sd_slope is not None  # noqa: S101, PT018  for the type checker

    # seen from below: the lower of mean and full batch; for the slope the lower of mean and zero
    below = np.where(mean_loss < result.full_loss, 0.0, np.where(mean_loss > result.full_loss, 2.0, 1.0))
    uncertain = np.abs(mean_slope) < sd_slope
    signs = np.where(uncertain, 1.0, np.where(mean_slope < 0, 0.0, 2.0))
    share = float(np.mean(uncertain))
    lower = float(np.mean(mean_loss < result.full_loss))
    about = f"{text.setting(spec)}: {how}."
    loss_note = (
        f"{about} Grey meshes: ± 1 SD; thick mesh: full batch. From below: blue where the mean lies under the full batch "
        f"({lower:.0%}), orange where over it."
    )
    slope_note = (
        f"{about} Level sheet: zero. From below: blue where the slope is negative, orange where positive, grey where "
        f"|mean| < SD ({share:.0%})."
    )
    return {
        "loss": Drawn(
            "Mean ± SD of the loss",
            loss_note,
            scene(
                [
                    loss_surface(axis, mean_loss, theme, name="mean loss"),
                    mesh(axis, mean_loss + sd_loss, palette.wire, "mean + SD"),
                    mesh(axis, mean_loss - sd_loss, palette.wire, "mean − SD"),
                    mesh(axis, result.full_loss, palette.ink, "full batch", width=2),
                    underside(axis, np.minimum(mean_loss, result.full_loss), below, "below"),
                ],
                theme,
                "loss",
            ),
            text.surface_sentence("Mean loss", "loss", mean_loss, spec, how),
        ),
        "slope": Drawn(
            f"Mean ± SD of the slope along {text.angle_phrase(spec.slope_angle)}",
            slope_note,
            scene(
                [
                    slope_surface(axis, mean_slope, theme, name="mean slope"),
                    sheet(axis, 0.0, palette.sheet, "zero"),
                    mesh(axis, mean_slope + sd_slope, palette.wire, "mean + SD"),
                    mesh(axis, mean_slope - sd_slope, palette.wire, "mean − SD"),
                    mesh(axis, result.full_slope, palette.ink, "full batch", width=2),
                    underside(axis, np.minimum(mean_slope, 0.0), signs, "below"),
                ],
                theme,
                "slope",
            ),
            text.surface_sentence("Mean slope", "slope", mean_slope, spec, how),
        ),
        "sd-loss": Drawn(
            "SD of the loss",
            text.ratio_sentence(result.sampled_sd_loss, result.sd_loss, spec.draws),
            scene([loss_surface(axis, sd_loss, theme, name="SD of loss", scale=DEVIATION)], theme, "SD"),
            text.surface_sentence("SD of the loss", "SD", sd_loss, spec, how),
        ),
        "sd-slope": Drawn(
            "SD of the slope",
            text.ratio_sentence(result.sampled_sd_slope, result.sd_slope, spec.draws),
            scene([loss_surface(axis, sd_slope, theme, name="SD of slope", scale=DEVIATION)], theme, "SD"),
            text.surface_sentence("SD of the slope", "SD", sd_slope, spec, how),
        ),
    }


VIEW = View(
    "moments",
    "Mean ± SD",
    {"loss": "surface", "slope": "surface", "sd-loss": "surface", "sd-slope": "surface"},
    sampled=True,
    draw=draw,
)
