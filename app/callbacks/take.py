"""What can be taken away, as plain addresses under /take/ that carry the query of the link.

Addresses, not `dcc.Download`: that would send a study of megabytes through a callback as base64 inside JSON, and hold it
in memory three times. An address streams bytes, has a file name and a type of its own, and can be asked by any program.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from threading import BoundedSemaphore
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output
from flask import Response, request
from werkzeug.exceptions import TooManyRequests

from app import fragments, ids, links, refusals, take
from app.pictures import Drawn, Gallery
from app.service import Service
from app.state import Request, Task
from app.views import VIEWS
from landscape_core import LandscapeError, SpecError, storage

logger = logging.getLogger(__name__)

NOT_YET = "These pictures are not computed yet, or no longer kept. Open the link in the page first, then ask again."
ZIP, CSV, NPZ = "application/zip", "text/csv; charset=utf-8", "application/octet-stream"
HTML = "text/html; charset=utf-8"
PAGE_HEADER = "X-Batchscape-Page"
PAGE = re.compile(r"https?://[A-Za-z0-9.:\[\]_-]+/[A-Za-z0-9._~/%+-]*")
LONGEST_PAGE = 200

AT_A_TIME = 2
"""Of those that make files: each takes up to some seconds of Python and hundreds of megabytes, and other visitors wait."""

WAIT_SECONDS, PAUSE = 1.0, 5
"""How long a request may wait for its turn, and when it may ask again if that did not come."""


class NotComputed(LandscapeError):  # noqa: N818  nothing went wrong
    """What is asked for is not at hand, and is not computed here."""


def export(service: Service, query: str, page: str) -> Response:
    """All that the view can be taken away as, for the dialog."""
    asked = take.shown(query, service.dtype)
    needed, results = _at_hand(service, asked)
    return _fragment(fragments.export(asked, page + links.cited(query), needed, results))


def study(service: Service, query: str, index: int) -> Response:
    """One of the results that the view is drawn from, as its own `.npz`."""
    asked = take.shown(query, service.dtype)
    needed, results = _at_hand(service, asked)
    if not 0 <= index < len(needed):
        raise SpecError("study", index, f"a number below {len(needed)}")
    if needed[index] not in results:
        raise NotComputed(NOT_YET)
    return _file(storage.to_bytes(results[needed[index]]), f"{take.stem_of(needed[index])}.npz", NPZ)


def panel_numbers(service: Service, query: str, name: str) -> Response:
    """The numbers of one panel: a CSV, or several zipped."""
    asked, panels = _panels(service, query)[:2]
    if name not in panels:
        raise SpecError("panel", name, "one of " + ", ".join(panels))
    files = take.csv_files(asked, {name: panels[name]})
    if len(files) == 1:
        ((file, content),) = files.items()
        return _file(content.encode(), file, CSV)
    return _file(take.archive(files), f"{take.stem(asked, name, panels[name].title)}.zip", ZIP)


def all_numbers(service: Service, query: str, page: str) -> Response:
    """The numbers of all panels, zipped with what to cite."""
    asked, panels, results = _panels(service, query)
    words = take.about(asked, page + links.cited(query), results)
    files = {**take.csv_files(asked, panels), "about.txt": words}
    return _file(take.archive(files), f"{take.stem(asked)}-numbers.zip", ZIP)


def table(service: Service, query: str, name: str) -> Response:
    """The numbers of one panel, to be read instead of its picture."""
    panels = _panels(service, query)[1]
    if name not in panels:
        raise SpecError("panel", name, "one of " + ", ".join(panels))
    return _fragment(fragments.table(panels[name]))


def _at_hand(service: Service, asked: Request) -> tuple[list[Task], dict[Task, Any]]:
    needed = list(VIEWS[asked.view].needs(asked))
    found = {task: service.cached(task) for task in needed}
    return needed, {task: result for task, result in found.items() if result is not None}


def _panels(service: Service, query: str) -> tuple[Request, Mapping[str, Drawn | Gallery], dict[Task, Any]]:
    """What the view draws; only from what is computed already."""
    asked = take.shown(query, service.dtype)
    needed, results = _at_hand(service, asked)
    if len(results) < len(needed):
        raise NotComputed(NOT_YET)
    return asked, VIEWS[asked.view].draw(asked, results), results


def _file(content: bytes, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype=None, content_type=kind, headers=headers)


def _fragment(content: str) -> Response:
    headers = {"Cache-Control": "no-store"}
    return Response(content, content_type=HTML, headers=headers)


def page_address(claimed: str | None, own: str) -> str:
    """Where the page is: as the browser says, for a proxy may stand between; else as the server sees it."""
    return claimed if claimed and len(claimed) <= LONGEST_PAGE and PAGE.fullmatch(claimed) else own


def answer(make: Callable[[], Response]) -> Response:
    """A response, or one line that says why there is none."""
    try:
        return make()
    except SpecError as problem:
        return refusals.refuse(400, str(problem))
    except LandscapeError as problem:
        return refusals.refuse(409, str(problem))


def register(app: Dash, service: Service) -> None:
    """Wire the addresses, and tell the browser which link is shown."""
    server = app.server

    def page() -> str:
        return page_address(request.headers.get(PAGE_HEADER), request.base_url.split("take/")[0])

    def query() -> str:
        return request.query_string.decode("ascii", "replace")

    turns = BoundedSemaphore(AT_A_TIME)

    def in_turn(make: Callable[[], Response]) -> Response:
        if not turns.acquire(timeout=WAIT_SECONDS):
            raise TooManyRequests("The server makes files for others. Ask again in a moment.", retry_after=PAUSE)
        try:
            return answer(make)
        finally:
            turns.release()

    routes: dict[str, Callable[..., Response]] = {
        "export": lambda: export(service, query(), page()),
        "study-<int:index>.npz": lambda index: study(service, query(), index),
        "numbers": lambda: all_numbers(service, query(), page()),
        "numbers/<name>": lambda name: panel_numbers(service, query(), name),
        "table/<name>": lambda name: table(service, query(), name),
    }
    for path, make in routes.items():

        def view(make: Callable[..., Response] = make, **parts: Any) -> Response:  # noqa: ANN401
            return in_turn(lambda: make(**parts))

        server.add_url_rule(f"/take/{path}", f"take {path}", view)
    server.add_url_rule("/take/glossary", "take glossary", lambda: _fragment(fragments.glossary()))

    for button, name in ((ids.EXPORT, "openExport"), (ids.GLOSSARY, "openGlossary")):
        app.clientside_callback(
            ClientsideFunction("batchscape", name),
            Output(button, "className"),
            Input(button, "n_clicks"),
            prevent_initial_call=True,
        )
