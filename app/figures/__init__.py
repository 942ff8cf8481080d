"""Pictures as Plotly figures. No server, no network, no arithmetic beyond ranges."""

from __future__ import annotations

from app.figures.charts import chart_figure
from app.figures.maps import map_figure
from app.figures.scenes import scene_figure
from app.figures.style import Figure, Theme, enlarged
from app.figures.wire import packed
from app.pictures import Chart, Picture, Scene

HIDDEN = {"visible": False}
NOTHING: Figure = {
    "data": [],
    "layout": {"xaxis": HIDDEN, "yaxis": HIDDEN, "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)"},
}
"""A figure that shows nothing, not even axes."""

PROJECTOR = 1.7
"""How much larger type and lines are on a projector: 12 points become 20."""


def render(picture: Picture, theme: Theme, projector: bool = False) -> Figure:
    """A picture as a Plotly figure, as plain data."""
    if isinstance(picture, Scene):
        figure = scene_figure(picture, theme)
    elif isinstance(picture, Chart):
        figure = chart_figure(picture, theme)
    else:
        figure = map_figure(picture, theme)
    return _for_a_projector(figure) if projector else figure


def _for_a_projector(figure: Figure) -> Figure:
    larger: Figure = enlarged(figure, PROJECTOR)
    for name, part in larger["layout"].get("scene", {}).items():
        if name.endswith("axis"):  # Plotly draws a scene's ticks with the square of their size
            part["tickfont"] = {"size": larger["layout"]["font"]["size"] / PROJECTOR**0.5}
    return larger


__all__ = ["NOTHING", "Figure", "Theme", "packed", "render"]
