"""Runs a study: specification in, result out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from landscape_core.geometry import grid
from landscape_core.geometry.directions import DOMAINS
from landscape_core.geometry.grid import LINES
from landscape_core.problems.problem import Problem
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import batch_means
from landscape_core.statistics import moments
from landscape_core.statistics.mapped_table import Mapped, Scratch
from landscape_core.statistics.sample_table import MAX_TABLE_BYTES, Compact, SampleTable, Tabulated
from landscape_core.study import limits, tiles
from landscape_core.study.curves import compute_lines
from landscape_core.study.limits import Progress
from landscape_core.study.own_problems import read_spec
from landscape_core.study.plane import Plane, Streamed, build_plane, map_tables, read_data
from landscape_core.study.result import StudyResult, Surfaces, collect_versions
from landscape_core.study.spec import StudySpec
from landscape_core.study.surfaces import compute_planes

STREAMED_BYTES = 64 * 2**20
"""Size of tables above which a run makes them block after block, with the same bits, and keeps none."""


@dataclass(frozen=True, eq=False)
class Landscape:
    """The sample tables of a study: all that has to be known of its network, whatever is sampled afterwards.

    Attributes:
        start: x0, (P,).
        directions: d1 and d2, (2, P).
        plane: Table of the plane, G = S · S.
        lines: Table of the four lines, G = 4 · A.
        device: Where they are.
        scale: How long in parameter space one unit of the axes is.
        inputs: Of the samples, (N, I), where they are rows.
        targets: Likewise, (N, O).
        path: Where the training of the start point passed, by the names of a result's fields; empty without one.
    """

    start: Float[ndarray, "P"]
    directions: Float[ndarray, "2 P"]
    plane: Tabulated
    lines: Tabulated
    device: str
    scale: float = 1.0
    inputs: Float[ndarray, "N I"] | None = None
    targets: Float[ndarray, "N O"] | None = None
    path: Mapping[str, ndarray] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        """What the tables hold in memory or in files, in bytes; those that are made when they are wanted hold nothing."""
        tables = self.plane, self.lines
        return sum(table.nbytes for table in tables if isinstance(table, SampleTable | Compact | Mapped))


def tabulate_landscape(
    spec: StudySpec,
    *,
    device: str = "auto",
    limit: int = MAX_TABLE_BYTES,
    memory: int = MAX_TABLE_BYTES,
    scratch: Scratch | None = None,
    progress: Progress | None = None,
) -> Landscape:
    """The part of a study that evaluates the network; `spec.table_key()` tells when two studies share it.

    Args:
        spec: The study.
        device: auto, cpu, cuda (cuda:1 …) or mps.
        limit: Most bytes that the tables may take, wherever they are.
        memory: Bytes above which they are not kept in memory, if there is a `scratch`.
        scratch: Where they are kept then, if the network is costly and there is room; else they are made block after block
            each time they are looked at. All three ways give the same bits.
        progress: Called now and then; an exception raised in it stops the work.

    Raises:
        SpecError: The device is not there.
        NumericalError: The start point has no usable directions.
        BudgetError: The tables would be too large.
    """
    limits.check(spec, limit)
    plane = build_plane(spec, device)
    points, lines = _place_points(spec)
    report = limits.report_share(progress, len(points) + len(lines), "Evaluating the network")

    def table(coordinates: Float[ndarray, "G 2"], before: int) -> Tabulated:
        return plane.keep_table(coordinates, spec, limit=limit, progress=lambda done, _: report(before + done))

    if scratch is not None and limits.count_bytes(spec, len(points)) > memory:
        mapped = map_tables(plane, spec, (points, lines), scratch, report)
        return _describe(spec, plane, *(mapped or (Streamed(plane, points, spec), Streamed(plane, lines, spec))))
    return _describe(spec, plane, table(points, 0), table(lines, len(points)))


def _place_points(spec: StudySpec) -> tuple[Float[ndarray, "G 2"], Float[ndarray, "A 2"]]:
    """Coordinates of the points of the plane, and of those of the lines."""
    plane = grid.plane(grid.axis(spec.range, spec.resolution))
    return plane, grid.lines(grid.axis(spec.range, spec.line_points))


def _describe(spec: StudySpec, plane: Plane, points: Tabulated, lines: Tabulated) -> Landscape:
    inputs, targets = read_data(spec, plane.problem)
    where = plane.start, plane.directions, points, lines, str(plane.problem.device)
    return Landscape(*where, plane.scale, inputs, targets, plane.project_path())


def _stream(spec: StudySpec, device: str) -> Landscape:
    """As `tabulate_landscape`, but each table is made when a part of it is looked at, and not kept."""
    plane = build_plane(spec, device)
    points, lines = _place_points(spec)
    return _describe(spec, plane, Streamed(plane, points, spec), Streamed(plane, lines, spec))


def compute_surfaces(spec: StudySpec, landscape: Landscape) -> Surfaces:
    """What is seen of a study first: its surfaces alone, the same numbers as `evaluate` gives, in a tenth of its time.

    Args:
        spec: The description.
        landscape: The tables of `spec`, or of any study with the same `table_key`.
    """
    table = landscape.plane.part(range(spec.resolution**2))
    tables = table.loss, table.slope(grid.unit(spec.slope_angle))
    batches = spec.batches(Purpose.PLANE)
    full = [moments.full_batch(table) for table in tables]
    batch = [moments.to_numpy(mean[0]) for mean in next(batch_means(tables, batches, range(1)))]
    loss, slope, batch_loss, batch_slope = (values.reshape(2 * [spec.resolution]) for values in (*full, *batch))
    return Surfaces(spec, grid.axis(spec.range, spec.resolution), loss, slope, batch_loss, batch_slope)


def evaluate(spec: StudySpec, landscape: Landscape, *, progress: Progress | None = None) -> StudyResult:
    """The part of a study that draws mini-batches from its tables; needs no network.

    Args:
        spec: The description.
        landscape: The tables of `spec`, or of any study with the same `table_key`.
        progress: Called between blocks of draws.
    """
    plane_work = spec.resolution**2 * max(1, spec.draws)
    work = plane_work + len(LINES) * spec.line_points * limits.LINE_DRAWS
    report = limits.report_share(progress, work, "Drawing mini-batches")
    surfaces = compute_planes(spec, landscape.plane, progress=report)
    lines = compute_lines(spec, landscape.lines, lambda done: report(plane_work + done))
    return StudyResult(
        spec=spec,
        device=landscape.device,
        versions=collect_versions(),
        theta0=landscape.start,
        directions=landscape.directions,
        axis_scale=np.array(landscape.scale) if DOMAINS[spec.domain].unit else None,
        axis=grid.axis(spec.range, spec.resolution),
        inputs=landscape.inputs,
        targets=landscape.targets,
        **landscape.path,
        **surfaces,
        # a mini-batch mean is unbiased: its exact expectation is the full-batch value itself
        mean_loss=surfaces["full_loss"],
        mean_slope=surfaces["full_slope"],
        positions=grid.axis(spec.range, spec.line_points),
        **lines,
    )


def run(
    asked: StudySpec | Problem,
    *,
    device: str = "auto",
    limit: int = MAX_TABLE_BYTES,
    progress: Progress | None = None,
    **fields: Any,  # noqa: ANN401  of a study, validated
) -> StudyResult:
    """One description in, one result out. A plane that is too large for one table is computed in tiles, bit for bit equal.

    run(StudySpec(activation="relu")), or for a problem of your own run(problem, batch_size=64, range=1.0).

    Args:
        asked: What to compute, or a problem of your own, in whose study `fields` are set.
        device: auto, cpu, cuda (cuda:1 …) or mps.
        limit: Most bytes that the sample tables may take at a time.
        progress: Called now and then; an exception raised in it stops the work.
        fields: Fields of the study, or changes to it.

    Raises:
        SpecError: A field is not allowed, the device is not there, or a problem of your own is not in memory.
        NumericalError: The start point has no usable directions.
        BudgetError: The study is too large even in tiles.
    """
    spec = read_spec(StudySpec, asked, fields)
    parts = tiles.split_study(spec, limit)
    if not parts and limits.count_bytes(spec, spec.resolution**2) > STREAMED_BYTES:
        return evaluate(spec, _stream(spec, device), progress=progress)
    if not parts:
        landscape = tabulate_landscape(spec, device=device, limit=limit, progress=progress)
        return evaluate(spec, landscape, progress=progress)

    def report_part(number: int) -> Progress | None:
        total = 1 + len(parts)
        return progress and (lambda done, what: progress((number + done) / total, what))

    lines = run(tiles.frame_study(spec), device=device, limit=limit, progress=report_part(0))
    computed = [
        tiles.run_tile(part, device=device, limit=limit, progress=report_part(number))
        for number, part in enumerate(parts, start=1)
    ]
    return tiles.join_tiles(spec, lines, computed)
