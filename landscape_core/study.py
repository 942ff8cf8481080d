"""From a description to its result: the only place where the parts of the engine meet."""

from __future__ import annotations

import platform
from collections.abc import Callable
from dataclasses import dataclass, fields
from importlib.metadata import version
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Integer
from numpy import ndarray
from torch import Tensor

from landscape_core import devices, geometry, optima, problem, statistics
from landscape_core.errors import BudgetError
from landscape_core.geometry import LINES
from landscape_core.randomness import Purpose
from landscape_core.sampling import Batches, batch_means, shared, static_means
from landscape_core.spec import StudySpec
from landscape_core.tabulate import MAX_TABLE_BYTES, SampleTable, table_bytes, tabulate

LINE_DRAWS = 1_000
"""Draws on the lines: the standard error of a probability is at most 0.016."""

MAX_WORK = 2 * 10**10
"""Most work of one study in sample visits, each about 20 ns on one core: minutes."""

VISITS_A_DRAW = 2_500
"""What a draw costs beyond its points, in sample visits."""

STATIC_BATCHES = 50
"""Static mini-batches: each is kept along all of the four lines."""

THINNINGS = (1, 2, 3, 4, 5, 10)
"""Optima on the lines are counted again on every k-th point alone, from the first, for each of these k."""

MINIMA_DRAWS = 50
"""Draws of the plane, the first ones, that the chance of a minimum is estimated from."""

SIGN_BATCHES = 1_000
"""Mini-batches, the same at all points, that the probabilities of the slope's sign on the plane are shares of."""

SIGN_VISITS = 1_000
"""What those cost at each point of the plane, in sample visits."""

Progress = Callable[[float, str], None]
"""Called with the share done, 0 to 1, and what is being done; an exception raised in it stops the work."""

Plane = Float[ndarray, "S S"]
OnLines = Float[ndarray, "4 A"]
Counts = Integer[ndarray, "D 4"]
Static = Float[ndarray, "M 4 A"]
Thinned = Float[ndarray, "T 4"]


@dataclass(frozen=True, eq=False)
class Landscape:
    """The sample tables of a study: all that has to be known of its network, whatever is sampled afterwards.

    Attributes:
        start: x0, (P,).
        directions: d1 and d2, (2, P).
        plane: Table of the plane, G = S · S.
        lines: Table of the four lines, G = 4 · A.
    """

    start: Float[ndarray, "P"]
    directions: Float[ndarray, "2 P"]
    plane: SampleTable
    lines: SampleTable

    @property
    def nbytes(self) -> int:
        """Memory held by the tables, in bytes."""
        return self.plane.nbytes + self.lines.nbytes


@dataclass(frozen=True)
class UncertainInterval:
    """Where along a line the sign of a mini-batch's slope is open, around one true NN-GPP.

    Attributes:
        line: Name of the line.
        location: Position of the true NN-GPP.
        low: Where the interval begins; None if the line begins before it does.
        high: Where the interval ends; None if the line ends before it does.
    """

    line: str
    location: float
    low: float | None
    high: float | None

    @property
    def width(self) -> float | None:
        """How long it is; None where an end is not on the line."""
        return None if self.low is None or self.high is None else self.high - self.low


@dataclass(frozen=True, eq=False)
class Surfaces:
    """The two surfaces of a plane, (S, S): row i at d2 = axis[i], column j at d1 = axis[j].

    Attributes:
        spec: The description.
    """

    spec: StudySpec
    axis: Float[ndarray, "S"]
    full_loss: Plane
    full_slope: Plane
    batch_loss: Plane
    batch_slope: Plane


