"""Make the pictures that the page shows before its scripts run: `make first`.

They are the two surfaces of Compare as it opens, computed by the engine and drawn by `app.prints`, light and dark, as small
as they can be, with the words that belong to them.
"""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path

import torch
from matplotlib.figure import Figure
from PIL import Image

from app.figures.style import PALETTES, Theme
from app.pictures import Drawn, Scene
from app.prints.look import Box, Look
from app.prints.sheet import draw_picture
from app.state import Request
from app.views import VIEWS
from landscape_core import StudySpec, run

FOLDER = Path(__file__).parents[1] / "assets" / "first"
WIDTH, HEIGHT, DPI, FINER = 536, 290, 96, 1.25
"""Of a panel in a window of 1366 × 768 dots, and how many dots a picture has for each of them."""

MOST = 44_000
"""Bytes that the pictures of one theme may take."""


def shown() -> dict[str, Drawn]:
    """The panels of Compare as the page opens."""
    request = Request(StudySpec(draws=0))
    panels = VIEWS[request.view].draw(request, {request.spec: run(request.spec)})
    return {name: drawn for name, drawn in panels.items() if isinstance(drawn, Drawn)}


def words(panels: dict[str, Drawn]) -> dict[str, dict[str, str]]:
    """Title and note of each panel, and what a surface's picture shows, with the counts along its lines."""
    counted = {"loss": "minima", "slope": "nngpps"}
    return {
        name: {
            "title": drawn.title,
            "note": drawn.note,
            "alt": f"{drawn.sentence} {panels[counted[name]].note}" if name in counted else "",
        }
        for name, drawn in panels.items()
    }


def webp(scene: Scene, theme: Theme, quality: int) -> bytes:
    """One surface on a transparent ground."""
    wide, high = WIDTH / DPI, HEIGHT / DPI
    figure = Figure(figsize=(wide, high), dpi=DPI * FINER, facecolor="none")
    draw_picture(figure, Box(0, 0, wide, high), scene, Look(PALETTES[theme]))
    raw, made = BytesIO(), BytesIO()
    figure.savefig(raw, format="png", dpi=DPI * FINER, facecolor="none")
    Image.open(raw).save(made, "WEBP", quality=quality, alpha_quality=60, method=6)
    return made.getvalue()


def main() -> None:
    """Write everything; the best quality that is small enough."""
    torch.set_num_threads(1)
    panels = shown()
    scenes = {name: drawn.picture for name, drawn in panels.items() if isinstance(drawn.picture, Scene)}
    FOLDER.mkdir(exist_ok=True)
    for theme in PALETTES:
        for quality in (80, 70, 60, 50, 40, 30):
            made = {name: webp(scene, theme, quality) for name, scene in scenes.items()}
            if sum(map(len, made.values())) <= MOST:
                break
        for name, content in made.items():
            (FOLDER / f"{name}-{theme}.webp").write_bytes(content)
            print(f"{name}-{theme}.webp: {len(content)} bytes, quality {quality}")
    (FOLDER / "words.json").write_text(json.dumps(words(panels), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
