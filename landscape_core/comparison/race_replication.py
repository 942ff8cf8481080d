"""Races over start points: how often a line search beats another at start points other than the shown one.

The races of one start point share its lines, so they tell nothing of other lines, however many they are. Here the same
races are run at many start points, and intervals are taken over these first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Bool, Float, Integer
from numpy import ndarray

from landscape_core import storage
from landscape_core.comparison.race import SCORES, RaceResult, Score, check_race, check_score, run_race
from landscape_core.comparison.race_spec import RaceSpec
from landscape_core.errors import NumericalError
from landscape_core.problems.problem import Problem
from landscape_core.statistics import intervals
from landscape_core.statistics.intervals import GroupedShare
from landscape_core.study.limits import Progress
from landscape_core.study.own_problems import read_spec
from landscape_core.study.plane import resolve_device
from landscape_core.study.result import collect_versions
from landscape_core.study.spec import SAFE_INTEGER, whole_number

MAX_START_POINTS = 1_000


class RaceReplicationSpec(RaceSpec):
    """The races of Z start points, the seeds 0 to Z − 1: as many on each line as `races` says.

    Start point z has the mini-batches of `batch_seed + 1 + z`, so that no two share theirs.

    Raises:
        SpecError: A field is unknown or holds a value that is not allowed; names the first such field.
    """

    NOUN: ClassVar[str] = "races over start points"
    STUDY_FIELDS: ClassVar[tuple[str, ...]] = tuple(name for name in RaceSpec.STUDY_FIELDS if name != "seed")

    races: int = whole_number(50, 1, 10_000, "races on each line of a start point")
    start_points: int = whole_number(50, 1, MAX_START_POINTS, "number of start points")

    def races_at(self, start_point: int) -> RaceSpec:
        """The races of one of the start points."""
        fields = {name: value for name, value in self.fields().items() if name in RaceSpec.known_fields()}
        batch_seed = (self.base.batch_seed + 1 + start_point) % (SAFE_INTEGER + 1)
        return RaceSpec(**{**fields, "seed": start_point, "batch_seed": batch_seed})


def _check_arrays(spec: RaceReplicationSpec, arrays: dict[str, Any]) -> None:
    methods = len(spec.methods)
    asked = spec.start_points, len(SCORES), len(spec.angles), methods, methods
    storage.check_sizes("start points, scores, lines and methods", arrays["wins"].shape, asked)
    if (arrays["wins"] < 0).any() or (arrays["wins"] > spec.races).any():
        raise ValueError("more races won than there are")


@storage.register_kind("a comparison of races at start points", RaceReplicationSpec.from_json, _check_arrays)
@dataclass(frozen=True, eq=False)
class RaceReplicationResult(storage.Result):
    """How the races of Z start points went, on L lines with W methods; scores are in the order of `SCORES`.

    Attributes:
        usable: Whether a start point has the directions of its domain: one without a gradient has none.
        wins: Races in which the first method has the lower score than the second, (Z, 2, L, W, W).
        medians: Median score of a method, (Z, 2, L, W); NaN where there is nothing to measure.
    """

    spec: RaceReplicationSpec
    usable: Bool[ndarray, "Z"]
    wins: Integer[ndarray, "Z 2 L W W"]
    medians: Float[ndarray, "Z 2 L W"]

    def win_rate(
        self, method: str, rival: str, score: Score = "distance", line: int | None = None
    ) -> GroupedShare | None:
        """Share of the races in which a method scores lower than its rival, ties left out: the mean over start points.

        Args:
            method: Name of the method.
            rival: Name of the other one.
            score: By what.
            line: On which line; without it on all of them together.

        Returns:
            The share with its hierarchical 95% interval, over start points and then over races; None if no race differs.

        Raises:
            SpecError: A method is not in the races, or there is no such score.
        """
        mine, other = (self.spec.find_method(name) for name in (method, rival))
        wins = self.wins[:, SCORES.index(check_score(score))]
        pair = np.stack([wins[..., mine, other], wins[..., other, mine]])
        won, lost = pair.sum(-1) if line is None else pair[..., line]
        return intervals.grouped_share(won, won + lost)

    def keep_methods(self, methods: tuple[str, ...]) -> RaceReplicationResult:
        """The races of some of the methods: what they would have been without the others."""
        places = [self.spec.methods.index(name) for name in methods]
        wins, medians = self.wins[..., places, :][..., places], self.medians[..., places]
        return replace(self, spec=self.spec.replace(methods=methods), wins=wins, medians=medians)

    def summary(self) -> dict[str, Any]:
        """What was asked for and who wins how often, fit for JSON."""
        return {
            **self.spec.stated_fields(),
            "device": self.device,
            "versions": self.versions,
            "usable": int(self.usable.sum()),
        }


def run_race_replication(
    asked: RaceReplicationSpec | Problem,
    *,
    device: str = "auto",
    progress: Progress | None = None,
    **fields: Any,  # noqa: ANN401  of the races, validated
) -> RaceReplicationResult:
    """Run the races of all start points.

    Args:
        asked: Which, or a problem of your own.
        device: auto, cpu, cuda (cuda:1 …) or mps.
        progress: Called now and then; an exception raised in it stops the work.
        fields: Fields of the races, or changes to them.

    Raises:
        SpecError: The device is not there.
        BudgetError: There are too many evaluations.
    """
    spec = read_spec(RaceReplicationSpec, asked, fields)
    check_race_replication(spec)
    where = resolve_device(spec.base, device)
    shape = spec.start_points, len(SCORES), len(spec.angles), len(spec.methods)
    usable = np.zeros(spec.start_points, dtype=bool)
    wins = np.zeros((*shape, len(spec.methods)), dtype=np.int32)
    medians = np.full(shape, np.nan)
    for point in range(spec.start_points):

        def report(share: float, _what: str, point: int = point) -> None:
            if progress is not None:
                progress((point + share) / spec.start_points, "Racing at start points")

        try:
            result = run_race(spec.races_at(point), device=str(where), progress=report)
        except NumericalError:  # it has no direction of steepest descent
            continue
        usable[point] = True
        wins[point], medians[point] = _summarize(result)
    return RaceReplicationResult(spec, str(where), collect_versions(), usable, wins, medians)


def check_race_replication(spec: RaceReplicationSpec) -> None:
    """Refuse more evaluations than one description may have.

    Raises:
        BudgetError: There are too many evaluations.
    """
    check_race(spec, spec.start_points)


def _summarize(result: RaceResult) -> tuple[Integer[ndarray, "2 L W W"], Float[ndarray, "2 L W"]]:
    """Wins and median scores of the races of one start point."""
    scores = np.stack([getattr(result, score) for score in SCORES])
    wins = (scores[..., :, None, :] < scores[..., None, :, :]).sum(-1)
    known = np.isfinite(scores).any(-1)
    medians = np.full(scores.shape[:-1], np.nan)
    medians[known] = np.nanmedian(np.where(np.isfinite(scores), scores, np.nan)[known], axis=-1)
    return wins, medians
