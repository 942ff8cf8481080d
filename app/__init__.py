"""The dashboard. `create_app(settings)` makes it; importing this package does nothing."""

from __future__ import annotations

import math
import mimetypes
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dash import Dash

    from app.settings import Settings

KEEP_SECONDS = 5.0
"""How long a job's answer serves equal requests; longer ones find the result in the cache."""


def create_app(settings: Settings) -> Dash:
    """The application of one server; `create_app(settings).server` is its WSGI object.

    Raises:
        SpecError: The device of the settings is not there.
        OSError: The cache directory cannot be used, or Redis cannot be reached.
    """
    from app import callbacks, metrics
    from app.callbacks.jobs import HUNG_SECONDS, MOST_OPEN, busy, enough, hung, in_line
    from app.export.citation import find_place
    from app.http import error_responses, health, rate_limits, request_validation, security_headers, signing_key
    from app.http.compression import Compression
    from app.jobs.service import Service
    from app.jobs.thread_manager import ThreadManager
    from app.page import layout
    from app.page.loading_screen import FirstPage
    from app.panels import text
    from app.precompute import Precomputer
    from landscape_core import devices

    if settings.redis_url is None:
        devices.resolve(settings.device, "float32")
    service = Service(settings)

    for kind, ending in (("font/woff2", ".woff2"), ("image/webp", ".webp")):
        mimetypes.add_type(kind, ending)  # neither Python 3.11 nor a small image knows them
    app = FirstPage(
        __name__,
        title=text.TITLE,
        update_title=None,
        assets_folder=str(_assets()),
        assets_path_ignore=["^first$"],  # those stand in the page itself
        serve_locally=True,
        use_async=False,
        suppress_callback_exceptions=True,  # or the page would hold its whole layout twice, to check it in the browser
    )
    place = find_place(settings.public_url)
    app.layout = partial(layout.page, place)
    app.server.secret_key = signing_key.load_or_create_key(settings)
    # where workers compute, threads only wait, and the queue is theirs
    threads, queue = (
        (settings.workers, settings.queue) if settings.redis_url is None else (settings.workers + settings.queue, 0)
    )
    manager = ThreadManager(
        threads,
        queue,
        busy,
        in_line,
        keep=KEEP_SECONDS,
        owner=lambda: request_validation.identify_visitor(app),
        most_open=MOST_OPEN,
        enough=enough,
        silence=HUNG_SECONDS if settings.redis_url is None else math.inf,  # workers have a time limit of their own
        hangs=hung,
    )
    callbacks.register(app, service, manager, place)
    compression = Compression(service.cache)
    compression.install(app.server)
    security_headers.install(app)
    metrics.install(app.server)
    error_responses.install(app.server)
    health.install(app.server, service, manager, settings)
    request_validation.install(app, manager)
    rate_limits.install(app, manager, settings)  # before the guard, so that nonsense counts too
    if settings.warm:
        Precomputer(
            settings, lambda: manager.load == (0, 0), then=lambda: compression.compress_files(app.server)
        ).start()
    return app


def _assets() -> Path:
    """Beside this package in a checkout, inside it in an installed wheel."""
    here = Path(__file__).parent
    return next(folder for folder in (here / "assets", here.parent / "assets") if folder.is_dir())
