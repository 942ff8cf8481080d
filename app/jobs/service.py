"""The service: results of tasks from the cache, or computed on sample tables that are kept in memory."""

from __future__ import annotations

import errno
import logging
import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from app import metrics
from app.jobs import cost
from app.jobs.cache import Cache, DiskCache, MemoryCache
from app.jobs.small_tasks import SMALL_KINDS, Held, SmallTask, SurfacesTask, hold
from app.jobs.tasks import Host, Task, kind_of
from app.jobs.uploads import Uploads
from app.settings import MIB, Settings
from landscape_core import LandscapeError, SpecError, StudySpec, devices, storage
from landscape_core.problems.datasets import DATASETS
from landscape_core.sampling.minibatches import WITH
from landscape_core.statistics.mapped_table import Scratch
from landscape_core.storage import Result
from landscape_core.study import run
from landscape_core.study.limits import Progress, count_bytes
from landscape_core.study.result import Surfaces
from landscape_core.study.run import Landscape

if TYPE_CHECKING:
    from app.jobs.celery_client import Workers

logger = logging.getLogger(__name__)

SMALL_BYTES = 16 * MIB
"""Results of small tasks kept in memory."""

RECENT_BYTES = 64 * MIB
"""Results kept in memory too, so that the page goes on when the disk is full."""

OUT_OF_MEMORY = "The server has not enough memory for this. Lower the resolution, the points on a line or the draws."

SURFACES_VISITS = 1_000_000
"""Most sample visits of surfaces that a visitor waits for: 100 × 100 points at every batch size, in a twentieth of a
second."""


