"""Training with line searches: short runs in the space of all parameters, from the same start point.

Every search goes along minus the gradient of a mini-batch, unnormalised, and has a fresh mini-batch at every evaluation
(Kafka & Wilke, 2019, arXiv 1903.09383). As published, steps are at least 1e-8 and move at most by a length of 1 (a_max =
1 / ‖d‖), and begin at the step accepted last, the very first at 1e-8 (probabilistic: 1e-4). The mini-batch of the direction
also answers the first question of a search, about step 0, and is not counted twice.

Evaluation k of a run has the same mini-batch in all of them. What is compared is the loss of the full batch against the
number of evaluations, in which a gradient counts as one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, ClassVar, NamedTuple

import numpy as np
import torch
from jaxtyping import Float, Integer
from numpy import ndarray
from pydantic import field_validator
from torch import Tensor

from landscape_core import storage
from landscape_core.comparison.comparison_spec import ComparisonSpec, are_different
from landscape_core.line_search import METHODS, Method
from landscape_core.line_search.search import Reach, Search
from landscape_core.problems.problem import Problem
from landscape_core.random_streams import Purpose
from landscape_core.sampling import minibatches
from landscape_core.sampling.minibatches import Batches
from landscape_core.study.limits import Progress, report_share
from landscape_core.study.own_problems import read_spec
from landscape_core.study.plane import build_plane
from landscape_core.study.result import collect_versions
from landscape_core.study.spec import OF_PROBLEMS, option, whole_number

CONSTANT_STEPS = (0.1, 1.0, 10.0)
"""Steps of plain stochastic gradient descent, for comparison: the authors'."""

LONGEST_MOVE = 1.0
"""No step moves farther than this in the space of parameters: a_max = 1 / ‖d‖."""

LEAST_NORM, LONGEST = 1e-7, 1e7
"""For directions shorter than the first, a_max is the second."""

MAX_SEARCH = 1_000
"""Most evaluations of one search."""

Vector = Float[ndarray, "P"]


class TrainingSpec(ComparisonSpec):
    """A run of E evaluations with each of several line searches and each of several constant steps.

    Raises:
        SpecError: A field is unknown or holds a value that is not allowed; names the first such field.
    """

    NOUN: ClassVar[str] = "a training"
    STUDY_FIELDS: ClassVar[tuple[str, ...]] = (
        *("dataset", "scaling", "loss", "activation", "output_activation"),
        *("batch_size", "seed", "batch_seed", "dtype"),
        *OF_PROBLEMS,
    )

    constant_steps: tuple[float, ...] = option(
        CONSTANT_STEPS,
        "up to 10 different numbers above 0, and at least one run in all",
        "constant steps of plain stochastic gradient descent",
        max_length=10,
    )
    evaluations: int = whole_number(500, 1, 20_000, "evaluations of each run")

    @field_validator("constant_steps")
    @classmethod
    def _check_steps(cls, steps: tuple[float, ...], info: Any) -> tuple[float, ...]:  # noqa: ANN401  pydantic's ValidationInfo
        nothing = not steps and info.data.get("methods") == ()
        if nothing or not are_different(steps) or not all(step > 0 for step in steps):
            raise ValueError
        return steps

    @property
    def runs(self) -> tuple[str, ...]:
        """Names of the runs: the line searches, then the constant steps."""
        return self.methods + tuple(f"constant {step:g}" for step in self.constant_steps)

    @property
    def batches(self) -> Batches:
        """The mini-batches: evaluation k is draw k."""
        return Batches(self.base.batch_size, self.base.batch_seed, Purpose.TRAINING)


def _check_training(spec: TrainingSpec, arrays: dict[str, Any]) -> None:
    storage.check_sizes("runs and points of a run", arrays["loss"].shape, (len(spec.runs), spec.evaluations + 1))


@storage.register_kind("a training", TrainingSpec.from_json, _check_training)
@dataclass(frozen=True, eq=False)
class TrainingResult(storage.Result):
    """How W runs went, after 0, 1, … E evaluations; in the order of `spec.runs`.

    Attributes:
        loss: Loss of the full batch at the parameters that a run has reached, (W, E + 1); not finite once it diverged.
        steps: The step a, where one was taken after that many evaluations; else NaN.
        moves: How far it moved the parameters, a ‖d‖; else NaN.
    """

    spec: TrainingSpec
    loss: Float[ndarray, "W E"]
    steps: Float[ndarray, "W E"]
    moves: Float[ndarray, "W E"]

    def keep_methods(self, methods: tuple[str, ...]) -> TrainingResult:
        """The runs of some of the line searches, and of the constant steps: what they would have been alone."""
        spec = self.spec.replace(methods=methods)
        places = [self.spec.runs.index(name) for name in spec.runs]
        return replace(self, spec=spec, loss=self.loss[places], steps=self.steps[places], moves=self.moves[places])


def run_training(
    asked: TrainingSpec | Problem,
    *,
    device: str = "auto",
    progress: Progress | None = None,
    **fields: Any,  # noqa: ANN401  of a training, validated
) -> TrainingResult:
    """Train with each method.

    Args:
        asked: How, or a problem of your own.
        device: auto, cpu, cuda (cuda:1 …) or mps.
        progress: Called now and then; an exception raised in it stops the work.
        fields: Fields of the training, or changes to it.

    Raises:
        SpecError: A field is not allowed, or the device is not there.
    """
    spec = read_spec(TrainingSpec, asked, fields)
    plane = build_plane(spec.base, device)
    problem, batches = plane.problem, draw_batches(spec)
    records: list[Run] = []
    total = len(spec.runs) * spec.evaluations
    for place in range(len(spec.runs)):
        report = report_share(progress, total, "Training", before=len(records) * spec.evaluations)
        run = Run(plane.start, spec.evaluations, lambda x: _full_loss(problem, x))
        ask = follow(spec, place, run)
        with suppress(StopIteration):
            question = next(ask)
            while True:
                report(run.used)
                question = ask.send(_answer(problem.select(batches[question.batch]), question))
        records.append(run)
    return TrainingResult(
        spec=spec,
        device=str(problem.device),
        versions=collect_versions(),
        loss=np.stack([run.loss for run in records]),
        steps=np.stack([run.steps for run in records]),
        moves=np.stack([run.moves for run in records]),
    )


