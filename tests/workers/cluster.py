"""A real Redis, real workers and a real server, each a process of its own; and who visits them."""

from __future__ import annotations

import http.client
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
from urllib.parse import urlencode, urlsplit

import redis

from app import ids
from app.settings import MIB, Settings
from app.state import Task, task_to_dict

PASSWORD = "a secret"
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
            "BATCHSCAPE_CACHE_DIR": str(folder / "unused"),
            "OMP_NUM_THREADS": "1",
        }
        self.workers = [self._worker(number) for number in range(2)]
        self.server = Process(
            folder, "server", sys.executable, "-u", "-m", "app", "serve", "--port", 0, **self._environment
        )
        self.address = until(lambda: re.search(r"http://\S+", self.server.text())).group()
        for worker in self.workers:
            until(lambda worker=worker: " ready." in worker.text())

    def _worker(self, number: int) -> Process:
        command = (sys.executable, "-m", "app", "worker", "--concurrency", 1)
        return Process(self._folder, f"worker{number}", *command, **self._environment)

    def settings(self) -> Settings:
        """Those of another server on the same Redis."""
        unused = self._folder / "unused"
        return Settings(redis_url=self.redis.url, study_bytes=self.study_bytes, warm=False, cache_dir=unused)

    def lines(self, *words: str) -> list[str]:
        """What the workers have logged with all of these words in it."""
        return [line for worker in self.workers for line in worker.text().splitlines() if all(w in line for w in words)]

    def who(self, *words: str) -> Process:
        """The worker that has logged a line with all of these words, once one has."""
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

    def replace(self, dead: Process) -> None:
        """Start another in its place."""
        number = self.workers.index(dead)
        before = dead.text().count(" ready.")
        self.workers[number] = self._worker(number)
        until(lambda: self.workers[number].text().count(" ready.") > before)

    def close(self) -> None:
        for process in (self.server, *self.workers):
            process.kill()


class Visitor:
    """A page in a browser, as far as the background job goes: Dash's protocol over HTTP."""

    def __init__(self, address: str) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=PATIENCE)
        self._connection.request("GET", "/")
        page = self._connection.getresponse().read().decode()
        self._identity = json.loads(re.search(r'id="_dash-config"[^>]*>(.*?)</script>', page)[1])["end_id"]
        self.seen: list[str] = []

    def close(self) -> None:
        self._connection.close()

    def ask(self, task: Task) -> None:
        reply = self._post(ids.COMPUTED, "data", ids.PENDING, "data", task_to_dict(task))
        self._handles = {name: reply[name] for name in ("cacheKey", "job")}

    def poll(self) -> dict[str, Any] | None:
        """The answer, if it is there."""
        reply = self._post(ids.COMPUTED, "data", ids.PENDING, "data", None, **self._handles)
        progress = reply.get("progress", {}).get(f"{ids.BUSY_TEXT}.children")
        if progress:
            self.seen.append(progress)
        return reply["response"][ids.COMPUTED]["data"] if "response" in reply else None

    def answer(self) -> dict[str, Any]:
        return until(self.poll)

    def cancel(self) -> None:
        self._post(ids.CANCEL, "id", ids.CANCEL, "n_clicks", 1, cancelJob=self._handles["job"])

    def _post(self, out: str, what: str, source: str, name: str, value: object, **query: str) -> dict[str, Any]:
        body = {
            "output": f"{out}.{what}",
            "outputs": {"id": out, "property": what},
            "inputs": [{"id": source, "property": name, "value": value}],
            "changedPropIds": [f"{source}.{name}"],
        }
        path = "/_dash-update-component?" + urlencode({"endId": self._identity, **query})
        self._connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        response = self._connection.getresponse()
        text = response.read()
        assert response.status in {200, 204}, text
        return json.loads(text) if text else {}
