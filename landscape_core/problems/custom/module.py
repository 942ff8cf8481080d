"""Any torch module with its loss and its samples as a problem.

The caller's module is never touched: the problem holds a deep copy, and each thread evaluates a copy of that, since torch
replaces parameters in place for the time of a call. Buffers are cloned for each call, so that no call can change another.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor, nn
from torch.func import functional_call

from landscape_core.problems.custom.identity import hash_module
from landscape_core.problems.custom.samples import Samples
from landscape_core.problems.differentiation import Mode, differentiate_samples
from landscape_core.problems.problem import Problem

MEMORY = {"cpu": 16e6, "other": 2e9}
"""Bytes of intermediate values evaluated at a time, on a CPU and elsewhere: in a cache's reach, where more stop to pay."""

MOST_MEMORY = {"cpu": 512e6, "other": 8e9}
"""As `MEMORY` for a single point; beyond it, its samples are evaluated in parts."""

TWICE = 3
"""What reverse mode over reverse mode keeps, in terms of what reverse mode keeps."""

MEASURED_SAMPLES = 32
"""Samples that memory is measured with."""


@dataclass(frozen=True)
class Rung:
    """A way to evaluate and differentiate a module.

    Attributes:
        vectorised: All points at a time by `vmap`, or one after another.
        mode: Reverse mode twice, or forward mode.
    """

    vectorised: bool = True
    mode: Mode = "reverse"


LADDER = (Rung(True, "reverse"), Rung(False, "reverse"), Rung(True, "forward"), Rung(False, "forward"))
"""The first that works and gives the true slopes is taken."""


