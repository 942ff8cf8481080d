"""Slopes of every sample along a few directions, by automatic differentiation of any per-sample loss.

Reverse mode twice: with v(θ) the losses and J their Jacobian, g(w) = Jᵀw is linear in w, so that the derivative of g(w)·d
by w is J d, whatever w is. At w = 1, g·d is the sum of the slopes of all samples, which is checked. That holds for
all points at once, since no point's losses depend on another point. Unlike torch's forward mode, whose nesting level is
a global of the process, it may run on several threads at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor
from torch.func import jvp

from landscape_core import devices
from landscape_core.errors import LandscapeError

Mode = Literal["reverse", "forward"]

FORWARD_MODE = threading.Lock()
"""Held while torch's forward mode runs: two threads in it give wrong numbers or errors."""


def differentiate_samples(
    loss: Callable[[Tensor], Tensor],
    theta: Float[Tensor, "G P"],
    directions: Float[Tensor, "K P"],
    mode: Mode = "reverse",
) -> tuple[Float[Tensor, "G N"], list[Float[Tensor, "G N"]]]:
    """Losses of all samples at each of the points, and for each direction their derivatives along it.

    Where a function in the loss has no second derivative in reverse mode, forward mode is used, one thread at a time.

    Args:
        loss: A pure function of points, (G, P) → (G, N).
        theta: The points.
        directions: The directions.
        mode: "forward" where reverse mode is known to give other slopes, as at the padding of an embedding.

    Raises:
        LandscapeError: The loss can be differentiated in neither way.
    """
    if mode == "forward":
        return loss(theta), _differentiate_forward(loss, theta, directions)
    with torch.enable_grad():
        points = theta.detach().requires_grad_()
        values = loss(points)
        if not values.requires_grad:  # a constant
            return values, [torch.zeros_like(values) for _ in directions]
        try:
            slopes = _differentiate_twice(values, points, directions)
        except RuntimeError as error:
            if devices.is_out_of_memory(error):
                raise
            slopes = _differentiate_forward(loss, theta, directions, error)
    return values.detach(), slopes


def _differentiate_twice(
    values: Float[Tensor, "G N"], points: Float[Tensor, "G P"], directions: Float[Tensor, "K P"]
) -> list[Float[Tensor, "G N"]]:
    weights = torch.ones_like(values, requires_grad=True)
    (pulled,) = torch.autograd.grad(values, points, weights, create_graph=True)
    slopes = []
    for direction in directions:
        (slope,) = torch.autograd.grad(pulled, weights, direction.expand_as(points), retain_graph=True)
        # a part of the loss that cannot be differentiated twice would be left out without a word
        missing = (pulled.detach() @ direction - slope.sum(-1)).abs()
        if (missing > torch.finfo(slope.dtype).eps ** 0.5 * slope.abs().sum(-1)).any():
            raise RuntimeError("a part of the loss cannot be differentiated twice")
        slopes.append(slope)
    return slopes


def _differentiate_forward(
    loss: Callable[[Tensor], Tensor],
    theta: Float[Tensor, "G P"],
    directions: Float[Tensor, "K P"],
    reason: RuntimeError | None = None,
) -> list[Float[Tensor, "G N"]]:
    try:
        with torch.no_grad(), FORWARD_MODE:
            return [jvp(loss, (theta,), (direction.expand_as(theta),))[1] for direction in directions]
    except RuntimeError as error:
        if devices.is_out_of_memory(error):
            raise
        before = "" if reason is None else f"in reverse mode {reason}; "
        raise LandscapeError(f"the loss has no slopes: {before}in forward mode {error}") from error
