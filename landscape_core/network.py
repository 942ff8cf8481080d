"""A fully connected network as a pure function of one flat parameter vector.

Layout of a parameter vector: layer after layer, each a (fan_in + 1, fan_out) matrix in row-major order whose last row is
the bias. Nothing is stored between calls, so no point of a landscape can depend on another.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import torch
from jaxtyping import Float
from torch import Tensor

from landscape_core.activations import Activation


@dataclass(frozen=True)
class FullyConnected:
    """Layer sizes and activations; every layer has biases.

    Attributes:
        sizes: Units of each layer, inputs first, for example (4, 10, 3).
        hidden: Activation of all layers but the last.
        output: Activation of the last layer.
    """

    sizes: tuple[int, ...]
    hidden: Activation
    output: Activation

    @property
    def parameters(self) -> int:
        """P, the length of the flat parameter vector."""
        return sum((fan_in + 1) * fan_out for fan_in, fan_out in pairwise(self.sizes))

    def unpack(self, flat: Float[Tensor, "*batch P"]) -> list[Tensor]:
        """Split flat vectors into layers.

        Returns:
            For each layer the matrix (..., fan_out, fan_in + 1) whose last column is the biases. They are views, not
            copies.
        """
        layers = []
        start = 0
        for fan_in, fan_out in pairwise(self.sizes):
            stop = start + (fan_in + 1) * fan_out
            layers.append(flat[..., start:stop].unflatten(-1, (fan_in + 1, fan_out)).mT)
            start = stop
        return layers

    def outputs(self, theta: Float[Tensor, "G P"], inputs: Float[Tensor, "I N"]) -> Float[Tensor, "G O N"]:
        """Outputs of every sample at every point."""
        values: Tensor = inputs
        for matrix, activation in zip(self.unpack(theta), self._activations(), strict=True):
            values = activation.value(_affine(values, matrix))
        return values

    def outputs_and_tangents(
        self, theta: Float[Tensor, "G P"], inputs: Float[Tensor, "I N"], directions: Float[Tensor, "K P"]
    ) -> tuple[Float[Tensor, "G O N"], Float[Tensor, "G K O N"]]:
        """Outputs, and their derivatives along each direction, in one forward pass.

        With a layer z = W a + b and a direction (V, c) in parameter space, ż = W ȧ + V a + c and ȧ′ = φ′(z) ż. The
        derivative of the activation is computed once, however many directions there are.
        """
        values: Tensor = inputs
        tangents: Tensor | None = None
        for matrix, turn, activation in zip(
            self.unpack(theta), self.unpack(directions), self._activations(), strict=True
        ):
            if tangents is None:  # the inputs do not move, so that V a + c is the same at every point
                before, moved = _affine(values, matrix), _affine(values, turn)
            else:  # W a + b and V a + c of all directions as one product
                stacked = torch.cat([matrix[:, None], turn.expand(len(theta), *turn.shape)], dim=1)
                both = _affine(values, stacked.flatten(1, 2)).unflatten(1, stacked.shape[1:3])
                before, moved = both[:, 0], both[:, 1:] + matrix[:, None, :, :-1] @ tangents
            values = activation.value(before)
            tangents = activation.derivative(before, values)[:, None] * moved
        assert tangents is not None  # noqa: S101  a network has at least one layer
        return values, tangents

    def _activations(self) -> list[Activation]:
        return [self.hidden] * (len(self.sizes) - 2) + [self.output]


def _affine(values: Float[Tensor, "... I N"], matrix: Float[Tensor, "B O I+1"]) -> Float[Tensor, "B O N"]:
    """W a + b; values that are the same at every point take one product for all of them."""
    if values.dim() == 2:
        return matrix @ torch.cat([values, values.new_ones(1, values.shape[1])])
    return torch.baddbmm(matrix[..., -1:], matrix[..., :-1], values)
