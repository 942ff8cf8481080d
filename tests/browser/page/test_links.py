"""Links: they hold every choice, hide controls, are copied; undo and redo."""

from __future__ import annotations

import re

import pytest
from driving import click, settle
from playwright.sync_api import Page, expect

from app.state.permalink import HIDEABLE


def go(page: Page, query: str) -> None:
    page.goto("/" + query)
    settle(page)


def test_a_link_holds_every_choice(page: Page) -> None:
    click(page, "ReLU")
    expect(page).to_have_url(re.compile(r"\?activation=relu&v=1$"))
    click(page, "Local")
    expect(page).to_have_url(re.compile(r"\?activation=relu&domain=local&range=2&v=1$|\?domain=local&activation=relu"))
    link = page.url
    settle(page)
    page.goto("/")
    settle(page)
    expect(page.locator("#range")).to_have_value("20")
    page.goto(link)
    settle(page)
    expect(page.locator("#range")).to_have_value("2")
    expect(page.locator("#compare-intro")).to_contain_text(
        "ReLU network on Iris (83 weights), on a plane of its weights, ±2 "
    )


def test_undo_and_redo_by_button_and_by_key(page: Page) -> None:
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
    expect(page.locator("#compare-intro")).to_contain_text("ReLU network")


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


def test_the_link_is_copied_by_button_and_by_key_and_export_opens(same_page: Page) -> None:
    page = same_page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#batch-preset-1").click()
    expect(page).to_have_url(re.compile("batch_size=1&"))
    copied = "() => navigator.clipboard.readText()"
    page.locator("#share").click()
    expect(page.locator(".brief")).to_have_text("Link copied. It opens on this computer only.")
    assert page.evaluate(copied) == page.url
    page.locator("#main").focus()
    page.keyboard.press("]")
    expect(page).to_have_url(re.compile("slope_angle=50"))
    page.keyboard.press("l")
    page.wait_for_function("async link => (await navigator.clipboard.readText()) === link", arg=page.url)
    page.keyboard.press("e")
    expect(page.locator("#dialog-title")).to_have_text("Export")


def test_a_link_hides_controls_and_views(blank: Page) -> None:
    page = blank
    hide = "hide=seed,batch_seed,activation,gallery"

    def hidden() -> None:
        for part in ("#seed", "#batch_seed", "#activation-group"):
            expect(page.locator(part)).to_be_hidden()
        expect(page.locator("#line_points")).to_be_visible()
        expect(page.locator("#view").get_by_text("Appendix figures")).to_be_hidden()

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


def test_a_group_keeps_its_name_when_its_first_view_is_hidden(blank: Page) -> None:
    page = blank
    named = (
        "() => [...document.querySelectorAll('#view .starts')].map(one => one.dataset.group + ': ' + one.textContent)"
    )
    go(page, "?v=1")
    assert page.evaluate(named) == ["Learn: Compare", "Understand: Explore", "Apply and verify: Line searches"]
    go(page, "?hide=explore,race,figures,tables,gallery&v=1")
    expect(page.locator("#view").get_by_text("Line searches")).to_be_hidden()
    assert page.evaluate(named) == ["Learn: Compare", "Understand: Mean ± SD"]


def test_all_that_a_link_may_hide_is_on_the_page(same_page: Page) -> None:
    page = same_page
    assert (
        page.evaluate(
            "names => names.filter(name => !document.querySelector("
            "`[id='${name}'], [data-part='${name}'], #view input[value='${name}']`))",
            [*HIDEABLE],
        )
        == []
    )


@pytest.mark.parametrize(
    ("query", "said", "link"),
    [
        ("?camera=1,2&seed=7", "camera=1,2 (allowed: six numbers below 100", r"\?seed=7&v=1$"),
        ("?profile=cinema&seed=7", "profile=cinema (allowed: one of screen, projector)", r"\?seed=7&v=1$"),
        ("?hide=seed,main&seed=7", "hide=seed,main (allowed: controls and views", r"\?seed=7&v=1$"),
        (
            "?batch_size=0&seed=7&hide=range",
            "batch_size=0 (allowed: a whole number from 1 to ",
            r"\?seed=7&hide=range&v=1$",
        ),
    ],
)
def test_what_a_link_may_not_ask_is_named_and_the_rest_is_used(blank: Page, query: str, said: str, link: str) -> None:
    page = blank
    go(page, query)
    message = page.locator("#message")
    expect(message).to_contain_text(f"Not used from this link: {said}")
    expect(message).to_contain_text("The rest of it is used. Correct the link, or use the controls.")
    expect(page).to_have_url(re.compile(link))
    for part in ("#seed", "#main"):
        expect(page.locator(part)).to_be_visible()
    expect(page.locator("#compare-intro")).to_contain_text("(seed 7)")
    page.locator("#batch-preset-1").click()  # what was refused does not come back
    expect(message).to_be_empty()
    expect(page).to_have_url(re.compile(r"\?batch_size=1&seed=7(&hide=range)?&v=1$"))


def test_a_link_of_which_nothing_is_used_stays_in_the_address(blank: Page) -> None:
    page = blank
    go(page, "?seed=7&v=2")
    expect(page.locator("#message")).to_contain_text("None of this link is used. v: got '2'; allowed: 1: ")
    expect(page).to_have_url(re.compile(r"\?seed=7&v=2$"))
