"""Live: while a control moves, the browser draws the mini-batches itself, the very ones of the server."""

from __future__ import annotations

import json
import re
import statistics
from pathlib import Path

import pytest
from driving import HOME, follow, have_tables, rest, settle
from playwright.sync_api import Page, expect

COUNT = re.compile(r"^(\d+) ")
PANELS = ("compare-loss", "compare-slope", "compare-minima", "compare-nngpps")


@pytest.fixture
def page(tidy_page: Page) -> Page:
    """Compare as it opens, with the tables at hand."""
    follow(tidy_page, HOME)
    settle(tidy_page, *PANELS)
    rest(tidy_page)
    return tidy_page


def grip(page: Page, slider: str, *parts: str) -> tuple[float, float]:
    """Take a slider's thumb with the mouse, once the browser has the tables of some parts."""
    thumb = page.locator(f"#{slider} [role=slider]")
    page.mouse.move(0, 0)  # a mouse that is there already does not come over the thumb
    thumb.hover()
    have_tables(page, *parts)
    box = thumb.bounding_box()
    assert box
    page.mouse.down()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def counts(page: Page) -> list[str]:
    """How many minima and NN-GPPs the page says are found."""
    notes = [page.locator(f"#compare-{name}-note").inner_text() for name in ("minima", "nngpps")]
    return [found[1] for note in notes if (found := COUNT.match(note))]


def heights(page: Page, panel: str) -> int:
    """How many points along a side the surface that is drawn has."""
    return page.evaluate(
        "name => { const {scene} = document.querySelector(`#${name} .js-plotly-plot`)._fullLayout;"
        " return Object.values(scene._scene.traces).find(one => one.data.meta === 'heights').data.z.length; }",
        panel,
    )


def line_height(page: Page) -> float:
    """How high the first line on the surface of the loss lies at its middle, as it is drawn."""
    return page.evaluate(
        "() => { const {scene} = document.querySelector('#compare-loss .js-plotly-plot')._fullLayout;"
        " const {z} = Object.values(scene._scene.traces).find(one => one.data.meta?.lift).data; return z[z.length >> 1]; }"
    )


def scales(page: Page) -> list[list[float]]:
    """The ends of all upright axes of Compare, and of its surfaces' colours."""
    return page.evaluate(
        """names => names.flatMap(name => {
            const plot = document.querySelector(`#${name} .js-plotly-plot`);
            const {scene, yaxis, yaxis2} = plot._fullLayout;
            if (!scene) return [yaxis.range, yaxis2.range].map(ends => [...ends]);
            const {cmin, cmax} = plot._fullData[0];
            return [[...scene._scene.fullSceneLayout.zaxis.range], [cmin, cmax]];
        })""",
        PANELS,
    )


def test_everything_follows_the_thumb_and_the_server_agrees(page: Page) -> None:
    x, y = grip(page, "batch_size", "lines", "plane")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    before, line = counts(page), line_height(page)
    for step in range(1, 13):
        page.mouse.move(x + 5 * step, y)
    expect(page.locator("#batch-label")).to_have_text(re.compile(r"^(4\d|5\d) of 150$"))
    size = page.locator("#batch-label").inner_text().split()[0]
    for panel in PANELS:
        expect(page.locator(f"#{panel}-title")).to_contain_text(f"|B| = {size}")
    expect(page.locator("#compare-loss-note")).to_contain_text(f"mini-batch of {size} ")
    rest(page)
    assert page.locator("canvas.live").count() == 2
    assert heights(page, "compare-loss") == heights(page, "compare-slope") == 50
    assert line_height(page) != line
    intro = page.locator("#compare-intro dl").inner_text()
    expect(page.locator("#compare-intro")).to_contain_text(f"a fresh mini-batch of {size} of 150 samples.")
    live = counts(page)
    distance = re.compile(r"^\d\S*$")
    expect(page.locator("#compare-intro dl b")).to_contain_text([live[0], distance, live[1], distance])
    legend = page.locator(".legend-row").first.inner_text()
    assert live != before
    assert f"found {live[0]}" in legend
    assert not asked
    page.mouse.up()
    settle(page)
    expect(page.locator("#compare-minima-note")).to_contain_text("over 1,000 draws")
    rest(page)
    expect(page.locator("canvas.live")).to_have_count(0)
    assert counts(page) == live
    assert page.locator(".legend-row").first.inner_text() == legend
    assert page.locator("#compare-intro dl").inner_text() == intro
    explained = page.locator("#compare-intro dl [data-explanation]")
    expect(explained).to_have_attribute("data-explanation", re.compile(rf"1,000 draws with \|B\| = {size} "))
    assert heights(page, "compare-loss") == heights(page, "compare-slope") == 100


