"""Slopes by automatic differentiation: against a slow twin, on several threads, and where reverse mode cannot go twice."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tolerances
import torch

from landscape_core import LandscapeError
from landscape_core.problems.differentiation import differentiate_samples
from landscape_core.statistics import sample_table

GENERATOR = np.random.default_rng(5)
INPUTS = torch.from_numpy(GENERATOR.standard_normal((3, 7)))
THETA = torch.from_numpy(GENERATOR.standard_normal((4, 3)))
DIRECTIONS = torch.from_numpy(np.linalg.qr(GENERATOR.standard_normal((3, 2)))[0].T.copy())


def softplus_loss(theta):
    return torch.nn.functional.softplus(theta @ INPUTS) + 0.1 * (theta @ INPUTS) ** 2


class OnceOnly(torch.autograd.Function):
    """A square whose derivative torch cannot differentiate again in reverse mode."""

    generate_vmap_rule = True

    @staticmethod
    def forward(values):
        return values * values

    @staticmethod
    def setup_context(context, inputs, output):
        context.save_for_backward(*inputs)
        context.save_for_forward(*inputs)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(context, gradient):
        return 2 * context.saved_tensors[0] * gradient

    @staticmethod
    def jvp(context, tangent):
        return 2 * context.saved_tensors[0] * tangent


def slopes_one_by_one(loss, theta, directions):
    """The slow twin: a gradient for each point and sample."""
    found = np.empty((len(directions), *loss(theta).shape))
    for point, sample in np.ndindex(*found.shape[1:]):
        leaf = theta[point].clone().requires_grad_()
        (gradient,) = torch.autograd.grad(loss(leaf[None])[0, sample], leaf)
        found[:, point, sample] = directions.numpy() @ gradient.numpy()
    return found


def once_only_loss(theta):
    return OnceOnly.apply(theta @ INPUTS)


def partly_once_only_loss(theta):
    return softplus_loss(theta) + once_only_loss(theta)


@pytest.mark.parametrize("loss", [softplus_loss, once_only_loss, partly_once_only_loss, lambda theta: theta @ INPUTS])
def test_slopes_against_a_gradient_for_each_sample(loss):
    with torch.no_grad():  # as in `tabulate`
        values, slopes = differentiate_samples(loss, THETA, DIRECTIONS)
    torch.testing.assert_close(values, loss(THETA), rtol=0, atol=0)
    assert not any(tensor.requires_grad for tensor in (values, *slopes))
    np.testing.assert_allclose(np.stack(slopes), slopes_one_by_one(loss, THETA, DIRECTIONS), **tolerances.TABLE)


def test_a_constant_has_no_slope():
    values, slopes = differentiate_samples(lambda theta: torch.ones(len(theta), 7), THETA, DIRECTIONS)
    assert values.shape == (4, 7)
    assert all(torch.equal(slope, torch.zeros(4, 7)) for slope in slopes)


def test_a_loss_without_slopes_says_why_in_either_mode():
    class Neither(OnceOnly):
        @staticmethod
        def jvp(context, tangent):
            raise RuntimeError("no tangents here")

    with pytest.raises(LandscapeError, match=r"slopes: in reverse mode .+; in forward mode no tangents here$"):
        differentiate_samples(lambda theta: Neither.apply(theta @ INPUTS), THETA, DIRECTIONS)


def test_running_out_of_memory_is_no_reason_for_another_mode():
    class Large(OnceOnly):
        @staticmethod
        def backward(context, gradient):
            raise torch.OutOfMemoryError("CUDA out of memory")

        @staticmethod
        def jvp(context, tangent):
            raise AssertionError("tried")

    with pytest.raises(torch.OutOfMemoryError):
        differentiate_samples(lambda theta: Large.apply(theta @ INPUTS), THETA, DIRECTIONS)


@pytest.mark.parametrize("loss", [softplus_loss, once_only_loss])
def test_three_threads_get_the_bits_of_one(loss):
    start, pair = THETA[0].numpy(), DIRECTIONS.numpy()
    coordinates = np.random.default_rng(1).uniform(-2, 2, (40, 2))

    def tabulate(_):
        table = sample_table.tabulate(loss, start, pair, coordinates, samples=7)
        return torch.stack([table.loss, *table.slopes])

    expected = tabulate(None)
    with ThreadPoolExecutor(3) as pool:
        assert all(torch.equal(found, expected) for found in pool.map(tabulate, range(30)))
