"""A server process for background.py, and the pages that load it through Dash's submit-and-poll protocol."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tools"))

import background_server
import smoke
from background_server import INTERVAL, ROLE, WEB_THREADS, WORKERS

ROOT = Path(__file__).resolve().parents[1]
QUEUE = 64
CASE_LIMIT = 60.0
"""Seconds after which an answer counts as lost."""


def find_free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """One manager's web server, with Redis and the workers if it is Celery's."""

    def __init__(self, name: str, repeats: int, queue: int = QUEUE) -> None:
        """Prepare a private directory and a port; nothing runs yet."""
        self.name, self.port = name, find_free_port()
        self.directory = Path(tempfile.mkdtemp(prefix="background-"))
        self.runs = self.directory / "runs"
        self.runs.touch()
        self.started: list[subprocess.Popen[bytes]] = []
        self.redis_port = find_free_port()
        settings = {
            "name": name,
            "repeats": repeats,
            "queue": queue,
            "directory": str(self.directory / "cache"),
            "runs": str(self.runs),
            "redis": f"redis://127.0.0.1:{self.redis_port}/0",
            "secret": os.urandom(16).hex(),
        }
        path = os.pathsep.join([str(ROOT), str(ROOT / "benchmarks")])
        self.environment = {**os.environ, ROLE: json.dumps(settings), "PYTHONPATH": path, "OMP_NUM_THREADS": "1"}

    def __enter__(self) -> Server:
        """Start everything and wait until it answers."""
        try:
            if self.name == "celery":
                self._start("redis-server", "--port", self.redis_port, "--bind", "127.0.0.1", "--save", "")
                worker = ("worker", "-P", "prefork", "-c", WORKERS, "--loglevel", "warning")
                self._start(sys.executable, "-m", "celery", "-A", "background_server:celery_app", *worker)
            self.start_seconds = self.start_web()
            assert self.start_seconds is not None, f"{self.name} did not start; see {self.log()}"
            warm = ask_together(self, [("work", {"number": -k, "chunks": 1}) for k in range(1, 5)])
            if {outcome for _, outcome in warm} != {"ok"}:
                raise RuntimeError(f"{self.name} does not answer: {warm}; {self.log()}")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """End all process groups that were started here."""
        for process in reversed(self.started):
            for number in (signal.SIGTERM, signal.SIGKILL):
                try:
                    os.killpg(process.pid, number)
                    process.wait(3)
                except (ProcessLookupError, subprocess.TimeoutExpired):
                    pass
        shutil.rmtree(self.directory, ignore_errors=True)

    def _start(self, *command: object) -> subprocess.Popen[bytes]:
        with (self.directory / "log").open("ab") as log:
            self.started.append(
                subprocess.Popen(
                    [str(word) for word in command],
                    env=self.environment,
                    cwd=self.directory,
                    stdout=log,
                    stderr=log,
                    process_group=0,  # a session each would get Celery more of a busy machine (sched_autogroup)
                )
            )
        return self.started[-1]

    def start_web(self) -> float | None:
        """Start the web server; return the seconds until it answers, or None if it has not after 20."""
        begin = time.perf_counter()
        if self.name == "threads-waitress":
            self.web = self._start(sys.executable, background_server.__file__, self.port)
        else:
            gunicorn = ("gunicorn", "background_server:server", "-k", "gthread", "-w", 1, "--threads", WEB_THREADS)
            quiet = ("--bind", f"127.0.0.1:{self.port}", "--log-level", "warning", "--no-control-socket")
            self.web = self._start(sys.executable, "-m", *gunicorn, *quiet)
        while time.perf_counter() - begin < 20 and self.web.poll() is None:
            try:
                Page(self)
            except (OSError, http.client.HTTPException, smoke.Failed):
                time.sleep(0.02)
            else:
                return time.perf_counter() - begin
        return None

    def kill_web(self) -> None:
        """SIGKILL the web server's own processes (gunicorn: master and worker), but none of its jobs."""
        import psutil

        own = [psutil.Process(self.web.pid)]
        own += own[0].children() if self.name != "threads-waitress" else []
        for process in own:
            process.kill()
        self.web.wait()
        psutil.wait_procs(own, timeout=5)

    def count(self) -> int:
        """Return how often the body of `work` has started."""
        return self.runs.stat().st_size

    def log(self) -> str:
        """Return the end of the log."""
        return (self.directory / "log").read_text(errors="replace")[-2000:]


# The load.


class Page(smoke.Page):
    """A page with a connection of its own, as a browser would have."""

    def __init__(self, server: Server) -> None:
        """Load the page."""
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=CASE_LIMIT)
        super().__init__("")
        self.callbacks  # noqa: B018  loaded now, before anything is timed

    def _read(self, path: str, body: object = None) -> bytes:
        method, content = ("GET", None) if body is None else ("POST", json.dumps(body))
        for attempt in (1, 2):
            try:
                self.connection.request(method, path, content, {"Content-Type": "application/json"})
                response = self.connection.getresponse()
                text = response.read()
                break
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                self.connection.close()  # the server had closed an idle connection; a browser sends again as well
                if attempt == 2:
                    raise
        if response.status != 200:
            raise http.client.HTTPException(f"status {response.status}")
        return text

    def start(self, job: str, value: dict[str, int]) -> dict[str, str]:
        """Ask for a job; return its handles."""
        answer = self.ask(f"{job}.children", "in.value", {"in.value": value})
        return {name: answer[name] for name in ("cacheKey", "job")}

    def finish(self, job: str, value: dict[str, int], limit: float = CASE_LIMIT) -> tuple[float, str]:
        """Ask for a job and poll; return the seconds, and 'ok', 'busy', 'lost' (too late), 'wrong' (all else)."""
        begin = time.perf_counter()
        try:
            handles = self.start(job, value)
            while time.perf_counter() - begin < limit:
                time.sleep(INTERVAL)
                reply = self.ask(f"{job}.children", "in.value", {"in.value": None}, **handles)
                if "response" in reply:
                    answer = reply["response"][job]["children"]
                    outcome = {f"{job} {value['number']}": "ok", "busy": "busy"}.get(answer, "wrong")
                    return time.perf_counter() - begin, outcome
        except (KeyError, OSError, http.client.HTTPException):
            self.connection.close()
            return time.perf_counter() - begin, "wrong"
        return time.perf_counter() - begin, "lost"


def ask_together(server: Server, requests: list[tuple[str, dict[str, int]]]) -> list[tuple[float, str]]:
    """Send all requests at once, each from a page of its own that is already loaded."""
    pages = [Page(server) for _ in requests]
    barrier = threading.Barrier(len(requests))
    results: list[tuple[float, str]] = [(CASE_LIMIT, "lost")] * len(requests)

    def user(place: int) -> None:
        barrier.wait()
        results[place] = pages[place].finish(*requests[place])

    threads = [threading.Thread(target=user, args=(place,)) for place in range(len(requests))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def summarise(results: list[tuple[float, str]]) -> dict[str, Any]:
    """Return p50 and p90 in seconds over what was answered, and how many were lost or answered wrongly."""
    times = sorted(seconds for seconds, outcome in results if outcome == "ok")
    failed = {kind: sum(outcome == kind for _, outcome in results) for kind in ("lost", "wrong")}
    if len(times) < 2:
        return {"p50": None, "p90": None, **failed}
    deciles = statistics.quantiles(times, n=10, method="inclusive")
    return {"p50": round(deciles[4], 3), "p90": round(deciles[8], 3), **failed}
