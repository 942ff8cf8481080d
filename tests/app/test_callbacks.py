"""The bodies of the callbacks, as plain functions."""

from __future__ import annotations

from typing import Any

import pytest

from app import ids
from app.callbacks.choose import MOST_MISSED, choose, unheard
from app.callbacks.compute import BUSY, busy, compute
from app.callbacks.draw import _still_seen, at_once, draw, running
from app.controls import BOXES, DEFAULTS, FIELDS, LOOK, PICKED, TYPED, hidden
from app.figures import render
from app.service import Service
from app.state import Request, task_from, task_to_dict
from app.views import VIEWS
from landscape_core import SpecError, StudySpec, study

WHOLE = Request(StudySpec()).to_dict()
START: dict[str, Any] = {name: getattr(DEFAULTS, name) for name in FIELDS}


def test_every_field_that_has_a_control_is_a_field_of_a_study() -> None:
    assert set(FIELDS) <= set(StudySpec.model_fields)
    assert set(TYPED) <= {*FIELDS, *LOOK}
    assert {name for _, names in BOXES.values() for name in names} <= {*FIELDS, *LOOK}
    assert {view for views, _ in BOXES.values() for view in views} == set(VIEWS)


def test_compare_needs_no_draws_and_moments_does(service: Service) -> None:
    compare = choose(service, None, START, LOOK)["request"]
    moments = choose(service, ids.VIEW, START, {**LOOK, "view": "moments"})["request"]
    assert compare["spec"]["draws"] == 0
    assert moments["spec"]["draws"] == 50
    assert Request.from_dict(compare).spec == StudySpec(draws=0)


def test_domain_brings_its_own_range(service: Service) -> None:
    answer = choose(service, ids.DOMAIN, {**START, "domain": "local"}, LOOK)
    assert answer["fields"]["range"] == 2.0
    assert answer["request"]["spec"]["range"] == 2.0
    kept = choose(service, ids.RANGE, {**START, "domain": "local", "range": 4}, LOOK)
    assert kept["request"]["spec"]["range"] == 4.0


def test_drawing_again_takes_the_next_batches_and_shows_them(service: Service) -> None:
    answer = choose(service, ids.DRAW_AGAIN, START, {**LOOK, "source": "full"})
    assert answer["request"]["spec"]["batch_seed"] == START["batch_seed"] + 1
    assert answer["request"]["source"] == "batch"


@pytest.mark.parametrize("size", [150, 149, 10, 1])
def test_batch_presets(service: Service, size: int) -> None:
    answer = choose(service, ids.BATCH_PRESET.format(size), START, LOOK)
    assert answer["fields"]["batch_size"] == answer["request"]["spec"]["batch_size"] == size


def test_what_was_overtaken_is_made_up_for(service: Service) -> None:
    preset, again = ids.BATCH_PRESET.format(1), ids.DRAW_AGAIN
    answer = choose(service, ids.ACTIVATION, {**START, "activation": "elu"}, LOOK, missed=[preset, again, again])
    spec = answer["request"]["spec"]
    assert (spec["activation"], spec["batch_size"], spec["batch_seed"]) == ("elu", 1, START["batch_seed"] + 2)
    local = choose(
        service, ids.ACTIVATION, {**START, "domain": "local", "activation": "elu"}, LOOK, missed=[ids.DOMAIN]
    )
    assert local["fields"]["range"] == 2.0
    linked = choose(service, ids.SEED, {**START, "seed": 7}, LOOK, "?batch_size=3", missed=[ids.ADDRESS])
    assert linked["link"] == "?batch_size=3&seed=7&v=1"
    wrong = choose(service, ids.SEED, {**START, "seed": 7}, LOOK, "?batch_size=x", missed=[ids.ADDRESS])
    assert wrong["message"].startswith("The link is not followed. batch_size: got ")


