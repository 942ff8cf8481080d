import math

import numpy as np
import pytest
import reference
import tolerances
import torch

from landscape_core import BudgetError, LandscapeError
from landscape_core.errors import check_budget
from landscape_core.geometry import grid
from landscape_core.geometry.directions import DOMAINS
from landscape_core.problems.activations import ACTIVATIONS
from landscape_core.problems.problem import Linearised
from landscape_core.statistics import sample_table
from landscape_core.statistics.sample_table import table_bytes
from landscape_core.study.plane import build_problem
from landscape_core.study.spec import StudySpec

CPU = torch.device("cpu")


def count_holes(table):
    return int(table.loss[:, 0].isnan().sum())


class Logistic:
    """Logistic regression, one loss a sample; it knows nothing of slopes."""

    def __init__(self, samples, features):
        generator = np.random.default_rng(0)
        self.inputs = torch.from_numpy(generator.standard_normal((features, samples)))
        self.labels = torch.from_numpy(generator.integers(0, 2, samples).astype(float))

    def __call__(self, theta):
        scores = theta[:, :-1] @ self.inputs + theta[:, -1:]
        return torch.nn.functional.softplus(scores) - self.labels * scores


class DeepSine:
    """Two hidden layers, written with torch functions that the engine does not have."""

    def __init__(self, samples):
        generator = np.random.default_rng(1)
        self.inputs = torch.from_numpy(generator.standard_normal((2, samples)))
        self.targets = torch.from_numpy(generator.standard_normal(samples))

    def __call__(self, theta):
        first, second, last = theta[:, :6].view(-1, 3, 2), theta[:, 6:18].view(-1, 4, 3), theta[:, 18:22].view(-1, 1, 4)
        hidden = torch.sin(second @ torch.nn.functional.gelu(first @ self.inputs))
        return torch.cosh((last @ hidden)[:, 0] - self.targets)


@pytest.mark.parametrize("output", ["same", "linear"])
@pytest.mark.parametrize("domain", ["global", "local"])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_table_against_the_reference(activation, domain, output):
    start, pair, inputs, targets = reference.setting(domain, activation, output)
    coordinates = reference.some_points(DOMAINS[domain].half_width, 4, seed=len(activation))
    task = build_problem(StudySpec(activation=activation, output_activation=output), CPU)
    table = sample_table.tabulate(task, start, pair, coordinates, samples=150)
    last = activation if output == "same" else "linear"
    expected = reference.table(start, pair, coordinates, activation, last, inputs, targets)
    for found, own in zip(reference.columns(table), expected, strict=True):
        np.testing.assert_allclose(found.numpy(), own, **tolerances.TABLE)
    assert count_holes(table) == 0


@pytest.mark.parametrize(("loss", "parameters"), [(Logistic(12, 5), 6), (DeepSine(9), 22)])
def test_any_pure_function_is_differentiated_automatically(loss, parameters):
    assert not isinstance(loss, Linearised)
    start, first, second, _ = reference.start_numbers(2, parameters)
    pair = reference.orthonormal(first, second)
    coordinates = reference.some_points(1.5, 5, seed=0)
    samples = loss.inputs.shape[1]
    table = sample_table.tabulate(loss, start, pair, coordinates, samples=samples)
    for point, (a, b) in enumerate(coordinates):
        for sample in range(samples):
            theta = torch.tensor(start + a * pair[0] + b * pair[1], requires_grad=True)
            value = loss(theta[None])[0, sample]
            value.backward()
            np.testing.assert_allclose(table.loss[point, sample], value.item(), **tolerances.TABLE)
            for slope, direction in zip(table.slopes, pair, strict=True):
                np.testing.assert_allclose(slope[point, sample], theta.grad.numpy() @ direction, **tolerances.TABLE)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_problem_and_the_same_problem_as_an_opaque_function(activation, frame):
    task = build_problem(StudySpec(activation=activation), CPU)
    coordinates = reference.some_points(20.0, 12, seed=3)
    known, opaque = (
        sample_table.tabulate(loss, *frame, coordinates, samples=150) for loss in (task, reference.opaque(task))
    )
    for one, other in zip(reference.columns(known), reference.columns(opaque), strict=True):
        torch.testing.assert_close(one, other, **tolerances.TABLE)
    assert len(known.slopes) == len(opaque.slopes) == 2


