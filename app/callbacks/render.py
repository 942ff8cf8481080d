"""Drawing of views: the panels that can be drawn from what is at hand, and the task to compute for the others."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from dash import Dash, Input, Output, State, html, no_update, set_props
from dash.development.base_component import Component

from app.callbacks import oracle
from app.callbacks.live import unsampled
from app.export.tables import name_tables
from app.jobs.service import Service
from app.jobs.tasks import Task, task_from, task_to_dict
from app.page import ids
from app.page.rail.parts import EXPLANATION
from app.page.tour_strip import tell_measured
from app.plotting.minus_signs import typeset
from app.plotting.model import Gallery, PanelContent, Table
from app.plotting.plotly import NOTHING, Theme, pack_grids, render
from app.state.exercises import EXERCISES, NOT_HERE, NOT_MEASURED, Measured
from app.state.view_state import ViewState
from app.views import VIEWS
from app.views.view import Need, task_behind
from landscape_core import LandscapeError, StudySpec

PARTS = ("content", "title", "note", "sentence")
LIVE = PARTS[1:]
"""Of a panel whose content the browser draws."""
EMPTY = {"content": None, "title": "", "note": "", "sentence": ""}


@dataclass(frozen=True)
class Drawing:
    """What a view can show now.

    Attributes:
        panels: Those that can be drawn.
        complete: Names of those among them that nothing more is awaited for.
        pending: The task that is computed next, or None.
        notice: What went wrong, or "".
        intro: Words above the panels, by their places.
        measured: What its exercise measures; None without one, and while that is not at hand.
    """

    panels: dict[str, PanelContent | Gallery]
    complete: list[str]
    pending: Task | None
    notice: str
    intro: Mapping[str, str]
    measured: Measured | None


def draw(service: Service, asked: ViewState, arrived: object = None) -> Drawing:
    """Draw the parts of a view that can be drawn from what is at hand.

    Args:
        service: Has what is at hand.
        asked: What is looked at.
        arrived: The answer of the background job, if that is why it is drawn.

    Raises:
        LandscapeError: It cannot be drawn.
    """
    panels: dict[str, PanelContent | Gallery] = {}
    complete: list[str] = []
    missing: list[Task] = []
    results: dict[Any, Any] = {}
    for part in VIEWS[asked.view].parts:
        needs, wants = part.needs(asked), part.wants(asked)
        found = service.find(needs)
        if lacking := _tasks_of(needs, found):
            missing += lacking
            continue
        found |= service.find(wants)
        drawn = part.draw(asked, found)
        lacking = _tasks_of(wants, found)
        complete += [] if lacking else drawn
        panels |= drawn
        missing += lacking
        results |= found
    intro = VIEWS[asked.view].introduce(asked, results.get(asked.spec))
    measured = EXERCISES[asked.exercise - 1].check(asked, results.values()) if asked.exercise else None
    if missing:
        # an answer without a key is about whatever was asked; asking again at once would go round in circles
        if isinstance(arrived, dict) and arrived.get("key") in (None, missing[0].key()):
            notice = str(arrived.get("error") or "The result could not be kept. Ask again.")
            return Drawing(panels, complete, None, notice, intro, measured or NOT_MEASURED)
        return Drawing(panels, complete, missing[0], "", intro, measured)
    holes = sum(result.holes for task, result in results.items() if isinstance(task, StudySpec))
    notice = f"{holes:,} points have no finite value and are left out." if holes else ""
    return Drawing(panels, complete, None, notice, intro, measured or NOT_HERE)


def _tasks_of(needs: Sequence[Need], found: Mapping[Any, Any]) -> list[Task]:
    """The tasks that are missing among what was found."""
    return [task for need in needs if need not in found and (task := task_behind(need)) is not None]


@dataclass(frozen=True)
class Page:
    """What a page says of itself, as it was sent: none of it is trusted.

    Attributes:
        theme: Its colours.
        profile: Whether it is read from afar.
        pending: The task that it asked for last.
        computed: The answer that it had last.
        awaiting: {"key": of that task, "shown": panels that need not be drawn again when it is there}.
        line: Key of the line that Draw by draw has.
        strip: The scene of the tour, or the exercise, that it shows: see `strip_of`.
    """

    theme: object
    profile: object
    pending: object
    computed: object
    awaiting: object
    line: object
    strip: object

    @classmethod
    def inputs(cls) -> dict[str, State]:
        """Where the page keeps it."""
        return {
            "theme": State(ids.THEME, "data"),
            "profile": State(ids.PROFILE, "data"),
            "pending": State(ids.PENDING, "data"),
            "computed": State(ids.ARRIVED, "data"),
            "awaiting": State(ids.AWAITING, "data"),
            "line": State(ids.ORACLE_KEY, "data"),
            "strip": State(ids.TOUR_SHOWN, "data"),
        }

    def shows(self, arrived: object) -> list[str]:
        """The panels that it shows already, now that an answer is there: those drawn when its task was asked for."""
        key = arrived.get("key") if isinstance(arrived, dict) else None
        held = self.awaiting
        if (
            key is None
            or not isinstance(held, dict)
            or held.get("key") != key
            or not isinstance(held.get("shown"), list)
        ):
            return []
        return list(held["shown"])

    def waits(self) -> bool:
        """Whether it still waits for the task that it asked for last."""
        try:
            key = None if self.pending is None else task_from(self.pending).key()
        except LandscapeError:
            return False
        answer = self.computed
        return key is not None and not (isinstance(answer, dict) and answer.get("key") in (None, key))


def strip_of(asked: ViewState) -> list[int]:
    """Numbers of the scene and of the exercise in the strip above the views; 0 for none."""
    return [asked.scene, asked.exercise]


def show(service: Service, asked: ViewState, page: Page, arrived: object = None) -> tuple[str, Measured | None]:
    """Send with the answer that is being given what can be shown, and the task to compute.

    Returns a notice, or "", and what an exercise measures, which is sent as well if its strip is there already.

    By `set_props`, not as outputs: computing leads back to drawing, and Dash runs no callbacks in a circle.
    """
    try:
        drawing = draw(service, asked, arrived)
        oracle.bring(service, asked, page.line, *_looks(page.theme, page.profile))
    except LandscapeError as problem:
        return str(problem), _measure(asked, page, NOT_MEASURED)
    view, there = VIEWS[asked.view], page.shows(arrived)
    for place, words in drawing.intro.items():
        set_props(ids.intro(asked.view, place), {EXPLANATION if place == "explanation" else "children": words})
    shown = view.panels if drawing.pending is None and not drawing.notice else drawing.panels
    for panel in shown:
        if panel not in there:
            parts = _parts(drawing.panels.get(panel), view.panels[panel], page.theme, page.profile, asked)
            for part, value in parts.items():
                place = _output(asked.view, panel, view.panels[panel], part)
                set_props(place.component_id, {place.component_property: value})
    if drawing.pending is not None:
        key, complete = drawing.pending.key(), [*drawing.complete]
        set_props(ids.AWAITING, {"data": {"key": key, "shown": complete}})
        set_props(ids.PENDING, {"data": task_to_dict(drawing.pending)})
    elif page.waits():
        set_props(ids.PENDING, {"data": None})  # what is being computed is not wanted any more
    return drawing.notice, _measure(asked, page, drawing.measured)


def _measure(asked: ViewState, page: Page, measured: Measured | None) -> Measured | None:
    """Tell what an exercise measures, where its strip is there already."""
    if measured is not None and asked.exercise and page.strip == strip_of(asked):
        set_props(ids.MEASURED, {"children": tell_measured(asked.exercise, measured)})
    return measured


def content(drawn: PanelContent | Gallery, theme: Theme, projector: bool = False) -> Any:  # noqa: ANN401  a figure or a component
    """What a panel holds: a figure, a table or small pictures."""
    if isinstance(drawn, Gallery):
        return gallery(drawn)
    return table(drawn.picture) if isinstance(drawn.picture, Table) else render(drawn.picture, theme, projector)


def note(drawn: PanelContent | Gallery, introduced: bool = False) -> Any:  # noqa: ANN401  text or components
    """The line under a heading; what can be done on the page is marked, as paper and captions leave it out."""
    if isinstance(drawn, Gallery):
        return drawn.note
    said = drawn.note if introduced else drawn.caption
    return [f"{said} ", html.Span(drawn.hint, className="hint")] if drawn.hint else said


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
        # in a narrow window a row becomes a card, and its cells need their headings
        label = {"data-label": picture.columns[index]} if kind is html.Td else {}
        return kind(typeset(words), className="number" if index in picture.numeric else "", **label, **more)

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
    """Wire the arrival of what was computed."""

    @app.callback(
        output=Output(ids.NOTICE, "children"),
        inputs={
            "arrived": Input(ids.ARRIVED, "data"),
            "request": State(ids.REQUEST, "data"),
            "page": Page.inputs(),
        },
        prevent_initial_call=True,
    )
    def _arrive(arrived: Any, request: Any, page: dict[str, Any]) -> Any:  # noqa: ANN401
        if request is None:
            return no_update
        try:
            asked = ViewState.from_dict(request)
        except LandscapeError as problem:
            return str(problem)
        return show(service, asked, Page(**page), arrived)[0]


def _output(view: str, panel: str, kind: str, part: str) -> Output:
    names = {"content": ids.panel, "title": ids.panel_title, "note": ids.panel_note, "sentence": ids.panel_sentence}
    return Output(names[part](view, panel), "figure" if (kind, part) == ("figure", "content") else "children")


def _looks(theme: object, profile: object) -> tuple[Theme, bool]:
    """What the page says of its colours, and of whether it is read from afar."""
    return "dark" if theme == "dark" else "light", profile == "projector"


def _parts(
    drawn: PanelContent | Gallery | None, kind: str, theme: object, profile: object, asked: ViewState
) -> dict[str, Any]:
    if kind == "live":
        return {part: getattr(drawn, part) if drawn else EMPTY[part] for part in LIVE}
    if drawn is None:
        return {**EMPTY, "content": NOTHING if kind == "figure" else None}
    shown = content(drawn, *_looks(theme, profile))
    if kind == "figure":
        # what it is drawn with: frontend/src/live/live.ts draws other mini-batches in its place
        spec = asked.spec
        sample = {"size": spec.batch_size, "seed": spec.batch_seed, "angle": spec.slope_angle}
        # and whose scales stay while it does
        study = {"study": unsampled(spec).key()} if VIEWS[asked.view].live else {}
        given = {"sample": sample, "tables": name_tables(drawn), **study}
        shown["layout"]["meta"] = {**shown["layout"].get("meta", {}), **given}
    return {
        "content": pack_grids(shown) if kind == "figure" else shown,
        "title": drawn.title,
        "note": note(drawn, VIEWS[asked.view].about is not None),
        "sentence": drawn.sentence,
    }
