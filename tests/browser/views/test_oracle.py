"""The Oracle view as a visitor uses it: step, play, step back, by mouse and by keyboard."""

from __future__ import annotations

import re
from typing import Any

import pytest
from driving import click, follow, rest, settle, violations, watched
from playwright.sync_api import Browser, Page, Response, expect

CHARTS = ("loss", "slope")

SHOWN = """name => {
    const plot = document.querySelector(`#oracle-${name} .js-plotly-plot`);
    const found = {};
    for (const trace of plot.data) {
        found[trace.name] = trace.visible === false ? null : Array.from(trace.x);
    }
    found.painted = plot.querySelectorAll('.scatterlayer .point').length;
    found.width = plot.clientWidth;
    return found;
}"""

STEP_IS_IN_THE_LINK = """() => {
    const plot = document.querySelector('#view-oracle:not([hidden]) #oracle-loss .js-plotly-plot');
    const drawn = plot?.data?.find(one => one.name === 'drawn');
    return !drawn || drawn.x.length === Number(new URLSearchParams(window.location.search).get('step'));
}"""


def shown(page: Page, chart: str) -> dict[str, Any]:
    """Positions of what a chart shows, by name; None for what is hidden."""
    return page.evaluate(SHOWN, f"{chart}")


def drawn(page: Page, count: int) -> None:
    """Wait until so many points are drawn in both charts."""
    page.wait_for_function(
        """count => ['loss', 'slope'].every(name => {
            const plot = document.querySelector(`#oracle-${name} .js-plotly-plot`);
            const trace = plot && plot.data && plot.data.find(one => one.name === 'drawn');
            return trace && trace.x.length === count;
        })""",
        arg=count,
    )


def told(page: Page, step: int) -> None:
    """Wait until the link tells a step."""
    page.wait_for_function(
        "step => new URLSearchParams(window.location.search).get('step') === step", arg=str(step) if step else None
    )


def text(page: Page, selector: str) -> str:
    return page.locator(selector).inner_text()


def open_at(page: Page, step: int) -> None:
    follow(page, f"?view=oracle&step={step}" if step else "?view=oracle")
    settle(page, "oracle-loss", "oracle-slope")
    drawn(page, step)


@pytest.fixture
def page(tidy_page: Page) -> Page:
    """The view as it opens."""
    tidy_page.wait_for_function(STEP_IS_IN_THE_LINK)  # else it would be put into the next one
    open_at(tidy_page, 0)
    return tidy_page


def test_a_step_draws_a_batch_and_one_point(page: Page) -> None:
    expect(page.locator("#oracle-balls .ball")).to_have_count(150)
    expect(page.locator("#oracle-balls .drawn")).to_have_count(0)
    expect(page.locator("#oracle-said")).to_contain_text("The urn holds 150 samples")
    expect(page.locator("#oracle-back")).to_be_disabled()
    page.locator("#oracle-step").click()
    drawn(page, 1)
    expect(page.locator("#oracle-balls .drawn")).to_have_count(10)
    expect(page.locator("#oracle-said")).to_contain_text("Point 1: loss ")
    page.locator("#oracle-step").click()
    drawn(page, 2)
    told(page, 2)
    expect(page.locator("#step")).to_have_value("2")
    page.locator("#oracle-back").click()
    drawn(page, 1)
    told(page, 1)


def test_keys_step_and_go_to_either_end(page: Page) -> None:
    page.locator("h1").click()
    for count in (1, 2, 3):
        page.keyboard.press("Space")
        drawn(page, count)
    page.keyboard.press("b")
    drawn(page, 2)
    page.keyboard.press("End")
    drawn(page, 100)
    expect(page.locator("#oracle-step")).to_be_disabled()
    expect(page.locator("#oracle-said")).to_contain_text("The line is drawn: 33 minima, 5 NN-GPPs.")
    page.keyboard.press("Home")
    drawn(page, 0)
    told(page, 0)


def test_space_elsewhere_belongs_to_the_page(page: Page) -> None:
    click(page, "Fixed batch")
    page.locator("h1").click()
    page.keyboard.press("Space")
    click(page, "Draw by draw")
    drawn(page, 0)


def test_a_minimum_is_declared_when_the_next_point_proves_it(page: Page) -> None:
    open_at(page, 100)
    whole = {name: shown(page, name) for name in CHARTS}
    places = whole["loss"]["drawn"]
    minima = [places.index(x) for x in whole["loss"]["minima declared"]]
    nngpps = [places.index(x) for x in whole["slope"]["NN-GPPs declared"]]
    assert (len(minima), len(nngpps)) == (33, 5)
    for step in (minima[4] + 1, minima[4] + 2, nngpps[0], nngpps[0] + 1):
        open_at(page, step)
        found = shown(page, "loss")["minima declared"], shown(page, "slope")["NN-GPPs declared"]
        assert [places.index(x) for x in found[0]] == [place for place in minima if place + 2 <= step]
        assert [places.index(x) for x in found[1]] == [place for place in nngpps if place + 1 <= step]
        assert text(page, "[data-count=loss-found]") == str(len(found[0]))
        assert text(page, "[data-count=slope-found]") == str(len(found[1]))
        assert text(page, "[data-count=loss-noise]") == f"{(step - 2) / 3:.1f}"
        assert text(page, "[data-count=slope-noise]") == f"{(step - 1) / 4:.1f}"
    page.locator("#oracle-said").filter(has_text="an NN-GPP is declared").wait_for()


