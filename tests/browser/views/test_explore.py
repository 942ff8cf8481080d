"""Explore in a real browser: map, line, point and surfaces are linked."""

from __future__ import annotations

import re
import time

import pytest
from driving import camera, changed, follow, have_tables, point_at, rest, retype, settle, values
from playwright.sync_api import Page, expect

PANELS = ("loss", "slope", "map", "at-gradient", "line-loss", "line-slope", "at-loss", "at-slope")


@pytest.fixture
def page(tidy_page: Page) -> Page:
    """The view as it opens."""
    follow(tidy_page, "?view=explore")
    explored(tidy_page)
    return tidy_page


def explored(page: Page) -> None:
    """Wait until all panels are drawn."""
    settle(page, *(f"explore-{panel}" for panel in PANELS))
    page.wait_for_function("() => document.querySelector('#explore-map .nsewdrag')")
    rest(page)


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
    expect(page.locator("#explore-at-slope-note")).to_contain_text(
        "99.4% of the full-batch gradient points out of this plane"
    )
    page.mouse.click(*on_map(page, -10, 8))
    expect(page.locator("#explore-at-loss-title")).to_have_text(re.compile(r"Loss at \(−(9|10)[.\d]*, [78][.\d]*\)"))
    expect(page).to_have_url(re.compile(r"at_d1=-(9|10)[.\d]*&at_d2=[78]"))


def test_the_line_is_dragged_on_the_map(page: Page) -> None:
    before = values(page, "explore-line-loss")
    start, end = on_map(page, 7, 7), on_map(page, 7, -1)  # between the middle and an end
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(*end, steps=8)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"through_d1=.*through_d2="))
    changed(page, "explore-line-loss", before)
    expect(page.locator("#explore-line-loss-note")).to_contain_text("along 45")


def test_loss_and_slope_follow_the_line_while_it_is_dragged(page: Page) -> None:
    page.locator("#explore-map").hover()
    have_tables(page, "plane")
    rest(page)
    page.mouse.move(*on_map(page, 7, 7))
    rest(page)
    page.mouse.move(*on_map(page, 7, 7))
    page.mouse.down()
    page.mouse.move(*on_map(page, 7, 1), steps=6)
    note = page.locator("#explore-line-loss-note")
    expect(note).to_have_text(
        re.compile(r"^\d+ minima found, \d true; along 45° through \([2-4][.\d]*, −[2-4][.\d]*\)\.$")
    )
    rest(page)
    assert page.locator("canvas.live").count() == 2
    live = note.inner_text()
    page.mouse.up()
    expect(note).to_contain_text("expected")
    explored(page)
    rest(page)
    expect(page.locator("canvas.live")).to_have_count(0)
    found = note.inner_text()
    assert found.split("; ")[1] == live.split("; ")[1]  # the same line
    # the same mini-batches, of samples between the points of a coarse plane
    assert int(found.split()[0]) == pytest.approx(int(live.split()[0]), abs=4)


def test_line_and_point_by_keyboard(page: Page) -> None:
    retype(page, "angle", "90")
    expect(page.locator("#explore-line-loss-note")).to_contain_text("along 90° through (0, 0)")
    retype(page, "through_d1", "5")
    expect(page.locator("#explore-line-loss-note")).to_contain_text("through (5, 0)")
    page.locator("#main").focus()
    page.keyboard.press("4")
    expect(page.locator("#explore-line-loss-note")).to_contain_text("along −45° through (0, 0)")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#explore-at-loss-title")).to_have_text("Loss at (2, 0)")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#explore-at-loss-title")).to_have_text("Loss at (2, −1)")
    retype(page, "at_d1", "-3.5")
    expect(page.locator("#explore-at-loss-title")).to_have_text("Loss at (−3.5, −1)")


def test_a_box_that_is_corrected_leaves_the_focus_where_it_is(page: Page) -> None:
    """The next arrow would step the box in place of the point."""
    held = page.locator("#at_d1").input_value()
    page.evaluate(
        """() => {
            const box = document.getElementById('at_d1');
            box.focus = () => {};
            document.body.addEventListener('input', event => event.stopPropagation(), {once: true});
            Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set.call(box, '7');
            box.dispatchEvent(new Event('input', {bubbles: true}));
            setTimeout(() => { delete box.focus; }, 50);
        }"""
    )
    expect(page.locator("#at_d1")).to_have_value("7")
    rest(page, 200)
    page.keyboard.press("ArrowUp")
    expect(page.locator("#at_d1")).to_have_value(held)
    rest(page, 200)
    expect(page.locator("#at_d1")).not_to_be_focused()


