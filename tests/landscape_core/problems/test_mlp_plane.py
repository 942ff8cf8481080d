import numpy as np
import pytest
import reference
import tolerances
import torch

from landscape_core.problems.activations import ACTIVATIONS, IDENTITY
from landscape_core.problems.mlp import FullyConnected, MLPProblem
from landscape_core.problems.mlp_plane import LEAST_FEATURES
from landscape_core.problems.problem import Planar
from landscape_core.statistics.sample_table import tabulate


@pytest.mark.parametrize("sizes", [(3, 2), (20, 6, 3), (2, 5, 4, 3)])
@pytest.mark.parametrize("last", [IDENTITY, ACTIVATIONS["softsign"]], ids=["linear", "softsign"])
def test_a_network_on_a_plane_is_that_at_its_points(sizes, last):
    """Its twin makes the parameters of every point."""
    net = FullyConnected(sizes, ACTIVATIONS["tanh"], last)
    generator = np.random.default_rng(2)
    start, first, second = (torch.from_numpy(generator.standard_normal(net.parameters)) for _ in range(3))
    inputs = torch.from_numpy(generator.standard_normal((sizes[0], 7)))
    for count, span in ((5, torch.stack([first, second])), (1, first[None])):
        where = torch.from_numpy(generator.standard_normal((count, len(span))))
        outputs, tangents = net.on_plane(start, span, inputs)(where)
        twin = net.outputs_and_tangents(start + where @ span, inputs, span)
        torch.testing.assert_close(outputs, twin[0], **tolerances.TABLE)
        torch.testing.assert_close(tangents, twin[1], **tolerances.TABLE)


@pytest.mark.parametrize("hidden", [(), (9,), (6, 5)])
@pytest.mark.parametrize("loss", ["cross_entropy", "mse"])
def test_a_table_of_a_plane_is_that_by_automatic_differentiation(hidden, loss):
    generator = np.random.default_rng(3)
    inputs, targets = generator.standard_normal((11, LEAST_FEATURES)), np.arange(11) % 3
    problem = MLPProblem.from_data(inputs, np.eye(3)[targets], hidden=hidden, loss=loss)
    plane = generator.standard_normal((3, problem.parameters)) / 4
    where = generator.standard_normal((13, 2))
    found, twin = (
        tabulate(loss, plane[0], plane[1:], where, samples=11, chunk=5) for loss in (problem, reference.opaque(problem))
    )
    for ours, theirs in zip((found.loss, *found.slopes), (twin.loss, *twin.slopes), strict=True):
        torch.testing.assert_close(ours, theirs, **tolerances.TABLE)


def test_few_inputs_keep_the_numbers_that_they_have():
    generator = np.random.default_rng(4)
    for features in (LEAST_FEATURES - 1, LEAST_FEATURES):
        problem = MLPProblem.from_data(generator.standard_normal((5, features)), np.arange(5) % 2, hidden=(3,))
        assert isinstance(problem, Planar)
        span = torch.eye(2, problem.parameters, dtype=torch.float64)
        assert (problem.on_plane(span[0], span) is None) == (features < LEAST_FEATURES)
    assert LEAST_FEATURES > 4  # the paper's networks
