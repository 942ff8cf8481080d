"""Features of the four lines of one landscape, computed once for all claims about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from jaxtyping import Bool, Float
from numpy import ndarray
from torch import Tensor

from landscape_core.geometry import grid
from landscape_core.geometry.grid import LINES
from landscape_core.paper.variance_decomposition import VarianceParts
from landscape_core.statistics import moments, optima
from landscape_core.statistics.sample_table import SampleTable

UNDECIDED_SDS = 1.645
"""A full-batch slope nearer to zero than this many SDs is undecided: by a normal law both signs have more than 5%."""

EDGE = 0.6
"""The outer fifth at either end of a line begins at this share of its half-width."""

BENDS, ZOOMS, PIECES = 3, 4, 16
"""How many bends of a line are zoomed into, how often, and into how many pieces each time."""

COARSE = 10
"""Points along each side of the coarse plane."""

CELLS = 16
"""Equal cells along each side of the plane, whose centres stand for their areas."""

LOSSES = 300
"""Mini-batches, at most, that the chance of a minimum at a point of the plane is estimated from; for signs, thrice."""

DIAGONAL = LINES[2].unit
"""d1+d2: the direction of the slope on the paper's planes."""

OnLines = Float[ndarray, "4 A"]
Tabulate = Callable[[Float[ndarray, "G 2"]], SampleTable]
"""Coordinates in the plane → the sample table there."""

Split = Callable[[Float[ndarray, "G 2"]], VarianceParts]
"""Coordinates in the plane → the parts of the variance there, of the slope along d1+d2."""

LookAtUnits = Callable[[Float[ndarray, "G 2"]], tuple[Bool[Tensor, "G H N"], Bool[Tensor, "G O N"]]]
"""Coordinates in the plane → for each sample, which hidden and which output units are off there."""


@dataclass(frozen=True, eq=False)
class Bends:
    """The sharpest bends of the full-batch slope on the lines, zoomed into.

    Attributes:
        unit: Directions of their lines.
        left: Where the last zoom begins, along the line.
        right: Where it ends.
        left_over: What the last zoom leaves of the bend before it.
    """

    unit: Float[ndarray, "F 2"]
    left: Float[ndarray, "F"]
    right: Float[ndarray, "F"]
    left_over: Float[ndarray, "F"]


