"""The bodies of the callbacks, as plain functions."""

from __future__ import annotations

from typing import Any

import pytest

from app.callbacks.choice import choose
from app.callbacks.controls import MOST_MISSED, unheard
from app.callbacks.jobs import BUSY, HUNG, Progress, busy, compute, hung
from app.callbacks.render import Page, draw
from app.jobs.service import Service
from app.jobs.tasks import task_from, task_to_dict
from app.page import ids
from app.page.rail.boxes import BOXES, list_hidden_fields
from app.page.rail.parts import DEFAULTS, FIELDS, LINK_DEFAULTS, NUMBER_BOXES, VIEW_DEFAULTS
from app.plotting.model import Gallery, PanelContent
from app.plotting.plotly import render
from app.state.view_state import ViewState
from app.views import VIEWS
from landscape_core import SpecError, StudySpec
from landscape_core.study import limits

WHOLE = ViewState(StudySpec()).to_dict()
START: dict[str, Any] = {name: getattr(DEFAULTS, name) for name in FIELDS}


def test_every_field_that_has_a_control_is_a_field_of_a_study() -> None:
    assert set(FIELDS) <= set(StudySpec.model_fields)
    assert set(NUMBER_BOXES) <= {*FIELDS, *VIEW_DEFAULTS}
    assert {name for _, names in BOXES.values() for name in names} - {ids.PLAY} <= {*FIELDS, *VIEW_DEFAULTS}
    assert {view for views, _ in BOXES.values() for view in views} == set(VIEWS)


def test_compare_needs_no_draws_and_moments_does(service: Service) -> None:
    compare = choose(service, None, START, VIEW_DEFAULTS)["request"]
    moments = choose(service, ids.VIEW, START, {**VIEW_DEFAULTS, "view": "moments"})["request"]
    assert compare.spec == StudySpec(draws=0)
    assert moments.spec == StudySpec(draws=50)


def test_domain_brings_its_own_range(service: Service) -> None:
    answer = choose(service, ids.DOMAIN, {**START, "domain": "local"}, VIEW_DEFAULTS)
    assert answer["fields"]["range"] == 2.0
    assert answer["request"].spec.range == 2.0
    kept = choose(service, ids.RANGE, {**START, "domain": "local", "range": 4}, VIEW_DEFAULTS)
    assert kept["request"].spec.range == 4.0


def test_drawing_again_takes_the_next_batches_and_shows_them(service: Service) -> None:
    answer = choose(service, ids.DRAW_AGAIN, START, {**VIEW_DEFAULTS, "source": "full"})
    assert answer["request"].spec.batch_seed == START["batch_seed"] + 1
    assert answer["request"].source == "batch"


@pytest.mark.parametrize(("name", "size"), [("all", 150), ("all-but-one", 149), ("10", 10), ("1", 1)])
def test_batch_presets(service: Service, name: str, size: int) -> None:
    answer = choose(service, ids.BATCH_PRESET.format(name), START, VIEW_DEFAULTS)
    assert answer["fields"]["batch_size"] == answer["request"].spec.batch_size == size


def test_what_was_overtaken_is_made_up_for(service: Service) -> None:
    preset, again = ids.BATCH_PRESET.format(1), ids.DRAW_AGAIN
    answer = choose(
        service, ids.ACTIVATION, {**START, "activation": "elu"}, VIEW_DEFAULTS, missed=[preset, again, again]
    )
    spec = answer["request"].spec
    assert (spec.activation, spec.batch_size, spec.batch_seed) == ("elu", 1, START["batch_seed"] + 2)
    local = choose(
        service, ids.ACTIVATION, {**START, "domain": "local", "activation": "elu"}, VIEW_DEFAULTS, missed=[ids.DOMAIN]
    )
    assert local["fields"]["range"] == 2.0
    linked = choose(service, ids.SEED, {**START, "seed": 7}, VIEW_DEFAULTS, "?batch_size=3", missed=[ids.ADDRESS])
    assert linked["link"] == "?batch_size=3&seed=7&v=1"
    wrong = choose(service, ids.SEED, {**START, "seed": 7}, VIEW_DEFAULTS, "?batch_size=x", missed=[ids.ADDRESS])
    assert wrong["message"].startswith("Not used from this link: batch_size=x (allowed: ")


