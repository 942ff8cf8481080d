import dataclasses
import json
import math
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import oracle
import pytest
import tolerances
import torch

from landscape_core import BudgetError, NumericalError, SpecError, StudySpec, run, sampling, storage, study, tabulate
from landscape_core.geometry import LINES, unit
from landscape_core.randomness import Purpose
from landscape_core.sampling import Batches, batch_means, urn
from landscape_core.study import ARRAY_FIELDS, check, evaluate, tabulate_landscape

pytestmark = pytest.mark.usefixtures("few_line_draws")


def assert_identical(one, other):
    """Equal in every bit, NaN and the signs of zeros included."""
    assert (one.spec, one.device, one.versions) == (other.spec, other.device, other.versions)
    for name in ARRAY_FIELDS:
        first, second = getattr(one, name), getattr(other, name)
        if first is None or second is None:
            assert first is second, name
        else:
            assert (first.dtype, first.shape, first.tobytes()) == (second.dtype, second.shape, second.tobytes()), name


# against the oracle


@pytest.mark.parametrize("domain", ["global", "local"])
@pytest.mark.parametrize("activation", ["sigmoid", "leaky_relu"])
def test_planes_and_lines_against_the_oracle(domain, activation):
    spec = StudySpec(
        domain=domain, activation=activation, resolution=3, line_points=5, batch_size=7, slope_angle=30.0, draws=3
    )
    result = run(spec, device="cpu")
    start, pair, inputs, targets = oracle.setting(domain, activation)
    np.testing.assert_array_equal(result.theta0, start)
    np.testing.assert_allclose(result.directions, pair, **tolerances.TABLE)
    np.testing.assert_allclose(result.inputs, inputs, **tolerances.MOMENTS)

    axis = [-spec.range, 0.0, spec.range]
    points = [(a, b) for b in axis for a in axis]  # row i is at d2 = axis[i]
    loss, first, second = oracle.table(start, pair, points, activation, activation, inputs, targets)
    slope = math.cos(math.pi / 6) * first + math.sin(math.pi / 6) * second
    batches = urn(Batches(7, spec.batch_seed, Purpose.PLANE), range(3), 9, 150).reshape(3, 9, 150)[..., :7]
    factor = (150 - 7) / (7 * 149)
    for name, values in (("loss", loss), ("slope", slope)):
        draws = np.array([[values[g, batches[d, g]].mean() for g in range(9)] for d in range(3)])
        for kind, expected in {
            "full": values.mean(1),
            "mean": values.mean(1),
            "sd": values.std(1) * math.sqrt(factor),
            "batch": draws[0],
            "sampled_mean": draws.mean(0),
            "sampled_sd": draws.std(0, ddof=1),
        }.items():
            found = getattr(result, f"{kind}_{name}")
            np.testing.assert_allclose(found, expected.reshape(3, 3), err_msg=f"{kind}_{name}", **tolerances.TABLE)

    root = math.sqrt(0.5)
    positions = np.linspace(-spec.range, spec.range, 5)
    batches = urn(Batches(7, spec.batch_seed, Purpose.LINES), [0], 20, 150)[:, :7]
    for line, (cos, sin) in enumerate([(1, 0), (0, 1), (root, root), (root, -root)]):
        points = [(s * cos, s * sin) for s in positions]
        loss, first, second = oracle.table(start, pair, points, activation, activation, inputs, targets)
        for name, values in (("loss", loss), ("slope", cos * first + sin * second)):
            own = [values[g, batches[5 * line + g]].mean() for g in range(5)]
            for kind, expected in {
                "full": values.mean(1),
                "batch": own,
                "sd": values.std(1) * math.sqrt(factor),
            }.items():
                found = getattr(result, f"line_{kind}_{name}")[line]
                np.testing.assert_allclose(found, expected, err_msg=f"{line} {kind}_{name}", **tolerances.TABLE)


