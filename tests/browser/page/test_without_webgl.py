"""A browser without WebGL: surfaces are maps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from driving import click, follow, point_at, settle, start, trace_types, values, watched
from playwright.sync_api import Browser, Page, expect

from app.plotting.plotly.style import FLAT

WITHOUT_WEBGL = """(() => {
    const real = HTMLCanvasElement.prototype.getContext;
    HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
        return /webgl/.test(kind) ? null : real.call(this, kind, ...more);
    };
})()"""


@pytest.fixture(scope="module")
def flat_page(browser: Browser, address: str) -> Iterator[Page]:
    """A page in a browser without WebGL."""
    with watched(browser, address) as page:
        page.add_init_script(WITHOUT_WEBGL)
        yield start(page)


def test_surfaces_are_maps_of_the_same_numbers(flat_page: Page, same_page: Page) -> None:
    page = flat_page
    guides = ["scatter"] * 4  # the four lines
    assert trace_types(page, "compare-loss") == ["heatmap", *guides]
    bold = "scatter"  # where the full batch changes its sign
    assert trace_types(page, "compare-slope") == ["heatmap", "contour", *guides, bold]
    for panel in ("compare-loss", "compare-slope"):
        assert values(page, panel) == values(same_page, panel)
        limits = "name => {{ const one = document.querySelector(`#${{name}} .js-plotly-plot`)._fullData[0];"
        limits += " return [one.{0}min, one.{0}max, one.colorscale]; }}"
        assert page.evaluate(limits.format("z"), panel) == same_page.evaluate(limits.format("c"), panel)
    expect(page.locator(".no-webgl")).to_have_count(1)
    expect(page.locator(".no-webgl")).to_contain_text("This browser has no WebGL")
    expect(page.locator("#cameras")).to_be_hidden()
    expect(page.locator(".turn")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
    box = page.locator("#compare-nngpps").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 768


def test_explore_shows_its_line_and_its_point(flat_page: Page) -> None:
    page = flat_page
    click(page, "Explore")
    settle(page, "explore-loss", "explore-slope", "explore-map")
    assert trace_types(page, "explore-loss") == ["heatmap", "scatter", "scatter"]
    expect(page.locator(".no-webgl")).to_be_visible()
    box = page.locator("#explore-map .nsewdrag").bounding_box()
    assert box is not None
    # not on the line, which is there to be dragged
    place = box["x"] + box["width"] * 0.75, box["y"] + box["height"] * 0.75
    point_at(page, place, "() => document.querySelector('#explore-loss svg.crosshair circle') !== null")


def test_the_underside_is_a_map_too(flat_page: Page) -> None:
    page = flat_page
    follow(page, "?figure=3&panel=c")
    expect(page.locator("#figures-left-title")).to_contain_text("Fig. 3(c) ")
    settle(page, "figures-left")
    page.wait_for_function(
        "() => document.querySelector('#figures-left [data-scene=map], [data-scene=map]:has(#figures-left)')"
    )
    assert set(trace_types(page, "figures-left")) <= {
        "heatmap",
        "contour",
        "scatter",
    }  # the last for the legend of the classes
    assert page.locator(".view:not([hidden])").inner_text().count("get.webgl.org") == 0


def test_a_patch_where_the_slope_is_exactly_0_is_shaded(flat_page: Page) -> None:
    page = flat_page
    follow(page, "?figure=15&panel=b")
    expect(page.locator("#figures-right-title")).to_contain_text("Fig. 15(b) ")
    settle(page, "figures-right")
    page.wait_for_function(
        "name => document.querySelector('#figures-right .js-plotly-plot').data[1]?.name === name", arg=FLAT
    )
    assert trace_types(page, "figures-right")[:3] == ["heatmap", "heatmap", "scatter"]


def test_the_hint_about_webgl_is_only_where_surfaces_are(flat_page: Page) -> None:
    page = flat_page
    click(page, "Variance")
    settle(page)
    expect(page.locator(".no-webgl")).to_be_hidden()