def test_what_is_made_up_for_overrules_no_control_that_was_used_since(service: Service) -> None:
    preset = ids.BATCH_PRESET.format(1)
    later = choose(service, ids.BATCH_SIZE, {**START, "batch_size": 33}, VIEW_DEFAULTS, missed=[preset])
    assert later["request"].spec.batch_size == 33
    held = {**START, "batch_size": 33, "activation": "elu"}
    kept = choose(service, ids.ACTIVATION, held, VIEW_DEFAULTS, missed=[preset], before=WHOLE)
    assert (kept["fields"]["batch_size"], kept["fields"]["activation"]) == (33, "elu")
    anew = choose(service, ids.SEED, {**START, "seed": 7, "range": 3.0}, VIEW_DEFAULTS, missed=[ids.RESET])
    assert (anew["fields"]["seed"], anew["fields"]["range"]) == (7, START["range"])
    linked = choose(service, ids.ADDRESS, START, VIEW_DEFAULTS, "?batch_size=3", missed=[preset, ids.DRAW_AGAIN])
    assert linked["link"] == "?batch_size=3&v=1"
    for before in ({}, {"spec": 3}, {"spec": {"seed": []}}, [1], "x"):
        assert choose(service, ids.SEED, START, VIEW_DEFAULTS, missed=[preset], before=before)["request"] is not None


@pytest.mark.parametrize(
    ("counts", "values", "heard", "used", "missed"),
    [
        ({"a": None, "address": 0}, {"v": "x"}, None, None, []),
        ({"a": None, "address": 1}, {"v": "x"}, None, None, []),
        ({"a": 1, "address": 1}, {"v": "x"}, None, "a", ["address"]),
        ({"a": 1, "b": None}, {"v": "x"}, {"a": None, "b": None, "v": "x"}, "a", []),
        ({"a": 3, "b": 2}, {"v": "y"}, {"a": 1, "b": 2, "v": "x"}, "a", ["a", "v"]),
        ({"a": 3, "b": 2}, {"v": "y"}, {"a": 1, "b": 1, "v": "x"}, "v", ["a", "a", "b"]),
        ({"a": 10**9, "b": 1}, {}, {"a": 0, "b": 1}, "b", ["a"] * MOST_MISSED),
        ({"a": 1, "b": "2"}, {"v": []}, {"a": 5, "v": {}}, "c", ["v"]),
        ({"a": 1, "b": 0}, {"v": 3}, ["a"], "b", ["a"]),
    ],
)
def test_what_no_answer_has_heard_of(
    counts: dict[str, object], values: dict[str, object], heard: object, used: object, missed: list[str]
) -> None:
    assert unheard(counts, values, heard, used) == missed


@pytest.mark.parametrize("view", VIEWS)
def test_what_is_not_seen_cannot_stop_the_page(service: Service, view: str) -> None:
    wrong = {"draws": "", "at_d1": 99.0, "at_d2": None, "seeds": 0, "line": "d3", "resolution": "", "range": ""}
    wrong |= {"activation": "sine", "slope_angle": 999, "source": "x", "moments": "y", "domain": "z"}
    unseen = list_hidden_fields(view)
    fields = {**START, **{name: value for name, value in wrong.items() if name in START and name in unseen}}
    look = {
        **VIEW_DEFAULTS,
        "view": view,
        **{name: value for name, value in wrong.items() if name in VIEW_DEFAULTS and name in unseen},
    }
    answer = choose(service, ids.SEED, fields, look)
    assert (answer["errors"], answer["message"]) == ({}, "")
    for name in unseen - {ids.PLAY}:
        held, default = (answer["fields"], START) if name in START else (answer["look"], VIEW_DEFAULTS)
        assert held[name] == default[name]


