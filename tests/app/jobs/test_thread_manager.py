"""The thread pool behind background callbacks: shared answers, the queue, reports and failures."""

from __future__ import annotations

import gc
import logging
import os
import re
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable

import pytest
from background import PATIENCE, Body, Clock, Counted, answer, ask, until, wait
from dash import Dash, Input, Output, set_props

from app.jobs import thread_manager
from app.jobs.background_job import UNDEFINED

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


def test_an_answer_is_kept_for_its_time_and_then_freed(pool, monkeypatch):
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
    monkeypatch.setattr(thread_manager, "MOST_KEPT", 2)
    manager, job = pool(workers=1), Counted()
    for number in (1, 2, 3, 3, 2, 1):
        assert answer(manager, ask(manager, job.__call__, number)) == ["answer", number]
    assert job.runs == [(1,), (2,), (3,), (1,)]


def test_none_is_an_answer(pool):
    manager = pool()
    assert answer(manager, ask(manager, lambda: None)) is None


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


def test_waiting_requests_report_their_place_in_the_queue_and_move_up(pool, gate):
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
    assert answer(manager, ask(manager, lambda: os.nice(0))) == before + thread_manager.NICENESS
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

    with caplog.at_level(logging.ERROR, logger="app.jobs.background_job"):
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
    ("loop", "printed"), [("while True: set_progress(1)", "stopped\n"), ("threading.Event().wait()", "")]
)
def test_a_process_ends_while_a_job_runs(loop, printed):
    script = f"""
import threading
from app.jobs.cancelled import JobCancelled
from app.jobs.thread_manager import ThreadManager
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
    assert subprocess.run(command, check=True, timeout=60, capture_output=True, text=True).stdout == printed
