"""Room: one panel full screen, and the controls put away."""

from __future__ import annotations

from driving import rest
from playwright.sync_api import Page, expect

SIZE = """name => {
    const {width, height} = document.querySelector(`#${name} .js-plotly-plot`)._fullLayout;
    return [width, height];
}"""
FITS = f"([name, least]) => ({SIZE})(name).every((side, at) => side >= least[at])"


def test_a_panel_fills_the_page_by_keyboard_alone(same_page: Page) -> None:
    page = same_page
    before = page.evaluate(SIZE, "compare-minima")
    button = page.locator("#compare-minima-title-full")
    button.focus()
    page.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#room-heard")).to_contain_text(
        "Minima along four lines, |B| = 10: full screen. Escape leaves it."
    )
    page.wait_for_function(FITS, arg=["compare-minima", [1300, 600]])  # it is laid out anew, not enlarged
    box = page.locator(".panel.full").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 1366, "height": 768}
    for _ in range(12):  # what is covered takes no focus
        page.keyboard.press("Tab")
        assert page.evaluate("!document.activeElement.closest('.bar, .rail-controls, .view .panel:not(.full)')")
    page.keyboard.press("n")
    expect(page).to_have_url("/?batch_seed=1&v=1")
    page.keyboard.press("Escape")
    expect(page.locator(".full")).to_have_count(0)
    expect(page.locator("[inert]")).to_have_count(0)
    page.wait_for_function(
        f"([name, size]) => JSON.stringify(({SIZE})(name)) === size",
        arg=["compare-minima", str(before).replace(" ", "")],
    )


def test_the_key_takes_the_panel_under_the_mouse_and_gives_the_focus_back(same_page: Page) -> None:
    page = same_page
    page.locator("#main").focus()
    page.locator("#compare-slope").hover()
    page.keyboard.press("f")
    expect(page.locator(".full h2")).to_contain_text("Slope")
    expect(page.locator("#compare-slope-title-full")).to_be_focused()
    page.keyboard.press("f")
    expect(page.locator(".full")).to_have_count(0)
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("f")
    page.keyboard.press("v")  # another view: nothing covers it
    expect(page.locator("#view-oracle")).to_be_visible()
    expect(page.locator(".full")).to_have_count(0)


def test_the_controls_are_put_away_for_the_visit(page: Page) -> None:
    wide = page.evaluate(SIZE, "compare-minima")[0]
    page.keyboard.press("\\")
    expect(page.locator("#batch_size")).to_be_hidden()
    expect(page.locator("#rail-toggle")).to_have_attribute("aria-expanded", "false")
    page.wait_for_function(FITS, arg=["compare-minima", [wide + 100, 0]])
    page.keyboard.press("1")  # what is said is still seen
    expect(page.locator("#said")).to_be_in_viewport()
    page.reload()
    expect(page.locator("#rail-toggle")).to_have_attribute("aria-expanded", "false")
    expect(page.locator("#batch_size")).to_be_hidden()
    page.locator("#rail-toggle").click()
    expect(page.locator("#batch_size")).to_be_visible()
    rest(page)
