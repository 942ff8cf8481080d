"""The exercises: opened by a link, measured with each answer, solved by keyboard, and gone through one after another."""

from __future__ import annotations

import re

import pytest
from driving import follow, rest, settle, violations, watched
from playwright.sync_api import Browser, Page, expect

from app.state.exercises import EXERCISES


def test_solved_by_keyboard_and_on_to_the_next(same_page: Page) -> None:
    page = same_page
    follow(page, "?exercise=1")
    heading, measured = page.locator("#tour h2"), page.locator("#measured")
    expect(heading).to_have_text(f"1/{len(EXERCISES)} {EXERCISES[0].title}")
    expect(page.locator("#tour-heard")).to_have_text(f"Exercise 1/{len(EXERCISES)} {EXERCISES[0].title}")
    expect(measured).to_contain_text("Not yet. The full-batch slope is exactly 0 on 0.0% of the plane.")
    assert measured.get_attribute("role") == "status"
    expect(page.locator(".exercise-learnt")).to_be_hidden()
    hint = page.locator("#tour details p")
    expect(hint).to_be_hidden()
    page.locator("#tour summary").focus()
    page.keyboard.press("Enter")
    expect(hint).to_have_text(EXERCISES[0].hint)
    height = page.locator("#tour").bounding_box()["height"]
    page.locator("#main").focus()
    for name in ("tanh", "softsign", "relu"):
        page.keyboard.press("a")
        expect(page.locator("#activation-box input:checked")).to_have_value(name)
    expect(page).to_have_url(re.compile(r"\?exercise=1&activation=relu&v=1$"))
    expect(measured).to_contain_text("✓ Reached.")
    expect(page.locator(".exercise-learnt")).to_be_visible()
    assert page.locator("#tour").bounding_box()["height"] == height  # nothing moves
    page.locator(".exercise-learnt a").focus()
    page.keyboard.press("Enter")
    expect(heading).to_have_text(f"2/{len(EXERCISES)} {EXERCISES[1].title}")
    expect(heading).to_be_focused()
    expect(measured).to_contain_text("Not yet. 10 samples")
    page.keyboard.press("PageUp")
    expect(heading).to_have_text(f"1/{len(EXERCISES)} {EXERCISES[0].title}")
    page.keyboard.press("Escape")
    expect(page.locator("#tour")).to_be_hidden()


def test_a_direction_is_turned_and_what_an_exercise_keeps_is_told(blank: Page) -> None:
    page = blank
    page.goto("/?exercise=4")
    settle(page, "explore-at-slope")
    measured = page.locator("#measured")
    expect(measured).to_contain_text("Not yet. The sign that is rarer comes in 42.6% of 1,000 mini-batches")
    page.locator("#slope_angle [role=slider]").focus()
    for _ in range(12):  # by 5° to 105°
        page.keyboard.press("ArrowRight")
    expect(measured).to_contain_text("✓ Reached.")
    page.locator("#main").focus()
    page.keyboard.press("ArrowRight")
    expect(measured).to_contain_text("Put back: at d1.")
    page.locator("#reset").click()
    expect(measured).to_contain_text("Not yet. The sign that is rarer comes in 42.6%")
    expect(page).to_have_url(re.compile(r"\?exercise=4&v=1$"))


def test_they_are_offered_where_the_tour_ends_and_in_about(same_page: Page) -> None:
    page = same_page
    follow(page, "?scene=12")
    page.keyboard.press("Enter")
    expect(page.locator(".tour-card a").first).to_have_text(f"{len(EXERCISES)} exercises")
    page.keyboard.press("Escape")
    expect(page.locator("#tour")).to_be_hidden()
    page.keyboard.press("i")
    page.locator("#dialog-body").get_by_role("link", name=EXERCISES[2].title).click()
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator("#tour h2")).to_contain_text(EXERCISES[2].title)
    expect(page.locator("#measured")).to_contain_text("Not yet. Minima of the full batch on the line: 1.")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing(browser: Browser, address: str, theme: str) -> None:
    with watched(browser, address) as page:
        page.goto("/?exercise=1&activation=relu")
        settle(page)
        if theme == "dark":
            page.locator("#theme-toggle").click()
        expect(page.locator(".exercise-learnt")).to_be_visible()
        rest(page)
        assert violations(page) == []
