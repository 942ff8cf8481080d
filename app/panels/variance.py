"""Why loss and slope scatter: the parts of their variances along a line, and at one point (Eq. 11 to 14)."""

from __future__ import annotations

import numpy as np
from numpy import ndarray

from app import text
from app.pictures import REFERENCE, Axes, Chart, Drawn, Series, Table
from landscape_core import StudySpec
from landscape_core.geometry import LINE_NAMES, LINES, axis
from landscape_core.statistics import batch_factor
from landscape_core.variance import LOSS_TERMS, SLOPE_TERMS, VarianceParts, explain

POINTS = 100

TERMS = {"loss": LOSS_TERMS, "slope": SLOPE_TERMS}

DEVIATION = (
    "The paper's Eq. 13 and 14 write a standard deviation σ(A) where the signed deviation of one sample is meant, which "
    "leaves the covariances out."
)
BOUND = (
    "The paper takes C to be at most 1, as the derivatives of the activation functions are; by the chain rule C also "
    "contains inputs and weights."
)
"""Two steps of its argument that hold in special cases only; each is told where it can be seen."""


def along(spec: StudySpec, line: str) -> dict[str, Drawn]:
    """The parts of both variances along a line, of the mean of a mini-batch."""
    chosen = LINES[LINE_NAMES.index(line)]
    positions = axis(spec.range, POINTS)
    parts = explain(spec, positions[:, None] * chosen.unit, np.full(POINTS, chosen.angle))
    share = batch_factor(spec.samples, spec.batch_size)
    what = f"{text.setting(spec)}, |B| = {spec.batch_size}, along {line}"
    steep = parts.largest_model
    above = float(np.nanmean(steep > 1))
    return {
        **{quantity: _parts_of(quantity, line, what, positions, parts, share) for quantity in TERMS},
        "largest": Drawn(
            "The largest |C| of any sample",
            f"Above 1 on {above:.0%} of the line; up to {np.nanmax(steep):.3g}. {BOUND}",
            Chart(
                "position along the line",
                (Axes("largest |C|", (Series("largest |C|", positions, steep, 2, legend=False),), low=0.0),),
                (-spec.range, spec.range),
            ),
            f"The largest |C| of any sample, {what}: from {np.nanmin(steep):.3g} to {np.nanmax(steep):.3g}, above 1 on "
            f"{above:.0%} of the line. {BOUND}",
        ),
    }


def at(spec: StudySpec, d1: float, d2: float) -> Drawn:
    """Every part at one point of the plane."""
    parts = explain(spec, np.array([[d1, d2]], dtype=np.float64))
    share = batch_factor(spec.samples, spec.batch_size)
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
    note = f"At d1 = {d1:g}, d2 = {d2:g}, of a mini-batch of {spec.batch_size}; slope along {spec.slope_angle:g}°."
    return Drawn(
        "At one point", note, Table(("quantity", "value"), tuple(rows), frozenset({1})), f"{note} {DEVIATION} {BOUND}"
    )


def _parts_of(quantity: str, line: str, what: str, positions: ndarray, parts: VarianceParts, share: float) -> Drawn:
    """The parts of one variance as a chart: of the mean of a mini-batch, `share` of those over the samples."""
    names = TERMS[quantity]
    terms, covariance, total = (getattr(parts, f"{quantity}_{part}") for part in ("terms", "covariance", "variance"))
    shown = [Series(f"Var({name})", positions, terms[:, index] * share, index) for index, name in enumerate(names)]
    shown.append(Series("2 · covariances", positions, covariance * share, 3))
    shown.append(Series("whole variance", positions, total * share, REFERENCE))
    dominates = _dominates(names, terms)
    apart = _covariances(covariance, total)
    note = f"{dominates} {apart} {DEVIATION}" if quantity == "loss" else f"{dominates} {apart}"
    return Drawn(
        f"Variance of the {quantity} along {line}",
        note,
        Chart(
            "position along the line", (Axes("variance", tuple(shown)),), (float(positions[0]), float(positions[-1]))
        ),
        f"Variance of the {quantity} of a mini-batch and its parts, {what}: whole from "
        f"{np.nanmin(total) * share:.3g} to {np.nanmax(total) * share:.3g}. {note}",
    )


def _dominates(names: tuple[str, ...], terms: ndarray) -> str:
    scatters = np.isfinite(terms).all(1) & (terms > 0).any(1)
    if not scatters.any():
        return "Nothing scatters on the line."
    largest = terms[scatters].argmax(1)
    shares = [f"{name} on {float(np.mean(largest == index)):.0%}" for index, name in enumerate(names)]
    return "Largest term: " + ", ".join(shares) + " of the line where anything scatters."


def _covariances(covariance: ndarray, total: ndarray) -> str:
    """How often the covariances are more than a remainder."""
    share = float(np.mean(np.abs(covariance) > total))
    return f"The covariances are larger in size than the whole variance on {share:.0%} of the line."


def _term_rows(
    quantity: str, names: tuple[str, ...], terms: ndarray, covariance: float, total: float, share: float
) -> list[tuple[str, str]]:
    largest = int(np.argmax(terms))
    rows = [
        (
            f"{quantity}: variance of {name}" + (" (dominates)" if index == largest and terms[largest] > 0 else ""),
            f"{terms[index] * share:.4g}",
        )
        for index, name in enumerate(names)
    ]
    return [
        *rows,
        (f"{quantity}: twice the covariances", f"{covariance * share:.4g}"),
        (f"{quantity}: whole variance", f"{total * share:.4g}"),
    ]


def _several(values: ndarray) -> str:
    return "  ".join(f"{value:.4g}" for value in values[0])
