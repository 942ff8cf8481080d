"""Per-sample losses of the network's outputs.

To add a loss, add one entry to `LOSSES`. A loss must be a term of one sample: what couples the samples of a batch does
not fit a sample table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Loss:
    """One loss.

    Attributes:
        name: Key in the registry.
        label: What a reader sees.
        source: Where its normalisation comes from.
        value: outputs (..., O, N), targets (O, N) → (..., N).
        gradient: The derivative of `value` by the outputs, (..., O, N).
    """

    name: str
    label: str
    source: str
    value: Callable[[Tensor, Tensor], Tensor]
    gradient: Callable[[Tensor, Tensor], Tensor]


def _half_squared_error(outputs: Tensor, targets: Tensor) -> Tensor:
    error = outputs - targets
    return 0.5 * (error * error).sum(-2)


LOSSES: dict[str, Loss] = {
    entry.name: entry
    for entry in (
        Loss(
            "mse",
            "½ ‖t − y‖², averaged over the samples",
            "Kafka & Wilke (2019), Eq. 9",
            _half_squared_error,
            lambda outputs, targets: outputs - targets,
        ),
    )
}
