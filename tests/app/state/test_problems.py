"""Problems of your own on a server: found by their names, and on queues of their own."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.jobs import cost
from app.jobs.celery_client import _describe
from app.jobs.celery_queue import serving
from app.settings import Settings
from app.state import permalink, problems
from landscape_core import BudgetError, ProblemError, RaceSpec, SpecError, StudySpec, TrainingSpec, run
from landscape_core.study import limits

FILE = """
import torch
from landscape_core import Problem

def make():
    torch.manual_seed({seed})
    return Problem.from_module(torch.nn.Linear(2, 1), torch.nn.MSELoss(), torch.eye(2).repeat(4, 1), torch.ones(8, 1))
"""


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(problems, "SERVED", {})


def write(folder: Path, seed: int, comment: str = "") -> str:
    file = folder / "own.py"
    file.write_text(FILE.format(seed=seed) + comment)
    return f"{file}:make"


def test_a_link_names_what_is_served_and_no_file(tmp_path: Path) -> None:
    name = problems.serve_file(write(tmp_path, 0))
    spec = permalink.parse(f"?problem={name}&batch_size=3&resolution=3").spec
    assert (spec.problem, spec.samples) == (name, 8)
    assert run(spec, line_points=5, draws=0).theta0.shape == (3,)
    with pytest.raises(SpecError, match="one that is at hand here"):
        permalink.parse("?problem=custom:0123456789abcdef")
    for other in (str(tmp_path / "own.py"), f"{tmp_path / 'own.py'}:make", "custom:../own.py"):
        with pytest.raises(SpecError, match="allowed: one of iris-paper"):
            StudySpec(problem=other)


def test_another_version_of_the_file_has_another_queue(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(device="cpu")
    kinds = [serving(settings)]
    for seed, comment in ((0, ""), (0, "# a word\n"), (1, "")):
        monkeypatch.setattr(problems, "SERVED", {})
        problems.serve_file(write(tmp_path, seed, comment))
        kinds.append(serving(settings))
    assert len(set(kinds)) == 4
    monkeypatch.setattr(problems, "SERVED", {})
    problems.serve_file(write(tmp_path, 0))
    assert serving(settings) == kinds[1]
    assert _describe(kinds[1]).startswith(_describe(kinds[0]) + " with the problem of file ")


def test_a_file_that_makes_no_problem_is_refused(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("def make():\n    return 3\n")
    with pytest.raises(ProblemError, match="make returned a int; it must return a Problem"):
        problems.serve_file(str(tmp_path / "own.py"))
    assert not problems.SERVED


def test_other_problems_cost_what_they_take_and_too_large_ones_are_refused() -> None:
    paper, digits = (cost.of_study(StudySpec(problem=name))[0] for name in ("iris-paper", "digits-mlp"))
    assert digits > 10 * paper
    assert cost.of_study(StudySpec(start_point="trained", train_steps=10_000))[0] > paper + 5
    assert cost.of_race(RaceSpec(problem="digits-mlp"))[0] > cost.of_race(RaceSpec())[0]
    assert cost.of_training(TrainingSpec(problem="digits-mlp"))[0] > cost.of_training(TrainingSpec())[0]
    with pytest.raises(
        BudgetError, match=r"parameters; the limit is 10,000,000\. Use fewer or smaller hidden layers\."
    ):
        limits.check(StudySpec(hidden=(4096, 4096)))


def test_a_long_name_of_a_column_is_cut() -> None:
    assert problems.name_table({"target": "species"}) == "Your data, species"
    assert problems.name_table({"target": "x" * 40}) == "Your data, " + "x" * 40
    assert problems.name_table({"target": "x" * 41}) == "Your data, " + "x" * 39 + "…"
    assert problems.name_table({}) == "A problem of your own"
