"""What axe finds where the page is laid out another way: in the tour, on a projector, on a phone."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from driving import settle, watched
from playwright.sync_api import Browser

PROJECTOR = {"viewport": {"width": 1920, "height": 1080}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
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
def test_nothing_to_find_for_axe(browser: Browser, address: str, place: str) -> None:
    link, device, panel = PLACES[place]
    with watched(browser, address, **device) as page:
        page.goto(link)
        settle(page, panel)
        page.wait_for_timeout(1000)
        found = Axe().run(page).response["violations"]
    assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found] == []
