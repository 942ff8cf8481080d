"""The dashboard. `create_app(settings)` makes it; importing this package does nothing."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dash import Dash

    from app.settings import Settings

logger = logging.getLogger(__name__)

KEEP_SECONDS = 5.0
"""How long a job's answer serves equal requests; longer ones find the result in the cache."""

PAGE = """<!DOCTYPE html>
<html lang="en">
  <head>
    {%metas%}
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="description" content="Loss landscapes as mini-batches see them">
    <title>{%title%}</title>
    {%favicon%}
    {%css%}
  </head>
  <body>
    {%app_entry%}
    <footer>{%config%}{%scripts%}{%renderer%}</footer>
  </body>
</html>
"""


def create_app(settings: Settings) -> Dash:
    """The application of one server; `create_app(settings).server` is its WSGI object.

    Raises:
        SpecError: The device of the settings is not there.
        OSError: The cache directory cannot be used.
    """
    from dash import Dash, set_props

    from app import callbacks, ids, layout, text
    from app.background import ThreadManager
    from app.callbacks.compute import busy
    from app.service import Service
    from landscape_core import devices

    devices.resolve(settings.device, "float32")
    service = Service(settings)

    def on_error(problem: Exception) -> None:
        logger.error("a callback failed", exc_info=problem)
        set_props(ids.NOTICE, {"children": "Something went wrong on the server; it has been logged. Try again."})

    app = Dash(
        __name__,
        title=text.TITLE,
        update_title=None,
        assets_folder=str(_assets()),
        index_string=PAGE,
        serve_locally=True,
        use_async=False,
        on_error=on_error,
    )
    app.layout = layout.page
    callbacks.register(app, service, ThreadManager(settings.workers, settings.queue, busy, keep=KEEP_SECONDS))
    return app


def _assets() -> Path:
    """Beside this package in a checkout, inside it in an installed wheel."""
    here = Path(__file__).parent
    return next(folder for folder in (here / "assets", here.parent / "assets") if folder.is_dir())
