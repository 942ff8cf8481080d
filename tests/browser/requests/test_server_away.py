"""What a visitor sees when the server refuses, is away, or comes back."""

from __future__ import annotations

import re
from contextlib import ExitStack
from pathlib import Path

from driving import SHORT_PAUSES, click, first_held, retype, serving, visiting, wait_until_held
from playwright.sync_api import Browser, expect

from app.http.error_responses import BROKEN


def test_a_page_outlives_servers_killed_in_the_middle_of_a_job(browser: Browser, tmp_path: Path) -> None:
    with ExitStack() as servers:
        address, server = servers.enter_context(serving(tmp_path))
        port = int(address.rsplit(":", 1)[1])
        with visiting(browser, f"{address}/?view=moments&v=1", "moments-loss", script=SHORT_PAUSES) as page:
            # the next server knows the secret of the last one, then it does not
            for draws, settings in ((1000, {}), (1001, {"secret": "another secret than the last server had"})):
                retype(page, "draws", str(draws))
                expect(page.locator("#busy-text")).to_contain_text(re.compile(r"Drawing mini-batches: \d+%"))
                server.kill()
                server.wait()
                expect(page.locator("#connection")).to_have_text("The server is not responding. Retrying …")
                _, server = servers.enter_context(serving(tmp_path, port, **settings))
                expect(page.locator("#moments-loss-sentence")).to_contain_text(f"{draws} draws")
                expect(page.locator("#notice")).to_be_empty()
                expect(page.locator("#connection")).to_be_empty()
                expect(page.locator("#busy")).to_have_class("idle")


def test_a_visitor_over_the_rate_limit_is_told_and_gets_the_last_choice(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path, page_rate="8 per 20 seconds") as (address, _), visiting(browser, address) as page:
        thumb = page.locator("#batch_size [role=slider]").first
        thumb.focus()
        refused: list[int] = []
        page.on("response", lambda answer: refused.append(answer.status) if answer.status == 429 else None)
        # a busy machine may be past it before it is looked for
        page.evaluate("""() => {
            const place = document.getElementById('connection');
            window.said = [];
            new MutationObserver(() => window.said.push(place.textContent)).observe(place, {childList: true});
        }""")
        for _ in range(80):
            thumb.press("ArrowRight")
            page.wait_for_timeout(100)
            if refused:
                break
        page.wait_for_function("() => window.said.some(text => text.includes('Too fast: at most 8 per 20 second'))")
        thumb.press("ArrowRight")
        size = thumb.get_attribute("aria-valuenow")
        expect(page.locator("#compare-loss-note")).to_contain_text(f"mini-batch of {size} ")
        expect(page.locator("#notice")).to_be_empty()
        expect(page.locator("#connection")).to_be_empty()
        assert refused


def test_an_error_of_the_server_is_shown_and_the_page_goes_on(browser: Browser, address: str) -> None:
    with visiting(browser, address) as page:
        with first_held(page, "batch-preset-all.n_clicks") as held:
            click(page, "150")
            wait_until_held(page, held)
            held[0].fulfill(status=500, content_type="text/plain; charset=utf-8", body=BROKEN)
        expect(page.locator("#notice")).to_have_text(BROKEN)
        page.locator("#retry").click()
        expect(page.locator("#notice")).to_be_empty()
        click(page, "149")
        expect(page.locator("#compare-loss-note")).to_contain_text("149")
