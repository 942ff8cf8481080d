"""The methods by hand, and against their twins."""

import math

import numpy as np
import pytest
import reference_searches
import tolerances
from hypothesis import given
from hypothesis import strategies as st

from landscape_core import LandscapeError
from landscape_core.line_search import METHODS, previous_step
from landscape_core.line_search.probabilistic import next_guess
from landscape_core.line_search.search import STATUSES, Evaluation, Outcome, Reach, Search, Status, tell_all

R = (1 + math.sqrt(5)) / 2


def reach(first, longest, unit=1.0):
    return Reach(float(first), float(longest), unit)


def run(name, at, how_far, budget=1_000, sds=(0.0, 0.0)):
    """All steps that a search asks for, and its outcome. `at(a)` → (loss, slope)."""
    search = Search(METHODS[name].search, how_far, budget)
    asked = []
    while search.outcome is None:
        asked.append(search.step)
        search.tell(*map(float, at(search.step)), *sds)
    assert search.evaluations == len(asked) <= budget
    return asked, search.outcome


def parabola(minimum):
    return lambda a: ((a - minimum) ** 2 / 2, a - minimum)


def linear(slope):
    return lambda a: (slope * a, slope)


def valley(minimum):
    """|a − minimum|: a slope that only has a sign, 0 at the kink."""
    return lambda a: (abs(a - minimum), float(np.sign(a - minimum)))


def cliff(edge):
    """Descends, and is exactly flat from an edge on."""
    return lambda a: (max(edge - a, 0.0), -1.0 if a < edge else 0.0)


def rising_after_the_start(a):
    """Negative slope at 0 alone."""
    return (0.0, -1.0) if a == 0.0 else (1.0, 2.0)


