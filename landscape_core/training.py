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
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import torch
from jaxtyping import Float, Integer
from numpy import ndarray
from pydantic import Field, field_validator

from landscape_core import devices, problem, sampling, study
from landscape_core.line_search import METHODS, Method
from landscape_core.line_search.search import Reach, Search
from landscape_core.on_study import OnStudy
from landscape_core.problem import Problem
from landscape_core.randomness import Purpose, start_draws
from landscape_core.sampling import Batches
from landscape_core.study import Progress

CONSTANT_STEPS = (0.1, 1.0, 10.0)
"""Steps of plain stochastic gradient descent, for comparison: the authors'."""

LONGEST_MOVE = 1.0
"""No step moves farther than this in the space of parameters: a_max = 1 / ‖d‖."""

LEAST_NORM, LONGEST = 1e-7, 1e7
"""For directions shorter than the first, a_max is the second."""

MAX_SEARCH = 1_000
"""Most evaluations of one search."""

Vector = Float[ndarray, "P"]


class TrainingSpec(OnStudy):
    """A run of E evaluations with each of several line searches and each of several constant steps.

    Raises:
        SpecError: A field is unknown or holds a value that is not allowed; names the first such field.
    """

    NOUN: ClassVar[str] = "a training"
    STUDY_FIELDS: ClassVar[tuple[str, ...]] = (
        "dataset",
        "scaling",
        "loss",
        "activation",
        "output_activation",
        "batch_size",
        "seed",
        "batch_seed",
        "dtype",
    )

    methods: tuple[str, ...] = Field(
        tuple(METHODS),
        description="line searches",
        json_schema_extra={"allowed": "different names out of " + ", ".join(METHODS)},
    )
    constant_steps: tuple[float, ...] = Field(
        CONSTANT_STEPS,
        max_length=10,
        description="constant steps of plain stochastic gradient descent",
        json_schema_extra={"allowed": "up to 10 different numbers above 0, and at least one run in all"},
    )
    evaluations: int = Field(
        500,
        ge=1,
        le=20_000,
        description="evaluations of each run",
        json_schema_extra={"allowed": "a whole number from 1 to 20,000"},
    )

    @field_validator("methods")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if len(set(names)) < len(names) or not set(names) <= set(METHODS):
            raise ValueError
        return names

    @field_validator("constant_steps")
    @classmethod
    def _positive(cls, steps: tuple[float, ...], info: Any) -> tuple[float, ...]:  # noqa: ANN401  pydantic's ValidationInfo
        nothing = not steps and info.data.get("methods") == ()
        if nothing or len(set(steps)) < len(steps) or not all(step > 0 for step in steps):
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


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """How W runs went, after 0, 1, … E evaluations; in the order of `spec.runs`.

    Attributes:
        spec: The description.
        device: Where it was computed.
        versions: Versions of what computed it.
        loss: Loss of the full batch at the parameters that a run has reached, (W, E + 1); not finite once it diverged.
        steps: The step a, where one was taken after that many evaluations; else NaN.
        moves: How far it moved the parameters, a ‖d‖; else NaN.
    """

    spec: TrainingSpec
    device: str
    versions: dict[str, str]
    loss: Float[ndarray, "W E"]
    steps: Float[ndarray, "W E"]
    moves: Float[ndarray, "W E"]

    @property
    def nbytes(self) -> int:
        """Memory held by the arrays, in bytes."""
        return self.loss.nbytes + self.steps.nbytes + self.moves.nbytes


def run_training(spec: TrainingSpec, *, device: str = "auto", progress: Progress | None = None) -> TrainingResult:
    """Train with each method.

    Args:
        spec: How.
        device: auto, cpu, cuda (cuda:1 …) or mps.
        progress: Called now and then; an exception raised in it stops the work.

    Raises:
        SpecError: The device is not there.
    """
    where = devices.resolve(device, spec.base.dtype)
    task = problem.problem(spec.base, where)
    size = spec.base.batch_size
    batches = np.sort(sampling.urn(spec.batches, range(spec.evaluations), 1, spec.base.samples)[:, :size], axis=-1)
    start = start_draws(spec.base.seed, task.network.parameters).start
    records: list[_Run] = []
    for name in spec.runs:

        def report(used: int, before: int = len(records)) -> None:
            if progress is not None:
                progress((before + used / spec.evaluations) / len(spec.runs), "Training")

        run = _Run(task, start, batches, report)
        if name in METHODS:
            _search(run, METHODS[name])
        else:
            _descend(run, spec.constant_steps[len(records) - len(spec.methods)])
        records.append(run)
    return TrainingResult(
        spec=spec,
        device=str(where),
        versions=study.versions(),
        loss=np.stack([run.loss for run in records]),
        steps=np.stack([run.steps for run in records]),
        moves=np.stack([run.moves for run in records]),
    )


