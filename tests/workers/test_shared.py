"""What servers and workers share, on a real Redis: the cache, the lease, and the messages when something goes wrong."""

from __future__ import annotations

import json
import logging
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

from app import cli, precompute
from app.jobs import celery_client, celery_queue, celery_worker, cost, redis_store
from app.jobs.celery_client import Workers
from app.jobs.celery_queue import create_queue, serving
from app.jobs.celery_worker import TOO_LONG, Computer, RedisFailures
from app.jobs.redis_store import (
    RedisCache,
    connect,
    hold_lease,
    lease_key,
    progress_channel,
    queue_key,
    queued_key,
    result_key,
    seen_key,
    worker_channel,
)
from app.jobs.service import Service
from app.jobs.tasks import task_to_dict
from app.settings import Settings
from landscape_core import LandscapeError, StudySpec

SPEC = StudySpec(resolution=5, line_points=9, draws=2)
KEY = f"{SPEC.key()}:cpu"


@pytest.fixture
def settings(redis_server: Redis, tmp_path: Path) -> Settings:
    """Of a server whose tasks no worker of another test takes."""
    return Settings(redis_url=redis_server.url, warm=False, cache_dir=tmp_path, device="cpu")


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
    assert 0 < client.ttl(result_key("a")) <= redis_store.KEEP_SECONDS
    assert cache.nbytes > 0
    cache.drop("a")
    assert not cache.holds("a")


def test_without_redis_the_cache_misses(absent: redis.Redis, caplog: pytest.LogCaptureFixture) -> None:
    cache = RedisCache(absent)
    cache.put("a", b"1")
    cache.drop("a")
    assert cache.get("a") is None
    assert not cache.holds("a")
    assert caplog.text.count("cannot be read") == caplog.text.count("cannot be written") == 2


def test_one_lease_at_a_time(client: redis.Redis) -> None:
    with hold_lease(client, "a") as first, hold_lease(client, "a") as second, hold_lease(client, "b") as other:
        assert (first, second, other) == (True, False, True)
    with hold_lease(client, "a") as again:
        assert again
    assert not client.exists(lease_key("a"))


def test_a_lease_is_renewed_and_taken_again(client: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_store, "LEASE_SECONDS", 0.5)
    with hold_lease(client, "a"):
        client.pexpire(lease_key("a"), 200)
        until(lambda: client.pttl(lease_key("a")) > 200)
        client.flushall()
        until(lambda: client.exists(lease_key("a")))
    assert not client.exists(lease_key("a"))


