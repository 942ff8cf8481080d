"""Ask the workers for results, and wait for them: with progress, whoever of them is killed and while Redis restarts.

A task is sent when its result is neither there, nor being computed, nor in the queue. That one rule covers the first time,
a worker that died and a queue that was lost. To listen to a result's channel is to want it: a worker that nobody listens
to stops at its next report, so a visitor who cancels, and a web server that dies, need not say so.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any

import redis
from celery import Celery
from kombu.exceptions import OperationalError

from app.shared import TASK, channel, lease, queued, result
from app.state import Task, task_to_dict
from landscape_core import LandscapeError

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
"""How often the rule is applied."""

TELL_SECONDS = 0.1
"""How soon it is noticed that the visitor has gone."""

QUEUED_SECONDS = 60
"""A task that no worker has taken in that time is sent again: its worker may have died between taking and computing."""

MOST_LOST = 3
"""Workers that may die of a task before it is given up."""

AWAY_SECONDS = 60.0
"""How long a visitor waits for a Redis that is away."""

Progress = Callable[[float, str], None]


@dataclass(eq=False)
class _Wait:
    """What one visitor waits for."""

    tasks: Mapping[str, Task]
    found: dict[str, bytes] = field(default_factory=dict)
    under_way: set[str] = field(default_factory=set)
    lost: int = 0
    share: float = 0.0
    what: str = "Waiting for a worker"

    @property
    def over(self) -> bool:
        return len(self.found) == len(self.tasks)

    def tell(self, progress: Progress) -> None:
        if len(self.tasks) == 1:
            progress(self.share, self.what)
        else:
            progress(len(self.found) / len(self.tasks), f"{len(self.tasks)} parts on the workers")


class Workers:
    """The workers, as a web server sees them."""

    def __init__(self, client: redis.Redis, queue: Celery) -> None:
        self._redis, self._queue = client, queue

    def close(self) -> None:
        """Let go of the connections to the queue."""
        self._queue.close()

    def compute(self, tasks: Mapping[str, Task], progress: Progress) -> dict[str, bytes]:
        """The results of some tasks, as stored bytes.

        Args:
            tasks: Each under the key of its result.
            progress: Told the share done and of what, several times a second; an exception raised in it ends the wait.

        Raises:
            LandscapeError: What a worker says of a task; or workers die of it, or Redis is away for long.
        """
        wait = _Wait(tasks)
        away: float | None = None
        while True:
            try:
                with self._redis.pubsub(ignore_subscribe_messages=True) as line:
                    line.subscribe(*map(channel, tasks))
                    while not self._look(wait):
                        away = None
                        self._hear(line, wait, progress)
                return wait.found
            except (redis.RedisError, OperationalError) as problem:
                now = monotonic()
                if away is None:
                    logger.warning("the queue of the workers is away: %s", problem)
                    away = now
                elif now > away + AWAY_SECONDS:
                    raise LandscapeError("The queue of the workers is away. Ask again in a few minutes.") from None
                progress(0.0, "Waiting for the queue of the workers, which is away")
                sleep(LOOK_SECONDS)

    def _look(self, wait: _Wait) -> bool:
        """Fetch what is done, send what is missing; whether all is done."""
        for key in wait.tasks.keys() - wait.found.keys():
            held = self._redis.exists(lease(key))  # first: a result is there before its lease ends
            content = self._redis.get(result(key))
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
                if self._redis.set(queued(key), "", nx=True, ex=QUEUED_SECONDS):
                    self._send(key, wait.tasks[key])
        return wait.over

    def _send(self, key: str, task: Task) -> None:
        try:
            self._queue.send_task(TASK, kwargs={"data": task_to_dict(task)}, retry=False)
        except OperationalError:
            self._redis.delete(queued(key))
            raise

    def _hear(self, line: Any, wait: _Wait, progress: Progress) -> None:  # noqa: ANN401  redis-py's PubSub
        """Pass on what the workers say, until it is time to look again."""
        end = monotonic() + LOOK_SECONDS
        while (left := end - monotonic()) > 0:
            message = line.get_message(timeout=min(left, TELL_SECONDS))
            wait.tell(progress)
            if message is None:
                continue
            said = json.loads(message["data"])
            if "error" in said:
                raise LandscapeError(said["error"])
            if "done" in said:
                return
            wait.share, wait.what = said["share"], said["what"]
