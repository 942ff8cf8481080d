"""What the browser tests do to the page, and what they read from it."""

from __future__ import annotations

from playwright.sync_api import Page

READY = """name => {
    const plot = document.querySelector(`#${name} .js-plotly-plot`);
    return Boolean(plot && plot.data && plot.data.length && plot._fullLayout);
}"""

DRAWN = """name => {
    const plot = document.querySelector(`#${name} .js-plotly-plot`);
    if (!plot || !plot._fullLayout || !plot.data || !plot.data.length) return false;
    if (plot._fullLayout.scene) return Boolean(plot._fullLayout.scene._scene && plot.querySelector('canvas'));
    // points of a chart are painted on a canvas; its bars, and anything in a map, are elements
    return plot.querySelector('canvas, .trace, .hm, .contour') !== null && plot.querySelector('.xtick text') !== null;
}"""


def settle(page: Page, *panels: str) -> None:
    """Wait until nothing is computed and the panels are drawn."""
    for panel in panels or ("compare-loss", "compare-slope"):
        page.wait_for_function(READY, arg=panel)
    page.wait_for_function("() => document.getElementById('busy').className === 'idle'")


def drawn(page: Page, panel: str) -> None:
    """Wait until a panel holds a canvas with a scene, or the marks of a chart."""
    page.wait_for_function(DRAWN, arg=panel)


def click(page: Page, label: str) -> None:
    page.get_by_text(label, exact=True).first.click()


def retype(page: Page, field: str, text: str) -> None:
    box = page.locator(f"#{field}")
    box.fill(text)
    box.press("Tab")


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
