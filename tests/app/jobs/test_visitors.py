"""Many visitors at once: each gets the answer to what was asked, and nothing on the way is a pickle."""

from __future__ import annotations

import pickle
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from dash import Dash
from hostile import SMALL, Page

from app import create_app
from app.callbacks.jobs import ENOUGH
from app.jobs.tasks import task_from, task_to_dict
from app.settings import Settings
from app.state import permalink
from app.state.view_state import ViewState
from landscape_core import StudySpec, run


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    # Dash signs for the application that this thread served first, so that two in one process need one secret
    return Settings(cache_dir=tmp_path / "cache", warm=False, secret="one secret for both")


@pytest.fixture
def app(settings) -> Dash:
    return create_app(settings)


def see(page: Page, spec: StudySpec) -> Any:
    """Follow a link to a study, compute it, and return the surface that is then shown."""
    task = page.follow(permalink.write(ViewState(spec)))
    handles = page.submit(task)
    while "response" not in page.poll(handles):
        time.sleep(0.02)
    computed = page.held["computed.data"]
    assert computed == {"key": task_from(task).key(), "error": ""}
    assert page.arrive(computed) is None
    return page.panels["compare-loss.figure"]["data"]


def test_twelve_visitors_with_studies_of_their_own_at_the_same_time(app, settings):
    specs = [SMALL.replace(seed=seed) for seed in range(1, 13)]
    seen: dict[int, Any] = {}
    start = threading.Barrier(len(specs))

    def visit(spec: StudySpec) -> None:
        page = Page(app)
        start.wait()
        seen[spec.seed] = see(page, spec)

    threads = [threading.Thread(target=visit, args=(spec,)) for spec in specs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other = create_app(settings.model_copy(update={"cache_dir": settings.cache_dir / "other"}))
    alone = {spec.seed: see(Page(other), spec) for spec in specs}
    assert seen == alone
    assert len({str(picture) for picture in seen.values()}) == len(specs)


def test_from_the_job_through_the_cache_to_the_picture_nothing_is_pickled(app, settings, monkeypatch):
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a pickle")

    run(SMALL)  # data sets are read with the libraries' own means, once
    for name in ("dumps", "loads", "dump", "load", "Pickler", "Unpickler"):
        monkeypatch.setattr(pickle, name, forbidden)
    first = see(Page(app), SMALL)
    restarted = create_app(settings)  # has nothing in memory, so it reads the disk
    page = Page(restarted)
    assert page.follow(permalink.write(ViewState(SMALL))) is None
    assert page.panels["compare-loss.figure"]["data"] == first
    assert restarted.server.test_client().get("/export/glossary").status_code == 200


def test_waiting_pages_show_their_place_in_the_queue(tmp_path, monkeypatch):
    app = create_app(Settings(cache_dir=tmp_path, warm=False, workers=1))
    gate, started = threading.Event(), threading.Event()

    def slow(*_: object) -> dict[str, Any]:
        started.set()
        assert gate.wait(60)
        return {"key": None, "error": ""}

    monkeypatch.setattr("app.callbacks.jobs.compute", slow)
    pages = [Page(app) for _ in range(3)]
    handles = [page.submit(task_to_dict(SMALL.replace(seed=seed))) for seed, page in enumerate(pages)]
    assert started.wait(60)
    polls = [page.poll(own) for page, own in zip(pages, handles, strict=True)]
    gate.set()
    texts = [poll["progress"]["busy-text.children"] for poll in polls]
    assert texts == ["Starting", "Waiting: 1 in line", "Waiting: 2 in line"]


def test_a_page_has_three_computations_under_way_and_leaves_room_for_others(app, monkeypatch):
    gate = threading.Event()
    monkeypatch.setattr(
        "app.callbacks.jobs.compute", lambda *_: {"key": None, "error": "" if gate.wait(60) else "late"}
    )
    page, other = Page(app), Page(app)

    def submit(one: Page, seed: int) -> dict[str, str]:
        return one.submit(task_to_dict(SMALL.replace(seed=seed)))

    def poll(one: Page, handles: dict[str, str]) -> str | None:
        reply = one.poll(handles)
        return reply["response"]["computed"]["data"]["error"] if "response" in reply else None

    asked = [submit(page, seed) for seed in range(5)]
    assert [poll(page, handles) for handles in asked] == [None] * 3 + [ENOUGH] * 2
    theirs = submit(other, 9)
    assert poll(other, theirs) is None
    gate.set()
    for one, handles in [*((page, handles) for handles in asked[:3]), (other, theirs)]:
        while (answer := poll(one, handles)) is None:
            pass
        assert answer == ""
