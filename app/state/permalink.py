"""Permalinks: the whole state of the page as a link, ?figure=9&panel=g, ?table=1, ?view=counts&seed=5.

A link says what differs from where it starts: a figure's own study, a table's domain, or the page as it opens. It is
versioned, so that one written for other defaults is refused instead of showing something else.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import Any, NamedTuple, get_type_hints
from urllib.parse import parse_qsl, urlencode

from app.state import tour
from app.state.exercises import EXERCISES
from app.state.view_state import CHOICES, VIEW_FIELDS, ViewState
from landscape_core import SpecError, StudySpec
from landscape_core.paper import published
from landscape_core.study import own_problems

VERSION = "1"
LONGEST = 1000
"""Most characters of a link's query."""

LONGEST_QUOTED, MOST_QUOTED = 60, 3
"""Most characters of a name or a value in a message, and most parameters."""

REMEDY = "Correct the link, or use the controls."

LONGEST_WRITTEN = 430
"""Most characters of a link that the server writes; the browser adds camera and profile, up to 500 in all."""

STUDY = tuple(name for name in StudySpec.model_fields if name != "dtype")
"""Parameters that are fields of a study; its precision is the server's."""

HINTS = {**get_type_hints(ViewState), **{name: field.annotation for name, field in StudySpec.model_fields.items()}}
WHOLE = tuple(name for name, kind in HINTS.items() if kind is int)
NUMBERS = tuple(name for name, kind in HINTS.items() if kind is float)
LISTS = tuple(name for name, kind in HINTS.items() if kind == tuple[str, ...])
"""Lists of names, separated by commas."""
PLACE = ("view", "figure", "panel")
"""Parameters that a scene or an exercise sets itself."""

ORIGINS = (*PLACE, "table", "scene", "exercise")
"""Parameters that say where a link starts."""

VIEW_PARAMETERS = tuple(name for name in VIEW_FIELDS if name not in ORIGINS)
PROFILES = ("screen", "projector")
WITHOUT_CONTROL = ("population", "max_samples", "table_dtype")
ON_THE_PAGE = "nothing: it is the problem's, or for batchscape study alone"
"""Of a parameter that has no control."""

ELSEWHERE = (
    "one that this server has: bring a table again under Your data, or open the link where the problem is served, by "
    "batchscape serve FILE.py:make"
)
"""Of a problem of somebody's own."""

HIDEABLE = tuple(
    dict.fromkeys(name for name in (*STUDY, *VIEW_PARAMETERS, *CHOICES["view"]) if name not in WITHOUT_CONTROL)
)
"""Controls and views that a link can hide."""

BROWSER = ("camera", "profile", "hide")
"""Parameters that only the browser reads: camera, profile and hidden controls."""

PARAMETERS = (*ORIGINS, *VIEW_PARAMETERS, *STUDY, *BROWSER, "v")

RENAMED = {"chances": "counts"}
"""Former names of views in links, and their present ones."""

DOMAIN_OF_TABLE = {number: domain for domain, number in published.DOMAIN_TABLE.items()}


def figure_link(number: int, letter: str = "") -> str:
    """Write the link of a figure, or of one of its panels."""
    return "?" + urlencode({"figure": number, **({"panel": letter} if letter else {})})


def table_link(number: int) -> str:
    """Write the link of a table."""
    return f"?table={number}"


def scene_link(number: int) -> str:
    """Write the link of a scene of the tour."""
    return f"?scene={number}"


def exercise_link(number: int) -> str:
    """Write the link of an exercise."""
    return f"?exercise={number}"


STATED = ("seed", "batch_seed", "batch_size")
"""Parameters that a cited link states, defaults or not."""


def write(state: ViewState, stated: tuple[str, ...] = (), **more: str) -> str:
    """Write the link that `parse` reads back as an equal state, but for the study's precision.

    Args:
        state: What is shown.
        stated: Fields of the study that are written even where the link would start with them.
        more: Parameters that only the browser reads.
    """
    spec, (origin, given) = state.spec, _find_origin(state)
    looked = {name: getattr(state, name) for name in _view_parameters(origin)}
    given |= {name: held for name, held in looked.items() if held != getattr(origin, name)}
    given |= {
        name: getattr(spec, name)
        for name in STUDY
        if name != "population" and (name in stated or getattr(spec, name) != getattr(origin.spec, name))
    }
    if "domain" in given and "range" not in given:  # a domain alone brings its own range
        given["range"] = spec.range
    written = {name: _write_value(held) for name, held in given.items()} | more
    return "?" + urlencode({**written, "v": VERSION}, safe=",") if written else ""


