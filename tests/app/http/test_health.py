"""Health, readiness and metrics endpoints."""

from __future__ import annotations

import errno
import subprocess
import sys
import threading

import diskcache
import pytest
from dash import Dash
from hostile import SMALL, Page, real_bodies
from prometheus_client.parser import text_string_to_metric_families
from werkzeug.test import Client

from app import create_app
from app.http import health
from app.jobs.tasks import task_to_dict
from app.settings import Settings

TOKEN = "a token of some length"


@pytest.fixture
def app(settings) -> Dash:
    return create_app(settings.model_copy(update={"metrics_token": Settings(metrics_token=TOKEN).metrics_token}))


@pytest.fixture
def client(app) -> Client:
    return app.server.test_client()


def read(client: Client) -> dict[tuple[str, ...], float]:
    response = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    assert response.status_code == 200
    assert response.content_type.startswith("text/plain")
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def test_a_process_lives(client):
    assert (client.get("/healthz").status_code, client.get("/healthz").text) == (200, "OK")


def test_a_server_is_ready(client):
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.get_json() == {"ready": True, "problems": []}


def test_a_server_whose_disk_is_full_is_not_ready_but_lives(settings, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(health, "HOLDS_SECONDS", 0)
    client = create_app(settings).server.test_client()
    assert client.get("/readyz").status_code == 200
    monkeypatch.setattr(diskcache.Cache, "set", full)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.get_json() == {"ready": False, "problems": ["the cache keeps nothing: the disk may be full"]}
    assert client.get("/healthz").status_code == 200


def test_a_server_that_is_asked_by_many_looks_once_and_is_ready(app, monkeypatch):
    looks = []

    def look(*_: object) -> list[str]:
        looks.append(None)
        threading.Event().wait(0.05)
        return []

    monkeypatch.setattr(health, "find_problems", look)
    found: list[int] = []
    askers = [
        threading.Thread(target=lambda: found.append(app.server.test_client().get("/readyz").status_code))
        for _ in range(6)
    ]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert found == [200] * 6
    assert len(looks) == 1


def test_another_server_on_the_same_cache_does_not_disturb():
    program = "from app.http import health; print(health.PROBE)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip()
    assert done.stdout.strip() != health.PROBE


def test_a_server_without_threads_or_device_is_not_ready(client, monkeypatch):
    from app.jobs.thread_manager import ThreadManager
    from landscape_core import SpecError, devices

    def gone(*_: object) -> None:
        raise SpecError("device", "cuda", "cpu")

    with monkeypatch.context() as broken:
        broken.setattr(ThreadManager, "alive", False)
        broken.setattr(devices, "resolve", gone)
        problems = client.get("/readyz").get_json()["problems"]
    assert problems == ["a thread that computes has ended", str(SpecError("device", "cuda", "cpu"))]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer x", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer \u00e4"])
def test_metrics_are_for_whoever_has_the_token(client, header):
    response = client.get("/metrics", headers={"Authorization": header})
    assert response.status_code == 401
    assert response.text == "Metrics need the token of BATCHSCAPE_METRICS_TOKEN."


def test_without_a_token_there_are_no_metrics(settings):
    response = create_app(settings).server.test_client().get("/metrics", headers={"Authorization": "Bearer None"})
    assert response.status_code == 404


def test_what_is_counted(app, client):
    page, bodies = Page(app), real_bodies(app)
    before = read(client)
    client.get("/assets/page.css", buffered=True)
    client.get("/nothing")
    page.post(b"[]")
    page.post(bodies["notice.children"])  # looks for a study that is not there
    job = bodies["computed.data"]
    job["inputs"][0]["value"] = task_to_dict(SMALL)
    reply = page.post(job).get_json()
    polls = 1
    while "response" not in page.post(job, cacheKey=reply["cacheKey"], job=reply["job"]).get_json():
        polls += 1
    page.post(bodies["notice.children"])  # and finds it
    after = read(client)

    def more(*name: str) -> float:
        return after.get(name, 0.0) - before.get(name, 0.0)

    assert more("batchscape_requests_total", "file", "200") == 1
    assert more("batchscape_requests_total", "other", "404") == 1
    assert more("batchscape_requests_total", "callback", "400") == 1
    assert more("batchscape_requests_total", "callback", "200") == 3
    assert more("batchscape_requests_total", "poll", "200") == polls
    assert more("batchscape_refused_total", "404") == 1
    assert more("batchscape_refused_total", "400") == 1
    assert more("batchscape_cache_reads_total", "no") >= 1
    assert more("batchscape_cache_reads_total", "yes") == 1
    assert more("batchscape_compute_seconds_count", "study") == 1
    assert after["batchscape_jobs_running",] == after["batchscape_jobs_waiting",] == 0
