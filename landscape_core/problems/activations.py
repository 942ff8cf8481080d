"""Activation functions: the paper's six in its two classes, saturation and sparsity, and others in common use.

Each entry is a pair of element-wise functions: the activation and its derivative. The derivative is written from the
input `z` and the value `y` already at hand, in few passes over memory, which is cheaper than any automatic derivative; a
contract test holds every pair against automatic differentiation. To add an activation, add one entry to `ACTIVATIONS`;
which of them are the paper's says `landscape_core.paper.published.PAPER_ACTIVATIONS`. PReLU is not among them: its slope is
a parameter to be learnt, and with a fixed slope it is a leaky ReLU.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from landscape_core.problems.registry import Entry, register

LEAKY_SLOPE = 0.01
ELU_ALPHA = 1.0

SOFTPLUS_LINEAR = 40.0
"""Beyond it log(1 + eᶻ) is z to the last bit. Torch's own default of 20 makes a jump of 2e-9."""


@dataclass(frozen=True)
class Activation(Entry):
    """One activation function.

    Attributes:
        family: "saturation" (bounded) or "sparsity" (the ReLU kin), after the paper's Section 4; "none" for the identity
            and for functions that the paper does not classify.
        formula: The function in one line of text.
        value: z → y, element-wise, any shape.
        derivative: (z, y) → dy/dz, element-wise.
    """

    family: Literal["saturation", "sparsity", "none"]
    formula: str
    value: Callable[[Tensor], Tensor]
    derivative: Callable[[Tensor, Tensor], Tensor]


def _differentiate_silu(z: Tensor, y: Tensor) -> Tensor:
    """σ + y (1 − σ) with σ the sigmoid of z."""
    sigmoid = torch.sigmoid(z)
    return torch.addcmul(sigmoid, y, 1.0 - sigmoid)


ACTIVATIONS: dict[str, Activation] = register(
    Activation("sigmoid", "Sigmoid", "saturation", "1 / (1 + e⁻ᶻ)", torch.sigmoid, lambda _, y: (1.0 - y).mul_(y)),
    Activation(
        "tanh",
        "Tanh",
        "saturation",
        "tanh z",
        torch.tanh,
        lambda _, y: torch.addcmul(y.new_ones(()), y, y, value=-1.0),
    ),
    Activation(
        "softsign",
        "Softsign",
        "saturation",
        "z / (1 + |z|)",
        lambda z: z / z.abs().add_(1.0),
        lambda z, _: z.abs().add_(1.0).square_().reciprocal_(),
    ),
    Activation("relu", "ReLU", "sparsity", "max(0, z)", torch.relu, lambda _, y: y.sign()),
    Activation(
        "leaky_relu",
        "Leaky ReLU",
        "sparsity",
        f"z for z > 0, else {LEAKY_SLOPE} z",
        lambda z: torch.nn.functional.leaky_relu(z, LEAKY_SLOPE),
        lambda z, _: z.sign().clamp_(min=LEAKY_SLOPE),  # ten times faster than torch.where
    ),
    Activation(
        "elu",
        "ELU",
        "sparsity",
        "z for z > 0, else eᶻ − 1",
        lambda z: torch.nn.functional.elu(z, ELU_ALPHA),
        lambda _, y: y.clamp(max=0.0).add_(ELU_ALPHA),
    ),
    Activation(
        "gelu",
        "GELU",
        "none",
        "z Φ(z), Φ the normal distribution function",
        torch.nn.functional.gelu,
        lambda z, _: torch.special.ndtr(z).addcmul_(z, (z * z).mul_(-0.5).exp_(), value=1.0 / math.sqrt(2.0 * math.pi)),
    ),
    Activation("silu", "SiLU", "none", "z / (1 + e⁻ᶻ)", torch.nn.functional.silu, _differentiate_silu),
    Activation(
        "softplus",
        "Softplus",
        "none",
        "log(1 + eᶻ)",
        lambda z: torch.nn.functional.softplus(z, threshold=SOFTPLUS_LINEAR),
        lambda z, _: torch.sigmoid(z),
    ),
    Activation(
        "relu6",
        "ReLU6",
        "none",
        "min(max(0, z), 6)",
        torch.nn.functional.relu6,
        lambda _, y: ((y > 0.0) & (y < 6.0)).to(y.dtype),
    ),
)

IDENTITY = Activation("linear", "Linear", "none", "z", lambda z: z, lambda z, _: torch.ones_like(z))
