"""Background jobs in tests: requests as Dash makes them, jobs that wait at a gate, and a clock moved by hand."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

from app.jobs import thread_manager
from app.jobs.background_job import UNDEFINED
from app.jobs.cancelled import JobCancelled
from app.jobs.thread_manager import ThreadManager

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


class Clock:
    """A clock that a test moves by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 1000.0
        monkeypatch.setattr(thread_manager, "monotonic", lambda: self.now)


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
