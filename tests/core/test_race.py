import json
import math

import numpy as np
import oracle
import pytest
import search_oracle
import tolerances

from landscape_core import BudgetError, RaceSpec, SpecError, intervals, race, race_line, run_race
from landscape_core.geometry import unit
from landscape_core.line_search import METHODS
from landscape_core.line_search.search import STATUSES, Evaluation, Status
from landscape_core.race import RaceResult, trace
from landscape_core.race_spec import MAX_BUDGET, octave_share
from landscape_core.randomness import Purpose
from landscape_core.sampling import Batches, urn

ARRAYS = [name for name, kind in RaceResult.__annotations__.items() if name not in {"spec", "device", "versions"}]


@pytest.fixture(autouse=True)
def coarse(monkeypatch):
    """Few fine points: their number matters only to what is tested about it."""
    monkeypatch.setattr(race_line, "FINE_POINTS", 101)


@pytest.fixture
def few():
    return RaceSpec(races=6, budget=8, angles=(30.0, -45.0), domain="local", activation="tanh")


def assert_identical(one, other):
    for name in ARRAYS:
        first, second = getattr(one, name), getattr(other, name)
        assert (first.dtype, first.shape, first.tobytes()) == (second.dtype, second.shape, second.tobytes()), name


# against a plain loop


@pytest.mark.parametrize(
    ("domain", "activation", "size", "angle"), [("local", "tanh", 10, 30.0), ("global", "leaky_relu", 3, -45.0)]
)
def test_one_search_at_a_time_on_the_oracles_network(domain, activation, size, angle):
    spec = RaceSpec(
        domain=domain,
        activation=activation,
        batch_size=size,
        angles=(angle,),
        races=3,
        budget=9,
        batch_seed=5,
        start=-0.5,
    )
    result = run_race(spec, device="cpu")
    start, pair, inputs, targets = oracle.setting(domain, activation)
    direction = math.cos(math.radians(angle)) * pair[0] + math.sin(math.radians(angle)) * pair[1]
    half_width = {"local": 2.0, "global": 20.0}[domain]
    length = 1.5 * half_width
    assert (spec.origin, spec.reach(0).longest) == (-0.5 * half_width, length)

    def at(position, rows):
        """Mini-batch loss, slope and standard errors from backward() of each sample."""
        losses, gradients = oracle.losses_and_gradients(
            start + position * direction, activation, activation, [inputs[n] for n in rows], [targets[n] for n in rows]
        )
        numbers = []
        for values in (losses, [float(gradient @ direction) for gradient in gradients]):
            mean = math.fsum(values) / size
            numbers.append((mean, math.sqrt((math.fsum(v * v for v in values) / size - mean**2) / (size - 1))))
        (loss, loss_sd), (slope, slope_sd) = numbers
        return loss, slope, loss_sd, slope_sd

    for number in range(3):
        batches = urn(Batches(size, 5, Purpose.RACE), [number], 100, 150)[:, :size]
        for place, (name, method) in enumerate(METHODS.items()):
            steps = method.search(spec.reach(number))
            step, used = next(steps), 0
            while True:
                numbers = at(-0.5 * half_width + step, batches[used])
                used += 1
                try:
                    step = search_oracle.send(steps, Evaluation(*numbers, left=9 - used))
                except StopIteration as returned:
                    outcome = returned.value
                    break
            here = 0, place, number
            assert result.evaluations[here] == used, name
            assert STATUSES[result.statuses[here]] is outcome.status
            np.testing.assert_allclose(result.stops[here], spec.origin + outcome.step, **tolerances.SEARCHED)
            full, _ = oracle.losses_and_gradients(
                start + float(result.stops[here]) * direction, activation, activation, inputs, targets
            )
            np.testing.assert_allclose(result.stop_loss[here], math.fsum(full) / 150, **tolerances.TABLE)


