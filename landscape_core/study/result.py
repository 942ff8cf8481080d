"""The result of a study: every number of it, and what follows from these numbers alone."""

from __future__ import annotations

import os
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, overload

import numpy as np
import torch
from jaxtyping import Bool, Float, Integer
from numpy import ndarray

from landscape_core import storage
from landscape_core.geometry.directions import DOMAINS
from landscape_core.geometry.grid import LINES
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import SHUFFLE
from landscape_core.statistics import moments, optima
from landscape_core.statistics.intervals import central_range
from landscape_core.storage import Stored
from landscape_core.study.spec import PAPER, StudySpec

THINNINGS = (1, 2, 3, 4, 5, 10)
"""Optima on the lines are counted again on every k-th point alone, from the first, for each of these k."""

Plane = Float[ndarray, "S S"]
OnLines = Float[ndarray, "4 A"]
Counts = Integer[ndarray, "D 4"]
Distances = Float[ndarray, "D"]
Static = Float[ndarray, "M 4 A"]
Thinned = Float[ndarray, "T 4"]


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


def check_draws(kind: type, draws: int, arrays: dict[str, Any]) -> None:
    """Refuse sampled statistics without draws, and draws without them: the arrays that may be missing are just these.

    Raises:
        ValueError: They disagree.
    """
    names = [name for name in storage.KINDS[kind].optional if name.startswith(("sampled_", "plane_"))]
    if draws == moments.LEAST_DRAWS - 1:
        arrays |= {name: None for name in names if name.startswith("sampled_sd_")}  # files once held NaN
    wanted = [draws >= (moments.LEAST_DRAWS if name.startswith("sampled_sd_") else 1) for name in names]
    sampled = [arrays[name] is not None for name in names]
    if sampled != wanted:
        raise ValueError(f"sampled statistics: {sum(sampled)} of {len(names)}, although draws is {draws}")


def _check_study(spec: StudySpec, arrays: dict[str, Any]) -> None:
    check_draws(StudyResult, spec.draws, arrays)
    if (arrays["line_nngpp_share"] is None) == (spec.sampling == SHUFFLE):
        raise ValueError(f"line_nngpp_share belongs to sampling {SHUFFLE} alone; the description has {spec.sampling}")
    if (arrays["line_minima_distances"] is None) != (arrays["line_nngpp_distances"] is None):
        raise ValueError("line_minima_distances and line_nngpp_distances belong together; one is missing")
    paths = ("path", "path_steps", "path_loss", "path_distance")
    if {arrays[name] is not None for name in paths} != {spec.start_point == "trained"}:
        raise ValueError(
            f"{', '.join(paths[:-1])} and {paths[-1]} belong together, and to a start point that is trained"
        )
    unit = arrays["axis_scale"]
    if (unit is None) == bool(DOMAINS[spec.domain].unit) or (unit is not None and not 0 < unit < np.inf):
        raise ValueError("axis_scale is a length above 0, and belongs to domains with a unit of their own")
    missing = [name for name in ("inputs", "targets") if arrays[name] is None]
    if missing and spec.problem == PAPER:
        raise ValueError("missing or of the wrong shape or type: " + ", ".join(missing))
    sizes = len(arrays["axis"]), len(arrays["positions"]), spec.samples if missing else len(arrays["inputs"])
    asked = spec.resolution, spec.line_points, spec.samples
    storage.check_sizes("points of the plane's side, of a line and samples", sizes, asked)


