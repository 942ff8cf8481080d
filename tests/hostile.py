"""Bodies of callbacks: those that a page sends, and what an attacker makes of them. Everything here is deterministic."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from typing import Any

import smoke
from dash import Dash
from dash._utils import split_callback_id
from werkzeug.test import TestResponse

from app.jobs.tasks import task_to_dict
from app.page import ids
from app.page.rail.parts import FIELDS, LINK_DEFAULTS, VIEW_DEFAULTS
from app.state.view_state import ViewState
from landscape_core import StudySpec

Body = dict[str, Any]

SMALL = StudySpec(resolution=5, line_points=9, draws=4)

WRONG: list[Any] = [
    None, True, 0, -1, 1.5, 1e308, 10**20, "", "x", "\u2028\n", [], {}, [[]], [None], [{}], {"id": []}, {"": {"": ""}},
    [["a", 1]], {"kind": "study", "fields": {"seed": {}}}, {"points": [{"x": [], "y": {}}]}, {"query": ["?"]},
]  # fmt: skip
"""Values that no control has, or that a control has at another place."""

RAW: dict[str, bytes] = {
    "nothing": b"",
    "a word": b"hello",
    "half": b'{"output": "readout.child',
    "a list": b"[]",
    "an object": b"{}",
    "null": b"null",
    "a number": b"17",
    "a text": b'"readout.children"',
    "NaN": b'{"output": NaN}',
    "infinity": b'{"output": -Infinity}',
    "infinity in disguise": b'{"output": 1e999}',
    "a huge number": b'{"output": ' + b"9" * 1000 + b"}",
    "a number longer than Python reads": b'{"output": ' + b"9" * 10_000 + b"}",
    "arrays in arrays": b"[" * 30_000 + b"]" * 30_000,
    "objects in objects": b'{"a":' * 5_000 + b"1" + b"}" * 5_000,
    "33 arrays": b"[" * 34 + b"]" * 34,
    "bad UTF-8": b'{"output": "\xff\xfe"}',
    "UTF-16": '{"output": "readout.children"}'.encode("utf-16"),
    "half a character": b'{"output": "\\ud800"}',
    "half a character as a name": b'{"\\udfff": 1}',
    "zero bytes": b"\x00" * 100,
    "a form": b"output=readout.children",
    "a script": b"<script>alert(1)</script>",
    "two documents": b'{"output": 1}{"output": 2}',
}


def real_bodies(app: Dash) -> dict[str, Body]:
    """What the page sends, by the callback's first output; one for each callback that runs on the server."""
    app.server.test_client().get("/_dash-layout")  # Dash adds a callback of its own with the first request
    request = ViewState(SMALL).to_dict()
    values: dict[tuple[str, str], Any] = {
        **{(name, "value"): getattr(SMALL, name) for name in FIELDS},
        **{(name, "value"): value for name, value in VIEW_DEFAULTS.items()},
        (ids.ADDRESS, "data"): {"query": "?seed=5&v=1", "count": 1},
        (ids.FIGURE, "data"): dict(LINK_DEFAULTS),
        (ids.REQUEST, "data"): request,
        (ids.PENDING, "data"): task_to_dict(SMALL),
        (ids.THEME, "data"): "light",
        (ids.PROFILE, "data"): "",
        (ids.AWAITING, "data"): {"key": SMALL.key(), "shown": ["loss"]},
        (ids.ARRIVED, "data"): {"key": SMALL.key(), "error": ""},
        (ids.HOVERED, "data"): [0.5, -0.5],
        (ids.panel("explore", "map"), "clickData"): {"points": [{"x": 0.5, "y": 0.25, "curveNumber": 0}]},
        (ids.DRAGGED, "data"): {"shapes[0].x0": -1.0, "shapes[0].y0": 0.5},
        (ids.ORACLE_ASKED, "data"): {"point": 3, "step": 5},
    }

    def part(names: list[dict[str, str]]) -> list[Body]:
        return [{**name, "value": values.get((name["id"], name["property"]))} for name in names]

    bodies = {}
    for output, callback in app.callback_map.items():
        if "callback" not in callback:
            continue
        changed = [f"{callback['inputs'][0]['id']}.{callback['inputs'][0]['property']}"]
        body = {
            "output": output,
            "outputs": split_callback_id(output),
            "inputs": part(callback["inputs"]),
            "changedPropIds": changed,
            "parsedChangedPropsIds": changed,
        }
        if callback["state"]:
            body["state"] = part(callback["state"])
        bodies[output.strip(".").split("...")[0]] = body
    return bodies


