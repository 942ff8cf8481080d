"""Planes that the paper does not have, on the page: how they are offered, what the axes say, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from drawing import draw_view

from app.callbacks.choice import choose
from app.callbacks.controls import new_planes
from app.export import code_snippets
from app.export.tables import list_tables
from app.jobs.service import Service
from app.jobs.tasks import KINDS, Host
from app.page import ids
from app.page.rail.parts import DEFAULTS, FIELDS, VIEW_DEFAULTS, write_units
from app.page.rail.rail import list_planes
from app.plotting.model import Chart, Map, Scene
from app.plotting.plotly import render
from app.state import permalink
from app.state.view_state import ViewState
from app.views import VIEWS
from landscape_core import DOMAINS, PROBLEMS, StudySpec
from landscape_core.study.run import tabulate_landscape

START: dict[str, Any] = {name: getattr(DEFAULTS, name) for name in FIELDS} | {
    ids.HIDDEN: write_units(DEFAULTS.hidden),
    ids.RESOLUTION: 10,
}
SMALL: dict[str, Any] = {"resolution": 5, "line_points": 11, "draws": 3}
PLANES: dict[str, dict[str, Any]] = {
    "filter": {"domain": "filter"},
    "pca": {"domain": "pca", "start_point": "trained", "train_steps": 20},
}
UNITS = {"filter": "weight norms", "pca": "training distances"}
OF_PROBLEMS = [view.name for view in VIEWS.values() if "problem" in view.controls and view.name != "race"]
OF_PAPER = [view.name for view in VIEWS.values() if "problem" not in view.controls]
HOST = Host("cpu", 2**32, lambda *_: None, lambda spec: tabulate_landscape(spec, device="cpu"))
NEEDS_TRAINING = (
    "domain: got 'pca'; allowed: one of global, local, filter, or else a start_point that is trained: pca shows the way "
    "to it"
)


def use(service: Service, trigger: str | None, view: str = "compare", **fields: Any) -> dict[str, Any]:
    return choose(service, trigger, {**START, **fields}, {**VIEW_DEFAULTS, "view": view})


def test_planes_have_short_labels_and_pca_waits_for_a_training() -> None:
    assert [plane["label"] for plane in list_planes("auto")] == ["Global", "Local", "Filter", "PCA"]
    for start in ("auto", "paper", "pytorch", "zero", "trained", None, 3):
        off = [plane["value"] for plane in list_planes(start) if plane["disabled"]]
        assert off == ([] if start == "trained" else ["pca"])


def test_planes_are_offered_anew_only_where_they_change() -> None:
    usual, trained = ViewState(StudySpec()), ViewState(StudySpec(start_point="trained"))
    for before in (None, "x", {}, {"spec": 3}, usual.to_dict()):
        assert new_planes(usual, before) is None
        assert new_planes(trained, before) == list_planes("trained")
    assert new_planes(trained, trained.to_dict()) is None
    assert new_planes(usual, trained.to_dict()) == list_planes("auto")


@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("plane", PLANES)
def test_a_plane_that_is_chosen_brings_its_range_and_a_link(service: Service, plane: str, problem: str) -> None:
    answer = use(service, ids.DOMAIN, problem=problem, **PLANES[plane])
    assert answer["message"] == ""
    spec = answer["request"].spec
    assert (spec.domain, spec.range) == (plane, DOMAINS[plane].half_width)
    assert permalink.parse(answer["link"]).spec == spec.replace(draws=DEFAULTS.draws)


def test_a_link_with_a_plane_alone() -> None:
    assert permalink.parse("?domain=filter").spec == StudySpec(domain="filter", range=1.0)
    assert permalink.parse("?domain=pca&start_point=trained").spec.range == 1.2


@pytest.mark.parametrize("view", OF_PROBLEMS)
def test_pca_without_a_training_is_told_and_reset_leads_out(service: Service, view: str) -> None:
    answer = use(service, ids.START_POINT, view, domain="pca", range=1.2)
    assert answer["request"] is None
    assert answer["message"] == NEEDS_TRAINING
    out = use(service, ids.RESET, view, domain="pca", range=1.2)
    assert out["request"].spec.domain == "global"
    followed = choose(service, ids.ADDRESS, START, {**VIEW_DEFAULTS, "view": view}, f"?view={view}&domain=pca")
    reason = NEEDS_TRAINING.removeprefix("domain: got 'pca'; ")
    assert followed["message"].startswith(f"Not used from this link: domain=pca ({reason})")
    assert followed["request"].spec.domain == "global"


@pytest.mark.parametrize("view", OF_PAPER)
@pytest.mark.parametrize("plane", PLANES)
def test_the_papers_own_figures_and_tables_stay_on_its_planes(service: Service, view: str, plane: str) -> None:
    answer = use(service, ids.VIEW, view, **PLANES[plane], range=1.1)
    assert answer["message"] == ""
    assert (answer["fields"]["domain"], answer["fields"]["range"]) == ("global", 20.0)
    assert answer["request"].spec.domain == "global"


@pytest.mark.parametrize("view", [*OF_PROBLEMS, "race"])
@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.usefixtures("few_races")
def test_every_view_draws_them_and_its_axes_say_the_unit(view: str, plane: str) -> None:
    request = ViewState(VIEWS[view].study(StudySpec(**PLANES[plane], **SMALL)), view)  # type: ignore[arg-type]
    results = {task: KINDS[type(task)].run(task, HOST) for task in VIEWS[view].tasks(request)}
    seen = 0
    for drawn in draw_view(request, results).values():
        picture, unit = drawn.picture, UNITS[plane]
        if isinstance(picture, Scene | Map):
            seen += 1
            assert picture.unit == unit
            assert f"d1 ({unit})" in str(render(picture, "light"))
            (plane_table,) = [table for table in list_tables(drawn) if table.name == "plane"]
            assert ("d1", f"d1 ({unit})") in plane_table.meanings
        if isinstance(picture, Chart) and picture.x_title.startswith("position along"):
            seen += 1
            assert f", in {unit}" in picture.x_title
    assert seen
    compile(code_snippets.write_python(request), "snippet", "exec")


def test_the_usual_planes_have_bare_axes() -> None:
    request = ViewState(StudySpec(**SMALL), "compare")
    results = {task: KINDS[type(task)].run(task, HOST) for task in VIEWS["compare"].tasks(request)}
    for drawn in draw_view(request, results).values():
        if isinstance(drawn.picture, Scene):
            assert drawn.picture.unit == ""
            assert "<b>d1</b>" in str(render(drawn.picture, "light"))


def test_the_command_of_a_plane() -> None:
    filtered = ViewState(StudySpec(domain="filter", problem="digits-mlp"), "compare")
    assert "batchscape study --domain filter --problem digits-mlp --out study.npz" in str(
        code_snippets.write_command(filtered)
    )
    trained = ViewState(StudySpec(domain="pca", start_point="trained"), "compare")
    assert "--domain pca --train-steps 300" in str(code_snippets.write_command(trained))
