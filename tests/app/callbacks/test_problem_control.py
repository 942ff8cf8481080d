"""The choice of the problem, and of what the paper's network is made from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from app.callbacks.choice import choose
from app.export import citation, code_snippets
from app.jobs.service import Service
from app.page import ids
from app.page.dialog_content import fill_about
from app.page.rail.parts import DEFAULTS, FIELDS, VIEW_DEFAULTS, write_units
from app.page.rail.rail import label_sizes, list_sizes
from app.state import permalink, problems
from app.views import VIEWS
from landscape_core import PROBLEMS
from landscape_core.study.spec import RECIPE

START: dict[str, Any] = {name: getattr(DEFAULTS, name) for name in FIELDS} | {
    ids.HIDDEN: write_units(DEFAULTS.hidden),
    ids.RESOLUTION: 10,
}
OF_PROBLEMS = [view.name for view in VIEWS.values() if "problem" in view.controls]


def use(service: Service, trigger: str, view: str = "compare", **fields: Any) -> dict[str, Any]:
    """What follows from a control that was used, beside others that hold something already."""
    return choose(service, trigger, {**START, **fields}, {**VIEW_DEFAULTS, "view": view})


@pytest.mark.parametrize("name", PROBLEMS)
def test_every_problem_can_be_chosen_whatever_the_papers_network_was(service: Service, name: str) -> None:
    answer = use(service, ids.PROBLEM, problem=name, activation="relu", hidden="32, 16", loss="huber", batch_size=150)
    assert answer["message"] == ""
    spec = answer["request"].spec
    assert (spec.problem, spec.samples) == (name, PROBLEMS[name].samples)
    recipe = {field: answer["fields"][field] for field in RECIPE}
    usual = {field: getattr(DEFAULTS, field) for field in RECIPE}
    of_papers = {**usual, "activation": "relu", "hidden": (32, 16), "loss": "huber"}
    assert recipe == (of_papers if name == "iris-paper" else usual)
    assert permalink.parse(answer["link"]).spec == spec.replace(draws=DEFAULTS.draws)
    idle = VIEWS["compare"].idle(answer["request"])
    assert set(RECIPE).isdisjoint(idle) == (name == "iris-paper")
    assert {"train_steps", "train_rate"} <= set(idle)


def test_a_mini_batch_is_never_larger_than_the_data(service: Service) -> None:
    digits = use(service, ids.BATCH_SIZE, problem="digits-mlp", batch_size=1797)
    assert digits["request"].spec.full_batch
    back = use(service, ids.PROBLEM, problem="iris-paper", batch_size=1797)
    assert back["fields"]["batch_size"] == 150
    assert use(service, ids.DATASET, dataset="diabetes", batch_size=700)["fields"]["batch_size"] == 442
    typed = use(service, ids.BATCH_SIZE, batch_size=151)
    assert typed["message"] == "batch_size: got 151; allowed: a whole number from 1 to 150 (all samples)"


def test_buttons_of_sizes_follow_the_data(service: Service) -> None:
    assert label_sizes(1797) == {
        "batch-preset-all": "1,797",
        "batch-preset-all-but-one": "1,796",
        "batch-preset-10": "10",
        "batch-preset-1": "1",
    }
    for name, size in list_sizes(178).items():
        answer = use(service, name, problem="wine")
        assert answer["request"].spec.batch_size == size


@pytest.mark.parametrize(("typed", "units"), [("32, 16", (32, 16)), ("8", (8,)), (" 4,4,4 ", (4, 4, 4))])
def test_layers_are_typed(service: Service, typed: str, units: tuple[int, ...]) -> None:
    answer = use(service, ids.HIDDEN, hidden=typed)
    assert answer["request"].spec.hidden == units
    assert answer["fields"]["hidden"] == units


@pytest.mark.parametrize("typed", ["", "ten", "0", "10,", "5000", "1,2,3,4,5,6,7,8,9", "-3", "1e1"])
def test_what_are_no_layers_is_refused_beside_the_box(service: Service, typed: str) -> None:
    answer = use(service, ids.HIDDEN, hidden=typed)
    assert answer["errors"] == {"hidden": "Allowed: 1 to 8 whole numbers from 1 to 4,096"}
    assert (answer["request"], answer["message"]) == (None, "")


def test_a_loss_that_does_not_fit_the_data_says_so(service: Service) -> None:
    answer = use(service, ids.LOSS, dataset="diabetes", loss="cross_entropy")
    assert answer["request"] is None
    assert "cross" in answer["message"].lower()
    assert "Too large" not in answer["message"]


def test_a_larger_problem_comes_on_a_coarser_plane(service: Service) -> None:
    answer = use(service, ids.PROBLEM, problem="digits-cnn", resolution=100)
    assert answer["request"] is not None
    assert 10 <= answer["fields"]["resolution"] < 100
    assert answer["message"].startswith(f"Resolution {answer['fields']['resolution']}, as this problem takes longer:")
    refused = use(service, ids.RESOLUTION, problem="digits-cnn", resolution=100)  # who asks for it is told
    assert refused["request"] is None
    assert refused["message"].startswith("Too large")


def test_a_start_point_is_trained(service: Service) -> None:
    answer = use(service, ids.START_POINT, start_point="trained", train_steps=50)
    assert (answer["request"].spec.start_point, answer["request"].spec.train_steps) == ("trained", 50)
    assert not {"train_steps", "train_optimiser", "train_rate"} & set(VIEWS["compare"].idle(answer["request"]))
    assert permalink.parse(answer["link"]).spec.train_steps == 50


@pytest.mark.parametrize("view", VIEWS)
def test_the_papers_pictures_stay_the_papers(service: Service, view: str) -> None:
    """The link keeps the choice, as it does that of the sampling."""
    answer = use(service, ids.VIEW, view, problem="wine", batch_size=170)
    spec = answer["request"].spec
    assert (spec.problem == "wine") == (view in OF_PROBLEMS)
    assert spec.batch_size == (170 if view in OF_PROBLEMS else 150)
    assert "problem=wine" in answer["link"]
    assert permalink.parse(answer["link"]).spec.problem == "wine"
    assert citation.read_link(answer["link"], "float64").spec.problem == spec.problem


HOSTILE = [["wine"], {"a": 1}, None, True, -7, "", "custom:0123456789abcdef", "../own.py:make", "x" * 5000]


@pytest.mark.parametrize("value", HOSTILE, ids=str)
@pytest.mark.parametrize("name", ["problem", "dataset", "start_point", "loss", "hidden", "train_rate"])
@pytest.mark.parametrize("trigger", ["problem", "batch-preset-all"])
def test_whatever_a_body_says_is_refused_in_words(service: Service, name: str, value: object, trigger: str) -> None:
    answer = use(service, trigger, **{"start_point": "trained", name: value})
    assert answer["request"] is None
    assert answer["message"] or answer["errors"]


OWN = """
import torch
from landscape_core import Problem

