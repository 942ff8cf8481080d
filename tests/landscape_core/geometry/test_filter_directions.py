"""Filter-normalised directions against loops over filters, and what they are for: a rescaled network looks the same."""

import math

import numpy as np
import pytest
import torch
from torch import nn

from landscape_core import NumericalError, Problem, StudySpec, run, run_race
from landscape_core.problems.activations import ACTIVATIONS, IDENTITY
from landscape_core.problems.losses import LOSSES
from landscape_core.problems.mlp import FullyConnected, MLPProblem
from landscape_core.problems.penalty import Penalised
from landscape_core.random_streams import start_draws
from landscape_core.study.plane import build_plane, recall_plane

SMALL = {"resolution": 5, "line_points": 5, "draws": 0}


def make_convolutions():
    """Filters of several shapes: of a convolution, of single weights, of one unit, and biases and a number beside them."""
    torch.manual_seed(3)
    model = nn.Sequential(
        nn.Conv2d(1, 4, 1),
        nn.Conv2d(4, 3, 3),
        nn.Tanh(),
        nn.Flatten(),
        nn.PReLU(),
        nn.Linear(12, 1),
    )
    inputs = torch.randn(7, 1, 4, 4, dtype=torch.float64)
    return Problem.from_module(model.double(), nn.MSELoss(), inputs, torch.randn(7, 1, dtype=torch.float64))


def list_filters(problem):
    """Places of the weights of each filter, told one by one."""
    found, begin = [], 0
    of_mlp = isinstance(problem, MLPProblem)
    for shape in problem.shapes.values():
        places = np.arange(begin, begin + math.prod(shape)).reshape(shape)
        begin += places.size
        if len(shape) < 2 or places.size < 2:
            continue
        rows = list(places.T if of_mlp else places)
        found += [places.ravel()] if len(rows) == places.size else [row.ravel() for row in rows]
    return found


def make_twin(problem, start, seed):
    """Both directions, filter by filter, in sums of single numbers."""
    draws = start_draws(seed, problem.parameters)
    pair = np.zeros((2, problem.parameters))
    for places in list_filters(problem):
        one, other, own = (values[places].tolist() for values in (draws.first, draws.second, start))
        length = math.sqrt(math.fsum(w * w for w in own))
        share = math.fsum(a * b for a, b in zip(one, other, strict=True)) / math.fsum(a * a for a in one)
        other = [b - share * a for a, b in zip(one, other, strict=True)]
        for row, values in zip(pair, (one, other), strict=True):
            norm = math.sqrt(math.fsum(v * v for v in values))
            row[places] = [length * v / norm for v in values]
    return pair


def make_problems():
    network = MLPProblem.from_data(np.random.default_rng(0).normal(size=(9, 3)), np.arange(9) % 3, hidden=(4, 2))
    narrow = MLPProblem.from_data(np.linspace(-1, 1, 9)[:, None], np.arange(9.0), hidden=(4,), loss="mse")
    return {"network": network, "narrow": narrow, "convolutions": make_convolutions()}


@pytest.mark.parametrize("name", ["network", "narrow", "convolutions"])
def test_directions_against_loops_over_filters(name):
    problem = make_problems()[name]
    result = run(problem, domain="filter", batch_size=2, **SMALL)
    twin = make_twin(problem, result.theta0, result.spec.seed)
    found = result.scale * result.directions
    np.testing.assert_allclose(found, twin, rtol=0, atol=1e-12 * result.scale)
    for direction in found:
        for places in list_filters(problem):
            length = np.linalg.norm(result.theta0[places])
            assert np.linalg.norm(direction[places]) == pytest.approx(length, rel=1e-12)
    for places in list_filters(problem):
        one, other = found[:, places]
        assert abs(one @ other) < 1e-13 * np.linalg.norm(result.theta0[places]) ** 2
    outside = np.ones(problem.parameters, dtype=bool)
    outside[np.concatenate(list_filters(problem))] = False
    assert outside.any()
    assert not found[:, outside].any()
    assert abs(result.directions[0] @ result.directions[1]) < 1e-14
    inside = result.theta0[~outside]
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), np.linalg.norm(inside), rtol=1e-13)
    assert result.scale == pytest.approx(np.linalg.norm(inside), rel=1e-13)
    np.testing.assert_array_equal(problem.filters() >= 0, ~outside)


def test_a_penalty_leaves_filters_as_they_are():
    problem = make_problems()["network"]
    np.testing.assert_array_equal(Penalised(problem, 0.1).filters(), problem.filters())


