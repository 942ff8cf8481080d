"""Explore in a real browser: map, line, point and surfaces are linked."""

from __future__ import annotations

import re

import pytest
from driving import camera, changed, point_at, retype, settle, values
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
    marked = """() => ['loss', 'slope'].every(name => {
        const plot = document.querySelector(`#explore-${name} .js-plotly-plot`);
        return Math.abs(plot.data[plot.data.length - 1].x[0] - 6) < 1;
    })"""
    point_at(page, on_map(page, 6, -6), marked)
    read = re.compile(r"d1 (5|6)[.\d]*, d2 -(5|6)[.\d]*: loss .* P\(slope < 0\) \d+%")
    expect(page.locator("#readout")).to_contain_text(read)
    before = page.locator("#readout").inner_text()
    page.locator("#batch-preset-1").click()
    expect(page.locator("#explore-loss-note")).to_contain_text("mini-batch of 1 ")
    expect(page.locator("#readout")).not_to_have_text(before)
    expect(page.locator("#readout")).to_contain_text(read)
    page.wait_for_function(marked)
    retype(page, "range", "5")
    expect(page.locator("#explore-map-note")).to_contain_text("±5")
    settle(page, "explore-map")
    assert not page.evaluate(marked)


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


def test_marks_move_again_after_a_drawing_that_failed(page: Page) -> None:
    explore(page)
    page.evaluate("""() => {
        window.addEventListener('unhandledrejection', event => event.preventDefault());
        const restyle = window.Plotly.restyle;
        window.Plotly.restyle = () => { window.Plotly.restyle = restyle; window.failed = true; throw new Error('once'); };
    }""")
    point_at(page, on_map(page, 6, -6), "() => window.failed")
    mark = "document.querySelector('#explore-loss .js-plotly-plot').data.slice(-1)[0].x[0]"
    point_at(page, on_map(page, 12, -6), f"() => Math.abs({mark} - 12) < 1")


def test_the_score_of_a_line_skips_what_is_not_finite(shared_page: Page) -> None:
    score = shared_page.evaluate(
        "() => window.batchscape.score([3, 1, 2, NaN, Infinity, 2.5], [-1, -0.5, 0.5, NaN, 1, 2])"
    )
    assert [point["octave"] for point in score] == [2, 0, 1, None, None, 1.5]
    assert [point["negative"] for point in score] == [True, True, False, False, False, False]
    assert [point["minimum"] for point in score] == [False, True, False, False, False, False]


def test_a_line_is_heard_to_its_end_or_not_at_all(page: Page) -> None:
    page.add_init_script("""(() => {
        window.contexts = [];
        const real = window.AudioContext;
        window.AudioContext = function () { const made = new real(); window.contexts.push(made); return made; };
        window.AudioContext.prototype = real.prototype;
    })()""")
    explore(page)
    y = "document.querySelector('#explore-line-loss .js-plotly-plot')._fullData[0].y"
    page.evaluate(f"() => {{ {y}[3] = NaN; }}")
    page.locator("#listen").click()
    expect(page.locator("#said")).to_contain_text("Listening: loss as pitch")
    page.locator("#listen").click()
    expect(page.locator("#said")).to_have_text("Stopped.")
    failed = page.evaluate("""() => {
        window.AudioContext.prototype.createOscillator = () => { throw new Error('no sound here'); };
        try { window.batchscape.listen(); } catch (problem) { return problem.message; }
    }""")
    assert failed == "no sound here"
    page.wait_for_function("() => window.contexts.length === 2 && window.contexts.every(one => one.state === 'closed')")
