"""A model and its loss as one torch module that gives the loss of every sample: the terms of an empirical risk."""

from __future__ import annotations

import copy
import inspect
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.utils import _pytree as pytree

from landscape_core.errors import ProblemError
from landscape_core.problems.custom.samples import Tree


class Risk(nn.Module):
    """A model and its loss.

    The loss of one sample is had with `reduction="none"` where the loss knows it, else from the rows that it gives, else
    (`one_by_one`) by batches of one sample.

    Args:
        model: A module of the caller's own; nothing else may use it.
        loss: `loss(outputs, targets)`, a module or a function, or `loss(model, inputs, targets)`.
        output: What of the model's outputs the loss takes; None for all, or `.logits` where a loss of torch's takes it.
    """

    def __init__(
        self, model: nn.Module, loss: Callable[..., Tensor], output: Callable[[Any], Any] | None = None
    ) -> None:
        super().__init__()
        self.model = model
        self.takes_model = _takes_model(loss)
        self.loss = _separate(loss)
        self.given_loss = loss
        self.one_by_one = False
        self.output = output
        self.is_torchs = (getattr(loss, "__module__", None) or type(loss).__module__ or "").startswith("torch.nn")

    def forward(self, inputs: Tree, targets: Tree, what: str = "losses") -> Any:  # noqa: ANN401
        """One of the methods below by its name, so that parameters can be replaced for the time of a call."""
        return getattr(self, what)(inputs, targets)

    def losses(self, inputs: Tree, targets: Tree) -> Float[Tensor, "N"]:
        """The loss of every sample; trailing axes, as of a sequence, are averaged."""
        if self.one_by_one and self.takes_model:
            return split_batch(lambda x, t: self.given_loss(self.model, x, t), inputs, targets)
        if self.one_by_one:
            return split_batch(partial(call_loss, self.given_loss), self.outputs(inputs, targets), targets)
        rows = self.rows(inputs, targets)
        return rows.flatten(1).mean(1) if rows.dim() > 1 else rows

    def rows(self, inputs: Tree, targets: Tree) -> Tensor:
        """What the loss gives where it is asked not to average."""
        if self.takes_model:
            return self.loss(self.model, inputs, targets)
        return call_loss(self.loss, self.outputs(inputs, targets), targets)

    def given(self, inputs: Tree, targets: Tree) -> Tensor:
        """The loss of a batch as it was given."""
        if self.takes_model:
            return self.given_loss(self.model, inputs, targets).mean()
        return call_loss(self.given_loss, self.outputs(inputs, targets), targets).mean()

    def outputs(self, inputs: Tree, _: Tree) -> Any:  # noqa: ANN401  whatever a model gives
        """What the loss takes of the model's outputs."""
        if isinstance(inputs, Mapping):
            found = self.model(**inputs)
        elif isinstance(inputs, tuple | list):
            found = self.model(*inputs)
        else:
            found = self.model(inputs)
        if self.output is not None:
            return self.output(found)
        return found.logits if self.is_torchs and hasattr(found, "logits") else found


class FunctionRisk(nn.Module):
    """A function of named parameters and of the samples in the place of a model with a loss.

    Args:
        losses: `losses(parameters, *data)` → (N,); it takes one tensor in the place of names if `parameters` is one.
        parameters: Their values at the start point.
    """

    def __init__(self, losses: Callable[..., Tensor], parameters: Mapping[str, Tensor] | Tensor) -> None:
        super().__init__()
        self.given_loss = losses
        self.named = isinstance(parameters, Mapping)
        self.names = list(parameters) if isinstance(parameters, Mapping) else ["theta"]
        held = parameters.values() if isinstance(parameters, Mapping) else [parameters]
        self.values = nn.ParameterList([nn.Parameter(tensor) for tensor in held])

    def forward(self, inputs: Tree, targets: Tree, what: str = "losses") -> Any:  # noqa: ANN401
        """As of `Risk`."""
        return getattr(self, what)(inputs, targets)

    def losses(self, inputs: Tree, _: Tree) -> Float[Tensor, "N"]:
        """The loss of every sample."""
        held = list(self.values)
        return self.given_loss(dict(zip(self.names, held, strict=True)) if self.named else held[0], *inputs)

    def given(self, inputs: Tree, targets: Tree) -> Tensor:
        """The mean over the samples: there is no other loss of a batch."""
        return self.losses(inputs, targets).mean()


