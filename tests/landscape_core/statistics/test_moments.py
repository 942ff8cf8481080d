import itertools
import math

import numpy as np
import pytest
import reference
import tolerances
import torch

from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import Batches, batch_means
from landscape_core.statistics import moments as statistics
from landscape_core.statistics import optima
from landscape_core.statistics.moments import RunningMoments


def some_values(points, samples, seed=0):
    """Skewed per-sample values, of another scale at every point."""
    generator = np.random.default_rng(seed)
    return torch.from_numpy(generator.exponential(1.0, (points, samples)) * np.logspace(-3, 3, points)[:, None] - 0.5)


@pytest.mark.parametrize("size", range(1, 9))
def test_exact_sd_is_the_sd_over_all_batches(size):
    values = some_values(4, 8)
    expected = [reference.population_sd(reference.all_batch_means(row, size)) for row in values.tolist()]
    np.testing.assert_allclose(statistics.exact_sd(values, size), expected, **tolerances.MOMENTS)


@pytest.mark.parametrize("size", range(1, 9))
def test_full_batch_is_the_mean_over_all_batches(size):
    values = some_values(4, 8)
    expected = [
        math.fsum(means) / len(means) for means in (reference.all_batch_means(row, size) for row in values.tolist())
    ]
    np.testing.assert_allclose(statistics.full_batch(values), expected, **tolerances.MOMENTS)


def test_factors_of_the_papers_batch_sizes():
    """With σ² = 1: 1/149² at B = 149, 0.0940 at B = 10 and 1 at B = 1, for the 150 flowers."""
    values = torch.tensor([[1.0, -1.0] * 75], dtype=torch.float64)
    found = {size: statistics.exact_sd(values, size).item() ** 2 for size in (149, 10, 1)}
    assert found == pytest.approx({149: 1 / 149**2, 10: 140 / 1490, 1: 1.0}, rel=1e-12)


def test_sd_is_exactly_zero_for_the_full_batch_and_a_hole_stays_a_hole():
    values = some_values(3, 150)
    values[1] = torch.nan
    found = statistics.exact_sd(values, 150)
    assert found[[0, 2]].tolist() == [0.0, 0.0]
    assert np.isnan(found[1])
    assert np.isnan(statistics.exact_sd(values, 10)[1])
    assert statistics.exact_sd(torch.ones(2, 1), 1).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("size", range(1, 6))
def test_exact_sd_of_powers_of_two_is_that_over_all_batches(size):
    """Values 1, 2, 4, 8, 16 by enumeration: 3.340659 at B = 2, exactly 0 at B = N."""
    values = [1.0, 2.0, 4.0, 8.0, 16.0]
    found = statistics.exact_sd(torch.tensor([values], dtype=torch.float64), size).item()
    expected = reference.population_sd(reference.all_batch_means(values, size))
    assert found == pytest.approx(expected, rel=1e-14, abs=1e-15)
    if size == 2:
        assert found == pytest.approx(3.340659, abs=5e-7)
    if size == 5:
        assert found == 0.0


@pytest.mark.parametrize(("size", "sd"), [(2, 3.636848), (4, 2.227106)])
def test_exact_sd_where_every_sample_comes_twice(size, sd):
    values = [1.0, 2.0, 4.0, 8.0, 16.0] * 2
    found = statistics.exact_sd(torch.tensor([values], dtype=torch.float64), size).item()
    assert found == pytest.approx(reference.population_sd(reference.all_batch_means(values, size)), rel=1e-14)
    assert found == pytest.approx(sd, abs=5e-7)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("exponent", [0.3, 0.55, 0.7, 0.9])
