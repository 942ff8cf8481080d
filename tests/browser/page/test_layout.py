"""Layout: what fits the window, on a projector and in a narrow window; the theme."""

from __future__ import annotations

import re

import pytest
from driving import camera, settle
from playwright.sync_api import Page, expect


def test_panels_fit_the_window(same_page: Page) -> None:
    page = same_page
    assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
    for panel in ("compare-loss", "compare-slope", "compare-minima", "compare-nngpps"):
        box = page.locator(f"#{panel}").bounding_box()
        assert box is not None
        assert box["height"] > 150
        assert box["y"] + box["height"] <= 768


def test_the_theme_outlives_a_reload(page: Page) -> None:
    page.locator("#theme-toggle").click()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.wait_for_function(
        "() => document.querySelector('#compare-minima .js-plotly-plot').layout.font.color === '#E6EDF3'"
    )
    page.reload()
    settle(page)
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")


def test_the_introduction_is_put_away_for_good_and_gives_way_to_the_tour(page: Page) -> None:
    words, figures = page.locator("#compare-intro p span").first, page.locator("#compare-intro dl")
    toggle = page.get_by_role("button", name="Introduction")
    expect(words).to_be_visible()
    expect(toggle).to_have_attribute("aria-expanded", "true")
    toggle.click()
    expect(words).to_be_hidden()
    expect(figures).to_be_visible()
    page.reload()
    settle(page)
    expect(words).to_be_hidden()
    expect(figures).to_contain_text("17")
    toggle.click()
    expect(words).to_be_visible()
    page.locator("#tour-start").click()
    expect(page.locator("#tour h2")).to_be_visible()
    expect(page.locator("#compare-intro")).to_be_hidden()


STAGE = """() => {
    const graph = document.querySelector('.view-compare > .panel:not([hidden]) .js-plotly-plot');
    const shown = [...document.querySelectorAll('.view-compare .js-plotly-plot')].filter(one => one.offsetParent);
    return {
        type: parseFloat(getComputedStyle(document.querySelector('.panel h2')).fontSize),
        chart: graph._fullLayout.font.size,
        shown: shown.map(one => one.parentElement.id),
        area: shown[0].clientWidth * shown[0].clientHeight,
        scrolls: document.documentElement.scrollHeight > innerHeight || document.documentElement.scrollWidth > innerWidth,
    };
}"""


@pytest.mark.parametrize("size", [(1366, 768), (1024, 768)])
def test_a_projector_has_larger_type_and_larger_pictures(blank: Page, size: tuple[int, int]) -> None:
    page = blank
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto("/")
    settle(page)
    screen = page.evaluate(STAGE)
    toggle = page.locator("#profile-toggle")
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile("profile=projector"))
    page.wait_for_function(f"size => ({STAGE})().chart > size", arg=1.3 * screen["chart"])
    stage = page.evaluate(STAGE)
    assert stage["type"] == pytest.approx(1.4 * screen["type"])
    assert stage["area"] > 1.5 * screen["area"]
    assert stage["shown"] == ["compare-loss", "compare-slope"]
    assert not stage["scrolls"]
    expect(page.locator(".rail-controls")).to_be_hidden()
    expect(page.locator("#compare-loss-note")).to_be_hidden()
    page.keyboard.press("x")
    assert page.evaluate(STAGE)["shown"] == ["compare-minima", "compare-nngpps"]
    expect(page.locator("#room-heard")).to_contain_text("Minima along four lines")
    page.locator(".other-pair").click()
    assert page.evaluate(STAGE)["shown"] == ["compare-loss", "compare-slope"]
    toggle.click()
    expect(toggle).to_have_attribute("aria-pressed", "false")
    expect(page).not_to_have_url(re.compile("profile"))
    expect(page.locator(".rail-controls")).to_be_visible()


def test_a_link_to_a_projector_waits_for_a_window_with_room(blank: Page) -> None:
    page = blank
    page.set_viewport_size({"width": 960, "height": 700})
    page.goto("/?profile=projector")
    settle(page)
    expect(page.locator("html")).to_have_attribute("data-profile", "screen")
    page.locator("#profile-toggle").click()
    page.locator("#profile-toggle").click()
    expect(page.locator("#said")).to_contain_text("at least 1000 × 600 pixels")
    page.set_viewport_size({"width": 1366, "height": 768})
    expect(page.locator("html")).to_have_attribute("data-profile", "projector")
    expect(page.locator("#profile-toggle")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize("size", [(1366, 768), (1024, 768)])
def test_nothing_in_the_head_of_the_page_is_cut(same_page: Page, size: tuple[int, int]) -> None:
    page = same_page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    try:
        cut = page.evaluate(
            """() => [...document.querySelectorAll('.bar :is(button, label, a, h1, p)')].filter(one => {
                if (!one.checkVisibility()) return false;
                const inner = one.querySelector('.mantine-Button-label') ?? one;
                const {left, right, top} = one.getBoundingClientRect();
                const hides = getComputedStyle(inner).overflowX !== 'visible';
                return (hides && inner.scrollWidth > inner.clientWidth + 1) || left < 0 || right > innerWidth || top < 4;
            }).map(one => one.textContent)"""
        )
        tabs = page.evaluate(
            "() => { const {scrollWidth, clientWidth, parentElement} = document.querySelector('#view');"
            " return Math.max(scrollWidth - clientWidth, clientWidth - parentElement.clientWidth); }"
        )
    finally:
        page.set_viewport_size({"width": 1366, "height": 768})
    assert cut == []
    assert tabs <= 0
    expect(page.locator("#cameras")).to_be_visible()


def test_controls_have_the_whole_side_unless_something_is_said(page: Page) -> None:
    bottom = "() => document.querySelector('.rail-controls').getBoundingClientRect().bottom"
    page.mouse.move(700, 90)
    page.wait_for_function(f"() => ({bottom})() === innerHeight")
    page.keyboard.press("1")  # a line stands out
    expect(page.locator("#said")).not_to_be_empty()
    page.wait_for_function(f"() => ({bottom})() < innerHeight - 20")


def test_a_narrow_window_scrolls_one_way_and_its_controls_unfold(blank: Page) -> None:
    page = blank
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/")
    settle(page)
    expect(page.locator("#batch_size")).to_be_hidden()
    page.locator("#controls-toggle").click()
    expect(page.locator("#batch_size")).to_be_visible()
    page.locator("#batch-preset-1").click()
    expect(page.locator("#compare-loss-note")).to_contain_text("mini-batch of 1 ")
    page.locator("#controls-toggle").click()
    expect(page.locator("#batch_size")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert camera(page, "compare-loss")["eye"]["z"] > 0
