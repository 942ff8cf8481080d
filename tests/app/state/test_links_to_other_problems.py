"""Links to other problems than the paper's: followed, and refused in words where something does not fit."""

from __future__ import annotations

import pytest

from app.state import permalink
from landscape_core import StudySpec


@pytest.mark.parametrize(
    "fields",
    [
        {"problem": "wine"},
        {"dataset": "wine", "hidden": (32, 16), "loss": "cross_entropy", "output_activation": "linear"},
        {"start_point": "zero"},
        {"start_point": "trained", "train_steps": 50, "train_optimiser": "sgd", "train_rate": 0.1},
        {"problem": "digits-mlp", "batch_size": 1000},
    ],
    ids=str,
)
def test_a_link_leads_back_to_its_study(fields: dict[str, object]) -> None:
    state = permalink.parse("").replace(spec=StudySpec(**fields))
    link = permalink.write(state)
    assert permalink.parse(link) == state
    assert permalink.follow(link) == (state, None)


@pytest.mark.parametrize("name", ["population", "max_samples", "table_dtype"])
def test_what_has_no_control_is_not_used(name: str) -> None:
    state, refusal = permalink.follow(f"?{name}=7&activation=tanh&v=1")
    assert state == permalink.parse("?activation=tanh&v=1")
    assert refusal is not None
    assert refusal.names == (name,)
    assert refusal.message.startswith(
        f"Not used from this link: {name}=7 (it is the problem's, or for batchscape study alone)."
    )


def test_what_a_link_states_of_the_papers_problem_is_used() -> None:
    state, refusal = permalink.follow("?dataset=iris&loss=mse&problem=iris-paper&v=1")
    assert (state, refusal) == (permalink.parse(""), None)


def test_a_batch_size_that_the_data_do_not_have_is_refused() -> None:
    state, refusal = permalink.follow("?problem=wine&batch_size=1000&batch_seed=2")
    assert state == permalink.parse("?problem=wine&batch_seed=2")
    assert refusal is not None
    assert "allowed: a whole number from 1 to 178 (all samples)" in refusal.message


def test_what_a_problem_is_made_from_cannot_be_changed_in_it() -> None:
    state, refusal = permalink.follow("?problem=wine&activation=relu")
    assert state == permalink.parse("?problem=wine")
    assert refusal is not None
    assert "activation=relu (the problem wine is made already, with activation of its own)" in refusal.message
