"""From the controls and the link to a request: validate, correct, explain."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update, set_props

from app import ids, links, text
from app.callbacks.draw import glimpse
from app.controls import BATCH_PRESETS, DEFAULTS, FIELDS, LOOK, PICKED, TYPED, hidden
from app.service import Service
from app.state import CHOICES, Request, spec_from
from app.views import VIEWS
from landscape_core import LandscapeError, SpecError
from landscape_core.directions import DOMAINS
from landscape_core.geometry import LINES
from landscape_core.spec import SAFE_INTEGER

LEAST_DRAWS = 2
MOST_MISSED = 20
"""Clicks of one button that are made up for; more were not made by hand."""

SIZES = {ids.BATCH_PRESET.format(size): size for size in BATCH_PRESETS}
ANGLES = {ids.LINE_PRESET.format(line.name): line.angle for line in LINES}
"""Buttons that set a value."""

LABELS = {"batch": ids.BATCH_LABEL, "angle": ids.ANGLE_LABEL}
"""What stands beside a slider."""


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
        look: Values of the controls named in `LOOK`, and which figure and panel was picked.
        query: The link's query; it matters only when it is what was used.
        missed: What was used before that, and whose answers came too late to be heard; see `unheard`.
        before: The request that was heard last.

    Returns:
        request and link (None if something is not allowed), fields and look as corrected, errors by field, message.
    """
    fields, look = _numbers(fields), {**PICKED, **_numbers(look)}
    answer: dict[str, Any] = {
        "request": None,
        "link": None,
        "fields": fields,
        "look": look,
        "errors": {},
        "message": "",
    }
    try:
        told = _make_up(missed, trigger, fields, look, query, before)
        answer["message"] = _use(trigger, fields, look, query) or told
        whole = _request(service, fields, look)
        request = whole
        if not VIEWS[whole.view].sampled:
            request = Request(whole.spec.replace(draws=0), **look)
        elif request.spec.draws < LEAST_DRAWS:
            allowed = f"a whole number from {LEAST_DRAWS} up: one draw has no SD"
            raise SpecError("draws", request.spec.draws, allowed)
        for task in VIEWS[request.view].needs(request):
            service.check(task)
    except SpecError as problem:
        answer["errors"] = {problem.field: f"allowed: {problem.allowed}"}
        answer["message"] = answer["message"] or ("" if problem.field in TYPED else str(problem))
    except LandscapeError as problem:
        answer["message"] = f"Too large: {problem}"
    else:
        answer["request"] = request.to_dict()
        # the address keeps a link that was not followed, so that it can be mended
        answer["link"] = None if answer["message"] else _link(whole)
    return answer


def _link(request: Request) -> str:
    """The link of all that the controls hold; where that is too long, of those that are seen."""
    link = links.write(request)
    if len(link) <= links.ROOM:
        return link
    origin, unseen = links.start(request), hidden(request.view)
    fields = {name: getattr(origin.spec, name) for name in FIELDS if name in unseen}
    looks = {name: getattr(origin, name) for name in LOOK if name in unseen}
    return links.write(replace(request, spec=request.spec.replace(**fields), **looks))


def _numbers(held: dict[str, Any]) -> dict[str, Any]:
    """What controls hold; a number that was typed with zeros at its ends, or with many digits, comes as text."""
    typed = {name: held[name] for name in TYPED if isinstance(held.get(name), str)}
    return {**held, **{name: links.value(name, text) for name, text in typed.items()}}


def _make_up(
    missed: Sequence[str], trigger: object, fields: dict[str, Any], look: dict[str, Any], query: object, before: object
) -> str:
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
    return next(filter(None, told), "")


def _use(trigger: object, fields: dict[str, Any], look: dict[str, Any], query: object) -> str:
    """Do to the controls what was used last; return what is wrong with a link, or nothing."""
    name = str(trigger)
    if trigger in (None, ids.ADDRESS):
        try:
            _hold(links.parse(query), fields, look)
        except SpecError as problem:
            return f"The link is not followed. {problem}"
    elif name == ids.RESET and look["view"] in CHOICES["view"]:
        place = {name: look[name] for name in ("figure", "scene")}
        start = links.start(Request(spec_from({"domain": fields["domain"]}), look["view"], **place))
        _hold(start, fields, look, but=tuple(PICKED))
    elif name == ids.DOMAIN and str(fields["domain"]) in DOMAINS:
        fields["range"] = DOMAINS[str(fields["domain"])].half_width
    elif name == ids.RACE:
        look["race_step"] = 0
    elif name == ids.DRAW_AGAIN and isinstance(fields["batch_seed"], int):
        fields["batch_seed"] = (fields["batch_seed"] + 1) % (SAFE_INTEGER + 1)
        look["source"] = "batch"
    elif name in SIZES:
        fields["batch_size"] = SIZES[name]
    elif name in ANGLES:
        look.update(angle=ANGLES[name], through_d1=0.0, through_d2=0.0)
    return ""


