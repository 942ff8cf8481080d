"""Where units are off, against plain loops, and against where no sample has a slope."""

import numpy as np
import pytest
import reference
import torch

from landscape_core import StudySpec, run
from landscape_core.paper.dead_units import bounding_box, find_dead_units
from landscape_core.study.run import tabulate_landscape

SIDE = 6


def found(spec):
    landscape = tabulate_landscape(spec, device="cpu")
    axis = np.linspace(-spec.range, spec.range, spec.resolution)
    return find_dead_units(spec, landscape.start, landscape.directions, axis), landscape


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "elu"])
def test_units_that_are_off_by_plain_loops(activation):
    spec = StudySpec(domain="local", activation=activation, resolution=SIDE, line_points=3)
    units, _ = found(spec)
    start, pair, inputs, _ = reference.setting("local", activation)
    axis = np.linspace(-2, 2, SIDE)
    for row, column in np.ndindex(SIDE, SIDE):
        network = reference.module(start + axis[column] * pair[0] + axis[row] * pair[1], activation, activation)
        with torch.no_grad():
            hidden = network[0](torch.tensor(np.array(inputs), dtype=torch.float64))
            outputs = network[2](network[1](hidden))
        assert units.outputs[row, column] == bool((outputs <= 0).all())
        assert units.hidden[row, column] == pytest.approx(float((hidden <= 0).double().mean()), abs=1e-12)
    if activation != "elu":
        assert 0 < units.outputs.mean() < 1


@pytest.mark.parametrize("seed", [12735, 1, 4214])
def test_relu_is_flat_for_every_sample_exactly_where_the_outputs_are_off(seed):
    units, landscape = found(StudySpec(domain="local", activation="relu", seed=seed, resolution=40, line_points=3))
    flat = torch.stack(landscape.plane.slopes).eq(0).all(0).all(-1).numpy().reshape(40, 40)
    assert 0 < flat.mean() < 1
    np.testing.assert_array_equal(units.outputs, flat)
    assert 0.2 < units.hidden[flat].mean() < 0.8  # many hidden units are on there


def test_leaky_relu_has_a_small_slope_of_one_sign_where_the_outputs_are_off():
    """Fig. 17 at the selected seed."""
    spec = StudySpec(domain="local", activation="leaky_relu", draws=0, line_points=3)
    result = run(spec, device="cpu")
    off = find_dead_units(spec, result.theta0, result.directions, result.axis).outputs
    assert off.mean() == pytest.approx(0.2465)
    assert -0.005 < result.full_slope[off].min() < result.full_slope[off].max() < -0.0025
    assert np.abs(result.full_slope).max() > 700 * 0.005


@pytest.mark.parametrize("change", [{"activation": "tanh"}, {"activation": "sigmoid"}, {"output_activation": "linear"}])
def test_functions_that_saturate_and_linear_outputs_are_never_off(change):
    units, _ = found(
        StudySpec(**{"domain": "global", "activation": "relu", "resolution": SIDE, "line_points": 3, **change})
    )
    assert not units.outputs.any()
    assert units.hidden.any() == ("activation" not in change)


def test_the_box_of_nothing_is_everything():
    assert bounding_box(np.zeros((2, 3), dtype=bool)) == (slice(0, 2), slice(0, 3))
    assert bounding_box(np.array([[False, False], [True, False], [False, False], [False, True]])) == (
        slice(1, 4),
        slice(0, 2),
    )
