"""Keys, undo, links with all that belongs to them, profiles: each by keyboard or link in a real browser."""

from __future__ import annotations

import re

import pytest
from driving import camera, click, settle
from playwright.sync_api import Page, expect

from app.keys import KEYS
from app.links import HIDEABLE


def go(page: Page, query: str) -> None:
    page.goto("/" + query)
    settle(page)


def test_every_action_is_known_to_the_browser(shared_page: Page) -> None:
    source = shared_page.evaluate(
        "fetch(document.querySelector('script[src*=keys]').src).then(answer => answer.text())"
    )
    for entry in KEYS:
        assert re.search(rf"^    {entry.action}: ", source, re.M)


PRESSES = [
    ("n", r"batch_seed=1&"),
    ("-", r"batch_size=5&"),
    ("+", r"batch_size=20&"),
    ("a", r"activation=tanh&"),
    ("d", r"domain=local&"),
    ("]", r"slope_angle=50&"),
    ("[", r"slope_angle=40&"),
    ("v", r"view=explore&"),
    ("Shift+V", r"view=gallery&"),
]


@pytest.mark.parametrize(("key", "expected"), PRESSES)
def test_a_key_does_what_the_list_says_and_can_be_undone(shared_page: Page, key: str, expected: str) -> None:
    page, before = shared_page, shared_page.url
    page.locator("#main").focus()
    page.keyboard.press(key)
    expect(page).to_have_url(re.compile(expected))
    page.locator("#undo").click()
    expect(page).to_have_url(before)
    settle(page)


def test_a_surface_is_turned_by_keys(shared_page: Page) -> None:
    page, before = shared_page, shared_page.url
    page.locator("#main").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page).to_have_url(re.compile("camera="))
    page.locator("#reset").click()
    expect(page).to_have_url(before)


def test_undo_and_redo(page: Page) -> None:
    expect(page.locator("#undo")).to_be_disabled()
    click(page, "ReLU")
    expect(page).to_have_url(re.compile("activation=relu"))
    click(page, "ELU")
    expect(page).to_have_url(re.compile("activation=elu"))
    page.locator("#undo").click()
    expect(page).to_have_url(re.compile("activation=relu"))
    expect(page.locator("#redo")).to_be_enabled()
    page.locator("#main").focus()
    page.keyboard.press("Control+z")
    expect(page).not_to_have_url(re.compile("activation"))
    expect(page.locator("#undo")).to_be_disabled()
    page.keyboard.press("Control+y")
    expect(page).to_have_url(re.compile("activation=relu"))
    expect(page.locator("#compare-loss-note")).to_contain_text("ReLU")


def test_the_list_of_keys_opens_and_closes_by_key_and_letters_can_be_switched_off(page: Page) -> None:
    page.locator("#main").focus()
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    for entry in KEYS:
        expect(dialog).to_contain_text(entry.help)
    dialog.get_by_role("switch").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.locator("#main").focus()
    page.keyboard.press("n")
    page.wait_for_timeout(1500)
    assert "batch_seed" not in page.url
    page.keyboard.press("Shift+ArrowRight")  # no single letter
    expect(page).to_have_url(re.compile("camera="))


def test_typing_is_not_pressing_keys(page: Page) -> None:
    page.locator("#seed").fill("1")
    page.locator("#seed").press("1")
    page.locator("#seed").press("Tab")
    expect(page).to_have_url(re.compile(r"\?seed=11&v=1$"))


def test_quick_presses_add_up(same_page: Page) -> None:
    page = same_page
    page.locator("#main").focus()
    for _ in range(3):
        page.keyboard.press("]")
    expect(page).to_have_url(re.compile(r"slope_angle=60&"))


def test_a_key_does_nothing_where_what_it_moves_is_not_on_the_page(page: Page) -> None:
    page.evaluate(
        "() => { window.kept = 0;"
        " window.addEventListener('keydown', event => { window.kept += !event.defaultPrevented; }); }"
    )
    page.locator("#main").focus()
    for key in ("ArrowLeft", "1", "s"):
        page.keyboard.press(key)
    page.keyboard.press("]")  # this one does something
    expect(page).to_have_url(re.compile(r"\?slope_angle=50&v=1$"))
    assert page.evaluate("window.kept") == 3
    click(page, "Gallery")
    expect(page).to_have_url(re.compile("view=gallery"))
    page.locator("#main").focus()
    page.keyboard.press("a")
    page.keyboard.press("]")
    expect(page).to_have_url(re.compile(r"\?view=gallery&slope_angle=55&v=1$"))


def test_the_compass_is_turned_by_mouse(same_page: Page) -> None:
    page = same_page
    box = page.locator("#compass").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x + 8, y)
    page.mouse.down()
    page.mouse.move(x, y - 8, steps=3)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"\?slope_angle=90&v=1$"))
    expect(page.locator("#compare-slope-title")).to_contain_text("Slope along d2 (90°)")