def only(result: TrainingResult, methods: tuple[str, ...]) -> TrainingResult:
    """The runs of some of a result's line searches, and of its constant steps: what they would have been alone."""
    spec = result.spec.replace(methods=methods)
    places = [result.spec.runs.index(name) for name in spec.runs]
    return replace(result, spec=spec, loss=result.loss[places], steps=result.steps[places], moves=result.moves[places])


class _Run:
    """One run under way: where it is, how many evaluations it has used, what is recorded."""

    def __init__(
        self, task: Problem, start: Vector, batches: Integer[ndarray, "E B"], report: Callable[[int], None]
    ) -> None:
        self.task, self.batches, self._report = task, batches, report
        self.x, self.used = start, 0
        self.loss = np.full(len(batches) + 1, self._full_loss())
        self.steps, self.moves = (np.full(len(batches) + 1, math.nan) for _ in range(2))

    @property
    def left(self) -> int:
        """Evaluations that may still be used."""
        return len(self.batches) - self.used

    def batch(self) -> Problem:
        """A fresh mini-batch, which counts as an evaluation: the problem of its samples alone."""
        rows = torch.from_numpy(self.batches[self.used].astype(np.int64)).to(self.task.inputs.device)
        self.used += 1
        self._report(self.used)
        return replace(self.task, inputs=self.task.inputs[:, rows], targets=self.task.targets[:, rows])

    def move(self, step: float, direction: Vector) -> None:
        """Take a step."""
        with np.errstate(all="ignore"):  # a run that diverges is shown as it is
            self.x = self.x + step * direction
        self.loss[self.used :] = self._full_loss()
        self.steps[self.used] = step
        self.moves[self.used] = step * float(np.linalg.norm(direction))

    def _full_loss(self) -> float:
        with torch.no_grad():
            return float(self.task(self._tensor(self.x)[None]).mean())

    def evaluate(self, batch: Problem, step: float, direction: Vector) -> tuple[float, float, float, float]:
        """Loss, slope and their standard errors of a mini-batch at a step along a direction."""
        with torch.no_grad():
            theta = self._tensor(self.x + step * direction)[None]
            loss, (slope,) = batch.loss_and_slopes(theta, self._tensor(direction)[None])
        values = loss[0], slope[0]
        size = len(values[0])
        loss_sd, slope_sd = (
            float((one.var(correction=0) / (size - 1)).sqrt()) if size > 1 else math.nan for one in values
        )
        return float(values[0].mean()), float(values[1].mean()), loss_sd, slope_sd

    def _tensor(self, vector: Vector) -> torch.Tensor:
        return torch.as_tensor(vector, dtype=self.task.inputs.dtype, device=self.task.inputs.device)


def _descend(run: _Run, step: float) -> None:
    """Plain stochastic gradient descent."""
    while run.left and np.isfinite(run.x).all():
        run.move(step, -run.batch().full_gradient(run.x))


def _search(run: _Run, method: Method) -> None:
    """Descent with a line search. A run whose gradient vanishes, or is not finite, stays where it is."""
    accepted: list[float] = []
    here = run.batch()
    while True:
        direction = -here.full_gradient(run.x)
        norm = float(np.linalg.norm(direction))
        if not (0.0 < norm < math.inf) or not run.left:
            return
        longest = LONGEST_MOVE / norm if norm > LEAST_NORM else LONGEST
        search = Search(method.search, Reach(method.guess(accepted), longest), min(run.left, MAX_SEARCH))
        known: dict[float, Problem] = {0.0: here}
        if search.step == 0.0:
            search.tell(*run.evaluate(here, 0.0, direction), counts=False)
        before = run.used
        while search.outcome is None:
            known[search.step] = run.batch()
            search.tell(*run.evaluate(known[search.step], search.step, direction))
        step = search.outcome.step
        run.move(step, direction)
        accepted.append(step)
        if method.keeps_gradient and step in known and run.used > before:
            here = known[step]
        elif run.left:
            here = run.batch()
        else:
            return
