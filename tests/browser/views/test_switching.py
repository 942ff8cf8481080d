"""Switching views: what is hidden keeps no WebGL context, and comes back."""

from __future__ import annotations

from pathlib import Path

from driving import click, settle, start
from playwright.sync_api import Page

from app.views import VIEWS

COUNTED = (Path(__file__).parents[1] / "count_contexts.js").read_text(encoding="utf-8")


def test_hidden_views_keep_no_webgl_context(blank: Page) -> None:
    blank.add_init_script(COUNTED)
    page = start(blank)
    for view in ("moments", "explore", "variance", "compare"):
        click(page, VIEWS[view].title)
        settle(page, *(f"{view}-{name}" for name, kind in VIEWS[view].panels.items() if kind == "figure"))
        expected = 0 if view == "variance" else 2
        page.wait_for_function("count => window.liveContexts() === count", arg=expected)


def test_a_view_comes_back_without_a_request(same_page: Page) -> None:
    page = same_page
    shown = "() => document.querySelector('#compare-loss .js-plotly-plot').data.length"
    for hidden in (True, False):
        page.evaluate("hidden => { document.getElementById('view-compare').hidden = hidden; }", hidden)
        page.wait_for_function(f"hidden => Boolean(({shown})()) !== hidden", arg=hidden)
