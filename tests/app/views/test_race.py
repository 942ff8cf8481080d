"""The race as a view: what it computes and draws, what its links and controls say, what is refused."""

from __future__ import annotations

import json
from contextlib import closing

import plotly.graph_objects as go
import pytest
from drawing import draw_view

from app.callbacks.choice import choose
from app.callbacks.controls import unchanged
from app.callbacks.jobs import compute
from app.callbacks.render import content, draw
from app.export.code_snippets import write_command
from app.jobs.service import Service
from app.jobs.tasks import task_from, task_to_dict
from app.page import ids
from app.page.rail.parts import DEFAULTS, FIELDS, VIEW_DEFAULTS
from app.settings import Settings
from app.state.permalink import parse, write
from app.state.view_state import RACES, ViewState
from app.views import VIEWS
from app.views.race import STAGES
from landscape_core import SpecError, StudySpec, storage
from landscape_core.comparison.race import run_race
from landscape_core.comparison.race_replication import (
    RaceReplicationSpec,
    run_race_replication,
)
from landscape_core.comparison.race_spec import RaceSpec
from landscape_core.comparison.training import TrainingSpec, run_training
from landscape_core.line_search import METHODS

START = {name: getattr(DEFAULTS, name) for name in FIELDS}
START_REQUEST = ViewState(StudySpec(), "race")


def quiet(_share: float, _what: str) -> None:
    pass


def test_the_line_that_is_looked_at_comes_first() -> None:
    request = ViewState(StudySpec(activation="elu", batch_size=3), "race", line="d1+d2", budget=9)
    assert [task.angles for task in request.races.values()] == [(45.0,), (0.0,), (90.0,), (-45.0,)]
    assert next(iter(request.races)) == "d1+d2"
    for task in request.races.values():
        assert (task.base.activation, task.base.batch_size, task.budget, task.races) == ("elu", 3, 9, RACES)
    assert request.training.base.activation == "elu"


@pytest.mark.parametrize(
    ("stage", "kinds"),
    [("one", ["race"]), ("many", ["race"] * 4), ("starts", ["race-starts"]), ("train", ["training"])],
    ids=str,
)
def test_what_each_stage_needs(stage: str, kinds: list[str]) -> None:
    request = ViewState(StudySpec(), "race", stage=stage)  # type: ignore[arg-type]
    tasks = VIEWS["race"].tasks(request)
    assert [task_to_dict(task)["kind"] for task in tasks] == kinds
    for task in tasks:
        assert task_from(json.loads(json.dumps(task_to_dict(task)))) == task


def test_every_stage_is_drawn_as_far_as_the_results_go() -> None:
    request = ViewState(StudySpec(), "race", line="d2", budget=5, race=2)
    tasks = request.races
    first = run_race(tasks["d2"].replace(races=6), device="cpu")
    trained = run_training(TrainingSpec(evaluations=40), device="cpu")
    started = run_race_replication(RaceReplicationSpec(start_points=3, races=6, budget=5), device="cpu")
    results = {tasks["d2"]: first, request.training: trained, request.race_replication: started}
    for stage, names in STAGES.items():
        now = request.replace(stage=stage)
        assert draw_view(now, {}) == {}
        shown = draw_view(now, results)
        assert set(shown) == set(names)
        for name, kind in names.items():
            made = content(shown[name], "dark")
            if kind == "figure":
                go.Figure(made)  # raises on anything that Plotly does not know
                json.dumps(made, allow_nan=False)
    assert set(VIEWS["race"].panels) == {name for names in STAGES.values() for name in names}


def test_races_and_trainings_are_kept_like_a_study(
    service: Service, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for task, run in ((RaceSpec(races=2, budget=3), run_race), (TrainingSpec(evaluations=8), run_training)):
        assert service.cached(task) is None
        seen: list[float] = []
        computed = service.compute(task, lambda share, _, seen=seen: seen.append(share))
        assert storage.to_bytes(computed) == storage.to_bytes(run(task, device="cpu"))  # type: ignore[operator]
        assert seen[-1] == pytest.approx(1.0)
        with closing(Service(settings)) as other:
            found = other.cached(task)
        assert found is not None
        assert storage.to_bytes(found) == storage.to_bytes(computed)
        for name in ("race.run_race", "training.run_training"):
            monkeypatch.setattr(f"app.jobs.tasks.{name}", lambda *_, **__: pytest.fail("computed again"))
        assert service.compute(task, quiet) is computed
        monkeypatch.undo()


def test_cancelling_keeps_nothing(service: Service) -> None:
    def stop(_share: float, _what: str) -> None:
        raise KeyError("stop")

    for task in (RaceSpec(races=2, budget=3), TrainingSpec(evaluations=8)):
        with pytest.raises(KeyError, match="stop"):
            service.compute(task, stop)
        assert service.cached(task) is None


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("race", {"races": 10_000, "angles": list(range(360))}, "evaluations"),
        ("race", {"budget": 101}, "budget: got 101; allowed: a whole number from 1 to 100"),
        ("race", {"methods": ["newton"]}, "methods: got ('newton',); allowed: different names out of gols_i"),
        ("race", {"resolution": 5}, "resolution: got 5; allowed: nothing"),
        ("training", {"evaluations": 0}, "evaluations: got 0; allowed: a whole number from 1"),
        ("training", {"domain": "global"}, "domain: got 'global'; allowed: nothing"),
    ],
)
def test_forged_tasks_are_refused(service: Service, kind: str, fields: dict, said: str) -> None:
    answer = compute(service, lambda _: None, {"kind": kind, "fields": fields})
    assert said in answer["error"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stage", "five hundred"),
        ("stage", None),
        ("score", "speed"),
        ("race", RACES),
        ("race", -1),
        ("budget", True),
        ("race_step", 101),
        ("race_step", 2.0),
        ("racers", None),
        ("racers", []),
        ("racers", "gols_i"),
        ("racers", ["gols_i", 5]),
        ("racers", [["gols_i"]]),
        ("racers", ["gols_i", "gols_i"]),
    ],
)
def test_forged_requests_are_refused(field: str, value: object) -> None:
    with pytest.raises(SpecError, match=f"^{field}: got "):
        ViewState.from_dict({**ViewState(StudySpec(), "race").to_dict(), field: value})


