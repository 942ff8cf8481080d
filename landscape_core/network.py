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

    def unpack(self, flat: Float[Tensor, "*batch P"]) -> list[tuple[Tensor, Tensor]]:
        """Split flat vectors into layers.

        Returns:
            For each layer the weights, transposed to (..., fan_out, fan_in), and the biases (..., fan_out, 1): ready to
            multiply a matrix of shape (fan_in, N). They are views, not copies.
        """
        layers = []
        start = 0
        for fan_in, fan_out in pairwise(self.sizes):
            stop = start + (fan_in + 1) * fan_out
            matrix = flat[..., start:stop].unflatten(-1, (fan_in + 1, fan_out)).mT
            layers.append((matrix[..., :-1], matrix[..., -1:]))
            start = stop
        return layers

    def outputs(self, theta: Float[Tensor, "G P"], inputs: Float[Tensor, "I N"]) -> Float[Tensor, "G O N"]:
        """Outputs of every sample at every point."""
        values: Tensor = inputs
        for (weight, bias), activation in zip(self.unpack(theta), self._activations(), strict=True):
            values = activation.value(weight @ values + bias)
        return values

    def outputs_and_tangents(
        self, theta: Float[Tensor, "G P"], inputs: Float[Tensor, "I N"], directions: Float[Tensor, "K P"]
    ) -> tuple[Float[Tensor, "G O N"], list[Float[Tensor, "G O N"]]]:
        """Outputs, and their derivatives along each direction, in one forward pass.

        With a layer z = W a + b and a direction (V, c) in parameter space, ż = W ȧ + V a + c and ȧ′ = φ′(z) ż. The
        derivative of the activation is computed once, however many directions there are.

        Returns:
            Outputs (G, O, N), and for each of the K directions the tangent of the outputs (G, O, N).
        """
        values: Tensor = inputs
        tangents: list[Tensor] = []
        for (weight, bias), (turn, shift), activation in zip(
            self.unpack(theta), self.unpack(directions), self._activations(), strict=True
        ):
            moved = [turn[k] @ values + shift[k] for k in range(len(directions))]
            if tangents:
                moved = [torch.baddbmm(own, weight, tangent) for own, tangent in zip(moved, tangents, strict=True)]
            before = weight @ values + bias
            values = activation.value(before)
            slope = activation.derivative(before, values)
            tangents = [slope * change for change in moved]
        return values, tangents

    def _activations(self) -> list[Activation]:
        return [self.hidden] * (len(self.sizes) - 2) + [self.output]
