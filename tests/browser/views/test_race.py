"""The race as a visitor sees it: steps, keys, 500 races, toggles, links."""

from __future__ import annotations

import re

import pytest
from driving import READY, click, follow, painted, rest, settle, violations
from playwright.sync_api import Page, expect

LINE = "race-line"

ON = """() => Object.fromEntries([...document.querySelectorAll('#race-line .scatterlayer > .trace')]
    .filter(group => group.__data__[0].trace.meta && group.__data__[0].trace.meta.since)
    .map(group => [group.__data__[0].trace.name + group.__data__[0].trace.yaxis,
        [...group.querySelectorAll('.on')].filter(one => one.textContent || !one.matches('.textpoint')).length]))"""
"""How many marks, numbers and brackets are seen of each series."""

SEEN = """() => [...document.querySelectorAll('#race-line .textpoint.on')].map(one => one.textContent)"""

STOPS = """count => [...document.querySelectorAll('#race-line .textpoint.on')]
    .filter(one => one.textContent === 'stop').length === count"""

STEP_OF_LINK = "step => new URLSearchParams(location.search).get('race_step') === step"


@pytest.fixture
def page(tidy_page: Page) -> Page:
    """Every test follows a link of its own."""
    return tidy_page


def race(page: Page, query: str = "", *panels: str) -> None:
    follow(page, "?view=race" + query)
    expect(page.locator("#view-race")).to_be_visible()
    for panel in panels or (LINE,):
        page.wait_for_function(READY, arg=panel, timeout=180_000)  # a training is some seconds of work
    settle(page, *(panels or (LINE,)))
    rest(page)


def press(page: Page, button: str) -> None:
    page.locator(f"#race-{button}").click()


def at(page: Page, words: str) -> None:
    expect(page.locator("#race-at")).to_have_text(words)


def status(page: Page, row: int = 1) -> str:
    return page.locator("#race-methods tbody tr").nth(row).locator("td").last.inner_text()


def test_controls_without_effect_in_a_part_are_not_seen(page: Page) -> None:
    race(page)
    shown = {"One race": 3, "500 races": 1, "Start points": 1, "Training": 0}
    for part, seen in shown.items():
        click(page, part)
        for place, field in enumerate(("#budget", "#race", "#race_step")):
            expect(page.locator(field)).to_be_visible(visible=place < seen)


def test_steps_forth_and_back_play_and_restart(page: Page) -> None:
    race(page)
    at(page, "Step 0 of 15")
    assert page.evaluate(SEEN) == []
    assert set(page.evaluate(ON).values()) == {0}
    assert status(page) == "–"
    expect(page.locator("#race-back")).to_be_disabled()
    press(page, "step")
    at(page, "Step 1 of 15")
    assert set(page.evaluate(SEEN)) == {"1"}
    assert status(page).startswith("1: at ")
    page.keyboard.press("Escape")
    page.locator("#race-at").click()
    page.keyboard.press("Space")
    at(page, "Step 2 of 15")
    two = page.evaluate(ON)
    page.keyboard.press("Space")
    at(page, "Step 3 of 15")
    press(page, "back")
    at(page, "Step 2 of 15")
    assert page.evaluate(ON) == two
    page.locator("#race-at").click()
    page.keyboard.press("b")
    at(page, "Step 1 of 15")
    press(page, "play")
    expect(page.locator("#race-play")).to_have_text("Pause")
    page.wait_for_function("() => /Step ([4-9]|1.) of/.test(document.getElementById('race-at').textContent)")
    press(page, "play")
    page.locator("#race-end").click()
    at(page, "Step 15 of 15")
    assert page.evaluate(SEEN).count("stop") == 7
    assert status(page).startswith("stopped after ")
    expect(page.locator("#race-step")).to_be_disabled()
    press(page, "again")
    at(page, "Step 0 of 15")
    assert set(page.evaluate(ON).values()) == {0}


def test_the_next_race_begins_anew_and_is_in_the_link(page: Page) -> None:
    race(page)
    press(page, "step")
    at(page, "Step 1 of 15")
    press(page, "next")
    expect(page.locator("#race-line-note")).to_contain_text("Race 2 of 500")
    at(page, re.compile("^Step 0 of "))  # type: ignore[arg-type]
    page.wait_for_function("() => location.search.includes('race=1')")


def test_dark_keeps_the_step(page: Page) -> None:
    race(page)
    press(page, "step")
    press(page, "step")
    before = page.evaluate(ON)
    click(page, "Dark")
    page.wait_for_function("() => document.querySelector('#race-theme, [data-mantine-color-scheme=dark]')")
    rest(page)
    at(page, "Step 2 of 15")
    assert page.evaluate(ON) == before


