"""One crosshair: what is pointed at in one picture is marked in all pictures of the view."""

from __future__ import annotations

import pytest
from driving import follow, painted, point_at, rest, settle
from playwright.sync_api import Page, expect

PANELS = ("compare-loss", "compare-slope", "compare-minima", "compare-nngpps")
SURFACES, CHARTS = PANELS[:2], PANELS[2:]


@pytest.fixture
def page(same_page: Page) -> Page:
    """Compare as it opens."""
    settle(same_page, *PANELS)
    rest(same_page)
    return same_page


def marked(panel: str, what: str) -> str:
    """A condition: there are such marks on a panel."""
    return f"document.querySelector('#{panel} svg.crosshair {what}') !== null"


def on_chart(page: Page, position: float) -> tuple[float, float]:
    """Where a position of the chart of minima is on the screen."""
    x, y = page.evaluate(
        """position => {
            const plot = document.querySelector('#compare-minima .js-plotly-plot');
            const box = plot.getBoundingClientRect();
            const {xaxis, yaxis} = plot._fullLayout;
            return [box.x + xaxis._offset + xaxis.d2p(position), box.y + yaxis._offset + yaxis._length / 4];
        }""",
        position,
    )
    return x, y


def count_marks(page: Page) -> list[int]:
    """How many dots each panel has."""
    return [page.locator(f"#{panel} svg.crosshair circle").count() for panel in PANELS]


def test_a_position_in_a_chart_is_marked_in_every_picture(page: Page) -> None:
    page.evaluate(
        """names => {
            window.drawings = 0;
            for (const name of names) {
                const plot = document.querySelector(`#${name} .js-plotly-plot`);
                plot.on('plotly_afterplot', () => { window.drawings += 1; });
                const {glplot} = plot._fullLayout.scene?._scene ?? {};
                if (glplot) {
                    const redraw = glplot.redraw;
                    glplot.redraw = (...more) => { window.drawings += 1; return redraw(...more); };
                }
            }
        }""",
        PANELS,
    )
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    point_at(page, on_chart(page, 8), f"() => {marked('compare-slope', 'circle')}")
    assert count_marks(page) == [4, 4, 4, 4]
    for chart in CHARTS:
        expect(page.locator(f"#{chart} svg.crosshair text")).to_have_text("7.879")  # the nearest of its points
    page.mouse.move(5, 5)
    page.wait_for_function("() => !document.querySelector('svg.crosshair > *')")
    assert page.evaluate("window.drawings") == 0
    assert not asked


def test_a_place_on_a_surface_is_marked_in_the_charts_if_it_lies_on_a_line(page: Page) -> None:
    page.locator("#from-top").click()
    page.locator("#main").focus()
    page.keyboard.press("2")
    rest(page)
    painted(page)
    point_at(page, on_chart(page, 8), f"() => {marked('compare-loss', 'circle')}")
    assert count_marks(page) == [1, 1, 1, 1]  # of the line that stands out
    expect(page.locator("#compare-minima svg.crosshair text")).to_contain_text("7.879: 0.")
    dot = page.locator("#compare-loss svg.crosshair circle").bounding_box()
    assert dot
    x, y = dot["x"] + dot["width"] / 2, dot["y"] + dot["height"] / 2
    page.mouse.move(5, 5)
    point_at(page, (x, y), f"() => {marked('compare-minima', 'line')}")
    label = page.locator("#compare-nngpps svg.crosshair text").text_content() or ""
    assert float(label.split(":")[0]) == pytest.approx(7.879, abs=1)
    point_at(page, (x + 60, y), f"() => {marked('compare-slope', 'circle')} && !({marked('compare-minima', 'line')})")
    page.keyboard.press("2")
    page.locator("#perspective").click()


def test_keys_move_the_position_in_a_chart(page: Page) -> None:
    chart = page.locator("#compare-nngpps .js-plotly-plot")
    chart.focus()
    expect(chart).to_have_attribute("role", "slider")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.wait_for_function(f"() => {marked('compare-loss', 'circle')}")
    expect(page.locator("#compare-minima svg.crosshair text")).to_have_text("−19.6")
    assert chart.get_attribute("aria-valuetext").startswith("−19.6: d1 −0.")
    page.keyboard.press("End")
    expect(page.locator("#compare-minima svg.crosshair text")).to_have_text("20")
    page.keyboard.press("Escape")
    expect(page.locator("svg.crosshair > *")).to_have_count(0)
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#compare-minima svg.crosshair text")).to_have_text("19.6")
    page.locator("#main").focus()
    expect(page.locator("svg.crosshair > *")).to_have_count(0)


def test_views_without_surfaces_link_their_charts(page: Page) -> None:
    follow(page, "?view=static&line=d2")
    charts = [f"static-{one}" for one in ("static-loss", "static-slope", "dynamic-loss", "dynamic-slope")]
    settle(page, *charts)
    page.locator("#static-dynamic-loss .js-plotly-plot").focus()
    page.keyboard.press("Home")
    for chart in charts:
        expect(page.locator(f"#{chart} svg.crosshair text")).to_contain_text("−20: ")
