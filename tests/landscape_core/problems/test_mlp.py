import itertools

import numpy as np
import pytest
import reference
import tolerances
import torch

from landscape_core.problems.activations import ACTIVATIONS, IDENTITY
from landscape_core.problems.mlp import FullyConnected


def test_the_papers_network_has_83_parameters():
    assert FullyConnected((4, 10, 3), IDENTITY, IDENTITY).parameters == 83 == reference.PARAMETERS


def test_layout_of_a_parameter_vector():
    net = FullyConnected((4, 10, 3), IDENTITY, IDENTITY)
    theta = torch.arange(83, dtype=torch.float64)
    (w1, b1), (w2, b2) = ((matrix[:, :-1], matrix[:, -1:]) for matrix in net.unpack(theta))
    for unit, source in itertools.product(range(10), range(4)):
        assert w1[unit, source] == 10 * source + unit
    assert b1[:, 0].tolist() == list(range(40, 50))
    for unit, source in itertools.product(range(3), range(10)):
        assert w2[unit, source] == 50 + 3 * source + unit
    assert b2[:, 0].tolist() == list(range(80, 83))
    for matrix, (own_weight, own_bias) in zip(net.unpack(theta), reference.layers(theta), strict=True):
        assert matrix[:, :-1].tolist() == own_weight
        assert matrix[:, -1].tolist() == own_bias


@pytest.mark.parametrize("hidden", ACTIVATIONS)
@pytest.mark.parametrize("last", ["same", "linear"])
def test_outputs_are_those_of_a_stock_module(hidden, last):
    own = hidden if last == "same" else "linear"
    net = FullyConnected((4, 10, 3), ACTIVATIONS[hidden], ACTIVATIONS[hidden] if last == "same" else IDENTITY)
    generator = np.random.default_rng(5)
    theta = 2 * generator.standard_normal((3, 83))
    inputs = generator.standard_normal((4, 7))
    outputs = net.outputs(torch.from_numpy(theta), torch.from_numpy(inputs))
    for point in range(3):
        module = reference.module(theta[point], hidden, own)
        for sample in range(7):
            expected = module(torch.from_numpy(inputs[:, sample])).detach()
            torch.testing.assert_close(outputs[point, :, sample], expected, **tolerances.TABLE)


@pytest.mark.parametrize("sizes", [(3, 2), (4, 10, 3), (2, 5, 4, 3)])
def test_tangents_agree_with_central_differences(sizes):
    net = FullyConnected(sizes, ACTIVATIONS["tanh"], ACTIVATIONS["softsign"])
    generator = np.random.default_rng(1)
    theta = torch.from_numpy(generator.standard_normal((4, net.parameters)))
    inputs = torch.from_numpy(generator.standard_normal((sizes[0], 6)))
    directions = torch.from_numpy(generator.standard_normal((3, net.parameters)))
    outputs, tangents = net.outputs_and_tangents(theta, inputs, directions)
    torch.testing.assert_close(outputs, net.outputs(theta, inputs), **tolerances.TABLE)
    for direction, tangent in zip(directions, tangents.unbind(1), strict=True):
        ahead, behind = (net.outputs(theta + step * direction, inputs) for step in (1e-5, -1e-5))
        torch.testing.assert_close(tangent, (ahead - behind) / 2e-5, **tolerances.CENTRAL_DIFFERENCE)
    assert net.outputs_and_tangents(theta, inputs, directions[:0])[1].shape == (4, 0, sizes[-1], 6)
