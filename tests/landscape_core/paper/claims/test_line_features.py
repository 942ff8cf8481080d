"""Features of the lines, and criteria on them, are measured right."""

import dataclasses
import itertools
import math

import numpy as np
import pytest
from reference_landscapes import POINTS, POSITIONS, bowl, build_features

from landscape_core import StudySpec
from landscape_core.geometry import grid
from landscape_core.geometry.grid import LINES
from landscape_core.paper import published
from landscape_core.paper.claims import criteria
from landscape_core.paper.claims.line_features import find_growth, find_steepest
from landscape_core.statistics import moments
from landscape_core.study.plane import build_plane


def tabulate_features(domain, activation):
    """The landscape of a network at the selected seed, without mini-batches."""
    spec = StudySpec(domain=domain, activation=activation)
    plane = build_plane(spec, "cpu")
    positions = grid.axis(spec.range, spec.line_points)
    table = plane.table(grid.lines(positions))
    slope = table.slope(np.repeat([line.unit for line in LINES], spec.line_points, axis=0))
    loss, slope = (moments.full_batch(values).reshape(4, -1) for values in (table.loss, slope))
    nothing = np.zeros_like(loss)
    return dataclasses.replace(
        bowl(nngpps=nothing, minima=nothing),
        **{"half_width": spec.range, "positions": positions, "loss": loss, "slope": slope, "tabulate": plane.table},
    )


@pytest.fixture(scope="module")
def ragged():
    """Curves without any pattern, some lines without optima."""
    chance = np.random.default_rng(5)
    loss, slope = chance.normal(size=(2, 4, POINTS)).cumsum(-1)
    slope -= slope.mean(-1, keepdims=True)
    slope[2] = np.abs(slope[2]) + 1.0
    shares = chance.random((2, 4, POINTS))
    return bowl(loss=loss, slope=slope, sd=chance.random((4, POINTS)), minima=shares[0], nngpps=shares[1])


def true_places(one):
    return [[i for i in range(1, POINTS) if line[i - 1] < 0 < line[i]] for line in one.slope]


def test_curvature(ragged):
    step = 4.0 / 99
    found = [
        [(line[i] - line[i - 1]) / step for i in places]
        for line, places in zip(ragged.slope, true_places(ragged), strict=True)
    ]
    for mine, theirs in zip(ragged.curvatures, found, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9)
    flat = list(itertools.chain(*found))
    assert len(flat) > 4
    assert found[2] == []
    assert ragged.curvature == pytest.approx(math.fsum(flat) / len(flat))
    bending = [sum(abs(b - a) for a, b in itertools.pairwise(line)) / 4.0 for line in ragged.slope]
    np.testing.assert_allclose(ragged.bending, bending, rtol=1e-9)
    assert set(criteria.flattest_lines(ragged).tolist()) == set(sorted(range(4), key=bending.__getitem__)[:2])
    assert bowl(-1.0).curvature == 0.0


def test_where_apparent_optima_lie(ragged):
    weights = total = at_edges = 0.0
    for line, places in enumerate(true_places(ragged)):
        for i, place in enumerate(POSITIONS):
            share = ragged.nngpps[line, i]
            away = min((abs(place - POSITIONS[j]) / 2.0 for j in places), default=1.0)
            total += share
            weights += share * away
            at_edges += (share - (i in places)) * (abs(place) > 1.2)
    assert ragged.scatter(ragged.nngpps) == pytest.approx(weights / total)
    assert ragged.spurious_at_edges == pytest.approx(at_edges)
    counts = [ragged.nngpps[line].sum() - len(places) for line, places in enumerate(true_places(ragged))]
    np.testing.assert_allclose(ragged.spurious, counts)
    none = bowl(nngpps=np.zeros((4, POINTS)))
    assert none.scatter(none.nngpps) == 0.0
    assert np.isnan(none.spreads(none.nngpps)).all()


def test_spreads_are_one_for_even_places(ragged):
    even = np.ones((4, POINTS))
    np.testing.assert_allclose(ragged.spreads(even), 101 / 99, rtol=1e-9)  # of 100 points, ends included
    for line, shares in enumerate(ragged.minima):
        mean = np.average(POSITIONS, weights=shares)
        variance = np.average((POSITIONS - mean) ** 2, weights=shares)
        assert ragged.spreads(ragged.minima)[line] == pytest.approx(variance / (4.0 / 3))


def test_undecided_stretches(ragged):
    lengths = []
    for line, places in enumerate(true_places(ragged)):
        undecided = [abs(slope) < 1.645 * sd for slope, sd in zip(ragged.slope[line], ragged.sd[line], strict=True)]
        for place in places:
            left = place
            while left > 0 and undecided[left - 1]:
                left -= 1
            right = place
            while right < POINTS and undecided[right]:
                right += 1
            lengths.append((right - left + 1) * 2 / 99)
    assert ragged.undecided == pytest.approx(sum(lengths) / len(lengths))
    assert max(lengths) > min(lengths)
    assert bowl(-1.0).undecided == 1.0


@pytest.mark.parametrize("place", [0.3, 0.123456789, -1.7])
def test_a_jump_persists_and_a_steep_slope_does_not(place):
    def step(size):
        return build_features(lambda a, _: (a, 100 * np.tanh(a) + size * (a > place), 0.0))

    assert step(0.1).persistence == pytest.approx(1.0, abs=0.01)
    assert step(0.0).persistence < 1 / 32
    bent = build_features(lambda a, _: (a, np.abs(a - place), 0.0))  # continuous, with a kink
    assert bent.persistence < 0.25 + 1e-6
    beside = build_features(
        lambda a, _: (a, 100 * np.tanh(9 * (a + 1)) + 0.1 * (a > 1.1), 0.0)
    )  # its sharpest bends are smooth
    assert beside.persistence == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("domain", ["global", "local"])
def test_real_slopes_jump_where_the_activation_has_a_kink(domain):
    """At the selected seed; the global lines of ReLU are sharpest bent on a steep smooth stretch at an edge."""
    for activation in published.PAPER_ACTIVATIONS:
        one = tabulate_features(domain, activation)
        assert criteria.jumps(one) == (activation in {"relu", "leaky_relu"})
        if activation in {"relu", "leaky_relu"}:
            assert one.persistence > 0.99
        else:
            assert one.persistence < 0.26


def test_a_flat_end_is_not_quadratic():
    flat = build_features(lambda a, _: (np.clip(np.abs(a), 0, 1), np.where(np.abs(a) < 1, np.sign(a), 0.0), 0.0))
    assert not criteria.quadratic_at_the_highest_end(flat)
    assert criteria.quadratic_at_the_highest_end(bowl())


def test_rounding_is_no_jump():
    assert bowl().persistence == 0.0
    assert build_features(lambda a, _: (a, 0.0, 0.0)).persistence == 0.0
    assert not criteria.jumps(bowl(slope=np.full((4, POINTS), np.nan)))


@pytest.mark.parametrize("degree", [1, 2, 4])
def test_growth_is_the_degree_of_a_polynomial(degree):
    one = build_features(lambda a, b: ((a * a + b * b) ** (degree / 2) + 1.0, a, b))
    np.testing.assert_allclose(find_growth(one), degree, atol=0.001)
    assert np.isnan(find_growth(build_features(lambda *_: (0.0, 0.0, 0.0)))).all()


def test_the_steepest_sample_of_either_direction():
    one = build_features(lambda a, b: (a, a, -3 * b))
    axis = np.linspace(-2, 2, 10)
    expected = [max(abs(a), 3 * abs(b)) for b in axis for a in axis]
    np.testing.assert_allclose(find_steepest(one), expected)
