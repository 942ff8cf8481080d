"""The belief of the probabilistic search, and the probabilities drawn from it."""

import math

import numpy as np
import pytest
import reference_searches
import tolerances
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, stats

from landscape_core.line_search import METHODS, spline, wolfe
from landscape_core.line_search.probabilistic import weigh
from landscape_core.line_search.search import Computation, Evaluation, Outcome, Reach, Search, Status

KNOTS = [0.0, 1.0, 0.37, 2.5]
VALUES = [0.0, -0.6, -0.31, 0.4]
SLOPES = [-1.0, 0.2, -0.5, 1.1]
PLACES = np.array([0.001, 0.2, 0.37, 0.9, 1.0, 1.7, 2.5, 3.9])


def belief(value_sd, slope_sd):
    return spline.condition(np.array(KNOTS), np.array(VALUES), np.array(SLOPES), value_sd, slope_sd)


def dense(queries, value_sd, slope_sd):
    mean, spread = reference_searches.Belief(KNOTS, VALUES, SLOPES, value_sd, slope_sd).at(*queries)
    return mean.astype(float), spread.astype(float)


NOISES = pytest.mark.parametrize(("value_sd", "slope_sd"), [(0.0, 0.0), (0.05, 0.3), (2.0, 0.7)])


@NOISES
def test_values_against_a_dense_process(value_sd, slope_sd):
    mean, spread = dense([("v", t) for t in PLACES], value_sd, slope_sd)
    found = belief(value_sd, slope_sd).evaluate(PLACES)
    np.testing.assert_allclose(found.mean, mean, **tolerances.POSTERIOR)
    np.testing.assert_allclose(found.variance, spread.diagonal(), **tolerances.POSTERIOR)
    crossed = [dense([("v", t), ("d", t)], value_sd, slope_sd)[1][0, 1] for t in PLACES]
    np.testing.assert_allclose(found.covariance, crossed, **tolerances.POSTERIOR)


@NOISES
def test_slopes_against_a_dense_process(value_sd, slope_sd):
    found = belief(value_sd, slope_sd).evaluate(PLACES)
    for place, t in enumerate(PLACES):
        mean, spread = dense([("v", 0.0), ("d", 0.0), ("v", t), ("d", t)], value_sd, slope_sd)
        three = np.array([[0, 1, 0, 0], [-1 / t, 0, 1 / t, 0], [0, 0, 0, 1]])
        blur = 1e-12 / t**2  # what the twin's difference of values loses
        np.testing.assert_allclose(found.slopes[place], three @ mean, rtol=1e-7, atol=1e-8 + blur)
        np.testing.assert_allclose(found.spread[place], three @ spread @ three.T, rtol=1e-7, atol=1e-8 + blur)


def test_without_noise_the_mean_is_hermites_spline():
    """Through every value with every slope, and cubic between: the fourth difference of equally spaced points is 0."""
    found = belief(0.0, 0.0)
    there = found.evaluate(np.array(KNOTS))
    np.testing.assert_allclose(there.mean, VALUES, **tolerances.POSTERIOR)
    np.testing.assert_allclose(there.variance, 0.0, **tolerances.POSTERIOR)
    np.testing.assert_allclose(there.slopes[:, 2], SLOPES, **tolerances.POSTERIOR)
    np.testing.assert_allclose(there.slopes[0], SLOPES[0], **tolerances.POSTERIOR)  # at 0 all three are f′(0)
    for left, right in ((0.0, 0.37), (0.37, 1.0), (1.0, 2.5)):
        cell = found.evaluate(np.linspace(left, right, 9)).mean
        np.testing.assert_allclose(np.diff(cell, n=4), 0.0, atol=1e-10)


@given(st.integers(0, 2**32 - 1))
def test_minima_are_those_seen_on_a_fine_grid(seed):
    generator = np.random.default_rng(seed)
    knots = np.concatenate([[0.0], generator.uniform(0.1, 4.0, 3)])
    found = spline.condition(knots, generator.standard_normal(4), generator.standard_normal(4), 0.1, 0.2)
    minima = found.minima()
    minima = minima[np.isfinite(minima)]
    seen = []
    for left, right in zip(np.sort(knots), np.sort(knots)[1:], strict=False):
        fine = np.linspace(left, right, 4_001)
        curve = found.evaluate(fine).mean
        lowest = 1 + np.flatnonzero((curve[:-2] > curve[1:-1]) & (curve[1:-1] < curve[2:]))
        seen += [(fine[place - 1], fine[place + 1]) for place in lowest]
    # shallower than rounding on the grid, or nearer to a knot than the grid, a minimum may not be seen
    assert len(seen) <= len(minima) <= 3
    for low, high in seen:
        assert ((minima >= low) & (minima <= high)).sum() == 1
    for place in minima:
        slope = found.evaluate(np.array([place - 1e-5, place + 1e-5])).slopes[:, 2]
        assert slope[0] < 1e-9
        assert slope[1] > -1e-9