HAND = [
    # method, line, first, longest, budget, steps asked for, stop, status
    ("gols_i", parabola(3), 1, 10, 99, [0, 1, 2, 4], 4, Status.SIGN_CHANGE),
    ("gols_i", parabola(3), 8, 10, 99, [0, 8, 4, 2], 2, Status.SIGN_CHANGE),
    ("gols_i", parabola(3), 4, 10, 99, [0, 4], 4, Status.SMALL_OVERSHOOT),
    ("gols_i", parabola(3), 3, 10, 99, [0, 3, 1.5], 1.5, Status.SIGN_CHANGE),  # exactly 0 is no small overshoot
    ("gols_i", valley(3), 1, 10, 99, [0, 1, 2, 4], 4, Status.SIGN_CHANGE),
    ("gols_i", linear(-1), 1, 10, 99, [0, 1, 2, 4, 8], 8, Status.LONGEST),
    ("gols_i", linear(-1), 6, 10, 99, [0, 6, 12], 12, Status.LONGEST),  # once beyond, as published
    ("gols_i", linear(-1), 50, 10, 99, [0, 10], 10, Status.LONGEST),
    ("gols_i", linear(1), 4e-8, 10, 99, [0, 4e-8, 2e-8, 1e-8], 1e-8, Status.SHORTEST),
    ("gols_i", linear(1), 0, 10, 99, [0, 1e-8], 1e-8, Status.SHORTEST),
    ("gols_i", linear(0), 1, 10, 4, [0, 1, 0.5, 0.25], 0.25, Status.BUDGET),  # flat: never descends
    ("gols_i", linear(-1), 1, 10, 3, [0, 1, 2], 2, Status.BUDGET),
    ("gols_i", linear(-1), 1, 10, 1, [0], 0, Status.BUDGET),
    ("gols_b", parabola(20), 1, 26, 2, [5, 5 + 5 * R], 26, Status.LONGEST),  # the next would be at 26.2
    ("gols_b", parabola(20), 1, 30, 2, [5, 5 + 5 * R], 5 + 5 * R, Status.BUDGET),
    ("gols_b", parabola(20), 1, 30, 3, [5, 5 + 5 * R, 5 + 5 * R + 5 * R**2], 5 + 5 * R, Status.BUDGET),
    ("gols_b", linear(-1), 1, 8, 99, [4 + 5e-9, 8], 8, Status.LONGEST),
    ("gols_b", linear(1), 1, 8, 4, [4 + 5e-9, 8, 2 + 7.5e-9, 1 + 8.75e-9], 1 + 8.75e-9, Status.BUDGET),
    ("gols_b", linear(0), 1, 8, 3, [4 + 5e-9, 8, 2 + 7.5e-9], 2 + 7.5e-9, Status.BUDGET),
    ("gols_b", linear(0), 1, 8, 1, [4 + 5e-9], 4 + 5e-9, Status.BUDGET),
    ("gols_b", cliff(5), 1, 8, 4, [4 + 5e-9, 8, 6 + 2.5e-9, 5 + 3.75e-9], 5 + 3.75e-9, Status.BUDGET),
    ("gols_max", parabola(3), 1, 20, 99, [0, 1, 2, 4, 8], 8, Status.STEEP),
    ("gols_max", parabola(3), 12, 20, 99, [0, 12, 6, 3], 3, Status.SMALL_SLOPE),
    ("gols_max", linear(-1), 1, 10, 99, [0, 1, 2, 4, 8], 8, Status.LONGEST),
    ("gols_max", parabola(10), 4, 5, 99, [0, 4, 8], 8, Status.LONGEST),  # once beyond, as published
    ("gols_max", parabola(10), 2.5, 4, 99, [0, 2.5, 5], 5, Status.LONGEST),
    ("gols_max", linear(-1), 50, 10, 99, [0, 10], 10, Status.LONGEST),
    ("gols_max", linear(1), 4e-8, 10, 99, [0, 4e-8, 2e-8, 1e-8], 1e-8, Status.SHORTEST),
    ("gols_max", linear(0), 2, 10, 4, [0, 2, 1, 0.5], 0.5, Status.BUDGET),  # flat: its tolerance is 0 as well
    ("gols_max", linear(-1), 1, 10, 2, [0, 1], 1, Status.BUDGET),
    ("gols_max", linear(1), 1, 10, 1, [0], 0, Status.BUDGET),
    ("gols_back", linear(-1), 1, 10, 99, [0, 10], 10, Status.STILL_DESCENDING),
    ("gols_back", parabola(3), 1, 16, 99, [0, 16, 8, 4], 4, Status.SMALL_SLOPE),
    ("gols_back", parabola(3), 1, 5, 99, [0, 5, 2.5], 2.5, Status.SMALL_SLOPE),  # halved at least once
    ("gols_back", parabola(3), 1, 4, 99, [0, 4, 2], 2, Status.SMALL_SLOPE),
    ("gols_back", linear(0), 1, 16, 99, [0, 16, 8], 8, Status.SMALL_SLOPE),
    ("gols_back", linear(1), 1, 4e-8, 99, [0, 4e-8, 2e-8, 1e-8], 1e-8, Status.SHORTEST),
    ("gols_back", linear(1), 1, 16, 3, [0, 16, 8], 8, Status.BUDGET),
    ("gols_back", linear(1), 1, 16, 1, [0], 0, Status.BUDGET),
    (
        "golden_section",
        parabola(3),
        1,
        1,
        99,
        [2 - R, 1],
        1,
        Status.LONGEST,
    ),
    ("golden_section", parabola(0.1), 1, 1, 5, [2 - R, 1, 2 - R, R - 1], (R - 1) / 2, Status.BUDGET),
    (
        "golden_section",
        linear(-1),
        1,
        4,
        99,
        [0.5, 0.5 + R / 2, 0.5 + R / 2, (1 + R + R**2) / 2],  # the next would be 4.7
        4,
        Status.LONGEST,
    ),
    ("golden_section", linear(-1), 1, 4, 2, [0.5, 0.5 + R / 2], 0.5 + R / 2, Status.BUDGET),
    ("golden_section", linear(1), 1, 4, 1, [0.5], 0.5, Status.BUDGET),
    ("golden_section", linear(1), 1, 4, 2, [0.5, 0.5 + R / 2], (1 + R) / 4, Status.BUDGET),
    ("armijo", parabola(3), 1, 20, 99, [0, 1, 0, 2, 0, 4, 0, 8, 0], 4, Status.DECREASE),
    ("armijo", parabola(3), 8, 20, 99, [0, 8, 0, 4, 0], 4, Status.DECREASE),
    ("armijo", linear(-1), 1, 3, 99, [0, 1, 0, 2, 0, 4, 0], 3, Status.LONGEST),  # looks beyond, as published
    ("armijo", parabola(10), 2.5, 4, 99, [0, 2.5, 0, 5, 0], 4, Status.LONGEST),
    ("armijo", parabola(3), 2.5, 4, 99, [0, 2.5, 0, 5, 0], 2.5, Status.DECREASE),
    ("armijo", linear(1), 2e-8, 3, 99, [0, 2e-8, 0, 1e-8, 0], 1e-8, Status.SHORTEST),
    ("armijo", linear(-1), 1, 30, 6, [0, 1, 0, 2, 0], 2, Status.BUDGET),
    ("armijo", linear(1), 1, 30, 4, [0, 1, 0], 1, Status.BUDGET),
    ("armijo", linear(1), 1, 30, 2, [0], 0, Status.BUDGET),
    ("probabilistic", linear(0), 1, 30, 99, [0], 0, Status.FLAT),
    ("probabilistic", linear(1), 1, 30, 1, [0], 0, Status.BUDGET),
    ("probabilistic", parabola(3), 3, 30, 99, [0, 3], 3, Status.WOLFE),
    ("probabilistic", linear(1), 4, 30, 99, [0, 4, 0.04], 0.04, Status.RISING),
    ("probabilistic", linear(1), 4, 30, 2, [0, 4], 4, Status.BUDGET),
]


