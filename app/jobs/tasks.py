"""The registry of tasks: everything that is computed in the background and stored, one entry each.

What is computed while a visitor waits, and kept in memory alone, is in `small_tasks`.

To add a task, write its specification, its result and its function in the engine, and add one entry here. The service
computes it, the cache keeps it, pages and workers name it, and downloads are named after it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from app.jobs import cost
from app.jobs.cost import Cost
from landscape_core import SpecError, StudySpec
from landscape_core.comparison import race, race_replication, training
from landscape_core.comparison.race import RaceResult
from landscape_core.comparison.race_replication import RaceReplicationResult, RaceReplicationSpec
from landscape_core.comparison.race_spec import RaceSpec
from landscape_core.comparison.training import TrainingResult, TrainingSpec
from landscape_core.paper import replication
from landscape_core.paper.replication import ReplicationResult
from landscape_core.paper.replication_spec import ReplicationSpec
from landscape_core.study import limits, run, tiles
from landscape_core.study.limits import Progress
from landscape_core.study.result import StudyResult
from landscape_core.study.run import Landscape
from landscape_core.study.tiles import TileResult, TileSpec


class Task(Protocol):
    """A specification of something to compute: frozen, validated, hashable."""

    def key(self) -> str:
        """Text that is equal exactly when two tasks are."""
        ...


@dataclass(frozen=True)
class Host:
    """Where a task is computed.

    Attributes:
        device: auto, cpu, cuda (cuda:1 …) or mps.
        limit: Most bytes that sample tables may take.
        progress: Called with the share done and what is being done; an exception raised in it stops the work.
        landscape: Study → its sample tables, from memory if they are there.
    """

    device: str
    limit: int
    progress: Progress
    landscape: Callable[[StudySpec], Landscape]


@dataclass(frozen=True)
class Kind:
    """A kind of task. `S` stands for its specification.

    Attributes:
        name: How pages, workers and metrics name it.
        spec: Class of S.
        result: Class of its result; `landscape_core.storage` knows how it is stored.
        run: (S, host) → result.
        check: (S, limit of bytes); raises BudgetError where it is too large.
        cost: S → how much work it is.
        study: S → the study it builds on, which has the precision, the activation and the seed.
        fields: S → what it is made from, fit for JSON.
        file: S → the middle of a file name.
        function: Name of the function of `landscape_core` that computes it, for the Python that a reader can copy.
        split: (S, limit) → tasks for several workers; none if it need not be divided.
        join: (S, their results) → result.
    """

    name: str
    spec: type
    result: type
    run: Callable[[Any, Host], Any]
    check: Callable[[Any, int], None]
    cost: Callable[[Any], Cost]
    study: Callable[[Any], StudySpec]
    fields: Callable[[Any], dict[str, Any]]
    file: Callable[[Any], str]
    function: str
    split: Callable[[Any, int], Sequence[Task]] | None = None
    join: Callable[[Any, Sequence[Any]], Any] | None = None


def _unlimited(_task: object, _limit: int) -> None:
    """Its size does not depend on what is asked for."""


def _base(task: Any) -> StudySpec:  # noqa: ANN401  a description that builds on a study
    base: StudySpec = task.base
    return base


def _domain(task: Any) -> str:  # noqa: ANN401
    return _base(task).domain


def _split(spec: StudySpec, limit: int) -> list[Task]:
    divided = tiles.split_study(spec, limit)
    return [tiles.frame_study(spec), *divided] if divided else []


def _join(spec: StudySpec, results: Sequence[Any]) -> StudyResult:
    return tiles.join_tiles(spec, results[0], results[1:])


KINDS: dict[type, Kind] = {
    kind.spec: kind
    for kind in (
        Kind(
            "study",
            StudySpec,
            StudyResult,
            run=lambda task, host: run.evaluate(task, host.landscape(task), progress=host.progress),
            check=limits.check,
            cost=cost.of_study,
            study=lambda task: task,
            fields=StudySpec.model_dump,
            file=lambda task: f"study-{task.activation}-{task.domain}",
            function="run",
            split=_split,
            join=_join,
        ),
        Kind(
            "typical",
            ReplicationSpec,
            ReplicationResult,
            run=lambda task, host: replication.run_replication(task, device=host.device, progress=host.progress),
            check=replication.check,
            cost=cost.of_replication,
            study=_base,
            fields=ReplicationSpec.fields,
            file=lambda task: f"typical-{_domain(task)}",
            function="run_replication",
        ),
        Kind(
            "race",
            RaceSpec,
            RaceResult,
            run=lambda task, host: race.run_race(task, device=host.device, progress=host.progress),
            check=lambda task, _limit: race.check_race(task),
            cost=cost.of_race,
            study=_base,
            fields=RaceSpec.fields,
            file=lambda task: f"race-{_domain(task)}",
            function="run_race",
        ),
        Kind(
            "race-starts",
            RaceReplicationSpec,
            RaceReplicationResult,
            run=lambda task, host: race_replication.run_race_replication(
                task, device=host.device, progress=host.progress
            ),
            check=lambda task, _limit: race_replication.check_race_replication(task),
            cost=cost.of_race_replication,
            study=_base,
            fields=RaceReplicationSpec.fields,
            file=lambda task: f"race-starts-{_domain(task)}",
            function="run_race_replication",
        ),
        Kind(
            "training",
            TrainingSpec,
            TrainingResult,
            run=lambda task, host: training.run_training(task, device=host.device, progress=host.progress),
            check=_unlimited,
            cost=cost.of_training,
            study=_base,
            fields=TrainingSpec.fields,
            file=lambda task: f"training-{_domain(task)}",
            function="run_training",
        ),
        Kind(  # part of a study, for workers
            "tile",
            TileSpec,
            TileResult,
            run=lambda task, host: tiles.run_tile(task, device=host.device, limit=host.limit, progress=host.progress),
            check=tiles.check_tile,
            cost=lambda task: cost.of_study(task.base),
            study=_base,
            fields=TileSpec.fields,
            file=lambda task: f"tile-{_domain(task)}",
            function="run_tile",
        ),
    )
}
"""Kinds of tasks by the class of their specification."""


def kind_of(task: Task) -> Kind:
    """The entry of a task."""
    return KINDS[type(task)]


def stem(task: Task) -> str:
    """Name of the file of a task's result, without its ending."""
    kind = kind_of(task)
    return f"batchscape-{kind.file(task)}-seed{kind.study(task).seed}"


def task_to_dict(task: Task) -> dict[str, Any]:
    """As pages keep it and workers get it."""
    kind = kind_of(task)
    return {"kind": kind.name, "fields": kind.fields(task)}


def task_from(data: object) -> Task:
    """The inverse of `task_to_dict`, for whatever the page sent back.

    Raises:
        SpecError: It is not a task, or a field is not allowed.
    """
    if not isinstance(data, dict) or set(data) != {"kind", "fields"}:
        raise SpecError("task", data, "an object with kind and fields")
    kinds = {kind.name: kind for kind in KINDS.values()}
    if not isinstance(data["kind"], str) or data["kind"] not in kinds:
        raise SpecError("kind", data["kind"], "one of " + ", ".join(kinds))
    fields = data["fields"]
    if not isinstance(fields, dict) or not all(isinstance(name, str) for name in fields):
        raise SpecError("spec", fields, f"an object with the fields of a task of kind {data['kind']}")
    task: Task = kinds[data["kind"]].spec(**fields)
    return task