@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
@pytest.mark.parametrize("values", [1, 150, 1050, 10**9])
def test_the_size_of_a_chunk_changes_rounding_only(monkeypatch, frame, activation, values):
    """Not bit for bit: a matrix product of other sizes may add in another order."""
    task = build_problem(StudySpec(activation=activation), CPU)
    coordinates = grid.plane(grid.axis(20.0, 9))
    expected = sample_table.tabulate(task, *frame, coordinates, samples=150)
    monkeypatch.setattr(sample_table, "CHUNK_VALUES", values)
    found = sample_table.tabulate(task, *frame, coordinates, samples=150)
    for one, other in zip(reference.columns(found), reference.columns(expected), strict=True):
        torch.testing.assert_close(one, other, **tolerances.TABLE)


def test_the_same_call_twice_is_identical(task, frame):
    coordinates = grid.plane(grid.axis(20.0, 30))
    one, other = (sample_table.tabulate(task, *frame, coordinates, samples=150) for _ in range(2))
    assert all(torch.equal(a, b) for a, b in zip(reference.columns(one), reference.columns(other), strict=True))


def test_losses_alone(task, frame):
    coordinates = reference.some_points(20.0, 7, seed=1)
    alone = sample_table.tabulate(task, *frame, coordinates, samples=150, slopes=False)
    both = sample_table.tabulate(task, *frame, coordinates, samples=150)
    assert alone.slopes == ()
    torch.testing.assert_close(alone.loss, both.loss, **tolerances.TABLE)
    assert alone.nbytes == 7 * 150 * 8
    assert both.nbytes == 3 * alone.nbytes


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_float32(frame, activation):
    coordinates = reference.some_points(2.0, 7, seed=1)
    single, double = (
        sample_table.tabulate(
            build_problem(StudySpec(activation=activation, dtype=name), CPU),
            *frame,
            coordinates,
            samples=150,
            dtype=getattr(torch, name),
        )
        for name in ("float32", "float64")
    )
    for one, other in zip(reference.columns(single), reference.columns(double), strict=True):
        assert one.dtype == torch.float32
        torch.testing.assert_close(one.double(), other, **tolerances.TABLE_FLOAT32)
    assert 2 * single.nbytes == double.nbytes


@pytest.mark.parametrize("angle", [0.0, 90.0, 45.0, -45.0, 123.4])
def test_slope_along_any_direction_of_the_plane(task, frame, angle):
    coordinates = reference.some_points(20.0, 6, seed=2)
    start, (d1, d2) = frame
    turn = grid.unit(angle)
    table = sample_table.tabulate(task, *frame, coordinates, samples=150)
    direct = sample_table.tabulate(
        task, start, np.stack([turn[0] * d1 + turn[1] * d2, d2]), np.zeros((1, 2)), samples=150
    )
    at_start = sample_table.tabulate(task, *frame, np.zeros((1, 2)), samples=150)
    torch.testing.assert_close(at_start.slope(turn), direct.slopes[0], **tolerances.TABLE)
    torch.testing.assert_close(table.slope(np.repeat(turn[None], 6, axis=0)), table.slope(turn), rtol=0, atol=0)
    if angle == 45.0:
        first, second = table.slopes
        torch.testing.assert_close(table.slope(turn), (first + second) / math.sqrt(2), **tolerances.BY_ANGLE)


def test_slope_leaves_the_table_as_it_was(task, frame):
    table = sample_table.tabulate(task, *frame, reference.some_points(20.0, 6, seed=2), samples=150)
    before = [column.clone() for column in reference.columns(table)]
    table.slope(grid.unit(45.0))
    assert all(torch.equal(one, other) for one, other in zip(before, reference.columns(table), strict=True))


def test_a_line_through_the_plane_agrees_with_the_plane(task, frame):
    axis = grid.axis(20.0, 7)
    plane = sample_table.tabulate(task, *frame, grid.plane(axis), samples=150).loss.view(7, 7, 150)
    along = sample_table.tabulate(task, *frame, grid.lines(axis), samples=150).loss.view(4, 7, 150)
    torch.testing.assert_close(along[0], plane[3], **tolerances.TABLE)  # d1: the row at d2 = 0
    torch.testing.assert_close(along[1], plane[:, 3], **tolerances.TABLE)  # d2: the column at d1 = 0
    assert not torch.allclose(along[0], plane[:, 3])
    torch.testing.assert_close(along[:, 3], plane[3, 3].expand(4, 150), **tolerances.TABLE)


