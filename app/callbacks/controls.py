"""Callback of the controls and the link: validate them, correct them, explain errors, and show what is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update, set_props

from app.callbacks.render import Page, show, strip_of
from app.jobs import cost
from app.jobs.service import Service
from app.page import ids
from app.page.controls import (
    BATCH_PRESETS,
    DEFAULTS,
    FIELDS,
    FROM_ONE,
    LINK_DEFAULTS,
    NUMBER_BOXES,
    VIEW_DEFAULTS,
    list_hidden_fields,
)
from app.page.paper_picker import picker
from app.page.tour_strip import exercise_strip, tour_strip
from app.panels import text
from app.state import permalink
from app.state.exercises import Measured
from app.state.permalink import Refusal
from app.state.view_state import CHOICES, LIMITS, ViewState, parse_spec
from app.views import VIEWS
from landscape_core import BudgetError, LandscapeError, SpecError
from landscape_core.geometry.directions import DOMAINS
from landscape_core.geometry.grid import LINES
from landscape_core.statistics.moments import LEAST_DRAWS
from landscape_core.study.spec import SAFE_INTEGER

MOST_MISSED = 20
"""Clicks of one button that are made up for; more were not made by hand."""

SIZES = {ids.BATCH_PRESET.format(size): size for size in BATCH_PRESETS}
ANGLES = {ids.LINE_PRESET.format(line.name): line.angle for line in LINES}
"""Buttons that set a value."""

LEAST = {"resolution": 2, "line_points": 3, "draws": LEAST_DRAWS, "batch_size": 1, "seeds": 1, "budget": 1}
"""Lowest values of what makes a study smaller."""

OF_BATCHES = (ids.BATCH_SIZE, ids.SAMPLING, ids.BATCH_SEED)
"""Controls of mini-batches: who uses one wants to see some."""

SETTERS = (ids.DOMAIN, ids.RACE, *OF_BATCHES)
"""Controls that change others."""

LABELS = {"batch": ids.BATCH_LABEL, "angle": ids.ANGLE_LABEL, "live": ids.LIVE_NOTE}
"""What stands beside a slider, or under it."""


def choose(
    service: Service,
    trigger: object,
    fields: dict[str, Any],
    look: dict[str, Any],
    query: object = "",
    missed: Sequence[str] = (),
    before: object = None,
) -> dict[str, Any]:
    """What follows from what the controls hold and which of them was used last.

    Args:
        service: Checks that a study is not too large.
        trigger: Id of what was used; None when the page is opened.
        fields: Values of the controls named in `FIELDS`.
        look: Values of the controls named in `VIEW_DEFAULTS`, and which figure and panel was picked.
        query: The link's query; it matters only when it is what was used.
        missed: What was used before that, and whose answers came too late to be heard; see `unheard`.
        before: The request that was heard last.

    Returns:
        request, a ViewState, and link (None if something is not allowed), fields and look as corrected, errors by
        field, message, and what of a link was left out.
    """
    fields, look = _numbers(fields), {**LINK_DEFAULTS, **_numbers(look)}
    answer: dict[str, Any] = {
        "request": None,
        "link": None,
        "cited": "",
        "fields": fields,
        "look": look,
        "errors": {},
        "message": "",
        "left_out": (),
    }
    try:
        told = _make_up(missed, trigger, fields, look, query, before)
        told = _use(trigger, fields, look, query) or told
        answer |= {"message": told.message, "left_out": told.names} if told else {}
        whole, request = _check(service, fields, look)
    except BudgetError as problem:
        field, most = _find_allowed(service, trigger, fields, look)
        answer["message"] = f"Too large: {cost.explain(problem, field, most)}"
        answer["errors"] = {field: f"Allowed: at most about {most:,}"} if field in NUMBER_BOXES else {}
    except SpecError as problem:
        answer["errors"] = {problem.field: f"Allowed: {_describe_allowed(problem)}"}
        answer["message"] = answer["message"] or ("" if problem.field in NUMBER_BOXES else str(problem))
    except LandscapeError as problem:
        answer["message"] = f"Too large: {problem}"
    else:
        answer["request"] = request
        # the address keeps a link of which nothing is used, so that it can be mended
        answer["link"] = _link(whole) if told is None or told.names else None
        answer["cited"] = _link(whole, permalink.STATED)
    return answer


def _describe_allowed(problem: SpecError) -> str:
    """What a box may hold."""
    if problem.field in FROM_ONE:
        low, high = LIMITS[problem.field]
        return f"a whole number from {low + 1} to {high + 1}"
    return problem.allowed


def _check(service: Service, fields: dict[str, Any], look: dict[str, Any]) -> tuple[ViewState, ViewState]:
    """All that the controls hold, and what is looked at of that.

    Raises:
        LandscapeError: It is not allowed, or too large.
    """
    whole = _request(service, fields, look)
    view = VIEWS[whole.view]
    request = ViewState(view.study(whole.spec), **look)
    if view.sampled and request.spec.draws < LEAST_DRAWS:
        allowed = f"a whole number from {LEAST_DRAWS} up: one draw has no SD"
        raise SpecError("draws", request.spec.draws, allowed)
    for task in view.tasks(request):
        service.check(task)
    return whole, request


def _find_allowed(service: Service, trigger: object, fields: dict[str, Any], look: dict[str, Any]) -> tuple[str, int]:
    """The field that makes a study too large, and its largest value that does not; the one used last comes first."""
    for name in sorted(cost.USE, key=lambda one: one != trigger):
        held = fields if name in fields else look

        def fits(value: int, name: str = name, held: dict[str, Any] = held) -> bool:
            changed = {**held, name: max(value, LEAST[name])}
            try:
                _check(service, *((changed, look) if held is fields else (fields, changed)))
            except LandscapeError:
                return False
            return True

        most = cost.find_largest(fits, held[name]) if isinstance(held[name], int) else None
        if most is not None and most >= LEAST[name]:
            return name, most
    return "", 0


def _link(request: ViewState, stated: tuple[str, ...] = ()) -> str:
    """The link of all that the controls hold; where that is too long, of those that are seen."""
    link = permalink.write(request, stated)
    if len(link) <= permalink.LONGEST_WRITTEN:
        return link
    origin, unseen = permalink.find_start(request), list_hidden_fields(request.view)
    fields = {name: getattr(origin.spec, name) for name in FIELDS if name in unseen}
    looks = {name: getattr(origin, name) for name in VIEW_DEFAULTS if name in unseen}
    return permalink.write(request.replace(spec=request.spec.replace(**fields), **looks), stated)


def _numbers(held: dict[str, Any]) -> dict[str, Any]:
    """What controls hold; a number that was typed with zeros at its ends, or with many digits, comes as text."""
    typed = {name: held[name] for name in NUMBER_BOXES if isinstance(held.get(name), str)}
    return {**held, **{name: permalink.parse_value(name, text) for name, text in typed.items()}}


def _count(look: dict[str, Any], by: int) -> dict[str, Any]:
    """Count from 1 as boxes do, or from 0 as links do."""
    counted = {name: look[name] + by for name in FROM_ONE if isinstance(look.get(name), int | float)}
    return {**look, **counted}


def _make_up(
    missed: Sequence[str], trigger: object, fields: dict[str, Any], look: dict[str, Any], query: object, before: object
) -> Refusal | None:
    """Do what was missed, but to no control that was used since an answer was heard; return what is wrong with it."""
    heard = {**before["spec"], **before} if isinstance(before, dict) and isinstance(before.get("spec"), dict) else {}
    own = [
        (held, name, value)
        for held in (fields, look)
        for name, value in held.items()
        if name == trigger or value != heard.get(name, value)
    ]
    told = [_use(name, fields, look, query) for name in missed]
    for held, name, value in own:
        held[name] = value
    return next(filter(None, told), None)


def _use(trigger: object, fields: dict[str, Any], look: dict[str, Any], query: object) -> Refusal | None:
    """Do to the controls what was used last; return what is wrong with a link, or nothing."""
    name = str(trigger)
    if trigger in (None, ids.ADDRESS):
        state, refusal = permalink.follow(query)
        if state is not None:
            _hold(state, fields, look)
        return refusal
    if name == ids.RESET and look["view"] in CHOICES["view"]:
        place = {name: look[name] for name in ("figure", "scene", "exercise")}
        start = permalink.find_start(ViewState(parse_spec({"domain": fields["domain"]}), look["view"], **place))
        _hold(start, fields, look, but=tuple(LINK_DEFAULTS))
    elif name == ids.DOMAIN and str(fields["domain"]) in DOMAINS:
        fields["range"] = DOMAINS[str(fields["domain"])].half_width
    elif name == ids.RACE:
        look["race_step"] = 0
    elif name == ids.DRAW_AGAIN and isinstance(fields["batch_seed"], int):
        fields["batch_seed"] = (fields["batch_seed"] + 1) % (SAFE_INTEGER + 1)
        look["source"] = "batch"
    elif name in SIZES:
        fields["batch_size"] = SIZES[name]
        look["source"] = "batch"
    elif name in OF_BATCHES:
        look["source"] = "batch"
    elif name in ANGLES:
        look.update(angle=ANGLES[name], through_d1=0.0, through_d2=0.0)
    return None


def _hold(request: ViewState, fields: dict[str, Any], look: dict[str, Any], but: tuple[str, ...] = ()) -> None:
    """Set the controls to what a request says."""
    fields.update({name: getattr(request.spec, name) for name in FIELDS})
    look.update({name: getattr(request, name) for name in look if name not in but})


def _request(service: Service, fields: dict[str, Any], look: dict[str, Any]) -> ViewState:
    """The request of the controls; one that is not seen in this view and holds what is not allowed is set back."""
    unseen = list_hidden_fields(look["view"], look)
    while True:
        try:
            return ViewState(parse_spec({**fields, "dtype": service.dtype}), **look)
        except SpecError as problem:
            if problem.field not in unseen:
                raise
            unseen = unseen - {problem.field}
            held, default = (fields, getattr(DEFAULTS, problem.field)) if problem.field in fields else (look, None)
            held[problem.field] = VIEW_DEFAULTS[problem.field] if default is None else default


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
        "errors": {name: Output(name, "error") for name in NUMBER_BOXES},
        "message": Output(ids.MESSAGE, "children"),
        "labels": {name: Output(place, "children") for name, place in LABELS.items()},
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
        "said": {"message": State(ids.MESSAGE, "children"), **{name: State(name, "error") for name in NUMBER_BOXES}},
        "labels": {name: State(place, "children") for name, place in LABELS.items()},
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
        inert: Any,  # noqa: ANN401
        page: dict[str, Any],
    ) -> dict[str, Any]:
        boxes, look = look, _count(_numbers(look), -1)
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
        setters = {name: {**answer["fields"], **answer["look"]}[name] for name in SETTERS}
        batch_size, angle = answer["fields"]["batch_size"], answer["fields"]["slope_angle"]
        label = {
            "batch": f"{batch_size} of {DEFAULTS.samples}",
            "angle": text.angle_phrase(angle) if isinstance(angle, int | float) else "",
            "live": text.NOT_LIVE if asked and VIEWS[asked.view].waits(asked.spec) else "",
        }
        corrected = _count(answer["look"], 1)
        # each output that changes goes through the whole page in the browser, while the surfaces wait to be painted
        return {
            "request": request,
            "link": no_update
            if answer["link"] is None
            else {"query": answer["link"], "cited": answer["cited"], "left_out": answer["left_out"], "count": count},
            "figure": _changed({name: answer["look"][name] for name in LINK_DEFAULTS}, figure),
            "heard": _changed({**counts, **setters, **others}, heard),
            "fields": {name: _changed(value, fields[name]) for name, value in answer["fields"].items()},
            "look": {name: _changed(corrected[name], boxes[name]) for name in CORRECTED},
            "errors": {name: _changed(answer["errors"].get(name, ""), said[name] or "") for name in NUMBER_BOXES},
            "message": _changed(answer["message"], said["message"] or ""),
            "labels": {name: _changed(words, labels[name]) for name, words in label.items()},
            "tour": _tour(asked, page["strip"], measured),
            "pickers": {view: picker(asked) if asked and asked.view == view else no_update for view in PICKERS},
        }


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
