"""What every kind of plane keeps to."""

import numpy as np
import pytest
import reference
import tolerances
import torch

from landscape_core import StudySpec, run
from landscape_core.geometry.directions import DOMAINS, orthonormalise
from landscape_core.problems.activations import ACTIVATIONS
from landscape_core.random_streams import start_draws
from landscape_core.study import limits
from landscape_core.study.plane import build_problem

EVERY = pytest.mark.parametrize("name", DOMAINS)
HALF_WIDTHS = {"global": 20.0, "local": 2.0}


@pytest.fixture(autouse=True)
def one_line_draw(monkeypatch):
    monkeypatch.setattr(limits, "LINE_DRAWS", 1)


def test_names_and_labels_are_unique():
    assert len({entry.label for entry in DOMAINS.values()}) == len(DOMAINS)
    assert all(name == entry.name for name, entry in DOMAINS.items())
    assert {name: entry.half_width for name, entry in DOMAINS.items()} == HALF_WIDTHS


@EVERY
@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("seed", [0, 12735])
def test_directions_are_orthonormal_and_those_of_the_reference(name, activation, seed):
    result = run(
        StudySpec(domain=name, activation=activation, seed=seed, resolution=2, line_points=3, draws=0), device="cpu"
    )
    np.testing.assert_allclose(result.directions @ result.directions.T, np.eye(2), rtol=0, atol=tolerances.ORTHONORMAL)
    _, pair, *_ = reference.setting(name, activation, seed=seed)
    np.testing.assert_allclose(result.directions, pair, **tolerances.TABLE)


@EVERY
@pytest.mark.parametrize("output", ["same", "linear"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_study_runs(name, output, dtype):
    spec = StudySpec(domain=name, output_activation=output, dtype=dtype, resolution=3, line_points=4, draws=2)
    result = run(spec, device="cpu")
    assert result.holes == 0
    assert result.axis.tolist() == [-spec.range, 0.0, spec.range]
    assert spec.range == HALF_WIDTHS[name]


@EVERY
def test_the_start_point_is_shared(name):
    for activation in ACTIVATIONS:
        spec = StudySpec(domain=name, activation=activation, resolution=2, line_points=3, draws=0)
        np.testing.assert_array_equal(run(spec, device="cpu").theta0, reference.start_numbers(12735)[0])


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_descent_descends(activation, seed):
    """The loss falls along d1 of the local domain, and along d2 its slope is 0."""
    task = build_problem(StudySpec(activation=activation), torch.device("cpu"))
    draws = start_draws(seed, 83)
    d1, d2 = orthonormalise(*DOMAINS["local"].directions(draws, lambda: -task.full_gradient(draws.start)))

    def loss(theta):
        return float(task(torch.from_numpy(theta[None])).mean())

    assert loss(draws.start + 1e-4 * d1) < loss(draws.start) < loss(draws.start - 1e-4 * d1)
    gradient = task.full_gradient(draws.start)
    assert gradient @ d1 == pytest.approx(-np.linalg.norm(gradient))
    assert abs(gradient @ d2) < tolerances.ORTHONORMAL


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_global_directions_are_the_same_for_every_activation(activation):
    spec = StudySpec(activation=activation, resolution=2, line_points=3, draws=0)
    one = run(spec, device="cpu").directions
    np.testing.assert_array_equal(one, run(spec.replace(activation="sigmoid"), device="cpu").directions)