def make():
    torch.manual_seed(0)
    return Problem.from_module(torch.nn.Linear(2, 1), torch.nn.MSELoss(), torch.eye(2).repeat(4, 1), torch.ones(8, 1))
"""


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of a problem of somebody's own that is served."""
    monkeypatch.setattr(problems, "SERVED", {})
    (tmp_path / "secret_name.py").write_text(OWN)
    return problems.serve_file(f"{tmp_path / 'secret_name.py'}:make")


def test_a_problem_of_your_own_is_offered_and_no_file_is_named(service: Service, own: str, tmp_path: Path) -> None:
    assert problems.list_offered()[own] == "Linear"
    answer = use(service, ids.PROBLEM, problem=own)
    state = answer["request"]
    assert (state.spec.samples, state.spec.batch_size) == (8, 8)
    assert permalink.parse(answer["link"]).spec.problem == own
    told = citation.write_about(state, "x", {}) + fill_about(state) + code_snippets.write_python(state)
    assert "secret_name" not in told
    assert str(tmp_path) not in told
    assert "--problem my_problem.py:make" in (code_snippets.write_command(state) or "")


def test_a_link_to_a_problem_that_is_served_elsewhere_says_so() -> None:
    state, refusal = permalink.follow("?problem=custom:0123456789abcdef&seed=5&v=1")
    assert state == permalink.parse("?seed=5")
    assert refusal is not None
    assert refusal.names == ("problem",)
    assert "allowed: one that this server has: bring a table again under Your data, or open the link where" in (
        refusal.message
    )
