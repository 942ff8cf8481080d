"""The oracle's line: its draws are the study's, and its declarations come when they are proved."""

import math

import numpy as np
import pytest
import reference as twin
import tolerances

from landscape_core import SpecError, StudySpec, run
from landscape_core.geometry.grid import LINE_NAMES
from landscape_core.paper.sampling_oracle import (
    count_known,
    evaluate_quadratics,
    evaluate_samples,
    find_minima_times,
    find_nngpp_times,
    oracle,
    oracle_of_quadratics,
)
from landscape_core.random_streams import Purpose, batch_stream
from landscape_core.statistics.moments import noise_nngpps

FEW = {"resolution": 2, "line_points": 14, "draws": 0}


@pytest.mark.parametrize("size", [1, 10, 75, 76, 149, 150])
@pytest.mark.parametrize("line", LINE_NAMES)
def test_the_mean_of_the_listed_samples_is_what_is_shown(few_line_draws, line, size):
    spec = StudySpec(**FEW, batch_size=size, batch_seed=3)
    result = run(spec, device="cpu")
    shown = oracle(result, line)
    number = LINE_NAMES.index(line)
    assert (shown.members.sum(1) == size).all()
    np.testing.assert_array_equal(shown.loss, result.line_batch_loss[number])
    np.testing.assert_array_equal(shown.slope, result.line_batch_slope[number])
    np.testing.assert_array_equal(shown.full_loss, result.line_full_loss[number])
    np.testing.assert_array_equal(shown.full_slope, result.line_full_slope[number])
    np.testing.assert_array_equal(shown.minima, result.minima[number])
    np.testing.assert_array_equal(shown.nngpps, result.nngpps[number])
    np.testing.assert_array_equal(shown.true_minima, result.true_minima[number])
    np.testing.assert_array_equal(shown.true_nngpps, result.true_nngpps[number])
    for place in range(spec.line_points):
        point = evaluate_samples(spec, line, place, device="cpu")
        drawn = np.flatnonzero(shown.members[place]).tolist()
        for values, mean, whole in (
            (point.loss, shown.loss, shown.full_loss),
            (point.slope, shown.slope, shown.full_slope),
        ):
            assert math.fsum(values[k] for k in drawn) / size == pytest.approx(mean[place], abs=1e-12)
            assert math.fsum(values) / 150 == pytest.approx(whole[place], abs=1e-12)


@pytest.mark.parametrize(("line", "place"), [("d1", 0), ("d2", 5), ("d1+d2", 13), ("d1-d2", 9)])
def test_samples_at_a_point_against_the_twin(line, place):
    spec = StudySpec(**FEW, activation="tanh", domain="local")
    start, pair, inputs, targets = twin.setting("local", "tanh")
    half = math.sqrt(0.5)
    turn = {"d1": (1.0, 0.0), "d2": (0.0, 1.0), "d1+d2": (half, half), "d1-d2": (half, -half)}[line]
    far = -2.0 + 4.0 * place / 13
    at = [(far * turn[0], far * turn[1])]
    loss, along1, along2 = twin.table(start, pair, at, "tanh", "tanh", inputs, targets)
    found = evaluate_samples(spec, line, place, device="cpu")
    np.testing.assert_allclose(found.loss, loss[0], **tolerances.TABLE)
    np.testing.assert_allclose(found.slope, turn[0] * along1[0] + turn[1] * along2[0], **tolerances.TABLE)


def test_classes_are_those_of_the_data(few_line_draws):
    shown = oracle(run(StudySpec(**FEW), device="cpu"), "d1")
    _, targets = twin.iris()
    assert shown.classes.tolist() == [row.index(1.0) for row in targets]
    assert np.bincount(shown.classes).tolist() == [50, 50, 50]


def test_a_larger_batch_holds_the_smaller_one(few_line_draws):
    small, large = (oracle(run(StudySpec(**FEW, batch_size=size), device="cpu"), "d2") for size in (10, 11))
    assert (large.members & small.members == small.members).all()


def test_a_minimum_is_known_one_point_later_an_nngpp_at_once():
    for seed in range(20):
        shown = oracle_of_quadratics(40, seed)
        known, counts = find_minima_times(shown.minima), count_known(find_minima_times(shown.minima), 40)
        slopes = count_known(find_nngpp_times(shown.nngpps), 40)
        for drawn in range(41):  # what someone finds who has only seen so many points
            assert counts[drawn] == len(twin.minima(shown.loss[:drawn].tolist()))
            assert slopes[drawn] == len(twin.nngpps(shown.slope[:drawn].tolist()))
        assert known.max() <= 40


def test_pure_noise_for_as_many_points():
    shown = oracle_of_quadratics(30, 0)
    assert shown.noise_minima.tolist() == [0.0, 0.0, *((n - 2) / 3 for n in range(2, 31))]
    assert shown.noise_nngpps.tolist() == [0.0, *((n - 1) / 4 for n in range(1, 31))]
    assert noise_nngpps(0) == 0.0
    coins = batch_stream(5, Purpose.RACE, 0).random_raw(40 * 4_000) % np.uint64(2)
    curves = np.where(coins.reshape(4_000, 40) == 0, -1.0, 1.0)
    counts = np.array([len(twin.nngpps(curve.tolist())) for curve in curves])
    error = counts.std(ddof=1) / math.sqrt(len(counts))
    assert abs(counts.mean() - noise_nngpps(40)) < tolerances.STANDARD_ERRORS * error


def test_the_four_parabolas():
    shown = oracle_of_quadratics(25, 7)
    assert shown.classes.tolist() == [0, 1, 2, 3]
    assert (shown.members.sum(1) == 1).all()
    for place in range(25):
        point = evaluate_quadratics(25, place)
        drawn = int(np.flatnonzero(shown.members[place])[0])
        assert (point.loss[drawn], point.slope[drawn]) == (shown.loss[place], shown.slope[place])
        assert math.fsum(point.loss) / 4 == pytest.approx(shown.full_loss[place], rel=1e-12)
        assert math.fsum(point.slope) / 4 == pytest.approx(shown.full_slope[place], rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("place", [-1, 14])
def test_a_point_off_the_line_is_refused(place):
    for ask in (lambda: evaluate_samples(StudySpec(**FEW), "d1", place), lambda: evaluate_quadratics(14, place)):
        with pytest.raises(SpecError) as caught:
            ask()
        assert str(caught.value) == f"point: got {place}; allowed: a whole number from 0 to 13"


def test_an_unknown_line_is_refused(few_line_draws):
    result = run(StudySpec(**FEW), device="cpu")
    for ask in (lambda: evaluate_samples(StudySpec(**FEW), "d3", 0), lambda: oracle(result, "d3")):
        with pytest.raises(SpecError) as caught:
            ask()
        assert str(caught.value) == "line: got 'd3'; allowed: one of d1, d2, d1+d2, d1-d2"
