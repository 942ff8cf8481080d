"""Races and trainings on disk: as any result, with their own checks."""

import numpy as np
import pytest
from reference_results import assert_identical, pack, refusal, unpack

from landscape_core import (
    RaceResult,
    RaceSpec,
    TrainingResult,
    TrainingSpec,
    load,
    run_race,
    run_training,
    save,
)
from landscape_core.comparison import race_lines
from landscape_core.storage import from_bytes, to_bytes


@pytest.fixture
def raced(monkeypatch):
    monkeypatch.setattr(race_lines, "FINE_POINTS", 11)
    return run_race(RaceSpec(races=2, budget=3, angles=(0.0, 5.0), methods=("gols_b", "armijo")), device="cpu")


@pytest.fixture
def trained():
    return run_training(TrainingSpec(evaluations=4, methods=("gols_i",), constant_steps=(1.0,)), device="cpu")


def test_round_trips(tmp_path, raced, trained):
    assert_identical(load(save(raced, tmp_path / "race"), RaceResult), raced)
    assert_identical(load(save(trained, tmp_path / "training"), TrainingResult), trained)
    assert to_bytes(from_bytes(to_bytes(raced), RaceResult)) == to_bytes(raced)
    assert from_bytes(to_bytes(raced), RaceResult).summary() == raced.summary()


def test_without_true_optima(raced):
    bare = raced.__class__(**{**vars(raced), "optima": raced.optima[:0], "optima_line": raced.optima_line[:0]})
    assert np.isnan(from_bytes(to_bytes(bare), RaceResult).distance).all()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"statuses": np.full((2, 2, 2), 99, dtype=np.int32)}, "unknown reasons to stop"),
        ({"statuses": np.full((2, 2, 2), -1, dtype=np.int32)}, "unknown reasons to stop"),
        ({"optima": np.zeros(1), "optima_line": np.array([2])}, "optima of unknown lines"),
        ({"lowest": np.zeros(3)}, "missing or of the wrong shape or type: line_loss, line_slope, stops, stop_loss"),
        (
            {
                name: np.zeros((2, 2, 3), dtype=kind)
                for name, kind in (("stops", float), ("stop_loss", float), ("evaluations", int), ("statuses", int))
            },
            "(2, 2, 3) lines, methods and races; the description has (2, 2, 2)",
        ),
    ],
)
def test_races_that_disagree_with_themselves(raced, changes, reason):
    said = refusal(pack({**unpack(raced), **changes}), RaceResult)
    if "lowest" in changes:  # which of the two sizes is wrong depends on the order in which they are read
        assert said.startswith("missing or of the wrong shape or type: ")
    else:
        assert said == reason


def test_a_training_of_another_length(trained):
    arrays = {**unpack(trained), **{name: np.zeros((2, 4)) for name in ("loss", "steps", "moves")}}
    assert refusal(pack(arrays), TrainingResult) == "(2, 4) runs and points of a run; the description has (2, 5)"


def test_one_kind_is_not_another(raced, trained):
    assert refusal(to_bytes(raced), TrainingResult)
    assert refusal(to_bytes(trained), RaceResult)
