"""What panels say and show: titles, notes, legends and levels, against the numbers of their studies."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from drawing import chart_of, table_of

from app import panels
from app.jobs.small_tasks import SMALL_KINDS, VarianceAlongTask
from app.panels import concepts, counts, lines, surfaces, variance
from app.plotting.minus_signs import typeset
from app.plotting.model import (
    REFERENCE,
    Axes,
    Bars,
    Chart,
    Curve,
    Mesh,
    PanelContent,
    Scene,
    Series,
    Sheet,
    Surface,
    Underside,
)
from app.plotting.mpl.axis_limits import vertical_limits, vertical_ticks
from app.plotting.plotly import render
from app.plotting.plotly.style import SMALLEST_SHOWN
from landscape_core import Ball, StudyResult, StudySpec, run
from landscape_core.paper import published
from landscape_core.paper.dead_units import bounding_box, find_dead_units
from landscape_core.statistics import optima


def outputs_off(result: StudyResult) -> PanelContent:
    off = find_dead_units(result.spec, result.theta0, result.directions, result.axis)
    return surfaces.outputs_off(result, off)


def chart(drawn: PanelContent) -> Chart:
    assert isinstance(drawn.picture, Chart)
    return drawn.picture


def layers(drawn: PanelContent) -> list[type]:
    assert isinstance(drawn.picture, Scene)
    return [type(layer) for layer in drawn.picture.layers]


def series(drawn: PanelContent, field: int = 0) -> dict[str, Series]:
    return {item.name: item for item in chart(drawn).fields[field].items if isinstance(item, Series)}


# Fig. 1


@pytest.mark.parametrize("slopes", [False, True])
def test_the_quadratics_have_their_minima_marked(slopes: bool) -> None:
    drawn = concepts.quadratics(slopes)
    found = series(drawn)
    model = concepts.MODEL
    for letter, place, height in zip("ABCD", model.minimisers, model.heights, strict=True):
        mark = found[f"minimum of batch {letter}"]
        assert (mark.x.tolist(), mark.y.tolist()) == ([place], [0.0 if slopes else height])
        line = found[f"batch {letter}"]
        if slopes:
            np.testing.assert_allclose(np.interp(place, line.x, line.y), 0.0, atol=1e-12)
        else:
            assert abs(line.x[line.y.argmin()] - place) < line.x[1] - line.x[0]
    star = found["full-batch minimum"]
    assert star.x[0] == model.full_minimiser
    assert found["full batch"].style == REFERENCE
    assert [level.height for level in chart(drawn).fields[0].levels] == ([0.0] if slopes else [])
    assert "−0.80, −0.30, 0.40, 0.90" in drawn.note


def test_the_oracles_minima_and_nngpps_are_those_of_its_curve() -> None:
    curve = concepts.MODEL.sample(concepts.ORACLE_POINTS, concepts.ORACLE_SEED)
    for slopes, name, places in (
        (False, "minima", curve.positions[optima.minima(curve.values)]),
        (True, "NN-GPPs", curve.positions[optima.nngpps(curve.derivatives)]),
    ):
        drawn = concepts.oracle(slopes)
        np.testing.assert_array_equal(series(drawn)[name].x, places)
        assert drawn.note.startswith(f"{len(places)} {name} at 100 points")
        assert len(chart(drawn).fields[0].levels) == slopes
    assert "none can lie outside −0.80 to 0.90" in drawn.note
    step = curve.positions[1] - curve.positions[0]
    assert ((places > -0.8) & (places < 0.9 + step)).all()


# Figs. 2 and 3


def test_surfaces_name_their_batch_size(result: StudyResult) -> None:
    assert surfaces.loss(result).title == f"Loss, |B| = {result.spec.batch_size}"
    assert surfaces.loss(result, full=True).title == "Loss, full batch"
    assert surfaces.slope(result).title.endswith(f", |B| = {result.spec.batch_size}")
    assert surfaces.slope(result, full=True).title.endswith(", full batch")


def test_a_slope_that_is_exactly_zero_somewhere_says_so() -> None:
    relu = run(StudySpec(domain="local", activation="relu", resolution=20, line_points=3, draws=0), device="cpu")
    share = float(np.mean(relu.full_slope == 0))
    assert share > 0.1
    assert surfaces.slope(relu, full=True).note.endswith(f"slope 0, exactly 0 on {share:.0%} (shaded)")


def test_a_slope_that_has_vanished_is_said_and_is_neutral(few: StudySpec) -> None:
    """Tanh at the largest range: all units saturate, slopes are 0 or below 1e-38 everywhere."""
    saturated = run(few.replace(activation="tanh", range=1e6, resolution=6), device="cpu")
    size = np.nanmax(np.abs(saturated.batch_slope))
    assert size < SMALLEST_SHOWN
    for drawn in (surfaces.slope(saturated), surfaces.slope(saturated, full=True)):
        assert drawn.note.endswith("; no slope anywhere")
        assert drawn.sentence.endswith("; no slope anywhere.")
        trace = render(drawn.picture, "light")["data"][0]
        assert (trace["cmin"], trace["cmax"]) == (-1.0, 1.0)
    assert "no slope" not in surfaces.slope(run(few, device="cpu")).note


def test_where_mean_and_sd_of_the_slope_are_zero_its_sign_is_open_and_a_hole_has_none() -> None:
    mean, deviation = np.array([[0.0, -0.0, 2.0, -2.0, 1.0, np.nan]]), np.array([[0.0, 0.0, 1.0, 1.0, 3.0, np.nan]])
    np.testing.assert_array_equal(surfaces.signs(mean, deviation), [[1.0, 1.0, 2.0, 0.0, 1.0, np.nan]])
    # over a whole cell it is no longer open: every mini-batch has slope 0
    patch = surfaces.signs(np.zeros((2, 3)), np.array([[0.0, 0.0, 1.0], [0.0, 0.0, 1.0]]))
    np.testing.assert_array_equal(patch, [[3.0, 3.0, 1.0], [3.0, 3.0, 1.0]])


def test_one_draw_shows_the_exact_moments(few: StudySpec) -> None:
    one = run(few.replace(draws=1), device="cpu")
    found = surfaces.moments(one)
    assert found.sd_loss is one.sd_loss
    assert found.how == "all mini-batches of 10, exactly"
    assert surfaces.sd_loss(one).note.startswith("Exact, by the closed form")


def test_from_below_nothing_hides_the_classes(result: StudyResult) -> None:
    for made in (surfaces.mean_loss, surfaces.mean_slope):
        above, below = made(result), made(result, below=True)
        assert layers(above).count(Mesh) == 3
        assert layers(below).count(Mesh) == 0
        assert [layer for layer in layers(below) if layer is not Curve][-1] is Underside
        assert below.title.endswith("from below")
        assert {"mean + SD", "mean − SD", "full batch"} < {layer.name for layer in above.picture.named}
        assert "From below" in below.note
        assert "From below" not in above.note
        assert "From below" in made(result, turned=True).note
    assert Sheet in layers(surfaces.mean_slope(result))


@pytest.mark.parametrize("sign", [1, -1])
def test_white_curves_bound_what_is_uncertain(result: StudyResult, sign: int) -> None:
    """On a plane of constant rise, where they are straight: mean = a + b, SD = 1."""
    axis = np.linspace(-3.0, 3.0, len(result.axis))
    mean = axis + axis[:, None]
    flat = replace(result, axis=axis, sampled_mean_slope=mean, sampled_sd_slope=np.ones_like(mean))
    drawn = surfaces.mean_slope(flat, below=True)
    assert isinstance(drawn.picture, Scene)
    curves = {layer.name: layer for layer in drawn.picture.layers if isinstance(layer, Curve)}
    curve = curves["mean − SD = 0" if sign > 0 else "mean + SD = 0"]
    known = np.isfinite(curve.x)
    assert known.sum() > 5
    np.testing.assert_allclose((curve.x + curve.y)[known], sign, atol=1e-12)
    np.testing.assert_allclose(curve.z[known], min(sign, 0), atol=1e-12)
    (drawn_low,) = [trace for trace in render(drawn.picture, "light")["data"] if trace["name"] == curve.name]
    assert drawn_low["line"]["color"] == "#ffffff"
    assert "White: mean ± SD = 0." in drawn.note
    certain = replace(flat, sampled_sd_slope=np.zeros_like(mean), sampled_mean_slope=mean + 9)
    assert Curve not in layers(surfaces.mean_slope(certain, below=True))
    assert Curve not in layers(surfaces.mean_slope(flat))
    holes = replace(flat, sampled_mean_slope=np.full_like(mean, np.nan))
    assert Curve not in layers(surfaces.mean_slope(holes, below=True))


def test_sd_panels_say_of_what_and_how_they_compare(result: StudyResult) -> None:
    for made, exact in ((surfaces.sd_loss, result.sd_loss), (surfaces.sd_slope, result.sd_slope)):
        drawn = made(result)
        sampled = drawn.picture.layers[0].values  # type: ignore[union-attr]
        assert f"{np.mean(sampled / exact):.3f} times the exact SD" in drawn.note
        assert f"{result.spec.draws} draws" in drawn.caption
        assert drawn.picture.quantity == drawn.title.replace("the ", "")  # type: ignore[union-attr]
        assert "Exact, by the closed form" in made(run(result.spec.replace(draws=0), device="cpu")).note


# Figs. 5 and 7 to 18, (e) to (h)


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize(("made", "name"), [(lines.minima, "minima"), (lines.nngpps, "nngpps")])
def test_the_legend_has_the_total_of_what_is_found_and_of_what_is_true(
    result: StudyResult, made: object, name: str, full: bool
) -> None:
    drawn = made(result, full)  # type: ignore[operator]
    found, true = getattr(result, name).sum(), getattr(result, f"true_{name}").sum()
    legend = [item.name for item in series(drawn).values() if item.legend]
    assert legend[4:] == ([] if full else [f"found: {found}"]) + [f"true: {true}"]
    shown = (getattr(result, f"true_{name}") if full else getattr(result, name)).sum(1)
    assert [int(entry.rpartition(" ")[2]) for entry in legend[:4]] == shown.tolist()
    named = {trace["name"]: trace for trace in render(drawn.picture, "light")["data"] if trace["showlegend"]}  # type: ignore[arg-type]
    assert list(named) == legend
    assert all(len(trace["x"]["bdata"]) > 0 for trace in named.values())  # else Plotly leaves it out of the legend
    assert drawn.title.endswith("full batch" if full else f"|B| = {result.spec.batch_size}")


def test_counts_have_ticks_at_whole_numbers_only() -> None:
    def ticks(heights: list[float]) -> list[float]:
        part = Axes("count", (Bars("a", np.arange(len(heights)), np.array(heights), 1.0),), share=0.5, low=0.0)
        return vertical_ticks(part, vertical_limits(part, (-1.0, 9.0)))

    assert ticks([1.0, 0.0]) == [0.0, 1.0]
    assert all(tick == round(tick) for tick in ticks([5.0, 2.0]))
    assert len(ticks([5.0, 2.0])) >= 2
    assert any(tick != round(tick) for tick in ticks([0.5, 0.75]))


@pytest.mark.parametrize(("heights", "step"), [([1.0, 3.0], 1), ([1.0, 4.0], None), ([0.5, 1.0], None)])
def test_counts_of_few_go_in_steps_of_one_on_the_page(heights: list[float], step: int | None) -> None:
    part = Axes("count", (Bars("a", np.arange(2.0), np.array(heights), 1.0),), low=0.0)
    assert render(Chart("x", (part,)), "light")["layout"]["yaxis"].get("dtick") == step


# Fig. 6


def test_derivatives_of_the_classes_are_told() -> None:
    assert concepts.activations("saturation", slopes=True).note.startswith("Largest: Sigmoid 0.25, Tanh 1, Softsign 1.")
    note = concepts.activations("sparsity", slopes=True).note
    assert note == "Largest: ReLU 1, Leaky ReLU 1, ELU 1. At z = −5: ReLU 0, Leaky ReLU 0.01, ELU 0.007."


# Fig. 17


@pytest.fixture(scope="module")
def flats() -> dict[str, StudyResult]:
    figure = published.find_figure(17)
    specs = [figure.spec(panel) for panel in figure.panels]
    return {spec.activation: run(spec.replace(resolution=40, line_points=3), device="cpu") for spec in specs if spec}


def test_where_units_are_off_both_panels_have_the_same_height_and_colours(flats: dict[str, StudyResult]) -> None:
    heights = []
    for activation, result in flats.items():
        drawn = outputs_off(result)
        scene = drawn.picture
        assert isinstance(scene, Scene)
        surface, zero, mesh, floor = scene.layers
        assert isinstance(surface, Surface)
        assert isinstance(mesh, Mesh)
        assert mesh.values is surface.values
        assert isinstance(zero, Mesh)
        assert isinstance(floor, Sheet)
        off = find_dead_units(result.spec, result.theta0, result.directions, result.axis).outputs
        rows, columns = bounding_box(off)
        np.testing.assert_array_equal(surface.values, np.where(off, result.full_slope, np.nan)[rows, columns])
        assert (len(scene.y), len(scene.x)) == surface.values.shape
        everything = [surface.values[np.isfinite(surface.values)], zero.values.ravel(), [floor.height]]
        heights.append((np.concatenate(everything).min(), np.concatenate(everything).max()))
        coloured = render(scene, "light")["data"][0]
        assert (coloured["cmin"], coloured["cmax"]) == (-0.01, 0.01)
        assert ("is exactly 0 there" in drawn.note) == (activation == "relu")
        assert f"The {off.mean():.0%} of the plane" in drawn.note
    assert heights == [(-0.01, 0.0)] * 2


def test_leaky_relus_slope_is_told_by_its_size(flats: dict[str, StudyResult]) -> None:
    note = outputs_off(flats["leaky_relu"]).note
    assert "|slope| there from 0.0025 to 0.0049, 0.13% of the plane's largest." in note


def test_where_no_unit_is_ever_off_all_is_shown(result: StudyResult) -> None:
    assert result.spec.activation == "sigmoid"
    drawn = outputs_off(result)
    np.testing.assert_array_equal(drawn.picture.layers[0].values, result.full_slope)  # type: ignore[union-attr]
    assert "Nowhere" in drawn.note


# variance, probabilities


def along(spec: StudySpec, line: str) -> dict[str, PanelContent]:
    parts = SMALL_KINDS[VarianceAlongTask].run(VarianceAlongTask(spec, line), "cpu")
    return variance.along(spec, line, parts)


@pytest.mark.parametrize("line", ["d1", "d1-d2"])
def test_the_steps_that_do_not_hold_are_said_where_they_can_be_seen(few: StudySpec, line: str) -> None:
    shown = along(few.replace(activation="relu"), line)
    assert variance.DEVIATION in shown["loss"].note
    assert variance.BOUND in shown["largest"].note
    for quantity in ("loss", "slope"):
        drawn = shown[quantity]
        whole = series(drawn)["total variance"].y
        assert typeset(f"whole from {whole.min():.3g} to {whole.max():.3g}.") in drawn.sentence
        assert drawn.note in drawn.sentence
        apart = series(drawn)["2 · covariances"].y
        assert f"total variance on {np.mean(np.abs(apart) > whole):.0%} of the line" in drawn.note


def test_the_full_batch_has_parts_but_no_variance(few: StudySpec) -> None:
    shown = along(few.replace(batch_size=150), "d1")
    assert shown["loss"].note == along(few, "d1")["loss"].note
    assert "whole from 0 to 0." in shown["loss"].sentence


def test_probabilities_say_how_they_were_found(result: StudyResult) -> None:
    for size, how in (
        (10, "sampled: shares of 1,005 mini-batches, the same"),
        (149, "exact: shares of all mini-batches. Line"),
        (150, "of the full batch. Line"),
    ):
        assert how in counts.nngpp_map(replace(result, spec=result.spec.replace(batch_size=size))).note
    assert f"all triples of {result.spec.draws} draws" in counts.minima_map(result).note
    chance = result.plane_nngpp_chance
    assert chance is not None
    assert counts.nngpp_map(result).note.endswith(f"about {float(f'{chance.sum():.2g}'):,.0f}.")


def test_places_scatter_line_by_line(result: StudyResult) -> None:
    """All lines together would hide it: NN-GPPs of one line lie elsewhere than those of another."""
    note = counts.along_lines(result, ()).note
    for name, shares in (("minima", result.line_minima_chance), ("NN-GPPs", result.line_nngpp_chance)):
        means = [np.average(result.positions, weights=line) for line in shares]
        found = [
            np.average((result.positions - mean) ** 2, weights=line) for mean, line in zip(means, shares, strict=True)
        ]
        assert f"{name} {', '.join(f'{one:.3g}' for one in found)}; " in note
    assert "Variance of the locations on d1, d2, d1+d2, d1−d2: minima" in note
    positive = result.line_positive * np.array([[1.0], [0.0], [1.0], [1.0]])
    note = counts.along_lines(replace(result, line_positive=positive), ()).note
    first, second = note.split("NN-GPPs ")[-1].split(", ")[:2]
    assert first != "–"
    assert second == "–"


def ball_of(radius: float | None, line: str = "d1", centre: float = 0.5) -> Ball:
    """A ball whose stretch ends at the radius; without one, it leaves the line at its high end."""
    high = None if radius is None else centre + radius
    return Ball(line, centre, 0.5, 0.1, 0.25, centre - 0.25 * (radius or 1.0), high, None, 7.0)


@pytest.mark.parametrize(
    ("radii", "told"),
    [
        ([], "No true NN-GPPs"),
        ([1.0, 2.0, 3.0], "3 true NN-GPPs; radius of their balls 2 (median)"),
        ([1.0, None, 3.0], "3 true NN-GPPs; radius of their balls 3 (median), 1 of 3 leave the line"),
        (
            [1.0, None],
            "2 true NN-GPPs; radius of their balls more than lies on the line (median), 1 of 2 leave the line",
        ),
    ],
)
def test_balls_that_leave_the_line_are_the_largest(result: StudyResult, radii: list[float | None], told: str) -> None:
    assert counts.along_lines(result, [ball_of(radius) for radius in radii]).note.startswith(f"{told}. ")


def test_balls_stand_in_the_row_of_their_line(result: StudyResult) -> None:
    balls = [ball_of(2.0, "d1+d2"), ball_of(None, "d2")]
    field = chart_of(counts.along_lines(result, balls)).fields[2]
    shown = {(item.name, item.weight): item for item in field.items if isinstance(item, Series)}
    for row, line in ((2.0, "d1+d2"), (1.0, "d2")):
        assert shown[f"{line}: both signs occur", "thin"].x.tolist() == [-20.0, 7.0]
        assert shown[f"{line}, true NN-GPP", "normal"].x.tolist() == [0.5]
        assert {value for (name, _), item in shown.items() if name.startswith(line) for value in item.y} == {row}
    assert shown["d1+d2: both signs have 5%", "heavy"].x.tolist() == [0.0, 2.5]
    assert shown["d2: both signs have 5%", "heavy"].x.tolist() == [0.25, 20.0]


def test_the_table_of_balls_has_radius_and_law_and_what_is_expected_inside(result: StudyResult) -> None:
    balls = [ball_of(2.0), ball_of(None, "d2"), replace(ball_of(1.0, "d2"), curvature=0.0)]
    shown = counts.ball_table(result, balls)
    steps = zip(pairwise(result.positions), result.line_nngpp_chance[0, 1:], strict=True)
    inside = sum(chance for (before, here), chance in steps if here >= 0.0 and before <= 2.5)
    cells = table_of(shown).rows
    assert cells[0][:-1] == ("d1", "0.50", "0.00 to 2.50", "2.00", "0.329", "< -20 to 7.00")
    assert cells[0][-1] == f"{inside / result.line_nngpp_chance[0].sum():.0%}"
    assert cells[1][2:5] == ("0.25 to > 20", "leaves the line", "0.329")
    assert cells[2][3:5] == ("1.00", "–")
    assert "Radius over law: 6.08 (median)" in shown.note
    assert "shares of 4,005 mini-batches" in shown.note
    share = inside / result.line_nngpp_chance.sum()
    assert (
        f"{share:.0%} of the {result.line_nngpp_chance.sum():.1f} NN-GPPs" in counts.along_lines(result, balls[:1]).note
    )
    full = replace(result, spec=result.spec.replace(batch_size=150))
    assert counts.ball_table(full, ()).note == "Of the full batch. Law: 1.645 SD / curvature at x*."


def test_every_panel_of_the_paper_says_what_it_is(result: StudyResult) -> None:
    for shows, made in panels.OF_A_STUDY.items():
        drawn = made(result)
        assert drawn.title, shows
        assert drawn.caption, shows
        assert drawn.sentence, shows
