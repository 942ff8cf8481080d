"""From the controls and the link to a request: validate, correct, explain."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update, set_props

from app import ids, links, text
from app.controls import BATCH_PRESETS, DEFAULTS, FIELDS, LOOK, TYPED
from app.service import Service
from app.state import Request, spec_from
from app.views import VIEWS
from landscape_core import LandscapeError, SpecError
from landscape_core.directions import DOMAINS
from landscape_core.spec import SAFE_INTEGER

LEAST_DRAWS = 2

NOT_A_FIGURE = {"figure": 1, "panel": "a"}
"""The figure that is shown before one is picked."""


def choose(
    service: Service, trigger: object, fields: dict[str, Any], look: dict[str, Any], query: object = ""
) -> dict[str, Any]:
    """What follows from what the controls hold and which of them was used last.

    Args:
        service: Checks that a study is not too large.
        trigger: Id of what was used; None when the page is opened.
        fields: Values of the controls named in `FIELDS`.
        look: Values of the controls named in `LOOK`, and which figure and panel was picked.
        query: The link's query; it matters only when it is what was used.

    Returns:
        request (or None if something is not allowed), fields and look as corrected, errors by field, message.
    """
    fields, look = dict(fields), {**NOT_A_FIGURE, **look}
    answer: dict[str, Any] = {"request": None, "fields": fields, "look": look, "errors": {}, "message": ""}
    if trigger in (None, ids.ADDRESS):
        answer["message"] = _follow(query, fields, look)
    elif trigger == ids.RESET:
        fields.update({name: getattr(DEFAULTS, name) for name in FIELDS})
        look.update({name: value for name, value in LOOK.items() if name != ids.VIEW})
    elif trigger == ids.DOMAIN and fields["domain"] in DOMAINS:
        fields["range"] = DOMAINS[fields["domain"]].half_width
    elif trigger == ids.DRAW_AGAIN and isinstance(fields["batch_seed"], int):
        fields["batch_seed"] = (fields["batch_seed"] + 1) % (SAFE_INTEGER + 1)
        look["source"] = "batch"
    else:
        presets = {ids.BATCH_PRESET.format(size): size for size in BATCH_PRESETS}
        fields["batch_size"] = presets.get(str(trigger), fields["batch_size"])
    try:
        request = Request(spec_from({**fields, "dtype": service.dtype}), **look)
        if not VIEWS[request.view].sampled:
            request = Request(request.spec.replace(draws=0), **look)
        elif request.spec.draws < LEAST_DRAWS:
            allowed = f"a whole number from {LEAST_DRAWS} up: one draw has no SD"
            raise SpecError("draws", request.spec.draws, allowed)
        for spec in VIEWS[request.view].needs(request):
            service.check(spec)
    except SpecError as problem:
        answer["errors"] = {problem.field: f"allowed: {problem.allowed}"}
        answer["message"] = answer["message"] or ("" if problem.field in TYPED else str(problem))
    except LandscapeError as problem:
        answer["message"] = f"Too large: {problem}"
    else:
        answer["request"] = request.to_dict()
    return answer


def _follow(query: object, fields: dict[str, Any], look: dict[str, Any]) -> str:
    """Do to the controls what a link asks for; return what is wrong with it, or nothing."""
    try:
        link = links.parse(query)
    except SpecError as problem:
        return f"The link is not followed. {problem}"
    if link:
        look.update(link["look"])
        if "figure" in link["look"]:
            study = spec_from({**DEFAULTS.model_dump(), "range": None, **link["study"]})
            fields.update({name: getattr(study, name) for name in FIELDS})
    return ""


def register(app: Dash, service: Service) -> None:
    """Wire the controls."""
    buttons = [ids.DRAW_AGAIN, ids.RESET, ids.RETRY, *(ids.BATCH_PRESET.format(size) for size in BATCH_PRESETS)]
    # not the view: what depends on it alone would wait for this callback
    corrected = [name for name in LOOK if name != ids.VIEW]

    @app.callback(
        output={
            "request": Output(ids.REQUEST, "data"),
            "figure": Output(ids.FIGURE, "data"),
            "fields": {name: Output(name, "value") for name in FIELDS},
            "look": {name: Output(name, "value") for name in corrected},
            "errors": {name: Output(name, "error") for name in TYPED},
            "message": Output(ids.MESSAGE, "children"),
            "labels": {"batch": Output(ids.BATCH_LABEL, "children"), "angle": Output(ids.ANGLE_LABEL, "children")},
        },
        inputs={
            "fields": {name: Input(name, "value") for name in FIELDS},
            "look": {name: Input(name, "value") for name in LOOK},
            "query": Input(ids.ADDRESS, "search"),
            "clicks": [Input(name, "n_clicks") for name in buttons],
            "figure": State(ids.FIGURE, "data"),
            "before": State(ids.REQUEST, "data"),
        },
    )
    def _choose(
        fields: dict[str, Any],
        look: dict[str, Any],
        query: Any,  # noqa: ANN401
        clicks: list[int],
        figure: Any,  # noqa: ANN401
        before: Any,  # noqa: ANN401
    ) -> dict[str, Any]:
        picked = figure if isinstance(figure, dict) and set(figure) == set(NOT_A_FIGURE) else NOT_A_FIGURE
        answer = choose(service, ctx.triggered_id, fields, {**look, **picked}, query)
        request = answer["request"]
        if answer["look"]["view"] != look["view"]:
            set_props(ids.VIEW, {"value": answer["look"]["view"]})
        batch_size, angle = answer["fields"]["batch_size"], answer["fields"]["slope_angle"]
        return {
            "request": no_update
            if request is None or (request == before and ctx.triggered_id != ids.RETRY)
            else request,
            "figure": _changed({name: answer["look"][name] for name in NOT_A_FIGURE}, figure),
            "fields": {name: _changed(value, fields[name]) for name, value in answer["fields"].items()},
            "look": {name: _changed(answer["look"][name], look[name]) for name in corrected},
            "errors": {name: answer["errors"].get(name, "") for name in TYPED},
            "message": answer["message"],
            "labels": {
                "batch": f"{batch_size} of {DEFAULTS.samples}",
                "angle": text.angle_phrase(angle) if isinstance(angle, int | float) else "",
            },
        }


def _changed(value: Any, before: Any) -> Any:  # noqa: ANN401  a control's value
    return no_update if value == before else value