@pytest.mark.parametrize("sign", [-1, 1])
def test_sds_are_finite_whose_squares_are_too_large(dtype, exponent, sign):
    """Of values up to a power of the largest number: up to 0.5 squares fit, beyond they do not."""
    unit = float(torch.finfo(dtype).max) ** exponent
    shares = torch.from_numpy(np.random.default_rng(3).exponential(1.0, (6, 20))) * sign
    values = (shares * unit).to(dtype)
    values[2] = 0.0
    values[4] = math.nan
    true = np.array(values.double().numpy() / unit)
    found = statistics.exact_sd(values, 7)
    assert found.dtype == values.numpy().dtype
    accuracy = 20 * float(torch.finfo(dtype).eps)
    expected = true.std(1) * math.sqrt(statistics.batch_factor(20, 7))
    np.testing.assert_allclose(found.astype(np.float64) / unit, expected, rtol=accuracy)
    moments = RunningMoments()
    moments.add(values.T)
    sampled = moments.sd()
    assert sampled.dtype == dtype
    np.testing.assert_allclose(sampled.double().numpy() / unit, true.std(1, ddof=1), rtol=accuracy)


def test_a_late_large_draw_is_counted():
    moments = RunningMoments()
    moments.add(torch.tensor([[0.0], [1e3], [3e25]]))
    np.testing.assert_allclose(moments.sd(), 3e25 / math.sqrt(3), rtol=1e-6)


def test_sd_of_equal_samples_is_exactly_zero():
    assert statistics.exact_sd(torch.full((2, 150), 0.1, dtype=torch.float64), 10).tolist() == [0.0, 0.0]


def test_exact_sd_whatever_the_rows_at_a_time(monkeypatch):
    values = some_values(23, 150)
    expected = statistics.exact_sd(values, 10)
    monkeypatch.setattr(statistics, "ROWS_AT_A_TIME", 5)
    np.testing.assert_array_equal(statistics.exact_sd(values, 10), expected)


@pytest.mark.parametrize("size", [1, 10, 149])
def test_sampled_moments_agree_with_the_closed_form(size):
    """Over 1,600 points with 50 draws each, as in the paper's Fig. 3, on per-sample values of normal shape."""
    points, draws = 1_600, 50
    values = torch.from_numpy(np.random.default_rng(8).standard_normal((points, 150)))
    moments = RunningMoments()
    for (block,) in batch_means([values], Batches(size, 5, Purpose.PLANE), range(draws)):
        moments.add(block)
    exact = statistics.exact_sd(values, size)
    ratio = moments.sd().numpy() / exact
    # for normal means E[s] = c₄ σ and Var[s] ≈ σ² / 2(n − 1)
    c4 = math.sqrt(2 / (draws - 1)) * math.exp(math.lgamma(draws / 2) - math.lgamma((draws - 1) / 2))
    allowed = tolerances.STANDARD_ERRORS / math.sqrt(2 * (draws - 1) * points)
    assert abs(ratio.mean() - c4) < allowed
    assert ratio.std() == pytest.approx(1 / math.sqrt(2 * (draws - 1)), rel=tolerances.SPREAD_OF_SDS)
    z = (moments.mean.numpy() - statistics.full_batch(values)) / (exact / math.sqrt(draws))
    assert abs(z.mean()) < tolerances.STANDARD_ERRORS / math.sqrt(points)
    assert abs(z.var() - 1) < tolerances.STANDARD_ERRORS * math.sqrt(2 / points)
    beyond = (np.abs(z) > 1.959964).mean()
    assert abs(beyond - 0.05) < tolerances.STANDARD_ERRORS * math.sqrt(0.05 * 0.95 / points)


@pytest.mark.parametrize("splits", [[20], [1] * 20, [3, 7, 10], [19, 1]])
def test_running_moments_are_numpys_whatever_the_blocks(splits):
    draws = torch.from_numpy(np.random.default_rng(2).standard_normal((20, 6)) * 1e-3 + 100.0)
    moments, at_once = RunningMoments(), RunningMoments()
    at_once.add(draws)
    for block in draws.split(splits):
        moments.add(block)
    assert moments.count == 20
    assert torch.equal(moments.mean, at_once.mean)
    assert torch.equal(moments.sd(), at_once.sd())
    assert moments.sd().dtype == torch.float64
    np.testing.assert_allclose(moments.mean, draws.numpy().mean(0), **tolerances.MOMENTS)
    np.testing.assert_allclose(moments.sd(), draws.numpy().std(0, ddof=1), **tolerances.SMALL_SD)


