"""The sample table of the paper's network written by hand in numpy: the limit that the engine is held against."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy import ndarray

from landscape_core import StudyResult
from landscape_core.geometry import grid
from landscape_core.problems.activations import LEAKY_SLOPE
from landscape_core.study.plane import HIDDEN_UNITS

Function = Callable[[ndarray], ndarray]

NUMPY_ACTIVATIONS: dict[str, tuple[Function, Callable[[ndarray, ndarray], ndarray]]] = {
    "sigmoid": (lambda z: 1.0 / (1.0 + np.exp(-z)), lambda _, y: y * (1.0 - y)),
    "tanh": (np.tanh, lambda _, y: 1.0 - y * y),
    "softsign": (lambda z: z / (1.0 + np.abs(z)), lambda z, _: 1.0 / np.square(1.0 + np.abs(z))),
    "relu": (lambda z: np.maximum(z, 0.0), lambda z, _: (z > 0).astype(z.dtype)),
    "leaky_relu": (lambda z: np.maximum(z, LEAKY_SLOPE * z), lambda z, _: np.where(z > 0, 1.0, LEAKY_SLOPE)),
    "elu": (
        lambda z: np.where(z > 0, z, np.exp(np.minimum(z, 0.0)) - 1.0),
        lambda z, y: np.where(z > 0, 1.0, y + 1.0),
    ),
}


def tabulate_with_numpy(result: StudyResult, chunk: int) -> list[ndarray]:
    """Losses and slopes along d1 and d2, written by hand for this very network: one hidden layer, half squared error.

    Forward tangents, layer by layer. The first layer is one matrix product for all points of a chunk, and its tangents
    are the same at every point.
    """
    value, derivative = NUMPY_ACTIVATIONS[result.spec.activation]
    features = np.vstack([result.inputs.T, np.ones(len(result.inputs))])
    targets = np.ascontiguousarray(result.targets.T)
    hidden, outputs, samples = HIDDEN_UNITS, len(targets), len(result.inputs)
    split = len(features) * hidden

    def unpack(flat: ndarray) -> tuple[ndarray, ndarray, ndarray]:
        first = flat[..., :split].reshape(*flat.shape[:-1], -1, hidden).swapaxes(-1, -2)
        second = flat[..., split:].reshape(*flat.shape[:-1], hidden + 1, outputs).swapaxes(-1, -2)
        return first, np.ascontiguousarray(second[..., :-1]), second[..., -1:]

    turns, turns_out, shifts = unpack(result.directions)
    moved = turns @ features
    coordinates = grid.plane(result.axis)
    table = [np.empty((len(coordinates), samples)) for _ in range(3)]
    for begin in range(0, len(coordinates), chunk):
        part = slice(begin, begin + chunk)
        first, second, bias = unpack(result.theta0 + coordinates[part] @ result.directions)
        before = (first.reshape(-1, len(features)) @ features).reshape(-1, hidden, samples)
        values = value(before)
        slope = derivative(before, values)
        before = second @ values
        before += bias
        found = value(before)
        error = found - targets
        pull = derivative(before, found)
        pull *= error
        for column, turn, turn_out, shift in zip(table[1:], moved, turns_out, shifts, strict=True):
            tangent = second @ (slope * turn)
            tangent += turn_out @ values
            tangent += shift
            tangent *= pull
            tangent.sum(1, out=column[part])
        error *= error
        error.sum(1, out=table[0][part])
        table[0][part] *= 0.5
    return table
