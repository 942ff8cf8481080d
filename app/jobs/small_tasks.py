"""Small tasks: computed while the visitor waits, by the web server itself, and kept in its memory alone.

To add one, write its specification, a frozen dataclass, and one entry here; the parts of a view name those that
they need.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any, Literal, get_args

import numpy as np
from jaxtyping import Bool, Float, Integer
from numpy import ndarray

from app.jobs import cost
from app.jobs.cost import Cost
from landscape_core import RaceSpec, StudySpec, TrainingSpec, find_balls
from landscape_core.comparison import race
from landscape_core.comparison.race_lines import FINE_POINTS
from landscape_core.comparison.stranded import find_stranded
from landscape_core.geometry.grid import LINE_NAMES, LINES, axis, lines, plane
from landscape_core.paper import sampling_oracle, variance_decomposition
from landscape_core.paper.ball import SHARED_BATCHES
from landscape_core.paper.dead_units import UnitsOff, find_dead_units
from landscape_core.paper.likely_places import survey_shifts
from landscape_core.sampling.minibatches import WITHOUT
from landscape_core.statistics import moments, optima
from landscape_core.study import gradient_field, probe
from landscape_core.study.plane import build_plane, recall_plane

VARIANCE_POINTS = 100
"""Points of a line at which variances are split."""


TablesPart = Literal["lines", "plane"]
TABLES_PARTS: tuple[TablesPart, ...] = get_args(TablesPart)

COARSE = 50
"""Most points along each side of the coarse plane of `TablesTask`."""

MOST_BYTES = 8 * 2**20
"""Largest tables that a browser is sent; they grow with the samples."""


@dataclass(frozen=True)
class SurfacesTask:
    """The two surfaces of a study: at hand with its result, or from its sample tables while they are in memory."""

    spec: StudySpec


@dataclass(frozen=True)
class LineProbeTask:
    """Loss and slope along any line of a plane."""

    spec: StudySpec
    through: tuple[float, float]
    angle: float


@dataclass(frozen=True)
class PointProbeTask:
    """What mini-batches give at a point of a plane."""

    spec: StudySpec
    at: tuple[float, float]


@dataclass(frozen=True)
class GradientFieldTask:
    """Gradients of the full batch and of a mini-batch at a few places of a plane."""

    spec: StudySpec


@dataclass(frozen=True)
class OraclePointTask:
    """Every sample at one of the points of a line, counted from 0."""

    spec: StudySpec
    line: str
    index: int


@dataclass(frozen=True)
class VarianceAlongTask:
    """The parts of the variances along one of the four lines."""

    spec: StudySpec
    line: str


@dataclass(frozen=True)
class VarianceAtTask:
    """The parts of the variances at a point of a plane."""

    spec: StudySpec
    at: tuple[float, float]


@dataclass(frozen=True)
class TracesTask:
    """One of the races on a line, step by step."""

    spec: RaceSpec
    race: int


@dataclass(frozen=True)
class StrandedTask:
    """Trainings that end where there is no gradient, at many start points."""

    spec: TrainingSpec
    start_points: int


@dataclass(frozen=True)
class DeadUnitsTask:
    """Which units are off at the points of a plane."""

    spec: StudySpec


@dataclass(frozen=True)
class TablesTask:
    """The sample tables from which a browser draws mini-batches itself: of the four lines, or of a coarse plane."""

    spec: StudySpec
    part: TablesPart

    @property
    def points(self) -> int:
        """Points that are tabulated."""
        return len(LINES) * self.spec.line_points if self.part == "lines" else min(COARSE, self.spec.resolution) ** 2

    @property
    def nbytes(self) -> int:
        """Size of the tables, with 32-bit floats, in bytes."""
        return 4 * self.points * self.spec.samples * (2 if self.part == "lines" else 3)

    @property
    def drawable(self) -> bool:
        """Whether a browser draws mini-batches from them: in one way only, and not from tables of any size."""
        return self.spec.sampling == WITHOUT and self.nbytes <= MOST_BYTES


@dataclass(frozen=True)
class ShiftsTask:
    """Likely places of NN-GPPs beside the true ones, at many start points."""

    spec: StudySpec
    start_points: int


@dataclass(frozen=True)
class BallsTask:
    """The balls around the true optima of the lines of a study."""

    spec: StudySpec


SmallTask = (
    SurfacesTask
    | TablesTask
    | BallsTask
    | DeadUnitsTask
    | ShiftsTask
    | StrandedTask
    | LineProbeTask
    | PointProbeTask
    | GradientFieldTask
    | OraclePointTask
    | VarianceAlongTask
    | VarianceAtTask
    | TracesTask
)


@dataclass(frozen=True)
class SmallKind:
    """A kind of small task. `S` stands for its specification.

    Attributes:
        run: (S, device) → result: arrays, in dataclasses or mappings.
        cost: S → how much work it is.
    """

    run: Callable[[Any, str], Any]
    cost: Callable[[Any], Cost]


def _variance_along(task: VarianceAlongTask) -> variance_decomposition.VarianceParts:
    line = LINES[LINE_NAMES.index(task.line)]
    places = axis(task.spec.range, VARIANCE_POINTS)[:, None] * line.unit
    return variance_decomposition.decompose_variance(task.spec, places, np.full(VARIANCE_POINTS, line.angle))


def _find_dead_units(spec: StudySpec, device: str) -> UnitsOff:
    plane = build_plane(spec, device)
    own_axis = axis(spec.range, spec.resolution)
    return find_dead_units(spec, plane.start, plane.directions, own_axis, scale=plane.scale, device=device)


@dataclass(frozen=True, eq=False)
class Tables:
    """What a browser draws mini-batches from; 32 bits are enough for a picture.

    Attributes:
        points: Numbers of the points, rising, among all that share a stream of mini-batches, (G,).
        among: How many those are.
        positions: Along each line, (A,), or along each side of the coarse plane, (C,).
        loss: Of every sample, (G, N).
        slopes: Of every sample, (G, N) each: along their own line, or along d1 and along d2.
        true: Of the lines, where the full batch has minima and NN-GPPs, (4, A) each: found with all digits.
    """

    points: Integer[ndarray, "G"]
    among: int
    positions: Float[ndarray, "C"]
    loss: Float[ndarray, "G N"]
    slopes: tuple[Float[ndarray, "G N"], ...]
    true: tuple[Bool[ndarray, "4 A"], ...] = ()


def _tabulate(spec: StudySpec, part: TablesPart, device: str) -> Tables:
    if part == "lines":
        along = axis(spec.range, spec.line_points)
        coordinates, points = lines(along), np.arange(len(LINES) * len(along))
        among = len(points)
    else:
        whole = axis(spec.range, spec.resolution)
        chosen = np.unique(np.linspace(0, len(whole) - 1, min(COARSE, len(whole))).round().astype(int))
        along, among = whole[chosen], len(whole) ** 2
        coordinates, points = plane(along), (chosen[:, None] * len(whole) + chosen).reshape(-1)
    table = recall_plane(spec, device).table(coordinates)
    own = np.repeat([line.unit for line in LINES], len(along), axis=0)
    slopes = (table.slope(own),) if part == "lines" else table.slopes
    loss, *rest = (moments.to_numpy(values).astype(np.float32) for values in (table.loss, *slopes))
    if part == "plane":
        return Tables(points, among, along, loss, tuple(rest))
    full_loss, full_slope = (moments.full_batch(values).reshape(len(LINES), -1) for values in (table.loss, *slopes))
    return Tables(points, among, along, loss, tuple(rest), (optima.minima(full_loss), optima.nngpps(full_slope)))


SMALL_KINDS: dict[type, SmallKind] = {
    LineProbeTask: SmallKind(
        lambda task, device: probe.probe_line(task.spec, task.through, task.angle, device=device),
        lambda task: cost.of_points(task.spec, task.spec.line_points, probe.LINE_DRAWS),
    ),
    PointProbeTask: SmallKind(
        lambda task, device: probe.probe_point(task.spec, task.at, device=device),
        lambda task: cost.of_points(task.spec, 1, probe.POINT_DRAWS),
    ),
    GradientFieldTask: SmallKind(
        lambda task, device: gradient_field.probe_gradients(task.spec, device=device),
        lambda task: cost.of_points(task.spec, gradient_field.count_places(task.spec), 1),
    ),
    OraclePointTask: SmallKind(
        lambda task, device: sampling_oracle.evaluate_samples(task.spec, task.line, task.index, device=device),
        lambda task: cost.of_points(task.spec, 1, 0),
    ),
    # these two are always in float64 on the CPU
    VarianceAlongTask: SmallKind(
        lambda task, _device: _variance_along(task),
        lambda task: cost.of_points(task.spec, VARIANCE_POINTS, 0),
    ),
    VarianceAtTask: SmallKind(
        lambda task, _device: variance_decomposition.decompose_variance(
            task.spec, np.array([task.at], dtype=np.float64)
        ),
        lambda task: cost.of_points(task.spec, 1, 0),
    ),
    DeadUnitsTask: SmallKind(
        lambda task, device: _find_dead_units(task.spec, device),
        lambda task: cost.of_points(task.spec, task.spec.resolution**2, 0),
    ),
    TablesTask: SmallKind(
        lambda task, device: _tabulate(task.spec, task.part, device),
        lambda task: cost.of_points(task.spec, task.points, 0),
    ),
    ShiftsTask: SmallKind(
        lambda task, device: survey_shifts(task.spec, task.start_points, device=device),
        lambda task: cost.of_shifts(task.spec, task.start_points),
    ),
    BallsTask: SmallKind(
        lambda task, device: find_balls(task.spec, device=device),
        lambda task: cost.of_signs(task.spec, len(LINES) * task.spec.line_points, SHARED_BATCHES),
    ),
    StrandedTask: SmallKind(
        lambda task, device: find_stranded(task.spec, task.start_points, device=device),
        lambda task: cost.of_stranded(task.spec, task.start_points),
    ),
    TracesTask: SmallKind(
        lambda task, device: race.trace_race(task.spec, task.race, device=device),
        lambda task: cost.of_points(task.spec.base, FINE_POINTS + task.spec.budget, 0),
    ),
}
"""Kinds of small tasks that are computed from nothing, by the class of their specification."""


@dataclass(frozen=True)
class Held:
    """A result in memory, and how many bytes its arrays take."""

    result: Any
    nbytes: int


def hold(result: object) -> Held:
    """A result as a memory cache keeps it."""
    return Held(result, _bytes_of(result))


def _bytes_of(value: object) -> int:
    if isinstance(value, ndarray):
        return value.nbytes
    if isinstance(value, tuple):
        return sum(map(_bytes_of, value))
    if isinstance(value, Mapping):
        return sum(map(_bytes_of, value.values()))
    if is_dataclass(value):
        return sum(_bytes_of(getattr(value, field.name)) for field in fields(value))
    return 0
