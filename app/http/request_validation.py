"""Request validation: bodies and job handles that no page of this server could have sent are refused before Dash."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

from dash import Dash
from dash._callback_signing import END_SCOPE, cache_scope, job_scope, unsign
from dash._utils import split_callback_id
from flask import Response, request
from werkzeug.exceptions import (
    BadRequest,
    Gone,
    HTTPException,
    NotFound,
    RequestEntityTooLarge,
    RequestURITooLarge,
    UnsupportedMediaType,
)

from app.jobs.thread_manager import ThreadManager
from app.page import ids

JOB = f"{ids.COMPUTED}.data"
"""The output of the one callback that runs in the background."""

CALLBACK = "/_dash-update-component"
OTHER_PATHS = "/<path:path>"
FILES = "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>"
"""Flask endpoints of Dash's views."""

LONGEST_BODY = 64 * 1024
"""Most bytes of a body; the page sends at most 17 kB."""

LONGEST_ADDRESS = 4096
"""Most characters of path and query; a link has at most 500, a poll about 400."""

DEEPEST = 32
"""Most levels of nested objects and arrays; the page sends at most ten."""

LARGEST = 10**21
"""Exclusive bound of integers: JavaScript writes larger ones in exponential notation."""

MEMBERS = {"output", "outputs", "inputs", "state", "changedPropIds", "parsedChangedPropsIds"}

View = Callable[..., Response]


def install(app: Dash, manager: ThreadManager) -> None:
    """Add the checks to the views of an application whose callbacks are all registered."""
    server = app.server
    server.config["MAX_CONTENT_LENGTH"] = LONGEST_BODY
    server.before_request(_check_address)
    callback: View = server.view_functions[CALLBACK]

    @wraps(callback)
    def checked() -> Response:
        if request.mimetype != "application/json":
            raise UnsupportedMediaType("A callback's body is application/json.")
        if (request.content_length or 0) > LONGEST_BODY:
            raise RequestEntityTooLarge(f"A body has at most {LONGEST_BODY:,} bytes.")
        body = parse_json(request.get_data())
        check_body(app, body)
        check_handles(app, manager, body)
        return callback()

    server.view_functions[CALLBACK] = checked
    # Dash would return the page for every path; scanners should get 404
    server.view_functions[OTHER_PATHS] = _refuse_path
    server.view_functions[FILES] = _guard_files(app, server.view_functions[FILES])


def parse_json(raw: bytes) -> object:
    """Parse JSON as a browser writes it.

    Raises:
        BadRequest: It is no JSON, or has numbers, a depth or characters that no browser writes.
    """
    try:
        body = json.loads(raw.decode("utf-8"), parse_constant=_refuse_constant)
    except RecursionError:
        raise BadRequest(f"The body is nested deeper than {DEEPEST} levels.") from None
    except ValueError:  # bad UTF-8, and numbers of thousands of digits, among others
        raise BadRequest("The body is not JSON.") from None
    level = [body]
    for _ in range(DEEPEST):
        level = [part for value in level for part in _list_members(value)]
        if not level:
            return body
    raise BadRequest(f"The body is nested deeper than {DEEPEST} levels.")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _list_members(value: object) -> list[Any]:
    """Return the members of a value, after a check of a number or a string."""
    if isinstance(value, dict):
        return [*value, *value.values()]
    if isinstance(value, list):
        return value
    if isinstance(value, str) and not _is_encodable(value):
        raise BadRequest("A text holds half a character.")
    if (isinstance(value, int) and abs(value) >= LARGEST) or (isinstance(value, float) and not math.isfinite(value)):
        raise BadRequest("A number is too large.")
    return []


