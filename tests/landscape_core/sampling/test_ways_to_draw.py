"""Mini-batches with replacement and by an epoch's shuffle: what is drawn, and the laws that it follows."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import reference
import tolerances
import torch
from scipy.stats import chi2, norm

from landscape_core.random_streams import Purpose
from landscape_core.sampling import minibatches
from landscape_core.sampling.minibatches import SHUFFLE, WITH, WITHOUT, Batches, batch_means, draw_shared, static_means
from landscape_core.statistics import moments


def drawn(way, size, samples, draws, points, seed=0):
    """The samples of each mini-batch, (draws, points, B), read back from means of indicators."""
    batches = Batches(size, seed, Purpose.LINES, way)
    indicators = [(torch.arange(samples) == n).double().expand(points, -1) for n in range(samples)]
    blocks = zip(*batch_means(indicators, batches, range(draws)), strict=True)
    times = np.stack([torch.cat(block).numpy() * size for block in blocks], -1).round().astype(int)
    return np.array([np.repeat(np.arange(samples), one) for one in times.reshape(-1, samples)]).reshape(
        draws, points, -1
    )


def assert_uniform(cells, number):
    counts = np.bincount(cells, minlength=number)
    expected = counts.sum() / number
    statistic = ((counts - expected) ** 2 / expected).sum()
    assert len(counts) == number
    assert (
        chi2.ppf(tolerances.CHI_SQUARE_TAIL, number - 1) < statistic < chi2.isf(tolerances.CHI_SQUARE_TAIL, number - 1)
    )


def numbered(batches, cells):
    """Which of some cells each mini-batch, or row of several, is."""
    place = {cell: number for number, cell in enumerate(cells)}
    return np.array([place[tuple(row)] for row in np.asarray(batches).tolist()])


# what is drawn


@pytest.mark.parametrize(("points", "size"), [(1, 3), (8, 1), (9, 5), (9, 12)])
def test_with_replacement_every_word_is_a_sample(points, size):
    """Half a 64-bit word a point and step, times N, in whole numbers."""
    found = drawn(WITH, size, 12, 2, points, seed=7)
    for draw in range(2):
        stream = np.random.Philox(np.random.SeedSequence(7, spawn_key=(Purpose.LINES, draw)))
        expected = [[] for _ in range(points)]
        for _ in range(size):
            raw = stream.random_raw((points + 1) // 2).tolist()
            halves = [half for word in raw for half in (word % 2**32, word // 2**32)]
            for batch, word in zip(expected, halves, strict=False):
                batch.append(word * 12 // 2**32)
        assert found[draw].tolist() == [sorted(batch) for batch in expected]


@pytest.mark.parametrize(("samples", "size"), [(12, 1), (12, 5), (12, 6), (13, 4), (12, 7), (12, 12)])
@pytest.mark.parametrize("points", [1, 5, 9])
def test_a_shuffled_epoch_deals_out_an_urn(samples, size, points):
    """Successive points take successive parts of an order; what is left over at its end is not used."""
    each = samples // size
    found = drawn(SHUFFLE, size, samples, 2, points, seed=3)
    for draw in range(2):
        orders = reference.urns(3, Purpose.LINES, draw, math.ceil(points / each), samples, each * size)
        for point in range(points):
            urn, place = divmod(point, each)
            assert found[draw, point].tolist() == sorted(orders[urn][place * size : (place + 1) * size])


@pytest.mark.parametrize("size", [1, 10, 37, 75])
def test_an_epoch_uses_each_sample_at_most_once(size):
    found = drawn(SHUFFLE, size, 150, 3, 400)
    each = 150 // size
    for draw, begin in itertools.product(range(3), range(0, 400, each)):
        epoch = found[draw, begin : begin + each].ravel()
        assert len(set(epoch.tolist())) == len(epoch)


def test_ways_that_are_the_same():
    """An epoch of one mini-batch is a fresh urn; one sample alone cannot be drawn twice."""
    for size in (76, 149, 150):
        assert (drawn(SHUFFLE, size, 150, 2, 9) == drawn(WITHOUT, size, 150, 2, 9)).all()
    assert (drawn(WITH, 1, 150, 3, 9) == drawn(WITHOUT, 1, 150, 3, 9)).all()
    assert not (drawn(SHUFFLE, 1, 150, 3, 9) == drawn(WITHOUT, 1, 150, 3, 9)).all()


@pytest.mark.parametrize("way", [WITH, SHUFFLE])
@pytest.mark.parametrize("size", [1, 10, 75, 150])
@pytest.mark.parametrize("part", [range(1), range(14, 31), range(29, 30), range(3, 40)])
def test_some_points_have_the_mini_batches_that_they_have_among_all(monkeypatch, way, size, part):
    """Whichever block a draw falls into, and whether or not urns are kept."""
    values = torch.from_numpy(np.random.default_rng(0).standard_normal((40, 150)))
    batches = Batches(size, 2, Purpose.PLANE, way)
    (whole,) = next(batch_means([values], batches, range(5)))
    for rows, kept in ((1, 0), (45, 10**6), (10**6, 0)):
        monkeypatch.setattr(minibatches, "BLOCK_ROWS", rows)
        monkeypatch.setattr(minibatches, "LARGEST_KEPT", kept)
        own = values[part.start : part.stop]
        found = [block for (block,) in batch_means([own], batches, range(5), first=part.start, points=40)]
        assert torch.equal(torch.cat(found), whole[:, part.start : part.stop])


@pytest.mark.parametrize("size", [1, 10, 75, 76, 150])
def test_static_batches_of_successive_draws_share_an_urn(size):
    """The mean of an epoch's curves, weighted as its samples are, is that of an urn; urns have the draws' numbers."""
    values = torch.from_numpy(np.random.default_rng(1).standard_normal((6, 150)))
    each = 150 // size
    (found,) = static_means([values], Batches(size, 5, Purpose.STATIC, SHUFFLE), range(2 * each))
    for epoch in range(2):
        (order,) = reference.urns(5, Purpose.STATIC, epoch, 1, 150, 150)
        for place in range(each):
            own = values[:, order[place * size : (place + 1) * size]].mean(1)
            np.testing.assert_allclose(found[epoch * each + place], own, **tolerances.BATCH_SUM)
    some = [2 * each - 1, each - 1]
    (few,) = static_means([values], Batches(size, 5, Purpose.STATIC, SHUFFLE), some)
    assert torch.equal(few, found[some])


# laws, against chi-square


def test_with_replacement_every_row_of_samples_is_equally_likely():
    pairs = list(itertools.combinations_with_replacement(range(4), 2))
    found = numbered(drawn(WITH, 2, 4, 10, 3_000).reshape(-1, 2), pairs)
    # (0, 1) and (1, 0) are one mini-batch: twice as likely as (0, 0)
    weights = np.array([1 if first == second else 2 for first, second in pairs]) / 16
    counts = np.bincount(found, minlength=len(pairs))
    statistic = ((counts - len(found) * weights) ** 2 / (len(found) * weights)).sum()
    assert chi2.ppf(tolerances.CHI_SQUARE_TAIL, 9) < statistic < chi2.isf(tolerances.CHI_SQUARE_TAIL, 9)


@pytest.mark.parametrize(("way", "gap"), [(WITH, 1), (SHUFFLE, 6)])
def test_mini_batches_of_different_urns_are_independent(way, gap):
    """At points of neighbouring epochs, and at one point in neighbouring draws; epochs are of six points."""
    found = drawn(way, 1, 6, 10, 4_800)[..., 0]
    assert_uniform((6 * found[:, : -gap : 2 * gap] + found[:, gap :: 2 * gap]).ravel(), 36)
    assert_uniform((6 * found[:-1:2] + found[1::2])[:, ::6].ravel(), 36)


def test_every_pair_of_mini_batches_of_an_epoch_is_equally_likely():
    pairs = [
        one + other
        for one in itertools.combinations(range(6), 2)
        for other in itertools.combinations(range(6), 2)
        if not set(one) & set(other)
    ]
    found = drawn(SHUFFLE, 2, 6, 10, 6_000)
    assert len(pairs) == 90
    for first, second in ((0, 1), (1, 2), (0, 2)):
        rows = np.concatenate([found[:, first::3], found[:, second::3]], axis=2).reshape(-1, 4)
        assert_uniform(numbered(rows, pairs), 90)


def test_shared_mini_batches_with_replacement():
    inside = draw_shared(Batches(2, 0, Purpose.SIGNS, WITH), 30_000, 4)
    assert inside.shape == (4, 30_000)
    assert (inside.sum(0) == 2).all()
    assert_uniform(
        numbered(inside[:, (inside == 1).sum(0) == 2].T, {tuple(row) for row in inside.T.tolist() if 1 in row}), 6
    )
    twice = float((inside == 2).any(0).double().mean())
    assert abs(twice - 1 / 4) < tolerances.STANDARD_ERRORS * math.sqrt(3 / 16 / 30_000)


# laws, by enumeration

VALUES = [Fraction(value) for value in (1, -2, 3, 5, -8, 2, -1)]
OTHERS = [Fraction(value) for value in (2, 1, -3, 4, -1, 7, -6)]


def mean(values):
    values = list(values)
    return sum(values, Fraction()) / len(values)


def covariance(one, other):
    return mean(a * b for a, b in zip(one, other, strict=True)) - mean(one) * mean(other)


def pairs_of_an_urn(samples, size):
    """Every pair of mini-batches without a sample in common: all equally likely for two of one urn."""
    for one in itertools.combinations(range(samples), size):
        for other in itertools.combinations(sorted(set(range(samples)) - set(one)), size):
            yield one, other


@pytest.mark.parametrize(("samples", "size"), [(2, 2), (4, 1), (4, 3), (4, 4), (5, 4), (7, 3)])
def test_sd_with_replacement_is_that_over_all_rows_of_samples(samples, size):
    values = VALUES[:samples]
    means = [mean(row) for row in itertools.product(values, repeat=size)]
    variance = covariance(means, means)
    assert variance == covariance(values, values) / size
    table = torch.tensor([[float(value) for value in values]], dtype=torch.float64)
    found = moments.exact_sd(table, size, WITH).item()
    assert found == pytest.approx(math.sqrt(variance), rel=1e-12)
    assert moments.batch_factor(samples, size, WITH) == pytest.approx(1 / size, rel=1e-15)
    assert found > moments.exact_sd(table, size).item() or size == 1


@pytest.mark.parametrize(("samples", "size"), [(4, 1), (4, 2), (6, 2), (6, 3), (7, 2), (7, 3)])
def test_moments_of_an_epochs_shuffle_over_all_orders(samples, size):
    """Each mini-batch has the SD without replacement; two of one urn have the covariance of two samples, −C / (N − 1)."""
    values, others = VALUES[:samples], OTHERS[:samples]
    orders = list(itertools.permutations(range(samples))) if samples < 7 else []
    pairs = list(pairs_of_an_urn(samples, size))
    if orders:  # an order cut into mini-batches gives each pair equally often
        cut = [(tuple(sorted(order[:size])), tuple(sorted(order[size : 2 * size]))) for order in orders]
        assert {cut.count(pair) for pair in pairs} == {len(orders) // len(pairs)}
    here = [mean(values[n] for n in one) for one, _ in pairs]
    there = [mean(others[n] for n in other) for _, other in pairs]
    assert covariance(here, there) == -covariance(values, others) / (samples - 1)
    table = torch.tensor([[float(value) for value in values]], dtype=torch.float64)
    found = moments.exact_sd(table, size, SHUFFLE).item()
    assert found == pytest.approx(math.sqrt(covariance(here, here)), rel=1e-12)
    again = [mean(values[n] for n in other) for _, other in pairs]
    assert covariance(here, again) / covariance(here, here) == Fraction(-size, samples - size)


@pytest.mark.parametrize(("samples", "size"), [(4, 1), (4, 2), (6, 2), (6, 3), (7, 2), (7, 3)])
@pytest.mark.parametrize("back", [1, 2, -1, -3])
def test_joint_chances_of_all_urns_are_those_of_all_pairs(monkeypatch, samples, size, back):
    """P(− before, + here) of two of one urn, from every pair, and from the engine's sums over every urn."""
    monkeypatch.setattr(moments, "SIGN_ROWS_AT_A_TIME", 3)
    table = np.random.default_rng(0).integers(-6, 7, (8, samples)).astype(float)
    each = samples // size
    orders = itertools.permutations(range(samples))
    urns = [order[place * size : (place + 1) * size] for order in orders for place in range(each)]
    inside = np.zeros((samples, len(urns)))
    inside[np.array(urns).T, np.arange(len(urns))] = 1
    found = moments.joint_shares(torch.from_numpy(table), torch.from_numpy(inside), each, back)
    differs = 0
    for point in range(8):
        before = point - back
        if not 0 <= before < 8:
            assert np.isnan(found[point])
            continue
        pairs = list(pairs_of_an_urn(samples, size))
        both = sum(table[before, list(one)].sum() < 0 < table[point, list(other)].sum() for one, other in pairs)
        assert found[point] == pytest.approx(both / len(pairs), rel=1e-12)
        apart = mean(Fraction(int(table[before, list(one)].sum() < 0)) for one, _ in pairs)
        apart *= mean(Fraction(int(table[point, list(other)].sum() > 0)) for _, other in pairs)
        differs += apart != Fraction(both, len(pairs))
    assert differs  # a product of the two chances would be something else


