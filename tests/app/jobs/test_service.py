"""Studies for the page: cached, computed, kept, refused."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.jobs import cost
from app.jobs.service import Service
from app.jobs.small_tasks import PointProbeTask, SurfacesTask
from app.jobs.tasks import Task
from app.settings import MIB, Settings
from app.state import permalink
from app.views import VIEWS
from landscape_core import BudgetError, NumericalError, StudySpec, run, storage
from landscape_core.comparison.race_spec import RaceSpec
from landscape_core.comparison.training import TrainingSpec
from landscape_core.paper.replication import run_replication
from landscape_core.paper.replication_spec import ReplicationSpec
from landscape_core.problems.mlp import MLPProblem
from landscape_core.statistics import mapped_table, sample_table
from landscape_core.study import limits
from landscape_core.study.tiles import TileSpec


def quiet(_share: float, _what: str) -> None:
    pass


def test_computes_once_and_answers_from_the_cache(service: Service, few: StudySpec) -> None:
    assert service.cached(few) is None
    computed = service.compute(few, quiet)
    assert storage.to_bytes(computed) == storage.to_bytes(run(few))
    found = service.cached(few)
    assert found is not None
    assert storage.to_bytes(found) == storage.to_bytes(computed)


def test_another_process_finds_the_result_on_disk(service: Service, settings: Settings, few: StudySpec) -> None:
    computed = service.compute(few, quiet)
    with closing(Service(settings)) as other:
        found = other.cached(few)
    assert found is not None
    assert storage.to_bytes(found) == storage.to_bytes(computed)


def test_another_batch_size_needs_no_network(service: Service, few: StudySpec, monkeypatch: pytest.MonkeyPatch) -> None:
    service.compute(few, quiet)

    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("the network was evaluated again")

    monkeypatch.setattr(sample_table, "tabulate", forbidden)
    other = few.replace(batch_size=3, slope_angle=10.0, batch_seed=4, draws=2)
    assert np.isfinite(service.compute(other, quiet).batch_loss).all()


@pytest.mark.parametrize("scratch", [64 * MIB, 0])
def test_tables_beyond_the_memory_are_kept_in_files_if_there_is_room(
    settings: Settings, few: StudySpec, monkeypatch: pytest.MonkeyPatch, scratch: int
) -> None:
    monkeypatch.setattr(mapped_table, "WORTH", 0)  # as if the network were costly
    large, counted = few.replace(resolution=20), []
    differentiate = MLPProblem.loss_and_slopes
    monkeypatch.setattr(
        MLPProblem, "loss_and_slopes", lambda *given: (counted.append(len(given[1])), differentiate(*given))[1]
    )
    small = settings.model_copy(update={"memory_bytes": MIB, "scratch_bytes": scratch})
    points = 20**2 + 4 * large.line_points
    with closing(Service(small)) as service:
        first = service.compute(large, quiet)
        assert sum(counted) == points
        other = service.compute(large.replace(batch_size=3), quiet)
        assert sum(counted) == (points if scratch else 2 * points)
        assert service._landscapes.nbytes == 0
    for result in (first, other):
        assert storage.to_bytes(result) == storage.to_bytes(run(result.spec))


def test_progress_reaches_the_end(service: Service, few: StudySpec) -> None:
    seen: list[tuple[str, float]] = []
    service.compute(few, lambda share, what: seen.append((what, share)))
    assert {what for what, _ in seen} == {"Evaluating the network", "Drawing mini-batches"}
    assert all(0 < share <= 1 for _, share in seen)
    assert seen[-1] == ("Drawing mini-batches", 1.0)


def test_stopping_keeps_nothing(service: Service, few: StudySpec) -> None:
    def stop(_share: float, what: str) -> None:
        if what == "Drawing mini-batches":
            raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        service.compute(few, stop)
    assert service.cached(few) is None
    assert service.compute(few, quiet).spec == few


def test_too_large_is_refused_before_the_queue(tmp_path: Path) -> None:
    with closing(Service(Settings(cache_dir=tmp_path, study_bytes=MIB))) as service:
        with pytest.raises(BudgetError, match=r"Lower the resolution or the points on a line\."):
            service.check(StudySpec(resolution=200))
        with pytest.raises(BudgetError, match="Lower the resolution"):
            service.compute(StudySpec(resolution=200), quiet)


@pytest.mark.parametrize(
    ("task", "fewer"),
    [
        (StudySpec(draws=50_000), "the draws, the batch size, the resolution or the points on a line"),
        (ReplicationSpec(seeds=10_000), "the start points or the points on a line"),
        (RaceSpec(races=3_000, budget=100), "the races, the budget, the lines or the methods"),
        (TrainingSpec(evaluations=20_000), "the evaluations, the methods or the constant steps"),
        (TileSpec(resolution=100, draws=50_000), "the draws, the batch size, the resolution or the points on a line"),
    ],
)
def test_what_takes_one_core_too_long_is_refused_before_the_queue(service: Service, task: Task, fewer: str) -> None:
    with pytest.raises(BudgetError, match=rf"seconds of one core; the limit is 240\. Lower {fewer}\.$"):
        service.check(task)


@pytest.mark.parametrize("number", [1, 2])
def test_a_table_of_500_start_points_is_computed_whatever_the_estimate_is_off_by_a_fifth(
    service: Service, number: int
) -> None:
    (task,) = VIEWS["tables"].tasks(permalink.parse(f"?table={number}&seeds=500"))
    assert isinstance(task, ReplicationSpec)
    service.check(task)
    cost.check((1.2 * cost.of_replication(task)[0], ""))
    with pytest.raises(BudgetError):
        cost.check((0.8 * cost.of_replication(task.replace(seeds=1_000))[0], ""))


def test_damaged_and_foreign_entries_are_computed_again(
    service: Service, few: StudySpec, caplog: pytest.LogCaptureFixture
) -> None:
    other = few.replace(seed=3)
    service._cache.put(service.key(few), b"not a study")
    service._cache.put(service.key(other), storage.to_bytes(run(few)))
    assert service.cached(few) is None
    assert service.cached(other) is None
    assert "is damaged" in caplog.text
    assert "of another task" in caplog.text


def test_many_start_points_are_kept_like_a_study(
    service: Service, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LINE_DRAWS", 20)
    task = ReplicationSpec(seeds=2, line_points=9)
    assert service.cached(task) is None
    computed = service.compute(task, quiet)
    assert storage.to_bytes(computed) == storage.to_bytes(run_replication(task))
    with closing(Service(settings)) as other:
        found = other.cached(task)
    assert found is not None
    assert storage.to_bytes(found) == storage.to_bytes(computed)
    monkeypatch.setattr("app.jobs.tasks.replication.run_replication", lambda *_, **__: pytest.fail("computed again"))
    assert service.compute(task, quiet) is computed


def test_too_many_start_points_are_refused(tmp_path: Path) -> None:
    with closing(Service(Settings(cache_dir=tmp_path, study_bytes=MIB))) as service:
        with pytest.raises(BudgetError, match=r"Lower the start points or the points on a line\."):
            service.check(ReplicationSpec())
        with pytest.raises(BudgetError, match="evaluations of the network"):
            service.compute(ReplicationSpec(seeds=10_000, line_points=1000), quiet)


def test_full_disk_does_not_stop_the_page(service: Service, few: StudySpec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service._cache, "put", lambda *_: None)
    service.compute(few, quiet)
    assert service.cached(few) is not None


def test_a_start_point_without_gradient_is_refused(service: Service) -> None:
    dead = StudySpec(activation="relu", domain="local", resolution=2, line_points=3, draws=0)

    def search() -> None:
        for seed in range(200):
            service.compute(dead.replace(seed=seed), quiet)

    with pytest.raises(NumericalError, match="no direction of steepest descent: use another seed, or the global"):
        search()


def surfaces(service: Service, spec: StudySpec) -> Any:
    task = SurfacesTask(spec)
    return service.find([task]).get(task)


def test_surfaces_need_tables_in_memory(service: Service, few: StudySpec) -> None:
    assert surfaces(service, few) is None
    service.compute(few, quiet)
    other = few.replace(batch_size=3)
    seen = surfaces(service, other)
    assert seen is not None
    assert service.cached(other) is None
    np.testing.assert_array_equal(seen.batch_slope, service.compute(other, quiet).batch_slope)


def test_small_tasks_beside_a_task_wait_for_it(service: Service, few: StudySpec) -> None:
    point = PointProbeTask(few, (0.0, 0.0))
    assert service.find([few, point]) == {}
    service.compute(few, quiet)
    assert set(service.find([few, point])) == {few, point}


def test_many_surfaces_are_not_waited_for(service: Service, few: StudySpec, monkeypatch: pytest.MonkeyPatch) -> None:
    service.compute(few, quiet)
    monkeypatch.setattr("app.jobs.service.SURFACES_VISITS", few.resolution**2 * 10)
    assert surfaces(service, few.replace(batch_size=10)) is not None
    assert surfaces(service, few.replace(batch_size=140)) is not None
    assert surfaces(service, few.replace(batch_size=11)) is None
