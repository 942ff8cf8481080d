import math

import numpy as np
import pytest
import reference
import tolerances

from landscape_core import SpecError
from landscape_core.paper.toy_quadratics import Quadratics
from landscape_core.random_streams import Purpose, batch_stream

MODEL = Quadratics()


def parabolas(x):
    """Value and derivative of each, from the formula."""
    found = []
    for m, h, c in zip(MODEL.minimisers, MODEL.heights, MODEL.curvatures, strict=True):
        found.append((h + c * (x - m) * (x - m) / 2, c * (x - m)))
    return found


def test_there_are_four_of_their_own_minima_heights_and_curvatures():
    for numbers in (MODEL.minimisers, MODEL.heights, MODEL.curvatures):
        assert len(numbers) == len(set(numbers)) == 4
    assert all(curvature > 0 for curvature in MODEL.curvatures)
    assert all(abs(m) < MODEL.half_width for m in MODEL.minimisers)


def test_values_and_derivatives_against_the_formula():
    positions = np.linspace(-3.0, 3.0, 13)
    for place, x in enumerate(positions):
        own = parabolas(float(x))
        np.testing.assert_allclose(MODEL.values(positions)[:, place], [v for v, _ in own], **tolerances.MOMENTS)
        np.testing.assert_allclose(MODEL.derivatives(positions)[:, place], [d for _, d in own], **tolerances.MOMENTS)
        mean = math.fsum(v for v, _ in own) / 4, math.fsum(d for _, d in own) / 4
        np.testing.assert_allclose(MODEL.full_values(positions)[place], mean[0], **tolerances.MOMENTS)
        np.testing.assert_allclose(MODEL.full_derivatives(positions)[place], mean[1], **tolerances.MOMENTS)


def test_the_full_batch_is_a_parabola_with_its_minimum_in_closed_form():
    positions = np.linspace(-3.0, 3.0, 61)
    at = MODEL.full_minimiser
    height = math.fsum(value for value, _ in parabolas(at)) / 4
    own = height + 0.5 * math.fsum(MODEL.curvatures) / 4 * (positions - at) ** 2
    np.testing.assert_allclose(MODEL.full_values(positions), own, **tolerances.MOMENTS)
    found = MODEL.full_derivatives(np.array([MODEL.full_minimiser]))
    np.testing.assert_allclose(found, 0.0, atol=tolerances.MOMENTS["atol"])
    assert min(MODEL.minimisers) < MODEL.full_minimiser < max(MODEL.minimisers)


@pytest.mark.parametrize("seed", [0, 1, 7])
def test_the_oracles_curve_point_by_point(seed):
    curve = MODEL.sample(90, seed)
    words = batch_stream(seed, Purpose.QUADRATICS, 0).random_raw(90).tolist()
    for place, (x, word) in enumerate(zip(curve.positions.tolist(), words, strict=True)):
        assert x == pytest.approx(-3.0 + 6.0 * place / 89, abs=1e-12)
        assert curve.picks[place] == word % 4
        value, derivative = parabolas(x)[word % 4]
        assert (curve.values[place], curve.derivatives[place]) == pytest.approx((value, derivative), rel=1e-12)
    assert np.flatnonzero(curve.minima).tolist() == reference.minima(curve.values.tolist())
    assert np.flatnonzero(curve.nngpps).tolist() == reference.nngpps(curve.derivatives.tolist())


def test_every_parabola_is_picked_equally_often():
    picks = MODEL.sample(40_000, 3).picks
    counts = np.bincount(picks, minlength=4)
    error = math.sqrt(40_000 * 3 / 16)
    assert (np.abs(counts - 10_000) < tolerances.STANDARD_ERRORS * error).all()
    pairs = np.bincount(4 * picks[:-1:2] + picks[1::2], minlength=16)
    assert (np.abs(pairs - 1_250) < tolerances.STANDARD_ERRORS * math.sqrt(20_000 * 15 / 256)).all()


def test_nngpps_lie_between_the_outermost_minimisers_and_one_step():
    step = 6.0 / 119
    for seed in range(200):
        curve = MODEL.sample(120, seed)
        places = curve.positions[curve.nngpps]
        assert len(places)
        assert (places > min(MODEL.minimisers)).all()
        assert (places < max(MODEL.minimisers) + step).all()


def test_minima_spread_over_the_whole_line():
    """Each point but the ends is a minimum in a share of the curves that chance alone explains, nowhere a small one."""
    curves = [MODEL.sample(60, seed) for seed in range(600)]
    shares = np.mean([curve.minima for curve in curves], axis=0)
    values = MODEL.values(curves[0].positions)
    for place in range(1, 59):
        chance = reference.chance_of_minimum(*values[:, place - 1 : place + 2].T.tolist())
        assert chance > 0.2
        assert abs(shares[place] - chance) < tolerances.STANDARD_ERRORS * math.sqrt(chance * (1 - chance) / 600)
    assert shares[0] == shares[-1] == 0.0


def test_an_nngpp_need_not_be_a_minimum():
    """Nor the point before it: the paper's second remark on Fig. 1 holds for many of its NN-GPPs, not for all."""
    numbers = []
    for seed in range(50):
        curve = MODEL.sample(80, seed)
        minima = reference.minima(curve.values.tolist())
        without = [
            place
            for place in reference.nngpps(curve.derivatives.tolist())
            if place not in minima and place - 1 not in minima
        ]
        assert curve.nngpps_without_minimum == len(without)
        numbers.append((len(without), int(curve.nngpps.sum())))
    alone, found = map(sum, zip(*numbers, strict=True))
    assert 0 < alone < found / 2
    assert numbers[0][0] > 0  # seed 0 is one counterexample


def test_seeds_decide():
    one, other = MODEL.sample(50, 3), MODEL.sample(50, 3)
    for name in ("positions", "picks", "values", "derivatives"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    assert not np.array_equal(one.picks, MODEL.sample(50, 4).picks)
    np.testing.assert_array_equal(MODEL.sample(30, 3).picks, one.picks[:30])


def test_other_parabolas():
    single = Quadratics(minimisers=(0.5,), heights=(1.0,), curvatures=(2.0,), half_width=1.0)
    curve = single.sample(9, 0)
    assert single.full_minimiser == 0.5
    np.testing.assert_array_equal(curve.values, single.full_values(curve.positions))
    assert curve.positions[curve.minima].tolist() == [0.5]
    assert curve.nngpps.sum() == curve.nngpps_without_minimum == 0  # through an exact 0


@pytest.mark.parametrize("points", [2, 0, -1, 1_000_001])
def test_too_few_or_too_many_points_are_refused(points):
    with pytest.raises(SpecError) as caught:
        MODEL.sample(points, 0)
    assert str(caught.value) == f"points: got {points}; allowed: a whole number from 3 to 1,000,000"


@pytest.mark.parametrize("seed", [-1, 2**53])
def test_a_seed_out_of_range_is_refused(seed):
    with pytest.raises(SpecError) as caught:
        MODEL.sample(3, seed)
    assert str(caught.value) == f"seed: got {seed}; allowed: a whole number from 0 to 9,007,199,254,740,991"
