"""Error responses: one line of text for the visitor, or a page with the way home, and one line in the log."""

from __future__ import annotations

import logging

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from app import metrics
from app.templates import fill_template

logger = logging.getLogger(__name__)

BROKEN = "Something went wrong on the server; it has been logged. Try again."

TEXT = "text/plain; charset=utf-8"

LONGEST_PATH = 200
"""Most characters of a path that are logged."""


def install(server: Flask) -> None:
    """Handle what views raise; Flask has already logged server errors with their traceback."""
    server.register_error_handler(HTTPException, respond)


def respond(error: HTTPException) -> Response:
    """Make the response to an error; client errors are logged."""
    status = error.code or 500
    if status < 400:  # a redirection
        return Response(error.get_body(), status, error.get_headers())
    response = report_failure() if status >= 500 else refuse(status, error.description or error.name)
    for name, value in error.get_headers():
        if name in {"Allow", "Retry-After"}:
            response.headers[name] = value
    return response


def report_failure() -> Response:
    """Make the response to a server error."""
    return Response(BROKEN, 500, content_type=TEXT)


def refuse(status: int, words: str) -> Response:
    """Make the response to a client error; log and count it."""
    reason = " ".join(words.split())
    metrics.REFUSED.labels(str(status)).inc()
    path = request.path[:LONGEST_PATH]
    where = {"status": status, "method": request.method, "path": path, "reason": reason, "address": request.remote_addr}
    logger.warning("refused %s: %s %s: %s", status, request.method, path, reason, extra=where)
    if status == 404 and "text/html" in request.headers.get("Accept", ""):  # a browser that was sent here by a link
        return Response(fill_template("not_found.html", title="Page not found", home=request.root_path + "/"), status)
    return Response(reason, status, content_type=TEXT)
