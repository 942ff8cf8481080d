"""Cameras: all surfaces are turned together, by buttons, mouse, wheel and keys."""

from __future__ import annotations

import re

import pytest
from driving import camera, changed, follow, painted, rest, settle, values, watched
from playwright.sync_api import Browser, Page, expect

SURFACES = ("compare-loss", "compare-slope")


def seen_from(page: Page, where: str) -> None:
    """Wait until both surfaces are looked at from a place, as `z < 0`."""
    for panel in SURFACES:
        page.wait_for_function(
            "name => document.querySelector(`#${name} .js-plotly-plot`)._fullLayout.scene._scene.getCamera().eye."
            + where,
            arg=panel,
        )


def test_each_camera_button_turns_both_surfaces_without_the_server(same_page: Page) -> None:
    page = same_page
    expect(page.locator("#cameras [aria-pressed=true]")).to_have_id("perspective")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    assert camera(page, "compare-loss")["eye"]["z"] > 0
    for button, where in (
        ("from-below", "z < 0"),
        ("from-top", "z > 1.4"),
        ("side-d1", "y < -1.6"),
        ("side-d2", "x > 1.6"),
        ("perspective", "x < 1"),
    ):
        page.locator(f"#{button}").click()
        seen_from(page, where)
        expect(page.locator("#cameras [aria-pressed=true]")).to_have_id(button)
    assert asked == []


def test_keys_turn_the_surfaces(same_page: Page) -> None:
    page, before = same_page, same_page.url
    page.locator("#main").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page).to_have_url(re.compile("camera="))
    page.locator("#reset").click()
    expect(page).to_have_url(before)


def test_the_camera_survives_new_numbers(same_page: Page) -> None:
    page = same_page
    page.locator("#from-below").click()
    seen_from(page, "z < 0")
    before = values(page, "compare-loss")
    page.locator("#draw-again").click()
    changed(page, "compare-loss", before)
    rest(page)
    painted(page)
    assert camera(page, "compare-loss")["eye"]["z"] < 0
    assert camera(page, "compare-slope")["eye"]["z"] < 0


def test_turning_one_surface_turns_the_other(same_page: Page) -> None:
    page = same_page
    painted(page)
    box = page.locator("#compare-loss .js-plotly-plot").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    start = camera(page, "compare-slope")["eye"]["x"]
    for _ in range(20):  # the scene takes no notice before its first frame
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 120, y + 20, steps=5)
        page.mouse.up()
        page.wait_for_timeout(200)
        if abs(camera(page, "compare-slope")["eye"]["x"] - start) > 0.1:
            break
    else:
        pytest.fail("turning one surface did not turn the other")
    expect(page).to_have_url(re.compile("camera="))  # it rests
    one, other = camera(page, "compare-loss"), camera(page, "compare-slope")
    assert one["eye"] == pytest.approx(other["eye"], abs=0.02)


def test_the_wheel_moves_both_surfaces_and_reset_restores_the_camera(same_page: Page) -> None:
    page = same_page
    painted(page)
    start = camera(page, "compare-slope")["eye"]
    box = page.locator("#compare-loss .js-plotly-plot").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for _ in range(20):  # the scene takes no notice before its first frame
        page.mouse.wheel(0, 120)
        page.wait_for_timeout(300)  # the others follow once the wheel rests
        if camera(page, "compare-slope")["eye"]["x"] != pytest.approx(start["x"], abs=0.01):
            break
    else:
        pytest.fail("the wheel did not move the other surface")
    expect(page).to_have_url(re.compile("camera="))
    page.locator("#reset").click()
    expect(page).not_to_have_url(re.compile("camera="))
    for panel in ("compare-loss", "compare-slope"):
        page.wait_for_function(
            "([name, start]) => { const plot = document.querySelector(`#${name} .js-plotly-plot`);"
            " return Math.abs(plot._fullLayout.scene._scene.getCamera().eye.x - start) < 0.01; }",
            arg=[panel, start["x"]],
        )


BOX = "name => document.querySelector(`#${name} .js-plotly-plot`)._fullLayout.scene.aspectratio"


def test_a_surface_is_as_large_as_its_panel_allows(browser: Browser, address: str) -> None:
    with watched(browser, address) as page:
        page.goto("/")
        settle(page, "compare-loss")
        rest(page)  # the words above make room for their numbers
        wide = page.evaluate(BOX, "compare-loss")
        assert wide["x"] > 1.5 * wide["y"]
        page.locator("#from-top").click()
        page.wait_for_function(
            f"() => {{ const {{x, y}} = ({BOX})('compare-loss'); return Math.abs(x / y - 1) < 0.01; }}"
        )
        page.locator("#side-d2").click()
        page.wait_for_function(f"() => {{ const {{x, y}} = ({BOX})('compare-loss'); return y > 1.3 * x; }}")
        page.locator("#perspective").click()
        page.wait_for_function(
            f"x => Math.abs(({BOX})('compare-loss').x - x) < 0.01",
            arg=wide["x"],
        )
        page.goto("/?profile=projector&view=explore")
        settle(page, "explore-loss")
        before = page.evaluate(BOX, "explore-loss")
        for hidden in (True, False):
            page.evaluate("hidden => { document.getElementById('view-explore').hidden = hidden; }", hidden)
            shown = "() => document.querySelector('#explore-loss .js-plotly-plot').data.length"
            page.wait_for_function(f"hidden => Boolean(({shown})()) !== hidden", arg=hidden)
        assert page.evaluate(BOX, "explore-loss") == pytest.approx(before, rel=0.01)
        page.set_viewport_size({"width": 1050, "height": 768})
        page.wait_for_function(f"x => ({BOX})('explore-loss').x < 0.95 * x", arg=before["x"])


def test_there_are_camera_buttons_only_beside_a_surface(same_page: Page) -> None:
    page = same_page
    follow(page, "?figure=1&panel=a")
    expect(page.locator("#cameras")).to_be_hidden()
    follow(page, "?figure=2&panel=a")
    expect(page.locator("#cameras")).to_be_visible()