@pytest.mark.parametrize(("name", "at", "first", "longest", "budget", "steps", "stop", "status"), HAND)
def test_by_hand(name, at, first, longest, budget, steps, stop, status):
    asked, outcome = run(name, at, reach(first, longest), budget)
    assert asked == pytest.approx(steps, rel=1e-14, abs=0)
    assert outcome.status is status
    assert len(asked) == len(steps)
    assert outcome.step == pytest.approx(stop, rel=1e-14, abs=0)


def test_every_reason_to_stop_occurs():
    found = {status for *_, status in HAND}
    found.add(run("gols_b", parabola(0.3), reach(1, 1))[1].status)
    found.add(run("gols_i", lambda a: (math.nan, -1.0) if a else (0.0, -1.0), reach(1, 9))[1].status)
    found.add(run("probabilistic", parabola(3), reach(1, 9), sds=(math.nan, math.nan))[1].status)
    found.add(run("probabilistic", linear(-1), reach(1, 1))[1].status)
    assert found == set(Status) == set(STATUSES)


@pytest.mark.parametrize("name", ["gols_b", "golden_section"])
@pytest.mark.parametrize("unit", [1.0, 40.0])
def test_exact_methods_close_in_on_the_optimum(name, unit):
    for line, minimum in ((parabola, 0.3), (valley, 0.57)):
        asked, outcome = run(name, line(minimum * unit), reach(0.1, unit, unit), budget=150)
        assert outcome.status is Status.CLOSED
        # bisection knows the place to its tolerance; a parabola's loss is the same to 16 digits 1e-8 around its minimum
        assert abs(outcome.step / unit - minimum) < (1e-12 if name == "gols_b" or line is valley else 1e-7)
        assert len(asked) < (65 if name == "gols_b" else 125)  # two a cut


def test_bisection_finds_the_edge_of_an_exactly_flat_stretch():
    _, outcome = run("gols_b", cliff(0.4), reach(1, 1))
    assert outcome.status is Status.CLOSED
    assert abs(outcome.step - 0.4) < 1e-12


