"""Panels with surfaces: loss and slope of one draw or of the full batch, mean ± SD, and where the units are off."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy import ndarray

from app.panels import text
from app.panels.plane_axes import name_unit
from app.plotting.model import BLACK, WHITE, Curve, Map, Mesh, PanelContent, Scene, Sheet, Surface, Underside
from app.plotting.zeros import find_zeros, flat_points, without_flat
from landscape_core import StudyResult
from landscape_core.geometry.grid import LINES
from landscape_core.paper.dead_units import UnitsOff, bounding_box
from landscape_core.problems.activations import LEAKY_SLOPE
from landscape_core.study.result import Surfaces


def loss(result: Surfaces, full: bool = False) -> PanelContent:
    """The loss of one mini-batch a point, or of the full batch."""
    values, how = (result.full_loss, "full batch") if full else (result.batch_loss, _how(result))
    return PanelContent(
        f"Loss, {_size(result, full)}",
        text.capitalise(how),
        Scene(result.axis, result.axis, (Surface("loss", values, "loss"),), "loss", unit=name_unit(result.spec)),
        text.surface_sentence("Loss", "loss", values, result.spec, how),
        setting=text.setting(result.spec),
    )


def slope(result: Surfaces, full: bool = False, short: bool = False) -> PanelContent:
    """The slope of the same mini-batches, or of the full batch; a short title has the angle of its direction alone."""
    values, how = (result.full_slope, "full batch") if full else (result.batch_slope, _how(result))
    name = f"Slope along {text.angle_phrase(result.spec.slope_angle)}"
    title = f"Slope along {text.number(result.spec.slope_angle, 'g')}°" if short else name
    zero = f", exactly 0 on {_percent(values == 0)}" if (values == 0).any() else ""
    zero += " (shaded)" if flat_points(values).any() else ""
    zero = f"; {text.NO_SLOPE}" if text.is_nothing(values) else f"; black line: slope 0{zero}"
    return PanelContent(
        f"{title}, {_size(result, full)}",
        text.capitalise(f"{how}{zero}"),
        Scene(result.axis, result.axis, (Surface("slope", values, "slope"),), "slope", unit=name_unit(result.spec)),
        text.surface_sentence(name, "slope", values, result.spec, how),
        setting=text.setting(result.spec),
    )


def with_guides(drawn: PanelContent, result: Surfaces, full: bool = False) -> PanelContent:
    """Add the four lines to a surface of loss or slope; to the slope's the level of 0 and the full batch's zeros."""
    scene = drawn.picture
    assert isinstance(scene, Scene)  # noqa: S101  for the type checker
    surface = scene.layers[0]
    assert isinstance(surface, Surface)  # noqa: S101  likewise
    steps = np.arange(len(scene.x))

    trails = []
    for style, line in enumerate(LINES):
        x, y = (scene.x * share for share in line.unit)
        row, column = (np.interp(place, scene.x, steps) for place in (y, x))
        trails.append(Curve(line.name, x, y, _between(surface.values, row, column), style))
    if surface.colours != "slope":
        return replace(drawn, picture=replace(scene, trails=tuple(trails)))
    zeros = find_zeros(scene.x, scene.y, without_flat(result.full_slope))
    if full or zeros is None:
        return replace(drawn, picture=replace(scene, trails=tuple(trails), level=0.0))
    layers = (replace(surface, noisy=True), *scene.layers[1:])
    trails.append(Curve("full-batch slope 0", *zeros, np.zeros_like(zeros[0]), BLACK))
    note = drawn.note.replace("black line: slope 0", "bold line: full-batch slope 0; thin: slope 0")
    return replace(drawn, note=note, picture=replace(scene, layers=layers, trails=tuple(trails), level=0.0))


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
        how = f"all mini-batches of {spec.batch_size}{text.DRAWN[spec.sampling]}, exactly"
        return Moments(result.mean_loss, result.mean_slope, result.sd_loss, result.sd_slope, how)
    return Moments(mean_loss, mean_slope, sd_loss, sd_slope, f"{spec.draws} draws of {text.batch_phrase(spec)}")


def mean_loss(result: StudyResult, exact: bool = False, below: bool = False, turned: bool = False) -> PanelContent:
    """Mean ± SD of the loss with the full batch: where the mean dips under it, a minimum is likely (Fig. 3a, c).

    Args:
        result: Of the study.
        exact: Over all possible mini-batches, not over the draws.
        below: Seen from below.
        turned: Seen from wherever one likes, so that the note tells of both sides.
    """
    found = moments(result, exact)
    mean, deviation, full = found.mean_loss, found.sd_loss, result.full_loss
    under = np.where(mean < full, 0.0, np.where(mean > full, 2.0, 1.0))
    share = float(np.mean(mean < full))
    meshes = (
        Mesh("mean + SD", mean + deviation, side=1),
        Mesh("mean − SD", mean - deviation, side=0),
        Mesh("full batch", full, heavy=True),
    )
    layers = (
        Surface("mean loss", mean, "loss"),
        *(() if below else meshes),  # from below they would hide what is to be seen
        Underside(
            "below",
            np.minimum(mean, full),
            under,
            ("mean under full batch", "mean = full batch", "mean over full batch"),
            ("under", "equal", "over"),
        ),
    )
    below_share = text.format_share(share)
    under_it = f" From below: blue where the mean lies under the full batch ({below_share}), orange where over it."
    if (under == 1).all():
        under_it = " It is the loss of the full batch."
    return PanelContent(
        _titled("the loss", below),
        (under_it if below or turned else "").strip(),
        Scene(result.axis, result.axis, layers, "loss", below, unit=name_unit(result.spec)),
        text.surface_sentence("Mean loss", "loss", mean, result.spec, found.how),
        setting=f"{text.setting(result.spec)}, {found.how}",
    )


def mean_slope(result: StudyResult, exact: bool = False, below: bool = False, turned: bool = False) -> PanelContent:
    """Mean ± SD of the slope with the level of zero: where the band straddles it the sign is uncertain (Fig. 3b, d).

    The arguments are those of `mean_loss`.
    """
    found = moments(result, exact)
    mean, deviation = found.mean_slope, found.sd_slope
    classes = signs(mean, deviation)
    uncertain = classes == 1
    meshes = (
        Mesh("mean + SD", mean + deviation, side=1),
        Mesh("mean − SD", mean - deviation, side=0),
        Mesh("full batch", result.full_slope, heavy=True),
    )
    layers = (
        Surface("mean slope", mean, "slope"),
        Sheet("zero", 0.0, clear=not below),
        *(() if below else meshes),
        Underside(
            "below",
            np.minimum(mean, 0.0),
            classes,
            ("negative", "uncertain: |mean| < SD", "positive", "exactly 0"),
        ),
        *(_bounds(result.axis, mean, deviation) if below else ()),
    )
    under = (
        " From below: blue where the slope is negative, orange where positive, grey where |mean| < SD "
        f"({_percent(uncertain)}), on both sides of the change of sign."
    )
    flat = f" Violet: exactly 0 for every mini-batch ({_percent(classes == 3)})." if (classes == 3).any() else ""
    white = " White: mean ± SD = 0." if below else ""
    return PanelContent(
        _titled(f"the slope along {text.angle_phrase(result.spec.slope_angle)}", below),
        f"{under + flat if below or turned else ''}{white}".strip(),
        Scene(result.axis, result.axis, layers, "slope", below, unit=name_unit(result.spec)),
        text.surface_sentence("Mean slope", "slope", mean, result.spec, found.how),
        setting=f"{text.setting(result.spec)}, {found.how}",
    )


def _bounds(axis: ndarray, mean: ndarray, deviation: ndarray) -> tuple[Curve, ...]:
    """Where the mean lies one SD from zero, on the underside of mean and zero."""
    lowest, steps = np.minimum(mean, 0.0), np.arange(len(axis))
    curves = []
    for name, values in (("mean + SD = 0", mean + deviation), ("mean − SD = 0", mean - deviation)):
        if found := find_zeros(axis, axis, values):
            row, column = (np.interp(place, axis, steps) for place in reversed(found))
            curves.append(Curve(name, *found, _between(lowest, row, column), WHITE))
    return tuple(curves)


def _between(values: ndarray, row: ndarray, column: ndarray) -> ndarray:
    """Values between the points of a grid, straight along either side; NaN at NaN."""
    known = np.isfinite(row)
    found = np.full(row.shape, np.nan)
    (up, r), (left, c) = ((np.floor(at[known]).astype(int), at[known] % 1) for at in (row, column))
    down, right = (np.minimum(at + 1, len(values) - 1) for at in (up, left))
    found[known] = (1 - r) * ((1 - c) * values[up, left] + c * values[up, right]) + r * (
        (1 - c) * values[down, left] + c * values[down, right]
    )
    return found


def signs(mean: ndarray, deviation: ndarray) -> ndarray:
    """0 where the slope is negative, 2 where positive, 1 where it is 0 or within one SD of 0; NaN at holes.

    3 on patches where every mini-batch has slope 0.
    """
    uncertain = (np.abs(mean) < deviation) | (mean == 0)
    found = np.where(np.isnan(mean), np.nan, np.where(uncertain, 1.0, np.where(mean < 0, 0.0, 2.0)))
    return np.where(flat_points(np.abs(mean) + deviation), 3.0, found)


def sd_loss(result: StudyResult, exact: bool = False) -> PanelContent:
    """Standard deviation of the mini-batch loss."""
    found = moments(result, exact)
    return _deviation("loss", result, found.sd_loss, found.how, result.sampled_sd_loss, result.sd_loss)


def sd_slope(result: StudyResult, exact: bool = False) -> PanelContent:
    """Standard deviation of the mini-batch slope."""
    found = moments(result, exact)
    return _deviation("slope", result, found.sd_slope, found.how, result.sampled_sd_slope, result.sd_slope)


def from_above(drawn: PanelContent) -> PanelContent:
    """The first surface of a scene as a map: a page has room for two scenes, and heights are read off just as well."""
    scene = drawn.picture
    assert isinstance(scene, Scene)  # noqa: S101  for the type checker
    surface = scene.layers[0]
    assert isinstance(surface, Surface)  # noqa: S101  likewise
    return replace(
        drawn, picture=Map(scene.x, scene.y, surface.values, surface.colours, scene.quantity, unit=scene.unit)
    )


def outputs_off(result: StudyResult, off: UnitsOff) -> PanelContent:
    """The full-batch slope where all output units are off for all samples, magnified (Fig. 17)."""
    spec, full = result.spec, result.full_slope
    rows, columns = bounding_box(off.outputs)
    values = np.where(off.outputs, full, np.nan)[rows, columns]
    if off.outputs.any():
        found = np.abs(full[off.outputs])
        note = (
            f"The {_percent(off.outputs)} of the plane where all output units are off for every sample; so are "
            f"{text.format_share(off.hidden[off.outputs].mean())} of the hidden ones. "
        )
        if found.any() or result.sd_slope[off.outputs].any():
            share = found.max() / (np.nanmax(np.abs(full)) or 1.0)
            note += f"|slope| there from {found.min():.2g} to {found.max():.2g}, {share:.2%} of the plane's largest."
        else:
            note += "Every sample's slope, and so that of every mini-batch, is exactly 0 there."
    else:
        values, note = full, "Nowhere on the plane are all output units off for every sample; all of it is shown."
    level = np.zeros_like(values)
    layers = (
        # one scale for ReLU, which is 0 all over, and leaky ReLU
        Surface("slope", values, "slope", LEAKY_SLOPE if off.outputs.any() else None),
        Mesh("zero", level),
        Mesh(
            "slope", values, heavy=True
        ),  # where it is 0 the surface is white on white; of two meshes the last is seen
        Sheet("floor", -LEAKY_SLOPE),
    )
    return PanelContent(
        f"Slope where all output units are off: {text.label(spec)}",
        f"Full batch; thin mesh: slope 0. {note}",
        Scene(result.axis[columns], result.axis[rows], layers, "slope"),
        f"Slope where all output units are off, {text.label(spec)}. {note}",
        setting=text.setting(spec),
    )


def _percent(mask: ndarray) -> str:
    return text.format_share(float(np.mean(mask)))


def _how(result: Surfaces) -> str:
    return text.batch_phrase(result.spec)


def _size(result: Surfaces, full: bool) -> str:
    return "full batch" if full else text.size_phrase(result.spec)


def _titled(what: str, below: bool) -> str:
    return f"Mean of {what}, from below" if below else f"Mean ± SD of {what}"


def _deviation(
    quantity: str, result: StudyResult, shown: ndarray, how: str, sampled: ndarray | None, exact: ndarray
) -> PanelContent:
    title = f"SD of the {quantity}"
    draws = "the draws give " if shown is exact and sampled is not None else ""
    return PanelContent(
        title,
        text.capitalise(f"{draws}{text.ratio_sentence(sampled, exact, result.spec)}"),
        Scene(
            result.axis,
            result.axis,
            (Surface(f"SD of {quantity}", shown, "sd"),),
            f"SD of {quantity}",
            unit=name_unit(result.spec),
        ),
        text.surface_sentence(title, "SD", shown, result.spec, how),
        setting=f"{text.setting(result.spec)}, {how}",
    )
