"""Callback of the background job: compute a task, with progress, until it is done or nobody waits for it."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from time import monotonic
from typing import Any

from dash import Dash, Input, Output
from dash.exceptions import PreventUpdate

from app import metrics
from app.jobs.service import Service
from app.jobs.tasks import task_from, task_to_dict
from app.jobs.thread_manager import ThreadManager
from app.page import ids
from landscape_core import LandscapeError

logger = logging.getLogger(__name__)

POLL_MILLISECONDS = 150
REPORT_SECONDS = 0.1

MOST_OPEN = 3
"""Computations that one page may have under way; it starts one at a time, and a slow network may leave one behind."""

ENOUGH = f"This page has {MOST_OPEN} computations under way. Wait for one of them, or cancel it, then ask again."
HUNG_SECONDS = 600.0
"""Seconds without progress after which a computation is given up: no step of one that is allowed takes as long."""

HUNG = (
    f"This made no progress for {HUNG_SECONDS / 60:.0f} minutes and was given up. If the model is yours, look in it for a "
    "loop that does not end; else take fewer samples."
)
BUSY = "The server is busy with other visitors. Ask again in a moment."


Progress = tuple[float, str, int]
"""Of a job: percent, what is being done, and its place in the queue, 0 when it is there no more."""


def in_line(place: int) -> Progress:
    """Progress of a job that waits at a place of the queue, 1 for the next, or that starts at 0."""
    return (0, f"Waiting: {place} in line" if place else "Starting", place)


SetProgress = Callable[[Progress], None]


def busy() -> dict[str, Any]:
    """The answer to a task that finds the queue full."""
    return {"key": None, "error": BUSY}


def enough() -> dict[str, Any]:
    """The answer to a task of a page that has asked for too many."""
    return {"key": None, "error": ENOUGH}


def hung() -> dict[str, Any]:
    """The answer to a task that makes no progress."""
    return {"key": None, "error": HUNG}


def compute(service: Service, set_progress: SetProgress, pending: object) -> dict[str, Any]:
    """Compute a task into the cache.

    Returns:
        key: that of the task; error: what a reader is told, or "".
    """
    try:
        task = task_from(pending)
    except LandscapeError as problem:
        return {"key": None, "error": str(problem)}
    last = -math.inf

    def report(share: float, what: str) -> None:
        nonlocal last
        if share == 1 or monotonic() >= last + REPORT_SECONDS:
            last = monotonic()
            set_progress((round(100 * share, 1), f"{what}: {share:.0%}", 0))

    try:
        with metrics.SECONDS.labels(task_to_dict(task)["kind"]).time():
            service.compute(task, report)
    except LandscapeError as problem:
        return {"key": task.key(), "error": str(problem)}
    return {"key": task.key(), "error": ""}


def register(app: Dash, service: Service, manager: ThreadManager) -> None:
    """Wire the background job."""

    @app.callback(
        Output(ids.COMPUTED, "data"),
        Input(ids.PENDING, "data"),
        background=True,
        manager=manager,
        interval=POLL_MILLISECONDS,
        progress=[
            Output(ids.BUSY_BAR, "value"),
            Output(ids.BUSY_TEXT, "children"),
            Output(ids.BUSY_TEXT, "data-place"),
        ],
        progress_default=list(in_line(0)),
        running=[(Output(ids.BUSY, "className"), "busy", "idle"), (Output(ids.MAIN, "className"), "stale", "")],
        cancel=[Input(ids.CANCEL, "n_clicks")],
        prevent_initial_call=True,
    )
    def _compute(set_progress: SetProgress, pending: Any) -> dict[str, Any]:  # noqa: ANN401
        if pending is None:  # nothing is wanted any more; Dash has cancelled the job before this one
            raise PreventUpdate
        return compute(service, set_progress, pending)