def test_the_link_is_copied_by_button_and_by_key_and_export_opens(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#batch-preset-1").click()
    expect(page).to_have_url(re.compile("batch_size=1&"))
    copied = "() => navigator.clipboard.readText()"
    page.locator("#share").click()
    expect(page.locator("#said")).to_have_text("The link is copied.")
    assert page.evaluate(copied) == page.url
    page.locator("#main").focus()
    page.keyboard.press("]")
    expect(page).to_have_url(re.compile("slope_angle=50"))
    page.keyboard.press("l")
    page.wait_for_function("async link => (await navigator.clipboard.readText()) === link", arg=page.url)
    page.keyboard.press("e")
    expect(page.locator("#dialog-title")).to_have_text("Export")


def test_redo_outlives_a_reload(page: Page) -> None:
    page.locator("#batch-preset-1").click()
    expect(page).to_have_url(re.compile("batch_size=1&"))
    page.locator("#undo").click()
    expect(page).not_to_have_url(re.compile("batch_size"))
    page.reload()
    settle(page)
    page.locator("#redo").click()
    expect(page).to_have_url(re.compile("batch_size=1&"))
    expect(page.locator("#redo")).to_be_disabled()


@pytest.mark.parametrize(
    ("button", "test"),
    [("from-front", "z > 0"), ("from-below", "z < 0"), ("from-above", "z > 0"), ("along-d1", "x > 1.7")],
)
def test_cameras(shared_page: Page, button: str, test: str) -> None:
    page = shared_page
    page.locator(f"#{button}").click()
    for panel in ("compare-loss", "compare-slope"):
        page.wait_for_function(
            f"name => document.querySelector(`#${{name}} .js-plotly-plot`)._fullLayout.scene._scene.getCamera().eye.{test}",
            arg=panel,
        )


def test_a_link_takes_controls_and_views_off_the_page(blank: Page) -> None:
    page = blank
    hide = "hide=seed,batch_seed,activation,gallery"

    def hidden() -> None:
        for part in ("#seed", "#batch_seed", "#activation-group"):
            expect(page.locator(part)).to_be_hidden()
        expect(page.locator("#line_points")).to_be_visible()
        expect(page.locator("#view").get_by_text("Gallery")).to_be_hidden()

    go(page, "?" + hide)
    hidden()
    page.locator("#batch-preset-1").click()
    expect(page).to_have_url(re.compile(rf"batch_size=1&{hide}&v=1$"))
    page.locator("#main").focus()
    page.keyboard.press("a")  # what is hidden has no key either
    page.keyboard.press("PageDown")
    expect(page).to_have_url(re.compile(rf"\?scene=1&{hide}&v=1$"))
    expect(page.locator("#tour h2")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(rf"\?batch_size=1&{hide}&v=1$"))
    hidden()


def test_all_that_a_link_may_take_off_the_page_is_on_it(same_page: Page) -> None:
    page = same_page
    assert (
        page.evaluate(
            "names => names.filter(name => !document.querySelector("
            "`[id='${name}'], [data-part='${name}'], #view input[value='${name}']`))",
            [*HIDEABLE],
        )
        == []
    )


def test_a_bad_camera_or_profile_is_refused_by_name(blank: Page) -> None:
    page = blank
    go(page, "?camera=1,2")
    expect(page.locator("#message")).to_contain_text("camera: got '1,2'; allowed: six numbers below 100")
    go(page, "?profile=cinema")
    expect(page.locator("#message")).to_contain_text("profile: got 'cinema'; allowed: one of screen, projector")
    go(page, "?hide=everything")
    expect(page.locator("#message")).to_contain_text("hide: got 'everything'")


def test_projector(blank: Page) -> None:
    page = blank
    page.set_viewport_size({"width": 1920, "height": 1080})
    go(page, "?profile=projector")
    sizes = page.evaluate(
        """() => ['.headline', '.group-title', '.note', '#compare-minima .xtick text', '#compare-minima .legendtext'].map(
            (name) => parseFloat(getComputedStyle(document.querySelector(name)).fontSize))"""
    )
    assert min(sizes) >= 18
    assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
    page.locator("#profile-toggle").click()
    expect(page).not_to_have_url(re.compile("profile"))


def test_a_projector_s_sizes_come_and_go_with_the_room_for_them(blank: Page) -> None:
    page = blank
    size = "() => parseFloat(getComputedStyle(document.querySelector('#compare-minima .xtick text')).fontSize)"
    page.set_viewport_size({"width": 1280, "height": 720})
    go(page, "")
    page.locator("#profile-toggle").click()
    expect(page.locator("#said")).to_contain_text("at least 1750 × 900")
    expect(page).to_have_url(re.compile("profile=projector"))
    assert page.evaluate(size) < 14
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.wait_for_function(f"() => ({size})() >= 18")
    expect(page.locator("html")).to_have_attribute("data-profile", "projector")
    page.set_viewport_size({"width": 1366, "height": 768})
    page.wait_for_function(f"() => ({size})() < 14")
    expect(page).to_have_url(re.compile("profile=projector"))
    page.locator("#profile-toggle").click()
    expect(page).not_to_have_url(re.compile("profile"))
    expect(page.locator("#said")).to_have_text("")


def test_a_narrow_window_scrolls_one_way_and_has_its_controls_at_hand(blank: Page) -> None:
    page = blank
    page.set_viewport_size({"width": 390, "height": 844})
    go(page, "")
    expect(page.locator("#batch_size")).to_be_hidden()
    page.locator("#controls-toggle").click()
    expect(page.locator("#batch_size")).to_be_visible()
    page.locator("#batch-preset-1").click()
    expect(page.locator("#compare-loss-note")).to_contain_text("mini-batch of 1 ")
    page.locator("#controls-toggle").click()
    expect(page.locator("#batch_size")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    assert camera(page, "compare-loss")["eye"]["z"] > 0
