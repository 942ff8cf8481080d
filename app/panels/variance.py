"""Why loss and slope scatter: the parts of their variances along a line, and at one point (Eq. 11 to 14)."""

from __future__ import annotations

import numpy as np
from numpy import ndarray

from app.pictures import REFERENCE, Axes, Chart, Drawn, Series, Table
from landscape_core import StudySpec
from landscape_core.geometry import LINE_NAMES, LINES, axis
from landscape_core.statistics import batch_factor
from landscape_core.variance import LOSS_TERMS, SLOPE_TERMS, explain

POINTS = 100

STEPS = (
    "Two steps of the paper's argument hold in special cases only. It writes a standard deviation σ(A) where the signed "
    "deviation of one sample is meant, so the covariances of the terms drop out; here they are shown. And it bounds C by 1 "
    "because the activation functions' derivatives are; C also contains inputs and weights, and here its largest size is "
    "measured."
)


def along(spec: StudySpec, line: str) -> dict[str, Drawn]:
    """The parts of both variances along a line, of the mean of a mini-batch."""
    chosen = LINES[LINE_NAMES.index(line)]
    positions = axis(spec.range, POINTS)
    parts = explain(spec, positions[:, None] * chosen.unit, np.full(POINTS, chosen.angle))
    share = batch_factor(spec.samples, spec.batch_size)
    loss = _parts_chart(
        positions, LOSS_TERMS, parts.loss_terms * share, parts.loss_covariance * share, parts.loss_variance * share
    )
    slope = _parts_chart(
        positions, SLOPE_TERMS, parts.slope_terms * share, parts.slope_covariance * share, parts.slope_variance * share
    )
    steep = parts.largest_model
    above = float(np.nanmean(steep > 1))
    return {
        "loss": Drawn(f"Variance of the loss along {line}", _dominates(LOSS_TERMS, parts.loss_terms), loss, ""),
        "slope": Drawn(f"Variance of the slope along {line}", _dominates(SLOPE_TERMS, parts.slope_terms), slope, ""),
        "largest": Drawn(
            "The largest |C| of any sample",
            f"Above 1 on {above:.0%} of the line; up to {np.nanmax(steep):.3g}.",
            Chart(
                "position along the line",
                (Axes("largest |C|", (Series("largest |C|", positions, steep, 2, legend=False),), low=0.0),),
                (-spec.range, spec.range),
            ),
            f"The largest |C| along {line} reaches {np.nanmax(steep):.3g}. {STEPS}",
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
    return Drawn("At one point", note, Table(("quantity", "value"), tuple(rows), frozenset({1})), STEPS)


def _parts_chart(
    positions: ndarray, names: tuple[str, ...], terms: ndarray, covariance: ndarray, total: ndarray
) -> Chart:
    shown = [Series(f"Var({name})", positions, terms[:, index], index) for index, name in enumerate(names)]
    shown.append(Series("2 · covariances", positions, covariance, 3))
    shown.append(Series("whole variance", positions, total, REFERENCE))
    return Chart(
        "position along the line", (Axes("variance", tuple(shown)),), (float(positions[0]), float(positions[-1]))
    )


def _dominates(names: tuple[str, ...], terms: ndarray) -> str:
    finite = terms[np.isfinite(terms).all(1)]
    largest = finite.argmax(1)
    shares = [f"{name} on {float(np.mean(largest == index)):.0%}" for index, name in enumerate(names)]
    return "Largest term: " + ", ".join(shares) + " of the line."


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
