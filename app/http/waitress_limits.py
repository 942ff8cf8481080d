"""Connection limits of waitress, and its refusals of malformed requests: one line of response, one in the log."""

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

MOST_CONNECTIONS = 2_000
"""Most connections; a browser keeps up to six open, and more than this would wait without an answer."""

OTHER_OPEN_FILES = 500
"""Most open files beside connections; a response over a megabyte takes one until it is sent."""

IDLE_SECONDS = 30
"""How long a connection may be idle; a browser opens another when it needs one."""

ADJUSTMENTS: dict[str, Any] = {
    "asyncore_use_poll": True,  # select() ends at 1,024 files
    "channel_timeout": IDLE_SECONDS,
    "cleanup_interval": IDLE_SECONDS,
    "log_socket_errors": False,  # a visitor who leaves is no error
}
"""Settings of waitress, beside the limit of connections."""


def raise_file_limit() -> int:
    """Raise the process's limit of open files as far as needed and allowed; return the limit of connections."""
    if sys.platform == "win32":
        return MOST_CONNECTIONS
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + OTHER_OPEN_FILES
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return MOST_CONNECTIONS
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    return allowed * MOST_CONNECTIONS // wanted


class Parser(HTTPRequestParser):
    """A parser of requests."""

    def parse_header(self, header_plus: bytes) -> None:
        """Parse a header; the base class ends the connection without an answer at an address like `http://[`."""
        try:
            super().parse_header(header_plus)
        except ValueError:
            raise ParsingError("Bad URI") from None


class Refusal(ErrorTask):
    """The response to what waitress itself refuses."""

    def execute(self) -> None:
        """Respond, count and log; server errors are logged already."""
        error = self.request.error
        if not isinstance(error, InternalServerError):
            metrics.REFUSED.labels(str(error.code)).inc()
            where = {"status": error.code, "reason": error.body, "address": self.channel.addr[0]}
            logger.warning("refused %s: %s", error.code, error.body, extra=where)
        super().execute()


class Channel(HTTPChannel):
    """A connection. Browsers do not pipeline requests; a client that does is disconnected after the response.

    So unread responses never add up to so many bytes that a thread has to wait for the client.
    """

    parser_class = Parser
    error_task_class = Refusal

    def service(self) -> None:
        """Serve a request."""
        with self.requests_lock:
            if len(self.requests) > 1:
                self.requests[0].headers["CONNECTION"] = "close"
        super().service()
