"""What the browser tests do to the page, and what they read from it."""

from __future__ import annotations

from playwright.sync_api import Page

READY = """name => {
    const plot = document.querySelector(`#${name} .js-plotly-plot`);
    return Boolean(plot && plot.data && plot.data.length && plot._fullLayout);
}"""


def settle(page: Page, *panels: str) -> None:
    """Wait until nothing is computed and the panels are drawn."""
    for panel in panels or ("compare-loss", "compare-slope"):
        page.wait_for_function(READY, arg=panel)
    page.wait_for_function("() => document.getElementById('busy').className === 'idle'")


def values(page: Page, panel: str, trace: int = 0) -> str:
    """The numbers that a panel shows, as they came over the wire."""
    return page.evaluate(
        "([name, trace]) => { const one = document.querySelector(`#${name} .js-plotly-plot`).data[trace];"
        " return JSON.stringify(one.z || one.y); }",
        [panel, trace],
    )


def camera(page: Page, panel: str) -> dict[str, dict[str, float]]:
    """Where a surface is looked at from."""
    return page.evaluate(
        "name => { const scene = document.querySelector(`#${name} .js-plotly-plot`)._fullLayout.scene;"
        " return scene._scene.getCamera(); }",
        panel,
    )
