"""Prometheus metrics, in the one registry of the process."""

from __future__ import annotations

from flask import Flask, Response, request
from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("batchscape_requests", "Requests answered.", ["route", "status"])
REFUSED = Counter("batchscape_refused", "Requests refused, those over a rate limit included (429).", ["status"])
CACHE = Counter("batchscape_cache_reads", "Cache look-ups of results.", ["found"])
SECONDS = Histogram(
    "batchscape_compute_seconds",
    "Duration of a job, failures included.",
    ["kind"],
    buckets=(0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200),
)
RUNNING = Gauge("batchscape_jobs_running", "Jobs that run.")
WAITING = Gauge("batchscape_jobs_waiting", "Jobs in the queue.")
WORKERS = Gauge("batchscape_workers", "Connected workers, by the results that they compute.", ["format", "device"])

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
"""Class of a route by Flask's endpoint; a poll of a job is "poll", and /export/ is "export"."""


def install(server: Flask) -> None:
    """Count every response of a server."""
    server.after_request(_count)


def route() -> str:
    """Return the class of the present request."""
    name = request.endpoint or ""
    kind = "export" if name.startswith("export ") else ROUTES.get(name, "other")
    return "poll" if kind == "callback" and "cacheKey" in request.args else kind


def _count(response: Response) -> Response:
    REQUESTS.labels(route(), str(response.status_code)).inc()
    return response