def parse(query: object) -> ViewState:
    """Parse a link; an empty one gives the page as it opens.

    Raises:
        SpecError: A parameter is unknown, comes twice or holds a value that is not allowed.
    """
    return _parse(_split(query))


class Refusal(NamedTuple):
    """What is not used of a link."""

    message: str  # what came, what is allowed and what to do
    names: tuple[str, ...]  # of parameters; none where it is the whole link


def follow(query: object) -> tuple[ViewState | None, Refusal | None]:
    """Parse what is allowed of a link: the state, unless none of it can be used, and what is not used."""
    refused: dict[str, str] = {}
    try:
        given = _split(query)
        usual = StudySpec()
        for name in WITHOUT_CONTROL:
            if name in given and given[name] != _write_value(getattr(usual, name)):
                refused[name] = _quote(name, given.pop(name), ON_THE_PAGE)
        while True:
            try:
                state = _parse(given)
                break
            except SpecError as problem:
                name = problem.field
                if name not in given or name == "v":
                    raise
                elsewhere = name == "problem" and own_problems.is_own(given[name])
                refused[name] = _quote(name, given.pop(name), ELSEWHERE if elsewhere else problem.allowed)
    except SpecError as problem:
        return None, Refusal(f"None of this link is used. {problem}. {REMEDY}", ())
    if not refused:
        return state, None
    some = "; ".join([*refused.values()][:MOST_QUOTED])
    more = f"; and {len(refused) - MOST_QUOTED} more" if len(refused) > MOST_QUOTED else ""
    rest = "The rest of it is used." if given.keys() - {"v"} else "The page is shown as it opens."
    return state, Refusal(f"Not used from this link: {some}{more}. {rest} {REMEDY}", tuple(refused))


def _quote(name: str, text: str, allowed: str) -> str:
    """A parameter as it stands in the link, and what is allowed."""
    quoted = f"{name[:LONGEST_QUOTED]}={text[:LONGEST_QUOTED]}"
    reason = allowed.removeprefix("nothing: ")
    return f"{quoted} ({reason if reason != allowed else f'allowed: {allowed}'})"


def _split(query: object) -> dict[str, str]:
    """Split a link into its parameters."""
    if query is None:
        query = ""
    if not isinstance(query, str) or len(query) > LONGEST:
        raise SpecError("link", query, f"at most {LONGEST} characters")
    pairs = parse_qsl(query.removeprefix("?"), keep_blank_values=True)
    if len(dict(pairs)) != len(pairs):
        raise SpecError("link", query, "each parameter once")
    return dict(pairs)


def _parse(given: dict[str, str]) -> ViewState:
    """Parse the parameters of a link."""
    if "view" in given:
        given = {**given, "view": RENAMED.get(given["view"], given["view"])}
    for name, text in given.items():
        if name not in PARAMETERS:
            raise SpecError(name, text, f"nothing: a link has no such parameter{_suggest(name, PARAMETERS)}")
    if given.get("v", VERSION) != VERSION:
        raise SpecError("v", given["v"], f"{VERSION}: the link was written by another version of Batchscape")
    _check_browser_parameters(given)
    origin = _read_origin(given)
    study = {name: parse_value(name, given[name]) for name in STUDY if name in given}
    spec = origin.spec.model_dump()
    if "domain" in study and "range" not in study:
        spec["range"] = None
    looked = {name: parse_value(name, given[name]) for name in _view_parameters(origin) if name in given}
    same = {name: getattr(origin, name) for name in VIEW_FIELDS}
    return ViewState(StudySpec(**{**spec, **study}), **{**same, **looked})


def write_cited_link(query: object) -> str:
    """Write a link with camera, version, seeds and batch size, for citations.

    Raises:
        SpecError: As `parse`.
    """
    state = parse(query)
    sides = {name: text for name, text in parse_qsl(str(query).removeprefix("?")) if name == "camera"}
    return write(state, STATED, **sides)


def find_start(state: ViewState) -> ViewState:
    """Find the state where a link starts, before its changes."""
    return _find_origin(state)[0]


def _view_parameters(origin: ViewState) -> tuple[str, ...]:
    """List the parameters of the view for links that start there."""
    return (*PLACE, *VIEW_PARAMETERS) if origin.scene or origin.exercise else VIEW_PARAMETERS


def _find_origin(state: ViewState) -> tuple[ViewState, dict[str, Any]]:
    """Find where a link starts, and the parameters that name it."""
    if state.scene:
        return _open_scene(state.scene), {"scene": state.scene}
    if state.exercise:
        return _open_exercise(state.exercise), {"exercise": state.exercise}
    if state.view == "figures":
        return _open_figure(state.figure, state.panel), {"figure": state.figure, "panel": state.panel}
    if state.view == "tables" and state.spec.domain in published.DOMAIN_TABLE:
        return _open_table(state.spec.domain), {"table": published.DOMAIN_TABLE[state.spec.domain]}
    return ViewState(StudySpec(), state.view), {} if state.view == ViewState(StudySpec()).view else {"view": state.view}


