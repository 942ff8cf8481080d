"""A worker: takes tasks from the queue, computes them, and caches the results in Redis."""

from __future__ import annotations

import json
import logging
import math
import os
import secrets
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from time import monotonic

import redis
import torch
from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import setup_logging, worker_ready, worker_shutting_down

from app import log_format
from app.jobs.cancelled import JobCancelled
from app.jobs.celery_queue import TASK, TIME_LIMIT, create_queue, serving
from app.jobs.redis_store import (
    KEEP_SECONDS,
    RedisCache,
    connect,
    hold_lease,
    log_failure,
    progress_channel,
    queued_key,
    seen_key,
    worker_channel,
)
from app.jobs.service import Service
from app.jobs.tasks import Task, task_from
from app.settings import Settings
from landscape_core import LandscapeError, StudySpec
from landscape_core.problems.datasets import DATASETS

logger = logging.getLogger(__name__)

REPORT_SECONDS = 0.1

PATIENCE = 60
"""Seconds for which a finished result waits for a Redis that is away."""

SEEN_SECONDS = 1.0
"""Time between two notes that a worker is connected."""

FAILURE_SECONDS = 60.0
"""Time between two log lines about a Redis that fails."""

TOO_LONG = (
    "This took far longer than expected, and was given up. Lower the resolution, the points on a line or the draws."
)


class Computer:
    """Computes tasks, in one process of a worker."""

    def __init__(self, settings: Settings) -> None:
        self._redis = connect(settings, PATIENCE)
        self._cache = RedisCache(self._redis)
        self._service = Service(settings, self._cache)

    def compute(self, data: object) -> None:
        """Compute a task, as from `tasks.task_to_dict`, if somebody waits for it and no other worker computes it."""
        try:
            task = task_from(data)
        except LandscapeError as error:
            logger.warning("a task is refused: %s", error)
            return
        key = self._service.key(task)
        with hold_lease(self._redis, key) as held:
            self._redis.delete(queued_key(key))  # after the lease: a server that sees neither sends the task again
            ((_, listeners),) = self._redis.pubsub_numsub(progress_channel(key))
            if not listeners:
                logger.info("nobody waits for %s", key)
            elif not held:
                logger.info("%s is computed already", key)
            elif self._cache.holds(key):
                logger.info("%s is there", key)  # it was sent twice
            else:
                self._compute(task, key)

    def _compute(self, task: Task, key: str) -> None:
        begin = monotonic()
        logger.info("computing %s", key)
        try:
            self._service.compute(task, self._create_reporter(key))
        except JobCancelled:
            logger.info("nobody waits any more for %s", key)
        except LandscapeError as error:
            logger.info("cannot compute %s: %s", key, error)
            self._publish(key, error=str(error))
        except SoftTimeLimitExceeded:
            logger.error("computing %s took more than %s s and is given up", key, TIME_LIMIT)
            self._publish(key, error=TOO_LONG)
        except redis.RedisError:
            raise
        except Exception:
            # visitors get a reference to the log, not the details
            reference = secrets.token_hex(4)
            logger.exception("computing %s failed (reference %s)", key, reference)
            self._publish(key, error=f"A worker could not finish this computation (reference {reference} in its log).")
        else:
            if self._cache.holds(key):
                logger.info("computed %s in %.1f s", key, monotonic() - begin)
                self._publish(key, done=True)
            else:
                self._publish(key, error="The result is there, but Redis could not keep it: its memory may be full.")

    def _create_reporter(self, key: str) -> Callable[[float, str], None]:
        last = -math.inf

        def report(share: float, what: str) -> None:
            nonlocal last
            if monotonic() >= last + REPORT_SECONDS:
                last = monotonic()
                if not self._publish(key, share=share, what=what):
                    raise JobCancelled

        return report

    def _publish(self, key: str, **message: object) -> int:
        """Publish a message to all who wait for a result; return how many they are."""
        return int(self._redis.publish(progress_channel(key), json.dumps(message)))


class Presence:
    """Shows web servers that a worker is connected, from a thread of its main process.

    The subscription ends with the connection, however the process ends; no clock is compared with another.
    """

    def __init__(self, client: redis.Redis, kind: str) -> None:
        self._redis, self._kind = client, kind
        self._ended = threading.Event()

    def start(self, *_: object, **__: object) -> None:
        """Start the thread; a receiver of a signal of Celery."""
        threading.Thread(target=self._run, name="presence", daemon=True).start()

    def end(self, *_: object, **__: object) -> None:
        """End it, as the worker takes no more tasks; a receiver too."""
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.is_set():
            with log_failure("the worker cannot be seen"), self._redis.pubsub(ignore_subscribe_messages=True) as line:
                line.subscribe(worker_channel(self._kind))
                while not self._ended.is_set():
                    with suppress(redis.exceptions.OutOfMemoryError):  # the subscription is enough
                        self._redis.set(seen_key(self._kind), "", ex=KEEP_SECONDS)
                    line.get_message(timeout=SEEN_SECONDS)
            self._ended.wait(SEEN_SECONDS)


class RedisFailures(logging.Filter):
    """Makes one line a minute of the failures of Redis: kombu retries each second, and logs a traceback each time."""

    _logged_at = -math.inf

    def filter(self, record: logging.LogRecord) -> bool:
        """Let other records pass; shorten or drop those of failures."""
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, redis.RedisError):
            return True
        if monotonic() < self._logged_at + FAILURE_SECONDS:
            return False
        self._logged_at = monotonic()
        record.msg, record.args, record.exc_info = "Redis fails, and is tried again each second: %s", (error,), None
        return True


def work(settings: Settings) -> None:
    """Compute tasks until the process is stopped, `settings.workers` at the same time, each in a process of its own.

    Raises:
        OSError: Redis cannot be reached.
        SpecError: The device does not exist.
    """
    from landscape_core import devices

    client = connect(settings)
    # before the processes are forked, CUDA must not be initialised, or none of them can use it; its driver answers instead
    os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] = "1"
    devices.resolve(settings.device, "float32")
    torch.set_num_threads(1)
    DATASETS[StudySpec().dataset].load()
    queue = create_queue(settings)
    # the processes share the memory and the disk of one server
    shared = ("memory_bytes", "scratch_bytes")
    own = settings.model_copy(update={name: getattr(settings, name) // settings.workers for name in shared})
    computer = cache(lambda: Computer(own))  # in each process: connections must not be shared

    @queue.task(name=TASK)
    def _compute(data: object) -> None:
        computer().compute(data)

    processes = ("--pool", "prefork", "--concurrency", str(settings.workers))
    setup_logging.connect(lambda **_: log_format.configure(settings.log), weak=False)
    logging.getLogger("kombu.transport.redis").addFilter(RedisFailures())
    presence = Presence(client, serving(settings))
    worker_ready.connect(presence.start, weak=False)
    worker_shutting_down.connect(presence.end, weak=False)
    queue.worker_main(["worker", *processes, "--loglevel", "INFO", "--without-gossip", "--without-mingle"])
