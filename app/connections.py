"""How connections are kept: none holds up another, and what is no HTTP gets one line as an answer and one in the log."""

from __future__ import annotations

import logging
import sys
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.task import ErrorTask
from waitress.utilities import InternalServerError

from app import metrics

logger = logging.getLogger(__name__)

MOST = 2_000
"""Connections at a time; a browser keeps up to six open, and further ones would wait without an answer."""

OTHER_FILES = 500
"""Open files beside connections, at most; an answer of more than a megabyte takes one until it is sent."""

IDLE_SECONDS = 30
"""How long a connection may be silent; a browser opens another when it needs one."""

ADJUSTMENTS: dict[str, Any] = {
    "asyncore_use_poll": True,  # select() ends at 1,024 files
    "channel_timeout": IDLE_SECONDS,
    "cleanup_interval": IDLE_SECONDS,
    "log_socket_errors": False,  # a visitor who goes is no error
}
"""Of waitress, beside the limit."""


def limit() -> int:
    """How many connections there may be; raises the process's limit of open files towards that."""
    if sys.platform == "win32":
        return MOST
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST + OTHER_FILES
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return MOST
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return allowed * MOST // wanted


class Parser(HTTPRequestParser):
    """Reads a request."""

    def parse_header(self, header_plus: bytes) -> None:
        """As its base, which lets the error of an address like `http://[` end the connection without an answer."""
        try:
            super().parse_header(header_plus)
        except ValueError:
            raise ParsingError("Bad URI") from None


class Refusal(ErrorTask):
    """The answer to what waitress itself refuses."""

    def execute(self) -> None:
        """Answer, count and log; a fault of ours is logged already."""
        error = self.request.error
        if not isinstance(error, InternalServerError):
            metrics.REFUSED.labels(str(error.code)).inc()
            where = {"status": error.code, "reason": error.body, "address": self.channel.addr[0]}
            logger.warning("refused %s: %s", error.code, error.body, extra=where)
        super().execute()


class Channel(HTTPChannel):
    """A connection. Browsers wait for an answer before they ask again; whoever does not is cut off after the answer.

    Answers that nobody reads thus never add up to so many bytes that a thread has to wait until they are read.
    """

    parser_class = Parser
    error_task_class = Refusal

    def service(self) -> None:
        """Answer a request."""
        with self.requests_lock:
            if len(self.requests) > 1:
                self.requests[0].headers["CONNECTION"] = "close"
        super().service()