def test_the_lease_of_the_dead_ends(settings: Settings, client: redis.Redis) -> None:
    program = f"""
import os, signal
from app.settings import Settings
from app.jobs import redis_store
redis_store.LEASE_SECONDS = 0.5
client = redis_store.connect(Settings(redis_url={settings.redis_url.get_secret_value()!r}))
with redis_store.hold_lease(client, "a") as mine:
    assert mine
    os.kill(os.getpid(), signal.SIGKILL)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == -9
    until(lambda: not client.exists(lease_key("a")))


def test_a_task_that_kills_its_workers_is_given_up(
    settings: Settings, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(celery_client, "CHECK_SECONDS", 0.02)

    def progress(_share: float, _what: str) -> None:
        # each time the task is sent a worker takes it and, by the next look, is dead
        if client.delete(queued_key(KEY)):
            client.set(lease_key(KEY), "")
        else:
            client.delete(lease_key(KEY))

    with (
        closing(Workers(client, create_queue(settings), serving(settings))) as workers,
        pytest.raises(LandscapeError, match=r"4 workers were lost .* lower the resolution or the draws\."),
    ):
        workers.compute({KEY: SPEC}, progress)
    assert client.llen(queue_key(serving(settings))) >= 4


def test_a_redis_that_stays_away_is_an_error(
    settings: Settings, absent: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(celery_client, "AWAY_SECONDS", 0.0)
    monkeypatch.setattr(celery_client, "CHECK_SECONDS", 0.01)
    seen: list[str] = []
    with (
        closing(Workers(absent, create_queue(settings), serving(settings))) as workers,
        pytest.raises(
            LandscapeError, match=r"The queue of the workers cannot be reached\. Ask again in a few minutes\."
        ),
    ):
        workers.compute({KEY: SPEC}, lambda _share, what: seen.append(what))
    assert set(seen) == {"The queue of the workers cannot be reached; waiting"}


def test_the_queue_is_that_of_the_format(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    before = celery_queue.result_format()
    assert before == celery_queue.result_format.__wrapped__()
    assert serving(settings) == f"{before}:cpu"
    with closing(create_queue(settings)) as queue:
        assert queue.conf.task_default_queue == queue_key(f"{before}:cpu")
    monkeypatch.setattr(celery_queue, "FORMAT", 0)
    monkeypatch.setattr("landscape_core.study.spec.FORMAT", 0)
    after = celery_queue.result_format.__wrapped__()
    assert after.split(".")[0] == "0"
    assert after.split(".")[1] != before.split(".")[1]


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (119, "119 s"), (120, "2 min"), (7199, "119 min"), (7200, "2 h")]
)
def test_an_absence_is_given_in_seconds_minutes_or_hours(
    settings: Settings, client: redis.Redis, seconds: int, text: str
) -> None:
    kind = "7.a:cuda:1"
    with closing(Workers(client, create_queue(settings), kind)) as workers:
        assert workers._describe_absence().startswith("No worker has been connected yet")
        client.set(seen_key(kind), "", ex=redis_store.KEEP_SECONDS - seconds)
        assert workers._describe_absence().startswith(f"No worker has been connected for {text}")
        with client.pubsub() as line:
            line.subscribe(worker_channel(kind))
            line.get_message(timeout=1)
            assert workers._describe_absence() is None
            assert workers.count()[kind] == 1


def test_without_redis_no_worker_is_counted(settings: Settings, absent: redis.Redis) -> None:
    with closing(Workers(absent, create_queue(settings), "7.a:cpu")) as workers:
        assert workers.count() == {"7.a:cpu": 0}
        assert workers.find_problem().startswith("The queue of the workers cannot be reached: ")


def test_messages_of_a_worker(settings: Settings, client: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> None:
    computer = Computer(settings)
    messages: list[bytes] = []

    def ask() -> bytes:
        with client.pubsub(ignore_subscribe_messages=True) as line:
            line.subscribe(progress_channel(KEY))
            line.get_message(timeout=1)  # that it is so
            computer.compute(task_to_dict(SPEC))
            while message := line.get_message(timeout=0.2):
                messages.append(message["data"])
        return messages[-1]

    assert ask() == b'{"done": true}'
    client.delete(result_key(KEY))
    monkeypatch.setattr(computer._service, "_recent", type(computer._service._recent)(0))
    monkeypatch.setattr(computer._cache, "put", lambda *_: None)
    assert b"Redis could not keep it: its memory may be full" in ask()

    def broken(*_: object) -> None:
        raise ValueError("/srv/secret")

    monkeypatch.setattr(computer._service, "_here", broken)
    assert b"could not finish this computation (reference " in ask()
    assert b"/srv/secret" not in b"".join(messages)
    computer._redis.close()


def test_a_task_that_takes_too_long_is_given_up_and_not_sent_again(
    settings: Settings, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    with closing(create_queue(settings)) as queue:
        limit, end = queue.conf.task_soft_time_limit, queue.conf.task_time_limit
        resent = queue.conf.broker_transport_options["visibility_timeout"]
    assert cost.MOST_SECONDS < limit < end < resent
    computer = Computer(settings)

    def hang(*_: object) -> None:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(computer._service, "_here", hang)
    with client.pubsub(ignore_subscribe_messages=True) as line:
        line.subscribe(progress_channel(KEY))
        line.get_message(timeout=1)
        computer.compute(task_to_dict(SPEC))
        message = line.get_message(timeout=1)
    assert json.loads(message["data"]) == {"error": TOO_LONG}
    computer._redis.close()


def test_presets_of_the_disk_are_brought_into_redis(
    settings: Settings, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings.model_copy(update={"device": "cpu"})
    others = [SPEC.replace(seed=seed) for seed in (1, 2)]
    monkeypatch.setattr(precompute, "list_presets", lambda _: [SPEC, *others])
    with closing(Service(settings.model_copy(update={"redis_url": None}))) as own:
        for task in (SPEC, others[0]):
            own.compute(task, lambda *_: None)
    with closing(Service(settings)) as service:
        assert precompute.copy_presets(settings, service) == 2
        assert [service.cached(task) is not None for task in (SPEC, *others)] == [True, True, False]
        assert precompute.copy_presets(settings, service) == 0


def test_the_parent_of_the_processes_does_not_touch_cuda(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTORCH_NVML_BASED_CUDA_CHECK", raising=False)

    class Resolved(Exception):  # noqa: N818
        pass

    def resolve(*_: object) -> None:
        assert os.environ["PYTORCH_NVML_BASED_CUDA_CHECK"] == "1"
        raise Resolved

    monkeypatch.setattr("landscape_core.devices.resolve", resolve)
    with pytest.raises(Resolved):
        celery_worker.work(settings)
    monkeypatch.delenv("PYTORCH_NVML_BASED_CUDA_CHECK")


def test_failures_of_redis_are_one_line_a_minute(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(celery_worker, "monotonic", lambda: now[0])
    log, lines = logging.getLogger("kombu.transport.redis"), RedisFailures()
    log.addFilter(lines)
    try:
        for error in (*[redis.exceptions.OutOfMemoryError("it is full")] * 2, ValueError("another")):
            try:
                raise error
            except Exception:
                log.warning("will retry", exc_info=True)
            now[0] += celery_worker.FAILURE_SECONDS / 2
        log.warning("a word")
    finally:
        log.removeFilter(lines)
    assert caplog.messages == ["Redis fails, and is tried again each second: it is full", "will retry", "a word"]
    assert [record.exc_info is None for record in caplog.records] == [True, False, True]


def test_what_another_computes_is_left_to_it(
    settings: Settings, client: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    computer = Computer(settings)
    with client.pubsub() as line, hold_lease(client, KEY):
        line.subscribe(progress_channel(KEY))
        line.get_message(timeout=1)
        computer.compute(task_to_dict(SPEC))
    assert f"{KEY} is computed already" in caplog.text
    assert not client.exists(result_key(KEY))
    computer._redis.close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("redis://:wrong@127.0.0.1:{port}/0", "Redis at 127.0.0.1:{port} does not let us in"),
        ("redis://127.0.0.1:{port}/0", "Redis at 127.0.0.1:{port} does not let us in"),
        ("redis://:wrong@127.0.0.1:1/0", "no Redis at 127.0.0.1:1 "),
        ("http://:wrong@127.0.0.1", "BATCHSCAPE_REDIS_URL is not an address of Redis; allowed: redis://"),
        ("", "BATCHSCAPE_REDIS_URL is not an address of Redis; allowed: redis://"),
    ],
)
def test_an_unusable_redis_is_refused_at_the_start(
    redis_server: Redis,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    url: str,
    message: str,
) -> None:
    monkeypatch.setenv("BATCHSCAPE_REDIS_URL", url.format(port=redis_server.port))
    monkeypatch.setenv("BATCHSCAPE_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["batchscape", "worker"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith("batchscape: " + message.format(port=redis_server.port))
    assert "wrong" not in line.replace("AUTH", "")


def test_a_server_refuses_it_too(redis_server: Redis, tmp_path: Path) -> None:
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
    message = "BATCHSCAPE_REDIS_URL is not set; give the one of the server: redis://:password@host:6379/0"
    assert capfd.readouterr().err == f"batchscape: {message}\n"


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
