"""Dead units: where all output units are off for every sample, so that the plane is flat.

An output unit that is off passes on nothing of its sample's error: with ReLU exactly nothing, so that the slope is 0
whatever the mini-batch, with leaky ReLU a hundredth (Fig. 17). Whether hidden units are off does not decide it, as the
biases of the output layer still move an output that is on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from numpy import ndarray
from torch import Tensor

from landscape_core.geometry import grid
from landscape_core.problems.mlp import FullyConnected, MLPProblem
from landscape_core.statistics import moments
from landscape_core.study.plane import Plane, build_mlp, resolve_device
from landscape_core.study.spec import StudySpec


@dataclass(frozen=True, eq=False)
class UnitsOff:
    """Which units have an input of at most 0, over a plane.

    Attributes:
        outputs: Whether all output units have, for every sample.
        hidden: The share of the hidden units that have, over units and samples.
    """

    outputs: Bool[ndarray, "S S"]
    hidden: Float[ndarray, "S S"]


def find_dead_units(
    spec: StudySpec,
    start: Float[ndarray, "P"],
    directions: Float[ndarray, "2 P"],
    axis: Float[ndarray, "S"],
    *,
    scale: float = 1.0,
    device: str = "cpu",
) -> UnitsOff:
    """Which units are off at the points of a plane. Functions that saturate, and linear outputs, are never off.

    Args:
        spec: The study.
        start: Its start point x0.
        directions: Its d1 and d2.
        axis: Coordinates along either.
        scale: How long in parameter space one unit of them is.
        device: auto, cpu, cuda (cuda:1 …) or mps.

    Raises:
        SpecError: The device is not there.
    """
    problem = build_mlp(spec, resolve_device(spec, device))
    hidden, outputs = look_at_units(problem, Plane(problem, start, directions, scale=scale), grid.plane(axis))
    side = (len(axis), len(axis))
    return UnitsOff(
        moments.to_numpy(outputs.all(-1).all(-1)).reshape(side),
        moments.to_numpy(hidden.to(problem.dtype).mean((-1, -2))).reshape(side),
    )


def look_at_units(
    problem: MLPProblem, plane: Plane, coordinates: Float[ndarray, "G 2"]
) -> tuple[Bool[Tensor, "G H N"], Bool[Tensor, "G O N"]]:
    """For each sample, which hidden and which output units are off at points of a plane."""
    whole = problem.network
    first = FullyConnected(whole.sizes[:-1], whole.hidden, whole.hidden)
    hidden: list[Tensor] = []
    outputs: list[Tensor] = []
    with torch.no_grad():
        for theta in plane.parameters_at(coordinates):
            for layer, flat, found in ((first, theta[:, : first.parameters], hidden), (whole, theta, outputs)):
                # an activation of this class has the sign of its input
                off = layer.outputs(flat, problem.inputs) <= 0
                found.append(off if layer.output.family == "sparsity" else torch.zeros_like(off))
    return torch.cat(hidden), torch.cat(outputs)


def bounding_box(patch: Bool[ndarray, "S T"]) -> tuple[slice, slice]:
    """The rows and columns that hold a patch; of one without points, everything.

    >>> bounding_box(np.array([[False, True, True], [False, False, True]]))
    (slice(0, 2, None), slice(1, 3, None))
    """
    filled = patch if patch.any() else ~patch
    rows, columns = (np.flatnonzero(filled.any(axis)) for axis in (1, 0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
