"""Surfaces over the plane: loss and slope of one draw or of the full batch, mean ± SD, and where the units are off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy import ndarray

from app import text
from app.pictures import Drawn, Mesh, Scene, Sheet, Surface, Underside
from landscape_core import StudyResult
from landscape_core.flat import LEVEL, bounding_box, flat_patch


def loss(result: StudyResult, full: bool = False) -> Drawn:
    """The loss of one mini-batch a point, or of the full batch."""
    values, how = (result.full_loss, "full batch") if full else (result.batch_loss, _how(result))
    return Drawn(
        "Loss",
        f"{text.setting(result.spec)}: {how}",
        Scene(result.axis, result.axis, (Surface("loss", values, "loss"),), "loss"),
        text.surface_sentence("Loss", "loss", values, result.spec, how),
    )


def slope(result: StudyResult, full: bool = False) -> Drawn:
    """The slope of the same mini-batches, or of the full batch."""
    values, how = (result.full_slope, "full batch") if full else (result.batch_slope, _how(result))
    name = f"Slope along {text.angle_phrase(result.spec.slope_angle)}"
    return Drawn(
        name,
        f"{text.setting(result.spec)}: {how}; black line: slope 0",
        Scene(result.axis, result.axis, (Surface("slope", values, "slope"),), "slope"),
        text.surface_sentence(name, "slope", values, result.spec, how),
    )


@dataclass(frozen=True, eq=False)
class Moments:
    """Mean and SD, sampled or exact.

    Attributes:
        how: Over what, in words.
    """

    mean_loss: ndarray
    mean_slope: ndarray
    sd_loss: ndarray
    sd_slope: ndarray
    how: str


def moments(result: StudyResult, exact: bool = False) -> Moments:
    """Those of the draws, or if there are none or they are not wanted, those over all possible mini-batches."""
    spec = result.spec
    sampled = (
        result.sampled_mean_loss,
        result.sampled_mean_slope,
        result.sampled_sd_loss,
        result.sampled_sd_slope,
    )
    mean_loss, mean_slope, sd_loss, sd_slope = sampled
    if exact or mean_loss is None or mean_slope is None or sd_loss is None or sd_slope is None:
        how = f"all mini-batches of {spec.batch_size}, exactly"
        return Moments(result.mean_loss, result.mean_slope, result.sd_loss, result.sd_slope, how)
    return Moments(mean_loss, mean_slope, sd_loss, sd_slope, f"{spec.draws} draws of {text.batch_phrase(spec)}")


def mean_loss(result: StudyResult, exact: bool = False, below: bool = False) -> Drawn:
    """Mean ± SD of the loss with the full batch: where the mean dips under it, a minimum is likely (Fig. 3a, c)."""
    found = moments(result, exact)
    mean, deviation, full = found.mean_loss, found.sd_loss, result.full_loss
    under = np.where(mean < full, 0.0, np.where(mean > full, 2.0, 1.0))
    share = float(np.mean(mean < full))
    layers = (
        Surface("mean loss", mean, "loss"),
        Mesh("mean + SD", mean + deviation),
        Mesh("mean − SD", mean - deviation),
        Mesh("full batch", full, heavy=True),
        Underside("below", np.minimum(mean, full), under),
    )
    return Drawn(
        "Mean ± SD of the loss" + _side(below),
        f"{text.setting(result.spec)}: {found.how}. Grey meshes: ± 1 SD; thick mesh: full batch. From below: blue where "
        f"the mean lies under the full batch ({share:.0%}), orange where over it.",
        Scene(result.axis, result.axis, layers, "loss", below),
        text.surface_sentence("Mean loss", "loss", mean, result.spec, found.how),
    )


def mean_slope(result: StudyResult, exact: bool = False, below: bool = False) -> Drawn:
    """Mean ± SD of the slope with the level of zero: where the band straddles it the sign is uncertain (Fig. 3b, d)."""
    found = moments(result, exact)
    mean, deviation = found.mean_slope, found.sd_slope
    uncertain = np.abs(mean) < deviation
    signs = np.where(uncertain, 1.0, np.where(mean < 0, 0.0, 2.0))
    layers = (
        Surface("mean slope", mean, "slope"),
        Sheet("zero", 0.0),
        Mesh("mean + SD", mean + deviation),
        Mesh("mean − SD", mean - deviation),
        Mesh("full batch", result.full_slope, heavy=True),
        Underside("below", np.minimum(mean, 0.0), signs),
    )
    return Drawn(
        f"Mean ± SD of the slope along {text.angle_phrase(result.spec.slope_angle)}" + _side(below),
        f"{text.setting(result.spec)}: {found.how}. Level sheet: zero. From below: blue where the slope is negative, "
        f"orange where positive, grey where |mean| < SD ({float(np.mean(uncertain)):.0%}).",
        Scene(result.axis, result.axis, layers, "slope", below),
        text.surface_sentence("Mean slope", "slope", mean, result.spec, found.how),
    )


def sd_loss(result: StudyResult, exact: bool = False) -> Drawn:
    """Standard deviation of the mini-batch loss."""
    found = moments(result, exact)
    return _deviation("loss", result, found.sd_loss, found.how, result.sampled_sd_loss, result.sd_loss)


def sd_slope(result: StudyResult, exact: bool = False) -> Drawn:
    """Standard deviation of the mini-batch slope."""
    found = moments(result, exact)
    return _deviation("slope", result, found.sd_slope, found.how, result.sampled_sd_slope, result.sd_slope)


def units_off(result: StudyResult) -> Drawn:
    """The full-batch slope where it is next to nothing, magnified (Fig. 17)."""
    patch = flat_patch(result.full_slope)
    rows, columns = bounding_box(patch)
    values = np.where(patch, result.full_slope, np.nan)[rows, columns]
    zero = float(np.mean(result.full_slope == 0))
    largest = float(np.nanmax(np.abs(values), initial=0.0))
    note = (
        f"{text.setting(result.spec)}: the largest patch where |slope| is at most {LEVEL:.0%} of the plane's largest, "
        f"{float(np.mean(patch)):.0%} of the plane. Exactly 0 on {zero:.0%} of the plane; up to {largest:.2g} here."
    )
    return Drawn(
        f"Slope where the units are off: {text.label(result.spec)}",
        note,
        Scene(result.axis[columns], result.axis[rows], (Surface("slope", values, "slope"),), "slope"),
        note,
    )


def _how(result: StudyResult) -> str:
    return text.batch_phrase(result.spec)


def _side(below: bool) -> str:
    return ", from below" if below else ""


def _deviation(
    quantity: str, result: StudyResult, shown: ndarray, how: str, sampled: ndarray | None, exact: ndarray
) -> Drawn:
    title = f"SD of the {quantity}"
    return Drawn(
        title,
        text.ratio_sentence(sampled, exact, result.spec.draws),
        Scene(result.axis, result.axis, (Surface(f"SD of {quantity}", shown, "sd"),), "SD"),
        text.surface_sentence(title, "SD", shown, result.spec, how),
    )
