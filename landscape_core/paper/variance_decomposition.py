"""Variance decomposition: the terms of the variances of loss and slope (the paper's Eq. 11 to 14).

With A the error t − y of a sample and C the derivative of its outputs along a direction, a sample's loss is ½ Σ A² and its
slope −Σ C A, summed over the outputs. The paper splits both into means over the samples, Ā and C̄, and what deviates from
them, a and c: the loss varies through Ā a and ½ a², the slope through c Ā, C̄ a and c a. Where errors scatter widely, a²
makes the loss the noisier of the two; where they do not, C decides; where the units saturate, C and so the slope's noise
vanish.

Two steps of the argument hold in special cases only, which is why everything is measured here. The paper writes a standard
deviation σ(A) where the deviation a of one sample is meant, with its sign; so its variances lack the covariances of the
terms, which can be as large as the terms and of either sign. And it takes C to be at most 1 because the derivatives of the
activation functions are; but C also contains inputs and weights, and exceeds 1 where these do (`largest_model`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import combinations

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from landscape_core.errors import SpecError
from landscape_core.geometry import grid
from landscape_core.problems.mlp import MLPProblem
from landscape_core.statistics import moments
from landscape_core.study.plane import Plane, build_mlp, place_plane
from landscape_core.study.spec import StudySpec

LOSS_TERMS = ("Ā a", "½ a²")
"""The terms of a sample's loss, in the order of `VarianceParts.loss_terms`."""

SLOPE_TERMS = ("c Ā", "C̄ a", "c a")
"""The terms of a sample's slope, in the order of `VarianceParts.slope_terms`."""

PerPoint = Float[ndarray, "G"]
PerOutput = Float[ndarray, "G O"]


@dataclass(frozen=True, eq=False)
class VarianceParts:
    """Where the variance of the per-sample loss and slope comes from, at G points.

    All moments are over the N samples, with divisor N. The variance of a mini-batch's mean is the same times
    (N − B) / (B (N − 1)), part by part. A point where anything is not finite is NaN throughout.

    Attributes:
        error_mean: Ā, for each output.
        error_sd: SD of A, likewise.
        model_mean: C̄, for each output.
        model_sd: SD of C, likewise.
        largest_model: The largest |C| of all samples and outputs.
        loss_terms: Variances of Σ Ā a and ½ Σ a², sums over the outputs.
        loss_covariance: Twice their covariance.
        loss_variance: Variance of the loss: the sum of both terms and the covariance.
        slope_terms: Variances of Σ c Ā, Σ C̄ a and Σ c a.
        slope_covariance: Twice the sum of their three covariances.
        slope_variance: Variance of the slope: the sum of the three terms and the covariance.
    """

    error_mean: PerOutput
    error_sd: PerOutput
    model_mean: PerOutput
    model_sd: PerOutput
    largest_model: PerPoint
    loss_terms: Float[ndarray, "G 2"]
    loss_covariance: PerPoint
    loss_variance: PerPoint
    slope_terms: Float[ndarray, "G 3"]
    slope_covariance: PerPoint
    slope_variance: PerPoint


def decompose_variance(
    spec: StudySpec, coordinates: Float[ndarray, "G 2"], angles: Float[ndarray, "G"] | None = None
) -> VarianceParts:
    """The parts of the variance at points of a study's plane, in float64 on the CPU.

    Args:
        spec: The study; only what decides its plane matters, and `slope_angle`.
        coordinates: (a, b) of each point.
        angles: Direction of the slope at each point, in degrees from d1 towards d2; None for `spec.slope_angle`.

    Raises:
        SpecError: The loss is not the squared error, which alone has these parts.
        NumericalError: The start point has no usable directions.
    """
    problem = build_mlp(spec.replace(dtype="float64"), torch.device("cpu"))
    if problem.loss.name != "mse":
        raise SpecError("loss", problem.loss.name, "mse: the variance is split for the squared error alone")
    degrees = np.full(len(coordinates), spec.slope_angle) if angles is None else angles
    return split_variance(problem, place_plane(spec, problem), coordinates, degrees)


def split_variance(
    problem: MLPProblem, plane: Plane, coordinates: Float[ndarray, "G 2"], degrees: Float[ndarray, "G"]
) -> VarianceParts:
    """As `decompose_variance`, on a plane that is at hand, in the precision and on the device of its problem."""
    units = np.array([grid.unit(float(angle)) for angle in degrees]).reshape(-1, 2)
    span, turns = (
        torch.as_tensor(array, dtype=problem.dtype, device=problem.device) for array in (plane.directions, units)
    )
    parts: list[dict[str, Tensor]] = []
    with torch.no_grad():
        for theta in plane.parameters_at(coordinates):
            outputs, tangents = problem.network.outputs_and_tangents(theta, problem.inputs, span)
            turn, turns = turns[: len(theta)], turns[len(theta) :]
            model = torch.einsum("gk,gkon->gon", turn, tangents)
            parts.append(_compute_moments(problem.targets - outputs, model))
    return VarianceParts(
        **{
            field.name: moments.to_numpy(torch.cat([part[field.name] for part in parts]))
            for field in fields(VarianceParts)
        }
    )


def _compute_moments(error: Float[Tensor, "G O N"], model: Float[Tensor, "G O N"]) -> dict[str, Tensor]:
    error_mean, model_mean = error.mean(-1), model.mean(-1)
    a, c = error - error_mean[..., None], model - model_mean[..., None]
    loss_terms = torch.stack([_dot(error_mean, a), 0.5 * (a * a).sum(1)], dim=1)
    slope_terms = torch.stack([_dot(error_mean, c), _dot(model_mean, a), (c * a).sum(1)], dim=1)
    found = {
        "error_mean": error_mean,
        "error_sd": a.square().mean(-1).sqrt(),
        "model_mean": model_mean,
        "model_sd": c.square().mean(-1).sqrt(),
        "largest_model": model.abs().amax((1, 2)),
    }
    for name, terms in (("loss", loss_terms), ("slope", slope_terms)):
        away = terms - terms.mean(-1, keepdim=True)
        found[f"{name}_terms"] = away.square().mean(-1)
        pairs = combinations(away.unbind(1), 2)
        found[f"{name}_covariance"] = 2 * torch.stack([(one * other).mean(-1) for one, other in pairs]).sum(0)
        # from the terms together, not from the sum of the parts, in which large covariances could cancel
        found[f"{name}_variance"] = away.sum(1).square().mean(-1)
    finite = (error.isfinite() & model.isfinite()).all(2).all(1)
    for values in found.values():  # a square can be too large where its root is not
        finite &= values.isfinite().reshape(*values.shape, 1).flatten(1).all(1)
    for values in found.values():
        values[~finite] = torch.nan
    return found


def _dot(means: Float[Tensor, "G O"], deviations: Float[Tensor, "G O N"]) -> Float[Tensor, "G N"]:
    """Σ over the outputs of mean · deviation."""
    return (means[..., None] * deviations).sum(1)
