import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from landscape_core.statistics import optima

NAN = float("nan")

# few different values, so that ties and flats are common
curves = hnp.arrays(
    np.float64,
    st.integers(1, 14),
    elements=st.sampled_from([-2.0, -1.0, -0.0, 0.0, 5e-324, 1.0, 2.0, NAN, np.inf, -np.inf]),
)


@given(curves)
def test_minima_are_those_of_the_reference(curve):
    assert np.flatnonzero(optima.minima(curve)).tolist() == reference.minima(curve.tolist())


@given(curves)
def test_nngpps_are_those_of_the_reference(curve):
    assert np.flatnonzero(optima.nngpps(curve)).tolist() == reference.nngpps(curve.tolist())


@given(hnp.arrays(np.float64, st.integers(3, 14), elements=st.integers(-3, 3)))
def test_an_nngpp_of_differences_lies_just_after_a_minimum(curve):
    """With the differences as slopes: a strict minimum at i is a change of sign from difference i − 1 to i."""
    np.testing.assert_array_equal(optima.minima(curve)[1:-1], optima.nngpps(np.diff(curve))[1:])


@pytest.mark.parametrize("function", [optima.minima, optima.nngpps])
@pytest.mark.parametrize("shape", [(0, 4, 7), (3, 4, 7), (2, 9), (5, 2), (5, 1)])
def test_lines_are_independent(function, shape):
    values = np.random.default_rng(0).integers(-2, 3, shape).astype(float)
    found = function(values)
    assert found.shape == shape
    for index in np.ndindex(shape[:-1]):
        np.testing.assert_array_equal(found[index], function(values[index]))


@pytest.mark.parametrize(
    ("curve", "minima"),
    [
        ([0.0, 1.0, 2.0], []),  # the ends are never minima
        ([2.0, 1.0, 0.0], []),
        ([1.0, 0.0, 1.0], [1]),
        ([1.0, 0.0, 0.0, 1.0], []),  # nor is a flat bottom
        ([1.0, 0.0, NAN, 0.0, 1.0], []),  # nor the edge of a hole
        ([1.0, 0.0, 1.0, 0.0, 1.0], [1, 3]),
    ],
)
def test_conventions_for_minima(curve, minima):
    assert np.flatnonzero(optima.minima(np.array(curve))).tolist() == minima


@pytest.mark.parametrize(
    ("slope", "nngpps"),
    [
        ([-1.0, 1.0], [1]),  # at the point after the change, the last one included
        ([1.0, -1.0], []),
        ([1.0, 1.0], []),  # an end is none without a change
        ([-1.0, 0.0, 1.0], []),  # through an exact zero: not counted
        ([-1.0, -0.0, 1.0], []),
        ([0.0, 1.0], []),
        ([-1.0, NAN, 1.0], []),
        ([-1.0, 1.0, -1.0, 1.0], [1, 3]),
    ],
)
def test_conventions_for_nngpps(slope, nngpps):
    assert np.flatnonzero(optima.nngpps(np.array(slope))).tolist() == nngpps


@given(st.data(), st.integers(1, 12), st.integers(1, 4), st.integers(0, 3))
def test_median_distances_are_those_of_the_reference(data, points, lines, draws):
    """Of any places on any lines, those without a true one and those without an apparent one among them."""
    positions = np.cumsum(data.draw(hnp.arrays(np.float64, points, elements=st.integers(1, 3))))
    true = data.draw(hnp.arrays(bool, (lines, points)))
    found = data.draw(hnp.arrays(bool, (draws, lines, points)))
    medians = optima.median_distance(found, optima.distance_to_nearest(positions, true))
    places = [np.flatnonzero(line).tolist() for line in true]
    expected = [
        reference.median_distance(positions, [np.flatnonzero(line).tolist() for line in draw], places) for draw in found
    ]
    np.testing.assert_array_equal(medians, expected)
    assert medians.shape == (draws,)


def test_a_line_without_a_true_optimum_is_left_out():
    positions, found = np.arange(5.0), np.array([[1, 1, 1, 1, 1], [0, 0, 0, 1, 0]], dtype=bool)
    distance = optima.distance_to_nearest(positions, np.array([[0, 0, 0, 0, 0], [1, 0, 0, 0, 0]], dtype=bool))
    assert np.isnan(distance[0]).all()
    assert distance[1].tolist() == [0, 1, 2, 3, 4]
    assert optima.median_distance(found, distance) == 3.0
    assert np.isnan(optima.median_distance(found[::-1] & False, distance))
    assert np.isnan(optima.median_distance(found, distance[[0, 0]]))


