"""The annotations of the engine are enforced while it is tested; without that, its shapes would be mere comments."""

import numpy as np
import pytest
import torch
from jaxtyping import TypeCheckError

from landscape_core.geometry import grid
from landscape_core.problems.activations import ACTIVATIONS
from landscape_core.problems.mlp import FullyConnected
from landscape_core.random_streams import StartDraws
from landscape_core.statistics import optima


def test_a_wrong_dtype_raises():
    with pytest.raises(TypeCheckError, match="loss"):
        optima.minima(np.array([3, 1, 2]))


def test_a_wrong_rank_raises():
    with pytest.raises(TypeCheckError, match="coordinates"):
        grid.plane(np.zeros((3, 3)))


def test_two_sizes_for_one_letter_raise():
    net = FullyConnected((2, 3, 1), ACTIVATIONS["tanh"], ACTIVATIONS["tanh"])
    with pytest.raises(TypeCheckError, match="directions"):
        net.outputs_and_tangents(torch.zeros(5, 13), torch.zeros(2, 4), torch.zeros(2, 12))


def test_records_are_checked_too():
    with pytest.raises(TypeCheckError):
        StartDraws(np.zeros(3), np.zeros(3), np.zeros(3), np.zeros((3, 1)))
