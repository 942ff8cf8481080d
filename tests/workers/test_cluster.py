"""A server whose studies are computed by workers: once, whoever dies, until nobody waits."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from cluster import Cluster, Visitor, until

from app.jobs.celery_client import QUEUED_SECONDS
from app.jobs.celery_queue import result_format, serving
from app.jobs.redis_store import progress_channel, queue_key, result_key
from app.jobs.service import Service
from app.jobs.tasks import task_to_dict
from landscape_core import StudySpec, run, storage
from landscape_core.study.tiles import frame_study, split_study

Opened = Callable[[], Visitor]

LONG = StudySpec(resolution=60, line_points=20, draws=600)
"""Takes seconds, and reports several times a second."""


def quiet(_share: float, _what: str) -> None:
    pass


def key(spec: StudySpec) -> str:
    return f"{spec.key()}:auto"


def kept(cluster: Cluster, spec: StudySpec) -> bytes | None:
    return cluster.redis.client.get(result_key(key(spec)))


def test_equal_requests_to_two_servers_are_computed_once(cluster: Cluster, visitor: Opened) -> None:
    spec = StudySpec(resolution=30, draws=60, seed=1)
    pages = [visitor() for _ in range(4)]
    with closing(Service(cluster.settings())) as other, ThreadPoolExecutor(3) as threads:
        elsewhere = [threads.submit(other.compute, spec, quiet) for _ in range(3)]
        for page in pages:
            page.want(spec)
        assert [page.answer() for page in pages] == [{"key": spec.key(), "error": ""}] * 4
        found = [storage.to_bytes(one.result()) for one in elsewhere]
    assert len(cluster.find_lines("computing", spec.key())) == 1
    assert {kept(cluster, spec), *found} == {storage.to_bytes(run(spec))}


def test_progress_and_refusals_come_from_the_worker(cluster: Cluster, visitor: Opened, dead_relu: StudySpec) -> None:
    page = visitor()
    page.want(LONG.replace(seed=2))
    page.answer()
    assert any(line.startswith("Drawing mini-batches: ") for line in page.seen)
    page.want(dead_relu)
    assert "no direction of steepest descent: use another seed" in page.answer()["error"]


@pytest.mark.parametrize("whole", [True, False], ids=["worker", "process"])
def test_another_worker_takes_over_the_task_of_a_killed_one(cluster: Cluster, visitor: Opened, whole: bool) -> None:
    spec = LONG.replace(seed=3 + whole)
    page = visitor()
    page.want(spec)
    worker = cluster.find_worker("computing", spec.key())
    if whole:
        worker.kill()
    else:
        for child in worker.children():
            os.kill(child, signal.SIGKILL)
    assert page.answer() == {"key": spec.key(), "error": ""}
    assert f"the worker of {key(spec)} was lost" in cluster.server.text()
    assert kept(cluster, spec) == storage.to_bytes(run(spec))
    if whole:
        cluster.replace(worker)


def test_redis_may_restart_while_workers_compute(cluster: Cluster, visitor: Opened) -> None:
    before, during, after = (LONG.replace(seed=seed) for seed in (5, 6, 7))
    page = visitor()
    page.want(before)
    page.answer()
    page.want(during)
    cluster.find_worker("computing", during.key())
    cluster.redis.kill()
    until(lambda: page.look() or any("cannot be reached" in line for line in page.seen))
    cluster.redis.start()
    for spec in (during, after, before):
        if spec is not during:
            page.want(spec)
        assert page.answer() == {"key": spec.key(), "error": ""}
    assert kept(cluster, during) == storage.to_bytes(run(during))
    # the server had what Redis has forgotten
    assert kept(cluster, before) is None
    assert len(cluster.find_lines("computing", before.key())) == 1


def test_a_worker_stops_when_nobody_waits_any_more(cluster: Cluster, visitor: Opened) -> None:
    spec = LONG.replace(seed=8, draws=6000)
    first, second = visitor(), visitor()
    for page in (first, second):
        page.want(spec)
    cluster.find_worker("computing", spec.key())
    first.leave()
    until(lambda: second.look() or any("Drawing" in line for line in second.seen))
    assert not cluster.find_lines("nobody waits any more", spec.key())
    second.leave()
    until(lambda: cluster.find_lines("nobody waits any more", spec.key()))
    assert kept(cluster, spec) is None


def test_a_task_that_nobody_waits_for_is_not_begun(cluster: Cluster, visitor: Opened) -> None:
    busy = [LONG.replace(seed=seed, draws=6000) for seed in (9, 10)]
    pages = [visitor() for _ in busy]
    for page, spec in zip(pages, busy, strict=True):
        page.want(spec)
        cluster.find_worker("computing", spec.key())
    waiting = LONG.replace(seed=11)
    page = visitor()
    page.want(waiting)
    until(lambda: cluster.redis.client.llen(queue_key(serving(cluster.settings()))))
    assert page.look() is None
    page.leave()
    until(lambda: cluster.redis.client.pubsub_numsub(progress_channel(key(waiting)))[0][1] == 0)
    for one in pages:
        one.leave()
    until(lambda: cluster.find_lines("nobody waits for", waiting.key()))
    assert not cluster.find_lines("computing", waiting.key())


def test_a_plane_too_large_for_one_is_computed_in_tiles(cluster: Cluster) -> None:
    spec = StudySpec(resolution=150, line_points=50, draws=20, seed=14)
    parts = split_study(spec, cluster.study_bytes)
    assert len(parts) == 3
    with closing(Service(cluster.settings())) as service:
        result = service.compute(spec, quiet)
    assert storage.to_bytes(result) == storage.to_bytes(run(spec)) == kept(cluster, spec)
    for part in (frame_study(spec), *parts):
        assert len(cluster.find_lines("computing", part.key())) == 1
    assert not cluster.find_lines("computing", spec.key())


def test_a_result_that_redis_has_lost_is_computed_again(cluster: Cluster) -> None:
    spec = StudySpec(resolution=20, line_points=20, draws=5, seed=15)
    for _ in range(4):  # so that one of the two workers has had it before
        with closing(Service(cluster.settings())) as service:
            service.compute(spec, quiet)
        assert kept(cluster, spec) == storage.to_bytes(run(spec))
        cluster.redis.client.delete(result_key(key(spec)))


def test_a_task_that_is_sent_twice_is_computed_once(cluster: Cluster) -> None:
    from app.jobs.celery_queue import TASK, create_queue

    spec = StudySpec(resolution=20, line_points=20, draws=5, seed=16)
    with closing(Service(cluster.settings())) as service:
        service.compute(spec, quiet)
    with cluster.redis.client.pubsub() as line, create_queue(cluster.settings()) as queue:
        line.subscribe(progress_channel(key(spec)))
        queue.send_task(TASK, kwargs={"data": task_to_dict(spec)})
        until(lambda: cluster.find_lines(key(spec), "is there"))
    assert len(cluster.find_lines("computing", spec.key())) == 1


def test_too_large_even_in_tiles_is_refused(cluster: Cluster, visitor: Opened) -> None:
    page = visitor()
    page.want(StudySpec(resolution=300))
    assert page.answer()["error"].endswith("Lower the resolution or the points on a line.")


def test_pickles_and_nonsense_in_the_queue_are_not_read(cluster: Cluster, visitor: Opened) -> None:
    from app.jobs.celery_queue import TASK, create_queue

    with create_queue(cluster.settings()) as queue:
        queue.send_task(TASK, kwargs={"data": {"kind": "study", "fields": {"seed": -1}}})
        queue.send_task(TASK, kwargs={"data": {}}, serializer="pickle")
    until(lambda: cluster.find_lines("a task is refused: seed: got -1; allowed: a whole number from 0"))
    until(lambda: cluster.find_lines("Refusing to deserialize untrusted content of type pickle"))
    page = visitor()
    page.want(LONG.replace(seed=12, draws=5))
    assert page.answer()["error"] == ""


def test_a_damaged_result_is_computed_again(cluster: Cluster, visitor: Opened) -> None:
    spec = LONG.replace(seed=13, draws=5)
    cluster.redis.client.set(result_key(key(spec)), b"not a study")
    page = visitor()
    page.want(spec)
    assert page.answer()["error"] == ""
    assert kept(cluster, spec) == storage.to_bytes(run(spec))


def test_the_health_check_of_a_worker(cluster: Cluster) -> None:
    compose = yaml.safe_load((Path(__file__).parents[2] / "compose.yaml").read_text(encoding="utf-8"))
    (shell,) = compose["services"]["worker"]["healthcheck"]["test"][1:]

    def check(host: str) -> int:
        environment = {**os.environ, "BATCHSCAPE_REDIS_URL": cluster.redis.url, "HOSTNAME": host}
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        command = shell.replace("$$", "$")
        return subprocess.run(command, shell=True, env=environment, capture_output=True, check=False).returncode

    assert check(os.uname().nodename) == 0
    assert check("nowhere") != 0


def test_missing_workers_are_reported(cluster: Cluster, visitor: Opened) -> None:
    assert cluster.read_problems() == []
    assert cluster.count_connected() == {result_format(): 2}
    for worker in cluster.workers:
        worker.kill()
    spec = LONG.replace(seed=17, draws=5)
    page = visitor()
    page.want(spec)
    until(lambda: page.look() or any(re.match(r"No worker has been connected for \d+ s: ", line) for line in page.seen))
    (problem,) = cluster.read_problems()
    assert re.fullmatch(r"No worker has been connected for \d+ s", problem)
    assert cluster.count_connected() == {result_format(): 0}
    cluster.replace(*cluster.workers)
    assert page.answer() == {"key": spec.key(), "error": ""}
    until(lambda: cluster.count_connected() == {result_format(): 2})
    assert cluster.read_problems() == []


def test_a_worker_of_another_format_sees_no_task(cluster: Cluster, visitor: Opened) -> None:
    stranger = cluster.start_stranger()
    try:
        until(lambda: cluster.count_connected() == {result_format(): 2, "0.0": 1})
        assert cluster.read_problems() == []
        specs = [StudySpec(resolution=5, line_points=9, draws=2, seed=seed) for seed in range(100, 124)]
        begin = time.monotonic()
        for spec in specs:
            page = visitor()
            page.want(spec)
            assert page.answer() == {"key": spec.key(), "error": ""}
        assert time.monotonic() - begin < QUEUED_SECONDS  # none was sent twice
        assert not [line for line in stranger.text().splitlines() if any(spec.key() in line for spec in specs)]
        for worker in cluster.workers:
            worker.kill()
        until(lambda: cluster.count_connected() == {result_format(): 0, "0.0": 1})
        (problem,) = cluster.read_problems()
        wanted = f"for format {result_format()} on device auto; connected: format 0.0 on device auto"
        assert re.fullmatch(rf"No worker has been connected for \d+ s {wanted}", problem)
    finally:
        stranger.kill()
    cluster.replace(*cluster.workers)


def test_a_full_redis_is_reported_and_survived(cluster: Cluster, visitor: Opened) -> None:
    store = cluster.redis.client
    pids = [worker.pid for worker in cluster.workers]
    room = store.config_get("maxmemory")["maxmemory"]

    def rejected() -> int:
        """Count the tries of kombu that Redis had no memory for."""
        return store.info("commandstats").get("cmdstat_evalsha", {}).get("rejected_calls", 0)

    before = rejected()
    spec = LONG.replace(seed=18, draws=5)
    page = visitor()
    try:
        store.rpush("has no end", *[b"." * 2**16] * 64)  # 4 MiB
        store.config_set("maxmemory", 2**21)
        page.want(spec)
        until(lambda: page.look() is None and "The memory of Redis is full; waiting: 0%" in page.seen)
        assert "the cache keeps nothing: the memory of Redis may be full" in cluster.read_problems()
        until(lambda: rejected() >= before + 5)  # workers try again every second
        assert all(worker.alive() for worker in cluster.workers)
        assert cluster.find_lines("Redis fails, and is tried again each second: ")
        assert not cluster.find_lines("OutOfMemoryError")
    finally:
        store.delete("has no end")
        store.config_set("maxmemory", room)
    assert page.answer() == {"key": spec.key(), "error": ""}
    assert kept(cluster, spec) == storage.to_bytes(run(spec))
    assert [worker.pid for worker in cluster.workers] == pids
    assert all(worker.alive() for worker in cluster.workers)
    assert cluster.read_problems() == []
