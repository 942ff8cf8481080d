"""Pictures as Plotly figures. No server, no network, no arithmetic beyond ranges."""

from __future__ import annotations

from app.plotting.model import Chart, Picture, Scene
from app.plotting.plotly.charts import chart_figure
from app.plotting.plotly.maps import map_figure
from app.plotting.plotly.scenes import scene_figure
from app.plotting.plotly.style import Figure, Theme, enlarge
from app.plotting.plotly.wire import pack_grids

HIDDEN = {"visible": False}
NOTHING: Figure = {
    "data": [],
    "layout": {"xaxis": HIDDEN, "yaxis": HIDDEN, "paper_bgcolor": "rgba(0,0,0,0)", "plot_bgcolor": "rgba(0,0,0,0)"},
}
"""A figure that shows nothing, not even axes."""

CONFIG = {"displaylogo": False, "showSendToCloud": False, "responsive": True}
"""Options of Plotly for every interactive figure."""

PROJECTOR = 1.4
"""Factor of type and lines on a projector."""


def render(picture: Picture, theme: Theme, projector: bool = False) -> Figure:
    """Render a picture as a Plotly figure of plain data."""
    if isinstance(picture, Scene):
        figure = scene_figure(picture, theme)
    elif isinstance(picture, Chart):
        figure = chart_figure(picture, theme)
    else:
        figure = map_figure(picture, theme)
    return _enlarge_for_projector(figure) if projector else figure


def _enlarge_for_projector(figure: Figure) -> Figure:
    larger: Figure = enlarge(figure, PROJECTOR)
    for name, part in larger["layout"].get("scene", {}).items():
        if name.endswith("axis"):  # Plotly draws a scene's ticks with the square of their size
            part["tickfont"] = {"size": larger["layout"]["font"]["size"] / PROJECTOR**0.5}
    return larger


__all__ = ["CONFIG", "NOTHING", "Figure", "Theme", "pack_grids", "render"]
