"""The check of problems that are subclasses of `Problem`, not made of a module."""

import random
import re
import warnings

import numpy as np
import pytest
import torch

from landscape_core import LOSSES, MLPProblem, Problem, validate

INPUTS = torch.linspace(-1, 1, 12, dtype=torch.float64)


class Own(Problem):
    """(θ₀ x + θ₁)², and whatever a test makes of it."""

    dtype, device = torch.float64, torch.device("cpu")
    shapes = {"line": (2,)}  # noqa: RUF012

    def __init__(self, change=lambda values, theta: values, rows=None):
        self.inputs, self.change = INPUTS if rows is None else INPUTS[rows], change

    @property
    def samples(self):
        return len(self.inputs)

    def __call__(self, theta):
        return self.change((theta[:, :1] * self.inputs + theta[:, 1:]) ** 2, theta)

    def select(self, rows):
        return Own(self.change, rows)

    def hash_data(self):
        return ""

    def describe(self):
        return {}


def hide(values, theta):
    return values * torch.ones_like(values) * float(theta.detach().sum())


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (lambda values, _: values, None, ""),
        (lambda values, _: values.relu(), None, ""),
        (lambda values, _: values - values.mean(1, keepdim=True), "coupled", "samples are coupled by the loss"),
        (lambda values, _: values + torch.randn_like(values), "random", "the loss draws random numbers"),
        (lambda values, _: values + np.random.standard_normal(), "random", "the loss draws random numbers"),  # noqa: NPY002
        (lambda values, _: values + random.random(), "random", "the loss draws random numbers"),
        (lambda values, _: values.log() * 0 + torch.nan, "not finite", "12 of 12 samples"),
        (lambda values, _: values[:, :5], "shape", r"\(5,\) for 12 samples"),
        (lambda values, theta: values * theta.detach()[:, :1], "slopes", "for 12 of 12 samples"),
        (hide, "slopes", "slopes"),
        (lambda values, theta: values + 1 / 0, "error", "division by zero"),
    ],
)
def test_findings(change, kind, words):
    findings = validate(Own(change))
    assert [finding.kind for finding in findings] == ([] if kind is None else [kind])
    if kind is not None:
        assert str(findings[0]) == findings[0].text
        assert re.search(words, findings[0].text)


def test_it_leaves_all_random_streams_as_they_were():
    def streams():
        return torch.get_rng_state().tolist(), str(np.random.get_state())  # noqa: NPY002

    before = streams()
    validate(Own(lambda values, _: values + torch.randn_like(values)))
    assert streams() == before
    noisy = torch.nn.Sequential(torch.nn.Linear(1, 1), torch.nn.Dropout())
    Problem.from_module(noisy, torch.nn.MSELoss(), INPUTS[:, None], INPUTS[:, None], evaluate=False, check=False)
    state = streams()  # making the module drew numbers
    Problem.from_module(noisy, torch.nn.MSELoss(), INPUTS[:, None], INPUTS[:, None], evaluate=False, check=False)
    assert streams() == state


def test_kinks_within_a_step_are_no_false_alarm():
    """A ReLU network whose kinks for some samples lie at its start point: many seeds, none of which is refused."""
    generator = np.random.default_rng(0)
    inputs, labels = generator.standard_normal((100, 3)), generator.integers(0, 2, 100)
    for activation in ("relu", "relu6", "leaky_relu"):
        for loss in ("cross_entropy", "huber", "l1"):
            targets = labels if LOSSES[loss].takes_classes else labels.astype(float)
            problem = MLPProblem.from_data(inputs, targets, hidden=(20, 20), activation=activation, loss=loss)
            assert problem.check() == ()


def test_single_precision_is_judged_less_sharply():
    generator = np.random.default_rng(0)
    inputs, labels = generator.standard_normal((50, 3)), generator.integers(0, 2, 50)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert MLPProblem.from_data(inputs, labels, dtype=torch.float32).check() == ()
