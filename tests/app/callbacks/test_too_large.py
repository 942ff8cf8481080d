"""Studies that are too large are refused in units that a person uses, with the largest value that would do."""

from __future__ import annotations

import re
from typing import Any

import pytest

from app.callbacks.choice import choose
from app.jobs.service import Service
from app.page import ids
from app.page.rail.parts import DEFAULTS, FIELDS, VIEW_DEFAULTS

START: dict[str, Any] = {name: getattr(DEFAULTS, name) for name in FIELDS}


def test_too_large_a_study_is_explained(service: Service) -> None:
    answer = choose(service, ids.RESOLUTION, {**START, "resolution": 5000}, VIEW_DEFAULTS)
    assert answer["request"] is None
    assert answer["message"] == "Too large: needs 90 GB, the limit is 0.67 GB. Use a resolution of at most about 430."
    assert answer["errors"] == {"resolution": "Allowed: at most about 430"}
    assert choose(service, ids.RESOLUTION, {**START, "resolution": 430}, VIEW_DEFAULTS)["message"] == ""


@pytest.mark.parametrize(
    ("view", "name", "value", "unit"),
    [
        ("compare", "line_points", 1_000_000, "GB"),
        ("moments", "draws", 100_000, "minutes"),
        ("tables", "seeds", 5000, "minutes"),
    ],
)
def test_the_largest_value_that_is_allowed_is_told(
    service: Service, view: str, name: str, value: int, unit: str
) -> None:
    given = {**START, **VIEW_DEFAULTS, "view": view, name: value}
    held = {key: given[key] for key in FIELDS}, {key: given[key] for key in VIEW_DEFAULTS}
    answer = choose(service, name, *held)
    told = re.fullmatch(
        rf"Too large: needs [\d,.]+ {unit}, the limit is [\d.]+ {unit}\. Use .*?([\d,]+).*\.", answer["message"]
    )
    assert told is not None, answer["message"]
    assert answer["errors"] == {name: f"Allowed: at most about {told[1]}"}
    most = int(told[1].replace(",", ""))
    owner = next(part for part in held if name in part)
    owner[name] = most
    assert choose(service, name, *held)["message"] == ""
    owner[name] = 2 * most
    assert choose(service, name, *held)["message"].startswith("Too large")