@dataclass(frozen=True, eq=False)
class StudyResult(Surfaces):
    """Every number of a study. Loss in units of the loss; slopes per unit length of parameter space.

    Planes are (S, S): row i at d2 = axis[i], column j at d1 = axis[j]. Lines are (4, A) in the order of
    `landscape_core.geometry.LINES`, at `positions`, each slope along its own line. `batch_*` is draw 0; `mean_*` and
    `sd_*` are exact; `sampled_*` (SD with divisor draws − 1) come from `spec.draws` draws; these and `plane_*` are None
    without draws. `static_*` are mini-batches that do not change along a line, the same one for loss and slope and for
    all four lines; those behind `plane_negative` and `plane_positive` do not change over the plane; all others are drawn
    afresh at every point.

    Attributes:
        spec: The description.
        device: Where it was computed.
        versions: Versions of what computed it.
        theta0: Start point, (P,).
        plane_negative: P(slope < 0) for a mini-batch, the share among about `SIGN_BATCHES` of them.
        plane_positive: P(slope > 0), likewise.
        plane_nngpp_chance: P(slope < 0) at the point before × P(slope > 0) here; before and after are one step of the
            grid in the direction nearest to `spec.slope_angle`. 0 where there is no point before.
        plane_minima_chance: Probability that the loss of a mini-batch is below those of the mini-batches before and
            after, from the first `MINIMA_DRAWS` draws. 0 where there is no point before or after.
        line_negative: P(slope < 0) for a mini-batch, the share among `LINE_DRAWS` draws.
        line_positive: P(slope > 0), likewise.
        line_minima_counts: Minima on each line in each of the draws, (LINE_DRAWS, 4).
        line_nngpp_counts: NN-GPPs, likewise.
        line_minima_chance: Share of the draws in which a point is a minimum.
        thinned_minima: Mean count of minima over the draws if only every k-th point is kept, for k in `THINNINGS`. The
            mini-batches at the points are independent, so this is a line sampled more coarsely.
        thinned_nngpps: Mean count of NN-GPPs, likewise.
        static_loss: The loss along the lines of each of `STATIC_BATCHES` static mini-batches.
        static_slope: The slope, likewise.
    """

    device: str
    versions: dict[str, str]
    theta0: Float[ndarray, "P"]
    directions: Float[ndarray, "2 P"]
    inputs: Float[ndarray, "N I"]
    targets: Float[ndarray, "N O"]
    mean_loss: Plane
    mean_slope: Plane
    sd_loss: Plane
    sd_slope: Plane
    sampled_mean_loss: Plane | None
    sampled_mean_slope: Plane | None
    sampled_sd_loss: Plane | None
    sampled_sd_slope: Plane | None
    plane_negative: Plane | None
    plane_positive: Plane | None
    plane_nngpp_chance: Plane | None
    plane_minima_chance: Plane | None
    positions: Float[ndarray, "A"]
    line_full_loss: OnLines
    line_full_slope: OnLines
    line_batch_loss: OnLines
    line_batch_slope: OnLines
    line_sd_loss: OnLines
    line_sd_slope: OnLines
    line_negative: OnLines
    line_positive: OnLines
    line_minima_counts: Counts
    line_nngpp_counts: Counts
    line_minima_chance: OnLines
    thinned_minima: Thinned
    thinned_nngpps: Thinned
    static_loss: Static
    static_slope: Static

    @property
    def nbytes(self) -> int:
        """Memory held by the arrays, in bytes."""
        return sum(array.nbytes for name in ARRAY_FIELDS if (array := getattr(self, name)) is not None)

    @property
    def true_minima(self) -> Bool[ndarray, "4 A"]:
        """Where the full-batch loss has its minima on the lines."""
        return optima.minima(self.line_full_loss)

    @property
    def true_nngpps(self) -> Bool[ndarray, "4 A"]:
        """Where the full-batch slope has its NN-GPPs on the lines."""
        return optima.nngpps(self.line_full_slope)

    @property
    def minima(self) -> Bool[ndarray, "4 A"]:
        """Where the mini-batch loss (draw 0) has its minima on the lines."""
        return optima.minima(self.line_batch_loss)

    @property
    def nngpps(self) -> Bool[ndarray, "4 A"]:
        """Where the mini-batch slope (draw 0) has its NN-GPPs on the lines."""
        return optima.nngpps(self.line_batch_slope)

    @property
    def line_nngpp_chance(self) -> OnLines:
        """P(gᵢ₋₁ < 0) · P(gᵢ > 0): the probability that a point is an NN-GPP of a line; 0 at its first point."""
        return statistics.nngpp_chance(self.line_negative, self.line_positive)

    @property
    def thinned_points(self) -> Integer[ndarray, "T"]:
        """How many points of a line are kept, for k in `THINNINGS`."""
        return np.array([len(self.positions[::k]) for k in THINNINGS])

    def uncertain_intervals(self) -> list[list[UncertainInterval]]:
        """Around each true NN-GPP, line by line: where 5 % < P(slope > 0) < 95 %."""
        known = np.where(np.isnan(self.line_full_slope), np.nan, self.line_positive)  # a hole has no sign
        return [
            [
                UncertainInterval(
                    line.name,
                    float(self.positions[index]),
                    *optima.uncertain_interval(self.positions, positive, int(index)),
                )
                for index in np.flatnonzero(found)
            ]
            for line, positive, found in zip(LINES, known, self.true_nngpps, strict=True)
        ]

    @property
    def holes(self) -> int:
        """Points of the plane and the lines whose loss or slope is not finite."""
        return int(np.isnan(self.full_loss).sum() + np.isnan(self.line_full_loss).sum())

    def summary(self) -> dict[str, Any]:
        """What was asked for and what was found on the lines, fit for JSON.

        Totals are over the four lines. `expected_nngpps` is Σ P(gᵢ₋₁ < 0) P(gᵢ > 0); `noise_ceiling` is what pure
        noise gives, (n − 2) / 3 a line; spreads are variances of locations, beside R² / 3 for uniform ones; densities
        are mean counts over the draws per unit of length.
        """
        masks = {
            "true_minima": self.true_minima,
            "true_nngpps": self.true_nngpps,
            "minima": self.minima,
            "nngpps": self.nngpps,
        }
        draws = {"minima": self.line_minima_counts, "nngpps": self.line_nngpp_counts}
        intervals = self.uncertain_intervals()
        lines = []
        for index, line in enumerate(LINES):
            locations = {name: self.positions[mask[index]] for name, mask in masks.items()}
            lines.append(
                {
                    "name": line.name,
                    "angle": line.angle,
                    **{name: found.tolist() for name, found in locations.items()},
                    "minima_spread": optima.spread(locations["minima"]),
                    "nngpps_spread": optima.spread(locations["nngpps"]),
                    "expected_nngpps": statistics.expected_nngpps(self.line_negative[index], self.line_positive[index]),
                    **{
                        f"{name}_density": optima.density(counts[:, index].mean(), 2 * self.spec.range)
                        for name, counts in draws.items()
                    },
                    "uncertain_intervals": [
                        {"location": found.location, "low": found.low, "high": found.high, "width": found.width}
                        for found in intervals[index]
                    ],
                }
            )
        over_draws = {
            f"{name}_{what}": float(value)
            for name, counts in draws.items()
            for what, value in (("mean", counts.sum(1).mean()), ("sd", counts.sum(1).std(ddof=1)))
        }
        return {
            **self.spec.model_dump(),
            "device": self.device,
            "versions": self.versions,
            **{name: int(mask.sum()) for name, mask in masks.items()},
            **over_draws,
            "expected_nngpps": sum(line["expected_nngpps"] for line in lines),
            "noise_ceiling": len(LINES) * statistics.noise_ceiling(len(self.positions)),
            "uniform_spread": self.spec.range**2 / 3,
            "holes": self.holes,
            "lines": lines,
        }


