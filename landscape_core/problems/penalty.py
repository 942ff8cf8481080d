"""A penalty on the parameters, λ/2 ‖θ‖², as one more term of every sample's loss."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import torch
from jaxtyping import Float, Integer
from numpy import ndarray
from torch import Tensor

from landscape_core.errors import ProblemError
from landscape_core.problems.problem import Problem


@dataclass(frozen=True, eq=False, repr=False)
class Penalised(Problem):
    """A problem whose every sample has the term λ/2 ‖θ‖² too, and so has their mean.

    Attributes:
        problem: The problem without the penalty.
        penalty: λ, at least 0.

    Raises:
        ProblemError: λ is negative or not finite.
    """

    problem: Problem
    penalty: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.penalty < float("inf"):
            raise ProblemError(f"the penalty on the parameters must be a number from 0; it is {self.penalty}")

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """Names and shapes of the parameters, in the order in which a flat vector holds them."""
        return self.problem.shapes

    @property
    def samples(self) -> int:
        """N."""
        return self.problem.samples

    @property
    def dtype(self) -> torch.dtype:
        """Precision of the arithmetic."""
        return self.problem.dtype

    @property
    def device(self) -> torch.device:
        """Where the data are and the arithmetic runs."""
        return self.problem.device

    @property
    def start(self) -> Float[ndarray, "P"] | None:
        """A start point of its own; None if start points are drawn."""
        return self.problem.start

    def filters(self) -> Integer[ndarray, "P"]:
        """Which filter each parameter belongs to; −1 for none."""
        return self.problem.filters()

    def __call__(self, theta: Float[Tensor, "G P"]) -> Float[Tensor, "G N"]:
        """Losses of all samples at each of the points."""
        return self.problem(theta) + self._term(theta)

    def loss_and_slopes(
        self, theta: Float[Tensor, "G P"], directions: Float[Tensor, "K P"]
    ) -> tuple[Float[Tensor, "G N"], list[Float[Tensor, "G N"]]]:
        """Losses, and for each direction d their derivatives along it, to which the penalty adds λ θ·d."""
        losses, slopes = self.problem.loss_and_slopes(theta, directions)
        along = self.penalty * (theta @ directions.T)
        return losses + self._term(theta), [
            slope + more[:, None] for slope, more in zip(slopes, along.unbind(1), strict=True)
        ]

    def select(self, rows: ndarray) -> Penalised:
        """The problem of some of the samples."""
        return replace(self, problem=self.problem.select(rows))

    def to(self, dtype: torch.dtype, device: torch.device) -> Penalised:
        """The same in another precision or on another device."""
        return replace(self, problem=self.problem.to(dtype, device))

    def identity(self) -> str:
        """Of the problem, and λ."""
        return f"{self.problem.identity()} {self.penalty!r}"

    def hash_data(self) -> str:
        """SHA-256 of the data; the penalty is no part of them."""
        return self.problem.hash_data()

    def describe(self) -> dict[str, Any]:
        """What the problem is, and λ."""
        return {**self.problem.describe(), "penalty": self.penalty}

    def _term(self, theta: Float[Tensor, "G P"]) -> Float[Tensor, "G 1"]:
        return (0.5 * self.penalty) * (theta * theta).sum(-1, keepdim=True)
