"""The lines of a race: every sample of the network at any position, and the optima of the full batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Integer
from numpy import ndarray
from torch import Tensor

from landscape_core.comparison.race_spec import RaceSpec
from landscape_core.geometry import grid
from landscape_core.sampling.minibatches import SPARSE_SAMPLES
from landscape_core.statistics import moments, optima
from landscape_core.statistics.sample_table import SampleTable, block_points
from landscape_core.study.plane import Plane, build_plane

FINE_POINTS = 2_001
"""Points of the line on which the full batch is looked at."""

HALVINGS = 50
"""Bisections by which a true optimum is located between two of these points."""


@dataclass(frozen=True, eq=False)
class RaceLine:
    """A line of a race: means and mini-batches at any positions on it, a block of positions at a time.

    Attributes:
        plane: The plane that it is in.
        unit: Its direction, in coordinates of the plane.
    """

    plane: Plane
    unit: Float[ndarray, "2"]

    def full_batch(self, positions: Float[ndarray, "G"]) -> tuple[Float[ndarray, "G"], Float[ndarray, "G"]]:
        """Loss and slope of the full batch; as everywhere in a race, the slope is per unit of the positions."""
        blocks = [tuple(values.mean(-1) for values in block) for _, block in self._tabulate(positions)]
        loss, slope = (np.concatenate(values) for values in zip(*blocks, strict=True))
        return loss, slope

    def pick(
        self, positions: Float[ndarray, "G"], batches: Integer[ndarray, "G B"]
    ) -> tuple[Float[ndarray, "G B"], Float[ndarray, "G B"]]:
        """Loss and slope of the samples of a mini-batch at each position.

        Many searches ask for the same position, where the network is evaluated once.
        """
        found = np.empty((2, *batches.shape))
        if self.plane.problem.samples > SPARSE_SAMPLES:  # most samples would be evaluated for nothing
            for rows in np.unique(batches, axis=0):
                here = np.flatnonzero((batches == rows).all(1))
                few = replace(self.plane, problem=self.plane.problem.select(rows))
                table = few.table(positions[here, None] * self.unit, chunk=len(here))
                for values, some in zip(found, self._read(table), strict=True):
                    values[here] = moments.to_numpy(some)
            return found[0], found[1]
        places, back = np.unique(positions, return_inverse=True)
        for part, block in self._tabulate(places):
            here = np.flatnonzero((back >= part.start) & (back < part.stop))
            for values, own in zip(found, block, strict=True):
                values[here] = own[back[here, None] - part.start, batches[here]]
        return found[0], found[1]

    def _read(self, table: SampleTable) -> tuple[Tensor, Tensor]:
        """Loss and slope; searches take a slope for the derivative by their step, so it is per unit of the axes here."""
        return table.loss, table.slope(self.unit) * self.plane.scale

    def _tabulate(
        self, positions: Float[ndarray, "G"]
    ) -> Iterator[tuple[range, tuple[Float[ndarray, "C N"], Float[ndarray, "C N"]]]]:
        """Loss and slope of every sample, for some of the positions at a time.

        Positions are filled up to whole chunks: in matrix products of another size the last bit of a number could depend
        on what else is asked for.
        """
        chunk, size = self.plane.chunk, block_points(self.plane.problem.samples)
        for begin in range(0, len(positions), size):
            part = range(begin, min(begin + size, len(positions)))
            filled = np.resize(positions[begin : part.stop], -(-len(part) // chunk) * chunk)
            table = self.plane.table(filled[:, None] * self.unit)
            loss, slope = (moments.to_numpy(values)[: len(part)] for values in self._read(table))
            yield part, (loss.astype(np.float64), slope.astype(np.float64))


def make_lines(spec: RaceSpec, device: str) -> list[RaceLine]:
    """The lines of a race.

    Raises:
        SpecError: The device is not there.
        NumericalError: The start point has no usable directions.
    """
    plane = build_plane(spec.base, device)
    return [RaceLine(plane, grid.unit(angle)) for angle in spec.angles]


def compute_full_batch(spec: RaceSpec, lines: Sequence[RaceLine]) -> dict[str, ndarray]:
    """The full batch along each line, and its optima, by the names of a result's fields."""
    positions = np.linspace(spec.origin, spec.base.range, FINE_POINTS)
    loss, slope, lowest = [], [], []
    found: list[ndarray] = []
    for line in lines:
        line_loss, line_slope = line.full_batch(positions)
        after = np.flatnonzero(optima.nngpps(line_slope))
        low, high = positions[after - 1], positions[after]
        for _ in range(HALVINGS if len(after) else 0):
            middle = (low + high) / 2
            descends = line.full_batch(middle)[1] < 0
            low, high = np.where(descends, middle, low), np.where(descends, high, middle)
        at_optima = line.full_batch(high)[0] if len(high) else high
        found.append(high)
        loss.append(line_loss)
        slope.append(line_slope)
        known = np.concatenate([line_loss, at_optima])
        lowest.append(np.nanmin(known) if np.isfinite(known).any() else np.nan)
    return {
        "positions": positions,
        "line_loss": np.stack(loss),
        "line_slope": np.stack(slope),
        "optima": np.concatenate(found),
        "optima_line": np.repeat(np.arange(len(lines), dtype=np.int32), [len(one) for one in found]),
        "lowest": np.array(lowest),
    }
