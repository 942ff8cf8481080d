"""Studies, probes, races and trainings of a problem that nobody has built in."""

import gc
import json
import subprocess
import sys

import numpy as np
import pytest
import tolerances
from reference_landscapes import logistic_by_hand, make_logistic

from landscape_core import (
    RaceSpec,
    SpecError,
    StudyResult,
    StudySpec,
    TrainingSpec,
    load,
    probe_gradients,
    probe_line,
    probe_point,
    run,
    run_race,
    run_race_replication,
    run_training,
    save,
    trace_race,
)
from landscape_core.study import own_problems

MADE = "allowed: nothing: the problem {{name}} is made already, with {} of its own"

FEW = {"batch_size": 5, "resolution": 5, "line_points": 9, "draws": 3, "range": 2.0}


@pytest.fixture(scope="module")
def problem():
    return make_logistic()


@pytest.fixture(scope="module")
def result(problem):
    return run(problem, **FEW)


def test_a_study_of_a_problem_against_loops(problem, result):
    assert isinstance(result, StudyResult)
    assert (result.spec.samples, result.theta0.shape, result.inputs) == (23, (3,), None)
    unit = np.array([1.0, 1.0]) / np.sqrt(2)
    for row, b in enumerate(result.axis):
        for column, a in enumerate(result.axis):
            theta = result.theta0 + a * result.directions[0] + b * result.directions[1]
            loss, slope = logistic_by_hand(problem, theta, unit @ result.directions)
            for name, values in (("loss", loss), ("slope", slope)):
                found = getattr(result, f"full_{name}")[row, column], getattr(result, f"sd_{name}")[row, column]
                exact = values.std() * np.sqrt((23 - 5) / (5 * 22))
                np.testing.assert_allclose(found, (values.mean(), exact), **tolerances.TABLE)
    assert result.plane_negative.shape == (5, 5)


def test_the_name_is_what_the_problem_is(problem, result):
    assert own_problems.is_own(result.spec.problem)
    assert result.spec.problem == own_problems.register(make_logistic())
    others = make_logistic(seed=1), make_logistic(samples=24), make_logistic(start=np.ones(3))
    assert len({result.spec.problem, *map(own_problems.register, others)}) == 4
    code = (
        "import sys; sys.path.insert(0, 'tests')\n"
        "from reference_landscapes import make_logistic\n"
        "from landscape_core.study import own_problems\n"
        "problem = make_logistic()\n"
        "print(own_problems.register(problem))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=240)
    assert done.stdout.strip() == result.spec.problem


def test_the_description_gives_the_same_numbers_while_the_problem_is_there(problem, result):
    again = run(result.spec)
    np.testing.assert_array_equal(again.batch_slope, result.batch_slope)
    assert StudySpec.from_json(result.spec.to_json()) == result.spec
    written = json.loads(result.spec.to_json())
    assert (written["problem"], written["population"]) == (result.spec.problem, 23)
    assert StudySpec(problem=result.spec.problem, **FEW) == result.spec
    assert run(result.spec, draws=0).spec.draws == 0


def test_a_file_is_read_where_the_problem_is_not(result, tmp_path):
    path = save(result, tmp_path / "own.npz")
    code = (
        "import sys\n"
        "from landscape_core import SpecError, load, run\n"
        "result = load(sys.argv[1])\n"
        "print(result.summary()['noise_ceiling'] > 0, result.full_loss.sum())\n"
        "try:\n    run(result.spec)\nexcept SpecError as error:\n    print(error)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, timeout=240
    )
    assert done.stdout.splitlines() == [
        f"True {result.full_loss.sum()}",
        f"problem: got '{result.spec.problem}'; allowed: one that is at hand here: hand the problem itself over, as in "
        "run(problem, batch_size=10)",
    ]
    np.testing.assert_array_equal(load(path).sd_slope, result.sd_slope)


def test_problems_are_not_kept_alive():
    name = own_problems.register(make_logistic(samples=7))
    gc.collect()
    with pytest.raises(SpecError, match="at hand"):
        own_problems.find(name)


def test_probes_races_and_trainings(problem, result):
    line = probe_line(problem, (0.0, 0.5), 30.0, **FEW)
    np.testing.assert_array_equal(line.full_loss, probe_line(result.spec, (0.0, 0.5), 30.0).full_loss)
    point = probe_point(problem, (0.0, 0.0), **FEW)
    loss, _ = logistic_by_hand(problem, result.theta0, result.directions[0])
    np.testing.assert_allclose(point.sample_loss, loss, **tolerances.TABLE)
    assert probe_gradients(problem, **FEW).full.shape == (25, 2)
    race = {"methods": ("gols_i", "golden_section"), "races": 3, "budget": 6, "batch_size": 5, "range": 4.0}
    raced = run_race(problem, **race)
    assert raced.stops.shape == (4, 2, 3)
    assert isinstance(raced.spec, RaceSpec)
    assert trace_race(problem, 0, **race)["gols_i"].stop == raced.stops[0, 0, 0]
    assert run_race_replication(problem, start_points=2, **race).usable.all()
    trained = run_training(problem, methods=("gols_i",), constant_steps=(1.0,), evaluations=8, batch_size=5)
    assert isinstance(trained.spec, TrainingSpec)
    assert (trained.loss[:, -1] < trained.loss[:, 0]).all()


def test_a_start_point_of_its_own():
    start = np.array([0.25, -0.5, 1.0])
    np.testing.assert_array_equal(run(make_logistic(start=start), **FEW).theta0, start)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"batch_size": 24}, "batch_size: got 24; allowed: a whole number from 1 to 23 (all samples)"),
        ({"activation": "relu"}, "activation: got 'relu'; " + MADE.format("activation")),
        ({"hidden": (3,)}, "hidden: got (3,); " + MADE.format("hidden")),
        ({"dtype": "float32"}, "dtype: got 'float32'; allowed: float64, as {name} has it"),
        ({"population": 22}, "population: got 22; allowed: 23: so many samples has {name}"),
    ],
)
def test_fields_that_do_not_fit(problem, fields, message):
    with pytest.raises(SpecError) as caught:
        run(problem, **{"batch_size": 5, **fields})
    assert str(caught.value) == message.format(name=own_problems.register(problem))


def test_a_subset_is_the_same_at_each_call(problem):
    some = run(problem, max_samples=12, **FEW)
    assert some.spec.samples == 12
    rows = np.flatnonzero(np.isin(np.arange(23), own_problems_subset(23, 12)))
    np.testing.assert_array_equal(some.full_loss, run(problem.select(rows), **FEW).full_loss)
    with pytest.raises(SpecError, match=r"from 1 to 12 \(all samples\)"):
        run(problem, max_samples=12, batch_size=13)
    assert run(problem, max_samples=99, **FEW).spec.samples == 23


def own_problems_subset(samples, count):
    """The rows whose raw words are the smallest."""
    words = np.random.Philox(np.random.SeedSequence(0, spawn_key=(9, 0))).random_raw(samples).tolist()
    return sorted(sorted(range(samples), key=words.__getitem__)[:count])


def test_a_deeper_network_of_the_recipe():
    result = run(StudySpec(hidden=(5, 4), resolution=3, line_points=5, draws=0))
    assert result.theta0.shape == ((4 + 1) * 5 + (5 + 1) * 4 + (4 + 1) * 3,)
    assert "hidden" in json.loads(result.spec.to_json())
