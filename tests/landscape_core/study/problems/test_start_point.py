"""Start points that are drawn, zero or trained, against an ordinary module with an ordinary optimiser."""

import numpy as np
import pytest
import torch
from reference import MODULES
from reference_landscapes import make_logistic

from landscape_core import NumericalError, SpecError, StudySpec, run
from landscape_core.problems.mlp import MLPProblem
from landscape_core.random_streams import Purpose, start_draws
from landscape_core.study.plane import build_plane, build_problem
from landscape_core.study.start_point import KEPT_POINTS, find_start, train_start

TRAINED = StudySpec(start_point="trained", train_steps=70, train_rate=0.05, resolution=3, line_points=5, draws=0)

OPTIMISERS = {
    "adam": lambda parameters: torch.optim.Adam(parameters, lr=0.05),
    "momentum": lambda parameters: torch.optim.SGD(parameters, lr=0.05, momentum=0.9),
    "sgd": lambda parameters: torch.optim.SGD(parameters, lr=0.05),
}


def train_module(start, optimiser, inputs, targets, seed, steps):
    """A stock module in float64 and a plain loop over epochs of 64 samples."""
    network = torch.nn.Sequential(
        torch.nn.Linear(4, 10), MODULES["sigmoid"](), torch.nn.Linear(10, 3), MODULES["sigmoid"]()
    )
    network.double()
    for layer, values in ((network[0], start[:50].reshape(5, 10)), (network[2], start[50:].reshape(11, 3))):
        with torch.no_grad():
            layer.weight.copy_(torch.from_numpy(values[:-1].T.copy()))
            layer.bias.copy_(torch.from_numpy(values[-1].copy()))
    updates, done, epoch = OPTIMISERS[optimiser](network.parameters()), 0, 0
    while done < steps:
        words = np.random.Philox(np.random.SeedSequence(seed, spawn_key=(10, epoch))).random_raw(150).tolist()
        order = sorted(range(150), key=words.__getitem__)
        for batch in (order[:64], order[64:128]):
            if done == steps:
                break
            updates.zero_grad()
            outputs = network(inputs[batch])
            (0.5 * (outputs - targets[batch]) ** 2).sum(1).mean().backward()
            updates.step()
            done += 1
        epoch += 1
    parts = [torch.cat([layer.weight.T, layer.bias[None]]).flatten() for layer in (network[0], network[2])]
    return torch.cat(parts).detach().numpy()


@pytest.mark.parametrize("optimiser", OPTIMISERS)
def test_training_against_a_module(optimiser):
    spec = TRAINED.replace(train_optimiser=optimiser)
    plane = build_plane(spec, "cpu")
    problem = build_problem(spec, torch.device("cpu"))
    start = start_draws(spec.seed, 83).start
    expected = train_module(start, optimiser, problem.inputs.T, problem.targets.T, spec.seed, 70)
    np.testing.assert_allclose(plane.start, expected, rtol=1e-10, atol=1e-12)
    assert plane.path.loss[-1] < plane.path.loss[0]
    np.testing.assert_array_equal(plane.path.points[0], start)
    assert len(plane.path.steps) == KEPT_POINTS
    assert (plane.path.steps[0], plane.path.steps[-1]) == (0, 70)


def test_the_same_description_gives_the_same_start_point_and_the_path_to_it():
    one, other = run(TRAINED), run(TRAINED)
    np.testing.assert_array_equal(one.theta0, other.theta0)
    assert not np.array_equal(run(TRAINED.replace(seed=1)).theta0, one.theta0)
    np.testing.assert_array_equal(one.path[-1], [0.0, 0.0])
    assert one.path_distance[-1] == 0.0
    way = start_draws(TRAINED.seed, 83).start - one.theta0
    np.testing.assert_allclose(np.hypot(*one.path[0]) ** 2 + one.path_distance[0] ** 2, way @ way, rtol=1e-12)
    assert one.path_loss[-1] == pytest.approx(one.full_loss[1, 1], rel=1e-12)
    assert run(StudySpec(resolution=3, line_points=5, draws=0)).path is None


def test_the_start_points_that_are_not_trained():
    spec = StudySpec(hidden=(7, 5))
    problem = build_problem(spec, torch.device("cpu"))
    find = lambda kind, of=problem: find_start(spec.replace(start_point=kind), of)[0]  # noqa: E731
    np.testing.assert_array_equal(find("auto"), find("paper"))
    assert not find("zero").any()
    layers = problem.network.unpack(torch.from_numpy(find("pytorch")))
    for layer, before in zip(layers, (4, 7, 5), strict=True):
        assert 0.5 < layer.abs().max() * before**0.5 <= 1
    own = make_logistic(start=np.ones(3))
    np.testing.assert_array_equal(find("auto", own), np.ones(3))
    np.testing.assert_array_equal(find("paper", own), start_draws(spec.seed, 3).start)
    with pytest.raises(SpecError, match="start_point: got 'pytorch'; allowed: auto, paper, zero or trained"):
        find("pytorch", own)


def test_a_training_that_diverges_is_told():
    problem = MLPProblem.from_data(np.ones((4, 2)) * 1e6, np.ones(4), hidden=(), loss="mse")
    with pytest.raises(NumericalError, match="use a train_rate below 10"):
        train_start(problem, np.ones(problem.parameters), steps=200, optimiser="sgd", rate=10.0)


def test_its_streams_are_its_own():
    assert (Purpose.START, Purpose.START_WEIGHTS) == (10, 11)
