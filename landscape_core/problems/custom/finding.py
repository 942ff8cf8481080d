"""Findings about a problem, and how they come by their words: which layer it is, and what is wrong with a loss."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import torch
from numpy import ndarray
from torch import Tensor, nn

from landscape_core.problems.custom.module import ModuleProblem
from landscape_core.problems.custom.risk import Risk
from landscape_core.problems.problem import Problem

Kind = Literal["error", "state", "shape", "not finite", "random", "coupled", "not a mean", "slopes"]

Outputs = list[tuple[str, Tensor]]
"""Outputs of layers, each with what the layer is called, in the order of their calls."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a problem.

    Attributes:
        kind: What it is about.
        text: What was found and what to do, for a reader.
    """

    kind: Kind
    text: str

    def __str__(self) -> str:
        return self.text


def name_layer(first: Outputs, second: Outputs, rows: ndarray | None = None) -> str:
    """The first layer whose outputs differ between two runs, in words; what comes after the model if none does.

    Args:
        first: Outputs of all layers in one run.
        second: The same in another.
        rows: The samples of the second run, where it has only some of those of the first.
    """
    for (name, one), (_, other) in zip(first, second, strict=False):
        kept = one if rows is None else one[torch.from_numpy(rows)] if one.dim() and len(one) > rows.max() else one[:0]
        if kept.shape == other.shape and not bool((kept - other).abs().max() <= 1e-9 * other.abs().max()):
            return name
    return "the loss"


def list_outputs(problem: Problem, theta: Tensor) -> Outputs:
    """The outputs of all layers that have no layers of their own, in the order of their calls, and of the model."""
    if not isinstance(problem, ModuleProblem) or not isinstance(problem.risk, Risk):
        return []
    found: list[tuple[str, Tensor]] = []

    def note(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(module: nn.Module, _: Any, output: Any) -> None:  # noqa: ANN401
            held = output[0] if isinstance(output, tuple) and output else getattr(output, "logits", output)
            if isinstance(held, Tensor) and held.is_floating_point():
                called = f"layer {name!r} ({type(module).__name__})" if name else f"the model ({type(module).__name__})"
                found.append((called, held.detach().clone()))

        return hook

    model: nn.Module = problem.copy.get_submodule("model")
    hooks = [
        part.register_forward_hook(note(name))
        for name, part in model.named_modules()
        if not name or not list(part.children())
    ]
    try:
        problem.ask(theta, problem.data)
    finally:
        for hook in hooks:
            hook.remove()
    return found


def explain_rows(problem: Problem, theta: Tensor) -> Finding | None:
    """Targets that broadcast against the outputs, so that each output meets the targets of other samples."""
    if not isinstance(problem, ModuleProblem) or not isinstance(problem.risk, Risk) or problem.risk.takes_model:
        return None
    outputs, rows = (problem.ask(theta, problem.data, what) for what in ("outputs", "rows"))
    targets = problem.data.targets
    if not isinstance(outputs, Tensor) or not isinstance(targets, Tensor):
        return None
    if rows.numel() <= max(outputs.numel(), targets.numel()):
        return None
    return Finding(
        "shape",
        f"the model's outputs have the shape {tuple(outputs.shape)} and the targets {tuple(targets.shape)}: they broadcast "
        f"to {tuple(rows.shape)}, and each output would meet the targets of other samples; give both the same shape",
    )


def explain_loss(problem: ModuleProblem, given: float, mean: float, size: int) -> Finding:
    """Why the loss of a batch is not the mean of the losses of its samples."""
    loss = getattr(problem.risk, "given_loss", None)
    name = type(loss).__name__ if isinstance(loss, nn.Module) else getattr(loss, "__name__", "the loss")
    ignored = getattr(loss, "ignore_index", None)
    targets = problem.data.targets
    either = 'or pass normalise="samples", which divides by the same number for every mini-batch'
    if getattr(loss, "weight", None) is not None:
        why = f"it divides by the class weights of a batch: leave the weights out, {either}"
    elif isinstance(targets, Tensor) and ignored is not None and bool((targets == ignored).any()):
        count = int((targets == ignored).sum())
        why = f"it leaves out targets of {ignored} (ignore_index), {count} of {targets.numel()} here: drop these, {either}"
    elif getattr(loss, "reduction", None) == "sum" or abs(given - size * mean) <= 1e-6 * abs(given):
        why = f'it adds up over the samples: use reduction="mean", {either}'
    else:
        why = (
            "a mini-batch is not the mean of its samples: use a loss that is, as the squared error in place of its root"
        )
    return Finding(
        "not a mean",
        f"{name} of a batch of {size} is {given:.6g}, and the mean of its samples' losses {mean:.6g}; {why}",
    )
