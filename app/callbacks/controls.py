"""Callback of the controls and the link: it shows what `choice` makes of them, and asks for what is not at hand."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update, set_props

from app.callbacks.choice import ANGLES, SETTERS, SIZES, choose, count_boxes, read_typed
from app.callbacks.render import Page, show, strip_of
from app.jobs.service import Service
from app.page import ids
from app.page.paper_picker import picker
from app.page.rail.parts import DEFAULTS, FIELDS, LINK_DEFAULTS, TYPED, VIEW_DEFAULTS, options, write_units
from app.page.rail.rail import label_sizes, list_planes
from app.page.tour_strip import exercise_strip, tour_strip
from app.panels import text
from app.state import problems
from app.state.exercises import Measured
from app.state.view_state import ViewState
from app.views import VIEWS

MOST_MISSED = 20
"""Clicks of one button that are made up for; more were not made by hand."""

LABELS = {"batch": ids.BATCH_LABEL, "angle": ids.ANGLE_LABEL, "live": ids.LIVE_NOTE}
"""What stands beside a slider, or under it."""


DRAWS_HEADER = "X-Batchscape-Draws"
"""Of an answer that draws: what arrives later for an earlier choice is dropped by frontend/src/requests/order.ts."""

REDRAWN_BY = (ids.RETRY, ids.THEME, ids.PROFILE)
"""What has all that is shown drawn again, whatever is asked for."""


CORRECTED = [name for name in VIEW_DEFAULTS if name != ids.VIEW]
"""Not the view: what depends on it alone would wait for this callback."""

BUTTONS = [ids.DRAW_AGAIN, ids.RESET, ids.RETRY, *SIZES, *ANGLES]
PICKERS = [view.name for view in VIEWS.values() if view.picker]


def _outputs() -> dict[str, Any]:
    return {
        "request": Output(ids.REQUEST, "data"),
        "link": Output(ids.LINK, "data"),
        "figure": Output(ids.FIGURE, "data"),
        "heard": Output(ids.HEARD, "data"),
        "fields": {name: Output(name, "value") for name in FIELDS},
        "look": {name: Output(name, "value") for name in CORRECTED},
        "errors": {name: Output(name, "error") for name in TYPED},
        "message": Output(ids.MESSAGE, "children"),
        "labels": {name: Output(place, "children") for name, place in LABELS.items()},
        "sizes": {"most": Output(ids.BATCH_SIZE, "max"), **{name: Output(name, "children") for name in SIZES}},
        "tour": {"children": Output(ids.TOUR, "children"), "shown": Output(ids.TOUR_SHOWN, "data")},
        "pickers": {view: Output(ids.picker(view), "children") for view in PICKERS},
    }


def _inputs() -> dict[str, Any]:
    return {
        "fields": {name: Input(name, "value") for name in FIELDS},
        "look": {name: Input(name, "value") for name in VIEW_DEFAULTS},
        "address": Input(ids.ADDRESS, "data"),
        "clicks": {name: Input(name, "n_clicks") for name in BUTTONS},
        "heard": State(ids.HEARD, "data"),
        "figure": State(ids.FIGURE, "data"),
        "before": State(ids.REQUEST, "data"),
        "said": {"message": State(ids.MESSAGE, "children"), **{name: State(name, "error") for name in TYPED}},
        "labels": {name: State(place, "children") for name, place in LABELS.items()},
        "most": State(ids.BATCH_SIZE, "max"),
        "inert": State(ids.INERT, "data"),
        # colours and sizes are waited for when the page opens, so that it is drawn once
        "page": {**Page.inputs(), "theme": Input(ids.THEME, "data"), "profile": Input(ids.PROFILE, "data")},
    }


def register(app: Dash, service: Service) -> None:
    """Wire the controls."""

    @app.callback(output=_outputs(), inputs=_inputs())
    def _choose(
        fields: dict[str, Any],
        look: dict[str, Any],
        address: Any,  # noqa: ANN401
        clicks: dict[str, Any],
        heard: Any,  # noqa: ANN401
        figure: Any,  # noqa: ANN401
        before: Any,  # noqa: ANN401
        said: dict[str, Any],
        labels: dict[str, Any],
        most: Any,  # noqa: ANN401
        inert: Any,  # noqa: ANN401
        page: dict[str, Any],
    ) -> dict[str, Any]:
        boxes, look = look, count_boxes(read_typed(look), -1)
        picked = figure if isinstance(figure, dict) and set(figure) == set(LINK_DEFAULTS) else LINK_DEFAULTS
        query, count = (address.get(key) if isinstance(address, dict) else None for key in ("query", "count"))
        used = ids.ADDRESS if ids.ADDRESS in ctx.triggered_prop_ids.values() else ctx.triggered_id
        counts = {**clicks, ids.ADDRESS: count}
        others = {ids.THEME: page["theme"], ids.PROFILE: page["profile"]}
        missed = unheard(counts, {name: {**fields, **look}[name] for name in SETTERS} | others, heard, used)
        answer = choose(service, used, fields, {**look, **picked}, query, missed, before)
        asked: ViewState | None = answer["request"]
        request = no_update if asked is None else asked.to_dict()
        if asked is not None and unchanged(request, before):
            request = no_update
        measured: Measured | None = None
        if asked is not None and (request is not no_update or {used, *missed} & {*REDRAWN_BY}):
            notice, measured = show(service, asked, Page(**page))
            set_props(ids.NOTICE, {"children": notice})
            ctx.response.set_header(DRAWS_HEADER, "1")
        if answer["look"]["view"] != look["view"]:
            set_props(ids.VIEW, {"value": answer["look"]["view"]})
        if asked is not None:
            _tell_inert(asked, inert)
            if (planes := new_planes(asked, before)) is not None:
                set_props(ids.DOMAIN, {"data": planes})
            if asked.spec.problem not in problems.list_offered():
                set_props(ids.PROBLEM, {"data": options(problems.offer(asked.spec))})
        setters = {name: {**answer["fields"], **answer["look"]}[name] for name in SETTERS}
        batch_size, angle = answer["fields"]["batch_size"], answer["fields"]["slope_angle"]
        samples = problems.count_samples(answer["fields"]["problem"], answer["fields"]["dataset"]) or DEFAULTS.samples
        held = {**answer["fields"], ids.HIDDEN: _write_layers(answer["fields"][ids.HIDDEN])}
        label = {
            "batch": f"{batch_size} of {samples:,}",
            "angle": text.angle_phrase(angle) if isinstance(angle, int | float) else "",
            "live": text.NOT_LIVE if asked and VIEWS[asked.view].waits(asked.spec) else "",
        }
        corrected = count_boxes(answer["look"], 1)
        # each output that changes goes through the whole page in the browser, while the surfaces wait to be painted
        return {
            "request": request,
            "link": no_update
            if answer["link"] is None
            else {"query": answer["link"], "cited": answer["cited"], "left_out": answer["left_out"], "count": count},
            "figure": _changed({name: answer["look"][name] for name in LINK_DEFAULTS}, figure),
            "heard": _changed({**counts, **setters, **others}, heard),
            "fields": {name: _changed(value, fields[name]) for name, value in held.items()},
            "look": {name: _changed(corrected[name], boxes[name]) for name in CORRECTED},
            "errors": {name: _changed(answer["errors"].get(name, ""), said[name] or "") for name in TYPED},
            "message": _changed(answer["message"], said["message"] or ""),
            "labels": {name: _changed(words, labels[name]) for name, words in label.items()},
            "sizes": {name: no_update if samples == most else value for name, value in _sizes(samples).items()},
            "tour": _tour(asked, page["strip"], measured),
            "pickers": {view: picker(asked) if asked and asked.view == view else no_update for view in PICKERS},
        }


def new_planes(asked: ViewState, before: object) -> list[dict[str, str | bool]] | None:
    """The kinds of plane that can be chosen; None where they are those of the request that was heard last."""
    spec = before.get("spec") if isinstance(before, dict) else None
    known = spec.get("start_point", DEFAULTS.start_point) if isinstance(spec, dict) else DEFAULTS.start_point
    planes = list_planes(asked.spec.start_point)
    return None if planes == list_planes(known) else planes


def _sizes(samples: int) -> dict[str, Any]:
    """The largest size of a mini-batch, and what stands on the buttons of sizes."""
    return {"most": samples, **label_sizes(samples)}


def _write_layers(held: Any) -> Any:  # noqa: ANN401  units, or what was typed
    return write_units(held) if isinstance(held, tuple) else held


def _tell_inert(asked: ViewState, told: object) -> None:
    """Tell what changes nothing in a view, as it is looked at; as an output, it would have the view wait for the answer."""
    if (now := {"view": asked.view, "fields": VIEWS[asked.view].idle(asked)}) != told:
        set_props(ids.INERT, {"data": now})


def _tour(asked: ViewState | None, shown: object, measured: Measured | None) -> dict[str, Any]:
    """The scene of the tour, or the exercise; one that is shown stays as it is, revealed or not."""
    if asked is None or strip_of(asked) == shown:
        return {"children": no_update, "shown": no_update}
    strip = exercise_strip(asked.exercise, measured) if asked.exercise else tour_strip(asked)
    return {"children": strip, "shown": strip_of(asked)}


def unheard(counts: Mapping[str, object], values: Mapping[str, object], heard: object, used: object) -> list[str]:
    """What was used that no answer has heard of, but for what asks now; a button as often as it was pressed.

    Args:
        counts: How often each button was pressed, and a link was followed.
        values: Of the controls that change others.
        heard: Both, when an answer was heard last; None if there was none yet.
        used: What asks now; None when the page is opened.
    """
    known = heard if isinstance(heard, Mapping) else {}

    def count(held: Mapping[str, object], name: str) -> int:
        found = held.get(name)
        return found if isinstance(found, int) else 0

    times = {name: count(counts, name) - count(known, name) - (name == (used or ids.ADDRESS)) for name in counts}
    missed = [name for name, number in times.items() for _ in range(min(number, MOST_MISSED))]
    return missed + [name for name, value in values.items() if name in known and value != known[name] and name != used]


def unchanged(request: dict[str, Any], before: object) -> bool:
    """Whether nothing has to be drawn: of a race the browser has all steps."""
    return isinstance(before, dict) and request == {**before, ids.RACE_AT_STEP: request[ids.RACE_AT_STEP]}


def _changed(value: Any, before: Any) -> Any:  # noqa: ANN401  a control's value
    value = list(value) if isinstance(value, tuple) else value
    return no_update if value == before else value
