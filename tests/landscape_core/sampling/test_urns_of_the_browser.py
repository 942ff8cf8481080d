"""The mini-batches that the browser's tests expect are those that the engine draws."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import Batches, shuffle_urns

EXPECTED = Path(__file__).parents[3] / "frontend" / "tests" / "urns.json"
CASES = json.loads(EXPECTED.read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['purpose']}-{case['seed']}-{case['size']}")
def test_expected_urns_are_the_engines(case: dict) -> None:
    batches = Batches(case["size"], case["seed"], Purpose[case["purpose"].upper()])
    urns = shuffle_urns(batches, [case["draw"]], case["points"], case["samples"])
    assert urns.tolist() == case["urns"]


def test_the_cases_reach_what_matters() -> None:
    """Seeds of one and of two words, odd numbers of points, every purpose, and full urns."""
    assert {case["purpose"] for case in CASES} == {"lines", "plane", "static", "line_probe"}
    assert any(case["seed"] >= 2**32 for case in CASES)
    assert any(case["points"] % 2 for case in CASES)
    assert any(case["draw"] > 0 for case in CASES)
    assert any(case["size"] == case["samples"] for case in CASES)
    assert any(case["size"] * case["points"] > 8 * 100 for case in CASES)  # blocks of the stream
