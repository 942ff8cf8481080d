"""How a request is refused: one line for who asked, one line in the log."""

from __future__ import annotations

import logging

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from app import metrics

logger = logging.getLogger(__name__)

BROKEN = "Something went wrong on the server; it has been logged. Try again."

TEXT = "text/plain; charset=utf-8"

LONGEST_PATH = 200
"""Characters of a path that are logged."""


def install(server: Flask) -> None:
    """Answer for whatever a view raises; Flask has logged by then what is a fault of ours, with its traceback."""
    server.register_error_handler(HTTPException, answer)


def answer(problem: HTTPException) -> Response:
    """One line of text; what is the visitor's fault is logged too."""
    status = problem.code or 500
    if status < 400:  # a redirection
        return Response(problem.get_body(), status, problem.get_headers())
    said = broken() if status >= 500 else refuse(status, problem.description or problem.name)
    for name, value in problem.get_headers():
        if name in {"Allow", "Retry-After"}:
            said.headers[name] = value
    return said


def broken() -> Response:
    """The answer where something went wrong that is no fault of the visitor's."""
    return Response(BROKEN, 500, content_type=TEXT)


def refuse(status: int, words: str) -> Response:
    """The answer to a visitor who asks for what is not given: logged and counted."""
    reason = " ".join(words.split())
    metrics.REFUSED.labels(str(status)).inc()
    path = request.path[:LONGEST_PATH]
    where = {"status": status, "method": request.method, "path": path, "reason": reason, "address": request.remote_addr}
    logger.warning("refused %s: %s %s: %s", status, request.method, path, reason, extra=where)
    return Response(reason, status, content_type=TEXT)