def check(spec: StudySpec, limit: int = MAX_TABLE_BYTES) -> None:
    """Refuse a study that is too large, before anything is allocated.

    Raises:
        BudgetError: Its tables would take more than `limit` bytes, or its draws more than `MAX_WORK`.
    """
    check_bytes(needed_bytes(spec, spec.resolution**2), limit)
    check_work(spec)


def needed_bytes(spec: StudySpec, points: int) -> int:
    """What the tables and kept draws of the lines and of so many points of the plane take."""
    on_lines = len(LINES) * spec.line_points
    precision = getattr(torch, spec.dtype)
    kept = 2 * STATIC_BATCHES * on_lines + min(spec.draws, MINIMA_DRAWS) * points
    return table_bytes(points + on_lines, spec.samples, 2, precision) + kept * precision.itemsize


def check_bytes(needed: int, limit: int) -> None:
    """As `check`, for the memory alone."""
    if needed > limit:
        unit = "bytes of sample tables and kept draws"
        raise BudgetError(needed, limit, unit, "Lower the resolution or the points on a line.")


def visits(spec: StudySpec) -> int:
    """The work of a study's draws, in sample visits."""
    points, on_lines = spec.resolution**2, len(LINES) * spec.line_points
    # a mini-batch costs its own samples, and a tenth of all for a fresh urn; the full batch is not drawn
    each = spec.batch_size % spec.samples + spec.samples // 10
    drawn = sum(
        draws * (places * each + VISITS_A_DRAW)
        for draws, places in ((max(1, spec.draws), points), (LINE_DRAWS, on_lines))
    )
    return drawn + (SIGN_VISITS * points if spec.draws else 0)


