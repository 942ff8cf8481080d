"""Views drawn as the page draws them, with their small tasks computed on the CPU, and as their snippets of Python do."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from app.export import plot_snippets
from app.jobs.small_tasks import SMALL_KINDS, SmallTask
from app.plotting.model import Chart, PanelContent, Table
from app.state.view_state import ViewState
from app.views import VIEWS, figures
from landscape_core import StudySpec
from landscape_core.paper import published


@lru_cache(maxsize=64)
def computed(task: SmallTask) -> Any:
    return SMALL_KINDS[type(task)].run(task, "cpu")


def draw_view(request: ViewState, results: Mapping[Any, Any]) -> dict[str, Any]:
    view = VIEWS[request.view]
    small = [need for need in view.needs(request) if type(need) in SMALL_KINDS]
    return dict(view.draw(request, {**results, **{task: computed(task) for task in small}}))


def chart_of(panel: PanelContent) -> Chart:
    assert isinstance(panel.picture, Chart)
    return panel.picture


def table_of(panel: PanelContent) -> Table:
    assert isinstance(panel.picture, Table)
    return panel.picture


SMALL = {"resolution": 8, "line_points": 12}


def small(view: str, **more: Any) -> ViewState:
    fields = {**SMALL, "draws": 6 if VIEWS[view].sampled else 0}
    fields |= {name: more.pop(name) for name in [*more] if name in StudySpec.model_fields}
    return ViewState(StudySpec(**fields), view, **more)  # type: ignore[arg-type]


RACE_TITLES = {
    "one": ["loss", "slope"],
    "many": ["distance", "left_over"],
    "starts": ["median distance", "median left_over"],
    "train": ["loss"],
}


def check_drawn(fields: list[tuple[str, bool]], request: ViewState) -> None:
    """Every field has the title of what it shows, and marks."""
    titles = [title for title, _ in fields]
    if request.view == "gallery":
        titles = [title.split(":")[0] for title in titles]
        assert titles == [f"Fig. {number}" for number in range(7, 19)]
    elif request.view == "figures":
        figure = published.find_figure(request.figure)
        assert titles == [f"{figure.name}({panel.letter})" for panel in figures.pair(figure, request.panel)]
    else:
        wanted = RACE_TITLES[request.stage] if request.view == "race" else plot_snippets.FIELDS.get(request.view, [])
        assert [title for title in titles if title] == [*wanted]
    assert all(filled for title, filled in fields if title)