def test_what_is_made_up_for_overrules_no_control_that_was_used_since(service: Service) -> None:
    preset = ids.BATCH_PRESET.format(1)
    later = choose(service, ids.BATCH_SIZE, {**START, "batch_size": 33}, LOOK, missed=[preset])
    assert later["request"]["spec"]["batch_size"] == 33
    held = {**START, "batch_size": 33, "activation": "elu"}
    kept = choose(service, ids.ACTIVATION, held, LOOK, missed=[preset], before=WHOLE)
    assert (kept["fields"]["batch_size"], kept["fields"]["activation"]) == (33, "elu")
    anew = choose(service, ids.SEED, {**START, "seed": 7, "range": 3.0}, LOOK, missed=[ids.RESET])
    assert (anew["fields"]["seed"], anew["fields"]["range"]) == (7, START["range"])
    linked = choose(service, ids.ADDRESS, START, LOOK, "?batch_size=3", missed=[preset, ids.DRAW_AGAIN])
    assert linked["link"] == "?batch_size=3&v=1"
    for before in ({}, {"spec": 3}, {"spec": {"seed": []}}, [1], "x"):
        assert choose(service, ids.SEED, START, LOOK, missed=[preset], before=before)["request"] is not None


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
    wrong |= {"activation": "gelu", "slope_angle": 999, "source": "x", "moments": "y", "domain": "z"}
    unseen = hidden(view)
    fields = {**START, **{name: value for name, value in wrong.items() if name in START and name in unseen}}
    look = {**LOOK, "view": view, **{name: value for name, value in wrong.items() if name in LOOK and name in unseen}}
    answer = choose(service, ids.SEED, fields, look)
    assert (answer["errors"], answer["message"]) == ({}, "")
    for name in unseen:
        held, default = (answer["fields"], START) if name in START else (answer["look"], LOOK)
        assert held[name] == default[name]


def test_a_point_off_the_smaller_plane_is_said_where_it_is_seen(service: Service) -> None:
    look = {**LOOK, "view": "variance", "at_d1": 15.0}
    answer = choose(service, ids.DOMAIN, {**START, "domain": "local"}, look)
    assert answer["errors"] == {"at_d1": "allowed: a number from −2 to 2: on the plane"}
    assert choose(service, ids.DOMAIN, {**START, "domain": "local"}, {**look, "view": "compare"})["look"]["at_d1"] == 0


def test_an_unknown_view_is_said(service: Service) -> None:
    for view in ("other", None, ["compare"]):
        answer = choose(service, ids.SEED, START, {**LOOK, "view": view})
        assert answer["request"] is None
        assert answer["message"].startswith("view: got ")
    assert choose(service, ids.RESET, START, {**LOOK, "view": "other"})["message"].startswith("view: got ")


def test_reset_brings_a_figure_and_a_table_back_to_their_own(service: Service) -> None:
    look = {**LOOK, "view": "figures", "figure": 15, "panel": "g"}
    answer = choose(service, ids.RESET, {**START, "seed": 5}, look)
    assert (answer["fields"]["activation"], answer["fields"]["domain"]) == ("relu", "local")
    assert answer["link"] == "?figure=15&panel=g&v=1"
    table = choose(service, ids.RESET, {**START, "domain": "local", "seed": 5}, {**LOOK, "view": "tables", "seeds": 7})
    assert (table["fields"]["domain"], table["fields"]["range"], table["look"]["seeds"]) == ("local", 2.0, 200)
    assert table["link"] == "?table=2&v=1"


def test_reset_keeps_the_view(service: Service) -> None:
    changed = {**START, "activation": "elu", "seed": 5}
    look = {
        **LOOK,
        "view": "moments",
        "source": "full",
        "moments": "exact",
        "at_d1": 3.0,
        **PICKED,
        "figure": 9,
        "panel": "g",
    }
    answer = choose(service, ids.RESET, changed, look)
    assert answer["fields"] == START
    assert answer["look"] == {**LOOK, **PICKED, "view": "moments", "figure": 9, "panel": "g"}


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("resolution", "", "allowed: a whole number from 2"),
        ("resolution", 2.5, "allowed: a whole number from 2"),
        ("range", -1, "allowed: a number above 0"),
        ("range", "wide", "allowed: a number above 0"),
        ("seed", -1, "allowed: a whole number from 0"),
    ],
)
def test_a_bad_typed_value_is_explained_at_its_control(service: Service, field: str, value: object, said: str) -> None:
    answer = choose(service, field, {**START, field: value}, LOOK)
    assert answer["request"] is None
    assert answer["errors"][field].startswith(said)
    assert answer["message"] == ""