@given(
    above=st.floats(-4, 4),
    low=st.floats(-4, 4),
    width=st.floats(0, 6),
    correlation=st.floats(-0.999, 0.999),
)
def test_strips_against_a_quadrature(above, low, width, correlation):
    root = math.sqrt(1 - correlation**2)

    def inner(y):
        return stats.norm.pdf(y) * stats.norm.sf((above - correlation * y) / root)

    points = [above / correlation] if abs(correlation) > 0.9 and low < above / correlation < low + width else None
    expected, _ = integrate.quad(inner, low, low + width, epsabs=1e-12, limit=200, points=points)
    one = (np.array([value]) for value in (above, low, low + width, correlation))
    assert wolfe.strip_probability(*one)[0] == pytest.approx(expected, abs=tolerances.PROBABILITY)


@pytest.mark.parametrize(
    ("above", "low", "high", "correlation", "expected"),
    [
        (0.0, 0.0, 1e300, 0.0, 1 / 4),
        (0.0, 0.0, 1e300, 0.5, 1 / 4 + math.asin(0.5) / (2 * math.pi)),
        (0.0, 0.0, 1e300, 1.0, 1 / 2),
        (0.0, 0.0, 1e300, -1.0, 0.0),
        (0.0, -1e300, 0.0, -1.0, 1 / 2),
        (-1e300, 0.0, 1.0, 0.3, stats.norm.cdf(1) - 0.5),
        (1e300, -1.0, 1.0, 0.3, 0.0),
        (0.0, 1.0, -1.0, 0.3, 0.0),  # upside down: nothing is in it
    ],
)
def test_strips_in_closed_form(above, low, high, correlation, expected):
    one = (np.array([value]) for value in (above, low, high, correlation))
    assert wolfe.strip_probability(*one)[0] == pytest.approx(expected, abs=1e-7 if abs(correlation) == 1 else 1e-14)


@NOISES
def test_wolfe_probabilities_against_draws(value_sd, slope_sd):
    found = wolfe.wolfe_probability(belief(value_sd, slope_sd).evaluate(PLACES), 0.05, 0.5)
    generator = np.random.default_rng(0)
    draws = 200_000
    for t, probability in zip(PLACES, found, strict=True):
        mean, spread = dense([("v", 0.0), ("d", 0.0), ("v", t), ("d", t)], value_sd, slope_sd)
        values, vectors = np.linalg.eigh(spread)
        root = vectors * np.sqrt(np.maximum(values, 0))
        f0, d0, ft, dt = mean[:, None] + root @ generator.standard_normal((4, draws))
        highest = 2 * 0.5 * (abs(mean[1]) + 2 * math.sqrt(max(spread[1, 1], 0)))
        if value_sd or t not in KNOTS:  # else nothing is left to chance, and rounding decides the draws
            held = (f0 + 0.05 * t * d0 - ft >= 0) & (dt - 0.5 * d0 >= 0) & (dt - 0.5 * d0 <= highest)
            error = math.sqrt(max(probability * (1 - probability), 1e-4) / draws)
            assert abs(held.mean() - probability) < tolerances.STANDARD_ERRORS * error
        else:
            i = KNOTS.index(t)
            sure = VALUES[i] <= -0.05 * t and -0.5 <= SLOPES[i] <= 0.5
            assert probability == sure


def gaussian(mean, variance):
    nothing = np.zeros(len(mean))
    return spline.Belief(
        np.array(mean), np.array(variance), nothing, np.zeros((len(mean), 3)), np.zeros((len(mean), 3, 3))
    )


