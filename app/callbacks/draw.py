"""From a request to pictures: at once if the study is at hand, else ask for it."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update, set_props

from app import ids
from app.service import Service
from app.state import Request, spec_from
from app.views import VIEWS
from landscape_core import LandscapeError

PARTS = ("figure", "title", "note", "sentence")


def draw(service: Service, trigger: object, request: object, computed: object, theme: object) -> dict[str, Any]:
    """What to show.

    Returns:
        panels: {view: {panel: Drawn}} for the view that is asked for, or empty; pending: the study to compute, or None;
        notice: what went wrong, or "".

    Raises:
        LandscapeError: The request is not one.
    """
    asked = Request.from_dict(request)
    result = service.cached(asked.spec)
    if result is not None:
        drawn = VIEWS[asked.view].draw(result, asked, "dark" if theme == "dark" else "light")
        holes = f"{result.holes:,} points have no finite value and are left out." if result.holes else ""
        return {"panels": {asked.view: drawn}, "pending": None, "notice": holes}
    # an answer without a key is about whatever was asked; asking again at once would go round in circles
    if trigger == ids.ARRIVED and isinstance(computed, dict) and computed.get("key") in (None, asked.spec.key()):
        problem = computed.get("error") or "The result could not be kept. Ask again."
        return {"panels": {}, "pending": None, "notice": str(problem)}
    return {"panels": {}, "pending": asked.spec.model_dump(), "notice": ""}


def running(pending: object, computed: object) -> bool:
    """Whether the page still waits for the study that it asked for last."""
    try:
        key = None if pending is None else spec_from(pending).key()
    except LandscapeError:
        return False
    return key is not None and not (isinstance(computed, dict) and computed.get("key") in (None, key))


def register(app: Dash, service: Service) -> None:
    """Wire the views."""
    properties = {"figure": "figure", "title": "children", "note": "children", "sentence": "children"}
    names = {
        "figure": ids.panel,
        "title": ids.panel_title,
        "note": ids.panel_note,
        "sentence": ids.panel_sentence,
    }

    @app.callback(
        output={
            "panels": {
                view.name: {
                    panel: {part: Output(names[part](view.name, panel), properties[part]) for part in PARTS}
                    for panel in view.panels
                }
                for view in VIEWS.values()
            },
            "notice": Output(ids.NOTICE, "children"),
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
            return {"panels": panels, "notice": no_update}
        try:
            shown = draw(service, ctx.triggered_id, request, computed, theme)
        except LandscapeError as problem:
            return {"panels": panels, "notice": str(problem)}
        for view, drawn in shown["panels"].items():
            panels[view] = {panel: {part: getattr(picture, part) for part in PARTS} for panel, picture in drawn.items()}
        if shown["pending"] is not None:
            # not an output: computing leads back here, and Dash runs no callbacks in a circle
            set_props(ids.PENDING, {"data": shown["pending"]})
        elif running(pending, computed):
            set_props(ids.PENDING, {"data": None})  # what is being computed is not wanted any more
        return {"panels": panels, "notice": shown["notice"]}
