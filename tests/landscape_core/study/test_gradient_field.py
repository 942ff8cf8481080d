"""Gradients at places of the plane, against autograd's of every single mini-batch."""

from __future__ import annotations

import math

import numpy as np
import pytest
import reference
import tolerances
import torch

from landscape_core import StudySpec, probe_gradients, probe_point, run
from landscape_core.geometry import grid
from landscape_core.random_streams import Purpose
from landscape_core.study.gradient_field import count_places
from landscape_core.study.probe import POINT_DRAWS

CASES = [("sigmoid", "global", 10), ("relu", "local", 1), ("tanh", "local", 149)]


def batch_gradient(spec, at, chosen, setting):
    """−Gradient would be a step of SGD: the gradient of the mean loss of some samples, by one backward(), projected."""
    start, pair, inputs, targets = setting
    theta = [x + at[0] * u + at[1] * v for x, u, v in zip(start, *pair, strict=True)]
    network = reference.module(theta, spec.activation, spec.activation)
    rows, wanted = (torch.tensor([values[k] for k in chosen], dtype=torch.float64) for values in (inputs, targets))
    (0.5 * ((wanted - network(rows)) ** 2).sum(1)).mean().backward()
    gradient = reference.flat_gradient(network)
    return [math.fsum(gradient * direction) for direction in pair]


@pytest.mark.parametrize(("activation", "domain", "size"), CASES)
def test_a_field_against_the_gradient_of_every_mini_batch(activation, domain, size):
    spec = StudySpec(activation=activation, domain=domain, batch_size=size, resolution=4, draws=0, batch_seed=2)
    found, setting = probe_gradients(spec), reference.setting(domain, activation)
    axis = np.linspace(-spec.range, spec.range, 4)
    np.testing.assert_allclose(found.coordinates, [(a, b) for b in axis for a in axis], rtol=1e-14)
    orders = reference.urns(2, int(Purpose.PLANE), 0, 16, 150, size)
    for place, at in enumerate(found.coordinates):
        full = batch_gradient(spec, at, range(150), setting)
        np.testing.assert_allclose(found.full[place], full, **tolerances.TABLE)
        drawn = batch_gradient(spec, at, orders[place][:size], setting)
        np.testing.assert_allclose(found.batch[place], drawn, **tolerances.TABLE)


@pytest.mark.parametrize(("activation", "domain", "size"), CASES)
def test_the_gradients_of_a_point_against_those_of_every_mini_batch(activation, domain, size):
    spec = StudySpec(activation=activation, domain=domain, batch_size=size, batch_seed=8)
    at, setting = (0.75, -1.5), reference.setting(domain, activation)
    found = probe_point(spec, at)
    np.testing.assert_allclose(found.plane_gradient, batch_gradient(spec, at, range(150), setting), **tolerances.TABLE)
    orders = reference.urns(8, int(Purpose.POINT_PROBE), 0, POINT_DRAWS, 150, size)
    for draw in (*range(20), POINT_DRAWS - 1):
        expected = batch_gradient(spec, at, orders[draw][:size], setting)
        np.testing.assert_allclose(found.batch_gradient[draw], expected, **tolerances.TABLE)
    start, pair, inputs, targets = setting
    _, *slopes = reference.table(start, pair, [at], activation, activation, inputs, targets)
    factor = (150 - size) / (size * 149)
    expected = [[factor * reference.covariance(one[0], other[0]) for other in slopes] for one in slopes]
    np.testing.assert_allclose(found.covariance, expected, rtol=1e-9)


@pytest.mark.parametrize("sampling", ["without-replacement", "with-replacement", "epoch-shuffle"])
@pytest.mark.parametrize("size", [3, 120, 150])
def test_the_mini_batches_are_those_of_the_surface(sampling, size):
    spec = StudySpec(resolution=23, line_points=3, draws=0, batch_size=size, sampling=sampling, slope_angle=70.0)
    result, found = run(spec, device="cpu"), probe_gradients(spec)
    assert len(found.full) == count_places(spec) == 81
    columns, rows = (np.abs(result.axis - places[:, None]).argmin(1) for places in found.coordinates.T)
    for gradients, surface in ((found.batch, result.batch_slope), (found.full, result.full_slope)):
        np.testing.assert_allclose(gradients @ grid.unit(70.0), surface[rows, columns], **tolerances.TABLE)


def test_each_place_is_in_the_middle_of_its_square():
    spec = StudySpec(resolution=100, draws=0)
    places = np.unique(probe_gradients(spec).coordinates[:, 0])
    middles = -20 + 40 * (np.arange(9) + 0.5) / 9
    assert np.abs(places - middles).max() <= 40 / 99 / 2 + 1e-9


def test_where_no_sample_has_a_gradient_none_is_made_of_rounding():
    found = probe_gradients(StudySpec(activation="relu", domain="local", batch_size=149, draws=0))
    dead = found.rounding == 0
    assert dead.any()
    assert not found.full[dead].any()
    assert not found.batch[dead].any()
