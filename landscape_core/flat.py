"""Where a plane is flat: where all output units are off, for every sample.

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

from landscape_core import geometry, problem
from landscape_core.network import FullyConnected
from landscape_core.spec import StudySpec
from landscape_core.tabulate import CHUNK_VALUES


@dataclass(frozen=True, eq=False)
class UnitsOff:
    """Which units have an input of at most 0, over a plane.

    Attributes:
        outputs: Whether all output units have, for every sample.
        hidden: The share of the hidden units that have, over units and samples.
    """

    outputs: Bool[ndarray, "S S"]
    hidden: Float[ndarray, "S S"]


def units_off(
    spec: StudySpec, start: Float[ndarray, "P"], directions: Float[ndarray, "2 P"], axis: Float[ndarray, "S"]
) -> UnitsOff:
    """Which units are off at the points of a plane. Functions that saturate, and linear outputs, are never off.

    Args:
        spec: The study.
        start: Its start point x0.
        directions: Its d1 and d2.
        axis: Coordinates along either.
    """
    task = problem.problem(spec, torch.device("cpu"))
    first = FullyConnected(task.network.sizes[:-1], task.network.hidden, task.network.hidden)
    origin, span, where = (
        torch.as_tensor(array, dtype=task.inputs.dtype) for array in (start, directions, geometry.plane(axis))
    )
    outputs: list[Tensor] = []
    hidden: list[Tensor] = []
    with torch.no_grad():
        for part in where.split(max(1, CHUNK_VALUES // spec.samples)):
            theta = origin + part @ span
            for layer, flat, found in ((task.network, theta, outputs), (first, theta[:, : first.parameters], hidden)):
                # an activation of this class has the sign of its input
                off = layer.outputs(flat, task.inputs) <= 0
                found.append(off if layer.output.family == "sparsity" else torch.zeros_like(off))
    side = (len(axis), len(axis))
    return UnitsOff(
        torch.cat(outputs).all(-1).all(-1).numpy().reshape(side),
        torch.cat(hidden).double().mean((-1, -2)).numpy().reshape(side),
    )


def bounding_box(patch: Bool[ndarray, "S T"]) -> tuple[slice, slice]:
    """The rows and columns that hold a patch; of one without points, everything.

    >>> bounding_box(np.array([[False, True, True], [False, False, True]]))
    (slice(0, 2, None), slice(1, 3, None))
    """
    filled = patch if patch.any() else ~patch
    rows, columns = (np.flatnonzero(filled.any(axis)) for axis in (1, 0))
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
