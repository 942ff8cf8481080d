import math

import numpy as np
import pytest
import reference
import tolerances
import torch

from landscape_core import LandscapeError, SpecError, StudySpec
from landscape_core.geometry import grid
from landscape_core.paper import variance_decomposition
from landscape_core.paper.variance_decomposition import VarianceParts, decompose_variance
from landscape_core.problems.losses import LOSSES, Loss
from landscape_core.statistics import moments, sample_table
from landscape_core.study.run import tabulate_landscape

NAMES = tuple(VarianceParts.__dataclass_fields__)
POINTS = np.array([[0.0, 0.0], [-1.5, 0.7], [2.0, 2.0], [-18.0, 11.0]])


def plane_points(spec):
    return grid.plane(grid.axis(spec.range, spec.resolution))


@pytest.mark.parametrize(
    ("activation", "output", "domain"),
    [("sigmoid", "same", "global"), ("tanh", "linear", "local"), ("relu", "same", "global"), ("elu", "same", "local")],
)
def test_parts_against_the_reference(activation, output, domain):
    """Errors and derivatives one sample and output at a time, moments by exact sums."""
    angles = np.array([45.0, 0.0, -30.0, 200.0])
    parts = decompose_variance(
        StudySpec(activation=activation, output_activation=output, domain=domain), POINTS, angles
    )
    start, pair, inputs, targets = reference.setting(domain, activation, output)
    last = activation if output == "same" else "linear"
    for point, ((a, b), angle) in enumerate(zip(POINTS, angles, strict=True)):
        theta = [x + a * u + b * v for x, u, v in zip(start, *pair, strict=True)]
        turn = math.radians(angle)
        direction = math.cos(turn) * pair[0] + math.sin(turn) * pair[1]
        errors, models = reference.errors_and_models(theta, direction, activation, last, inputs, targets)
        of_errors, of_models = list(zip(*errors, strict=True)), list(zip(*models, strict=True))
        means = [math.fsum(column) / 150 for column in of_errors]
        slopes = [math.fsum(column) / 150 for column in of_models]
        terms = {
            "cross": [sum(m * (e - m) for m, e in zip(means, row, strict=True)) for row in errors],
            "square": [sum(0.5 * (e - m) ** 2 for m, e in zip(means, row, strict=True)) for row in errors],
            "c A": [sum((c - s) * m for c, s, m in zip(row, slopes, means, strict=True)) for row in models],
            "C a": [sum(s * (e - m) for s, e, m in zip(slopes, row, means, strict=True)) for row in errors],
            "c a": [
                sum((c - s) * (e - m) for c, s, e, m in zip(model, slopes, error, means, strict=True))
                for model, error in zip(models, errors, strict=True)
            ],
        }
        var = {name: reference.covariance(values, values) for name, values in terms.items()}
        losses = [0.5 * sum(e * e for e in row) for row in errors]
        along = [-sum(c * e for c, e in zip(*rows, strict=True)) for rows in zip(models, errors, strict=True)]
        expected = {
            "error_mean": means,
            "error_sd": [reference.population_sd(column) for column in of_errors],
            "model_mean": slopes,
            "model_sd": [reference.population_sd(column) for column in of_models],
            "largest_model": max(abs(value) for row in models for value in row),
            "loss_terms": [var["cross"], var["square"]],
            "loss_covariance": 2 * reference.covariance(terms["cross"], terms["square"]),
            "loss_variance": reference.covariance(losses, losses),
            "slope_terms": [var["c A"], var["C a"], var["c a"]],
            "slope_covariance": 2
            * sum(
                reference.covariance(terms[one], terms[other])
                for one, other in (("c A", "C a"), ("c A", "c a"), ("C a", "c a"))
            ),
            "slope_variance": reference.covariance(along, along),
        }
        assert set(expected) == set(NAMES)
        for name, value in expected.items():
            found = getattr(parts, name)[point]
            scale = max(np.abs(parts.loss_terms[point]).max(), np.abs(parts.slope_terms[point]).max(), 1.0)
            allowed = {"rtol": tolerances.TABLE["rtol"], "atol": tolerances.TABLE["atol"] * scale}
            np.testing.assert_allclose(found, value, err_msg=f"{name} at {point}", **allowed)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softsign", "relu", "leaky_relu", "elu"])
@pytest.mark.parametrize("domain", ["global", "local"])
@pytest.mark.parametrize("size", [1, 10, 149])
def test_totals_are_those_of_the_sample_table(activation, domain, size):
    """SD² of a mini-batch's mean = variance · (N − B) / (B (N − 1)), on the plane that a study has."""
    spec = StudySpec(activation=activation, domain=domain, resolution=7, line_points=3, batch_size=size)
    parts = decompose_variance(spec, plane_points(spec))
    table = tabulate_landscape(spec, device="cpu").plane
    factor = (150 - size) / (size * 149)
    for name, values in (("loss", table.loss), ("slope", table.slope(grid.unit(45.0)))):
        variance_, terms = getattr(parts, f"{name}_variance"), getattr(parts, f"{name}_terms")
        scale = max(1.0, terms.max())
        allowed = {"rtol": tolerances.TABLE["rtol"], "atol": tolerances.TABLE["atol"] * scale}
        np.testing.assert_allclose(variance_ * factor, moments.exact_sd(values, size) ** 2, **allowed)
        together = terms.sum(1) + getattr(parts, f"{name}_covariance")
        np.testing.assert_allclose(together, variance_, **allowed)
        assert (variance_ >= 0).all()
        assert (terms >= 0).all()


