"""The memory that a problem needs at one point, and what follows from it: counted, not timed, however busy a machine is."""

from __future__ import annotations

import weakref
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from landscape_core.problems.mlp import MLPProblem
from landscape_core.problems.problem import Problem
from landscape_core.statistics import sample_table

COUNTED_SAMPLES = 128
"""Samples that memory is counted with; that of all is in proportion."""

CHUNK_BYTES = 16e6
"""Memory of the slopes of a chunk on a CPU: in a cache's reach, where more points at a time stop to pay."""

ACCELERATOR_CHUNK_BYTES = 4e9
"""As `CHUNK_BYTES`, on cuda and mps."""

SECONDS_AT_LEAST, SECONDS_A_BYTE, SECONDS_A_BYTE_OF_OTHERS = 0.4e-6, 0.5e-9, 2e-9
"""What loss and slopes of one sample at one point take, or what each byte of their memory takes, if that is more: of
layers with slopes by hand, and of others."""


class _LiveBytes(TorchDispatchMode):
    """Adds up the storages that are alive."""

    def __init__(self) -> None:
        super().__init__()
        self.now = self.most = 0
        self._seen: set[int] = set()

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:  # noqa: ANN401
        out = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if isinstance(tensor, Tensor) and tensor.layout == torch.strided:
                self._add(tensor.untyped_storage())
        return out

    def _add(self, storage: Any) -> None:  # noqa: ANN401  torch.UntypedStorage
        place = storage._cdata  # noqa: SLF001  its identity
        if place not in self._seen:
            self._seen.add(place)
            self.now += storage.nbytes()
            self.most = max(self.most, self.now)
            weakref.finalize(storage, self._drop, place, storage.nbytes())

    def _drop(self, place: int, nbytes: int) -> None:
        self._seen.discard(place)
        self.now -= nbytes


_known: WeakKeyDictionary[Problem, float] = WeakKeyDictionary()


def count_bytes(problem: Problem) -> float:
    """Most memory of losses and slopes along two directions of all samples at one point, in bytes.

    That of layers with slopes by hand is known; of others it is counted at one point of some samples.
    """
    if problem not in _known:
        _known[problem] = _count_layers(problem) if isinstance(problem, MLPProblem) else _count_live(problem)
    return _known[problem]


def estimate_seconds(problem: Problem) -> float:
    """About how long one core takes for loss and slopes of one sample at one point."""
    each = SECONDS_A_BYTE if isinstance(problem, MLPProblem) else SECONDS_A_BYTE_OF_OTHERS
    return max(SECONDS_AT_LEAST, each * count_bytes(problem) / problem.samples)


def chunk_points(problem: Problem) -> int:
    """Points that are evaluated at a time."""
    device = problem.device.type
    memory = CHUNK_BYTES if device == "cpu" else ACCELERATOR_CHUNK_BYTES
    by_memory = memory / max(1.0, count_bytes(problem))
    return sample_table.round_chunk(min(sample_table.chunk_points(device, problem.samples), by_memory))


def _count_layers(problem: MLPProblem) -> float:
    values = 6 * sum(problem.network.sizes[1:])  # value and two tangents, before and after an activation
    return float(problem.samples * values * problem.dtype.itemsize)


def _count_live(problem: Problem) -> float:
    few = min(problem.samples, COUNTED_SAMPLES)
    some = problem.select(np.arange(few)) if few < problem.samples else problem
    start = np.zeros(problem.parameters) if problem.start is None else problem.start
    theta = torch.as_tensor(start, dtype=problem.dtype, device=problem.device)[None]
    along = torch.ones(2, problem.parameters, dtype=problem.dtype, device=problem.device)
    with torch.no_grad(), _LiveBytes() as held:
        some.loss_and_slopes(theta, along)
    return problem.samples / few * held.most
