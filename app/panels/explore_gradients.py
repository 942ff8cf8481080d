"""Gradients in Explore, as the directions that SGD steps along: arrows over the map, and those of a point in a chart."""

from __future__ import annotations

import numpy as np
from numpy import ndarray

from app.panels import text
from app.plotting.model import REFERENCE, Arrows, Axes, Chart, PanelContent, Series
from landscape_core import GradientField, PointProbe, StudySpec
from landscape_core.statistics.gradients import angles, normal_region

DESCENT = "−gradient"
"""What is drawn: a step of SGD goes along it."""

BATCH = 3
"""Style of mini-batches, as in the other charts of a point."""

DRAWN = 100
"""Mini-batches that are drawn at a point; angles are counted over all."""

SHARE_OF_CELL = 0.8
"""Length of an arrow, as a share of the distance of two places."""


def over_map(field: GradientField, spec: StudySpec, full_alone: bool) -> tuple[tuple[Arrows, ...], str]:
    """Arrows of mini-batches and of the full batch over a map, and what they are in words.

    Args:
        field: The gradients.
        spec: Of the study.
        full_alone: Whether mini-batches are not shown.
    """
    d1, d2 = field.coordinates.T
    length = SHARE_OF_CELL * 2 * spec.range / len(np.unique(d1))

    def arrows(name: str, gradients: ndarray, style: int) -> Arrows:
        return Arrows(name, DESCENT, d1, d2, -gradients[:, 0], -gradients[:, 1], field.rounding, length, style)

    full = arrows("full batch", field.full, REFERENCE)
    if full_alone or spec.full_batch:
        return (full,), f"Arrows: {DESCENT} of the full batch"
    shown = full, arrows("mini-batch", field.batch, BATCH)
    apart = angles(field.batch, field.full, field.rounding)
    words = f"Arrows: {DESCENT}, full batch black"
    return shown, f"{words}; {int((apart > 90).sum())} of {len(apart)} over 90° apart"


def at_point(point: PointProbe, at: tuple[float, float], spec: StudySpec) -> PanelContent:
    """Gradients of mini-batches at a point, that of the full batch, and where 95% of a normal law lie."""
    title = "Descent at " + text.place(at).replace(" ", "\N{NO-BREAK SPACE}")
    words = _words(point, spec)
    tips, full = -point.batch_gradient[:DRAWN], -point.plane_gradient
    shown: list[Series] = []
    if np.isfinite(tips).all():
        region = normal_region(full, point.covariance) if np.isfinite(point.covariance).all() else np.empty((0, 2))
        ends = np.zeros((3 * len(tips), 2))
        ends[1::3], ends[2::3] = tips, np.nan
        to_full = np.stack([np.zeros(2), full])
        shown = [
            Series("to the tips", ends[:, 0], ends[:, 1], BATCH, weight="thin", legend=False, kind=None),
            Series("mini-batches", tips[:, 0], tips[:, 1], BATCH, "dot"),
            Series("95% region", region[:, 0], region[:, 1], BATCH),
            Series("full batch", to_full[:, 0], to_full[:, 1], REFERENCE, arrow=True),
        ]
    return PanelContent(
        title,
        words,
        Chart(f"{DESCENT} along d1", (Axes(f"{DESCENT} along d2", tuple(shown)),), square=True),
        f"{title}: {words}",
    )


def _words(point: PointProbe, spec: StudySpec) -> str:
    """How far mini-batches point away from the full batch."""
    if not np.isfinite(point.batch_gradient).all():
        return "The network has no finite gradient here."
    if not np.hypot(*point.plane_gradient) > point.rounding:
        return "The full batch has no gradient in the plane here: no angle."
    apart = angles(point.batch_gradient, point.plane_gradient, point.rounding)
    if np.isnan(apart).all():
        return f"No mini-batch of {spec.batch_size} has a gradient in the plane here."
    away, none, count = int((apart > 90).sum()), int(np.isnan(apart).sum()), len(apart)
    return (
        f"Angle to the full batch: over 90° in {away:,} of {count:,} mini-batches, median {np.nanmedian(apart):.0f}°; "
        + (f"{none:,} have no gradient; " if none else "")
        + f"{DRAWN} drawn"
    )
