"""The web server: one process, some threads."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import TYPE_CHECKING

from app import create_app, log_format

if TYPE_CHECKING:
    from app.settings import Settings

THREADS = 16
"""Requests served at the same time; studies run on threads of their own."""

SWITCH_SECONDS = 0.0001
"""How long a thread holds the interpreter while another waits for it."""

LONGEST_HEAD, LONGEST_BODY = 32 * 1024, 1024 * 1024
"""Most bytes that are read of a request; `app.http.request_validation` allows fewer, with a message."""

GRACE_SECONDS = 0.25
"""How long running requests may take after SIGTERM."""


def serve(settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve until SIGTERM, then end the process with exit code 0 in less than a second.

    Args:
        settings: Of this server.
        ready: Called with the page's address once the port is bound.

    Raises:
        SpecError: The device does not exist.
        OSError: The port or the cache directory cannot be used.
    """
    import torch
    from waitress.server import create_server

    from app.http import waitress_limits

    log_format.configure(settings.log)
    # on two busy cores small kernels are up to twenty times slower with two threads than with one
    torch.set_num_threads(1)
    # a study is thousands of short calls into torch; after each it waits this long for threads that write responses
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
            connection_limit=waitress_limits.raise_file_limit(),
            **waitress_limits.ADJUSTMENTS,
            **(proxied if settings.proxies else {}),
        )
        server.channel_class = waitress_limits.Channel
        signal.signal(signal.SIGTERM, _stop)
        server.run()
    # Python would wait for threads that compute, and abort if one is inside torch; results are on disk
    os._exit(0)


def stop_while_starting() -> None:
    """Let SIGTERM end the process from now on: process 1 of a container ignores signals without a handler."""
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """Give running requests a moment to end; waitress alone would wait for five seconds."""
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
        listener.listen(128)  # from here on visitors wait instead of being refused
    except OSError as problem:
        listener.close()
        raise OSError(problem.errno, f"cannot listen on {host}:{port}: {problem.strerror}") from problem
    return listener