class Service:
    """What the callbacks call. It holds no visitor's state: a result depends on its description alone."""

    def __init__(self, settings: Settings, shared: Cache | None = None) -> None:
        """Compute here, or let workers do it where the settings name a Redis.

        Args:
            settings: Of the server.
            shared: A worker's: where its results go; it computes here.

        Raises:
            OSError: The cache directory cannot be used, or Redis cannot be reached.
        """
        self._device = settings.device
        self._limit = settings.study_bytes
        self._workers: Workers | None = None
        if shared is not None:
            self._cache = shared
        elif settings.redis_url is not None:
            self._cache, self._workers = _by_redis(settings)
        else:
            self._cache = DiskCache(settings.cache_dir, settings.cache_bytes)
        self.uploads = Uploads(self._cache)
        self._shared = settings.redis_url is not None
        self._recent: MemoryCache[Result] = MemoryCache(self._recent_bytes(settings, worker=shared is not None))
        self._small: MemoryCache[Held] = MemoryCache(SMALL_BYTES)
        self._landscapes: MemoryCache[Landscape] = MemoryCache(settings.memory_bytes)
        self._on_disk: MemoryCache[Landscape] = MemoryCache(settings.scratch_bytes)
        self._scratch = Scratch(settings.cache_dir, settings.scratch_bytes)
        # scikit-learn takes seconds to import; the first visitor should not wait for it
        threading.Thread(target=DATASETS[StudySpec().dataset].load, name="warm", daemon=True).start()

    def _recent_bytes(self, settings: Settings, worker: bool) -> int:
        if worker:
            return 0  # what it has is worth nothing until Redis has it
        # a server that makes no tables has their memory for results, should Redis lose its own
        return settings.memory_bytes if self._workers else RECENT_BYTES

    def close(self) -> None:
        """Let go of the cache's files or connections."""
        self.uploads.close()
        self._cache.close()
        if self._workers is not None:
            self._workers.close()

    @property
    def dtype(self) -> str:
        """The precision that this server's device can do: float64, but float32 on Metal."""
        return "float32" if self._device == "mps" else "float64"

    def check(self, task: Task) -> None:
        """Refuse a task before it is queued.

        Raises:
            BudgetError: It is too large for this server, or too much work for one visitor.
            SpecError: Its precision does not go with this server's device.
        """
        kind = kind_of(task)
        if self._workers is not None and kind.split is not None:
            kind.split(task, self._limit)
        else:
            kind.check(task, self._limit)
        cost.check(kind.cost(task))
        if self._workers is None:
            devices.resolve(self._device, kind.study(task).dtype)

    @property
    def cache(self) -> Cache:
        """What is kept between two runs of the server."""
        return self._cache

    @property
    def workers(self) -> Workers | None:
        """The workers that compute, or None where this process does."""
        return self._workers

    def holds(self, task: Task) -> bool:
        """Whether the result of a task is at hand; it is not read."""
        key = self.key(task)
        return self._recent.get(key) is not None or self._cache.holds(key)

    def cached(self, task: Task) -> Result | None:
        """The result of a task if it is at hand, else None; never computes."""
        result = self._find(task)
        metrics.CACHE.labels("no" if result is None else "yes").inc()
        return result

    def _find(self, task: Task) -> Result | None:
        key = self.key(task)
        result = self._recent.get(key)
        if result is None:
            content = self._cache.get(key)
            result = None if content is None else self._read(task, content)
            if result is not None:
                self._recent.put(key, result)
        return result

    def _read(self, task: Task, content: bytes) -> Result | None:
        try:
            result: Result = storage.from_bytes(content, kind_of(task).result)
        except LandscapeError as problem:
            logger.warning("a cached result is damaged and is computed again: %s", problem)
        else:
            if result.spec == task:
                return result
            logger.warning("a cached result is of another task and is computed again")
        self._cache.drop(self.key(task))
        return None

    def find(self, needs: Iterable[Task | SmallTask]) -> dict[Any, Any]:
        """What is at hand of some tasks, and once they all are, the results of the small tasks beside them.

        Small tasks are computed at once, and here, whoever computes the others.

        Raises:
            LandscapeError: As what computes a small task.
            BudgetError: A small task is too much work.
        """
        found: dict[Any, Any] = {}
        small: list[SmallTask] = []
        waits = False
        for need in needs:
            if type(need) in SMALL_KINDS:
                small.append(need)  # type: ignore[arg-type]  # it is one
                continue
            result = self._surfaces(need.spec) if isinstance(need, SurfacesTask) else self.cached(need)  # type: ignore[arg-type]
            if result is None:
                waits = True
            else:
                found[need] = result
        return found if waits else found | {task: self._compute_small(task) for task in small}

    def _surfaces(self, spec: StudySpec) -> Surfaces | None:
        """The surfaces of a study if they are quickly had: computed already, or from tables in memory on a small plane."""
        found = self._find(spec)
        if isinstance(found, Surfaces):
            return found
        rest = spec.samples if spec.sampling == WITH else spec.samples - spec.batch_size
        visits = spec.resolution**2 * min(spec.batch_size, rest)
        landscape = self._landscapes.get(spec.table_key()) if visits <= SURFACES_VISITS else None
        return None if landscape is None else run.compute_surfaces(spec, landscape)

    def _compute_small(self, task: SmallTask) -> Any:  # noqa: ANN401  of any kind
        kind = SMALL_KINDS[type(task)]
        cost.check(kind.cost(task), cost.MOST_SECONDS_AT_ONCE)
        device = self._own_device(task.spec.dtype if isinstance(task.spec, StudySpec) else task.spec.base.dtype)
        return self._small.get_or_make(f"{task} {device}", lambda: hold(kind.run(task, device)), lambda: None).result

    def _own_device(self, dtype: str) -> str:
        """The device of the settings; where that is the workers', and not here, the CPU."""
        if self._workers is not None:
            try:
                devices.resolve(self._device, dtype)
            except SpecError:
                return "cpu"
        return self._device

    def compute(self, task: Task, progress: Progress) -> Result:
        """Compute a task and keep its result.

        Args:
            task: What to compute.
            progress: As for `landscape_core.study.run.run`.

        Raises:
            LandscapeError: As what computes it.
        """
        self.check(task)
        found = self.cached(task)
        if found is not None:
            return found
        if self._workers is not None:
            result = self._by_workers(self._workers, task, progress)
        else:
            result = self._within_memory(task, progress)
            self._cache.put(self.key(task), storage.to_bytes(result))
        self._recent.put(self.key(task), result)
        return result

    def _by_workers(self, workers: Workers, task: Task, progress: Progress) -> Result:
        kind = kind_of(task)
        divided = kind.split(task, self._limit) if kind.split else ()
        parts = divided or [task]
        contents = workers.compute({self.key(part): part for part in parts}, progress)
        results = [self._read(part, contents[self.key(part)]) for part in parts]
        found = [result for result in results if result is not None]
        if len(found) < len(parts):
            raise LandscapeError("A result came back damaged. Ask again.")
        if not divided or kind.join is None:
            return found[0]
        joined: Result = kind.join(task, found)
        self._cache.put(self.key(task), storage.to_bytes(joined))
        return joined

    def _within_memory(self, task: Task, progress: Progress) -> Result:
        """Compute here; where memory runs out, once more without the tables that are kept for others."""
        for attempt in ("first", "second"):
            try:
                return self._here(task, progress)
            except Exception as problem:
                if not devices.is_out_of_memory(problem):
                    raise
                logger.warning("out of memory at the %s attempt; tables are let go: %s", attempt, problem)
            self._landscapes.clear()
            devices.release_memory()
        raise LandscapeError(OUT_OF_MEMORY)

    def _here(self, task: Task, progress: Progress) -> Result:
        host = Host(self._device, self._limit, progress, lambda spec: self._landscape(spec, progress))
        result: Result = kind_of(task).run(task, host)
        return result

    def _landscape(self, spec: StudySpec, progress: Progress) -> Landscape:
        memory = self._landscapes.limit
        cache = self._landscapes if count_bytes(spec, spec.resolution**2) <= memory else self._on_disk
        return cache.get_or_make(
            spec.table_key(),
            lambda: run.tabulate_landscape(
                spec, device=self._device, limit=self._limit, memory=memory, scratch=self._scratch, progress=progress
            ),
            lambda: progress(0.0, "Waiting for tables that another study makes"),
        )

    def key(self, task: Task) -> str:
        """Under which its result is kept."""
        # another kind of device may differ in the last bits; a web server may lack the device of its workers
        device = self._device if self._shared else devices.resolve(self._device, kind_of(task).study(task).dtype).type
        return f"{task.key()}:{device}"


def _by_redis(settings: Settings) -> tuple[Cache, Workers]:
    try:
        from app.jobs.celery_client import Workers
        from app.jobs.celery_queue import create_queue, serving
        from app.jobs.redis_store import RedisCache, connect
    except ModuleNotFoundError as problem:
        raise OSError(
            errno.ENOENT, f"BATCHSCAPE_REDIS_URL needs {problem.name}; install it: pip install 'batchscape[workers]'"
        ) from None
    client = connect(settings)
    return RedisCache(client), Workers(client, create_queue(settings), serving(settings))
