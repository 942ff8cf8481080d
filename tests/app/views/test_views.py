"""Every view, drawn from results and held against Plotly's own schema."""

from __future__ import annotations

import base64
import json
from itertools import groupby
from pathlib import Path
from typing import get_args

import numpy as np
import plotly.graph_objects as go
import pytest
from drawing import chart_of, draw_view, table_of
from plotly.utils import PlotlyJSONEncoder

from app import panels
from app.callbacks.render import content, table
from app.plotting.model import Axes, Chart, Gallery, Mesh, PanelContent, Scene, Series, Surface, Table, Underside
from app.plotting.plotly import render
from app.plotting.plotly.style import COARSE, FINE, round_mantissa
from app.state import permalink
from app.state.view_state import ViewState
from app.views import FIRST, VIEWS, figures, gallery
from app.views.race import STAGES
from app.views.view import Group
from landscape_core import StudyResult, StudySpec, find_balls, run
from landscape_core.comparison.race import run_race
from landscape_core.comparison.race_spec import RaceSpec
from landscape_core.comparison.training import TrainingSpec, run_training
from landscape_core.paper import published, variance_decomposition
from landscape_core.paper.replication import run_replication
from landscape_core.paper.replication_spec import ReplicationSpec
from landscape_core.statistics import optima
from landscape_core.statistics.optima import HISTOGRAM_BINS

RUNS = {StudySpec: run, ReplicationSpec: run_replication, RaceSpec: run_race, TrainingSpec: run_training}
SMALL = {"resolution": 8, "line_points": 12}


def decoded(array: dict[str, str]) -> np.ndarray:
    flat = np.frombuffer(base64.b64decode(array["bdata"]), dtype=array["dtype"])
    return flat.reshape([int(side) for side in array["shape"].split(",")]) if "shape" in array else flat


def traces(drawn: PanelContent | Gallery) -> list[dict]:
    assert isinstance(drawn, PanelContent)
    assert not isinstance(drawn.picture, Table)
    return render(drawn.picture, "light")["data"]


@pytest.fixture(scope="module")
def studies() -> dict:
    return {}


def drawn(request: ViewState, known: dict) -> dict:
    view = VIEWS[request.view]
    for task in view.tasks(request):
        if task not in known:
            known[task] = RUNS[type(task)](task, device="cpu")
    return draw_view(request, known)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("source", ["batch", "full"])