def test_the_points_are_really_painted(page: Page) -> None:
    for count in (1, 2, 3):
        page.locator("#oracle-step").click()
        drawn(page, count)
        # the points drawn, the star of the full batch and the ring around the last point
        for chart in CHARTS:
            found = shown(page, chart)
            marks = sum(len(found[name]) for name in found if name.startswith(("true", "minima", "NN-GPPs")))
            assert found["painted"] == count + marks + 1


def test_play_and_pause(page: Page) -> None:
    page.locator("#oracle-pace").get_by_text("Fast").click()
    page.locator("#oracle-play").click()
    expect(page.locator("#oracle-play")).to_have_text("Pause")
    expect(page.locator("#oracle-said")).to_have_attribute("aria-live", "off")
    page.wait_for_function(
        "() => document.querySelector('#oracle-loss .js-plotly-plot').data.find(one => one.name === 'drawn').x.length > 4"
    )
    assert "step=" not in page.url  # the link is not told while it plays
    page.locator("h1").click()
    page.keyboard.press("p")
    expect(page.locator("#oracle-play")).to_have_text("Play")
    expect(page.locator("#oracle-said")).to_have_attribute("aria-live", "polite")
    page.wait_for_function("() => new URLSearchParams(window.location.search).has('step')")
    step = len(shown(page, "loss")["drawn"])
    told(page, step)
    page.wait_for_timeout(400)  # two steps of playing
    assert len(shown(page, "loss")["drawn"]) == step


def test_stepping_asks_the_server_for_no_numbers(page: Page) -> None:
    answers: list[int] = []

    def measure(answer: Response) -> None:
        if "_dash-update" in answer.url:
            answers.append(len(answer.body()))

    page.on("response", measure)
    for count in range(1, 7):
        page.keyboard.press("Space")
        drawn(page, count)
    told(page, 6)
    rest(page)
    page.remove_listener("response", measure)
    assert sum(answers) < 40_000  # the controls and the headings; the line itself is 24 kB and is not sent again


def test_the_full_batch_can_be_hidden(page: Page) -> None:
    assert len(shown(page, "loss")["full batch"]) == 100
    assert text(page, "[data-count=loss-true]") == "0"
    click(page, "Hidden")
    expect(page.locator("[data-count=loss-true]")).to_have_text("?")
    for chart in CHARTS:
        found = shown(page, chart)
        assert found["full batch"] is None
        assert all(found[name] is None for name in found if name.startswith("true"))
    page.wait_for_function("() => window.location.search.includes('reference=hidden')")


def test_a_click_on_a_dip_tells_which_samples_made_it(page: Page) -> None:
    open_at(page, 60)
    dip = shown(page, "loss")["minima declared"][3]
    place = page.evaluate(
        """x => {
            const plot = document.querySelector('#oracle-loss .js-plotly-plot');
            const {xaxis, yaxis} = plot._fullLayout;
            const trace = plot.data.find(one => one.name === 'minima declared');
            const box = plot.getBoundingClientRect();
            const y = trace.y[Array.from(trace.x).indexOf(x)];
            return [box.left + xaxis._offset + xaxis.d2p(x), box.top + yaxis._offset + yaxis.d2p(y)];
        }""",
        dip,
    )
    page.mouse.move(place[0] - 30, place[1])
    page.mouse.move(place[0] + 4, place[1], steps=4)
    page.mouse.click(place[0] + 4, place[1])
    made = page.locator("#oracle-made")
    expect(made).to_contain_text("A minimum: ")
    point = shown(page, "loss")["drawn"].index(dip) + 1
    expect(made).to_contain_text(f"Point {point} at ")
    expect(made.locator("tbody tr")).to_have_count(12)
    expect(page.locator("#oracle-listed")).to_contain_text(f"Drawn at point {point}: ")
    listed = re.findall(r"\d+", text(page, "#oracle-listed").split(": ")[1])
    names = [name for name in made.locator("tbody th").all_inner_texts() if not name.startswith("mean")]
    assert sorted(names, key=int) == listed
    lit = page.locator("#oracle-balls .drawn").evaluate_all("balls => balls.map(one => Number(one.dataset.sample) + 1)")
    assert [str(one) for one in lit] == listed
    losses = [float(cell) for cell in made.locator("tbody td:nth-child(3)").all_inner_texts()]
    assert losses == sorted(losses)