def test_a_point_off_the_smaller_plane_is_said_where_it_is_seen(service: Service) -> None:
    look = {**VIEW_DEFAULTS, "view": "variance", "at_d1": 15.0}
    answer = choose(service, ids.DOMAIN, {**START, "domain": "local"}, look)
    assert answer["errors"] == {"at_d1": "Allowed: a number from −2 to 2: on the plane"}
    assert choose(service, ids.DOMAIN, {**START, "domain": "local"}, {**look, "view": "compare"})["look"]["at_d1"] == 0


def test_an_unknown_view_is_said(service: Service) -> None:
    for view in ("other", None, ["compare"]):
        answer = choose(service, ids.SEED, START, {**VIEW_DEFAULTS, "view": view})
        assert answer["request"] is None
        assert answer["message"].startswith("view: got ")
    assert choose(service, ids.RESET, START, {**VIEW_DEFAULTS, "view": "other"})["message"].startswith("view: got ")


def test_reset_brings_a_figure_and_a_table_back_to_their_own(service: Service) -> None:
    look = {**VIEW_DEFAULTS, "view": "figures", "figure": 15, "panel": "g"}
    answer = choose(service, ids.RESET, {**START, "seed": 5}, look)
    assert (answer["fields"]["activation"], answer["fields"]["domain"]) == ("relu", "local")
    assert answer["link"] == "?figure=15&panel=g&v=1"
    table = choose(
        service, ids.RESET, {**START, "domain": "local", "seed": 5}, {**VIEW_DEFAULTS, "view": "tables", "seeds": 7}
    )
    assert (table["fields"]["domain"], table["fields"]["range"], table["look"]["seeds"]) == ("local", 2.0, 200)
    assert table["link"] == "?table=2&v=1"


def test_reset_keeps_the_view(service: Service) -> None:
    changed = {**START, "activation": "elu", "seed": 5}
    look = {
        **VIEW_DEFAULTS,
        "view": "moments",
        "source": "full",
        "moments": "exact",
        "at_d1": 3.0,
        **LINK_DEFAULTS,
        "figure": 9,
        "panel": "g",
    }
    answer = choose(service, ids.RESET, changed, look)
    assert answer["fields"] == START
    assert answer["look"] == {**VIEW_DEFAULTS, **LINK_DEFAULTS, "view": "moments", "figure": 9, "panel": "g"}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("resolution", "", "Allowed: a whole number from 2"),
        ("resolution", 2.5, "Allowed: a whole number from 2"),
        ("range", -1, "Allowed: a number from 1e-12 to 1,000,000"),
        ("range", "wide", "Allowed: a number from 1e-12 to 1,000,000"),
        ("seed", -1, "Allowed: a whole number from 0"),
    ],
)
def test_a_bad_typed_value_is_explained_at_its_control(service: Service, field: str, value: object, said: str) -> None:
    answer = choose(service, field, {**START, field: value}, VIEW_DEFAULTS)
    assert answer["request"] is None
    assert answer["errors"][field].startswith(said)
    assert answer["message"] == ""


def test_any_other_bad_value_is_explained_in_the_message(service: Service) -> None:
    answer = choose(service, ids.ACTIVATION, {**START, "activation": "sine"}, VIEW_DEFAULTS)
    assert answer["request"] is None
    assert answer["message"].startswith("activation: got 'sine'; allowed: one of sigmoid, tanh")


@pytest.mark.parametrize("draws", [0, 1])
def test_moments_need_two_draws(service: Service, draws: int) -> None:
    answer = choose(service, ids.DRAWS, {**START, "draws": draws}, {**VIEW_DEFAULTS, "view": "moments"})
    assert answer["request"] is None
    assert answer["errors"] == {"draws": "Allowed: a whole number from 2 up: one draw has no SD"}
    assert choose(service, ids.DRAWS, {**START, "draws": draws}, VIEW_DEFAULTS)["request"] is not None


