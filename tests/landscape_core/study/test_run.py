"""A study as a whole, against the slow twin and relations that hold whatever the numbers."""

import math

import numpy as np
import pytest
import reference
import tolerances
import torch

from landscape_core import NumericalError, SpecError, StudySpec, run, storage
from landscape_core.geometry.grid import LINES
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import Batches, shuffle_urns
from landscape_core.study.result import StudyResult

pytestmark = pytest.mark.usefixtures("few_line_draws")

ARRAY_FIELDS = tuple(name for name in storage.KINDS[StudyResult].types if name != "line_nngpp_share")


@pytest.mark.parametrize("domain", ["global", "local"])
@pytest.mark.parametrize("activation", ["sigmoid", "leaky_relu"])
def test_planes_and_lines_against_the_reference(domain, activation):
    spec = StudySpec(
        domain=domain, activation=activation, resolution=3, line_points=5, batch_size=7, slope_angle=30.0, draws=3
    )
    result = run(spec, device="cpu")
    start, pair, inputs, targets = reference.setting(domain, activation)
    np.testing.assert_array_equal(result.theta0, start)
    np.testing.assert_allclose(result.directions, pair, **tolerances.TABLE)
    np.testing.assert_allclose(result.inputs, inputs, **tolerances.MOMENTS)

    axis = [-spec.range, 0.0, spec.range]
    points = [(a, b) for b in axis for a in axis]  # row i is at d2 = axis[i]
    loss, first, second = reference.table(start, pair, points, activation, activation, inputs, targets)
    slope = math.cos(math.pi / 6) * first + math.sin(math.pi / 6) * second
    batches = shuffle_urns(Batches(7, spec.batch_seed, Purpose.PLANE), range(3), 9, 150).reshape(3, 9, 150)[..., :7]
    factor = (150 - 7) / (7 * 149)
    for name, values in (("loss", loss), ("slope", slope)):
        draws = np.array([[values[g, batches[d, g]].mean() for g in range(9)] for d in range(3)])
        for kind, expected in {
            "full": values.mean(1),
            "mean": values.mean(1),
            "sd": values.std(1) * math.sqrt(factor),
            "batch": draws[0],
            "sampled_mean": draws.mean(0),
            "sampled_sd": draws.std(0, ddof=1),
        }.items():
            found = getattr(result, f"{kind}_{name}")
            np.testing.assert_allclose(found, expected.reshape(3, 3), err_msg=f"{kind}_{name}", **tolerances.TABLE)

    root = math.sqrt(0.5)
    positions = np.linspace(-spec.range, spec.range, 5)
    batches = shuffle_urns(Batches(7, spec.batch_seed, Purpose.LINES), [0], 20, 150)[:, :7]
    for line, (cos, sin) in enumerate([(1, 0), (0, 1), (root, root), (root, -root)]):
        points = [(s * cos, s * sin) for s in positions]
        loss, first, second = reference.table(start, pair, points, activation, activation, inputs, targets)
        for name, values in (("loss", loss), ("slope", cos * first + sin * second)):
            own = [values[g, batches[5 * line + g]].mean() for g in range(5)]
            for kind, expected in {
                "full": values.mean(1),
                "batch": own,
                "sd": values.std(1) * math.sqrt(factor),
            }.items():
                found = getattr(result, f"line_{kind}_{name}")[line]
                np.testing.assert_allclose(found, expected, err_msg=f"{line} {kind}_{name}", **tolerances.TABLE)


def test_the_centre_of_plane_and_lines_is_the_start_point():
    result = run(StudySpec(resolution=5, line_points=7, draws=0), device="cpu")
    start, _, inputs, targets = reference.setting("global", "sigmoid")
    losses, _ = reference.losses_and_gradients(start, "sigmoid", "sigmoid", inputs, targets)
    expected = math.fsum(losses) / 150
    for found in (result.full_loss[2, 2], *result.line_full_loss[:, 3]):
        np.testing.assert_allclose(found, expected, **tolerances.TABLE)


def test_on_the_local_plane_the_loss_falls_along_d1_and_d2_is_the_contour():
    spec = StudySpec(domain="local", resolution=3, line_points=3, draws=0)
    result = run(spec, device="cpu")
    start, _, inputs, targets = reference.setting("local", "sigmoid")
    gradient = reference.full_gradient(start, "sigmoid", "sigmoid", inputs, targets)
    along = dict(zip([line.name for line in LINES], result.line_full_slope[:, 1], strict=True))
    np.testing.assert_allclose(along["d1"], -np.linalg.norm(gradient), **tolerances.TABLE)
    np.testing.assert_allclose(along["d2"], 0.0, atol=tolerances.TABLE["atol"])
    np.testing.assert_allclose(result.directions[0], -gradient / np.linalg.norm(gradient), **tolerances.TABLE)


