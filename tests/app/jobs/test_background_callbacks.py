"""Background callbacks on threads, through Dash's own submit-and-poll protocol."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from typing import Any

import dash
from background import Body, Counted, until, wait
from dash import Dash, Input, Output, ctx, html, no_update, set_props
from dash.exceptions import PreventUpdate

from app.jobs.thread_manager import ThreadManager


class Page:
    """One page load: its signed identity, and the requests that it makes."""

    def __init__(self, app: Dash) -> None:
        self.client = app.server.test_client()
        config = re.search(r'id="_dash-config"[^>]*>(.*?)</script>', self.client.get("/").text)
        assert config is not None
        self.identity = json.loads(config[1])["end_id"]

    def post(self, value: object, target: str = "out.children", source: str = "in.value", **query: str) -> Any:
        (out, out_property), (component, component_property) = target.split("."), source.split(".")
        return self.client.post(
            "/_dash-update-component",
            query_string={"endId": self.identity, **query},
            json={
                "output": target,
                "outputs": {"id": out, "property": out_property},
                "inputs": [{"id": component, "property": component_property, "value": value}],
                "changedPropIds": [source],
            },
        )

    def submit(self, value: object) -> dict[str, str]:
        reply = self.post(value).get_json()
        return {"cacheKey": reply["cacheKey"], "job": reply["job"]}

    def poll(self, handles: dict[str, str]) -> Any:
        return self.post(None, **handles)

    def finish(self, handles: dict[str, str]) -> Any:
        """Poll until the browser would stop."""

        def reply() -> Any:
            response = self.poll(handles)
            return None if response.status_code == 200 and "response" not in response.get_json() else response

        return until(reply)


def make_app(manager: ThreadManager, body: Body, **options: Any) -> Dash:
    app = Dash(__name__, background_callback_manager=manager)
    app.layout = html.Div([html.Div(id=name) for name in ("in", "out", "bar", "side", "cancel")])
    app.callback(Output("out", "children"), Input("in", "value"), background=True, **options)(body)
    return app


def shown(response: Any) -> object:
    return response.get_json()["response"]["out"]["children"]


def test_pages_that_load_together_share_one_run_and_each_gets_the_answer(pool, gate):
    job = Counted(gate)
    app = make_app(pool(), job.__call__)
    pages = [Page(app) for _ in range(8)]
    handles = [page.submit(3) for page in pages]
    assert [page.poll(own).get_json() for page, own in zip(pages, handles, strict=True)] == [{"multi": True}] * 8
    gate.set()
    finished = [page.finish(own) for page, own in zip(pages, handles, strict=True)]
    assert [shown(response) for response in finished] == [["answer", 3]] * 8
    assert job.runs == [(3,)]


def test_the_callback_context_and_the_app_are_there_in_the_job(pool):
    seen: list[object] = []

    def body(value: int) -> str:
        seen.extend([ctx.triggered_id, ctx.inputs, ctx.path.split("?")[0], dash.get_app()])
        return "done"

    app = make_app(pool(), body)
    page = Page(app)
    assert shown(page.finish(page.submit(5))) == "done"
    assert seen == ["in", {"in.value": 5}, "/_dash-update-component", app]


def test_progress_and_set_props_travel_with_the_polls(pool, gate):
    reported = threading.Event()

    def body(set_progress: Callable[[object], None], value: int) -> int:
        set_progress("1 of 2")
        set_props("side", {"children": value})
        set_props("side", {"title": "noted"})
        reported.set()
        wait(gate)
        return value

    page = Page(make_app(pool(), body, progress=[Output("bar", "children")]))
    handles = page.submit(4)
    wait(reported)
    assert page.poll(handles).get_json() == {
        "multi": True,
        "progress": {"bar.children": "1 of 2"},
        "sideUpdate": {"side": {"children": 4, "title": "noted"}},
    }
    gate.set()
    last = page.finish(handles)
    assert shown(last) == 4
    assert "sideUpdate" not in last.get_json()


def test_cancel_ends_the_polls_and_the_job(pool, gate):
    job = Counted(gate)
    options = {"progress": [Output("bar", "children")], "cancel": [Input("cancel", "n_clicks")]}
    page = Page(make_app(pool(workers=1), job.reporting, **options))
    handles = page.submit(1)
    wait(job.started)
    assert page.post(1, target="cancel.id", source="cancel.n_clicks", cancelJob=handles["job"]).status_code == 200
    assert page.poll(handles).status_code == 204
    gate.set()
    wait(job.stopped)
    assert shown(page.finish(page.submit(2))) == ["answer", 2]


def test_a_new_request_of_a_page_drops_its_old_job(pool, gate):
    job = Counted(gate)
    page = Page(make_app(pool(workers=1), job.__call__))
    page.submit(1)
    wait(job.started)
    waiting = page.submit(2)
    page.post(3, oldJob=waiting["job"])
    gate.set()
    assert page.poll(waiting).status_code == 204
    assert shown(page.finish(page.submit(3))) == ["answer", 3]
    assert job.runs == [(1,), (3,)]


def test_forged_and_borrowed_handles_reach_nothing(pool, gate):
    job = Counted(gate)
    app = make_app(pool(), job.__call__, cancel=[Input("cancel", "n_clicks")])
    owner, stranger = Page(app), Page(app)
    handles = owner.submit(1)
    wait(job.started)
    forged = {name: "0" * 32 + handle[32:] for name, handle in handles.items()}
    for page, stolen in ((owner, forged), (stranger, handles), (owner, {**handles, "job": forged["job"]})):
        assert page.poll(stolen).status_code == 204
        page.post(1, target="cancel.id", source="cancel.n_clicks", cancelJob=stolen["job"])
        if page is stranger:
            assert owner.poll(handles).status_code == 200
    gate.set()
    assert shown(owner.finish(handles)) == ["answer", 1]
    assert owner.poll(handles).status_code == 204  # read once, then closed
    assert job.runs == [(1,)]


def test_a_failure_reaches_the_page_without_a_traceback(pool, caplog):
    def body(value: int) -> int:
        raise ValueError("/srv/secret")

    page = Page(make_app(pool(), body))
    response = page.finish(page.submit(1))
    assert response.status_code == 500
    for leak in ("/srv/secret", "ValueError", "Traceback", __file__):
        assert leak not in response.text
    assert "/srv/secret" in caplog.text


def test_an_error_handler_gets_a_reference_only(pool):
    page = Page(make_app(pool(), lambda value: 1 / value, on_error=str))
    assert re.fullmatch(
        r"An error occurred inside a background callback: "
        r"The server could not finish this computation \(reference [0-9a-f]{8} in its log\)\.",
        str(shown(page.finish(page.submit(0)))),
    )


def test_prevent_update_and_no_update_leave_the_page_alone(pool):
    def body(value: str) -> object:
        if value == "raise":
            raise PreventUpdate
        return no_update

    page = Page(make_app(pool(), body))
    assert [page.finish(page.submit(value)).status_code for value in ("raise", "return")] == [204, 204]


def test_a_refused_page_is_shown_busy(pool, gate):
    job = Counted(gate)
    page = Page(make_app(pool(workers=1, queue_limit=0), job.__call__))
    accepted, refused = page.submit(1), page.submit(2)
    assert shown(page.poll(refused)) == "busy"
    gate.set()
    assert shown(page.finish(accepted)) == ["answer", 1]
    assert shown(page.finish(page.submit(2))) == ["answer", 2]


def test_two_apps_in_one_process_run_their_own_closures(pool):
    def make(name: str) -> Dash:
        def body(value: int) -> str:
            return f"{name} {value}"

        return make_app(pool(), body)

    pages = [Page(app) for app in (make("first"), make("second"))]
    assert [shown(page.finish(page.submit(1))) for page in pages] == ["first 1", "second 1"]
