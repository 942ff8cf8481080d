"""Maps on the page."""

from __future__ import annotations

import numpy as np

from app.plotting.model import Map
from app.plotting.plotly.maps import map_figure

AXIS = np.linspace(-2, 2, 5)


def test_a_line_at_45_degrees_is_drawn_so_in_a_map() -> None:
    axes = map_figure(Map(AXIS, AXIS, np.add.outer(AXIS, AXIS), "slope", "slope"), "light")["layout"]
    assert axes["yaxis"]["scaleanchor"] == "x"
    assert (
        axes["xaxis"]["constrain"] == axes["yaxis"]["constrain"] == "domain"
    )  # else the plane would not fill its field
