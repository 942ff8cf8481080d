"""What goes wrong while a server runs: nothing is lost, the next request is served, and what is said is fit for a reader.

A server that is killed and started anew, and a page that outlives it, are in tests/browser/requests/test_server_away.py;
closed pages and cancelled jobs in test_cancelled_jobs.py; workers and Redis in tests/workers.
"""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import torch
from hostile import Page, real_bodies

from app import create_app
from app.callbacks.jobs import compute
from app.jobs.cache import DiskCache
from app.jobs.service import OUT_OF_MEMORY, Service
from app.jobs.tasks import task_to_dict
from app.settings import Settings
from landscape_core import StudySpec, storage
from landscape_core.study import run as study


def quiet(_share: float, _what: str) -> None:
    pass


def elsewhere(work: Callable[[], object]) -> None:
    """On another thread, which has a connection of its own to the cache's database."""
    problems: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as problem:
            problems.append(problem)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if problems:
        raise problems[0]


def overwrite(folder: Path) -> None:
    for file in folder.rglob("cache.db*"):
        file.write_bytes(b"no database " * 1000)


def remove(folder: Path) -> None:
    shutil.rmtree(folder / "results")


def replace(folder: Path) -> None:
    """Somebody empties the cache, and another server makes it again."""
    remove(folder)
    DiskCache(folder, 10**7).close()


@pytest.mark.parametrize("harm", [overwrite, remove, replace])
@pytest.mark.parametrize("size", [10, 100_000], ids=["in the database", "in a file"])
def test_a_cache_that_is_harmed_while_it_runs_is_created_again(
    tmp_path: Path, harm: Callable[[Path], None], size: int, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(DiskCache(tmp_path, 10**7)) as cache:
        cache.put("old", bytes(size))
        harm(tmp_path)

        def use() -> None:
            assert cache.get("old") is None
            cache.put("new", bytes(size))
            assert cache.get("new") == bytes(size)
            assert cache.holds("new")

        elsewhere(use)
        use()
        assert "created again" in caplog.text
        assert (tmp_path / "results").stat().st_mode & 0o777 == 0o700
    with closing(DiskCache(tmp_path, 10**7)) as another:
        assert another.get("new") == bytes(size)


def test_a_page_goes_on_while_its_cache_is_removed(service: Service, settings: Settings, few: StudySpec) -> None:
    before = service.compute(few, quiet)
    shutil.rmtree(settings.cache_dir)
    assert service.cached(few) is before  # from memory: nothing is lost
    other = few.replace(batch_size=7)
    computed = service.compute(other, quiet)
    with closing(Service(settings)) as another:
        found = another.cached(other)
    assert found is not None
    assert storage.to_bytes(found) == storage.to_bytes(computed)


def test_a_page_goes_on_while_the_disk_is_full_and_keeps_again_afterwards(
    service: Service, settings: Settings, few: StudySpec, caplog: pytest.LogCaptureFixture
) -> None:
    database = service.cache._cache._sql  # a bound on the file gives sqlite's own "disk is full"
    (pages,) = database("PRAGMA page_count").fetchone()
    database(f"PRAGMA max_page_count = {pages}")
    for number in range(20):
        service.cache.put(f"filler {number}", bytes(30_000))
    full = [few.replace(batch_seed=seed) for seed in range(3)]
    for task in full:
        service.compute(task, quiet)
        assert service.cached(task) is not None
    assert "database or disk is full" in caplog.text
    database("PRAGMA max_page_count = 1000000")
    later = few.replace(batch_size=3)
    service.compute(later, quiet)
    with closing(Service(settings)) as another:
        assert another.cached(later) is not None


@pytest.mark.parametrize("jump", [365 * 86_400, -365 * 86_400], ids=["a year on", "a year back"])
def test_the_clock_may_jump(settings: Settings, jump: int, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(settings)
    page, bodies = Page(app), real_bodies(app)

    def study_is_computed() -> None:
        handles = page.post(bodies["computed.data"]).json
        polls = {name: handles[name] for name in ("cacheKey", "job")}
        for _ in range(400):
            answer = page.post(bodies["computed.data"], **polls)
            if "response" in answer.json:
                assert answer.json["response"]["computed"]["data"]["error"] == ""
                return
            threading.Event().wait(0.05)
        pytest.fail("the job was lost")

    study_is_computed()
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + jump)
    for _ in range(3):
        assert page.post(bodies["request.data"]).status_code == 200
        study_is_computed()
    assert page.client.get("/").status_code == page.client.get("/readyz").status_code == 200


def out_of_memory(times: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let the engine run out of memory so many times."""
    real, left = study.evaluate, [times]

    def evaluate(*given: object, **more: object) -> object:
        if left[0]:
            left[0] -= 1
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        return real(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(study, "evaluate", evaluate)
    return left


def test_tables_of_others_make_room(service: Service, few: StudySpec, monkeypatch: pytest.MonkeyPatch) -> None:
    service.compute(few.replace(seed=1), quiet)
    assert service._landscapes.nbytes > 0
    kept: list[int] = []
    tabulated = study.tabulate_landscape
    monkeypatch.setattr(
        study, "tabulate_landscape", lambda *a, **k: (kept.append(service._landscapes.nbytes), tabulated(*a, **k))[1]
    )
    left = out_of_memory(1, monkeypatch)
    assert service.compute(few, quiet).spec == few
    assert left == [0]
    assert kept[-1] == 0


def test_too_little_memory_is_reported_and_ends_nothing(
    service: Service, few: StudySpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    out_of_memory(2, monkeypatch)
    answer = compute(service, lambda _: None, task_to_dict(few))
    assert answer == {"key": few.key(), "error": OUT_OF_MEMORY}
    assert "GiB" not in answer["error"]
    assert compute(service, lambda _: None, task_to_dict(few)) == {"key": few.key(), "error": ""}


def test_another_error_is_not_taken_for_too_little_memory(
    service: Service, few: StudySpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(study, "evaluate", broken)
    with pytest.raises(RuntimeError, match="a fault of ours"):
        service.compute(few, quiet)
