"""A fully connected network with its loss and its data, as pure functions of one flat parameter vector.

Layout of a parameter vector: layer after layer, each a (fan_in + 1, fan_out) matrix in row-major order whose last row is
the bias. Nothing is stored between calls, so no point of a landscape can depend on another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Integer, Num
from numpy import ndarray
from torch import Tensor

from landscape_core.errors import ProblemError
from landscape_core.problems.activations import ACTIVATIONS, IDENTITY, Activation
from landscape_core.problems.datasets import hash_arrays
from landscape_core.problems.filters import number_filters
from landscape_core.problems.losses import LOSSES, Loss, encode_classes
from landscape_core.problems.mlp_plane import LEAST_FEATURES, Layer, NetworkOnPlane
from landscape_core.problems.problem import LossesOnPlane, Problem
from landscape_core.problems.registry import look_up


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

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of the parameters, in the order in which a flat vector holds them."""
        return {
            f"layer{number}.{name}": shape
            for number, (fan_in, fan_out) in enumerate(pairwise(self.sizes), start=1)
            for name, shape in (("weight", (fan_in, fan_out)), ("bias", (fan_out,)))
        }

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
                extended = _add_ones(values)
                before, moved = matrix @ extended, (turn @ extended).expand(len(theta), -1, -1, -1)
            else:  # W a + b and V a + c of all directions as one product
                stacked = torch.cat([matrix[:, None], turn.expand(len(theta), *turn.shape)], dim=1)
                both = _affine(values, stacked.flatten(1, 2)).unflatten(1, stacked.shape[1:3])
                before, moved = both[:, 0], (matrix[:, None, :, :-1] @ tangents).add_(both[:, 1:])
            values = activation.value(before)
            tangents = moved if activation is IDENTITY else activation.derivative(before, values)[:, None] * moved
        assert tangents is not None  # noqa: S101  a network has at least one layer
        return values, tangents

    def on_plane(
        self, start: Float[Tensor, "P"], directions: Float[Tensor, "K P"], inputs: Float[Tensor, "I N"]
    ) -> NetworkOnPlane:
        """The same at points of one plane, x0 + a d1 + b d2, in less work."""
        parts = zip(self.unpack(start), self.unpack(directions), self._activations(), strict=True)
        return NetworkOnPlane([Layer(*part) for part in parts], _add_ones(inputs))

    def _activations(self) -> list[Activation]:
        return [self.hidden] * (len(self.sizes) - 2) + [self.output]


