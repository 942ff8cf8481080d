"""The race: line searches on the same noisy line, with the same mini-batches and the same budget.

Evaluation k of race r has the same mini-batch for all methods and lines, so that they differ only by where they ask.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

import numpy as np
from jaxtyping import Float, Integer
from numpy import ndarray

from landscape_core import devices, intervals, sampling, study
from landscape_core.errors import BudgetError, SpecError
from landscape_core.intervals import Share
from landscape_core.line_search import METHODS
from landscape_core.line_search.search import STATUSES, Outcome, Search, Status, tell_all
from landscape_core.race_line import Look, looks_along, true_lines
from landscape_core.race_spec import MAX_BUDGET, RaceSpec
from landscape_core.study import Progress

MAX_EVALUATIONS = 10_000_000
"""Most evaluations of one description, each about 30 µs on one core: five minutes."""

RACES_AT_A_TIME = 500

Score = Literal["distance", "left_over"]
"""By what a race is won: the distance from the nearest true optimum, or the full-batch loss left over."""

SCORES: tuple[Score, ...] = get_args(Score)

Raced = Float[ndarray, "L W Z"]
RacedWhole = Integer[ndarray, "L W Z"]


@dataclass(frozen=True, eq=False)
class RaceResult:
    """Where searches stopped: L lines × W methods × Z races, in the order of the description.

    Attributes:
        spec: The description.
        device: Where it was computed.
        versions: Versions of what computed it.
        positions: Fine points of a line from the start of the searches to its end, the same for all lines.
        line_loss: Loss of the full batch at them.
        line_slope: Slope of the full batch along the line at them.
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
    device: str
    versions: dict[str, str]
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
    def nbytes(self) -> int:
        """Memory held by the arrays, in bytes."""
        return sum(value.nbytes for value in vars(self).values() if isinstance(value, ndarray))

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
        codes = self.statuses[line, self.spec.methods.index(method)]
        return {STATUSES[code]: count for code, count in sorted(Counter(codes.tolist()).items())}

    def win_rate(self, method: str, rival: str, score: Score = "distance", line: int | None = None) -> Share | None:
        """Share of the races in which a method scores lower than its rival, among those that differ.

        Args:
            method: Name of the method.
            rival: Name of the other one.
            score: By what.
            line: On which line; without it on all of them together.

        Returns:
            The share with Wilson's interval; None if no race differs. Lines together are no random sample of lines: the
            interval is for these lines.
        """
        scores = self.distance if score == "distance" else self.left_over
        mine, other = (scores[:, self.spec.methods.index(name)] for name in (method, rival))
        verdicts = np.where(mine < other, 1, np.where(mine > other, 0, -1))
        return intervals.share((verdicts if line is None else verdicts[line]).ravel())

    def summary(self) -> dict[str, Any]:
        """What was asked for and how the races went, fit for JSON; medians are None where there is nothing to measure."""
        scores = {"distance": self.distance, "left_over": self.left_over}
        return {
            **self.spec.fields(),
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
        slope: Of the mini-batch, along the line.
        loss_sd: Standard error estimated within the mini-batch; NaN for a batch of one.
        slope_sd: Likewise.
        samples: The mini-batches, (E, B), in ascending order.
        low: Where the method's bracket begins once it has been told; NaN for a method that has none, and at the end.
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


def split(result: RaceResult) -> list[RaceResult]:
    """The races on each line as a result of its own: what they would have been alone."""
    parts = []
    for line, angle in enumerate(result.spec.angles):
        here = slice(line, line + 1)
        found = result.optima[result.optima_line == line]
        parts.append(
            replace(
                result,
                spec=result.spec.replace(angles=(angle,)),
                line_loss=result.line_loss[here],
                line_slope=result.line_slope[here],
                optima=found,
                optima_line=np.zeros(len(found), dtype=result.optima_line.dtype),
                lowest=result.lowest[here],
                stops=result.stops[here],
                stop_loss=result.stop_loss[here],
                evaluations=result.evaluations[here],
                statuses=result.statuses[here],
            )
        )
    return parts


def only(result: RaceResult, methods: tuple[str, ...]) -> RaceResult:
    """The races of some of a result's methods: what they would have been without the others."""
    places = [result.spec.methods.index(name) for name in methods]
    arrays = ("stops", "stop_loss", "evaluations", "statuses")
    return replace(
        result,
        spec=result.spec.replace(methods=methods),
        **{name: getattr(result, name)[:, places] for name in arrays},
    )


def check(spec: RaceSpec) -> None:
    """Refuse more evaluations than one description may have.

    Raises:
        BudgetError: There are too many evaluations.
    """
    needed = len(spec.angles) * len(spec.methods) * spec.races * spec.budget
    if needed > MAX_EVALUATIONS:
        raise BudgetError(
            needed, MAX_EVALUATIONS, "evaluations", "Lower the races, the budget, the lines or the methods."
        )


def run_race(spec: RaceSpec, *, device: str = "auto", progress: Progress | None = None) -> RaceResult:
    """Run all races.

    Args:
        spec: Which.
        device: auto, cpu, cuda (cuda:1 …) or mps.
        progress: Called now and then; an exception raised in it stops the work.

    Raises:
        SpecError: The device is not there.
        NumericalError: The start point has no usable directions.
        BudgetError: There are too many evaluations.
    """
    check(spec)
    shape = len(spec.angles), len(spec.methods), spec.races
    looks = looks_along(spec, device)
    blocks = [range(first, min(first + RACES_AT_A_TIME, spec.races)) for first in range(0, spec.races, RACES_AT_A_TIME)]
    stops, stop_loss = np.empty(shape), np.empty(shape)
    evaluations, statuses = np.empty(shape, dtype=np.int32), np.empty(shape, dtype=np.int32)
    done = 0
    for races in blocks:
        batches = _batches(spec, races)
        for line, look in enumerate(looks):

            def report(rounds: int, before: int = done) -> None:
                if progress is not None:
                    progress((before + rounds / spec.budget) / (len(blocks) * len(looks)), "Racing")

            searches = _run(spec, look, races, batches, report)
            here = np.s_[line, :, races.start : races.stop]
            ends = [[search.outcome or _unfinished() for search in row] for row in searches]
            stops[here] = [[spec.origin + end.step for end in row] for row in ends]
            statuses[here] = [[STATUSES.index(end.status) for end in row] for row in ends]
            evaluations[here] = [[search.evaluations for search in row] for row in searches]
            places, back = np.unique(stops[here], return_inverse=True)
            stop_loss[here] = look(places)[0].mean(-1)[back].reshape(stops[here].shape)
            done += 1
            report(0, done)
    return RaceResult(
        spec=spec,
        device=str(devices.resolve(device, spec.base.dtype)),
        versions=study.versions(),
        **true_lines(spec, looks),
        stops=stops,
        stop_loss=stop_loss,
        evaluations=evaluations,
        statuses=statuses,
    )


def trace(spec: RaceSpec, method: str, race: int, line: int = 0, *, device: str = "auto") -> Trace:
    """One race of one method again, step by step: the very numbers of `run_race`.

    Args:
        spec: The description; the race may be any number, also beyond `spec.races`.
        method: Name of a method, whether or not it is in the description.
        race: Number of the race, from 0.
        line: Which line, as a place in `spec.angles`.
        device: As for `run_race`.

    Raises:
        SpecError: There is no such method, race or line, or the device is not there.
        NumericalError: The start point has no usable directions.
    """
    if method not in METHODS:
        raise SpecError("method", method, "one of " + ", ".join(METHODS))
    return traces(spec.replace(methods=(method,)), race, line, device=device)[method]


def traces(spec: RaceSpec, race: int, line: int = 0, *, device: str = "auto") -> dict[str, Trace]:
    """One race of all methods again, as `trace`; together, as the network is evaluated at many points at a time."""
    if race < 0:
        raise SpecError("race", race, "a whole number from 0")
    if not 0 <= line < len(spec.angles):
        raise SpecError("line", line, f"a whole number from 0 to {len(spec.angles) - 1}")
    batches = _batches(spec, range(race, race + 1))[0]
    look = looks_along(spec, device)[line]
    searches = {name: Search(METHODS[name].search, spec.reach(race), spec.budget) for name in spec.methods}
    told: dict[str, list[list[float]]] = {name: [] for name in searches}
    for batch in batches:
        under_way = {name: search for name, search in searches.items() if search.outcome is None}
        if not under_way:
            break
        positions = np.array([spec.origin + search.step for search in under_way.values()])
        columns = _evaluate(look, positions, np.tile(batch, (len(positions), 1))).T.tolist()
        tell_all(list(under_way.values()), columns)
        for (name, search), position, numbers in zip(under_way.items(), positions.tolist(), columns, strict=True):
            low, high = search.bracket or (np.nan, np.nan)
            told[name].append([position, *numbers, spec.origin + low, spec.origin + high])
    found = {}
    for name, search in searches.items():
        end = search.outcome or _unfinished()
        columns = np.array(told[name]).T
        positions, loss, slope, loss_sd, slope_sd, low, high = columns
        asked = batches[: len(positions)]
        stop = spec.origin + end.step
        found[name] = Trace(positions, loss, slope, loss_sd, slope_sd, asked, low, high, stop, end.status)
    return found


def _run(
    spec: RaceSpec, look: Look, races: range, batches: Integer[ndarray, "Z K B"], report: Callable[[int], None]
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
        told = _evaluate(look, positions, batches[places, round_])
        tell_all([search for _, search in under_way], told.T.tolist())
        report(round_ + 1)
    return searches


def _evaluate(look: Look, positions: Float[ndarray, "G"], batches: Integer[ndarray, "G B"]) -> Float[ndarray, "4 G"]:
    """Loss, slope and their standard errors of a mini-batch at each position.

    Many searches ask for the same position, where the network is evaluated once.
    """
    places, back = np.unique(positions, return_inverse=True)
    size = batches.shape[1]
    rows = [values[back[:, None], batches] for values in look(places)]
    means = [values.mean(-1) for values in rows]
    if size == 1:
        errors = [np.full(len(positions), np.nan)] * 2
    else:
        errors = [np.sqrt(values.var(-1) / (size - 1)) for values in rows]
    return np.stack([*means, *errors])


def _batches(spec: RaceSpec, races: range) -> Integer[ndarray, "Z K B"]:
    """The mini-batches of some races; in ascending order, so that the full batch is always added up in the same way."""
    samples = spec.base.samples
    order = sampling.urn(spec.batches, races, MAX_BUDGET, samples).reshape(len(races), MAX_BUDGET, samples)
    return np.sort(order[:, : spec.budget, : spec.base.batch_size], axis=-1)


def _median(values: Float[ndarray, "Z"]) -> float | None:
    known = values[np.isfinite(values)]
    return float(np.median(known)) if len(known) else None


def _unfinished() -> Outcome:
    raise AssertionError("a search is under way beyond its budget")