def test_the_means_give_the_full_batch():
    """Full-batch loss and slope: ½ Σ (Ā² + SD²), and −Σ (C̄ Ā + the covariance of C and A) within its bound."""
    spec = StudySpec(resolution=5, line_points=3)
    parts = decompose_variance(spec, plane_points(spec))
    table = tabulate_landscape(spec, device="cpu").plane
    loss = 0.5 * (parts.error_mean**2 + parts.error_sd**2).sum(1)
    np.testing.assert_allclose(loss, moments.full_batch(table.loss), **tolerances.TABLE)
    slope = -(parts.model_mean * parts.error_mean).sum(1)
    bound = (parts.model_sd * parts.error_sd).sum(1) + tolerances.TABLE["atol"]
    assert (np.abs(moments.full_batch(table.slope(grid.unit(45.0))) - slope) <= bound).all()


def test_the_derivative_of_the_model_is_not_bounded_by_one():
    """Although no activation function has a derivative above 1: inputs and weights are in it too."""
    shares = {}
    for activation in ("sigmoid", "relu"):
        spec = StudySpec(activation=activation, resolution=20)
        shares[activation] = (decompose_variance(spec, plane_points(spec)).largest_model > 1).mean()
    assert shares["sigmoid"] == 0.0
    assert shares["relu"] > 0.3
    raw = StudySpec(activation="relu", scaling="raw", resolution=20)
    assert (decompose_variance(raw, plane_points(raw)).model_sd > 1).mean() > 0.1


def test_the_covariances_are_not_small():
    spec = StudySpec(resolution=20)
    parts = decompose_variance(spec, plane_points(spec))
    for name in ("loss", "slope"):
        share = getattr(parts, f"{name}_covariance") / getattr(parts, f"{name}_variance")
        assert share.min() < -1
        assert share.max() > 0.1


def test_where_every_unit_is_off_nothing_but_the_error_varies():
    spec = StudySpec(activation="relu", domain="local", resolution=20)
    parts = decompose_variance(spec, plane_points(spec))
    off = parts.largest_model == 0.0
    assert off.mean() > 0.1
    for name in ("model_mean", "model_sd", "slope_terms", "slope_covariance", "slope_variance"):
        assert not getattr(parts, name)[off].any()
    np.testing.assert_allclose(parts.error_sd[off], math.sqrt(2) / 3, **tolerances.MOMENTS)  # that of the targets


def test_without_angles_the_studys_own_is_taken():
    spec = StudySpec(slope_angle=-20.0)
    own, given = decompose_variance(spec, POINTS), decompose_variance(StudySpec(), POINTS, np.full(4, -20.0))
    for name in NAMES:
        np.testing.assert_array_equal(getattr(own, name), getattr(given, name))
    assert not np.array_equal(own.slope_terms, decompose_variance(StudySpec(), POINTS).slope_terms)


def test_shapes_and_precision():
    for count in (0, 1, 4):
        parts = decompose_variance(StudySpec(dtype="float32"), POINTS[:count])
        for name in NAMES:
            found = getattr(parts, name)
            assert found.dtype == np.float64
            assert found.shape == {
                "loss_terms": (count, len(variance_decomposition.LOSS_TERMS)),
                "slope_terms": (count, len(variance_decomposition.SLOPE_TERMS)),
            }.get(name, (count, 3) if name.startswith(("error", "model")) else (count,))
    double = decompose_variance(StudySpec(), POINTS)
    np.testing.assert_array_equal(parts.loss_variance, double.loss_variance)


def test_the_points_at_a_time_change_nothing(monkeypatch):
    spec = StudySpec(resolution=6)
    expected = decompose_variance(spec, plane_points(spec))
    monkeypatch.setattr(sample_table, "CHUNK_VALUES", 7 * 150)
    found = decompose_variance(spec, plane_points(spec))
    for name in NAMES:
        np.testing.assert_allclose(getattr(found, name), getattr(expected, name), **tolerances.TABLE)


def test_a_point_that_is_not_finite_is_a_hole_throughout():
    far = np.array([[0.0, 0.0], [1e160, 0.0], [math.inf, 0.0]])
    parts = decompose_variance(StudySpec(activation="relu"), far)
    for name in NAMES:
        holes = np.isnan(getattr(parts, name)).reshape(3, -1)
        assert holes.all(1).tolist() == [False, True, True]
        assert not holes[0].any()


def test_another_loss_is_refused(monkeypatch):
    monkeypatch.setitem(
        LOSSES, "mae", Loss("mae", "", "", lambda y, t: (y - t).abs().sum(-2), lambda y, t: (y - t).sign())
    )
    with pytest.raises(SpecError) as caught:
        decompose_variance(StudySpec(loss="mae"), POINTS)
    assert isinstance(caught.value, LandscapeError)
    assert str(caught.value) == "loss: got 'mae'; allowed: mse: the variance is split for the squared error alone"


def test_gradients_stay_switched_on():
    decompose_variance(StudySpec(), POINTS)
    assert torch.is_grad_enabled()


@pytest.mark.parametrize(
    ("activation", "largest"),
    [("sigmoid", 0.826), ("tanh", 1.413), ("softsign", 1.211), ("relu", 11.64), ("elu", 14.49)],
)
def test_errors_scatter_by_more_than_one_in_the_relu_class_alone(activation, largest):
    """The premise σ(A) ≫ 1 of the paper's Section 3, on the selected global plane."""
    spec = StudySpec(activation=activation)
    parts = decompose_variance(spec, plane_points(spec))
    assert parts.error_sd.max() == pytest.approx(largest, rel=1e-3)
