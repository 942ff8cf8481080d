"""The server as a container runs it: asked as `tools/smoke.py` does, and stopped as an engine does."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import smoke

pytestmark = pytest.mark.slow

PATIENCE = 120
"""Seconds after which a test gives up."""


@contextmanager
def serving(cache: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server without presets, and its address."""
    server = subprocess.Popen(
        [sys.executable, "-u", "-m", "app", "serve", "--port", "0"],
        env={**os.environ, "BATCHSCAPE_CACHE_DIR": str(cache), "BATCHSCAPE_WARM": "0"},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        address = re.search(r"http://127\.0\.0\.1:\d+", server.stdout.readline())
        assert address is not None
        yield server, address.group()
    finally:
        server.kill()
        server.communicate()


def test_the_conversation_of_the_smoke_test(tmp_path: Path) -> None:
    """Whole, against a real server, so that what `make smoke` looks for is what the page has."""

    def talk(*options: str) -> subprocess.CompletedProcess[str]:
        # as inside a container: the file alone, the standard library alone
        command = [sys.executable, "-S", "-", "--talk", address, *options]
        program = Path(smoke.__file__).read_text("utf-8")
        return subprocess.run(
            command, input=program, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False
        )

    with serving(tmp_path) as (_, address):
        # nothing has been computed ahead here: it has to notice
        done = talk()
        assert done.returncode == 1
        assert done.stderr == "smoke: the page's first view is at hand: no, but '1 computed'\n"
        for options in (["--no-presets"], []):
            done = talk(*options)
            assert done.returncode == 0, done.stderr
            assert "128 minima found" in done.stdout
            assert "its 12 pictures are drawn" in done.stdout
            assert "10,000 losses from " in done.stdout


@pytest.mark.parametrize("busy", [False, True])
def test_sigterm_ends_it_soon_though_a_study_runs(tmp_path: Path, busy: bool) -> None:
    with serving(tmp_path) as (server, address):
        page = smoke.Page(address)
        if busy:
            page.start_long()
        begin = time.monotonic()
        server.send_signal(signal.SIGTERM)
        assert server.wait(PATIENCE) == 0
        assert time.monotonic() < begin + smoke.STOP_SECONDS


def test_sigterm_ends_it_though_a_thread_never_does() -> None:
    script = """
import os, signal, threading
from app import server
signal.signal(signal.SIGTERM, server._stop)
threading.Thread(target=threading.Event().wait).start()
os.kill(os.getpid(), signal.SIGTERM)
"""
    done = subprocess.run([sys.executable, "-c", script], timeout=PATIENCE, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_sigterm_ends_it_while_it_starts(command: str) -> None:
    """Process 1 ignores a signal that it does not handle; the signal comes with the first of what is slow to import."""
    script = f"""
import os, signal, sys
from app import cli
class Import:
    def find_spec(self, name, *_):
        if name == "app.settings":
            os.kill(os.getpid(), signal.SIGTERM)
            sys.exit("SIGTERM was ignored")
sys.meta_path.insert(0, Import())
signal.signal(signal.SIGTERM, signal.SIG_IGN)
sys.argv = ["batchscape", "{command}"]
cli.main()
"""
    done = subprocess.run([sys.executable, "-c", script], timeout=PATIENCE, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
