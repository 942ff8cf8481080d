"""Serve the dashboard: one process, some threads."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

from app import create_app, logs

if TYPE_CHECKING:
    from app.settings import Settings

THREADS = 16
"""Requests answered at the same time; studies run on threads of their own."""

SWITCH_SECONDS = 0.0001
"""How long a thread holds the interpreter while another waits for it."""

LONGEST_HEAD, LONGEST_BODY = 32 * 1024, 1024 * 1024
"""Bytes that are read of a request at all; `app.guard` allows less and says so."""

GRACE_SECONDS = 0.25
"""How long answers under way may take to end, once the server is told to stop."""


def serve(settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve until the process is told to stop, and end it; SIGTERM does that in less than a second, with exit code 0.

    Args:
        settings: Of this server.
        ready: Called with the page's address once the port is taken.

    Raises:
        SpecError: The device is not there.
        OSError: The port or the cache directory cannot be used.
    """
    import torch
    from waitress.server import create_server

    from app import connections

    logs.configure(settings.log)
    # two busy cores run small kernels up to twenty times slower with two threads than with one; studies run side by side
    torch.set_num_threads(1)
    # a study is thousands of short calls into torch; after each it waits this long for the answers that are being written
    sys.setswitchinterval(SWITCH_SECONDS)
    with _listen(settings.host, settings.port) as listener:
        application = create_app(settings).server
        host, port = listener.getsockname()[:2]
        name = "127.0.0.1" if host in {"0.0.0.0", "::"} else host
        ready(f"http://{f'[{name}]' if ':' in name else name}:{port}")
        proxied = {
            "trusted_proxy": "*",
            "trusted_proxy_count": settings.proxies,
            "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"},
        }
        server = create_server(
            application,
            sockets=[listener],
            threads=THREADS,
            ident=None,
            clear_untrusted_proxy_headers=True,
            max_request_header_size=LONGEST_HEAD,
            max_request_body_size=LONGEST_BODY,
            connection_limit=connections.limit(),
            **connections.ADJUSTMENTS,
            **(proxied if settings.proxies else {}),
        )
        server.channel_class = connections.Channel
        signal.signal(signal.SIGTERM, _stop)
        server.run()
    # Python would wait for threads that compute, and abort when it finds one inside torch; what is kept is on disk
    os._exit(0)


def stop_while_starting() -> None:
    """Let SIGTERM end the process from now on: process 1 of a container ignores a signal that it does not handle."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """Let answers under way end, for a moment; waitress alone would wait for five seconds."""
    end = threading.Timer(GRACE_SECONDS, os._exit, (0,))
    end.daemon = True
    end.start()
    sys.exit(0)


def _listen(host: str, port: int) -> socket.socket:
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    listener = socket.socket(family, kind, protocol)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(128)  # from here on a visitor waits instead of being refused
    except OSError as problem:
        listener.close()
        raise OSError(problem.errno, f"cannot listen on {host}:{port}: {problem.strerror}") from problem
    return listener
