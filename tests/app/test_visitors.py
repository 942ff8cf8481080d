"""Many visitors at once: each gets the answer to what was asked, and nothing on the way is a pickle."""

from __future__ import annotations

import pickle
import threading
from pathlib import Path
from typing import Any

import pytest
from dash import Dash
from hostile import SMALL, Page, real_bodies

from app import create_app
from app.callbacks.compute import ENOUGH
from app.settings import Settings
from app.state import Request, task_to_dict
from landscape_core import StudySpec, run


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    # Dash signs for the application that this thread served first, so that two in one process need one secret
    return Settings(cache_dir=tmp_path / "cache", warm=False, secret="one secret for both")


@pytest.fixture
def app(settings) -> Dash:
    return create_app(settings)


def set_value(body: dict[str, Any], name: str, value: object) -> None:
    (one,) = [one for one in [*body["inputs"], *body.get("state", [])] if one["id"] == name]
    one["value"] = value


def see(page: Page, bodies: dict[str, dict[str, Any]], spec: StudySpec) -> Any:
    """Do what a page does for a study that is not at hand; return the surface that it then shows."""
    job, picture = (_copy(bodies[name]) for name in ("computed.data", "compare-loss.figure"))
    set_value(job, "pending", task_to_dict(spec))
    reply = page.post(job).get_json()
    handles = {"cacheKey": reply["cacheKey"], "job": reply["job"]}
    while "response" not in (reply := page.post(job, **handles).get_json()):
        pass
    assert reply["response"]["computed"]["data"] == {"key": spec.key(), "error": ""}
    set_value(picture, "request", Request(spec).to_dict())
    return page.post(picture).get_json()["response"]["compare-loss"]["figure"]["data"]


def _copy(body: dict[str, Any]) -> dict[str, Any]:
    return {
        **body,
        "inputs": [dict(one) for one in body["inputs"]],
        "state": [dict(one) for one in body.get("state", [])],
    }


def test_twelve_visitors_with_studies_of_their_own_at_the_same_time(app, settings):
    bodies = real_bodies(app)
    specs = [SMALL.replace(seed=seed) for seed in range(1, 13)]
    seen: dict[int, Any] = {}
    start = threading.Barrier(len(specs))

    def visit(spec: StudySpec) -> None:
        page = Page(app)
        start.wait()
        seen[spec.seed] = see(page, bodies, spec)

    threads = [threading.Thread(target=visit, args=(spec,)) for spec in specs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other = create_app(settings.model_copy(update={"cache_dir": settings.cache_dir / "other"}))
    alone = {spec.seed: see(Page(other), bodies, spec) for spec in specs}
    assert seen == alone
    assert len({str(picture) for picture in seen.values()}) == len(specs)


def test_from_the_job_through_the_cache_to_the_picture_nothing_is_pickled(app, settings, monkeypatch):
    def forbidden(*_: object, **__: object) -> None:
        raise AssertionError("a pickle")

    run(SMALL)  # data sets are read with the libraries' own means, once
    for name in ("dumps", "loads", "dump", "load", "Pickler", "Unpickler"):
        monkeypatch.setattr(pickle, name, forbidden)
    bodies = real_bodies(app)
    first = see(Page(app), bodies, SMALL)
    restarted = create_app(settings)  # has nothing in memory, so it reads the disk
    picture = _copy(bodies["compare-loss.figure"])
    set_value(picture, "request", Request(SMALL).to_dict())
    assert Page(restarted).post(picture).get_json()["response"]["compare-loss"]["figure"]["data"] == first
    assert restarted.server.test_client().get("/take/glossary").status_code == 200


def test_who_waits_sees_the_place_in_line(tmp_path, monkeypatch):
    app = create_app(Settings(cache_dir=tmp_path, warm=False, workers=1))
    gate, started = threading.Event(), threading.Event()

    def slow(*_: object) -> dict[str, Any]:
        started.set()
        assert gate.wait(60)
        return {"key": None, "error": ""}

    monkeypatch.setattr("app.callbacks.compute.compute", slow)
    job, pages, handles = real_bodies(app)["computed.data"], [Page(app) for _ in range(3)], []
    for seed, page in enumerate(pages):
        set_value(job, "pending", task_to_dict(SMALL.replace(seed=seed)))
        reply = page.post(job).get_json()
        handles.append({"cacheKey": reply["cacheKey"], "job": reply["job"]})
    assert started.wait(60)
    polls = [page.post(job, **own).get_json() for page, own in zip(pages, handles, strict=True)]
    gate.set()
    said = [poll["progress"]["busy-text.children"] for poll in polls]
    assert said == ["Starting", "Waiting: 1 in line", "Waiting: 2 in line"]


def test_a_page_has_three_computations_under_way_and_leaves_room_for_others(app, monkeypatch):
    gate = threading.Event()
    monkeypatch.setattr(
        "app.callbacks.compute.compute", lambda *_: {"key": None, "error": "" if gate.wait(60) else "late"}
    )
    job, page, other = real_bodies(app)["computed.data"], Page(app), Page(app)

    def submit(one: Page, seed: int) -> dict[str, str]:
        set_value(job, "pending", task_to_dict(SMALL.replace(seed=seed)))
        reply = one.post(job).get_json()
        return {name: reply[name] for name in ("cacheKey", "job")}

    def said(one: Page, handles: dict[str, str]) -> str | None:
        reply = one.post(job, **handles).get_json()
        return reply["response"]["computed"]["data"]["error"] if "response" in reply else None

    asked = [submit(page, seed) for seed in range(5)]
    assert [said(page, handles) for handles in asked] == [None] * 3 + [ENOUGH] * 2
    theirs = submit(other, 9)
    assert said(other, theirs) is None
    gate.set()
    for one, handles in [*((page, handles) for handles in asked[:3]), (other, theirs)]:
        while (answer := said(one, handles)) is None:
            pass
        assert answer == ""