def _hold(request: Request, fields: dict[str, Any], look: dict[str, Any], but: tuple[str, ...] = ()) -> None:
    """Set the controls to what a request says."""
    fields.update({name: getattr(request.spec, name) for name in FIELDS})
    look.update({name: getattr(request, name) for name in look if name not in but})


def _request(service: Service, fields: dict[str, Any], look: dict[str, Any]) -> Request:
    """The request of the controls; one that is not seen in this view and holds what is not allowed is set back."""
    unseen = hidden(look["view"])
    while True:
        try:
            return Request(spec_from({**fields, "dtype": service.dtype}), **look)
        except SpecError as problem:
            if problem.field not in unseen:
                raise
            unseen = unseen - {problem.field}
            held, default = (fields, getattr(DEFAULTS, problem.field)) if problem.field in fields else (look, None)
            held[problem.field] = LOOK[problem.field] if default is None else default


def register(app: Dash, service: Service) -> None:
    """Wire the controls."""
    buttons = [ids.DRAW_AGAIN, ids.RESET, ids.RETRY, *SIZES, *ANGLES]
    # not the view: what depends on it alone would wait for this callback
    corrected = [name for name in LOOK if name != ids.VIEW]

    @app.callback(
        output={
            "request": Output(ids.REQUEST, "data"),
            "link": Output(ids.LINK, "data"),
            "figure": Output(ids.FIGURE, "data"),
            "heard": Output(ids.HEARD, "data"),
            "fields": {name: Output(name, "value") for name in FIELDS},
            "look": {name: Output(name, "value") for name in corrected},
            "errors": {name: Output(name, "error") for name in TYPED},
            "message": Output(ids.MESSAGE, "children"),
            "labels": {name: Output(place, "children") for name, place in LABELS.items()},
        },
        inputs={
            "fields": {name: Input(name, "value") for name in FIELDS},
            "look": {name: Input(name, "value") for name in LOOK},
            "address": Input(ids.ADDRESS, "data"),
            "clicks": {name: Input(name, "n_clicks") for name in buttons},
            "heard": State(ids.HEARD, "data"),
            "figure": State(ids.FIGURE, "data"),
            "before": State(ids.REQUEST, "data"),
            "said": {"message": State(ids.MESSAGE, "children"), **{name: State(name, "error") for name in TYPED}},
            "labels": {name: State(place, "children") for name, place in LABELS.items()},
            "theme": State(ids.THEME, "data"),
            "profile": State(ids.PROFILE, "data"),
        },
    )
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
        theme: Any,  # noqa: ANN401
        profile: Any,  # noqa: ANN401
    ) -> dict[str, Any]:
        picked = figure if isinstance(figure, dict) and set(figure) == set(PICKED) else PICKED
        query, count = (address.get(key) if isinstance(address, dict) else None for key in ("query", "count"))
        used = ids.ADDRESS if ids.ADDRESS in ctx.triggered_prop_ids.values() else ctx.triggered_id
        counts = {**clicks, ids.ADDRESS: count}
        missed = unheard(counts, {ids.DOMAIN: fields[ids.DOMAIN], ids.RACE: look[ids.RACE]}, heard, used)
        answer = choose(service, used, fields, {**look, **picked}, query, missed, before)
        request = answer["request"]
        if request is not None and unchanged(request, before) and ids.RETRY not in (used, *missed):
            request = None
        if request is not None and before is not None:  # the first time, theme and profile are not known yet
            glimpse(service, Request.from_dict(request), theme, profile)
        if answer["look"]["view"] != look["view"]:
            set_props(ids.VIEW, {"value": answer["look"]["view"]})
        held = {**answer["fields"], **answer["look"]}  # the browser's keys start from there
        batch_size, angle = answer["fields"]["batch_size"], answer["fields"]["slope_angle"]
        label = {
            "batch": f"{batch_size} of {DEFAULTS.samples}",
            "angle": text.angle_phrase(angle) if isinstance(angle, int | float) else "",
        }
        # each output that changes goes through the whole page in the browser, while the surfaces wait to be painted
        return {
            "request": no_update if request is None else request,
            "link": no_update if answer["link"] is None else {"query": answer["link"], "count": count, "held": held},
            "figure": _changed({name: answer["look"][name] for name in PICKED}, figure),
            "heard": _changed({**counts, ids.DOMAIN: held[ids.DOMAIN], ids.RACE: held[ids.RACE]}, heard),
            "fields": {name: _changed(value, fields[name]) for name, value in answer["fields"].items()},
            "look": {name: _changed(answer["look"][name], look[name]) for name in corrected},
            "errors": {name: _changed(answer["errors"].get(name, ""), said[name] or "") for name in TYPED},
            "message": _changed(answer["message"], said["message"] or ""),
            "labels": {name: _changed(words, labels[name]) for name, words in label.items()},
        }


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
