"""One line and one point, against the independent twin."""

import math

import numpy as np
import pytest
import reference
import tolerances

from landscape_core import NumericalError, StudySpec, run
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import Batches, shuffle_urns
from landscape_core.study.probe import LINE_DRAWS, POINT_DRAWS, probe_line, probe_point

CASES = [("sigmoid", "global", 10), ("relu", "local", 1), ("elu", "local", 149), ("tanh", "global", 150)]


@pytest.mark.parametrize(("activation", "domain", "size"), CASES)
def test_a_line_against_the_reference(activation, domain, size):
    spec = StudySpec(activation=activation, domain=domain, batch_size=size, line_points=7, batch_seed=3)
    through, angle = (0.5, -1.25), 70.0
    found = probe_line(spec, through, angle)
    turn = math.radians(angle)
    places = [(through[0] + s * math.cos(turn), through[1] + s * math.sin(turn)) for s in found.positions]
    np.testing.assert_allclose(found.positions, np.linspace(-spec.range, spec.range, 7), atol=1e-12)
    np.testing.assert_allclose(found.coordinates, places, **tolerances.BY_ANGLE)
    start, pair, inputs, targets = reference.setting(domain, activation)
    losses, first, second = reference.table(start, pair, places, activation, activation, inputs, targets)
    slopes = math.cos(turn) * first + math.sin(turn) * second
    np.testing.assert_allclose(found.full_loss, losses.mean(1), **tolerances.TABLE)
    np.testing.assert_allclose(found.full_slope, slopes.mean(1), **tolerances.TABLE)
    draws = range(LINE_DRAWS)
    chosen = shuffle_urns(Batches(size, 3, Purpose.LINE_PROBE), draws, 7, 150)[:, :size].reshape(LINE_DRAWS, 7, size)
    many = [
        [[math.fsum(values[point][batch]) / size for point, batch in enumerate(draw)] for draw in chosen]
        for values in (losses, slopes)
    ]
    np.testing.assert_allclose(found.batch_loss, many[0][0], **tolerances.TABLE)
    np.testing.assert_allclose(found.batch_slope, many[1][0], **tolerances.TABLE)
    minima = [sum(point in reference.minima(curve) for curve in many[0]) / LINE_DRAWS for point in range(7)]
    np.testing.assert_allclose(found.minima_chance, minima, atol=2.5 / LINE_DRAWS)  # ties of equal batches, by rounding
    negative, positive = (np.mean([[test(value) for value in curve] for curve in many[1]], axis=0) for test in SIGNS)
    np.testing.assert_allclose(found.nngpp_chance, [0, *(negative[:-1] * positive[1:])], atol=1e-12)


SIGNS = (lambda value: value < 0, lambda value: value > 0)


@pytest.mark.parametrize(("activation", "domain", "size"), CASES)
def test_a_point_against_the_reference(activation, domain, size):
    spec = StudySpec(activation=activation, domain=domain, batch_size=size, slope_angle=20.0, batch_seed=8)
    at = (0.75, -1.5)
    found = probe_point(spec, at)
    start, pair, inputs, targets = reference.setting(domain, activation)
    losses, first, second = reference.table(start, pair, [at], activation, activation, inputs, targets)
    turn = math.radians(20.0)
    slopes = math.cos(turn) * first + math.sin(turn) * second
    np.testing.assert_allclose(found.sample_loss, losses[0], **tolerances.TABLE)
    np.testing.assert_allclose(found.sample_slope, slopes[0], **tolerances.TABLE)
    share = (150 - size) / (size * 149)
    for deviation, values in ((found.sd_loss, losses[0]), (found.sd_slope, slopes[0])):
        assert deviation == pytest.approx(reference.population_sd(values) * math.sqrt(share), rel=1e-9)
    chosen = shuffle_urns(Batches(size, 8, Purpose.POINT_PROBE), [0], POINT_DRAWS, 150)[:, :size]
    for drawn, values in ((found.batch_loss, losses[0]), (found.batch_slope, slopes[0])):
        np.testing.assert_allclose(drawn, [math.fsum(values[batch]) / size for batch in chosen], **tolerances.TABLE)
    theta = [x + at[0] * u + at[1] * v for x, u, v in zip(start, *pair, strict=True)]
    gradient = reference.full_gradient(theta, activation, activation, inputs, targets)
    length = math.sqrt(math.fsum(gradient**2))
    inside = [math.fsum(gradient * direction) for direction in pair]
    assert found.gradient == pytest.approx(length, rel=1e-9)
    assert found.leaves == pytest.approx(math.sqrt(length**2 - inside[0] ** 2 - inside[1] ** 2) / length, rel=1e-6)


def test_the_four_lines_have_the_full_batch_of_the_study():
    spec = StudySpec(activation="relu", line_points=11, resolution=2, draws=0)
    lines = run(spec, device="cpu")
    for index, angle in enumerate((0.0, 90.0, 45.0, -45.0)):
        found = probe_line(spec, (0.0, 0.0), angle)
        np.testing.assert_allclose(found.full_loss, lines.line_full_loss[index], **tolerances.TABLE)
        np.testing.assert_allclose(found.full_slope, lines.line_full_slope[index], **tolerances.TABLE)


def test_noise_shrinks_with_the_batch_size_and_does_not_jump():
    """Larger batches hold the smaller ones, so that their means move together."""
    at = (3.0, -2.0)
    drawn = [probe_point(StudySpec(batch_size=size), at).batch_loss for size in (50, 51)]
    apart = np.corrcoef(*drawn)[0, 1]
    assert apart > 0.97  # independent draws: 0


def test_the_same_twice():
    spec = StudySpec(line_points=9)
    for probe in (lambda: probe_line(spec, (1.0, 2.0), 10.0), lambda: probe_point(spec, (1.0, 2.0))):
        one, other = probe(), probe()
        for name, value in vars(one).items():
            np.testing.assert_array_equal(value, getattr(other, name))


def test_nothing_leaves_the_plane_at_the_start_of_steepest_descent():
    found = probe_point(StudySpec(activation="tanh", domain="local"), (0.0, 0.0))
    assert found.leaves < 1e-7
    assert found.gradient > 0


def test_where_every_unit_is_off_there_is_no_gradient():
    spec = StudySpec(activation="relu", domain="local", resolution=20, line_points=3, draws=0)
    result = run(spec, device="cpu")
    row, column = np.argwhere((result.full_slope == 0) & (result.sd_slope == 0))[0]
    found = probe_point(spec, (result.axis[column], result.axis[row]))
    assert (found.gradient, found.sd_slope) == (0, 0)
    assert math.isnan(found.leaves)
    assert not found.batch_slope.any()


def test_a_start_point_without_directions_is_said():
    def search():
        for seed in range(200):
            probe_point(StudySpec(activation="relu", domain="local", seed=seed), (0.0, 0.0))

    with pytest.raises(NumericalError, match="no direction of steepest descent"):
        search()