def test_any_other_bad_value_is_explained_in_the_message(service: Service) -> None:
    answer = choose(service, ids.ACTIVATION, {**START, "activation": "gelu"}, LOOK)
    assert answer["request"] is None
    assert answer["message"].startswith("activation: got 'gelu'; allowed: one of sigmoid, tanh")


@pytest.mark.parametrize("draws", [0, 1])
def test_moments_need_two_draws(service: Service, draws: int) -> None:
    answer = choose(service, ids.DRAWS, {**START, "draws": draws}, {**LOOK, "view": "moments"})
    assert answer["request"] is None
    assert answer["errors"] == {"draws": "allowed: a whole number from 2 up: one draw has no SD"}
    assert choose(service, ids.DRAWS, {**START, "draws": draws}, LOOK)["request"] is not None


def test_a_device_without_float64_gets_float32(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "_device", "mps")
    monkeypatch.setattr(service, "check", lambda _: None)
    assert choose(service, None, START, LOOK)["request"]["spec"]["dtype"] == "float32"


def test_what_is_running_is_known(few: StudySpec) -> None:
    pending = task_to_dict(few)
    assert running(pending, None)
    assert running(pending, {"key": few.replace(seed=1).key(), "error": ""})
    assert not running(pending, {"key": few.key(), "error": ""})
    assert not running(pending, busy())
    assert not running(None, None)
    assert not running({"kind": "study", "fields": {"seed": -1}}, None)


def test_too_large_a_study_is_explained(service: Service) -> None:
    answer = choose(service, ids.RESOLUTION, {**START, "resolution": 5000}, LOOK)
    assert answer["request"] is None
    assert answer["message"].startswith("Too large: needs ")


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
        {**WHOLE, "figure": 19},
        {**WHOLE, "figure": True},
        {**WHOLE, "figure": [1]},
        {**WHOLE, "panel": "z"},
        {**WHOLE, "panel": None},
        {**WHOLE, "seeds": 0},
        {**WHOLE, "seeds": True},
        {**WHOLE, "seeds": 10**9},
    ],
)
def test_a_forged_request_is_refused(service: Service, body: object) -> None:
    with pytest.raises(SpecError):
        draw(service, ids.REQUEST, body, None)


def test_request_survives_its_way_to_the_page_and_back() -> None:
    request = Request(StudySpec(activation="elu", range=3.5), "moments", "full", "exact")
    assert Request.from_dict(request.to_dict()) == request


def test_miss_then_compute_then_hit(service: Service, few: StudySpec) -> None:
    request = Request(few, "moments").to_dict()
    missed = draw(service, ids.REQUEST, request, None)
    assert missed == {"panels": {}, "pending": task_to_dict(few), "notice": ""}
    told: list[tuple[float, str]] = []
    computed = compute(service, told.append, missed["pending"])
    assert computed == {"key": few.key(), "error": ""}
    assert told[-1] == (100.0, "Drawing mini-batches: 100%")
    hit = draw(service, ids.ARRIVED, request, computed)
    assert hit["pending"] is None
    assert set(hit["panels"]["moments"]) == set(VIEWS["moments"].panels)


@pytest.mark.parametrize(
    ("view", "rest"),
    [("compare", {"minima", "nngpps"}), ("explore", {"map"}), ("moments", set(VIEWS["moments"].panels))],
)
def test_surfaces_do_not_wait_for_the_rest(service: Service, few: StudySpec, view: Any, rest: set[str]) -> None:
    near = few.replace(batch_size=9)
    service.compute(near, lambda _share, _what: None)  # its tables are those of the next one
    request = Request(few.replace(draws=0) if view != "moments" else few, view)
    seen = at_once(service, request)
    assert set(VIEWS[view].panels) - set(seen) == rest
    missed = draw(service, ids.REQUEST, request.to_dict(), None)
    whole = draw(service, ids.ARRIVED, request.to_dict(), compute(service, lambda _: None, missed["pending"]))
    for panel, glimpse in seen.items():
        shown = whole["panels"][view][panel]
        assert (glimpse.title, glimpse.note, glimpse.sentence) == (shown.title, shown.note, shown.sentence)
        assert render(glimpse.picture, "light") == render(shown.picture, "light")


