import copy
import pickle

import pytest

from landscape_core import BudgetError, LandscapeError, NumericalError, ProblemError, SpecError


def test_one_base_for_all():
    engine = {error for error in LandscapeError.__subclasses__() if error.__module__.startswith("landscape_core.")}
    assert engine == {SpecError, BudgetError, NumericalError, ProblemError}


def test_spec_error_says_what_came_and_what_is_allowed():
    problem = SpecError("seed", -1, "a whole number")
    assert str(problem) == "seed: got -1; allowed: a whole number"
    assert (problem.field, problem.value, problem.allowed) == ("seed", -1, "a whole number")


def test_long_values_are_cut_to_80_characters():
    assert str(SpecError("seed", "x" * 10_000, "less")) == "seed: got '" + "x" * 78 + "…; allowed: less"
    assert str(SpecError("seed", "x" * 78, "less")) == "seed: got '" + "x" * 78 + "'; allowed: less"


def test_a_whole_number_that_python_will_not_write():
    assert str(SpecError("seed", 10**5000, "less")) == "seed: got a value too long to show; allowed: less"
    assert str(SpecError("seed", [10**5000], "less")) == "seed: got a value too long to show; allowed: less"


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        ("seeed", "seeed"),
        ("no such\nfield", r"'no such\nfield'"),
        ("\ud800", r"'\ud800'"),
        ("x" * 1000, "'" + "x" * 78 + "…"),
        ("", "''"),
    ],
)
def test_the_name_of_an_unknown_field_may_be_anything(field, shown):
    problem = SpecError(field, 1, "less")
    assert str(problem) == f"{shown}: got 1; allowed: less"
    assert problem.field == field


def test_budget_error_says_the_count_the_limit_and_what_to_lower():
    problem = BudgetError(1_234_567, 1_000, "bytes", "Lower it.")
    assert str(problem) == "needs 1,234,567 bytes; the limit is 1,000. Lower it."
    assert (problem.needed, problem.limit, problem.unit, problem.remedy) == (1_234_567, 1_000, "bytes", "Lower it.")


@pytest.mark.parametrize(
    "problem", [SpecError("seed", -1, "more"), BudgetError(2, 1, "bytes", "Lower it."), NumericalError("zero")]
)
@pytest.mark.parametrize("through", [copy.copy, lambda problem: pickle.loads(pickle.dumps(problem))])
def test_errors_survive_copies_and_processes(problem, through):
    twin = through(problem)
    assert type(twin) is type(problem)
    assert str(twin) == str(problem)
    assert vars(twin) == vars(problem)
