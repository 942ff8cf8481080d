"""A few races and a short training, computed once for the tests of their panels."""

from __future__ import annotations

import pytest

from landscape_core.comparison.race import RaceResult, run_race
from landscape_core.comparison.race_replication import (
    RaceReplicationResult,
    RaceReplicationSpec,
    run_race_replication,
)
from landscape_core.comparison.race_spec import RaceSpec
from landscape_core.comparison.training import TrainingResult, TrainingSpec, run_training
from landscape_core.geometry.grid import LINE_NAMES


@pytest.fixture(scope="session")
def whole() -> RaceResult:
    """A few races on all four lines."""
    return run_race(RaceSpec(races=6, budget=7), device="cpu")


@pytest.fixture(scope="session")
def lines(whole: RaceResult) -> dict[str, RaceResult]:
    return dict(zip(LINE_NAMES, whole.split_lines(), strict=True))


@pytest.fixture(scope="session")
def trained() -> TrainingResult:
    return run_training(TrainingSpec(evaluations=40), device="cpu")


@pytest.fixture(scope="session")
def started() -> RaceReplicationResult:
    return run_race_replication(RaceReplicationSpec(start_points=3, races=6, budget=5), device="cpu")
