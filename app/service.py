"""Tasks for the page: from the cache at once, or computed, on tables that are kept in memory."""

from __future__ import annotations

import errno
import logging
import threading
from typing import TYPE_CHECKING, Any, overload

from app import budget, metrics
from app.cache import Cache, DiskCache, MemoryCache
from app.settings import MIB, Settings
from app.state import Task
from landscape_core import (
    LandscapeError,
    StudyResult,
    StudySpec,
    devices,
    race,
    storage,
    study,
    tiles,
    training,
    typical,
)
from landscape_core.datasets import DATASETS
from landscape_core.race import RaceResult
from landscape_core.race_spec import RaceSpec
from landscape_core.study import Landscape, Progress, Surfaces
from landscape_core.tiles import TileResult, TileSpec
from landscape_core.training import TrainingResult, TrainingSpec
from landscape_core.typical import TypicalResult
from landscape_core.typical_spec import TypicalSpec

if TYPE_CHECKING:
    from app.remote import Workers

logger = logging.getLogger(__name__)

RECENT_BYTES = 64 * MIB
"""Results kept in memory too, so that the page goes on when the disk is full."""

OUT_OF_MEMORY = "The server has not enough memory for this. Lower the resolution, the points on a line or the draws."

GLIMPSE_VISITS = 1_000_000
"""Most sample visits of a glimpse: a plane of 100 × 100 at every batch size, in a twentieth of a second."""

Result = StudyResult | TypicalResult | RaceResult | TrainingResult | TileResult

