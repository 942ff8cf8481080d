"""Per-sample losses of the network's outputs.

To add a loss, add one entry to `LOSSES`. A loss must be a term of one sample: what couples the samples of a batch does
not fit a sample table. Each is summed over the outputs and averaged over the samples.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Integer
from numpy import ndarray
from torch import Tensor
from torch.nn import functional

from landscape_core.errors import ProblemError
from landscape_core.problems.registry import Entry, register

SMOOTHING = 0.1
"""How much of each label the smoothed cross-entropy spreads over all classes."""

HUBER_DELTA = 1.0
"""The error at which the Huber loss goes over from a square to a line."""


CLASSES = "probabilities of at least two classes that add up to 1 for each sample, or a single 1 for its class"


@dataclass(frozen=True)
class Loss(Entry):
    """One loss.

    Attributes:
        source: Where its normalisation comes from.
        value: outputs (..., O, N), targets (O, N) → (..., N).
        gradient: The derivative of `value` by the outputs, (..., O, N).
        targets: Which targets it takes, as a phrase.
        accepts: Whether it takes these targets, (O, N).
    """

    source: str
    value: Callable[[Tensor, Tensor], Tensor]
    gradient: Callable[[Tensor, Tensor], Tensor]
    targets: str = "numbers"
    accepts: Callable[[Tensor], bool] = lambda targets: bool(targets.isfinite().all())

    @property
    def takes_classes(self) -> bool:
        """Whether its targets say to which class a sample belongs."""
        return self.targets == CLASSES


def _half_squared_error(outputs: Tensor, targets: Tensor) -> Tensor:
    error = outputs - targets
    return 0.5 * (error * error).sum(-2)


def _smooth(targets: Float[Tensor, "O N"], smoothing: float) -> Float[Tensor, "O N"]:
    return targets if not smoothing else (1.0 - smoothing) * targets + smoothing / len(targets)


def cross_entropy(
    smoothing: float = 0.0,
) -> tuple[Callable[[Tensor, Tensor], Tensor], Callable[[Tensor, Tensor], Tensor]]:
    """−Σ t′ log softmax(y) and its gradient, with t′ = (1 − ε) t + ε / O.

    Args:
        smoothing: ε.
    """

    def value(outputs: Tensor, targets: Tensor) -> Tensor:
        return -(_smooth(targets, smoothing) * functional.log_softmax(outputs, -2)).sum(-2)

    def gradient(outputs: Tensor, targets: Tensor) -> Tensor:
        return functional.softmax(outputs, -2) - _smooth(targets, smoothing)

    return value, gradient


def _are_probabilities(targets: Tensor) -> bool:
    return bool(((targets >= 0.0) & (targets <= 1.0)).all())


def _are_distributions(targets: Tensor) -> bool:
    return _are_probabilities(targets) and len(targets) > 1 and bool(((targets.sum(0) - 1.0).abs() < 1e-5).all())


def _of_elements(function: Callable[..., Tensor], **options: float | bool) -> Callable[[Tensor, Tensor], Tensor]:
    """One of torch's element-wise losses, summed over the outputs."""
    return lambda outputs, targets: function(outputs, targets.expand_as(outputs), reduction="none", **options).sum(-2)


LOSSES: dict[str, Loss] = register(
    Loss(
        "mse",
        "½ ‖t − y‖², averaged over the samples",
        "Kafka & Wilke (2019), Eq. 9",
        _half_squared_error,
        lambda outputs, targets: outputs - targets,
    ),
    Loss(
        "cross_entropy",
        "Cross-entropy: −Σ t log softmax(y)",
        "torch.nn.CrossEntropyLoss",
        *cross_entropy(),
        CLASSES,
        _are_distributions,
    ),
    Loss(
        "smoothed_cross_entropy",
        f"Cross-entropy, labels smoothed by {SMOOTHING:g}",
        f"torch.nn.CrossEntropyLoss(label_smoothing={SMOOTHING:g})",
        *cross_entropy(SMOOTHING),
        CLASSES,
        _are_distributions,
    ),
    Loss(
        "binary_cross_entropy",
        "Binary cross-entropy: log(1 + eʸ) − t y, summed over the outputs",
        "torch.nn.BCEWithLogitsLoss, which averages over several outputs",
        _of_elements(functional.binary_cross_entropy_with_logits),
        lambda outputs, targets: torch.sigmoid(outputs) - targets,
        "numbers from 0 to 1",
        _are_probabilities,
    ),
    Loss(
        "huber",
        f"Huber: ½ (t − y)² up to {HUBER_DELTA:g}, then a line; summed over the outputs",
        "torch.nn.HuberLoss, which averages over several outputs",
        _of_elements(functional.huber_loss, delta=HUBER_DELTA),
        lambda outputs, targets: (outputs - targets).clamp_(-HUBER_DELTA, HUBER_DELTA),
    ),
    Loss(
        "l1",
        "Absolute error: |t − y|, summed over the outputs",
        "torch.nn.L1Loss, which averages over several outputs",
        lambda outputs, targets: (outputs - targets).abs().sum(-2),
        lambda outputs, targets: (outputs - targets).sign_(),
    ),
    Loss(
        "poisson",
        "Poisson: eʸ − t y, summed over the outputs",
        "torch.nn.PoissonNLLLoss, which averages over several outputs",
        _of_elements(functional.poisson_nll_loss),
        lambda outputs, targets: outputs.exp() - targets,
        "counts: numbers from 0 upwards",
        lambda targets: bool((targets.isfinite() & (targets >= 0.0)).all()),
    ),
)


def encode_classes(labels: Integer[ndarray, "N"], classes: int | None = None) -> Float[ndarray, "N O"]:
    """One-hot targets of class numbers.

    >>> encode_classes(np.array([1, 0])).tolist()
    [[0.0, 1.0], [1.0, 0.0]]

    Args:
        labels: From 0.
        classes: O; without it one more than the largest label.

    Raises:
        ProblemError: A label is not one of 0 to O − 1.
    """
    count = int(labels.max()) + 1 if classes is None else classes
    if labels.min() < 0 or labels.max() >= count:
        raise ProblemError(f"class numbers must lie in 0 … {count - 1}; there are {labels.min()} … {labels.max()}")
    return np.eye(count)[labels]
