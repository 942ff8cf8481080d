"""HTML templates: values are escaped unless they are `Markup`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def fill_template(name: str, **values: Any) -> str:  # noqa: ANN401  anything that a template shows
    """Fill the template of that name with values."""
    return _ENVIRONMENT.get_template(name).render(values)
