"""The whole state of the page as a link: ?figure=9&panel=g, ?table=1, ?view=chances&activation=relu&seed=5.

A link says what differs from where it starts: a figure's own study, a table's domain, or the page as it opens. It is
versioned, so that one written for other defaults is refused instead of showing something else.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any, get_type_hints
from urllib.parse import parse_qsl, urlencode

from app import tour
from app.state import CHOICES, LOOKS, Request
from landscape_core import SpecError, StudySpec, paper

VERSION = "1"
LONGEST = 1000
"""Characters of a link's query that is read."""

ROOM = 430
"""Characters of a link from the server: with camera and profile, which the browser adds, it has at most 500."""

STUDY = tuple(name for name in StudySpec.model_fields if name != "dtype")
"""Parameters that are fields of a study; its precision is the server's."""

HINTS = {**get_type_hints(Request), **{name: field.annotation for name, field in StudySpec.model_fields.items()}}
WHOLE = tuple(name for name, kind in HINTS.items() if kind is int)
NUMBERS = tuple(name for name, kind in HINTS.items() if kind is float)
LISTS = tuple(name for name, kind in HINTS.items() if kind == tuple[str, ...])
"""Names, separated by commas."""
PLACE = ("view", "figure", "panel")
"""Parameters that a scene leaves as its own, until the visitor goes elsewhere."""

OWN = (*PLACE, "table", "scene")
"""Parameters that say where a link starts."""

LOOKED = tuple(name for name in LOOKS if name not in OWN)
PROFILES = ("screen", "projector")
WITHOUT_CONTROL = ("dataset", "loss")
HIDEABLE = tuple(dict.fromkeys(name for name in (*STUDY, *LOOKED, *CHOICES["view"]) if name not in WITHOUT_CONTROL))
"""What a link may take off the page: controls by their names, and views."""

BROWSER = ("camera", "profile", "hide")
"""Parameters that the browser alone heeds: where surfaces are seen from, for whom, and what is left out."""

PARAMETERS = (*OWN, *LOOKED, *STUDY, *BROWSER, "v")

DOMAIN_OF_TABLE = {number: domain for domain, number in paper.DOMAIN_TABLE.items()}


def figure_link(number: int, letter: str = "") -> str:
    """The link of a figure, or of one of its panels."""
    return "?" + urlencode({"figure": number, **({"panel": letter} if letter else {})})


def table_link(number: int) -> str:
    """The link of a table."""
    return f"?table={number}"


def scene_link(number: int) -> str:
    """The link of a scene of the tour."""
    return f"?scene={number}"


def write(request: Request, **more: str) -> str:
    """The link that `parse` reads back as an equal request, but for the study's precision.

    Args:
        request: What is shown.
        more: Parameters that the browser alone heeds.
    """
    spec, (origin, given) = request.spec, _start(request)
    looked = {name: getattr(request, name) for name in _looked(origin)}
    given |= {name: held for name, held in looked.items() if held != getattr(origin, name)}
    given |= {name: getattr(spec, name) for name in STUDY if getattr(spec, name) != getattr(origin.spec, name)}
    if "domain" in given and "range" not in given:  # a domain alone brings its own range
        given["range"] = spec.range
    written = {name: _text(held) for name, held in given.items()} | more
    return "?" + urlencode({**written, "v": VERSION}, safe=",") if written else ""


def parse(query: object) -> Request:
    """What a link asks for; the page as it opens for an empty one.

    Raises:
        SpecError: A parameter is unknown, comes twice or holds a value that is not allowed.
    """
    if query is None:
        query = ""
    if not isinstance(query, str) or len(query) > LONGEST:
        raise SpecError("link", query, f"at most {LONGEST} characters")
    pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
    given = dict(pairs)
    for name, text in given.items():
        if name not in PARAMETERS:
            raise SpecError(name, text, "nothing: a link has the parameters " + ", ".join(PARAMETERS))
    if len(given) != len(pairs):
        raise SpecError("link", query, "each parameter once")
    if given.get("v", VERSION) != VERSION:
        raise SpecError("v", given["v"], f"{VERSION}: the link was written by another version of Batchscape")
    _check_browsers(given)
    origin = _reads(given)
    study = {name: value(name, given[name]) for name in STUDY if name in given}
    spec = origin.spec.model_dump()
    if "domain" in study and "range" not in study:
        spec["range"] = None
    looked = {name: value(name, given[name]) for name in _looked(origin) if name in given}
    same = {name: getattr(origin, name) for name in LOOKS}
    return Request(StudySpec(**{**spec, **study}), **{**same, **looked})


