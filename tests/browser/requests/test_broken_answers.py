"""Answers that are cut short, dropped or replaced: the page says so, and goes on by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from breaking import WAYS, Breaking, breaking
from driving import PATIENCE, SHORT_PAUSES, WINDOW, retype, settle
from playwright.sync_api import Browser, Page, expect

SCRIPTS = ("dash_renderer", "dash_mantine_components", "/dcc/", "plotly.min.js", "batchscape.min.js")
STARTS = ("/_dash-layout", "/_dash-dependencies")
CALLBACK = "POST /_dash-update-component"
AWAY = "The server is not responding. Retrying …"
INCOMPLETE = re.compile(r"The page did not load completely\. It loads again in \d+ seconds\.")

RECORD = """
const said = JSON.parse(sessionStorage.getItem('said') ?? '[]');
new MutationObserver(() => {
    const text = document.getElementById('connection')?.textContent;
    if (text && text !== said.at(-1)) {
        said.push(text);
        sessionStorage.setItem('said', JSON.stringify(said));
    }
}).observe(document, {childList: true, subtree: true, characterData: true});
"""

FAST_CLOCK = """(() => {
    const real = Date.now, start = real();
    Date.now = () => start + 6 * (real() - start);
})();"""


@contextmanager
def visiting(browser: Browser, address: str) -> Iterator[tuple[Page, Breaking]]:
    """A page behind a proxy that breaks answers."""
    context = browser.new_context(viewport=WINDOW, reduced_motion="reduce")
    context.add_init_script(SHORT_PAUSES)
    context.add_init_script(RECORD)
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    with breaking(address) as proxy:
        yield page, proxy
    context.close()


def said(page: Page) -> list[str]:
    """What the page has said of its connection, over all that it was loaded."""
    recorded: list[str] = page.evaluate("() => JSON.parse(sessionStorage.getItem('said') ?? '[]')")
    return recorded


def started(page: Page) -> None:
    expect(page.locator("#oracle-said")).not_to_be_empty(timeout=3 * PATIENCE)
    expect(page.locator("#connection")).to_be_empty()


@pytest.mark.parametrize("way", WAYS)
def test_a_page_whose_parts_do_not_come_whole_starts_by_itself(browser: Browser, address: str, way: str) -> None:
    with visiting(browser, address) as (page, proxy):
        proxy.todo = dict.fromkeys((*SCRIPTS, *STARTS, CALLBACK), way)
        page.goto(f"{proxy.address}/?view=oracle&v=1", wait_until="commit")
        started(page)
        assert proxy.todo == {}
        assert any(map(INCOMPLETE.fullmatch, said(page)))
        assert AWAY in said(page)


@pytest.mark.parametrize("way", ["cut", "short"])
def test_a_page_that_is_cut_short_itself_loads_again(browser: Browser, address: str, way: str) -> None:
    with visiting(browser, address) as (page, proxy):
        proxy.todo = {"GET /?view=oracle": way}
        page.add_init_script(FAST_CLOCK)  # a page that breaks off with an error is given up after a minute of silence
        page.goto(f"{proxy.address}/?view=oracle&v=1", wait_until="commit")
        started(page)
        assert any(map(INCOMPLETE.fullmatch, said(page)))


def test_a_poll_whose_body_breaks_off_is_asked_again(browser: Browser, address: str) -> None:
    with visiting(browser, address) as (page, proxy):
        page.goto(f"{proxy.address}/?view=moments&resolution=50&v=1")
        settle(page, "moments-loss")
        for way in WAYS:
            proxy.todo["cacheKey="] = way
            draws = 1000 + len(proxy.done)
            retype(page, "draws", str(draws))
            expect(page.locator("#moments-loss-sentence")).to_contain_text(f"{draws} draws")
            expect(page.locator("#connection")).to_be_empty()
        assert proxy.done == ["cacheKey="] * len(WAYS)
        assert set(said(page)) == {AWAY}
