"""What every kind of plane keeps to."""

import numpy as np
import pytest
import reference
import tolerances
import torch

from landscape_core import RaceSpec, StudySpec, load, probe_point, run, run_race, storage
from landscape_core.geometry.directions import DOMAINS, Origin, orthonormalise
from landscape_core.problems.activations import ACTIVATIONS
from landscape_core.random_streams import start_draws
from landscape_core.study import limits
from landscape_core.study.plane import build_problem, recall_plane

EVERY = pytest.mark.parametrize("name", DOMAINS)
PAPERS = pytest.mark.parametrize("name", ["global", "local"])
HALF_WIDTHS = {"global": 20.0, "local": 2.0, "filter": 1.0, "pca": 1.2}
PROBLEMS = {
    "the paper's": {},
    "digits-mlp": {"problem": "digits-mlp", "max_samples": 40},
    "digits-cnn": {"problem": "digits-cnn", "max_samples": 20},
    "logistic": {"problem": "logistic"},
}


def start(name):
    """What a domain asks of the start point."""
    return {"start_point": "trained", "train_steps": 20} if DOMAINS[name].of_path else {}


SLOPE = {"rel": 1e-5, "abs": 1e-8}
"""A central difference with a step of 1e-5."""


@pytest.fixture(autouse=True)
def few_draws_and_points(monkeypatch):
    monkeypatch.setattr(limits, "LINE_DRAWS", 2)
    monkeypatch.setattr("landscape_core.comparison.race_lines.FINE_POINTS", 401)


def test_names_and_labels_are_unique():
    assert len({entry.label for entry in DOMAINS.values()}) == len(DOMAINS)
    assert all(name == entry.name for name, entry in DOMAINS.items())
    assert len({entry.short_label for entry in DOMAINS.values()}) == len(DOMAINS)
    assert {name: entry.half_width for name, entry in DOMAINS.items()} == HALF_WIDTHS
    assert {name for name, entry in DOMAINS.items() if not entry.unit} == {"global", "local"}


@EVERY
@pytest.mark.parametrize("problem", PROBLEMS)
@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_plane_of_any_problem(name, problem, dtype, tmp_path):
    """Directions, scale, points and slopes fit each other; a saved file holds them."""
    fields = {**PROBLEMS[problem], **start(name), "dtype": dtype, "domain": name}
    result = run(StudySpec(resolution=3, line_points=5, draws=2, **fields), device="cpu")
    np.testing.assert_allclose(result.directions @ result.directions.T, np.eye(2), rtol=0, atol=tolerances.ORTHONORMAL)
    assert (result.scale == 1.0) == (not DOMAINS[name].unit)
    assert result.axis[-1] == HALF_WIDTHS[name]
    plane = recall_plane(result.spec, "cpu")
    corners = np.array([[a, b] for b in result.axis for a in result.axis])
    points = result.theta0 + result.scale * (corners @ result.directions)
    np.testing.assert_allclose(result.parameters_at(corners), points, rtol=1e-12, atol=1e-12)
    kept = torch.cat(list(plane.parameters_at(corners))).numpy()
    close = {"rtol": 1e-12, "atol": 1e-12} if dtype == "float64" else {"rtol": 1e-5, "atol": 1e-5}
    np.testing.assert_allclose(kept, points, **close)
    losses = plane.problem(torch.tensor(points, dtype=plane.problem.dtype)).mean(1).numpy()
    np.testing.assert_allclose(result.full_loss.ravel(), losses, rtol=10 * close["rtol"])
    found = load(storage.save(result, tmp_path / "one.npz"))
    assert storage.to_bytes(found) == storage.to_bytes(result)
    assert found.scale == result.scale
    assert found.summary().get("unit", "") == DOMAINS[name].unit
    assert found.summary().get("scale", 1.0) == result.scale


@EVERY
@pytest.mark.parametrize("problem", PROBLEMS)
def test_slopes_are_per_unit_of_parameter_space_and_those_of_a_race_per_unit_of_its_positions(name, problem):
    fields = {**PROBLEMS[problem], **start(name), "domain": name, "batch_size": 5}
    spec = StudySpec(resolution=2, line_points=5, draws=0, slope_angle=30.0, **fields)
    plane = recall_plane(spec, "cpu")
    at, turn, step = np.array([0.31, -0.17]) * spec.range, np.array([np.sqrt(0.75), 0.5]), 1e-5
    ends = plane.start + (at * plane.scale + np.array([[-step], [step]]) * turn) @ plane.directions
    below, above = plane.problem(torch.from_numpy(ends)).mean(1).tolist()
    slope = (above - below) / (2 * step)
    assert float(plane.table(at[None]).slope(turn).mean()) == pytest.approx(slope, **SLOPE)
    probed = probe_point(spec, (float(at[0]), float(at[1])), device="cpu")
    assert probed.sample_slope.mean() == pytest.approx(slope, **SLOPE)
    assert np.hypot(*probed.plane_gradient) ** 2 == pytest.approx(probed.gradient**2 * (1 - probed.leaves**2), rel=1e-7)

    race = run_race(RaceSpec(races=1, angles=(0.0,), **fields), device="cpu")
    assert race.positions[-1] == spec.range
    risen = np.trapezoid(race.line_slope[0], race.positions)
    loss = race.line_loss[0]
    assert risen == pytest.approx(loss[-1] - loss[0], abs=1e-2 * np.ptp(loss))


@PAPERS
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
    small = {"resolution": 3, "line_points": 4, "draws": 2}
    spec = StudySpec(domain=name, output_activation=output, dtype=dtype, **small, **start(name))
    result = run(spec, device="cpu")
    assert result.holes == 0
    assert result.axis.tolist() == [-spec.range, 0.0, spec.range]
    assert spec.range == HALF_WIDTHS[name]


@pytest.mark.parametrize("name", [name for name, entry in DOMAINS.items() if not entry.of_path])
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
    origin = Origin(draws.start, draws, task.filters, lambda: -task.full_gradient(draws.start))
    span = DOMAINS["local"].directions(origin)
    d1, d2 = orthonormalise(span.first, span.second)

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