def test_golden_section_keeps_its_bracket_golden():
    asked, _ = run("golden_section", parabola(0.2), reach(1, 1), budget=6)
    assert asked == pytest.approx([2 - R, 1, 2 - R, R - 1, (2 - R) * (R - 1), (R - 1) ** 2], rel=1e-14)
    asked, _ = run("golden_section", parabola(2.0), reach(1, 100), budget=8)
    ends = [0.5, 0.5 + R / 2, 0.5 + R / 2 + R**2 / 2, 0.5 + R / 2 + R**2 / 2 + R**3 / 2]
    assert asked[:6] == pytest.approx([ends[0], ends[1], ends[1], ends[2], ends[2], ends[3]], rel=1e-14)
    width = ends[3] - ends[1]  # F(4.7) > F(2.6): the bracket is 1.3 … 4.7
    assert asked[6:] == pytest.approx([ends[1] + (2 - R) * width, ends[1] + (R - 1) * width], rel=1e-14)


def test_golden_section_draws_both_losses_afresh():
    """The second time the losses are the other way round: the lower bracket is kept."""
    losses = iter([1.0, 2.0, 3.0, 4.0])
    asked, outcome = run("golden_section", lambda _: (next(losses), 0.0), reach(1, 1), budget=4)
    assert asked == pytest.approx([2 - R, 1, 2 - R, R - 1])
    assert outcome == Outcome(pytest.approx((R - 1) / 2), Status.BUDGET)


def test_the_losses_at_zero_are_fresh_in_armijos_rule():
    """A lucky mini-batch at 0 makes the same step acceptable or not."""
    zeros = iter([0.0, 5.0, -5.0])
    asked, outcome = run("armijo", lambda a: (next(zeros) if a == 0 else 0.0, -1.0), reach(1, 100))
    assert asked == [0, 1, 0, 2, 0]
    assert outcome == Outcome(1.0, Status.DECREASE)


def test_first_guess_is_kept_within_bounds():
    found = reach(first=3.0, longest=2.0, unit=10.0)
    assert (found.guess, found.shortest) == (2.0, 1e-7)
    assert reach(first=0.0, longest=2.0).guess == 1e-8


# the search around a method


def test_a_number_that_is_not_finite_ends_at_the_last_step_that_was():
    for bad in (math.nan, math.inf, -math.inf):
        for numbers in ((bad, 0.0), (0.0, bad)):
            asked, outcome = run("gols_i", lambda a, numbers=numbers: numbers if a > 3 else (0.0, -1.0), reach(1, 99))
            assert asked == [0, 1, 2, 4]
            assert outcome == Outcome(2.0, Status.NOT_FINITE)


def test_a_step_that_is_not_finite_ends_too():
    def strange(_reach):
        yield 1.0
        yield math.nan

    search = Search(strange, reach(1, 1), 9)
    search.tell(0.0, 0.0, 0.0, 0.0)
    assert (search.outcome, search.evaluations) == (Outcome(1.0, Status.NOT_FINITE), 1)


def test_a_method_that_asks_for_too_much_is_at_fault():
    def greedy(_reach):
        while True:
            yield 1.0

    search = Search(greedy, reach(1, 1), 1)
    with pytest.raises(LandscapeError) as caught:
        search.tell(0.0, 0.0, 0.0, 0.0)
    assert str(caught.value) == "a line search asks for more than its 1 evaluations"


def test_what_was_known_before_does_not_count():
    search = Search(METHODS["gols_i"].search, reach(1, 10), 1, start_known=True)
    search.tell(0.0, -1.0, 0.0, 0.0)
    assert (search.step, search.evaluations, search.outcome) == (1.0, 0, None)
    search.tell(0.0, -1.0, 0.0, 0.0)
    assert (search.evaluations, search.outcome) == (1, Outcome(1.0, Status.BUDGET))
    assert Search(METHODS["gols_b"].search, reach(1, 10), 1, start_known=True).evaluations == 0


def test_methods_are_told_what_is_left():
    seen = []

    def watching(_reach):
        for _ in range(3):
            here = yield 1.0
            seen.append(here)
        return Outcome(1.0, Status.BUDGET)

    search = Search(watching, reach(1, 1), 3)
    for number in range(3):
        search.tell(float(number), 2.0, 3.0, 4.0)
    assert seen == [Evaluation(0, 2.0, 3.0, 4.0, 2), Evaluation(1, 2.0, 3.0, 4.0, 1), Evaluation(2, 2.0, 3.0, 4.0, 0)]


