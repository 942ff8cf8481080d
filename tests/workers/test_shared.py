"""What servers and workers share, on a real Redis: the cache, the lease, and what is said when something goes wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
import redis
from celery.exceptions import SoftTimeLimitExceeded
from cluster import Redis, until
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from app import budget, cli, remote, shared, warm, worker
from app.remote import Workers
from app.service import Service
from app.settings import Settings
from app.shared import RedisCache, celery_app, channel, connect, lease, leased, queued, result
from app.state import task_to_dict
from app.worker import TOO_LONG, Computer
from landscape_core import LandscapeError, StudySpec

SPEC = StudySpec(resolution=5, line_points=9, draws=2)
KEY = f"{SPEC.key()}:auto"


@pytest.fixture
def settings(redis_server: Redis, tmp_path: Path) -> Settings:
    return Settings(redis_url=redis_server.url, warm=False, cache_dir=tmp_path)


@pytest.fixture
def client(settings: Settings) -> Iterator[redis.Redis]:
    with closing(connect(settings)) as client:
        client.flushall()
        yield client


@pytest.fixture
def absent() -> redis.Redis:
    """Nobody listens there."""
    return redis.Redis(port=1, retry=Retry(ConstantBackoff(0), 0))


def test_cache_keeps_bytes_for_a_time(client: redis.Redis) -> None:
    cache = RedisCache(client)
    assert cache.get("a") is None
    assert not cache.holds("a")
    cache.put("a", b"1")
    assert cache.get("a") == b"1"
    assert cache.holds("a")
    # what has an end may be let go of when memory is full; the queue has none
    assert 0 < client.ttl(result("a")) <= shared.KEEP_SECONDS
    assert cache.nbytes > 0
    cache.drop("a")
    assert not cache.holds("a")


def test_cache_without_redis_merely_forgets(absent: redis.Redis, caplog: pytest.LogCaptureFixture) -> None:
    cache = RedisCache(absent)
    cache.put("a", b"1")
    cache.drop("a")
    assert cache.get("a") is None
    assert not cache.holds("a")
    assert caplog.text.count("cannot be read") == caplog.text.count("cannot be written") == 2


def test_one_lease_at_a_time(client: redis.Redis) -> None:
    with leased(client, "a") as first, leased(client, "a") as second, leased(client, "b") as other:
        assert (first, second, other) == (True, False, True)
    with leased(client, "a") as again:
        assert again
    assert not client.exists(lease("a"))


def test_a_lease_is_renewed_and_taken_again(client: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "LEASE_SECONDS", 0.5)
    with leased(client, "a"):
        client.pexpire(lease("a"), 200)
        until(lambda: client.pttl(lease("a")) > 200)
        client.flushall()
        until(lambda: client.exists(lease("a")))
    assert not client.exists(lease("a"))


def test_the_lease_of_the_dead_ends(settings: Settings, client: redis.Redis) -> None:
    program = f"""
import os, signal
from app.settings import Settings
from app import shared
shared.LEASE_SECONDS = 0.5
with shared.leased(shared.connect(Settings(redis_url={settings.redis_url.get_secret_value()!r})), "a") as mine:
    assert mine
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    until(lambda: not client.exists(lease("a")))


def test_a_task_that_kills_its_workers_is_given_up(
    settings: Settings, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "LOOK_SECONDS", 0.02)

    def progress(_share: float, _what: str) -> None:
        # each time the task is sent a worker takes it and, by the next look, is dead
        if client.delete(queued(KEY)):
            client.set(lease(KEY), "")
        else:
            client.delete(lease(KEY))

    with (
        closing(Workers(client, shared.celery_app(settings))) as workers,
        pytest.raises(LandscapeError, match=r"4 workers were lost .* lower the resolution or the draws\."),
    ):
        workers.compute({KEY: SPEC}, progress)
    assert client.llen("batchscape") >= 4


def test_a_redis_that_stays_away_is_said(
    settings: Settings, absent: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote, "AWAY_SECONDS", 0.0)
    seen: list[str] = []
    with (
        closing(Workers(absent, shared.celery_app(settings))) as workers,
        pytest.raises(LandscapeError, match=r"The queue of the workers is away\. Ask again in a few minutes\."),
    ):
        workers.compute({KEY: SPEC}, lambda _share, what: seen.append(what))
    assert set(seen) == {"Waiting for the queue of the workers, which is away"}


