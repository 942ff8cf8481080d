"""Guides of a scene as Plotly draws them."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from numpy import ndarray

from app.plotting.model import BLACK, Curve, Scene, Surface
from app.plotting.plotly import render
from app.plotting.plotly.scenes import HEIGHTS, ZERO_LINE

X, Y = np.linspace(-2.0, 2.0, 4), np.linspace(-2.0, 2.0, 3)
VALUES = np.add.outer(Y, X)


def decode(array: dict[str, Any]) -> ndarray:
    return np.frombuffer(base64.b64decode(array["bdata"]), dtype=np.dtype(array["dtype"]))


def test_guides_lie_over_their_surface_and_are_not_in_its_legend() -> None:
    trails = tuple(Curve(name, X, X * 0.0, X * 0.0, style) for name, style in (("d1", 0), ("zero", BLACK)))
    made = render(
        Scene(X, Y, (Surface("slope", VALUES, "slope", noisy=True),), "slope", trails=trails, level=0.0), "light"
    )
    surface, sheet, line, zero = made["data"]
    assert surface["meta"] == HEIGHTS
    assert surface["contours"]["z"]["width"] == 1
    assert np.ptp(decode(sheet["z"])) == 0
    assert (decode(line["z"]) > 0).all()
    assert line["meta"]["lift"] == pytest.approx(decode(line["z"])[0])
    assert zero["meta"] == ZERO_LINE
    assert zero["line"]["color"] == "#000000"
    assert not any(trace.get("showlegend") for trace in made["data"])
