"""Security in a real browser: the content security policy is kept, and visitors stay apart."""

from __future__ import annotations

from driving import PATIENCE, WINDOW, click, open_view, rest, retype, settle, values, visiting
from playwright.sync_api import Browser, expect

from app.views import VIEWS

WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
  window.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
"""


def test_no_view_export_sound_or_print_breaks_the_policy(browser: Browser, address: str) -> None:
    refused: list[str] = []
    errors: list[str] = []
    with visiting(browser, address, script=WATCH) as page:
        page.on("response", lambda answer: refused.append(answer.url) if answer.status >= 400 else None)
        page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        for view in VIEWS.values():
            open_view(page, view.title)
            expect(page.locator(f"#view-{view.name}")).to_be_visible()
            if view.name == "tables":
                retype(page, "seeds", "3")  # two hundred may take longer than a test waits
            rest(page)
            if view.name == "explore":
                page.locator("#listen").click()
                page.wait_for_timeout(100)
                page.locator("#listen").click()
        click(page, "Compare")
        settle(page)
        for what in ("png", "svg", "csv"):
            with page.expect_download():
                page.locator("#compare-loss-take").click()
                page.locator(f"#export-menu [data-does={what}]").click()
        for buttons in (["#export"], [".help summary", "#glossary"]):
            for button in buttons:
                page.locator(button).click()
            expect(page.locator("#dialog-title")).to_be_visible()
            rest(page)
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
