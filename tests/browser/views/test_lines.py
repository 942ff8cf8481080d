"""The charts of four lines: how large they are, their legend, and the line that stands out."""

from __future__ import annotations

from typing import Any

import pytest
from driving import drawn, follow, point_at, rest, settle
from playwright.sync_api import Page, expect

CHARTS = ("compare-minima", "compare-nngpps")

MEASURED = """name => {
    const graph = document.querySelector(`#${name} .js-plotly-plot`);
    const {yaxis, yaxis2} = graph._fullLayout;
    const plot = graph.getBoundingClientRect();
    const row = graph.closest('.panel').querySelector('.legend-row').getBoundingClientRect();
    return {
        lines: [plot.top + yaxis._offset, yaxis._length],
        counts: [plot.top + yaxis2._offset, yaxis2._length],
        range: yaxis2.range,
        legend: [row.top, row.bottom],
        bottom: plot.bottom,
        stops: graph.querySelectorAll('a[href], button, [tabindex]').length,
    };
}"""


def measure(page: Page) -> list[dict[str, Any]]:
    rest(page)
    for chart in CHARTS:
        drawn(page, chart)
    return [page.evaluate(MEASURED, chart) for chart in CHARTS]


@pytest.mark.parametrize("link", ["?v=1", "?scene=7"])
def test_the_charts_are_large_and_alike(same_page: Page, link: str) -> None:
    page = same_page
    follow(page, link)
    settle(page)
    if link != "?v=1":
        page.keyboard.press("PageDown")
        expect(page.locator(".tour-answer p")).to_be_visible()
    left, right = measure(page)
    assert left["lines"][1] >= 140
    assert left["counts"][1] >= 70
    assert left["range"] == right["range"]
    for part in ("lines", "counts", "legend"):
        assert left[part] == pytest.approx(right[part], abs=1)
    assert max(left["bottom"], right["bottom"]) <= 768
    assert left["stops"] == right["stops"] == 0


def test_in_a_small_window_the_legend_stays_one_row_above_the_chart(same_page: Page) -> None:
    page = same_page
    follow(page, "?scene=7")
    page.keyboard.press("PageDown")
    page.set_viewport_size({"width": 1024, "height": 768})
    try:
        for chart in measure(page):
            assert chart["legend"][1] <= chart["lines"][0]
            assert chart["legend"][1] - chart["legend"][0] < 30
            assert chart["bottom"] <= 768
    finally:
        page.set_viewport_size({"width": 1366, "height": 768})


def faint(page: Page, chart: str) -> int:
    return page.locator(f"#{chart} :is(.scatterlayer, .barlayer) .faint").count()


def test_one_line_stands_out_by_mouse_by_focus_and_by_key(same_page: Page) -> None:
    page = same_page
    measure(page)
    entries = page.locator(".legend-row").first.locator("button")
    others = [3 * 4, 3 * 4]  # of three lines the curve, its marks, its true optima and its bars
    entries.nth(1).hover()
    expect(entries.nth(0)).to_have_class("faint")
    assert [faint(page, chart) for chart in CHARTS] == others
    page.mouse.move(0, 0)
    expect(page.locator(".faint")).to_have_count(0)
    page.keyboard.press("3")
    expect(page.locator("#said")).to_have_text("d1+d2 stands out.")
    expect(page.locator(".legend-row [aria-pressed=true]")).to_have_count(2)
    assert [faint(page, chart) for chart in CHARTS] == others
    page.locator("#batch-preset-all-but-one").click()  # it stands out in what is drawn next, too
    expect(page.locator("#compare-minima-title")).to_contain_text("149")
    measure(page)
    assert [faint(page, chart) for chart in CHARTS] == others
    page.keyboard.press("3")
    expect(page.locator(".faint")).to_have_count(0)
    entries.nth(0).focus()
    page.keyboard.press("ArrowRight")
    expect(entries.nth(1)).to_be_focused()
    expect(entries.nth(0)).to_have_class("faint")
    page.keyboard.press("Enter")
    expect(entries.nth(1)).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Enter")
    page.evaluate("document.activeElement.blur()")
    expect(page.locator(".faint")).to_have_count(0)


def test_a_minimum_is_named_with_a_minus_sign_and_without_a_count(same_page: Page) -> None:
    page = same_page
    measure(page)
    place = page.evaluate(
        """() => {
            const graph = document.querySelector('#compare-minima .js-plotly-plot');
            const {x, y} = graph._fullData.find(trace => trace.name === 'd1, minimum');
            const {xaxis, yaxis} = graph._fullLayout;
            const {left, top} = graph.getBoundingClientRect();
            return [left + xaxis._offset + xaxis.d2p(x[0]), top + yaxis._offset + yaxis.d2p(y[0])];
        }"""
    )
    said = "document.querySelector('#compare-minima .hovertext')?.textContent ?? ''"
    point_at(page, place, f"() => ({said}).startsWith('d1')")
    assert page.evaluate(f"/^d1(, minimum)? at \\u2212[\\d.]+: [\\d.]+$/.test({said})"), page.evaluate(said)
