"""Fixtures of the front end's tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.jobs.service import Service
from app.settings import Settings
from app.state.view_state import ViewState
from landscape_core import StudyResult, StudySpec


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(cache_dir=tmp_path / "cache", warm=False)


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    with closing(Service(settings)) as service:
        yield service


@pytest.fixture
def few_races(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page asks for 9 races on a line for 500, and for 60 evaluations of a training for 500.

    The full batch is looked at on fewer points.
    """
    monkeypatch.setattr("landscape_core.comparison.race_lines.FINE_POINTS", 201)
    races, training = ViewState.races.fget, ViewState.training.fget  # type: ignore[attr-defined]
    starts = ViewState.race_replication.fget  # type: ignore[attr-defined]
    monkeypatch.setattr(
        ViewState, "race_replication", property(lambda request: starts(request).replace(races=3, start_points=2))
    )
    monkeypatch.setattr(
        ViewState,
        "races",
        property(lambda request: {name: task.replace(races=9) for name, task in races(request).items()}),
    )
    monkeypatch.setattr(ViewState, "training", property(lambda request: training(request).replace(evaluations=60)))


@pytest.fixture(autouse=True)
def few_stranded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page asks for short trainings from 2 start points for those from 50."""
    monkeypatch.setattr("app.views.race.STRANDED_POINTS", 2)
    monkeypatch.setattr("app.views.race.STRANDED_EVALUATIONS", 20)


@pytest.fixture(scope="session")
def few() -> StudySpec:
    """A small study with draws."""
    return StudySpec(resolution=8, line_points=12, draws=6)


@pytest.fixture(scope="session")
def result(few: StudySpec) -> StudyResult:
    from landscape_core import run

    return run(few)
