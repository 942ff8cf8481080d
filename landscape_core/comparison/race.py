"""The race: line searches on the same noisy line, with the same mini-batches and the same budget.

Evaluation k of race r has the same mini-batch for all methods and lines, so that they differ only in where they evaluate.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
from jaxtyping import Float, Integer
from numpy import ndarray

from landscape_core import storage
from landscape_core.comparison.race_lines import RaceLine, compute_full_batch, make_lines
from landscape_core.comparison.race_spec import MAX_BUDGET, RaceSpec
from landscape_core.errors import SpecError, check_budget
from landscape_core.line_search import METHODS
from landscape_core.line_search.search import STATUSES, Outcome, Search, Status, tell_all
from landscape_core.problems.problem import Problem
from landscape_core.sampling import minibatches
from landscape_core.statistics import intervals
from landscape_core.statistics.intervals import Share
from landscape_core.study.limits import Progress, report_share
from landscape_core.study.own_problems import read_spec
from landscape_core.study.plane import resolve_device
from landscape_core.study.result import collect_versions

MAX_EVALUATIONS = 10_000_000
"""Most evaluations of one description, each about 30 µs on one core: five minutes."""

RACES_AT_A_TIME = 500

Score = Literal["distance", "left_over"]
"""By what a race is won: the distance from the nearest true optimum, or the full-batch loss left over."""

SCORES: tuple[Score, ...] = get_args(Score)


def check_score(name: str) -> Score:
    """The score of a name.

    Raises:
        SpecError: There is no such score.
    """
    for score in SCORES:
        if score == name:
            return score
    raise SpecError("score", name, "one of " + ", ".join(SCORES))


Raced = Float[ndarray, "L W Z"]
RacedWhole = Integer[ndarray, "L W Z"]


def _check_arrays(spec: RaceSpec, arrays: dict[str, Any]) -> None:
    asked = len(spec.angles), len(spec.methods), spec.races
    storage.check_sizes("lines, methods and races", arrays["stops"].shape, asked)
    if not np.isin(arrays["statuses"], range(len(STATUSES))).all():
        raise ValueError("unknown reasons to stop")
    if not np.isin(arrays["optima_line"], range(len(spec.angles))).all():
        raise ValueError("optima of unknown lines")


@storage.register_kind("a race", RaceSpec.from_json, _check_arrays)
@dataclass(frozen=True, eq=False)
class RaceResult(storage.Result):
    """Where searches stopped: L lines × W methods × Z races, in the order of the description.

    Attributes:
        positions: Fine points of a line from the start of the searches to its end, the same for all lines.
        line_loss: Loss of the full batch at them.
        line_slope: Slope of the full batch along the line at them, per unit of `positions`.
        optima: Positions of the true NN-GPPs of all lines: where the slope of the full batch changes from negative to
            positive between neighbouring fine points, located by bisection.
        optima_line: Which line each of them is on.
        lowest: Lowest loss of the full batch on each line, at a fine point or a true NN-GPP.
        stops: Positions where the searches stopped.
        stop_loss: Loss of the full batch there.
        evaluations: How many were used.
        statuses: Why a search stopped, as a place in `STATUSES`.
    """

    spec: RaceSpec
    positions: Float[ndarray, "A"]
    line_loss: Float[ndarray, "L A"]
    line_slope: Float[ndarray, "L A"]
    optima: Float[ndarray, "F"]
    optima_line: Integer[ndarray, "F"]
    lowest: Float[ndarray, "L"]
    stops: Raced
    stop_loss: Raced
    evaluations: RacedWhole
    statuses: RacedWhole

    @property
    def distance(self) -> Raced:
        """Distance from the stop to the nearest true NN-GPP; NaN on a line without any."""
        away = np.full(self.stops.shape, np.nan)
        for line in np.unique(self.optima_line):
            there = self.optima[self.optima_line == line]
            away[line] = np.abs(self.stops[line][..., None] - there).min(-1)
        return away

    @property
    def left_over(self) -> Raced:
        """Loss of the full batch at the stop, above the lowest of the line.

        It is below 0 only by what lies between the fine points, or beyond the end of the line.
        """
        return self.stop_loss - self.lowest[:, None, None]

    def status_counts(self, line: int, method: str) -> dict[Status, int]:
        """How often a method stopped for which reason on a line."""
        codes = self.statuses[line, self.spec.find_method(method)]
        return {STATUSES[code]: count for code, count in sorted(Counter(codes.tolist()).items())}

    def win_rate(self, method: str, rival: str, score: Score = "distance", line: int | None = None) -> Share | None:
        """Share of the races in which a method scores lower than its rival, among those that differ.

        Args:
            method: Name of the method.
            rival: Name of the other one.
            score: By what.
            line: On which line; without it on all of them together.

        Returns:
            The share with Wilson's interval; None if no race differs, as by distance where a line has no true optimum.
            Lines together are no random sample of lines: the interval is for these lines.

        Raises:
            SpecError: A method is not in the race, or there is no such score.
        """
        scores: Float[ndarray, "L W R"] = getattr(self, check_score(score))
        mine, other = (scores[:, self.spec.find_method(name)] for name in (method, rival))
        verdicts = np.where(mine < other, 1, np.where(mine > other, 0, -1))
        return intervals.share((verdicts if line is None else verdicts[line]).ravel())

    def split_lines(self) -> list[RaceResult]:
        """The races on each line as a result of its own: what they would have been alone."""
        by_line = ("line_loss", "line_slope", "lowest", "stops", "stop_loss", "evaluations", "statuses")
        parts = []
        for line, angle in enumerate(self.spec.angles):
            optima = self.optima[self.optima_line == line]
            parts.append(
                replace(
                    self,
                    spec=self.spec.replace(angles=(angle,)),
                    optima=optima,
                    optima_line=np.zeros(len(optima), dtype=self.optima_line.dtype),
                    **{name: getattr(self, name)[line : line + 1] for name in by_line},
                )
            )
        return parts

    def keep_methods(self, methods: tuple[str, ...]) -> RaceResult:
        """The races of some of the methods: what they would have been without the others."""
        places = [self.spec.methods.index(name) for name in methods]
        by_method = ("stops", "stop_loss", "evaluations", "statuses")
        arrays = {name: getattr(self, name)[:, places] for name in by_method}
        return replace(self, spec=self.spec.replace(methods=methods), **arrays)

    def summary(self) -> dict[str, Any]:
        """What was asked for and how the races went, fit for JSON; medians are None where there is nothing to measure."""
        scores = {"distance": self.distance, "left_over": self.left_over}
        return {
            **self.spec.stated_fields(),
            "device": self.device,
            "versions": self.versions,
            "lines": [
                {
                    "angle": angle,
                    "optima": self.optima[self.optima_line == line].tolist(),
                    "methods": [
                        {
                            "name": name,
                            "mean_evaluations": float(self.evaluations[line, place].mean()),
                            **{f"median_{score}": _median(values[line, place]) for score, values in scores.items()},
                            "statuses": {
                                status.name: count for status, count in self.status_counts(line, name).items()
                            },
                        }
                        for place, name in enumerate(self.spec.methods)
                    ],
                }
                for line, angle in enumerate(self.spec.angles)
            ],
        }


@dataclass(frozen=True, eq=False)
class Trace:
    """One search, evaluation by evaluation. Positions are along the line, from x0.

    Attributes:
        positions: Where it asked, (E,).
        loss: Of the mini-batch there.
        slope: Of the mini-batch, along the line, per unit of `positions`.
        loss_sd: Standard error estimated within the mini-batch; NaN for a batch of one.
        slope_sd: Likewise.
        samples: The mini-batches, (E, B), in ascending order.
        low: Where the method's bracket begins after this evaluation; NaN for a method that has none, and at the end.
        high: Where it ends.
        stop: Where it stopped.
        status: Why.
    """

    positions: Float[ndarray, "E"]
    loss: Float[ndarray, "E"]
    slope: Float[ndarray, "E"]
    loss_sd: Float[ndarray, "E"]
    slope_sd: Float[ndarray, "E"]
    samples: Integer[ndarray, "E B"]
    low: Float[ndarray, "E"]
    high: Float[ndarray, "E"]
    stop: float
    status: Status


def check_race(spec: RaceSpec, start_points: int = 1) -> None:
    """Refuse more evaluations than one description may have.

    Raises:
        BudgetError: There are too many evaluations.
    """
    needed = start_points * len(spec.angles) * len(spec.methods) * spec.races * spec.budget
    fewer = "the start points, " if start_points > 1 else ""
    remedy = f"Lower {fewer}the races, the budget, the lines or the methods."
    check_budget(needed, MAX_EVALUATIONS, "evaluations", remedy)


def run_race(
    asked: RaceSpec | Problem,
    *,
    device: str = "auto",
    progress: Progress | None = None,
    **fields: Any,  # noqa: ANN401  of a race, validated
) -> RaceResult:
    """Run all races.

    Args:
        asked: Which, or a problem of your own.
        device: auto, cpu, cuda (cuda:1 …) or mps.
        progress: Called now and then; an exception raised in it stops the work.
        fields: Fields of the race, or changes to it.

    Raises:
        SpecError: A field is not allowed, or the device is not there.
        NumericalError: The start point has no usable directions.
        BudgetError: There are too many evaluations.
    """
    spec = read_spec(RaceSpec, asked, fields)
    check_race(spec)
    shape = len(spec.angles), len(spec.methods), spec.races
    lines = make_lines(spec, device)
    blocks = [range(first, min(first + RACES_AT_A_TIME, spec.races)) for first in range(0, spec.races, RACES_AT_A_TIME)]
    stops, stop_loss = np.empty(shape), np.empty(shape)
    evaluations, statuses = np.empty(shape, dtype=np.int32), np.empty(shape, dtype=np.int32)
    done = 0
    rounds = len(blocks) * len(lines) * spec.budget
    for races in blocks:
        batches = _draw_batches(spec, races)
        for line, own in enumerate(lines):
            report = report_share(progress, rounds, "Racing", before=done)
            searches = _run_searches(spec, own, races, batches, report)
            here = np.s_[line, :, races.start : races.stop]
            ends = [[search.outcome or _unfinished() for search in row] for row in searches]
            stops[here] = [[spec.origin + end.step for end in row] for row in ends]
            statuses[here] = [[STATUSES.index(end.status) for end in row] for row in ends]
            evaluations[here] = [[search.evaluations for search in row] for row in searches]
            places, back = np.unique(stops[here], return_inverse=True)
            stop_loss[here] = own.full_batch(places)[0][back].reshape(stops[here].shape)
            report(spec.budget)
            done += spec.budget
    return RaceResult(
        spec=spec,
        device=str(resolve_device(spec.base, device)),
        versions=collect_versions(),
        **compute_full_batch(spec, lines),
        stops=stops,
        stop_loss=stop_loss,
        evaluations=evaluations,
        statuses=statuses,
    )


def trace_race(
    asked: RaceSpec | Problem,
    race: int,
    line: int = 0,
    *,
    device: str = "auto",
    **fields: Any,  # noqa: ANN401  of a race, validated
) -> dict[str, Trace]:
    """One race of all methods again, step by step: the very numbers of `run_race`.

    Args:
        asked: As for `run_race`; the race may be any number, also beyond `spec.races`.
        race: Number of the race, from 0.
        line: Which line, as a place in `spec.angles`.
        device: As for `run_race`.
        fields: Likewise.

    Raises:
        SpecError: There is no such race or line, or the device is not there.
        NumericalError: The start point has no usable directions.
    """
    spec = read_spec(RaceSpec, asked, fields)
    if race < 0:
        raise SpecError("race", race, "a whole number from 0")
    if not 0 <= line < len(spec.angles):
        raise SpecError("line", line, f"a whole number from 0 to {len(spec.angles) - 1}")
    batches = _draw_batches(spec, range(race, race + 1))[0]
    own = make_lines(spec, device)[line]
    searches = {name: Search(METHODS[name].search, spec.reach(race), spec.budget) for name in spec.methods}
    answers: dict[str, list[list[float]]] = {name: [] for name in searches}
    for batch in batches:
        under_way = {name: search for name, search in searches.items() if search.outcome is None}
        if not under_way:
            break
        positions = np.array([spec.origin + search.step for search in under_way.values()])
        columns = _evaluate(own, positions, np.tile(batch, (len(positions), 1))).T.tolist()
        tell_all(list(under_way.values()), columns)
        for (name, search), position, numbers in zip(under_way.items(), positions.tolist(), columns, strict=True):
            low, high = search.bracket or (np.nan, np.nan)
            answers[name].append([position, *numbers, spec.origin + low, spec.origin + high])
    found = {}
    for name, search in searches.items():
        end = search.outcome or _unfinished()
        columns = np.array(answers[name]).T
        positions, loss, slope, loss_sd, slope_sd, low, high = columns
        samples = batches[: len(positions)]
        stop = spec.origin + end.step
        found[name] = Trace(positions, loss, slope, loss_sd, slope_sd, samples, low, high, stop, end.status)
    return found


def _run_searches(
    spec: RaceSpec,
    line: RaceLine,
    races: range,
    batches: Integer[ndarray, "Z K B"],
    report: Callable[[int], None],
) -> list[list[Search]]:
    """All methods in some races on one line, in lockstep: round k is evaluation k of all that are under way."""
    searches = [
        [Search(METHODS[name].search, spec.reach(race), spec.budget) for race in races] for name in spec.methods
    ]
    numbered = [(place, search) for row in searches for place, search in enumerate(row)]
    for round_ in range(spec.budget):
        under_way = [(place, search) for place, search in numbered if search.outcome is None]
        if not under_way:
            break
        places = np.array([place for place, _ in under_way])
        positions = np.array([spec.origin + search.step for _, search in under_way])
        answers = _evaluate(line, positions, batches[places, round_])
        tell_all([search for _, search in under_way], answers.T.tolist())
        report(round_ + 1)
    return searches


def _evaluate(
    line: RaceLine, positions: Float[ndarray, "G"], batches: Integer[ndarray, "G B"]
) -> Float[ndarray, "4 G"]:
    """Loss, slope and their standard errors of a mini-batch at each position."""
    size = batches.shape[1]
    rows = line.pick(positions, batches)
    means = [values.mean(-1) for values in rows]
    if size == 1:
        errors = [np.full(len(positions), np.nan)] * 2
    else:
        errors = [np.sqrt(values.var(-1) / (size - 1)) for values in rows]
    return np.stack([*means, *errors])


def _draw_batches(spec: RaceSpec, races: range) -> Integer[ndarray, "Z K B"]:
    """The mini-batches of some races; in ascending order, so that the full batch is always added up in the same way."""
    rounds = range(spec.budget)
    chosen = minibatches.first_samples(spec.batches, races, MAX_BUDGET, spec.base.samples, rounds)
    return np.sort(chosen.reshape(len(races), len(rounds), -1), axis=-1)


def _median(values: Float[ndarray, "Z"]) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else None


def _unfinished() -> Outcome:
    raise AssertionError("a search is under way beyond its budget")