@storage.register_kind("a study", StudySpec.from_json, _check_study)
@dataclass(frozen=True, eq=False, kw_only=True)
class StudyResult(Surfaces, storage.Result):
    """Every number of a study. Loss in units of the loss; slopes per unit length of parameter space.

    Planes are (S, S): row i at d2 = axis[i], column j at d1 = axis[j]. Lines are (4, A) in the order of
    `landscape_core.geometry.grid.LINES`, at `positions`, each slope along its own line. `batch_*` is draw 0; `mean_*` and
    `sd_*` are exact; `sampled_*` (SD with divisor draws − 1) come from `spec.draws` draws; these and `plane_*` are None
    without draws, and `sampled_sd_*` with a single draw. `static_*` are mini-batches that do not change along a line,
    the same one for loss and slope and for all four lines; those behind `plane_negative` and `plane_positive` do not
    change over the plane; all others are drawn afresh at every point, or by an epoch's shuffle point after point: those of
    the plane row by row, those of the lines one line after another.

    A point (a, b) of the plane is theta0 + s (a d1 + b d2); `parameters_at` gives it. One unit of the axes, of `axis`,
    `positions` and `path`, is s = `scale` long in parameter space: 1 unless the domain has a unit of its own, as `filter`
    and `pca` have. Slopes are per unit length of parameter space on every plane; along an axis a loss changes by s times
    the slope.

    Attributes:
        theta0: Start point, (P,).
        directions: d1 and d2, of length 1 and perpendicular, (2, P).
        axis_scale: s, where the domain has a unit of its own; None elsewhere.
        inputs: Of the samples, where each is a row of numbers; None for other problems.
        targets: Likewise.
        path: Where the training of the start point passed, at right angles onto the plane, (K, 2); None without one.
        path_steps: After how many steps.
        path_loss: Loss of the full batch there, not below on the plane.
        path_distance: How far it was from the plane, in units of the axes.
        plane_negative: P(slope < 0) for a mini-batch, the share among about `SIGN_BATCHES` of them.
        plane_positive: P(slope > 0), likewise.
        plane_nngpp_chance: P(slope < 0) at the point before × P(slope > 0) here; before and after are one step of the
            grid in the direction nearest to `spec.slope_angle`. Where both share an urn, the share of pairs of its
            mini-batches. 0 where there is no point before.
        plane_minima_chance: Probability that the loss of a mini-batch is below those of the mini-batches before and
            after, from the first `MINIMA_DRAWS` draws. 0 where there is no point before or after.
        line_negative: P(slope < 0) for a mini-batch, the share among `LINE_DRAWS` draws.
        line_positive: P(slope > 0), likewise.
        line_minima_counts: Minima on each line in each of the draws, (LINE_DRAWS, 4).
        line_nngpp_counts: NN-GPPs, likewise.
        line_minima_distances: Median distance of the minima from the nearest true minimum of their line, over those of all
            four lines in each of the draws, (LINE_DRAWS,). Lines without a true minimum are left out; NaN if none
            remains. None in files of earlier versions.
        line_nngpp_distances: Of the NN-GPPs from the nearest true NN-GPP, likewise.
        line_minima_chance: Share of the draws in which a point is a minimum.
        line_nngpp_share: Share of the draws in which a point is an NN-GPP; None where mini-batches at neighbouring points
            are independent, which gives it from the signs.
        thinned_minima: Mean count of minima over the draws if only every k-th point is kept, for k in `THINNINGS`. The
            mini-batches at the points are independent, so this is a line sampled more coarsely; not by an epoch's shuffle.
        thinned_nngpps: Mean count of NN-GPPs, likewise.
        static_loss: The loss along the lines of each of `STATIC_BATCHES` static mini-batches.
        static_slope: The slope, likewise.
    """

    theta0: Float[ndarray, "P"]
    directions: Float[ndarray, "2 P"]
    axis_scale: Float[ndarray, ""] | None = None
    inputs: Float[ndarray, "N I"] | None = None
    targets: Float[ndarray, "N O"] | None = None
    path: Float[ndarray, "K 2"] | None = None
    path_steps: Integer[ndarray, "K"] | None = None
    path_loss: Float[ndarray, "K"] | None = None
    path_distance: Float[ndarray, "K"] | None = None
    mean_loss: Plane
    mean_slope: Plane
    sd_loss: Plane
    sd_slope: Plane
    sampled_mean_loss: Plane | None = None
    sampled_mean_slope: Plane | None = None
    sampled_sd_loss: Plane | None = None
    sampled_sd_slope: Plane | None = None
    plane_negative: Plane | None = None
    plane_positive: Plane | None = None
    plane_nngpp_chance: Plane | None = None
    plane_minima_chance: Plane | None = None
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
    line_minima_distances: Distances | None = None
    line_nngpp_distances: Distances | None = None
    line_minima_chance: OnLines
    line_nngpp_share: OnLines | None = None
    thinned_minima: Thinned
    thinned_nngpps: Thinned
    static_loss: Static
    static_slope: Static

    @property
    def scale(self) -> float:
        """How long in parameter space one unit of the axes is."""
        return 1.0 if self.axis_scale is None else float(self.axis_scale)

    def parameters_at(self, coordinates: Float[ndarray, "*G 2"]) -> Float[ndarray, "*G P"]:
        """The parameter vectors of points of the plane."""
        return self.theta0 + (coordinates * self.scale) @ self.directions

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
    def minima_distance(self) -> float:
        """As `line_minima_distances`, for draw 0; NaN if no minimum has a true one on its line."""
        return float(optima.median_distance(self.minima, optima.distance_to_nearest(self.positions, self.true_minima)))

    @property
    def nngpp_distance(self) -> float:
        """As `line_nngpp_distances`, for draw 0; NaN if no NN-GPP has a true one on its line."""
        return float(optima.median_distance(self.nngpps, optima.distance_to_nearest(self.positions, self.true_nngpps)))

    @property
    def line_nngpp_chance(self) -> OnLines:
        """The probability that a point is an NN-GPP of a line: P(gᵢ₋₁ < 0) · P(gᵢ > 0), or counted where these depend.

        0 at a line's first point.
        """
        if self.line_nngpp_share is not None:
            return self.line_nngpp_share
        return moments.nngpp_chance(self.line_negative, self.line_positive)

    @property
    def noise_ceiling(self) -> float:
        """Minima that white noise gives on a line."""
        chance = moments.noise_chance(self.spec.samples, self.spec.batches(Purpose.LINES))
        return moments.noise_ceiling(len(self.positions), chance)

    @property
    def thinned_points(self) -> Integer[ndarray, "T"]:
        """How many points of a line are kept, for k in `THINNINGS`."""
        return np.array([len(self.positions[::k]) for k in THINNINGS])

    def uncertain_intervals(self) -> list[list[UncertainInterval]]:
        """Around each true NN-GPP, line by line: where 5% < P(slope > 0) < 95%."""
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

        Totals are over the four lines. `expected_nngpps` is the sum of `line_nngpp_chance`; `noise_ceiling` is what pure
        noise gives, (n − 2) / 3 a line where points are independent; distances are medians from the nearest true optimum of
        the line, for draw 0 and, as `_distances`, over the draws; spreads are variances of locations, beside R² / 3 for
        uniform ones; densities are mean counts over the draws per unit of length.
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
                    "expected_nngpps": float(self.line_nngpp_chance[index].sum()),
                    **{
                        f"{name}_density": float(counts[:, index].mean()) / (2 * self.spec.range)
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
        unit = DOMAINS[self.spec.domain].unit
        return {
            **self.spec.stated_fields(),
            **({"unit": unit, "scale": self.scale} if unit else {}),
            "device": self.device,
            "versions": self.versions,
            **{name: int(mask.sum()) for name, mask in masks.items()},
            **over_draws,
            "expected_nngpps": sum(line["expected_nngpps"] for line in lines),
            "noise_ceiling": len(LINES) * self.noise_ceiling,
            **self._summarise_distances(),
            "uniform_spread": self.spec.range**2 / 3,
            "holes": self.holes,
            "lines": lines,
        }

    def _summarise_distances(self) -> dict[str, Any]:
        """Of draw 0, and where those of all draws lie; None for what is not known."""
        shown = {"minima": self.minima_distance, "nngpps": self.nngpp_distance}
        drawn = {"minima": self.line_minima_distances, "nngpps": self.line_nngpp_distances}
        ranges = {name: None if values is None else central_range(values) for name, values in drawn.items()}
        return {
            **{f"{name}_distance": None if np.isnan(value) else value for name, value in shown.items()},
            **{f"{name}_distances": found and asdict(found) for name, found in ranges.items()},
        }


def collect_versions() -> dict[str, str]:
    """Versions of what decides the numbers."""
    return {
        "batchscape": version("batchscape"),
        "numpy": np.__version__,
        "torch": torch.__version__,
        "python": platform.python_version(),
    }


@overload
def load(path: str | os.PathLike[str]) -> StudyResult: ...


@overload
def load(path: str | os.PathLike[str], kind: type[Stored]) -> Stored: ...


def load(path: str | os.PathLike[str], kind: type[Any] = StudyResult) -> Any:
    """Read a result back, equal in every number.

    Args:
        path: Of the file.
        kind: What is expected in it.

    Raises:
        LandscapeError: The file is not a result of that kind.
        OSError: The file cannot be read.
    """
    return storage.from_bytes(Path(path).read_bytes(), kind, str(path))
