"""Every view draws every problem, in its own words."""

from __future__ import annotations

import re
from typing import Any

import pytest
from drawing import draw_view

from app.jobs.tasks import KINDS, Host
from app.panels import text
from app.plotting.model import Gallery
from app.state import problems
from app.state.view_state import ViewState
from app.views import VIEWS
from landscape_core import PROBLEMS, StudySpec
from landscape_core.study.run import tabulate_landscape

SMALL: dict[str, Any] = {"resolution": 5, "line_points": 11, "draws": 3, "batch_size": 10}
NETWORKS: dict[str, dict[str, Any]] = {
    **{name: {"problem": name} for name in PROBLEMS if name != "iris-paper"},
    "digits-cnn": {"problem": "digits-cnn", "max_samples": 100},
    "deep": {
        "activation": "tanh",
        "dataset": "wine",
        "hidden": (8, 8),
        "loss": "cross_entropy",
        "output_activation": "linear",
    },
    "regression": {"dataset": "diabetes", "loss": "huber", "scaling": "standardised", "activation": "gelu"},
    "trained": {"start_point": "trained", "train_steps": 20},
}
OF_PROBLEMS = [view.name for view in VIEWS.values() if "problem" in view.controls and view.name != "race"]
HOST = Host("cpu", 2**32, lambda *_: None, lambda spec: tabulate_landscape(spec, device="cpu"))
OF_PAPER = re.compile(r"Sigmoid|Iris|4-10-3|setosa|\b150\b|\b83\b")


def draw(request: ViewState) -> dict[str, Any]:
    view = VIEWS[request.view]
    results = {task: KINDS[type(task)].run(task, HOST) for task in view.tasks(request)}
    drawn = draw_view(request, results)
    said = view.introduce(request, results.get(request.spec))
    return {**drawn, "introduction": said}


@pytest.mark.parametrize("view", OF_PROBLEMS)
@pytest.mark.parametrize("network", NETWORKS)
def test_every_view_draws_it_in_its_own_words(view: str, network: str) -> None:
    spec = VIEWS[view].study(StudySpec(**NETWORKS[network], **SMALL))
    drawn = draw(ViewState(spec, view))
    assert set(VIEWS[view].panels) <= set(drawn)
    said = " ".join(str(words) for words in drawn.pop("introduction").values())
    for panel in drawn.values():
        assert not isinstance(panel, Gallery)
        assert panel.sentence
        said += f" {panel.title} {panel.note} {panel.sentence}"
    if network not in ("trained", "logistic"):  # which are of Iris
        assert not OF_PAPER.findall(said)
    if view == "compare":
        assert text.label(spec) in said
        assert f"of {spec.samples:,} samples" in said


@pytest.mark.parametrize("network", NETWORKS)
def test_the_variance_is_split_of_squared_errors_alone(network: str) -> None:
    spec = VIEWS["variance"].study(StudySpec(**NETWORKS[network], **SMALL))
    drawn = draw(ViewState(spec, "variance"))
    split = problems.is_papers(spec) and spec.loss == "mse"
    assert ("has another loss" in drawn["loss"].note) == (not split)
    assert bool(drawn["at"].picture.rows) == split
    idle = {"line", "at_d1", "at_d2", "batch_size", "domain", "slope_angle"}
    assert idle.isdisjoint(VIEWS["variance"].idle(ViewState(spec, "variance"))) == split
    assert idle <= {*VIEWS["variance"].idle(ViewState(spec, "variance"))} or split
    assert {"problem", "loss"}.isdisjoint(VIEWS["variance"].inert({"spec": spec}))


def test_words_name_what_differs_from_the_papers_network() -> None:
    assert text.setting(StudySpec()) == "Sigmoid, global ±20, seed 12735"
    deep = StudySpec(dataset="wine", hidden=(16, 8), activation="tanh", start_point="trained", train_steps=1500)
    assert text.setting(deep) == "Tanh 16-8 on Wine, after 1,500 steps of Adam, global ±20, seed 12735"
    assert text.network_phrase(deep) == "A 13-16-8-3 Tanh network on Wine (387 weights)"
    digits = StudySpec(problem="digits-mlp")
    assert text.setting(digits) == "Digits, fully connected, global ±20, seed 12735"
    assert text.network_phrase(digits) == "Digits, fully connected: a 64-32-10 network of 2,410 weights"
    assert text.network_phrase(StudySpec(problem="digits-cnn")) == "Digits, convolutional: a model of 1,898 weights"


def test_classes_have_their_names() -> None:
    assert problems.name_classes(StudySpec()) == ("setosa", "versicolor", "virginica")
    assert problems.name_classes(StudySpec(problem="breast-cancer")) == ("malignant", "benign")
    for regression in (StudySpec(problem="diabetes"), StudySpec(dataset="diabetes")):
        assert problems.name_classes(regression) == ("all samples",)