@pytest.mark.parametrize(("activation", "domain"), [("sigmoid", "global"), ("relu", "local")])
def test_counts_and_probabilities_of_the_lines(monkeypatch, activation, domain):
    """Recounted from the same draws, one by one; where every ReLU is off, slopes are exactly 0 and have no sign."""
    monkeypatch.setattr(study, "LINE_DRAWS", 7)
    spec = StudySpec(activation=activation, domain=domain, resolution=2, line_points=12, draws=0, batch_size=3)
    result = run(spec, device="cpu")
    lines = tabulate_landscape(spec, device="cpu").lines
    first, second = (slope.numpy() for slope in lines.slopes)
    negative, positive, minima = np.zeros((4, 12)), np.zeros((4, 12)), np.zeros((4, 12))
    for draw in range(7):
        batches = urn(Batches(3, 0, Purpose.LINES), [draw], 48, 150)[:, :3].reshape(4, 12, 3)
        for index, line in enumerate(LINES):
            cos, sin = line.unit
            rows = range(12 * index, 12 * index + 12)
            own = [batches[index, place] for place in range(12)]
            loss = [lines.loss[row].numpy()[batch].mean() for row, batch in zip(rows, own, strict=True)]
            slope = [(cos * first[row] + sin * second[row])[batch].mean() for row, batch in zip(rows, own, strict=True)]
            minima[index, oracle.minima(loss)] += 1
            assert result.line_minima_counts[draw, index] == len(oracle.minima(loss))
            assert result.line_nngpp_counts[draw, index] == len(oracle.nngpps(slope))
            if draw == 0:
                assert np.flatnonzero(result.minima[index]).tolist() == oracle.minima(loss)
                assert np.flatnonzero(result.nngpps[index]).tolist() == oracle.nngpps(slope)
            negative[index] += [value < 0 for value in slope]
            positive[index] += [value > 0 for value in slope]
    np.testing.assert_array_equal(result.line_negative, negative / 7)
    np.testing.assert_array_equal(result.line_positive, positive / 7)
    np.testing.assert_array_equal(result.line_minima_chance, minima / 7)
    assert (negative + positive < 7).any() == (activation == "relu")
    assert result.line_minima_counts.shape == result.line_nngpp_counts.shape == (7, 4)


def test_the_centre_of_plane_and_lines_is_the_start_point():
    result = run(StudySpec(resolution=5, line_points=7, draws=0), device="cpu")
    start, _, inputs, targets = oracle.setting("global", "sigmoid")
    losses, _ = oracle.losses_and_gradients(start, "sigmoid", "sigmoid", inputs, targets)
    expected = math.fsum(losses) / 150
    for found in (result.full_loss[2, 2], *result.line_full_loss[:, 3]):
        np.testing.assert_allclose(found, expected, **tolerances.TABLE)


def test_on_the_local_plane_the_loss_falls_along_d1_and_d2_is_the_contour():
    spec = StudySpec(domain="local", resolution=3, line_points=3, draws=0)
    result = run(spec, device="cpu")
    start, _, inputs, targets = oracle.setting("local", "sigmoid")
    gradient = oracle.full_gradient(start, "sigmoid", "sigmoid", inputs, targets)
    along = dict(zip([line.name for line in LINES], result.line_full_slope[:, 1], strict=True))
    np.testing.assert_allclose(along["d1"], -np.linalg.norm(gradient), **tolerances.TABLE)
    np.testing.assert_allclose(along["d2"], 0.0, atol=tolerances.TABLE["atol"])
    np.testing.assert_allclose(result.directions[0], -gradient / np.linalg.norm(gradient), **tolerances.TABLE)


def test_relu_start_point_without_a_gradient():
    spec = StudySpec(domain="local", activation="relu", seed=3, resolution=2, draws=0)
    _, _, inputs, targets = oracle.setting("global", "relu", seed=3)
    assert not oracle.full_gradient(oracle.start_numbers(3)[0], "relu", "relu", inputs, targets).any()
    with pytest.raises(NumericalError) as caught:
        run(spec, device="cpu")
    assert str(caught.value) == (
        "the full-batch gradient at the start point is exactly zero (every unit is off), so there is no direction of "
        "steepest descent: use another seed, or the global domain"
    )
    assert run(spec.replace(domain="global"), device="cpu").spec.seed == 3


# relations that hold whatever the numbers