def test_a_single_draw_has_a_mean_but_no_sd():
    moments = RunningMoments()
    assert moments.sd() is None
    moments.add(torch.tensor([[1.0, 2.0]]))
    assert moments.mean.tolist() == [1.0, 2.0]
    assert moments.sd() is None


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_running_moments_keep_the_precision(dtype):
    moments = RunningMoments()
    moments.add(torch.ones(3, 2, dtype=dtype))
    assert moments.mean.dtype == moments.sd().dtype == dtype
    assert moments.sd().tolist() == [0.0, 0.0]


def test_expected_nngpps_by_enumeration():
    """Every combination of batches at the points of a line, each batch with its own slope."""
    slopes = np.array([[-1.0, 2.0, 0.0], [-2.0, -1.0, 1.0], [1.0, 0.0, 3.0], [-1.0, 1.0, -1.0]])
    lines = list(itertools.product(*slopes.tolist()))
    expected = sum(len(reference.nngpps(line)) for line in lines) / len(lines)
    found = statistics.nngpp_chance((slopes < 0).mean(1), (slopes > 0).mean(1)).sum()
    assert found == pytest.approx(expected, rel=1e-12)
    assert expected > 0.5


def test_expected_nngpps_of_certain_slopes_are_the_nngpps():
    slope = np.array([-1.0, 1.0, 0.0, -1.0, 0.0, 1.0, -1.0, 1.0])
    certain = statistics.nngpp_chance((slope < 0).astype(float), (slope > 0).astype(float))
    assert certain.sum() == optima.nngpps(slope).sum() == 2


@pytest.mark.parametrize("points", range(1, 8))
def test_noise_ceiling_is_the_mean_over_all_orders(points):
    orders = list(itertools.permutations(range(points)))
    expected = sum(len(reference.minima(order)) for order in orders) / len(orders)
    assert statistics.noise_ceiling(points) == pytest.approx(expected, abs=1e-12)


def test_nngpp_chance_of_lines():
    generator = np.random.default_rng(3)
    negative, positive = generator.uniform(0, 1, (2, 3, 6))
    found = statistics.nngpp_chance(negative, positive)
    for line, place in np.ndindex(3, 6):
        expected = negative[line, place - 1] * positive[line, place] if place else 0.0
        assert found[line, place] == expected


STEPS = [(rows, columns) for rows in (-1, 0, 1) for columns in (-1, 0, 1) if rows or columns]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("size", [2, 3, 5])
def test_chances_in_every_direction_of_a_plane(step, size):
    generator = np.random.default_rng(3)
    negative, positive = generator.uniform(0, 1, (2, size, size))
    losses = generator.integers(0, 4, (6, size, size)).astype(float)  # few values, so that ties are common
    hole = (size - 1, 0)
    negative[hole] = positive[hole] = losses[2][hole] = math.nan
    nngpps = statistics.plane_nngpp_chance(negative, positive, step)
    minima = statistics.plane_minima_chance(losses, step)
    for point in np.ndindex(size, size):
        before = reference.neighbour(*point, (-step[0], -step[1]), size)
        after = reference.neighbour(*point, step, size)
        if hole in (point, before):
            assert math.isnan(nngpps[point])
        else:
            assert nngpps[point] == (negative[before] * positive[point] if before else 0.0)
        if point == hole or (before and after and hole in (before, after)):
            assert math.isnan(minima[point])
        elif before and after:
            triples = [losses[:, *place].tolist() for place in (before, point, after)]
            assert minima[point] == pytest.approx(reference.chance_of_minimum(*triples), abs=1e-15)
        else:
            assert minima[point] == 0.0


