"""Samples of one's own: tensors, or tuples and dictionaries of them, whose first axis is the sample; data loaders.

A data loader is read once, and what it gave is kept, so that shuffling and augmentation cannot change a landscape later.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

import numpy as np
import torch
from numpy import ndarray
from torch import Tensor
from torch.utils import _pytree as pytree
from torch.utils.data import DataLoader, RandomSampler

from landscape_core.errors import ProblemError, check_budget

Tree = Any
"""A tensor, or tuples, lists and dictionaries of tensors."""

MAX_BYTES = 4 * 2**30
"""The most that a data loader may give: it is kept in memory."""

TARGET_NAMES = ("labels", "label", "targets", "target", "y")
"""What the targets may be called in a batch that is a dictionary."""


@dataclass(frozen=True, eq=False)
class Samples:
    """Inputs and targets of N samples.

    Attributes:
        inputs: What the model takes: one tensor, several (a tuple) or named ones (a dictionary).
        targets: What the loss takes beside the outputs; None if it takes nothing else.
        notes: What a reader should know of how they were read.
    """

    inputs: Tree
    targets: Tree
    notes: tuple[str, ...] = ()

    @property
    def tensors(self) -> list[Tensor]:
        """All tensors in order, inputs first."""
        return _leaves((self.inputs, self.targets))

    @property
    def count(self) -> int:
        """N."""
        return len(self.tensors[0])

    def select(self, rows: ndarray | slice) -> Samples:
        """Some of the samples, by number."""
        where = rows if isinstance(rows, slice) else torch.from_numpy(np.asarray(rows, dtype=np.int64))
        return self._map(lambda tensor: tensor[where if isinstance(where, slice) else where.to(tensor.device)])

    def to(self, dtype: torch.dtype, device: torch.device) -> Samples:
        """On a device, and real numbers in a precision; whole numbers and truth values stay what they are."""
        return self._map(lambda tensor: tensor.to(device, dtype if tensor.is_floating_point() else None))

    def digest(self) -> str:
        """SHA-256 of names, shapes, types and bytes."""
        found = sha256(str(pytree.tree_structure((self.inputs, self.targets))).encode())
        for tensor in self.tensors:
            hash_tensor(found, tensor)
        return found.hexdigest()

    def _map(self, function: Any) -> Samples:  # noqa: ANN401  tensor → tensor
        inputs, targets = pytree.tree_map_only(Tensor, function, (self.inputs, self.targets))
        return replace(self, inputs=inputs, targets=targets)


def hash_tensor(found: Any, tensor: Tensor) -> None:  # noqa: ANN401  hashlib's object
    """Shape, type and bytes of a tensor into a hash."""
    held = tensor.detach().cpu().contiguous()
    found.update(f"{tuple(held.shape)} {held.dtype}".encode())
    found.update(held.reshape(-1).view(torch.uint8).numpy().tobytes() if held.numel() else b"")


def gather(inputs: Tree, targets: Tree = None) -> Samples:
    """Samples from inputs and targets at hand, or from a data loader in place of the two.

    Args:
        inputs: Tensors or arrays, or an iterable of batches: pairs (inputs, targets), or dictionaries with "labels".
        targets: Tensors or arrays; None with a data loader.

    Raises:
        ProblemError: They are no tensors, or not as many as one another.
        BudgetError: A data loader gives more than `MAX_BYTES`.
    """
    if isinstance(inputs, DataLoader) or (targets is None and not _is_tree(inputs)):
        return _read(inputs)
    found = Samples(_to_tensors(inputs, "inputs"), None if targets is None else _to_tensors(targets, "targets"))
    if not found.tensors or any(tensor.dim() == 0 for tensor in found.tensors):
        raise ProblemError("inputs and targets must be tensors whose first axis is the sample")
    counts = {"inputs": _count(found.inputs), "targets": _count(found.targets)}
    if len(set.union(*counts.values())) != 1:
        said = ", ".join(f"{' and '.join(map(str, sorted(some)))} {name}" for name, some in counts.items() if some)
        raise ProblemError(f"inputs and targets must be as many as one another; there are {said}")
    if found.count == 0:
        raise ProblemError("there are no samples")
    return found


def _count(tree: Tree) -> set[int]:
    return {len(tensor) for tensor in _leaves(tree)}


def _leaves(tree: Tree) -> list[Tensor]:
    return [leaf for leaf in pytree.tree_leaves(tree) if isinstance(leaf, Tensor)]


def _is_tree(inputs: object) -> bool:
    """Whether these are inputs themselves, and no iterable of batches."""
    if isinstance(inputs, Tensor | ndarray | Mapping):
        return True
    return isinstance(inputs, tuple) and all(isinstance(part, Tensor | ndarray) for part in inputs)


def _to_tensors(tree: Tree, noun: str) -> Tree:
    """Arrays and lists of numbers as tensors of their own; the user's are not shared, as they may change later."""
    if isinstance(tree, list) and tree and not isinstance(tree[0], Tensor | ndarray):
        tree = np.asarray(tree)
    if isinstance(tree, Mapping):
        tree = dict(tree)  # of any class

    def convert(leaf: object) -> Tensor:
        if isinstance(leaf, Tensor):
            return leaf.detach().clone()
        if isinstance(leaf, ndarray) and leaf.dtype.kind in "biuf":
            return torch.tensor(leaf)
        raise ProblemError(f"{noun} must be tensors or numeric arrays; there is a {type(leaf).__name__}")

    return pytree.tree_map(convert, tree)


