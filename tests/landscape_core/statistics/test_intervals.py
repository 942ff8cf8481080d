"""A number among many, and the interval of a share."""

import numpy as np
import pytest

from landscape_core.statistics import intervals


def test_the_ends_of_the_central_95_percent_are_inside():
    many = np.repeat([1, 2, 3, 4], [24, 1, 950, 25])
    assert [intervals.rank_among(number, many).inside for number in range(6)] == [
        False,
        False,
        True,
        True,
        False,
        False,
    ]
    found = intervals.rank_among(2, many)
    assert (found.low, found.high) == (2, 3)
    assert found.percentile < 2.5  # those that are equal count by half


@pytest.mark.parametrize(("held", "count"), [(0, 1), (1, 1), (0, 200), (200, 200), (7, 10), (188, 200), (1, 3)])
def test_wilsons_interval(held, count):
    from scipy.stats import binomtest

    found = intervals.share(np.array([1] * held + [0] * (count - held) + [-1] * 4, dtype=np.int8))
    interval = binomtest(held, count).proportion_ci(0.95, method="wilson")
    assert (found.held, found.count, found.share) == (held, count, held / count)
    assert found.low == pytest.approx(interval.low, abs=1e-12)
    assert found.high == pytest.approx(interval.high, abs=1e-12)
    assert 0 <= found.low <= found.share <= found.high <= 1


def test_nothing_among_nothing():
    assert intervals.rank_among(3, np.array([], dtype=int)) is None
    assert intervals.share(np.array([-1, -1], dtype=np.int8)) is None
    assert intervals.rank_among(5, np.array([7])) == intervals.Among(1, 7.0, 7, 7, False, 0.0)
    assert intervals.rank_among(7, np.array([7])).percentile == 50.0


def test_a_central_range_leaves_out_what_is_not_known():
    values = np.append(np.arange(101.0), [np.nan] * 7)
    assert intervals.central_range(values) == intervals.CentralRange(101, 50.0, 2.5, 97.5)
    assert intervals.central_range(values[-7:]) is None


def test_a_share_over_groups_is_the_mean_of_their_shares():
    found = intervals.grouped_share(np.array([5, 0, 3]), np.array([10, 0, 4]))
    assert (found.groups, found.share) == (2, (0.5 + 0.75) / 2)
    assert intervals.grouped_share(np.array([0, 0]), np.array([0, 0])) is None
    all_held = intervals.grouped_share(np.array([4, 4]), np.array([4, 4]))
    assert (all_held.low, all_held.high) == (1.0, 1.0)


def test_the_hierarchical_interval_against_a_plain_loop():
    generator = np.random.default_rng(1)
    held, count = np.array([5, 18, 2, 9, 14]), np.array([20, 20, 10, 20, 15])
    means = []
    for _ in range(4_000):
        shares = []
        for group in generator.choice(5, 5):
            verdicts = np.repeat([1, 0], [held[group], count[group] - held[group]])
            shares.append(generator.choice(verdicts, count[group]).mean())
        means.append(np.mean(shares))
    found = intervals.grouped_share(held, count)
    assert (found.low, found.high) == pytest.approx(np.percentile(means, [2.5, 97.5]), abs=0.02)


def test_the_hierarchical_interval_covers_the_truth_where_a_pooled_one_does_not():
    """Groups whose probabilities scatter around 0.6, 30 of them with 20 verdicts each."""
    generator = np.random.default_rng(2)
    hierarchical = pooled = 0
    for _ in range(200):
        held = generator.binomial(20, generator.beta(6, 4, 30))
        found = intervals.grouped_share(held, np.full(30, 20))
        plain = intervals.share(np.repeat([1, 0], [held.sum(), 600 - held.sum()]))
        hierarchical += found.low <= 0.6 <= found.high
        pooled += plain.low <= 0.6 <= plain.high
    assert hierarchical >= 186  # 190 expected, standard error 3
    assert pooled < 175