def test_spread_is_the_variance_of_the_locations():
    assert optima.spread(np.array([1.0, 3.0])) == 1.0
    assert optima.spread(np.array([4.0])) == 0.0
    assert optima.spread(np.array([])) is None
    even = (np.arange(10_000) + 0.5) / 10_000 * 40 - 20
    assert optima.spread(even) == pytest.approx(20**2 / 3, rel=1e-7)


def test_histogram_has_twenty_bins_and_counts_both_ends():
    counts, centres = optima.histogram(np.array([-2.0, -1.9, 0.05, 2.0]), 2.0)
    assert counts.tolist() == [2, *[0] * 9, 1, *[0] * 8, 1]
    np.testing.assert_allclose(centres, np.arange(-1.9, 2.0, 0.2), rtol=0, atol=1e-12)
    assert optima.histogram(np.array([]), 2.0)[0].sum() == 0


@pytest.mark.parametrize("half_width", [1e-12, 1e6])
def test_histogram_of_any_width(half_width):
    locations = np.array([-half_width, 0.0, half_width])
    counts, centres = optima.histogram(locations, half_width)
    assert counts.tolist() == [1, *[0] * 9, 1, *[0] * 8, 1]
    assert (np.abs(centres) <= half_width).all()


# chances of being positive, the limits themselves included
chances = st.lists(st.sampled_from([0.0, 0.05, 0.1, 0.3, 0.5, 0.9, 0.95, 0.97, 1.0]), min_size=2, max_size=9)


@given(chances, st.data())
def test_uncertain_intervals_are_those_of_the_reference(positive, data):
    index = data.draw(st.integers(1, len(positive) - 1))
    positions = [0.5 * place - 1.0 for place in range(len(positive))]
    found = optima.uncertain_interval(np.array(positions), np.array(positive), index)
    expected = reference.uncertain_interval(positions, positive, index, 0.05, 500)
    for end, wanted in zip(found, expected, strict=True):
        assert end == (None if wanted is None else pytest.approx(wanted, abs=0.002))


@pytest.mark.parametrize(
    ("positive", "interval"),
    [
        ([0.0, 0.0, 1.0, 1.0], (1.05, 1.95)),  # within the change of sign itself
        ([0.0, 0.1, 0.9, 1.0], (0.5, 2.5)),
        ([0.0, 0.05, 0.95, 1.0], (1.0, 2.0)),  # the limits count as certain
        ([0.0, 0.04, 0.5, 1.0], (1 + 0.01 / 0.46, 2.9)),
        ([0.2, 0.4, 0.6, 1.0], (None, 2.875)),
        ([0.0, 0.4, 0.6, 0.9], (0.125, None)),
        ([0.2, 0.4, 0.6, 0.8], (None, None)),
        ([1.0, 0.4, 0.6, 0.0], (1 - 0.55 / 0.6, 2 + 0.55 / 0.6)),  # open between signs that are certain otherwise
        ([0.0, 0.01, 0.04, 0.5], (2.0, 2.0)),  # a skewed slope, that of most mini-batches certain
        ([0.5, 0.96, 0.99, 0.5], (2.0, 2.0)),
        ([0.0, NAN, 0.4, 0.6], (None, None)),  # a hole ends the line
        ([0.0, 0.2, 0.6, NAN], (0.25, None)),
    ],
)
def test_uncertain_interval_of(positive, interval):
    for end, wanted in zip(optima.uncertain_interval(np.arange(4.0), np.array(positive), 2), interval, strict=True):
        assert end == (None if wanted is None else pytest.approx(wanted, rel=1e-12))


def test_other_levels_of_certainty():
    positive = np.array([0.0, 0.2, 0.8, 1.0])
    ends = [optima.uncertain_interval(np.arange(4.0), positive, 2, level) for level in (0.01, 0.1, 0.3)]
    assert ends == [pytest.approx(pair) for pair in ((0.05, 2.95), (0.5, 2.5), (1 + 1 / 6, 2 - 1 / 6))]


@pytest.mark.parametrize("angle", [*range(-360, 361, 15), 22.0, 23.0, -67.0, 337.6])
def test_the_step_of_a_grid_is_the_nearest(angle):
    assert optima.grid_step(float(angle)) == reference.nearest_step(angle)


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("quarter", range(4))
def test_an_angle_between_two_steps_takes_the_axis(sign, quarter):
    assert 0 in optima.grid_step(90.0 * quarter + sign * 22.5)
    assert optima.grid_step(90.0 * quarter + sign * 22.5) == optima.grid_step(90.0 * quarter)
