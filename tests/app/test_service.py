"""Studies for the page: cached, computed, kept, refused."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from app.service import Service
from app.settings import MIB, Settings
from app.state import Task
from landscape_core import BudgetError, NumericalError, StudySpec, run, storage, study
from landscape_core.race_spec import RaceSpec
from landscape_core.tiles import TileSpec
from landscape_core.training import TrainingSpec
from landscape_core.typical import run_typical
from landscape_core.typical_spec import TypicalSpec


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

    monkeypatch.setattr(study, "tabulate", forbidden)
    other = few.replace(batch_size=3, slope_angle=10.0, batch_seed=4, draws=2)
    assert np.isfinite(service.compute(other, quiet).batch_loss).all()


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
        (TypicalSpec(seeds=10_000), "the start points or the points on a line"),
        (RaceSpec(races=3_000, budget=100), "the races, the budget, the lines or the methods"),
        (TrainingSpec(evaluations=20_000), "the evaluations, the methods or the constant steps"),
        (TileSpec(resolution=100, draws=50_000), "the draws, the batch size, the resolution or the points on a line"),
    ],
)
def test_what_takes_one_core_too_long_is_refused_before_the_queue(service: Service, task: Task, fewer: str) -> None:
    with pytest.raises(BudgetError, match=rf"seconds of one core; the limit is 180\. Lower {fewer}\.$"):
        service.check(task)


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
    monkeypatch.setattr(study, "LINE_DRAWS", 20)
    task = TypicalSpec(seeds=2, line_points=9)
    assert service.cached(task) is None
    computed = service.compute(task, quiet)
    assert storage.to_bytes(computed) == storage.to_bytes(run_typical(task))
    with closing(Service(settings)) as other:
        found = other.cached(task)
    assert found is not None
    assert storage.to_bytes(found) == storage.to_bytes(computed)
    monkeypatch.setattr("app.service.typical.run_typical", lambda *_, **__: pytest.fail("computed again"))
    assert service.compute(task, quiet) is computed


def test_too_many_start_points_are_refused(tmp_path: Path) -> None:
    with closing(Service(Settings(cache_dir=tmp_path, study_bytes=MIB))) as service:
        with pytest.raises(BudgetError, match=r"Lower the start points or the points on a line\."):
            service.check(TypicalSpec())
        with pytest.raises(BudgetError, match="evaluations of the network"):
            service.compute(TypicalSpec(seeds=10_000, line_points=1000), quiet)


def test_full_disk_does_not_stop_the_page(service: Service, few: StudySpec, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service._cache, "put", lambda *_: None)
    service.compute(few, quiet)
    assert service.cached(few) is not None


def test_a_start_point_without_gradient_is_said(service: Service) -> None:
    dead = StudySpec(activation="relu", domain="local", resolution=2, line_points=3, draws=0)

    def search() -> None:
        for seed in range(200):
            service.compute(dead.replace(seed=seed), quiet)

    with pytest.raises(NumericalError, match="no direction of steepest descent: use another seed, or the global"):
        search()


def test_a_glimpse_needs_tables_in_memory(service: Service, few: StudySpec) -> None:
    assert service.glimpse(few) is None
    service.compute(few, quiet)
    other = few.replace(batch_size=3)
    seen = service.glimpse(other)
    assert seen is not None
    assert service.cached(other) is None
    np.testing.assert_array_equal(seen.batch_slope, service.compute(other, quiet).batch_slope)
    assert service.glimpse(TypicalSpec(seeds=2)) is None


def test_a_glimpse_is_not_waited_for(service: Service, few: StudySpec, monkeypatch: pytest.MonkeyPatch) -> None:
    service.compute(few, quiet)
    monkeypatch.setattr("app.service.GLIMPSE_VISITS", few.resolution**2 * 10)
    assert service.glimpse(few.replace(batch_size=10)) is not None
    assert service.glimpse(few.replace(batch_size=140)) is not None
    assert service.glimpse(few.replace(batch_size=11)) is None