def test_a_thumb_that_comes_back_leaves_everything_as_it_was(page: Page) -> None:
    said = [page.locator(f"#{panel}-{part}").inner_text() for panel in PANELS for part in ("title", "note")]
    intro = page.locator("#compare-intro").inner_text()
    x, y = grip(page, "batch_size", "lines", "plane")
    for step in (*range(10), *range(10, -1, -1)):
        page.mouse.move(x + 4 * step, y)
    page.mouse.up()
    rest(page)
    expect(page.locator("canvas.live")).to_have_count(0)
    assert [page.locator(f"#{panel}-{part}").inner_text() for panel in PANELS for part in ("title", "note")] == said
    assert page.locator("#compare-intro").inner_text() == intro
    assert heights(page, "compare-loss") == 100


def test_a_held_key_moves_the_thumb_and_the_page_hears_of_its_last_place(page: Page) -> None:
    thumb = page.locator("#batch_size [role=slider]")
    page.mouse.move(0, 0)
    thumb.hover()
    have_tables(page, "lines", "plane")
    thumb.focus()
    sizes = "() => dash_component_api.getLayout('batch_size').props.value"
    for _ in range(25):
        page.keyboard.down("ArrowRight")
    expect(thumb).to_have_attribute("aria-valuenow", "35")
    expect(page.locator("#batch-label")).to_have_text("35 of 150")
    expect(page.locator("#compare-minima-title")).to_contain_text("|B| = 35")
    assert page.evaluate(sizes) <= 11  # of the first press, at most
    for _ in range(3):
        page.keyboard.down("ArrowLeft")  # the other one is still held
    expect(thumb).to_have_attribute("aria-valuenow", "32")
    live = counts(page)
    page.keyboard.up("ArrowLeft")
    page.keyboard.up("ArrowRight")
    expect(page).to_have_url(re.compile("batch_size=32"))
    settle(page)
    rest(page)
    assert page.evaluate(sizes) == 32
    expect(thumb).to_have_attribute("aria-valuenow", "32")
    assert "20.8" in (thumb.get_attribute("style") or "")  # 31 of 149 steps
    expect(page.locator("canvas.live")).to_have_count(0)
    assert counts(page) == live
    thumb.press("ArrowRight")  # Mantine goes on from there
    expect(page).to_have_url(re.compile("batch_size=33"))
    rest(page)


def test_a_preset_is_drawn_once_by_the_server(page: Page) -> None:
    page.mouse.move(0, 0)
    page.locator("#batch-preset-1").hover()
    have_tables(page, "lines", "plane")  # the browser could draw, with the size that the thumb still has
    page.evaluate(
        """() => {
            window.sides = [];
            const {scene} = document.querySelector('#compare-loss .js-plotly-plot')._fullLayout;
            const surface = Object.values(scene._scene.traces).find(one => one.data.meta === 'heights');
            const update = surface.update;
            surface.update = function (data) { window.sides.push(data.z.length); return update.call(this, data); };
        }"""
    )
    page.locator("#batch-preset-1").click()
    expect(page.locator("#compare-minima-title")).to_contain_text("|B| = 1")
    expect(page.locator("#batch_size [role=slider]")).to_have_attribute("aria-valuenow", "1")
    settle(page)
    rest(page)
    assert page.evaluate("() => window.sides") == [100]


