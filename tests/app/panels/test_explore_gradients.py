"""Gradients in Explore: the arrows of its map and the chart of its point, on the page, in print and in files."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from drawing import draw_view

from app.export.tables import list_tables, name_tables
from app.panels.explore_gradients import DRAWN, at_point, over_map
from app.plotting.arrows import find_dots, outline_arrows
from app.plotting.model import REFERENCE, Arrows, Chart, Map, Series
from app.plotting.mpl import picture_svg
from app.plotting.plotly.maps import map_figure
from app.state.view_state import ViewState
from landscape_core import GradientField, StudySpec, probe_gradients, probe_point, run
from landscape_core.study.probe import PointProbe

SPEC = StudySpec(resolution=20, line_points=5, draws=0)
REQUEST = ViewState(SPEC, "explore", at_d1=3.0, at_d2=-7.0)
FLAT = StudySpec(activation="relu", domain="local", resolution=20, line_points=5, draws=0)


@pytest.fixture(scope="module")
def field() -> GradientField:
    return probe_gradients(SPEC)


def map_of(request: ViewState) -> Any:
    return draw_view(request, {request.spec: run(request.spec, device="cpu")})["map"]


def test_the_arrows_are_minus_the_gradients_and_can_be_put_away(field: GradientField) -> None:
    shown = map_of(REQUEST)
    assert isinstance(shown.picture, Map)
    full, batch = shown.picture.arrows
    assert (full.style, full.name, batch.name) == (REFERENCE, "full batch", "mini-batch")
    np.testing.assert_array_equal(np.stack([full.u, full.v], 1), -field.full)
    np.testing.assert_array_equal(np.stack([batch.u, batch.v], 1), -field.batch)
    apart = ((field.full * field.batch).sum(1) < 0).sum()
    assert f"Arrows: −gradient, full batch black; {apart} of 81 over 90° apart." in shown.note
    hidden = map_of(REQUEST.replace(arrows="hidden"))
    assert hidden.picture.arrows == ()
    assert "Arrows" not in hidden.note


def test_the_full_batch_is_alone_where_there_is_nothing_beside_it(field: GradientField) -> None:
    for spec, alone in ((SPEC, True), (SPEC.replace(batch_size=150), False)):
        (full,), words = over_map(field, spec, alone)
        assert full.style == REFERENCE
        assert words == "Arrows: −gradient of the full batch"


def test_arrows_are_equally_long_and_dots_are_where_there_is_no_gradient() -> None:
    field = probe_gradients(FLAT)
    (full, _), _ = over_map(field, FLAT, False)
    x, y = (values.reshape(-1, 6) for values in outline_arrows(full))
    tails, tips = (np.stack([x[:, at], y[:, at]], 1) for at in (0, 1))
    none = ~field.full.any(1)
    assert 0 < none.sum() < len(none)
    np.testing.assert_array_equal(np.stack(find_dots(full), 1), field.coordinates[none])
    np.testing.assert_array_equal(tails, field.coordinates[~none])
    np.testing.assert_allclose(np.hypot(*(tips - tails).T), 0.8 * 4 / 9)
    turned = (tips - tails) / (0.8 * 4 / 9)
    long = np.linalg.norm(field.full[~none], axis=1)
    np.testing.assert_allclose(turned, -field.full[~none] / long[:, None], atol=1e-12)
    assert np.isnan(x[:, 5]).all()


def test_a_hole_has_neither_arrow_nor_dot() -> None:
    hole = np.array([np.nan, 1.0])
    arrows = Arrows("full batch", "−gradient", np.zeros(2), np.zeros(2), hole, hole, np.zeros(2), 1.0)
    assert len(outline_arrows(arrows)[0]) == 6
    assert len(find_dots(arrows)[0]) == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_click_goes_through_arrows_to_the_map(theme: Any) -> None:
    picture = map_of(ViewState(FLAT, "explore")).picture
    traces = map_figure(picture, theme)["data"]
    drawn = [trace for trace in traces if trace["name"] in ("full batch", "mini-batch")]
    assert [trace["mode"] for trace in drawn] == ["lines", "lines", "markers"] * 2
    assert {trace["hoverinfo"] for trace in drawn} == {"skip"}
    decoded = np.frombuffer(base64.b64decode(drawn[1]["x"]["bdata"]), dtype="<f4")
    np.testing.assert_allclose(decoded, outline_arrows(picture.arrows[0])[0].astype(np.float32))


def test_arrows_are_printed() -> None:
    with_arrows, without = (
        picture_svg(map_of(REQUEST.replace(arrows=arrows)).picture, width=600, height=500)
        for arrows in ("shown", "hidden")
    )
    assert len(with_arrows) > len(without) + 81 * 50  # each has its points


def test_files_have_where_an_arrow_begins_and_its_components(field: GradientField) -> None:
    shown = map_of(REQUEST)
    assert name_tables(shown) == [table.name for table in list_tables(shown)] == ["plane", "curves", "arrows"]
    table = list_tables(shown)[2]
    assert table.columns == ("kind", "d1", "d2", "minus_gradient_d1", "minus_gradient_d2")
    expected = np.concatenate([np.hstack([field.coordinates, -gradients]) for gradients in (field.full, field.batch)])
    assert [row[0] for row in table.rows] == ["full_batch"] * 81 + ["mini_batch"] * 81
    np.testing.assert_array_equal([row[1:] for row in table.rows], expected)


def test_a_point_has_the_mini_batches_of_its_other_charts() -> None:
    point = probe_point(SPEC, (3.0, -7.0))
    shown = at_point(point, (3.0, -7.0), SPEC)
    assert isinstance(shown.picture, Chart)
    assert shown.picture.square
    _, tips, region, full = shown.picture.fields[0].items
    assert isinstance(region, Series)
    np.testing.assert_array_equal(np.stack([tips.x, tips.y], 1), -point.batch_gradient[:DRAWN])
    np.testing.assert_array_equal([full.x[1], full.y[1]], -point.plane_gradient)
    turned = point.batch_gradient @ [np.cos(np.pi / 4), np.sin(np.pi / 4)]
    np.testing.assert_allclose(turned, point.batch_slope, atol=1e-15)
    uphill = int((point.batch_gradient @ point.plane_gradient < 0).sum())
    assert shown.note.startswith(f"Angle to the full batch: over 90° in {uphill:,} of 1,000 mini-batches, median ")
    (table,) = list_tables(shown)
    assert [row[0] for row in table.rows].count("mini_batches") == DRAWN


def altered(**fields: Any) -> PointProbe:
    return PointProbe(**{**vars(probe_point(SPEC, (3.0, -7.0))), **fields})


def test_what_has_no_gradient_has_no_angle() -> None:
    some = np.zeros((1_000, 2))
    some[:10] = -1.0
    for point, words in (
        (altered(plane_gradient=np.zeros(2)), "The full batch has no gradient in the plane here: no angle."),
        (altered(batch_gradient=np.zeros((1_000, 2))), "No mini-batch of 10 has a gradient in the plane here."),
        (altered(batch_gradient=np.full((1_000, 2), np.nan)), "The network has no finite gradient here."),
        (
            altered(batch_gradient=some, plane_gradient=np.ones(2)),
            "Angle to the full batch: over 90° in 10 of 1,000 mini-batches, median 180°; 990 have no gradient; 100 drawn",
        ),
    ):
        assert at_point(point, (3.0, -7.0), SPEC).note == words
