"""From a request to pictures: at once if the studies are at hand, else ask for the first that is not."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from dash import Dash, Input, Output, State, ctx, dcc, html, no_update, set_props
from dash.development.base_component import Component

from app import ids
from app.controls import figure_strip
from app.figures import Figure, Theme, render
from app.pictures import Drawn, Gallery, Table
from app.service import Service
from app.state import Request, spec_from
from app.views import VIEWS
from landscape_core import LandscapeError

PARTS = ("content", "title", "note", "sentence")
EMPTY = {"content": None, "title": "", "note": "", "sentence": ""}
HIDDEN = {"visible": False}
NOTHING: Figure = {
    "data": [],
    "layout": {"xaxis": HIDDEN, "yaxis": HIDDEN, "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)"},
}
"""A figure that shows nothing, not even axes."""


def draw(service: Service, trigger: object, request: object, computed: object) -> dict[str, Any]:
    """What to show.

    Returns:
        panels: {view: {panel: Drawn}} for the view that is asked for, or empty; pending: the study to compute, or None;
        notice: what went wrong, or "".

    Raises:
        LandscapeError: The request is not one, or it cannot be drawn.
    """
    asked = Request.from_dict(request)
    view = VIEWS[asked.view]
    results = {}
    for spec in view.needs(asked):
        result = service.cached(spec)
        if result is not None:
            results[spec] = result
            continue
        # an answer without a key is about whatever was asked; asking again at once would go round in circles
        if trigger == ids.ARRIVED and isinstance(computed, dict) and computed.get("key") in (None, spec.key()):
            problem = computed.get("error") or "The result could not be kept. Ask again."
            return {"panels": {}, "pending": None, "notice": str(problem)}
        return {"panels": {}, "pending": spec.model_dump(), "notice": ""}
    holes = sum(result.holes for result in results.values())
    notice = f"{holes:,} points have no finite value and are left out." if holes else ""
    return {"panels": {asked.view: view.draw(asked, results)}, "pending": None, "notice": notice}


def running(pending: object, computed: object) -> bool:
    """Whether the page still waits for the study that it asked for last."""
    try:
        key = None if pending is None else spec_from(pending).key()
    except LandscapeError:
        return False
    return key is not None and not (isinstance(computed, dict) and computed.get("key") in (None, key))


def content(drawn: Drawn | Gallery, theme: Theme) -> Any:  # noqa: ANN401  a Plotly figure, or a component
    """What a panel holds: a figure, a table or small pictures."""
    if isinstance(drawn, Gallery):
        return gallery(drawn)
    return table(drawn.picture) if isinstance(drawn.picture, Table) else render(drawn.picture, theme)


def gallery(drawn: Gallery) -> Component:
    """Small pictures as links."""
    return html.Div(
        [
            dcc.Link(
                [
                    # the words beside it say all that there is to say
                    html.Img(src="data:image/png;base64," + b64encode(small.png).decode("ascii"), alt=""),
                    html.Span(small.title, className="small-title"),
                    html.Span(small.note, className="note"),
                ],
                href=small.link,
                className="thumbnail",
            )
            for small in drawn.thumbnails
        ],
        className="gallery",
    )


def table(picture: Table) -> Component:
    """A table as a component."""

    def cell(kind: Any, index: int, words: str, **more: Any) -> Component:  # noqa: ANN401
        return kind(words, className="number" if index in picture.numeric else "", **more)

    head = [cell(html.Th, index, words, scope="col") for index, words in enumerate(picture.columns)]
    rows = [html.Tr([cell(html.Td, index, words) for index, words in enumerate(row)]) for row in picture.rows]
    return html.Table([html.Thead(html.Tr(head)), html.Tbody(rows)], className="numbers")


def register(app: Dash, service: Service) -> None:
    """Wire the views."""
    names = {"content": ids.panel, "title": ids.panel_title, "note": ids.panel_note, "sentence": ids.panel_sentence}

    def output(view: str, panel: str, kind: str, part: str) -> Output:
        return Output(names[part](view, panel), "figure" if (kind, part) == ("figure", "content") else "children")

    @app.callback(
        output={
            "panels": {
                view.name: {
                    panel: {part: output(view.name, panel, kind, part) for part in PARTS}
                    for panel, kind in view.panels.items()
                }
                for view in VIEWS.values()
            },
            "notice": Output(ids.NOTICE, "children"),
            "strip": Output(ids.FIGURE_STRIP, "children"),
        },
        inputs={
            "request": Input(ids.REQUEST, "data"),
            "computed": Input(ids.ARRIVED, "data"),
            "theme": Input(ids.THEME, "data"),
            "pending": State(ids.PENDING, "data"),
        },
        prevent_initial_call=True,
    )
    def _draw(request: Any, computed: Any, theme: Any, pending: Any) -> dict[str, Any]:  # noqa: ANN401
        panels: dict[str, Any] = {
            view.name: {panel: dict.fromkeys(PARTS, no_update) for panel in view.panels} for view in VIEWS.values()
        }
        if request is None:
            return {"panels": panels, "notice": no_update, "strip": no_update}
        try:
            shown = draw(service, ctx.triggered_id, request, computed)
            # seen in that view alone
            strip = figure_strip(Request.from_dict(request)) if request["view"] == "figures" else no_update
        except LandscapeError as problem:
            return {"panels": panels, "notice": str(problem), "strip": no_update}
        colours: Theme = "dark" if theme == "dark" else "light"
        for view, drawn in shown["panels"].items():
            for panel, kind in VIEWS[view].panels.items():
                panels[view][panel] = _parts(drawn.get(panel), kind, colours)
        if shown["pending"] is not None:
            # not an output: computing leads back here, and Dash runs no callbacks in a circle
            set_props(ids.PENDING, {"data": shown["pending"]})
        elif running(pending, computed):
            set_props(ids.PENDING, {"data": None})  # what is being computed is not wanted any more
        return {"panels": panels, "notice": shown["notice"], "strip": strip}


def _parts(drawn: Drawn | Gallery | None, kind: str, theme: Theme) -> dict[str, Any]:
    if drawn is None:
        return {**EMPTY, "content": NOTHING if kind == "figure" else None}
    return {"content": content(drawn, theme), "title": drawn.title, "note": drawn.note, "sentence": drawn.sentence}
