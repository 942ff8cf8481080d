"""A worker: takes tasks from the queue in Redis, computes them, and leaves the results there."""

from __future__ import annotations

import json
import logging
import math
import os
import secrets
from collections.abc import Callable
from functools import cache
from time import monotonic

import redis
import torch
from celery.exceptions import SoftTimeLimitExceeded
from celery.signals import setup_logging

from app import logs
from app.service import Service
from app.settings import Settings
from app.shared import TASK, TIME_LIMIT, RedisCache, celery_app, channel, connect, leased, queued
from app.state import Task, task_from
from landscape_core import LandscapeError, StudySpec
from landscape_core.datasets import DATASETS

logger = logging.getLogger(__name__)

REPORT_SECONDS = 0.1

PATIENCE = 60
"""Seconds for which a finished result waits for a Redis that is away."""


TOO_LONG = (
    "This took far longer than expected, and was given up. Lower the resolution, the points on a line or the draws."
)


class Unwanted(Exception):  # noqa: N818  a wish, not an error
    """Raised inside a computation when nobody listens any more."""


class Computer:
    """Computes tasks in one of a worker's processes."""

    def __init__(self, settings: Settings) -> None:
        self._redis = connect(settings, PATIENCE)
        self._cache = RedisCache(self._redis)
        self._service = Service(settings, self._cache)

    def compute(self, data: object) -> None:
        """Compute a task that somebody waits for and nobody computes yet.

        Args:
            data: The task, as from `state.task_to_dict`.
        """
        try:
            task = task_from(data)
        except LandscapeError as problem:
            logger.warning("a task is refused: %s", problem)
            return
        key = self._service.key(task)
        with leased(self._redis, key) as mine:
            self._redis.delete(queued(key))  # not before the lease is there: a server that sees neither sends another
            ((_, listeners),) = self._redis.pubsub_numsub(channel(key))
            if not listeners:
                logger.info("nobody waits for %s", key)
            elif not mine:
                logger.info("%s is computed already", key)
            elif self._cache.holds(key):
                logger.info("%s is there", key)  # it was sent twice
            else:
                self._answer(task, key)

    def _answer(self, task: Task, key: str) -> None:
        begin = monotonic()
        logger.info("computing %s", key)
        try:
            self._service.compute(task, self._reporter(key))
        except Unwanted:
            logger.info("nobody waits any more for %s", key)
        except LandscapeError as problem:
            logger.info("cannot compute %s: %s", key, problem)
            self._say(key, error=str(problem))
        except SoftTimeLimitExceeded:
            logger.error("computing %s took more than %s s and is given up", key, TIME_LIMIT)
            self._say(key, error=TOO_LONG)
        except redis.RedisError:
            raise
        except Exception:
            # who waits is told where to look, not what the worker looks like inside
            reference = secrets.token_hex(4)
            logger.exception("computing %s failed (reference %s)", key, reference)
            self._say(key, error=f"A worker could not finish this computation (reference {reference} in its log).")
        else:
            if self._cache.holds(key):
                logger.info("computed %s in %.1f s", key, monotonic() - begin)
                self._say(key, done=True)
            else:
                self._say(key, error="The result is there, but Redis could not keep it: its memory may be full.")

    def _reporter(self, key: str) -> Callable[[float, str], None]:
        last = -math.inf

        def report(share: float, what: str) -> None:
            nonlocal last
            if monotonic() >= last + REPORT_SECONDS:
                last = monotonic()
                if not self._say(key, share=share, what=what):
                    raise Unwanted

        return report

    def _say(self, key: str, **what: object) -> int:
        """Tell all who listen; how many there are."""
        return int(self._redis.publish(channel(key), json.dumps(what)))


def work(settings: Settings) -> None:
    """Work until the process is stopped; `settings.workers` tasks at the same time, each in a process of its own.

    Raises:
        OSError: Redis cannot be reached.
        SpecError: The device is not there.
    """
    from landscape_core import devices

    connect(settings).close()
    # before the processes are forked: CUDA must not be touched, or none of them can use it; its driver can be asked instead
    os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] = "1"
    devices.resolve(settings.device, "float32")
    torch.set_num_threads(1)
    DATASETS[StudySpec().dataset].load()
    queue = celery_app(settings)
    # the processes share the memory that one server would use
    own = settings.model_copy(update={"memory_bytes": settings.memory_bytes // settings.workers})
    computer = cache(lambda: Computer(own))  # made in each process: connections must not be shared

    @queue.task(name=TASK)
    def _compute(data: object) -> None:
        computer().compute(data)

    processes = ("--pool", "prefork", "--concurrency", str(settings.workers))
    setup_logging.connect(lambda **_: logs.configure(settings.log), weak=False)
    queue.worker_main(["worker", *processes, "--loglevel", "INFO", "--without-gossip", "--without-mingle"])
