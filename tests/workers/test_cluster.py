"""A server whose studies are computed by workers: once, whoever dies, until nobody waits."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import yaml
from cluster import Cluster, Visitor, until

from app.service import Service
from app.shared import channel, result
from app.state import task_to_dict
from landscape_core import StudySpec, run, storage
from landscape_core.tiles import frame, split

Opened = Callable[[], Visitor]

LONG = StudySpec(resolution=60, line_points=20, draws=600)
"""Takes seconds, and reports several times a second."""


def quiet(_share: float, _what: str) -> None:
    pass


def key(spec: StudySpec) -> str:
    return f"{spec.key()}:auto"


def kept(cluster: Cluster, spec: StudySpec) -> bytes | None:
    return cluster.redis.client.get(result(key(spec)))


def test_equal_requests_to_two_servers_are_computed_once(cluster: Cluster, visitor: Opened) -> None:
    spec = StudySpec(resolution=30, draws=60, seed=1)
    pages = [visitor() for _ in range(4)]
    with closing(Service(cluster.settings())) as other, ThreadPoolExecutor(3) as threads:
        elsewhere = [threads.submit(other.compute, spec, quiet) for _ in range(3)]
        for page in pages:
            page.ask(spec)
        assert [page.answer() for page in pages] == [{"key": spec.key(), "error": ""}] * 4
        found = [storage.to_bytes(one.result()) for one in elsewhere]
    assert len(cluster.lines("computing", spec.key())) == 1
    assert {kept(cluster, spec), *found} == {storage.to_bytes(run(spec))}


def test_progress_and_refusals_come_from_the_worker(cluster: Cluster, visitor: Opened, dead_relu: StudySpec) -> None:
    page = visitor()
    page.ask(LONG.replace(seed=2))
    page.answer()
    assert any(line.startswith("Drawing mini-batches: ") for line in page.seen)
    page.ask(dead_relu)
    assert "no direction of steepest descent: use another seed" in page.answer()["error"]


@pytest.mark.parametrize("whole", [True, False], ids=["worker", "process"])
def test_what_a_killed_worker_began_another_finishes(cluster: Cluster, visitor: Opened, whole: bool) -> None:
    spec = LONG.replace(seed=3 + whole)
    page = visitor()
    page.ask(spec)
    worker = cluster.who("computing", spec.key())
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


def test_redis_may_start_anew_in_the_middle(cluster: Cluster, visitor: Opened) -> None:
    before, during, after = (LONG.replace(seed=seed) for seed in (5, 6, 7))
    page = visitor()
    page.ask(before)
    page.answer()
    page.ask(during)
    cluster.who("computing", during.key())
    cluster.redis.kill()
    until(lambda: page.poll() or any("which is away" in line for line in page.seen))
    cluster.redis.start()
    for spec in (during, after, before):
        if spec is not during:
            page.ask(spec)
        assert page.answer() == {"key": spec.key(), "error": ""}
    assert kept(cluster, during) == storage.to_bytes(run(during))
    # the server had what Redis has forgotten
    assert kept(cluster, before) is None
    assert len(cluster.lines("computing", before.key())) == 1


def test_a_worker_stops_when_nobody_waits_any_more(cluster: Cluster, visitor: Opened) -> None:
    spec = LONG.replace(seed=8, draws=6000)
    first, second = visitor(), visitor()
    for page in (first, second):
        page.ask(spec)
    cluster.who("computing", spec.key())
    first.cancel()
    until(lambda: second.poll() or any("Drawing" in line for line in second.seen))
    assert not cluster.lines("nobody waits any more", spec.key())
    second.cancel()
    until(lambda: cluster.lines("nobody waits any more", spec.key()))
    assert kept(cluster, spec) is None


def test_what_nobody_waits_for_is_not_begun(cluster: Cluster, visitor: Opened) -> None:
    busy = [LONG.replace(seed=seed, draws=6000) for seed in (9, 10)]
    pages = [visitor() for _ in busy]
    for page, spec in zip(pages, busy, strict=True):
        page.ask(spec)
        cluster.who("computing", spec.key())
    waiting = LONG.replace(seed=11)
    page = visitor()
    page.ask(waiting)
    until(lambda: cluster.redis.client.llen("batchscape"))
    assert page.poll() is None
    page.cancel()
    until(lambda: cluster.redis.client.pubsub_numsub(channel(key(waiting)))[0][1] == 0)
    for one in pages:
        one.cancel()
    until(lambda: cluster.lines("nobody waits for", waiting.key()))
    assert not cluster.lines("computing", waiting.key())


def test_a_plane_too_large_for_one_is_computed_in_tiles(cluster: Cluster) -> None:
    spec = StudySpec(resolution=150, line_points=50, draws=20, seed=14)
    parts = split(spec, cluster.study_bytes)
    assert len(parts) == 3
    with closing(Service(cluster.settings())) as service:
        result = service.compute(spec, quiet)
    assert storage.to_bytes(result) == storage.to_bytes(run(spec)) == kept(cluster, spec)
    for part in (frame(spec), *parts):
        assert len(cluster.lines("computing", part.key())) == 1
    assert not cluster.lines("computing", spec.key())


def test_what_redis_has_lost_is_computed_again_by_whoever_computed_it(cluster: Cluster) -> None:
    spec = StudySpec(resolution=20, line_points=20, draws=5, seed=15)
    for _ in range(4):  # so that one of the two workers has had it before
        with closing(Service(cluster.settings())) as service:
            service.compute(spec, quiet)
        assert kept(cluster, spec) == storage.to_bytes(run(spec))
        cluster.redis.client.delete(result(key(spec)))


def test_a_task_that_is_sent_twice_is_computed_once(cluster: Cluster) -> None:
    from app.shared import TASK, celery_app

    spec = StudySpec(resolution=20, line_points=20, draws=5, seed=16)
    with closing(Service(cluster.settings())) as service:
        service.compute(spec, quiet)
    with cluster.redis.client.pubsub() as line, celery_app(cluster.settings()) as queue:
        line.subscribe(channel(key(spec)))
        queue.send_task(TASK, kwargs={"data": task_to_dict(spec)})
        until(lambda: cluster.lines(key(spec), "is there"))
    assert len(cluster.lines("computing", spec.key())) == 1


def test_too_large_even_in_tiles_is_refused(cluster: Cluster, visitor: Opened) -> None:
    page = visitor()
    page.ask(StudySpec(resolution=300))
    assert page.answer()["error"].endswith("Lower the resolution or the points on a line.")


def test_pickles_and_nonsense_in_the_queue_are_not_read(cluster: Cluster, visitor: Opened) -> None:
    from app.shared import TASK, celery_app

    with celery_app(cluster.settings()) as queue:
        queue.send_task(TASK, kwargs={"data": {"kind": "study", "fields": {"seed": -1}}})
        queue.send_task(TASK, kwargs={"data": {}}, serializer="pickle")
    until(lambda: cluster.lines("a task is refused: seed: got -1; allowed: a whole number from 0"))
    until(lambda: cluster.lines("Refusing to deserialize untrusted content of type pickle"))
    page = visitor()
    page.ask(LONG.replace(seed=12, draws=5))
    assert page.answer()["error"] == ""


def test_a_damaged_result_is_computed_again(cluster: Cluster, visitor: Opened) -> None:
    spec = LONG.replace(seed=13, draws=5)
    cluster.redis.client.set(result(key(spec)), b"not a study")
    page = visitor()
    page.ask(spec)
    assert page.answer()["error"] == ""
    assert kept(cluster, spec) == storage.to_bytes(run(spec))


def test_the_check_of_a_worker_tells_a_live_one_from_none(cluster: Cluster) -> None:
    compose = yaml.safe_load((Path(__file__).parents[2] / "compose.yaml").read_text(encoding="utf-8"))
    (shell,) = compose["services"]["worker"]["healthcheck"]["test"][1:]

    def check(host: str) -> int:
        environment = {**os.environ, "BATCHSCAPE_REDIS_URL": cluster.redis.url, "HOSTNAME": host}
        environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{environment['PATH']}"
        command = shell.replace("$$", "$")
        return subprocess.run(command, shell=True, env=environment, capture_output=True, check=False).returncode

    assert check(os.uname().nodename) == 0
    assert check("nowhere") != 0
