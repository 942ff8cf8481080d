"""Tiles: parts of a plane that is too large for one table, joined again bit for bit.

A tile is some rows of the plane. Its numbers are those of the undivided study because it evaluates the same chunks of
points (a product of matrices of another size may differ in its last bits) and draws the same mini-batches at them.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from pydantic import model_validator

from landscape_core import storage
from landscape_core.errors import LandscapeError, SpecError
from landscape_core.geometry import grid
from landscape_core.sampling.minibatches import SPARSE_SAMPLES
from landscape_core.statistics.moments import SIGN_ROWS_AT_A_TIME
from landscape_core.statistics.sample_table import chunk_points
from landscape_core.study import limits
from landscape_core.study.derived_spec import DerivedSpec
from landscape_core.study.limits import Progress
from landscape_core.study.plane import build_plane
from landscape_core.study.result import StudyResult, check_draws, collect_versions
from landscape_core.study.spec import StudySpec, option
from landscape_core.study.surfaces import compute_planes

MOST_TILES = 8
"""Larger studies are refused: their result would no longer fit into a page."""

Rows = Float[ndarray, "R S"]


class TileSpec(DerivedSpec):
    """Some rows of the plane of a study: the rows `first` to `first + rows − 1`."""

    STUDY_FIELDS: ClassVar[tuple[str, ...]] = tuple(StudySpec.model_fields)
    NOUN: ClassVar[str] = "a tile"

    first: int = option(0, "a whole number from 0: a row of the plane", "first row", ge=0)
    rows: int = option(1, "a whole number from 1, up to the last row of the plane", "number of rows", ge=1)

    @model_validator(mode="after")
    def _check_rows(self) -> TileSpec:
        if self.first + self.rows > self.base.resolution:
            side = self.base.resolution
            raise SpecError("rows", self.rows, f"rows of the plane: it has {side}, and the first is {self.first}")
        return self

    def points(self, device: str, chunk: int | None = None) -> range:
        """The points that are evaluated: whole chunks of the undivided plane that hold the rows and those beside them.

        Args:
            device: cpu, cuda or mps.
            chunk: Points that are evaluated at a time; None for `chunk_points`.
        """
        side, chunk = self.base.resolution, chunk or chunk_points(device, self.base.samples)
        block = chunk if self.base.samples > SPARSE_SAMPLES else math.lcm(chunk, SIGN_ROWS_AT_A_TIME)
        begin = max(0, self.first - 1) * side // block * block
        end = -(-(self.first + self.rows + 1) * side // block) * block
        return range(begin, min(end, side**2))


def _check_arrays(spec: TileSpec, arrays: dict[str, Any]) -> None:
    check_draws(TileResult, spec.base.draws, arrays)
    storage.check_sizes("rows and points of a row", arrays["full_loss"].shape, (spec.rows, spec.base.resolution))


@storage.register_kind("a tile of a study", TileSpec.from_json, _check_arrays)
@dataclass(frozen=True, eq=False)
class TileResult(storage.Result):
    """The planes of a `StudyResult` on the rows of a tile, (R, S) each."""

    spec: TileSpec
    full_loss: Rows
    full_slope: Rows
    batch_loss: Rows
    batch_slope: Rows
    sd_loss: Rows
    sd_slope: Rows
    sampled_mean_loss: Rows | None = None
    sampled_mean_slope: Rows | None = None
    sampled_sd_loss: Rows | None = None
    sampled_sd_slope: Rows | None = None
    plane_negative: Rows | None = None
    plane_positive: Rows | None = None
    plane_nngpp_chance: Rows | None = None
    plane_minima_chance: Rows | None = None


def frame_study(spec: StudySpec) -> StudySpec:
    """The study of the same lines, start point and directions, over the smallest plane."""
    return spec.replace(resolution=2)


def check_tile(spec: TileSpec, limit: int) -> None:
    """Refuse a tile that is too large, before anything is allocated.

    Raises:
        BudgetError: Its table would take more than `limit` bytes, or the draws of its whole plane too much time.
    """
    limits.check_bytes(limits.count_bytes(spec.base, len(spec.points("cpu"))), limit)
    limits.check_work(spec.base)


def split_study(spec: StudySpec, limit: int) -> list[TileSpec]:
    """The tiles of a study that is too large for one table.

    Each takes about half of the memory that is allowed: what is evaluated around its rows needs room too.

    Args:
        spec: The study.
        limit: Most bytes that the table of a tile may take.

    Returns:
        Tiles of equal size, to within a row; none if the study need not be divided.

    Raises:
        BudgetError: It would take more than `MOST_TILES`, or its draws too much time; or its lines are too large.
    """
    side = spec.resolution
    needed = limits.count_bytes(spec, side**2)
    if needed <= limit:
        limits.check_work(spec)
        return []
    limits.check(frame_study(spec), limit)
    limits.check_bytes(needed, MOST_TILES * (limit // 2))
    edges = np.linspace(0, side, -(-needed // (limit // 2)) + 1).round().astype(int)
    fields = spec.model_dump()
    tiles = [TileSpec(**fields, first=int(begin), rows=int(end - begin)) for begin, end in itertools.pairwise(edges)]
    for tile in tiles:
        check_tile(tile, limit)
    return tiles


def run_tile(spec: TileSpec, *, device: str = "auto", limit: int, progress: Progress | None = None) -> TileResult:
    """Compute one tile.

    Args:
        spec: What to compute.
        device: auto, cpu, cuda (cuda:1 …) or mps.
        limit: Most bytes that its sample table may take.
        progress: Called now and then; an exception raised in it stops the work.

    Raises:
        SpecError: The device is not there.
        NumericalError: The start point has no usable directions.
        BudgetError: The tile is too large.
    """
    check_tile(spec, limit)
    whole = spec.base
    plane = build_plane(whole, device)
    points = spec.points(plane.problem.device.type, plane.chunk)
    table = plane.keep_table(
        grid.plane(grid.axis(whole.range, whole.resolution))[points.start : points.stop],
        whole,
        limit=limit,
        progress=progress and (lambda done, total: progress(done / total, "Evaluating the network")),
    )
    report = limits.report_share(progress, len(points) * max(1, whole.draws), "Drawing mini-batches")
    rows = range(spec.first, spec.first + spec.rows)
    found: dict[str, Any] = compute_planes(whole, table, rows, points.start, progress=report)
    return TileResult(spec=spec, device=str(plane.problem.device), versions=collect_versions(), **found)


def join_tiles(spec: StudySpec, lines: StudyResult, tiles: Sequence[TileResult]) -> StudyResult:
    """The result of a study from those of its parts.

    Args:
        spec: The study.
        lines: Result of `frame_study(spec)`.
        tiles: Results of tiles that cover its plane, from the first row to the last.

    Raises:
        LandscapeError: They do not belong together.
    """
    ends = [tile.spec.first + tile.spec.rows for tile in tiles]
    if [tile.spec.first for tile in tiles] != [0, *ends[:-1]] or ends[-1:] != [spec.resolution]:
        raise LandscapeError(f"the tiles do not cover the {spec.resolution} rows of the plane, one after another")
    if lines.spec != frame_study(spec) or any(tile.spec.base != spec for tile in tiles):
        raise LandscapeError("the parts are of different studies")
    computed = [(lines.device, lines.versions), *((tile.device, tile.versions) for tile in tiles)]
    if any(one != computed[0] for one in computed):
        raise LandscapeError(
            "the parts were computed on different devices or by different versions, whose numbers may differ in the last "
            "bits; let all workers be alike"
        )
    planes: dict[str, Any] = {
        name: None if getattr(tiles[0], name) is None else np.concatenate([getattr(tile, name) for tile in tiles])
        for name in storage.KINDS[TileResult].types
    }
    return replace(
        lines,
        spec=spec,
        axis=grid.axis(spec.range, spec.resolution),
        mean_loss=planes["full_loss"],
        mean_slope=planes["full_slope"],
        **planes,
    )
