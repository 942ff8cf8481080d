import itertools
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import reference
import tolerances
import torch
from cachetools import LRUCache, cached
from scipy.stats import chi2

from landscape_core.random_streams import Purpose
from landscape_core.sampling import minibatches
from landscape_core.sampling.minibatches import (
    Batches,
    batch_means,
    draw_shared,
    find_urn_rest,
    shuffle_urns,
    static_means,
)
from landscape_core.statistics import moments


def plane(size, seed=0):
    return Batches(size, seed, Purpose.PLANE)


def all_means(values, batches, draws):
    """The streamed blocks, joined: one (D, G) tensor for each quantity."""
    return [torch.cat(blocks) for blocks in zip(*batch_means(values, batches, draws), strict=True)]


def binary(points, samples):
    """Per-sample values from whose batch sum the batch can be read back: 2ⁿ."""
    assert samples <= 50
    return (2.0 ** torch.arange(samples, dtype=torch.float64)).expand(points, samples)


def members(means, size):
    """The batches behind the means of `binary` values, as sorted tuples, draws × points."""
    sums = (means * size).round().to(torch.int64)
    return [[tuple(n for n in range(50) if int(total) >> n & 1) for total in row] for row in sums]


def assert_uniform(counts):
    """Every cell equally likely, by Pearson's chi-square."""
    counts = np.asarray(counts)
    expected = counts.sum() / counts.size
    statistic = ((counts - expected) ** 2 / expected).sum()
    assert statistic < chi2.isf(tolerances.CHI_SQUARE_TAIL, counts.size - 1)
    assert statistic > chi2.ppf(tolerances.CHI_SQUARE_TAIL, counts.size - 1)  # nor more even than chance


@pytest.mark.parametrize("samples", [1, 2, 7, 150, 255, 256, 257, 300])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 1.0])
def test_urns_hold_every_sample_once(samples, share):
    size = max(1, round(share * samples))
    order = shuffle_urns(plane(size), range(3), 5, samples)
    assert order.shape == (15, samples)
    np.testing.assert_array_equal(np.sort(order, axis=1), np.tile(np.arange(samples), (15, 1)))


def test_a_draws_means_alone_are_those_among_many():
    values = torch.from_numpy(np.random.default_rng(0).standard_normal((6, 20)))
    (many,) = all_means([values], plane(4), range(8))
    for draw in range(8):
        (alone,) = all_means([values], plane(4), [draw])
        assert torch.equal(alone[0], many[draw])


def test_more_samples_than_sixteen_bits_count():
    samples = 2**16 + 1
    order = shuffle_urns(plane(20), [0], 40, samples)
    assert order.dtype == np.uint32
    assert (np.sort(order[:, :20], axis=1)[:, 1:] > np.sort(order[:, :20], axis=1)[:, :-1]).all()
    assert order[:, :20].max() > 2**15
    values = torch.arange(samples, dtype=torch.float64).expand(40, samples)
    (means,) = all_means([values], plane(20), [0])
    np.testing.assert_allclose(means[0], order[:, :20].astype(float).mean(1), **tolerances.MOMENTS)


@pytest.mark.parametrize("place", [0, 3, 6])
def test_every_sample_is_equally_likely_at_every_place(place):
    order = shuffle_urns(plane(7), range(10), 2_000, 7)
    assert_uniform(np.bincount(order[:, place], minlength=7))


def test_every_sample_of_iris_is_equally_likely():
    assert_uniform(np.bincount(shuffle_urns(plane(1), range(3), 15_000, 150)[:, 0], minlength=150))


def test_every_sample_is_equally_often_in_a_batch():
    order = shuffle_urns(plane(10), range(50), 400, 150)[:, :10]
    counts = np.bincount(order.ravel(), minlength=150)
    expected = counts.sum() / 150
    # the members of one batch exclude each other, which makes the counts more even by (N − B) / (N − 1)
    statistic = ((counts - expected) ** 2 / expected).sum() * 149 / 140
    assert chi2.ppf(tolerances.CHI_SQUARE_TAIL, 149) < statistic < chi2.isf(tolerances.CHI_SQUARE_TAIL, 149)


