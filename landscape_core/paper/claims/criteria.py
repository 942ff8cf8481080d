"""Criteria that one landscape meets or does not, and numbers that describe it.

The paper gives no thresholds. These are ours: round numbers, most of them a half, that a reader would choose without
looking at the answers.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Integer
from numpy import ndarray

from landscape_core.geometry.grid import LINES
from landscape_core.paper.claims.line_features import LineFeatures, find_growth, find_steepest
from landscape_core.statistics.moments import noise_ceiling

D2, DIAGONALS = 1, [2, 3]
"""Places in `geometry.LINES`."""

JUMP = 0.5
"""A slope jumps if a zoom leaves more than this of a bend: all of it at a jump, a quarter or less if it is continuous."""

QUADRATIC = 2.25
"""Doubling the distance multiplies a polynomial of second degree by 2²; the rest is for its lower terms far out."""

UNEVEN = 0.1
"""Places are even if no stretch from the start of a line holds more or less of them than its share, by this."""


def jumps(features: LineFeatures) -> bool:
    """Whether the full-batch slope jumps somewhere."""
    return features.persistence > JUMP


def faster_than_quadratic(features: LineFeatures) -> bool:
    """Whether the loss grows faster than a parabola, far out on some end of a line."""
    return bool((find_growth(features) > QUADRATIC).any())


def expected_nngpps(features: LineFeatures) -> float:
    """NN-GPPs of mini-batches to be expected."""
    return float(features.nngpps.sum())


def scatter(features: LineFeatures) -> float:
    """Mean distance of the NN-GPPs of mini-batches from the nearest true one on their line, in half-widths."""
    return features.scatter(features.nngpps)


def optima(features: LineFeatures) -> int:
    """True minima on the four lines."""
    return int(features.true_minima.sum())


def several_on_a_line(features: LineFeatures) -> bool:
    """Whether some line has at least two true minima."""
    return bool((features.true_minima.sum(-1) > 1).any())


def one_on_each_line(features: LineFeatures) -> bool:
    """Whether every line has exactly one true minimum and one true NN-GPP."""
    return bool((features.true_minima.sum(-1) == 1).all() and (features.true_nngpps.sum(-1) == 1).all())


def one_on_each_diagonal(features: LineFeatures) -> bool:
    """Whether d1+d2 and d1−d2 have exactly one true minimum each."""
    return bool((features.true_minima.sum(-1)[DIAGONALS] == 1).all())


def same_true_optima(features: LineFeatures) -> bool:
    """Whether every line has as many true NN-GPPs as true minima, each at its minimum or one point after it."""
    minima, nngpps = features.true_minima, features.true_nngpps
    near = minima.copy()
    near[:, 1:] |= minima[:, :-1]
    return bool((minima.sum(-1) == nngpps.sum(-1)).all() and (near | ~nngpps).all())


def flattest_lines(features: LineFeatures) -> Integer[ndarray, "2"]:
    """The two lines whose slope changes least along their length."""
    return np.argsort(features.bending, kind="stable")[:2]


def spurious_on_flattest(features: LineFeatures) -> float:
    """Spurious NN-GPPs to be expected on the two flattest lines."""
    return float(features.spurious[flattest_lines(features)].sum())


def mostly_on_flattest(features: LineFeatures) -> bool:
    """Whether the two flattest lines carry more than half of the spurious NN-GPPs."""
    spurious = features.spurious.clip(min=0.0)
    return float(spurious[flattest_lines(features)].sum()) > 0.5 * float(spurious.sum())


def mostly_on_d2(features: LineFeatures) -> bool:
    """Whether d2 carries more than half of the spurious NN-GPPs."""
    spurious = features.spurious.clip(min=0.0)
    return float(spurious[D2]) > 0.5 * float(spurious.sum())


def all_along_d2(features: LineFeatures) -> bool:
    """Whether at least half an NN-GPP is to be expected in each fifth of the line d2."""
    return all(float(fifth.sum()) >= 0.5 for fifth in np.array_split(features.nngpps[D2], 5))


def convex_from_afar(features: LineFeatures) -> bool:
    """Whether the full-batch loss is convex on every line as far as five equally spaced points can tell."""
    at = features.half_width * np.array([-1.0, -0.5, 0.0, 0.5, 1.0])
    return all(bool((np.diff(np.interp(at, features.positions, loss), n=2) >= 0).all()) for loss in features.loss)


def concave_on_every_line(features: LineFeatures) -> bool:
    """Whether the full-batch slope falls somewhere on each of the lines."""
    return bool((np.diff(features.slope, axis=-1) < 0).any(-1).all())


def are_alike(features: LineFeatures, other: LineFeatures) -> bool:
    """Whether two full-batch losses differ on the lines by at most 5% of the range of the first."""
    return float(np.abs(features.loss - other.loss).max()) <= 0.05 * float(np.ptp(features.loss))


def quadratic_at_the_highest_end(features: LineFeatures) -> bool:
    """Whether both halves of the outer fifth before the highest end of a line have the same curvature, within a fifth.

    A slope that does not change there has no curvature.
    """
    half = max(1, len(features.positions) // 10)
    line, end = np.unravel_index(np.argmax(np.nan_to_num(features.loss[:, [0, -1]])), (len(LINES), 2))
    inwards = features.slope[line, ::-1] if end else features.slope[line]
    outer, inner = abs(inwards[0] - inwards[half]), abs(inwards[half] - inwards[2 * half])
    return bool(inner > 0 and 0.8 * inner <= outer <= 1.25 * inner)


def shallow_and_sharp(features: LineFeatures) -> bool:
    """Whether the curvatures at the true NN-GPPs differ by more than a factor of ten."""
    all_ = np.concatenate(features.curvatures)
    return len(all_) > 1 and float(all_.min()) < 0.1 * float(all_.max())


def flat_somewhere(features: LineFeatures) -> bool:
    """Whether there is a point of a coarse plane where no sample has any slope along d1 or d2."""
    return bool((find_steepest(features) == 0).any())


def next_to_flat(features: LineFeatures) -> bool:
    """Whether no point of a coarse plane is flat, but some has slopes of less than 1% of the largest only."""
    steep = find_steepest(features)
    return bool((steep > 0).all() and (steep < 0.01 * steep.max()).any())


def many_minima(features: LineFeatures) -> bool:
    """Whether mini-batches have more than half of the minima that white noise has."""
    return float(features.minima.sum()) > 0.5 * len(LINES) * noise_ceiling(len(features.positions))


def evenly_spread(features: LineFeatures) -> bool:
    """Whether on every line the minima are as uniform ones: their variance to within a quarter, and all their distribution.

    Two clusters can have the variance of uniform places; their distribution is another one (Kolmogorov's distance).
    """
    return bool(even_lines(features).all())


def even_lines(features: LineFeatures) -> Bool[ndarray, "4"]:
    """On which lines the minima are spread evenly; see `evenly_spread`."""
    spreads, shares = features.spreads(features.minima), features.minima[:, 1:-1]
    with np.errstate(invalid="ignore"):  # of a line without minima
        found = np.cumsum(shares, axis=-1) / shares.sum(-1, keepdims=True)
    away = np.abs(found - np.arange(1, found.shape[-1] + 1) / found.shape[-1]).max(-1)
    return np.asarray((spreads >= 0.75) & (spreads <= 1.25) & (away <= UNEVEN))


def spread_by_curvature(features: LineFeatures) -> float:
    """Spearman's correlation, over the four lines, of their curvature with the variance of the NN-GPPs' places."""
    spreads = np.nan_to_num(features.spreads(features.nngpps))  # a line without NN-GPPs has none to scatter
    return rank_correlation(features.bending, spreads)


def rank_correlation(first: Float[ndarray, "K"], second: Float[ndarray, "K"]) -> float:
    """Spearman's; equal values are ranked in their order."""
    ranks = np.stack([np.argsort(np.argsort(values, kind="stable")) for values in (first, second)])
    return float(np.asarray(np.corrcoef(ranks))[0, 1])


def half_the_variance(features: LineFeatures) -> bool:
    """Whether NN-GPPs, where they scatter most, have at most half the variance of the minima where those do least."""
    widest = np.nan_to_num(features.spreads(features.nngpps)).max()  # a line without NN-GPPs has none to scatter
    return bool(widest <= 0.5 * features.spreads(features.minima).min())


def minima_for_an_nngpp(features: LineFeatures) -> float:
    """How many times as many minima as NN-GPPs mini-batches have; infinite without NN-GPPs."""
    return float(features.minima.sum()) / expected_nngpps(features) if expected_nngpps(features) else np.inf
