"""A real server and a real browser, each started once."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from driving import settle
from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import Error as PlaywrightError

FLAGS = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-angle=swiftshader",
    "--enable-unsafe-swiftshader",
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WINDOW = {"width": 1366, "height": 768}
PATIENCE = 60_000
"""Milliseconds before something counts as never happening; software WebGL on a busy machine is slow."""

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chosen = os.environ.get("BATCHSCAPE_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
        try:
            # without a path Playwright takes the browser that it has installed itself
            started = playwright.chromium.launch(executable_path=chosen, args=FLAGS)
        except PlaywrightError as problem:
            if os.environ.get("CI") == "true":
                pytest.fail(f"the browser tests need a browser: {problem}")
            pytest.skip("no browser: install Chromium, or set BATCHSCAPE_CHROMIUM to one")
        yield started
        started.close()


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    environment = {**os.environ, "BATCHSCAPE_CACHE_DIR": str(tmp_path_factory.mktemp("cache"))}
    server = subprocess.Popen(
        [sys.executable, "-u", "-m", "app", "serve", "--port", "0"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert server.stdout is not None
    lines = []
    for line in server.stdout:
        lines.append(line)
        if found := re.search(r"http://\S+", line):
            break
    else:
        pytest.fail("the server did not start: " + "".join(lines))
    yield found.group()
    server.kill()
    server.wait()
    server.stdout.close()


@contextmanager
def opened(browser: Browser, address: str) -> Iterator[Page]:
    """The page, with its first surfaces drawn; fails if it logs an error or asks another host for anything."""
    context = browser.new_context(viewport=WINDOW, color_scheme="light", reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    errors: list[str] = []
    strangers: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on(
        "request",
        lambda request: None if request.url.startswith((address, "data:", "blob:")) else strangers.append(request.url),
    )
    page.goto(address)
    settle(page)
    try:
        yield page
    finally:
        context.close()
    assert not errors
    assert not strangers


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A page of this test's own."""
    with opened(browser, address) as page:
        yield page


@pytest.fixture(scope="module")
def shared_page(browser: Browser, address: str) -> Iterator[Page]:
    """One page for several tests that leave it as they found it."""
    with opened(browser, address) as page:
        yield page


@pytest.fixture(scope="session")
def dead_relu_seed() -> int:
    """A seed whose start point has no gradient with ReLU."""
    from landscape_core import NumericalError, StudySpec, run

    for seed in range(200):
        try:
            run(StudySpec(activation="relu", domain="local", seed=seed, resolution=2, line_points=3, draws=0))
        except NumericalError:
            return seed
    pytest.fail("no such seed below 200")
