"""A fully connected network at the points of one plane, whose first layer takes three products for all of them.

At x0 + a d1 + b d2 the first layer gives W₀x + a·D₁x + b·D₂x, and so do its tangents, D₁x and D₂x, at every point.
The other layers are as in `FullyConnected.outputs_and_tangents`, up to the order in which sums are taken. J is I + 1: the
inputs of a layer and the one that its biases are multiplied by.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from landscape_core.problems.activations import IDENTITY, Activation

LEAST_FEATURES = 16
"""Inputs from which the first layer is worth it. The paper's networks have four: their numbers stay what they were."""


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer at x0, and how it turns along K directions.

    Attributes:
        matrix: Weights and biases at x0, the biases in the last column.
        turns: Those of the directions.
        activation: What follows it.
    """

    matrix: Float[Tensor, "O J"]
    turns: Float[Tensor, "K O J"]
    activation: Activation

    def at(self, coordinates: Float[Tensor, "C K"]) -> Float[Tensor, "C O J"]:
        """Weights and biases at points of the plane."""
        flat = torch.addmm(self.matrix.reshape(-1), coordinates, self.turns.flatten(1))
        return flat.unflatten(1, self.matrix.shape)


class NetworkOnPlane:
    """Outputs of every sample at points of a plane, and their derivatives along its directions.

    Args:
        layers: The network on the plane.
        inputs: Of the samples, with the one that biases are multiplied by.
    """

    def __init__(self, layers: list[Layer], inputs: Float[Tensor, "J N"]) -> None:
        self._first, *self._others = layers
        self._fixed = self._first.matrix @ inputs
        self._moved = self._first.turns @ inputs

    def __call__(self, coordinates: Float[Tensor, "C K"]) -> tuple[Float[Tensor, "C O N"], Float[Tensor, "C K O N"]]:
        """Outputs, and their derivatives along each direction."""
        before = torch.addmm(self._fixed.reshape(-1), coordinates, self._moved.flatten(1))
        before = before.unflatten(1, self._fixed.shape)
        values, tangents = _activate(self._first.activation, before, self._moved)
        for layer in self._others:
            before, moved = _propagate(layer, coordinates, values, tangents)
            values, tangents = _activate(layer.activation, before, moved)
        return values, tangents.expand(len(values), -1, -1, -1)


def _propagate(
    layer: Layer,
    coordinates: Float[Tensor, "C K"],
    values: Float[Tensor, "C I N"],
    tangents: Float[Tensor, "... K I N"],
) -> tuple[Float[Tensor, "C O N"], Float[Tensor, "C K O N"]]:
    """Before an activation: z = W a + b, and ż = W ȧ + V a + c along each direction, added up in place."""
    matrix, (count, along) = layer.at(coordinates), coordinates.shape
    before = torch.baddbmm(matrix[..., -1:], matrix[..., :-1], values)
    turns = layer.turns.flatten(0, 1).expand(count, -1, -1)
    moved = torch.baddbmm(turns[..., -1:], turns[..., :-1], values).view(count * along, *before.shape[1:])
    weights = matrix[:, None, :, :-1].expand(-1, along, -1, -1).flatten(0, 1)
    moved.baddbmm_(weights, tangents.expand(count, -1, -1, -1).flatten(0, 1))
    return before, moved.unflatten(0, (count, along))


def _activate(
    activation: Activation, before: Float[Tensor, "C O N"], moved: Float[Tensor, "... K O N"]
) -> tuple[Float[Tensor, "C O N"], Float[Tensor, "... K O N"]]:
    """After it: y = φ(z) and ẏ = φ′(z) ż."""
    values = activation.value(before)
    return values, moved if activation is IDENTITY else activation.derivative(before, values)[:, None] * moved
