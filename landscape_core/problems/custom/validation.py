"""Whether a problem fits a table of samples, asked of the problem itself and not of a list of classes.

A problem must give each sample its own loss, whatever the others are; the same at every call; and slopes that are those of
its losses. What fails is a finding, in words that name the layer or the loss and say what to do.
"""

from __future__ import annotations

import logging
import random
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from landscape_core.problems.custom.finding import Finding, explain_loss, explain_rows, list_outputs, name_layer
from landscape_core.problems.custom.module import LADDER, ModuleProblem, Rung
from landscape_core.problems.problem import Problem

logger = logging.getLogger(__name__)

PROBED_SAMPLES = 200
"""Samples that are probed, at most."""

STEP = 1e-5
"""Of central differences, as a share of the length of the start point; a hundredth of it is tried last."""

AGREE = {torch.float64: 1e-9, torch.float32: 1e-4}
"""How far losses of the same sample may differ, relative to their size: rounding in another order."""

SLOPES_AGREE = {torch.float64: 1e-5, torch.float32: 3e-2}
"""Likewise slopes and central differences."""


def validate(problem: Problem) -> tuple[Finding, ...]:
    """What is wrong with a problem; empty if nothing is.

    Differences of losses are sharp in float64 only: make the problem in float64 for this.
    """
    return settle(problem)[1] if isinstance(problem, ModuleProblem) else _probe(problem)[1]


def settle(problem: ModuleProblem) -> tuple[ModuleProblem, tuple[Finding, ...]]:
    """A module's problem evaluated in the first way that is right, and what is wrong with it."""
    found, findings = _probe(problem)
    return (replace(problem, how=found.how) if isinstance(found, ModuleProblem) else problem), findings


def _probe(problem: Problem) -> tuple[Problem, tuple[Finding, ...]]:
    generator = np.random.default_rng(0)
    rows = np.sort(generator.permutation(problem.samples)[:PROBED_SAMPLES])
    few = problem.select(rows) if len(rows) < problem.samples else problem
    if isinstance(few, ModuleProblem):
        few = replace(few, how=LADDER[1])  # what runs in a loop only is found out, too
    start = generator.uniform(-0.3, 0.3, few.parameters) if few.start is None else few.start
    theta = torch.tensor(start, dtype=few.dtype, device=few.device)
    with warnings.catch_warnings(), torch.no_grad(), seeded(0):
        warnings.simplefilter("ignore")
        try:
            first = _check_call(few, theta)
        except Exception as error:  # the user's code may raise anything
            return few, (Finding("error", f"the loss of a batch of {few.samples} cannot be computed: {error}"),)
        if isinstance(first, Finding):
            return few, (first,)
        findings = _check_randomness(few, theta)
        if not findings:
            findings = [*_check_coupling(few, theta, first), *_check_given(few, theta)]
            if not findings:
                few, findings = _check_slopes(few, theta, generator)
    return few, tuple(findings)


def _check_call(problem: Problem, theta: Tensor) -> Tensor | Finding:
    """The losses at the start point, or why they are of no use."""
    before = theta.clone()
    losses = problem(theta[None])
    if not torch.equal(theta, before):
        return Finding("state", "the model changes its parameters while it is evaluated, as Embedding(max_norm=…) does")
    if losses.shape != (1, problem.samples):
        return explain_rows(problem, theta) or Finding(
            "shape",
            f"losses came in the shape {tuple(losses.shape[1:])} for {problem.samples} samples: there must be one for each",
        )
    bad = (~losses[0].isfinite()).nonzero()[:, 0]
    if len(bad):
        return Finding(
            "not finite",
            f"the losses of {len(bad)} of {problem.samples} samples are not finite at the start point (the first is number "
            f"{int(bad[0])}): look for NaN in the data, log(0) or a division by 0",
        )
    return losses[0]


def _check_randomness(problem: Problem, theta: Tensor) -> list[Finding]:
    def call_twice(function: Callable[[Problem, Tensor], Any]) -> list[Any]:
        found = []
        for seed in (1, 2):
            with seeded(seed):
                found.append(function(problem, theta))
        return found

    if torch.equal(*call_twice(lambda part, point: part(point[None]))):
        return []
    where = name_layer(*call_twice(list_outputs))
    return [Finding("random", f"{where} draws random numbers: each call gives other losses; use it in eval() mode")]