def test_a_page_that_nobody_touches_asks_for_no_tables(blank: Page) -> None:
    asked: list[str] = []
    blank.on("request", lambda request: asked.append(request.post_data or ""))
    blank.goto("/")
    settle(blank, *PANELS)
    rest(blank)
    assert asked
    assert [body for body in asked if '"output":"tables-' in body] == []
    blank.locator("#batch-preset-1").hover()
    have_tables(blank, "lines", "plane")
    assert [body for body in asked if '"output":"tables-' in body] != []


def test_a_moving_thumb_has_the_style_of_few_elements_computed_anew(page: Page, tmp_path: Path) -> None:
    """A selector with :has() on the whole page would have all of them, at every frame."""
    browser = page.context.browser
    assert browser
    x, y = grip(page, "batch_size", "lines", "plane")
    page.mouse.move(x + 5, y)
    rest(page)
    trace = tmp_path / "trace.json"
    browser.start_tracing(page=page, path=trace, categories=["devtools.timeline"])
    for step in range(2, 12):
        page.mouse.move(x + 5 * step, y)
    rest(page)
    browser.stop_tracing()
    page.mouse.up()
    events = json.loads(trace.read_text(encoding="utf-8"))["traceEvents"]
    counts = [one["args"]["elementCount"] for one in events if one["name"] == "UpdateLayoutTree" and "args" in one]
    elements = page.evaluate("() => document.querySelectorAll('*').length")
    assert len(counts) > 10
    assert statistics.median(counts) < elements / 10


def test_the_slope_turns_with_its_slider(page: Page) -> None:
    x, y = grip(page, "slope_angle", "lines", "plane")
    page.mouse.move(x + 20, y)
    page.mouse.move(x + 40, y)
    page.wait_for_function("() => /^\\d+°$/.test(document.getElementById('angle-label').textContent)")
    page.wait_for_function(
        "() => { const {scene} = document.querySelector('#compare-slope .js-plotly-plot')._fullLayout;"
        " return Object.values(scene._scene.traces).find(one => one.data.meta === 'heights').data.z.length === 50; }"
    )
    assert heights(page, "compare-loss") == 100
    assert page.locator("canvas.live").count() == 0  # the lines have their own directions
    page.mouse.up()
    settle(page)
    rest(page)
    assert heights(page, "compare-slope") == 100


def test_tables_of_another_study_are_asked_for_at_once(page: Page) -> None:
    for link in ("?sampling=with-replacement&v=1", HOME, "?activation=tanh&v=1"):
        follow(page, link)
        page.mouse.move(0, 0)
        page.locator("#batch_size [role=slider]").hover()
        have_tables(page, "lines", "plane")


def test_without_tables_the_server_answers_as_before(page: Page) -> None:
    page.route(
        "**/_dash-update-component",
        lambda route: route.abort() if "tables-" in (route.request.post_data or "")[:200] else route.continue_(),
    )
    follow(page, "?activation=tanh&v=1")
    thumb = page.locator("#batch_size [role=slider]")
    thumb.focus()
    thumb.press("ArrowRight")
    expect(page.locator("#compare-minima-title")).to_contain_text("|B| = 11")
    expect(page.locator("#compare-minima-note")).to_contain_text("over 1,000 draws")
    page.unroute("**/_dash-update-component")


def test_playing_moves_the_noise_and_pausing_keeps_it(page: Page) -> None:
    page.locator("#play").hover()
    page.locator("#play").click()
    expect(page.locator("#play")).to_have_text("Pause")
    seen = set()
    for _ in range(40):
        seen.add(tuple(counts(page)))
        page.wait_for_timeout(250)
        if len(seen) > 3:
            break
    assert len(seen) > 3
    assert page.locator("canvas.live").count() == 2
    page.locator("#play").click()
    expect(page.locator("#play")).to_have_text("Play")
    page.wait_for_timeout(300)
    live = counts(page)
    expect(page).to_have_url(re.compile(r"batch_seed=\d+"))
    expect(page.locator("#compare-minima-note")).to_contain_text("over 1,000 draws")
    rest(page)
    expect(page.locator("canvas.live")).to_have_count(0)
    assert counts(page) == live