def test_what_a_worker_says(settings: Settings, client: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    computer = Computer(settings)
    heard: list[bytes] = []

    def ask() -> bytes:
        with client.pubsub(ignore_subscribe_messages=True) as line:
            line.subscribe(channel(KEY))
            line.get_message(timeout=1)  # that it is so
            computer.compute(task_to_dict(SPEC))
            while message := line.get_message(timeout=0.2):
                heard.append(message["data"])
        return heard[-1]

    assert ask() == b'{"done": true}'
    client.delete(result(KEY))
    monkeypatch.setattr(computer._service, "_recent", type(computer._service._recent)(0))
    monkeypatch.setattr(computer._cache, "put", lambda *_: None)
    assert b"Redis could not keep it: its memory may be full" in ask()

    def broken(*_: object) -> None:
        raise ValueError("/srv/secret")

    monkeypatch.setattr(computer._service, "_here", broken)
    assert b"could not finish this computation (reference " in ask()
    assert b"/srv/secret" not in b"".join(heard)
    computer._redis.close()


def test_a_task_that_takes_too_long_is_given_up_and_not_sent_again(
    settings: Settings, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(celery_app(settings)) as queue:
        limit, end = queue.conf.task_soft_time_limit, queue.conf.task_time_limit
        resent = queue.conf.broker_transport_options["visibility_timeout"]
    assert budget.MOST_SECONDS < limit < end < resent
    computer = Computer(settings)

    def hang(*_: object) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(computer._service, "_here", hang)
    with client.pubsub(ignore_subscribe_messages=True) as line:
        line.subscribe(channel(KEY))
        line.get_message(timeout=1)
        computer.compute(task_to_dict(SPEC))
        said = line.get_message(timeout=1)
    assert json.loads(said["data"]) == {"error": TOO_LONG}
    computer._redis.close()


def test_presets_of_the_disk_are_brought_into_redis(
    settings: Settings, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings.model_copy(update={"device": "cpu"})
    others = [SPEC.replace(seed=seed) for seed in (1, 2)]
    monkeypatch.setattr(warm, "presets", lambda _: [SPEC, *others])
    with closing(Service(settings.model_copy(update={"redis_url": None}))) as own:
        for task in (SPEC, others[0]):
            own.compute(task, lambda *_: None)
    with closing(Service(settings)) as service:
        assert warm.bring(settings, service) == 2
        assert [service.cached(task) is not None for task in (SPEC, *others)] == [True, True, False]
        assert warm.bring(settings, service) == 0


def test_the_parent_of_the_processes_does_not_touch_cuda(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTORCH_NVML_BASED_CUDA_CHECK", raising=False)

    class Resolved(Exception):  # noqa: N818
        pass

    def resolve(*_: object) -> None:
        assert os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] == "1"
        raise Resolved

    monkeypatch.setattr("landscape_core.devices.resolve", resolve)
    with pytest.raises(Resolved):
        worker.work(settings)
    monkeypatch.delenv("PYTORCH_NVML_BASED_CUDA_CHECK")


def test_what_another_computes_is_left_to_it(
    settings: Settings, client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    computer = Computer(settings)
    with client.pubsub() as line, leased(client, KEY):
        line.subscribe(channel(KEY))
        line.get_message(timeout=1)
        computer.compute(task_to_dict(SPEC))
    assert f"{KEY} is computed already" in caplog.text
    assert not client.exists(result(KEY))
    computer._redis.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("redis://:wrong@127.0.0.1:{port}/0", "Redis at 127.0.0.1:{port} does not let us in"),
        ("redis://127.0.0.1:{port}/0", "Redis at 127.0.0.1:{port} does not let us in"),
        ("redis://:wrong@127.0.0.1:1/0", "no Redis at 127.0.0.1:1 "),
        ("http://:wrong@127.0.0.1", "BATCHSCAPE_REDIS_URL is not an address of Redis; allowed: redis://"),
        ("", "BATCHSCAPE_REDIS_URL is not an address of Redis; allowed: redis://"),
    ],
)
def test_a_redis_that_cannot_be_had_is_said_at_the_start(
    redis_server: Redis,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    url: str,
    said: str,
) -> None:
    monkeypatch.setenv("BATCHSCAPE_REDIS_URL", url.format(port=redis_server.port))
    monkeypatch.setenv("BATCHSCAPE_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["batchscape", "worker"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("batchscape: " + said.format(port=redis_server.port))
    assert "wrong" not in line.replace("AUTH", "")


def test_a_server_says_it_too(redis_server: Redis, tmp_path: Path) -> None:
    url = f"redis://:wrong@127.0.0.1:{redis_server.port}/0"
    done = subprocess.run(
        [sys.executable, "-m", "app", "serve", "--port", "0"],
        env={**os.environ, "BATCHSCAPE_REDIS_URL": url, "BATCHSCAPE_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"batchscape: Redis at 127.0.0.1:{redis_server.port} does not let us in")


def test_a_worker_needs_an_address(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("BATCHSCAPE_REDIS_URL", raising=False)
    monkeypatch.setattr(sys, "argv", ["batchscape", "worker"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    said = "BATCHSCAPE_REDIS_URL is not set; give the one of the server: redis://:password@host:6379/0"
    assert capfd.readouterr().err == f"batchscape: {said}\n"


def test_without_an_address_neither_celery_nor_redis_is_loaded(tmp_path: Path) -> None:
    program = f"""
import sys
from app import create_app
from app.settings import Settings
create_app(Settings(warm=False, cache_dir={str(tmp_path)!r}))
print(sorted({{"celery", "kombu", "redis"}} & set(sys.modules)))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
