"""Explore in a real browser: map, line, point and surfaces are linked."""

from __future__ import annotations

import re

import pytest
from driving import camera, changed, retype, settle, values
from playwright.sync_api import Page, expect

PANELS = ("loss", "slope", "map", "line-loss", "line-slope", "at-loss", "at-slope")


@pytest.fixture
def page(blank: Page) -> Page:
    """Every test opens a link of its own."""
    return blank


def explore(page: Page, query: str = "") -> None:
    page.goto("/?view=explore" + query)
    settle(page, *(f"explore-{panel}" for panel in PANELS))
    page.wait_for_function("() => document.querySelector('#explore-map .nsewdrag')")


def on_map(page: Page, d1: float, d2: float) -> tuple[float, float]:
    """Where a place of the plane is on the screen."""
    x, y = page.evaluate(
        """([d1, d2]) => {
            const plot = document.querySelector('#explore-map .js-plotly-plot');
            const box = plot.getBoundingClientRect();
            const {xaxis, yaxis} = plot._fullLayout;
            return [box.x + xaxis._offset + xaxis.d2p(d1), box.y + yaxis._offset + yaxis.d2p(d2)];
        }""",
        [d1, d2],
    )
    return x, y


def test_a_click_on_the_map_opens_the_point(page: Page) -> None:
    explore(page)
    expect(page.locator("#explore-at-slope-note")).to_contain_text("99% of the full gradient leaves this plane")
    page.mouse.click(*on_map(page, -10, 8))
    expect(page.locator("#explore-at-loss-title")).to_have_text(re.compile(r"Loss at \(-(9|10)[.\d]*, [78][.\d]*\)"))
    expect(page).to_have_url(re.compile(r"at_d1=-(9|10)[.\d]*&at_d2=[78]"))


def test_the_line_is_dragged_on_the_map(page: Page) -> None:
    explore(page)
    before = values(page, "explore-line-loss")
    start, end = on_map(page, 12, 12), on_map(page, 12, 4)
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=8)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"through_d1=.*through_d2="))
    changed(page, "explore-line-loss", before)
    expect(page.locator("#explore-line-loss-note")).to_contain_text("along 45")


def test_line_and_point_by_keyboard(page: Page) -> None:
    explore(page)
    retype(page, "angle", "90")
    expect(page.locator("#explore-line-loss-note")).to_contain_text("along 90° through (0, 0)")
    retype(page, "through_d1", "5")
    expect(page.locator("#explore-line-loss-note")).to_contain_text("through (5, 0)")
    page.locator("#main").focus()
    page.keyboard.press("4")
    expect(page.locator("#explore-line-loss-note")).to_contain_text("along -45° through (0, 0)")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#explore-at-loss-title")).to_have_text("Loss at (2, -1)")
    retype(page, "at_d1", "-3.5")
    expect(page.locator("#explore-at-loss-title")).to_have_text("Loss at (-3.5, -1)")


def test_what_lies_under_the_mouse_is_shown_everywhere(page: Page) -> None:
    explore(page)
    x, y = on_map(page, 6, -6)
    page.mouse.move(x - 12, y)
    page.mouse.move(x, y, steps=4)
    expect(page.locator("#readout")).to_contain_text(
        re.compile(r"d1 (5|6)[.\d]*, d2 -(5|6)[.\d]*: loss .* P\(slope < 0\) \d+%")
    )
    for panel in ("explore-loss", "explore-slope"):
        page.wait_for_function(
            "name => { const plot = document.querySelector(`#${name} .js-plotly-plot`);"
            " const mark = plot.data[plot.data.length - 1]; return Math.abs(mark.x[0] - 6) < 1; }",
            arg=panel,
        )


def test_the_map_changes_with_its_switch(page: Page) -> None:
    explore(page)
    for label, title in (
        ("Loss", "Map of the loss"),
        ("P(−)", "Probability that the slope is negative"),
        ("Below", "Sign of the slope, beyond one SD"),
        ("Slope", "Map of the slope"),
    ):
        page.locator("#field").get_by_text(label, exact=True).click()
        expect(page.locator("#explore-map-title")).to_have_text(title)
    expect(page.locator("#message")).to_be_empty()


def test_the_camera_is_in_the_link(page: Page) -> None:
    explore(page)
    page.locator("#from-below").click()
    expect(page).to_have_url(re.compile(r"camera=1\.12,-1\.34,-0\.78,"))
    link = page.url
    page.goto("about:blank")
    page.goto(link)
    settle(page, "explore-loss", "explore-slope")
    for panel in ("explore-loss", "explore-slope"):
        page.wait_for_function(
            "name => document.querySelector(`#${name} .js-plotly-plot`)._fullLayout.scene._scene.getCamera().eye.z < 0",
            arg=panel,
        )
    assert camera(page, "explore-loss")["eye"]["x"] > 0