@pytest.mark.parametrize(
    "query", ["?view=race&stage=x", "?view=race&race=500", "?view=race&score=1", "?view=race&budget=0"]
)
def test_bad_links_are_refused(query: str) -> None:
    with pytest.raises(SpecError):
        parse(query)


def test_links_bring_everything_back() -> None:
    request = ViewState(StudySpec(), "race", line="d1-d2", budget=30, race=12, stage="many", score="loss")
    assert write(request) == "?view=race&line=d1-d2&budget=30&race=12&stage=many&score=loss&v=1"
    assert parse(write(request)) == request
    request = request.replace(racers=("armijo", "gols_i"), race_step=7)
    assert write(request).endswith("&race=12&race_step=7&racers=gols_i,armijo&stage=many&score=loss&v=1")
    assert parse(write(request)) == request
    assert write(START_REQUEST.replace(racers=tuple(reversed(METHODS)))) == "?view=race&v=1"


def test_a_step_is_in_the_link_and_draws_nothing_anew(service: Service) -> None:
    look = {**VIEW_DEFAULTS, "view": "race"}
    before = choose(service, ids.VIEW, START, look)
    stepped = choose(service, ids.RACE_AT_STEP, START, {**look, "race_step": 4})
    assert stepped["link"] == "?view=race&race_step=4&v=1"
    assert unchanged(stepped["request"].to_dict(), json.loads(json.dumps(before["request"].to_dict())))
    other = choose(service, ids.RACERS, START, {**look, "race_step": 4, "racers": ["armijo"]})
    assert other["link"] == "?view=race&race_step=4&racers=armijo&v=1"
    assert not unchanged(other["request"].to_dict(), before["request"].to_dict())
    assert not unchanged(before["request"].to_dict(), None)


def test_another_race_begins_at_its_first_step(service: Service) -> None:
    look = {**VIEW_DEFAULTS, "view": "race", "race_step": 4, "race": 7}
    assert choose(service, ids.RACE, START, look)["link"] == "?view=race&race=7&v=1"
    assert choose(service, ids.SEED, START, look)["look"]["race_step"] == 4
    link = "?view=race&race=7&race_step=4"
    assert choose(service, ids.ADDRESS, START, look, link)["link"] == link + "&v=1"


def test_no_search_at_all_is_refused(service: Service) -> None:
    answer = choose(service, ids.RACERS, START, {**VIEW_DEFAULTS, "view": "race", "racers": []})
    assert answer["message"] == "racers: got []; allowed: at least one of " + ", ".join(METHODS)
    assert answer["request"] is answer["link"] is None
    elsewhere = choose(service, ids.VIEW, START, {**VIEW_DEFAULTS, "view": "compare", "racers": [], "race_step": 999})
    assert (elsewhere["message"], elsewhere["link"]) == ("", "")
    assert (elsewhere["look"]["racers"], elsewhere["look"]["race_step"]) == (tuple(METHODS), 0)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (ViewState(StudySpec(), "race", line="d2"), "batchscape race --line d2 --budget 15 --out race.npz"),
        (ViewState(StudySpec(), "race", stage="many"), "batchscape race --budget 15 --out race.npz"),
        (ViewState(StudySpec(), "race", stage="train"), None),
        (
            ViewState(StudySpec(domain="local", range=1.5, seed=3), "race", stage="many", budget=9),
            "batchscape race --domain local --seed 3 --range 1.5 --budget 9 --out race.npz",
        ),
        (ViewState(StudySpec(dtype="float32"), "race"), None),
    ],
)
def test_the_command_that_does_the_same(request_: ViewState, said: str | None) -> None:
    assert write_command(request_) == said


def test_what_is_typed_wrong_is_said_at_its_control(service: Service) -> None:
    look = {**VIEW_DEFAULTS, "view": "race", "budget": 0}
    assert choose(service, ids.BUDGET, START, look)["errors"] == {"budget": "Allowed: a whole number from 1 to 100"}
    look = {**VIEW_DEFAULTS, "view": "race", "race": RACES}
    assert choose(service, ids.RACE, START, look)["errors"] == {"race": "Allowed: a whole number from 1 to 500"}


def test_the_page_asks_for_the_lines_one_after_the_other(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    request = ViewState(StudySpec(), "race", stage="many", line="d2", budget=1)
    small = {name: task.replace(races=3) for name, task in request.races.items()}
    monkeypatch.setattr(ViewState, "races", property(lambda _: small))
    for name in ("d2", "d1", "d1+d2", "d1-d2"):
        asked = draw(service, request)
        assert asked.pending == small[name]
        assert compute(service, lambda _: None, task_to_dict(asked.pending))["error"] == ""
        shown = draw(service, request)
        assert set(shown.panels) == set(STAGES["many"])
    assert shown.pending is None
