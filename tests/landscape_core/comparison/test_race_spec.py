"""What a race is made from."""

import math

import numpy as np
import pytest
from reference_specs import assert_spec_error

from landscape_core import RaceSpec, SpecError
from landscape_core.comparison.race_spec import octave_share
from landscape_core.line_search import METHODS


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
            "activation: got 'step'; allowed: one of sigmoid, tanh, softsign, relu, leaky_relu, elu, gelu, silu, softplus, "
            "relu6",
        ),
        (
            {"resolution": 5},
            "resolution: got 5; allowed: nothing: a race has the fields methods, angles, start, first_step, budget, races, "
            "dataset, scaling, loss, activation, output_activation, domain, range, batch_size, seed, batch_seed, dtype, "
            "problem, "
            "hidden, population, max_samples, start_point, train_steps, train_optimiser, train_rate, table_dtype",
        ),
    ],
)
def test_refusals_name_the_field(fields, message):
    assert_spec_error(RaceSpec, fields, message)


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
