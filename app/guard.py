"""What is refused before Dash sees it: a callback's body or handle that no page of this server could have sent."""

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

from app import ids
from app.background import ThreadManager

JOB = f"{ids.COMPUTED}.data"
"""The output of the one callback that runs in the background."""

CALLBACK = "/_dash-update-component"
OTHER_PATHS = "/<path:path>"
FILES = "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>"
"""Flask's names of Dash's views."""

LONGEST_BODY = 64 * 1024
"""Bytes; the longest that the page sends is 17 kB."""

LONGEST_ADDRESS = 4096
"""Characters of path and query; a link has at most 500, a poll some 400."""

DEEPEST = 32
"""Objects and arrays inside each other; the page sends ten at most."""

LARGEST = 10**21
"""JavaScript writes no whole number as large as this."""

MEMBERS = {"output", "outputs", "inputs", "state", "changedPropIds", "parsedChangedPropsIds"}

View = Callable[..., Response]


def install(app: Dash, manager: ThreadManager) -> None:
    """Put the checks before the views of an application whose callbacks are registered."""
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
        body = read(request.get_data())
        check(app, body)
        check_handles(app, manager, body)
        return callback()

    server.view_functions[CALLBACK] = checked
    # Dash would give the page for every path; whatever looks for holes here should learn that there is nothing
    server.view_functions[OTHER_PATHS] = _nothing
    server.view_functions[FILES] = _known_files(app, server.view_functions[FILES])


def read(raw: bytes) -> object:
    """JSON as a browser writes it.

    Raises:
        BadRequest: It is not, or its numbers, its depth or its characters are such as no browser writes.
    """
    try:
        body = json.loads(raw.decode("utf-8"), parse_constant=_constant)
    except RecursionError:
        raise BadRequest(f"The body is nested deeper than {DEEPEST} levels.") from None
    except ValueError:  # bad UTF-8, and numbers of thousands of digits, among others
        raise BadRequest("The body is not JSON.") from None
    level = [body]
    for _ in range(DEEPEST):
        level = [part for value in level for part in _parts(value)]
        if not level:
            return body
    raise BadRequest(f"The body is nested deeper than {DEEPEST} levels.")


def _constant(name: str) -> NoReturn:
    raise ValueError(name)


def _parts(value: object) -> list[Any]:
    """What a value holds; a number or a text is looked at."""
    if isinstance(value, dict):
        return [*value, *value.values()]
    if isinstance(value, list):
        return value
    if isinstance(value, str) and not _writable(value):
        raise BadRequest("A text holds half a character.")
    if (isinstance(value, int) and abs(value) >= LARGEST) or (isinstance(value, float) and not math.isfinite(value)):
        raise BadRequest("A number is too large.")
    return []


def _writable(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True


def check(app: Dash, body: object) -> None:
    """Hold a callback's body against the callbacks that there are; its values are the callbacks' own business.

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
        if not _named(body.get(part, []), callback[part]):
            raise BadRequest(f"The {several} are not those of the callback.")
    names = {f"{one['id']}.{one['property']}" for one in callback["inputs"]}
    for part, missing in (("changedPropIds", None), ("parsedChangedPropsIds", [])):
        changed = body.get(part, missing)
        if not isinstance(changed, list) or not all(isinstance(name, str) and name in names for name in changed):
            raise BadRequest("What has changed is not among the inputs.")


def _named(given: object, expected: list[dict[str, str]]) -> bool:
    """Whether a list has the names of another, in its order, each with a value or without."""
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


def visitor(app: Dash) -> str | None:
    """Which opened page a request comes from, or None: Dash signs a name for each."""
    return _signed(app, END_SCOPE, request.args.get("endId", ""))


def who(app: Dash) -> str:
    """Whose request it is: an opened page's; that of an address, where the page is not known."""
    return visitor(app) or request.remote_addr or ""


def polled(app: Dash, manager: ThreadManager) -> bool:
    """Whether a request does nothing but ask how a job gets on that this server runs for this very page."""
    if not _knows(app, manager):
        return False
    try:
        body = read(request.get_data())
    except HTTPException:  # said when it is its turn
        return False
    return _of_a_job(body)


def _knows(app: Dash, manager: ThreadManager) -> bool:
    """Whether a request carries both handles of a job that this server runs, or ran, for this very page."""
    page = visitor(app)
    key, job = (
        _signed(app, scope(page), request.args.get(name, ""))
        for name, scope in (("cacheKey", cache_scope), ("job", job_scope))
    )
    return key is not None and key == job and manager.knows(key)


def _of_a_job(body: object) -> bool:
    return isinstance(body, dict) and body.get("output") == JOB


def check_handles(app: Dash, manager: ThreadManager, body: object) -> None:
    """Look at the job that a request asks for, and at those that it ends.

    Raises:
        BadRequest: Its callback has no jobs.
        Gone: One is not a job of this page, or the server has forgotten it, as after a restart. The page asks again.
    """
    page = visitor(app)
    ended = [*request.args.getlist("oldJob"), *request.args.getlist("cancelJob")]
    asks = "cacheKey" in request.args or "job" in request.args
    if asks and not _of_a_job(body):
        raise BadRequest("This callback has no jobs.")
    if (asks and not _knows(app, manager)) or any(_signed(app, job_scope(page), job) is None for job in ended):
        raise Gone("The server does not know this job any more.")


def _signed(app: Dash, scope: str, token: str) -> str | None:
    # compare_digest takes ASCII only
    return unsign(app._get_signing_secret(), scope, token) if token.isascii() else None  # noqa: SLF001  as Dash itself


def _check_address() -> None:
    if len(request.full_path) > LONGEST_ADDRESS:
        raise RequestURITooLarge(f"An address has at most {LONGEST_ADDRESS} characters.")
    try:
        request.base_url  # noqa: B018  what links begin with
    except UnicodeError:
        raise BadRequest("The Host of the request is no name of a host.") from None


def _nothing(path: str) -> NoReturn:
    raise NotFound("There is nothing at this address.")


def _known_files(app: Dash, view: View) -> View:
    """Dash's own files; a name that it does not know is no fault of ours."""
    from dash.exceptions import DependencyException

    @wraps(view)
    def known(package_name: str, fingerprinted_path: str) -> Response:
        try:
            return view(package_name, fingerprinted_path)
        except (DependencyException, OSError):  # not registered; registered, but not in the package
            raise NotFound("There is nothing at this address.") from None

    return known
