"""The paper's figures and tables, by their links, by mouse and by keyboard."""

from __future__ import annotations

import re

import pytest
from driving import camera, drawn, follow, painted, rest, retype, settle
from playwright.sync_api import Page, expect

from landscape_core.paper import published as paper

TABLES = {number: domain for domain, number in paper.DOMAIN_TABLE.items()}


@pytest.fixture
def page(tidy_page: Page) -> Page:
    """Every test follows a link of its own."""
    return tidy_page


def current(page: Page, view: str) -> list[str | None]:
    """What the links above a view mark as shown."""
    links = page.locator(f"#{view}-picker [aria-current=page]")
    return [link.get_attribute("href") for link in links.all()]


@pytest.mark.parametrize(("number", "left", "right"), [(1, "c", "d"), (6, "a", "b"), (9, "g", "h"), (17, "a", "b")])
def test_a_link_opens_the_panel_and_its_neighbour(page: Page, number: int, left: str, right: str) -> None:
    follow(page, f"?figure={number}&panel={right}")
    expect(page.locator("#figures-left-title")).to_contain_text(f"Fig. {number}({left}) ")
    expect(page.locator("#figures-right-title")).to_contain_text(f"Fig. {number}({right}) ")
    settle(page, "figures-left", "figures-right")
    expect(page.locator("#figures-picker")).to_contain_text(paper.find_figure(number).title)
    assert current(page, "figures") == [f"?figure={number}", f"?figure={number}&panel={right}"]


def test_every_figure_opens_from_the_picker(page: Page) -> None:
    follow(page, "?figure=1")
    for figure in paper.FIGURES.values():
        page.locator(f"#figures-picker a[href='?figure={figure.number}']").click()
        expect(page.locator("#figures-left-title")).to_contain_text(f"{figure.name}(a) ")
        settle(page, "figures-left")
        drawn(page, "figures-left")
        expect(page).to_have_url(re.compile(rf"\?figure={figure.number}&panel=a&v=1$"))
        expect(page.locator("#message")).to_be_empty()
        expect(page.locator("#notice")).to_be_empty()


@pytest.mark.parametrize("number", TABLES)
def test_a_table_shows_the_papers_numbers_beside_ours(page: Page, number: int) -> None:
    follow(page, f"?table={number}&seeds=4")
    settle(page, "tables-typical")
    cells = page.locator("#tables-counts tbody tr")
    expect(cells).to_have_count(18)
    published = [
        str(count)
        for row in paper.TABLES
        if row.domain == TABLES[number]
        for count in (row.true_optima, row.minima, row.nngpps)
    ]
    assert [line.locator("td").nth(1).inner_text() for line in cells.all()] == published
    ours = [line.locator("td").nth(2).inner_text() for line in cells.all()]
    assert ours[::3] == published[::3]  # the selected seed has the paper's true optima
    expect(page.locator("#tables-claims")).to_contain_text("✓ holds")
    expect(page.locator("#tables-picker")).to_contain_text("Settings as in the paper")
    assert current(page, "tables") == [f"?table={number}"]
    retype(page, "seed", "5")
    expect(page.locator("#tables-picker")).to_contain_text("Settings changed")


def test_the_papers_number_stands_beside_ours_until_something_is_changed(page: Page) -> None:
    follow(page, "?figure=9&panel=g")
    expect(page.locator("#figures-left-note")).to_contain_text("The paper has 104.")
    expect(page.locator("#figures-right-note")).to_contain_text("The paper has 13.")
    retype(page, "seed", "5")
    expect(page.locator("#figures-picker")).to_contain_text("Settings changed")
    expect(page.locator("#figures-left-note")).not_to_contain_text("The paper has")
    expect(page).to_have_url(re.compile(r"\?figure=9&panel=g&seed=5&v=1$"))
    # the same link again, and the way back
    page.locator("#figures-picker a[href='?figure=9&panel=g']").click()
    expect(page.locator("#figures-left-note")).to_contain_text("The paper has 104.")
    expect(page.locator("#seed")).to_have_value("12735")
    page.go_back()
    expect(page.locator("#seed")).to_have_value("5")
    page.go_forward()
    expect(page.locator("#seed")).to_have_value("12735")


def test_panels_by_keyboard_keep_the_focus(page: Page) -> None:
    follow(page, "?figure=9&panel=a")
    settle(page, "figures-left", "figures-right")
    page.locator("#figures-picker a[href='?figure=9&panel=a']").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#figures-left-title")).to_contain_text("Fig. 9(c) ")
    settle(page, "figures-left", "figures-right")
    assert current(page, "figures") == ["?figure=9", "?figure=9&panel=c"]
    assert page.evaluate("document.activeElement.getAttribute('href')") == "?figure=9&panel=c"


def test_figure_3_is_seen_from_below(blank: Page) -> None:
    page = blank
    page.goto("/?figure=3&panel=d")
    expect(page.locator("#figures-right-title")).to_contain_text("Fig. 3(d) ")
    settle(page, "figures-left", "figures-right")
    rest(page)
    painted(page)
    assert camera(page, "figures-right")["eye"]["z"] < 0


def test_a_picture_of_the_gallery_opens_its_figure(page: Page) -> None:
    follow(page, "?view=gallery")
    pictures = page.locator("#gallery-all a")
    expect(pictures).to_have_count(12, timeout=120_000)
    pictures.nth(2).click()
    expect(page.locator("#figures-left-title")).to_contain_text("Fig. 9(a) ")
    expect(page.locator("#view-gallery")).to_be_hidden()
    page.go_back()
    expect(page.locator("#view-gallery")).to_be_visible()


def test_a_bad_link_is_explained_and_the_address_is_of_what_is_shown(blank: Page) -> None:
    page = blank
    page.goto("/?figure=20")
    expect(page.locator("#message")).to_contain_text("figure=20 (allowed: a whole number from 1 to 19)")
    settle(page)
    expect(page).to_have_url(re.compile(r"/$"))
