import numpy as np
import pytest
import reference
import tolerances
import torch

from landscape_core.problems.activations import ACTIVATIONS
from landscape_core.problems.problem import Linearised, Problem
from landscape_core.study.plane import build_problem, load_data
from landscape_core.study.spec import StudySpec

CPU = torch.device("cpu")


def test_a_problem_knows_its_own_slopes():
    task = build_problem(StudySpec(), CPU)
    assert isinstance(task, Problem)
    assert isinstance(task, Linearised)
    assert not isinstance(reference.opaque(task), Linearised)


@pytest.mark.parametrize("scaling", ["authors", "min-max", "standardised", "raw"])
def test_data_agree_with_the_reference(scaling):
    inputs, targets = load_data(StudySpec(scaling=scaling))
    own_inputs, own_targets = reference.iris()
    np.testing.assert_allclose(inputs, reference.scaled(own_inputs, scaling), **tolerances.MOMENTS)
    np.testing.assert_array_equal(targets, own_targets)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_data_are_columns_of_the_asked_precision(dtype):
    task = build_problem(StudySpec(dtype=dtype), CPU)
    assert task.inputs.shape == (4, 150)
    assert task.targets.shape == (3, 150)
    assert task.inputs.dtype == task.targets.dtype == getattr(torch, dtype)
    assert task.inputs.is_contiguous()


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("output", ["same", "linear"])
def test_full_gradient_against_backward(activation, output):
    task = build_problem(StudySpec(activation=activation, output_activation=output), CPU)
    start, _, inputs, targets = reference.setting("global", activation)
    last = activation if output == "same" else "linear"
    np.testing.assert_allclose(
        task.full_gradient(start),
        reference.full_gradient(start, activation, last, inputs, targets),
        **tolerances.TABLE,
    )


def test_full_gradient_where_the_caller_has_switched_gradients_off():
    task = build_problem(StudySpec(), CPU)
    start = reference.start_numbers(0)[0]
    expected = task.full_gradient(start)
    with torch.no_grad():
        np.testing.assert_array_equal(task.full_gradient(start), expected)
        assert not torch.is_grad_enabled()


def test_full_gradient_is_a_float64_array_in_either_precision():
    start = reference.start_numbers(0)[0]
    single = build_problem(StudySpec(dtype="float32"), CPU).full_gradient(start)
    assert single.dtype == np.float64
    np.testing.assert_allclose(single, build_problem(StudySpec(), CPU).full_gradient(start), **tolerances.TABLE_FLOAT32)
