"""The paper's figures by their links."""

from __future__ import annotations

import pytest
from driving import camera, settle
from playwright.sync_api import Page, expect

from landscape_core import paper


def follow(page: Page, query: str) -> None:
    """Open a link, as from an e-mail."""
    page.goto(page.url.split("?")[0] + query)


@pytest.mark.parametrize(("number", "left", "right"), [(1, "c", "d"), (6, "a", "b"), (9, "g", "h"), (17, "a", "b")])
def test_a_link_opens_the_panel_and_its_neighbour(page: Page, number: int, left: str, right: str) -> None:
    follow(page, f"?figure={number}&panel={right}")
    expect(page.locator("#figures-left-title")).to_contain_text(f"Fig. {number}({left}) ")
    expect(page.locator("#figures-right-title")).to_contain_text(f"Fig. {number}({right}) ")
    settle(page, "figures-left", "figures-right")
    expect(page.locator("#figure-strip")).to_contain_text(paper.figure(number).title)


def test_the_papers_number_stands_beside_ours_until_something_is_changed(page: Page) -> None:
    follow(page, "?figure=9&panel=g")
    expect(page.locator("#figures-left-note")).to_contain_text("The paper has 104.")
    expect(page.locator("#figures-right-note")).to_contain_text("The paper has 13.")
    page.locator("#seed").fill("5")
    page.locator("#seed").press("Tab")
    expect(page.locator("#figure-strip")).to_contain_text("Settings changed")
    expect(page.locator("#figures-left-note")).not_to_contain_text("The paper has")


def test_figure_3_is_seen_from_below(page: Page) -> None:
    follow(page, "?figure=3&panel=d")
    expect(page.locator("#figures-right-title")).to_contain_text("Fig. 3(d) ")
    settle(page, "figures-left", "figures-right")
    page.wait_for_timeout(1500)
    assert camera(page, "figures-right")["eye"]["z"] < 0
