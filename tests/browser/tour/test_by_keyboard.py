"""By keyboard alone: every stop of the Tab key is seen, and all exercises are opened, solved and left for the next one."""

from __future__ import annotations

import pytest
from driving import settle
from playwright.sync_api import Page, expect

from app.state.exercises import EXERCISES

MOST_STOPS = 150

FOCUSED = """() => {
    const one = document.activeElement;
    if (one === document.body) return null;
    const near = [one, one.parentElement, one.nextElementSibling, one.parentElement.parentElement, ...(one.labels || [])];
    const outlined = near.some(part => {
        const style = part && getComputedStyle(part);
        return style && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0;
    });
    const box = one.getBoundingClientRect();
    return {
        what: one.outerHTML.slice(0, 120),
        seen: one.matches(':focus-visible') && (outlined || one.matches('main')),
        inside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    };
}"""
"""What has the focus, whether a sighted visitor sees that, and whether it is inside the window."""


def tab(page: Page) -> str:
    """Go on by one stop, which has to be seen; what it is, or nothing past the last one."""
    page.keyboard.press("Tab")
    found = page.evaluate(FOCUSED)
    if found is None:
        return ""
    assert found["seen"], found["what"]
    assert found["inside"], found["what"]
    return str(found["what"])


def tab_to(page: Page, selector: str) -> None:
    """Go on by the Tab key to what a selector finds."""
    for _ in range(MOST_STOPS):
        tab(page)
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"the Tab key never comes to {selector}")


def press(page: Page, key: str, times: int = 1) -> None:
    for _ in range(times):
        page.keyboard.press(key)


def type_into(page: Page, box: str, number: str) -> None:
    tab_to(page, f"#{box}")
    press(page, "Control+a")
    page.keyboard.type(number)
    press(page, "Tab")


def solve(page: Page, number: int) -> None:
    if number == 1:  # ReLU, among the activations
        tab_to(page, "#activation-box input")
        press(page, "ArrowRight", 3)
    elif number == 2:  # 95 samples
        press(page, "+", 2)
        expect(page.locator("#batch-label")).to_have_text("50 of 150")
        tab_to(page, "#batch_size [role=slider]")
        press(page, "ArrowRight", 45)
    elif number == 3:
        type_into(page, "through_d1", "-1.5")
    elif number == 4:  # from 45° to 105°
        press(page, "]", 12)
    elif number == 5:
        press(page, "-", 3)
        type_into(page, "at_d1", "-18")
        type_into(page, "at_d2", "7")
    else:
        press(page, "2")


@pytest.mark.slow
def test_every_exercise_is_opened_solved_and_left_for_the_next_one(blank: Page) -> None:
    page = blank
    page.goto("/?exercise=1")
    settle(page)
    for number, exercise in enumerate(EXERCISES, 1):
        heading, measured = page.locator("#tour h2"), page.locator("#measured")
        expect(heading).to_have_text(f"{number}/{len(EXERCISES)} {exercise.title}")
        expect(measured).to_contain_text("Not yet.")
        solve(page, number)
        expect(measured).to_contain_text("✓ Reached.")
        if number < len(EXERCISES):
            # from the controls the strip is reached again past the last stop of the page
            tab_to(page, ".exercise-learnt a")
            press(page, "Enter")
            expect(heading).to_be_focused()
    expect(page.locator(".exercise-learnt")).to_contain_text("That was the last exercise.")
    press(page, "Escape")
    expect(page.locator("#tour")).to_be_hidden()


def test_every_stop_of_the_tab_key_is_seen(blank: Page) -> None:
    page = blank
    page.goto("/?scene=7")
    settle(page)
    page.evaluate("() => document.activeElement.blur()")
    stops = []
    while len(stops) < MOST_STOPS and (stop := tab(page)):
        stops.append(stop)
    assert 40 < len(stops) < MOST_STOPS
    for name in ("tour-option", "tour-reveal", "tour-next", "compare-loss-take"):
        assert any(name in stop for stop in stops), name
