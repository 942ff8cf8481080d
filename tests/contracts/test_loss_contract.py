"""What every loss keeps to."""

import pytest
import tolerances
import torch

from landscape_core.losses import LOSSES

EVERY = pytest.mark.parametrize("entry", LOSSES.values(), ids=LOSSES)


@pytest.fixture
def case():
    """Outputs at 4 points and targets, of 3 classes and 7 samples."""
    generator = torch.Generator().manual_seed(0)
    outputs = torch.randn(4, 3, 7, generator=generator, dtype=torch.float64)
    return outputs, torch.eye(3, dtype=torch.float64)[:, torch.randint(3, (7,), generator=generator)]


def test_names_and_labels_are_unique():
    for attribute in ("name", "label"):
        assert len({getattr(entry, attribute) for entry in LOSSES.values()}) == len(LOSSES)
    assert all(name == entry.name for name, entry in LOSSES.items())
    assert all(entry.source for entry in LOSSES.values())


@EVERY
def test_gradient_is_the_automatic_one(entry, case):
    outputs, targets = case
    outputs.requires_grad_(True)
    (expected,) = torch.autograd.grad(entry.value(outputs, targets).sum(), outputs)
    torch.testing.assert_close(entry.gradient(outputs.detach(), targets), expected, **tolerances.DERIVATIVE)


@EVERY
def test_a_sample_knows_nothing_of_the_others(entry, case):
    outputs, targets = case
    together = entry.value(outputs, targets)
    assert together.shape == (4, 7)
    for point in range(4):
        for sample in range(7):
            alone = entry.value(outputs[point, :, sample : sample + 1], targets[:, sample : sample + 1])
            torch.testing.assert_close(alone[0], together[point, sample], rtol=1e-15, atol=0)


@EVERY
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_precision_is_kept(entry, case, dtype):
    outputs, targets = (tensor.to(dtype) for tensor in case)
    assert entry.value(outputs, targets).dtype == entry.gradient(outputs, targets).dtype == dtype


@EVERY
def test_never_negative(entry, case):
    assert (entry.value(*case) >= 0).all()


def test_squared_error_is_equation_9():
    """½ Σ (t − y)² over the outputs, without another factor."""
    outputs = torch.tensor([[1.0, 0.0], [0.5, 0.0], [-2.0, 0.0]], dtype=torch.float64)
    targets = torch.tensor([[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]], dtype=torch.float64)
    assert LOSSES["mse"].value(outputs, targets).tolist() == [0.5 * (1 + 0.25 + 4), 0.5]
