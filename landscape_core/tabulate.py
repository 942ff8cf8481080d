"""The sample table: the loss of every sample and its slopes, at every point. Differentiate once, sample for ever.

A mini-batch loss is a mean of per-sample losses, and a mini-batch slope a mean of per-sample slopes. So the network is
evaluated once a point; every batch, every draw, every moment and every direction in the plane follow by indexing.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor
from torch.func import jvp

from landscape_core import devices
from landscape_core.errors import BudgetError, LandscapeError
from landscape_core.problem import Linearised, PerSampleLoss

logger = logging.getLogger(__name__)

CHUNK_VALUES = 15_000
"""Points × samples evaluated at a time on a CPU: about 100 points of Iris, whose intermediates stay in cache."""

ACCELERATOR_CHUNK_VALUES = 1_500_000
"""As `CHUNK_VALUES`, on cuda and mps, where large kernels pay."""

MAX_TABLE_BYTES = 4 * 2**30
"""The largest sample table that is made unless a caller allows more."""

Progress = Callable[[int, int], None]
"""Called with (done, total) between chunks; an exception raised in it stops the work."""


@dataclass(frozen=True, eq=False)
class SampleTable:
    """Per-sample losses and slopes at G points.

    A point where anything is not finite is NaN throughout: a hole, not a number.

    Attributes:
        loss: ℓₙ at each point, (G, N).
        slopes: ∇ℓₙ·d1 and ∇ℓₙ·d2 at each point, (G, N) each; empty if only losses were asked for.
    """

    loss: Float[Tensor, "G N"]
    slopes: tuple[Float[Tensor, "G N"], ...]

    def slope(self, direction: Float[ndarray, "*G 2"]) -> Float[Tensor, "G N"]:
        """Per-sample slope along a unit direction in the plane: cos θ · ∇ℓ·d1 + sin θ · ∇ℓ·d2, exactly.

        Args:
            direction: (cos θ, sin θ), either one for all points (2,) or one for each (G, 2).
        """
        first, second = self.slopes
        turn = torch.as_tensor(direction, dtype=first.dtype, device=first.device)
        return (first * turn[..., 0, None]).add_(second * turn[..., 1, None])

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return sum(tensor.nbytes for tensor in (self.loss, *self.slopes))


def table_bytes(points: int, samples: int, directions: int, dtype: torch.dtype) -> int:
    """Memory of a table with the loss and that many slopes, in bytes."""
    return points * samples * (1 + directions) * dtype.itemsize


def check_budget(needed: int, limit: int = MAX_TABLE_BYTES) -> None:
    """Refuse a table that is too large, before anything is allocated.

    Raises:
        BudgetError: More bytes are needed than allowed.
    """
    if needed > limit:
        raise BudgetError(needed, limit, "bytes of sample table", "Lower the resolution or the points on a line.")


def chunk_points(device: str, samples: int) -> int:
    """Points evaluated at a time, on a device of type cpu, cuda or mps."""
    return max(1, (CHUNK_VALUES if device == "cpu" else ACCELERATOR_CHUNK_VALUES) // samples)


def tabulate(
    loss: PerSampleLoss,
    start: Float[ndarray, "P"],
    directions: Float[ndarray, "2 P"],
    coordinates: Float[ndarray, "G 2"],
    *,
    samples: int,
    dtype: torch.dtype = torch.float64,
    device: torch.device | str = "cpu",
    slopes: bool = True,
    limit: int = MAX_TABLE_BYTES,
    progress: Progress | None = None,
) -> SampleTable:
    """Evaluate every sample at x0 + a d1 + b d2 for every pair of coordinates (a, b).

    Args:
        loss: The per-sample loss. One that is `Linearised` gives its own slopes; any other pure function is
            differentiated by forward-mode automatic differentiation.
        start: x0.
        directions: d1 and d2, unit and perpendicular.
        coordinates: (a, b) of each point.
        samples: N, the number of losses that `loss` returns for a point.
        dtype: Precision of the arithmetic.
        device: Where the arithmetic runs and the table is kept.
        slopes: Whether to tabulate the slopes along d1 and d2 too.
        limit: Most bytes that the table may take.
        progress: Called between chunks with the points done and the points in all.

    Where memory runs out, smaller chunks of points are evaluated; sums may then differ in their last bits.

    Raises:
        BudgetError: The table would be larger than `limit`.
        LandscapeError: The loss does not give one value for each point and sample.
    """
    count = len(coordinates)
    along = len(directions) if slopes else 0
    check_budget(table_bytes(count, samples, along, dtype), limit)
    device = torch.device(device)
    origin, span, where = (
        torch.as_tensor(array, dtype=dtype, device=device) for array in (start, directions, coordinates)
    )
    columns = [torch.empty(count, samples, dtype=dtype, device=device) for _ in range(1 + along)]
    chunk = chunk_points(device.type, samples)
    # no_grad, not inference_mode: tables outlive this call and tensors made in inference mode carry restrictions
    with torch.no_grad():
        begin = 0
        while begin < count:
            part = slice(begin, min(begin + chunk, count))
            try:
                theta = origin + where[part] @ span
                values, derivatives = _evaluate(loss, theta, span[:along])
            except Exception as problem:
                if chunk == 1 or not devices.out_of_memory(problem):
                    raise
                chunk //= 2
                logger.warning("out of memory; chunks of %s points from here on", chunk)
                continue
            if values.shape != (len(theta), samples):  # else it would be broadcast into place, silently
                raise LandscapeError(
                    f"the loss gave values of shape {tuple(values.shape)} at {len(theta)} points of {samples} samples; "
                    f"it must give {(len(theta), samples)}"
                )
            for column, found in zip(columns, (values, *derivatives), strict=True):
                column[part] = found
            # a sum is finite only if all its terms are, and cheaper to ask
            if not torch.stack([column[part].sum() for column in columns]).isfinite().all():
                finite = torch.stack([column[part].isfinite().all(-1) for column in columns]).all(0)
                for column in columns:
                    column[part][~finite] = math.nan
            begin = part.stop
            if progress is not None:
                progress(begin, count)
    return SampleTable(columns[0], tuple(columns[1:]))


def _evaluate(
    loss: PerSampleLoss, theta: Float[Tensor, "G P"], directions: Float[Tensor, "K P"]
) -> tuple[Float[Tensor, "G N"], list[Float[Tensor, "G N"]]]:
    if not len(directions):
        return loss(theta), []
    if isinstance(loss, Linearised):
        return loss.loss_and_slopes(theta, directions)
    pairs = [jvp(loss, (theta,), (direction.expand_as(theta),))[:2] for direction in directions]
    return pairs[0][0], [slope for _, slope in pairs]


def holes(table: SampleTable) -> int:
    """How many points are not finite."""
    return int(np.count_nonzero(table.loss[:, 0].isnan().cpu().numpy()))
