"""Principal directions of a training against scikit-learn, and the path on their plane against direct computation."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from landscape_core import NumericalError, StudySpec, run
from landscape_core.geometry.directions import DOMAINS, Origin
from landscape_core.random_streams import start_draws
from landscape_core.study.plane import recall_plane

SMALL = {"resolution": 3, "line_points": 5, "draws": 0, "domain": "pca", "start_point": "trained"}
STUDIES = {
    "the paper's": {},
    "three points": {"train_steps": 2},
    "sgd": {"train_optimiser": "sgd", "train_rate": 0.5, "activation": "tanh"},
    "digits-mlp": {"problem": "digits-mlp", "max_samples": 200, "batch_size": 64},
    "digits-cnn": {"problem": "digits-cnn", "max_samples": 20, "train_steps": 60},
}


@pytest.mark.parametrize("name", STUDIES)
def test_directions_are_those_of_scikit_learn(name):
    spec = StudySpec(**SMALL, **STUDIES[name])
    plane = recall_plane(spec, "cpu")
    points = plane.path.points
    twin = PCA(2, svd_solver="full").fit(points).components_
    for own, other in zip(plane.directions, twin, strict=True):
        assert abs(own @ other) == pytest.approx(1.0, abs=1e-9)
        assert own[np.abs(own).argmax()] > 0
    np.testing.assert_allclose(plane.directions @ plane.directions.T, np.eye(2), rtol=0, atol=1e-13)
    assert plane.scale == pytest.approx(np.linalg.norm(points[-1] - points[0]), rel=1e-15)
    np.testing.assert_array_equal(plane.start, points[-1])


@pytest.mark.parametrize("name", STUDIES)
def test_each_point_of_the_path_has_its_distance_and_its_own_loss(name):
    result = run(StudySpec(**SMALL, **STUDIES[name]), device="cpu")
    plane = recall_plane(result.spec, "cpu")
    basis = np.linalg.qr(result.directions.T)[0]  # any basis of the plane
    for point, place, away, loss in zip(
        plane.path.points, result.path, result.path_distance, result.path_loss, strict=True
    ):
        offset = point - result.theta0
        outside = np.linalg.norm(offset - basis @ (basis.T @ offset))
        assert away * result.scale == pytest.approx(outside, rel=1e-9, abs=1e-12)
        assert np.hypot(*place) ** 2 + away**2 == pytest.approx((offset @ offset) / result.scale**2, rel=1e-9)
        shadow = result.parameters_at(place[None])[0]
        assert np.linalg.norm(point - shadow) == pytest.approx(outside, rel=1e-9, abs=1e-12)
        theta = torch.tensor(point, dtype=plane.problem.dtype)[None]
        assert float(plane.problem(theta).mean()) == pytest.approx(loss, rel=1e-12)
    assert result.path[-1].tolist() == [0.0, 0.0]
    assert np.hypot(*result.path[0]) ** 2 + result.path_distance[0] ** 2 == pytest.approx(1.0)  # that is the unit
    assert (np.abs(result.path[[0, -1]]) <= result.spec.range).all()


def test_the_plane_holds_more_of_the_path_than_random_planes():
    plane = recall_plane(StudySpec(**SMALL), "cpu")
    away = plane.path.points - plane.path.points.mean(0)
    share = np.square(away @ plane.directions.T).sum() / np.square(away).sum()
    rivals = [np.linalg.qr(np.random.default_rng(seed).normal(size=(len(plane.start), 2)))[0] for seed in range(20)]
    assert share > 0.9 > max(np.square(away @ rival).sum() / np.square(away).sum() for rival in rivals)


def directions_of(points):
    """Of a path that is made up."""
    draws = start_draws(0, points.shape[1])
    return DOMAINS["pca"].directions(
        Origin(points[-1], draws, lambda: np.zeros(points.shape[1], int), lambda: np.zeros(0), points)
    )


@pytest.mark.parametrize("ratio", [1e-2, 1e-5, 1e-8])
def test_a_second_direction_that_is_much_the_smaller_keeps_its_digits(ratio):
    generator = np.random.default_rng(0)
    basis = np.linalg.qr(generator.normal(size=(40, 2)))[0].T
    turn = np.linspace(0, 2 * np.pi, 12)
    points = np.stack([np.linspace(-1, 1, 12), ratio * np.cos(turn)], 1) @ basis
    span = directions_of(points)
    for own, other in zip((span.first, span.second), basis, strict=True):
        assert abs(own @ other) == pytest.approx(1.0, abs=max(1e-12, 1e-15 / ratio))


@pytest.mark.parametrize("count", [2, 3, 31])
def test_a_path_along_a_line_spans_no_plane(count):
    direction = np.random.default_rng(0).normal(size=6)
    with pytest.raises(NumericalError) as caught:
        directions_of(np.linspace(0, 1, count)[:, None] ** 2 * direction)
    assert str(caught.value) == (
        f"the {count} points of the training are on a straight line and span no plane: use more train_steps"
    )


def test_a_training_of_one_step_has_too_few_points():
    with pytest.raises(NumericalError) as caught:
        run(StudySpec(**SMALL, train_steps=1))
    assert str(caught.value) == (
        "the 2 points of the training are on a straight line and span no plane: use more train_steps"
    )


def test_a_training_that_came_back_is_refused():
    points = np.random.default_rng(0).normal(size=(5, 4))
    points[-1] = points[0]
    with pytest.raises(NumericalError) as caught:
        directions_of(points)
    assert str(caught.value) == "the training ended where it began, which leaves no unit for the axes: train otherwise"


def test_without_a_path_there_is_nothing_to_look_at():
    draws = start_draws(0, 3)
    origin = Origin(draws.start, draws, lambda: np.zeros(3, int), lambda: np.zeros(3))
    with pytest.raises(NumericalError) as caught:
        DOMAINS["pca"].directions(origin)
    assert str(caught.value) == "the start point was not trained, so there is no path with principal directions"