def test_searches_told_together_are_each_told_alone():
    """Whatever their methods are and however many evaluations they have had; what is computed for them goes together."""
    reaches = [reach(first, 1.0) for first in (0.03, 0.1, 0.4)]

    def searches():
        return [
            Search(method.search, how_far, budget)
            for method in METHODS.values()
            for how_far in reaches
            for budget in (3, 20)
        ]

    def answer(number, search):
        generator = np.random.default_rng((number, search.evaluations))
        return (search.step - 0.3) ** 2 / 2 + generator.normal(0, 0.05), search.step - 0.3, 0.05, 0.2

    alone = searches()
    for number, search in enumerate(alone):
        while search.outcome is None:
            search.tell(*answer(number, search))
    together = searches()
    held = together[::5]  # these begin later, so that they have fewer evaluations than the others
    while under_way := [
        (number, search)
        for number, search in enumerate(together)
        if search.outcome is None and (search not in held or together[1].evaluations > 1)
    ]:
        tell_all([search for _, search in under_way], [answer(*one) for one in under_way])
    assert [search.outcome for search in together] == [search.outcome for search in alone]
    assert [search.evaluations for search in together] == [search.evaluations for search in alone]


# twins


def noisy(seed, noise):
    """A wavy line under mini-batch noise: (loss, slope) at a, drawn afresh at each call."""
    generator = np.random.default_rng(seed)
    minimum = generator.uniform(0, 1)
    waves = generator.uniform(0, 0.3)

    def at(a):
        loss = (a - minimum) ** 2 / 2 + waves * math.sin(9 * a) / 9 + noise * generator.standard_normal()
        return loss, a - minimum + waves * math.cos(9 * a) + noise * generator.standard_normal()

    return at


def against_twin(name, seed, noise, first, longest, unit, budget):
    """Steps and end of the method, and those of its twin."""
    sds = (noise, noise)
    asked, outcome = run(name, noisy(seed, noise), reach(first, longest, unit), budget, sds)
    at = noisy(seed, noise)
    calls, _, stop, status = reference_searches.run(name, lambda a: (*at(a), *sds), (first, longest, unit), budget)
    assert outcome.status.name == status
    return asked, outcome, calls, stop


@pytest.mark.parametrize("name", [name for name in METHODS if name != "probabilistic"])
@given(
    seed=st.integers(0, 2**32 - 1),
    noise=st.sampled_from([0.0, 0.03, 1.0]),
    first=st.sampled_from([1e-8, 0.01, 0.1, 0.5, 2.0]),
    longest=st.sampled_from([0.3, 1.0, 7.0, 100.0]),
    unit=st.sampled_from([0.05, 1.0]),
    budget=st.integers(1, 40),
)
def test_twins(name, seed, noise, first, longest, unit, budget):
    asked, outcome, calls, stop = against_twin(name, seed, noise, first, longest, unit, budget)
    assert asked == pytest.approx(calls, rel=1e-9, abs=1e-15)
    assert outcome.step == pytest.approx(stop, rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("noise", [0.03, 0.3])
def test_probabilistic_twin(seed, noise):
    budget, first = (3, 20)[seed % 2], (0.05, 0.4)[seed % 3 == 0]
    asked, outcome, calls, stop = against_twin("probabilistic", seed, noise, first, 1.0, 1.0, budget)
    np.testing.assert_allclose(asked, calls, **tolerances.SEARCHED)
    np.testing.assert_allclose(outcome.step, stop, **tolerances.SEARCHED)


# from search to search


def test_guesses_in_training():
    assert previous_step([]) == 1e-8
    assert previous_step([3.0, 2.0]) == 2.0
    assert next_guess([]) == 1e-4
    average = 0.95 * 1e-4 + 0.05 * 2e-4
    assert next_guess([2e-4]) == pytest.approx(1.3 * 2e-4)
    assert next_guess([2e-4, 0.0]) == pytest.approx(0.95 * average)  # 0 is farther off than 100 times
    assert next_guess([1.0] * 50 + [1e-4]) == pytest.approx(0.95 * (0.95**50 * 1e-4 + (1 - 0.95**50)) + 0.05 * 1e-4)
