"""The dashboard. `create_app(settings)` makes it; importing this package does nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dash import Dash

    from app.settings import Settings

KEEP_SECONDS = 5.0
"""How long a job's answer serves equal requests; longer ones find the result in the cache."""

PAGE = """<!DOCTYPE html>
<html lang="en">
  <head>
    {%metas%}
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="description" content="Loss landscapes as mini-batches see them">
    <title>{%title%}</title>
    <link rel="icon" type="image/svg+xml" href="favicon.svg">
    {%css%}
  </head>
  <body>
    <!-- what is seen first -->
    {%app_entry%}
    <footer>{%config%}{%scripts%}{%renderer%}</footer>
  </body>
</html>
"""


def create_app(settings: Settings) -> Dash:
    """The application of one server; `create_app(settings).server` is its WSGI object.

    Raises:
        SpecError: The device of the settings is not there.
        OSError: The cache directory cannot be used, or Redis cannot be reached.
    """
    from app import callbacks, guard, headers, layout, limits, metrics, operations, refusals, secret, text
    from app.background import ThreadManager
    from app.callbacks.compute import MOST_OPEN, busy, enough, in_line
    from app.delivery import Delivery
    from app.first import FirstPage
    from app.service import Service
    from app.warm import Warmer
    from landscape_core import devices

    if settings.redis_url is None:
        devices.resolve(settings.device, "float32")
    service = Service(settings)

    app = FirstPage(
        __name__,
        title=text.TITLE,
        update_title=None,
        assets_folder=str(_assets()),
        index_string=PAGE,
        serve_locally=True,
        use_async=False,
    )
    app.layout = layout.page
    app.server.secret_key = secret.of(settings)
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
        owner=lambda: guard.who(app),
        most_open=MOST_OPEN,
        enough=enough,
    )
    callbacks.register(app, service, manager)
    delivery = Delivery(service.cache)
    delivery.install(app.server)
    headers.install(app)
    metrics.install(app.server)
    refusals.install(app.server)
    operations.install(app.server, service, manager, settings)
    guard.install(app, manager)
    limits.install(app, manager, settings)  # before the guard, so that nonsense counts too
    if settings.warm:
        Warmer(settings, manager.idle, then=lambda: delivery.prepare(app.server)).start()
    return app


def _assets() -> Path:
    """Beside this package in a checkout, inside it in an installed wheel."""
    here = Path(__file__).parent
    return next(folder for folder in (here / "assets", here.parent / "assets") if folder.is_dir())
