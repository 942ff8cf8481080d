"""The problem: an empirical risk, N per-sample losses as one pure function of a flat parameter vector."""

from __future__ import annotations

import json
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
import torch
from jaxtyping import Float, Integer
from numpy import ndarray
from torch import Tensor, nn

from landscape_core.errors import ProblemError
from landscape_core.problems.differentiation import differentiate_samples
from landscape_core.problems.filters import number_filters

if TYPE_CHECKING:
    from landscape_core.problems.custom.finding import Finding


@runtime_checkable
class Linearised(Protocol):
    """A per-sample loss that knows its own directional derivatives; others are differentiated automatically."""

    def loss_and_slopes(
        self, theta: Float[Tensor, "G P"], directions: Float[Tensor, "K P"]
    ) -> tuple[Float[Tensor, "G N"], list[Float[Tensor, "G N"]]]:
        """Losses, and for each direction the derivative of each sample's loss along it."""
        ...


LossesOnPlane = Callable[[Tensor], tuple[Tensor, list[Tensor]]]
"""Coordinates (G, K) of points of a plane → their losses (G, N), and for each direction the slopes along it (G, N)."""


@runtime_checkable
class Planar(Protocol):
    """A per-sample loss that may know a faster way to its losses and slopes at points that lie in one plane."""

    def on_plane(self, start: Float[Tensor, "P"], directions: Float[Tensor, "K P"]) -> LossesOnPlane | None:
        """The losses and slopes at points of a plane, by their coordinates; None if there is no faster way."""
        ...


PerSampleLoss = Callable[[Tensor], Tensor]
"""Anything that can be tabulated: a pure function of points (G, P) that gives the loss of each sample, (G, N).

It must not let one sample's loss depend on another's (no batch normalisation), nor draw random numbers (no dropout).
"""


