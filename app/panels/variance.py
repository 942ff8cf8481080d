"""Panels of Variance: the parts of the variances of loss and slope along a line and at one point (Eq. 11 to 14)."""

from __future__ import annotations

import numpy as np
from numpy import ndarray

from app.panels import text
from app.panels.lines import along_line
from app.panels.plane_axes import title_positions
from app.plotting.model import REFERENCE, Axes, Chart, PanelContent, Series, Table
from landscape_core import StudySpec
from landscape_core.geometry.grid import axis
from landscape_core.paper.variance_decomposition import LOSS_TERMS, SLOPE_TERMS, VarianceParts
from landscape_core.statistics.moments import batch_factor

TERMS = {"loss": LOSS_TERMS, "slope": SLOPE_TERMS}

KINDS = {
    "loss": ("var_mean_a_times_a", "var_half_a_squared"),
    "slope": ("var_c_times_mean_a", "var_mean_c_times_a", "var_c_times_a"),
}
"""Those in files of numbers, where a bar over a letter would be lost."""

DEVIATION = (
    "The paper's Eq. 13 and 14 write a standard deviation σ(A) where the signed deviation of one sample is meant, which "
    "leaves the covariances out."
)
BOUND = (
    "The paper takes C to be at most 1, as the derivatives of the activation functions are; by the chain rule C also "
    "contains inputs and weights."
)
"""Two steps of its argument that hold in special cases only; each is told where it can be seen."""


def along(spec: StudySpec, line: str, parts: VarianceParts) -> dict[str, PanelContent]:
    """The parts of both variances along a line, of the mean of a mini-batch."""
    positions = axis(spec.range, len(parts.largest_model))
    what = f"{text.setting_and_size(spec)}, along {text.line_label(line)}"
    steep = parts.largest_model
    above = float(np.nanmean(steep > 1))
    return {
        **{quantity: _parts_of(spec, quantity, line, what, positions, parts) for quantity in TERMS},
        "largest": PanelContent(
            "The largest |C| of any sample",
            f"Above 1 on {text.format_share(above)} of the line; up to {np.nanmax(steep):.3g}. {BOUND}",
            Chart(
                title_positions(spec),
                (Axes("largest |C|", (Series("largest |C|", positions, steep, 2, legend=False),), low=0.0),),
                (-spec.range, spec.range),
                along=along_line(line),
            ),
            f"The largest |C| of any sample, {what}: from {np.nanmin(steep):.3g} to {np.nanmax(steep):.3g}, above 1 on "
            f"{text.format_share(above)} of the line. {BOUND}",
        ),
    }


def nothing(spec: StudySpec) -> dict[str, PanelContent]:
    """Why there is nothing to see of a problem without squared errors."""
    titles = {
        "loss": "Variance of the loss",
        "slope": "Variance of the slope",
        "at": "At one point",
        "largest": "The largest |C| of any sample",
    }
    why = (
        f"The paper splits the variance of squared errors (Eq. 11 to 14); {text.label(spec)} has another loss. Mean ± SD "
        "shows its exact variances, whole."
    )
    empty = Chart(title_positions(spec), (Axes("", (), ticks=()),), (-spec.range, spec.range))
    return {
        name: PanelContent(title, why if name == "loss" else "", Table((), ()) if name == "at" else empty, why)
        for name, title in titles.items()
    }


def at(spec: StudySpec, d1: float, d2: float, parts: VarianceParts) -> PanelContent:
    """Every part at one point of the plane."""
    share = batch_factor(spec.samples, spec.batch_size, spec.sampling)
    rows = [
        ("Ā, mean error of each output", _several(parts.error_mean)),
        ("σ(A), its SD over the samples", _several(parts.error_sd)),
        ("C̄, mean derivative of each output", _several(parts.model_mean)),
        ("σ(C), its SD over the samples", _several(parts.model_sd)),
        ("largest |C|", f"{parts.largest_model[0]:.4g}"),
        *_term_rows("loss", LOSS_TERMS, parts.loss_terms[0], parts.loss_covariance[0], parts.loss_variance[0], share),
        *_term_rows(
            "slope", SLOPE_TERMS, parts.slope_terms[0], parts.slope_covariance[0], parts.slope_variance[0], share
        ),
    ]
    size = text.size_phrase(spec, "a mini-batch of")
    note = f"At d1 = {d1:g}, d2 = {d2:g}, of {size}; slope along {spec.slope_angle:g}°."
    return PanelContent(
        "At one point", note, Table(("quantity", "value"), tuple(rows), frozenset({1})), f"{note} {DEVIATION} {BOUND}"
    )


def _parts_of(
    spec: StudySpec, quantity: str, line: str, what: str, positions: ndarray, parts: VarianceParts
) -> PanelContent:
    """The parts of one variance as a chart: of the mean of a mini-batch, a share of those over the samples."""
    share = batch_factor(spec.samples, spec.batch_size, spec.sampling)
    names = TERMS[quantity]
    terms, covariance, total = (getattr(parts, f"{quantity}_{part}") for part in ("terms", "covariance", "variance"))
    shown = [
        Series(f"Var({name})", positions, terms[:, index] * share, index, kind=kind)
        for index, (name, kind) in enumerate(zip(names, KINDS[quantity], strict=True))
    ]
    shown.append(Series("2 · covariances", positions, covariance * share, 3))
    shown.append(Series("total variance", positions, total * share, REFERENCE))
    dominates = _dominates(names, terms)
    apart = _covariances(covariance, total)
    note = f"{dominates} {apart} {DEVIATION}" if quantity == "loss" else f"{dominates} {apart}"
    return PanelContent(
        f"Variance of the {quantity} along {text.line_label(line)}",
        note,
        Chart(
            title_positions(spec),
            (Axes("variance", tuple(shown)),),
            (float(positions[0]), float(positions[-1])),
            along=along_line(line),
        ),
        f"Variance of the {quantity} of a mini-batch and its parts, {what}: whole from "
        f"{np.nanmin(total) * share:z.3g} to {np.nanmax(total) * share:z.3g}. {note}",
    )


def _dominates(names: tuple[str, ...], terms: ndarray) -> str:
    scatters = np.isfinite(terms).all(1) & (terms > 0).any(1)
    if not scatters.any():
        return "Nothing scatters on the line."
    largest = terms[scatters].argmax(1)
    shares = [f"{name} on {text.format_share(float(np.mean(largest == index)))}" for index, name in enumerate(names)]
    return "Largest term: " + ", ".join(shares) + " of the line where the variance is not zero."


def _covariances(covariance: ndarray, total: ndarray) -> str:
    """How often the covariances are more than a remainder."""
    share = float(np.mean(np.abs(covariance) > total))
    return f"The covariances are larger in size than the total variance on {text.format_share(share)} of the line."


def _term_rows(
    quantity: str, names: tuple[str, ...], terms: ndarray, covariance: float, total: float, share: float
) -> list[tuple[str, str]]:
    largest = int(np.argmax(terms))
    rows = [
        (
            f"{quantity}: variance of {name}" + (" (dominates)" if index == largest and terms[largest] > 0 else ""),
            f"{terms[index] * share:z.4g}",
        )
        for index, name in enumerate(names)
    ]
    return [
        *rows,
        (f"{quantity}: twice the covariances", f"{covariance * share:z.4g}"),
        (f"{quantity}: total variance", f"{total * share:z.4g}"),
    ]


def _several(values: ndarray) -> str:
    return "  ".join(f"{value:z.4g}" for value in values[0])
