"""Accessibility: axe finds nothing in any view, nor in the tour, on a projector or a phone; whatever is read has a name."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from driving import PHONE, nameless, open_view, rest, retype, settle, start, violations, watched
from playwright.sync_api import Browser, Page

from app.page import ids
from app.views import VIEWS

SHOWN = {view.name: ids.panel(view.name, next(iter(view.panels))) for view in VIEWS.values()} | {
    "oracle": "oracle-loss"
}
"""A panel of each view that is there once the view is drawn."""


@pytest.fixture(scope="module", params=["light", "dark"])
def themed_page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """One page for all views, in one theme."""
    with watched(browser, address) as page:
        start(page)
        if request.param == "dark":
            page.locator("#theme-toggle").click()
        yield page


@pytest.mark.parametrize("view", VIEWS)
def test_axe_finds_nothing_in_a_view_and_all_in_it_has_a_name(themed_page: Page, view: str) -> None:
    page = themed_page
    open_view(page, VIEWS[view].title)
    if view == "tables":
        retype(page, "seeds", "3")
    page.wait_for_function("id => document.getElementById(id).childElementCount > 0", arg=SHOWN[view])
    rest(page)
    assert violations(page) == []
    assert nameless(page) == []


PROJECTOR = {"viewport": {"width": 1920, "height": 1080}}
PLACES = {
    "tour": ("/?scene=7", {}, "compare-loss"),
    "tour on a phone": ("/?scene=7", PHONE, "compare-loss"),
    "projector, compare": ("/?profile=projector", PROJECTOR, "compare-loss"),
    "projector, explore": ("/?view=explore&profile=projector", PROJECTOR, "explore-line-loss"),
    "projector, race": ("/?view=race&profile=projector", PROJECTOR, "race-line"),
    "phone, compare": ("/", PHONE, "compare-loss"),
    "phone, explore": ("/?view=explore", PHONE, "explore-line-loss"),
    "phone, race": ("/?view=race", PHONE, "race-line"),
}


@pytest.mark.parametrize("place", PLACES)
def test_axe_finds_nothing_in_another_layout(browser: Browser, address: str, place: str) -> None:
    link, device, panel = PLACES[place]
    with watched(browser, address, **device) as page:
        page.goto(link)
        settle(page, panel)
        rest(page)
        assert violations(page) == []
        assert nameless(page) == []
