"""Long jobs: progress, cancelling, and what is shown meanwhile."""

from __future__ import annotations

import re

from driving import click, retype, settle, values
from playwright.sync_api import Page, expect


def test_a_long_job_can_be_cancelled(same_page: Page) -> None:
    page = same_page
    click(page, "Mean ± SD")
    settle(page, "moments-loss")
    before = values(page, "moments-loss")
    retype(page, "draws", "20000")
    expect(page.locator("#cancel")).to_be_visible()
    expect(page.locator("#busy-text")).to_contain_text(re.compile(r"Drawing mini-batches: \d+%"))
    page.locator("#cancel").click()
    expect(page.locator("#notice")).to_have_text("Cancelled. The charts show the previous settings.")
    expect(page.locator("#cancel")).to_be_hidden()
    assert values(page, "moments-loss") == before
    # the same can be asked for again
    page.locator("#retry").click()
    expect(page.locator("#cancel")).to_be_visible()
    # and what is at hand comes at once, whatever is being computed
    retype(page, "draws", "50")
    expect(page.locator("#cancel")).to_be_hidden()
    expect(page.locator("#notice")).to_be_empty()
    # a study that is not wanted any more makes room for the next
    retype(page, "draws", "20000")
    expect(page.locator("#cancel")).to_be_visible()
    retype(page, "draws", "20")
    expect(page.locator("#moments-loss-sentence")).to_contain_text("20 draws")


def test_pictures_that_are_being_replaced_are_dimmed(same_page: Page) -> None:
    page = same_page
    click(page, "Mean ± SD")
    settle(page, "moments-loss")
    retype(page, "draws", "20000")
    expect(page.locator("#main")).to_have_class("stale")
    page.locator("#cancel").click()
    expect(page.locator("#main")).not_to_have_class("stale")


def test_the_settings_of_what_is_shown_come_back_after_a_cancelled_job(same_page: Page) -> None:
    page = same_page
    click(page, "Mean ± SD")
    settle(page, "moments-loss")
    drawn = page.url
    expect(page.locator("#restore")).to_be_hidden()
    retype(page, "draws", "20000")
    expect(page.locator("#cancel")).to_be_visible()
    retype(page, "draws", "19000")  # a second choice of which nothing is shown
    expect(page).to_have_url(re.compile("draws=19000"))
    page.locator("#cancel").click()
    page.locator("#restore").click()
    expect(page).to_have_url(drawn)
    expect(page.locator("#draws")).to_have_value("50")
    expect(page.locator("#notice")).to_be_empty()
    expect(page.locator("#restore")).to_be_hidden()
