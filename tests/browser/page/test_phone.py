"""A phone: a finger scrolls the page over every picture; surfaces are maps until 3-D is asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from driving import HOME, PHONE, TRACE_TYPES, camera, follow, painted, rest, settle, start, trace_types, values, watched
from playwright.sync_api import Browser, Page, expect


@pytest.fixture(scope="module")
def phone(browser: Browser, address: str) -> Iterator[Page]:
    """A page on a phone."""
    with watched(browser, address, **PHONE) as page:
        yield start(page)


def swipe(page: Page, selector: str) -> float:
    """A finger over the middle of something, to where the page has room; how far the page went with it."""
    page.evaluate(
        "selector => document.querySelector(selector).scrollIntoView({ block: 'center', behavior: 'instant' })",
        selector,
    )
    painted(page)
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
    rest(page, 200)  # the page may scroll on
    return abs(page.evaluate("window.scrollY") - before)


@pytest.mark.parametrize(
    ("link", "panels"),
    [
        (HOME, ("compare-loss", "compare-slope", "compare-minima", "compare-nngpps")),
        ("?view=explore", ("explore-loss", "explore-line-slope", "explore-at-loss")),
        ("?view=oracle&step=20", ("oracle-loss",)),
    ],
)
def test_a_finger_scrolls_the_page_over_every_picture(phone: Page, link: str, panels: tuple[str, ...]) -> None:
    page = phone
    follow(page, link)
    settle(page, *panels)
    rest(page)
    for panel in panels:
        assert swipe(page, f"#{panel} .js-plotly-plot") > 40, panel


def test_a_surface_is_turned_once_3d_is_asked_for(phone: Page) -> None:
    page = phone
    follow(page, HOME)
    settle(page)
    panel = page.locator(".panel:has(#compare-loss)")
    assert trace_types(page, "compare-loss")[0] == "heatmap"
    expect(page.locator("#cameras")).to_be_hidden()
    numbers = values(page, "compare-loss")
    panel.get_by_role("button", name="3-D").tap()
    page.wait_for_function(f"() => ({TRACE_TYPES})('compare-loss')[0] === 'surface'")
    assert values(page, "compare-loss") == numbers
    expect(page.locator("#cameras")).to_be_visible()
    rest(page)
    painted(page)
    eye = camera(page, "compare-loss")["eye"]
    assert swipe(page, "#compare-loss canvas") == 0
    assert camera(page, "compare-loss")["eye"] != eye
    page.locator("#controls-toggle").tap()
    page.locator("#batch-preset-1").tap()
    page.locator("#controls-toggle").tap()
    expect(page.locator("#compare-loss-note")).to_contain_text("mini-batch of 1 ")
    settle(page)
    assert trace_types(page, "compare-loss")[0] == "surface"
    assert trace_types(page, "compare-slope")[0] == "heatmap"
    panel.get_by_role("button", name="Map").tap()
    page.wait_for_function(f"() => ({TRACE_TYPES})('compare-loss')[0] === 'heatmap'")
    assert swipe(page, "#compare-loss .js-plotly-plot") > 40


def test_the_current_view_is_marked_and_scrolled_to(phone: Page) -> None:
    page = phone
    follow(page, "?view=race")
    settle(page, "race-line")
    tab = page.locator("#view label", has_text="Line searches")
    expect(tab).to_be_in_viewport()
    assert page.evaluate("() => document.querySelector('#view').scrollLeft") > 0
    marked = (
        "labels => labels.filter(one => getComputedStyle(one).boxShadow.includes('inset')).map(one => one.innerText)"
    )
    assert page.locator("#view label").evaluate_all(marked) == ["Line searches"]
    expect(page.locator("#view .mantine-SegmentedControl-indicator")).to_be_hidden()


def test_a_finger_moves_the_line_on_the_map(phone: Page) -> None:
    page = phone
    follow(page, "?view=explore")
    settle(page, "explore-map", "explore-line-loss")
    rest(page)
    assert swipe(page, "#explore-map .shapelayer path") < 5
    expect(page).to_have_url(re.compile("through_d"))


def test_pictures_follow_a_finger_and_play(phone: Page) -> None:
    page = phone
    follow(page, HOME)
    settle(page)
    page.locator("#controls-toggle").tap()
    thumb = page.locator("#batch_size [role=slider]").bounding_box()
    assert thumb is not None
    x, y = thumb["x"] + thumb["width"] / 2, thumb["y"] + thumb["height"] / 2
    finger = page.context.new_cdp_session(page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for step in range(1, 9):
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x + 5 * step, "y": y}]})
    expect(page.locator("#batch-label")).to_have_text(re.compile(r"^2\d of 150$"))
    size = page.locator("#batch-label").inner_text().split()[0]
    for panel in ("compare-minima", "compare-nngpps", "compare-loss", "compare-slope"):
        expect(page.locator(f"#{panel}-title")).to_contain_text(f"|B| = {size}")  # before the finger is lifted
    expect(page.locator("canvas.live")).to_have_count(2)
    assert page.evaluate("document.querySelector('#compare-loss .js-plotly-plot').data[0].z.length") == 50
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    finger.detach()
    settle(page)
    expect(page.locator("canvas.live")).to_have_count(0)
    page.locator("#play").tap()
    page.locator("#controls-toggle").tap()  # it plays on while the controls are put away
    note = page.locator("#compare-minima-note")
    before = note.inner_text()
    expect(note).not_to_have_text(before)
    page.locator("#controls-toggle").tap()
    page.locator("#play").tap()
    expect(page.locator("#play")).to_have_text("Play")
    page.locator("#controls-toggle").tap()
