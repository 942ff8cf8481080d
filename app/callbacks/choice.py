"""What follows from what the controls hold and which of them was used last: corrected, checked, with errors explained."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.jobs import cost
from app.jobs.service import Service
from app.page import ids
from app.page.rail.boxes import list_hidden_fields
from app.page.rail.parts import DEFAULTS, FIELDS, FROM_ONE, LINK_DEFAULTS, NUMBER_BOXES, TYPED, VIEW_DEFAULTS
from app.page.rail.rail import list_sizes
from app.state import permalink, problems
from app.state.permalink import Refusal
from app.state.view_state import CHOICES, LIMITS, ViewState, parse_spec
from app.views import VIEWS
from landscape_core import BudgetError, LandscapeError, SpecError
from landscape_core.geometry.directions import DOMAINS
from landscape_core.geometry.grid import LINES
from landscape_core.paper.published import DOMAIN_TABLE
from landscape_core.statistics.moments import LEAST_DRAWS
from landscape_core.study.spec import RECIPE, SAFE_INTEGER

SIZES = tuple(list_sizes(DEFAULTS.samples))
ANGLES = {ids.LINE_PRESET.format(line.name): line.angle for line in LINES}
"""Buttons that set a value."""

LEAST = {"resolution": 2, "line_points": 3, "draws": LEAST_DRAWS, "batch_size": 1, "seeds": 1, "budget": 1}
"""Lowest values of what makes a study smaller."""

OF_BATCHES = (ids.BATCH_SIZE, ids.SAMPLING, ids.BATCH_SEED)
"""Controls of mini-batches: who uses one wants to see some."""

OF_DATA = (ids.PROBLEM, ids.DATASET)
"""Controls that say how many samples there are."""

SETTERS = (ids.DOMAIN, ids.RACE, *OF_BATCHES, *OF_DATA)
"""Controls that change others."""


def choose(
    service: Service,
    trigger: object,
    fields: dict[str, Any],
    look: dict[str, Any],
    query: object = "",
    missed: Sequence[str] = (),
    before: object = None,
) -> dict[str, Any]:
    """What follows from what the controls hold and which of them was used last.

    Args:
        service: Checks that a study is not too large.
        trigger: Id of what was used; None when the page is opened.
        fields: Values of the controls named in `FIELDS`.
        look: Values of the controls named in `VIEW_DEFAULTS`, and which figure and panel was picked.
        query: The link's query; it matters only when it is what was used.
        missed: What was used before that, and whose answers came too late to be heard; see `unheard`.
        before: The request that was heard last.

    Returns:
        request, a ViewState, and link (None if something is not allowed), fields and look as corrected, errors by
        field, message, and what of a link was left out.
    """
    fields, look = read_typed(fields), {**LINK_DEFAULTS, **read_typed(look)}
    answer: dict[str, Any] = {
        "request": None,
        "link": None,
        "cited": "",
        "fields": fields,
        "look": look,
        "errors": {},
        "message": "",
        "left_out": (),
    }
    try:
        told = _make_up(missed, trigger, fields, look, query, before)
        told = _use(trigger, fields, look, query) or told
        answer |= {"message": told.message, "left_out": told.names} if told else {}
        whole, request, lowered = _fit(service, trigger, fields, look)
        answer["message"] = answer["message"] or lowered
    except BudgetError as problem:
        field, most = _find_allowed(service, trigger, fields, look)
        answer["message"] = f"Too large: {cost.explain(problem, field, most)}"
        answer["errors"] = {field: f"Allowed: at most about {most:,}"} if field in NUMBER_BOXES else {}
    except SpecError as problem:
        answer["errors"] = {problem.field: f"Allowed: {_describe_allowed(problem)}"}
        answer["message"] = answer["message"] or ("" if problem.field in TYPED else str(problem))
    except LandscapeError as problem:  # a loss that does not go with the data
        answer["message"] = str(problem)
    else:
        answer["request"] = request
        # the address keeps a link of which nothing is used, so that it can be mended
        answer["link"] = _link(whole) if told is None or told.names else None
        answer["cited"] = _link(whole, permalink.STATED)
    return answer


def _describe_allowed(problem: SpecError) -> str:
    """What a box may hold."""
    if problem.field in FROM_ONE:
        low, high = LIMITS[problem.field]
        return f"a whole number from {low + 1} to {high + 1}"
    return problem.allowed


def _fit(
    service: Service, trigger: object, fields: dict[str, Any], look: dict[str, Any]
) -> tuple[ViewState, ViewState, str]:
    """As `_check`, on a coarser plane where a problem that was just chosen is too large, and what is said of that."""
    try:
        return *_check(service, fields, look), ""
    except BudgetError as problem:
        field, most = _find_allowed(service, trigger, fields, look)
        if trigger not in (*OF_DATA, ids.HIDDEN) or field != ids.RESOLUTION:
            raise
        fields[ids.RESOLUTION] = most
        return *_check(
            service, fields, look
        ), f"Resolution {most}, as this problem takes longer: {cost.explain(problem)}"


def _check(service: Service, fields: dict[str, Any], look: dict[str, Any]) -> tuple[ViewState, ViewState]:
    """All that the controls hold, and what is looked at of that.

    Raises:
        LandscapeError: It is not allowed, or too large.
    """
    whole = _request(service, fields, look)
    view = VIEWS[whole.view]
    request = ViewState(view.study(whole.spec), **look)
    if view.sampled and request.spec.draws < LEAST_DRAWS:
        allowed = f"a whole number from {LEAST_DRAWS} up: one draw has no SD"
        raise SpecError("draws", request.spec.draws, allowed)
    for task in view.tasks(request):
        service.check(task)
    return whole, request


def _find_allowed(service: Service, trigger: object, fields: dict[str, Any], look: dict[str, Any]) -> tuple[str, int]:
    """The field that makes a study too large, and its largest value that does not; the one used last comes first."""
    for name in sorted(cost.USE, key=lambda one: one != trigger):
        held = fields if name in fields else look

        def fits(value: int, name: str = name, held: dict[str, Any] = held) -> bool:
            changed = {**held, name: max(value, LEAST[name])}
            try:
                _check(service, *((changed, look) if held is fields else (fields, changed)))
            except LandscapeError:
                return False
            return True

        most = cost.find_largest(fits, held[name]) if isinstance(held[name], int) else None
        if most is not None and most >= LEAST[name]:
            return name, most
    return "", 0


def _link(request: ViewState, stated: tuple[str, ...] = ()) -> str:
    """The link of all that the controls hold; where that is too long, of those that are seen."""
    link = permalink.write(request, stated)
    if len(link) <= permalink.LONGEST_WRITTEN:
        return link
    origin, unseen = permalink.find_start(request), list_hidden_fields(request.view)
    if origin.spec.problem != request.spec.problem:  # what its network is made from goes with the problem
        unseen -= {ids.PROBLEM, *RECIPE}
    fields = {name: getattr(origin.spec, name) for name in FIELDS if name in unseen}
    looks = {name: getattr(origin, name) for name in VIEW_DEFAULTS if name in unseen}
    return permalink.write(request.replace(spec=request.spec.replace(**fields), **looks), stated)


def read_typed(held: dict[str, Any]) -> dict[str, Any]:
    """What controls hold: a number that was typed with zeros at its ends, or many digits, comes as text; so do units."""
    typed = {name: held[name] for name in TYPED if isinstance(held.get(name), str)}
    if ids.HIDDEN in typed:
        typed[ids.HIDDEN] = typed[ids.HIDDEN].replace(" ", "")
    return {**held, **{name: permalink.parse_value(name, text) for name, text in typed.items()}}


def count_boxes(look: dict[str, Any], by: int) -> dict[str, Any]:
    """Count from 1 as boxes do, or from 0 as links do."""
    counted = {name: look[name] + by for name in FROM_ONE if isinstance(look.get(name), int | float)}
    return {**look, **counted}


def _make_up(
    missed: Sequence[str], trigger: object, fields: dict[str, Any], look: dict[str, Any], query: object, before: object
) -> Refusal | None:
    """Do what was missed, but to no control that was used since an answer was heard; return what is wrong with it."""
    heard = {**before["spec"], **before} if isinstance(before, dict) and isinstance(before.get("spec"), dict) else {}
    own = [
        (held, name, value)
        for held in (fields, look)
        for name, value in held.items()
        if name == trigger or value != heard.get(name, value)
    ]
    told = [_use(name, fields, look, query) for name in missed]
    for held, name, value in own:
        held[name] = value
    return next(filter(None, told), None)


def _use(trigger: object, fields: dict[str, Any], look: dict[str, Any], query: object) -> Refusal | None:
    """Do to the controls what was used last; return what is wrong with a link, or nothing."""
    name = str(trigger)
    if trigger in (None, ids.ADDRESS):
        state, refusal = permalink.follow(query)
        if state is not None:
            _hold(state, fields, look)
        return refusal
    if name == ids.RESET and look["view"] in CHOICES["view"]:
        place = {name: look[name] for name in ("figure", "scene", "exercise")}
        table = {"domain": fields["domain"]} if str(fields["domain"]) in DOMAIN_TABLE else {}
        start = permalink.find_start(ViewState(parse_spec(table), look["view"], **place))
        _hold(start, fields, look, but=tuple(LINK_DEFAULTS))
    elif name == ids.DOMAIN and str(fields["domain"]) in DOMAINS:
        fields["range"] = DOMAINS[str(fields["domain"])].half_width
    elif name == ids.RACE:
        look["race_step"] = 0
    elif name == ids.DRAW_AGAIN and isinstance(fields["batch_seed"], int):
        fields["batch_seed"] = (fields["batch_seed"] + 1) % (SAFE_INTEGER + 1)
        look["source"] = "batch"
    elif name in SIZES:
        fields["batch_size"] = list_sizes(problems.count_samples(fields["problem"], fields["dataset"]))[name]
        look["source"] = "batch"
    elif name in OF_DATA and isinstance(fields["batch_size"], int):
        samples = problems.count_samples(fields["problem"], fields["dataset"])
        fields["batch_size"] = min(fields["batch_size"], samples or fields["batch_size"])
    elif name in OF_BATCHES:
        look["source"] = "batch"
    elif name in ANGLES:
        look.update(angle=ANGLES[name], through_d1=0.0, through_d2=0.0)
    return None


def _hold(request: ViewState, fields: dict[str, Any], look: dict[str, Any], but: tuple[str, ...] = ()) -> None:
    """Set the controls to what a request says."""
    fields.update({name: getattr(request.spec, name) for name in FIELDS})
    look.update({name: getattr(request, name) for name in look if name not in but})


def _request(service: Service, fields: dict[str, Any], look: dict[str, Any]) -> ViewState:
    """The request of the controls; one that is not seen in this view and holds what is not allowed is set back.

    So is the plane where the paper's own figures and tables are seen, which are on its two planes.
    """
    view = VIEWS.get(str(look["view"]))
    of_paper = view is not None and "problem" not in view.controls
    if of_paper and str(fields["domain"]) in DOMAINS.keys() - DOMAIN_TABLE.keys():
        fields |= {"domain": DEFAULTS.domain, "range": DEFAULTS.range}
    idle = problems.list_idle(fields["problem"], fields["start_point"])
    unseen = list_hidden_fields(look["view"], look) | idle
    while True:
        try:
            return ViewState(parse_spec({**fields, "dtype": service.dtype}), **look)
        except SpecError as problem:
            if problem.field not in unseen:
                raise
            unseen = unseen - {problem.field}
            held, default = (fields, getattr(DEFAULTS, problem.field)) if problem.field in fields else (look, None)
            held[problem.field] = VIEW_DEFAULTS[problem.field] if default is None else default