def test_a_zoom_lasts_over_steps_and_ends_with_the_line(page: Page) -> None:
    open_at(page, 60)
    limits = "() => document.querySelector('#oracle-loss .js-plotly-plot')._fullLayout.xaxis.range"
    whole = page.evaluate(limits)
    box = page.locator("#oracle-loss .nsewdrag").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 260, box["y"] + 160, steps=8)
    page.mouse.up()
    page.wait_for_function(f"old => ({limits})()[1] < old", arg=whole[1] - 5)
    zoomed = page.evaluate(limits)
    page.locator("#oracle-step").click()
    drawn(page, 61)
    assert page.evaluate(limits) == zoomed
    page.locator("#line").get_by_text("d2", exact=True).click()
    expect(page.locator("#oracle-loss-title")).to_have_text("Loss along d2")
    page.wait_for_function(f"old => ({limits})()[1] === old", arg=whole[1])


def test_by_keyboard_to_a_dip(page: Page) -> None:
    open_at(page, 60)
    slider = page.locator(".oracle-chart[data-quantity=loss]")
    slider.focus()
    page.keyboard.press("PageUp")
    expect(slider).to_have_attribute("aria-valuetext", re.compile(r"^point \d+, loss .*, a minimum$"))
    now = int(slider.get_attribute("aria-valuenow") or 0)
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_attribute("aria-valuenow", str(now - 1))
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.locator("#oracle-made")).to_contain_text(f"Point {now} at ")
    expect(page.locator("#oracle-made")).to_contain_text("A minimum: ")
    page.keyboard.press("Space")
    drawn(page, 61)


def test_undo_goes_back_and_a_typed_number_goes_there(page: Page) -> None:
    page.locator("#step").fill("42")
    page.locator("#step").press("Tab")
    drawn(page, 42)
    told(page, 42)
    page.locator("#undo").click()
    drawn(page, 0)


def test_another_line_takes_the_place_of_the_first(page: Page) -> None:
    open_at(page, 30)
    loss = page.evaluate("() => Array.from(document.querySelector('#oracle-loss .js-plotly-plot').data[2].y)")
    page.locator("#line").get_by_text("d2", exact=True).click()
    expect(page.locator("#oracle-loss-title")).to_have_text("Loss along d2")
    page.wait_for_function(
        "old => document.querySelector('#oracle-loss .js-plotly-plot').data[2].y[0] !== old", arg=loss[0]
    )
    drawn(page, 30)


def test_of_an_opened_point_only_the_sentence_is_read_out(page: Page) -> None:
    open_at(page, 60)
    expect(page.locator("#oracle-heard")).to_be_empty()
    page.locator(".oracle-chart[data-quantity=loss]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#oracle-made tbody tr")).to_have_count(12)
    expect(page.locator("#oracle-heard")).to_have_text(text(page, ".oracle-told"))
    expect(page.locator("#oracle-heard")).to_have_role("status")
    assert page.locator(":is([aria-live], [role=status]) table").count() == 0


def test_the_four_quadratics(page: Page) -> None:
    click(page, "Four quadratics")
    expect(page.locator("#oracle-balls .ball")).to_have_count(4)
    expect(page.locator("#oracle-loss-title")).to_have_text("Value along the line of Fig. 1")
    page.locator("#oracle-step").click()
    drawn(page, 1)
    expect(page.locator("#oracle-balls .drawn")).to_have_count(1)
    assert len(shown(page, "loss")["parabola A"]) == 100
    page.wait_for_function("() => window.location.search.includes('oracle=quadratics')")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_to_find_for_axe(page: Page, theme: str) -> None:
    open_at(page, 60)
    page.locator(".oracle-chart[data-quantity=loss]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#oracle-made tbody tr")).to_have_count(12)
    button = page.locator("#theme-toggle")
    if (button.inner_text() == "Dark") == (theme == "dark"):
        button.click()
        expect(button).to_have_text("Light" if theme == "dark" else "Dark")
    rest(page)
    assert violations(page, "#view-oracle") == []


@pytest.mark.parametrize(
    ("size", "profile"),
    [((1366, 768), "screen"), ((1920, 1080), "screen"), ((1920, 1080), "projector"), ((390, 844), "screen")],
)
def test_every_part_has_its_room(browser: Browser, address: str, size: tuple[int, int], profile: str) -> None:
    with watched(browser, address, viewport={"width": size[0], "height": size[1]}) as page:
        page.goto(f"/?view=oracle&step=40&profile={profile}")
        settle(page, "oracle-loss", "oracle-slope")
        drawn(page, 40)
        rest(page)
        for chart in CHARTS:
            box = page.locator(f"#oracle-{chart} .js-plotly-plot .main-svg").first.bounding_box()
            assert box is not None
            assert box["width"] > 250
            assert box["height"] > 150
        whole = page.evaluate("() => [document.documentElement.scrollWidth, window.innerWidth]")
        assert whole[0] <= max(whole[1], size[0])
        stage = page.locator(".oracle-stage").evaluate("one => [one.scrollHeight, one.clientHeight]")
        assert stage[0] <= stage[1]  # nothing of the urn is out of sight
