"""Fixtures of the front end's tests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from app.service import Service
from app.settings import Settings
from landscape_core import StudyResult, StudySpec


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(cache_dir=tmp_path / "cache")


@pytest.fixture
def service(settings: Settings) -> Iterator[Service]:
    with closing(Service(settings)) as service:
        yield service


@pytest.fixture(scope="session")
def few() -> StudySpec:
    """A small study with draws."""
    return StudySpec(resolution=8, line_points=12, draws=6)


@pytest.fixture(scope="session")
def result(few: StudySpec) -> StudyResult:
    from landscape_core import run

    return run(few)