def test_keys_draw_once_and_back(page: Page) -> None:
    before = counts(page)
    page.locator("#main").focus()
    page.keyboard.press("Space")
    expect(page).to_have_url(re.compile(r"batch_seed=1&"))
    expect(page.locator("#compare-minima-note")).to_contain_text("over 1,000 draws")
    rest(page)
    assert counts(page) != before
    page.locator("#main").focus()
    page.keyboard.press("b")
    expect(page).to_have_url(re.compile(r"/(\?v=1)?$"))
    rest(page)
    assert counts(page) == before


def test_scales_stay_when_mini_batches_change(page: Page) -> None:
    before = scales(page)
    x, y = grip(page, "batch_size", "lines", "plane")
    for step in range(1, 9):
        page.mouse.move(x + 4 * step, y)
    rest(page)
    live = scales(page)
    for (low, high), (least, most) in zip(before, live, strict=True):
        assert least <= low
        assert most >= high
    assert [live[1], live[3]] == [before[1], before[3]]  # the colours
    page.mouse.up()
    settle(page)
    rest(page)
    assert scales(page) == [pytest.approx(ends, rel=1e-6) for ends in live]
    page.locator("#batch-preset-all").click()
    expect(page.locator("#compare-minima-title")).to_contain_text("full batch")
    settle(page)
    rest(page)
    assert scales(page) == [pytest.approx(ends, rel=1e-6) for ends in live]
    page.locator("#main").focus()
    page.keyboard.press("r")
    page.wait_for_timeout(500)
    rest(page)
    fitted = scales(page)
    for at in (0, 1, 3, 4, 6):  # what is shown of the full batch takes less room
        assert fitted[at][1] - fitted[at][0] < live[at][1] - live[at][0]


def test_where_the_browser_cannot_draw_nothing_plays(page: Page) -> None:
    expect(page.locator("#live-note")).to_be_empty()
    follow(page, "?sampling=with-replacement&v=1")
    expect(page.locator("#play")).to_be_hidden()
    expect(page.locator("#live-note")).to_have_text("Here the pictures follow once the slider is released.")
    settle(page, *PANELS)
    page.locator("#main").focus()
    page.keyboard.press("Space")
    rest(page)
    expect(page).not_to_have_url(re.compile("batch_seed"))
    follow(page, HOME)
    expect(page.locator("#play")).to_be_visible()
    expect(page.locator("#live-note")).to_be_empty()


def test_fixed_batches_follow_the_thumb_and_the_server_agrees(page: Page) -> None:
    follow(page, "?view=static&line=d1%2Bd2&v=1")
    charts = [f"static-{name}" for name in ("static-loss", "static-slope", "dynamic-loss", "dynamic-slope")]
    settle(page, *charts)
    rest(page)
    x, y = grip(page, "batch_size")  # tables that it had before may have been kept
    notes = [page.locator(f"#{chart}-note") for chart in charts]
    drawn = re.compile(r"^\d\.\d minima per curve on average\.$")
    for step in range(1, 100):  # a hand goes on until it sees something
        page.mouse.move(x + min(5 * step, 20 + step % 2), y)
        if drawn.search(notes[0].inner_text()):
            break
        page.wait_for_timeout(100)
    expect(notes[0]).to_contain_text(drawn)
    rest(page)
    assert page.locator("canvas.live").count() == 4
    live = [note.inner_text() for note in notes]
    page.mouse.up()
    expect(notes[2]).to_contain_text("on average")
    settle(page, *charts)
    rest(page)
    expect(page.locator("canvas.live")).to_have_count(0)
    for note, words in zip(notes, live, strict=True):
        assert note.inner_text().startswith(words.removesuffix("."))