def rescaled(first, second):
    """A ReLU network without biases as a module, its layers multiplied."""
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(4, 10, bias=False), nn.ReLU(), nn.Linear(10, 3, bias=False)).double()
    with torch.no_grad():
        model[0].weight *= first
        model[2].weight *= second
    generator = torch.Generator().manual_seed(2)
    inputs = torch.randn(30, 4, generator=generator, dtype=torch.float64)
    return Problem.from_module(model, nn.CrossEntropyLoss(), inputs, torch.arange(30) % 3)


def test_lines_and_races_of_a_rescaled_network_are_the_same():
    """Layer 1 × 10 and layer 2 ÷ 10 compute the same, and so looks the loss; along random directions it does not."""
    plain, other = rescaled(1.0, 1.0), rescaled(10.0, 0.1)
    fields = {"batch_size": 10, "line_points": 51, "resolution": 5, "draws": 0}
    one, two = (run(problem, domain="filter", **fields) for problem in (plain, other))
    np.testing.assert_allclose(one.line_full_loss, two.line_full_loss, rtol=1e-13)
    np.testing.assert_allclose(one.full_loss, two.full_loss, rtol=1e-13)
    np.testing.assert_allclose(one.line_batch_loss, two.line_batch_loss, rtol=1e-12)
    np.testing.assert_array_equal(one.positions, two.positions)
    # per unit of parameter space the slopes are not the same: one network's weights are farther apart
    assert two.scale > 5 * one.scale
    size = np.abs(one.scale * one.line_full_slope).max()
    np.testing.assert_allclose(
        one.scale * one.line_full_slope, two.scale * two.line_full_slope, rtol=0, atol=1e-12 * size
    )
    random = [run(problem, domain="global", range=1.0, **fields) for problem in (plain, other)]
    assert np.abs(random[0].line_full_loss - random[1].line_full_loss).max() > 0.1

    races = [run_race(problem, domain="filter", batch_size=10, races=20, angles=(0.0,)) for problem in (plain, other)]
    np.testing.assert_allclose(races[0].stops, races[1].stops, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(races[0].evaluations, races[1].evaluations)


def test_a_rescaled_network_of_the_engine_is_the_same_too():
    """Where the weights of a unit are a column; biases are zero at the start point, and on the plane of weights alone."""
    inputs = torch.from_numpy(np.random.default_rng(5).normal(size=(4, 20)))
    targets = torch.nn.functional.one_hot(torch.arange(20) % 3).double().T.contiguous()
    first, second = np.random.default_rng(6).normal(size=(2, 40))
    network = FullyConnected((4, 10, 3), ACTIVATIONS["relu"], IDENTITY)
    found = []
    for factors in ((1.0, 1.0), (10.0, 0.1)):
        start = np.concatenate([factors[0] * first, np.zeros(10), factors[1] * second[:30], np.zeros(3)])
        kind = type("Started", (MLPProblem,), {"start": start})
        problem = kind(network, LOSSES["cross_entropy"], inputs, targets)
        found.append(run(problem, domain="filter", batch_size=5, **SMALL))
    np.testing.assert_allclose(found[0].line_full_loss, found[1].line_full_loss, rtol=1e-13)
    np.testing.assert_allclose(found[0].full_loss, found[1].full_loss, rtol=1e-13)


def test_what_has_no_filters_is_refused():
    def losses(line, x, t):
        return (line["a"] * x + line["b"] - t) ** 2

    problem = Problem.from_function(losses, {"a": 1.0, "b": 0.0}, [0.0, 1.0], [1.0, 1.0])
    with pytest.raises(NumericalError) as caught:
        run(problem, domain="filter", batch_size=1, **SMALL)
    assert str(caught.value) == (
        "no parameter has more than one dimension, so there are no filters: use the global or the local domain"
    )


def test_weights_of_zero_are_refused():
    with pytest.raises(NumericalError) as caught:
        build_plane(StudySpec(domain="filter", start_point="zero"), "cpu")
    assert str(caught.value) == (
        "all weights of the start point are zero, and so would be filters as long as they are: use another start point, "
        "or the global domain"
    )


def test_the_seed_decides_the_directions():
    one, other, again = (recall_plane(StudySpec(domain="filter", seed=seed), "cpu") for seed in (1, 2, 1))
    assert not np.allclose(one.directions, other.directions)
    np.testing.assert_array_equal(one.directions, again.directions)