def test_expected_improvement_against_a_quadrature():
    for mean, sd, lowest in ((0.3, 0.5, 0.0), (-0.2, 0.1, 0.0), (2.0, 0.3, -1.0)):
        expected, _ = integrate.quad(
            lambda f, mean=mean, sd=sd, lowest=lowest: (lowest - f) * stats.norm.pdf(f, mean, sd),
            mean - 12 * sd,
            lowest,
            epsabs=1e-14,
            points=[mean - 2 * sd] if mean - 2 * sd < lowest else None,
        )
        found = wolfe.expected_improvement(gaussian([mean], [sd**2]), lowest)
        assert found[0] == pytest.approx(max(expected, 0), abs=1e-10)
    certain = wolfe.expected_improvement(gaussian([-2.0, 2.0], [0.0, 0.0]), 0.0)
    np.testing.assert_allclose(certain, [2.0, 0.0], atol=1e-90)


# many at once


def many(generator, lines, knots):
    """Arguments of `weigh` for lines with so many knots, of which the last line has two at the same place."""
    steps = np.concatenate([np.zeros((lines, 1)), generator.uniform(0.01, 4.0, (lines, knots - 1))], axis=1)
    steps[-1, 1:] = 1.0
    values, slopes = generator.standard_normal((2, lines, knots))
    slopes[::2, 0] = -1.0
    noise = generator.choice([1e-3, 0.3, 2.0], (2, lines))
    noise[:, -1] = 0.0
    outer = np.where(generator.random(lines) < 0.5, np.nan, steps.max(1) + 1.0)
    return steps, values, slopes, *noise, outer, np.full(lines, 0.05), np.full(lines, 0.5)


@pytest.mark.parametrize("knots", [2, 3, 7])
def test_many_lines_at_once_are_each_line_alone_to_the_last_bit(knots):
    arguments = many(np.random.default_rng(knots), 40, knots)
    together = weigh(*arguments)
    assert np.isnan(together[0]).all(1).sum() == (knots > 2)  # the last one has no covariance that could be inverted
    assert np.isnan(together[-1]).any()
    assert np.isfinite(together[-1]).any()
    for line in range(40):
        alone = weigh(*(argument[line : line + 1] for argument in arguments))
        for mine, all_ in zip(alone, together, strict=True):
            assert mine[0].tobytes() == all_[line].tobytes()


def test_weighing_is_the_belief_of_each_line():
    """Its means and probabilities are those at the knots; the candidate is the best of a plain list."""
    arguments = many(np.random.default_rng(0), 30, 4)
    means, probable, level, rises, best = weigh(*arguments)
    for line in range(29):
        knots, values, slopes, value_sd, slope_sd, outer = (argument[line] for argument in arguments[:6])
        found = spline.condition(knots, values, slopes, value_sd, slope_sd)
        there = found.evaluate(knots)
        np.testing.assert_allclose(means[line], there.mean, **tolerances.POSTERIOR)
        np.testing.assert_allclose(probable[line], wolfe.wolfe_probability(there, 0.05, 0.5), rtol=0, atol=1e-6)
        twin = reference_searches.Belief(knots, values, slopes, value_sd, slope_sd)
        assert rises[line] == (twin.mean("d", 0.0) > 0 and not (found.minima() < min(knots[1:])).any())
        lowest = knots[np.argmin(there.mean)]
        mean, spread = twin.at(("v", lowest), ("d", lowest))
        assert level[line] == (abs(mean[1]) < 1e-5 and spread[0, 1] < 1e-4)
        candidates = [one for one in (*found.minima(), outer) if math.isfinite(one)]
        promises = []
        for one in candidates:
            here = found.evaluate(np.array([one]))
            gain = wolfe.expected_improvement(here, there.mean.min())[0]
            promises.append(gain * wolfe.wolfe_probability(here, 0.05, 0.5)[0])
        if candidates:
            assert promises[candidates.index(best[line])] == pytest.approx(max(promises), rel=1e-6)
        else:
            assert math.isnan(best[line])


# the search


def send(steps, evaluation):
    """The next step that a method asks for; what it wants computed is computed for it alone."""
    wanted = steps.send(evaluation)
    while isinstance(wanted, Computation):
        answers = wanted.function(*(np.array([argument]) for argument in wanted.arguments))
        wanted = steps.send(tuple(answer[0] for answer in answers))
    return wanted


def told(answers, reach, **constants):
    """Steps asked for while the answers last, and the outcome, if any."""
    steps = METHODS["probabilistic"].search(reach, **constants)
    asked = [next(steps)]
    for answer in answers:
        try:
            asked.append(send(steps, answer))
        except StopIteration as returned:
            return asked, returned.value
    return asked, None


