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
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, TimeoutError, expect

WINDOW = {"width": 1366, "height": 768}
PATIENCE = 180_000
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
    && !document.querySelector('[data-dash-is-loading], #main[aria-busy=true]')"""
"""Nothing is computed, asked for or still to be drawn."""

RESTED = f"""async time => {{
    for (let since = performance.now(); performance.now() - since < time;) {{
        await new Promise(done => setTimeout(done, 20));
        if (!({QUIET})()) since = performance.now();
    }}
    return true;
}}"""

SHORT_PAUSES = """(() => {
    const real = window.setTimeout;
    window.setTimeout = (done, time, ...more) => real.call(window, done, time >= 1000 ? time / 10 : time, ...more);
})();"""
"""Pauses between attempts pass ten times as fast."""

TRACE_TYPES = "name => document.querySelector(`#${name} .js-plotly-plot`).data.map(trace => trace.type)"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def settle(page: Page, *panels: str) -> None:
    """Wait until nothing is computed and the panels are drawn."""
    for panel in panels or ("compare-loss", "compare-slope"):
        page.wait_for_function(READY, arg=panel)
    page.wait_for_function(QUIET)


def rest(page: Page, milliseconds: int = 300) -> None:
    """Wait until nothing has been computed or asked for during a time, in which what has just been done may ask."""
    page.wait_for_function(RESTED, arg=milliseconds)


def painted(page: Page) -> None:
    """Wait until the browser has painted what is on the page now."""
    page.evaluate(
        "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))"
    )


def drawn(page: Page, panel: str) -> None:
    """Wait until a panel holds a canvas with a scene, or the marks of a chart."""
    page.wait_for_function(DRAWN, arg=panel)


def click(page: Page, label: str) -> None:
    page.get_by_text(label, exact=True).filter(visible=True).first.click()


def unfold(page: Page) -> None:
    """Show what the paper's network is made from, and where it starts."""
    page.locator(".fold summary").click()


def open_view(page: Page, view: str) -> None:
    page.get_by_role("radiogroup", name="View").get_by_text(view, exact=True).click()


HOME = "?v=1"


def follow(page: Page, link: str) -> None:
    """Follow a link as one that stands on the page, which is not loaded again, and wait until it is answered.

    Once it is, the address has a version, unless it is that of the page as it opens.
    """
    page.evaluate(
        "link => { const anchor = document.createElement('a'); anchor.href = link;"
        " document.body.append(anchor); anchor.click(); anchor.remove(); }",
        link,
    )
    expect(page).to_have_url(re.compile(r"/$" if link == HOME else r"[?&]v=1$"))
    rest(page, 100)


def have_tables(page: Page, *parts: str) -> None:
    """Wait until the browser has the tables of what is shown."""
    page.wait_for_function(
        "parts => parts.every(part => {"
        " const held = dash_component_api.getLayout(`tables-${part}`).props.data;"
        " const asked = dash_component_api.getLayout('request').props.data.spec;"
        " return held && Object.keys({...held.for, ...asked}).every(name =>"
        " held.free.includes(name) || JSON.stringify(held.for[name]) === JSON.stringify(asked[name])); })",
        arg=parts,
    )


def trace_types(page: Page, panel: str) -> list[str]:
    """What a panel is drawn with."""
    return page.evaluate(TRACE_TYPES, panel)


def violations(page: Page, part: str | None = None) -> list[tuple[str, list[str]]]:
    """What axe finds on the page or a part of it: the rule, and where."""
    found = Axe().run(page, context=part).response["violations"]
    return [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found]


NAMED = {
    *(
        "button",
        "link",
        "textbox",
        "spinbutton",
        "slider",
        "radio",
        "checkbox",
        "switch",
        "combobox",
        "option",
        "menuitem",
    ),
    *("image", "figure", "group", "region", "radiogroup", "listbox", "menu", "dialog", "navigation", "complementary"),
    *("heading", "columnheader", "rowheader", "tab", "toolbar"),
}
"""Roles of which a listener has to hear what it is."""


def nameless(page: Page) -> list[str]:
    """Nodes of the accessibility tree that have such a role and no name: the role, and what it is on the page."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    found = [
        f"{node['role']['value']}: "
        + session.send("DOM.getOuterHTML", {"backendNodeId": node["backendDOMNodeId"]})["outerHTML"][:200]
        for node in nodes
        if not node["ignored"] and node["role"]["value"] in NAMED and not node.get("name", {}).get("value", "").strip()
    ]
    session.detach()
    assert len(nodes) > 100
    return found


def pick_export(page: Page, panel: str, what: str) -> None:
    page.locator(f"#{panel}-take").click()
    page.locator(f"#export-menu [data-does={what}]").click()


def point_at(page: Page, place: tuple[float, float], seen: str) -> None:
    """Rest the mouse at a place until a function is true; a plot that is just drawn again forgets a mouse that rests.

    A function, since the page's policy lets the browser evaluate a bare expression once only, at the first look.
    """
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


def wait_until_held(page: Page, held: list[Route]) -> None:
    """Wait until the page has made a request that is to be held."""
    for _ in range(PATIENCE // 50):
        if held:
            return
        page.wait_for_timeout(50)
    pytest.fail("the page has not asked")


def answer_late(page: Page, held: Route) -> None:
    """Let a request that was held go on once all else is drawn, and give the page time for what it does with the answer."""
    settle(page)
    with page.expect_response(lambda answer: answer.request == held.request):
        held.continue_()
    rest(page)


def retype(page: Page, field: str, text: str) -> None:
    box = page.locator(f"#{field}")
    # a box of react-number-format takes what comes without a key for a change at the place of its last key, which a shorter
    # number does not have; what it is given next it compares as a whole
    box.fill("")
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


FAULTS: dict[Page, list[str]] = {}
"""What the watched pages have done that no page may do."""


@contextmanager
def watched(browser: Browser, address: str, **device: Any) -> Iterator[Page]:
    """An empty page of the server at an address; fails if it logs an error or asks another host for anything."""
    usual = {"viewport": WINDOW, "color_scheme": "light", "reduced_motion": "reduce"}
    context = browser.new_context(base_url=address, **{**usual, **device})
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    faults = FAULTS[page] = []
    page.on("pageerror", lambda error: faults.append(error.stack or str(error)))
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith((address, "data:", "blob:")) else faults.append(f"asked for {request.url}")
        ),
    )
    try:
        yield page
    finally:
        context.close()
    check_faults(page)


def check_faults(page: Page) -> None:
    """Fail if a watched page has logged an error or asked another host since the last check."""
    faults = FAULTS[page]
    found = "\n".join(faults)
    faults.clear()
    assert not found, found


@contextmanager
def visiting(browser: Browser, address: str, *panels: str, script: str = "") -> Iterator[Page]:
    """A page that may log what the browser says of a server that refuses; fails if it was loaded again.

    A script runs before those of the page.
    """
    context = browser.new_context(viewport=WINDOW, reduced_motion="reduce")
    page = context.new_page()
    page.add_init_script(script)
    page.set_default_timeout(PATIENCE)
    page.goto(address)
    settle(page, *panels)
    page.evaluate("() => { window.sameVisit = true; }")
    yield page
    assert page.evaluate("() => window.sameVisit")
    context.close()


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
