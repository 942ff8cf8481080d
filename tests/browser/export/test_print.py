"""The printed page."""

from __future__ import annotations

import pytest
from driving import rest
from playwright.sync_api import Page, expect


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_printed_page_is_one_sheet_in_light_colours(same_page: Page, theme: str) -> None:
    page = same_page
    font = "() => document.querySelector('#compare-loss .js-plotly-plot')._fullLayout.font.color"
    before = "#1B2733" if theme == "light" else "#E6EDF3"
    if theme == "dark":
        page.locator("#theme-toggle").click()
    page.wait_for_function(f"colour => ({font})() === colour", arg=before)
    rest(page)
    content = page.pdf(prefer_css_page_size=True)
    assert content.count(b"/Type /Page\n") == 1
    assert page.evaluate(font) == before  # put back afterwards
    assert page.locator(".printed-scene").count() == 0
    shown = "one => getComputedStyle(one).display"
    for control in ("#race-bar", ".oracle-row", ".hint"):
        assert page.locator(control).count()
    page.emulate_media(media="print")
    for control in ("#race-bar", ".oracle-row", ".hint"):
        assert page.locator(control).first.evaluate(shown) == "none"
    page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(font) == "#1B2733"
    expect(page.locator(".printed-scene")).to_have_count(2)
    expect(page.locator("#printed")).to_have_text(
        "Seed 12735, batch seed 0 · Batchscape 1.0.0 · ?batch_size=10&seed=12735&batch_seed=0&v=1"
    )
    for gone in (".bar", ".rail", ".export-button"):
        assert page.locator(gone).first.is_hidden()
    colours = page.evaluate(
        "() => ['color', 'backgroundColor'].map(name => getComputedStyle(document.querySelector('.page'))[name])"
    )
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(font) == before
    page.emulate_media(media="null")