# what noise gives


@pytest.mark.parametrize(("samples", "size"), [(20, 10), (20, 5), (20, 4), (150, 75), (150, 50)])
def test_minima_of_noise_in_shuffled_epochs(samples, size):
    """Normal scores, the same at every point: whole epochs, cut from permutations by numpy."""
    scores = norm.ppf((np.arange(samples) + 0.5) / samples)
    each, generator = samples // size, np.random.default_rng(0)
    orders = generator.permuted(np.tile(scores, (60_000, 1)), axis=1)
    curve = orders[:, : each * size].reshape(-1, size).mean(1)
    share = ((curve[:-2] > curve[1:-1]) & (curve[1:-1] < curve[2:])).mean()
    chance = moments.noise_chance(samples, Batches(size, 0, Purpose.LINES, SHUFFLE))
    assert abs(share - chance) < tolerances.STANDARD_ERRORS * math.sqrt(1 / 4 / len(curve))
    assert chance > 1 / 3 + 0.001


def test_two_mini_batches_an_epoch_give_three_minima_of_eight():
    assert moments.noise_chance(150, Batches(75, 0, Purpose.LINES, SHUFFLE)) == pytest.approx(3 / 8, rel=1e-12)
    for way, size in ((WITHOUT, 75), (WITH, 150), (SHUFFLE, 76), (SHUFFLE, 150)):
        assert moments.noise_chance(150, Batches(size, 0, Purpose.LINES, way)) == 1 / 3
    assert moments.noise_ceiling(100, 3 / 8) == pytest.approx(98 * 3 / 8)
