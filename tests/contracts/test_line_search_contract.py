"""What every line search keeps to."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landscape_core.line_search import METHODS
from landscape_core.line_search.search import Reach, Search, Status

EVERY = pytest.mark.parametrize("entry", METHODS.values(), ids=METHODS)

PUBLISHED = {
    "gols_i": {"growth": 2.0, "curvature": 0.9},
    "gols_b": {"delta": 5.0, "tolerance": 1e-12},
    "gols_max": {"growth": 2.0, "curvature": 0.9},
    "gols_back": {"shrinkage": 2.0, "curvature": 0.9},
    "golden_section": {"delta": 0.5, "tolerance": 1e-12},
    "armijo": {"growth": 2.0, "decrease": 0.2},
    "probabilistic": {"decrease": 0.05, "curvature": 0.5, "threshold": 0.3, "trials": 7},
}


def run(entry, answer, reach, budget, sds=(0.1, 0.1)):
    search = Search(entry.search, reach, budget)
    asked = []
    while search.outcome is None:
        asked.append(search.step)
        search.tell(*answer(search.step, len(asked)), *sds)
    return asked, search.outcome


def noise(seed):
    generator = random.Random(seed)
    return lambda _step, _count: (generator.gauss(0, 1), generator.gauss(0, 1))


def test_names_and_labels_are_unique():
    assert all(name == entry.name for name, entry in METHODS.items())
    assert len({entry.label for entry in METHODS.values()}) == len(METHODS)
    for entry in METHODS.values():
        assert entry.source
        assert entry.help.endswith(".")
        assert "\n" not in entry.help


@EVERY
def test_constants_are_the_published_ones(entry):
    assert entry.parameters == PUBLISHED[entry.name]


@EVERY
def test_its_file_says_where_it_comes_from(entry):
    module = __import__(entry.search.__module__, fromlist=["_"])
    assert module.__name__.endswith(f".{entry.name}")
    year = next(
        word for word in entry.source.replace("(", " ").replace(")", " ").replace(",", " ").split() if word.isdigit()
    )
    assert f"({year})" in module.__doc__


@EVERY
@given(
    seed=st.integers(0, 2**32 - 1),
    budget=st.integers(1, 60),
    first=st.floats(0, 20),
    longest=st.floats(1e-3, 20),
    unit=st.sampled_from([1e-3, 1.0, 20.0]),
)
def test_it_ends_within_its_budget_and_reach(entry, seed, budget, first, longest, unit):
    reach = Reach(first, longest, unit)
    asked, outcome = run(entry, noise(seed), reach, budget)
    assert 1 <= len(asked) <= budget
    # as published, these may double once more, and Armijo's rule looks there
    furthest = 2 * longest if entry.name in ("gols_i", "gols_max", "armijo") else longest
    for step in asked:
        assert 0 <= step <= max(furthest, reach.shortest)
    assert 0 <= outcome.step <= max(longest if entry.name == "armijo" else furthest, reach.shortest)
    assert outcome.status is not Status.NOT_FINITE


@EVERY
@pytest.mark.parametrize("bad", [(math.nan, 0.0), (0.0, math.inf), (-math.inf, math.nan)])
@pytest.mark.parametrize("when", [1, 2, 3])
def test_a_number_that_is_not_finite_ends_it(entry, bad, when):
    for seed in range(20):
        answer = noise(seed)
        asked, outcome = run(
            entry, lambda step, count, answer=answer: bad if count == when else answer(step, count), Reach(1.0, 9.0), 50
        )
        assert len(asked) <= when
        if len(asked) == when:
            assert outcome.status is Status.NOT_FINITE
            assert outcome.step == (asked[when - 2] if when > 1 else 0.0)


@EVERY
def test_it_looks_only_at_what_it_says(entry):
    other = {"loss": (1, 2), "slope": (0, 2)}.get(entry.uses)
    changed = 0
    for seed in range(40):
        answer, again, disturbed = noise(seed), noise(seed), random.Random(seed + 1)

        def mixed(step, count, again=again, disturbed=disturbed):
            loss, slope = again(step, count)
            junk = disturbed.gauss(0, 9)
            return (loss, junk) if entry.uses == "loss" else (junk, slope)

        changed += run(entry, answer, Reach(0.3, 1.0), 20) != run(entry, mixed, Reach(0.3, 1.0), 20)
    assert (changed == 0) == (other is not None)


@EVERY
@given(st.integers(0, 2**32 - 1))
def test_a_smaller_budget_asks_the_same_questions(entry, seed):
    asked, _ = run(entry, noise(seed), Reach(0.3, 1.0), 30)
    for budget in (1, 2, 6):
        fewer, outcome = run(entry, noise(seed), Reach(0.3, 1.0), budget)
        assert fewer == asked[: len(fewer)]
        if len(fewer) < len(asked):
            assert outcome.status is Status.BUDGET


@EVERY
def test_without_noise_it_ends_lower_than_it_began(entry):
    """On a parabola whose minimum is in reach: nearer to it than the start was.

    GOLS-Max doubles a step whose slope is below 0.9 of that at the start, and so ends at up to 3.8 times the minimum.
    """
    for minimum in (0.22, 0.45, 0.9):
        _, outcome = run(
            entry,
            lambda a, _count, minimum=minimum: ((a - minimum) ** 2 / 2, a - minimum),
            Reach(0.1, 1.0),
            60,
            sds=(1e-6, 1e-6),
        )
        assert abs(outcome.step - minimum) < (2.8 if entry.name == "gols_max" else 1) * minimum
        if entry.exact and outcome.status is not Status.LONGEST:  # golden section: lower there than within
            assert abs(outcome.step - minimum) < 1e-7