@pytest.mark.parametrize("moments", ["sampled", "exact"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_panel_is_drawn(few: StudySpec, studies: dict, view: str, moments: str, source: str, theme: str) -> None:
    shown = drawn(ViewState(few, view, source, moments, seeds=3), studies)
    assert set(shown) == set(STAGES["one"] if view == "race" else VIEWS[view].panels)
    for name, panel in shown.items():
        assert panel.title
        made = content(panel, theme)
        if isinstance(panel, Gallery) or isinstance(panel.picture, Table):
            assert VIEWS[view].panels[name] in {"words", "live"}
            assert made.to_plotly_json()
            continue
        go.Figure(made)  # raises on anything that Plotly does not know
        json.dumps(made, allow_nan=False)
        clear = {trace["name"] for trace in made["data"] if trace["type"] == "surface" and "opacity" in trace}
        # Plotly blends translucent surfaces in their order: few are, each of one colour, and all is told by lines, too
        assert clear <= {"mean + SD", "mean − SD", "zero"}


@pytest.mark.parametrize("number", published.FIGURES)
def test_every_panel_of_the_paper_is_drawn(studies: dict, number: int) -> None:
    figure = published.find_figure(number)
    base = figure.base.replace(**SMALL)
    for panel in figure.panels:
        shown = drawn(ViewState(base, "figures", figure=number, panel=panel.letter), studies)
        titles = [one.title for one in shown.values()]
        assert any(title.startswith(f"{figure.name}({panel.letter}) ") for title in titles)
        for one in shown.values():
            go.Figure(content(one, "dark"))


def test_every_kind_of_panel_is_known() -> None:
    assert set(get_args(published.Shows)) == {*panels.OF_A_STUDY, *panels.OF_ITSELF, *figures.MORE}
    assert set(panels.OF_ITSELF) == published.WITHOUT_STUDY


def test_compare_shows_the_numbers_of_the_result(result: StudyResult) -> None:
    for source, loss, slope in (
        ("batch", result.batch_loss, result.batch_slope),
        ("full", result.full_loss, result.full_slope),
    ):
        shown = VIEWS["compare"].draw(ViewState(result.spec, "compare", source), {result.spec: result})
        np.testing.assert_array_equal(decoded(traces(shown["loss"])[0]["z"]), round_mantissa(loss, FINE))
        np.testing.assert_array_equal(decoded(traces(shown["slope"])[0]["z"]), round_mantissa(slope, FINE))


def test_moments_shows_draws_or_exact(result: StudyResult) -> None:
    assert result.sampled_sd_loss is not None
    for moments, expected in (("sampled", result.sampled_sd_loss), ("exact", result.sd_loss)):
        shown = VIEWS["moments"].draw(ViewState(result.spec, "moments", moments=moments), {result.spec: result})
        np.testing.assert_array_equal(decoded(traces(shown["sd-loss"])[0]["z"]), round_mantissa(expected, COARSE))


def test_from_below_shows_the_sign_and_where_it_is_uncertain(result: StudyResult) -> None:
    shown = VIEWS["moments"].draw(ViewState(result.spec, "moments", moments="exact"), {result.spec: result})["slope"]
    underside = [trace for trace in traces(shown) if "surfacecolor" in trace][-1]
    below = decoded(underside["surfacecolor"])
    certain = np.abs(result.mean_slope) >= result.sd_slope
    np.testing.assert_array_equal(below == 0, certain & (result.mean_slope < 0))
    np.testing.assert_array_equal(below == 2, certain & (result.mean_slope > 0))
    np.testing.assert_array_equal(below == 1, ~certain)
    assert f"{np.mean(~certain):.0%}" in shown.note
    lowest = decoded(underside["z"])
    assert (lowest < np.minimum(result.mean_slope, 0)).all()


def test_legend_and_histogram_carry_the_counts(result: StudyResult) -> None:
    found = traces(VIEWS["compare"].draw(ViewState(result.spec), {result.spec: result})["minima"])
    names = [trace["name"] for trace in found if trace.get("mode") == "lines"]
    assert names == [
        f"{line}: {int(mask.sum())}" for line, mask in zip(("d1", "d2", "d1+d2", "d1−d2"), result.minima, strict=True)
    ]
    bars = [trace for trace in found if trace["type"] == "bar"]
    assert all(len(decoded(bar["y"])) == HISTOGRAM_BINS for bar in bars)
    assert sum(decoded(bar["y"]).sum() for bar in bars) == result.minima.sum()


def test_counts_shows_the_probabilities_of_the_result(result: StudyResult) -> None:
    shown = draw_view(ViewState(result.spec, "counts"), {result.spec: result})
    assert result.plane_nngpp_chance is not None
    np.testing.assert_array_equal(
        decoded(traces(shown["nngpps"])[0]["z"]), round_mantissa(result.plane_nngpp_chance, COARSE)
    )
    step = result.positions[1] - result.positions[0]
    lines = traces(shown["lines"])
    np.testing.assert_allclose(decoded(lines[0]["y"]), result.line_minima_chance[0] / step, rtol=1e-6)
    np.testing.assert_allclose(decoded(lines[4]["y"]), result.line_nngpp_chance[0] / step, rtol=1e-6)
    assert f"{len(result.positions)} points: {result.thinned_minima[0].sum():.1f}" in shown["thinned"].note


def test_counts_shows_the_balls_of_the_study(result: StudyResult) -> None:
    request = ViewState(result.spec, "counts")
    assert set(VIEWS["counts"].draw(request, {result.spec: result})) == {"minima", "nngpps", "thinned"}
    shown = draw_view(request, {result.spec: result})
    balls = find_balls(result.spec, device="cpu")
    assert len(balls) == result.true_nngpps.sum() > 0
    rows = table_of(shown["balls"]).rows
    assert [row[:2] for row in rows] == [(ball.line, f"{ball.centre:z.2f}") for ball in balls]
    stars = [item for item in chart_of(shown["lines"]).fields[2].items if item.mark == "star"]  # type: ignore[union-attr]
    assert [star.x[0] for star in stars] == [ball.centre for ball in balls]


def test_static_curves_are_those_of_the_result(result: StudyResult) -> None:
    shown = VIEWS["static"].draw(ViewState(result.spec, "static", line="d2"), {result.spec: result})
    curves = decoded(traces(shown["static-loss"])[0]["y"]).reshape(50, -1)[:, :-1]
    np.testing.assert_array_equal(curves, result.static_loss[:, 1].astype(np.float32))
    assert (
        f"{optima.minima(result.static_loss[:, 1]).sum(1).mean():.1f} minima per curve on average"
        in shown["static-loss"].note
    )


def test_the_point_shows_the_parts_of_the_variance(few: StudySpec) -> None:
    shown = draw_view(ViewState(few, "variance", at_d1=3.0, at_d2=-2), {})["at"]
    assert isinstance(shown, PanelContent)
    assert isinstance(shown.picture, Table)
    parts = variance_decomposition.decompose_variance(few, np.array([[3.0, -2.0]]))
    share = (150 - few.batch_size) / (few.batch_size * 149)
    cells = dict(shown.picture.rows)
    assert cells["loss: total variance"] == f"{parts.loss_variance[0] * share:.4g}"
    assert cells["slope: twice the covariances"] == f"{parts.slope_covariance[0] * share:.4g}"
    assert cells["largest |C|"] == f"{parts.largest_model[0]:.4g}"


def test_percentiles_are_those_of_the_rows(few: StudySpec, studies: dict) -> None:
    request = ViewState(few, "tables", seeds=3)
    shown = drawn(request, studies)
    rows = studies[request.typical].rows()
    upper, lower = shown["typical"].picture.fields
    for field, over in ((upper, "over_batches"), (lower, "over_starts")):
        assert field.title == over.replace("_", " ").replace("batches", "mini-batches").replace(
            "starts", "start points"
        )
        assert [name for _, name in field.ticks] == ["Sigmoid", "Tanh", "Softsign", "ReLU", "Leaky ReLU", "ELU"]
        for series, count in zip(field.items[:3], ("true_optima", "minima", "nngpps"), strict=True):
            found = [getattr(getattr(row, count), over) for row in rows]
            assert series.x.tolist() == pytest.approx(
                [np.nan if one is None else one.percentile for one in found], nan_ok=True
            )
        np.testing.assert_allclose(field.items[3].x[[0, -1]], (2.5, 97.5))
    beyond = [
        sum(not found.inside for found in some if found is not None)
        for some in (
            [getattr(getattr(row, count), over) for row in rows for count in ("true_optima", "minima", "nngpps")]
            for over in ("over_batches", "over_starts")
        )
    ]
    assert f"{beyond[0]} of 12 over mini-batches; {beyond[1]} of 18 over start points" in shown["typical"].note


def test_start_points_without_a_gradient_are_not_counted(few: StudySpec, studies: dict) -> None:
    """At start point 3 every ReLU is off."""
    shown = drawn(ViewState(few.replace(domain="local"), "tables", seeds=4), studies)
    for name in ("counts", "typical", "claims"):
        assert "4 start points (ReLU, local: 3 usable)" in shown[name].note
    held = {row[0]: row[-1].split(":")[0].split(" of ")[1] for row in shown["claims"].picture.rows}
    assert (held["Sigmoid"], held["ReLU"]) == ("4", "3")
    assert "4 start points," in drawn(ViewState(few, "tables", seeds=4), studies)["counts"].note


def test_rows_that_belong_together_share_their_heading() -> None:
    picture = Table(("kind", "n"), (("one", "1"), ("one", "2"), ("two", "3")), frozenset({1}), grouped=True)
    whole = json.loads(json.dumps(table(picture), cls=PlotlyJSONEncoder))["props"]["children"]
    bodies = [[line["props"]["children"] for line in body["props"]["children"]] for body in whole[1:]]
    heads = [[(cell["type"], cell["props"]["children"]) for cell in line] for body in bodies for line in body]
    assert heads == [[("Th", "one"), ("Td", "1")], [("Td", "2")], [("Th", "two"), ("Td", "3")]]
    assert [body[0][0]["props"]["rowSpan"] for body in bodies] == [2, 1]
    flat = table(Table(("kind", "n"), picture.rows)).children
    assert [[cell.children for cell in line.children] for line in flat[1].children] == [
        list(row) for row in picture.rows
    ]


def test_the_papers_numbers_stand_beside_ours_only_where_nothing_is_changed() -> None:
    figure = published.find_figure(9)
    result = run(figure.base.replace(resolution=2), device="cpu")
    shown = panels.draw(figure.panel("g"), result)
    assert figures.beside(figure, figure.panel("g"), figure.base, shown).note.startswith("The paper has 104. ")
    assert figures.beside(figure, figure.panel("a"), figure.base, shown) is shown
    for change in ({"seed": 1}, {"batch_size": 9}, {"activation": "elu"}):
        assert figures.beside(figure, figure.panel("g"), figure.base.replace(**change), shown) is shown
    again = figure.base.replace(batch_seed=3, draws=50)
    assert figures.as_published(figure, again)


def test_small_pictures_lead_to_what_they_show() -> None:
    changed = StudySpec(seed=5, batch_size=20, batch_seed=3, scaling="raw", activation="elu", **SMALL)
    for spec in (StudySpec(), changed):
        request = ViewState(spec, "gallery")
        shown = VIEWS["gallery"].draw(request, {})["all"]
        assert isinstance(shown, Gallery)
        for number, small in zip(gallery.APPENDIX, shown.thumbnails, strict=True):
            there = permalink.parse(small.link)
            assert (there.view, there.figure) == ("figures", number)
            assert there.spec.replace(draws=0) == gallery.study(number, request)
    assert "seed=5" in small.link


def test_curves_without_points_draw() -> None:
    none = np.array([])
    chart = Chart("x", (Axes("y", (Series("nothing", none, none, mark="star"),), low=0.0),))
    go.Figure(render(chart, "light"))


def test_surfaces_of_nothing_but_holes_draw() -> None:
    axis, holes = np.linspace(-1, 1, 3), np.full((3, 3), np.nan)
    layers = (Surface("slope", holes, "slope"), Mesh("mesh", holes), Underside("below", holes, np.zeros((3, 3))))
    made = render(Scene(axis, axis, layers, "slope"), "light")
    go.Figure(made)
    assert all(trace["visible"] is False for trace in made["data"])  # it would break the scene for good


def test_slope_colours_are_centred_on_zero(result: StudyResult) -> None:
    surface = Surface("slope", result.full_slope, "slope")
    (trace,) = render(Scene(result.axis, result.axis, (surface,), "slope"), "light")["data"]
    assert trace["cmin"] == -trace["cmax"]


def test_every_file_is_a_view_whose_controls_are_there() -> None:
    from app import views
    from app.page.rail.boxes import BOX_FIELDS, PROBLEM_FIELDS

    files = {file.stem for file in Path(views.__file__).parent.glob("*.py")} - {"__init__", "view"}
    assert {view.name for view in VIEWS.values()} == files
    assert len({view.place for view in VIEWS.values()}) == len(VIEWS)
    named = {name for view in VIEWS.values() for name in view.controls}
    assert named == {box.removesuffix("-box") for box in (*BOX_FIELDS, "problem-box")}
    assert "problem-box" in PROBLEM_FIELDS


def test_tabs_of_a_group_stand_together() -> None:
    groups = [view.group for view in VIEWS.values()]
    assert [name for name, _ in groupby(groups)] == list(get_args(Group))
    assert len({view.title for view in VIEWS.values()}) == len(VIEWS)
    assert {"compare", "explore", "race"} == FIRST
