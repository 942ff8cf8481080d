"""Studies for the page: from the cache at once, or computed, on tables that are kept in memory."""

from __future__ import annotations

import logging
import threading

from app.cache import DiskCache, MemoryCache
from app.settings import MIB, Settings
from landscape_core import LandscapeError, StudyResult, StudySpec, devices, storage, study
from landscape_core.datasets import DATASETS
from landscape_core.study import Landscape, Progress

logger = logging.getLogger(__name__)

RECENT_BYTES = 64 * MIB
"""Results kept in memory too, so that the page goes on when the disk is full."""


class Service:
    """What the callbacks call. It holds no visitor's state: a result depends on its description alone."""

    def __init__(self, settings: Settings) -> None:
        self._device = settings.device
        self._limit = settings.study_bytes
        self._disk = DiskCache(settings.cache_dir, settings.cache_bytes)
        self._recent: MemoryCache[StudyResult] = MemoryCache(RECENT_BYTES)
        self._landscapes: MemoryCache[Landscape] = MemoryCache(settings.memory_bytes)
        # scikit-learn takes seconds to import; the first visitor should not wait for it
        threading.Thread(target=DATASETS[StudySpec().dataset].load, name="warm", daemon=True).start()

    def close(self) -> None:
        """Let go of the cache's files."""
        self._disk.close()

    @property
    def dtype(self) -> str:
        """The precision that this server's device can do: float64, but float32 on Metal."""
        return "float32" if self._device == "mps" else "float64"

    def check(self, spec: StudySpec) -> None:
        """Refuse a study before it is queued.

        Raises:
            BudgetError: It is too large for this server.
            SpecError: Its precision does not go with this server's device.
        """
        study.check(spec, self._limit)
        devices.resolve(self._device, spec.dtype)

    def cached(self, spec: StudySpec) -> StudyResult | None:
        """The result of a study if it is at hand, else None; never computes."""
        key = self._key(spec)
        result = self._recent.get(key)
        if result is None:
            content = self._disk.get(key)
            if content is None:
                return None
            try:
                result = storage.from_bytes(content)
            except LandscapeError as problem:
                logger.warning("a cached result is damaged and is computed again: %s", problem)
                return None
            if result.spec != spec:
                logger.warning("a cached result is of another study and is computed again")
                return None
            self._recent.put(key, result)
        return result

    def compute(self, spec: StudySpec, progress: Progress) -> StudyResult:
        """Compute a study and keep its result.

        Args:
            spec: What to compute.
            progress: As for `landscape_core.study.run`.

        Raises:
            LandscapeError: As `landscape_core.study.run`.
        """
        self.check(spec)
        found = self.cached(spec)
        if found is not None:
            return found
        landscape = self._landscapes.get_or_make(
            spec.table_key(),
            lambda: study.tabulate_landscape(spec, device=self._device, limit=self._limit, progress=progress),
            lambda: progress(0.0, "Waiting for tables that another study makes"),
        )
        result = study.evaluate(spec, landscape, progress=progress)
        self._recent.put(self._key(spec), result)
        self._disk.put(self._key(spec), storage.to_bytes(result))
        return result

    def _key(self, spec: StudySpec) -> str:
        # another kind of device may differ in the last bits
        return f"{spec.key()}:{devices.resolve(self._device, spec.dtype).type}"
