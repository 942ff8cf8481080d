"""The web server's side of the queue: sends tasks, and waits for their results.

A task is sent when its result is neither cached, nor being computed, nor in the queue. That one rule covers the first
request, a worker that died and a queue that was lost. To subscribe to a task's channel is to want its result: a worker
without subscribers stops at its next report, so a visitor who cancels, or a web server that dies, need not send
a message.
"""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any, cast

import redis
from celery import Celery
from kombu.exceptions import ChannelError, OperationalError

from app.jobs.celery_queue import TASK
from app.jobs.redis_store import (
    KEEP_SECONDS,
    lease_key,
    progress_channel,
    queued_key,
    result_key,
    seen_key,
    worker_channel,
)
from app.jobs.tasks import Task, task_to_dict
from landscape_core import LandscapeError

logger = logging.getLogger(__name__)

CHECK_SECONDS = 0.5
"""Time between two applications of that rule."""

REPORT_SECONDS = 0.1
"""Time between two reports of progress, after which a cancelled wait ends."""

QUEUED_SECONDS = 60
"""Time after which a task that no worker computes is sent again: a worker may have died as it took the task."""

MOST_LOST = 3
"""Workers that may be lost while they compute a task, before it is given up."""

AWAY_SECONDS = 60.0
"""Time that a visitor waits for a Redis that cannot be used."""

FULL = "The memory of Redis is full"
AWAY = "The queue of the workers cannot be reached"

FAILURES = (redis.RedisError, OperationalError, ChannelError)
"""What Redis and Celery raise when Redis cannot be used."""

Progress = Callable[[float, str], None]


@dataclass(eq=False)
class _Wait:
    """A visitor's wait for the results of tasks."""

    tasks: Mapping[str, Task]
    found: dict[str, bytes] = field(default_factory=dict)
    under_way: set[str] = field(default_factory=set)
    lost: int = 0
    share: float = 0.0
    what: str = "Waiting for a worker"
    absence: str | None = None

    @property
    def done(self) -> bool:
        return len(self.found) == len(self.tasks)

    def report(self, progress: Progress) -> None:
        if self.absence is not None:
            progress(0.0, self.absence)
        elif len(self.tasks) == 1:
            progress(self.share, self.what)
        else:
            progress(len(self.found) / len(self.tasks), f"{len(self.tasks)} parts on the workers")


