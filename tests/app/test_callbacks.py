"""The bodies of the callbacks, as plain functions."""

from __future__ import annotations

from typing import Any

import pytest

from app import ids
from app.callbacks.choose import choose
from app.callbacks.compute import BUSY, busy, compute
from app.callbacks.draw import draw, running
from app.controls import DEFAULTS, FIELDS, LOOK, TYPED
from app.service import Service
from app.state import Request
from app.views import VIEWS
from landscape_core import SpecError, StudySpec

WHOLE = Request(StudySpec()).to_dict()
START: dict[str, Any] = {name: getattr(DEFAULTS, name) for name in FIELDS}


def test_every_field_that_has_a_control_is_a_field_of_a_study() -> None:
    assert set(FIELDS) <= set(StudySpec.model_fields)
    assert set(TYPED) <= {*FIELDS, *LOOK}


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


def test_reset_keeps_the_view(service: Service) -> None:
    changed = {**START, "activation": "elu", "seed": 5}
    look = {**LOOK, "view": "moments", "source": "full", "moments": "exact", "at_d1": 3.0, "figure": 9, "panel": "g"}
    answer = choose(service, ids.RESET, changed, look)
    assert answer["fields"] == START
    assert answer["look"] == {**LOOK, "view": "moments", "figure": 9, "panel": "g"}


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
    pending = few.model_dump()
    assert running(pending, None)
    assert running(pending, {"key": few.replace(seed=1).key(), "error": ""})
    assert not running(pending, {"key": few.key(), "error": ""})
    assert not running(pending, busy())
    assert not running(None, None)
    assert not running({"seed": -1}, None)


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
    assert missed == {"panels": {}, "pending": few.model_dump(), "notice": ""}
    told: list[tuple[float, str]] = []
    computed = compute(service, told.append, missed["pending"])
    assert computed == {"key": few.key(), "error": ""}
    assert told[-1] == (100.0, "Drawing mini-batches: 100%")
    hit = draw(service, ids.ARRIVED, request, computed)
    assert hit["pending"] is None
    assert set(hit["panels"]["moments"]) == set(VIEWS["moments"].panels)


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
    assert asked["pending"] == few.model_dump()


def test_compute_explains_what_it_refuses(service: Service) -> None:
    assert compute(service, lambda _: None, {"seed": -1})["error"].startswith("seed: got -1")
    too_large = compute(service, lambda _: None, {"resolution": 9999})
    assert too_large["key"] == StudySpec(resolution=9999).key()
    assert "Lower the resolution" in too_large["error"]
