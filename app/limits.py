"""How often a visitor may ask; who is faster is told when to come back."""

from __future__ import annotations

import logging
import threading

from dash import Dash
from flask import Response, request
from flask_limiter import Limiter, RateLimitExceeded
from limits.storage import MemoryStorage

from app import guard, refusals
from app.background import ThreadManager
from app.settings import Settings

PAGE = ("/", "/_dash-layout", "/_dash-dependencies")
"""Flask's names of the views that opening the page asks for."""

PAUSE = 2
"""Seconds after which whoever was too fast may try again: by then the sliding window has room."""


class OneAtATime(MemoryStorage):
    """Counters in memory; `limits` starts one timer twice, and fails, where two threads count at the same moment."""

    STORAGE_SCHEME = ["one-at-a-time"]  # noqa: RUF012  as the library declares it
    _turn = threading.Lock()

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        """Count, and return the count."""
        with self._turn:
            return super().incr(key, expiry, amount)

    def decr(self, key: str, amount: int = 1) -> int:
        """Take back from a count, and return what is left."""
        with self._turn:
            return super().decr(key, amount)


def install(app: Dash, manager: ThreadManager, settings: Settings) -> None:
    """Limit callbacks by opened page, and by address what opens pages or takes results away.

    A class shares one address behind its router, so that an address must be allowed what fifty people do. A page is known
    by the name that Dash signs for it; whoever comes without one counts by address. Asking how a job gets on is free.
    """
    server = app.server
    limiter = Limiter(_address, app=server, storage_uri="one-at-a-time://", strategy="sliding-window-counter")
    logging.getLogger("flask-limiter").setLevel(logging.WARNING)  # what is refused is logged once already
    server.register_error_handler(RateLimitExceeded, _refuse)
    views = server.view_functions
    for name in (*PAGE, *(name for name in views if name.startswith("take "))):
        views[name] = limiter.shared_limit(settings.address_rate, scope="address")(views[name])
    callbacks = limiter.limit(
        settings.page_rate,
        key_func=lambda: guard.who(app),
        exempt_when=lambda: guard.polled(app, manager),
    )
    views[guard.CALLBACK] = callbacks(views[guard.CALLBACK])


def _address() -> str:
    return request.remote_addr or ""


def _refuse(problem: RateLimitExceeded) -> Response:
    problem.description = f"Too fast: at most {problem.limit.limit}. Try again in {PAUSE} seconds."
    problem.retry_after = PAUSE
    return refusals.answer(problem)