@pytest.mark.parametrize(("samples", "size"), [(6, 2), (6, 3), (6, 4), (5, 2), (8, 7)])
def test_every_batch_is_equally_likely(samples, size):
    batches = list(itertools.combinations(range(samples), size))
    order = np.sort(shuffle_urns(plane(size, seed=3), range(10), 3_000, samples)[:, :size], axis=1)
    place = {batch: number for number, batch in enumerate(batches)}
    assert_uniform(np.bincount([place[tuple(row)] for row in order.tolist()], minlength=len(batches)))


def test_every_order_is_equally_likely():
    orders = {order: number for number, order in enumerate(itertools.permutations(range(4)))}
    rows = shuffle_urns(plane(4, seed=1), range(10), 3_000, 4).tolist()
    assert_uniform(np.bincount([orders[tuple(row)] for row in rows], minlength=24))


def test_a_fresh_batch_at_every_point_and_draw():
    """First samples at neighbouring points, and at one point in neighbouring draws, are independent."""
    first = shuffle_urns(plane(1), range(10), 4_000, 6)[:, 0].reshape(10, 4_000).astype(int)
    assert_uniform(np.bincount((6 * first[:, :-1:2] + first[:, 1::2]).ravel(), minlength=36))
    assert_uniform(np.bincount((6 * first[:-1:2] + first[1::2]).ravel(), minlength=36))


@pytest.mark.parametrize("other", [Batches(5, 1, Purpose.PLANE), Batches(5, 0, Purpose.LINES)])
def test_other_seeds_and_purposes_draw_other_batches(other):
    one = shuffle_urns(plane(5), range(2), 5_000, 150)[:, 0]
    two = shuffle_urns(other, range(2), 5_000, 150)[:, 0]
    same = (one == two).mean()
    assert abs(same - 1 / 150) < tolerances.STANDARD_ERRORS * np.sqrt(1 / 150 / 10_000)


