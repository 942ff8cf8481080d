"""Two bounded caches: results on disk, without pickle, and whatever is large in memory."""

from __future__ import annotations

import errno
import logging
import sqlite3
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import diskcache
from diskcache.core import MODE_PICKLE

logger = logging.getLogger(__name__)

WAIT_SECONDS = 0.2
"""How often a thread that waits for another's object says so."""


FILES = ("cache.db*", "[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*.val")
"""What diskcache makes in its folder."""


def _damaged(problem: Exception) -> bool:
    """Whether a database is of no use any more; a full disk or a busy one is an OperationalError, and passes."""
    return isinstance(problem, sqlite3.DatabaseError) and not isinstance(problem, sqlite3.OperationalError)


class Cache(Protocol):
    """Bytes by key. A cache may fail: then it merely forgets."""

    @property
    def nbytes(self) -> int:
        """What it takes, in bytes."""
        ...

    def close(self) -> None:
        """Let go of what it is kept in."""
        ...

    def get(self, key: str) -> bytes | None:
        """The bytes kept under a key, or None."""
        ...

    def holds(self, key: str) -> bool:
        """Whether there is anything under a key; it is not read."""
        ...

    def put(self, key: str, content: bytes) -> None:
        """Keep bytes under a key."""
        ...

    def drop(self, key: str) -> None:
        """Let go of what is kept under a key."""
        ...


class NoPickleDisk(diskcache.Disk):
    """A disk format that neither writes nor reads pickles: whoever can write the directory must not run code here."""

    def put(self, key: Any) -> tuple[Any, bool]:  # noqa: ANN401
        """Store a key that sqlite knows itself."""
        stored, raw = super().put(key)
        if not raw:
            raise TypeError(f"a cache key must be text, bytes or a number; got {type(key).__name__}")
        return stored, raw

    def get(self, key: Any, raw: bool) -> Any:  # noqa: ANN401
        """Read a key back."""
        if not raw:
            raise ValueError("a pickled key lies in the cache; it is not read")
        return super().get(key, raw)

    def store(self, value: Any, read: bool, key: Any = diskcache.UNKNOWN) -> Any:  # noqa: ANN401
        """Store a value that needs no pickle."""
        if not isinstance(value, bytes):
            raise TypeError(f"a cached value must be bytes; got {type(value).__name__}")
        return super().store(value, read, key=key)

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> Any:  # noqa: ANN401
        """Read a value back."""
        if mode == MODE_PICKLE:
            raise ValueError("a pickled value lies in the cache; it is not read")
        return super().fetch(mode, filename, value, read)


class DiskCache:
    """Bytes by key, in a private directory, least recently used out first."""

    def __init__(self, directory: Path, limit: int) -> None:
        """Open the cache, or make it.

        Args:
            directory: Made, and made private, if it is not there. The cache lies in a private folder of its own inside it.
            limit: Most bytes that are kept.

        Raises:
            OSError: The directory cannot be used.
        """
        self._folder, self._limit = directory / "results", limit
        self._lock = threading.Lock()
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._folder.chmod(0o700)
            try:
                self._cache = self._open()
            except sqlite3.Error as problem:
                if not _damaged(problem):
                    raise
                self._cache = self._anew(problem)
        except (OSError, sqlite3.Error) as problem:
            raise OSError(errno.EIO, f"cannot keep results in {self._folder}: {problem}") from problem

    def _open(self) -> diskcache.Cache:
        cache = diskcache.Cache(
            str(self._folder), disk=NoPickleDisk, size_limit=self._limit, eviction_policy="least-recently-used"
        )
        self._file = self._identity()
        return cache

    def _anew(self, problem: Exception) -> diskcache.Cache:
        logger.warning("the result cache is damaged or gone and is made anew: %s", problem)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for pattern in FILES:
            for file in self._folder.glob(pattern):
                file.unlink(missing_ok=True)
        return self._open()

    def _identity(self) -> int | None:
        """Which file the database is, if it is there."""
        try:
            return (self._folder / diskcache.core.DBNAME).stat().st_ino
        except OSError:
            return None

    def _try(self, what: str, work: Callable[[diskcache.Cache], Any], otherwise: Any = None) -> Any:  # noqa: ANN401
        """Work on the cache; where that fails, say so, make a damaged cache anew, and go on without."""
        cache = self._cache
        try:
            if self._identity() != self._file:
                raise sqlite3.DatabaseError("somebody else has removed its files")
            return work(cache)
        except (OSError, sqlite3.Error, diskcache.Timeout, ValueError) as problem:
            logger.warning("result cache cannot be %s: %s", what, problem)
            if _damaged(problem):
                with self._lock:
                    if self._cache is cache:
                        self._mend(problem)
        return otherwise

    def _mend(self, problem: Exception) -> None:
        try:
            self._cache = self._anew(problem)
        except (OSError, sqlite3.Error) as failure:
            logger.warning("the result cache cannot be made anew: %s", failure)

    @property
    def nbytes(self) -> int:
        """What it takes on disk, in bytes."""
        return int(self._cache.volume())

    def close(self) -> None:
        """Let go of the files."""
        self._cache.close()

    def get(self, key: str) -> bytes | None:
        """The bytes kept under a key, or None."""
        found = self._try("read", lambda cache: cache.get(key))
        return found if isinstance(found, bytes) else None

    def holds(self, key: str) -> bool:
        """Whether there is anything under a key; it is not read."""
        return bool(self._try("read", lambda cache: key in cache, otherwise=False))

    def put(self, key: str, content: bytes) -> None:
        """Keep bytes under a key."""
        self._try("written", lambda cache: cache.set(key, content))

    def drop(self, key: str) -> None:
        """Let go of what is kept under a key."""
        self._try("written", lambda cache: cache.delete(key))


class Sized(Protocol):
    """Anything that knows how much memory it holds."""

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        ...


Kept = TypeVar("Kept", bound=Sized)


class MemoryCache(Generic[Kept]):
    """Objects by key, bounded by the bytes they hold, least recently used out first; safe between threads.

    Two threads that need the same object make it once: the second waits for the first.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept: OrderedDict[str, Kept] = OrderedDict()
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}

    def get(self, key: str) -> Kept | None:
        """The object kept under a key, or None."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: str, made: Kept) -> None:
        """Keep an object; one that is larger than the whole cache is not kept."""
        if made.nbytes > self._limit:
            return
        with self._lock:
            self._kept[key] = made
            self._kept.move_to_end(key)
            while self._kept and self.nbytes > self._limit:
                self._kept.popitem(last=False)

    def get_or_make(self, key: str, make: Callable[[], Kept], waiting: Callable[[], None]) -> Kept:
        """The object kept under a key, made first if need be.

        Args:
            key: Its key.
            make: Makes it.
            waiting: Called now and then while another thread makes it; an exception raised in it ends the wait.
        """
        with self._lock:
            own = self._making.setdefault(key, threading.Lock())
        while not own.acquire(timeout=WAIT_SECONDS):
            waiting()
        try:
            found = self.get(key)
            if found is None:
                found = make()
                self.put(key, found)
            return found
        finally:
            own.release()
            with self._lock:
                if not own.locked():
                    self._making.pop(key, None)

    def clear(self) -> None:
        """Let go of all objects."""
        with self._lock:
            self._kept.clear()

    @property
    def nbytes(self) -> int:
        """Memory held by all objects, in bytes."""
        return sum(made.nbytes for made in self._kept.values())