def test_a_full_batch_has_no_noise(small):
    result = run(small.replace(batch_size=150), device="cpu")
    for name in ("loss", "slope"):
        for place in ("", "line_"):
            full = getattr(result, f"{place}full_{name}")
            np.testing.assert_array_equal(getattr(result, f"{place}batch_{name}"), full)
            assert (getattr(result, f"{place}sd_{name}") == 0.0).all()
        np.testing.assert_array_equal(getattr(result, f"sampled_mean_{name}"), getattr(result, f"full_{name}"))
        assert (getattr(result, f"sampled_sd_{name}") == 0.0).all()
    np.testing.assert_array_equal(result.minima, result.true_minima)
    np.testing.assert_array_equal(result.nngpps, result.true_nngpps)
    assert (result.line_minima_counts == result.true_minima.sum(1)).all()
    assert (result.line_nngpp_counts == result.true_nngpps.sum(1)).all()
    np.testing.assert_array_equal(result.line_minima_chance, result.true_minima)
    np.testing.assert_array_equal(result.line_nngpp_chance, result.true_nngpps)
    np.testing.assert_array_equal(result.static_loss, np.broadcast_to(result.line_full_loss, (50, 4, 9)))
    np.testing.assert_array_equal(result.static_slope, np.broadcast_to(result.line_full_slope, (50, 4, 9)))
    np.testing.assert_array_equal(result.plane_negative, result.full_slope < 0)
    np.testing.assert_array_equal(result.plane_positive, result.full_slope > 0)
    for row, column in np.ndindex(5, 5):
        line = [(row + k, column + k) for k in (-1, 0, 1) if 0 <= row + k < 5 and 0 <= column + k < 5]
        place = line.index((row, column))
        loss = [result.full_loss[point] for point in line]
        slope = [result.full_slope[point] for point in line]
        assert result.plane_minima_chance[row, column] == (place in oracle.minima(loss))
        assert result.plane_nngpp_chance[row, column] == (place in oracle.nngpps(slope))


@pytest.mark.parametrize("angle", [45.0, 0.0, 90.0, 160.0, -70.0])
def test_chances_of_the_plane_from_its_own_mini_batches(small, angle):
    """Each point on its own, from the same mini-batches; only the first 50 of 53 draws tell of minima, none of signs."""
    spec = small.replace(draws=53, slope_angle=angle, batch_size=5)
    result, table = run(spec, device="cpu"), tabulate_landscape(spec, device="cpu").plane
    turn = math.radians(angle)
    slope = math.cos(turn) * table.slopes[0].numpy() + math.sin(turn) * table.slopes[1].numpy()
    batches = urn(Batches(5, 0, Purpose.PLANE), range(53), 25, 150).reshape(53, 25, 150)[..., :5]
    losses = np.array([[table.loss[g].numpy()[batches[d, g]].mean() for g in range(25)] for d in range(53)])
    losses = losses.reshape(53, 5, 5)
    # 34 urns of 30 mini-batches that do not overlap, the same at all points
    urns = urn(Batches(150, 0, Purpose.SIGNS), range(34), 1, 150).reshape(1_020, 5)
    slopes = np.array([[math.fsum(slope[g][batch]) for g in range(25)] for batch in urns]).reshape(-1, 5, 5)
    negative, positive = (slopes < 0).sum(0) / 1_020, (slopes > 0).sum(0) / 1_020
    np.testing.assert_allclose(result.plane_negative, negative, **tolerances.MOMENTS)
    np.testing.assert_allclose(result.plane_positive, positive, **tolerances.MOMENTS)
    step = oracle.nearest_step(angle)
    for row, column in np.ndindex(5, 5):
        before = oracle.neighbour(row, column, (-step[0], -step[1]), 5)
        after = oracle.neighbour(row, column, step, 5)
        nngpp = negative[before] * positive[row, column] if before else 0.0
        found = result.plane_nngpp_chance[row, column]
        np.testing.assert_allclose(found, nngpp, **tolerances.MOMENTS)
        triples = [losses[:50, *place].tolist() for place in (before, (row, column), after) if place]
        minimum = oracle.chance_of_minimum(*triples) if before and after else 0.0
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


