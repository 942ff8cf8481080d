"""Serve the dashboard: one process, some threads."""

from __future__ import annotations

import socket
from collections.abc import Callable

from app import create_app
from app.settings import Settings

THREADS = 16
"""Requests answered at the same time; studies run on threads of their own."""


def serve(settings: Settings, ready: Callable[[str], None]) -> None:
    """Serve until the process is stopped.

    Args:
        settings: Of this server.
        ready: Called with the page's address once the port is taken.

    Raises:
        SpecError: The device is not there.
        OSError: The port or the cache directory cannot be used.
    """
    import torch
    import waitress

    # two busy cores run small kernels up to twenty times slower with two threads than with one; studies run side by side
    torch.set_num_threads(1)
    listener = _listen(settings.host, settings.port)
    application = create_app(settings).server
    host, port = listener.getsockname()[:2]
    name = "127.0.0.1" if host in {"0.0.0.0", "::"} else host
    ready(f"http://{f'[{name}]' if ':' in name else name}:{port}")
    waitress.serve(application, sockets=[listener], threads=THREADS, ident=None, clear_untrusted_proxy_headers=True)


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
