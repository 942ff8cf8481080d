"""A real Redis, real workers and a real server, each a process of its own; and their visitors."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import redis
import smoke
from prometheus_client.parser import text_string_to_metric_families

from app.jobs.tasks import Task, task_to_dict
from app.page import ids
from app.settings import MIB, Settings

PASSWORD = "a secret"
TOKEN = "a token of some length"
PATIENCE = 120.0
"""Seconds before something counts as never happening."""

Found = TypeVar("Found")


def until(look: Callable[[], Found | None]) -> Found:
    """Wait for something to be there."""
    end = time.monotonic() + PATIENCE
    while not (found := look()):
        if time.monotonic() > end:
            raise AssertionError("it never happened")
        time.sleep(0.05)
    return found


class Process:
    """A process with its descendants, and what it has written."""

    def __init__(self, folder: Path, name: str, *command: object, **environment: str) -> None:
        self.log = folder / f"{name}.log"
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(word) for word in command],
                env={**os.environ, **environment},
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
        self.pid = self._process.pid

    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def alive(self) -> bool:
        return self._process.poll() is None

    def children(self) -> list[int]:
        return [int(word) for word in Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()]

    def kill(self) -> None:
        """At once, without a chance to say goodbye, and all its children."""
        if self._process.poll() is None:
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()


class Redis:
    """Redis on a free port, which forgets everything when it is started again."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self._folder = folder
        self.url = f"redis://:{PASSWORD.replace(' ', '%20')}@127.0.0.1:{self.port}/0"
        self.client = redis.Redis(port=self.port, password=PASSWORD)
        self.start()

    def start(self) -> None:
        place = ("--port", self.port, "--bind", "127.0.0.1", "--dir", self._folder)
        # as in compose.yaml, but that nothing is written down
        keeps = ("--save", "", "--maxmemory", "256mb", "--maxmemory-policy", "volatile-lru")
        self._process = Process(self._folder, "redis", "redis-server", *place, *keeps, "--requirepass", PASSWORD)

        def answers() -> bool:
            try:
                return bool(self.client.ping())
            except redis.ConnectionError:
                return False

        until(answers)

    def kill(self) -> None:
        self._process.kill()


class Cluster:
    """A Redis, two workers of one process each, and a server."""

    study_bytes = 64 * MIB
    """So few that a plane need not be large to be divided."""

    def __init__(self, folder: Path, store: Redis) -> None:
        self.redis, self._folder = store, folder
        self._environment = {
            "BATCHSCAPE_REDIS_URL": store.url,
            "BATCHSCAPE_STUDY_BYTES": str(self.study_bytes),
            "BATCHSCAPE_WARM": "0",
            "BATCHSCAPE_METRICS_TOKEN": TOKEN,
            "BATCHSCAPE_CACHE_DIR": str(folder / "unused"),
            "OMP_NUM_THREADS": "1",
        }
        self.workers = [self._worker(number) for number in range(2)]
        # /readyz reuses no answer
        program = "from app import cli; from app.http import health; health.HOLDS_SECONDS = 0; cli.main()"
        command = (sys.executable, "-u", "-c", program, "serve", "--port", 0)
        self.server = Process(folder, "server", *command, **self._environment)
        self.address = until(lambda: re.search(r"http://\S+", self.server.text())).group()
        for worker in self.workers:
            until(lambda worker=worker: " ready." in worker.text())

    def _worker(self, number: int) -> Process:
        command = (sys.executable, "-m", "app", "worker", "--concurrency", 1)
        return Process(self._folder, f"worker{number}", *command, **self._environment)

    def start_stranger(self) -> Process:
        """A worker whose results are of another format."""
        program = (
            "from app import cli; from app.jobs import celery_queue; "
            "celery_queue.result_format = lambda: '0.0'; cli.main()"
        )
        command = (sys.executable, "-c", program, "worker", "--concurrency", 1)
        return Process(self._folder, "stranger", *command, **self._environment)

    def read_problems(self) -> list[str]:
        """Return the problems that /readyz lists."""
        try:
            answer = urlopen(f"{self.address}/readyz")
        except HTTPError as refusal:
            answer = refusal
        with answer:
            found = json.loads(answer.read())
        assert answer.status == (503 if found["problems"] else 200)
        return found["problems"]

    def count_connected(self) -> dict[str, float]:
        """Count the workers in /metrics, by the format of their results; all are of one device."""
        asked = Request(f"{self.address}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        with urlopen(asked) as answer:
            text = answer.read().decode()
        return {
            sample.labels["format"]: sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if family.name == "batchscape_workers"
        }

    def settings(self) -> Settings:
        """Settings of another server on the same Redis."""
        unused = self._folder / "unused"
        return Settings(redis_url=self.redis.url, study_bytes=self.study_bytes, warm=False, cache_dir=unused)

    def find_lines(self, *words: str) -> list[str]:
        """Return the log lines of the workers with all of these words."""
        return [line for worker in self.workers for line in worker.text().splitlines() if all(w in line for w in words)]

    def find_worker(self, *words: str) -> Process:
        """Wait for a worker that has logged a line with all of these words."""
        return until(
            lambda: next(
                (
                    worker
                    for worker in self.workers
                    if any(all(word in line for word in words) for line in worker.text().splitlines())
                ),
                None,
            )
        )

    def replace(self, *dead: Process) -> None:
        """Start others in their place, at the same time."""
        before = {self.workers.index(worker): worker.text().count(" ready.") for worker in dead}
        for number in before:
            self.workers[number] = self._worker(number)
        for number, count in before.items():
            until(lambda number=number, count=count: self.workers[number].text().count(" ready.") > count)

    def close(self) -> None:
        for process in (self.server, *self.workers):
            process.kill()


class Visitor(smoke.Page):
    """A page that requests one task at a time, and the progress that it has seen."""

    patience = PATIENCE

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.seen: list[str] = []

    def want(self, task: Task) -> None:
        self.handles = self.submit(task_to_dict(task))

    def look(self) -> dict[str, Any] | None:
        """The answer, if it is there."""
        reply = self.poll(self.handles)
        progress = reply.get("progress", {}).get(f"{ids.BUSY_TEXT}.children")
        if progress:
            self.seen.append(progress)
        return reply["response"][ids.COMPUTED]["data"] if "response" in reply else None

    def answer(self) -> dict[str, Any]:
        return until(self.look)

    def leave(self) -> None:
        self.cancel(self.handles)
