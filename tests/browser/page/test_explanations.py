"""Explanations of controls: how they open and how they are put away."""

from __future__ import annotations

import re

from driving import follow, rest, settle
from playwright.sync_api import Page, expect

from app.panels.text import GLOSSARY


def test_a_control_explains_itself(same_page: Page) -> None:
    page = same_page
    tip = page.locator("#explanation")
    mark = page.get_by_label("About: Mini-batch size")
    mark.hover()
    expect(tip).to_be_visible()
    expect(tip).to_have_text(GLOSSARY["batch_size"])
    expect(mark).to_have_attribute("aria-describedby", "explanation")
    box, window = tip.bounding_box(), page.viewport_size
    assert box is not None
    assert window is not None
    assert 0 <= box["x"] <= window["width"] - box["width"]
    tip.hover()
    page.wait_for_timeout(300)  # longer than it stays without the mouse
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    expect(mark).not_to_have_attribute("aria-describedby", "explanation")
    page.locator("#seed").focus()
    expect(tip).to_have_text(GLOSSARY["seed"])
    page.keyboard.press("Tab")
    expect(tip).not_to_have_text(GLOSSARY["seed"])


def test_escape_hides_an_explanation_before_it_leaves_the_tour(same_page: Page) -> None:
    page = same_page
    follow(page, "?scene=7")
    expect(page.locator("#tour")).to_be_visible()
    settle(page)
    page.locator("#tour-start").focus()
    tip = page.locator("#explanation")
    mark = page.locator(".rail-controls .explained button").first
    page.keyboard.press("Tab")  # so that what is focused by the next line counts as found by keyboard
    mark.focus()
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    rest(page)
    expect(page.locator("#tour")).to_be_visible()
    expect(page).to_have_url(re.compile("scene=7"))
    page.keyboard.press("Escape")
    expect(page.locator("#tour")).to_be_hidden()
