"""Tables that visitors bring, where workers compute: kept in Redis, found by every process, and gone after their time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
import redis
from cluster import Redis

from app.jobs import uploads
from app.jobs.redis_store import KEEP_SECONDS, connect, progress_channel, result_key
from app.jobs.service import Service
from app.jobs.tasks import task_to_dict
from app.jobs.uploads import Choices
from app.settings import Settings
from app.state import permalink
from landscape_core import SpecError, StudySpec, run
from landscape_core.study import own_problems

TABLE = b"x,y,kind\n" + b"".join(b"%d.5,%d,%s\n" % (n * n % 7, 3 * n % 11, (b"a", b"b")[n % 2]) for n in range(24))


@pytest.fixture
def settings(redis_server: Redis, tmp_path: Path) -> Settings:
    return Settings(redis_url=redis_server.url, warm=False, cache_dir=tmp_path, device="cpu")


@pytest.fixture
def client(settings: Settings) -> Iterator[redis.Redis]:
    with closing(connect(settings)) as client:
        client.flushall()
        yield client


@pytest.fixture
def start(settings: Settings, client: redis.Redis, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Service]]:
    """Starts a server that remembers nothing of those before."""
    started: list[Service] = []

    def start() -> Service:
        monkeypatch.setattr(own_problems, "finders", [])
        monkeypatch.setattr(own_problems, "_problems", {})
        started.append(Service(settings))
        return started[-1]

    yield start
    for service in started:
        own_problems.finders[:] = [service.uploads.find]
        service.close()


def test_a_worker_computes_the_study_of_a_table_that_a_server_was_brought(
    settings: Settings, client: redis.Redis, start: Callable[[], Service]
) -> None:
    service = start()
    name, _ = service.uploads.keep(TABLE, Choices(hidden=(3,)))
    spec = StudySpec(problem=name, batch_size=5, resolution=4, line_points=5, draws=2, range=1.0)
    assert service.cached(spec) is None
    program = f"""
import json
from app.settings import Settings
from app.jobs.celery_worker import Computer
address, folder = {settings.redis_url.get_secret_value()!r}, {str(settings.cache_dir)!r}
settings = Settings(redis_url=address, cache_dir=folder, device="cpu")
Computer(settings).compute(json.loads({json.dumps(task_to_dict(spec))!r}))
"""
    with client.pubsub() as waiting:
        waiting.subscribe(progress_channel(service.key(spec)))
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    found = service.cached(spec)
    assert found is not None
    np.testing.assert_array_equal(found.sampled_mean_loss, run(spec, device="cpu").sampled_mean_loss)


def test_another_server_finds_it_and_each_use_keeps_it_longer(
    client: redis.Redis, start: Callable[[], Service]
) -> None:
    name, problem = start().uploads.keep(TABLE, Choices())
    key = result_key(uploads.KEY + name)
    assert KEEP_SECONDS - 600 < client.ttl(key) <= KEEP_SECONDS
    client.expire(key, 1000)
    found = start().uploads.find(name)
    assert found is not None
    assert found.fingerprint() == problem.fingerprint()
    assert KEEP_SECONDS - 600 < client.ttl(key) <= KEEP_SECONDS


def test_after_its_time_a_link_says_that_it_is_not_here(client: redis.Redis, start: Callable[[], Service]) -> None:
    name, _ = start().uploads.keep(TABLE, Choices())
    assert start().uploads.find(name) is not None
    client.pexpireat(result_key(uploads.KEY + name), 1)  # long ago
    service = start()
    assert service.uploads.find(name) is None
    with pytest.raises(SpecError, match="one that is at hand here"):
        permalink.parse(f"?problem={name}")
    again, _ = service.uploads.keep(TABLE, Choices())  # who still has the file may bring it again
    assert again == name
    assert permalink.parse(f"?problem={name}").spec.samples == 24


def test_without_redis_it_is_held_in_memory_alone(
    client: redis.Redis, start: Callable[[], Service], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    service = start()

    def fail(*_: object, **__: object) -> None:
        raise redis.ConnectionError("away")

    with monkeypatch.context() as away:
        away.setattr(redis.Redis, "execute_command", fail)
        name, problem = service.uploads.keep(TABLE, Choices())
        assert service.uploads.find(name) is problem
        assert "result cache cannot be written: away" in caplog.text
    assert start().uploads.find(name) is None
