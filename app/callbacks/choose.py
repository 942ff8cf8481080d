"""From the controls to a request: validate, correct, explain."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, State, ctx, no_update

from app import ids, text
from app.controls import BATCH_PRESETS, DEFAULTS, FIELDS, LOOK, TYPED
from app.service import Service
from app.state import Request, spec_from
from app.views import VIEWS
from landscape_core import LandscapeError, SpecError
from landscape_core.directions import DOMAINS
from landscape_core.spec import SAFE_INTEGER

LEAST_DRAWS = 2


def choose(service: Service, trigger: object, fields: dict[str, Any], look: dict[str, Any]) -> dict[str, Any]:
    """What follows from what the controls hold and which of them was used last.

    Args:
        service: Checks that a study is not too large.
        trigger: Id of what was used.
        fields: Values of the controls named in `FIELDS`.
        look: Values of the controls view, source and moments.

    Returns:
        request (or None if something is not allowed), fields and look as corrected, errors by field, message.
    """
    fields, look = dict(fields), dict(look)
    if trigger == ids.RESET:
        fields, look = {name: getattr(DEFAULTS, name) for name in FIELDS}, {**LOOK, "view": look["view"]}
    elif trigger == ids.DOMAIN and fields["domain"] in DOMAINS:
        fields["range"] = DOMAINS[fields["domain"]].half_width
    elif trigger == ids.DRAW_AGAIN and isinstance(fields["batch_seed"], int):
        fields["batch_seed"] = (fields["batch_seed"] + 1) % (SAFE_INTEGER + 1)
        look["source"] = "batch"
    for size in BATCH_PRESETS:
        if trigger == ids.BATCH_PRESET.format(size):
            fields["batch_size"] = size
    answer: dict[str, Any] = {"request": None, "fields": fields, "look": look, "errors": {}, "message": ""}
    try:
        spec = spec_from({**fields, "dtype": service.dtype})
        request = Request(spec, **look)
        if not VIEWS[request.view].sampled:
            request = Request(spec.replace(draws=0), **look)
        elif spec.draws < LEAST_DRAWS:
            raise SpecError("draws", spec.draws, f"a whole number from {LEAST_DRAWS} up: one draw has no SD")
        service.check(request.spec)
    except SpecError as problem:
        answer["errors"] = {problem.field: f"allowed: {problem.allowed}"}
        answer["message"] = "" if problem.field in TYPED else str(problem)
    except LandscapeError as problem:
        answer["message"] = f"Too large: {problem}"
    else:
        answer["request"] = request.to_dict()
    return answer


def register(app: Dash, service: Service) -> None:
    """Wire the controls."""
    buttons = [ids.DRAW_AGAIN, ids.RESET, ids.RETRY, *(ids.BATCH_PRESET.format(size) for size in BATCH_PRESETS)]

    @app.callback(
        output={
            "request": Output(ids.REQUEST, "data"),
            "fields": {name: Output(name, "value") for name in FIELDS},
            # not the view: what depends on it alone would wait for this callback
            "look": {name: Output(name, "value") for name in LOOK if name != ids.VIEW},
            "errors": {name: Output(name, "error") for name in TYPED},
            "message": Output(ids.MESSAGE, "children"),
            "labels": {"batch": Output(ids.BATCH_LABEL, "children"), "angle": Output(ids.ANGLE_LABEL, "children")},
        },
        inputs={
            "fields": {name: Input(name, "value") for name in FIELDS},
            "look": {name: Input(name, "value") for name in LOOK},
            "clicks": [Input(name, "n_clicks") for name in buttons],
            "before": State(ids.REQUEST, "data"),
        },
    )
    def _choose(fields: dict[str, Any], look: dict[str, Any], clicks: list[int], before: Any) -> dict[str, Any]:  # noqa: ANN401
        answer = choose(service, ctx.triggered_id, fields, look)
        request = answer["request"]
        batch_size, angle = answer["fields"]["batch_size"], answer["fields"]["slope_angle"]
        return {
            "request": no_update
            if request is None or (request == before and ctx.triggered_id != ids.RETRY)
            else request,
            "fields": {name: _changed(value, fields[name]) for name, value in answer["fields"].items()},
            "look": {name: _changed(value, look[name]) for name, value in answer["look"].items() if name != ids.VIEW},
            "errors": {name: answer["errors"].get(name, "") for name in TYPED},
            "message": answer["message"],
            "labels": {
                "batch": f"{batch_size} of {DEFAULTS.samples}",
                "angle": text.angle_phrase(angle) if isinstance(angle, int | float) else "",
            },
        }


def _changed(value: Any, before: Any) -> Any:  # noqa: ANN401  a control's value
    return no_update if value == before else value