def test_what_was_glimpsed_is_still_seen_when_the_rest_arrives(few: StudySpec) -> None:
    asked, key = Request(few), few.key()
    kept = {"key": key, "panels": ["loss", "slope"]}
    assert _still_seen(kept, asked) == ["loss", "slope"]
    assert _still_seen(kept, Request(few.replace(seed=1))) == []  # something else was chosen meanwhile
    assert _still_seen({**kept, "key": few.replace(seed=1).key()}, asked) == []
    for forged in (None, [], {"key": key}, {"key": key, "panels": "loss"}, {"key": None}, {"key": [], "panels": []}):
        assert _still_seen(forged, asked) == []


def test_a_table_is_computed_and_drawn(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "LINE_DRAWS", 20)
    asked = Request(StudySpec(line_points=12), "tables", seeds=3)
    missed = draw(service, ids.REQUEST, asked.to_dict(), None)
    assert missed["pending"] == task_to_dict(asked.typical)
    assert task_from(missed["pending"]) == asked.typical
    told: list[tuple[float, str]] = []
    computed = compute(service, told.append, missed["pending"])
    assert computed == {"key": asked.typical.key(), "error": ""}
    assert told[-1] == (100.0, "Comparing start points: 100%")
    hit = draw(service, ids.ARRIVED, asked.to_dict(), computed)
    assert set(hit["panels"]["tables"]) == set(VIEWS["tables"].panels)
    assert hit["notice"] == ""


def test_the_gallery_shows_what_it_has(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "LINE_DRAWS", 20)
    request = Request(StudySpec(resolution=8, line_points=12), "gallery").to_dict()
    computed, filled = None, []
    for _ in range(12):
        answer = draw(service, ids.ARRIVED, request, computed)
        filled.append(sum(bool(small.image) for small in answer["panels"]["gallery"]["all"].thumbnails))
        if answer["pending"] is None:
            break
        computed = compute(service, lambda _: None, answer["pending"])
    assert filled == [0, 1, 2, 3, 4, 5, 6, 7, 8, 10, 11, 12]  # Fig. 17 is of the study of Fig. 15
    assert answer["notice"] == ""


def test_failure_is_said_and_not_tried_in_circles(service: Service, few: StudySpec) -> None:
    request = Request(few).to_dict()
    failed = {"key": few.key(), "error": "no direction"}
    assert draw(service, ids.ARRIVED, request, failed) == {
        "panels": {},
        "pending": None,
        "notice": "no direction",
    }
    lost = {"key": few.key(), "error": ""}
    assert draw(service, ids.ARRIVED, request, lost)["notice"] == "The result could not be kept. Ask again."
    assert draw(service, ids.ARRIVED, request, busy())["notice"] == BUSY


def test_answer_to_an_older_question_leads_to_the_newer_one(service: Service, few: StudySpec) -> None:
    older = {"key": few.replace(seed=1).key(), "error": ""}
    asked = draw(service, ids.ARRIVED, Request(few).to_dict(), older)
    assert asked["pending"] == task_to_dict(few)


def test_compute_explains_what_it_refuses(service: Service) -> None:
    def forged(fields: object, kind: object = "study") -> dict[str, Any]:
        return compute(service, lambda _: None, {"kind": kind, "fields": fields})

    assert forged({"seed": -1})["error"].startswith("seed: got -1")
    assert forged({"seeds": 0}, "typical")["error"].startswith("seeds: got 0; allowed: a whole number from 1")
    assert forged({}, "code")["error"] == "kind: got 'code'; allowed: one of study, typical, race, training, tile"
    assert forged({}, ["study"])["error"].startswith("kind: got ['study']")
    assert forged([1])["error"].startswith("spec: got [1]")
    assert compute(service, lambda _: None, {"seed": 1})["error"].startswith("task: got")
    too_large = forged({"resolution": 9999})
    assert too_large["key"] == StudySpec(resolution=9999).key()
    assert "Lower the resolution" in too_large["error"]
