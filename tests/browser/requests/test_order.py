"""The order of requests and answers: surfaces first, nothing overtaken is drawn."""

from __future__ import annotations

import re

from driving import answer_late, changed, click, first_held, painted, rest, retype, settle, values, wait_until_held
from playwright.sync_api import Page, Route, expect


def test_surfaces_are_drawn_before_the_counts(same_page: Page) -> None:
    page = same_page
    rest(page)
    page.evaluate("""() => {
        window.order = [];
        for (const name of ['loss', 'slope', 'minima', 'nngpps']) {
            const plot = document.querySelector(`#compare-${name} .js-plotly-plot`);
            const sizeOf = () => plot.layout.meta?.sample?.size;  // of the figure that the server sent
            let shown = sizeOf();
            plot.on('plotly_afterplot', () => {
                if (sizeOf() !== shown) window.order.push(name);
                shown = sizeOf();
            });
        }
    }""")
    before = {name: values(page, f"compare-{name}") for name in ("loss", "slope")}
    page.locator("#batch_size [role=slider]").press("ArrowRight")
    for name, old in before.items():
        changed(page, f"compare-{name}", old)
    expect(page.locator("#compare-minima-title")).to_contain_text("|B| = 11")
    settle(page)
    rest(page)
    painted(page)
    assert page.evaluate("window.order") == ["loss", "slope", "minima", "nngpps"]


def hold_frames(page: Page) -> None:
    """Let the browser paint nothing until `paintFrames`; the page takes a frame for painted after three seconds."""
    page.evaluate("""() => {
        const {requestAnimationFrame, setTimeout} = window, held = [];
        window.heldFrames = 0;
        window.requestAnimationFrame = (frame) => { held.push(frame); window.heldFrames += 1; return held.length; };
        window.setTimeout = (done, time, ...more) => time === 3000 ? held.push(done) : setTimeout(done, time, ...more);
        window.paintFrames = () => {
            Object.assign(window, {requestAnimationFrame, setTimeout});
            held.splice(0).forEach(frame => frame(performance.now()));
        };
    }""")


def test_the_counts_are_asked_for_once_the_surfaces_are_painted(page: Page) -> None:
    settle(page)
    rest(page)
    hold_frames(page)
    charts = page.locator("#compare-minima-note").inner_text()
    retype(page, "batch_seed", "987653")  # of no other test, so that it has to be computed
    page.wait_for_function("() => window.heldFrames")
    page.wait_for_timeout(500)
    expect(page.locator("#compare-minima-note")).to_have_text(charts)
    page.evaluate("() => window.paintFrames()")
    expect(page.locator("#compare-minima-note")).not_to_have_text(charts)


def test_what_arrives_for_an_earlier_choice_is_not_drawn(same_page: Page) -> None:
    page = same_page
    rest(page)
    with first_held(page, "arrived.data") as later:
        retype(page, "batch_seed", "987654")  # of no other test, so that it has to be computed
        wait_until_held(page, later)
        page.locator("#batch-preset-1").click()
        expect(page.locator("#compare-minima-title")).to_have_text("Minima along four lines, |B| = 1")
        answer_late(page, later[0])
    expect(page.locator("#compare-minima-title")).to_have_text("Minima along four lines, |B| = 1")
    expect(page.locator("#compare-loss-title")).to_have_text("Loss, |B| = 1")


def test_a_queued_page_polls_less_often(same_page: Page) -> None:
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url.rsplit("?", 1)[1])
        route.fulfill(status=204)

    same_page.route("**/_dash-update-component?*", answer)
    order = """async place => {
        document.getElementById('busy-text').dataset.place = place;
        const ask = what => fetch('/_dash-update-component?' + what, {method: 'POST', body: '{}'});
        await Promise.all([ask('cacheKey=1'), new Promise(done => setTimeout(done, 100)).then(() => ask('other'))]);
    }"""
    same_page.evaluate(order, 0)
    same_page.evaluate(order, 4)
    same_page.unroute_all()
    assert asked == ["cacheKey=1", "other", "other", "cacheKey=1"]


def test_an_overtaken_answer_draws_nothing(same_page: Page) -> None:
    page = same_page
    with first_held(page, "batch_size.value") as late:
        page.locator("#batch_size [role=slider]").focus()
        page.keyboard.press("ArrowRight")
        wait_until_held(page, late)
        page.keyboard.press("ArrowRight")
        expect(page.locator("#compare-loss-title")).to_have_text("Loss, |B| = 12")
        answer_late(page, late[0])
        expect(page.locator("#compare-loss-title")).to_have_text("Loss, |B| = 12")
        expect(page.locator("#compare-minima-title")).to_contain_text("|B| = 12")


def test_a_button_whose_answer_is_overtaken_is_not_lost(same_page: Page) -> None:
    page = same_page
    with first_held(page, "batch-preset-1.n_clicks") as late:
        page.locator("#batch-preset-1").click()
        wait_until_held(page, late)
        click(page, "Tanh")
        expect(page).to_have_url(re.compile("activation=tanh"))
        expect(page).to_have_url(re.compile("batch_size=1&"))
        expect(page.locator("#compare-loss-title")).to_have_text("Loss, |B| = 1")
        expect(page.locator("#compare-loss-sentence")).to_contain_text("Tanh")
        answer_late(page, late[0])
        expect(page.locator("#compare-loss-sentence")).to_contain_text("Tanh")
        expect(page).to_have_url(re.compile("activation=tanh"))
