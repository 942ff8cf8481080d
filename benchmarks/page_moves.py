"""How fast the page follows a press, and a control that is held and moved. `page.py` measures it."""

from __future__ import annotations

import itertools
import math
import statistics
import time
from collections.abc import Callable
from typing import Any

from page_scripts import COUNT, PRESS
from playwright.sync_api import Page

DRAGGED = 5.0
"""Seconds for which each control is moved."""


def wait_until_idle(page: Page) -> None:
    """Wait until nothing is computed or asked for, nor about to be."""
    page.wait_for_timeout(500)
    page.wait_for_function(
        "() => document.getElementById('busy').className === 'idle'"
        " && !document.querySelector('[data-dash-is-loading], #main[aria-busy=true]')"
    )
    page.wait_for_timeout(500)


def measure_presses(page: Page, count: int) -> dict[str, Any]:
    """From a press to the frame that shows all four panels complete: presets of the size, and seeds that are new."""
    presets = [
        page.evaluate(PRESS, [f"#batch-preset-{name}", ""]) for name in ("all-but-one", "10", "1") * (count // 3)
    ]
    studies = []
    for seed in range(1, 1 + count // 3):
        studies.append(page.evaluate(PRESS, ["#seed", str(seed)]))
        wait_until_idle(page)
    return {
        "preset to complete view, p75, ms": round(statistics.quantiles(presets, n=4)[2]),
        "preset to complete view, median, ms": round(statistics.median(presets)),
        "new study to complete view, p75, ms": round(statistics.quantiles(studies, n=4)[2]),
        "new study to complete view, median, ms": round(statistics.median(studies)),
        "presets pressed": len(presets),
        "new studies": len(studies),
    }


def measure_drags(page: Page) -> dict[str, Any]:
    """How often lines and surfaces are painted anew each second while a control moves, with the mouse and with a key."""

    def count_frames(move: Callable[[int], None]) -> dict[str, float]:
        page.evaluate(COUNT)
        start = time.perf_counter()
        for index in itertools.count():
            if time.perf_counter() - start >= DRAGGED:
                break
            move(index)
        return page.evaluate("() => window.countedFrames()")

    def drag(selector: str, place: Callable[[dict[str, float], int], tuple[float, float]]) -> dict[str, float]:
        box = page.locator(selector).bounding_box()
        assert box is not None
        page.mouse.move(*place(dict(box), 0))
        page.mouse.down()
        for index in range(1, 10):  # the tables come when it is first moved
            page.mouse.move(*place(dict(box), index))
        page.wait_for_timeout(3000)
        found = count_frames(lambda index: page.mouse.move(*place(dict(box), index)))
        page.mouse.up()
        wait_until_idle(page)
        return found

    def along(box: dict[str, float], index: int) -> tuple[float, float]:
        share = 0.1 + 0.8 * abs(index % 200 - 100) / 100
        return box["x"] + share * box["width"], box["y"] + box["height"] / 2

    def around(box: dict[str, float], index: int) -> tuple[float, float]:
        turn, reach = math.radians(3 * index), 0.4 * min(box["width"], box["height"])
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        return middle[0] + reach * math.cos(turn), middle[1] - reach * math.sin(turn)

    slider = drag("#batch_size", along)
    page.locator("#batch_size [role=slider]").focus()
    key = count_frames(lambda index: page.keyboard.down("ArrowRight" if index % 200 < 100 else "ArrowLeft"))
    page.keyboard.up("ArrowRight")
    page.keyboard.up("ArrowLeft")
    wait_until_idle(page)
    page.locator("#compass").scroll_into_view_if_needed()
    compass = drag("#compass", around)
    return {
        "slider dragged: lines, frames a second": slider["lines"],
        "slider dragged: surfaces, frames a second": slider["surfaces"],
        "key held: lines, frames a second": key["lines"],
        "key held: surfaces, frames a second": key["surfaces"],
        "compass dragged: surface of the slope, frames a second": compass["surfaces"],
        "seconds of each": DRAGGED,
    }
