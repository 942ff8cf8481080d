"""Thread managers of a test's own, and the gate that their jobs wait at."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from dash._get_app import app_context
from dash.background_callback.managers import BaseBackgroundCallbackManager

from app.jobs.thread_manager import ThreadManager


@pytest.fixture
def private_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Dash keeps every manager and callback of the process in two lists, and the app served last: none of another's."""
    monkeypatch.setattr(BaseBackgroundCallbackManager, "managers", [])
    monkeypatch.setattr(BaseBackgroundCallbackManager, "functions", [])
    token = app_context.set(None)
    yield
    app_context.reset(token)


@pytest.fixture
def pool(private_registry: None) -> Iterator[Callable[..., ThreadManager]]:
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
