"""Pictures as Plotly figures. No server, no network, no arithmetic beyond ranges."""

from __future__ import annotations

from app.figures.charts import chart_figure
from app.figures.maps import map_figure
from app.figures.scenes import scene_figure
from app.figures.style import Figure, Theme
from app.pictures import Chart, Picture, Scene


def render(picture: Picture, theme: Theme) -> Figure:
    """A picture as a Plotly figure, as plain data."""
    if isinstance(picture, Scene):
        return scene_figure(picture, theme)
    if isinstance(picture, Chart):
        return chart_figure(picture, theme)
    return map_figure(picture, theme)


__all__ = ["Figure", "Theme", "render"]
