"""Make the pictures that the page shows before its scripts run: `make first`.

They are the two surfaces of Compare as the page itself draws them in a window of 1366 × 768 dots, light and dark, as small
as they can be, with the words that belong to them. The pictures on the page take the place of these without a jump.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

from app.plotting.model import PanelContent
from app.state.view_state import ViewState
from app.views import VIEWS
from landscape_core import StudySpec, run

FOLDER = Path(__file__).parents[1] / "assets" / "first"
SURFACES = ("loss", "slope")
WINDOW = {"width": 1366, "height": 768}
FINER = 1.25
"""Dots of a picture for each dot of the window."""

MOST = 44_000
"""Bytes that the pictures of one theme may take."""

QUALITIES = (80, 70, 60, 50, 40, 30)

FLAGS = ["--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

DRAWN = """() => !document.getElementById('first') && document.getElementById('busy').className === 'idle'
    && !document.querySelector('[data-dash-is-loading], #main[aria-busy=true]')"""

BARE = "* { background: transparent !important; border-color: transparent !important; } .panel-head { visibility: hidden; }"
"""A surface alone, on a transparent ground: its title is text."""


def describe_panels() -> tuple[dict[str, dict[str, str]], dict[str, str]]:
    """Title and note of each panel of Compare as the page opens, what the surfaces show, and the words above them."""
    state = ViewState(StudySpec(draws=0))
    result = run(state.spec)
    drawn = VIEWS[state.view].draw(state, {state.spec: result})
    panels = {name: panel for name, panel in drawn.items() if isinstance(panel, PanelContent)}
    counted = dict(zip(SURFACES, ("minima", "nngpps"), strict=True))
    words = {
        name: {
            "title": panel.title,
            "note": panel.note,
            "alt": f"{panel.sentence} {panels[counted[name]].note}" if name in counted else "",
        }
        for name, panel in panels.items()
    }
    return words, VIEWS[state.view].introduce(state, result)


@contextmanager
def run_server() -> Iterator[str]:
    """The address of a server."""
    server = subprocess.Popen(
        [sys.executable, "-u", "-m", "app", "serve", "--port", "0"],
        env={**os.environ, "BATCHSCAPE_WARM": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        found = next(filter(None, (re.search(r"http://\S+", line) for line in server.stdout or ())), None)
        if found is None:
            raise SystemExit("the server did not start")
        yield found.group()
    finally:
        server.kill()
        server.wait()


def photograph(browser: Browser, address: str, theme: str) -> dict[str, Image.Image]:
    """The surfaces as the page draws them."""
    page = browser.new_page(viewport=WINDOW, device_scale_factor=FINER, color_scheme=theme)  # type: ignore[arg-type]
    page.goto(address)
    page.wait_for_function(DRAWN, timeout=180_000)
    taken = {}
    for name in SURFACES:
        content = page.locator(f"#compare-{name}").screenshot(
            omit_background=True, style=BARE, timeout=180_000, animations="disabled"
        )
        taken[name] = Image.open(io.BytesIO(content))
    page.close()
    return taken


def pack(picture: Image.Image, quality: int) -> bytes:
    """A picture as WebP."""
    made = io.BytesIO()
    picture.save(made, "WEBP", quality=quality, alpha_quality=60, method=6)
    return made.getvalue()


def main() -> None:
    """Write everything; the best quality that is small enough."""
    FOLDER.mkdir(exist_ok=True)
    with run_server() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=next(filter(None, map(shutil.which, BROWSERS)), None), args=FLAGS
        )
        for theme in ("light", "dark"):
            pictures = photograph(browser, address, theme)
            for quality in QUALITIES:
                made = {name: pack(picture, quality) for name, picture in pictures.items()}
                if sum(map(len, made.values())) <= MOST:
                    break
            for name, content in made.items():
                (FOLDER / f"{name}-{theme}.webp").write_bytes(content)
                print(f"{name}-{theme}.webp: {len(content)} bytes, {pictures[name].size} dots, quality {quality}")
        browser.close()
    for name, words in zip(("words", "intro"), describe_panels(), strict=True):
        (FOLDER / f"{name}.json").write_text(json.dumps(words, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
