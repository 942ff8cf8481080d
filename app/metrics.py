"""What is counted, for Prometheus: one registry for the process, as its library has it."""

from __future__ import annotations

from flask import Flask, Response, request
from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("batchscape_requests", "Requests answered.", ["route", "status"])
REFUSED = Counter("batchscape_refused", "Requests refused, those that come too fast among them (429).", ["status"])
CACHE = Counter("batchscape_cache_reads", "Results looked for before anything is computed.", ["found"])
SECONDS = Histogram(
    "batchscape_compute_seconds",
    "Time from a job's start to its end, failures included.",
    ["kind"],
    buckets=(0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200),
)
RUNNING = Gauge("batchscape_jobs_running", "Jobs that run.")
WAITING = Gauge("batchscape_jobs_waiting", "Jobs that wait in line.")

ROUTES = {
    "/": "page",
    "/_dash-layout": "page",
    "/_dash-dependencies": "page",
    "/_dash-update-component": "callback",
    "_dash_assets.static": "file",
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": "file",
    "healthz": "operations",
    "readyz": "operations",
    "metrics": "operations",
}
"""Classes of routes by Flask's names of views; a poll of a job is a class of its own, and /take/ is "take"."""


def install(server: Flask) -> None:
    """Count every answer of a server."""
    server.after_request(_count)


def route() -> str:
    """The class of the present request."""
    name = request.endpoint or ""
    kind = "take" if name.startswith("take ") else ROUTES.get(name, "other")
    return "poll" if kind == "callback" and "cacheKey" in request.args else kind


def _count(response: Response) -> Response:
    REQUESTS.labels(route(), str(response.status_code)).inc()
    return response