def _check_coupling(problem: Problem, theta: Tensor, losses: Tensor) -> list[Finding]:
    """Whether some samples have the losses alone that they have among all."""
    count = problem.samples
    order = np.random.default_rng(1).permutation(count)
    for size in sorted({size for size in (count - 1, count // 2, 3, 1) if 0 < size < count}, reverse=True):
        rows = np.sort(order[:size])
        try:
            alone = problem.select(rows)(theta[None])[0]
        except Exception as error:
            return [
                Finding("coupled", f"samples are coupled: the loss of {size} of the {count} samples fails with {error}")
            ]
        if not _close(alone, losses[torch.from_numpy(rows).to(losses.device)], AGREE[problem.dtype]):
            broadcast = explain_rows(problem, theta)
            if broadcast is not None:
                return [broadcast]
            where = name_layer(list_outputs(problem, theta), list_outputs(problem.select(rows), theta), rows)
            return [
                Finding(
                    "coupled",
                    f"samples are coupled by {where}: a sample's loss depends on the others of its batch; use batch "
                    "normalisation in eval() mode with running statistics, or normalise each sample on its own",
                )
            ]
    return []


def _check_given(problem: Problem, theta: Tensor) -> list[Finding]:
    """Whether the loss of a batch, as it was given, is the mean of the losses of its samples."""
    if not isinstance(problem, ModuleProblem) or problem.scale != 1.0:
        return []
    for size in (problem.samples, max(1, problem.samples // 2), min(3, problem.samples)):
        part = problem.select(np.arange(size))
        given, mean = part.mean_as_given(theta), float(part(theta[None]).mean())
        if not abs(given - mean) <= AGREE[problem.dtype] * max(abs(given), abs(mean)):
            return [explain_loss(problem, given, mean, size)]
    return []


def _check_slopes(problem: Problem, theta: Tensor, generator: np.random.Generator) -> tuple[Problem, list[Finding]]:
    """The first way whose slopes are those of the losses."""
    direction = torch.tensor(generator.standard_normal(len(theta)), dtype=theta.dtype, device=theta.device)
    direction /= direction.norm()
    reasons = []
    for rung in LADDER if isinstance(problem, ModuleProblem) else (None,):
        way = replace(problem, how=rung) if isinstance(problem, ModuleProblem) and isinstance(rung, Rung) else problem
        points = torch.stack([theta, theta + 1e-3 * theta.norm() * direction])  # two, so that all ways differ
        try:
            losses, (slopes,) = way.loss_and_slopes(points, direction[None])
            same = _close(losses[0], problem(points[:1])[0], AGREE[problem.dtype])
        except Exception as error:
            if "scaled_dot_product" in str(error) and _prefer_plain_attention():
                return _check_slopes(problem, theta, np.random.default_rng(0))
            reasons.append(f"it cannot be differentiated: {error}")
            continue
        wrong, worst = _compare_slopes(problem, theta, direction, slopes[0])
        if same and not wrong:
            return way, []
        reasons.insert(
            0,
            f"slopes are not those of the losses, for {wrong} of {problem.samples} samples, by up to {worst:.1g} of the "
            "slope: a value leaves the graph (.item(), .detach(), numpy), or a gradient is replaced by another",
        )
    return problem, [Finding("slopes", reasons[0])]


def _prefer_plain_attention() -> bool:
    """Attention by plain products, for the whole process: fused kernels have no second derivative. Whether that is new.

    It is never put back: torch keeps this in globals of the process, which other threads read at the same time.
    """
    fused = torch.backends.cuda.flash_sdp_enabled() or torch.backends.cuda.mem_efficient_sdp_enabled()
    if not fused and not torch.backends.mha.get_fastpath_enabled():
        return False
    torch.backends.cuda.enable_flash_sdp(False)
    torch.backends.cuda.enable_mem_efficient_sdp(False)
    torch.backends.cuda.enable_cudnn_sdp(False)
    torch.backends.mha.set_fastpath_enabled(False)
    logger.warning("fused attention is switched off in this process: it has no second derivative")
    return True


def _compare_slopes(problem: Problem, theta: Tensor, direction: Tensor, slopes: Tensor) -> tuple[int, float]:
    """For how many samples slopes differ from central differences, and by how much at most, relative to the largest slope.

    Where a sample's kink lies within a step its differences of two steps differ, and so much is allowed; those that still
    disagree are asked again with smaller steps.
    """
    size = float(slopes.abs().max()) or 1.0
    wrong = torch.ones_like(slopes, dtype=torch.bool)
    off = torch.zeros_like(slopes)
    reach = max(float(theta.norm()), 1.0)
    for step in (STEP * reach, STEP * reach / 10, STEP * reach / 100):
        one, two = (
            (problem((theta + h * direction)[None])[0] - problem((theta - h * direction)[None])[0]) / (2 * h)
            for h in (step, 2 * step)
        )
        off = (slopes - one).abs()
        # rounding of the losses, divided by the step
        allowed = SLOPES_AGREE[problem.dtype] * size + (one - two).abs() + 1e2 * torch.finfo(theta.dtype).eps / step
        wrong = wrong & ~(off <= allowed)
        if not wrong.any():
            return 0, 0.0
    return int(wrong.sum()), float(off[wrong].max()) / size


def _close(found: Tensor, expected: Tensor, tolerance: float) -> bool:
    size = float(expected.abs().max()) if len(expected) else 0.0
    return found.shape == expected.shape and bool(((found - expected).abs() <= tolerance * max(size, 1e-300)).all())


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """With the global streams of torch, numpy and Python at a seed; they are put back afterwards."""
    kept = random.getstate(), np.random.get_state()  # noqa: NPY002  the user's code may draw from it
    with torch.random.fork_rng():
        torch.manual_seed(seed)  # noqa: TID251  within fork_rng
        np.random.seed(seed)  # noqa: NPY002, TID251  put back below
        random.seed(seed)
        try:
            yield
        finally:
            random.setstate(kept[0])
            np.random.set_state(kept[1])  # noqa: NPY002
