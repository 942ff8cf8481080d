"""From a request to pictures: all if the studies are at hand, else what can be seen at once and a study to be computed."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from itertools import groupby
from operator import itemgetter
from typing import Any

from dash import Dash, Input, Output, State, ctx, html, no_update, set_props
from dash.development.base_component import Component

from app import ids
from app.callbacks import oracle
from app.controls import picker, tour_strip
from app.figures import NOTHING, Theme, packed, render
from app.pictures import Drawn, Gallery, Table
from app.service import Service
from app.state import Request, task_from, task_to_dict
from app.views import VIEWS
from landscape_core import LandscapeError, StudyResult

PARTS = ("content", "title", "note", "sentence")
LIVE = PARTS[1:]
"""Of a panel whose content the browser draws."""
EMPTY = {"content": None, "title": "", "note": "", "sentence": ""}


def draw(service: Service, trigger: object, request: object, computed: object) -> dict[str, Any]:
    """What to show.

    Returns:
        panels: {view: {panel: Drawn}} for the view that is asked for, or empty; pending: the task to compute, or None;
        notice: what went wrong, or "".

    Raises:
        LandscapeError: The request is not one, or it cannot be drawn.
    """
    asked = Request.from_dict(request)
    view = VIEWS[asked.view]
    needed = {task: service.cached(task) for task in view.needs(asked)}
    results = {task: result for task, result in needed.items() if result is not None}
    if missing := [task for task in needed if task not in results]:
        panels = {asked.view: view.draw(asked, results)} if view.gradual else {}
        # an answer without a key is about whatever was asked; asking again at once would go round in circles
        if trigger == ids.ARRIVED and isinstance(computed, dict) and computed.get("key") in (None, missing[0].key()):
            problem = computed.get("error") or "The result could not be kept. Ask again."
            return {"panels": panels, "pending": None, "notice": str(problem)}
        return {"panels": panels, "pending": task_to_dict(missing[0]), "notice": ""}
    holes = sum(result.holes for result in results.values() if isinstance(result, StudyResult))
    notice = f"{holes:,} points have no finite value and are left out." if holes else ""
    return {"panels": {asked.view: view.draw(asked, results)}, "pending": None, "notice": notice}


def glimpse(service: Service, asked: Request, theme: object, profile: object) -> None:
    """Show at once, with the answer that tells the request, what need not be waited for; the rest is for `draw`."""
    try:
        panels = at_once(service, asked)
    except LandscapeError:  # drawing the view says so
        panels = {}
    for panel, drawn in panels.items():
        for part, value in _parts(drawn, "figure", theme, profile).items():
            place = _output(asked.view, panel, "figure", part)
            set_props(place.component_id, {place.component_property: value})
    kept = {"key": VIEWS[asked.view].needs(asked)[0].key(), "panels": list(panels)} if panels else None
    set_props(ids.GLIMPSED, {"data": kept})


def at_once(service: Service, asked: Request) -> Mapping[str, Drawn]:
    """The panels of a view that can be drawn while the rest is computed."""
    view = VIEWS[asked.view]
    if view.glimpse is None:
        return {}
    (task,) = view.needs(asked)
    seen = service.glimpse(task)
    return {} if seen is None else view.glimpse(asked, seen)


def running(pending: object, computed: object) -> bool:
    """Whether the page still waits for the task that it asked for last."""
    try:
        key = None if pending is None else task_from(pending).key()
    except LandscapeError:
        return False
    return key is not None and not (isinstance(computed, dict) and computed.get("key") in (None, key))


def content(drawn: Drawn | Gallery, theme: Theme, projector: bool = False) -> Any:  # noqa: ANN401  a figure or a component
    """What a panel holds: a figure, a table or small pictures."""
    if isinstance(drawn, Gallery):
        return gallery(drawn)
    return table(drawn.picture) if isinstance(drawn.picture, Table) else render(drawn.picture, theme, projector)


def gallery(drawn: Gallery) -> Component:
    """Small pictures as links."""
    return html.Div(
        [
            html.A(
                [
                    # the words beside it say all that there is to say
                    html.Img(src="data:image/webp;base64," + b64encode(small.image).decode("ascii"), alt="")
                    if small.image
                    else html.Span(className="to-come"),
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
    """A table as a component; the first cells of rows that belong together become one."""

    def cell(kind: Any, index: int, words: str, **more: Any) -> Component:  # noqa: ANN401
        return kind(words, className="number" if index in picture.numeric else "", **more)

    head = [cell(html.Th, index, words, scope="col") for index, words in enumerate(picture.columns)]
    bodies = []
    for first, rows in groupby(picture.rows, key=itemgetter(0)) if picture.grouped else ((None, picture.rows),):
        together = [list(enumerate(row))[picture.grouped :] for row in rows]
        lines = [[cell(html.Td, index, words) for index, words in row] for row in together]
        if first is not None:
            lines[0].insert(0, cell(html.Th, 0, first, scope="rowgroup", rowSpan=len(lines)))
        bodies.append(html.Tbody([html.Tr(line) for line in lines]))
    return html.Table([html.Thead(html.Tr(head)), *bodies], className="numbers")


def register(app: Dash, service: Service) -> None:
    """Wire the views."""

    @app.callback(
        output={
            "panels": {
                view.name: {
                    panel: {part: _output(view.name, panel, kind, part) for part in _named(kind)}
                    for panel, kind in view.panels.items()
                }
                for view in VIEWS.values()
            },
            "notice": Output(ids.NOTICE, "children"),
            "tour": {"children": Output(ids.TOUR, "children"), "shown": Output(ids.TOUR_SHOWN, "data")},
            "pickers": {view.name: Output(ids.picker(view.name), "children") for view in VIEWS.values() if view.picker},
        },
        inputs={
            "request": Input(ids.REQUEST, "data"),
            "computed": Input(ids.ARRIVED, "data"),
            "theme": Input(ids.THEME, "data"),
            "profile": Input(ids.PROFILE, "data"),
            "pending": State(ids.PENDING, "data"),
            "scene": State(ids.TOUR_SHOWN, "data"),
            "glimpsed": State(ids.GLIMPSED, "data"),
            "line": State(ids.ORACLE_KEY, "data"),
        },
        prevent_initial_call=True,
    )
    def _draw(
        request: Any,  # noqa: ANN401
        computed: Any,  # noqa: ANN401
        theme: Any,  # noqa: ANN401
        profile: Any,  # noqa: ANN401
        pending: Any,  # noqa: ANN401
        scene: Any,  # noqa: ANN401
        glimpsed: Any,  # noqa: ANN401
        line: Any,  # noqa: ANN401
    ) -> dict[str, Any]:
        answer: dict[str, Any] = {
            "panels": {
                view.name: {panel: dict.fromkeys(_named(kind), no_update) for panel, kind in view.panels.items()}
                for view in VIEWS.values()
            },
            "notice": no_update,
            "tour": {"children": no_update, "shown": no_update},
            "pickers": {view.name: no_update for view in VIEWS.values() if view.picker},
        }
        if request is None:
            return answer
        try:
            asked = Request.from_dict(request)
            if asked.scene != scene:  # else it stays as it is, revealed or not
                answer["tour"] = {"children": tour_strip(asked), "shown": asked.scene}
            if asked.view in answer["pickers"]:
                answer["pickers"][asked.view] = picker(asked)
            shown = draw(service, ctx.triggered_id, request, computed)
            oracle.bring(service, request, line, *_looks(theme, profile))
        except LandscapeError as problem:
            return {**answer, "notice": str(problem)}
        there = _still_seen(glimpsed, asked)
        if there and not {*ctx.triggered_prop_ids.values()} <= {ids.REQUEST, ids.ARRIVED}:
            there = []  # other colours or sizes: all is drawn again, now or when the rest is there
            set_props(ids.GLIMPSED, {"data": None})
        for view, drawn in shown["panels"].items():
            for panel, kind in VIEWS[view].panels.items():
                if panel not in there:
                    answer["panels"][view][panel] = _parts(drawn.get(panel), kind, theme, profile)
        if shown["pending"] is not None:
            # not an output: computing leads back here, and Dash runs no callbacks in a circle
            set_props(ids.PENDING, {"data": shown["pending"]})
        elif running(pending, computed):
            set_props(ids.PENDING, {"data": None})  # what is being computed is not wanted any more
        return {**answer, "notice": shown["notice"]}


def _still_seen(glimpsed: object, asked: Request) -> list[str]:
    """The panels that show already what is asked for now; a job of an earlier choice may just have ended."""
    wanted = [task.key() for task in VIEWS[asked.view].needs(asked)]
    if isinstance(glimpsed, dict) and glimpsed.get("key") in wanted:
        panels = glimpsed.get("panels")
        return panels if isinstance(panels, list) else []
    return []


def _named(kind: str) -> tuple[str, ...]:
    return LIVE if kind == "live" else PARTS


def _output(view: str, panel: str, kind: str, part: str) -> Output:
    names = {"content": ids.panel, "title": ids.panel_title, "note": ids.panel_note, "sentence": ids.panel_sentence}
    return Output(names[part](view, panel), "figure" if (kind, part) == ("figure", "content") else "children")


def _looks(theme: object, profile: object) -> tuple[Theme, bool]:
    """What the page says of its colours, and of whether it is read from afar."""
    return "dark" if theme == "dark" else "light", profile == "projector"


def _parts(drawn: Drawn | Gallery | None, kind: str, theme: object, profile: object) -> dict[str, Any]:
    if kind == "live":
        return {part: getattr(drawn, part) if drawn else EMPTY[part] for part in LIVE}
    if drawn is None:
        return {**EMPTY, "content": NOTHING if kind == "figure" else None}
    shown = content(drawn, *_looks(theme, profile))
    return {
        "content": packed(shown) if kind == "figure" else shown,
        "title": drawn.title,
        "note": drawn.note,
        "sentence": drawn.sentence,
    }
