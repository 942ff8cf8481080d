"""A step of a control as the page makes it: surfaces come with the answer to the choice, the rest after them."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

import pytest

from app import create_app, ids
from app.settings import Settings
from app.views import VIEWS

SMOKE = runpy.run_path(str(Path(__file__).parents[2] / "tools" / "smoke.py"))

SURFACES = [ids.panel("compare", name) for name in ("loss", "slope")]
CHARTS = [ids.panel("compare", name) for name in ("minima", "nngpps")]
LINK = "?resolution=12&line_points=12&batch_size={}&v=1"


class Page(SMOKE["Page"]):
    """A page whose server is in this process; it remembers which answers there were."""

    def __init__(self, settings: Settings) -> None:
        self.client = create_app(settings).server.test_client()
        self.answers: list[dict[str, Any]] = []
        super().__init__("")

    def _read(self, path: str, body: object = None) -> bytes:
        answer = self.client.get(path) if body is None else self.client.post(path, json=body)
        assert answer.status_code in {200, 204}, answer.text
        return answer.data

    def ask(self, *args: Any, **more: Any) -> dict[str, Any]:
        self.answers.append(super().ask(*args, **more))
        return self.answers[-1]

    def size(self, panel: str) -> str:
        """The batch size that a panel tells."""
        return self.held[f"{panel}-title.children"].rsplit(" ", 1)[1]

    def sizes(self) -> list[str]:
        return [self.size(panel) for panel in (*SURFACES, *CHARTS)]


@pytest.fixture
def page(tmp_path: Path) -> Page:
    """A page that shows a study with a batch of 8."""
    page = Page(Settings(cache_dir=tmp_path, warm=False))
    _, task = page.draw(page.request(LINK.format(8)))
    page.draw(page.held["request.data"], page.compute(task)[0])
    assert page.sizes() == ["8"] * 4
    return page


def test_what_is_new_shows_its_surfaces_before_it_is_asked_for(page: Page) -> None:
    request = page.request(LINK.format(9))
    assert page.sizes() == ["9", "9", "8", "8"]
    _, task = page.draw(request)
    assert page.sizes() == ["9", "9", "8", "8"]
    before = page.held["compare-loss.figure"]
    page.draw(request, page.compute(task)[0])
    assert page.sizes() == ["9"] * 4
    assert page.held["compare-loss.figure"] is before  # not sent once more
    assert not set(SURFACES) & set(page.answers[-1]["response"])


def test_what_is_at_hand_comes_surfaces_first(page: Page) -> None:
    _, task = page.draw(page.request(LINK.format(9)))
    page.compute(task)
    page.request(LINK.format(8))
    request = page.request(LINK.format(9))
    assert set(SURFACES) <= set(page.answers[-1]["sideUpdate"])
    assert page.draw(request)[1] is None
    assert page.sizes() == ["9"] * 4
    assert not set(SURFACES) & set(page.answers[-1]["response"])


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_can_be_chosen_next(page: Page, view: str) -> None:
    chosen = "?figure=1&v=1" if view == "figures" else f"?view={view}&resolution=12&line_points=12&v=1"
    for link in (chosen, "?figure=4&v=1", LINK.format(8)):
        page.request(link)
        assert not page.held.get("message.children")
        page.draw(page.held["request.data"])


def test_the_same_again_brings_nothing(page: Page) -> None:
    page.request(LINK.format(8))
    assert "request" not in page.answers[-1]["response"]
    assert not set(SURFACES) & set(page.answers[-1].get("sideUpdate", {}))


def test_other_colours_are_those_of_all_pictures(page: Page) -> None:
    request = page.request(LINK.format(9))
    page.held["theme.data"] = "dark"
    paper = page.held["compare-loss.figure"]["layout"]["font"]
    answer = page.ask("notice.children", "theme.data", {})
    assert answer["sideUpdate"]["glimpsed"]["data"] is None
    _, task = page.draw(request)
    page.draw(request, page.compute(task)[0])
    assert page.sizes() == ["9"] * 4
    assert page.held["compare-loss.figure"]["layout"]["font"] != paper


def test_a_page_that_opens_waits_for_its_colours(page: Page) -> None:
    page.held["request.data"] = None
    page.request(LINK.format(9))
    assert not set(SURFACES) & set(page.answers[-1].get("sideUpdate", {}))