def _read_origin(given: dict[str, str]) -> ViewState:
    """Read where a link starts."""
    guided = ("scene", "exercise")
    starts = (*guided, "table") if given.keys() & guided else ("figure", "table", "view")
    kinds = [name for name in starts if name in given]
    if len(kinds) > 1:
        raise SpecError(kinds[1], given[kinds[1]], f"nothing beside {kinds[0]}: a link starts at one place")
    for name, entries, start in (("scene", tour.ALL, _open_scene), ("exercise", EXERCISES, _open_exercise)):
        if name in given:
            number = parse_value(name, given[name])
            if number not in range(1, len(entries) + 1):
                raise SpecError(name, number, f"a whole number from 1 to {len(entries)}")
            return start(number)
    if "figure" in given:
        found = published.find_figure(parse_value("figure", given["figure"]))
        return _open_figure(found.number, found.panel(given["panel"]).letter if "panel" in given else "a")
    if "panel" in given:
        raise SpecError("panel", given["panel"], "only with a figure, as in ?figure=9&panel=g")
    if "table" in given:
        number = parse_value("table", given["table"])
        if number not in DOMAIN_OF_TABLE:
            raise SpecError("table", number, "one of " + ", ".join(map(str, DOMAIN_OF_TABLE)))
        if "domain" in given:
            raise SpecError("domain", given["domain"], "nothing beside table: the table decides it")
        return _open_table(DOMAIN_OF_TABLE[number])
    view = given.get("view", ViewState(StudySpec()).view)
    if view not in CHOICES["view"]:
        raise SpecError("view", view, "one of " + ", ".join(CHOICES["view"]))
    return ViewState(StudySpec(), view)


def _check_browser_parameters(given: dict[str, str]) -> None:
    numbers = given.get("camera", "0,0,1,0,0,0").split(",")
    if len(numbers) != 6 or not all(re.fullmatch(r"-?[0-9]{1,2}(\.[0-9]{1,4})?", one) for one in numbers):
        raise SpecError("camera", given["camera"], "six numbers below 100: of the eye and of what it looks at")
    if given.get("profile", PROFILES[0]) not in PROFILES:
        raise SpecError("profile", given["profile"], "one of " + ", ".join(PROFILES))
    for name in given.get("hide", HIDEABLE[0]).split(","):
        if RENAMED.get(name, name) not in HIDEABLE:
            raise SpecError("hide", name, f"controls and views, separated by commas{_suggest(name, HIDEABLE)}")


def _suggest(name: str, known: tuple[str, ...]) -> str:
    """The known name that is most like an unknown one, or nothing."""
    return "".join(f"; perhaps {near}" for near in get_close_matches(name[:LONGEST], known, 1))


def _open_figure(number: int, letter: str) -> ViewState:
    figure = published.find_figure(number)
    spec = StudySpec(**{**figure.base.model_dump(), "draws": StudySpec().draws})  # their number is the figure's own
    return ViewState(spec, "figures", figure=number, panel=letter)


def _open_scene(number: int) -> ViewState:
    return tour.ALL[number - 1].state.replace(scene=number)


def _open_exercise(number: int) -> ViewState:
    exercise = EXERCISES[number - 1]
    return ViewState(StudySpec(**exercise.study), **exercise.view, exercise=number)


def _open_table(domain: str) -> ViewState:
    return ViewState(StudySpec(domain=domain), "tables")


def parse_value(name: str, text: str) -> Any:  # noqa: ANN401  a number or text
    """Parse the text of a field; text that is not the number it should be stays text, and validation refuses it."""
    if name in (*WHOLE, "table") and re.fullmatch(r"-?[0-9]{1,17}", text):
        return int(text)
    if name in NUMBERS and re.fullmatch(r"-?[0-9]{1,17}(\.[0-9]{1,25})?(e-?[0-9]{1,3})?", text):
        return float(text)
    if name == "hidden" and re.fullmatch(r"[0-9]{1,5}(,[0-9]{1,5}){0,9}", text):
        return tuple(map(int, text.split(",")))
    return tuple(text.split(",")) if name in LISTS else text


def _write_value(held: object) -> str:
    """Write the shortest text that reads back as the same value."""
    if isinstance(held, tuple):
        return ",".join(map(str, held))
    return repr(held).removesuffix(".0").replace("e+", "e") if isinstance(held, float) else str(held)
