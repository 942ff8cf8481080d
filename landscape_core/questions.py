"""Questions that one landscape answers with yes, no or a number.

The paper gives no thresholds. These are ours: round numbers, most of them a half, that a reader would choose without
looking at the answers.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Integer
from numpy import ndarray

from landscape_core.geometry import LINES
from landscape_core.measured import Measured, growth, steepest
from landscape_core.statistics import noise_ceiling

D2, DIAGONALS = 1, [2, 3]
"""Places in `geometry.LINES`."""

JUMP = 0.5
"""A slope jumps if a zoom leaves more than this of a bend: all of it at a jump, a quarter or less if it is continuous."""

QUARTIC = 4.25
"""Doubling the distance multiplies a polynomial of fourth degree by 2⁴; the rest is for its lower terms far out."""


def jumps(one: Measured) -> bool:
    """Whether the full-batch slope jumps somewhere."""
    return one.persistence > JUMP


def faster_than_quartic(one: Measured) -> bool:
    """Whether the loss grows faster than any polynomial of fourth degree, far out on some end of a line."""
    return bool((growth(one) > QUARTIC).any())


def found(one: Measured) -> float:
    """NN-GPPs of mini-batches to be expected."""
    return float(one.nngpps.sum())


def scatter(one: Measured) -> float:
    """Mean distance of the NN-GPPs of mini-batches from the nearest true one on their line, in half-widths."""
    return one.scatter(one.nngpps)


def optima(one: Measured) -> int:
    """True minima on the four lines."""
    return int(one.true_minima.sum())


def several_on_a_line(one: Measured) -> bool:
    """Whether some line has at least two true minima."""
    return bool((one.true_minima.sum(-1) > 1).any())


def one_on_each_line(one: Measured) -> bool:
    """Whether every line has exactly one true minimum and one true NN-GPP."""
    return bool((one.true_minima.sum(-1) == 1).all() and (one.true_nngpps.sum(-1) == 1).all())


def one_on_each_diagonal(one: Measured) -> bool:
    """Whether d1+d2 and d1−d2 have exactly one true minimum each."""
    return bool((one.true_minima.sum(-1)[DIAGONALS] == 1).all())


def same_true_optima(one: Measured) -> bool:
    """Whether every line has as many true NN-GPPs as true minima, each at its minimum or one point after it."""
    minima, nngpps = one.true_minima, one.true_nngpps
    near = minima.copy()
    near[:, 1:] |= minima[:, :-1]
    return bool((minima.sum(-1) == nngpps.sum(-1)).all() and (near | ~nngpps).all())


def flattest_lines(one: Measured) -> Integer[ndarray, "2"]:
    """The two lines whose slope changes least along their length."""
    return np.argsort(one.bending, kind="stable")[:2]


def spurious_on_flattest(one: Measured) -> float:
    """Spurious NN-GPPs to be expected on the two flattest lines."""
    return float(one.spurious[flattest_lines(one)].sum())


def mostly_on_flattest(one: Measured) -> bool:
    """Whether the two flattest lines carry more than half of the spurious NN-GPPs."""
    spurious = one.spurious.clip(min=0.0)
    return float(spurious[flattest_lines(one)].sum()) > 0.5 * float(spurious.sum())


def mostly_on_d2(one: Measured) -> bool:
    """Whether d2 carries more than half of the spurious NN-GPPs."""
    spurious = one.spurious.clip(min=0.0)
    return float(spurious[D2]) > 0.5 * float(spurious.sum())


def all_along_d2(one: Measured) -> bool:
    """Whether at least half an NN-GPP is to be expected in each fifth of the line d2."""
    return all(float(fifth.sum()) >= 0.5 for fifth in np.array_split(one.nngpps[D2], 5))


def convex_from_afar(one: Measured) -> bool:
    """Whether the full-batch loss is convex on every line as far as five equally spaced points can tell."""
    at = one.half_width * np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    return all(bool((np.diff(np.interp(at, one.positions, loss), n=2) >= 0).all()) for loss in one.loss)


def concave_on_every_line(one: Measured) -> bool:
    """Whether the full-batch slope falls somewhere on each of the lines."""
    return bool((np.diff(one.slope, axis=-1) < 0).any(-1).all())


def alike(one: Measured, other: Measured) -> bool:
    """Whether two full-batch losses differ on the lines by at most 5 % of the range of the first."""
    return float(np.abs(one.loss - other.loss).max()) <= 0.05 * float(np.ptp(one.loss))


def quadratic_at_the_highest_end(one: Measured) -> bool:
    """Whether both halves of the outer fifth before the highest end of a line have the same curvature, within a fifth.

    A slope that does not change there has no curvature.
    """
    half = max(1, len(one.positions) // 10)
    line, end = np.unravel_index(np.argmax(np.nan_to_num(one.loss[:, [0, -1]])), (len(LINES), 2))
    inwards = one.slope[line, ::-1] if end else one.slope[line]
    outer, inner = abs(inwards[0] - inwards[half]), abs(inwards[half] - inwards[2 * half])
    return bool(inner > 0 and 0.8 * inner <= outer <= 1.25 * inner)


def shallow_and_sharp(one: Measured) -> bool:
    """Whether the curvatures at the true NN-GPPs differ by more than a factor of ten."""
    all_ = np.concatenate(one.curvatures)
    return len(all_) > 1 and float(all_.min()) < 0.1 * float(all_.max())


def flat_somewhere(one: Measured) -> bool:
    """Whether there is a point of a coarse plane where no sample has any slope along d1 or d2."""
    return bool((steepest(one) == 0).any())


def next_to_flat(one: Measured) -> bool:
    """Whether no point of a coarse plane is flat, but some has slopes of less than 1 % of the largest only."""
    steep = steepest(one)
    return bool((steep > 0).all() and (steep < 0.01 * steep.max()).any())


def many_minima(one: Measured) -> bool:
    """Whether mini-batches have more than half of the minima that white noise has."""
    return float(one.minima.sum()) > 0.5 * len(LINES) * noise_ceiling(len(one.positions))


def evenly_spread(one: Measured) -> bool:
    """Whether on every line the variance of the minima's places is within a quarter of that of uniform ones."""
    spreads = one.spreads(one.minima)
    return bool(((spreads >= 0.75) & (spreads <= 1.25)).all())


def half_the_variance(one: Measured) -> bool:
    """Whether NN-GPPs, where they scatter most, have at most half the variance of the minima where those do least."""
    widest = np.nan_to_num(one.spreads(one.nngpps)).max()  # a line without NN-GPPs has none to scatter
    return bool(widest <= 0.5 * one.spreads(one.minima).min())


def minima_for_an_nngpp(one: Measured) -> float:
    """How many times as many minima as NN-GPPs mini-batches have; infinite without NN-GPPs."""
    return float(one.minima.sum()) / found(one) if found(one) else np.inf
