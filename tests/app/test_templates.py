"""HTML templates: what is filled in is escaped, and nothing is missing."""

from __future__ import annotations

import pytest
from jinja2 import UndefinedError

from app.templates import fill_template


def test_values_are_escaped() -> None:
    page = fill_template("numbers.html", sentence="<script>", tables=[], digits=6)
    assert page.startswith("<p>&lt;script&gt;</p>")


def test_a_missing_value_is_an_error() -> None:
    with pytest.raises(UndefinedError, match="digits"):
        fill_template("numbers.html", sentence="", tables=[])
