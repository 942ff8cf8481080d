"""Presets computed in advance, while the server is idle."""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from time import monotonic, sleep

from app.jobs.cache import DiskCache
from app.jobs.cancelled import JobCancelled
from app.jobs.service import Service
from app.presets import list_presets
from app.settings import MIB, Settings
from landscape_core import LandscapeError
from landscape_core.study.limits import Progress

logger = logging.getLogger(__name__)

IDLE_CHECK_SECONDS = 0.2
"""Time between two checks whether visitors still wait."""

NICE = 10
MEMORY_BYTES = 96 * MIB
"""Memory for sample tables: those of one plane."""


def create_service(settings: Settings) -> Service:
    """Create a service for presets alone, on the same disk.

    It leaves the visitors' tables in memory, and no visitor waits for its own.
    """
    memory = min(settings.memory_bytes, MEMORY_BYTES)
    return Service(settings.model_copy(update={"memory_bytes": memory, "scratch_bytes": 0}))


def copy_presets(settings: Settings, service: Service) -> int:
    """Copy the presets on the disk, as an image has them, to a Redis that lacks them; return how many were copied."""
    copied = 0
    with closing(DiskCache(settings.cache_dir, settings.cache_bytes)) as disk:
        for task in list_presets(service.dtype):
            if not service.holds(task) and (content := disk.get(service.key(task))) is not None:
                service.cache.put(service.key(task), content)
                copied += 1
    return copied


def compute_presets(service: Service, report: Progress) -> tuple[int, int]:
    """Compute the presets that are not cached.

    Args:
        service: Computes and caches them.
        report: Called with the share done, and of what.

    Returns:
        How many presets there are, and how many were computed.
    """
    tasks = list_presets(service.dtype)
    computed = 0
    for index, task in enumerate(tasks):

        def progress(share: float, _what: str = "", index: int = index) -> None:
            report((index + share) / len(tasks), "Computing presets")

        progress(0.0)
        if service.holds(task):
            continue
        begin = monotonic()
        try:
            service.compute(task, progress)
        except LandscapeError as error:
            logger.info("preset %s of %s cannot be computed: %s", index + 1, len(tasks), error)
        else:
            computed += 1
            logger.debug("preset %s of %s took %.1f s", index + 1, len(tasks), monotonic() - begin)
    report(1.0, "Computing presets")
    return len(tasks), computed


class Precomputer(threading.Thread):
    """Computes presets on a thread of low priority, while no visitor's job runs or waits."""

    def __init__(self, settings: Settings, idle: Callable[[], bool], then: Callable[[], object] = lambda: None) -> None:
        """Make the thread.

        Args:
            settings: Of the server.
            idle: Tells whether no visitor waits.
            then: Called at the end.
        """
        super().__init__(name="presets", daemon=True)
        self._settings, self._idle, self._then = settings, idle, then
        self._stopped = threading.Event()

    def start(self) -> None:
        """Start the thread, which is stopped at exit."""
        atexit.register(self.stop)
        super().start()

    def stop(self) -> None:
        """Stop at the next report, and wait for that, a second at most."""
        atexit.unregister(self.stop)
        self._stopped.set()
        self.join(1.0)

    def run(self) -> None:
        """Compute all presets."""
        if sys.platform == "linux":  # elsewhere priorities belong to whole processes
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        try:
            with closing(create_service(self._settings)) as service:
                if self._settings.redis_url is not None:
                    logger.info("%s presets are copied from the disk", copy_presets(self._settings, service))
                count, computed = compute_presets(service, self._wait_until_idle)
            self._then()
        except JobCancelled:
            return
        except Exception:
            logger.exception("the presets could not be computed")
            return
        logger.info("%s presets are at hand, %s of them computed now", count, computed)

    def _wait_until_idle(self, _share: float, _what: str) -> None:
        while not self._stopped.is_set():
            if self._idle():
                return
            sleep(IDLE_CHECK_SECONDS)
        raise JobCancelled
