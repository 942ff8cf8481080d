"""Log lines: one a record, whatever is in it."""

from __future__ import annotations

import json
import logging

import pytest

from app.log_format import JsonLine, TextLine

HOSTILE = "GET /\nERROR root: forged\r\x1b[31m\u2028\x00\x85"


def record(message: str, error: BaseException | None = None, **extra: object) -> logging.LogRecord:
    exc_info = (type(error), error, error.__traceback__) if error else None
    made = logging.LogRecord("app.http.error_responses", logging.WARNING, "file", 1, message, None, exc_info)
    vars(made).update(extra)
    return made


@pytest.mark.parametrize("formatter", [TextLine(), JsonLine()])
def test_no_visitor_ends_a_line_or_colours_a_terminal(formatter):
    line = formatter.format(record(HOSTILE, path=HOSTILE))
    assert len(line.splitlines()) == 1
    assert line.isprintable()
    assert "forged" in line


def test_a_json_line_has_all_that_is_known():
    line = json.loads(JsonLine().format(record("refused", status=400, reason="no JSON")))
    assert line.pop("time").endswith("+00:00")
    assert line == {
        "level": "WARNING",
        "logger": "app.http.error_responses",
        "message": "refused",
        "status": 400,
        "reason": "no JSON",
    }


def test_a_traceback_is_kept():
    try:
        raise ValueError("deep")
    except ValueError as problem:
        failed = record("failed", problem)
    assert "ValueError: deep" in json.loads(JsonLine().format(failed))["traceback"]
    text = TextLine().format(failed)
    assert text.splitlines()[0].endswith("WARNING app.http.error_responses: failed")
    assert text.splitlines()[-1] == "ValueError: deep"