def test_a_device_without_float64_gets_float32(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_device", "mps")
    monkeypatch.setattr(service, "check", lambda _: None)
    assert choose(service, None, START, VIEW_DEFAULTS)["request"].spec.dtype == "float32"


def page(**held: Any) -> Page:
    """A page that has just opened, but for some of what it holds."""
    return Page(**{**dict.fromkeys(("theme", "profile", "pending", "computed", "awaiting", "line", "strip")), **held})


def test_what_is_running_is_known(few: StudySpec) -> None:
    pending = task_to_dict(few)
    assert page(pending=pending).waits()
    assert page(pending=pending, computed={"key": few.replace(seed=1).key(), "error": ""}).waits()
    assert not page(pending=pending, computed={"key": few.key(), "error": ""}).waits()
    assert not page(pending=pending, computed=busy()).waits()
    assert not page().waits()
    assert not page(pending={"kind": "study", "fields": {"seed": -1}}).waits()


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "x",
        {},
        {"spec": {}, "view": "compare", "source": "batch"},
        {**WHOLE, "more": 1},
        {**WHOLE, "view": "other"},
        {**WHOLE, "view": ["compare"]},
        {**WHOLE, "spec": []},
        {**WHOLE, "spec": {"seed": True}},
        {**WHOLE, "spec": {"__class__": 1}},
        {**WHOLE, "spec": {"activation": {"$ne": 1}}},
        {**WHOLE, "line": "d3"},
        {**WHOLE, "at_d1": "0"},
        {**WHOLE, "at_d1": True},
        {**WHOLE, "at_d2": float("nan")},
        {**WHOLE, "at_d2": 20.5},
        {**WHOLE, "figure": 20},
        {**WHOLE, "figure": True},
        {**WHOLE, "figure": [1]},
        {**WHOLE, "panel": "z"},
        {**WHOLE, "panel": None},
        {**WHOLE, "seeds": 0},
        {**WHOLE, "seeds": True},
        {**WHOLE, "seeds": 10**9},
    ],
)
def test_a_forged_request_is_refused(body: object) -> None:
    with pytest.raises(SpecError):
        ViewState.from_dict(body)


def test_request_survives_its_way_to_the_page_and_back() -> None:
    request = ViewState(StudySpec(activation="elu", range=3.5), "moments", "full", "exact")
    assert ViewState.from_dict(request.to_dict()) == request


def computed(service: Service, task: Any) -> dict[str, Any]:
    return compute(service, lambda _: None, task_to_dict(task))


def test_miss_then_compute_then_hit(service: Service, few: StudySpec) -> None:
    request = ViewState(few, "moments")
    missed = draw(service, request)
    assert (missed.panels, missed.pending, missed.notice) == ({}, few, "")
    told: list[Progress] = []
    answer = compute(service, told.append, task_to_dict(few))
    assert answer == {"key": few.key(), "error": ""}
    assert told[-1] == (100.0, "Drawing mini-batches: 100%", 0)
    hit = draw(service, request, answer)
    assert (hit.pending, hit.notice) == (None, "")
    assert set(hit.panels) == set(hit.complete) == set(VIEWS["moments"].panels)


@pytest.mark.parametrize(
    ("view", "rest"),
    [("compare", {"minima", "nngpps"}), ("explore", {"map"}), ("moments", set(VIEWS["moments"].panels))],
)
def test_surfaces_do_not_wait_for_the_rest(service: Service, few: StudySpec, view: Any, rest: set[str]) -> None:
    near = few.replace(batch_size=9)
    service.compute(near, lambda _share, _what: None)  # its tables are those of the next one
    request = ViewState(few.replace(draws=0) if view != "moments" else few, view)
    first = draw(service, request)
    assert first.pending == request.spec
    assert set(first.complete) == set(first.panels) == set(VIEWS[view].panels) - rest
    whole = draw(service, request, computed(service, first.pending))
    assert whole.pending is None
    assert set(whole.panels) == set(VIEWS[view].panels)
    for panel, seen in first.panels.items():
        shown = whole.panels[panel]
        assert isinstance(seen, PanelContent)
        assert isinstance(shown, PanelContent)
        assert (seen.title, seen.note, seen.sentence) == (shown.title, shown.note, shown.sentence)
        assert render(seen.picture, "light") == render(shown.picture, "light")