class Problem(ABC):
    """A model, its loss and its data.

    A subclass says what its parameters are called, which samples it has and what their losses are. Slopes follow by
    automatic differentiation; a subclass that knows a faster way overrides `loss_and_slopes`.
    """

    @property
    @abstractmethod
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Names and shapes of the parameters, in the order in which a flat vector holds them, each row-major."""

    @property
    @abstractmethod
    def samples(self) -> int:
        """N."""

    @property
    @abstractmethod
    def dtype(self) -> torch.dtype:
        """Precision of the arithmetic."""

    @property
    @abstractmethod
    def device(self) -> torch.device:
        """Where the data are and the arithmetic runs."""

    @abstractmethod
    def __call__(self, theta: Float[Tensor, "G P"]) -> Float[Tensor, "G N"]:
        """Losses of all samples at each of the points."""

    @abstractmethod
    def select(self, rows: ndarray) -> Problem:
        """The problem of some of the samples.

        Args:
            rows: Numbers of these samples, from 0.
        """

    @abstractmethod
    def hash_data(self) -> str:
        """SHA-256 of the data as the problem holds them; see `landscape_core.problems.datasets.hash_arrays`."""

    @abstractmethod
    def describe(self) -> dict[str, Any]:
        """What the problem is, fit for JSON."""

    def __repr__(self) -> str:
        """A line of what it is; its data would be pages."""
        return f"<{type(self).__name__}: {self.samples:,} samples, {self.parameters:,} parameters>"

    @property
    def parameters(self) -> int:
        """P, the length of a flat parameter vector."""
        return sum(math.prod(shape) for shape in self.shapes.values())

    @property
    def start(self) -> Float[ndarray, "P"] | None:
        """A start point of its own; None if start points are drawn."""
        return None

    def filters(self) -> Integer[ndarray, "P"]:
        """Which filter each parameter belongs to, from 0; −1 for none.

        A filter is a row of a parameter with more than one dimension: the weights of a unit, as torch keeps them. A
        subclass that keeps them otherwise overrides this.
        """
        return number_filters(self.shapes.values())

    @staticmethod
    def from_module(
        model: nn.Module,
        loss: Any,  # noqa: ANN401  callable, or the data loader where the loss comes after it
        inputs: Any,  # noqa: ANN401  trees of tensors, or a data loader
        targets: Any = None,  # noqa: ANN401
        **options: Any,  # noqa: ANN401
    ) -> Problem:
        """A problem from any torch module with its loss and its samples.

        The module is copied, in eval() mode, and never touched; a warning names its modules in train() mode that would act
        otherwise there, unless `weights` come from a training. Whether it gives each sample a loss of its own, always the
        same, with slopes that are true, is asked of it; see `check`.

        Args:
            model: The module, called with the inputs: with one tensor, with several from a tuple, or by names from a
                dictionary. Its trainable parameters are those of the problem, and their values the start point.
            loss: `loss(outputs, targets)`, a module or a function; or `loss(model, inputs, targets)`. A data loader may
                stand before it.
            inputs: Tensors whose first axis is the sample; or a data loader (any iterable of batches), which is read once.
            targets: Tensors; None with a data loader, or with a loss that takes the outputs alone.
            options: `output`, a function that picks from the model's outputs what the loss takes; `weights`, a state_dict
                or a file of one, loaded into the copy if all its names are the model's; `evaluate=False` leaves the copy
                in the mode it was in; `normalise="samples"` for losses with class weights or ignored targets, whose terms
                are then divided by the same number in every mini-batch; `dtype`, `device`, `name`; `notes`, what else
                `describe` says; `check=False` skips the check, and with it the search for a way to differentiate
                what `vmap` cannot.

        Raises:
            ProblemError: It cannot be looked at sample by sample; says all that was found, and what to do.
        """
        from landscape_core.problems.custom.build import from_module  # builds on this class

        return from_module(model, loss, inputs, targets, **options)

    @staticmethod
    def from_function(losses: Callable[..., Tensor], parameters: Any, *data: Any, **options: Any) -> Problem:  # noqa: ANN401
        """A problem from a function of parameters and samples.

        >>> def losses(line, x, t):
        ...     return (line["a"] * x + line["b"] - t) ** 2
        >>> problem = Problem.from_function(losses, {"a": 1.0, "b": 0.0}, [0, 1], [1, 1])
        >>> problem(torch.tensor([[1.0, 0.0]], dtype=torch.float64)).tolist()
        [[1.0, 0.0]]

        Args:
            losses: `losses(parameters, *data)` gives the loss of each sample, (N,), of one point.
            parameters: Values at the start point: tensors by their names, or one tensor; and so they come to `losses`.
            data: Tensors whose first axis is the sample.
            options: `dtype`, `device`, `name`, `check`, as of `from_module`.

        Raises:
            ProblemError: As of `from_module`.
        """
        from landscape_core.problems.custom.build import from_function

        return from_function(losses, parameters, *data, **options)

    def check(self) -> tuple[Finding, ...]:
        """What is wrong with it as a problem, in words; empty if nothing is found.

        A loss must be a term of one sample, the same at every call, with slopes that are its own. Sharp in float64 only.
        """
        from landscape_core.problems.custom.validation import validate

        return validate(self)

    def to(self, dtype: torch.dtype, device: torch.device) -> Problem:
        """The same in another precision or on another device.

        Raises:
            ProblemError: It has one precision and one device only, as a subclass has that does not override this.
        """
        if (dtype, device) != (self.dtype, self.device):
            raise ProblemError(f"this problem is in {self.dtype} on {self.device} and has no other: make it so")
        return self

    def identity(self) -> str:
        """What `fingerprint` hashes beside the data and some losses."""
        return json.dumps(self.describe(), sort_keys=True, default=str)

    def fingerprint(self) -> str:
        """A digest that tells problems apart, for keys of what is computed from them.

        SHA-256 of the class, the shapes, the precision, the data, `identity`, and of the mean losses at the start point
        and at three others. These notice what nothing else does, such as a constant that a function looks up elsewhere;
        they are rounded to float32, so that the last bits of another processor do not matter.
        """
        generator = np.random.default_rng(0)
        start = generator.uniform(-0.3, 0.3, self.parameters) if self.start is None else self.start
        others = start + 0.1 * generator.standard_normal((3, self.parameters))
        theta = torch.tensor(np.stack([start, *others]), dtype=self.dtype, device=self.device)
        with torch.no_grad():
            means = self(theta).mean(-1).to("cpu", torch.float32)
        parts = [
            type(self).__qualname__,
            self.dtype,
            dict(self.shapes),
            self.hash_data(),
            self.identity(),
            means.tolist(),
        ]
        return sha256("\n".join(map(repr, parts)).encode()).hexdigest()

    def loss_and_slopes(
        self, theta: Float[Tensor, "G P"], directions: Float[Tensor, "K P"]
    ) -> tuple[Float[Tensor, "G N"], list[Float[Tensor, "G N"]]]:
        """Losses, and for each direction the derivative of each sample's loss along it."""
        return differentiate_samples(self, theta, directions)

    def full_gradient(self, theta: Float[ndarray, "P"]) -> Float[ndarray, "P"]:
        """∇L of the full batch at one point, by reverse-mode differentiation."""
        point = torch.tensor(theta, dtype=self.dtype, device=self.device, requires_grad=True)
        with torch.enable_grad():  # whatever the caller has switched off
            (gradient,) = torch.autograd.grad(self(point[None]).mean(), point)
        return np.asarray(gradient.cpu().numpy(), dtype=np.float64)
