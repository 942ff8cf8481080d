"""What the machine's keeper asks: does the process live, can it serve, what does it do."""

from __future__ import annotations

import hmac
import math
import secrets
import threading
from collections.abc import Callable
from time import monotonic

from flask import Flask, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from werkzeug.exceptions import NotFound, Unauthorized

from app import metrics
from app.background import ThreadManager
from app.service import Service
from app.settings import Settings
from landscape_core import LandscapeError, devices

HOLDS_SECONDS = 2.0
"""How long the answer of /readyz is given again."""

PROBE = f"probe:{secrets.token_hex(8)}"
"""This process's own: others share the cache."""


def install(server: Flask, service: Service, manager: ThreadManager, settings: Settings) -> None:
    """Add /healthz, /readyz and, for whoever has the token, /metrics."""

    def healthz() -> Response:
        return Response("OK", content_type="text/plain; charset=utf-8")

    ready = Ready(lambda: unready(service, manager, settings))

    def readyz() -> tuple[Response, int]:
        problems = ready()
        return jsonify(ready=not problems, problems=problems), 503 if problems else 200

    def counted() -> Response:
        if settings.metrics_token is None:
            raise NotFound("There is nothing at this address.")
        given = request.headers.get("Authorization", "")
        if not hmac.compare_digest(given.encode(), f"Bearer {settings.metrics_token.get_secret_value()}".encode()):
            raise Unauthorized("Metrics need the token of BATCHSCAPE_METRICS_TOKEN.")
        running, waiting = manager.load
        metrics.RUNNING.set(running)
        metrics.WAITING.set(waiting)
        return Response(generate_latest(), content_type=CONTENT_TYPE_LATEST)

    views: dict[str, Callable[[], Response | tuple[Response, int]]] = {
        "healthz": healthz,
        "readyz": readyz,
        "metrics": counted,
    }
    for name, view in views.items():
        server.add_url_rule(f"/{name}", name, view)


class Ready:
    """An answer that holds for a moment: whoever asks writes to the disk, and must not do so as often as he likes."""

    def __init__(self, look: Callable[[], list[str]]) -> None:
        self._look, self._lock = look, threading.Lock()
        self._problems: list[str] = []
        self._until = -math.inf

    def __call__(self) -> list[str]:
        """Why the server is not ready; looked at, if the last look is too long ago."""
        with self._lock:
            if monotonic() >= self._until:
                self._problems = self._look()
                self._until = monotonic() + HOLDS_SECONDS
            return self._problems


def unready(service: Service, manager: ThreadManager, settings: Settings) -> list[str]:
    """Why a server cannot do its work; empty if it can."""
    problems = []
    probe = secrets.token_bytes(8)  # another each time: the last may lie there, where it could not be dropped
    service.cache.put(PROBE, probe)
    if service.cache.get(PROBE) != probe:
        problems.append("the cache keeps nothing")
    service.cache.drop(PROBE)
    if not manager.alive:
        problems.append("a thread that computes has ended")
    if settings.redis_url is None:
        try:
            devices.resolve(settings.device, "float32")
        except LandscapeError as problem:
            problems.append(str(problem))
    return problems
