"""Rate limits per page and per address."""

from __future__ import annotations

import logging
import random
import threading

from dash import Dash
from flask import Response, request
from flask_limiter import Limiter, RateLimitExceeded
from limits.storage import MemoryStorage

from app.http import error_responses, request_validation
from app.jobs.thread_manager import ThreadManager
from app.settings import Settings

PAGE = "/"
"""Flask endpoint of the page, which signs a name for each page. What an opened page requests of its own files is free."""

PAUSE = 2
"""Seconds after which a refused visitor may try again: by then the sliding window has room."""


class LockedMemoryStorage(MemoryStorage):
    """Counters in memory with a lock: without it `limits` may start one timer twice, and fail, in two threads."""

    STORAGE_SCHEME = ["one-at-a-time"]  # noqa: RUF012  as the library declares it
    _turn = threading.Lock()

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Increment a counter, and return it."""
        with self._turn:
            return super().incr(key, expiry, amount)

    def decr(self, key: str, amount: int = 1) -> int:
        """Decrement a counter, and return it."""
        with self._turn:
            return super().decr(key, amount)


def install(app: Dash, manager: ThreadManager, settings: Settings) -> None:
    """Limit callbacks per opened page; limit page loads, downloads and tables that are brought per address.

    A class often shares one address, so that an address is allowed as much as fifty people. A page is identified by the
    name that Dash signs for it; requests without one count by address. Polls of jobs are free.
    """
    server = app.server
    limiter = Limiter(_address, app=server, storage_uri="one-at-a-time://", strategy="sliding-window-counter")
    logging.getLogger("flask-limiter").setLevel(logging.WARNING)  # refusals are logged already
    server.register_error_handler(RateLimitExceeded, _refuse)
    views = server.view_functions
    views[PAGE] = limiter.shared_limit(settings.address_rate, scope="page")(views[PAGE])
    for scope in ("export", "data"):
        for name in [name for name in views if name.startswith(f"{scope} ")]:
            views[name] = limiter.shared_limit(settings.address_rate, scope=scope)(views[name])
    callbacks = limiter.limit(
        settings.page_rate,
        key_func=lambda: request_validation.identify_visitor(app),
        exempt_when=lambda: request_validation.is_poll(app, manager),
    )
    views[request_validation.CALLBACK] = callbacks(views[request_validation.CALLBACK])


def _address() -> str:
    return request.remote_addr or ""


def _refuse(error: RateLimitExceeded) -> Response:
    error.description = f"Too fast: at most {error.limit.limit}. Try again in {PAUSE} seconds."
    error.retry_after = PAUSE
    answer = error_responses.respond(error)
    if request.endpoint == PAGE:  # nothing of the page is there yet that could ask again
        answer.headers["Refresh"] = str(PAUSE + random.randint(0, PAUSE))  # not all of a class at once
    return answer
