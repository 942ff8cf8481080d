"""What the server refuses, and that nothing but that is refused."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dash import Dash
from hostile import SMALL, Page, malformed, real_bodies, with_wrong_values
from hypothesis import given
from hypothesis import strategies as st

from app import create_app
from app.http import request_validation
from app.http.error_responses import BROKEN
from app.jobs.tasks import task_to_dict
from app.settings import Settings

ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
"""Whatever JSON can say, and NaN."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Dash:
    free = {"page_rate": "1000000/second", "address_rate": "1000000/second"}
    return create_app(Settings(cache_dir=tmp_path_factory.mktemp("cache"), warm=False, **free))


@pytest.fixture(scope="module")
def bodies(app: Dash) -> dict[str, dict[str, Any]]:
    return real_bodies(app)


@pytest.fixture(scope="module")
def page(app: Dash) -> Page:
    return Page(app)


class Lines(logging.Handler):
    """Every line that the process logs, of whatever level from info up."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


@pytest.fixture(scope="module")
def lines() -> Iterator[Lines]:
    handler, root = Lines(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler
    root.removeHandler(handler)
    root.setLevel(before)


def faults(lines: Lines, response: Any) -> list[str]:
    """What is wrong with the refusal of a request: it takes a status below 500, one line said and one line logged."""
    logged, lines.records = lines.records, []
    found = []
    if not 400 <= response.status_code < 500:
        found.append(f"status {response.status_code}")
    if "Traceback" in response.text or "\n" in response.text.strip() or not response.text.strip():
        found.append(f"answer {response.text!r}")
    if len(logged) != 1 or logged[0].name != "app.http.error_responses" or logged[0].exc_info:
        found.append(f"log {[record.getMessage() for record in logged]}")
    return found


def test_every_real_body_is_answered(page, bodies, lines):
    assert len(bodies) == 10
    lines.records = []
    statuses = {name: page.post(body).status_code for name, body in bodies.items()}
    assert set(statuses.values()) <= {200, 204}, statuses
    assert lines.records == []


def test_every_malformed_body_is_refused_with_one_line(app, page, lines):
    corpus = dict(malformed(app))
    assert len(corpus) >= 300
    lines.records = []
    wrong = {what: found for what, raw in corpus.items() if (found := faults(lines, page.post(raw)))}
    assert wrong == {}


@pytest.mark.slow
def test_values_that_no_control_has_break_no_callback(app, page, lines):
    lines.records = []
    broken = {}
    for what, body in with_wrong_values(app):
        response = page.post(body)
        errors = [record.getMessage() for record in lines.records if record.levelno >= logging.ERROR]
        if response.status_code not in {200, 204} or errors:
            broken[what] = (response.status_code, response.text[:80], errors)
        lines.records = []
    assert broken == {}


@given(raw=st.binary(max_size=200) | ANY.map(lambda value: json.dumps(value).encode()))
def test_arbitrary_bodies_are_refused(page, lines, raw):
    lines.records = []
    assert faults(lines, page.post(raw)) == []


@given(data=st.data(), replaced=ANY)
def test_a_real_body_with_anything_anywhere_breaks_nothing(page, bodies, lines, data, replaced):
    body = data.draw(st.sampled_from([real for name, real in bodies.items() if name != "computed.data"]))
    changed = json.loads(json.dumps(body))
    place: Any = changed
    while True:
        key = data.draw(st.sampled_from(sorted(place) if isinstance(place, dict) else range(len(place))))
        if not isinstance(place[key], dict | list) or not place[key] or data.draw(st.booleans()):
            break
        place = place[key]
    place[key] = replaced
    lines.records = []
    response = page.post(json.dumps(changed).encode())
    assert response.status_code < 500
    assert [record.getMessage() for record in lines.records if record.levelno >= logging.ERROR] == []
    assert response.status_code in {200, 204} or faults(lines, response) == []


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "\u00e4"]
)
def test_another_content_type_is_refused(app, page, lines, kind):
    lines.records = []
    body = json.dumps(real_bodies(app)["readout.children"]).encode()
    response = page.client.post("/_dash-update-component", data=body, headers={"Content-Type": kind})
    assert response.status_code == 415
    assert faults(lines, response) == []


def test_a_body_and_an_address_have_a_greatest_length(page, lines):
    lines.records = []
    response = page.post(b" " * (request_validation.LONGEST_BODY + 1))
    assert (response.status_code, response.text) == (413, "A body has at most 65,536 bytes.")
    assert faults(lines, response) == []
    for path in ("/", "/export/dialog"):
        response = page.client.get(f"{path}?{'a' * request_validation.LONGEST_ADDRESS}")
        assert (response.status_code, response.text) == (414, "An address has at most 4096 characters.")
        assert faults(lines, response) == []


# Jobs.


def submit(app: Dash, page: Page) -> dict[str, str]:
    reply = page.post(real_bodies(app)["computed.data"]).get_json()
    return {"cacheKey": reply["cacheKey"], "job": reply["job"]}


def poll(app: Dash, page: Page, **handles: str) -> Any:
    body = real_bodies(app)["computed.data"]
    body["inputs"][0]["value"] = None
    return page.post(body, **handles)


def finish(app: Dash, page: Page, handles: dict[str, str]) -> Any:
    while True:
        response = poll(app, page, **handles)
        if response.status_code != 200 or "response" in response.get_json():
            return response


def test_handles_that_the_server_did_not_sign_for_this_page_are_refused(app, page, lines):
    mine, stranger = submit(app, page), Page(app)
    forged = {name: "0" * 32 + handle[32:] for name, handle in mine.items()}
    no_text = {name: handle[:-1] + "\u00e4" for name, handle in mine.items()}
    lines.records = []
    for asking, handles in (
        (page, forged),
        (page, no_text),
        (page, {"cacheKey": mine["cacheKey"]}),
        (page, {"job": mine["job"]}),
        (page, {"cacheKey": mine["job"], "job": mine["cacheKey"]}),
        (page, {**mine, "job": forged["job"]}),
        (page, {"cacheKey": "", "job": ""}),
        (page, {"cacheKey": "~", "job": "~"}),
        (stranger, mine),
    ):
        response = poll(app, asking, **handles)
        assert response.status_code == 410
        assert response.text == "The server does not know this job any more."
        assert faults(lines, response) == []
    cancel = real_bodies(app)["cancel.id"]
    for name in ("cancelJob", "oldJob"):
        response = stranger.post(cancel, **{name: mine["job"]})
        assert response.status_code == 410
        assert faults(lines, response) == []
    assert finish(app, page, mine).get_json()["response"]["computed"]["data"]["error"] == ""


def test_only_the_callback_of_jobs_takes_their_handles(app, page, bodies, lines):
    handles = submit(app, page)
    for part in (handles, {"cacheKey": handles["cacheKey"]}, {"job": handles["job"]}):
        for name, body in bodies.items():
            if name != "computed.data":
                lines.records = []
                response = page.post(body, **part)
                assert (response.status_code, response.text) == (400, "This callback has no jobs.")
                assert faults(lines, response) == []
    finish(app, page, handles)


def test_the_last_poll_of_a_page_that_was_answered_or_has_cancelled_is_no_refusal(app, page):
    answered = submit(app, page)
    finish(app, page, answered)
    assert poll(app, page, **answered).status_code == 204
    cancelled = submit(app, page)
    assert page.post(real_bodies(app)["cancel.id"], cancelJob=cancelled["job"]).status_code == 200
    assert poll(app, page, **cancelled).status_code == 204


def test_a_job_of_an_earlier_process_is_gone_and_the_page_that_asks_again_gets_its_result(tmp_path: Path):
    first, second = (create_app(Settings(cache_dir=tmp_path, warm=False)) for _ in range(2))
    page = Page(first)
    handles = submit(first, page)
    page.client = second.server.test_client()
    assert poll(second, page, **handles).status_code == 410
    assert finish(second, page, submit(second, page)).get_json()["response"]["computed"]["data"]["error"] == ""


# Other addresses.


@pytest.mark.parametrize(
    "path",
    [
        "/nonsense",
        "/wp-admin/setup.php",
        "/index.html",
        "/assets/../app/__init__.py",
        "/assets/..%2f..%2fREADME.md",
        "/assets/%2e%2e/README.md",
        "/assets/nothing.js",
        "/assets/",
        "/static/x",
        "/_dash-component-suites/os/x.py",
        "/_dash-component-suites/dash/dash.py",
        "/_dash-component-suites/dash/../dash.py",
        "/_dash-component-suites/dash/deps/nothing.js",
        "/_dash-component-suites/plotly/package_data/plotly.min.js.map",
        "/_mcp",
        "/mcp",
        "/_dash-ws-callback",
        "/console",
        "/take",
        "/export/",
        "/export/everything",
        "/export/study-x.npz?v=1",
        "/export/study--1.npz?v=1",
        "/export/study-99999999999999999999.npz?v=1",
        "/export/numbers/nobody?v=1",
        "/export/table/%0aINFO%20forged?v=1",
        "/export/dialog?seed=%00",
        "/export/dialog?seed=\U0001f600",
        "/export/dialog?seed=1&seed=2",
        "/export/dialog?seed=1e400",
        "/export/dialog?" + "a=b&" * 500,
        "/metrics",
    ],
)
def test_an_address_that_leads_nowhere_is_refused(page, lines, path):
    lines.records = []
    assert faults(lines, page.client.get(path)) == []


def test_who_follows_a_dead_link_is_shown_the_way_home(page):
    answer = page.client.get("/nope", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "<h1>Page not found</h1>" in answer.text
    assert '<a href="/">Go to Batchscape.</a>' in answer.text
    assert page.client.get("/nope").text == "Page not found."


@pytest.mark.parametrize(
    "host", ["localhost", "a.example:8050", "under_score", "<x>", "", "127.0.0.1:1", "[::1]:8050", "xn--mnchen-3ya.de"]
)
def test_a_host_is_any_name_or_address(page, lines, host):
    lines.records = []
    assert page.client.get("/export/dialog?v=1", headers={"Host": host}).status_code == 200
    assert lines.records == []


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/"), ("PUT", "/_dash-update-component"), ("PUT", "/export/dialog")]
)
def test_another_method_is_refused(page, lines, method, path):
    lines.records = []
    response = page.client.open(path, method=method)
    assert response.status_code == 405
    assert response.headers["Allow"]
    assert faults(lines, response) == []


@given(
    query=st.text(max_size=80), path=st.sampled_from(["dialog", "numbers", "study-0.npz", "numbers/loss", "table/loss"])
)
def test_any_query_of_what_is_taken_away_is_answered_or_refused(page, lines, path, query):
    lines.records = []
    response = page.client.get(f"/export/{path}", query_string=query)
    assert response.status_code < 500
    assert [record for record in lines.records if record.levelno >= logging.ERROR] == []


def test_every_file_that_dash_has_registered_is_served_or_not_there(app, page, lines):
    for package, paths in app.registered_paths.items():
        for path in paths:
            lines.records = []
            response = page.client.get(f"/_dash-component-suites/{package}/{path}")
            assert response.status_code == 200 or faults(lines, response) == []


# What is our own fault stays our own fault.


def test_an_error_of_ours_is_a_500_with_its_traceback_in_the_log_and_nothing_of_it_in_the_answer(
    app, page, lines, monkeypatch
):
    def broken(*_: object) -> None:
        raise KeyError("/srv/secret")

    monkeypatch.setattr("app.callbacks.render.draw", broken)
    lines.records = []
    response = page.post(next(body for name, body in real_bodies(app).items() if name == "notice.children"))
    assert response.status_code == 500
    assert response.text == BROKEN
    (record,) = lines.records
    assert record.levelno == logging.ERROR
    assert record.exc_info is not None
    assert "/srv/secret" in str(record.exc_info[1])


def test_a_job_that_fails_is_a_500_that_says_where_to_look(app, page, lines, monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("/srv/secret")

    monkeypatch.setattr("app.callbacks.jobs.compute", broken)
    body = real_bodies(app)["computed.data"]
    body["inputs"][0]["value"] = task_to_dict(SMALL.replace(seed=77))
    reply = page.post(body).get_json()
    response = finish(app, page, {"cacheKey": reply["cacheKey"], "job": reply["job"]})
    assert response.status_code == 500
    assert "/srv/secret" not in response.text
    assert "/srv/secret" in "".join(str(record.exc_info[1]) for record in lines.records if record.exc_info)


def test_hidden_doors_of_dash_are_shut(app):
    assert not app._enable_mcp
    assert not app.server.debug
    assert not app._dev_tools.ui