@pytest.mark.parametrize("samples", [20, 150, 300])
def test_batches_are_nested_in_their_size(samples):
    large = shuffle_urns(plane(samples), range(2), 30, samples)
    for size in (1, 2, 7, samples // 2, samples - 1):
        np.testing.assert_array_equal(shuffle_urns(plane(size), range(2), 30, samples)[:, :size], large[:, :size])


def test_a_draw_alone_is_the_draw_among_many():
    many = shuffle_urns(plane(4), range(6), 11, 20).reshape(6, 11, 20)
    for draw in range(6):
        np.testing.assert_array_equal(shuffle_urns(plane(4), [draw], 11, 20), many[draw])
    np.testing.assert_array_equal(shuffle_urns(plane(4), [5, 2], 11, 20).reshape(2, 11, 20), many[[5, 2]])


@pytest.mark.parametrize("samples", [1, 2, 20, 150, 300])
@pytest.mark.parametrize("left", [0, 1, 3, 10, 11, 15])
@pytest.mark.parametrize(("draws", "points"), [([0], 30), ([4, 0, 9], 7), (range(5), 1)])
def test_the_rest_is_what_the_urn_leaves(samples, left, draws, points):
    size = max(1, samples - left)
    expected = shuffle_urns(plane(size), draws, points, samples)[:, size:]
    found = find_urn_rest(plane(size), draws, points, samples, range(points))
    assert (found.dtype, found.shape) == (expected.dtype, expected.shape)
    np.testing.assert_array_equal(found, expected)


def test_the_full_batch_takes_no_random_numbers(monkeypatch):
    monkeypatch.setattr(minibatches, "batch_stream", lambda *_: pytest.fail("drawn"))
    values = torch.from_numpy(np.random.default_rng(0).standard_normal((7, 20)))
    (means,) = all_means([values], plane(20), range(3))
    np.testing.assert_array_equal(means[2], moments.full_batch(values))


@pytest.mark.parametrize("points", [1, 7, 400])
@pytest.mark.parametrize("rows", [1, 50, 10**6])
def test_words_are_taken_step_by_step_however_many_at_once(monkeypatch, points, rows):
    monkeypatch.setattr(minibatches, "BLOCK_ROWS", rows)
    expected = reference.urns(0, Purpose.PLANE, 3, points, 20, 6)
    np.testing.assert_array_equal(shuffle_urns(plane(6), [3], points, 20), expected)


PARTS = [
    (points, range(begin, begin + count))
    for points in (1, 2, 9, 10, 401)
    for begin in (0, 1, 2, 3, 5, 7, 8, 399)
    for count in (1, 2, 3, 150)
    if begin + count <= points
]


@pytest.mark.parametrize(("points", "part"), PARTS)
def test_some_points_have_the_urns_that_all_words_give(points, part):
    """Whatever word the first point begins with: odd and even starts and ends, planes of odd and even size."""
    expected = [
        order
        for draw in (4, 0)
        for order in reference.urns(7, Purpose.PLANE, draw, points, 12, 9)[part.start : part.stop]
    ]
    np.testing.assert_array_equal(shuffle_urns(plane(9, seed=7), [4, 0], points, 12, part), expected)
    rest = [order[9:] for order in expected]
    np.testing.assert_array_equal(find_urn_rest(plane(9, seed=7), [4, 0], points, 12, part), rest)


def test_some_points_take_their_own_words_alone(monkeypatch):
    """Ten of a hundred million points: all words would be 50 million a step."""
    read = []

    class Counted(minibatches.WordReader):
        def read(self, first, count):
            read.append(count)
            return super().read(first, count)

    monkeypatch.setattr(minibatches, "WordReader", Counted)
    shuffle_urns(plane(5), [0, 1], 10**8, 150, range(10**7 + 1, 10**7 + 11))
    assert read == [6] * 10  # ten halves from an odd point on, for each step and draw


@pytest.mark.parametrize("size", [1, 10, 11, 19, 20])
def test_static_means_are_those_of_one_urn_a_draw(size):
    values = torch.from_numpy(np.random.default_rng(0).standard_normal((2, 7, 20)))
    order = shuffle_urns(plane(size), range(5), 1, 20)[:, :size]
    for value, means in zip(values, static_means(list(values), plane(size), range(5)), strict=True):
        assert means.shape == (5, 7)
        for draw, point in itertools.product(range(5), range(7)):
            expected = np.mean([float(value[point, sample]) for sample in order[draw]])
            np.testing.assert_allclose(means[draw, point], expected, **tolerances.BATCH_SUM)
    if size == 20:
        np.testing.assert_array_equal(means, np.broadcast_to(moments.full_batch(values[1]), (5, 7)))


def test_static_batches_are_nested_and_equally_likely():
    batches = list(itertools.combinations(range(6), 3))
    values = binary(1, 6)
    (means,) = static_means([values], plane(3, seed=2), range(3_000))
    (larger,) = static_means([values], plane(4, seed=2), range(3_000))
    found = [batch for (batch,) in members(means, 3)]
    assert all(set(small) < set(large) for small, (large,) in zip(found, members(larger, 4), strict=True))
    assert_uniform([found.count(batch) for batch in batches])


@pytest.mark.parametrize("size", [1, 3, 10, 11, 19, 20])
def test_means_are_those_of_the_urns_batches(size):
    values = torch.from_numpy(np.random.default_rng(0).standard_normal((7, 20)))
    order = shuffle_urns(plane(size), range(5), 7, 20).reshape(5, 7, 20)[..., :size]
    (means,) = all_means([values], plane(size), range(5))
    assert means.shape == (5, 7)
    for draw, point in itertools.product(range(5), range(7)):
        expected = np.mean([float(values[point, sample]) for sample in order[draw, point]])
        np.testing.assert_allclose(means[draw, point], expected, **tolerances.BATCH_SUM)


@pytest.mark.parametrize("size", [1, 10, 20, 21, 39, 40])
def test_every_mean_is_of_distinct_samples_and_that_many(size):
    (means,) = all_means([binary(30, 40)], plane(size), range(4))
    found = members(means, size)
    assert {len(batch) for row in found for batch in row} == {size}
    if 1 < size < 39:
        assert len({batch for row in found for batch in row}) == 120


def test_loss_and_slope_see_the_same_batches():
    ahead = binary(30, 40)
    loss, slope = all_means([ahead, ahead.flip(-1)], plane(10), range(4))
    mirrored = [[tuple(39 - n for n in reversed(batch)) for batch in row] for row in members(slope, 10)]
    assert members(loss, 10) == mirrored
    assert len({batch for row in mirrored for batch in row}) > 100


@pytest.mark.parametrize("size", [1, 10, 100, 150])
def test_the_size_of_a_block_changes_nothing(monkeypatch, size):
    values = torch.from_numpy(np.random.default_rng(0).standard_normal((2, 13, 150)))
    expected = all_means(list(values), plane(size), range(9))
    for rows in (1, 13, 40, 10**6):
        monkeypatch.setattr(minibatches, "BLOCK_ROWS", rows)
        assert all(
            torch.equal(one, other)
            for one, other in zip(all_means(list(values), plane(size), range(9)), expected, strict=True)
        )


def test_blocks_are_as_large_as_allowed(monkeypatch):
    values = [torch.zeros(10, 6, dtype=torch.float64)]
    monkeypatch.setattr(minibatches, "BLOCK_ROWS", 35)
    assert [len(block) for (block,) in batch_means(values, plane(2), range(7))] == [3, 3, 1]
    assert list(batch_means(values, plane(2), [])) == []


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_a_batch_of_all_samples_is_the_full_batch_bit_for_bit(dtype):
    values = torch.from_numpy(np.random.default_rng(0).standard_normal((50, 150))).to(dtype)
    (means,) = all_means([values], plane(150), range(4))
    assert means.dtype == dtype
    for draw in means:
        np.testing.assert_array_equal(draw.numpy(), moments.full_batch(values))


@pytest.mark.parametrize("size", [1, 20, 140, 150])
def test_holes_stay_holes(size):
    values = torch.ones(4, 150, dtype=torch.float64)
    values[2] = torch.nan
    (means,) = all_means([values], plane(size), range(3))
    assert means.isnan().tolist() == [[False, False, True, False]] * 3


def test_no_global_random_state_is_touched():
    torch_state, numpy_state = torch.get_rng_state(), str(np.random.get_state())  # noqa: NPY002
    all_means([torch.zeros(5, 20, dtype=torch.float64)], plane(3), range(3))
    assert torch.equal(torch.get_rng_state(), torch_state)
    assert str(np.random.get_state()) == numpy_state  # noqa: NPY002


# mini-batches that are shared by all points


@pytest.mark.parametrize(
    ("size", "least", "number"),
    [
        (1, 1, 12),
        (1, 13, 24),
        (2, 6, 6),
        (5, 5, 6),
        (6, 3, 4),
        (7, 5, 6),
        (10, 7, 12),
        (11, 12, 12),
        (11, 13, 24),
        (12, 9, 1),
    ],
)
def test_shared_batches_have_their_size_and_do_not_overlap(size, least, number):
    """As many as an urn of 12 holds, or leaves out, differ in all of their samples, or in all that they leave out."""
    inside = draw_shared(Batches(size, 3, Purpose.SIGNS), least, 12)
    assert inside.shape == (12, number)
    assert set(inside.unique().tolist()) <= {0.0, 1.0}
    assert (inside.sum(0) == size).all()
    smaller = 1 - inside if 2 * size > 12 else inside
    each = max(1, 12 // min(size, 12 - size)) if size < 12 else 1
    for urn_ in smaller.split(each, dim=1):
        assert (urn_.sum(1) <= 1).all()


def test_every_shared_batch_is_equally_likely():
    for size in (2, 4):
        inside = draw_shared(Batches(size, 0, Purpose.SIGNS), 30_000, 6)
        each = 6 // min(size, 6 - size)
        batches = [tuple(np.flatnonzero(column)) for column in inside.numpy().T]
        for place in range(each):  # those of one urn belong together
            counts = [batches[place::each].count(batch) for batch in itertools.combinations(range(6), size)]
            assert_uniform(counts)


def test_shared_batches_follow_their_seed_and_purpose():
    one = draw_shared(Batches(10, 1, Purpose.SIGNS), 100, 150)
    assert torch.equal(one, draw_shared(Batches(10, 1, Purpose.SIGNS), 100, 150))
    assert torch.equal(one[:, :30], draw_shared(Batches(10, 1, Purpose.SIGNS), 30, 150))
    for other in (Batches(10, 2, Purpose.SIGNS), Batches(10, 1, Purpose.PLANE)):
        assert not torch.equal(one, draw_shared(other, 100, 150))


@pytest.mark.parametrize("size", [1, 6, 14, 19, 20])
@pytest.mark.parametrize("part", [range(7), range(1), range(2, 5), range(3, 7)])
def test_the_urns_of_some_points_are_those_among_all(size: int, part: range) -> None:
    order = shuffle_urns(plane(size), range(3), 7, 20).reshape(3, 7, 20)[:, part.start : part.stop].reshape(-1, 20)
    np.testing.assert_array_equal(shuffle_urns(plane(size), range(3), 7, 20, part), order)
    np.testing.assert_array_equal(find_urn_rest(plane(size), range(3), 7, 20, part), order[:, size:])


@pytest.fixture
def empty_cache(monkeypatch):
    """Urns are kept apart from those of other tests: at most two blocks of four draws at 25 points."""
    cache = LRUCache(2 * 4 * 25 * 150, getsizeof=lambda urns: urns.order.nbytes)
    recall = cached(cache, lock=threading.Lock())(minibatches._recall_urns.__wrapped__)
    monkeypatch.setattr(minibatches, "_recall_urns", recall)
    return cache


def test_kept_urns_give_the_batches_of_fresh_ones_in_any_order(monkeypatch, empty_cache):
    for size in (10, 3, 50, 75, 74, 149, 150, 1):
        for draws, points, part in (
            (range(4), 25, range(25)),
            (range(4, 8), 25, range(25)),
            (range(4), 25, range(5, 9)),
        ):
            found = minibatches._draw_batches(plane(size), draws, points, 150, part)
            np.testing.assert_array_equal(found, shuffle_urns(plane(size), draws, points, 150, part)[:, :size])
            assert 0 < empty_cache.currsize <= empty_cache.maxsize
    other = plane(7, seed=1)
    found = minibatches._draw_batches(other, range(4), 25, 150, range(25))
    np.testing.assert_array_equal(found, shuffle_urns(other, range(4), 25, 150)[:, :7])
    assert empty_cache.currsize == sum(urns.order.nbytes for urns in empty_cache.values()) <= empty_cache.maxsize
    monkeypatch.setattr(minibatches, "LARGEST_KEPT", 1000)
    before = list(empty_cache)
    found = minibatches._draw_batches(plane(9, seed=2), [0], 25, 150, range(25))
    np.testing.assert_array_equal(found, shuffle_urns(plane(9, seed=2), [0], 25, 150)[:, :9])
    assert list(empty_cache) == before


@pytest.mark.usefixtures("empty_cache")
def test_threads_that_shuffle_the_same_urns_read_their_own_batches():
    sizes = [size for _ in range(6) for size in (5, 75, 20, 60, 1, 40)]

    def read(size):
        return minibatches._draw_batches(plane(size, seed=9), range(2), 50, 150, range(50)).copy()

    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(read, sizes))
    for size, batch in zip(sizes, found, strict=True):
        np.testing.assert_array_equal(batch, shuffle_urns(plane(size, seed=9), range(2), 50, 150)[:, :size])
