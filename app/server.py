"""Serve the dashboard: one process, some threads."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from types import FrameType

from app import create_app, logs
from app.settings import Settings

THREADS = 16
"""Requests answered at the same time; studies run on threads of their own."""

SWITCH_SECONDS = 0.0001
"""How long a thread holds the interpreter while another waits for it."""

LONGEST_HEAD, LONGEST_BODY = 32 * 1024, 1024 * 1024
"""Bytes that are read of a request at all; `app.guard` allows less and says so."""

GRACE_SECONDS = 0.25
"""How long answers and studies under way may take to end, once the server is told to stop."""


def serve(settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve until the process is stopped; SIGTERM does that in about a second, with exit code 0.

    Args:
        settings: Of this server.
        ready: Called with the page's address once the port is taken.

    Raises:
        SpecError: The device is not there.
        OSError: The port or the cache directory cannot be used.
    """
    signal.signal(signal.SIGTERM, _stop)

    import torch
    import waitress

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
        waitress.serve(
            application,
            sockets=[listener],
            threads=THREADS,
            ident=None,
            clear_untrusted_proxy_headers=True,
            max_request_header_size=LONGEST_HEAD,
            max_request_body_size=LONGEST_BODY,
            **(proxied if settings.proxies else {}),
        )


def _stop(_signal: int, _frame: FrameType | None) -> None:
    """End the process, whatever is under way.

    Without this, process 1 of a container ignores the signal. The exit that is raised here may take longer: waitress
    waits five seconds for an answer, and Python aborts when it finds a thread inside torch.
    """
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
