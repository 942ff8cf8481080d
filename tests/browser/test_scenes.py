"""Scenes as maps: without WebGL, and on a phone, where a finger scrolls the page over every picture."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from driving import camera, click, point_at, settle, start, values, watched
from playwright.sync_api import Browser, Page, expect

WITHOUT_WEBGL = """(() => {
    const real = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
        return /webgl/.test(kind) ? null : real.call(this, kind, ...more);
    };
})()"""
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
TYPES = "name => document.querySelector(`#${name} .js-plotly-plot`).data.map(trace => trace.type)"


def kinds(page: Page, panel: str) -> list[str]:
    """What a panel is drawn with."""
    return page.evaluate(TYPES, panel)


@pytest.fixture(scope="module")
def flat_page(browser: Browser, address: str) -> Iterator[Page]:
    """A page in a browser without WebGL."""
    with watched(browser, address) as page:
        page.add_init_script(WITHOUT_WEBGL)
        yield start(page)


@pytest.fixture(scope="module")
def phone(browser: Browser, address: str) -> Iterator[Page]:
    """A page on a phone."""
    with watched(browser, address, **PHONE) as page:
        yield page


def test_without_webgl_surfaces_are_maps_of_the_same_numbers(flat_page: Page, shared_page: Page) -> None:
    page = flat_page
    assert kinds(page, "compare-loss") == ["heatmap"]
    assert kinds(page, "compare-slope") == ["heatmap", "contour"]
    for panel in ("compare-loss", "compare-slope"):
        assert values(page, panel) == values(shared_page, panel)
        limits = "name => {{ const one = document.querySelector(`#${{name}} .js-plotly-plot`)._fullData[0];"
        limits += " return [one.{0}min, one.{0}max, one.colorscale]; }}"
        assert page.evaluate(limits.format("z"), panel) == shared_page.evaluate(limits.format("c"), panel)
    expect(page.locator(".no-webgl")).to_have_count(1)
    expect(page.locator(".no-webgl")).to_contain_text("This browser has no WebGL")
    expect(page.locator("#cameras")).to_be_hidden()
    expect(page.locator(".turn")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
    box = page.locator("#compare-nngpps").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 768


def test_without_webgl_explore_shows_its_line_and_its_point(flat_page: Page) -> None:
    page = flat_page
    click(page, "Explore")
    settle(page, "explore-loss", "explore-slope", "explore-map")
    assert kinds(page, "explore-loss") == ["heatmap", "scatter", "scatter"]
    expect(page.locator(".no-webgl")).to_be_visible()
    box = page.locator("#explore-map .nsewdrag").bounding_box()
    assert box is not None
    # not on the line, which is there to be dragged
    place = box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.75
    point_at(page, place, "() => document.querySelector('#explore-loss .js-plotly-plot').data.slice(-1)[0].x[0] > 5")


def test_without_webgl_the_underside_is_a_map_too(flat_page: Page) -> None:
    page = flat_page
    page.goto("/?view=figures&figure=3c")
    settle(page)
    page.wait_for_function("() => document.querySelector('.view:not([hidden]) [data-scene=map]')")
    assert page.locator(".view:not([hidden])").inner_text().count("get.webgl.org") == 0


def test_the_words_about_webgl_are_only_where_surfaces_are(flat_page: Page) -> None:
    page = flat_page
    click(page, "Variance")
    settle(page)
    expect(page.locator(".no-webgl")).to_be_hidden()


def swipe(page: Page, selector: str) -> float:
    """A finger over the middle of something, to where the page has room; how far the page went with it."""
    page.evaluate(
        "selector => document.querySelector(selector).scrollIntoView({ block: 'center', behavior: 'instant' })",
        selector,
    )
    page.wait_for_timeout(300)
    before = page.evaluate("window.scrollY")
    away = -1 if before < page.evaluate("document.documentElement.scrollHeight - window.innerHeight") / 2 else 1
    box = page.locator(selector).first.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    finger = page.context.new_cdp_session(page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 9):
        point = {"x": x + step, "y": y + 12 * away * step}
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    finger.detach()
    page.wait_for_timeout(500)
    return abs(page.evaluate("window.scrollY") - before)


@pytest.mark.parametrize(
    ("link", "panels"),
    [
        ("/", ("compare-loss", "compare-slope", "compare-minima", "compare-nngpps")),
        ("/?view=explore", ("explore-loss", "explore-line-slope", "explore-at-loss")),
        ("/?view=oracle&step=20", ("oracle-loss",)),
    ],
)
def test_a_finger_scrolls_the_page_over_every_picture(phone: Page, link: str, panels: tuple[str, ...]) -> None:
    page = phone
    page.goto(link)
    settle(page, *panels)
    page.wait_for_timeout(1000)
    for panel in panels:
        assert swipe(page, f"#{panel} .js-plotly-plot") > 40, panel


def test_a_surface_is_turned_once_3d_is_asked_for(phone: Page) -> None:
    page = start(phone)
    panel = page.locator(".panel:has(#compare-loss)")
    assert kinds(page, "compare-loss") == ["heatmap"]
    expect(page.locator("#cameras")).to_be_hidden()
    numbers = values(page, "compare-loss")
    panel.get_by_role("button", name="3-D").tap()
    page.wait_for_function(f"() => ({TYPES})('compare-loss')[0] === 'surface'")
    assert values(page, "compare-loss") == numbers
    expect(page.locator("#cameras")).to_be_visible()
    page.wait_for_timeout(1500)
    eye = camera(page, "compare-loss")["eye"]
    assert swipe(page, "#compare-loss canvas") == 0
    assert camera(page, "compare-loss")["eye"] != eye
    page.locator("#controls-toggle").tap()
    page.locator("#batch-preset-1").tap()
    page.locator("#controls-toggle").tap()
    expect(page.locator("#compare-loss-note")).to_contain_text("mini-batch of 1 ")
    settle(page)
    assert kinds(page, "compare-loss") == ["surface"]
    assert kinds(page, "compare-slope")[0] == "heatmap"
    panel.get_by_role("button", name="Map").tap()
    page.wait_for_function(f"() => ({TYPES})('compare-loss')[0] === 'heatmap'")
    assert swipe(page, "#compare-loss .js-plotly-plot") > 40


def test_the_view_that_is_shown_is_marked_among_those_that_scroll(phone: Page) -> None:
    page = phone
    page.goto("/?view=race")
    settle(page, "race-line")
    race = page.locator("#view label", has_text="Race")
    expect(race).to_be_in_viewport()
    assert page.evaluate("() => document.querySelector('#view').scrollLeft") > 0
    marked = (
        "labels => labels.filter(one => getComputedStyle(one).boxShadow.includes('inset')).map(one => one.innerText)"
    )
    assert page.locator("#view label").evaluate_all(marked) == ["Race"]
    expect(page.locator("#view .mantine-SegmentedControl-indicator")).to_be_hidden()


def test_a_finger_moves_the_line_on_the_map(phone: Page) -> None:
    page = phone
    page.goto("/?view=explore")
    settle(page, "explore-map", "explore-line-loss")
    page.wait_for_timeout(1000)
    assert swipe(page, "#explore-map .shapelayer path") < 5
    expect(page).to_have_url(re.compile("through_d"))


def test_a_scene_is_as_large_as_its_panel_allows(browser: Browser, address: str) -> None:
    sizes = """name => {
        const plot = document.querySelector(`#${name} .js-plotly-plot`);
        const { x, y, z } = plot._fullLayout.scene.aspectratio;
        return [x, y, z, plot.clientWidth / plot.clientHeight];
    }"""
    with watched(browser, address, viewport={"width": 1920, "height": 1080}) as page:
        page.goto("/?profile=projector")
        settle(page, "compare-loss")
        assert page.evaluate(sizes, "compare-loss")[:3] == pytest.approx([1, 1, 0.62])
        page.goto("/?profile=projector&view=explore")
        settle(page, "explore-loss")
        *found, shape = page.evaluate(sizes, "explore-loss")
        assert shape < 1.4
        assert found == pytest.approx([shape / 1.7, shape / 1.7, 0.62 * shape / 1.7], rel=0.02)
        for button in ("#from-below", "#from-front"):
            page.locator(button).click()
            page.wait_for_timeout(700)
        for hidden in (True, False):
            page.evaluate("hidden => { document.getElementById('view-explore').hidden = hidden; }", hidden)
            shown = "() => document.querySelector('#explore-loss .js-plotly-plot').data.length"
            page.wait_for_function(f"hidden => Boolean(({shown})()) !== hidden", arg=hidden)
        assert page.evaluate(sizes, "explore-loss")[:3] == pytest.approx(found)
        page.set_viewport_size({"width": 1850, "height": 1080})
        fits = "old => { const [x, , , shape] = (%s)('explore-loss');"
        fits += " return Math.abs(shape - old) > 0.02 && Math.abs(x - shape / 1.7) < 0.01; }"
        page.wait_for_function(fits % sizes, arg=shape)
