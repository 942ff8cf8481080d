"""The thread pool behind background callbacks: alone, and through Dash's own submit-and-poll protocol."""

from __future__ import annotations

import gc
import json
import logging
import os
import re
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import dash
import pytest
from dash import Dash, Input, Output, ctx, html, no_update, set_props
from dash._get_app import app_context
from dash.background_callback.managers import BaseBackgroundCallbackManager
from dash.exceptions import PreventUpdate

from app import background
from app.background import UNDEFINED, JobCancelled, ThreadManager

PATIENCE = 20.0
"""Seconds after which a test gives up; nothing here takes a tenth of it."""

Body = Callable[..., object]


def wait(event: threading.Event) -> None:
    assert event.wait(PATIENCE), "the event never came"


def until(ask: Callable[[], Any], wrong: object = None) -> Any:
    """Poll as a browser does, until the reply is another than `wrong`."""
    deadline = time.monotonic() + PATIENCE
    while (reply := ask()) is wrong:
        assert time.monotonic() < deadline, "no answer came"
        time.sleep(0.001)
    return reply


@pytest.fixture(autouse=True)
def _private_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Dash keeps every manager and callback of the process in two lists, and the app served last: none of another's."""
    monkeypatch.setattr(BaseBackgroundCallbackManager, "managers", [])
    monkeypatch.setattr(BaseBackgroundCallbackManager, "functions", [])
    token = app_context.set(None)
    yield
    app_context.reset(token)


@pytest.fixture
def pool() -> Iterator[Callable[..., ThreadManager]]:
    """Make managers that are closed after the test."""
    made: list[ThreadManager] = []

    def make(workers: int = 2, queue_limit: int = 100, **options: Any) -> ThreadManager:
        made.append(ThreadManager(workers, queue_limit, busy=lambda: "busy", in_line=lambda n: [n], **options))
        return made[-1]

    yield make
    for manager in made:
        manager.close()


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """A door that a job waits at; opened at the end, so that no job outlives its test."""
    event = threading.Event()
    yield event
    event.set()


