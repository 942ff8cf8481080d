"""Stranded training: runs that end where the gradient is exactly zero, so that nothing can move them.

Section 5 of Kafka & Wilke (2019): where the units of a network with ReLU are off, no mini-batch has a gradient, and
training comes to a halt; leaky ReLU keeps it from being stranded.

A run is followed from all start points at once, a question of each at a time.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress

import numpy as np
import torch
from jaxtyping import Float, Integer
from numpy import ndarray
from torch import Tensor
from torch.func import jvp

from landscape_core.comparison.training import (
    Question,
    Questions,
    Run,
    TrainingSpec,
    draw_batches,
    follow,
    summarize_batches,
)
from landscape_core.line_search.search import tell_all
from landscape_core.problems.differentiation import FORWARD_MODE
from landscape_core.problems.problem import Problem
from landscape_core.study.limits import Progress, report_share
from landscape_core.study.plane import build_plane
from landscape_core.study.spec import SAFE_INTEGER
from landscape_core.study.start_point import find_start


def find_stranded(
    spec: TrainingSpec, start_points: int, *, device: str = "auto", progress: Progress | None = None
) -> Integer[ndarray, "W Z"]:
    """After how many evaluations each run came to where the gradient of the full batch is exactly zero, and so ended.

    Start point z has the seed z and mini-batches of its own, those of `spec.base.batch_seed + 1 + z`.

    Args:
        spec: The runs; its seed is not used.
        start_points: Z.
        device: auto, cpu, cuda (cuda:1 …) or mps.
        progress: Called now and then; an exception raised in it stops the work.

    Returns:
        For each run, in the order of `spec.runs`, and start point; 0 if it starts there, −1 if it does not end so.

    Raises:
        SpecError: The device is not there.
    """
    trainings = [_train_at(spec, point) for point in range(start_points)]
    problem = build_plane(spec.base, device).problem
    starts = [find_start(spec.base.replace(seed=point), problem)[0] for point in range(start_points)]
    batches = [draw_batches(training) for training in trainings]
    found = np.empty((len(spec.runs), start_points), dtype=np.int64)
    report = report_share(progress, len(spec.runs), "Training at start points", before=0)
    for place in range(len(spec.runs)):
        runs = [Run(start, spec.evaluations, lambda _: math.nan) for start in starts]
        _run_all(problem, [follow(spec, place, run) for run in runs], batches)
        ends = _stack(problem, [run.x for run in runs])
        every = np.tile(np.arange(problem.samples), (start_points, 1))
        moves = _gradients(problem, ends, every).any(1).tolist()
        found[place] = [-1 if moved else _last_move(run) for run, moved in zip(runs, moves, strict=True)]
        report(place + 1)
    return found


def _train_at(spec: TrainingSpec, point: int) -> TrainingSpec:
    return spec.replace(seed=point, batch_seed=(spec.base.batch_seed + 1 + point) % (SAFE_INTEGER + 1))


def _last_move(run: Run) -> int:
    """Evaluations up to the last move, 0 without any."""
    return int(np.flatnonzero(np.nan_to_num(run.moves, nan=0.0)).max(initial=0))


def _run_all(problem: Problem, runs: Sequence[Questions], batches: Sequence[Integer[ndarray, "E B"]]) -> None:
    """Answer runs, each with mini-batches of its own, until all have ended."""
    asked = {place: question for place, run in enumerate(runs) if (question := next(run, None))}
    while asked:
        rows = {place: batches[place][question.batch] for place, question in asked.items()}
        searching = [place for place, question in asked.items() if question.search]
        still = [place for place in asked if place not in searching]
        answers: dict[int, ndarray | None] = dict.fromkeys(searching)
        if searching:
            _tell(problem, [asked[place] for place in searching], np.stack([rows[place] for place in searching]))
        if still:
            theta = _stack(problem, [asked[place].x for place in still])
            gradients = _gradients(problem, theta, np.stack([rows[place] for place in still]))
            answers |= zip(still, gradients.cpu().numpy().astype(np.float64), strict=True)
        asked = {}
        for place, answer in answers.items():
            with suppress(StopIteration):
                asked[place] = runs[place].send(answer)


def _tell(problem: Problem, questions: Sequence[Question], rows: Integer[ndarray, "Z B"]) -> None:
    """Tell the searches of several questions what there is, at each point with the slope along its own direction."""
    searches = [question.search for question in questions if question.search]
    directions = [question.direction for question in questions if question.direction is not None]
    places = [one.x + search.step * along for one, search, along in zip(questions, searches, directions, strict=True)]
    with torch.no_grad(), FORWARD_MODE:
        values = jvp(problem, (_stack(problem, places),), (_stack(problem, directions),))
    loss, slope = (_choose(each, rows) for each in values)
    tell_all(searches, summarize_batches(loss, slope))


def _gradients(problem: Problem, theta: Float[Tensor, "Z P"], rows: Integer[ndarray, "Z B"]) -> Float[Tensor, "Z P"]:
    """Gradient of each point's own mini-batch."""
    with torch.enable_grad():
        points = theta.detach().requires_grad_()
        (gradient,) = torch.autograd.grad(_choose(problem(points), rows).mean(1).sum(), points)
    return gradient


def _choose(values: Float[Tensor, "Z N"], rows: Integer[ndarray, "Z B"]) -> Float[Tensor, "Z B"]:
    """The samples of each point's own mini-batch."""
    return values.gather(1, torch.as_tensor(rows.astype(np.int64), device=values.device))


def _stack(problem: Problem, vectors: Sequence[Float[ndarray, "P"]]) -> Float[Tensor, "Z P"]:
    return torch.as_tensor(np.stack(vectors), dtype=problem.dtype, device=problem.device)
