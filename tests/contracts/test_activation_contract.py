"""What every activation function keeps to."""

import math

import pytest
import reference
import tolerances
import torch

from landscape_core.paper.published import PAPER_ACTIVATIONS
from landscape_core.problems.activations import ACTIVATIONS, IDENTITY

EVERY = pytest.mark.parametrize("entry", [*ACTIVATIONS.values(), IDENTITY], ids=lambda entry: entry.name)
EXTREMES = [
    0.0,
    -0.0,
    5e-324,
    1e-300,
    1e-20,
    1e-8,
    1e-3,
    0.5,
    1.0,
    3.0,
    10.0,
    19.0,
    30.0,
    36.0,
    37.0,
    40.0,
    100.0,
    709.0,
    746.0,
    1e4,
]
Z = torch.tensor(sorted({*EXTREMES, *(-z for z in EXTREMES)}), dtype=torch.float64)
AT_ZERO = {
    "sigmoid": 0.25,
    "tanh": 1.0,
    "softsign": 1.0,
    "relu": 0.0,
    "leaky_relu": 0.01,
    "elu": 1.0,
    "gelu": 0.5,
    "silu": 0.5,
    "softplus": 0.5,
    "relu6": 0.0,
    "linear": 1.0,
}
BOUNDS = {"sigmoid": (0, 1), "tanh": (-1, 1), "softsign": (-1, 1)}


def grid(dtype=torch.float64):
    return torch.cat([Z, torch.linspace(-40, 40, 4_001, dtype=torch.float64)]).to(dtype)


def automatic(function, z):
    z = z.clone().requires_grad_(True)
    (gradient,) = torch.autograd.grad(function(z).sum(), z)
    return gradient


def test_names_and_labels_are_unique():
    entries = [*ACTIVATIONS.values(), IDENTITY]
    for attribute in ("name", "label", "formula"):
        assert len({getattr(entry, attribute) for entry in entries}) == len(entries)
    assert all(name == entry.name for name, entry in ACTIVATIONS.items())
    assert set(AT_ZERO) == {entry.name for entry in entries}


@EVERY
def test_families_are_the_papers(entry):
    if entry.name in {"sigmoid", "tanh", "softsign"}:
        assert entry.family == "saturation"
    else:
        assert entry.family == ("sparsity" if entry.name in PAPER_ACTIVATIONS else "none")


@EVERY
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_value_is_that_of_the_stock_module(entry, dtype):
    z = grid(dtype)
    stock = reference.MODULES[entry.name]()
    torch.testing.assert_close(entry.value(z), stock(z), rtol=1e-15 if dtype == torch.float64 else 1e-6, atol=0)


@EVERY
def test_derivative_is_the_automatic_one(entry):
    """Of the function itself, and of torch's own module, the convention at 0 included."""
    z = grid()
    found = entry.derivative(z, entry.value(z))
    torch.testing.assert_close(found, automatic(reference.MODULES[entry.name](), z), **tolerances.DERIVATIVE)
    torch.testing.assert_close(found, automatic(entry.value, z), **tolerances.DERIVATIVE)


@EVERY
def test_derivative_has_the_full_precision(entry):
    """A constant rounded to float32 would be off by 1e-8; these are the exact derivatives at ±1."""
    z = torch.tensor([1.0, -1.0], dtype=torch.float64)
    e = math.exp(-1.0)
    sigmoid, beyond = 1 / (1 + e), e / (1 + e)
    density, chance = math.exp(-0.5) / math.sqrt(2 * math.pi), 0.5 * math.erfc(-math.sqrt(0.5))
    expected = {
        "sigmoid": [e / (1 + e) ** 2] * 2,
        "tanh": [1 / math.cosh(1.0) ** 2] * 2,
        "softsign": [0.25, 0.25],
        "relu": [1.0, 0.0],
        "leaky_relu": [1.0, 0.01],
        "elu": [1.0, e],
        "gelu": [chance + density, 1 - chance - density],
        "silu": [sigmoid + sigmoid * beyond, beyond - sigmoid * beyond],
        "softplus": [sigmoid, beyond],
        "relu6": [1.0, 0.0],
        "linear": [1.0, 1.0],
    }[entry.name]
    assert entry.derivative(z, entry.value(z)).tolist() == pytest.approx(expected, rel=1e-14, abs=0)


@EVERY
@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_derivative_at_zero(entry, zero):
    z = torch.tensor([zero], dtype=torch.float64)
    assert entry.derivative(z, entry.value(z)).tolist() == [AT_ZERO[entry.name]]


@EVERY
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_finite_far_out_and_of_the_inputs_precision(entry, dtype):
    z = grid(dtype)
    y = entry.value(z)
    slope = entry.derivative(z, y)
    assert y.dtype == slope.dtype == dtype
    assert y.isfinite().all()
    assert slope.isfinite().all()
    assert y.shape == slope.shape == z.shape


@pytest.mark.parametrize(
    "entry", [*(ACTIVATIONS[name] for name in PAPER_ACTIVATIONS), IDENTITY], ids=lambda entry: entry.name
)
def test_the_papers_bounds(entry):
    """Of its six: saturating functions are bounded; every derivative lies in 0 … 1 (Section 3)."""
    z = grid()
    y = entry.value(z)
    slope = entry.derivative(z, y)
    assert ((slope >= 0) & (slope <= 1)).all()
    assert (y.sort().values == entry.value(z.sort().values)).all()  # monotonic
    low, high = BOUNDS.get(entry.name, (-math.inf, math.inf))
    assert ((y >= low) & (y <= high)).all()
    if entry.family == "sparsity":
        assert y.max() == 1e4


@EVERY
def test_not_a_number_stays_one(entry):
    z = torch.tensor([math.nan], dtype=torch.float64)
    assert entry.value(z).isnan().all()


@EVERY
@pytest.mark.parametrize("shape", [(), (0,), (2, 3, 4)])
def test_any_shape_and_inputs_left_alone(entry, shape):
    z = torch.full(shape, -0.5, dtype=torch.float64)
    y = entry.value(z)
    kept = y.clone()
    assert y.shape == entry.derivative(z, y).shape == shape
    assert (z == -0.5).all()
    assert torch.equal(y, kept)
