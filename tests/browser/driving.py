"""What the browser tests do to the page, and what they read from it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, TimeoutError

WINDOW = {"width": 1366, "height": 768}
PATIENCE = 60_000
"""Milliseconds before something counts as never happening; software WebGL on a busy machine is slow."""


READY = """name => {
    const plot = document.querySelector(`#${name} .js-plotly-plot`);
    return Boolean(plot && plot.data && plot.data.length && plot._fullLayout);
}"""

DRAWN = """name => {
    const plot = document.querySelector(`#${name} .js-plotly-plot`);
    if (!plot || !plot._fullLayout || !plot.data || !plot.data.length) return false;
    if (plot._fullLayout.scene) return Boolean(plot._fullLayout.scene._scene && plot.querySelector('canvas'));
    // points of a chart are painted on a canvas; its bars, and anything in a map, are elements
    return plot.querySelector('canvas, .trace, .hm, .contour') !== null && plot.querySelector('.xtick text') !== null;
}"""


QUIET = """() => document.getElementById('busy').className === 'idle'
    && !document.querySelector('[data-dash-is-loading]')"""
"""Nothing is computed or asked for."""


def settle(page: Page, *panels: str) -> None:
    """Wait until nothing is computed and the panels are drawn."""
    for panel in panels or ("compare-loss", "compare-slope"):
        page.wait_for_function(READY, arg=panel)
    page.wait_for_function(QUIET)


def drawn(page: Page, panel: str) -> None:
    """Wait until a panel holds a canvas with a scene, or the marks of a chart."""
    page.wait_for_function(DRAWN, arg=panel)


def click(page: Page, label: str) -> None:
    page.get_by_text(label, exact=True).first.click()


def point_at(page: Page, place: tuple[float, float], seen: str) -> None:
    """Rest the mouse at a place until a condition holds; a plot that is just drawn again forgets a mouse that rests."""
    for _ in range(PATIENCE // 3000):
        page.mouse.move(place[0] - 12, place[1])
        page.mouse.move(*place, steps=4)
        try:
            page.wait_for_function(seen, timeout=3000)
        except TimeoutError:
            continue
        return
    pytest.fail(f"with the mouse at {place} this never held: {seen}")


@contextmanager
def first_held(page: Page, changed: str) -> Iterator[list[Route]]:
    """The first request of a callback that a change of a property brings, once there is one; the test lets it go on."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if f'"changedPropIds":["{changed}"]' in (route.request.post_data or "") and not held:
            held.append(route)
        else:
            route.continue_()

    page.route("**/_dash-update-component*", hold)
    yield held
    page.unroute("**/_dash-update-component*")


def answer_late(page: Page, held: Route) -> None:
    """Let a request that was held go on once all else is drawn, and give the page time for what it does with the answer."""
    settle(page)
    with page.expect_response(lambda answer: answer.request == held.request):
        held.continue_()
    page.wait_for_timeout(1000)


def retype(page: Page, field: str, text: str) -> None:
    box = page.locator(f"#{field}")
    box.fill(text)
    box.press("Tab")


def values(page: Page, panel: str, trace: int = 0) -> str:
    """The numbers that a panel shows, as they came over the wire."""
    return page.evaluate(
        "([name, trace]) => { const one = document.querySelector(`#${name} .js-plotly-plot`).data[trace];"
        " return JSON.stringify(one.z || one.y); }",
        [panel, trace],
    )


def changed(page: Page, panel: str, old: str) -> None:
    """Wait until a panel shows other numbers."""
    page.wait_for_function(
        "([name, old]) => { const one = document.querySelector(`#${name} .js-plotly-plot`).data[0];"
        " return one && JSON.stringify(one.z || one.y) !== old; }",
        arg=[panel, old],
    )


def camera(page: Page, panel: str) -> dict[str, dict[str, float]]:
    """Where a surface is looked at from."""
    return page.evaluate(
        "name => { const scene = document.querySelector(`#${name} .js-plotly-plot`)._fullLayout.scene;"
        " return scene._scene.getCamera(); }",
        panel,
    )


def start(page: Page) -> Page:
    """Open it, and wait for its first surfaces."""
    page.goto("/")
    settle(page)
    return page


@contextmanager
def watched(browser: Browser, address: str, **device: Any) -> Iterator[Page]:
    """An empty page of the server at an address; fails if it logs an error or asks another host for anything."""
    usual = {"viewport": WINDOW, "color_scheme": "light", "reduced_motion": "reduce"}
    context = browser.new_context(base_url=address, **{**usual, **device})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    errors: list[str] = []
    strangers: list[str] = []
    page.on("pageerror", lambda error: errors.append(error.stack or str(error)))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on(
        "request",
        lambda request: None if request.url.startswith((address, "data:", "blob:")) else strangers.append(request.url),
    )
    try:
        yield page
    finally:
        context.close()
    assert not errors, "\n".join(errors)
    assert not strangers, strangers


@contextmanager
def serving(cache: Path, port: int = 0, **settings: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The address of a server of one's own, and its process."""
    told = {f"BATCHSCAPE_{name.upper()}": value for name, value in settings.items()}
    server = subprocess.Popen(
        [sys.executable, "-u", "-m", "app", "serve", "--port", str(port)],
        env={**os.environ, "BATCHSCAPE_CACHE_DIR": str(cache), "BATCHSCAPE_WARM": "0", **told},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert server.stdout is not None
    lines = []
    try:
        for line in server.stdout:
            lines.append(line)
            if found := re.search(r"http://\S+", line):
                break
        else:
            pytest.fail("the server did not start: " + "".join(lines))
        yield found.group(), server
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
