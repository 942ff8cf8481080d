"""Number boxes: a typed number counts once typing stops, and once."""

from __future__ import annotations

import re

from driving import rest
from playwright.sync_api import Page, expect

REST, SETTLED = 500, 100
"""Milliseconds after which a number is committed, and corrected: those of `number_boxes.ts`."""


def test_a_number_counts_once_typing_or_stepping_stops(same_page: Page) -> None:
    page = same_page
    box = page.locator("#line_points")
    box.fill("200")
    expect(page).to_have_url(re.compile("line_points=200"))
    expect(box).to_be_focused()
    box.press("ArrowUp")
    expect(page).to_have_url(re.compile("line_points=210"))
    page.locator(".mantine-NumberInput-root:has(#line_points) [data-direction=down]").click()
    expect(page).to_have_url(re.compile("line_points=200"))


def test_a_typed_number_is_committed_once(same_page: Page) -> None:
    page = same_page
    page.evaluate(
        "() => { window.repeated = 0; document.addEventListener('keydown', (event) => {"
        " if (event.key === 'Enter' && !event.isTrusted) window.repeated += 1; }); }"
    )
    box = page.locator("#line_points")
    later = REST + 150  # what is committed is committed by then
    for last, repeated in (("Tab", 0), ("Enter", 0), ("Escape", 1), ("ArrowLeft", 1)):
        page.evaluate("() => { window.repeated = 0; }")
        box.fill("200" if box.input_value() != "200" else "190")
        box.press(last)
        page.wait_for_timeout(later)
        assert page.evaluate("() => window.repeated") == repeated, last
        expect(page).to_have_url(re.compile(f"line_points={box.input_value()}"))
    page.evaluate("() => { window.repeated = 0; }")
    for key in ("Escape", "Home", "ArrowLeft", "Shift"):  # they change no number
        box.press(key)
    page.wait_for_timeout(later)
    assert page.evaluate("() => window.repeated") == 0


def test_a_number_set_and_set_back_is_not_sent_again(same_page: Page) -> None:
    page = same_page
    for points in (200, 100):  # as by two quick steps of the tour, or of undo
        page.evaluate("value => window.dash_clientside.set_props('line_points', { value })", points)
        page.wait_for_timeout(200)
    page.wait_for_timeout(REST + 150)
    rest(page)
    expect(page.locator("#line_points")).to_have_value("100")
    expect(page).to_have_url(re.compile(r"/(\?v=1)?$"))
    expect(page.locator("#compare-minima-note")).to_contain_text("white noise would give 131")


def test_the_last_of_two_numbers_is_shown_however_busy_the_page_is(same_page: Page) -> None:
    page = same_page
    busy = "{ const end = performance.now() + 300; while (performance.now() < end); }"
    page.evaluate(
        "() => { const set = (value) => window.dash_clientside.set_props('line_points', { value });"
        f" set(200); Promise.resolve().then(() => {{ {busy} set(100); }}); }}"
    )
    page.wait_for_timeout(SETTLED + 100)
    rest(page)
    expect(page.locator("#line_points")).to_have_value("100")