def test_chances_of_the_lines_agree_with_counts(monkeypatch):
    monkeypatch.setattr(study, "LINE_DRAWS", 400)
    spec = StudySpec(resolution=2, draws=0, line_points=60)
    landscape = tabulate_landscape(spec, device="cpu")
    one, other = evaluate(spec, landscape), evaluate(spec.replace(batch_seed=1), landscape)
    for counts, chance in (
        (one.line_nngpp_counts, other.line_nngpp_chance),
        (one.line_minima_counts, other.line_minima_chance),
    ):
        error = counts.std(0, ddof=1) * math.sqrt(2 / 400)
        assert (np.abs(counts.mean(0) - chance.sum(1)) < tolerances.STANDARD_ERRORS * error).all()
        assert counts.mean() > 1
    for row, keep in enumerate(study.THINNINGS):
        kept = slice(None, None, keep)
        chance = other.line_negative[:, kept][:, :-1] * other.line_positive[:, kept][:, 1:]
        # a count is a sum of exclusive neighbours: its variance is below its mean
        error = np.sqrt(2 * chance.sum(1) / 400)
        assert (np.abs(one.thinned_nngpps[row] - chance.sum(1)) < tolerances.STANDARD_ERRORS * error).all()
    # where the noise outweighs the landscape, coarser lines have the noise ceiling of as many points
    ceilings = [(points - 2) / 3 for points in one.thinned_points]
    for row, ceiling in zip(one.thinned_minima.max(1), ceilings, strict=True):
        assert 0.8 * ceiling < row < 1.2 * ceiling


@pytest.mark.parametrize(
    ("points", "kept"), [(100, [100, 50, 34, 25, 20, 10]), (11, [11, 6, 4, 3, 3, 2]), (3, [3, 2, 1, 1, 1, 1])]
)
def test_thinned_lines(small, points, kept):
    spec = small.replace(line_points=points, draws=0)
    result = run(spec, device="cpu")
    assert study.THINNINGS == (1, 2, 3, 4, 5, 10)
    assert result.thinned_points.tolist() == kept
    lines = tabulate_landscape(spec, device="cpu").lines
    slope = lines.slope(np.repeat([line.unit for line in LINES], points, axis=0))
    totals = np.zeros((2, 6, 4))
    for losses, slopes in batch_means((lines.loss, slope), Batches(10, 0, Purpose.LINES), range(20)):
        for draw in range(len(losses)):
            for line in range(4):
                part = slice(line * points, line * points + points)
                for row, keep in enumerate((1, 2, 3, 4, 5, 10)):
                    totals[0, row, line] += len(oracle.minima(oracle.thinned(losses[draw, part].tolist(), keep)))
                    totals[1, row, line] += len(oracle.nngpps(oracle.thinned(slopes[draw, part].tolist(), keep)))
    np.testing.assert_array_equal(result.thinned_minima, totals[0] / 20)
    np.testing.assert_array_equal(result.thinned_nngpps, totals[1] / 20)
    np.testing.assert_allclose(result.thinned_minima[0], result.line_minima_counts.mean(0), **tolerances.MOMENTS)
    assert not result.thinned_minima[result.thinned_points < 3].any()
    assert not result.thinned_nngpps[result.thinned_points < 2].any()


@pytest.mark.parametrize("size", [1, 7, 100, 149])
def test_static_batches_against_the_oracle(size):
    """One mini-batch for both quantities and all four lines, whose curves are those of its own few samples."""
    spec = StudySpec(resolution=2, line_points=3, draws=0, batch_size=size, batch_seed=4)
    result = run(spec, device="cpu")
    assert result.static_loss.shape == result.static_slope.shape == (50, 4, 3)
    start, pair, inputs, targets = oracle.setting("global", "sigmoid")
    batches = urn(Batches(size, 4, Purpose.STATIC), range(50), 1, 150)[:, :size].tolist()
    assert len({tuple(sorted(batch)) for batch in batches}) > 40
    root = math.sqrt(0.5)
    for line, (cos, sin) in enumerate([(1, 0), (0, 1), (root, root), (root, -root)]):
        points = [(s * cos, s * sin) for s in (-20.0, 0.0, 20.0)]
        loss, first, second = oracle.table(start, pair, points, "sigmoid", "sigmoid", inputs, targets)
        for name, values in (("loss", loss), ("slope", cos * first + sin * second)):
            expected = [[math.fsum(row[n] for n in batch) / size for row in values] for batch in batches]
            np.testing.assert_allclose(getattr(result, f"static_{name}")[:, line], expected, **tolerances.TABLE)