def _is_encodable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def check_body(app: Dash, body: object) -> None:
    """Check that a body is of a registered callback; its values are checked by the callbacks.

    Raises:
        BadRequest: It names no callback, or not exactly its outputs, inputs and states.
    """
    if not isinstance(body, dict) or not body.keys() <= MEMBERS:
        raise BadRequest("The body is an object with " + ", ".join(sorted(MEMBERS)) + ".")
    output = body.get("output")
    callback = app.callback_map.get(output) if isinstance(output, str) else None
    if callback is None or "callback" not in callback:  # one that runs in the browser has none
        raise BadRequest("There is no callback with this output.")
    if body.get("outputs") != split_callback_id(output):
        raise BadRequest("The outputs are not those of the callback.")
    for part, several in (("inputs", "inputs"), ("state", "states")):
        if not _matches(body.get(part, []), callback[part]):
            raise BadRequest(f"The {several} are not those of the callback.")
    names = {f"{one['id']}.{one['property']}" for one in callback["inputs"]}
    for part, missing in (("changedPropIds", None), ("parsedChangedPropsIds", [])):
        changed = body.get(part, missing)
        if not isinstance(changed, list) or not all(isinstance(name, str) and name in names for name in changed):
            raise BadRequest("What has changed is not among the inputs.")


def _matches(given: object, expected: list[dict[str, str]]) -> bool:
    """Return whether a list has the expected ids and properties in order, each with or without a value."""
    return (
        isinstance(given, list)
        and len(given) == len(expected)
        and all(
            isinstance(one, dict)
            and one.keys() <= {"id", "property", "value"}
            and one.get("id") == other["id"]
            and one.get("property") == other["property"]
            for one, other in zip(given, expected, strict=True)
        )
    )


def identify_page(app: Dash) -> str | None:
    """Return the name of the opened page that sent the request, as signed by Dash, or None."""
    return _verify(app, END_SCOPE, request.args.get("endId", ""))


def identify_visitor(app: Dash) -> str:
    """Return the name of the opened page, or the address where there is none."""
    return identify_page(app) or request.remote_addr or ""


def is_poll(app: Dash, manager: ThreadManager) -> bool:
    """Return whether a request only polls a job that this server runs for the same page."""
    if not _knows_job(app, manager):
        return False
    try:
        body = parse_json(request.get_data())
    except HTTPException:  # it is refused later
        return False
    return _asks_for_job(body)


def _knows_job(app: Dash, manager: ThreadManager) -> bool:
    """Return whether a request has both handles of a job that this server runs, or ran, for the same page."""
    page = identify_page(app)
    key, job = (
        _verify(app, scope(page), request.args.get(name, ""))
        for name, scope in (("cacheKey", cache_scope), ("job", job_scope))
    )
    return key is not None and key == job and manager.knows(key)


def _asks_for_job(body: object) -> bool:
    return isinstance(body, dict) and body.get("output") == JOB


def check_handles(app: Dash, manager: ThreadManager, body: object) -> None:
    """Check the job that a request polls, and those that it cancels.

    Raises:
        BadRequest: Its callback has no jobs.
        Gone: A job is not of this page, or the server has forgotten it, as after a restart. The page submits it again.
    """
    page = identify_page(app)
    ended = [*request.args.getlist("oldJob"), *request.args.getlist("cancelJob")]
    asks = "cacheKey" in request.args or "job" in request.args
    if asks and not _asks_for_job(body):
        raise BadRequest("This callback has no jobs.")
    if (asks and not _knows_job(app, manager)) or any(_verify(app, job_scope(page), job) is None for job in ended):
        raise Gone("The server does not know this job any more.")


def _verify(app: Dash, scope: str, token: str) -> str | None:
    # compare_digest takes ASCII only
    return unsign(app._get_signing_secret(), scope, token) if token.isascii() else None  # noqa: SLF001  as Dash itself


def _check_address() -> None:
    if len(request.full_path) > LONGEST_ADDRESS:
        raise RequestURITooLarge(f"An address has at most {LONGEST_ADDRESS} characters.")
    try:
        request.base_url  # noqa: B018  what links begin with
    except UnicodeError:
        raise BadRequest("The Host of the request is no name of a host.") from None


def _refuse_path(path: str) -> NoReturn:
    raise NotFound("Page not found.")


def _guard_files(app: Dash, view: View) -> View:
    """Wrap the view of Dash's files: an unknown name is a 404, not a server error."""
    from dash.exceptions import DependencyException

    @wraps(view)
    def known(package_name: str, fingerprinted_path: str) -> Response:
        try:
            return view(package_name, fingerprinted_path)
        except (DependencyException, OSError):  # not registered; registered, but not in the package
            raise NotFound("Page not found.") from None

    return known
