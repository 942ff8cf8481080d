"""What a visitor sees when the server refuses, is away, or comes back; and that the page keeps to its own policy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from driving import PATIENCE, WINDOW, answer_late, click, first_held, retype, serving, settle, values
from playwright.sync_api import Browser, Page, Route, expect

from app.refusals import BROKEN
from app.views import VIEWS

WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


@contextmanager
def visiting(browser: Browser, address: str, *panels: str) -> Iterator[Page]:
    """A page that may log what the browser says of a server that refuses."""
    context = browser.new_context(viewport=WINDOW, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.add_init_script(WATCH)
    page.goto(address)
    settle(page, *panels)
    page.evaluate("() => { window.sameVisit = true; }")
    yield page
    assert page.evaluate("() => window.sameVisit")
    context.close()


def redraw(page: Page, draws: int) -> None:
    box = page.locator("#draws")
    box.fill(str(draws))
    box.press("Tab")


@pytest.mark.parametrize("secrets", [("", ""), ("the first secret of this server", "and its second secret")])
def test_a_page_outlives_a_server_that_is_killed_in_the_middle_of_its_job(
    browser: Browser, tmp_path: Path, secrets: tuple[str, str]
) -> None:
    first, second = ({"secret": secret} if secret else {} for secret in secrets)
    with (
        serving(tmp_path, **first) as (address, server),
        visiting(browser, f"{address}/?view=moments&v=1", "moments-loss") as page,
    ):
        redraw(page, 1000)
        expect(page.locator("#busy-text")).to_contain_text(re.compile(r"Drawing mini-batches: \d+%"))
        server.kill()
        server.wait()
        expect(page.locator("#notice")).to_have_text("The server does not answer. The page keeps trying.")
        with serving(tmp_path, int(address.rsplit(":", 1)[1]), **second):
            expect(page.locator("#moments-loss-note")).to_contain_text("1000 draws")
            expect(page.locator("#notice")).to_be_empty()
            expect(page.locator("#busy")).to_have_class("idle")


def test_who_is_too_fast_is_told_so_and_gets_the_last_choice(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path, page_rate="20 per 20 seconds") as (address, _), visiting(browser, address) as page:
        thumb = page.locator("#batch_size [role=slider]").first
        thumb.focus()
        refused: list[int] = []
        page.on("response", lambda answer: refused.append(answer.status) if answer.status == 429 else None)
        for _ in range(12):
            thumb.press("ArrowRight")
            page.wait_for_timeout(150)
        expect(page.locator("#notice")).to_contain_text("Too fast: at most 20 per 20 second")
        expect(page.locator("#compare-loss-note")).to_contain_text("22")
        expect(page.locator("#notice")).to_be_empty()
        assert refused


def test_an_error_of_the_server_is_told_and_the_page_goes_on(browser: Browser, address: str) -> None:
    with visiting(browser, address) as page:
        page.route(
            "**/_dash-update-component*",
            lambda route: route.fulfill(status=500, content_type="text/plain; charset=utf-8", body=BROKEN),
            times=1,
        )
        click(page, "150")
        expect(page.locator("#notice")).to_have_text(BROKEN)
        page.locator("#retry").click()
        expect(page.locator("#notice")).to_be_empty()
        click(page, "149")
        expect(page.locator("#compare-loss-note")).to_contain_text("149")


def test_nothing_breaks_the_policy_in_any_view_nor_what_is_taken_away_heard_or_printed(
    browser: Browser, address: str
) -> None:
    refused: list[str] = []
    errors: list[str] = []
    with visiting(browser, address) as page:
        page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        for view in VIEWS.values():
            page.locator("#view").get_by_text(view.label, exact=True).click()
            expect(page.locator(f"#view-{view.name}")).to_be_visible()
            if view.name == "tables":
                retype(page, "seeds", "3")  # two hundred may take longer than a test waits
            page.wait_for_timeout(700)
            page.wait_for_function("() => document.getElementById('busy').className === 'idle'")
            if view.name == "explore":
                page.locator("#listen").click()
                page.wait_for_timeout(500)
                page.locator("#listen").click()
        click(page, "Compare")
        settle(page)
        for what in ("png", "svg", "csv"):
            with page.expect_download():
                page.locator("#compare-loss-take").click()
                page.locator(f"#take-menu [data-does={what}]").click()
        for button in ("export", "glossary"):
            page.locator(f"#{button}").click()
            expect(page.locator("#dialog-title")).to_be_visible()
            page.wait_for_timeout(500)
            page.keyboard.press("Escape")
        page.locator("#theme-toggle").click()
        settle(page)
        page.pdf()
        assert page.evaluate("() => window.violations") == []
    assert errors == []
    assert refused == []


def test_two_visitors_at_once_never_see_each_other_s_choice(browser: Browser, address: str) -> None:
    links = [f"{address}/?seed={seed}&batch_size={size}&v=1" for seed, size in ((5, 10), (6, 40))]

    def alone(link: str) -> tuple[str, str]:
        with visiting(browser, link) as page:
            return values(page, "compare-loss"), values(page, "compare-slope")

    contexts = [browser.new_context(viewport=WINDOW) for _ in links]
    pages = [context.new_page() for context in contexts]
    for page, link in zip(pages, links, strict=True):
        page.set_default_timeout(PATIENCE)
        page.goto(link, wait_until="commit")
    for page in pages:
        settle(page)
    together = [(values(page, "compare-loss"), values(page, "compare-slope")) for page in pages]
    held = [page.locator("#seed").input_value() for page in pages]
    for context in contexts:
        context.close()
    assert held == ["5", "6"]
    assert together[0] != together[1]
    assert together == [alone(link) for link in links]


def test_who_waits_in_line_asks_less_often(shared_page: Page) -> None:
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url.rsplit("?", 1)[1])
        route.fulfill(status=204)

    shared_page.route("**/_dash-update-component?*", answer)
    order = """async told => {
        document.getElementById('busy-text').textContent = told;
        const ask = what => fetch('/_dash-update-component?' + what, {method: 'POST', body: '{}'});
        await Promise.all([ask('cacheKey=1'), new Promise(done => setTimeout(done, 100)).then(() => ask('other'))]);
    }"""
    shared_page.evaluate(order, "Drawing mini-batches: 40%")
    shared_page.evaluate(order, "Waiting: 4 in line")
    shared_page.unroute_all()
    assert asked == ["cacheKey=1", "other", "other", "cacheKey=1"]


def test_an_answer_that_is_overtaken_draws_nothing(page: Page) -> None:
    with first_held(page, "batch_size.value") as late:
        page.locator("#batch_size [role=slider]").focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_timeout(300)
        page.keyboard.press("ArrowRight")
        expect(page.locator("#compare-loss-title")).to_have_text("Loss, |B| = 12")
        answer_late(page, late[0])
        expect(page.locator("#compare-loss-title")).to_have_text("Loss, |B| = 12")
        expect(page.locator("#compare-minima-title")).to_contain_text("|B| = 12")


def test_a_button_whose_answer_is_overtaken_is_not_lost(page: Page) -> None:
    with first_held(page, "batch-preset-1.n_clicks") as late:
        page.locator("#batch-preset-1").click()
        page.wait_for_timeout(300)
        click(page, "Tanh")
        expect(page).to_have_url(re.compile("activation=tanh"))
        assert len(late) == 1
        expect(page).to_have_url(re.compile("batch_size=1&"))
        expect(page.locator("#compare-loss-title")).to_have_text("Loss, |B| = 1")
        expect(page.locator("#compare-loss-note")).to_contain_text("Tanh")
        answer_late(page, late[0])
        expect(page.locator("#compare-loss-note")).to_contain_text("Tanh")
        expect(page).to_have_url(re.compile("activation=tanh"))
