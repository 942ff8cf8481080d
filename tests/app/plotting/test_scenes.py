"""Scenes on the page: what their legends tell, and where their colours end."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.plotting.model import Scene, Sheet, Surface, Underside
from app.plotting.plotly.scenes import CLASS_KEY, scene_figure
from app.plotting.plotly.style import CLASSES, signed_limit

AXIS = np.linspace(-2, 2, 5)
PLANE = np.add.outer(AXIS, AXIS)
MEANINGS = ("negative", "uncertain", "positive", "exactly 0")


def drawn(below: bool) -> list[dict[str, Any]]:
    layers = (
        Surface("slope", PLANE, "slope"),
        Sheet("zero", 0.0),
        Underside("below", np.minimum(PLANE, 0), np.sign(PLANE) + 1, MEANINGS),
    )
    return scene_figure(Scene(AXIS, AXIS, layers, "slope", below), "light")["data"]


@pytest.mark.parametrize("below", [False, True])
def test_an_underside_is_told_by_its_classes_and_by_no_scale_of_something_else(below: bool) -> None:
    traces = drawn(below)
    keys = [trace for trace in traces if trace.get("meta") == CLASS_KEY]
    assert [key["name"] for key in keys] == list(MEANINGS[:3])  # nothing is exactly 0
    assert [key["marker"]["color"] for key in keys] == list(CLASSES[:3])
    named = {trace["name"] for trace in traces if trace.get("showlegend")}
    assert named == (set(MEANINGS[:3]) if below else {"slope", "zero"})
    assert any(trace.get("showscale", True) for trace in traces if trace["type"] == "surface") is not below


def test_what_is_noise_beside_the_largest_slope_is_not_painted_in_full() -> None:
    values = np.zeros(1000)
    values[:3] = 5e-4, -1e-17, 1e-22
    assert signed_limit(values) == pytest.approx(5e-10)
