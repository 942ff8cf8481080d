"""Cost of tasks: seconds of one core, estimated before anything is queued, and limits for one visitor.

The engine's own limits suit a user who has the machine to themselves, as on the command line. Here others wait.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, floor, log10

from landscape_core import BudgetError, StudySpec
from landscape_core.comparison.race_lines import FINE_POINTS
from landscape_core.comparison.race_replication import RaceReplicationSpec
from landscape_core.comparison.race_spec import RaceSpec
from landscape_core.comparison.training import TrainingSpec
from landscape_core.geometry.grid import LINES
from landscape_core.paper import published
from landscape_core.paper.replication_spec import ReplicationSpec
from landscape_core.statistics.workload import SECONDS_AT_LEAST, estimate_seconds
from landscape_core.study.limits import count_batch_visits, count_visits
from landscape_core.study.plane import recall_problem
from landscape_core.study.start_point import TRAIN_BATCH

PAPERS = StudySpec()

MOST_SECONDS = 240
"""Limit for one task."""

MOST_SECONDS_AT_ONCE = 30
"""Limit for a small task, which the visitor waits for."""

VISIT = 30e-9
"""Seconds for one sample of a mini-batch looked up in a table."""

STEP = 0.5e-3
"""Seconds for one step of the training of a start point, beside its samples."""

START = 1e-6
"""Seconds for one sample, one point and one network of a start point, its draws and claims included: 0.96e-6 in the local
and 1.14e-6 in the global domain, on a core that others used as well."""

RACED, TRAINED = 30e-6, 1.5e-3
"""Seconds for one evaluation of a line search, in a race (where many run side by side) and in training."""

USE = {
    "resolution": "Use a resolution of at most about {:,}.",
    "line_points": "Use at most about {:,} points on a line.",
    "draws": "Use at most about {:,} draws.",
    "batch_size": "Use mini-batches of at most about {:,}.",
    "seeds": "Use at most about {:,} start points.",
    "budget": "Use at most about {:,} evaluations.",
}
"""Fields that make a task smaller, and what to say of the largest value that is not too large."""

Cost = tuple[float, str]
"""Estimated seconds of one core, and what to lower."""


def evaluation(spec: StudySpec) -> float:
    """Estimate the seconds for loss and slopes of one sample at one point."""
    return estimate_seconds(recall_problem(spec))


def _start(spec: StudySpec) -> float:
    """Estimate the training of a start point."""
    if spec.start_point != "trained":
        return 0.0
    return spec.train_steps * (STEP + evaluation(spec) * min(TRAIN_BATCH, spec.samples))


def _beyond(spec: StudySpec, points: int) -> float:
    """Estimate what the samples of points take more than those of the paper's network, which other numbers include."""
    return points * max(0.0, evaluation(spec) * spec.samples - SECONDS_AT_LEAST * PAPERS.samples) + _start(spec)


def of_study(spec: StudySpec) -> Cost:
    """Estimate a study; a tile counts as its whole study, as it is requested with the others."""
    tabulated, drawn = (spec.resolution**2 + len(LINES) * spec.line_points) * spec.samples, count_visits(spec)
    return evaluation(spec) * tabulated + VISIT * drawn + _start(
        spec
    ), "the draws, the batch size, the resolution or the points on a line"


def of_replication(spec: ReplicationSpec) -> Cost:
    """Estimate a replication."""
    samples = (
        (1 + spec.seeds) * len(published.PAPER_ACTIVATIONS) * len(LINES) * spec.base.line_points * spec.base.samples
    )
    return START * samples, "the start points or the points on a line"


def of_race(spec: RaceSpec) -> Cost:
    """Estimate a race."""
    evaluations = len(spec.angles) * len(spec.methods) * spec.races * spec.budget
    fine = len(spec.angles) * FINE_POINTS
    return RACED * evaluations + _beyond(spec.base, fine), "the races, the budget, the lines or the methods"


def of_race_replication(spec: RaceReplicationSpec) -> Cost:
    """Estimate races over start points."""
    seconds, fewer = of_race(spec)
    return spec.start_points * seconds, f"the start points, {fewer}"


def of_training(spec: TrainingSpec) -> Cost:
    """Estimate a training."""
    steps = len(spec.runs) * spec.evaluations
    return TRAINED * steps + _beyond(spec.base, steps), "the evaluations, the methods or the constant steps"


def of_stranded(spec: TrainingSpec, start_points: int) -> Cost:
    """Estimate runs from many start points at once."""
    samples = start_points * len(spec.runs) * spec.evaluations * spec.base.samples
    return 3 * evaluation(spec.base) * samples, "the start points or the evaluations"


def of_points(spec: StudySpec, points: int, draws: int) -> Cost:
    """Estimate points of a plane, with mini-batches drawn at each."""
    each = evaluation(spec) * spec.samples + VISIT * draws * count_batch_visits(spec)
    return points * each + _start(spec), "the points on a line"


def of_shifts(spec: StudySpec, start_points: int) -> Cost:
    """Estimate likely places at start points: their mini-batches take twice what the network takes."""
    seconds, fewer = of_points(spec, start_points * len(LINES) * spec.line_points, 0)
    return 3 * seconds, fewer


def of_signs(spec: StudySpec, points: int, batches: int) -> Cost:
    """Estimate points of a plane, with the sums of mini-batches that all of them share."""
    return points * (evaluation(spec) * spec.samples + VISIT * batches) + _start(spec), "the points on a line"


def check(cost: Cost, most: int = MOST_SECONDS) -> None:
    """Refuse a task that is too much work.

    Raises:
        BudgetError: It takes more than `most` seconds.
    """
    seconds, fewer = cost
    if seconds > most:
        raise BudgetError(ceil(seconds), most, "seconds of one core", f"Lower {fewer}.")


def explain(problem: BudgetError, field: str = "", most: int = 0) -> str:
    """Explain a refusal in units that a person uses, with the largest value of a field that would not be refused.

    >>> explain(BudgetError(90_000_000_000, 671_088_640, "bytes of sample tables", "Lower it."), "resolution", 430)
    'needs 90 GB, the limit is 0.67 GB. Use a resolution of at most about 430.'
    >>> explain(BudgetError(600, 240, "seconds of one core", "Lower the draws."))
    'needs 10 minutes, the limit is 4 minutes. Lower the draws.'
    """
    needed, limit = (_measure(amount, problem.unit) for amount in (problem.needed, problem.limit))
    return f"needs {needed}, the limit is {limit}. {USE[field].format(most) if field else problem.remedy}"


def find_largest(fits: Callable[[int], bool], below: int) -> int | None:
    """Find the largest value that fits, in two digits, below one that does not; None if not even 1 fits."""
    if not fits(1):
        return None
    low, high = 1, below
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    step = 10 ** max(0, floor(log10(low)) - 1)
    return low // step * step


def _measure(amount: int, unit: str) -> str:
    if unit.startswith("bytes"):
        return f"{_round(amount / 1e9)} GB"
    if unit == "sample visits":
        amount, unit = ceil(VISIT * amount), "seconds of one core"
    if unit == "seconds of one core":
        return f"{_round(amount / 60)} minutes" if amount >= 120 else f"{amount} seconds"
    return f"{_round(amount)} {unit}"


def _round(amount: float) -> str:
    """To two digits, without exponent."""
    digits = max(0, 1 - floor(log10(amount))) if amount > 0 else 0
    return f"{float(f'{amount:.2g}'):,.{digits}f}".removesuffix(".0")
