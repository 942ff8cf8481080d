"""Start points: a problem's own, drawn, zero, or the end of a short training.

Training runs `torch.optim` on one flat vector, which gives bit for bit what it gives a module with parameters of its own.
Mini-batches come in epochs without replacement, from counter-based streams, so that the same description gives the same
start point.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
import torch
from jaxtyping import Float, Integer
from numpy import ndarray

from landscape_core.errors import NumericalError, SpecError
from landscape_core.problems.mlp import MLPProblem
from landscape_core.problems.problem import Problem
from landscape_core.random_streams import Purpose, batch_stream, start_draws

StartPoint = Literal["auto", "paper", "pytorch", "zero", "trained"]
Optimiser = Literal["adam", "momentum", "sgd"]

TRAIN_BATCH = 64
"""Samples in a mini-batch of the training, or all of them where there are fewer."""

KEPT_POINTS = 31
"""Points of a training that are kept, the first and the last among them."""

OPTIMISERS: dict[str, Callable[[list[torch.nn.Parameter], float], torch.optim.Optimizer]] = {
    "adam": lambda weights, rate: torch.optim.Adam(weights, lr=rate),
    "momentum": lambda weights, rate: torch.optim.SGD(weights, lr=rate, momentum=0.9),
    "sgd": lambda weights, rate: torch.optim.SGD(weights, lr=rate),
}

Vector = Float[ndarray, "P"]


@dataclass(frozen=True, eq=False)
class TrainingPath:
    """Points that a training went through, T of them.

    Attributes:
        steps: After how many steps, (T,).
        points: The parameters there, (T, P).
        loss: Loss of the full batch there, (T,).
    """

    steps: Integer[ndarray, "T"]
    points: Float[ndarray, "T P"]
    loss: Float[ndarray, "T"]


def find_start(spec: Any, problem: Problem) -> tuple[Vector, TrainingPath | None]:  # noqa: ANN401  a StudySpec
    """The start point of a study, and the path to it where it is trained.

    Raises:
        SpecError: The problem has no such start point.
        NumericalError: The training diverged.
    """
    drawn = start_draws(spec.seed, problem.parameters).start
    given = drawn if problem.start is None else problem.start
    if spec.start_point == "trained":
        path = train_start(
            problem, given, steps=spec.train_steps, optimiser=spec.train_optimiser, rate=spec.train_rate, seed=spec.seed
        )
        return path.points[-1], path
    if spec.start_point == "pytorch":
        return _initialise(problem, spec.seed), None
    return {"auto": given, "paper": drawn, "zero": np.zeros(problem.parameters)}[spec.start_point], None


def train_start(
    problem: Problem,
    start: Vector,
    *,
    steps: int = 300,
    optimiser: Optimiser = "adam",
    rate: float = 0.01,
    seed: int = 0,
) -> TrainingPath:
    """Train from a start point with mini-batches of up to `TRAIN_BATCH` samples.

    Args:
        problem: What is minimised.
        start: Where it begins.
        steps: How many.
        optimiser: adam, momentum (0.9) or sgd, as in `torch.optim`.
        rate: Learning rate.
        seed: Seed of the mini-batches.

    Raises:
        NumericalError: It diverged.
    """
    weights = torch.nn.Parameter(torch.as_tensor(start, dtype=problem.dtype, device=problem.device).clone())
    updates = OPTIMISERS[optimiser]([weights], rate)
    kept = np.unique(np.linspace(0, steps, min(KEPT_POINTS, steps + 1)).round().astype(int))
    points = [weights.detach().clone()]
    with torch.enable_grad():
        for step, rows in zip(range(1, steps + 1), _draw_epochs(problem.samples, seed), strict=False):
            updates.zero_grad()
            problem.select(rows)(weights[None]).mean().backward()
            updates.step()
            if step in kept:
                points.append(weights.detach().clone())
    found = np.stack([point.cpu().numpy().astype(np.float64) for point in points])
    if not np.isfinite(found).all():
        raise NumericalError(f"the training of the start point diverged: use a train_rate below {rate:g}")
    with torch.no_grad():
        loss = np.array([float(problem(point[None]).mean()) for point in points])
    return TrainingPath(kept, found, loss)


def _draw_epochs(samples: int, seed: int) -> Iterator[Integer[ndarray, "B"]]:
    """Mini-batches, epoch after epoch; samples that would not fill one are left out of their epoch."""
    size, epoch = min(TRAIN_BATCH, samples), 0
    while True:
        order = np.argsort(batch_stream(seed, Purpose.START, epoch).random_raw(samples), kind="stable")
        yield from order[: samples // size * size].reshape(-1, size)
        epoch += 1


def _initialise(problem: Problem, seed: int) -> Vector:
    """As `torch.nn.Linear` begins: weights and biases uniform in ±1/√(units before)."""
    if not isinstance(problem, MLPProblem):
        raise SpecError(
            "start_point", "pytorch", "auto, paper, zero or trained: auto is the module as it was handed over"
        )
    generator = np.random.Generator(batch_stream(seed, Purpose.START_WEIGHTS, 0))
    sizes = problem.network.sizes
    parts = [generator.uniform(-1, 1, (before + 1) * units) / np.sqrt(before) for before, units in pairwise(sizes)]
    return np.concatenate(parts)
