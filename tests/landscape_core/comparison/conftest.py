"""A few races, on lines with few points."""

import pytest

from landscape_core import RaceSpec
from landscape_core.comparison import race_lines


@pytest.fixture(autouse=True)
def coarse(monkeypatch):
    """Few fine points: their number matters only to what is tested about it."""
    monkeypatch.setattr(race_lines, "FINE_POINTS", 101)


@pytest.fixture
def few():
    """Two lines, six races on each."""
    return RaceSpec(races=6, budget=8, angles=(30.0, -45.0), domain="local", activation="tanh")
