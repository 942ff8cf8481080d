"""A step of a control as the page makes it: what is at hand comes with the answer to the choice, the rest after it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import hostile
import pytest

from app import create_app
from app.callbacks.controls import DRAWS_HEADER
from app.page import ids
from app.settings import Settings
from app.views import VIEWS

SURFACES = [ids.panel("compare", name) for name in ("loss", "slope")]
CHARTS = [ids.panel("compare", name) for name in ("minima", "nngpps")]
LINK = "?resolution=12&line_points=12&batch_size={}&v=1"


class Page(hostile.Page):
    """A page that remembers which answers there were."""

    def __init__(self, settings: Settings) -> None:
        self.answers: list[dict[str, Any]] = []
        super().__init__(create_app(settings))

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
    page.arrive(page.compute(page.follow(LINK.format(8)))[0])
    assert page.sizes() == ["8"] * 4
    page.answers.clear()
    return page


def test_what_is_new_shows_its_surfaces_before_it_is_computed(page: Page) -> None:
    task = page.follow(LINK.format(9))
    assert page.sizes() == ["9", "9", "8", "8"]
    before = page.held["compare-loss.figure"]
    assert page.arrive(page.compute(task)[0]) is None
    assert page.sizes() == ["9"] * 4
    assert page.held["compare-loss.figure"] is before  # not sent once more
    assert not set(SURFACES) & set(page.answers[-1]["sideUpdate"])


def test_what_is_at_hand_comes_with_the_answer_to_the_choice(page: Page) -> None:
    page.show(LINK.format(9))
    page.follow(LINK.format(8))
    page.answers.clear()
    assert page.follow(LINK.format(9)) is None
    assert page.sizes() == ["9"] * 4
    assert len(page.answers) == 1
    assert {*SURFACES, *CHARTS} <= set(page.answers[-1]["sideUpdate"])


def test_an_answer_to_an_earlier_choice_changes_nothing(page: Page) -> None:
    first = page.compute(page.follow(LINK.format(9)))[0]
    page.follow(LINK.format(8))
    page.arrive(first)
    assert page.sizes() == ["8"] * 4


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_can_be_chosen_next(page: Page, view: str) -> None:
    chosen = "?figure=1&v=1" if view == "figures" else f"?view={view}&resolution=12&line_points=12&v=1"
    for link in (chosen, "?figure=4&v=1", LINK.format(8)):
        page.follow(link)
        assert not page.held.get("message.children")
        assert not page.held.get("notice.children")


def test_the_same_again_brings_nothing(page: Page) -> None:
    page.follow(LINK.format(8))
    assert "request" not in page.answers[-1]["response"]
    assert not set(SURFACES) & set(page.answers[-1].get("sideUpdate", {}))


def test_other_colours_are_those_of_all_pictures(page: Page) -> None:
    task = page.follow(LINK.format(9))
    light = page.held["compare-loss.figure"]["layout"]["font"]
    answer = page.ask("request.data", "theme.data", {"theme.data": "dark"})
    assert "request" not in answer["response"]
    assert page.held["compare-loss.figure"]["layout"]["font"] != light
    page.arrive(page.compute(task)[0])
    assert page.sizes() == ["9"] * 4
    assert page.held["compare-minima.figure"]["layout"]["font"] != light


def test_a_page_that_opens_shows_what_is_at_hand_with_the_first_answer(page: Page) -> None:
    page.held["request.data"] = None
    page.follow(LINK.format(8))
    assert {*SURFACES, *CHARTS} <= set(page.answers[-1]["sideUpdate"])


def test_an_answer_that_draws_says_so(page: Page) -> None:
    drawn = []
    for link in (LINK.format(9), LINK.format(9), "?v=2"):
        page.follow(link)
        drawn.append(page.headers.get(DRAWS_HEADER))
    assert drawn == ["1", None, None]


def test_a_box_counts_races_from_1_and_a_link_from_0(page: Page) -> None:
    page.follow("?view=race&race=2&resolution=12&line_points=12&v=1")
    assert page.held["race.value"] == 3
    answer = page.ask("request.data", "race.value", {"race.value": 0})
    assert answer["response"]["race"]["error"] == "Allowed: a whole number from 1 to 500"
    page.ask("request.data", "race.value", {"race.value": 500})
    assert "race=499&" in page.held["link.data"]["query"]