@dataclass(frozen=True, eq=False, repr=False)
class ModuleProblem(Problem):
    """A torch module, its loss and its samples.

    Attributes:
        risk: A module that gives the loss of every sample, `risk(inputs, targets)` → (N,). It is copied, never called.
        data: The samples, on the device.
        precision: Of the arithmetic.
        how: How it is evaluated and differentiated.
        scale: What each loss is multiplied by.
        memory: Bytes of intermediate values of one sample at one point; see `measure_memory`.
        names: Of the parameters; empty for those in the model.
        notes: What else `describe` says, fit for JSON.
    """

    risk: nn.Module
    data: Samples
    precision: torch.dtype = torch.float64
    how: Rung = Rung()
    scale: float = 1.0
    memory: float = 0.0
    names: tuple[str, ...] = ()
    notes: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def trained(self) -> dict[str, Tensor]:
        """The parameters that a flat vector holds, by their names in `risk`; shared ones once, frozen ones not."""
        return {name: tensor.detach() for name, tensor in self.risk.named_parameters() if tensor.requires_grad}

    @cached_property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """Names and shapes of the trainable parameters, in the order in which a flat vector holds them."""
        names = self.names or tuple(name.removeprefix("model.") for name in self.trained)
        return {name: tuple(tensor.shape) for name, tensor in zip(names, self.trained.values(), strict=True)}

    @property
    def samples(self) -> int:
        """N."""
        return self.data.count

    @property
    def dtype(self) -> torch.dtype:
        """Precision of the arithmetic."""
        return self.precision

    @property
    def device(self) -> torch.device:
        """Where the samples are and the arithmetic runs."""
        return self.data.tensors[0].device

    @property
    def start(self) -> Float[ndarray, "P"]:
        """The parameters that the module came with."""
        return np.concatenate([tensor.cpu().numpy().astype(np.float64).ravel() for tensor in self.trained.values()])

    def __call__(self, theta: Float[Tensor, "G P"]) -> Float[Tensor, "G N"]:
        """Losses of all samples at each of the points."""
        return torch.cat(
            [
                torch.cat([self._evaluate(data, part) for data in self._parts()], dim=1)
                for part in theta.split(self.points_at_a_time)
            ]
        )

    def loss_and_slopes(
        self, theta: Float[Tensor, "G P"], directions: Float[Tensor, "K P"]
    ) -> tuple[Float[Tensor, "G N"], list[Float[Tensor, "G N"]]]:
        """Losses, and for each direction the derivative of each sample's loss along it."""
        rows = []
        for part in theta.split(self.points_at_a_time):
            columns = []
            for data in self._parts():
                loss = partial(self._evaluate, data)
                losses, slopes = differentiate_samples(loss, part, directions, self.how.mode)
                columns.append([losses, *slopes])
            rows.append([torch.cat(parts, dim=1) for parts in zip(*columns, strict=True)])
        losses, *slopes = (torch.cat(parts) for parts in zip(*rows, strict=True))
        return losses, slopes

    def full_gradient(self, theta: Float[ndarray, "P"]) -> Float[ndarray, "P"]:
        """∇L of the full batch at one point, by reverse-mode differentiation, some samples at a time."""
        point = torch.tensor(theta, dtype=self.dtype, device=self.device, requires_grad=True)
        total = torch.zeros_like(point)
        with torch.enable_grad():
            for data in self._parts():
                total += torch.autograd.grad(self._evaluate(data, point[None]).sum(), point)[0]
        return np.asarray((total / self.samples).cpu().numpy(), dtype=np.float64)

    def select(self, rows: ndarray) -> ModuleProblem:
        """The problem of some of the samples."""
        return replace(self, data=self.data.select(rows))

    def to(self, dtype: torch.dtype, device: torch.device) -> ModuleProblem:
        """The same in another precision or on another device."""
        if (dtype, device) == (self.dtype, self.device):
            return self
        return place(self, dtype, device)

    def hash_data(self) -> str:
        """SHA-256 of the samples."""
        return self.data.digest()

    def describe(self) -> dict[str, Any]:
        """The model, the loss, how many samples and parameters there are, how they were read, and the notes."""
        return {
            **self.notes,
            "samples": self.samples,
            "parameters": self.parameters,
            "shapes": {name: list(shape) for name, shape in self.shapes.items()},
            "remarks": [*self.notes.get("remarks", ()), *self.data.notes],
        }

    def identity(self) -> str:
        """Parameters, buffers, layers, attributes and sources of the model and the loss, as a digest; and the scale."""
        return f"{hash_module(self.risk)} {self.scale!r}"

    def mean_as_given(self, theta: Float[Tensor, "P"]) -> float:
        """The loss of all samples as one batch, as the loss was given."""
        with torch.no_grad():
            return float(self.ask(theta, self.data, "given"))

    def ask(self, theta: Float[Tensor, "P"], data: Samples, what: str = "losses") -> Any:  # noqa: ANN401
        """One of the methods of `risk` for some samples, with its parameters replaced by a flat vector."""
        module = self.copy
        start, state = 0, {name: buffer.clone() for name, buffer in module.named_buffers()}
        for name, tensor in self.trained.items():
            stop = start + tensor.numel()
            state[name] = theta[start:stop].view(tensor.shape)
            start = stop
        return functional_call(module, state, (data.inputs, data.targets, what))

    def _evaluate(self, data: Samples, theta: Float[Tensor, "C P"]) -> Float[Tensor, "C M"]:
        def losses(point: Tensor) -> Tensor:
            found = self.ask(point, data)
            return found if self.scale == 1.0 else self.scale * found

        if self.how.vectorised and len(theta) > 1:
            return torch.vmap(losses)(theta)
        return torch.stack([losses(point) for point in theta])

    @property
    def points_at_a_time(self) -> int:
        """Points evaluated at a time: as many as pay. A rule without a clock, so that sums stay the same."""
        return max(1, int(MEMORY[self._place] / max(self.memory * self.samples, 1.0)))

    @property
    def samples_at_a_time(self) -> int:
        """Samples evaluated at a time: all, unless memory is too small for them."""
        return max(1, min(self.samples, int(MOST_MEMORY[self._place] / max(self.memory, 1.0))))

    @property
    def _place(self) -> str:
        return "cpu" if self.device.type == "cpu" else "other"

    @cached_property
    def _copies(self) -> threading.local:
        return threading.local()

    @property
    def copy(self) -> nn.Module:
        """This thread's copy of the module."""
        held = self._copies
        if not hasattr(held, "module"):
            held.module = copy.deepcopy(self.risk)
        return held.module

    def _parts(self) -> Iterator[Samples]:
        most = self.samples_at_a_time
        if most >= self.samples:
            yield self.data
            return
        for begin in range(0, self.samples, most):
            yield self.data.select(slice(begin, begin + most))


def place(problem: ModuleProblem, dtype: torch.dtype, device: torch.device) -> ModuleProblem:
    """A problem in a precision and on a device; real numbers are cast, whole numbers are not."""
    risk = copy.deepcopy(problem.risk).to(device=device, dtype=dtype)
    return replace(problem, risk=risk, data=problem.data.to(dtype, device), precision=dtype)


def measure_memory(problem: ModuleProblem) -> float:
    """Bytes of intermediate values that its slopes need, of one sample at one point."""
    few = problem.data.select(np.arange(min(MEASURED_SAMPLES, problem.samples)))
    theta = torch.tensor(problem.start, dtype=problem.dtype, device=problem.device, requires_grad=True)
    same_at_all_points = {tensor.untyped_storage().data_ptr() for tensor in (theta, *few.tensors)}
    kept: dict[int, int] = {}

    def keep(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        problem.ask(theta, few)
    return TWICE * sum(size for place, size in kept.items() if place not in same_at_all_points) / few.count