def call_loss(loss: Callable[..., Tensor], outputs: Any, targets: Tree) -> Tensor:  # noqa: ANN401  whatever a model gives
    """The loss of outputs; where there are no targets it takes the outputs alone."""
    return loss(outputs) if targets is None else loss(outputs, targets)


def split_batch(function: Callable[[Any, Any], Tensor], first: Tree, second: Tree) -> Float[Tensor, "N"]:
    """A function of two batches, by batches of one sample each."""
    leaves, structure = pytree.tree_flatten((first, second))
    places = [place for place, leaf in enumerate(leaves) if isinstance(leaf, Tensor)]

    def single(*tensors: Tensor) -> Tensor:
        held = list(leaves)
        for place, tensor in zip(places, tensors, strict=True):
            held[place] = tensor[None]
        return function(*pytree.tree_unflatten(held, structure)).mean()

    tensors = [leaves[place] for place in places]
    try:
        return torch.vmap(single)(*tensors)
    except RuntimeError:  # without a batching rule
        return torch.stack([single(*row) for row in zip(*tensors, strict=True)])


def own_copy(part: Any, noun: str) -> Any:  # noqa: ANN401  a model or a loss
    """A deep copy, without what `torch.compile` and data parallelism wrap around a module.

    Raises:
        ProblemError: It cannot be copied, or is of a kind that gives no derivatives.
    """
    while isinstance(part, nn.Module) and (inner := getattr(part, "_orig_mod", None)) is not None:
        part = inner
    if isinstance(part, nn.DataParallel | nn.parallel.DistributedDataParallel):
        part = part.module
    if isinstance(part, torch.jit.ScriptModule):
        raise ProblemError(
            f"the {noun} is a TorchScript module, whose parameters cannot be replaced: give the original module"
        )
    if not isinstance(part, nn.Module):
        return part
    if any(nn.parameter.is_lazy(tensor) for tensor in (*part.parameters(), *part.buffers())):
        raise ProblemError(f"the {noun} has lazy layers without a shape: run one batch through it first")
    complex_ones = [name for name, tensor in part.named_parameters() if tensor.is_complex()]
    if complex_ones:
        raise ProblemError(
            f"the {noun} has complex parameters ({', '.join(complex_ones)}): only real ones are supported"
        )
    try:
        return copy.deepcopy(part)
    except Exception as error:
        raise ProblemError(
            f"the {noun} cannot be copied ({error}); with torch.nn.utils.weight_norm use "
            "torch.nn.utils.parametrizations.weight_norm"
        ) from error


def _takes_model(loss: Callable[..., Tensor]) -> bool:
    """Whether a loss takes (model, inputs, targets)."""
    if isinstance(loss, nn.Module):
        return False
    try:
        known = inspect.signature(loss).parameters.values()
    except (TypeError, ValueError):
        return False
    required = [
        one
        for one in known
        if one.default is one.empty and one.kind in {one.POSITIONAL_ONLY, one.POSITIONAL_OR_KEYWORD}
    ]
    return len(required) == 3


def _separate(loss: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A loss that gives rows where it can be asked to; it shares what it holds with the loss as given."""
    if isinstance(loss, nn.Module):
        if not hasattr(loss, "reduction"):
            return loss
        apart = copy.copy(loss)
        setattr(apart, "reduction", "none")  # noqa: B010  mypy takes a module's attributes for tensors
        return apart
    try:
        known = inspect.signature(loss).parameters
    except (TypeError, ValueError):
        return loss
    return partial(loss, reduction="none") if "reduction" in known else loss
