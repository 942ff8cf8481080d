"""The exercises, held against the engine: none is solved as it opens, each can be, and others' settings do not count."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.callbacks.choice import choose
from app.callbacks.render import draw
from app.jobs.service import Service
from app.page.rail.parts import DEFAULTS, FIELDS, VIEW_DEFAULTS
from app.page.tour_strip import exercise_strip, tell_measured
from app.state import exercises
from app.state.exercises import EXERCISES, FREE, NOT_HERE, Measured
from app.state.permalink import exercise_link, parse, write
from app.state.view_state import ViewState
from app.views import VIEWS
from landscape_core import SpecError, StudySpec, probe_point

NUMBERS = range(1, len(EXERCISES) + 1)

SOLUTIONS: dict[str, list[dict[str, Any]]] = {
    "Nowhere to go": [{"activation": "relu"}],
    "One change of sign": [{"batch_size": 90}, {"batch_size": 100}],
    "Minima of nothing": [{"through_d1": -1.0, "angle": 60.0}, {"through_d1": -1.5}],
    "A direction to trust": [{"slope_angle": 105.0}, {"slope_angle": 120.0}, {"slope_angle": 285.0}],
    "Most of them are wrong": [
        {"batch_size": 1, "at_d1": -18.0, "at_d2": 7.0},
        {"batch_size": 2, "at_d1": 16.0, "at_d2": -12.0},
    ],
    "Where the loss wins": [{"line": "d2"}],
}
"""Changes that solve it, one control where one is enough; for the point a size and a click."""

FAILURES: dict[str, list[dict[str, Any]]] = {
    "Nowhere to go": [{"activation": "leaky_relu"}, {"activation": "tanh"}, {"activation": "relu", "range": 1.5}],
    "One change of sign": [{"batch_size": 60}, {"batch_size": 101}, {"batch_size": 90, "line_points": 10}],
    "Minima of nothing": [
        {"angle": 60.0},
        {"through_d1": -1.0, "angle": 90.0},
        {"through_d1": -1.5, "domain": "global"},
    ],
    "A direction to trust": [{"slope_angle": 90.0}, {"slope_angle": 105.0, "batch_size": 150}, {"at_d1": 15.0}],
    "Most of them are wrong": [
        {"batch_size": 150, "at_d1": -18.0, "at_d2": 7.0},
        {"at_d1": 10.0},
        {"slope_angle": 25.0},
    ],
    "Where the loss wins": [{"line": "d1+d2"}, {"line": "d2", "budget": 1}],
}
"""Changes that do not: too little, or of what an exercise keeps."""


def changed(number: int, **changes: Any) -> ViewState:
    """The state of an exercise with some controls turned, as it is looked at; its plane is small if that may be."""
    if "resolution" in EXERCISES[number - 1].changes:
        changes = {"resolution": 4, **changes}
    start = parse(exercise_link(number))
    study = {name: value for name, value in changes.items() if name in StudySpec.model_fields}
    looks = {name: value for name, value in changes.items() if name not in study}
    if "domain" in study:
        study["range"] = None
    state = start.replace(spec=start.spec.replace(**study), **looks)
    return state.replace(spec=VIEWS[state.view].study(state.spec))


def measure(service: Service, asked: ViewState) -> Measured:
    """What the page measures once all is computed."""
    for task in VIEWS[asked.view].tasks(asked):
        service.compute(task, lambda *_: None)
    measured = draw(service, asked).measured
    assert measured is not None
    return measured


def test_there_are_six_and_each_has_a_solution() -> None:
    titles = [exercise.title for exercise in EXERCISES]
    assert len(titles) == 6
    assert titles == list(SOLUTIONS) == list(FAILURES)


@pytest.mark.parametrize("number", NUMBERS)
def test_an_exercise_is_a_link(service: Service, number: int) -> None:
    link = exercise_link(number)
    request = parse(link)
    assert request.exercise == number
    assert write(request) == f"{link}&v=1"
    start = {name: getattr(DEFAULTS, name) for name in FIELDS}
    answer = choose(service, None, start, VIEW_DEFAULTS, link)
    assert answer["message"] == ""
    assert answer["request"].exercise == number
    assert answer["link"] == f"{link}&v=1"
    turned = changed(number, batch_seed=5)
    assert parse(write(turned)).replace(spec=turned.spec) == turned
    assert ViewState.from_dict(turned.to_dict()) == turned


@pytest.mark.parametrize("exercise", EXERCISES)
def test_its_words_are_short_and_its_fields_exist(exercise) -> None:
    for words in (exercise.task, exercise.hint, exercise.learnt):
        assert words.endswith(".")
        assert len(words) <= 160
    assert {*exercise.changes, *FREE} <= {*StudySpec.model_fields}
    assert {*exercise.keeps} <= {*ViewState.model_fields}


@pytest.mark.parametrize("number", NUMBERS)
def test_it_is_not_solved_as_it_opens(service: Service, number: int) -> None:
    measured = measure(service, changed(number))
    assert not measured.reached
    assert "Put back" not in measured.words


@pytest.mark.parametrize(
    ("number", "changes"),
    [(number, one) for number, found in enumerate(SOLUTIONS.values(), 1) for one in found],
)
def test_it_can_be_solved_with_any_mini_batches(service: Service, number: int, changes: dict[str, Any]) -> None:
    for batch_seed in (0, 7):
        measured = measure(service, changed(number, **changes, batch_seed=batch_seed))
        assert measured.reached, measured.words


@pytest.mark.parametrize(
    ("number", "changes"),
    [(number, one) for number, found in enumerate(FAILURES.values(), 1) for one in found],
)
def test_what_does_not_solve_it(service: Service, number: int, changes: dict[str, Any]) -> None:
    measured = measure(service, changed(number, **changes))
    assert not measured.reached, measured.words


def test_what_an_exercise_keeps_is_named(service: Service) -> None:
    measured = measure(service, changed(2, batch_size=90, line_points=10, seed=3))
    assert measured.words == "This exercise is about another setting. Put back: line points, seed."
    assert "Put back: at d1." in measure(service, changed(4, at_d1=1.0)).words


def test_in_another_view_nothing_is_measured(service: Service) -> None:
    assert measure(service, changed(3, view="compare")) == NOT_HERE


def test_a_result_that_is_not_at_hand_is_not_measured(service: Service) -> None:
    asked = changed(1, activation="tanh", resolution=7).replace(exercise=1)
    assert EXERCISES[0].check(changed(1), []) is None
    assert draw(service, asked).pending is not None


def test_chance_is_told() -> None:
    point = probe_point(StudySpec(slope_angle=30.0), (0.0, 0.0), device="cpu")
    half = np.where(np.arange(1000) < 505, -1.0, 1.0) * np.sign(point.sample_slope.mean())
    measured = exercises.measure_wrong_signs(replace(point, batch_slope=half))
    assert not measured.reached
    assert measured.words.startswith("The sign is wrong in 50.5% of 1,000 mini-batches (95% interval 47.4 to 53.6%)")
    assert measured.words.endswith("Too close to tell.")
    flat = replace(point, sample_slope=np.zeros(150))
    assert exercises.measure_wrong_signs(flat) == Measured("The full-batch slope is 0 here.", reached=False)


def test_a_seventh_is_an_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    last = str(tell_measured(6, Measured("…", reached=True)))
    assert "That was the last exercise." in last
    monkeypatch.setattr("app.page.tour_strip.EXERCISES", (*EXERCISES, EXERCISES[0]))
    assert exercise_link(7) in str(tell_measured(6, Measured("…", reached=True)))
    assert "6/7" in str(exercise_strip(6, None))


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?exercise=7", "exercise: got 7; allowed: a whole number from 1 to 6"),
        ("?exercise=0", "exercise: got 0; allowed: a whole number from 1 to 6"),
        ("?exercise=one", "exercise: got 'one'; allowed: a whole number from 1 to 6"),
        ("?exercise=1&scene=2", "exercise: got '1'; allowed: nothing beside scene: a link starts at one place"),
        ("?exercise=1&table=2", "table: got '2'; allowed: nothing beside exercise: a link starts at one place"),
    ],
)
def test_an_unknown_exercise_is_refused(query: str, said: str) -> None:
    with pytest.raises(SpecError) as refused:
        parse(query)
    assert str(refused.value) == said


@pytest.mark.parametrize("changes", [{"exercise": 7}, {"exercise": -1}, {"exercise": "1"}, {"exercise": 1, "scene": 1}])
def test_the_page_cannot_send_an_unknown_one(changes: dict[str, Any]) -> None:
    with pytest.raises(SpecError):
        ViewState.from_dict({**ViewState(StudySpec()).to_dict(), **changes})