def test_relu_start_point_without_a_gradient():
    spec = StudySpec(domain="local", activation="relu", seed=3, resolution=2, draws=0)
    _, _, inputs, targets = reference.setting("global", "relu", seed=3)
    assert not reference.full_gradient(reference.start_numbers(3)[0], "relu", "relu", inputs, targets).any()
    with pytest.raises(NumericalError) as caught:
        run(spec, device="cpu")
    assert str(caught.value) == (
        "the full-batch gradient at the start point is exactly zero (every unit is off), so there is no direction of "
        "steepest descent: use another seed, or the global domain"
    )
    assert run(spec.replace(domain="global"), device="cpu").spec.seed == 3


def test_a_full_batch_has_no_noise(small):
    result = run(small.replace(batch_size=150), device="cpu")
    for name in ("loss", "slope"):
        for place in ("", "line_"):
            full = getattr(result, f"{place}full_{name}")
            np.testing.assert_array_equal(getattr(result, f"{place}batch_{name}"), full)
            assert (getattr(result, f"{place}sd_{name}") == 0.0).all()
        np.testing.assert_array_equal(getattr(result, f"sampled_mean_{name}"), getattr(result, f"full_{name}"))
        assert (getattr(result, f"sampled_sd_{name}") == 0.0).all()
    np.testing.assert_array_equal(result.minima, result.true_minima)
    np.testing.assert_array_equal(result.nngpps, result.true_nngpps)
    assert (result.line_minima_counts == result.true_minima.sum(1)).all()
    assert (result.line_nngpp_counts == result.true_nngpps.sum(1)).all()
    np.testing.assert_array_equal(result.line_minima_chance, result.true_minima)
    np.testing.assert_array_equal(result.line_nngpp_chance, result.true_nngpps)
    np.testing.assert_array_equal(result.static_loss, np.broadcast_to(result.line_full_loss, (50, 4, 9)))
    np.testing.assert_array_equal(result.static_slope, np.broadcast_to(result.line_full_slope, (50, 4, 9)))
    np.testing.assert_array_equal(result.plane_negative, result.full_slope < 0)
    np.testing.assert_array_equal(result.plane_positive, result.full_slope > 0)
    for row, column in np.ndindex(5, 5):
        line = [(row + k, column + k) for k in (-1, 0, 1) if 0 <= row + k < 5 and 0 <= column + k < 5]
        place = line.index((row, column))
        loss = [result.full_loss[point] for point in line]
        slope = [result.full_slope[point] for point in line]
        assert result.plane_minima_chance[row, column] == (place in reference.minima(loss))
        assert result.plane_nngpp_chance[row, column] == (place in reference.nngpps(slope))


@pytest.mark.parametrize("activation", ["relu", "elu"])
@pytest.mark.parametrize("domain", ["global", "local"])
def test_float32_on_the_largest_plane_has_no_infinities(small, activation, domain):
    """Losses of 1e25, whose squares float32 cannot hold: SDs as in float64."""
    spec = small.replace(activation=activation, domain=domain, range=1e6)
    single, double = run(spec.replace(dtype="float32"), device="cpu"), run(spec, device="cpu")
    for name in ARRAY_FIELDS:
        held = getattr(single, name)
        assert held is None or np.isfinite(held).all(), name
    for name in ("sd_loss", "line_sd_loss", "sampled_sd_loss", "sampled_sd_slope"):
        expected = getattr(double, name)
        np.testing.assert_allclose(getattr(single, name), expected, rtol=1e-4, atol=1e-6 * expected.max(), err_msg=name)


def test_float32_results_are_float32(small):
    result = run(small.replace(dtype="float32"), device="cpu")
    double = run(small, device="cpu")
    for name in ARRAY_FIELDS:
        if any(name.endswith(end) for end in ("_loss", "_slope")) and getattr(double, name) is not None:
            assert getattr(result, name).dtype == np.float32, name
            np.testing.assert_allclose(getattr(result, name), getattr(double, name), **tolerances.TABLE_FLOAT32)


def test_an_unknown_device_is_refused(small):
    with pytest.raises(SpecError) as caught:
        run(small, device="tpu")
    assert str(caught.value) == "device: got 'tpu'; allowed: auto, cpu, cuda (or cuda:1 and so on) or mps"


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device is available here")
def test_cuda_gives_the_cpus_study(small):
    here, there = run(small, device="cpu"), run(small, device="cuda")
    assert there.device.startswith("cuda")
    for name in ARRAY_FIELDS:
        np.testing.assert_allclose(getattr(there, name), getattr(here, name), err_msg=name, **tolerances.TABLE)
