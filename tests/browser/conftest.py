"""A real server and a real browser, each started once."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from driving import FAULTS, HOME, PATIENCE, check_faults, follow, rest, serving, settle, start, watched
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
    "--disable-gpu-compositing",  # without a graphics card the page itself is painted faster by the processor
]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

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
    with serving(tmp_path_factory.mktemp("cache")) as (address, _):
        yield address


@pytest.fixture
def blank(browser: Browser, address: str) -> Iterator[Page]:
    """A page of this test's own that has opened no link yet."""
    with watched(browser, address) as page:
        yield page


@pytest.fixture
def page(blank: Page) -> Page:
    """A page of this test's own, with its first surfaces drawn."""
    return start(blank)


@pytest.fixture(scope="session")
def opened_page(browser: Browser, address: str) -> Iterator[Page]:
    with watched(browser, address) as page:
        yield start(page)


@pytest.fixture
def tidy_page(opened_page: Page) -> Iterator[Page]:
    """A page that many tests use: light, nothing open over it, no focus, folded, but still where the last test left it."""
    try:
        opened_page.keyboard.press("Escape")
        opened_page.evaluate(
            "() => { document.getElementById('dialog').close(); document.activeElement.blur();"
            " document.querySelector('.fold').open = false; }"
        )
        opened_page.mouse.move(0, 0)
        if opened_page.locator("html").get_attribute("data-mantine-color-scheme") == "dark":
            opened_page.locator("#theme-toggle").click()
        rest(opened_page)
    except PlaywrightError:  # the last test failed and has left nothing to go on with
        opened_page.unroute_all()
        start(opened_page)
        FAULTS[opened_page].clear()
    yield opened_page
    check_faults(opened_page)


@pytest.fixture
def same_page(tidy_page: Page) -> Page:
    """A page that many tests use, as it is when it has just been opened."""
    follow(tidy_page, HOME)
    settle(tidy_page)
    return tidy_page


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
