"""How much work one visitor may ask for at a time: seconds of one core, estimated before anything is queued.

The engine's own limits are for whoever has the machine to themselves, as on the command line. Here others wait.
"""

from __future__ import annotations

from math import ceil

from app.state import Task
from landscape_core import BudgetError, StudySpec
from landscape_core.activations import ACTIVATIONS
from landscape_core.geometry import LINES
from landscape_core.race_spec import RaceSpec
from landscape_core.study import visits
from landscape_core.training import TrainingSpec
from landscape_core.typical_spec import TypicalSpec

MOST_SECONDS = 180
"""Of one task."""

EVALUATION, VISIT = 0.4e-6, 30e-9
"""Seconds for loss and slopes of one sample at one point; for a sample that is looked up in a mini-batch."""

START = 0.7e-6
"""Seconds for one sample, one point and one network of a start point, with its draws and all that is decided there."""

RACED, TRAINED = 30e-6, 1.5e-3
"""Seconds for an evaluation of a line search in a race, where many run side by side, and in training."""


def estimate(task: Task) -> tuple[float, str]:
    """About how many seconds a task takes one core, and what makes them fewer."""
    if isinstance(task, RaceSpec):
        evaluations = len(task.angles) * len(task.methods) * task.races * task.budget
        return RACED * evaluations, "the races, the budget, the lines or the methods"
    if isinstance(task, TrainingSpec):
        return TRAINED * len(task.runs) * task.evaluations, "the evaluations, the methods or the constant steps"
    spec = task if isinstance(task, StudySpec) else task.base
    on_lines = len(LINES) * spec.line_points
    if isinstance(task, TypicalSpec):
        samples = (1 + task.seeds) * len(ACTIVATIONS) * on_lines * spec.samples
        return START * samples, "the start points or the points on a line"
    # a tile counts as all of its study, since it is asked for with the others
    tabulated, drawn = (spec.resolution**2 + on_lines) * spec.samples, visits(spec)
    return EVALUATION * tabulated + VISIT * drawn, "the draws, the batch size, the resolution or the points on a line"


def check(task: Task) -> None:
    """Refuse a task that is too much work.

    Raises:
        BudgetError: It takes more than `MOST_SECONDS`.
    """
    seconds, fewer = estimate(task)
    if seconds > MOST_SECONDS:
        raise BudgetError(ceil(seconds), MOST_SECONDS, "seconds of one core", f"Lower {fewer}.")