def check_work(spec: StudySpec) -> None:
    """As `check`, for the time alone."""
    work = visits(spec)
    if work > MAX_WORK:
        raise BudgetError(work, MAX_WORK, "sample visits", "Lower the draws, the batch size or the resolution.")


def tabulate_landscape(
    spec: StudySpec, *, device: str = "auto", limit: int = MAX_TABLE_BYTES, progress: Progress | None = None
) -> Landscape:
    """The part of a study that evaluates the network; `spec.table_key()` tells when two studies share it.

    Raises:
        SpecError: The device is not there.
        NumericalError: The start point has no usable directions.
        BudgetError: The tables would be too large.
    """
    check(spec, limit)
    where = devices.resolve(device, spec.dtype)
    task = problem.problem(spec, where)
    start, directions = problem.start_and_directions(spec, task)
    plane = geometry.plane(geometry.axis(spec.range, spec.resolution))
    lines = geometry.lines(geometry.axis(spec.range, spec.line_points))
    total = len(plane) + len(lines)

    def table(coordinates: Float[ndarray, "G 2"], before: int) -> SampleTable:
        return tabulate(
            task,
            start,
            directions,
            coordinates,
            samples=spec.samples,
            dtype=getattr(torch, spec.dtype),
            device=where,
            limit=limit,
            progress=progress and (lambda done, _: progress((before + done) / total, "Evaluating the network")),
        )

    return Landscape(start, directions, table(plane, 0), table(lines, len(plane)))


def glimpse(spec: StudySpec, landscape: Landscape) -> Surfaces:
    """What is seen of a study first: its surfaces alone, the same numbers as `evaluate` gives, in a tenth of its time.

    Args:
        spec: The description.
        landscape: The tables of `spec`, or of any study with the same `table_key`.
    """
    tables = landscape.plane.loss, landscape.plane.slope(geometry.unit(spec.slope_angle))
    batches = Batches(spec.batch_size, spec.batch_seed, Purpose.PLANE)
    full = [statistics.full_batch(table) for table in tables]
    batch = [statistics.to_numpy(mean[0]) for mean in next(batch_means(tables, batches, range(1)))]
    loss, slope, batch_loss, batch_slope = (values.reshape(2 * [spec.resolution]) for values in (*full, *batch))
    return Surfaces(spec, geometry.axis(spec.range, spec.resolution), loss, slope, batch_loss, batch_slope)


def evaluate(spec: StudySpec, landscape: Landscape, *, progress: Progress | None = None) -> StudyResult:
    """The part of a study that draws mini-batches from its tables; needs no network.

    Args:
        spec: The description.
        landscape: The tables of `spec`, or of any study with the same `table_key`.
        progress: Called between blocks of draws.
    """
    plane_work = spec.resolution**2 * max(1, spec.draws)
    work = plane_work + len(LINES) * spec.line_points * LINE_DRAWS

    def report(done: int) -> None:
        if progress is not None:
            progress(done / work, "Drawing mini-batches")

    surfaces = planes(spec, landscape.plane, progress=report)
    lines = _lines(spec, landscape.lines, lambda done: report(plane_work + done))
    inputs, targets = problem.data(spec)
    return StudyResult(
        spec=spec,
        device=str(landscape.plane.loss.device),
        versions=versions(),
        theta0=landscape.start,
        directions=landscape.directions,
        axis=geometry.axis(spec.range, spec.resolution),
        inputs=inputs,
        targets=targets,
        **surfaces,
        # a mini-batch mean is unbiased: its exact expectation is the full-batch value itself
        mean_loss=surfaces["full_loss"],
        mean_slope=surfaces["full_slope"],
        positions=geometry.axis(spec.range, spec.line_points),
        **lines,
    )


