"""Log formats: text, or one JSON object a line."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any, Literal

Kind = Literal["text", "json"]

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
"""Characters with which a visitor could forge a line or control a terminal."""

OWN = vars(logging.makeLogRecord({})).keys() | {"message", "asctime", "taskName"}
"""Attributes of every record; others were given as `extra`."""


class TextLine(logging.Formatter):
    """Time, level, logger, message; a traceback follows on lines of its own."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  as its base's
        """Format a record as one line, with control characters escaped."""
        return CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", super().formatMessage(record))


class JsonLine(logging.Formatter):
    """One object: time, level, logger, message, extra attributes, and the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Format a record as one line."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **{name: value for name, value in vars(record).items() if name not in OWN},
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def configure(kind: Kind) -> None:
    """Send all logs of the process to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLine() if kind == "json" else TextLine())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    logging.getLogger("waitress").setLevel(logging.ERROR)  # it warns when a request waits for a thread