def test_what_was_shown_when_a_task_was_asked_for_is_not_drawn_again(few: StudySpec) -> None:
    arrived = {"key": few.key(), "error": ""}
    held = {"key": few.key(), "shown": ["loss", "slope"]}
    assert page(awaiting=held).shows(arrived) == ["loss", "slope"]
    assert page(awaiting=held).shows(None) == []
    assert page(awaiting=held).shows({"key": few.replace(seed=1).key(), "error": ""}) == []
    assert page(awaiting={**held, "key": few.replace(seed=1).key()}).shows(arrived) == []
    for forged in (None, [], {"key": few.key()}, {**held, "shown": "loss"}, {"key": None}, {"key": [], "shown": []}):
        assert page(awaiting=forged).shows(arrived) == []
    assert page(awaiting={"key": None, "shown": ["loss"]}).shows({"key": None, "error": "busy"}) == []


def test_a_table_is_computed_and_drawn(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LINE_DRAWS", 20)
    asked = ViewState(StudySpec(line_points=12), "tables", seeds=3)
    missed = draw(service, asked)
    assert missed.pending == asked.typical == task_from(task_to_dict(asked.typical))
    told: list[Progress] = []
    answer = compute(service, told.append, task_to_dict(asked.typical))
    assert answer == {"key": asked.typical.key(), "error": ""}
    assert told[-1] == (100.0, "Comparing start points: 100%", 0)
    hit = draw(service, asked, answer)
    assert set(hit.panels) == set(VIEWS["tables"].panels)
    assert hit.notice == ""


def test_the_gallery_shows_what_it_has(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LINE_DRAWS", 20)
    request = ViewState(StudySpec(resolution=8, line_points=12), "gallery")
    arrived, filled = None, []
    for _ in range(12):
        drawing = draw(service, request, arrived)
        gallery = drawing.panels["all"]
        assert isinstance(gallery, Gallery)
        filled.append(sum(bool(small.image) for small in gallery.thumbnails))
        assert bool(drawing.complete) == (drawing.pending is None)  # drawn again with each that arrives
        if drawing.pending is None:
            break
        arrived = computed(service, drawing.pending)
    assert filled == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12]  # Fig. 17 is of the study of Fig. 15, and comes last
    assert drawing.notice == ""


def test_failure_is_said_and_not_tried_in_circles(service: Service, few: StudySpec) -> None:
    request = ViewState(few)
    failed = draw(service, request, {"key": few.key(), "error": "no direction"})
    assert (failed.panels, failed.pending, failed.notice) == ({}, None, "no direction")
    lost = draw(service, request, {"key": few.key(), "error": ""})
    assert (lost.pending, lost.notice) == (None, "The result could not be kept. Ask again.")
    assert draw(service, request, busy()).notice == BUSY
    assert draw(service, request, hung()).notice == HUNG


def test_answer_to_an_older_question_leads_to_the_newer_one(service: Service, few: StudySpec) -> None:
    older = {"key": few.replace(seed=1).key(), "error": ""}
    assert draw(service, ViewState(few), older).pending == few


def test_compute_explains_what_it_refuses(service: Service) -> None:
    def forged(fields: object, kind: object = "study") -> dict[str, Any]:
        return compute(service, lambda _: None, {"kind": kind, "fields": fields})

    assert forged({"seed": -1})["error"].startswith("seed: got -1")
    assert forged({"seeds": 0}, "typical")["error"].startswith("seeds: got 0; allowed: a whole number from 1")
    assert (
        forged({}, "code")["error"]
        == "kind: got 'code'; allowed: one of study, typical, race, race-starts, training, tile"
    )
    assert forged({}, ["study"])["error"].startswith("kind: got ['study']")
    assert forged([1])["error"].startswith("spec: got [1]")
    assert compute(service, lambda _: None, {"seed": 1})["error"].startswith("task: got")
    too_large = forged({"resolution": 9999})
    assert too_large["key"] == StudySpec(resolution=9999).key()
    assert "Lower the resolution" in too_large["error"]
