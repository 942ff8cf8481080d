"""The plane of a study, and a problem that is none of the built-in ones."""

from types import MappingProxyType

import numpy as np
import pytest
import tolerances
import torch

from landscape_core import NumericalError, StudySpec
from landscape_core.problems.problem import Linearised, Problem
from landscape_core.study.plane import build_plane, build_problem, hash_data, load_data, place_plane, recall_plane

CPU = torch.device("cpu")


class LeastSquares(Problem):
    """A straight line through some points: ½ (a x + b − y)²."""

    shapes = MappingProxyType({"slope": (1,), "offset": ()})
    dtype, device = torch.float64, CPU

    def __init__(self, x, y, start=None):
        self.x, self.y, self._start = x, y, start

    @property
    def samples(self):
        return len(self.x)

    @property
    def start(self):
        return self._start

    def __call__(self, theta):
        return 0.5 * (theta[:, :1] * self.x + theta[:, 1:] - self.y) ** 2

    def select(self, rows):
        return LeastSquares(self.x[rows], self.y[rows], self._start)

    def hash_data(self):
        return ""

    def describe(self):
        return {}


X, Y = torch.tensor([0.0, 1.0, 3.0], dtype=torch.float64), torch.tensor([1.0, -1.0, 2.0], dtype=torch.float64)


def test_any_problem_can_be_tabulated():
    plane = place_plane(StudySpec(), LeastSquares(X, Y))
    assert plane.problem.parameters == 2
    assert isinstance(plane.problem, Linearised)
    np.testing.assert_allclose(plane.directions @ plane.directions.T, np.eye(2), atol=1e-12)
    coordinates = np.array([[0.0, 0.0], [0.5, -2.0]])
    table = plane.table(coordinates)
    theta = plane.start + coordinates @ plane.directions
    error = theta[:, :1] * X.numpy() + theta[:, 1:] - Y.numpy()
    np.testing.assert_allclose(table.loss, 0.5 * error**2, **tolerances.TABLE)
    for slope, direction in zip(table.slopes, plane.directions, strict=True):
        np.testing.assert_allclose(slope, error * (direction[0] * X.numpy() + direction[1]), **tolerances.TABLE)


def test_a_start_point_of_its_own_is_taken():
    start = np.array([2.0, -1.0])
    plane = place_plane(StudySpec(domain="local"), LeastSquares(X, Y, start))
    np.testing.assert_array_equal(plane.start, start)
    gradient = plane.problem.full_gradient(start)
    np.testing.assert_allclose(plane.directions[0], -gradient / np.linalg.norm(gradient), atol=1e-12)


def test_the_directions_of_a_start_point_without_a_gradient_are_refused():
    minimum = np.linalg.lstsq(np.stack([X, np.ones(3)], 1), Y.numpy(), rcond=None)[0]
    flat = LeastSquares(X * 0, Y * 0, minimum * 0)
    with pytest.raises(NumericalError):
        place_plane(StudySpec(domain="local"), flat)


def test_parameters_come_in_chunks_of_the_table():
    plane = build_plane(StudySpec(), "cpu")
    coordinates = np.random.default_rng(0).uniform(-20, 20, (250, 2))
    chunks = list(plane.parameters_at(coordinates))
    assert [len(chunk) for chunk in chunks] == [100, 100, 50]
    np.testing.assert_allclose(torch.cat(chunks), plane.start + coordinates @ plane.directions, rtol=1e-12)
    assert [chunk.shape for chunk in plane.parameters_at(np.zeros((0, 2)))] == [(0, 83)]


def test_planes_are_recalled_by_what_decides_them():
    plane = recall_plane(StudySpec(batch_size=3, resolution=7, slope_angle=1.0, range=3.0), "cpu")
    assert recall_plane(StudySpec(batch_seed=9, draws=1), "cpu") is plane
    assert recall_plane(StudySpec(seed=1), "cpu") is not plane
    built = build_plane(StudySpec(), "cpu")
    np.testing.assert_array_equal(plane.directions, built.directions)
    np.testing.assert_array_equal(plane.start, built.start)


def test_the_networks_problem():
    spec = StudySpec(activation="relu", output_activation="linear")
    problem = build_problem(spec, CPU)
    assert problem.shapes == {
        "layer1.weight": (4, 10),
        "layer1.bias": (10,),
        "layer2.weight": (10, 3),
        "layer2.bias": (3,),
    }
    assert (problem.samples, problem.parameters, problem.start) == (150, 83, None)
    assert problem.describe() == {
        "units": [4, 10, 3],
        "hidden": "relu",
        "output": "linear",
        "loss": "mse",
        "samples": 150,
        "parameters": 83,
    }
    some = problem.select(np.array([3, 1]))
    theta = torch.zeros(1, 83, dtype=torch.float64)
    assert torch.equal(some(theta), problem(theta)[:, [3, 1]])


def test_there_is_one_hash_of_the_data():
    spec = StudySpec(scaling="raw")
    assert build_problem(spec, CPU).hash_data() == hash_data(spec)
    assert build_problem(spec.replace(dtype="float32"), CPU).hash_data() != hash_data(spec)
    assert [array.shape for array in load_data(spec)] == [(150, 4), (150, 3)]


def test_the_network_gives_each_shape_its_part_of_the_vector():
    problem = build_problem(StudySpec(), CPU)
    flat, begin = torch.arange(83.0)[None], 0
    layers = problem.network.unpack(flat)
    for layer, (weight, bias) in zip(
        layers, (("layer1.weight", "layer1.bias"), ("layer2.weight", "layer2.bias")), strict=True
    ):
        for name, own in ((weight, layer[0, :, :-1].T), (bias, layer[0, :, -1])):
            size = int(np.prod(problem.shapes[name]))
            assert torch.equal(own, flat[0, begin : begin + size].reshape(problem.shapes[name]))
            begin += size
    assert begin == 83
