"""Races against a plain loop, and the same mini-batches whatever else is asked for."""

import math

import numpy as np
import pytest
import reference
import reference_lines
import reference_searches
import tolerances
from reference_results import assert_identical

from landscape_core import BudgetError, RaceSpec, SpecError, run_race
from landscape_core.comparison import race
from landscape_core.comparison.race import trace_race
from landscape_core.comparison.race_spec import MAX_BUDGET
from landscape_core.geometry.grid import unit
from landscape_core.line_search import METHODS
from landscape_core.line_search.search import STATUSES, Status
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import Batches, shuffle_urns


def trace(spec, method, number, line=0):
    return trace_race(spec.replace(methods=(method,)), number, line, device="cpu")[method]


LINES = ((12735, 0.0, 15), (1, 90.0, 40), (1, -45.0, 4))
"""Seed, angle and budget."""


@pytest.mark.parametrize("size", [10, 150])
@pytest.mark.parametrize("place", range(6))
@pytest.mark.parametrize("domain", ["global", "local"])
def test_every_trial_of_every_search_is_reenacted(domain, place, size):
    """Place, numbers, bracket, status and end of each."""
    activation = [*reference_lines.ACTIVATIONS][place]
    seed, angle, budget = LINES[(place + place // 3 + (size == 150)) % 3]
    spec = RaceSpec(
        domain=domain,
        activation=activation,
        seed=seed,
        batch_size=size,
        batch_seed=5,
        angles=(angle,),
        races=2,
        budget=budget,
    )
    result, line = run_race(spec, device="cpu"), reference_lines.Line(domain, activation, seed, angle)
    half_width = {"local": 2.0, "global": 20.0}[domain]
    origin, length = -0.9 * half_width, 1.9 * half_width
    for number in range(2):
        batches = shuffle_urns(Batches(size, 5, Purpose.RACE), [number], 100, 150)[:, :size]
        found = trace_race(spec, number, device="cpu")
        for method, name in enumerate(METHODS):
            seen, fresh = [], iter(batches)

            def at(step, seen=seen, fresh=fresh):
                seen.append(line.evaluate(origin + step, next(fresh)))
                return seen[-1]

            reach = 0.1 * length * 2 ** (number / 2), length, length
            steps, brackets, stop, status = reference_searches.run(name, at, reach, budget)
            one, here = found[name], (0, method, number)
            trials = np.array([one.positions, one.loss, one.slope, one.loss_sd, one.slope_sd, one.low, one.high]).T
            mine = np.column_stack([origin + np.array(steps), seen, origin + np.array(brackets)])
            np.testing.assert_allclose(trials, mine, err_msg=name, **tolerances.RACED)
            assert one.status.name == STATUSES[result.statuses[here]].name == status, name
            assert result.evaluations[here] == len(steps)
            np.testing.assert_allclose([one.stop, result.stops[here]], origin + stop, **tolerances.RACED)
            full = line.evaluate(float(result.stops[here]), np.arange(150))[0]
            np.testing.assert_allclose(result.stop_loss[here], full, **tolerances.TABLE)


def test_true_optima_against_the_reference():
    spec = RaceSpec(domain="local", activation="relu", angles=(0.0, 90.0), races=1, start=-1.0)
    result = run_race(spec, device="cpu")
    start, pair, inputs, targets = reference.setting("local", "relu")
    for line in range(2):

        def slope(position, direction=pair[line]):
            return float(
                reference.full_gradient(start + position * direction, "relu", "relu", inputs, targets) @ direction
            )

        np.testing.assert_array_equal(result.positions, np.linspace(-2.0, 2.0, 101))
        np.testing.assert_allclose(result.line_slope[line, 40], slope(result.positions[40]), **tolerances.TABLE)
        changes = [i for i in range(1, 101) if result.line_slope[line, i - 1] < 0 < result.line_slope[line, i]]
        mine = result.optima[result.optima_line == line]
        assert len(mine) == len(changes) > 0
        for place, i in zip(mine, changes, strict=True):
            assert result.positions[i - 1] < place <= result.positions[i]
            assert slope(place - 1e-9) < 0 <= slope(place + 1e-9)
        losses, _ = reference.losses_and_gradients(start + mine[0] * pair[line], "relu", "relu", inputs, targets)
        assert result.lowest[line] <= min(math.fsum(losses) / 150 + 1e-12, result.line_loss[line].min())


def test_the_same_race_twice_is_identical(few):
    assert_identical(run_race(few, device="cpu"), run_race(few, device="cpu"))


def test_how_many_races_go_at_a_time_changes_nothing(few, monkeypatch):
    whole = run_race(few, device="cpu")
    monkeypatch.setattr(race, "RACES_AT_A_TIME", 4)
    assert_identical(run_race(few, device="cpu"), whole)


def test_a_method_is_the_same_alone_and_among_others(few):
    whole = run_race(few, device="cpu")
    for place, name in enumerate(few.methods):
        alone = run_race(few.replace(methods=(name,), races=3, angles=(-45.0,)), device="cpu")
        for array in ("stops", "stop_loss", "evaluations", "statuses"):
            np.testing.assert_array_equal(getattr(alone, array)[0, 0], getattr(whole, array)[1, place, :3])


def test_only_some_methods_are_what_they_would_have_been_without_the_others(few):
    some = ("armijo", "gols_b")
    assert_identical(run_race(few, device="cpu").keep_methods(some), run_race(few.replace(methods=some), device="cpu"))
    assert run_race(few, device="cpu").keep_methods(some).spec == few.replace(methods=some)


def test_a_trace_is_the_race(few):
    result = run_race(few, device="cpu")
    for place, name in enumerate(few.methods):
        for number in (0, 5):
            found = trace(few, name, number, 1)
            assert found.stop == result.stops[1, place, number]
            assert len(found.positions) == result.evaluations[1, place, number]
            assert found.status is STATUSES[result.statuses[1, place, number]]


def test_methods_share_the_mini_batch_of_an_evaluation(few):
    traces = [trace(few, name, 4) for name in METHODS]
    expected = np.sort(shuffle_urns(Batches(10, 0, Purpose.RACE), [4], MAX_BUDGET, 150)[:, :10], axis=1)
    for found in traces:
        np.testing.assert_array_equal(found.samples, expected[: len(found.positions)])
        assert len(found.loss) == len(found.slope) == len(found.loss_sd) == len(found.slope_sd) == len(found.samples)
    # GOLS-I and GOLS-Max ask at the same first two places, and are told the same
    for one, other in ((traces[0], traces[2]),):
        np.testing.assert_array_equal(one.positions[:2], other.positions[:2])
        np.testing.assert_array_equal(one.slope[:2], other.slope[:2])
    assert len({tuple(row) for row in expected}) > 90


def test_a_trace_tells_what_its_samples_say(few):
    found = trace(few, "armijo", 2)
    start, pair, inputs, targets = reference.setting("local", "tanh")
    direction = unit(30.0) @ pair
    losses, gradients = reference.losses_and_gradients(
        start + found.positions[1] * direction,
        "tanh",
        "tanh",
        [inputs[n] for n in found.samples[1]],
        [targets[n] for n in found.samples[1]],
    )
    slopes = [gradient @ direction for gradient in gradients]
    np.testing.assert_allclose(found.loss[1], np.mean(losses), **tolerances.TABLE)
    np.testing.assert_allclose(found.slope[1], np.mean(slopes), **tolerances.TABLE)
    np.testing.assert_allclose(found.loss_sd[1], np.std(losses, ddof=1) / math.sqrt(10), **tolerances.TABLE)
    np.testing.assert_allclose(found.slope_sd[1], np.std(slopes, ddof=1) / math.sqrt(10), **tolerances.TABLE)


def test_a_larger_budget_goes_on_with_the_same_race(few):
    shorter, longer = (trace(few.replace(budget=budget), "gols_b", 0) for budget in (5, 12))
    assert shorter.status is longer.status is Status.BUDGET
    np.testing.assert_array_equal(shorter.positions, longer.positions[:5])
    np.testing.assert_array_equal(shorter.slope, longer.slope[:5])


def test_races_differ_by_their_seed_and_number(few):
    result = run_race(few.replace(methods=("gols_b",)), device="cpu")
    assert len(np.unique(result.stops[0])) > 3
    other = run_race(few.replace(methods=("golden_section",), batch_seed=1), device="cpu")
    assert (other.stops != result.stops).any()
    np.testing.assert_array_equal(other.line_loss, result.line_loss)


def test_without_noise_races_differ_by_their_first_guess_alone():
    spec = RaceSpec(batch_size=150, races=4, budget=60, angles=(45.0,), domain="local", activation="elu")
    result = run_race(spec, device="cpu")
    for place, name in enumerate(spec.methods):  # those that ignore the first guess
        if name in {"gols_b", "gols_back", "golden_section"}:
            assert len(np.unique(result.stops[0, place])) == len(np.unique(result.stop_loss[0, place])) == 1
    bisection = spec.methods.index("gols_b")
    assert result.distance[0, bisection, 0] < 1e-9
    assert STATUSES[result.statuses[0, bisection, 0]] is Status.CLOSED
    assert result.left_over[0, bisection, 0] == pytest.approx(0, abs=1e-12)


def test_a_batch_of_one_has_no_standard_error():
    spec = RaceSpec(batch_size=1, races=3, angles=(0.0,))
    result = run_race(spec, device="cpu")
    place = spec.methods.index("probabilistic")
    assert result.status_counts(0, "probabilistic") == {Status.NO_NOISE_ESTIMATE: 3}
    np.testing.assert_array_equal(result.stops[0, place], spec.origin)
    assert np.isnan(trace(spec, "gols_i", 0).slope_sd).all()


def test_float32_searches_too():
    spec = RaceSpec(dtype="float32", races=2, angles=(45.0,))
    found, exact = run_race(spec, device="cpu"), run_race(spec.replace(dtype="float64"), device="cpu")
    assert found.line_loss.dtype == np.float64
    np.testing.assert_allclose(found.line_loss, exact.line_loss, **tolerances.TABLE_FLOAT32)


def test_too_many_evaluations_are_refused():
    spec = RaceSpec(races=10_000, budget=100, angles=(1.0, 2.0, 3.0))
    with pytest.raises(BudgetError) as caught:
        run_race(spec)
    assert str(caught.value) == (
        "needs 21,000,000 evaluations; the limit is 10,000,000. Lower the races, the budget, the lines or the methods."
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("newton", 0), "methods: got ('newton',); allowed: different names out of " + ", ".join(METHODS)),
        (("gols_i", -1), "race: got -1; allowed: a whole number from 0"),
        (("gols_i", 0, 2), "line: got 2; allowed: a whole number from 0 to 1"),
    ],
)
def test_traces_that_there_are_not(few, arguments, message):
    with pytest.raises(SpecError) as caught:
        trace(few, *arguments)
    assert str(caught.value) == message


def test_progress_goes_up_to_the_whole(few, monkeypatch):
    monkeypatch.setattr(race, "RACES_AT_A_TIME", 4)
    seen = []
    run_race(few, device="cpu", progress=lambda done, what: seen.append((done, what)))
    shares = [done for done, _ in seen]
    assert shares == sorted(shares)
    assert shares[0] > 0
    assert shares[-1] == 1.0
    assert {what for _, what in seen} == {"Racing"}


def test_what_progress_raises_stops_the_race(few):
    calls = []

    def stop(*arguments):
        calls.append(arguments)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_race(few, device="cpu", progress=stop)
    assert len(calls) == 1
