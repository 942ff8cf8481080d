"""The export menu and the dialogs: by keyboard, without permission to copy, when the server refuses."""

from __future__ import annotations

import pytest
from driving import pick_export, rest, settle, violations
from playwright.sync_api import Browser, Page, expect


def test_copying_says_what_happened(same_page: Page) -> None:
    page = same_page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#export").click()
    for name in ("python", "command", "citation"):
        page.locator(f"[data-copy=copy-{name}]").click()
        expect(page.locator("#dialog-said")).to_have_text("Copied.")
        assert page.evaluate("() => navigator.clipboard.readText()") == page.locator(f"#copy-{name}").text_content()
    # without permission the words are selected instead
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.locator("[data-copy=copy-citation]").click()
    expect(page.locator("#dialog-said")).to_contain_text("Selected")
    chosen = page.evaluate("() => window.getSelection().toString()")
    page.evaluate("() => { delete navigator.clipboard.writeText; }")
    assert chosen.split() == (page.locator("#copy-citation").text_content() or "").split()


def test_a_picture_is_copied_or_it_is_said_that_it_cannot_be(same_page: Page) -> None:
    page = same_page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    pick_export(page, "compare-loss", "copy")
    expect(page.locator("#said")).to_have_text("The picture is copied.")
    kinds = page.evaluate("async () => (await navigator.clipboard.read()).flatMap(item => item.types)")
    assert kinds == ["image/png"]
    page.evaluate("() => { navigator.clipboard.write = () => Promise.reject(new Error('no')); }")
    pick_export(page, "compare-loss", "copy")
    expect(page.locator("#said")).to_have_text(
        "This browser does not let the page copy pictures. Download the PNG instead."
    )
    page.evaluate("() => { delete navigator.clipboard.write; }")


def test_menu_and_dialog_by_keyboard(same_page: Page) -> None:
    page = same_page
    seed = page.locator("#batch_seed").input_value()
    opener = page.locator("#compare-minima-take")
    assert page.locator("#compare-minima-take").evaluate("one => one.ariaHasPopup") == "menu"
    expect(page.get_by_role("button", name="Export: Minima along four lines")).to_have_count(1)
    opener.focus()
    page.keyboard.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    does = "() => document.activeElement.dataset.does"
    assert page.evaluate(does) == "png"
    for key, there in (
        ("ArrowDown", "copy"),
        ("End", "table"),
        ("ArrowDown", "png"),
        ("ArrowUp", "table"),
        ("Home", "png"),
    ):
        page.keyboard.press(key)
        assert page.evaluate(does) == there
    page.keyboard.press("n")  # draws no mini-batches from within a menu
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    expect(opener).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Numbers: Minima along four lines")).to_be_visible()
    expect(page.locator("#dialog-body table")).to_be_visible()
    for _ in range(6):
        page.keyboard.press("Tab")
        # after the last one the browser's own controls come, if it has any; never the page behind
        assert page.evaluate(
            "() => document.activeElement === document.body"
            " || document.getElementById('dialog').contains(document.activeElement)"
        )
    page.keyboard.press("n")
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(opener).to_be_focused()
    assert page.locator("#batch_seed").input_value() == seed


def test_the_table_says_how_much_it_shows(same_page: Page) -> None:
    pick_export(same_page, "compare-loss", "table")
    expect(same_page.locator("#dialog-body caption")).to_have_text(
        "Plane: 10,000 rows. Every 5th point along each side, 400 of 10,000; the CSV has them all."
    )
    expect(same_page.locator("#dialog-body tbody tr")).to_have_count(400)
    same_page.get_by_role("button", name="Close").click()
    expect(same_page.locator("#compare-loss-take")).to_be_focused()


def test_the_page_says_what_it_is_by_a_key(same_page: Page) -> None:
    same_page.locator("#main").focus()
    same_page.keyboard.press("i")
    expect(same_page.get_by_role("dialog", name="About Batchscape")).to_contain_text("36 of 24,000 seeds")
    expect(same_page.get_by_role("dialog").get_by_role("link", name="arXiv:1903.08552")).to_be_visible()
    same_page.keyboard.press("Escape")
    expect(same_page.locator("#dialog")).to_be_hidden()


def test_the_glossary_has_formulas(same_page: Page) -> None:
    same_page.locator("#export").focus()
    same_page.keyboard.press("g")
    expect(same_page.locator("#dialog dt").first).to_be_visible()
    heights = same_page.locator("#dialog math msqrt").evaluate_all(
        "all => all.map(one => one.getBoundingClientRect().height)"
    )
    assert max(heights) > 25  # a root over fractions, not a row of letters
    same_page.keyboard.press("Escape")
    expect(same_page.locator("#export")).to_be_focused()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_the_menu_and_the_dialogs(same_page: Page, theme: str) -> None:
    page = same_page
    if theme == "dark":
        page.locator("#theme-toggle").click()
        settle(page)

    def check() -> None:
        rest(page)
        assert violations(page) == []

    page.locator("#compare-nngpps-take").click()
    check()
    page.locator("#export-menu [data-does=table]").click()
    expect(page.locator("#dialog-body table")).to_be_visible()
    check()
    page.keyboard.press("Escape")
    page.locator("#export").click()
    for entry, first in (("", "#copy-citation"), ("glossary", "#dialog dt"), ("about", "#copy-paper")):
        if entry:
            page.locator(".help summary").click()
            expect(page.locator("#glossary")).to_be_visible()
            check()
            page.locator(f"#{entry}").click()
        expect(page.locator(first).first).to_be_visible()
        check()
        page.keyboard.press("Escape")


def test_help_opens_and_closes_by_keyboard(same_page: Page) -> None:
    page = same_page
    page.locator(".help summary").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#about")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#about")).to_be_hidden()
    expect(page.locator(".help summary")).to_be_focused()
    page.keyboard.press("Enter")
    for entry in ("glossary", "keys", "about"):
        page.keyboard.press("Tab")
        expect(page.locator(f"#{entry}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="About Batchscape")).to_be_visible()
    expect(page.locator("#about")).to_be_hidden()
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(page.locator(".help summary")).to_be_focused()


def test_a_refused_export_is_explained_in_one_line(browser: Browser, address: str) -> None:
    context = browser.new_context()  # the browser logs a refusal as an error
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(address)
    settle(page)
    page.route(
        "**/{take,export}/numbers/*",
        lambda route: route.fulfill(status=409, content_type="text/plain", body="Not yet."),
    )
    page.route(
        "**/{take,export}/table/*",
        lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>Bad</h1>"),
    )
    pick_export(page, "compare-loss", "csv")
    expect(page.locator("#said")).to_have_text("Not yet.")
    pick_export(page, "compare-loss", "table")
    expect(page.locator("#dialog-said")).to_contain_text("The server does not answer.")
    context.close()
