"""What the page costs a browser: files, WebGL contexts, shifts; and what is seen before its scripts run."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from driving import click, first_held, settle, watched
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from app.controls import DEFAULTS
from app.figures import render
from app.state import Request
from app.views import VIEWS
from landscape_core import StudySpec
from landscape_core.study import run

WINDOW = {"width": 1366, "height": 768}

COUNTED = """(() => {
    const made = [], real = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
        const context = real.call(this, kind, ...more);
        if (context && /webgl/.test(kind) && !made.includes(context)) made.push(context);
        return context;
    };
    window.liveContexts = () => made.filter(context => !context.isContextLost()).length;
})()"""


@pytest.fixture
def context(browser: Browser) -> BrowserContext:
    context = browser.new_context(viewport=WINDOW, color_scheme="light", reduced_motion="reduce")
    context.set_default_timeout(60_000)
    yield context
    context.close()


def test_hidden_views_keep_no_webgl_context(context: BrowserContext, address: str) -> None:
    context.add_init_script(COUNTED)
    page = context.new_page()
    page.goto(address)
    settle(page)
    for view in ("moments", "explore", "variance", "compare"):
        click(page, VIEWS[view].label)
        settle(page, *(f"{view}-{name}" for name, kind in VIEWS[view].panels.items() if kind == "figure"))
        expected = 0 if view == "variance" else 2
        page.wait_for_function("count => window.liveContexts() === count", arg=expected)


def test_a_view_comes_back_though_nothing_new_is_asked(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    page.goto(address)
    settle(page)
    shown = "() => document.querySelector('#compare-loss .js-plotly-plot').data.length"
    for hidden in (True, False):
        page.evaluate("hidden => { document.getElementById('view-compare').hidden = hidden; }", hidden)
        page.wait_for_function(f"hidden => Boolean(({shown})()) !== hidden", arg=hidden)


def test_first_picture_is_there_without_scripts(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport=WINDOW, java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    expect(page.locator("h1")).to_have_text("Batchscape")
    expect(page.locator(".first img")).to_have_count(2)
    for picture in page.locator(".first img").all():
        box = picture.bounding_box()
        assert box is not None
        assert box["width"] > 400
        assert box["height"] > 200
    context.close()


@pytest.mark.parametrize(
    ("system", "kept", "expected"),
    [("light", None, "light"), ("dark", None, "dark"), ("light", "dark", "dark"), ("dark", "light", "light")],
)
def test_first_picture_has_the_colours_of_the_page(
    browser: Browser, address: str, system: str, kept: str | None, expected: str
) -> None:
    context = browser.new_context(viewport=WINDOW, color_scheme=system)
    if kept:
        context.add_init_script(f"window.localStorage.setItem('theme', '\"{kept}\"')")
    page = context.new_page()
    page.route("**/dash_renderer*", lambda route: route.abort())  # so that it stays
    page.goto(address)
    page.wait_for_function("() => document.querySelector('.first img').complete")
    assert f"loss-{expected}.webp" in page.evaluate("() => document.querySelector('.first img').currentSrc")
    assert page.evaluate("() => document.documentElement.dataset.mantineColorScheme") == expected
    context.close()


def test_whatever_is_done_before_the_page_is_there_harms_nothing(browser: Browser, address: str) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    with watched(browser, address, viewport={"width": 390, "height": 400}, has_touch=True) as page:
        page.route("**/_dash-layout*", hold)
        page.goto("/#there")
        page.wait_for_function("() => window.batchscape && window.batchscape.link && window.batchscape.rotate")
        page.mouse.wheel(0, 200)
        page.wait_for_function("() => window.scrollY > 0")
        for part in page.locator("#first :is(h1, h2, img)").all():
            part.dispatch_event("click")
            part.tap(force=True)
        for key in ("Tab", "Escape", "Enter", " ", "ArrowLeft", "PageDown", "PageUp", "Control+z", "g", "?", "b", "1"):
            page.keyboard.press(key)
        page.set_viewport_size({"width": 800, "height": 600})
        page.emulate_media(media="print")
        page.pdf()
        page.emulate_media(media="screen")
        page.evaluate("() => { window.location.hash = 'elsewhere'; window.history.back(); }")
        page.wait_for_timeout(500)
        assert held
        held[0].continue_()
        page.unroute("**/_dash-layout*")
        settle(page)


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_first_picture_gives_way_without_a_shift(context: BrowserContext, address: str, motion: str) -> None:
    context.add_init_script(
        "window.shifted = 0; new PerformanceObserver(list => list.getEntries().forEach(entry => {"
        " window.shifted += entry.value; })).observe({type: 'layout-shift', buffered: true});"
    )
    page = context.new_page()
    page.emulate_media(reduced_motion=motion)
    page.goto(address)
    expect(page.locator("#first")).to_have_count(1)
    settle(page)
    expect(page.locator("#first")).to_have_count(0)
    expect(page.locator("h1")).to_have_count(1)
    assert page.evaluate("window.shifted") <= 0.1


def test_the_whole_of_plotly_is_never_asked_for(context: BrowserContext, address: str) -> None:
    page: Page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    settle(page)
    assert [url for url in asked if "plotly" in url and "/assets/plotly/" not in url] == []
    assert page.evaluate("window.Plotly.version")


def test_what_follows_a_choice_is_asked_for_once_its_surfaces_are_painted(
    context: BrowserContext, address: str
) -> None:
    page = context.new_page()
    page.goto(address)
    settle(page)
    page.evaluate("() => { window.batchscape.settled = () => new Promise((done) => { window.painted = done; }); }")
    charts = page.locator("#compare-minima-note").inner_text()
    page.locator("#batch-preset-1").click()
    expect(page.locator("#compare-loss-note")).to_contain_text("mini-batch of 1 ")
    page.wait_for_function("() => window.painted")
    expect(page.locator("#compare-minima-note")).to_have_text(charts)
    page.evaluate("() => window.painted()")
    expect(page.locator("#compare-minima-note")).not_to_have_text(charts)


def test_grids_arrive_bit_for_bit(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    page.goto(f"{address}/?view=moments&resolution=40")
    settle(page, "moments-loss", "moments-slope", "moments-sd-loss")
    spec = StudySpec(resolution=40, draws=DEFAULTS.draws)
    drawn = VIEWS["moments"].draw(Request(spec, "moments"), {spec: run(spec)})
    for panel in ("loss", "slope", "sd-loss"):
        made = render(drawn[panel].picture, "light")["data"]
        shown = page.evaluate(
            """name => document.querySelector(`#moments-${name} .js-plotly-plot`).data
                .map(trace => trace.z ? Array.from(trace.z, row => Array.from(row)) : null)""",
            panel,
        )
        assert len(shown) == len(made)
        for ours, trace in zip(shown, made, strict=True):
            sent = np.frombuffer(base64.b64decode(trace["z"]["bdata"]), dtype=np.float32)
            np.testing.assert_array_equal(np.float32(ours).ravel(), sent)


def test_answers_are_heard_in_the_order_of_what_was_asked(context: BrowserContext, address: str) -> None:
    page = context.new_page()
    page.goto(address)
    for size in (1, 10):  # both are computed then
        page.locator(f"#batch-preset-{size}").click()
        expect(page.locator("#compare-minima-title")).to_have_text(f"Minima along four lines, |B| = {size}")
    page.evaluate("() => { window.batchscape.settled = () => new Promise((done) => { window.painted = done; }); }")
    page.locator("#batch-preset-1").click()
    expect(page.locator("#compare-loss-note")).to_contain_text("mini-batch of 1 ")
    page.wait_for_function("() => window.painted")
    with first_held(page, "theme.data") as later:
        page.locator("#theme-toggle").click()  # asks for all pictures, too
        while not later:
            page.wait_for_timeout(50)
        with page.expect_response(lambda answer: "compare-minima" in (answer.request.post_data or "")):
            page.evaluate("() => window.painted()")  # what was asked for first is answered first
        page.wait_for_timeout(500)
        later[0].continue_()
        expect(page.locator("#compare-minima-title")).to_have_text("Minima along four lines, |B| = 1")