def test_static_batches_start_from_one_loss_each():
    """All four lines meet in the start point, where a batch that does not change has one loss."""
    result = run(StudySpec(resolution=2, line_points=5, draws=0), device="cpu")
    centre = result.static_loss[:, :, 2]
    np.testing.assert_allclose(centre, np.repeat(centre[:, :1], 4, axis=1), **tolerances.TABLE)
    assert len(np.unique(centre[:, 0].round(12))) == 50
    assert not np.allclose(result.line_batch_loss[:, 2], result.line_batch_loss[0, 2])


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
    assert np.isnan(result.sampled_sd_loss).all()
    assert np.isnan(result.sampled_sd_slope).all()


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
        {"activation": "tanh"},
        {"output_activation": "linear"},
        {"domain": "local"},
        {"scaling": "raw"},
        {"range": 3.0},
        {"seed": 1},
        {"dtype": "float32"},
    ],
)
def test_what_makes_other_tables_makes_another_landscape(small, change):
    assert small.replace(**change).table_key() != small.table_key()
    assert not np.array_equal(run(small, device="cpu").full_loss, run(small.replace(**change), device="cpu").full_loss)


@pytest.mark.parametrize("change", [{"batch_seed": 1}, {"batch_size": 11}])
def test_other_batches_on_the_same_landscape(small, change):
    one, other = run(small, device="cpu"), run(small.replace(**change), device="cpu")
    np.testing.assert_array_equal(one.full_loss, other.full_loss)
    assert not np.array_equal(one.batch_loss, other.batch_loss)
    assert not np.array_equal(one.line_batch_loss, other.line_batch_loss)


def test_float32_results_are_float32(small):
    result = run(small.replace(dtype="float32"), device="cpu")
    double = run(small, device="cpu")
    for name in ARRAY_FIELDS:
        if any(name.endswith(end) for end in ("_loss", "_slope")):
            assert getattr(result, name).dtype == np.float32, name
            np.testing.assert_allclose(getattr(result, name), getattr(double, name), **tolerances.TABLE_FLOAT32)


def test_holes_are_counted_and_nothing_is_made_up(small):
    """A point that is not finite is NaN in every surface, and no optimum is seen at it or against it."""
    landscape = tabulate_landscape(small, device="cpu")
    landscape.plane.loss[3], landscape.lines.loss[4] = math.nan, math.nan
    for table, point in ((landscape.plane, 3), (landscape.lines, 4)):
        for slope in table.slopes:
            slope[point] = math.nan
    result = evaluate(small, landscape)
    assert result.holes == 2
    assert np.isnan(result.full_loss).sum() == np.isnan(result.batch_loss).sum() == 1
    assert np.isnan(result.sd_loss).sum() == np.isnan(result.sampled_sd_slope).sum() == 1
    assert result.line_negative[0, 4] == result.line_positive[0, 4] == result.line_minima_chance[0, 4] == 0.0
    for name in ("negative", "positive", "nngpp_chance", "minima_chance"):
        holes = np.argwhere(np.isnan(getattr(result, f"plane_{name}"))).tolist()
        assert holes == ([[0, 3], [1, 4]] if name == "nngpp_chance" else [[0, 3]])
    assert np.argwhere(np.isnan(result.static_loss).all(0)).tolist() == [[0, 4]]
    assert np.isnan(result.static_loss).sum() == np.isnan(result.static_slope).sum() == 50
    assert not (result.minima[0, 3:6] | result.true_minima[0, 3:6]).any()
    assert not (result.nngpps[0, 4:6] | result.true_nngpps[0, 4:6]).any()
    assert json.dumps(result.summary(), allow_nan=False)


# reproducibility


@pytest.mark.parametrize("change", [{}, {"domain": "local", "activation": "relu"}, {"dtype": "float32", "draws": 0}])
def test_the_same_study_twice_is_identical(small, change):
    spec = small.replace(resolution=20, **change)
    one, other = run(spec, device="cpu"), run(StudySpec.from_json(spec.to_json()), device="cpu")
    assert_identical(one, other)
    assert storage.to_bytes(one) == storage.to_bytes(other)


@pytest.mark.parametrize("rows", [1, 60, 10**6])
def test_the_size_of_a_block_of_draws_changes_nothing(monkeypatch, small, rows):
    expected = run(small, device="cpu")
    monkeypatch.setattr(sampling, "BLOCK_ROWS", rows)
    assert_identical(run(small, device="cpu"), expected)