@dataclass(frozen=True, eq=False, repr=False)
class MLPProblem(Problem):
    """A fully connected network, its loss and its data.

    Attributes:
        network: The network.
        loss: The loss of one sample.
        inputs: (I, N), on the device.
        targets: (O, N), on the device.
        notes: What else `describe` says, fit for JSON: the data, names of classes.

    Raises:
        ProblemError: The network, the data and the loss do not fit each other.
    """

    network: FullyConnected
    loss: Loss
    inputs: Float[Tensor, "I N"]
    targets: Float[Tensor, "O N"]
    notes: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        ends, found = (self.network.sizes[0], self.network.sizes[-1]), (len(self.inputs), len(self.targets))
        if ends != found:
            raise ProblemError(
                f"the network has {ends[0]} inputs and {ends[1]} outputs, the data {found[0]} features and {found[1]} "
                f"columns of targets"
            )
        if self.inputs.device.type == "meta":  # shapes without values
            return
        if not self.inputs.isfinite().all():
            raise ProblemError("the inputs hold values that are not finite: drop or fill these samples")
        if not self.loss.accepts(self.targets):
            raise ProblemError(f"the targets do not suit the loss {self.loss.name}, which takes {self.loss.targets}")

    @classmethod
    def from_data(
        cls,
        inputs: Num[ndarray, "N I"],
        targets: ndarray,  # (N,) or (N, O), checked below
        *,
        hidden: Sequence[int] = (10,),
        activation: str = "tanh",
        output_activation: str = "linear",
        loss: str = "cross_entropy",
        dtype: torch.dtype = torch.float64,
        device: torch.device | str = "cpu",
        notes: Mapping[str, Any] | None = None,
    ) -> MLPProblem:
        """A network of any depth and width for data at hand.

        Args:
            inputs: One row a sample, scaled as they shall enter.
            targets: Class numbers from 0 or one column a class for a cross-entropy; else one column an output, or numbers.
            hidden: Units of each hidden layer; () for none.
            activation: Of the hidden layers, one of `ACTIVATIONS`.
            output_activation: Of the last layer, one of `ACTIVATIONS` or "linear".
            loss: One of `LOSSES`.
            dtype: Precision of the arithmetic.
            device: Where the arithmetic runs.
            notes: What else `describe` says.

        Raises:
            ProblemError: A name is unknown, or network, data and loss do not fit each other.
        """
        choices = {**ACTIVATIONS, IDENTITY.name: IDENTITY}
        chosen = look_up(LOSSES, loss, "loss")
        columns = np.asarray(targets)
        if len(columns) != len(inputs):
            raise ProblemError(f"there are inputs of {len(inputs)} samples and targets of {len(columns)}")
        if columns.ndim == 1:
            labelled = chosen.takes_classes and np.issubdtype(columns.dtype, np.integer)
            columns = encode_classes(columns) if labelled else columns[:, None]
        network = FullyConnected(
            (inputs.shape[1], *hidden, columns.shape[1]),
            hidden=look_up(ACTIVATIONS, activation, "activation"),
            output=look_up(choices, output_activation, "activation of the output layer"),
        )
        held = [torch.tensor(array.T, dtype=dtype, device=device).contiguous() for array in (inputs, columns)]
        return cls(network, chosen, held[0], held[1], notes or {})

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of the parameters, in the order in which a flat vector holds them."""
        return self.network.shapes

    def filters(self) -> Integer[ndarray, "P"]:
        """Which unit's incoming weights each parameter belongs to; −1 for biases. They are columns here."""
        return number_filters(self.shapes.values(), axis=-1)

    @property
    def samples(self) -> int:
        """N."""
        return self.inputs.shape[1]

    @property
    def dtype(self) -> torch.dtype:
        """Precision of the arithmetic."""
        return self.inputs.dtype

    @property
    def device(self) -> torch.device:
        """Where the data are and the arithmetic runs."""
        return self.inputs.device

    def __call__(self, theta: Float[Tensor, "G P"]) -> Float[Tensor, "G N"]:
        """Losses of all samples at each of the points."""
        return self.loss.value(self.network.outputs(theta, self.inputs), self.targets)

    def loss_and_slopes(
        self, theta: Float[Tensor, "G P"], directions: Float[Tensor, "K P"]
    ) -> tuple[Float[Tensor, "G N"], list[Float[Tensor, "G N"]]]:
        """Losses, and for each direction the derivative of each sample's loss along it."""
        return self._finish(*self.network.outputs_and_tangents(theta, self.inputs, directions))

    def on_plane(self, start: Float[Tensor, "P"], directions: Float[Tensor, "K P"]) -> LossesOnPlane | None:
        """As `loss_and_slopes` at points of one plane by their coordinates; None where it would gain little.

        The numbers differ in their last bits.
        """
        if self.network.sizes[0] < LEAST_FEATURES:
            return None
        network = self.network.on_plane(start, directions, self.inputs)
        return lambda coordinates: self._finish(*network(coordinates))

    def _finish(
        self, outputs: Float[Tensor, "G O N"], tangents: Float[Tensor, "G K O N"]
    ) -> tuple[Float[Tensor, "G N"], list[Float[Tensor, "G N"]]]:
        gradient = self.loss.gradient(outputs, self.targets)
        return self.loss.value(outputs, self.targets), list((gradient[:, None] * tangents).sum(-2).unbind(1))

    def select(self, rows: ndarray) -> MLPProblem:
        """The problem of some of the samples."""
        places = torch.from_numpy(rows.astype(np.int64)).to(self.device)
        return replace(self, inputs=self.inputs[:, places], targets=self.targets[:, places])

    def to(self, dtype: torch.dtype, device: torch.device) -> MLPProblem:
        """The same in another precision or on another device."""
        return replace(self, inputs=self.inputs.to(device, dtype), targets=self.targets.to(device, dtype))

    def identity(self) -> str:
        """The network and the loss."""
        return f"{self.network.sizes} {self.network.hidden.name} {self.network.output.name} {self.loss.name}"

    def hash_data(self) -> str:
        """SHA-256 of the inputs and then the targets, sample by sample."""
        return hash_arrays(*(tensor.T.cpu().numpy() for tensor in (self.inputs, self.targets)))

    def describe(self) -> dict[str, Any]:
        """Units of the layers, activations, loss, how many samples and parameters there are, and the notes."""
        return {
            **self.notes,
            "units": list(self.network.sizes),
            "hidden": self.network.hidden.name,
            "output": self.network.output.name,
            "loss": self.loss.name,
            "samples": self.samples,
            "parameters": self.parameters,
        }


def _affine(values: Float[Tensor, "... I N"], matrix: Float[Tensor, "B O I+1"]) -> Float[Tensor, "B O N"]:
    """W a + b; values that are the same at every point take one product for all of them."""
    if values.dim() == 2:
        return matrix @ _add_ones(values)
    return torch.baddbmm(matrix[..., -1:], matrix[..., :-1], values)


def _add_ones(values: Float[Tensor, "I N"]) -> Float[Tensor, "I+1 N"]:
    """Inputs with the one that biases are multiplied by."""
    return torch.cat([values, values.new_ones(1, values.shape[1])])
