"""Health, readiness and metrics endpoints."""

from __future__ import annotations

import hmac
import secrets
import threading
from typing import TYPE_CHECKING

from cachetools import TTLCache, cached
from flask import Flask, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.exceptions import NotFound, Unauthorized

from app import metrics
from app.jobs.service import Service
from app.jobs.thread_manager import ThreadManager
from app.settings import Settings
from landscape_core import LandscapeError, devices

if TYPE_CHECKING:
    from app.jobs.celery_client import Workers

HOLDS_SECONDS = 2.0
"""How long an answer of /readyz is reused."""

PROBE = f"probe:{secrets.token_hex(8)}"
"""Cache key of this process: others share the cache."""

PROBE_BYTES = 256 * 1024
"""About the size of a result: a full Redis may still have room for a few bytes."""


def install(server: Flask, service: Service, manager: ThreadManager, settings: Settings) -> None:
    """Add /healthz, /readyz and, if the settings have a token, /metrics."""

    def healthz() -> Response:
        return Response("OK", content_type="text/plain; charset=utf-8")

    # each look writes to the cache, and anybody may ask
    @cached(TTLCache(1, HOLDS_SECONDS), condition=threading.Condition())
    def find() -> list[str]:
        return find_problems(service, manager, settings)

    def readyz() -> tuple[Response, int]:
        problems = find()
        return jsonify(ready=not problems, problems=problems), 503 if problems else 200

    def read_metrics() -> Response:
        if settings.metrics_token is None:
            raise NotFound("Page not found.")
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {settings.metrics_token.get_secret_value()}".encode()):
            raise Unauthorized("Metrics need the token of BATCHSCAPE_METRICS_TOKEN.")
        running, waiting = manager.load
        metrics.RUNNING.set(running)
        metrics.WAITING.set(waiting)
        if service.workers is not None:
            _count_workers(service.workers)
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    server.add_url_rule("/healthz", "healthz", healthz)
    server.add_url_rule("/readyz", "readyz", readyz)
    server.add_url_rule("/metrics", "metrics", read_metrics)


def find_problems(service: Service, manager: ThreadManager, settings: Settings) -> list[str]:
    """Find why a server cannot do its work; empty if it can."""
    problems = []
    probe = secrets.token_bytes(PROBE_BYTES)  # new each time: the last one may still be there
    service.cache.put(PROBE, probe)
    if service.cache.get(PROBE) != probe:
        where = "disk" if service.workers is None else "memory of Redis"
        problems.append(f"the cache keeps nothing: the {where} may be full")
    service.cache.drop(PROBE)
    if service.workers is not None and (problem := service.workers.find_problem()):
        problems.append(problem)
    if not manager.alive:
        problems.append("a thread that computes has ended")
    if settings.redis_url is None:
        try:
            devices.resolve(settings.device, "float32")
        except LandscapeError as error:
            problems.append(str(error))
    return problems


def _count_workers(workers: Workers) -> None:
    """Set the gauge of connected workers; without Redis none is connected."""
    metrics.WORKERS.clear()
    for kind, count in workers.count().items():
        metrics.WORKERS.labels(*kind.split(":", 1)).set(count)
