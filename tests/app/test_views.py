"""Every view, drawn from results: its panels, the studies it needs, and the numbers it shows."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from app import panels
from app.callbacks.draw import content
from app.pictures import Drawn, Gallery, Table
from app.state import Request
from app.views import VIEWS, figures
from landscape_core import StudyResult, StudySpec, optima, paper, run, variance
from landscape_core.optima import HISTOGRAM_BINS

SMALL = {"resolution": 8, "line_points": 12}


def picture(drawn: Drawn | Gallery) -> Any:
    assert isinstance(drawn, Drawn)
    return drawn.picture


@pytest.fixture(scope="module")
def studies() -> dict[StudySpec, StudyResult]:
    return {}


def drawn(request: Request, known: dict[StudySpec, StudyResult]) -> dict:
    view = VIEWS[request.view]
    for spec in view.needs(request):
        if spec not in known:
            known[spec] = run(spec, device="cpu")
    return dict(view.draw(request, known))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("source", ["batch", "full"])
@pytest.mark.parametrize("moments", ["sampled", "exact"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_panel_is_drawn(few: StudySpec, studies: dict, view: str, moments: str, source: str, theme: str) -> None:
    shown = drawn(Request(few, view, source, moments), studies)
    assert set(shown) == set(VIEWS[view].panels)
    for name, panel in shown.items():
        assert panel.title
        made = content(panel, theme)
        if VIEWS[view].panels[name] == "words":
            assert made.to_plotly_json()
            continue
        go.Figure(made)  # raises on anything that Plotly does not know
        json.dumps(made, allow_nan=False)
        # Plotly does not sort translucent surfaces: all are opaque or meshes
        assert all("opacity" not in trace for trace in made["data"] if trace["type"] == "surface")


@pytest.mark.parametrize("number", paper.FIGURES)
def test_every_panel_of_the_paper_is_drawn(studies: dict, number: int) -> None:
    figure = paper.figure(number)
    base = figure.base.replace(**SMALL)
    for panel in figure.panels:
        shown = drawn(Request(base, "figures", figure=number, panel=panel.letter), studies)
        titles = [one.title for one in shown.values()]
        assert any(title.startswith(f"Fig. {number}({panel.letter}) ") for title in titles)
        beside = figures.pair(figure, panel.letter)
        assert panel in beside
        assert len(titles) == len(beside) == min(2, len(figure.panels))


def test_compare_shows_the_numbers_of_the_result(result: StudyResult) -> None:
    for source, loss, slope in (
        ("batch", result.batch_loss, result.batch_slope),
        ("full", result.full_loss, result.full_slope),
    ):
        shown = VIEWS["compare"].draw(Request(result.spec, "compare", source), {result.spec: result})
        np.testing.assert_array_equal(picture(shown["loss"]).layers[0].values, loss)
        np.testing.assert_array_equal(picture(shown["slope"]).layers[0].values, slope)


def test_moments_shows_draws_or_exact(result: StudyResult) -> None:
    assert result.sampled_sd_loss is not None
    for moments, expected in (("sampled", result.sampled_sd_loss), ("exact", result.sd_loss)):
        shown = VIEWS["moments"].draw(Request(result.spec, "moments", moments=moments), {result.spec: result})
        np.testing.assert_array_equal(picture(shown["sd-loss"]).layers[0].values, expected)


def test_from_below_shows_the_sign_and_where_it_is_uncertain(result: StudyResult) -> None:
    shown = VIEWS["moments"].draw(Request(result.spec, "moments", moments="exact"), {result.spec: result})["slope"]
    underside = picture(shown).layers[-1]
    below = underside.classes
    certain = np.abs(result.mean_slope) >= result.sd_slope
    np.testing.assert_array_equal(below == 0, certain & (result.mean_slope < 0))
    np.testing.assert_array_equal(below == 2, certain & (result.mean_slope > 0))
    np.testing.assert_array_equal(below == 1, ~certain)
    assert f"{np.mean(~certain):.0%}" in shown.note
    np.testing.assert_array_equal(underside.lowest, np.minimum(result.mean_slope, 0))


def test_legend_and_histogram_carry_the_counts(result: StudyResult) -> None:
    curves, bars = picture(VIEWS["compare"].draw(Request(result.spec), {result.spec: result})["minima"]).fields
    assert [item.name for item in curves.items if item.legend] == [
        f"{line}: {int(mask.sum())}" for line, mask in zip(("d1", "d2", "d1+d2", "d1-d2"), result.minima, strict=True)
    ]
    assert all(len(bar.y) == HISTOGRAM_BINS for bar in bars.items)
    assert sum(bar.y.sum() for bar in bars.items) == result.minima.sum()


def test_counts_shows_the_probabilities_of_the_result(result: StudyResult) -> None:
    shown = VIEWS["chances"].draw(Request(result.spec, "chances"), {result.spec: result})
    for name, expected in (("minima", result.plane_minima_chance), ("nngpps", result.plane_nngpp_chance)):
        assert expected is not None
        np.testing.assert_array_equal(picture(shown[name]).values, expected)
    step = result.positions[1] - result.positions[0]
    minima, nngpps, _ = picture(shown["lines"]).fields
    for field, expected in ((minima, result.line_minima_chance), (nngpps, result.line_nngpp_chance)):
        np.testing.assert_array_equal([item.y for item in field.items], expected / step)
    assert f"{len(result.positions)} points: {result.thinned_minima[0].sum():.1f}" in shown["thinned"].note


@pytest.mark.parametrize(("index", "line"), enumerate(("d1", "d2", "d1+d2", "d1-d2")))
@pytest.mark.parametrize("quantity", ["loss", "slope"])
def test_static_curves_are_those_of_the_result(result: StudyResult, index: int, line: str, quantity: str) -> None:
    shown = VIEWS["static"].draw(Request(result.spec, "static", line=line), {result.spec: result})
    static, dynamic = (picture(shown[f"{kind}-{quantity}"]).fields[0].items for kind in ("static", "dynamic"))
    expected = getattr(result, f"static_{quantity}")[:, index]
    np.testing.assert_array_equal(static[0].y.reshape(len(expected), -1)[:, :-1], expected)
    np.testing.assert_array_equal(dynamic[0].y, getattr(result, f"line_batch_{quantity}")[index])
    for curves in (static, dynamic):
        np.testing.assert_array_equal(curves[-1].y, getattr(result, f"line_full_{quantity}")[index])
    found, name = (optima.minima, "minima") if quantity == "loss" else (optima.nngpps, "NN-GPPs")
    assert f"{found(expected).sum(1).mean():.1f} {name} a curve" in shown[f"static-{quantity}"].note


def test_the_point_shows_the_parts_of_the_variance(few: StudySpec) -> None:
    shown = VIEWS["variance"].draw(Request(few, "variance", at_d1=3.0, at_d2=-2), {})["at"]
    assert isinstance(shown, Drawn)
    assert isinstance(shown.picture, Table)
    parts = variance.explain(few, np.array([[3.0, -2.0]]))
    share = (150 - few.batch_size) / (few.batch_size * 149)
    cells = dict(shown.picture.rows)
    assert cells["loss: whole variance"] == f"{parts.loss_variance[0] * share:.4g}"
    assert cells["slope: twice the covariances"] == f"{parts.slope_covariance[0] * share:.4g}"
    assert cells["largest |C|"] == f"{parts.largest_model[0]:.4g}"


def test_the_papers_numbers_stand_beside_ours_only_where_nothing_is_changed() -> None:
    figure = paper.figure(9)
    result = run(figure.base.replace(resolution=2), device="cpu")
    shown = panels.draw(figure.panel("g"), result)
    assert figures.beside(figure, figure.panel("g"), figure.base, shown).note.startswith("The paper has 104. ")
    assert figures.beside(figure, figure.panel("a"), figure.base, shown) is shown
    for change in ({"seed": 1}, {"batch_size": 9}, {"activation": "elu"}):
        assert figures.beside(figure, figure.panel("g"), figure.base.replace(**change), shown) is shown
    again = figure.base.replace(batch_seed=3, draws=50)
    assert figures.as_published(figure, again)


def numbers_beside(spec: StudySpec, number: int, letter: str, known: dict[StudySpec, StudyResult]) -> list[str]:
    shown = drawn(Request(spec, "figures", figure=number, panel=letter), known)
    return [one.note.split(". ")[0] for one in shown.values() if one.note.startswith("The paper has ")]


def test_the_view_shows_the_papers_numbers_for_unchanged_settings_alone(studies: dict, monkeypatch: Any) -> None:
    small = {number: paper.figure(number).base.replace(resolution=2) for number in (5, 9)}
    for number, spec in small.items():  # as if the paper had had so few points
        figure = replace(paper.figure(number), study={**paper.figure(number).study, "resolution": 2})
        monkeypatch.setitem(paper.FIGURES, number, figure)
        assert figure.base == spec
    assert numbers_beside(small[5], 5, "c", studies) == ["The paper has 128", "The paper has 17"]
    assert numbers_beside(small[9], 9, "f", studies) == ["The paper has 8", "The paper has 8"]
    assert numbers_beside(small[9].replace(batch_seed=1, draws=7), 9, "h", studies) == [
        "The paper has 104",
        "The paper has 13",
    ]
    for change in ({"seed": 1}, {"batch_size": 9}, {"line_points": 99}, {"range": 19.0}, {"scaling": "raw"}):
        assert numbers_beside(small[9].replace(**change), 9, "g", studies) == []
    assert numbers_beside(small[9], 9, "c", studies) == []  # the paper has no number for a surface


@pytest.mark.parametrize("number", [1, 4, 6])
def test_a_figure_without_a_study_needs_none(few: StudySpec, number: int) -> None:
    for panel in paper.figure(number).panels:
        request = Request(few, "figures", figure=number, panel=panel.letter)
        assert VIEWS["figures"].needs(request) == []
        assert VIEWS["figures"].draw(request, {})


def test_the_draws_of_a_figure_are_its_own(few: StudySpec) -> None:
    for number, draws in ((3, 50), (5, 0)):
        (spec,) = VIEWS["figures"].needs(Request(few, "figures", figure=number))
        assert spec == few.replace(draws=draws)


def test_panels_that_differ_need_a_study_each(few: StudySpec) -> None:
    needed = VIEWS["figures"].needs(Request(few, "figures", figure=17, panel="b"))
    assert [spec.activation for spec in needed] == [few.activation, "leaky_relu"]
    assert VIEWS["variance"].needs(Request(few, "variance")) == []
    for name in ("compare", "moments", "chances", "static"):
        assert VIEWS[name].needs(Request(few, name)) == [few]
