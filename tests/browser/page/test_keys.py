"""Keys: each does what the list of keys says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from driving import click, rest, settle, visiting
from playwright.sync_api import Browser, Page, expect

from app.page.shortcuts import KEYS


def test_every_key_has_an_action_in_the_scripts() -> None:
    source = (Path(__file__).parents[3] / "frontend" / "src" / "page" / "keys.ts").read_text(encoding="utf-8")
    actions = source[source.index("const ACTIONS") : source.index("\n};", source.index("const ACTIONS"))]
    for entry in KEYS:
        assert re.search(rf"^  {entry.action}[:,]", actions, re.M), entry.action


PRESSES = [
    ("n", r"batch_seed=1&"),
    ("-", r"batch_size=5&"),
    ("+", r"batch_size=20&"),
    ("a", r"activation=tanh&"),
    ("d", r"domain=local&"),
    ("]", r"slope_angle=50&"),
    ("[", r"slope_angle=40&"),
    ("v", r"view=oracle&"),
    ("Shift+V", r"view=gallery&"),
]


@pytest.mark.parametrize(("key", "expected"), PRESSES)
def test_a_key_does_what_the_list_says_and_undo_takes_it_back(same_page: Page, key: str, expected: str) -> None:
    page, before = same_page, same_page.url
    page.locator("#main").focus()
    page.keyboard.press(key)
    expect(page).to_have_url(re.compile(expected))
    page.locator("#undo").click()
    expect(page).to_have_url(before)
    settle(page)


def test_the_list_of_keys_opens_by_key_and_switches_letters_off(page: Page) -> None:
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
    page.keyboard.press("Shift+ArrowRight")  # no single letter
    expect(page).to_have_url(re.compile("camera="))
    rest(page)
    assert "batch_seed" not in page.url


BUSY = """(() => {
    const real = performance.now.bind(performance);
    let passed = 0;
    performance.now = () => real() + (window.slow ? (passed += 6) : 0);
})();"""
"""React finds its time used up after each step, as on a busy machine, and lets the browser go on between any two."""

PRESSED_AT_ONCE = """async presses => {
    const chosen = () => document.querySelector('#activation-box input:checked').value;
    const {port1, port2} = new MessageChannel();
    const end = Date.now() + 20_000;
    window.slow = true;
    document.getElementById('main').focus();
    for (let press = 0; press < presses; press += 1) {
        const before = chosen();
        document.activeElement.dispatchEvent(new KeyboardEvent('keydown', {key: 'a', bubbles: true}));
        while (chosen() === before && Date.now() < end) {
            await new Promise(done => { port1.onmessage = done; port2.postMessage(0); });
        }
    }
    window.slow = false;
}"""


def test_a_key_that_follows_at_once_is_not_taken_back(browser: Browser, address: str) -> None:
    with visiting(browser, address, script=BUSY) as page:
        page.evaluate(PRESSED_AT_ONCE, 3)
        rest(page)
        expect(page.locator("#activation-box input:checked")).to_have_value("relu")
        expect(page).to_have_url(re.compile("activation=relu&"))


def test_typing_a_number_presses_no_key(same_page: Page) -> None:
    page = same_page
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


def test_a_key_does_nothing_in_a_view_without_what_it_moves(same_page: Page) -> None:
    page = same_page
    page.evaluate(
        "() => { window.kept = 0;"
        " window.addEventListener('keydown', event => { window.kept += !event.defaultPrevented; }); }"
    )
    page.locator("#main").focus()
    for key in ("ArrowLeft", "s"):
        page.keyboard.press(key)
    page.keyboard.press("]")  # this one does something
    expect(page).to_have_url(re.compile(r"\?slope_angle=50&v=1$"))
    assert page.evaluate("window.kept") == 2
    click(page, "Appendix figures")
    expect(page).to_have_url(re.compile("view=gallery"))
    page.locator("#main").focus()
    page.keyboard.press("a")
    page.keyboard.press("]")
    expect(page).to_have_url(re.compile(r"\?view=gallery&slope_angle=55&v=1$"))


def test_the_mouse_turns_the_compass(same_page: Page) -> None:
    page = same_page
    page.locator("#compass").scroll_into_view_if_needed()
    box = page.locator("#compass").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x + 8, y)
    page.mouse.down()
    page.mouse.move(x, y - 8, steps=3)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"\?slope_angle=90&v=1$"))
    expect(page.locator("#compare-slope-title")).to_contain_text("Slope along d2 (90°)")