def test_true_optima_against_the_oracle():
    spec = RaceSpec(domain="local", activation="relu", angles=(0.0, 90.0), races=1, start=-1.0)
    result = run_race(spec, device="cpu")
    start, pair, inputs, targets = oracle.setting("local", "relu")
    for line in range(2):

        def slope(position, direction=pair[line]):
            return float(
                oracle.full_gradient(start + position * direction, "relu", "relu", inputs, targets) @ direction
            )

        np.testing.assert_array_equal(result.positions, np.linspace(-2.0, 2.0, 101))
        np.testing.assert_allclose(result.line_slope[line, 40], slope(result.positions[40]), **tolerances.TABLE)
        changes = [i for i in range(1, 101) if result.line_slope[line, i - 1] < 0 < result.line_slope[line, i]]
        mine = result.optima[result.optima_line == line]
        assert len(mine) == len(changes) > 0
        for place, i in zip(mine, changes, strict=True):
            assert result.positions[i - 1] < place <= result.positions[i]
            assert slope(place - 1e-9) < 0 <= slope(place + 1e-9)
        losses, _ = oracle.losses_and_gradients(start + mine[0] * pair[line], "relu", "relu", inputs, targets)
        assert result.lowest[line] <= min(math.fsum(losses) / 150 + 1e-12, result.line_loss[line].min())


# the same mini-batches, whatever else is asked for


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
    assert_identical(race.only(run_race(few, device="cpu"), some), run_race(few.replace(methods=some), device="cpu"))
    assert race.only(run_race(few, device="cpu"), some).spec == few.replace(methods=some)


def test_a_trace_is_the_race(few):
    result = run_race(few, device="cpu")
    for place, name in enumerate(few.methods):
        for number in (0, 5):
            found = trace(few, name, number, 1, device="cpu")
            assert found.stop == result.stops[1, place, number]
            assert len(found.positions) == result.evaluations[1, place, number]
            assert found.status is STATUSES[result.statuses[1, place, number]]


def test_methods_share_the_mini_batch_of_an_evaluation(few):
    traces = [trace(few, name, 4, device="cpu") for name in METHODS]
    expected = np.sort(urn(Batches(10, 0, Purpose.RACE), [4], MAX_BUDGET, 150)[:, :10], axis=1)
    for found in traces:
        np.testing.assert_array_equal(found.samples, expected[: len(found.positions)])
        assert len(found.loss) == len(found.slope) == len(found.loss_sd) == len(found.slope_sd) == len(found.samples)
    # GOLS-I and GOLS-Max ask at the same first two places, and are told the same
    for one, other in ((traces[0], traces[2]),):
        np.testing.assert_array_equal(one.positions[:2], other.positions[:2])
        np.testing.assert_array_equal(one.slope[:2], other.slope[:2])
    assert len({tuple(row) for row in expected}) > 90