def test_other_studies_in_between_change_nothing(small):
    before = run(small, device="cpu")
    for change in ({"activation": "elu"}, {"batch_size": 149}, {"seed": 5}, {"domain": "local"}):
        run(small.replace(**change), device="cpu")
    torch.rand(3)
    assert_identical(before, run(small, device="cpu"))


@pytest.mark.parametrize(
    "change", [{"batch_size": 1}, {"batch_size": 150}, {"draws": 0}, {"slope_angle": -10.0}, {"batch_seed": 9}]
)
def test_tables_shared_between_studies_change_nothing(small, change):
    other = small.replace(**change)
    assert other.table_key() == small.table_key()
    landscape = tabulate_landscape(small, device="cpu")
    assert_identical(evaluate(other, landscape), run(other, device="cpu"))
    assert_identical(evaluate(small, landscape), run(small, device="cpu"))


def test_progress_changes_nothing_and_grows_to_one(monkeypatch, small):
    monkeypatch.setattr(tabulate, "CHUNK_VALUES", 4 * 150)
    silent = run(small, device="cpu")
    seen = []
    told = run(small, device="cpu", progress=lambda share, what: seen.append((what, share)))
    assert_identical(silent, told)
    assert list(dict.fromkeys(what for what, _ in seen)) == ["Evaluating the network", "Drawing mini-batches"]
    for label in ("Evaluating the network", "Drawing mini-batches"):
        shares = [share for what, share in seen if what == label]
        assert shares == sorted(shares)
        assert len(shares) > 1
        assert shares[0] > 0
        assert shares[-1] == 1.0


class StopError(Exception):
    pass


@pytest.mark.parametrize("label", ["Evaluating the network", "Drawing mini-batches"])
def test_an_exception_in_progress_stops_the_study(small, label):
    seen = []

    def progress(share, what):
        seen.append(what)
        if what == label:
            raise StopError

    with pytest.raises(StopError):
        run(small, device="cpu", progress=progress)
    assert seen.count(label) == 1
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("domain", ["global", "local"])
def test_no_global_state_is_touched(small, domain):
    def state():
        return (
            torch.get_rng_state().tolist(),
            str(np.random.get_state()),  # noqa: NPY002
            torch.get_num_threads(),
            torch.get_num_interop_threads(),
            torch.is_grad_enabled(),
            torch.is_inference_mode_enabled(),
            torch.get_default_dtype(),
            torch.get_default_device(),
            torch.are_deterministic_algorithms_enabled(),
            np.geterr(),
        )

    before = state()
    run(small.replace(domain=domain), device="cpu")
    assert state() == before


@pytest.mark.parametrize("domain", ["global", "local"])
@pytest.mark.parametrize("activation", ["sigmoid", "leaky_relu"])
def test_global_state_of_the_caller_has_no_say(small, domain, activation):
    spec = small.replace(domain=domain, activation=activation)
    expected = run(spec, device="cpu")
    with torch.no_grad():
        assert_identical(run(spec, device="cpu"), expected)
    torch.set_default_dtype(torch.float64)
    try:
        assert_identical(run(spec, device="cpu"), expected)
    finally:
        torch.set_default_dtype(torch.float32)
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    assert_identical(run(spec, device="cpu"), expected)
    np.random.set_state(state)  # noqa: NPY002


# refusals


