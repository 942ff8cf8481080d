"""The server as a container runs it: it is asked as `tools/smoke.py` does, and told to stop as an engine does."""

from __future__ import annotations

import os
import re
import runpy
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

SMOKE = Path(__file__).parents[2] / "tools" / "smoke.py"
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
    with serving(tmp_path) as (_, address):
        command = [sys.executable, str(SMOKE), "--talk", address]
        done = subprocess.run([*command, "--no-presets"], capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode == 0, done.stderr
        assert "10,000 losses from " in done.stdout
        # nothing has been computed ahead here: it has to notice
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert done.returncode == 1
        assert done.stderr.startswith("smoke: the page's first view is at hand: no, but {'kind': 'study'")


@pytest.mark.parametrize("busy", [False, True])
def test_sigterm_ends_it_though_a_study_runs(tmp_path: Path, busy: bool) -> None:
    with serving(tmp_path) as (server, address):
        page = runpy.run_path(str(SMOKE))["Page"](address)
        if busy:
            page.start_long()
        server.send_signal(signal.SIGTERM)
        assert server.wait(PATIENCE) == 0


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