def test_a_trace_tells_what_its_samples_say(few):
    found = trace(few, "armijo", 2, device="cpu")
    start, pair, inputs, targets = oracle.setting("local", "tanh")
    direction = unit(30.0) @ pair
    losses, gradients = oracle.losses_and_gradients(
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
    shorter, longer = (trace(few.replace(budget=budget), "gols_b", 0, device="cpu") for budget in (5, 12))
    assert shorter.status is longer.status is Status.BUDGET
    np.testing.assert_array_equal(shorter.positions, longer.positions[:5])
    np.testing.assert_array_equal(shorter.slope, longer.slope[:5])


def test_races_differ_by_their_seed_and_number(few):
    result = run_race(few.replace(methods=("golden_section",)), device="cpu")
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
    assert np.isnan(trace(spec, "gols_i", 0, device="cpu").slope_sd).all()


def test_float32_searches_too():
    spec = RaceSpec(dtype="float32", races=2, angles=(45.0,))
    found, exact = run_race(spec, device="cpu"), run_race(spec.replace(dtype="float64"), device="cpu")
    assert found.line_loss.dtype == np.float64
    np.testing.assert_allclose(found.line_loss, exact.line_loss, **tolerances.TABLE_FLOAT32)


# scores


@pytest.fixture
def made(few):
    """A result with scores that can be worked out by hand: two lines, the second without an optimum."""
    spec = few.replace(methods=("gols_b", "armijo"), races=4)
    stops = np.array([[[0.1, 0.4, 1.0, -1.0], [0.2, 0.4, 0.9, 2.0]], [[0.0] * 4, [1.0] * 4]])
    return RaceResult(
        spec=spec,
        device="cpu",
        versions={},
        positions=np.linspace(-1, 1, 3),
        line_loss=np.ones((2, 3)),
        line_slope=np.ones((2, 3)),
        optima=np.array([0.0, 1.5]),
        optima_line=np.array([0, 0], dtype=np.int32),
        lowest=np.array([0.5, 0.25]),
        stops=stops,
        stop_loss=stops + 1.0,
        evaluations=np.full((2, 2, 4), 8, dtype=np.int32),
        statuses=np.array([[[0, 0, 1, 0], [5] * 4], [[13] * 4, [0] * 4]], dtype=np.int32),
    )


def test_distance_is_to_the_nearest_true_optimum(made):
    expected = [[0.1, 0.4, 0.5, 1.0], [0.2, 0.4, 0.6, 0.5]]
    np.testing.assert_allclose(made.distance[0], expected, atol=1e-15)
    assert np.isnan(made.distance[1]).all()


def test_left_over_is_above_the_lowest_of_the_line(made):
    np.testing.assert_allclose(made.left_over[0], made.stops[0] + 0.5)
    np.testing.assert_allclose(made.left_over[1], made.stops[1] + 0.75)


def test_win_rates_leave_ties_out(made):
    assert made.win_rate("gols_b", "armijo") == intervals.share(np.array([1, 1, 0]))
    assert made.win_rate("armijo", "gols_b") == intervals.share(np.array([0, 0, 1]))
    assert made.win_rate("gols_b", "armijo", line=1) is None
    assert made.win_rate("gols_b", "gols_b") is None
    assert made.win_rate("gols_b", "armijo", "left_over") == intervals.share(np.array([1, 0, 1, 1, 1, 1, 1]))
    assert made.win_rate("gols_b", "armijo", "left_over", line=0) == intervals.share(np.array([1, 0, 1]))


def test_reasons_are_counted_by_name(made):
    assert made.status_counts(0, "gols_b") == {Status.SIGN_CHANGE: 3, Status.SMALL_SLOPE: 1}
    assert made.status_counts(1, "gols_b") == {Status.BUDGET: 4}


def test_summary_is_json_with_what_was_asked(made):
    summary = json.loads(json.dumps(made.summary(), allow_nan=False))
    assert summary["angles"] == [30.0, -45.0]
    first, second = summary["lines"]
    assert first["optima"] == [0.0, 1.5]
    assert first["methods"][0]["median_distance"] == pytest.approx(0.45)
    assert first["methods"][0]["statuses"] == {"SIGN_CHANGE": 3, "SMALL_SLOPE": 1}
    assert second["methods"][0]["median_distance"] is None
    assert second["methods"][1]["mean_evaluations"] == 8.0
    assert made.nbytes == sum(getattr(made, name).nbytes for name in ARRAYS)


# the description


def test_where_searches_start_and_end():
    spec = RaceSpec(domain="local")
    assert (spec.origin, spec.reach(0).longest, spec.reach(0).unit) == pytest.approx((-1.8, 3.8, 3.8))
    assert [spec.reach(race).first for race in range(4)] == pytest.approx([0.38 * 2 ** (k / 4) for k in (0, 2, 1, 3)])
    spec = RaceSpec(start=0.5, first_step=1.0, range=8.0)
    assert (spec.origin, spec.reach(0).longest, spec.reach(0).first) == (4.0, 4.0, 4.0)
    assert (spec.reach(1).longest, spec.reach(1).guess) == (4.0, 4.0)


def test_first_guesses_fill_an_octave_evenly():
    for races in (16, 500, 10_000):
        shares = np.sort([octave_share(race) for race in range(races)])
        assert shares[0] == 0
        assert shares[-1] < 1
        assert np.diff([*shares, 1.0]).max() <= 2 / races


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"methods": ()}, "methods: got (); allowed: different names out of " + ", ".join(METHODS)),
        (
            {"methods": ("gols_i", "gols_i")},
            "methods: got ('gols_i', 'gols_i'); allowed: different names out of " + ", ".join(METHODS),
        ),
        ({"methods": ["newton"]}, "methods: got ('newton',); allowed: different names out of " + ", ".join(METHODS)),
        ({"angles": ()}, "angles: got (); allowed: 1 to 360 different numbers of degrees from −360 to 360"),
        (
            {"angles": (0.0, -0.0)},
            "angles: got (0.0, -0.0); allowed: 1 to 360 different numbers of degrees from −360 to 360",
        ),
        ({"angles": (361.0,)}, "angles: got (361.0,); allowed: 1 to 360 different numbers of degrees from −360 to 360"),
        (
            {"angles": (math.nan,)},
            "angles: got (nan,); allowed: 1 to 360 different numbers of degrees from −360 to 360",
        ),
        ({"start": 1.0}, "start: got 1.0; allowed: a number from −1 to below 1"),
        ({"start": "end"}, "start: got 'end'; allowed: a number from −1 to below 1"),
        ({"first_step": 0.0}, "first_step: got 0.0; allowed: a number above 0, at most 1"),
        ({"budget": 101}, "budget: got 101; allowed: a whole number from 1 to 100"),
        ({"budget": 3.5}, "budget: got 3.5; allowed: a whole number from 1 to 100"),
        ({"races": 0}, "races: got 0; allowed: a whole number from 1 to 10,000"),
        (
            {"activation": "step"},
            "activation: got 'step'; allowed: one of sigmoid, tanh, softsign, relu, leaky_relu, elu",
        ),
        (
            {"resolution": 5},
            "resolution: got 5; allowed: nothing: a race has the fields methods, angles, start, first_step, budget, races, "
            "dataset, scaling, loss, activation, output_activation, domain, range, batch_size, seed, batch_seed, dtype",
        ),
    ],
)
def test_refusals_name_the_field(fields, message):
    with pytest.raises(SpecError) as caught:
        RaceSpec(**fields)
    assert str(caught.value) == message
    assert caught.value.field == next(iter(fields))


def test_json_and_key(few):
    again = RaceSpec.from_json(few.to_json())
    assert again == few
    assert hash(again) == hash(few)
    assert again.key() == few.key()
    assert few.key().startswith("race-")
    assert few.replace(angles=[30.0, -45.0]) == few
    changes = [
        {"races": 7},
        {"angles": (30.0,)},
        {"start": 0.0},
        {"batch_seed": 1},
        {"seed": 1},
        {"methods": ("armijo",)},
    ]
    assert len({few.key(), *(few.replace(**change).key() for change in changes)}) == 1 + len(changes)
    for text in ("[]", "{", "5"):
        with pytest.raises(SpecError) as caught:
            RaceSpec.from_json(text)
        assert caught.value.allowed == "a JSON object with the fields of a race"


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
        (("newton", 0), "method: got 'newton'; allowed: one of " + ", ".join(METHODS)),
        (("gols_i", -1), "race: got -1; allowed: a whole number from 0"),
        (("gols_i", 0, 2), "line: got 2; allowed: a whole number from 0 to 1"),
    ],
)
def test_traces_that_there_are_not(few, arguments, message):
    with pytest.raises(SpecError) as caught:
        trace(few, *arguments, device="cpu")
    assert str(caught.value) == message


# progress


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
