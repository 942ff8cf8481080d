"""Links to problems that the page does not show yet: what is not used is said."""

from __future__ import annotations

import pytest

from app.state import permalink


@pytest.mark.parametrize("asked", ["problem=wine", "dataset=wine", "hidden=32,32", "start_point=zero"])
def test_the_page_says_that_it_shows_the_papers_problem(asked: str) -> None:
    state, refusal = permalink.follow(f"?{asked}&activation=tanh&v=1")
    assert state == permalink.parse("?activation=tanh&v=1")
    assert refusal is not None
    assert refusal.names == (asked.split("=", maxsplit=1)[0],)
    assert refusal.message.startswith(
        f"Not used from this link: {asked} (the page shows the paper's problem; batchscape study has --problem for others)."
    )


def test_what_a_link_states_of_the_papers_problem_is_used() -> None:
    state, refusal = permalink.follow("?dataset=iris&loss=mse&problem=iris-paper&v=1")
    assert (state, refusal) == (permalink.parse(""), None)


def test_a_batch_size_of_another_problem_is_refused_with_it() -> None:
    _, refusal = permalink.follow("?problem=digits-mlp&batch_size=1000&batch_seed=2")
    assert refusal is not None
    assert refusal.names == ("problem", "batch_size")
