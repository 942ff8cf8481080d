"""Every view, drawn from a result and held against Plotly's own schema."""

from __future__ import annotations

import base64
import json

import numpy as np
import plotly.graph_objects as go
import pytest

from app.figures.lines import Curves, line_figure
from app.figures.surfaces import mesh, slope_surface, underside
from app.state import Request
from app.views import VIEWS
from landscape_core import StudyResult
from landscape_core.optima import HISTOGRAM_BINS


def decoded(array: dict[str, str]) -> np.ndarray:
    flat = np.frombuffer(base64.b64decode(array["bdata"]), dtype=np.float32)
    return flat.reshape([int(side) for side in array["shape"].split(",")]) if "shape" in array else flat


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("source", ["batch", "full"])
@pytest.mark.parametrize("moments", ["sampled", "exact"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_panel_is_a_valid_figure(result: StudyResult, view: str, moments: str, source: str, theme: str) -> None:
    drawn = VIEWS[view].draw(result, Request(result.spec, view, source, moments), theme)
    assert set(drawn) == set(VIEWS[view].panels)
    for name, panel in drawn.items():
        go.Figure(panel.figure)  # raises on anything that Plotly does not know
        json.dumps(panel.figure, allow_nan=False)
        assert panel.title
        assert panel.sentence
        surfaces = [trace for trace in panel.figure["data"] if trace["type"] == "surface"]
        assert bool(surfaces) == (VIEWS[view].panels[name] == "surface")
        # Plotly does not sort translucent surfaces: all are opaque or meshes
        assert all("opacity" not in trace for trace in surfaces)


def test_compare_shows_the_numbers_of_the_result(result: StudyResult) -> None:
    for source, loss, slope in (
        ("batch", result.batch_loss, result.batch_slope),
        ("full", result.full_loss, result.full_slope),
    ):
        drawn = VIEWS["compare"].draw(result, Request(result.spec, "compare", source), "light")
        np.testing.assert_array_equal(decoded(drawn["loss"].figure["data"][0]["z"]), loss.astype(np.float32))
        np.testing.assert_array_equal(decoded(drawn["slope"].figure["data"][0]["z"]), slope.astype(np.float32))


def test_moments_shows_draws_or_exact(result: StudyResult) -> None:
    sampled = VIEWS["moments"].draw(result, Request(result.spec, "moments"), "light")
    exact = VIEWS["moments"].draw(result, Request(result.spec, "moments", moments="exact"), "light")
    assert result.sampled_sd_loss is not None
    for drawn, expected in ((sampled, result.sampled_sd_loss), (exact, result.sd_loss)):
        np.testing.assert_array_equal(decoded(drawn["sd-loss"].figure["data"][0]["z"]), expected.astype(np.float32))


def test_from_below_shows_the_sign_and_where_it_is_uncertain(result: StudyResult) -> None:
    drawn = VIEWS["moments"].draw(result, Request(result.spec, "moments", moments="exact"), "light")
    below = decoded(drawn["slope"].figure["data"][-1]["surfacecolor"])
    certain = np.abs(result.mean_slope) >= result.sd_slope
    np.testing.assert_array_equal(below == 0, certain & (result.mean_slope < 0))
    np.testing.assert_array_equal(below == 2, certain & (result.mean_slope > 0))
    np.testing.assert_array_equal(below == 1, ~certain)
    share = f"{np.mean(~certain):.0%}"
    assert share in drawn["slope"].note
    lowest = decoded(drawn["slope"].figure["data"][-1]["z"])
    assert (lowest < np.minimum(result.mean_slope, 0)).all()


def test_legend_and_histogram_carry_the_counts(result: StudyResult) -> None:
    figure = VIEWS["compare"].draw(result, Request(result.spec), "light")["minima"].figure
    names = [trace["name"] for trace in figure["data"] if trace.get("mode") == "lines"]
    assert names == [
        f"{line}: {int(found.sum())}" for line, found in zip(("d1", "d2", "d1+d2", "d1-d2"), result.minima, strict=True)
    ]
    bars = [trace for trace in figure["data"] if trace["type"] == "bar"]
    assert all(len(decoded(bar["y"])) == HISTOGRAM_BINS for bar in bars)
    assert sum(decoded(bar["y"]).sum() for bar in bars) == result.minima.sum()


def test_curves_without_optima_draw() -> None:
    none = np.zeros((4, 5), dtype=bool)
    flat = np.zeros((4, 5))
    curves = Curves("slope", "NN-GPP", "diamond", np.linspace(-1, 1, 5), flat, flat, none, none, None)
    go.Figure(line_figure(curves, "light"))


def test_surfaces_of_nothing_but_holes_draw() -> None:
    axis, holes = np.linspace(-1, 1, 3), np.full((3, 3), np.nan)
    go.Figure([slope_surface(axis, holes, "light"), mesh(axis, holes, "#000000", "mesh")])
    assert slope_surface(axis, holes, "light")["visible"] is False  # it would break the scene for good
    go.Figure([underside(axis, holes, np.zeros((3, 3)), "below"), slope_surface(axis, np.zeros((3, 3)), "light")])


def test_slope_colours_are_centred_on_zero(result: StudyResult) -> None:
    trace = slope_surface(result.axis, result.full_slope, "light")
    assert trace["cmin"] == -trace["cmax"]