def malformed(app: Dash) -> Iterator[tuple[str, bytes]]:
    """Bodies that no page sends, each with what is wrong with it: all have to be refused."""
    yield from RAW.items()
    bodies = real_bodies(app)
    local = next(output for output, callback in app.callback_map.items() if "callback" not in callback)
    for name, body in bodies.items():
        for what, changed in _changes(body, local):
            if changed != body:
                yield f"{name}: {what}", json.dumps(changed).encode()


def _changes(body: Body, local: str) -> Iterator[tuple[str, Any]]:
    for member in ("output", "outputs", "inputs", "changedPropIds"):
        yield f"without {member}", {key: value for key, value in body.items() if key != member}
    for member in body:
        for wrong in WRONG:
            if not (member in {"changedPropIds", "parsedChangedPropsIds"} and wrong == []):
                yield f"{member} is {wrong!r}", {**body, member: wrong}
    yield "in an array", [body]
    yield "with a member of its own", {**body, "__proto__": {}}
    yield "a callback of the browser", {**body, "output": local}
    yield "an output more", {**body, "outputs": [body["outputs"], {"id": "secret", "property": "children"}]}
    for member in ("inputs", "state"):
        if member not in body:
            continue
        first, *others = body[member]
        yield f"{member} twice", {**body, member: body[member] * 2}
        yield f"the first of {member} doubled", {**body, member: [first, first, *others]}
        yield f"the first of {member} missing", {**body, member: others}
        yield f"{member} in an array", {**body, member: [body[member]]}
        yield f"{member} turned round", {**body, member: body[member][::-1]}
        for key in ("id", "property"):
            yield f"{member} without {key}", {**body, member: [{k: v for k, v in first.items() if k != key}, *others]}
            for wrong in (None, 7, [], {}, {"type": "x", "index": 1}, "nobody"):
                yield f"{member}: {key} is {wrong!r}", {**body, member: [{**first, key: wrong}, *others]}
    yield "a change of something else", {**body, "changedPropIds": ["nobody.value"]}


def with_wrong_values(app: Dash) -> Iterator[tuple[str, Body]]:
    """Bodies of the right form whose values no page has: the callbacks themselves have to cope."""
    for name, body in real_bodies(app).items():
        for member in ("inputs", "state"):
            for index, one in enumerate(body.get(member, [])):
                for wrong in WRONG:
                    changed = copy.deepcopy(body)
                    changed[member][index]["value"] = wrong
                    changed["changedPropIds"] = [f"{one['id']}.{one['property']}"] if member == "inputs" else []
                    yield f"{name}: {one['id']} is {wrong!r}", changed


class Page(smoke.Page):
    """A page whose server is in this process; it can send anything."""

    def __init__(self, app: Dash) -> None:
        self.client = app.server.test_client()
        super().__init__("")

    def post(self, body: object, **query: Any) -> TestResponse:
        """Send a body: bytes as they are, anything else as JSON."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        query = {"endId": self.identity, **query}
        return self.client.post(
            "/_dash-update-component", query_string=query, data=raw, content_type="application/json"
        )

    def _read(self, path: str, body: object = None) -> bytes:
        answer = self.client.get(path) if body is None else self.client.post(path, json=body)
        assert answer.status_code in {200, 204}, answer.text
        self.headers = answer.headers
        return answer.data
