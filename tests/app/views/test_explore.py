"""Explore: what is drawn on the plane, and what the mouse does to it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from drawing import draw_view
from hypothesis import given
from hypothesis import strategies as st

from app.callbacks.explore import moved, pointed, read
from app.jobs.service import Service
from app.panels import explore
from app.panels.explore import segment
from app.plotting.model import Bars, Chart, Curve, Map, Scene, Series
from app.state.view_state import ViewState
from app.views import VIEWS
from landscape_core import StudyResult, StudySpec, run
from landscape_core.study.probe import PointProbe, probe_line, probe_point

REQUEST = ViewState(StudySpec(resolution=8, line_points=12, draws=0), "explore", at_d1=3.0, at_d2=-7.0, angle=30.0)


IN_PLANE = (np.zeros(2), np.zeros((1_000, 2)), np.zeros((2, 2)), 0.0)
"""Gradients within the plane that these tests do not look at."""


@pytest.fixture(scope="module")
def studied() -> StudyResult:
    return run(REQUEST.spec, device="cpu")


def shown(request: ViewState, result: StudyResult) -> dict:
    return draw_view(request, {result.spec: result})


def test_line_and_point_lie_on_both_surfaces(studied: StudyResult) -> None:
    drawn = shown(REQUEST, studied)
    line = probe_line(REQUEST.spec, (0.0, 0.0), 30.0)
    for name, values, full in (
        ("loss", studied.batch_loss, line.full_loss),
        ("slope", studied.batch_slope, line.full_slope),
    ):
        scene = drawn[name].picture
        assert isinstance(scene, Scene)
        draped, point = scene.layers[-2:]
        assert isinstance(draped, Curve)
        assert isinstance(point, Curve)
        np.testing.assert_array_equal(np.stack([draped.x, draped.y], 1), line.coordinates)
        inside = (np.abs(line.coordinates) <= 20).all(1)
        np.testing.assert_array_equal(draped.z, np.where(inside, full, np.nan))
        assert (point.x.item(), point.y.item()) == (3.0, -7.0)
        row, column = (int(np.abs(studied.axis - place).argmin()) for place in (-7.0, 3.0))
        assert point.z.item() == values[row, column]


@pytest.mark.parametrize("source", ["batch", "full"])
def test_the_map_shows_what_is_asked_for(studied: StudyResult, source: str) -> None:
    whole = run(REQUEST.spec.replace(draws=50), device="cpu")
    expected = {
        "loss": studied.full_loss if source == "full" else studied.batch_loss,
        "slope": studied.full_slope if source == "full" else studied.batch_slope,
        "negative": whole.plane_negative,
        "below": np.where(
            np.abs(studied.mean_slope) < studied.sd_slope, 1.0, np.where(studied.mean_slope < 0, 0.0, 2.0)
        ),
    }
    for field, values in expected.items():
        request = ViewState(**{**vars(REQUEST), "field": field, "source": source})
        (needed,) = VIEWS["explore"].tasks(request)
        assert needed.draws == (50 if field == "negative" else 0)
        picture = draw_view(request, {needed: whole if needed.draws else studied})["map"].picture
        assert isinstance(picture, Map)
        np.testing.assert_array_equal(picture.values, values)
        assert picture.handle == segment((0.0, 0.0), 30.0, 20.0)


def test_charts_hold_the_numbers_of_the_probes(studied: StudyResult) -> None:
    drawn = shown(REQUEST, studied)
    line, point = probe_line(REQUEST.spec, (0.0, 0.0), 30.0), probe_point(REQUEST.spec, (3.0, -7.0))
    chart = drawn["line-slope"].picture
    assert isinstance(chart, Chart)
    np.testing.assert_array_equal(chart.fields[0].items[0].y, line.batch_slope)
    assert chart.fields[1].items[0].y.sum() == pytest.approx(line.nngpp_chance.sum())
    assert f"{line.nngpp_chance.sum():.1f} expected" in drawn["line-slope"].note
    histogram = drawn["at-slope"].picture
    assert isinstance(histogram, Chart)
    assert histogram.fields[0].items[0].y.sum() == len(point.batch_slope)
    samples = histogram.fields[1].items[0]
    assert isinstance(samples, Series)
    np.testing.assert_array_equal(samples.x, point.sample_slope)
    assert f"{np.mean(point.batch_slope < 0):.0%} negative" in drawn["at-slope"].note
    assert f"{point.leaves:.0%} of the full-batch gradient points out of this plane" in drawn["at-slope"].note


@pytest.mark.parametrize("value", [0.0, 5e-324, 0.5, -3.7e25])
def test_equal_mini_batches_are_a_single_bar(value: float) -> None:
    """As with all samples in a batch, where the bins of a histogram would be too narrow for numbers so large."""
    near = np.nextafter(np.full(1_000, value), [value, np.inf] * 500)
    samples = np.full(150, value)
    point = PointProbe(samples, samples, near, near, 0.0, 0.0, 1.0, 0.5, *IN_PLANE)
    for quantity in ("loss", "slope"):
        picture = explore.at_point(point, quantity, (0.0, 0.0), StudySpec(batch_size=150)).picture
        (bars,) = [item for item in picture.fields[0].items if isinstance(item, Bars)]
        assert bars.y.tolist() == [1_000.0]
        assert bars.x[0] == pytest.approx(value, rel=1e-12)
        assert bars.x[0] - bars.width / 2 < value < bars.x[0] + bars.width / 2


def test_a_point_without_a_finite_loss_says_so() -> None:
    holes, draws = np.full(150, np.nan), np.full(1_000, np.nan)
    point = PointProbe(holes, holes, draws, draws, np.nan, np.nan, np.nan, np.nan, *IN_PLANE)
    assert explore.at_point(point, "loss", (1.0, 2.0), StudySpec()).note == "The network has no finite loss here."


def test_a_flat_point_has_no_gradient_to_leave() -> None:
    point = probe_point(REQUEST.spec, (0.0, 0.0))
    flat = type(point)(**{**vars(point), "leaves": float("nan")})
    assert "The gradient is zero." in explore.at_point(flat, "slope", (0.0, 0.0), StudySpec()).note


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(-360, 360), st.floats(0.01, 1e5))
def test_a_segment_lies_over_the_plane(d1: float, d2: float, angle: float, reach: float) -> None:
    through = (d1 * reach, d2 * reach)
    for end in segment(through, angle, reach):
        assert max(map(abs, end)) <= reach * (1 + 1e-9)
        off = (end[0] - through[0]) * math.sin(math.radians(angle)) - (end[1] - through[1]) * math.cos(
            math.radians(angle)
        )
        assert abs(off) <= 1e-9 * reach
        assert math.dist(end, through) <= reach * (1 + 1e-9)


def dragged(**ends: float) -> dict[str, float]:
    return {f"shapes[0].{name}": value for name, value in ends.items()}


def test_a_line_that_is_dragged_keeps_its_direction() -> None:
    (x0, y0), (x1, y1) = segment((0.0, 0.0), 30.0, 20.0)
    found = moved(REQUEST, dragged(x0=x0 + 2, y0=y0 + 1, x1=x1 + 2, y1=y1 + 1))
    assert found is not None
    assert found["angle"] == pytest.approx(30.0)
    # nearest to the start point: (2, 1) less its part along the line
    along = 2 * math.cos(math.radians(30)) + math.sin(math.radians(30))
    assert found["through_d1"] == pytest.approx(2 - along * math.cos(math.radians(30)), abs=2e-3)
    assert found["through_d2"] == pytest.approx(1 - along * math.sin(math.radians(30)), abs=2e-3)


def test_an_end_that_is_dragged_turns_the_line_about_the_other() -> None:
    (x0, y0), _ = segment((0.0, 0.0), 30.0, 20.0)
    found = moved(REQUEST, dragged(x1=5.0, y1=-3.0))
    assert found is not None
    assert found["angle"] == pytest.approx(math.degrees(math.atan2(-3.0 - y0, 5.0 - x0)), abs=0.01)


@given(*(st.floats(-20, 20) for _ in range(4)))
def test_whatever_is_dragged_is_a_line_through_the_plane(x0: float, y0: float, x1: float, y1: float) -> None:
    found = moved(REQUEST, dragged(x0=x0, y0=y0, x1=x1, y1=y1))
    if found is None:
        assert math.dist((x0, y0), (x1, y1)) < 1e-6
        return
    ViewState(**{**vars(REQUEST), **found})  # raises on what is not allowed


@pytest.mark.parametrize(
    "change",
    [None, [], "x", {}, {"xaxis.range[0]": 1.0}, dragged(x0="1"), dragged(x0=float("nan")), dragged(x0=True), {1: 2}],
)
def test_other_changes_move_nothing(change: object) -> None:
    assert moved(REQUEST, change) is None


def test_a_line_cannot_shrink_to_a_point() -> None:
    assert moved(REQUEST, dragged(x0=1.0, y0=1.0, x1=1.0, y1=1.0)) is None


@pytest.mark.parametrize(
    "click",
    [None, [], {}, {"points": []}, {"points": [1]}, {"points": {}}, {"points": [{"x": "1", "y": 2}]}, {"points": [{}]}],
)
def test_clicks_that_are_none(click: object) -> None:
    assert pointed(REQUEST, click) is None


def test_a_click_is_a_place_on_the_plane() -> None:
    assert pointed(REQUEST, {"points": [{"x": 3.14159, "y": -25.0}]}) == (3.142, -20.0)


def test_what_lies_under_the_mouse_is_read_out(service: Service) -> None:
    found = probe_point(REQUEST.spec, (3.0, -7.0))
    assert read(service, REQUEST, (3.0, -7.0)) == (
        f"d1 3, d2 −7: loss {found.sample_loss.mean():.3g}, SD {found.sd_loss:.2g}; "
        f"slope −{-found.sample_slope.mean():.3g}, SD {found.sd_slope:.2g}; "
        f"P(slope < 0) {np.mean(found.batch_slope < 0):.0%}"
    )
