"""The tour: every scene is a link; predicted, revealed and left by keyboard."""

from __future__ import annotations

import re

from driving import click, settle
from playwright.sync_api import Page, expect

from app.tour import SCENES


def test_through_all_scenes_with_a_clicker_and_back_to_where_one_was(page: Page) -> None:
    click(page, "ELU")
    expect(page).to_have_url(re.compile("activation=elu"))
    page.locator("#main").focus()
    for number, scene in enumerate(SCENES, 1):
        page.keyboard.press("PageDown")
        expect(page.locator("#tour h2")).to_have_text(f"{number}/{len(SCENES)} {scene.title}")
        expect(page).to_have_url(re.compile(rf"\?scene={number}&v=1$"))
        expect(page.locator(f"#view-{scene.request.view}")).to_be_visible()
        expect(page.locator("#message")).to_be_empty()
    page.keyboard.press("PageUp")
    expect(page.locator("#tour h2")).to_contain_text(SCENES[-2].title)
    page.keyboard.press("Escape")
    expect(page.locator("#tour")).to_be_hidden()
    expect(page).to_have_url(re.compile(r"\?activation=elu&v=1$"))


def test_a_prediction_is_answered_and_stays_while_one_tries(blank: Page) -> None:
    page = blank
    page.goto("/?scene=7")
    settle(page)
    options = page.locator(".tour-option")
    expect(page.locator("#tour details p")).to_be_hidden()
    options.nth(0).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#tour details p")).to_be_visible()
    expect(page.locator(".tour-said")).to_have_text(f"You said: {SCENES[6].options[0]}. ")
    options.nth(SCENES[6].right).click()
    expect(page.locator(".tour-said")).to_have_text("Yes. ")
    page.locator("#batch-preset-1").click()
    expect(page.locator("#compare-loss-note")).to_contain_text("mini-batch of 1 ")
    expect(page.locator("#tour details p")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?scene=7&batch_size=1&v=1$"))
