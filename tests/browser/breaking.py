"""A TCP proxy that breaks single answers of a server: cuts them short, drops them, or answers in their place."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

WAYS = ("cut", "short", "dropped", "replaced")
"""Cut: the connection ends before the length that was told; short: without a length, the end looks like one; dropped:
the connection ends without an answer; replaced: by a page of a proxy whose server restarts."""

REPLACED = b"\r\n".join(
    (
        b"HTTP/1.1 502 Bad Gateway",
        b"Content-Type: text/html",
        b"Content-Length: 12",
        b"Connection: close",
        b"",
        b"<h1>502</h1>",
    )
)


@dataclass
class Breaking:
    """A running proxy; `todo` maps a part of a request to the way its next answer is broken, once."""

    address: str
    todo: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def way(self, request: bytes) -> str | None:
        """How the answer to a request is to be broken."""
        with self.lock:
            for part, way in self.todo.items():
                if part.encode() in request:
                    del self.todo[part]
                    self.done.append(part)
                    return way
        return None


@contextmanager
def breaking(server: str) -> Iterator[Breaking]:
    """A proxy in front of a server at an address."""
    host, port = server.removeprefix("http://").rsplit(":", 1)
    listener = socket.create_server(("127.0.0.1", 0))
    proxy = Breaking(f"http://127.0.0.1:{listener.getsockname()[1]}")

    def accept() -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                client, _ = listener.accept()
                threading.Thread(target=answer, args=(client,), daemon=True).start()

    def answer(client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):  # the browser has gone
            client.settimeout(60)
            request = _read_request(client)
            if request:
                way = proxy.way(request)
                if way != "dropped":
                    client.sendall(REPLACED if way == "replaced" else _break(_ask(host, int(port), request), way))

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield proxy
    finally:
        listener.close()


def _read_request(client: socket.socket) -> bytes:
    """A whole request; one connection serves one."""
    request = b""
    while b"\r\n\r\n" not in request:
        part = client.recv(65536)
        if not part:
            return b""
        request += part
    head, body = request.split(b"\r\n\r\n", 1)
    found = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
    while len(body) < (int(found[1]) if found else 0):
        body += client.recv(65536)
    head = re.sub(rb"(?i)\r\nconnection: [^\r]*", b"", head)
    return head + b"\r\nConnection: close\r\n\r\n" + body


def _ask(host: str, port: int, request: bytes) -> bytes:
    with socket.create_connection((host, port)) as upstream:
        upstream.sendall(request)
        return b"".join(iter(lambda: upstream.recv(65536), b""))


def _break(answer: bytes, way: str | None) -> bytes:
    if way is None:
        return answer
    head, body = answer.split(b"\r\n\r\n", 1)
    if way == "short":
        head = re.sub(rb"(?i)\r\ncontent-length: \d+", b"", head)
    return head + b"\r\n\r\n" + body[: len(body) // 2]
