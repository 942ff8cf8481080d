"""Paper figures: those of the paper, two panels at a time, with its numbers beside ours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from app import panels
from app.jobs.small_tasks import DeadUnitsTask, ShiftsTask
from app.panels.shifts import START_POINTS
from app.plotting.model import PanelContent
from app.plotting.scales import share_scales
from app.state.view_state import ViewState
from app.views.view import Need, Part, Results, View
from landscape_core import StudySpec
from landscape_core.paper import published as paper
from landscape_core.paper.published import Figure, Panel

SLOTS = ("left", "right")
SURFACES = frozenset(
    f"{what}{quantity}" for what in ("", "full-", "mean-", "below-", "sd-") for quantity in ("loss", "slope")
) | {panels.UNITS_OFF}
"""What panels show as surfaces, which can have common scales."""

IGNORED = ("draws", "dtype", "batch_seed")
"""Fields in which a study may differ from a figure's own and still be what the paper shows."""

MORE: dict[str, Callable[[StudySpec], DeadUnitsTask | ShiftsTask]] = {
    panels.UNITS_OFF: DeadUnitsTask,
    panels.SHIFT_SURVEY: lambda spec: ShiftsTask(spec.replace(seed=0), START_POINTS),  # whatever the seed
}
"""What a panel shows → what it takes beside its study."""


def pair(figure: Figure, letter: str) -> tuple[Panel, ...]:
    """The panel of a letter and its neighbour, as they stand beside each other in the paper."""
    index = figure.panels.index(figure.panel(letter)) // 2 * 2
    return figure.panels[index : index + 2]


def compared(figure: Figure, letter: str, common: bool) -> tuple[Panel, ...]:
    """The panels of a pair; for common scales all surfaces of the figure, too."""
    shown = pair(figure, letter)
    return tuple(one for one in figure.panels if one in shown or (common and one.shows in SURFACES))


def needs(request: ViewState) -> list[Need]:
    """The studies of the panels, whose draws are the figure's, and what else they take."""
    figure = paper.find_figure(request.figure)
    base = request.spec.replace(draws=figure.base.draws)
    found: list[Need] = []
    for panel in compared(figure, request.panel, request.scales == "common"):
        spec = figure.spec(panel, base)
        found += [] if spec is None else [spec]
        found += [MORE[panel.shows](spec)] if spec is not None and panel.shows in MORE else []
    return list(dict.fromkeys(found))


def draw(request: ViewState, results: Results) -> dict[str, PanelContent]:
    """The panel that is asked for, and its neighbour."""
    figure = paper.find_figure(request.figure)
    base = request.spec.replace(draws=figure.base.draws)
    common = request.scales == "common"
    chosen = compared(figure, request.panel, common)
    made = [beside(figure, panel, base, _draw(panel, figure.spec(panel, base), results)) for panel in chosen]
    by_letter = dict(zip((panel.letter for panel in chosen), share_scales(made) if common else made, strict=True))
    drawn = {}
    for slot, panel in zip(SLOTS, pair(figure, request.panel), strict=False):
        shown = by_letter[panel.letter]
        drawn[slot] = replace(shown, title=f"{figure.name}({panel.letter}) {shown.title}")
    return drawn


def _draw(panel: Panel, spec: StudySpec | None, results: Results) -> PanelContent:
    if spec is None:
        return panels.draw(panel, None)
    more = MORE.get(panel.shows)
    return panels.draw(panel, results[spec], None if more is None else results.get(more(spec)))


def beside(figure: Figure, panel: Panel, base: StudySpec, shown: PanelContent) -> PanelContent:
    """A panel with what a reader must know before its note.

    That is the paper's number, if it has one and nothing was changed, and the seed where panels differ in it.
    """
    published = figure.published(panel) if as_published(figure, base) else None
    several = any("seed" in one.changes for one in figure.panels) and panel.shows != panels.SHIFT_SURVEY
    before = [] if published is None else [f"The paper has {published}. "]
    before += [f"Seed {panel.changes.get('seed', base.seed)}. "] if several else []
    return replace(shown, note="".join(before) + shown.note) if before else shown


def as_published(figure: Figure, spec: StudySpec) -> bool:
    """Whether a study is that of the figure, in all that the paper tells."""
    own = {**figure.base.model_dump(), **{name: getattr(spec, name) for name in IGNORED}}
    return spec.model_dump() == own


def inert(look: Mapping[str, Any]) -> frozenset[str]:
    """What the panels that are shown decide themselves; of a sketch that is everything."""
    figure = paper.find_figure(look.get("figure"))
    shown = pair(figure, figure.panel(look.get("panel")).letter)
    return frozenset.intersection(*(_fixed(figure, panel) for panel in shown))


def _fixed(figure: Figure, panel: Panel) -> frozenset[str]:
    if figure.spec(panel) is None:
        return frozenset({*StudySpec.model_fields, "scales"})
    batches = ("batch_size", "batch_seed") if panel.shows.startswith(("true-", "full-")) else ()
    points = ("line_points",) if panel.shows in SURFACES else ("resolution", "scales", "slope_angle")
    return frozenset({*panel.changes, *batches, *points})


VIEW = View(
    "figures",
    "Paper figures",
    "Apply and verify",
    9,
    dict.fromkeys(SLOTS, "figure"),
    (Part(draw, needs),),
    controls=(
        "activation",
        "plane",
        "size",
        "resolution",
        "cameras",
        "scales",
        "slope",
    ),
    picker=True,
    inert=inert,
)
