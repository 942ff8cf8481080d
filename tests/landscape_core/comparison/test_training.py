import math
from dataclasses import fields

import numpy as np
import pytest
import reference
import reference_searches
import tolerances
from reference_results import assert_identical
from reference_specs import assert_spec_error

from landscape_core import TrainingResult, TrainingSpec, run_training
from landscape_core.line_search import METHODS
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import Batches, shuffle_urns

ARRAYS = ("loss", "steps", "moves")


@pytest.fixture(scope="module")
def short():
    return TrainingSpec(activation="tanh", evaluations=30)


@pytest.fixture(scope="module")
def whole(short):
    """The short training with every method."""
    return run_training(short, device="cpu")


class Twin:
    """Training with the reference's network: every gradient by backward() of each sample."""

    def __init__(self, activation, size, evaluations, batch_seed):
        self.activation, self.size = activation, size
        self.x, _, self.inputs, self.targets = reference.setting("global", activation)
        batches = Batches(size, batch_seed, Purpose.TRAINING)
        self.batches = [shuffle_urns(batches, [number], 1, 150)[0, :size] for number in range(evaluations)]
        self.used = 0
        self.events = []
        """(evaluations used, loss of the full batch, step, distance moved)."""

    def samples(self, x, rows):
        inputs, targets = ([column[n] for n in rows] for column in (self.inputs, self.targets))
        losses, gradients = reference.losses_and_gradients(x, self.activation, self.activation, inputs, targets)
        return np.array(losses), np.array(gradients)

    def fresh(self):
        self.used += 1
        return self.batches[self.used - 1]

    def move(self, step, direction):
        self.x = self.x + step * direction
        loss = self.samples(self.x, range(150))[0].mean()
        self.events.append((self.used, loss, step, step * np.linalg.norm(direction)))

    def answer(self, rows, step, direction):
        losses, gradients = self.samples(self.x + step * direction, rows)
        slopes = gradients @ direction
        errors = (values.std(ddof=1) / math.sqrt(self.size) for values in (losses, slopes))
        return losses.mean(), slopes.mean(), *errors

    def search(self, name):
        """The first guess is the last step; for the probabilistic search 1.3 of it, unless far off its running average."""
        accepted, average = [], 1e-4
        rows = self.fresh()
        while self.used < len(self.batches):
            direction = -self.samples(self.x, rows)[1].mean(0)
            guess = accepted[-1] if accepted else 1e-8
            if name == "probabilistic":
                guess = 1.3 * accepted[-1] if accepted else 1e-4
                guess = guess if average / 100 <= guess <= average * 100 else average
            where = {}

            def at(step, where=where, direction=direction, rows=rows):
                known = step == 0.0 and not where
                where[step] = rows if known else self.fresh()
                return self.answer(where[step], step, direction)

            left = len(self.batches) - self.used
            begins_here = name not in ("gols_b", "golden_section")
            reach = guess, 1 / np.linalg.norm(direction), 1.0
            *_, step, _ = reference_searches.run(name, at, reach, left + begins_here)
            self.move(step, direction)
            accepted.append(step)
            average = 0.95 * average + 0.05 * step
            if name in ("gols_i", "probabilistic") and step in where:
                rows = where[step]
            elif self.used < len(self.batches):
                rows = self.fresh()

    def descend(self, step):
        while self.used < len(self.batches):
            self.move(step, -self.samples(self.x, self.fresh())[1].mean(0))


@pytest.mark.slow
@pytest.mark.parametrize("name", [*METHODS, "constant 0.5"])
def test_against_the_reference_network(name):
    # the first of GOLS-I's searches doubles 27 times from 1e-8 on
    evaluations = {"gols_i": 60, "gols_b": 100, "golden_section": 130, "constant 0.5": 12}.get(name, 40)
    methods, constants = ((name,), ()) if name in METHODS else ((), (0.5,))
    spec = TrainingSpec(
        activation="sigmoid",
        batch_size=7,
        batch_seed=3,
        evaluations=evaluations,
        methods=methods,
        constant_steps=constants,
    )
    result = run_training(spec, device="cpu")
    assert spec.runs == (name,)
    twin = Twin("sigmoid", 7, evaluations, 3)
    twin.search(name) if name in METHODS else twin.descend(0.5)
    assert twin.used == evaluations
    assert len(twin.events) > 1
    assert np.isfinite(result.steps[0]).sum() == np.isfinite(result.moves[0]).sum() == len(twin.events)
    expected = Twin("sigmoid", 7, 1, 3).samples(reference.start_numbers(12735)[0], range(150))[0].mean()
    by_count = {used: event for used, *event in twin.events}
    for used in range(evaluations + 1):
        if used in by_count:
            expected, step, moved = by_count[used]
            np.testing.assert_allclose(result.steps[0, used], step, **tolerances.TRAINED)
            np.testing.assert_allclose(result.moves[0, used], moved, **tolerances.TRAINED)
        else:
            assert math.isnan(result.steps[0, used])
        np.testing.assert_allclose(result.loss[0, used], expected, **tolerances.TRAINED)


def test_the_same_training_twice_is_identical(short, whole):
    assert_identical(run_training(short, device="cpu"), whole)