class Workers:
    """The workers, as a web server sees them."""

    def __init__(self, client: redis.Redis, queue: Celery, kind: str) -> None:
        """Use the workers of one kind of results, as from `celery_queue.serving`."""
        self._redis, self._queue, self._kind = client, queue, kind

    def close(self) -> None:
        """Close the connections to the queue."""
        self._queue.close()

    def count(self) -> dict[str, int]:
        """Count the connected workers by the kind of their results; without Redis there are none."""
        try:
            return self._count()
        except redis.RedisError:
            return {self._kind: 0}

    def _count(self) -> dict[str, int]:
        channels = self._redis.pubsub_channels(worker_channel("*"))
        found = cast("list[tuple[bytes, int]]", self._redis.pubsub_numsub(*channels, worker_channel(self._kind)))
        return {name.decode().removeprefix(worker_channel("")): number for name, number in found}

    def _describe_absence(self) -> str | None:
        """Say that no worker of this kind is connected, and for how long; None if there is one."""
        others = self._count()
        if others.pop(self._kind):
            return None
        left = int(self._redis.ttl(seen_key(self._kind)))
        absence = "No worker has been connected "
        absence += f"for {_describe_time(KEEP_SECONDS - left)}" if left > 0 else "yet"
        if others:
            absence += f" for {_describe(self._kind)}; connected: {', '.join(sorted(map(_describe, others)))}"
        return absence

    def find_problem(self) -> str | None:
        """Say why the workers cannot be used, or return None."""
        try:
            return self._describe_absence()
        except redis.RedisError as error:
            return f"{AWAY}: {error}"

    def compute(self, tasks: Mapping[str, Task], progress: Progress) -> dict[str, bytes]:
        """Have tasks computed, and wait for their results.

        Args:
            tasks: By the keys of their results.
            progress: Called with the share done, and of what, several times a second; an exception raised in it ends
                the wait.

        Returns:
            The results as stored bytes, by key.

        Raises:
            LandscapeError: A worker could not compute a task, workers died of it, or Redis could not be used for long.
        """
        wait = _Wait(tasks)
        away_since: float | None = None
        while True:
            try:
                with self._redis.pubsub(ignore_subscribe_messages=True) as line:
                    line.subscribe(*map(progress_channel, tasks))
                    while not self._check(wait):
                        away_since = None
                        self._listen(line, wait, progress)
                return wait.found
            except FAILURES as error:
                cause = self._find_cause(error, tasks)
                if away_since is None:
                    logger.warning("%s: %s", cause, error)
                    away_since = monotonic()
                elif monotonic() > away_since + AWAY_SECONDS:
                    raise LandscapeError(f"{cause}. Ask again in a few minutes.") from None
                progress(0.0, f"{cause}; waiting")
                sleep(CHECK_SECONDS)

    def _find_cause(self, error: Exception, tasks: Mapping[str, Task]) -> str:
        if not any(isinstance(one, redis.exceptions.OutOfMemoryError) for one in (error, error.__cause__)):
            return AWAY
        # a worker that has no room for its lease drops the task: it is sent again as soon as there is room
        with contextlib.suppress(redis.RedisError):
            self._redis.delete(*map(queued_key, tasks))
        return FULL

    def _check(self, wait: _Wait) -> bool:
        """Fetch the results that are there, and send the tasks that are missing; return whether all is done."""
        for key in wait.tasks.keys() - wait.found.keys():
            held = self._redis.exists(lease_key(key))  # first: a result is cached before its lease ends
            content = self._redis.get(result_key(key))
            if isinstance(content, bytes):
                wait.found[key] = content
            elif held:
                wait.under_way.add(key)
            else:
                if key in wait.under_way:
                    wait.under_way.discard(key)
                    wait.lost += 1
                    wait.share, wait.what = 0.0, "Its worker was lost; waiting for another"
                    logger.warning("the worker of %s was lost", key)
                    if wait.lost > MOST_LOST * len(wait.tasks):
                        raise LandscapeError(
                            f"{wait.lost} workers were lost while they computed this. It may need more memory than they "
                            "have: lower the resolution or the draws."
                        )
                if self._redis.set(queued_key(key), "", nx=True, ex=QUEUED_SECONDS):
                    self._send(key, wait.tasks[key])
        wait.absence = None if wait.done or wait.under_way else self._describe_absence()
        return wait.done

    def _send(self, key: str, task: Task) -> None:
        try:
            self._queue.send_task(TASK, kwargs={"data": task_to_dict(task)}, retry=False)
        except FAILURES:
            self._redis.delete(queued_key(key))
            raise

    def _listen(self, line: Any, wait: _Wait, progress: Progress) -> None:  # noqa: ANN401  redis-py's PubSub
        """Pass on progress, until it is time to check again."""
        end = monotonic() + CHECK_SECONDS
        while (left := end - monotonic()) > 0:
            received = line.get_message(timeout=min(left, REPORT_SECONDS))
            wait.report(progress)
            if received is None:
                continue
            message = json.loads(received["data"])
            if "error" in message:
                raise LandscapeError(message["error"])
            if "done" in message:
                return
            wait.share, wait.what = message["share"], message["what"]


def _describe(kind: str) -> str:
    version, _, device = kind.partition(":")
    device, _, problem = device.partition(":problem ")
    return f"format {version} on device {device}" + (f" with the problem of file {problem}" if problem else "")


def _describe_time(seconds: int) -> str:
    for unit, length in (("h", 3600), ("min", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