def test_extrapolation_doubles_and_ends_at_the_longest_step():
    falling = [Evaluation(-float(a), -1.0, 1e-3, 1e-3) for a in (0, 1, 2, 4, 7)]
    asked, outcome = told(falling, Reach(1.0, 7.0))
    assert asked == [0.0, 1.0, 2.0, 4.0, 7.0]
    assert outcome == Outcome(7.0, Status.LOWEST_MEAN)  # no candidate is left


def test_seven_trials_at_most_and_the_start_is_no_answer():
    falling = [Evaluation(-float(a), -1.0, 1e-3, 1e-3) for a in (0, 1, 2, 4, 8, 16, 32, 64)]
    asked, outcome = told(falling, Reach(1.0, 1e9))
    assert asked == [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0]
    assert outcome == Outcome(64.0, Status.LOWEST_MEAN)
    high = [Evaluation(0.0, -1.0, 1e-3, 1e-3), *[Evaluation(9.0, -1.0, 1e-3, 1e-3)] * 7]
    asked, outcome = told(high, Reach(1.0, 1e9))
    assert len(asked) == 8
    assert outcome.status is Status.LOWEST_MEAN
    assert outcome.step > 0.0


def test_where_the_mean_rises_at_the_start_a_hundredth_is_evaluated_once_and_taken():
    rising = [Evaluation(a, 1.0, 1e-3, 1e-3) for a in (0.0, 4.0, 0.04)]
    asked, outcome = told(rising, Reach(4.0, 9.0))
    assert asked == pytest.approx([0.0, 4.0, 0.04])
    assert outcome == Outcome(pytest.approx(0.04), Status.RISING)


def test_a_rise_at_the_start_with_a_minimum_before_the_first_trial_is_searched():
    """The cubic through both has a maximum and then a minimum between them."""
    answers = [Evaluation(0.0, 1.0, 1e-3, 1e-3), Evaluation(-1.0, 5.0, 1e-3, 1e-3)]
    asked, outcome = told(answers, Reach(1.0, 9.0))
    assert outcome is None
    assert 0.02 < asked[2] < 1.0


@pytest.mark.parametrize("left", [1_000, 0])
def test_an_earlier_trial_that_has_become_acceptable_needs_no_evaluation(left):
    answers = [Evaluation(0.0, -1.0, 0.05, 0.2), Evaluation(-0.19, -0.8, 0.05, 0.2), Evaluation(0.2, -0.4, left=left)]
    assert told(answers, Reach(1.0, 9.0)) == ([0.0, 1.0, 2.0], Outcome(1.0, Status.WOLFE))


def test_an_optimum_that_is_certain_ends_the_search():
    """Wolfe's conditions fail, as the loss does not fall, but the slope is nothing there."""
    level = [Evaluation(0.0, -1.0, 0.0, 0.0), Evaluation(0.0, 3.0, 0.0, 0.0), Evaluation(-0.02, 0.0, 0.0, 0.0)]
    asked, outcome = told(level, Reach(1.0, 9.0))
    assert len(asked) == 3
    assert outcome == Outcome(asked[2], Status.SMALL_SLOPE)


def test_steps_too_close_to_tell_apart_end_the_search():
    def patient(reach):
        return METHODS["probabilistic"].search(reach, trials=300, threshold=1.0)

    search = Search(patient, Reach(1.0, 9.0), 300)
    while search.outcome is None:  # it closes in on a kink
        search.tell(abs(search.step - 0.3), math.copysign(1.0, search.step - 0.3), 0.0, 0.0)
    assert search.outcome.status is Status.LOWEST_MEAN
    assert search.outcome.step == pytest.approx(0.3, abs=1e-3)
    assert 5 < search.evaluations < 100


def test_scaled_numbers_too_large_end_the_search():
    for answers in (
        [Evaluation(0.0, -1e-200, 0.0, 0.0), Evaluation(1.0, 0.0, 0.0, 0.0)],
        [Evaluation(0.0, -1e-200, 1.0, 0.0), Evaluation(0.0, 0.0, 0.0, 0.0)],
        [Evaluation(0.0, -1e-200, 0.0, 1.0), Evaluation(0.0, 0.0, 0.0, 0.0)],
    ):
        assert told(answers, Reach(1.0, 9.0)) == ([0.0, 1.0], Outcome(0.0, Status.NOT_FINITE))


def test_a_slope_too_small_to_scale_by_counts_as_flat():
    assert told([Evaluation(0.0, 5e-324, 0.0, 0.0)], Reach(0.1, 9.0)) == ([0.0], Outcome(0.0, Status.FLAT))