def _read(loader: Any) -> Samples:  # noqa: ANN401  whatever was given in the place of inputs
    """What an iterable of batches gives, joined."""
    notes = []
    reader = loader
    if isinstance(loader, DataLoader):
        sampler = loader.sampler
        if isinstance(sampler, RandomSampler) and not sampler.replacement and loader.batch_size is not None:
            reader = DataLoader(
                loader.dataset,
                batch_size=loader.batch_size,
                collate_fn=loader.collate_fn,
                drop_last=loader.drop_last,
            )
            notes.append("the data loader shuffles: its samples were read once, in the order of its data set")
    batches, size = [], 0
    try:
        with torch.random.fork_rng(devices=[]):  # reading changes no stream of the caller's
            for batch in reader:
                batches.append(_split(batch))
                size += sum(tensor.nbytes for tensor in _leaves(batches[-1]))
                check_budget(
                    size, MAX_BYTES, "bytes of samples", "Give fewer samples: a data loader is kept in memory."
                )
    except TypeError as error:
        if batches:
            raise
        raise ProblemError(f"inputs must be tensors, or a data loader: an iterable of batches ({error})") from error
    if not batches:
        raise ProblemError("the data loader gives no batch: it is empty, or has been read to its end")
    try:
        inputs, targets = pytree.tree_map(lambda *parts: torch.cat(parts), *batches)
    except (RuntimeError, ValueError) as error:
        raise ProblemError(
            f"the batches of the data loader cannot be joined, as samples differ in shape ({error}): pad them to one length"
        ) from error
    found = gather(inputs, targets)
    held = len(loader.dataset) if isinstance(loader, DataLoader) and hasattr(loader.dataset, "__len__") else found.count
    if held != found.count:
        notes.append(f"{found.count} of {held} samples: the data loader gives no more, as with drop_last")
    return replace(found, notes=tuple(notes))


def _split(batch: Any) -> tuple[Tree, Tree]:  # noqa: ANN401  whatever a loader gives
    """A batch in inputs and targets."""
    if isinstance(batch, Mapping):
        name = next((name for name in TARGET_NAMES if name in batch), None)
        if name is None:
            raise ProblemError(
                f"a batch is a dictionary with {', '.join(map(repr, batch))}; its targets must be called one of "
                f"{', '.join(TARGET_NAMES)}"
            )
        rest = {key: value for key, value in batch.items() if key != name}
        inputs = next(iter(rest.values())) if len(rest) == 1 and name != "labels" else rest
        return _to_tensors(inputs, "inputs"), _to_tensors(batch[name], "targets")
    if isinstance(batch, tuple | list) and len(batch) >= 2:
        *inputs, targets = batch
        found = inputs[0] if len(inputs) == 1 else tuple(inputs)
        return _to_tensors(found, "inputs"), _to_tensors(targets, "targets")
    raise ProblemError(
        f"a batch must be a pair of inputs and targets or a dictionary; the data loader gives a {type(batch).__name__}"
    )