def test_runs_do_not_disturb_each_other(short, whole):
    assert whole.loss.shape == (len(METHODS) + 3, 31)
    for place in (0, 6):
        alone = run_training(short.replace(methods=(short.methods[place],), constant_steps=()), device="cpu")
        np.testing.assert_array_equal(alone.loss[0], whole.loss[place])
    last = run_training(short.replace(methods=(), constant_steps=(10.0,)), device="cpu")
    np.testing.assert_array_equal(last.loss[0], whole.loss[-1])
    assert (whole.loss[:, 0] == whole.loss[0, 0]).all()
    some = short.replace(methods=("armijo", "gols_i"))
    apart, together = run_training(some, device="cpu"), whole.keep_methods(some.methods)
    assert together.spec == some
    for name in ("loss", "steps", "moves"):
        assert getattr(apart, name).tobytes() == getattr(together, name).tobytes()


def test_a_longer_training_goes_on_with_the_shorter():
    spec = TrainingSpec(activation="elu", evaluations=40, methods=("gols_i",), constant_steps=(1.0,))
    shorter, longer = (run_training(spec.replace(evaluations=count), device="cpu") for count in (25, 40))
    np.testing.assert_array_equal(longer.loss[1, :26], shorter.loss[1])
    ended = np.flatnonzero(np.isfinite(shorter.steps[0]))[:-1]  # the last search may be cut short
    np.testing.assert_array_equal(longer.steps[0, ended], shorter.steps[0, ended])


@pytest.mark.slow
def test_no_step_moves_farther_than_one(short):
    result = run_training(short.replace(evaluations=200, constant_steps=()), device="cpu")
    moved = result.moves[np.isfinite(result.moves)]
    assert len(moved) > 50
    # GOLS-I and GOLS-Max may double a step that is above half of the longest
    assert moved.max() <= 2 + 1e-12
    others = [place for place, name in enumerate(short.methods) if name not in ("gols_i", "gols_max")]
    assert np.nanmax(result.moves[others]) <= 1 + 1e-12


def test_a_run_whose_units_are_all_off_stays_where_it_is():
    spec = TrainingSpec(activation="relu", evaluations=40, methods=("probabilistic",), constant_steps=(10.0,))
    result = run_training(spec, device="cpu")
    for loss, steps in zip(result.loss, result.steps, strict=True):
        assert loss[-1] == 0.5  # ½ ‖t‖² of one-hot targets, all outputs 0
        assert math.isfinite(loss[0])
        off = int(np.flatnonzero(loss == 0.5)[0])
        assert (loss[off:] == 0.5).all()
        assert np.nansum(np.abs(steps[:off])) > 0
    assert np.isnan(result.steps[0, 26:]).all()


def test_a_run_that_diverges_is_shown_as_it_is():
    spec = TrainingSpec(
        activation="relu", output_activation="linear", scaling="raw", evaluations=6, methods=(), constant_steps=(1e200,)
    )
    result = run_training(spec, device="cpu")
    assert math.isfinite(result.loss[0, 0])
    assert not np.isfinite(result.loss[0, 1:]).any()


def test_a_batch_of_one():
    spec = TrainingSpec(batch_size=1, evaluations=20, methods=("probabilistic", "gols_i"), constant_steps=())
    result = run_training(spec, device="cpu")
    assert (result.loss[0] == result.loss[0, 0]).all()  # without an estimate of the noise it does not move
    np.testing.assert_array_equal(result.steps[0, 1:20], 0.0)
    assert (result.loss[1] != result.loss[1, 0]).any()


def test_progress_and_its_end(short):
    seen = []
    run_training(short, device="cpu", progress=lambda done, what: seen.append((done, what)))
    shares = [done for done, _ in seen]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert {what for _, what in seen} == {"Training"}

    def stop(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_training(short, device="cpu", progress=stop)


def test_memory_is_counted(short):
    assert run_training(short, device="cpu").nbytes == 3 * 10 * 31 * 8


NAMES = ", ".join(METHODS)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"methods": ("x",)}, f"methods: got ('x',); allowed: different names out of {NAMES}"),
        (
            {"methods": ("armijo", "armijo")},
            f"methods: got ('armijo', 'armijo'); allowed: different names out of {NAMES}",
        ),
        (
            {"constant_steps": (0.0,)},
            "constant_steps: got (0.0,); allowed: up to 10 different numbers above 0, and at least one run in all",
        ),
        (
            {"constant_steps": [1.0, 1.0]},
            "constant_steps: got (1.0, 1.0); allowed: up to 10 different numbers above 0, and at least one run in all",
        ),
        (
            {"constant_steps": (), "methods": ()},
            "constant_steps: got (); allowed: up to 10 different numbers above 0, and at least one run in all",
        ),
        ({"evaluations": 0}, "evaluations: got 0; allowed: a whole number from 1 to 20,000"),
        (
            {"domain": "local"},
            "domain: got 'local'; allowed: nothing: a training has the fields methods, constant_steps, evaluations, "
            "dataset, scaling, loss, activation, output_activation, batch_size, seed, batch_seed, dtype, problem, "
            "hidden, population, max_samples, start_point, train_steps, train_optimiser, train_rate, table_dtype",
        ),
    ],
)
def test_refusals_name_the_field(fields, message):
    assert_spec_error(TrainingSpec, fields, message)


def test_json_and_key(short):
    again = TrainingSpec.from_json(short.to_json())
    assert again == short
    assert again.key() == short.key() != short.replace(evaluations=31).key()
    assert short.key().startswith("training-")
    assert short.runs[-3:] == ("constant 0.1", "constant 1", "constant 10")


def test_results_have_arrays_only():
    assert [field.name for field in fields(TrainingResult)] == ["spec", "device", "versions", *ARRAYS]
