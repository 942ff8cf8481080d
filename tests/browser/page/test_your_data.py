"""Your data: a table is brought, looked at, and made a problem whose link lasts."""

from __future__ import annotations

import re

import pytest
from driving import HOME, PHONE, follow, rest, settle, violations, watched
from playwright.sync_api import Browser, FilePayload, Page, expect

PANELS = ("compare-loss", "compare-slope", "compare-minima", "compare-nngpps")


def penguins(rows: int = 60, name: str = "penguins.csv") -> FilePayload:
    """A table with classes, a number that is missing here and there, and a column that tells nothing."""
    lines = ["species,bill (mm),Länge,mass,year"]
    for row in range(rows):
        kind = row % 3
        mass = "NA" if row % 20 == 19 else str(3700 + 600 * kind + 37 * row % 300)
        lines.append(
            f"{('Adelie', 'Gentoo', '<b>Chinstrap')[kind]},{38 + 5 * kind + row * row % 7}.5,{row * 11 % 13},{mass},2007"
        )
    return {"name": name, "mimeType": "text/csv", "buffer": "\n".join(lines).encode()}


def bring(page: Page, *files: FilePayload) -> None:
    page.locator("#own-data").click()
    page.locator("#data-file").set_input_files(files=list(files))


def test_a_table_is_brought_and_its_link_lasts(page: Page) -> None:
    bring(page, penguins())
    said, notes = page.locator("#dialog-said"), page.locator("#data-notes")
    expect(said).to_have_text("column 'year' has one class only: 2007")
    expect(page.locator("#data-use")).to_be_disabled()
    page.locator("#data-target").select_option("species")
    expect(notes).to_contain_text("57 samples, 3 inputs; species is one of 3 classes.")
    expect(notes).to_contain_text("3 of 60 rows left out: missing values")
    expect(notes).to_contain_text("column 'year' is left out: it is 2007 in all rows")
    expect(page.locator("#data-rows tr")).to_have_count(6)
    page.locator("#data-features").get_by_label("Länge").uncheck()
    expect(notes).to_contain_text("57 samples, 2 inputs")
    page.locator("#data-layers").fill("ten")
    page.locator("#data-use").click()
    expect(said).to_contain_text("Hidden layers: allowed are whole numbers")
    page.locator("#data-layers").fill("6, 4")
    assert violations(page) == []
    page.locator("#data-use").click()
    expect(page).to_have_url(re.compile(r"\?problem=custom%3A[0-9a-f]{16}&v=1$"))
    expect(page.locator("#dialog")).to_be_hidden()
    settle(page, *PANELS)
    expect(page.locator("#compare-intro")).to_contain_text("Your data, species: a 2-6-4-3 network of 61 weights")
    expect(page.locator("#batch-label")).to_have_text("10 of 57")
    expect(page.locator("#problem")).to_have_value("Your data, species")
    link = page.url
    page.reload()
    settle(page, *PANELS)
    expect(page.locator("#problem")).to_have_value("Your data, species")
    expect(page.locator("#message")).to_be_empty()
    follow(page, "?view=oracle&" + link.split("?")[1])
    expect(page.locator("#oracle-balls")).to_contain_text("<b>Chinstrap")
    follow(page, HOME)
    expect(page.locator("#problem")).to_have_value("The paper's network")
    follow(page, "?" + link.split("?")[1])
    expect(page.locator("#problem")).to_have_value("Your data, species")
    rest(page)


def test_a_number_is_predicted_and_trained(same_page: Page) -> None:
    page = same_page
    bring(page, penguins())
    page.locator("#data-target").select_option("mass")
    expect(page.locator("#data-notes")).to_contain_text("57 samples, 5 inputs; mass is a number.")
    page.locator("#data-use").click()
    expect(page.locator("#compare-intro")).to_contain_text("Your data, mass")
    link = page.url.split("?")[1]
    follow(page, f"?start_point=trained&{link}")
    expect(page.locator("#compare-intro")).to_contain_text("from where 300 steps of Adam have led")
    settle(page, *PANELS)
    follow(page, HOME)


def test_what_is_too_large_is_not_sent(same_page: Page) -> None:
    page = same_page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/data/look" in request.url else None)
    bring(page, {"name": "large.csv", "mimeType": "text/csv", "buffer": b"1,2\n" * 400_000})
    expect(page.locator("#dialog-said")).to_have_text(
        "large.csv has 1.6 MB; at most 1.0 MB are allowed. Give fewer rows or columns."
    )
    expect(page.locator("#data-found")).to_be_hidden()
    assert not asked
    page.keyboard.press("Escape")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"PAR1....", "the page takes CSV files"),
        (b"a,b\n1,2\n3,4,5\n", "line 3 has 3 fields; the first line has 2"),
        (b"a,b\n1,\x00\n", "byte 6 is 0: this is no text file"),
    ],
)
def test_what_is_no_table_says_so(browser: Browser, address: str, content: bytes, said: str) -> None:
    """The browser logs that the server refuses some of them."""
    context = browser.new_context(base_url=address, reduced_motion="reduce")
    page = context.new_page()
    page.goto("/")
    settle(page)
    bring(page, {"name": "odd.csv", "mimeType": "text/csv", "buffer": content})
    expect(page.locator("#dialog-said")).to_contain_text(said)
    page.locator("#data-file").set_input_files(files=[penguins(30)])  # another one can be tried
    page.locator("#data-target").select_option("species")
    expect(page.locator("#data-notes")).to_contain_text("species is one of 3 classes")
    context.close()


def test_by_keyboard_and_on_a_phone(browser: Browser, address: str) -> None:
    with watched(browser, address, **PHONE) as page:
        page.goto("/")
        settle(page)
        page.locator("#controls-toggle").click()
        page.locator("#own-data").focus()
        page.keyboard.press("Enter")
        page.locator("#data-file").set_input_files(files=[penguins(30)])
        page.locator("#data-target").select_option("species")
        expect(page.locator("#data-notes")).to_contain_text("species is one of 3 classes")
        expect(page.locator("#data-use")).to_be_enabled()
        assert violations(page) == []
        assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
        page.locator("#data-use").focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("problem=custom"))
        settle(page)