class Clock:
    """A clock that a test moves by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(background, "monotonic", lambda: self.now)


def ask(manager: ThreadManager, body: Body, *args: object, progress: bool = False) -> str:
    """Do what Dash does when a page asks for a job."""
    key = manager.build_cache_key(body, list(args), [], None)
    return manager.call_job_fn(key, manager.make_job_fn(body, progress), list(args), {})


def answer(manager: ThreadManager, key: str) -> Any:
    """Poll for the answer, and close the request as Dash does."""
    reply = until(lambda: manager.get_result(key, key), wrong=UNDEFINED)
    assert not manager.job_running(key)
    manager.get_updated_props(key)
    return reply


class Counted:
    """A job that counts its runs, says when it starts, and waits at a gate."""

    def __init__(self, gate: threading.Event | None = None) -> None:
        self.gate, self.started, self.runs, self.stopped = gate, threading.Event(), [], threading.Event()

    def __call__(self, *args: Any) -> object:
        self.runs.append(args)
        self.started.set()
        if self.gate is not None:
            wait(self.gate)
        return ["answer", *args]

    def reporting(self, set_progress: Callable[[object], None], *args: Any) -> object:
        """Report after the gate, as a long computation would between two chunks."""
        reply = self(*args)
        try:
            set_progress("half")
        except JobCancelled:
            self.stopped.set()
            raise
        return reply


# Sharing.


def test_equal_requests_share_one_run_and_each_reads_the_answer(pool, gate):
    manager, job = pool(), Counted(gate)
    keys = [ask(manager, job.__call__, 7) for _ in range(5)]
    assert len(set(keys)) == 5
    gate.set()
    assert [answer(manager, key) for key in keys] == [["answer", 7]] * 5
    assert answer(manager, ask(manager, job.__call__, 7)) == ["answer", 7]  # kept for a newcomer
    assert job.runs == [(7,)]


def test_other_inputs_and_other_functions_of_the_same_source_do_not_share(pool):
    def make(factor: int) -> Body:
        return lambda number: factor * number

    manager, double, triple = pool(), make(2), make(3)
    keys = [ask(manager, double, 5), ask(manager, double, 6), ask(manager, triple, 5)]
    assert [answer(manager, key) for key in keys] == [10, 12, 15]


def test_an_answer_is_kept_for_its_time_and_then_let_go(pool, monkeypatch):
    class Figure:
        pass

    clock, manager, runs = Clock(monkeypatch), pool(keep=60.0), []

    def job() -> Figure:
        runs.append(None)
        return Figure()

    first = weakref.ref(answer(manager, ask(manager, job)))
    clock.now += 59
    assert answer(manager, ask(manager, job)) is first()
    clock.now += 2
    assert answer(manager, ask(manager, job)) is not first()
    gc.collect()
    assert len(runs) == 2
    assert first() is None


def test_only_so_many_answers_are_kept(pool, monkeypatch):
    monkeypatch.setattr(background, "MOST_KEPT", 2)
    manager, job = pool(workers=1), Counted()
    for number in (1, 2, 3, 3, 2, 1):
        assert answer(manager, ask(manager, job.__call__, number)) == ["answer", number]
    assert job.runs == [(1,), (2,), (3,), (1,)]


def test_none_is_an_answer(pool):
    manager = pool()
    assert answer(manager, ask(manager, lambda: None)) is None


# Cancelling.


def test_one_of_two_waiters_cancels_and_the_other_is_answered(pool, gate):
    manager, job = pool(), Counted(gate)
    leaves, stays = (ask(manager, job.reporting, 1, progress=True) for _ in range(2))
    wait(job.started)
    manager.terminate_job(leaves)
    assert not manager.job_running(leaves)
    assert manager.job_running(stays)
    gate.set()
    assert answer(manager, stays) == ["answer", 1]
    assert manager.get_result(leaves, leaves) is UNDEFINED
    assert not job.stopped.is_set()


def test_a_job_whose_waiters_have_all_gone_stops_and_frees_its_worker(pool, gate):
    manager, job = pool(workers=1), Counted(gate)
    keys = [ask(manager, job.reporting, 1, progress=True) for _ in range(2)]
    wait(job.started)
    for key in keys:
        manager.terminate_job(key)
    gate.set()
    wait(job.stopped)
    assert answer(manager, ask(manager, lambda: "next")) == "next"
    assert [manager.get_result(key, key) for key in keys] == [UNDEFINED, UNDEFINED]


def test_a_cancelled_job_in_the_queue_never_runs(pool, gate):
    manager, running, waiting = pool(workers=1), Counted(gate), Counted()
    first = ask(manager, running.__call__)
    wait(running.started)
    manager.terminate_job(ask(manager, waiting.__call__))
    last = ask(manager, lambda: "last")
    gate.set()
    assert [answer(manager, first), answer(manager, last)] == [["answer"], "last"]
    assert waiting.runs == []


def test_a_request_after_a_cancel_starts_afresh(pool, gate):
    manager, job = pool(workers=2), Counted(gate)
    old = ask(manager, job.reporting, 1, progress=True)
    wait(job.started)
    manager.terminate_job(old)
    new = ask(manager, job.reporting, 1, progress=True)
    gate.set()
    assert answer(manager, new) == ["answer", 1]
    assert len(job.runs) == 2


def test_what_a_job_returns_after_swallowing_the_cancel_is_thrown_away(pool, gate):
    started = threading.Event()

    def stubborn(set_progress: Callable[[object], None], first: list[bool]) -> str:
        if not first:
            return "fresh"
        first.clear()
        started.set()
        wait(gate)
        with pytest.raises(JobCancelled):
            set_progress(1)
        with pytest.raises(JobCancelled):
            set_progress(2)
        return "stale"

    manager, state = pool(workers=1), [True]
    key = manager.build_cache_key(stubborn, ["same"], [], None)
    manager.call_job_fn(key, manager.make_job_fn(stubborn, True), [state], {})
    wait(started)
    manager.terminate_job(key)
    key = manager.build_cache_key(stubborn, ["same"], [], None)
    manager.call_job_fn(key, manager.make_job_fn(stubborn, True), [state], {})
    gate.set()
    assert answer(manager, key) == "fresh"


def test_a_closed_page_is_noticed_when_its_job_reports(pool, gate, monkeypatch):
    clock, manager, polled, left = Clock(monkeypatch), pool(workers=2, abandoned=30.0), Counted(gate), Counted(gate)
    polling = ask(manager, polled.reporting, progress=True)
    silent = ask(manager, left.reporting, progress=True)
    wait(polled.started)
    wait(left.started)
    clock.now += 29
    assert manager.get_result(polling, polling) is UNDEFINED
    clock.now += 2
    gate.set()
    wait(left.stopped)
    assert answer(manager, polling) == ["answer"]
    assert not manager.job_running(silent)


def test_a_closed_page_is_noticed_when_its_job_is_next(pool, gate, monkeypatch):
    clock, manager, running, waiting = Clock(monkeypatch), pool(workers=1, abandoned=30.0), Counted(gate), Counted()
    silent = [ask(manager, running.__call__), ask(manager, waiting.__call__)]
    polling = ask(manager, lambda: "still here")
    wait(running.started)
    clock.now += 29
    assert manager.get_result(polling, polling) is UNDEFINED
    clock.now += 2
    gate.set()
    assert answer(manager, polling) == "still here"
    assert waiting.runs == []
    assert [manager.job_running(key) for key in silent] == [False, False]


# The queue.


def test_a_full_queue_answers_busy_at_once_and_takes_work_again_later(pool, gate):
    manager, job = pool(workers=1, queue_limit=2), Counted(gate)
    keys = [ask(manager, job.__call__, number) for number in range(3)]
    refused = ask(manager, job.__call__, 3)
    assert manager.get_result(refused, refused) == "busy"
    joined = ask(manager, job.__call__, 2)  # joining takes no room
    assert manager.get_result(joined, joined) is UNDEFINED
    gate.set()
    assert [answer(manager, key) for key in [*keys, joined]] == [["answer", n] for n in (0, 1, 2, 2)]
    assert answer(manager, ask(manager, job.__call__, 3)) == ["answer", 3]  # the refusal was not kept
    assert job.runs == [(0,), (1,), (2,), (3,)]


def test_an_owner_has_so_many_requests_open_and_others_have_theirs(pool, gate):
    owner, job = ["first"], Counted(gate)
    manager = pool(workers=1, owner=lambda: owner[0], most_open=2, enough=lambda: "enough")
    first, second, refused = (ask(manager, job.__call__, number) for number in range(3))
    assert manager.get_result(refused, refused) == "enough"
    shared = ask(manager, job.__call__, 0)  # one that others wait for is no exception
    assert manager.get_result(shared, shared) == "enough"
    owner[0] = "second"
    other = ask(manager, job.__call__, 3)
    owner[0] = "first"
    manager.terminate_job(second)
    third = ask(manager, job.__call__, 4)  # there is room again
    wait(job.started)
    assert manager.load == (1, 2)
    gate.set()
    assert [answer(manager, key)[1] for key in (first, other, third)] == [0, 3, 4]
    kept = [ask(manager, job.__call__, number) for number in (0, 3, 4)]  # answered already: not open
    assert [answer(manager, key)[1] for key in kept] == [0, 3, 4]


def test_a_cancelled_job_gives_its_place_in_the_queue_back(pool, gate):
    manager, job = pool(workers=1, queue_limit=1), Counted(gate)
    ask(manager, job.__call__, 0)
    wait(job.started)
    manager.terminate_job(ask(manager, job.__call__, 1))
    accepted = ask(manager, job.__call__, 2)
    assert manager.get_result(accepted, accepted) is UNDEFINED


def test_three_thousand_jobs_of_twelve_clients_lose_none(pool):
    manager, wrong, clients = pool(workers=2, queue_limit=12), [], 12

    def body(set_progress: Callable[[object], None], number: int) -> int:
        set_progress(number)
        return -number

    def client(start: int) -> None:
        for step in range(250):
            number = start + clients * step if step % 5 else -step  # every fifth is asked by all at about the same time
            reply = answer(manager, ask(manager, body, number, progress=True))
            if reply != -number:
                wrong.append((number, reply))

    threads = [threading.Thread(target=client, args=(start,)) for start in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert not any(thread.is_alive() for thread in threads)
    assert wrong == []


def test_who_waits_is_told_the_place_in_line_and_moves_up(pool, gate):
    manager, first, others = pool(workers=1), Counted(gate), Counted(gate)
    running = ask(manager, first.__call__, 0)
    wait(first.started)
    waiting = [ask(manager, others.__call__, number) for number in range(3)]
    joined = ask(manager, others.__call__, 1)
    assert manager.get_progress(running) == [0]
    assert [manager.get_progress(key) for key in (*waiting, joined)] == [[1], [2], [3], [2]]
    assert manager.load == (1, 3)
    manager.terminate_job(waiting[0])
    assert [manager.get_progress(key) for key in (*waiting, joined)] == [None, [1], [2], [1]]
    assert manager.load == (1, 2)
    gate.set()
    assert [answer(manager, key) for key in waiting[1:]] == [["answer", 1], ["answer", 2]]
    assert manager.load == (0, 0)


def test_a_request_is_known_while_it_is_open_and_a_little_longer(pool, gate, monkeypatch):
    clock, manager, job = Clock(monkeypatch), pool(workers=1, abandoned=30.0), Counted(gate)
    cancelled, silent = (ask(manager, job.__call__, number) for number in range(2))
    assert manager.knows(cancelled)
    manager.terminate_job(cancelled)
    assert manager.knows(cancelled)
    assert not manager.knows("unknown")
    manager.terminate_job("unknown")
    assert not manager.knows("unknown")
    clock.now += 31
    gate.set()
    answered = ask(manager, lambda: "done")  # sweeps
    assert not manager.knows(silent)
    assert answer(manager, answered) == "done"
    assert manager.knows(answered)


def test_a_closed_manager_is_not_alive(pool, gate):
    manager, job = pool(), Counted(gate)
    assert manager.alive
    ask(manager, job.__call__)
    wait(job.started)
    assert manager.alive
    gate.set()
    manager.close()
    assert not manager.alive


# What a job reports.


def test_the_latest_progress_is_seen_by_all_waiters(pool, gate):
    manager, reported = pool(), threading.Event()

    def job(set_progress: Callable[[object], None]) -> None:
        set_progress(("0", "10"))
        set_progress(["1", "10"])
        reported.set()
        wait(gate)

    keys = [ask(manager, job, progress=True) for _ in range(2)]
    wait(reported)
    assert [manager.get_progress(key) for key in keys] == [["1", "10"]] * 2
    assert manager.get_progress("unknown") is None


def test_every_set_props_reaches_every_waiter_once(pool, gate):
    manager, first_set, second_gate, second_set = pool(), threading.Event(), threading.Event(), threading.Event()

    def job() -> str:
        set_props("a", {"x": 1})
        set_props("a", {"y": 2})
        set_props("b", {"z": 3})
        first_set.set()
        wait(second_gate)
        set_props("a", {"x": 5})
        set_props("b", {"z": 4})
        second_set.set()
        wait(gate)
        return "done"

    early = ask(manager, job)
    wait(first_set)
    assert manager.get_updated_props(early) == {"a": {"x": 1, "y": 2}, "b": {"z": 3}}
    assert manager.get_updated_props(early) == {}
    late = ask(manager, job)
    second_gate.set()
    wait(second_set)
    assert manager.get_updated_props(early) == {"a": {"x": 5}, "b": {"z": 4}}
    gate.set()
    until(lambda: manager.get_result(late, late), wrong=UNDEFINED)
    assert manager.get_updated_props(late) == {"a": {"x": 5, "y": 2}, "b": {"z": 4}}
    assert manager.get_updated_props(late) == {}


def test_an_answer_that_comes_in_the_middle_of_a_poll_is_not_lost(pool, gate):
    manager, job = pool(workers=1), Counted(gate)
    key = ask(manager, job.__call__)
    assert manager.get_result(key, key) is UNDEFINED  # the first half of a poll
    gate.set()
    assert answer(manager, ask(manager, lambda: "the job is over")) == "the job is over"
    assert manager.job_running(key)  # the second half
    assert manager.get_result(key, key) == ["answer"]


def test_unknown_handles_are_not_running_and_another_key_opens_nothing(pool):
    manager = pool()
    mine, yours = ask(manager, lambda: "mine"), ask(manager, lambda: "yours")
    assert not manager.job_running("unknown")
    manager.terminate_job("unknown")
    for key, handle in (("unknown", "unknown"), (mine, yours), (mine, None)):
        assert manager.get_result(key, handle) is UNDEFINED
    assert manager.get_updated_props("unknown") == {}
    assert [answer(manager, mine), answer(manager, yours)] == ["mine", "yours"]
    manager.terminate_job(mine)  # after the answer: harmless


@pytest.mark.skipif(sys.platform != "linux", reason="threads have a niceness of their own on Linux alone")
def test_jobs_give_way_to_answers(pool):
    manager, before = pool(), os.nice(0)
    assert answer(manager, ask(manager, lambda: os.nice(0))) == before + background.NICENESS
    assert os.nice(0) == before


def test_the_signing_secret_is_made_once(pool):
    manager, made = pool(), iter([b"first", b"second"])
    assert {manager.get_or_create_signing_secret(lambda: next(made)) for _ in range(2)} == {b"first"}


# Failing.


def test_a_failed_job_is_logged_reported_without_details_and_tried_again(pool, caplog):
    manager, outcomes = pool(), [FileNotFoundError("/srv/secret/table.npz"), "good"]

    def job() -> object:
        outcome = outcomes.pop(0)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    with caplog.at_level(logging.ERROR, logger="app.background"):
        error = answer(manager, ask(manager, job))["background_callback_error"]
    assert error["tb"] == ""
    reference = re.fullmatch(
        r"The server could not finish this computation \(reference ([0-9a-f]{8}) in its log\)\.", error["msg"]
    )
    assert reference is not None
    assert reference[1] in caplog.text
    assert "/srv/secret/table.npz" in caplog.text
    assert "Traceback" in caplog.text
    assert answer(manager, ask(manager, job)) == "good"


def test_a_job_that_calls_exit_costs_no_worker(pool, caplog):
    def body() -> None:
        sys.exit("enough")

    manager = pool(workers=1)
    assert "background_callback_error" in answer(manager, ask(manager, body))
    assert answer(manager, ask(manager, lambda: "alive")) == "alive"
    assert "SystemExit" in caplog.text


def test_an_async_body_is_refused_when_it_is_registered(pool):
    async def body() -> None: ...

    pool()
    with pytest.raises(TypeError) as refusal:
        Dash(__name__).callback(Output("out", "children"), Input("in", "value"), background=True)(body)
    assert str(refusal.value) == (
        f"The background callback {body.__qualname__} is an async function. "
        "ThreadManager runs plain functions only: write `def` instead of `async def`."
    )


@pytest.mark.parametrize(
    ("loop", "said"), [("while True: set_progress(1)", "stopped\n"), ("threading.Event().wait()", "")]
)
def test_a_process_ends_while_a_job_runs(loop, said):
    script = f"""
import threading
from app.background import JobCancelled, ThreadManager
manager, started = ThreadManager(1, 1, str, lambda place: [place]), threading.Event()
def body(set_progress):
    started.set()
    try:
        {loop}
    except JobCancelled:
        print("stopped", flush=True)
        raise
key = manager.build_cache_key(body, [], [], None)
manager.call_job_fn(key, manager.make_job_fn(body, True), [], {{}})
assert started.wait(20)
"""
    command = [sys.executable, "-c", script]
    assert subprocess.run(command, check=True, timeout=60, capture_output=True, text=True).stdout == said


# Through Dash.


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


def test_a_page_that_asks_anew_drops_its_old_job(pool, gate):
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
