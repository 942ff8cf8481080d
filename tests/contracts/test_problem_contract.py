"""What every problem of the registry keeps to."""

import numpy as np
import pytest
import tolerances
import torch

from landscape_core.problems.builtin import PROBLEMS
from landscape_core.statistics import moments
from landscape_core.statistics.sample_table import tabulate

EVERY = pytest.mark.parametrize("entry", PROBLEMS.values(), ids=PROBLEMS)
CPU = torch.device("cpu")


def start(problem):
    return np.random.default_rng(3).uniform(-0.3, 0.3, problem.parameters) if problem.start is None else problem.start


def test_names_labels_and_descriptions_are_unique_and_sentences():
    for attribute in ("name", "label", "description"):
        assert len({getattr(entry, attribute) for entry in PROBLEMS.values()}) == len(PROBLEMS)
    assert all(name == entry.name for name, entry in PROBLEMS.items())
    assert all(entry.description.endswith(".") for entry in PROBLEMS.values())


@EVERY
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_it_is_what_it_says(entry, dtype):
    problem = entry.make(dtype, CPU)
    assert (problem.samples, problem.dtype, problem.device) == (entry.samples, dtype, CPU)
    described = problem.describe()
    assert (described["samples"], described["parameters"]) == (problem.samples, problem.parameters)
    losses = problem(torch.tensor(start(problem), dtype=dtype)[None])
    assert losses.shape == (1, entry.samples)
    assert losses.dtype == dtype
    assert losses.isfinite().all()
    assert entry.make(dtype, CPU).fingerprint() == problem.fingerprint()
    assert entry.key == ""


@EVERY
def test_nothing_is_found_to_be_wrong(entry):
    assert entry.make(torch.float64, CPU).check() == ()


@EVERY
def test_another_precision_is_the_same_problem(entry):
    single, double = entry.make(torch.float32, CPU), entry.make(torch.float64, CPU)
    theta = torch.tensor(start(double))[None]
    cast = double.to(torch.float32, CPU)
    assert cast.dtype == torch.float32
    torch.testing.assert_close(cast(theta.float()), single(theta.float()), rtol=1e-5, atol=1e-6)
    torch.testing.assert_close(cast(theta.float()).double(), double(theta), rtol=1e-4, atol=1e-5)


@EVERY
def test_slopes_and_exact_sds_against_the_twin(entry):
    """A gradient for each of some samples; means and SDs of mini-batches from these by numpy."""
    rows = np.random.default_rng(1).choice(entry.samples, 12, replace=False)
    problem = entry.make(torch.float64, CPU).select(rows)
    assert problem.samples == 12
    generator = np.random.default_rng(2)
    pair = np.linalg.qr(generator.standard_normal((problem.parameters, 2)))[0].T
    coordinates = np.array([[0.0, 0.0], [0.7, -0.4]])
    table = tabulate(problem, start(problem), pair, coordinates, samples=12)
    for point, place in enumerate(coordinates):
        theta = torch.tensor(start(problem) + place @ pair, requires_grad=True)
        losses = problem(theta[None])[0]
        gradients = np.stack([torch.autograd.grad(loss, theta, retain_graph=True)[0].numpy() for loss in losses])
        np.testing.assert_allclose(table.loss[point], losses.detach(), **tolerances.TABLE)
        for slopes, direction in zip(table.slopes, pair, strict=True):
            np.testing.assert_allclose(slopes[point], gradients @ direction, rtol=1e-9, atol=1e-13)
            means = [np.delete(gradients @ direction, left_out).mean() for left_out in range(12)]  # all batches of 11
            np.testing.assert_allclose(moments.exact_sd(slopes, 11)[point], np.std(means), rtol=1e-9)