def draw_batches(spec: TrainingSpec) -> Integer[ndarray, "E B"]:
    """The mini-batches of a training, each in ascending order."""
    return np.sort(minibatches.first_samples(spec.batches, range(spec.evaluations), 1, spec.base.samples), axis=-1)


class Question(NamedTuple):
    """What a run asks of a mini-batch.

    Attributes:
        batch: Number of the mini-batch.
        x: Where.
        direction: Along what; None where the gradient at x is wanted.
        search: Who is told what there is at x + `search.step` · direction.
    """

    batch: int
    x: Vector
    direction: Vector | None = None
    search: Search | None = None


Questions = Generator[Question, Vector | None, None]
"""A run under way: asks, and is sent the gradients that it asked for."""


class Run:
    """One run: where it is, how many evaluations it has used, what is recorded.

    Args:
        start: Where it begins.
        evaluations: Evaluations that it may use.
        measure: x → the loss that is recorded.
    """

    def __init__(self, start: Vector, evaluations: int, measure: Callable[[Vector], float]) -> None:
        self.x, self.used, self._measure = start, 0, measure
        self.loss = np.full(evaluations + 1, measure(start))
        self.steps, self.moves = (np.full(evaluations + 1, math.nan) for _ in range(2))

    @property
    def left(self) -> int:
        """Evaluations that may still be used."""
        return len(self.loss) - 1 - self.used

    def take_batch(self) -> int:
        """The number of a fresh mini-batch, which counts as an evaluation."""
        self.used += 1
        return self.used - 1

    def move(self, step: float, direction: Vector) -> None:
        """Take a step."""
        with np.errstate(all="ignore"):  # a run that diverges is shown as it is
            self.x = self.x + step * direction
        self.loss[self.used :] = self._measure(self.x)
        self.steps[self.used] = step
        self.moves[self.used] = step * float(np.linalg.norm(direction))


def follow(spec: TrainingSpec, place: int, run: Run) -> Questions:
    """The questions of one of the runs of a training."""
    constant = place - len(spec.methods)
    return _search(run, METHODS[spec.methods[place]]) if constant < 0 else _descend(run, spec.constant_steps[constant])


def _descend(run: Run, step: float) -> Questions:
    """Plain stochastic gradient descent."""
    while run.left and np.isfinite(run.x).all():
        gradient = yield Question(run.take_batch(), run.x)
        assert gradient is not None  # noqa: S101  it was asked for
        run.move(step, -gradient)


def _search(run: Run, method: Method) -> Questions:
    """Descent with a line search. A run whose gradient is not finite stays where it is."""
    accepted: list[float] = []
    here = run.take_batch()
    while True:
        gradient = yield Question(here, run.x)
        assert gradient is not None  # noqa: S101  it was asked for
        direction = -gradient
        norm = float(np.linalg.norm(direction))
        if not norm < math.inf or not run.left:
            return
        if norm == 0.0:  # as where the units of a ReLU network are off; another mini-batch may have a gradient
            here = run.take_batch()
            continue
        longest = LONGEST_MOVE / norm if norm > LEAST_NORM else LONGEST
        search = Search(
            method.search, Reach(method.guess(accepted), longest), min(run.left, MAX_SEARCH), start_known=True
        )
        known: dict[float, int] = {0.0: here}
        before = run.used
        if search.step == 0.0:
            yield Question(here, run.x, direction, search)
        while search.outcome is None:
            known[search.step] = run.take_batch()
            yield Question(known[search.step], run.x, direction, search)
        step = search.outcome.step
        run.move(step, direction)
        accepted.append(step)
        if method.keeps_gradient and step in known and run.used > before:
            here = known[step]
        elif run.left:
            here = run.take_batch()
        else:
            return


def _answer(batch: Problem, question: Question) -> Vector | None:
    """Tell a search the loss, the slope and their standard errors; return a gradient that is asked for."""
    x, direction, search = question.x, question.direction, question.search
    if direction is None or search is None:
        return batch.full_gradient(x)
    theta, along = (
        torch.as_tensor(vector, dtype=batch.dtype, device=batch.device)[None]
        for vector in (x + search.step * direction, direction)
    )
    with torch.no_grad():
        loss, (slope,) = batch.loss_and_slopes(theta, along)
    search.tell(*summarize_batches(loss, slope)[0])
    return None


def summarize_batches(loss: Float[Tensor, "G B"], slope: Float[Tensor, "G B"]) -> list[list[float]]:
    """Loss and slope of mini-batches, and the standard errors estimated within each: NaN for a batch of one."""
    size = loss.shape[-1]
    values = torch.stack([loss, slope])
    errors = (
        (values.var(-1, correction=0) / (size - 1)).sqrt() if size > 1 else torch.full_like(values[..., 0], math.nan)
    )
    return torch.cat([values.mean(-1), errors]).T.tolist()


def _full_loss(problem: Problem, x: Vector) -> float:
    with torch.no_grad():
        return float(problem(torch.as_tensor(x, dtype=problem.dtype, device=problem.device)[None]).mean())