def cited(query: object) -> str:
    """The link that shows the same from the same side, with its version even where nothing else has to be said.

    Raises:
        SpecError: As `parse`.
    """
    request = parse(query)
    sides = {name: text for name, text in parse_qsl(str(query).removeprefix("?")) if name == "camera"}
    return write(request, **sides) or f"?v={VERSION}"


def start(request: Request) -> Request:
    """Where the link of a request starts: what the page shows there before anything is changed."""
    return _start(request)[0]


def _looked(origin: Request) -> tuple[str, ...]:
    """The parameters that say how a link that starts there looks at its study."""
    return (*PLACE, *LOOKED) if origin.scene else LOOKED


def _start(request: Request) -> tuple[Request, dict[str, Any]]:
    """Where a link starts, and the parameters that say so."""
    if request.scene:
        return _of_scene(request.scene), {"scene": request.scene}
    if request.view == "figures":
        return _of_figure(request.figure, request.panel), {"figure": request.figure, "panel": request.panel}
    if request.view == "tables" and request.spec.domain in paper.DOMAIN_TABLE:
        return _of_table(request.spec.domain), {"table": paper.DOMAIN_TABLE[request.spec.domain]}
    return Request(StudySpec(), request.view), {} if request.view == Request(StudySpec()).view else {
        "view": request.view
    }


def _reads(given: dict[str, str]) -> Request:
    """Where a link starts."""
    starts = ("scene", "table") if "scene" in given else ("figure", "table", "view")
    kinds = [name for name in starts if name in given]
    if len(kinds) > 1:
        raise SpecError(kinds[1], given[kinds[1]], f"nothing beside {kinds[0]}: a link starts at one place")
    if "scene" in given:
        number = value("scene", given["scene"])
        if number not in range(1, len(tour.SCENES) + 1):
            raise SpecError("scene", number, f"a whole number from 1 to {len(tour.SCENES)}")
        return _of_scene(number)
    if "figure" in given:
        found = paper.figure(value("figure", given["figure"]))
        return _of_figure(found.number, found.panel(given["panel"]).letter if "panel" in given else "a")
    if "panel" in given:
        raise SpecError("panel", given["panel"], "only with a figure, as in ?figure=9&panel=g")
    if "table" in given:
        number = value("table", given["table"])
        if number not in DOMAIN_OF_TABLE:
            raise SpecError("table", number, "one of " + ", ".join(map(str, DOMAIN_OF_TABLE)))
        if "domain" in given:
            raise SpecError("domain", given["domain"], "nothing beside table: the table decides it")
        return _of_table(DOMAIN_OF_TABLE[number])
    view = given.get("view", Request(StudySpec()).view)
    if view not in CHOICES["view"]:
        raise SpecError("view", view, "one of " + ", ".join(CHOICES["view"]))
    return Request(StudySpec(), view)  # type: ignore[arg-type]  # one of the choices


def _check_browsers(given: dict[str, str]) -> None:
    numbers = given.get("camera", "0,0,1,0,0,0").split(",")
    if len(numbers) != 6 or not all(re.fullmatch(r"-?[0-9]{1,2}(\.[0-9]{1,4})?", one) for one in numbers):
        raise SpecError("camera", given["camera"], "six numbers below 100: of the eye and of what it looks at")
    if given.get("profile", PROFILES[0]) not in PROFILES:
        raise SpecError("profile", given["profile"], "one of " + ", ".join(PROFILES))
    for name in given.get("hide", HIDEABLE[0]).split(","):
        if name not in HIDEABLE:
            raise SpecError("hide", name, "names separated by commas, out of " + ", ".join(HIDEABLE))


def _of_figure(number: int, letter: str) -> Request:
    figure = paper.figure(number)
    spec = StudySpec(**{**figure.base.model_dump(), "draws": StudySpec().draws})  # their number is the figure's own
    return Request(spec, "figures", figure=number, panel=letter)


def _of_scene(number: int) -> Request:
    return replace(tour.SCENES[number - 1].request, scene=number)


def _of_table(domain: str) -> Request:
    return Request(StudySpec(domain=domain), "tables")


def value(name: str, text: str) -> Any:  # noqa: ANN401  a number or text
    """What a field's text means; text that should be a number and is none stays text, and is refused later."""
    if name in (*WHOLE, "table") and re.fullmatch(r"-?[0-9]{1,17}", text):
        return int(text)
    if name in NUMBERS and re.fullmatch(r"-?[0-9]{1,17}(\.[0-9]{1,25})?(e-?[0-9]{1,3})?", text):
        return float(text)
    return tuple(text.split(",")) if name in LISTS else text


def _text(held: object) -> str:
    """The shortest text that is read back as the same value."""
    if isinstance(held, tuple):
        return ",".join(held)
    return repr(held).removesuffix(".0").replace("e+", "e") if isinstance(held, float) else str(held)
