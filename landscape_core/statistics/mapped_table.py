"""A sample table in a temporary file, for a network whose table memory does not hold and that takes long to ask again."""

from __future__ import annotations

import errno
import logging
import shutil
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
import torch
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from landscape_core.problems.problem import Problem
from landscape_core.statistics.sample_table import SampleTable
from landscape_core.statistics.workload import estimate_seconds

logger = logging.getLogger(__name__)

SECONDS_A_BYTE = 13e-9
"""What it takes to write a byte of a table and to read it when the system has dropped it: 3 and 9.5 ns were measured."""

WORTH = 4
"""How many times as long the network must take as the file."""

DISK_LEFT = 2**30
"""Bytes of the disk that are left to others."""

COLUMNS = 3
"""Loss and slopes along d1 and d2."""


@dataclass(frozen=True)
class Scratch:
    """Where tables may be kept in files.

    Attributes:
        folder: Where the files are made; they have no name in it while they are in use.
        limit: Most bytes of the tables of one study.
    """

    folder: Path
    limit: int

    def takes(self, needed: int) -> bool:
        """Whether tables of so many bytes may be kept here, and the disk has room for them."""
        try:
            return needed <= min(self.limit, shutil.disk_usage(self.folder).free - DISK_LEFT)
        except OSError:
            return False


def is_costly(problem: Problem, kept: torch.dtype) -> bool:
    """Whether a problem takes so long that its losses and slopes are better read from a file; counted, not timed."""
    return estimate_seconds(problem) > WORTH * SECONDS_A_BYTE * COLUMNS * kept.itemsize


class Mapped:
    """A table in a file without a name, (G, 3, N), so that neighbouring points are one run of bytes.

    The file goes with the object, and with the process, however that ends. Only the part that is looked at is mapped, and
    no longer than it takes to copy it.
    """

    def __init__(self, file: IO[bytes], shape: tuple[int, int, int], kept: torch.dtype, looks: Tensor) -> None:
        """Take over a file that holds a table.

        Args:
            file: Open for reading, without a name.
            shape: (G, 3, N).
            kept: Precision of the file.
            looks: Any tensor of the precision and on the device that parts shall have.
        """
        self._file, self._shape, self._looks = file, shape, looks
        self._closing = weakref.finalize(self, file.close)
        self._kept = np.dtype(str(kept).removeprefix("torch."))

    def __len__(self) -> int:
        """G."""
        return self._shape[0]

    def part(self, points: range) -> SampleTable:
        """The table of some neighbouring points."""
        shape, offset = (len(points), *self._shape[1:]), points.start * self._point_bytes
        mapped = np.memmap(self._file, self._kept, "r", offset, shape)
        # each column in one piece, as if it had been evaluated: sums over others may differ in their last bits
        loss, *slopes = (torch.from_numpy(np.array(mapped[:, column])).to(self._looks) for column in range(COLUMNS))
        return SampleTable(loss, tuple(slopes))

    @property
    def nbytes(self) -> int:
        """Bytes on disk."""
        return len(self) * self._point_bytes

    @property
    def _point_bytes(self) -> int:
        return self._shape[1] * self._shape[2] * self._kept.itemsize

    def close(self) -> None:
        """Delete the file."""
        self._closing()


def write_table(
    tabulate: Callable[[Float[ndarray, "C 2"], int], SampleTable],
    coordinates: Float[ndarray, "G 2"],
    size: int,
    problem: Problem,
    kept: torch.dtype,
    folder: Path,
) -> Mapped | None:
    """Make a table a block of points at a time, and write it into a file.

    Args:
        tabulate: (coordinates of a block, number of points before it) → its table in the precision that is kept.
        coordinates: (a, b) of each point.
        size: Points of a block, a multiple of a chunk.
        problem: Whose table it is.
        kept: Precision that is kept.
        folder: Where the file is made.

    Returns:
        The table; None if the file cannot be made or the disk is full.
    """
    shape = len(coordinates), COLUMNS, problem.samples
    try:
        # unlinked at once on POSIX, on Windows when it is closed
        file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115  the table closes it
    except OSError as error:
        logger.warning("no file for a sample table in %s: %s", folder, error)
        return None
    try:
        for begin in range(0, len(coordinates), size):
            table = tabulate(coordinates[begin : begin + size], begin)
            block = torch.stack([table.loss, *table.slopes], dim=1).cpu().numpy()
            # written, not mapped: on a full disk this is an error, and not the end of the process
            file.write(block.data)
        file.flush()
    except BaseException as error:
        file.close()
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            logger.warning("no room for a sample table in %s: %s", folder, error)
            return None
        raise
    return Mapped(file, shape, kept, torch.empty(0, dtype=problem.dtype, device=problem.device))