@pytest.mark.parametrize("bad", [math.inf, -math.inf, math.nan])
@pytest.mark.parametrize("slopes", [True, False])
def test_points_that_are_not_finite_are_holes(bad, slopes):
    def loss(theta):
        values = theta @ torch.ones(3, 5, dtype=theta.dtype)
        spoilt = (theta[:, :1] > 1.5) & (torch.arange(5) == 2)
        return torch.where(spoilt, bad, values)

    coordinates = grid.lines(np.array([-2.0, 0.0, 2.0]))
    table = sample_table.tabulate(loss, np.zeros(3), np.eye(3)[:2], coordinates, samples=5, slopes=slopes)
    expected = coordinates[:, 0] > 1.5
    assert 0 < expected.sum() == count_holes(table)
    for column in reference.columns(table):
        assert column[torch.from_numpy(expected)].isnan().all()
        assert column[torch.from_numpy(~expected)].isfinite().all()


def test_a_slope_that_is_not_finite_makes_its_point_a_hole():
    def loss(theta):
        return theta.abs().sqrt() @ torch.ones(2, 4, dtype=theta.dtype)  # infinite slope at 0, where the loss is 0

    table = sample_table.tabulate(loss, np.zeros(2), np.eye(2), np.array([[1.0, 1.0], [0.0, 1.0]]), samples=4)
    assert count_holes(table) == 1
    assert table.loss[0].isfinite().all()
    assert all(column[1].isnan().all() for column in reference.columns(table))


def test_float32_overflow_is_a_hole_and_float64_is_not():
    start, first, second, _ = reference.start_numbers(4)
    pair = reference.orthonormal(first, second)
    spec = StudySpec(activation="relu", dtype="float32")
    far = np.array([[0.0, 0.0], [1e19, 1e19]])
    counts = {
        name: count_holes(
            sample_table.tabulate(
                build_problem(spec.replace(dtype=name), CPU), start, pair, far, samples=150, dtype=getattr(torch, name)
            )
        )
        for name in ("float32", "float64")
    }
    assert counts == {"float32": 1, "float64": 0}


def test_budget_is_checked_before_anything_is_computed(frame):
    def loss(theta):
        raise AssertionError("evaluated")

    coordinates = np.zeros((10, 2))
    needed = table_bytes(10, 150, 2, torch.float64)
    assert needed == 10 * 150 * 3 * 8
    with pytest.raises(BudgetError) as caught:
        sample_table.tabulate(loss, *frame, coordinates, samples=150, limit=needed - 1)
    assert str(caught.value) == (
        "needs 36,000 bytes of sample table; the limit is 35,999. Lower the resolution or the points on a line."
    )
    with pytest.raises(BudgetError):  # a thousand times the address space: must not even be tried
        sample_table.tabulate(loss, *frame, coordinates, samples=10**18)
    check_budget(needed, needed, "bytes", "Lower it.")


def test_budget_counts_what_is_asked_for(task, frame):
    coordinates = np.zeros((10, 2))
    limit = 10 * 150 * 8
    assert sample_table.tabulate(task, *frame, coordinates, samples=150, limit=limit, slopes=False).nbytes == limit
    with pytest.raises(BudgetError):
        sample_table.tabulate(task, *frame, coordinates, samples=150, limit=limit)


@pytest.mark.parametrize("shape", [(1,), (5, 1), (1, 7), (5, 6), (7,)])
def test_a_loss_of_another_shape_is_refused_not_broadcast(monkeypatch, shape):
    with pytest.raises(LandscapeError) as caught:
        sample_table.tabulate(
            lambda theta: torch.zeros(shape, dtype=theta.dtype),
            np.zeros(2),
            np.eye(2),
            np.zeros((5, 2)),
            samples=7,
            slopes=False,
        )
    assert str(caught.value) == (f"the loss gave values of shape {shape} at 5 points of 7 samples; it must give (5, 7)")


def test_progress_counts_points(monkeypatch, task, frame):
    monkeypatch.setattr(sample_table, "CHUNK_VALUES", 4 * 150)
    seen = []
    sample_table.tabulate(
        task, *frame, reference.some_points(20.0, 10, seed=0), samples=150, progress=lambda *state: seen.append(state)
    )
    assert seen == [(4, 10), (8, 10), (10, 10)]


class StopError(Exception):
    pass


def test_an_exception_in_progress_stops_the_work(monkeypatch, task, frame):
    monkeypatch.setattr(sample_table, "CHUNK_VALUES", 150)
    calls = []

    def loss(theta):
        calls.append(len(theta))
        return task(theta)

    def progress(done, total):
        if done == 2:
            raise StopError

    with pytest.raises(StopError):
        sample_table.tabulate(
            loss, *frame, reference.some_points(20.0, 10, seed=0), samples=150, slopes=False, progress=progress
        )
    assert calls == [1, 1]
    assert torch.is_grad_enabled()