def test_methods_are_taken_off_and_brought_back(page: Page) -> None:
    race(page)
    page.locator("#race-end").click()
    page.wait_for_function(STEP_OF_LINK, arg="15")
    chip = page.locator("#racers, #race-box").get_by_text("Armijo", exact=True)
    chip.click()
    page.wait_for_function(STOPS, arg=6)
    at(page, "Step 15 of 15")
    expect(page.locator("#race-methods tbody tr")).to_have_count(6)
    expect(page.locator("#race-methods")).not_to_contain_text("Armijo")
    assert "armijo" not in page.evaluate("() => new URLSearchParams(location.search).get('racers')")
    page.locator("#stage").get_by_text("500 races", exact=False).click()
    settle(page, "race-stops")
    page.wait_for_function("() => document.querySelectorAll('#race-rates tbody tr').length === 8")
    page.locator("#undo").click()
    page.wait_for_function(STOPS, arg=6)
    page.locator("#undo").click()
    page.wait_for_function(STOPS, arg=7)
    page.locator("#redo").click()
    page.wait_for_function(STOPS, arg=6)
    chip.click()
    page.wait_for_function(STOPS, arg=7)


def test_the_step_is_in_the_link_when_it_rests_and_can_be_undone(blank: Page) -> None:
    page = blank  # the history of a page that many tests use may be full
    page.goto("/?view=race&race_step=3")
    settle(page, LINE)
    rest(page)
    at(page, "Step 3 of 15")
    expect(page.locator("#race-line")).to_be_visible()
    expect(page.locator("#race-stops")).to_be_hidden()
    assert set(page.evaluate(SEEN)) - {"stop"} <= {"1", "2", "3"}
    before = page.evaluate("() => history.length")
    painted(page)  # its panel has found its size
    page.evaluate(
        "() => { window.drawn = 0; document.querySelector('#race-line .js-plotly-plot')"
        ".on('plotly_afterplot', () => { window.drawn += 1; }); }"
    )
    press(page, "play")
    page.wait_for_function("() => /Step [5-9] of/.test(document.getElementById('race-at').textContent)")
    assert page.evaluate(STEP_OF_LINK, "3")  # not while it plays
    press(page, "play")
    step = page.locator("#race-at").inner_text().split()[1]
    page.wait_for_function(STEP_OF_LINK, arg=step)
    expect(page.locator("#race_step")).to_have_value(step)
    press(page, "back")
    press(page, "back")
    press(page, "back")
    page.wait_for_function(STEP_OF_LINK, arg=str(int(step) - 3))
    assert page.evaluate("() => history.length") == before + 2
    page.locator("#undo").click()
    at(page, f"Step {step} of 15")
    page.locator("#undo").click()
    at(page, "Step 3 of 15")
    page.locator("#redo").click()
    at(page, f"Step {step} of 15")
    assert page.evaluate("() => window.drawn") == 0  # the server has sent all steps before
    page.locator("#race_step").fill("40")
    page.locator("#race_step").press("Tab")
    page.wait_for_function(STEP_OF_LINK, arg="40")
    at(page, "Step 15 of 15")


def test_a_link_with_a_bad_step_or_search_is_refused_in_words(page: Page) -> None:
    for query, said in (
        ("&race_step=101", "race_step=101 (allowed: a whole number from 0 to 100)"),
        ("&racers=newton", "racers=newton (allowed: at least one of gols_i"),
    ):
        page.goto("/?view=race" + query)
        expect(page.locator("#message")).to_contain_text(said)


def test_500_races_on_four_lines_and_both_scores(page: Page) -> None:
    race(page, "&stage=many&line=d2", "race-stops")
    expect(page.locator("#race-stops-title")).to_have_text("Where 500 races stop on d2")
    page.wait_for_function(
        "() => { const cells = document.querySelectorAll('#race-rates td');"
        " return cells.length && ![...cells].some(one => one.textContent === '…'); }"
    )
    expect(page.locator("#race-rates-note")).to_contain_text("Gradient-only loses")
    by_distance = page.locator("#race-rates").inner_text()
    page.locator("#race-bar").get_by_text("Excess loss", exact=True).click()
    page.wait_for_function("() => location.search.includes('score=loss')")
    expect(page.locator("#race-rates-title")).to_have_text("Win rates by excess loss")
    assert page.locator("#race-rates").inner_text() != by_distance
    expect(page.locator("#race-line")).to_be_hidden()


def test_training_is_a_link(page: Page) -> None:
    race(page, "&stage=train", "race-training")
    expect(page.locator("#race-runs tbody tr")).to_have_count(10)
    expect(page.locator("#race-step")).to_be_hidden()


def test_a_link_brings_line_race_and_budget_back(page: Page) -> None:
    race(page, "&line=d2&budget=8&race=41")
    expect(page.locator("#race-line-note")).to_contain_text("Race 42 of 500, up to 8 evaluations")
    expect(page.locator("#race-line-title")).to_have_text("One race on d2")
    expect(page.locator("#budget")).to_have_value("8")


@pytest.mark.parametrize("query", ["", "&stage=many", "&stage=train"])
def test_each_part_fits_and_axe_finds_nothing(page: Page, query: str) -> None:
    race(page, query, {"": LINE, "&stage=many": "race-stops", "&stage=train": "race-training"}[query])
    assert page.evaluate("() => document.documentElement.scrollHeight <= innerHeight")
    assert page.evaluate(
        "() => { const box = document.querySelector('#view-race'); return box.scrollHeight <= box.clientHeight + 1; }"
    )
    assert violations(page) == []