def planes(
    spec: StudySpec,
    table: SampleTable,
    rows: range | None = None,
    first: int = 0,
    *,
    progress: Callable[[int], None],
) -> dict[str, Any]:
    """The planes of a result, by the names of its fields; R rows of them, (R, S).

    Args:
        spec: The description.
        table: Of the plane, or of neighbouring points that hold the rows and those beside them.
        rows: Which rows; without it all.
        first: Number of the table's first point, in the plane.
        progress: Called between blocks of draws with the points × draws done.
    """
    side = spec.resolution
    rows = range(side) if rows is None else rows
    around = range(max(0, rows.start - 1), min(side, rows.stop + 1))  # the chance of a minimum depends on neighbours

    def grid(values: ndarray) -> ndarray:
        """(…, points of the table) → (…, rows around, S)."""
        inside = values[..., around.start * side - first : around.stop * side - first]
        return inside.reshape(*values.shape[:-1], len(around), side)

    loss, slope = table.loss, table.slope(geometry.unit(spec.slope_angle))
    moments = statistics.RunningMoments(), statistics.RunningMoments()
    earliest: list[ndarray] = []
    batch: tuple[Tensor, ...] = ()
    batches = Batches(spec.batch_size, spec.batch_seed, Purpose.PLANE)
    for means in batch_means((loss, slope), batches, range(max(1, spec.draws)), first=first, points=side**2):
        batch = batch or tuple(mean[0] for mean in means)
        if spec.draws:
            earliest.extend(grid(statistics.to_numpy(means[0][: MINIMA_DRAWS - len(earliest)])))
        for moment, mean in zip(moments, means, strict=True):
            moment.add(mean)
        progress(moments[0].count * len(loss))

    flat: dict[str, ndarray] = {
        "full_loss": statistics.full_batch(loss),
        "full_slope": statistics.full_batch(slope),
        "batch_loss": statistics.to_numpy(batch[0]),
        "batch_slope": statistics.to_numpy(batch[1]),
        "sd_loss": statistics.exact_sd(loss, spec.batch_size),
        "sd_slope": statistics.exact_sd(slope, spec.batch_size),
    }
    if spec.draws:
        names = [f"sampled_{what}_{name}" for name in ("loss", "slope") for what in ("mean", "sd")]
        values = (value for moment in moments for value in (moment.mean, moment.sd()))
        flat |= {name: statistics.to_numpy(value) for name, value in zip(names, values, strict=True)}
        signs = shared(Batches(spec.batch_size, spec.batch_seed, Purpose.SIGNS), SIGN_BATCHES, spec.samples)
        hole = np.isnan(flat["full_loss"])
        for name, share in zip(("negative", "positive"), statistics.sign_shares(slope, signs), strict=True):
            flat[f"plane_{name}"] = np.where(hole, np.nan, share)
    found = {name: grid(value) for name, value in flat.items()}
    if spec.draws:
        step = optima.grid_step(spec.slope_angle)
        found["plane_nngpp_chance"] = statistics.plane_nngpp_chance(
            found["plane_negative"], found["plane_positive"], step
        )
        found["plane_minima_chance"] = statistics.plane_minima_chance(np.stack(earliest), step)
    own = slice(rows.start - around.start, rows.stop - around.start)
    return dict.fromkeys(PLANES) | {name: value[own] for name, value in found.items()}