RESULTS: dict[type[Task], type[Any]] = {
    StudySpec: StudyResult,
    TypicalSpec: TypicalResult,
    RaceSpec: RaceResult,
    TrainingSpec: TrainingResult,
    TileSpec: TileResult,
}
"""What comes of each kind of task."""


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
        self._shared = settings.redis_url is not None
        self._recent: MemoryCache[Result] = MemoryCache(self._recent_bytes(settings, worker=shared is not None))
        self._landscapes: MemoryCache[Landscape] = MemoryCache(settings.memory_bytes)
        # scikit-learn takes seconds to import; the first visitor should not wait for it
        threading.Thread(target=DATASETS[StudySpec().dataset].load, name="warm", daemon=True).start()

    def _recent_bytes(self, settings: Settings, worker: bool) -> int:
        if worker:
            return 0  # what it has is worth nothing until Redis has it
        # a server that makes no tables has their memory for results, should Redis lose its own
        return settings.memory_bytes if self._workers else RECENT_BYTES

    def close(self) -> None:
        """Let go of the cache's files or connections."""
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
        if isinstance(task, StudySpec):
            if self._workers is None:
                study.check(task, self._limit)
            else:
                tiles.split(task, self._limit)
        elif isinstance(task, TileSpec):
            tiles.check(task, self._limit)
        elif isinstance(task, TypicalSpec):
            typical.check(task, self._limit)
        elif isinstance(task, RaceSpec):
            race.check(task)
        budget.check(task)
        if self._workers is None:
            devices.resolve(self._device, _dtype(task))

    @property
    def cache(self) -> Cache:
        """What is kept between two runs of the server."""
        return self._cache

    def holds(self, task: Task) -> bool:
        """Whether the result of a task is at hand; it is not read."""
        key = self.key(task)
        return self._recent.get(key) is not None or self._cache.holds(key)

    @overload
    def cached(self, task: StudySpec) -> StudyResult | None: ...

    @overload
    def cached(self, task: TypicalSpec) -> TypicalResult | None: ...

    @overload
    def cached(self, task: RaceSpec) -> RaceResult | None: ...

    @overload
    def cached(self, task: TrainingSpec) -> TrainingResult | None: ...

    @overload
    def cached(self, task: Task) -> Result | None: ...

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
            result = storage.from_bytes(content, RESULTS[type(task)])
        except LandscapeError as problem:
            logger.warning("a cached result is damaged and is computed again: %s", problem)
        else:
            if result.spec == task:
                return result
            logger.warning("a cached result is of another task and is computed again")
        self._cache.drop(self.key(task))
        return None

    def glimpse(self, task: Task) -> Surfaces | None:
        """The surfaces of a study if they are quickly had: computed already, or from tables in memory on a small plane."""
        if not isinstance(task, StudySpec):
            return None
        if isinstance(found := self._find(task), StudyResult):
            return found
        visits = task.resolution**2 * min(task.batch_size, task.samples - task.batch_size)
        landscape = self._landscapes.get(task.table_key()) if visits <= GLIMPSE_VISITS else None
        return None if landscape is None else study.glimpse(task, landscape)

    @overload
    def compute(self, task: StudySpec, progress: Progress) -> StudyResult: ...

    @overload
    def compute(self, task: TypicalSpec, progress: Progress) -> TypicalResult: ...

    @overload
    def compute(self, task: RaceSpec, progress: Progress) -> RaceResult: ...

    @overload
    def compute(self, task: TrainingSpec, progress: Progress) -> TrainingResult: ...

    @overload
    def compute(self, task: Task, progress: Progress) -> Result: ...

    def compute(self, task: Task, progress: Progress) -> Result:
        """Compute a task and keep its result.

        Args:
            task: What to compute.
            progress: As for `landscape_core.study.run`.

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
        parts: list[Task] = [task]
        if isinstance(task, StudySpec) and (divided := tiles.split(task, self._limit)):
            parts = [tiles.frame(task), *divided]
        contents = workers.compute({self.key(part): part for part in parts}, progress)
        results: list[Any] = [self._read(part, contents[self.key(part)]) for part in parts]
        if None in results:
            raise LandscapeError("A result came back damaged. Ask again.")
        if not isinstance(task, StudySpec) or len(parts) == 1:
            return results[0]
        joined = tiles.join(task, results[0], results[1:])
        self._cache.put(self.key(task), storage.to_bytes(joined))
        return joined

    def _within_memory(self, task: Task, progress: Progress) -> Result:
        """Compute here; where memory runs out, once more without the tables that are kept for others."""
        for attempt in ("first", "second"):
            try:
                return self._here(task, progress)
            except Exception as problem:
                if not devices.out_of_memory(problem):
                    raise
                logger.warning("out of memory at the %s attempt; tables are let go: %s", attempt, problem)
            self._landscapes.clear()
            devices.release()
        raise LandscapeError(OUT_OF_MEMORY)

    def _here(self, task: Task, progress: Progress) -> Result:
        result: Result
        if isinstance(task, StudySpec):
            result = study.evaluate(task, self._landscape(task, progress), progress=progress)
        elif isinstance(task, TypicalSpec):
            result = typical.run_typical(task, device=self._device, progress=progress)
        elif isinstance(task, TileSpec):
            result = tiles.run_tile(task, device=self._device, limit=self._limit, progress=progress)
        elif isinstance(task, RaceSpec):
            result = race.run_race(task, device=self._device, progress=progress)
        else:
            result = training.run_training(task, device=self._device, progress=progress)
        return result

    def _landscape(self, spec: StudySpec, progress: Progress) -> Landscape:
        return self._landscapes.get_or_make(
            spec.table_key(),
            lambda: study.tabulate_landscape(spec, device=self._device, limit=self._limit, progress=progress),
            lambda: progress(0.0, "Waiting for tables that another study makes"),
        )

    def key(self, task: Task) -> str:
        """Under which its result is kept."""
        # another kind of device may differ in the last bits; a web server may lack the device of its workers
        device = self._device if self._shared else devices.resolve(self._device, _dtype(task)).type
        return f"{task.key()}:{device}"


def _by_redis(settings: Settings) -> tuple[Cache, Workers]:
    try:
        from app.remote import Workers
        from app.shared import RedisCache, celery_app, connect
    except ModuleNotFoundError as problem:
        raise OSError(
            errno.ENOENT, f"BATCHSCAPE_REDIS_URL needs {problem.name}; install it: pip install 'batchscape[workers]'"
        ) from None
    client = connect(settings)
    return RedisCache(client), Workers(client, celery_app(settings))


def _dtype(task: Task) -> str:
    return task.dtype if isinstance(task, StudySpec) else task.base.dtype
