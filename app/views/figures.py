"""Figures: those of the paper, two panels at a time, with its numbers beside ours."""

from __future__ import annotations

from dataclasses import replace

from app import panels
from app.pictures import Drawn
from app.state import Request
from app.views.view import Results, View
from landscape_core import StudySpec, paper
from landscape_core.paper import Figure, Panel

SLOTS = ("left", "right")
IGNORED = ("draws", "dtype", "batch_seed")
"""Fields in which a study may differ from a figure's own and still be what the paper shows."""


def pair(figure: Figure, letter: str) -> tuple[Panel, ...]:
    """The panel of a letter and its neighbour, as they stand beside each other in the paper."""
    index = figure.panels.index(figure.panel(letter)) // 2 * 2
    return figure.panels[index : index + 2]


def needs(request: Request) -> list[StudySpec]:
    """The studies of the two panels; their draws are the figure's."""
    figure = paper.figure(request.figure)
    base = request.spec.replace(draws=figure.base.draws)
    specs = (figure.spec(panel, base) for panel in pair(figure, request.panel))
    return list(dict.fromkeys(spec for spec in specs if spec is not None))


def draw(request: Request, results: Results) -> dict[str, Drawn]:
    """The panel that is asked for, and its neighbour."""
    figure = paper.figure(request.figure)
    base = request.spec.replace(draws=figure.base.draws)
    drawn = {}
    for slot, panel in zip(SLOTS, pair(figure, request.panel), strict=False):
        spec = figure.spec(panel, base)
        shown = beside(figure, panel, base, panels.draw(panel, None if spec is None else results[spec]))
        drawn[slot] = replace(shown, title=f"{figure.name}({panel.letter}) {shown.title}")
    return drawn


def beside(figure: Figure, panel: Panel, base: StudySpec, shown: Drawn) -> Drawn:
    """A panel with the paper's number before ours, if it has one and nothing was changed."""
    published = figure.published(panel) if as_published(figure, base) else None
    return shown if published is None else replace(shown, note=f"The paper has {published}. {shown.note}")


def as_published(figure: Figure, spec: StudySpec) -> bool:
    """Whether a study is that of the figure, in all that the paper tells."""
    own = {**figure.base.model_dump(), **{name: getattr(spec, name) for name in IGNORED}}
    return spec.model_dump() == own


VIEW = View(
    "figures",
    "Figures",
    dict.fromkeys(SLOTS, "figure"),
    sampled=False,
    draw=draw,
    needs=needs,
    picker=True,
)
