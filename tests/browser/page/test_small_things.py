"""What a visitor meets in passing: refused numbers, choices by arrow keys, notes that go away, Escape with nothing open."""

from __future__ import annotations

import re

import pytest
from driving import PHONE, follow, rest, settle, start, watched
from playwright.sync_api import Browser, Locator, Page, expect


def overlap(one: Locator, other: Locator) -> bool:
    first, second = one.bounding_box(), other.bounding_box()
    assert first is not None
    assert second is not None
    return all(
        first[place] < second[place] + second[size] and second[place] < first[place] + first[size]
        for place, size in (("x", "width"), ("y", "height"))
    )


@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("range", "-5", "Allowed: a number from 1e-12 to 1,000,000"),
        ("seed", "-1", "Allowed: a whole number from 0"),
        ("batch_seed", "1.5", "Allowed: a whole number from 0"),
    ],
)
def test_what_is_typed_stays_and_is_refused(same_page: Page, field: str, typed: str, said: str) -> None:
    page = same_page
    box = page.locator(f"#{field}")
    box.focus()
    page.keyboard.press("Control+a")
    page.keyboard.type(typed)
    page.keyboard.press("Enter")
    error = page.locator(f".mantine-InputWrapper-root:has(#{field}) .mantine-InputWrapper-error")
    expect(error).to_contain_text(said)
    expect(box).to_have_value(typed)
    expect(page).to_have_url(re.compile(r"/(\?v=1)?$"))
    assert error.evaluate("one => parseFloat(getComputedStyle(one).fontSize)") >= 12
    tip = page.locator("#explanation")
    expect(tip).to_be_visible()
    for one in (error, page.locator("#resolution"), page.locator("#points-box")):
        assert not overlap(tip, one)


def test_a_choice_is_one_stop_and_arrow_keys_move_in_it(same_page: Page) -> None:
    page = same_page
    chosen = page.locator("#activation-box input:checked")
    chosen.focus()
    for key, value in (("ArrowRight", "tanh"), ("ArrowRight", "softsign"), ("ArrowLeft", "tanh")):
        page.keyboard.press(key)
        expect(chosen).to_have_count(1)
        expect(chosen).to_have_value(value)
        expect(page).to_have_url(re.compile(f"activation={value}"))
    page.keyboard.press("Tab")
    assert page.evaluate("!document.activeElement.closest('#activation-box')")


def test_that_a_link_is_copied_is_said_under_the_button_for_a_moment(same_page: Page) -> None:
    page = same_page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    button, note = page.locator("#share"), page.locator(".brief")
    button.click()
    expect(note).to_have_text("Link copied. It opens on this computer only.")
    place, shown = button.bounding_box(), note.bounding_box()
    assert place is not None
    assert shown is not None
    assert 0 < shown["y"] - place["y"] - place["height"] < 20
    expect(note).to_be_hidden()
    expect(page.locator("#said")).not_to_contain_text("Link")


def test_escape_with_nothing_open_frames_nothing(same_page: Page) -> None:
    page = same_page
    page.locator("#compare-minima-title").click()
    page.keyboard.press("Escape")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "none"


def test_a_race_is_counted_from_1_on_the_page_and_from_0_in_links(same_page: Page) -> None:
    page = same_page
    follow(page, "?view=race&race=2")
    settle(page, "race-line")
    expect(page.locator("#race")).to_have_value("3")
    expect(page.locator("#race-line-note")).to_contain_text("Race 3 of 500")
    page.locator("#race-next").click()
    expect(page).to_have_url(re.compile("race=3&"))
    expect(page.locator("#race")).to_have_value("4")
    page.locator("#race").fill("0")
    page.locator("#race").press("Enter")
    expect(page.get_by_text("Allowed: a whole number from 1 to 500")).to_be_visible()
    page.locator("#race").fill("1")
    page.locator("#race").press("Enter")
    expect(page.locator("#race-line-note")).to_contain_text("Race 1 of 500")


def test_keys_stand_apart_in_their_list_which_closes_as_other_dialogs_do(same_page: Page) -> None:
    page = same_page
    page.locator(".help summary").click()
    page.locator("#keys").click()
    shift, letter = page.locator("#keys-dialog tr:has-text('previous view') kbd").all()
    first, second = shift.bounding_box(), letter.bounding_box()
    assert first is not None
    assert second is not None
    assert second["x"] - first["x"] - first["width"] >= 4
    page.locator("#keys-dialog").get_by_role("button", name="Close").click()
    expect(page.locator("#keys-dialog")).to_be_hidden()


def test_statements_are_not_cut_on_a_phone(browser: Browser, address: str) -> None:
    with watched(browser, address, **PHONE) as page:
        start(page)
        follow(page, "?table=1&seeds=2")
        claims = page.locator("#tables-claims")
        expect(claims).to_contain_text("✓ holds")
        rest(page)
        assert claims.evaluate("one => one.scrollWidth <= one.clientWidth")
        shadow = page.locator("#tables-counts").evaluate("one => getComputedStyle(one).backgroundAttachment")
        assert "scroll" in shadow  # of a table that goes on beyond the edge
