"""Compute ahead what visitors are likely to ask for, behind all who are there already."""

from __future__ import annotations

import atexit
import logging
import os
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from time import monotonic, sleep

from app.cache import DiskCache
from app.controls import BATCH_PRESETS
from app.service import Service
from app.settings import MIB, Settings
from app.state import Request, Task
from app.views import VIEWS
from landscape_core import LandscapeError, StudySpec, paper
from landscape_core.activations import ACTIVATIONS
from landscape_core.directions import DOMAINS
from landscape_core.study import Progress

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.2
"""How often it looks whether visitors still wait."""

NICE = 10
MEMORY_BYTES = 96 * MIB
"""Memory for sample tables: those of one plane."""


class Stopped(Exception):  # noqa: N818  a wish, not an error
    """Raised inside a computation when the server ends."""


def presets(dtype: str = "float64") -> list[Task]:
    """What can be reached by links and buttons alone, in the order in which it is likely to be asked for.

    That is every view as it opens, Compare and Explore for each activation, domain and preset of the batch size, all
    panels of all figures, and both tables.
    """
    start = StudySpec(dtype=dtype)
    asked = [Request(start, view.name) for view in VIEWS.values()]
    for domain in DOMAINS:
        for activation in ACTIVATIONS:
            plane = start.replace(activation=activation, domain=domain, range=DOMAINS[domain].half_width)
            asked += [Request(plane.replace(batch_size=size)) for size in BATCH_PRESETS]
            asked += [Request(plane, view.name) for view in VIEWS.values() if view.sampled]
    asked += [
        Request(figure.base.replace(dtype=dtype), "figures", figure=figure.number, panel=panel.letter)
        for figure in paper.FIGURES.values()
        for panel in figure.panels
    ]
    asked += [Request(start.replace(domain=domain, range=None), "tables") for domain in paper.DOMAIN_TABLE]
    tasks = dict.fromkeys(task for request in asked for task in _needs(request))
    return sorted(tasks, key=lambda task: not isinstance(task, StudySpec))  # the others take a minute


def _needs(request: Request) -> list[Task]:
    """As `callbacks.choose` asks for it: only some views need draws."""
    view = VIEWS[request.view]
    looks = {name: value for name, value in request.to_dict().items() if name != "spec"}
    spec = request.spec if view.sampled else request.spec.replace(draws=0)
    return list(view.needs(Request(spec, **looks)))


def own_service(settings: Settings) -> Service:
    """A service for presets alone, on the same disk: visitors' tables stay in memory, and none of them waits for these."""
    return Service(settings.model_copy(update={"memory_bytes": min(settings.memory_bytes, MEMORY_BYTES)}))


def bring(settings: Settings, service: Service) -> int:
    """Copy presets from the disk, those of the image among them, into a Redis that lacks them; how many were copied."""
    copied = 0
    with closing(DiskCache(settings.cache_dir, settings.cache_bytes)) as disk:
        for task in presets(service.dtype):
            if not service.holds(task) and (content := disk.get(service.key(task))) is not None:
                service.cache.put(service.key(task), content)
                copied += 1
    return copied


def warm(service: Service, report: Progress) -> tuple[int, int]:
    """Compute all presets that are not at hand.

    Args:
        service: Where to.
        report: Told the share that is done, and of what.

    Returns:
        How many there are, and how many were computed.
    """
    tasks = presets(service.dtype)
    made = 0
    for index, task in enumerate(tasks):
        report(index / len(tasks), "Computing presets")
        if service.holds(task):
            continue
        begin = monotonic()

        def progress(share: float, _what: str, index: int = index) -> None:
            report((index + share) / len(tasks), "Computing presets")

        try:
            service.compute(task, progress)
        except LandscapeError as problem:
            logger.info("preset %s of %s cannot be computed: %s", index + 1, len(tasks), problem)
        else:
            made += 1
            logger.debug("preset %s of %s took %.1f s", index + 1, len(tasks), monotonic() - begin)
    report(1.0, "Computing presets")
    return len(tasks), made


class Warmer:
    """Does it on a thread of low priority, while no visitor's job runs or waits."""

    def __init__(self, settings: Settings, idle: Callable[[], bool], then: Callable[[], object] = lambda: None) -> None:
        """Make the thread; it starts with `start`.

        Args:
            settings: Of the server.
            idle: Whether no visitor waits for anything.
            then: What else there is to do when nobody waits.
        """
        self._settings, self._idle, self._then = settings, idle, then
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="presets", daemon=True)

    def start(self) -> None:
        """Begin."""
        atexit.register(self.stop)
        self._thread.start()

    def stop(self) -> None:
        """End at the next report, and wait for that, a second at most."""
        atexit.unregister(self.stop)
        self._stopped.set()
        self._thread.join(1.0)

    def join(self) -> None:
        """Wait until all is done."""
        self._thread.join()

    def _run(self) -> None:
        if sys.platform == "linux":  # elsewhere priorities belong to whole processes
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICE)
        try:
            with closing(own_service(self._settings)) as service:
                if self._settings.redis_url is not None:
                    logger.info("%s presets are copied from the disk", bring(self._settings, service))
                count, made = warm(service, self._report)
            self._then()
        except Stopped:
            return
        except Exception:
            logger.exception("the presets could not be computed")
            return
        logger.info("%s presets are at hand, %s of them computed now", count, made)

    def _report(self, _share: float, _what: str) -> None:
        while not self._stopped.is_set():
            if self._idle():
                return
            sleep(LOOK_SECONDS)
        raise Stopped
