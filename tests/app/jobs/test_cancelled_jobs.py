"""Requests that are cancelled, and jobs that nobody waits for any more."""

from __future__ import annotations

import math
import threading
from collections.abc import Callable

import pytest
from background import PATIENCE, Clock, Counted, answer, ask, wait

from app.jobs.background_job import UNDEFINED
from app.jobs.cancelled import JobCancelled


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


def endless(started: threading.Event) -> None:
    started.set()
    while True:
        pass


@pytest.mark.parametrize("waits", [True, False])
def test_a_job_that_never_ends_is_given_up_and_its_thread_is_free(pool, monkeypatch, caplog, waits):
    clock, started = Clock(monkeypatch), threading.Event()
    manager = pool(workers=1, abandoned=math.inf, silence=600.0, hangs=lambda: "hangs")
    hangs = ask(manager, endless, started)
    wait(started)
    (thread,) = manager._threads
    clock.now += 599
    assert manager.get_result(hangs, hangs) is UNDEFINED
    assert manager.get_progress(hangs) == [0]
    if not waits:
        manager.terminate_job(hangs)
    clock.now += 2
    other = ask(manager, lambda: "served")
    assert answer(manager, other) == "served"
    assert manager.get_result(hangs, hangs) == ("hangs" if waits else UNDEFINED)
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert manager.alive
    assert manager.load == (0, 0)
    assert "A background job has not reported for 601 s and is given up" in caplog.text


def test_a_job_that_cannot_be_interrupted_leaves_its_place_and_its_answer_is_thrown_away(pool, gate, monkeypatch):
    clock, job = Clock(monkeypatch), Counted(gate)
    manager = pool(workers=1, abandoned=math.inf, silence=600.0, hangs=lambda: "hangs")
    hangs = ask(manager, job.__call__, 1)
    wait(job.started)
    (thread,) = manager._threads
    clock.now += 601
    assert answer(manager, ask(manager, lambda: "served")) == "served"
    assert answer(manager, hangs) == "hangs"
    gate.set()
    thread.join(PATIENCE)
    assert not thread.is_alive()
    assert answer(manager, ask(manager, job.__call__, 1)) == ["answer", 1]
    assert len(job.runs) == 2


def test_a_job_that_reports_may_take_as_long_as_it_likes(pool, monkeypatch):
    clock, manager = Clock(monkeypatch), pool(workers=1, abandoned=math.inf, silence=600.0, hangs=lambda: "hangs")

    def long(set_progress: Callable[[object], None]) -> str:
        for step in range(9):
            clock.now += 500
            set_progress(step)
        return "done"

    assert answer(manager, ask(manager, long, progress=True)) == "done"
