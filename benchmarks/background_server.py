"""The servers of background.py: an app with one background callback a job, on one of the managers.

The environment variable ROLE makes this module a server, for gunicorn, for Celery's workers, or with waitress as a script.
"""

from __future__ import annotations

import fcntl
import functools
import json
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dash
import diskcache
import torch
from dash import DiskcacheManager, Input, Output, html
from dash.background_callback.managers import BaseBackgroundCallbackManager
from dash.background_callback.managers.diskcache_manager import _make_job_fn

ROLE = "BATCHSCAPE_BENCHMARK"
"""The environment variable that makes this module a server: a JSON object with its settings."""

WORKERS, WEB_THREADS = 2, 16
INTERVAL = 0.25
"""Seconds between two polls."""

Body = Callable[..., object]


# The jobs.


def compute(repeats: int) -> float:
    """Multiply and squash a batch of activations, as the network of a loss landscape would."""
    generator = torch.Generator().manual_seed(0)
    weights = torch.randn(150, 150, generator=generator) / 12
    batch = torch.randn(400, 150, generator=generator)
    for _ in range(repeats):
        batch = batch @ weights
        batch = batch / (1 + batch.abs())
    return float(batch.sum())


def work(set_progress: Callable[[object], None], value: dict[str, int]) -> str:
    """Compute `chunks` chunks, report after each, and say which request this answers."""
    settings = json.loads(os.environ[ROLE])
    with open(settings["runs"], "ab", buffering=0) as runs:  # noqa: PTH123 - one byte a run, whatever the process
        runs.write(b".")
    for chunk in range(value["chunks"]):
        compute(settings["repeats"])
        set_progress(f"{chunk + 1} of {value['chunks']}")
    return f"work {value['number']}"


def trivial(value: dict[str, int]) -> str:
    """Answer at once."""
    return f"trivial {value['number']}"


# The fork server's manager.


@functools.cache
def child_cache(directory: str) -> diskcache.Cache:
    """Return the job process's cache; made by the fork server in advance, reopened by diskcache after the fork."""
    return diskcache.Cache(directory)


def run_forked(body: Body, progress: bool, directory: str, key: str, args: object, context: object) -> None:
    """Wait for one of the slots and run a job; the kernel frees the slot however the process ends."""
    os.nice(10)
    slots = [(Path(directory) / f"slot{number}").open("w") for number in range(WORKERS)]
    while True:
        for slot in slots:
            try:
                fcntl.flock(slot, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            _make_job_fn(body, child_cache(directory), progress)(key, f"{key}-progress", args, context)
            return
        time.sleep(0.005)


class ForkserverManager(DiskcacheManager):
    """DiskcacheManager without its fork, its second run of equal requests and its unbounded parallelism."""

    def __init__(self, directory: str) -> None:
        """Use a cache in `directory`; the fork server starts with the first job."""
        self.directory, self.lock, self.live = directory, threading.Lock(), {}
        self.processes = multiprocessing.get_context("forkserver")
        self.processes.set_forkserver_preload(["background_server"])
        super().__init__(diskcache.Cache(directory), cache_by=[lambda: "shared"])

    def make_job_fn(self, fn: Body, progress: bool, key: str | None = None) -> tuple[Body, bool]:
        """Remember what to run."""
        return fn, bool(progress)

    def call_job_fn(self, key: str, job_fn: tuple[Body, bool], args: object, context: dict[str, Any]) -> int:
        """Start a process unless the answer is there or on its way."""
        with self.lock:
            for done in [name for name, process in self.live.items() if not process.is_alive()]:
                self.live.pop(done).join()
            if self.handle.get(key) is not None:
                return 0
            if key not in self.live:
                arguments = (*job_fn, self.directory, key, args, dict(context))
                self.live[key] = self.processes.Process(target=run_forked, args=arguments, daemon=True)
                self.live[key].start()
            return self.live[key].pid

    def get_result(self, key: str, job: str) -> object:
        """Read the answer and leave it for the others."""
        return self.handle.get(key, self.UNDEFINED)

    def terminate_job(self, job: str) -> None:
        """Let the job finish: others may wait for it."""


# The server.


def make_manager(settings: dict[str, Any]) -> BaseBackgroundCallbackManager:
    """Make the manager under test."""
    name = settings["name"]
    if name.startswith("threads"):
        from app.jobs.thread_manager import ThreadManager

        return ThreadManager(WORKERS, settings["queue"], busy=lambda: "busy", in_line=lambda place: [place])
    if name == "stock":
        return DiskcacheManager(diskcache.Cache(settings["directory"]), cache_by=[lambda: "shared"])
    if name == "forkserver":
        return ForkserverManager(settings["directory"])
    from celery import Celery

    celery = Celery("background", broker=settings["redis"], backend=settings["redis"])
    celery.conf.update(worker_prefetch_multiplier=1, task_acks_late=True, task_track_started=True, result_expires=600)
    return dash.CeleryManager(celery, cache_by=[lambda: "shared"])


def make_app(settings: dict[str, Any]) -> dash.Dash:
    """Make the app: one background callback a job."""
    manager = make_manager(settings)
    app = dash.Dash(__name__, background_callback_manager=manager, use_async=False)
    app.server.secret_key = settings["secret"]
    app.layout = html.Div([html.Div(id=name) for name in ("in", "work", "trivial", "bar")])
    options = {"background": True, "interval": int(1000 * INTERVAL)}
    app.callback(Output("trivial", "children"), Input("in", "value"), **options)(trivial)
    progress = [Output("bar", "children")]
    app.callback(Output("work", "children"), Input("in", "value"), progress=progress, **options)(work)
    return app


if ROLE in os.environ:
    torch.set_num_threads(1)
    app_settings = json.loads(os.environ[ROLE])
    dash_app = make_app(app_settings)
    server = dash_app.server
    celery_app = getattr(dash_app._background_manager, "handle", None)  # noqa: SLF001
    if app_settings["name"] == "forkserver":
        child_cache(app_settings["directory"])

if __name__ == "__main__":
    import waitress

    waitress.serve(server, host="127.0.0.1", port=int(sys.argv[1]), threads=WEB_THREADS)
