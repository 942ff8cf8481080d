"""Who asks too often is told so, and nobody else is."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from dash import Dash
from hostile import Page, real_bodies
from pydantic import ValidationError

from app import create_app
from app.http import rate_limits
from app.settings import Settings


@pytest.fixture
def app(tmp_path: Path) -> Dash:
    return create_app(Settings(cache_dir=tmp_path, warm=False, page_rate="5/hour", address_rate="4/hour"))


def hover(app: Dash) -> dict[str, Any]:
    return real_bodies(app)["readout.children"]


def test_a_page_that_asks_too_often_is_told_when_to_come_back(app, caplog):
    page, body = Page(app), hover(app)
    assert [page.post(body).status_code for _ in range(5)] == [204] * 5
    caplog.clear()
    refused = page.post(body)
    assert refused.status_code == 429
    assert refused.text == "Too fast: at most 5 per 1 hour. Try again in 2 seconds."
    assert refused.headers["Retry-After"] == str(rate_limits.PAUSE)
    assert [record.getMessage() for record in caplog.records] == [
        "refused 429: POST /_dash-update-component: Too fast: at most 5 per 1 hour. Try again in 2 seconds."
    ]


def test_pages_behind_one_address_do_not_count_together(app):
    pages, body = [Page(app) for _ in range(2)], hover(app)
    for page in pages:
        assert [page.post(body).status_code for _ in range(6)] == [204] * 5 + [429]


def test_without_a_name_that_was_signed_a_page_counts_by_its_address(app):
    page, body = Page(app), hover(app)
    names = ["", "made up", page.identity[:-1], "\u00e4~\u00e4", "x" * 24 + page.identity[24:], page.identity.upper()]
    statuses = [page.post(body, endId=name).status_code for name in names]
    assert statuses == [204] * 5 + [429]
    assert page.post(body).status_code == 204


def test_nonsense_counts_too(app):
    page = Page(app)
    hover(app)
    assert [page.post(b"[]").status_code for _ in range(6)] == [400] * 5 + [429]


def test_polls_of_a_page_s_own_jobs_are_free_and_nothing_that_looks_like_one(app):
    page, job = Page(app), real_bodies(app)["computed.data"]
    reply = page.post(job).get_json()
    handles = {"cacheKey": reply["cacheKey"], "job": reply["job"]}
    job["inputs"][0]["value"] = None
    assert {page.post(job, **handles).status_code for _ in range(10)} <= {200, 204}
    forged = {name: "0" * 32 + handle[32:] for name, handle in handles.items()}
    assert [page.post(job, **forged).status_code for _ in range(5)] == [410] * 4 + [429]
    assert page.post(job, **handles).status_code in {200, 204}


def test_the_handles_of_a_job_make_no_other_callback_free(app):
    page, bodies = Page(app), real_bodies(app)
    reply = page.post(bodies["computed.data"]).get_json()
    handles = {"cacheKey": reply["cacheKey"], "job": reply["job"]}
    others = [*(body for name, body in bodies.items() if name != "computed.data"), b"[]", b"no JSON"]
    assert len(others) > 5
    statuses = [page.post(body, **handles).status_code for body in others]
    assert statuses == [400] * 4 + [429] * (len(others) - 4)
    assert page.post(bodies["computed.data"], **handles).status_code in {200, 204}


def test_pages_and_what_is_taken_away_count_by_address(app):
    client = app.server.test_client()
    for path, other in (("/", "/"), ("/export/glossary", "/export/dialog")):
        assert [client.get(path).status_code for _ in range(4)] == [200] * 4
        assert client.get(other).status_code == 429
    assert client.get("/", environ_overrides={"REMOTE_ADDR": "192.0.2.7"}).status_code == 200
    assert client.get("/assets/page.css", buffered=True).status_code == 200
    assert client.get("/healthz").status_code == 200


def test_an_opened_page_gets_what_it_starts_with_however_many_ask(app):
    client = app.server.test_client()
    paths = ("/_dash-layout", "/_dash-dependencies", "/assets/scripts/batchscape.min.js")
    assert {client.get(path, buffered=True).status_code for path in paths * 10} == {200}


def test_a_page_that_is_refused_loads_again_by_itself(app):
    client = app.server.test_client()
    answers = [client.get("/") for _ in range(5)]
    assert "Refresh" not in answers[3].headers
    assert answers[4].status_code == 429
    assert rate_limits.PAUSE <= int(answers[4].headers["Refresh"]) <= 2 * rate_limits.PAUSE
    assert "Refresh" not in [client.get("/take/glossary") for _ in range(5)][4].headers


@pytest.mark.parametrize("name", ["page_rate", "address_rate"])
@pytest.mark.parametrize("rate", ["", "many", "5", "5/fortnight", "-1/minute"])
def test_a_rate_that_cannot_be_read_is_refused(name, rate):
    with pytest.raises(ValidationError) as refusal:
        Settings(**{name: rate})
    (error,) = refusal.value.errors()
    assert error["msg"] == (
        "Value error, allowed: a number and a time, as 1500/minute, or several: 50/second;1500/minute"
    )


@pytest.mark.parametrize("queue", [-1, 1_001])
def test_a_queue_has_a_greatest_length(queue):
    with pytest.raises(ValidationError, match="queue"):
        Settings(queue=queue)
    assert Settings(queue=1_000).queue == 1_000


def test_fifty_people_behind_one_address_who_drag_sliders_meet_no_limit(tmp_path):
    app = create_app(Settings(cache_dir=tmp_path, warm=False))
    body = hover(app)
    pages = [Page(app) for _ in range(50)]
    for page in pages:
        assert page.client.get("/_dash-dependencies").status_code == 200
        assert page.client.get("/export/glossary").status_code == 200
    assert {pages[0].post(body).status_code for _ in range(300)} == {204}
    assert {page.post(body).status_code for page in pages} == {204}


class Slow(rate_limits.LockedMemoryStorage):
    """With time for another thread to come in between wherever the timer is looked at."""

    STORAGE_SCHEME = ["slow"]  # noqa: RUF012

    @property
    def timer(self) -> threading.Timer:
        time.sleep(0.002)
        return self._timer

    @timer.setter
    def timer(self, timer: threading.Timer) -> None:
        self._timer = timer


def test_threads_may_count_at_the_same_moment():
    storage, errors = Slow(), []

    def count() -> None:
        try:
            for _ in range(20):
                storage.incr("visitor", 60, amount=2)
                storage.decr("visitor")
                time.sleep(0.011)  # the timer ends
        except RuntimeError as problem:
            errors.append(problem)

    threads = [threading.Thread(target=count) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert storage.get("visitor") == 8 * 20
