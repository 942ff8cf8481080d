"""Both caches: bounded, private, and never a pickle."""

from __future__ import annotations

import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import diskcache
import pytest

from app.jobs.cache import DiskCache, MemoryCache, NoPickleDisk


@dataclass(frozen=True)
class Block:
    nbytes: int


@pytest.fixture
def opened() -> Iterator[Callable[[Path, int], DiskCache]]:
    """Opens disk caches and closes them in the end."""
    with ExitStack() as stack:
        yield lambda folder, limit: stack.enter_context(closing(DiskCache(folder, limit)))


Opened = Callable[[Path, int], DiskCache]


def test_disk_keeps_bytes_in_a_private_directory(opened: Opened, tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "cache"
    cache = opened(folder, 10**7)
    cache.put("key", b"x" * 100_000)
    assert cache.get("key") == b"x" * 100_000
    assert cache.get("other") is None
    assert {stat.S_IMODE(made.stat().st_mode) for made in (folder, folder / "results")} == {0o700}
    assert opened(folder, 10**7).get("key") == b"x" * 100_000  # another process, the same directory


def test_disk_lets_go(opened: Opened, tmp_path: Path) -> None:
    cache = opened(tmp_path, 10**7)
    cache.put("key", b"x")
    cache.drop("key")
    cache.drop("other")
    assert not cache.holds("key")


def test_disk_is_made_private_again(opened: Opened, tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    (tmp_path / "results").mkdir(mode=0o755)
    opened(tmp_path, 10**7)
    assert stat.S_IMODE((tmp_path / "results").stat().st_mode) == 0o700
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755  # somebody else's, left alone


def test_a_damaged_cache_is_created_again(opened: Opened, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "cache.db").write_bytes(bytes(range(256)) * 40)
    (tmp_path / "results" / "thesis.pdf").write_bytes(b"somebody else's")
    cache = opened(tmp_path, 10**7)
    cache.put("key", b"x")
    assert cache.get("key") == b"x"
    assert "is damaged or gone, and is created again" in caplog.text
    assert (tmp_path / "results" / "thesis.pdf").read_bytes() == b"somebody else's"


def test_a_full_disk_at_the_start_costs_nothing_that_was_kept(
    opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(tmp_path, 10**7).put("key", b"x" * 100_000)

    def full(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(diskcache, "Cache", full)
        with pytest.raises(OSError, match=r"cannot keep results .*disk is full"):
            opened(tmp_path, 10**7)
    assert opened(tmp_path, 10**7).get("key") == b"x" * 100_000


def test_an_unusable_directory_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match=r"cannot keep results in .*file/results: "):
        DiskCache(tmp_path / "file", 10**7)


def test_no_pickle_is_written(tmp_path: Path) -> None:
    with diskcache.Cache(str(tmp_path), disk=NoPickleDisk) as cache:
        with pytest.raises(TypeError, match="a cached value must be bytes; got dict"):
            cache.set("key", {"a": 1})
        with pytest.raises(TypeError, match="a cache key must be text, bytes or a number; got tuple"):
            cache.set(("a", 1), b"x")


class Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return Path.touch, (Path("exploded"),)


def test_no_pickle_is_read(opened: Opened, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "results"
    with diskcache.Cache(str(folder)) as attacker:
        attacker.set("small", Bomb())
        attacker.set("large", [Bomb(), "x" * 10**6])
    with sqlite3.connect(folder / "cache.db") as database:  # the class of the disk is not stored with it
        modes = {mode for (mode,) in database.execute("SELECT mode FROM Cache")}
    database.close()
    assert modes == {diskcache.core.MODE_PICKLE}
    cache = opened(tmp_path, 10**7)
    assert cache.get("small") is None
    assert cache.get("large") is None
    assert not (tmp_path / "exploded").exists()


def test_disk_is_bounded(opened: Opened, tmp_path: Path) -> None:
    cache = opened(tmp_path, 4 * 10**6)
    for number in range(100):
        cache.put(str(number), bytes(100_000))
    assert sum(file.stat().st_size for file in tmp_path.rglob("*.val")) < 6 * 10**6
    assert cache.get("99") is not None
    assert cache.get("0") is None


def test_failures_of_the_disk_count_as_misses(opened: Opened, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = opened(tmp_path, 10**7)
    cache.put("key", b"x")

    def fail(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    cache._cache.set = cache._cache.get = cache._cache.delete = fail
    cache.put("key", b"y")
    cache.drop("key")
    assert cache.get("key") is None
    assert "database or disk is full" in caplog.text


def test_memory_is_bounded_and_forgets_the_least_recently_used() -> None:
    cache: MemoryCache[Block] = MemoryCache(100)
    for name in "abc":
        cache.put(name, Block(30))
    assert cache.get("a") == Block(30)  # used: now the youngest
    cache.put("d", Block(30))
    assert cache.get("b") is None
    assert cache.get("a") is not None
    assert cache.nbytes == 90
    cache.put("huge", Block(101))
    assert cache.nbytes == 90
    assert cache.get("huge") is None


def test_memory_makes_an_object_once() -> None:
    cache: MemoryCache[Block] = MemoryCache(100)
    made = []
    inside, go_on = threading.Event(), threading.Event()

    def make() -> Block:
        made.append(1)
        inside.set()
        assert go_on.wait(20)
        return Block(10)

    got: list[Block] = []
    threads = [
        threading.Thread(target=lambda: got.append(cache.get_or_make("key", make, lambda: None))) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    assert inside.wait(20)
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert len(made) == 1
    assert got == [Block(10)] * 5


def test_memory_makes_again_after_a_failure() -> None:
    cache: MemoryCache[Block] = MemoryCache(100)

    def fail() -> Block:
        raise ValueError("cancelled")

    with pytest.raises(ValueError, match="cancelled"):
        cache.get_or_make("key", fail, lambda: None)
    assert cache.get_or_make("key", lambda: Block(1), lambda: None) == Block(1)


def test_a_thread_that_waits_for_another_can_stop_waiting() -> None:
    cache: MemoryCache[Block] = MemoryCache(100)
    inside, go_on = threading.Event(), threading.Event()

    def make() -> Block:
        inside.set()
        assert go_on.wait(20)
        return Block(10)

    def give_up() -> None:
        raise InterruptedError("cancelled")

    maker = threading.Thread(target=lambda: cache.get_or_make("key", make, lambda: None))
    maker.start()
    assert inside.wait(20)
    with pytest.raises(InterruptedError, match="cancelled"):
        cache.get_or_make("key", lambda: Block(99), give_up)
    go_on.set()
    maker.join(20)
    assert cache.get("key") == Block(10)
