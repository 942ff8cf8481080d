"""The sample table: the loss of every sample and its slopes, at every point. Differentiate once, sample for ever.

A mini-batch loss is a mean of per-sample losses, and a mini-batch slope a mean of per-sample slopes. So the network is
evaluated once a point; every batch, every draw, every moment and every direction in the plane follow by indexing.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from landscape_core import devices
from landscape_core.errors import LandscapeError, check_budget
from landscape_core.problems.differentiation import differentiate_samples
from landscape_core.problems.problem import Linearised, LossesOnPlane, PerSampleLoss, Planar
from landscape_core.sampling.minibatches import SPARSE_SAMPLES
from landscape_core.statistics.moments import SIGN_ROWS_AT_A_TIME

logger = logging.getLogger(__name__)

CHUNK_VALUES = 15_000
"""Points × samples evaluated at a time on a CPU: about 100 points of Iris, whose intermediates stay in cache."""

ACCELERATOR_CHUNK_VALUES = 1_500_000
"""As `CHUNK_VALUES`, on cuda and mps, where large kernels pay."""

BLOCK_VALUES = 2**21
"""Points × samples that statistics are made of at a time: 50 MB of losses and slopes."""

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

    def __len__(self) -> int:
        """G."""
        return len(self.loss)

    def part(self, points: range) -> SampleTable:
        """The table of some neighbouring points."""
        rows = slice(points.start, points.stop)
        return SampleTable(self.loss[rows], tuple(slope[rows] for slope in self.slopes))

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return sum(tensor.nbytes for tensor in (self.loss, *self.slopes))


@runtime_checkable
class Tabulated(Protocol):
    """Points that have a sample table, which may be made only when a part is wanted."""

    def __len__(self) -> int:
        """G."""

    def part(self, points: range) -> SampleTable:
        """The table of some neighbouring points, which begin with a chunk."""


@dataclass(frozen=True, eq=False)
class Compact:
    """A table that is kept in a lower precision than it is looked at in.

    Attributes:
        table: As it is kept.
        dtype: Precision of its parts.
    """

    table: SampleTable
    dtype: torch.dtype

    def __len__(self) -> int:
        """G."""
        return len(self.table)

    def part(self, points: range) -> SampleTable:
        """The table of some neighbouring points."""
        found = self.table.part(points)
        return SampleTable(found.loss.to(self.dtype), tuple(slope.to(self.dtype) for slope in found.slopes))

    @property
    def nbytes(self) -> int:
        """Memory held, in bytes."""
        return self.table.nbytes


def block_points(samples: int) -> int:
    """Points whose tables are looked at together, so that they are not long in memory.

    Where sums of mini-batches are products of dense matrices, whose last bits may depend on their size, whole ones.
    """
    points, whole = max(1, BLOCK_VALUES // samples), SIGN_ROWS_AT_A_TIME if samples <= SPARSE_SAMPLES else 40
    return points // whole * whole or points


def table_bytes(points: int, samples: int, directions: int, dtype: torch.dtype) -> int:
    """Memory of a table with the loss and that many slopes, in bytes."""
    return points * samples * (1 + directions) * dtype.itemsize


def chunk_points(device: str, samples: int) -> int:
    """Points evaluated at a time, on a device of type cpu, cuda or mps."""
    return round_chunk((CHUNK_VALUES if device == "cpu" else ACCELERATOR_CHUNK_VALUES) / samples)


def round_chunk(points: float | int) -> int:
    """The largest chunk up to a number of points that whole blocks are made of: a multiple of 1,000, or a part of it.

    >>> [round_chunk(points) for points in (0.3, 9.9, 100, 999, 3500)]
    [1, 8, 100, 500, 3000]
    """
    if points >= 1_000:
        return int(points) // 1_000 * 1_000
    return max([1, *(part for part in range(2, int(points) + 1) if 1_000 % part == 0)])


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
    chunk: int | None = None,
    keep: torch.dtype | None = None,
    progress: Progress | None = None,
) -> SampleTable:
    """Evaluate every sample at x0 + a d1 + b d2 for every pair of coordinates (a, b).

    Args:
        loss: The per-sample loss. One that is `Linearised` gives its own slopes; any other pure function is
            differentiated automatically.
        start: x0.
        directions: d1 and d2, unit and perpendicular.
        coordinates: (a, b) of each point.
        samples: N, the number of losses that `loss` returns for a point.
        dtype: Precision of the arithmetic.
        device: Where the arithmetic runs and the table is kept.
        slopes: Whether to tabulate the slopes along d1 and d2 too.
        limit: Most bytes that the table may take.
        chunk: Points that are evaluated at a time; None for `chunk_points`.
        keep: Precision in which the table is kept; None for that of the arithmetic.
        progress: Called between chunks with the points done and the points in all.

    Where memory runs out, smaller chunks of points are evaluated; sums may then differ in their last bits.

    Raises:
        BudgetError: The table would be larger than `limit`.
        LandscapeError: The loss does not give one value for each point and sample.
    """
    count = len(coordinates)
    along = len(directions) if slopes else 0
    needed = table_bytes(count, samples, along, keep or dtype)
    check_budget(needed, limit, "bytes of sample table", "Lower the resolution or the points on a line.")
    device = torch.device(device)
    origin, span, where = (
        torch.as_tensor(array, dtype=dtype, device=device) for array in (start, directions, coordinates)
    )
    columns = [torch.empty(count, samples, dtype=keep or dtype, device=device) for _ in range(1 + along)]
    chunk = chunk or chunk_points(device.type, samples)
    evaluate = _prepare(loss, origin, span) if slopes else (lambda own: (loss(origin + own @ span), []))
    # no_grad, not inference_mode: tables outlive this call and tensors made in inference mode carry restrictions
    with torch.no_grad():
        begin = 0
        while begin < count:
            part = slice(begin, min(begin + chunk, count))
            try:
                own = where[part]
                values, derivatives = evaluate(own)
            except Exception as error:
                if chunk == 1 or not devices.is_out_of_memory(error):
                    raise
                chunk //= 2
                logger.warning("out of memory; chunks of %s points from here on", chunk)
                continue
            if values.shape != (len(own), samples):  # else it would be broadcast into place, silently
                raise LandscapeError(
                    f"the loss gave values of shape {tuple(values.shape)} at {len(own)} points of {samples} samples; "
                    f"it must give {(len(own), samples)}"
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


def _prepare(loss: PerSampleLoss, start: Float[Tensor, "P"], span: Float[Tensor, "K P"]) -> LossesOnPlane:
    """What evaluates a loss at points of a plane, by their coordinates."""
    prepared = loss.on_plane(start, span) if isinstance(loss, Planar) else None
    return prepared or (lambda coordinates: _evaluate(loss, start + coordinates @ span, span))


def _evaluate(
    loss: PerSampleLoss, theta: Float[Tensor, "G P"], directions: Float[Tensor, "K P"]
) -> tuple[Float[Tensor, "G N"], list[Float[Tensor, "G N"]]]:
    if isinstance(loss, Linearised):
        return loss.loss_and_slopes(theta, directions)
    return differentiate_samples(loss, theta, directions)
