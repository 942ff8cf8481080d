"""Links to what the paper shows: ?figure=9&panel=g. Also to a view: ?view=chances."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

from app.state import CHOICES
from landscape_core import SpecError, paper

LONGEST = 500
"""Characters of a link's query."""

PARAMETERS = ("figure", "panel", "view")


def figure_link(number: int, letter: str = "") -> str:
    """The link of a figure, or of one of its panels."""
    return "?" + urlencode({"figure": number, **({"panel": letter} if letter else {})})


def parse(query: object) -> dict[str, Any]:
    """What a link asks for.

    Returns:
        look: fields of a request; study: fields of a study that are not the default. Both are empty for an empty query.

    Raises:
        SpecError: A parameter is unknown, comes twice or holds a value that is not allowed.
    """
    if query is None or query == "":
        return {}
    if not isinstance(query, str) or len(query) > LONGEST:
        raise SpecError("link", query, f"at most {LONGEST} characters")
    pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
    if not pairs:  # "?", "?&"
        return {}
    given = dict(pairs)
    for name, value in given.items():
        if name not in PARAMETERS:
            raise SpecError(name, value, "nothing: a link has the parameters " + ", ".join(PARAMETERS))
    if len(given) != len(pairs):
        raise SpecError("link", query, "each parameter once")
    if "figure" in given:
        return _figure(given)
    if "panel" in given:
        raise SpecError("panel", given["panel"], "only with a figure, as in ?figure=9&panel=g")
    if given["view"] not in CHOICES["view"]:
        raise SpecError("view", given["view"], "one of " + ", ".join(CHOICES["view"]))
    return {"look": {"view": given["view"]}, "study": {}}


def _figure(given: dict[str, str]) -> dict[str, Any]:
    written = given["figure"]
    found = paper.figure(int(written) if written.isascii() and written.isdigit() and len(written) < 3 else written)
    panel = found.panel(given["panel"]) if "panel" in given else found.panels[0]
    return {"look": {"view": "figures", "figure": found.number, "panel": panel.letter}, "study": dict(found.study)}
