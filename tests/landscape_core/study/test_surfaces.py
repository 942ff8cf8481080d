"""The planes of a result against plain loops and fresh draws."""

import dataclasses
import math

import numpy as np
import pytest
import reference
import tolerances
import torch

from landscape_core import StudySpec, run, storage
from landscape_core.geometry.grid import unit
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import Batches, batch_means, shuffle_urns
from landscape_core.study import result
from landscape_core.study import run as study
from landscape_core.study.result import StudyResult
from landscape_core.study.run import evaluate, tabulate_landscape

pytestmark = pytest.mark.usefixtures("few_line_draws")

ARRAY_FIELDS = tuple(name for name in storage.KINDS[StudyResult].types if name != "line_nngpp_share")


@pytest.mark.parametrize("angle", [45.0, 0.0, 90.0, 160.0, -70.0])
def test_chances_of_the_plane_from_its_own_mini_batches(small, angle):
    """Each point on its own, from the same mini-batches; only the first 50 of 53 draws tell of minima, none of signs."""
    spec = small.replace(draws=53, slope_angle=angle, batch_size=5)
    result, table = run(spec, device="cpu"), tabulate_landscape(spec, device="cpu").plane
    turn = math.radians(angle)
    slope = math.cos(turn) * table.slopes[0].numpy() + math.sin(turn) * table.slopes[1].numpy()
    batches = shuffle_urns(Batches(5, 0, Purpose.PLANE), range(53), 25, 150).reshape(53, 25, 150)[..., :5]
    losses = np.array([[table.loss[g].numpy()[batches[d, g]].mean() for g in range(25)] for d in range(53)])
    losses = losses.reshape(53, 5, 5)
    # 34 urns of 30 mini-batches that do not overlap, the same at all points
    urns = shuffle_urns(Batches(150, 0, Purpose.SIGNS), range(34), 1, 150).reshape(1_020, 5)
    slopes = np.array([[math.fsum(slope[g][batch]) for g in range(25)] for batch in urns]).reshape(-1, 5, 5)
    negative, positive = (slopes < 0).sum(0) / 1_020, (slopes > 0).sum(0) / 1_020
    np.testing.assert_allclose(result.plane_negative, negative, **tolerances.MOMENTS)
    np.testing.assert_allclose(result.plane_positive, positive, **tolerances.MOMENTS)
    step = reference.nearest_step(angle)
    for row, column in np.ndindex(5, 5):
        before = reference.neighbour(row, column, (-step[0], -step[1]), 5)
        after = reference.neighbour(row, column, step, 5)
        nngpp = negative[before] * positive[row, column] if before else 0.0
        found = result.plane_nngpp_chance[row, column]
        np.testing.assert_allclose(found, nngpp, **tolerances.MOMENTS)
        triples = [losses[:50, *place].tolist() for place in (before, (row, column), after) if place]
        minimum = reference.chance_of_minimum(*triples) if before and after else 0.0
        np.testing.assert_allclose(result.plane_minima_chance[row, column], minimum, **tolerances.MOMENTS)


@pytest.mark.parametrize("draws", [1, 2, 49, 50, 51])
def test_minima_of_the_plane_take_no_more_than_the_first_draws(small, draws):
    result = run(small.replace(draws=draws), device="cpu")
    inner = result.plane_minima_chance[1:-1, 1:-1] * min(draws, 50) ** 3
    np.testing.assert_allclose(inner, np.round(inner), **tolerances.MOMENTS)
    fifty = run(small.replace(draws=50), device="cpu")
    assert (draws < 50) != np.array_equal(result.plane_minima_chance, fifty.plane_minima_chance)


def test_chances_of_the_plane_agree_with_counts_on_other_draws():
    """Expected numbers of minima and NN-GPPs along the diagonals, against counts with mini-batches of another seed."""
    spec = StudySpec(resolution=30, draws=50, line_points=3)
    landscape = tabulate_landscape(spec, device="cpu")
    result = evaluate(spec, landscape)
    table = landscape.plane
    other = Batches(10, 99, Purpose.PLANE)
    blocks = batch_means((table.loss, table.slope(unit(45.0))), other, range(200))
    losses, slopes = (torch.cat(parts).numpy().reshape(200, 30, 30) for parts in zip(*blocks, strict=True))
    before, here, after = (slice(k, 28 + k) for k in range(3))
    middle = losses[:, here, here]
    minima = ((losses[:, before, before] > middle) & (middle < losses[:, after, after])).sum((1, 2))
    nngpps = ((slopes[:, :-1, :-1] < 0) & (slopes[:, 1:, 1:] > 0)).sum((1, 2))
    for counts, chance in ((minima, result.plane_minima_chance), (nngpps, result.plane_nngpp_chance)):
        # 50 draws tell the expectation at least as well as their own 50 counts would; so do a thousand shared mini-batches,
        # though their errors are alike all along a line where the sign is open
        error = counts.std(ddof=1) * math.sqrt(1 / 200 + 1 / 50)
        assert abs(counts.mean() - chance.sum()) < tolerances.STANDARD_ERRORS * error
        assert counts.mean() > 10 * error


