"""The training problem: data, network and loss as one pure function of a flat parameter vector."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from landscape_core.activations import ACTIVATIONS, IDENTITY
from landscape_core.datasets import DATASETS, SCALINGS
from landscape_core.directions import DOMAINS, orthonormal
from landscape_core.losses import LOSSES, Loss
from landscape_core.network import FullyConnected
from landscape_core.randomness import start_draws
from landscape_core.spec import StudySpec

HIDDEN_UNITS = 10
"""The paper's network: 4-10-3 for Iris, 83 parameters."""


@runtime_checkable
class PerSampleLoss(Protocol):
    """Anything that can be tabulated: a pure function of flat parameter vectors, one loss for each sample.

    It must not let one sample's loss depend on another's (no batch normalisation), nor draw random numbers (no dropout).
    """

    def __call__(self, theta: Float[Tensor, "G P"]) -> Float[Tensor, "G N"]:
        """Losses of all samples at each of the points."""
        ...


@runtime_checkable
class Linearised(Protocol):
    """A per-sample loss that knows its own directional derivatives; others are differentiated automatically."""

    def loss_and_slopes(
        self, theta: Float[Tensor, "G P"], directions: Float[Tensor, "K P"]
    ) -> tuple[Float[Tensor, "G N"], list[Float[Tensor, "G N"]]]:
        """Losses, and for each direction the derivative of each sample's loss along it."""
        ...


@dataclass(frozen=True, eq=False)
class Problem:
    """A network, its loss and its data.

    Attributes:
        network: The network.
        loss: The loss of one sample.
        inputs: (I, N), on the device.
        targets: (O, N), on the device.
    """

    network: FullyConnected
    loss: Loss
    inputs: Float[Tensor, "I N"]
    targets: Float[Tensor, "O N"]

    def __call__(self, theta: Float[Tensor, "G P"]) -> Float[Tensor, "G N"]:
        """Losses of all samples at each of the points."""
        return self.loss.value(self.network.outputs(theta, self.inputs), self.targets)

    def loss_and_slopes(
        self, theta: Float[Tensor, "G P"], directions: Float[Tensor, "K P"]
    ) -> tuple[Float[Tensor, "G N"], list[Float[Tensor, "G N"]]]:
        """Losses, and for each direction the derivative of each sample's loss along it."""
        outputs, tangents = self.network.outputs_and_tangents(theta, self.inputs, directions)
        gradient = self.loss.gradient(outputs, self.targets)
        return self.loss.value(outputs, self.targets), list((gradient[:, None] * tangents).sum(-2).unbind(1))

    def full_gradient(self, theta: Float[ndarray, "P"]) -> Float[ndarray, "P"]:
        """∇L of the full batch at one point, by reverse-mode differentiation."""
        point = torch.tensor(theta, dtype=self.inputs.dtype, device=self.inputs.device, requires_grad=True)
        with torch.enable_grad():  # whatever the caller has switched off
            (gradient,) = torch.autograd.grad(self(point[None]).mean(), point)
        return np.asarray(gradient.cpu().numpy(), dtype=np.float64)


def data(spec: StudySpec) -> tuple[Float[ndarray, "N I"], Float[ndarray, "N O"]]:
    """Scaled inputs (N, I) and one-hot targets (N, O) of a study, in float64."""
    inputs, targets = DATASETS[spec.dataset].load()
    return SCALINGS[spec.scaling].apply(inputs), targets


def network(spec: StudySpec) -> FullyConnected:
    """The network of a study: features-10-classes."""
    dataset = DATASETS[spec.dataset]
    hidden = ACTIVATIONS[spec.activation]
    return FullyConnected(
        (dataset.features, HIDDEN_UNITS, dataset.classes),
        hidden=hidden,
        output=hidden if spec.output_activation == "same" else IDENTITY,
    )


def problem(spec: StudySpec, device: torch.device) -> Problem:
    """The training problem of a study, with its data on a device."""
    inputs, targets = (
        torch.tensor(array.T, dtype=getattr(torch, spec.dtype), device=device).contiguous() for array in data(spec)
    )
    return Problem(network(spec), LOSSES[spec.loss], inputs, targets)


def start_and_directions(spec: StudySpec, task: Problem) -> tuple[Float[ndarray, "P"], Float[ndarray, "2 P"]]:
    """The start point x0 of a study, and the directions d1 and d2 of its plane.

    Raises:
        NumericalError: The start point has no usable directions.
    """
    draws = start_draws(spec.seed, task.network.parameters)
    pair = DOMAINS[spec.domain].directions(draws, lambda: -task.full_gradient(draws.start))
    return draws.start, orthonormal(*pair)
