"""Networks of any depth on data at hand, against stock modules, one sample at a time."""

import itertools

import numpy as np
import pytest
import tolerances
import torch

from landscape_core import LOSSES, MLPProblem, Penalised, ProblemError
from landscape_core.problems.problem import Problem

GENERATOR = np.random.default_rng(7)
INPUTS = GENERATOR.standard_normal((9, 5))
LABELS = np.array([0, 1, 2, 0, 1, 2, 2, 1, 0])
STOCK = {
    "mse": lambda y, t: 0.5 * ((y - t) ** 2).sum(),
    "cross_entropy": torch.nn.CrossEntropyLoss(),
    "smoothed_cross_entropy": torch.nn.CrossEntropyLoss(label_smoothing=0.1),
    "binary_cross_entropy": torch.nn.BCEWithLogitsLoss(reduction="sum"),
    "huber": torch.nn.HuberLoss(reduction="sum"),
    "l1": torch.nn.L1Loss(reduction="sum"),
    "poisson": torch.nn.PoissonNLLLoss(reduction="sum"),
}


def stock_module(sizes, theta):
    """Tanh layers and a linear one, with the numbers of a flat vector: (fan_in + 1, fan_out) each, bias last."""
    parts, place = [], 0
    for fan_in, fan_out in itertools.pairwise(sizes):
        block = torch.tensor(theta[place : place + (fan_in + 1) * fan_out]).reshape(fan_in + 1, fan_out)
        place += block.numel()
        linear = torch.nn.Linear(fan_in, fan_out).double()
        linear.weight.data, linear.bias.data = block[:-1].T.clone(), block[-1].clone()
        parts += [linear, torch.nn.Tanh()]
    assert place == len(theta)
    return torch.nn.Sequential(*parts[:-1])


def flat_gradient(module):
    parts = [part for part in module if isinstance(part, torch.nn.Linear)]
    return np.concatenate([array.numpy().ravel() for part in parts for array in (part.weight.grad.T, part.bias.grad)])


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("hidden", [(), (4,), (32, 32), (3, 1, 6, 2)])
def test_losses_and_slopes_against_backward(loss, hidden):
    problem = MLPProblem.from_data(INPUTS, np.eye(3)[LABELS], hidden=hidden, loss=loss)
    sizes = (5, *hidden, 3)
    assert problem.network.sizes == sizes
    generator = np.random.default_rng(1)
    theta = 0.7 * generator.standard_normal((2, problem.parameters))
    directions = generator.standard_normal((2, problem.parameters))
    losses, slopes = problem.loss_and_slopes(torch.tensor(theta), torch.tensor(directions))
    for point in range(2):
        module = stock_module(sizes, theta[point])
        for sample in range(9):
            module.zero_grad()
            target = torch.tensor(np.eye(3)[LABELS[sample]])[None]
            expected = STOCK[loss](module(torch.tensor(INPUTS[sample])[None]), target)
            expected.backward()
            torch.testing.assert_close(losses[point, sample], expected.detach(), **tolerances.TABLE)
            own = directions @ flat_gradient(module)
            np.testing.assert_allclose([slope[point, sample] for slope in slopes], own, rtol=1e-9, atol=1e-12)


def test_class_numbers_are_the_same_as_their_code():
    theta = torch.tensor(np.random.default_rng(2).standard_normal((1, 43)))
    numbers, code = (MLPProblem.from_data(INPUTS, targets, hidden=(4,)) for targets in (LABELS, np.eye(3)[LABELS]))
    theta = theta[:, : numbers.parameters]
    assert torch.equal(numbers(theta), code(theta))


def test_numbers_are_one_column_of_a_regression():
    problem = MLPProblem.from_data(INPUTS, LABELS, hidden=(4,), loss="huber")
    assert problem.targets.tolist() == [LABELS.tolist()]
    assert problem.shapes == {
        "layer1.weight": (5, 4),
        "layer1.bias": (4,),
        "layer2.weight": (4, 1),
        "layer2.bias": (1,),
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"loss": "hinge"}, "there is no loss 'hinge'; there are: mse, cross_entropy, "),
        ({"activation": "linear"}, "there is no activation 'linear'; there are: sigmoid, "),
        ({"output_activation": "x"}, "there is no activation of the output layer 'x'; there are: "),
        ({"targets": LABELS - 1.0}, "the targets do not suit the loss cross_entropy, which takes probabilities of"),
        ({"targets": LABELS[:8]}, "there are inputs of 9 samples and targets of 8"),
        ({"inputs": INPUTS * np.nan}, "the inputs hold values that are not finite: drop or fill these samples"),
    ],
)
def test_what_does_not_fit_is_refused(changes, message):
    with pytest.raises(ProblemError) as caught:
        MLPProblem.from_data(**{"inputs": INPUTS, "targets": LABELS, **changes})
    assert str(caught.value).startswith(message)


def test_a_penalty_is_one_more_term_of_every_sample():
    plain = MLPProblem.from_data(INPUTS, LABELS, hidden=(4,))
    problem = Penalised(plain, 0.3)
    generator = np.random.default_rng(1)
    theta, directions = (torch.tensor(generator.standard_normal((2, plain.parameters))) for _ in range(2))
    losses, slopes = problem.loss_and_slopes(theta, directions)
    before, before_slopes = plain.loss_and_slopes(theta, directions)
    for point in range(2):
        squares = sum(float(value) ** 2 for value in theta[point])
        torch.testing.assert_close(losses[point], before[point] + 0.15 * squares, **tolerances.TABLE)
        for slope, before_slope, direction in zip(slopes, before_slopes, directions, strict=True):
            more = 0.3 * sum(float(a) * float(b) for a, b in zip(theta[point], direction, strict=True))
            torch.testing.assert_close(slope[point], before_slope[point] + more, **tolerances.TABLE)
    for slope, own in zip(slopes, Problem.loss_and_slopes(problem, theta, directions)[1], strict=True):
        torch.testing.assert_close(slope, own, **tolerances.TABLE)
    np.testing.assert_allclose(
        problem.full_gradient(theta[0].numpy()),
        plain.full_gradient(theta[0].numpy()) + 0.3 * theta[0].numpy(),
        rtol=1e-12,
    )
    assert torch.equal(problem.select(np.array([3, 1]))(theta), losses[:, [3, 1]])
    assert problem.describe()["penalty"] == 0.3


@pytest.mark.parametrize("penalty", [-1.0, float("nan"), float("inf")])
def test_a_penalty_is_a_number_from_zero(penalty):
    with pytest.raises(ProblemError):
        Penalised(MLPProblem.from_data(INPUTS, LABELS), penalty)
