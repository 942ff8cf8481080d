"""Downloads: plain addresses under /export/ that carry the query of the link. Addresses under /take/ lead to the same.

Addresses, not `dcc.Download`: that would send a study of megabytes through a callback as base64 inside JSON, and hold it
in memory three times. An address streams bytes, has a file name and a type of its own, and can be asked by any program.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from threading import BoundedSemaphore
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output
from flask import Flask, Response, request
from werkzeug.exceptions import TooManyRequests

from app.export import citation, tables
from app.http import error_responses
from app.jobs import tasks
from app.jobs.service import Service
from app.jobs.tasks import Task
from app.page import dialog_content, ids
from app.plotting import mpl
from app.plotting.model import Gallery, PanelContent
from app.state import permalink
from app.state.view_state import ViewState
from app.views import VIEWS
from landscape_core import LandscapeError, SpecError, storage

logger = logging.getLogger(__name__)

NOT_YET = "These pictures are not computed yet, or no longer kept. Open the link in the page first, then ask again."
PDF, ZIP, CSV, NPZ = "application/pdf", "application/zip", "text/csv; charset=utf-8", "application/octet-stream"
HTML = "text/html; charset=utf-8"

OLD_NAMES = {"dialog": "export"}
"""Names under /take/ that differ from those under /export/."""

AT_A_TIME = 2
"""Of those that make files: each takes up to some seconds of Python and hundreds of megabytes, and other visitors wait."""

WAIT_SECONDS, PAUSE = 1.0, 5
"""How long a request may wait for its turn, and when it may ask again if that did not come."""


class NotComputed(LandscapeError):  # noqa: N818  nothing went wrong
    """What is asked for is not at hand, and is not computed here."""


def export(service: Service, query: str, place: str) -> Response:
    """All that the view can be exported as, for the dialog."""
    asked = citation.read_link(query, service.dtype)
    needed, results = _at_hand(service, asked)
    return fragment(dialog_content.fill_export(asked, place + permalink.write_cited_link(query), needed, results))


def study(service: Service, query: str, index: int) -> Response:
    """One of the results that the view is drawn from, as its own `.npz`."""
    asked = citation.read_link(query, service.dtype)
    needed, results = _at_hand(service, asked)
    if not 0 <= index < len(needed):
        raise SpecError("study", index, f"a number below {len(needed)}")
    if needed[index] not in results:
        raise NotComputed(NOT_YET)
    return _file(storage.to_bytes(results[needed[index]]), f"{tasks.stem(needed[index])}.npz", NPZ)


def panel_numbers(service: Service, query: str, name: str, table: str = "") -> Response:
    """One table of the numbers of one panel, by default the first, as CSV."""
    asked, panel = _panel(service, query, name)
    found = tables.list_tables(panel)
    chosen = next((one for one in found if one.name == (table or found[0].name)), None)
    if chosen is None:
        raise SpecError("table", table, "one of " + ", ".join(one.name for one in found))
    file = citation.name_table(asked, name, panel.title, chosen.name, len(found))
    return _file(tables.to_csv(chosen).encode(), file, CSV)


def panel_print(service: Service, query: str, name: str, place: str) -> Response:
    """One panel as the commands print it, with its link."""
    asked, panel = _panel(service, query, name)
    if isinstance(panel, Gallery):
        raise SpecError("panel", name, "one with a picture or a table")
    pages = mpl.compose_pages(panel, footer=place + permalink.write_cited_link(query))
    file = f"{citation.name_file(asked, name, panel.title)}.pdf"
    return _file(mpl.encode_pages(pages), file, PDF)


def all_numbers(service: Service, query: str, place: str) -> Response:
    """The numbers of all panels, zipped with what to cite."""
    asked, panels, results = _panels(service, query)
    words = citation.write_about(asked, place + permalink.write_cited_link(query), results)
    files = citation.write_csv_files(asked, panels)
    files[citation.README] = f"{words}\n{files[citation.README]}"
    return _file(citation.zip_files(files), f"{citation.name_file(asked)}-numbers.zip", ZIP)


def table(service: Service, query: str, name: str) -> Response:
    """The numbers of one panel, to be read instead of its picture."""
    return fragment(dialog_content.fill_numbers(_panel(service, query, name)[1]))


def _at_hand(service: Service, asked: ViewState) -> tuple[list[Task], dict[Any, Any]]:
    needed = VIEWS[asked.view].tasks(asked)
    return needed, service.find(needed)


def _panels(service: Service, query: str) -> tuple[ViewState, Mapping[str, PanelContent | Gallery], dict[Any, Any]]:
    """What the view draws; only from what is computed already."""
    asked = citation.read_link(query, service.dtype)
    needed, results = _at_hand(service, asked)
    if len(results) < len(needed):
        raise NotComputed(NOT_YET)
    view = VIEWS[asked.view]
    return asked, view.draw(asked, service.find(view.needs(asked))), results


def _panel(service: Service, query: str, name: str) -> tuple[ViewState, PanelContent | Gallery]:
    """One of the panels that the view draws."""
    asked, panels = _panels(service, query)[:2]
    if name not in panels:
        raise SpecError("panel", name, "one of " + ", ".join(panels))
    return asked, panels[name]


def _file(content: bytes, name: str, kind: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, mimetype=None, content_type=kind, headers=headers)


def fragment(content: str) -> Response:
    """The content of the dialog."""
    headers = {"Cache-Control": "no-store"}
    return Response(content, content_type=HTML, headers=headers)


def answer(make: Callable[[], Response]) -> Response:
    """A response, or one line that says why there is none."""
    try:
        return make()
    except SpecError as problem:
        return error_responses.refuse(400, str(problem))
    except LandscapeError as problem:
        return error_responses.refuse(409, str(problem))


def _add(server: Flask, path: str, view: Callable[..., Response]) -> None:
    """Serve an address under /export/, and under /take/ as earlier versions named it."""
    for address in (f"/export/{path}", f"/take/{OLD_NAMES.get(path, path)}"):
        server.add_url_rule(address, f"export {path}", view)


def register(app: Dash, service: Service, place: str) -> None:
    """Wire the addresses; `place` stands before cited links."""
    server = app.server

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
        "dialog": lambda: export(service, query(), place),
        "study-<int:index>.npz": lambda index: study(service, query(), index),
        "numbers": lambda: all_numbers(service, query(), place),
        "numbers/<name>": lambda name: panel_numbers(service, query(), name),
        "print/<name>.pdf": lambda name: panel_print(service, query(), name, place),
        "numbers/<name>/<part>": lambda name, part: panel_numbers(service, query(), name, part),
        "table/<name>": lambda name: table(service, query(), name),
    }
    for path, make in routes.items():

        def view(make: Callable[..., Response] = make, **parts: Any) -> Response:  # noqa: ANN401
            return in_turn(lambda: make(**parts))

        _add(server, path, view)
    _add(server, "glossary", lambda: fragment(dialog_content.fill_glossary()))

    _add(
        server,
        "about",
        lambda: answer(lambda: fragment(dialog_content.fill_about(citation.read_link(query(), service.dtype)))),
    )

    for button, name in ((ids.EXPORT, "openExport"), (ids.GLOSSARY, "openGlossary"), (ids.ABOUT, "openAbout")):
        app.clientside_callback(
            ClientsideFunction("batchscape", name),
            Output(button, "className"),
            Input(button, "n_clicks"),
            prevent_initial_call=True,
        )