def test_keys_pressed_just_after_an_answer_move_the_point(page: Page) -> None:
    """Whatever the answer says, and calls of the page's own callbacks that wait for the next answer."""
    page.route("**/_dash-update-component", lambda route: (time.sleep(0.5), route.continue_()))
    page.evaluate(
        """() => {
            const press = key => document.body.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
            const wait = () => document.getElementById('angle').value === '-45'
                ? setTimeout(() => ['ArrowRight', 'ArrowRight'].forEach(press), 30)
                : setTimeout(wait);
            press('4');
            wait();
        }"""
    )
    expect(page.locator("#explore-at-loss-title")).to_have_text("Loss at (2, 0)")
    rest(page, 700)
    page.unroute("**/_dash-update-component")
    expect(page.locator("#at_d1")).to_have_value("2")
    expect(page.locator("#explore-at-loss-title")).to_have_text("Loss at (2, 0)")


def test_what_lies_under_the_mouse_is_shown_everywhere(page: Page) -> None:
    """The point that is selected stays where it is."""
    marked = (
        "() => ['loss', 'slope', 'map'].every(one => document.querySelector(`#explore-${one} svg.crosshair circle`))"
    )
    selected = "document.querySelector('#explore-loss .js-plotly-plot')._fullData.slice(-1)[0].x[0]"
    assert page.evaluate(selected) == 0
    point_at(page, on_map(page, 6, -6), marked)
    read = re.compile(r"d1 (5|6)[.\d]*, d2 −(5|6)[.\d]*: loss .* P\(slope < 0\) \d+%")
    expect(page.locator("#readout")).to_contain_text(read)
    before = page.locator("#readout").inner_text()
    page.locator("#batch-preset-1").click()
    expect(page.locator("#explore-loss-note")).to_contain_text("mini-batch of 1 ")
    expect(page.locator("#readout")).not_to_have_text(before)
    expect(page.locator("#readout")).to_contain_text(read)
    page.wait_for_function("() => !document.querySelector('svg.crosshair > *')")
    assert page.evaluate(selected) == 0
    point_at(
        page, on_map(page, 6, 6.2), "() => document.querySelector('#explore-line-slope svg.crosshair line') !== null"
    )
    expect(page.locator("#explore-line-loss svg.crosshair text")).to_contain_text("8.")


def test_the_map_changes_with_its_switch(page: Page) -> None:
    for label, title in (
        ("Loss", "Map of the loss"),
        ("P(−)", "Probability that the slope is negative"),
        ("Below", "Sign of the slope, beyond one SD"),
        ("Slope", "Map of the slope"),
    ):
        page.locator("#field").get_by_text(label, exact=True).click()
        expect(page.locator("#explore-map-title")).to_have_text(title)
    expect(page.locator("#message")).to_be_empty()


def test_arrows_of_gradients_are_put_away(page: Page) -> None:
    drawn = "document.querySelector('#explore-map .js-plotly-plot').data.some(({ name }) => name === 'mini-batch')"
    assert page.evaluate(drawn)
    expect(page.locator("#explore-at-gradient-note")).to_contain_text("of 1,000 mini-batches")
    page.locator("#arrows").get_by_text("Hidden", exact=True).click()
    expect(page).to_have_url(re.compile("arrows=hidden"))
    expect(page.locator("#explore-map-note")).not_to_contain_text("Arrows")
    page.wait_for_function(f"() => !{drawn}")


def test_the_camera_is_in_the_link(page: Page) -> None:
    page.locator("#from-below").click()
    expect(page).to_have_url(re.compile(r"camera=0\.39,-1\.57,-0\.72,"))
    page.reload()
    settle(page, "explore-loss", "explore-slope")
    for panel in ("explore-loss", "explore-slope"):
        page.wait_for_function(
            "name => document.querySelector(`#${name} .js-plotly-plot`)._fullLayout.scene._scene.getCamera().eye.z < 0",
            arg=panel,
        )
    assert camera(page, "explore-loss")["eye"]["x"] > 0


def test_a_line_is_heard_to_its_end_or_not_at_all(blank: Page) -> None:
    page = blank
    page.add_init_script("""(() => {
        window.contexts = [];
        const real = window.AudioContext;
        window.AudioContext = function () { const made = new real(); window.contexts.push(made); return made; };
        window.AudioContext.prototype = real.prototype;
    })()""")
    page.goto("/?view=explore")
    explored(page)
    y = "document.querySelector('#explore-line-loss .js-plotly-plot')._fullData[0].y"
    page.evaluate(f"() => {{ {y}[3] = NaN; }}")
    page.locator("#listen").click()
    expect(page.locator("#said")).to_contain_text("Listening: loss as pitch")
    page.locator("#listen").click()
    expect(page.locator("#said")).to_have_text("Stopped.")
    failed = page.evaluate("""() => {
        window.AudioContext.prototype.createOscillator = () => { throw new Error('no sound here'); };
        try { window.dash_clientside.batchscape.listen(); } catch (problem) { return problem.message; }
    }""")
    assert failed == "no sound here"
    page.wait_for_function("() => window.contexts.length === 2 && window.contexts.every(one => one.state === 'closed')")
