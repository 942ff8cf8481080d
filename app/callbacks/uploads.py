"""Your data: addresses that look at a table and that make it a problem. Nothing is kept of one that is only looked at."""

from __future__ import annotations

import json
from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Any

from dash import Dash
from flask import Response, jsonify, request
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, TooManyRequests, UnsupportedMediaType

from app.callbacks.downloads import fragment
from app.http import error_responses
from app.jobs.service import Service
from app.jobs.uploads import MOST_BYTES, Choices, look_at
from app.page import dialog_content
from app.state import permalink, problems
from landscape_core import BudgetError, LandscapeError, SpecError, StudySpec

TYPE = "application/octet-stream"
"""Of a body: a page of another host cannot send it unasked."""

LONGEST_CHOICES = 20_000
"""Most characters of what is chosen."""

CHOICES = "X-Batchscape-Choices"
"""The header with what is chosen, as JSON in ASCII."""

AT_A_TIME, WAIT_SECONDS, PAUSE = 2, 2.0, 5
"""Tables that are read at the same time; how long one waits for its turn, and when it may ask again."""


def read_choices(text: str) -> Choices:
    """What is chosen.

    Raises:
        SpecError: It is no JSON object with fields of `Choices`.
    """
    wanted = "a JSON object of at most 20,000 characters"
    if len(text) > LONGEST_CHOICES:
        raise SpecError("choices", f"{len(text):,} characters", wanted)
    try:
        chosen = json.loads(text or "{}")
    except (ValueError, RecursionError):
        raise SpecError("choices", text[:100], wanted) from None
    if not isinstance(chosen, dict):
        raise SpecError("choices", chosen, wanted)
    return Choices(**{name: tuple(held) if isinstance(held, list) else held for name, held in chosen.items()})


def look(_service: Service, content: bytes, choices: Choices) -> dict[str, Any]:
    """What a table holds."""
    return look_at(content, choices)


def use(service: Service, content: bytes, choices: Choices) -> dict[str, Any]:
    """Keep a table, and lead to its problem."""
    name, problem = service.uploads.keep(content, choices)
    usual = StudySpec()
    spec = StudySpec(problem=name, population=problem.samples, batch_size=min(usual.batch_size, problem.samples))
    link = permalink.write(permalink.parse("").replace(spec=spec))
    return {"problem": name, "label": problems.name_problem(spec), "link": link}


def read_body() -> bytes:
    """The content of a request.

    Raises:
        UnsupportedMediaType: It does not say that it is a file.
        RequestEntityTooLarge: It is too long.
        BadRequest: It was cut short.
    """
    if request.mimetype != TYPE:
        raise UnsupportedMediaType(f"A table comes as {TYPE}.")
    length = request.content_length or 0
    if length > MOST_BYTES:
        raise RequestEntityTooLarge(f"A table has at most {MOST_BYTES:,} bytes.")
    request.max_content_length = MOST_BYTES
    content = request.get_data(cache=False)
    if len(content) != length:
        raise BadRequest("The table was cut short on its way. Try again.")
    return content


def register(app: Dash, service: Service) -> None:
    """Wire the addresses."""
    turns = BoundedSemaphore(AT_A_TIME)

    def add(path: str, make: Callable[[Service, bytes, Choices], dict[str, Any]]) -> None:
        def view() -> Response:
            content, chosen = read_body(), request.headers.get(CHOICES, "")
            if not turns.acquire(timeout=WAIT_SECONDS):
                raise TooManyRequests("The server reads tables of others. Try again in a moment.", retry_after=PAUSE)
            try:
                return jsonify(make(service, content, read_choices(chosen)))
            except BudgetError as problem:
                return error_responses.refuse(413, str(problem))
            except SpecError as problem:
                return error_responses.refuse(400, str(problem))
            except LandscapeError as problem:
                return error_responses.refuse(422, str(problem))
            finally:
                turns.release()

        app.server.add_url_rule(f"/data/{path}", f"data {path}", view, methods=["POST"])

    app.server.add_url_rule("/data/form", "data form", lambda: fragment(dialog_content.fill_data()))
    add("look", look)
    add("use", use)
