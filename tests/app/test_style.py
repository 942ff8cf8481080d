"""The style sheets, as text."""

from __future__ import annotations

import re
from itertools import accumulate
from pathlib import Path

import pytest

SHEETS = sorted((Path(__file__).parents[2] / "assets").rglob("*.css"))
NO_RULES = re.compile(r"/\*.*?\*/|\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'", re.DOTALL)
"""Comments and strings."""


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_every_brace_is_closed(sheet: Path) -> None:
    rules = NO_RULES.sub("", sheet.read_text(encoding="utf-8"))
    depths = list(accumulate((brace == "{") - (brace == "}") for brace in re.findall("[{}]", rules)))
    assert min(depths) == depths[-1] == 0
    assert max(depths) <= 2  # a rule within a condition: one more is a condition that was never closed
