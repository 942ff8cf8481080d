"""Common scales: the same ends of heights and colours for surfaces of the same quantity."""

from __future__ import annotations

import numpy as np
import pytest
from printing import ACROSS, AXIS, BOWL, PICTURES, scene

from app.plotting.model import Mesh, PanelContent, Scene, Surface
from app.plotting.mpl.scenes import draw_scene
from app.plotting.mpl.style import PRINT_STYLE, Box
from app.plotting.plotly import render
from app.plotting.plotly.style import colour_limits
from app.plotting.scales import height_limits, share_scales
from app.state.permalink import parse, write
from app.state.view_state import ViewState
from app.views import figures
from landscape_core import SpecError, StudySpec, run
from landscape_core.paper import published


def panel(picture: object) -> PanelContent:
    return PanelContent("t", "A note.", picture, "s")


def test_surfaces_of_one_quantity_get_the_ends_that_hold_for_all() -> None:
    low, high = scene(Surface("loss", BOWL, "loss")), scene(Surface("loss", 3 * BOWL + 1, "loss"), Mesh("m", BOWL - 2))
    other = Scene(low.x, low.y, (Surface("slope", ACROSS, "slope"),), "slope")
    first, second, alone, chart = share_scales([panel(one) for one in (low, high, other, PICTURES["lines"])])
    assert height_limits(first.picture) == height_limits(second.picture) == (-2.0, 7.0)
    for one in (first, second):
        layer = one.picture.layers[0]
        expected = pytest.approx(np.percentile(3 * BOWL + 1, 99))
        assert colour_limits(layer.colours, layer.values, layer.high) == (0.0, expected)
    assert alone.picture is other
    assert chart.picture is PICTURES["lines"]
    assert "Scales: those of all panels" in first.note
    assert alone.note == "A note."
    assert low.heights is None


def test_given_heights_are_those_of_page_and_print() -> None:
    from matplotlib.figure import Figure

    picture = Scene(AXIS, AXIS, (Surface("loss", BOWL, "loss"),), "loss", heights=(-10.0, 40.0))
    assert render(picture, "light")["layout"]["scene"]["zaxis"]["range"] == [-10.0, 40.0]
    figure = Figure(figsize=(4, 3))
    draw_scene(figure, Box(0, 0, 4, 3), picture, PRINT_STYLE)
    assert {"−10", "40"} <= {one.get_text() for one in figure.axes[0].texts}


@pytest.fixture(scope="module")
def small() -> StudySpec:
    return published.find_figure(2).base.replace(resolution=12, line_points=20)


def test_a_figure_on_common_scales_needs_all_its_studies_and_uses_them(small: StudySpec) -> None:
    figure = published.find_figure(2)
    own = ViewState(small, "figures", figure=2, panel="e")
    common = own.replace(scales="common")
    assert [spec.batch_size for spec in figures.needs(own)] == [10]
    needed = figures.needs(common)
    assert {spec.batch_size for spec in needed} == {10, 149, 1}
    results = {spec: run(spec, device="cpu") for spec in needed}
    losses = [results[figure.spec(figure.panel(letter), small)].batch_loss for letter in "ceg"]
    full = results[figure.spec(figure.panel("a"), small)].full_loss
    ends = min(map(np.min, [*losses, full])), max(map(np.max, [*losses, full]))
    for letter in "aceg":
        shown = figures.draw(common.replace(panel=letter), results)["left"].picture
        assert isinstance(shown, Scene)
        assert shown.heights == pytest.approx(ends)
    scales = {figures.draw(common.replace(panel=letter), results)["right"].picture.layers[0].high for letter in "bdfh"}
    assert len(scales) == 1
    assert figures.draw(own, results)["left"].picture.heights is None


def test_scales_are_part_of_a_link() -> None:
    state = ViewState(published.find_figure(2).base.replace(draws=50), "figures", figure=2, panel="c", scales="common")
    assert write(state) == "?figure=2&panel=c&scales=common&v=1"
    assert parse(write(state)) == state
    assert parse("?figure=2&panel=c").scales == "own"
    with pytest.raises(SpecError, match="scales: got 'x'; allowed: one of own, common"):
        parse("?figure=2&scales=x")
