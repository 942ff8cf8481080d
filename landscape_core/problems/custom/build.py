"""Problems from a model, its loss and its samples, or from a function; refused with all that is wrong with them."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy import ndarray
from torch import Tensor, nn

from landscape_core.errors import ProblemError
from landscape_core.problems.custom.finding import Finding
from landscape_core.problems.custom.module import ModuleProblem, Rung, measure_memory, place
from landscape_core.problems.custom.risk import FunctionRisk, Risk, own_copy
from landscape_core.problems.custom.samples import Tree, gather
from landscape_core.problems.custom.validation import seeded, settle
from landscape_core.problems.custom.weights import load_weights

CPU = torch.device("cpu")

OTHER_IN_TRAINING = (
    *(nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d, nn.SyncBatchNorm),
    *(nn.Dropout, nn.Dropout1d, nn.Dropout2d, nn.Dropout3d, nn.AlphaDropout, nn.FeatureAlphaDropout),
)
"""Modules that normalise by the batch or drop at random in train() mode, and do not in eval() mode."""

FEW = 20
"""Samples that decide how the loss of one sample is had."""


def from_module(
    model: nn.Module,
    loss: Any,  # noqa: ANN401  callable, or the data loader where the loss comes after it
    inputs: Tree,
    targets: Tree = None,
    *,
    output: Callable[[Any], Any] | None = None,
    weights: Path | str | Mapping[str, Tensor] | None = None,
    evaluate: bool = True,
    normalise: Literal["batch", "samples"] = "batch",
    dtype: torch.dtype = torch.float64,
    device: torch.device | str = CPU,
    name: str = "",
    notes: Mapping[str, Any] | None = None,
    check: bool = True,
) -> ModuleProblem:
    """A problem from any torch module; see `Problem.from_module`."""
    if not callable(loss) and callable(inputs):  # (model, data_loader, loss), as many write it
        loss, inputs = inputs, loss
    where = torch.device(device)
    own = own_copy(model, "model")
    remarks = ["the model is a copy in eval() mode; the one given is not touched"] if evaluate else []
    if evaluate and (trained := _list_other_in_training(model)):
        remark = f"{', '.join(trained)} came in train() mode and would act otherwise there; the copy is in eval() mode"
        remarks.append(remark)
        if weights is None:  # which are those of a training that has ended
            warnings.warn(f"{remark}. Call model.eval() first if that is meant", stacklevel=3)
    if weights is not None:
        remarks += load_weights(own, weights)
    risk = Risk(own.eval() if evaluate else own, own_copy(loss, "loss"), output)
    if not any(tensor.requires_grad for tensor in risk.parameters()):
        raise ProblemError("the model has no trainable parameter: all are frozen, or there is none")
    said = {
        **(notes or {}),
        "model": name or type(own).__name__,
        "loss": type(loss).__name__ if isinstance(loss, nn.Module) else getattr(loss, "__name__", type(loss).__name__),
        "remarks": remarks,
    }
    problem = ModuleProblem(risk, gather(inputs, targets), notes=said)
    return _finish(problem, dtype, where, normalise, check)


def _list_other_in_training(model: nn.Module) -> list[str]:
    """The modules in train() mode that would act otherwise there."""
    return [
        f"{name or 'the model'} ({type(part).__name__})"
        for name, part in model.named_modules()
        if isinstance(part, OTHER_IN_TRAINING) and part.training and getattr(part, "p", 1) > 0
    ]


def from_function(
    losses: Callable[..., Tensor],
    parameters: Mapping[str, Any] | Any,  # noqa: ANN401  arrays or tensors
    *data: Any,  # noqa: ANN401  arrays or tensors
    dtype: torch.dtype = torch.float64,
    device: torch.device | str = CPU,
    name: str = "",
    check: bool = True,
) -> ModuleProblem:
    """A problem from a function of parameters and samples; see `Problem.from_function`."""
    if not data:
        raise ProblemError(
            "give the samples too, as tensors whose first axis is the sample: from_function(losses, parameters, x, t)"
        )
    held = (
        {key: torch.as_tensor(value, dtype=torch.float64).clone() for key, value in parameters.items()}
        if isinstance(parameters, Mapping)
        else torch.as_tensor(parameters, dtype=torch.float64).clone()
    )
    risk = FunctionRisk(losses, held)
    notes: dict[str, Any] = {"model": name or getattr(losses, "__name__", "function"), "remarks": []}
    problem = ModuleProblem(
        risk,
        gather(tuple(one if isinstance(one, Tensor | ndarray) else np.asarray(one) for one in data)),
        notes=notes,
        names=tuple(risk.names),
    )
    return _finish(problem, dtype, torch.device(device), "batch", check)


def _finish(
    problem: ModuleProblem,
    dtype: torch.dtype,
    device: torch.device,
    normalise: Literal["batch", "samples"],
    check: bool,
) -> ModuleProblem:
    """Probed in float64, then in its own precision."""
    sharp = place(problem, torch.float64, CPU if device.type == "mps" else device)
    with warnings.catch_warnings(), seeded(0):
        warnings.simplefilter("ignore")  # what torch warns of, such as shapes that broadcast, is found and said
        sharp = _choose_terms(sharp)
        if normalise == "samples":
            sharp = _normalise(sharp)
        findings: tuple[Finding, ...] = ()
        if check:
            sharp, findings = settle(sharp)
        if findings:
            raise ProblemError(
                "this model cannot be looked at sample by sample:\n" + "\n".join(f"- {finding}" for finding in findings)
            )
        sharp = replace(sharp, memory=measure_memory(sharp))
    return place(sharp, dtype, device)


def _few(problem: ModuleProblem) -> ModuleProblem:
    """A handful of its samples, one point at a time."""
    return replace(problem, data=problem.data.select(slice(0, min(problem.samples, FEW))), how=Rung(vectorised=False))


def _choose_terms(problem: ModuleProblem) -> ModuleProblem:
    """By batches of one sample, where the loss gives no rows, or where rows do not average to it and batches of one do."""
    if not isinstance(problem.risk, Risk):
        return problem
    few = _few(problem)
    theta = torch.tensor(few.start, dtype=few.dtype, device=few.device)
    risk = copy.deepcopy(problem.risk)
    risk.one_by_one = True
    alone = replace(problem, risk=risk)

    def is_mean(one: ModuleProblem) -> bool:
        return abs(one.mean_as_given(theta) - float(one(theta[None]).mean())) <= 1e-9 * abs(one.mean_as_given(theta))

    with torch.no_grad():
        try:
            if few.ask(theta, few.data, "rows").dim() == 0:
                return alone
            return alone if not is_mean(few) and is_mean(_few(alone)) else problem
        except Exception:  # what is wrong is said by the probe
            return problem


def _normalise(problem: ModuleProblem) -> ModuleProblem:
    """Losses times a number for which their mean over all samples is the loss of all as one batch.

    Raises:
        ProblemError: There is no such number, as it differs from point to point.
    """
    start = torch.tensor(problem.start, dtype=problem.dtype, device=problem.device)
    other = start + 0.1 * torch.tensor(np.random.default_rng(0).standard_normal(len(start))).to(start)
    with torch.no_grad():
        one, two = (problem.mean_as_given(theta) / float(problem(theta[None]).mean()) for theta in (start, other))
    if not abs(one - two) <= 1e-9 * abs(one):
        raise ProblemError(
            f'normalise="samples" does not suit this loss: as one batch it is {one:.6g} times the mean of the '
            f"samples' losses at the start point and {two:.6g} times at another"
        )
    remark = f"each sample's loss is multiplied by {one:.6g}: their mean over all samples is the loss as it was given"
    notes = {**problem.notes, "remarks": [*problem.notes["remarks"], remark]}
    return replace(problem, scale=one, notes=notes)
