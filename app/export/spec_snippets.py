"""The Python that computes one result: its imports, its description with every field, and the call."""

from __future__ import annotations

import json
from typing import Any

from app.jobs.tasks import kind_of

Code = tuple[list[str], list[str]]
"""Import lines, and the lines after them."""


def write_imports(task: Any) -> list[str]:  # noqa: ANN401  any description
    """Write the import of a spec and of what runs it."""
    return [f"from landscape_core import {type(task).__name__}, {kind_of(task).function}"]


def write_call(task: Any) -> str:  # noqa: ANN401  any description
    """Write the call that computes the result."""
    return f"{kind_of(task).function}({write_spec(task)})"


def write_spec(task: Any) -> str:  # noqa: ANN401  any description
    """Write the expression of a spec, with every field that applies: defaults may change, and seeds are to be seen."""
    fields = "".join(f"    {name}={write_literal(value)},\n" for name, value in task.stated_fields().items())
    return f"{type(task).__name__}(\n{fields})"


def write_literal(value: object) -> str:
    """Write a value."""
    return json.dumps(value) if isinstance(value, str) else repr(value)