def test_too_large_a_table_is_refused_before_anything_is_computed(monkeypatch):
    monkeypatch.setattr(study.problem, "problem", lambda *_: pytest.fail("computed"))
    spec = StudySpec(resolution=1_000, line_points=50, draws=0)
    needed = (1_000**2 + 4 * 50) * 150 * 3 * 8 + 2 * 50 * 4 * 50 * 8
    for limit in (0, needed - 1):
        with pytest.raises(BudgetError) as caught:
            run(spec, device="cpu", limit=limit)
        assert str(caught.value) == (
            f"needs 3,600,880,000 bytes of sample tables and kept draws; the limit is {limit:,}. "
            "Lower the resolution or the points on a line."
        )
    check(spec, needed)
    check(spec.replace(dtype="float32"), needed // 2)
    for draws, kept in ((1, 1), (50, 50), (51, 50)):
        more = needed + kept * 1_000**2 * 8
        check(spec.replace(draws=draws), more)
        with pytest.raises(BudgetError):
            check(spec.replace(draws=draws), more - 1)
    with pytest.raises(BudgetError):
        run(StudySpec(resolution=10_000), device="cpu")


def test_too_many_draws_are_refused(monkeypatch):
    monkeypatch.setattr(study, "LINE_DRAWS", 1_000)
    spec = StudySpec(resolution=100, line_points=100, batch_size=10, draws=79_118)
    check(spec)
    with pytest.raises(BudgetError) as caught:
        check(spec.replace(draws=79_119))
    assert str(caught.value) == (
        "needs 20,000,047,500 sample visits; the limit is 20,000,000,000. "
        "Lower the draws, the batch size or the resolution."
    )


def test_the_full_batch_is_not_drawn_and_costs_little():
    spec = StudySpec(draws=15_000)
    with pytest.raises(BudgetError):
        check(spec.replace(batch_size=149))
    check(spec.replace(batch_size=150))


def test_an_unknown_device_is_refused(small):
    with pytest.raises(SpecError) as caught:
        run(small, device="tpu")
    assert str(caught.value) == "device: got 'tpu'; allowed: auto, cpu, cuda (or cuda:1 and so on) or mps"


# the summary


def test_summary_is_what_the_arrays_say():
    spec = StudySpec(resolution=2, draws=0, line_points=40)
    result = run(spec, device="cpu")
    summary = json.loads(json.dumps(result.summary(), allow_nan=False))
    assert {name: summary[name] for name in spec.model_dump()} == spec.model_dump()
    assert (summary["device"], summary["versions"], summary["holes"]) == ("cpu", study.versions(), 0)
    curves = {
        "true_minima": (oracle.minima, result.line_full_loss),
        "true_nngpps": (oracle.nngpps, result.line_full_slope),
        "minima": (oracle.minima, result.line_batch_loss),
        "nngpps": (oracle.nngpps, result.line_batch_slope),
    }
    for name, (count, values) in curves.items():
        for line, curve in zip(summary["lines"], values, strict=True):
            assert line[name] == [result.positions[place] for place in count(curve.tolist())]
        assert summary[name] == sum(len(line[name]) for line in summary["lines"]) > 0
    for name, counts in (("minima", result.line_minima_counts), ("nngpps", result.line_nngpp_counts)):
        over = [sum(row) for row in counts.tolist()]
        assert summary[f"{name}_mean"] == pytest.approx(sum(over) / len(over))
        assert summary[f"{name}_sd"] == pytest.approx(oracle.population_sd(over) * math.sqrt(20 / 19))
        for line in summary["lines"]:
            found = line[name]
            assert line[f"{name}_spread"] == (pytest.approx(oracle.population_sd(found) ** 2) if found else None)
    expected = [
        sum(result.line_negative[k, i - 1] * result.line_positive[k, i] for i in range(1, 40)) for k in range(4)
    ]
    assert [line["expected_nngpps"] for line in summary["lines"]] == pytest.approx(expected)
    assert summary["expected_nngpps"] == pytest.approx(sum(expected))
    np.testing.assert_array_equal(result.line_nngpp_chance[:, 0], 0.0)
    np.testing.assert_allclose(result.line_nngpp_chance.sum(1), expected, **tolerances.MOMENTS)
    for index, line in enumerate(summary["lines"]):
        assert line["minima_density"] == pytest.approx(sum(result.line_minima_counts[:, index].tolist()) / 20 / 40)
        assert line["nngpps_density"] == pytest.approx(sum(result.line_nngpp_counts[:, index].tolist()) / 20 / 40)
        assert [found["location"] for found in line["uncertain_intervals"]] == line["true_nngpps"]
    widths = [found["width"] for line in summary["lines"] for found in line["uncertain_intervals"]]
    assert any(width is not None and width > 0 for width in widths)
    assert summary["noise_ceiling"] == pytest.approx(4 * 38 / 3)
    assert summary["uniform_spread"] == pytest.approx(400 / 3)
    assert [(line["name"], line["angle"]) for line in summary["lines"]] == [(line.name, line.angle) for line in LINES]


@pytest.mark.parametrize("domain", ["global", "local"])
def test_uncertain_intervals_of_a_study(monkeypatch, domain):
    monkeypatch.setattr(study, "LINE_DRAWS", 200)
    result = run(StudySpec(domain=domain, resolution=2, draws=0), device="cpu")
    spacing = result.positions[1] - result.positions[0]
    found = result.uncertain_intervals()
    assert len(found) == 4
    for index, (line, intervals) in enumerate(zip(LINES, found, strict=True)):
        places = oracle.nngpps(result.line_full_slope[index].tolist())
        assert [interval.location for interval in intervals] == [result.positions[place] for place in places]
        for interval, place in zip(intervals, places, strict=True):
            assert interval.line == line.name
            positions, positive = result.positions.tolist(), result.line_positive[index].tolist()
            expected = oracle.uncertain_interval(positions, positive, place, 0.05, 1_000)
            assert (interval.low, interval.high) == tuple(
                None if end is None else pytest.approx(end, abs=spacing / 500) for end in expected
            )
            whole = interval.low is not None and interval.high is not None
            assert interval.width == (interval.high - interval.low if whole else None)
    assert any(interval.width for intervals in found for interval in intervals)
    if domain == "local":  # the contour is so flat that its sign is open up to an end
        assert any(interval.width is None for intervals in found for interval in intervals)


def test_a_hole_ends_the_line_for_an_uncertain_interval():
    spec = StudySpec(resolution=2, draws=0, line_points=40)
    landscape = tabulate_landscape(spec, device="cpu")
    whole = evaluate(spec, landscape)
    line, interval = next(
        (line, found)
        for line, intervals in enumerate(whole.uncertain_intervals())
        for found in intervals
        if found.low is not None and found.high is not None and found.high > found.location
    )
    hole = 40 * line + int(np.searchsorted(whole.positions, interval.location)) + 1
    for values in (landscape.lines.loss, *landscape.lines.slopes):
        values[hole] = math.nan
    cut = evaluate(spec, landscape).uncertain_intervals()[line]
    (found,) = [one for one in cut if one.location == interval.location]
    assert (found.low, found.high, found.width) == (interval.low, None, None)


def test_densities_too_large_for_a_number_are_none():
    result = run(StudySpec(range=5e-324, resolution=2, draws=0), device="cpu")
    summary = json.loads(json.dumps(result.summary(), allow_nan=False))
    assert {line["minima_density"] for line in summary["lines"]} == {None}


def test_the_papers_noise_ceiling():
    assert pytest.approx(run(StudySpec(resolution=2, draws=0), device="cpu").summary()["noise_ceiling"]) == 4 * 98 / 3


def test_landscape_counts_its_memory(small):
    landscape = tabulate_landscape(small, device="cpu")
    assert landscape.nbytes == (25 + 4 * 9) * 150 * 3 * 8


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is available here")
def test_cuda_gives_the_cpus_study(small):
    here, there = run(small, device="cpu"), run(small, device="cuda")
    assert there.device.startswith("cuda")
    for name in ARRAY_FIELDS:
        np.testing.assert_allclose(getattr(there, name), getattr(here, name), err_msg=name, **tolerances.TABLE)


def test_studies_on_several_threads_at_once_are_those_of_one(small):
    specs = [
        small.replace(resolution=20, seed=seed, domain=domain) for seed in (0, 1) for domain in ("global", "local")
    ]
    alone = [run(spec, device="cpu") for spec in specs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda spec: run(spec, device="cpu"), specs * 3))
    for one, other in zip(alone * 3, together, strict=True):
        assert_identical(one, other)


@pytest.mark.parametrize("change", [{}, {"draws": 0}, {"batch_size": 150}, {"batch_size": 149}, {"slope_angle": 190.0}])
def test_a_glimpse_shows_the_surfaces_of_the_study(small, change):
    spec = small.replace(**change)
    landscape = study.tabulate_landscape(spec)
    seen, whole = study.glimpse(spec, landscape), study.evaluate(spec, landscape)
    assert not hasattr(seen, "line_batch_loss")
    for name in (field.name for field in dataclasses.fields(study.Surfaces)):
        np.testing.assert_array_equal(getattr(seen, name), getattr(whole, name))