def _lines(spec: StudySpec, table: SampleTable, report: Callable[[int], None]) -> dict[str, ndarray]:
    """The curves and counts of a result, by the names of its fields."""
    shape = (len(LINES), spec.line_points)
    loss = table.loss
    slope = table.slope(np.repeat([line.unit for line in LINES], spec.line_points, axis=0))
    batch: tuple[ndarray, ...] = ()
    counts: dict[str, list[ndarray]] = {"line_minima_counts": [], "line_nngpp_counts": []}
    shares = {name: np.zeros(shape) for name in ("line_negative", "line_positive", "line_minima_chance")}
    thinned = {name: np.zeros((len(THINNINGS), len(LINES))) for name in ("thinned_minima", "thinned_nngpps")}
    seen = 0
    batches = Batches(spec.batch_size, spec.batch_seed, Purpose.LINES)
    for means in batch_means((loss, slope), batches, range(LINE_DRAWS)):
        losses, slopes = (statistics.to_numpy(mean).reshape(-1, *shape) for mean in means)
        batch = batch or (losses[0].copy(), slopes[0].copy())
        minima = optima.minima(losses)
        counts["line_minima_counts"].append(minima.sum(-1))
        counts["line_nngpp_counts"].append(optima.nngpps(slopes).sum(-1))
        shares["line_negative"] += (slopes < 0).sum(0)
        shares["line_positive"] += (slopes > 0).sum(0)
        shares["line_minima_chance"] += minima.sum(0)
        for row, step in enumerate(THINNINGS):
            thinned["thinned_minima"][row] += optima.minima(losses[..., ::step]).sum((0, -1))
            thinned["thinned_nngpps"][row] += optima.nngpps(slopes[..., ::step]).sum((0, -1))
        seen += len(losses)
        report(seen * len(loss))

    static = static_means(
        (loss, slope), Batches(spec.batch_size, spec.batch_seed, Purpose.STATIC), range(STATIC_BATCHES)
    )
    curves = {
        "line_full_loss": statistics.full_batch(loss),
        "line_full_slope": statistics.full_batch(slope),
        "line_batch_loss": batch[0],
        "line_batch_slope": batch[1],
        "line_sd_loss": statistics.exact_sd(loss, spec.batch_size),
        "line_sd_slope": statistics.exact_sd(slope, spec.batch_size),
    }
    return {
        **{name: value.reshape(shape) for name, value in curves.items()},
        **{name: total / LINE_DRAWS for name, total in (shares | thinned).items()},
        **{name: np.concatenate(blocks).astype(np.int32) for name, blocks in counts.items()},
        **{
            f"static_{name}": statistics.to_numpy(values).reshape(-1, *shape)
            for name, values in zip(("loss", "slope"), static, strict=True)
        },
    }


def run(
    spec: StudySpec, *, device: str = "auto", limit: int = MAX_TABLE_BYTES, progress: Progress | None = None
) -> StudyResult:
    """One description in, one result out.

    Args:
        spec: What to compute.
        device: auto, cpu, cuda (cuda:1 …) or mps.
        limit: Most bytes that the sample tables may take.
        progress: Called now and then; an exception raised in it stops the work.

    Raises:
        SpecError: The device is not there.
        NumericalError: The start point has no usable directions.
        BudgetError: The study is too large.
    """
    landscape = tabulate_landscape(spec, device=device, limit=limit, progress=progress)
    return evaluate(spec, landscape, progress=progress)


def versions() -> dict[str, str]:
    """Versions of what decides the numbers."""
    return {
        "batchscape": version("batchscape"),
        "numpy": np.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


PLANES = (
    *("full_loss", "full_slope", "batch_loss", "batch_slope", "sd_loss", "sd_slope"),
    *("sampled_mean_loss", "sampled_mean_slope", "sampled_sd_loss", "sampled_sd_slope"),
    *("plane_negative", "plane_positive", "plane_nngpp_chance", "plane_minima_chance"),
)
"""The fields of a result that `planes` gives; `sampled_*` and `plane_*` are None without draws."""

ARRAY_FIELDS = tuple(field.name for field in fields(StudyResult) if field.name not in {"spec", "device", "versions"})