@pytest.mark.parametrize(("activation", "domain"), [("sigmoid", "global"), ("relu", "local")])
def test_signs_on_the_plane_are_told_better_than_by_its_draws(activation, domain):
    """Against 20,000 fresh mini-batches at every point: the shares, and the products of shares at neighbouring points."""
    spec = StudySpec(activation=activation, domain=domain, resolution=12, draws=1, line_points=3)
    landscape = tabulate_landscape(spec, device="cpu")
    result = evaluate(spec, landscape)
    slope = landscape.plane.slope(unit(45.0))
    blocks = [block for (block,) in batch_means((slope,), Batches(10, 99, Purpose.PLANE), range(20_000))]
    below, above = np.zeros(144), np.zeros(144)
    for block in blocks:
        below += (block < 0).sum(0).numpy() / 20_000
        above += (block > 0).sum(0).numpy() / 20_000
    for found, shares in ((result.plane_negative, below), (result.plane_positive, above)):
        error = found.ravel() - shares
        spread = np.sqrt(shares * (1 - shares))
        # of a thousand independent batches, and of the twenty thousand
        assert (np.abs(error) <= 6 * np.sqrt(1 / 1_000 + 1 / 20_000) * np.maximum(spread, 0.01)).all()
        assert np.sqrt(np.mean(error**2)) < 0.25 * np.sqrt(np.mean(spread**2) / 50)
    chance = np.zeros((12, 12))
    chance[1:, 1:] = below.reshape(12, 12)[:-1, :-1] * above.reshape(12, 12)[1:, 1:]
    assert np.abs(result.plane_nngpp_chance - chance).max() < 0.04


def test_the_papers_figure_3():
    """Sigmoid, global, B = 10, 50 draws: the mean is unbiased and its SD is that of the closed form, over the plane."""
    result = run(StudySpec(resolution=30), device="cpu")
    for name in ("loss", "slope"):
        exact, full = getattr(result, f"sd_{name}"), getattr(result, f"full_{name}")
        ratio = getattr(result, f"sampled_sd_{name}") / exact
        assert abs(ratio.mean() - 1) < tolerances.FIGURE_3_SD
        z = (getattr(result, f"sampled_mean_{name}") - full) / (exact / math.sqrt(50))
        assert abs(z.mean()) < tolerances.STANDARD_ERRORS / 30
        assert abs(z.var() - 1) < tolerances.STANDARD_ERRORS * math.sqrt(2) / 30
    below = (result.sampled_mean_loss < result.full_loss).mean()
    assert abs(below - 0.5) < tolerances.STANDARD_ERRORS * 0.5 / 30


def test_one_draw_is_the_batch_and_has_no_sd(small):
    result = run(small.replace(draws=1), device="cpu")
    np.testing.assert_array_equal(result.sampled_mean_loss, result.batch_loss)
    np.testing.assert_array_equal(result.sampled_mean_slope, result.batch_slope)
    assert result.sampled_sd_loss is None
    assert result.sampled_sd_slope is None


def test_without_draws_there_are_no_sampled_moments_and_nothing_else_changes(small):
    without, some = run(small.replace(draws=0), device="cpu"), run(small, device="cpu")
    for name in ARRAY_FIELDS:
        if name.startswith(("sampled_", "plane_")):
            assert getattr(without, name) is None
            assert getattr(some, name).shape == (5, 5)
        else:
            np.testing.assert_array_equal(getattr(without, name), getattr(some, name))


def test_more_draws_leave_the_first_ones_alone(small):
    few, many = run(small.replace(draws=2), device="cpu"), run(small.replace(draws=9), device="cpu")
    np.testing.assert_array_equal(few.batch_loss, many.batch_loss)
    assert not np.array_equal(few.sampled_mean_loss, many.sampled_mean_loss)


@pytest.mark.parametrize("angle", [0.0, 90.0, -45.0, 200.0])
def test_the_slopes_angle_changes_slopes_of_the_plane_alone(small, angle):
    one, other = run(small, device="cpu"), run(small.replace(slope_angle=angle), device="cpu")
    for name in ARRAY_FIELDS:
        same = np.array_equal(getattr(one, name), getattr(other, name))
        of_slopes = "slope" in name or name.startswith("plane_")
        assert same == (name.startswith(("line_", "static_")) or not of_slopes), name


def test_opposite_angles_have_opposite_slopes(small):
    one, other = (run(small.replace(slope_angle=angle), device="cpu") for angle in (30.0, 210.0))
    np.testing.assert_allclose(one.full_slope, -other.full_slope, **tolerances.TABLE)
    np.testing.assert_allclose(one.sd_slope, other.sd_slope, **tolerances.TABLE)


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"draws": 0},
        {"batch_size": 150},
        {"batch_size": 149},
        {"slope_angle": 190.0},
        {"sampling": "with-replacement", "batch_size": 150},
        {"sampling": "epoch-shuffle"},
    ],
)
def test_surfaces_alone_are_those_of_the_study(small, change):
    spec = small.replace(**change)
    landscape = study.tabulate_landscape(spec)
    seen, whole = study.compute_surfaces(spec, landscape), study.evaluate(spec, landscape)
    assert not hasattr(seen, "line_batch_loss")
    for name in (field.name for field in dataclasses.fields(result.Surfaces)):
        np.testing.assert_array_equal(getattr(seen, name), getattr(whole, name))