@dataclass(frozen=True, eq=False)
class LineFeatures:
    """The landscape of one start point and one activation function. Lines are in the order of `geometry.LINES`.

    Attributes:
        half_width: The plane and the lines reach from −half_width to +half_width.
        positions: Along a line, equally spaced.
        loss: Of the full batch.
        slope: Likewise, along each line.
        loss_sd: Exact SD of a mini-batch's loss.
        sd: Exact SD of a mini-batch's slope.
        minima: In what share of the draws a mini-batch loss has a minimum there.
        nngpps: In what share of the draws a mini-batch slope has an NN-GPP there.
        tabulate: The network at any other point of the plane.
        split: Where the variance comes from, likewise.
        at_minima: `line_estimates.share_at_minima` of the draws.
        static_sd: `line_estimates.spread_of_static`.
        look_at_units: Which units are off, likewise.
        shared: Mini-batches that all points share: 1 for each sample that is in one, 0 for the others.
    """

    half_width: float
    positions: Float[ndarray, "A"]
    loss: OnLines
    slope: OnLines
    loss_sd: OnLines
    sd: OnLines
    minima: OnLines
    nngpps: OnLines
    tabulate: Tabulate
    split: Split
    at_minima: float
    static_sd: Float[ndarray, "4"]
    look_at_units: LookAtUnits
    shared: Float[Tensor, "N K"]

    @property
    def whole(self) -> bool:
        """Whether loss and slope are numbers all along the lines."""
        return bool(np.isfinite(self.loss).all() and np.isfinite(self.slope).all())

    @property
    def true_minima(self) -> Bool[ndarray, "4 A"]:
        """Where the full-batch loss has its minima."""
        return optima.minima(self.loss)

    @property
    def true_nngpps(self) -> Bool[ndarray, "4 A"]:
        """Where the full-batch slope has its NN-GPPs."""
        return optima.nngpps(self.slope)

    @property
    def curvatures(self) -> list[Float[ndarray, "F"]]:
        """Of each line, the curvature at its true NN-GPPs: change of the slope across the step, per unit length."""
        rise = np.diff(self.slope, axis=-1) / np.diff(self.positions)
        return [line[found[1:]] for line, found in zip(rise, self.true_nngpps, strict=True)]

    @property
    def bends(self) -> Float[ndarray, "4 E"]:
        """Curvature of each step of a line: the change of the slope, without sign, per unit length."""
        return np.abs(np.diff(self.slope, axis=-1) / np.diff(self.positions))

    @property
    def bending(self) -> Float[ndarray, "4"]:
        """Curvature of each direction: the mean change of the slope, without sign, per unit length of the whole line."""
        return self.bends.mean(-1)

    @property
    def curvature(self) -> float:
        """Mean curvature at all true NN-GPPs; 0 without any."""
        found = np.concatenate(self.curvatures)
        return float(found.mean()) if len(found) else 0.0

    @property
    def spurious(self) -> Float[ndarray, "4"]:
        """NN-GPPs to be expected on each line beyond its true ones."""
        return self.nngpps.sum(-1) - self.true_nngpps.sum(-1)

    @property
    def spurious_at_edges(self) -> float:
        """As `spurious`, in the outer fifths of all lines together."""
        outer = np.abs(self.positions) > EDGE * self.half_width
        return float(self.nngpps[:, outer].sum() - self.true_nngpps[:, outer].sum())

    @property
    def nearest(self) -> OnLines:
        """Distance of each point from the nearest true NN-GPP of its line, in half-widths; 1 on a line without any."""
        away = np.ones(self.slope.shape)
        for line, found in enumerate(self.true_nngpps):
            if found.any():
                away[line] = np.abs(self.positions[:, None] - self.positions[found]).min(-1) / self.half_width
        return away

    def scatter(self, shares: OnLines) -> float:
        """Mean distance of apparent optima, given as shares, from the nearest true NN-GPP; 0 if there are none."""
        total = shares.sum()
        return float((shares * self.nearest).sum() / total) if total else 0.0

    @property
    def undecided(self) -> float:
        """Mean length of the stretch around a true NN-GPP in which the sign is undecided, in half-widths; 1 without any.

        What is undecided, a normal law with the exact SD decides. A stretch is at least the step with the sign change.
        """
        lengths = []
        for open_, found in zip(np.abs(self.slope) < UNDECIDED_SDS * self.sd, self.true_nngpps, strict=True):
            for right in np.flatnonzero(found):
                steps_left = int(np.argmin(np.append(open_[:right][::-1], False)))
                steps_right = int(np.argmin(np.append(open_[right:], False)))
                lengths.append(steps_left + steps_right + 1)
        step = 2 / (len(self.positions) - 1)
        return float(np.mean(lengths) * step) if lengths else 1.0

    def spreads(self, shares: OnLines) -> Float[ndarray, "4"]:
        """Variance of the places of apparent optima on each line, in units of that of uniform ones; NaN without any."""
        return 3 * optima.place_variance(self.positions / self.half_width, shares)

    @property
    def persistence(self) -> float:
        """What the last zoom leaves of a bend of the full-batch slope, at the bend that lasts best: 1 where it jumps."""
        return float(self.sharpest.left_over.max(initial=0.0))

    @cached_property
    def sharpest(self) -> Bends:
        """The sharpest bends that the zooms leave more of than rounding gives.

        A bend is the second difference of the slope at neighbouring points, without sign, so that a jump shows on a steep
        slope too. The sharpest local maxima of the bend on each line are zoomed into: a zoom cuts the two steps around a
        bend into 16, and goes on with the sharpest bend among these. A zoom makes steps eight times smaller. It leaves
        1/64 of a smooth bend, 1/4 of a kink of the slope at most, and all of a jump; a bend below what rounding alone
        gives counts as 0.
        """
        bends = np.abs(np.diff(self.slope, n=2, axis=-1))
        rounding = 100 * np.finfo(self.slope.dtype).eps * float(np.abs(self.slope).max())
        line, place = np.nonzero(_find_sharpest(bends) & (bends > rounding))
        units = np.array([line.unit for line in LINES])[line]
        left, right, sharpest = self.positions[place], self.positions[place + 2], bends[line, place]
        left_over = np.ones(len(line))
        for _ in range(ZOOMS):
            if not len(sharpest):
                break
            steps = np.linspace(left, right, PIECES + 1, axis=-1)
            table = self.tabulate((steps[..., None] * units[:, None]).reshape(-1, 2))
            slope = moments.full_batch(table.slope(np.repeat(units, PIECES + 1, axis=0))).reshape(steps.shape)
            bend = np.abs(np.diff(slope, n=2, axis=-1))
            place, sharper = bend.argmax(-1), bend.max(-1)
            kept = np.flatnonzero(sharper > rounding)
            left, right = steps[kept, place[kept]], steps[kept, place[kept] + 2]
            left_over, sharpest, units = (sharper / sharpest)[kept], sharper[kept], units[kept]
        return Bends(units, left, right, left_over)

    def count_active(self, coordinates: Float[ndarray, "G 2"]) -> Float[ndarray, "G"]:
        """The share of all units, hidden and output ones, that are on at points of the plane, over units and samples."""
        off = torch.cat(self.look_at_units(coordinates), dim=1)
        return 1 - moments.to_numpy(off.to(torch.float64).mean((-1, -2)))

    @property
    def coarse(self) -> Float[ndarray, "G 2"]:
        """The points of the coarse plane, to its ends."""
        return grid.plane(grid.axis(self.half_width, COARSE))

    @property
    def cells(self) -> Float[ndarray, "G 2"]:
        """The centres of equal cells of the plane."""
        return grid.plane(grid.axis(self.half_width * (1 - 1 / CELLS), CELLS))

    @property
    def step(self) -> float:
        """Distance of neighbouring points of a line."""
        return float(self.positions[1] - self.positions[0])

    @cached_property
    def parts(self) -> VarianceParts:
        """The parts of the variance at the points of the coarse plane."""
        return self.split(self.coarse)

    @cached_property
    def chances(self) -> tuple[Float[ndarray, "G"], Float[ndarray, "G"]]:
        """Chances of a minimum and of an NN-GPP of mini-batches along d1+d2, at the centres of cells.

        The neighbours of a point are, as on the paper's grid, one step of a line back and on along d1 and along d2. The
        mini-batches are shared by all points, but a point and its neighbours have losses of different ones.
        """
        around = [self.tabulate(self.cells + away) for away in (-self.step, 0.0, self.step)]
        shared = self.shared[:, : 3 * LOSSES].to(around[0].loss)
        draws = min(LOSSES, shared.shape[1] // 3)
        own = shared[:, : 3 * draws].split(draws, dim=1) if draws else [shared] * 3
        losses = [moments.to_numpy(table.loss @ some).T for table, some in zip(around, own, strict=True)]
        (negative, _), (_, positive) = (moments.sign_shares(table.slope(DIAGONAL), shared) for table in around[:2])
        return moments.chance_of_minimum(*losses), negative * positive


def _find_sharpest(bends: Float[ndarray, "4 E"]) -> Bool[ndarray, "4 E"]:
    """The sharpest local maxima of each line; equal neighbours are maxima both."""
    padded = np.pad(bends, ((0, 0), (1, 1)))
    peaks = np.where((bends >= padded[:, :-2]) & (bends >= padded[:, 2:]), bends, 0.0)
    ranks = np.argsort(np.argsort(-peaks, axis=-1, kind="stable"), axis=-1)
    return (peaks > 0) & (ranks < BENDS)


def find_growth(features: LineFeatures, near: float = 1024.0) -> Float[ndarray, "8"]:
    """Local exponents of the loss far out on both ends of each line: log2 of L(2r) / L(r), r = `near` half-widths."""
    units = np.concatenate([[line.unit, -line.unit] for line in LINES])
    reach = features.half_width * near
    table = features.tabulate(np.concatenate([reach * units, 2 * reach * units]))
    inner, outer = moments.full_batch(table.loss).reshape(2, len(units))
    with np.errstate(all="ignore"):  # a loss of exactly 0 has no exponent
        return np.log2(outer / inner)


def find_steepest(features: LineFeatures) -> Float[ndarray, "G"]:
    """At each point of a coarse plane, the largest slope that any sample has along d1 or d2, without sign."""
    first, second = features.tabulate(features.coarse).slopes
    return np.maximum(*(moments.to_numpy(slope.abs().amax(-1)) for slope in (first, second)))
