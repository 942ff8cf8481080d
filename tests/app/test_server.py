"""The real server: what it says to those who speak no HTTP, what it writes, and whom it believes."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from app.server import THREADS

pytestmark = pytest.mark.slow  # servers in processes of their own


@contextmanager
def serving(cache: Path, **settings: str) -> Iterator[tuple[int, Path]]:
    """The port of a server, and what it logs."""
    log = cache.parent / "log"
    variables = {f"BATCHSCAPE_{name.upper()}": value for name, value in settings.items()}
    with log.open("w") as errors:
        server = subprocess.Popen(
            [sys.executable, "-u", "-m", "app", "serve", "--port", "0"],
            env={**os.environ, "BATCHSCAPE_CACHE_DIR": str(cache), "BATCHSCAPE_WARM": "0", **variables},
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert server.stdout is not None
    try:
        found = re.search(r"http://127\.0\.0\.1:(\d+)", server.stdout.readline())
        assert found is not None, log.read_text()
        yield int(found[1]), log
    finally:
        server.kill()
        server.wait()
        server.stdout.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    with serving(tmp_path_factory.mktemp("server") / "cache", log="json") as running:
        yield running


def ask(
    port: int, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[http.client.HTTPResponse, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    content = response.read()
    connection.close()
    return response, content


def test_no_answer_names_the_server(server):
    for path in ("/", "/nothing", "/healthz"):
        response, _ = ask(server[0], "GET", path)
        assert response.getheader("Server") is None
        assert response.getheader("X-Content-Type-Options") == "nosniff"


def test_each_refusal_is_one_json_line_whatever_is_in_the_path(server):
    port, log = server
    before = len(log.read_text().splitlines())
    json_type = {"Content-Type": "application/json"}
    assert ask(port, "GET", "/nothing%0a%1b%5b31mforged")[0].status == 404
    assert ask(port, "POST", "/_dash-update-component", b"[]", json_type)[0].status == 400
    assert ask(port, "POST", "/_dash-update-component", b" " * 70_000, json_type)[0].status == 413
    assert ask(port, "GET", "/?" + "x" * 5000)[0].status == 414
    lines = [json.loads(line) for line in log.read_text().splitlines()[before:]]
    assert [(line["status"], line["method"], line["path"], line["address"]) for line in lines] == [
        (404, "GET", "/nothing\n\x1b[31mforged", "127.0.0.1"),
        (400, "POST", "/_dash-update-component", "127.0.0.1"),
        (413, "POST", "/_dash-update-component", "127.0.0.1"),
        (414, "GET", "/", "127.0.0.1"),
    ]
    assert all(line["level"] == "WARNING" and line["reason"] for line in lines)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nnothing\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"a" * 40_000 + b"\r\n\r\n", 431),
        (b"POST /_dash-update-component HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999\r\n\r\n", 413),
        (b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", 400),
        (b"\x16\x03\x01\x00\xa5hello\r\n\r\n", 400),
    ],
)
def test_bytes_that_are_no_http_or_too_much_of_it_are_refused(server, sent, status):
    log = server[1]
    before = len(log.read_text().splitlines())
    with socket.create_connection(("127.0.0.1", server[0]), timeout=20) as connection:
        connection.sendall(sent)
        answer = connection.recv(4096)
    assert answer.startswith(b"HTTP/1."), answer
    assert answer.split()[1] == str(status).encode()
    assert b"waitress" not in answer
    (line,) = (json.loads(line) for line in log.read_text().splitlines()[before:])
    assert (line["level"], line["status"], line["address"]) == ("WARNING", status, "127.0.0.1")
    assert line["reason"]
    assert ask(server[0], "GET", "/healthz")[0].status == 200


@pytest.mark.parametrize("path", ["/", "/export/dialog?v=1", "/healthz"])
def test_a_host_that_is_none_is_refused_with_one_line(server, path):
    port, log = server
    before = len(log.read_text().splitlines())
    response, content = ask(port, "GET", path, headers={"Host": "xn--a"})
    assert (response.status, content) == (400, b"The Host of the request is no name of a host.")
    (line,) = (json.loads(line) for line in log.read_text().splitlines()[before:])
    assert (line["status"], line["logger"]) == (400, "app.http.error_responses")


def test_idle_connections_keep_nobody_out(server):
    with ExitStack() as stack:
        for _ in range(150):
            connection = stack.enter_context(closing(http.client.HTTPConnection("127.0.0.1", server[0], timeout=20)))
            connection.request("GET", "/healthz")
            connection.getresponse().read()
        assert ask(server[0], "GET", "/healthz")[0].status == 200


def test_visitors_that_read_no_response_hold_up_no_other(server):
    """More of them than threads, each with answers of more bytes than waitress keeps for one connection."""
    port = server[0]
    html = ask(port, "GET", "/")[1].decode()
    (bundle,) = re.findall(r'src="(/[^"]*plotly.min.js[^"]*)"', html)
    request = f"GET {bundle} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    with ExitStack() as stack:
        for _ in range(2 * THREADS):
            silent = stack.enter_context(socket.socket())
            silent.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            silent.connect(("127.0.0.1", port))
            silent.sendall(request * 50)
        for _ in range(20):  # each waits behind one answer to each of them
            assert ask(port, "GET", "/healthz")[0].status == 200


def test_pipelined_requests_get_one_response(server):
    request = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server[0]), timeout=20) as connection:
        connection.sendall(request * 3)
        received = b"".join(iter(lambda: connection.recv(4096), b""))
    assert received.count(b"HTTP/1.1 200 OK") == 1
    assert b"Connection: close" in received


@pytest.mark.parametrize(
    ("soft", "hard", "left", "connections"),
    [(256, 1024, 1024, 819), (1024, 4096, 2500, 2000), (4096, 4096, 4096, 2000)],
)
def test_files_are_allowed_for_as_many_connections_as_can_be(soft, hard, left, connections):
    resource = pytest.importorskip("resource")
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < hard:
        pytest.skip(f"fewer than {hard} files may be open here")
    program = """
import sys, resource
soft, hard = map(int, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
from app.http import waitress_limits
print(waitress_limits.raise_file_limit(), resource.getrlimit(resource.RLIMIT_NOFILE)[0])
"""
    command = [sys.executable, "-c", program, str(soft), str(hard)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(connections), str(left)]


def statuses(port: int) -> list[int]:
    """Four visitors behind a proxy open the page once each."""
    return [ask(port, "GET", "/", headers={"X-Forwarded-For": f"192.0.2.{last}"})[0].status for last in range(1, 5)]


def test_a_forwarded_address_is_trusted_only_from_a_proxy(tmp_path):
    with serving(tmp_path / "cache", address_rate="2/hour") as (port, _):
        assert statuses(port) == [200, 200, 429, 429]
    with serving(tmp_path / "cache", address_rate="2/hour", proxies="1") as (port, log):
        assert statuses(port) == [200] * 4
        assert ask(port, "GET", "/nothing", headers={"X-Forwarded-For": "198.51.100.9, 192.0.2.9"})[0].status == 404
        assert "refused 404: GET /nothing" in log.read_text()
