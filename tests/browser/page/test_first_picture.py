"""The first picture: it stands there before the page's scripts run, and gives way to the page."""

from __future__ import annotations

import pytest
from driving import WINDOW, settle, watched
from playwright.sync_api import Browser, Page, Route, expect


def test_the_first_picture_needs_no_scripts(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport=WINDOW, java_script_enabled=False)
    page = context.new_page()
    page.goto(address)
    expect(page.locator("h1")).to_have_text("Batchscape")
    expect(page.locator(".first img")).to_have_count(2)
    pictures = [picture.bounding_box() for picture in page.locator(".first img").all()]
    context.close()
    with watched(browser, address) as page:
        page.goto("/")
        settle(page)
        surfaces = [page.locator(f"#compare-{name}").bounding_box() for name in ("loss", "slope")]
    for picture, surface in zip(pictures, surfaces, strict=True):
        assert picture is not None
        assert surface is not None
        # it is a photograph of the page in this window, and lies where the surface will be drawn
        assert picture == pytest.approx(surface, abs=1)


@pytest.mark.parametrize(
    ("system", "kept", "expected"),
    [("light", None, "light"), ("dark", None, "dark"), ("light", "dark", "dark"), ("dark", "light", "light")],
)
def test_the_first_picture_has_the_theme_of_the_page(
    browser: Browser, address: str, system: str, kept: str | None, expected: str
) -> None:
    context = browser.new_context(viewport=WINDOW, color_scheme=system)
    if kept:
        context.add_init_script(f"window.localStorage.setItem('theme', '\"{kept}\"')")
    page = context.new_page()
    page.route("**/dash_renderer*", lambda route: None)  # so that it stays
    page.goto(address, wait_until="commit")
    page.wait_for_function(
        "name => [...document.querySelectorAll('.first img')].some(one => one.complete && one.currentSrc.includes(name))",
        arg=f"loss-{expected}.webp",
    )
    assert page.evaluate("() => document.documentElement.dataset.mantineColorScheme") == expected
    context.close()


def test_nothing_done_before_the_page_is_there_does_harm(browser: Browser, address: str) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    with watched(browser, address, viewport={"width": 390, "height": 400}, has_touch=True) as page:
        page.route("**/_dash-layout*", hold)
        page.goto("/#there")
        page.wait_for_function("() => window.dash_clientside?.batchscape?.share")
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
        page.wait_for_timeout(200)
        assert held
        held[0].continue_()
        page.unroute("**/_dash-layout*")
        settle(page)


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_the_first_picture_gives_way_without_a_shift(blank: Page, motion: str) -> None:
    page = blank
    page.add_init_script(
        "window.shifted = 0; new PerformanceObserver(list => list.getEntries().forEach(entry => {"
        " window.shifted += entry.value; })).observe({type: 'layout-shift', buffered: true});"
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.emulate_media(reduced_motion=motion)
    page.goto("/")
    expect(page.locator("#first")).to_have_count(1)
    settle(page)
    expect(page.locator("#first")).to_have_count(0)
    expect(page.locator("h1")).to_have_count(1)
    assert page.evaluate("window.shifted") <= 0.1
    # the whole of Plotly is never loaded
    assert [url for url in asked if "plotly" in url and "/assets/plotly/" not in url] == []
    assert page.evaluate("window.Plotly.version")