@pytest.mark.parametrize("draws", [1, 2, 7])
def test_chance_of_a_minimum_is_the_share_of_all_triples(draws):
    values = np.random.default_rng(draws).integers(-3, 3, (3, draws, 4, 2)).astype(float)
    found = statistics.chance_of_minimum(*values)
    assert found.shape == (4, 2)
    for place in np.ndindex(4, 2):
        triples = [side[:, *place].tolist() for side in values]
        assert found[place] == pytest.approx(reference.chance_of_minimum(*triples), abs=1e-15)


def test_chance_of_a_minimum_is_unbiased():
    """Over every outcome of two draws at each of three points, its mean is the chance itself."""
    possible = [(0.0, 2.0), (-1.0, 1.0, 1.5), (0.5, 1.0)]
    truth = reference.chance_of_minimum(*possible)
    outcomes = list(itertools.product(*(itertools.product(values, repeat=2) for values in possible)))
    before, here, after = (np.array([outcome[side] for outcome in outcomes]).T for side in range(3))
    assert statistics.chance_of_minimum(before, here, after).mean() == pytest.approx(truth, rel=1e-12)
    assert 0 < truth < 1


def test_chance_of_a_minimum_has_less_noise_than_counting():
    """Of independent noise a third of all points are minima."""
    noise = np.random.default_rng(0).standard_normal((3, 50, 5_000))
    chance = statistics.chance_of_minimum(*noise)
    counted = ((noise[0] > noise[1]) & (noise[1] < noise[2])).mean(0)
    assert chance.mean() == pytest.approx(1 / 3, abs=tolerances.STANDARD_ERRORS * chance.std() / math.sqrt(5_000))
    assert chance.var() < 0.7 * counted.var()


def test_chance_of_a_minimum_whatever_the_rows_at_a_time_and_the_default_precision(monkeypatch):
    values = np.random.default_rng(1).standard_normal((3, 9, 23))
    expected = statistics.chance_of_minimum(*values)
    assert expected.dtype == np.float64
    monkeypatch.setattr(statistics, "ROWS_AT_A_TIME", 5)
    np.testing.assert_array_equal(statistics.chance_of_minimum(*values), expected)
    single = statistics.chance_of_minimum(*values.astype(np.float32))
    np.testing.assert_array_equal(single, expected)
    assert single.dtype == np.float64


def test_no_chance_of_a_minimum_where_a_draw_is_no_number():
    values = np.random.default_rng(1).standard_normal((3, 4, 5))
    for side in range(3):
        values[side, side, side] = math.nan
    assert np.isnan(statistics.chance_of_minimum(*values)).tolist() == [True, True, True, False, False]


@pytest.mark.parametrize("rows", [1_000, 4, 1])
def test_shares_of_signs_are_counts(rows, monkeypatch):
    monkeypatch.setattr(statistics, "SIGN_ROWS_AT_A_TIME", rows)
    values = torch.from_numpy(np.random.default_rng(2).integers(-1, 2, (9, 6)).astype(float))
    values[3, 2] = math.nan
    batches = torch.tensor(
        [[1.0, 1, 0, 0, 1], [1, 0, 0, 1, 1], [0, 1, 1, 0, 1], [0, 0, 1, 1, 1], [0, 0, 0, 0, 1], [0] * 5]
    )
    below, above = statistics.sign_shares(values, batches)
    for place in range(9):
        sums = [sum(values[place, n].item() for n in range(6) if batches[n, k]) for k in range(5)]
        if place != 3:
            assert below[place] == sum(value < 0 for value in sums) / 5
            assert above[place] == sum(value > 0 for value in sums) / 5
    assert below[3] == above[3] == 0.0
    assert (below + above < 1).any()


def test_shares_of_signs_in_single_precision():
    values = torch.tensor([[1.0, -2.0], [0.0, 0.0]], dtype=torch.float32)
    below, above = statistics.sign_shares(values, torch.eye(2, dtype=torch.float64))
    assert (below.tolist(), above.tolist()) == ([0.5, 0.0], [0.5, 0.0])
    assert below.dtype == np.float64
