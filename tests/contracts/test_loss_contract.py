"""What every loss keeps to."""

import numpy as np
import pytest
import tolerances
import torch

from landscape_core import ProblemError
from landscape_core.problems.losses import LOSSES, encode_classes

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


STOCK = {
    "mse": (torch.nn.MSELoss, 0.5 * 3),  # torch averages over the outputs too
    "cross_entropy": (torch.nn.CrossEntropyLoss, 1),
    "smoothed_cross_entropy": (lambda: torch.nn.CrossEntropyLoss(label_smoothing=0.1), 1),
    "binary_cross_entropy": (torch.nn.BCEWithLogitsLoss, 3),
    "huber": (torch.nn.HuberLoss, 3),
    "l1": (torch.nn.L1Loss, 3),
    "poisson": (torch.nn.PoissonNLLLoss, 3),
}


@EVERY
@pytest.mark.parametrize("size", [1.0, 100.0])
def test_value_is_that_of_the_stock_module(entry, case, size):
    """One sample at a time; large outputs too, where a softmax of its own would overflow."""
    outputs, targets = size * case[0], case[1]
    if entry.name == "poisson":
        outputs = case[0]
    module, factor = STOCK[entry.name][0](), STOCK[entry.name][1]
    found = entry.value(outputs, targets)
    for point in range(4):
        for sample in range(7):
            alone = module(outputs[point, :, sample][None], targets[:, sample][None])
            torch.testing.assert_close(found[point, sample], factor * alone, rtol=1e-14, atol=1e-14)


def test_probabilities_as_targets_of_a_cross_entropy(case):
    outputs, _ = case
    targets = torch.softmax(outputs[1] - outputs[2], 0)
    for name in ("cross_entropy", "smoothed_cross_entropy"):
        stock = torch.nn.CrossEntropyLoss(reduction="none", label_smoothing=0.1 if name.startswith("smoothed") else 0.0)
        torch.testing.assert_close(
            LOSSES[name].value(outputs[0], targets), stock(outputs[0].T, targets.T), rtol=1e-14, atol=0
        )


def test_all_terms_of_a_softmax_without_parameters_are_equal_to_the_last_bit(case):
    outputs, targets = case
    assert len(LOSSES["cross_entropy"].value(0 * outputs, targets).unique()) == 1


@pytest.mark.parametrize(
    ("name", "targets", "accepted"),
    [
        ("cross_entropy", [[0.0, 1.0], [1.0, 0.0]], True),
        ("cross_entropy", [[0.0, 1.0], [1.0, 1.0]], False),
        ("cross_entropy", [[1.0, 1.0]], False),
        ("binary_cross_entropy", [[0.0, 0.3]], True),
        ("binary_cross_entropy", [[-1.0, 1.0]], False),
        ("poisson", [[0.0, 12.0]], True),
        ("poisson", [[-1.0, 12.0]], False),
        ("l1", [[-1.0, 12.0]], True),
        ("l1", [[float("nan"), 12.0]], False),
    ],
)
def test_targets_that_are_accepted(name, targets, accepted):
    assert LOSSES[name].accepts(torch.tensor(targets)) == accepted


@pytest.mark.parametrize("labels", [[-1, 0], [0, 3]])
def test_class_numbers_out_of_range_are_refused(labels):
    with pytest.raises(ProblemError, match=r"^class numbers must lie in 0 … 2; there are "):
        encode_classes(np.array(labels), 3)


@EVERY
def test_never_negative(entry, case):
    assert (entry.value(*case) >= 0).all()


def test_squared_error_is_equation_9():
    """½ Σ (t − y)² over the outputs, without another factor."""
    outputs = torch.tensor([[1.0, 0.0], [0.5, 0.0], [-2.0, 0.0]], dtype=torch.float64)
    targets = torch.tensor([[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]], dtype=torch.float64)
    assert LOSSES["mse"].value(outputs, targets).tolist() == [0.5 * (1 + 0.25 + 4), 0.5]
