"""Softmax and linear regressions on scikit-learn's data, against numbers that were made with numpy alone.

Features are standardised with divisor N; θ = 0; the line goes along d = −∇L/‖∇L‖; SDs are over all mini-batches of 10.
"""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize_scalar

from landscape_core.problems.datasets import DATASETS, SCALINGS
from landscape_core.problems.mlp import MLPProblem
from landscape_core.statistics import moments
from landscape_core.statistics.sample_table import tabulate

EXPECTED = {
    "iris-fisher": (1.098612, 0.0, -0.981452, 0.205451, 2.929372, 0.391961),
    "breast-cancer": (0.693147, 0.0, -2.005501, 0.485262, 1.143944, 0.167861),
    "diabetes": (0.500000, 0.165124, -1.207849, 0.557935, 0.336433, 0.296820),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_regression_from_zero_down_its_gradient(name):
    data = DATASETS[name]
    inputs, targets = data.load()
    inputs = SCALINGS["standardised"].apply(inputs)
    problem = MLPProblem.from_data(inputs, targets, hidden=(), loss="mse" if data.is_regression else "cross_entropy")
    zero = np.zeros(problem.parameters)
    gradient = problem.full_gradient(zero)
    pair = np.stack([-gradient / np.linalg.norm(gradient), np.zeros_like(zero)])

    def table(place):
        return tabulate(problem, zero, pair, np.array([[place, 0.0]]), samples=problem.samples)

    at_zero = table(0.0)
    minimum = minimize_scalar(
        lambda place: float(table(place).loss.mean()), bounds=(0, 6), options={"xatol": 1e-9}, method="bounded"
    )
    found = (
        float(at_zero.loss.mean()),
        float(moments.exact_sd(at_zero.loss, 10)[0]),
        float(at_zero.slopes[0].mean()),
        float(moments.exact_sd(at_zero.slopes[0], 10)[0]),
        minimum.x,
        minimum.fun,
    )
    np.testing.assert_allclose(found, EXPECTED[name], rtol=0, atol=5.1e-7)


@pytest.mark.parametrize("name", ["wine", "breast-cancer", "digits", "two-moons"])
def test_the_slope_of_a_softmax_at_zero_by_numpy(name):
    """At θ = 0 the gradient of a sample is (1/K − t) xᵀ."""
    inputs, targets = DATASETS[name].load()
    inputs = SCALINGS["standardised"].apply(inputs)
    problem = MLPProblem.from_data(inputs, targets, hidden=())
    bordered = np.column_stack([inputs, np.ones(len(inputs))])
    residual = 1 / targets.shape[1] - targets
    expected = (bordered.T @ residual / len(inputs)).ravel()
    np.testing.assert_allclose(problem.full_gradient(np.zeros(problem.parameters)), expected, rtol=1e-9, atol=1e-14)
    direction = np.random.default_rng(0).standard_normal(problem.parameters)
    _, (slopes,) = problem.loss_and_slopes(
        torch.zeros(1, problem.parameters, dtype=torch.float64), torch.tensor(direction)[None]
    )
    own = np.einsum("ni,nk,ik->n", bordered, residual, direction.reshape(bordered.shape[1], -1))
    np.testing.assert_allclose(slopes[0], own, rtol=1e-9, atol=1e-13)
