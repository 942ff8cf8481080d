"""What a control explains about itself, and how that is put away."""

from __future__ import annotations

import re

from driving import settle
from playwright.sync_api import Page, expect


def test_escape_hides_an_explanation_and_leaves_the_tour_only_then(blank: Page) -> None:
    page = blank
    page.goto("/?scene=7")
    settle(page)
    page.locator("#tour-start").focus()
    tip = page.locator("#explanation")
    mark = page.locator(".rail-controls .explained button").first
    page.keyboard.press("Tab")  # so that what is focused by the next line counts as found by keyboard
    mark.focus()
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    page.wait_for_timeout(500)
    expect(page.locator("#tour")).to_be_visible()
    expect(page).to_have_url(re.compile("scene=7"))
    page.keyboard.press("Escape")
    expect(page.locator("#tour")).to_be_hidden()
