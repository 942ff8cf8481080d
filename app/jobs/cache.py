"""Two bounded caches: results on disk, without pickle, and large objects in memory."""

from __future__ import annotations

import errno
import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import diskcache
from cachetools import LRUCache
from diskcache.core import MODE_PICKLE

from app import private_directory

logger = logging.getLogger(__name__)

WAIT_SECONDS = 0.2
"""Time between two calls of `waiting` while another thread makes an object."""

FILES = ("cache.db*", "[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*.val")
"""Files of diskcache in its folder."""


class Cache(Protocol):
    """Bytes by key. Failures count as misses and are logged."""

    @property
    def nbytes(self) -> int:
        """Bytes in use."""

    def close(self) -> None:
        """Close its files or connections."""

    def get(self, key: str) -> bytes | None:
        """Return the bytes of a key, or None."""

    def holds(self, key: str) -> bool:
        """Return whether a key is cached, without reading it."""

    def put(self, key: str, content: bytes) -> None:
        """Store bytes under a key."""

    def drop(self, key: str) -> None:
        """Delete a key."""


class NoPickleDisk(diskcache.Disk):
    """A disk format without pickles: whoever can write the directory must not run code here."""

    def put(self, key: Any) -> tuple[Any, bool]:  # noqa: ANN401
        """Store a key of a type that SQLite has."""
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
        """Store bytes."""
        if not isinstance(value, bytes):
            raise TypeError(f"a cached value must be bytes; got {type(value).__name__}")
        return super().store(value, read, key=key)

    def fetch(self, mode: int, filename: str | None, value: Any, read: bool) -> Any:  # noqa: ANN401
        """Read a value back."""
        if mode == MODE_PICKLE:
            raise ValueError("a pickled value lies in the cache; it is not read")
        return super().fetch(mode, filename, value, read)


class DiskCache:
    """A cache on disk, in a private directory; it evicts the least recently used results."""

    def __init__(self, directory: Path, limit: int) -> None:
        """Open or create the cache.

        Args:
            directory: Created, private, if it does not exist. The cache has a private folder of its own inside it.
            limit: Most bytes on disk.

        Raises:
            OSError: The directory cannot be used, or is not private.
        """
        self._folder, self._limit = directory / "results", limit
        self._lock = threading.Lock()
        try:
            private_directory.make(directory)
            private_directory.make(self._folder)
            self._folder.chmod(0o700)
            try:
                self._cache = self._open()
            except sqlite3.Error as error:
                if not _is_damage(error):
                    raise
                self._cache = self._recreate(error)
        except (OSError, sqlite3.Error) as error:
            reason = error.strerror or error if isinstance(error, OSError) else error
            raise OSError(errno.EIO, f"cannot keep results in {self._folder}: {reason}") from error

    def _open(self) -> diskcache.Cache:
        cache = diskcache.Cache(
            str(self._folder), disk=NoPickleDisk, size_limit=self._limit, eviction_policy="least-recently-used"
        )
        self._inode = self._find_inode()
        return cache

    def _recreate(self, error: Exception) -> diskcache.Cache:
        logger.warning("the result cache is damaged or gone, and is created again: %s", error)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for pattern in FILES:
            for file in self._folder.glob(pattern):
                file.unlink(missing_ok=True)
        return self._open()

    def _find_inode(self) -> int | None:
        """The inode of the database, or None if it is gone."""
        try:
            return (self._folder / diskcache.core.DBNAME).stat().st_ino
        except OSError:
            return None

    def _try(self, what: str, work: Callable[[diskcache.Cache], Any]) -> Any:  # noqa: ANN401
        """Work on the cache. A failure is logged and gives None; a damaged cache is created again."""
        cache = self._cache
        try:
            if self._find_inode() != self._inode:
                raise sqlite3.DatabaseError("somebody else has removed its files")
            return work(cache)
        except (OSError, sqlite3.Error, diskcache.Timeout, ValueError) as error:
            logger.warning("result cache cannot be %s: %s", what, error)
            if _is_damage(error):
                with self._lock:
                    if self._cache is cache:
                        self._repair(error)
        return None

    def _repair(self, error: Exception) -> None:
        try:
            self._cache = self._recreate(error)
        except (OSError, sqlite3.Error) as failure:
            logger.warning("the result cache cannot be created again: %s", failure)

    @property
    def nbytes(self) -> int:
        """Bytes on disk."""
        return int(self._cache.volume())

    def close(self) -> None:
        """Close the files."""
        self._cache.close()

    def get(self, key: str) -> bytes | None:
        """Return the bytes of a key, or None."""
        found = self._try("read", lambda cache: cache.get(key))
        return found if isinstance(found, bytes) else None

    def holds(self, key: str) -> bool:
        """Return whether a key is cached, without reading it."""
        return bool(self._try("read", lambda cache: key in cache))

    def put(self, key: str, content: bytes) -> None:
        """Store bytes under a key."""
        self._try("written", lambda cache: cache.set(key, content))

    def drop(self, key: str) -> None:
        """Delete a key."""
        self._try("written", lambda cache: cache.delete(key))


def _is_damage(error: Exception) -> bool:
    """Return whether a database is of no use any more; a full disk or a busy one, an OperationalError, passes."""
    return isinstance(error, sqlite3.DatabaseError) and not isinstance(error, sqlite3.OperationalError)


class Sized(Protocol):
    """An object of known size."""

    @property
    def nbytes(self) -> int:
        """Bytes of memory."""


Kept = TypeVar("Kept", bound=Sized)


class MemoryCache(Generic[Kept]):
    """Objects by key, bounded by their bytes; it evicts the least recently used ones, and is safe between threads.

    Two threads that need the same object make it once: the second waits for the first.
    """

    def __init__(self, limit: int) -> None:
        self._kept: LRUCache[str, Kept] = LRUCache(limit, getsizeof=lambda kept: kept.nbytes)
        self._lock = threading.Lock()
        self._making: dict[str, threading.Lock] = {}

    def get(self, key: str) -> Kept | None:
        """Return the object of a key, or None."""
        with self._lock:
            return self._kept.get(key)

    def put(self, key: str, kept: Kept) -> None:
        """Keep an object, unless it is larger than the whole cache, or holds nothing that is worth it."""
        with self._lock, suppress(ValueError):  # "value too large"
            if kept.nbytes:
                self._kept[key] = kept

    def get_or_make(self, key: str, make: Callable[[], Kept], waiting: Callable[[], None]) -> Kept:
        """Return the object of a key, or make and keep it.

        Args:
            key: Its key.
            make: Makes it.
            waiting: Called several times a second while another thread makes it; an exception raised in it ends the wait.
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

    @property
    def limit(self) -> int:
        """Most bytes of all objects."""
        return int(self._kept.maxsize)

    def clear(self) -> None:
        """Forget all objects."""
        with self._lock:
            self._kept.clear()

    @property
    def nbytes(self) -> int:
        """Bytes of all objects."""
        return int(self._kept.currsize)
