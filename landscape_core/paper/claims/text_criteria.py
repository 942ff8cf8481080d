"""Criteria of the paper's text and captions, on lines and on a coarse plane.

As those of the tables (`criteria`), their thresholds are ours, and round numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from landscape_core.geometry import grid
from landscape_core.paper.claims import criteria
from landscape_core.paper.claims.line_features import DIAGONAL, EDGE, LineFeatures
from landscape_core.paper.claims.plane_features import (
    find_planes_next_to_flat,
    find_uncertain,
    is_outside,
)
from landscape_core.statistics import moments

MIDDLE = 0.2
"""The middle fifth of a line reaches to this share of its half-width, on either side."""

LIKELY_MINIMUM, LIKELY_NNGPP = 1 / 6, 1 / 8
"""Half of the chance that white noise gives a point: to be the least of three, and to be positive after a negative one."""


def quieter_lines(features: LineFeatures) -> Bool[ndarray, "4"]:
    """On which lines the slope's mean SD, in units of the slope's range, is less than the loss's in those of its range."""
    slope, loss = features.sd.mean(-1), features.loss_sd.mean(-1)
    return np.asarray(slope * np.ptp(features.loss, axis=-1) < loss * np.ptp(features.slope, axis=-1))


def scatters_beyond_one(features: LineFeatures) -> bool:
    """Whether, at some point of the coarse plane, the errors of some output have an SD of more than 1."""
    return bool((features.parts.error_sd > 1).any())


def quiet_loss_at_small_errors(features: LineFeatures) -> bool:
    """Whether the loss has less than half of its mean SD at the tenth of the coarse plane with the smallest mean errors."""
    parts = features.parts
    return _is_quiet(np.linalg.norm(parts.error_mean, axis=-1), np.sqrt(parts.loss_variance))


def quiet_slope_at_small_models(features: LineFeatures) -> bool:
    """Likewise of the slope, with the smallest mean derivatives of the outputs."""
    parts = features.parts
    return _is_quiet(np.linalg.norm(parts.model_mean, axis=-1), np.sqrt(parts.slope_variance))


def _is_quiet(measure: Float[ndarray, "G"], noise: Float[ndarray, "G"]) -> bool:
    least = np.argsort(measure, kind="stable")[: max(1, len(measure) // 10)]
    return float(noise[least].mean()) < 0.5 * float(noise.mean())


def flat_and_quiet_outside(features: LineFeatures) -> bool:
    """Whether the quietest tenth of the coarse plane is quiet, flat, and at least nine tenths of it in the outer fifths.

    It has less than half of the mean SD of the slope on the plane, and less than half of the mean full-batch slope, without
    sign.
    """
    slope = features.tabulate(features.coarse).slope(DIAGONAL)
    noise = moments.exact_sd(slope, int(features.shared[:, 0].sum()))
    quietest = np.argsort(noise, kind="stable")[: max(1, len(noise) // 10)]
    quiet_and_flat = all(
        float(values[quietest].mean()) < 0.5 * float(values.mean())
        for values in (noise, np.abs(moments.full_batch(slope)))
    )
    return quiet_and_flat and float(is_outside(features, EDGE)[quietest].mean()) >= 0.9


def minima_everywhere(features: LineFeatures) -> bool:
    """Whether a minimum of mini-batches is likely on more than nine tenths of the plane."""
    minima, _ = features.chances
    return float((minima > LIKELY_MINIMUM).mean()) > 0.9


def nngpps_on_less(features: LineFeatures) -> bool:
    """Whether an NN-GPP is likely on less than half of the area where a minimum is."""
    minima, nngpps = features.chances
    return int((nngpps > LIKELY_NNGPP).sum()) < 0.5 * int((minima > LIKELY_MINIMUM).sum())


def open_on_both_sides(features: LineFeatures) -> bool:
    """Whether the areas where the sign is open, before and after its change, differ by at most a fifth of the larger."""
    before, after = find_uncertain(features)
    return 0 < 0.8 * max(before, after) <= min(before, after)


def quiet_but_spurious_where_flat(features: LineFeatures) -> bool:
    """Whether the flatter half of the points of the lines has the lower mean SD and more of the spurious NN-GPPs."""
    steep = np.abs(features.slope)
    flat = steep <= np.median(steep)
    return _is_quiet_but_spurious(features, flat, 1.0)


def quiet_but_spurious_at_edges(features: LineFeatures) -> bool:
    """Whether the outer fifths have the lower mean SD and more spurious NN-GPPs for their length."""
    outer = np.abs(features.positions) > EDGE * features.half_width
    return _is_quiet_but_spurious(
        features, np.broadcast_to(outer, features.slope.shape), float(outer.sum() / (~outer).sum())
    )


def _is_quiet_but_spurious(features: LineFeatures, there: Bool[ndarray, "4 A"], times: float) -> bool:
    """Whether the SD is lower there, and there are more spurious NN-GPPs than `times` as many as elsewhere."""
    spurious = features.nngpps - features.true_nngpps
    quiet = float(features.sd[there].mean()) < float(features.sd[~there].mean())
    return quiet and float(spurious[there].sum()) > times * float(spurious[~there].sum())


def alternating_lines(features: LineFeatures) -> Bool[ndarray, "4"]:
    """On which lines there are two stretches of high curvature with one of low curvature between them.

    High is more than half of the largest of the line, low less than a tenth.
    """
    found = []
    for bends in features.bends:
        high = np.flatnonzero(bends > 0.5 * bends.max())
        found.append(len(high) > 0 and bool((bends[high[0] : high[-1]] < 0.1 * bends.max()).any()))
    return np.array(found)


def largest_slope(features: LineFeatures) -> float:
    """The largest full-batch slope on the lines, without sign."""
    return float(np.abs(features.slope).max())


def negative_slope(features: LineFeatures) -> float:
    """The mean of the negative full-batch slopes on the lines, without sign; 0 if there are none."""
    negative = features.slope[features.slope < 0]
    return float(-negative.mean()) if len(negative) else 0.0


def nngpps_in_the_middle(features: LineFeatures) -> bool:
    """Whether the middle fifths hold more than half of the NN-GPPs, and less than half of the mean slope, without sign."""
    middle = np.abs(features.positions) < MIDDLE * features.half_width
    steep = np.abs(features.slope)
    return float(features.nngpps[:, middle].sum()) > 0.5 * criteria.expected_nngpps(features) and float(
        steep[:, middle].mean()
    ) < 0.5 * float(steep.mean())


def scatter_on_curved(features: LineFeatures) -> float:
    """Mean distance of NN-GPPs from the nearest true one, on the two lines whose slope changes most along their length."""
    shares = features.nngpps.copy()
    shares[criteria.flattest_lines(features)] = 0.0
    return features.scatter(shares)


def quiet_and_even_along_d2(features: LineFeatures) -> bool:
    """Whether the loss has its lowest mean SD on d2, and spurious minima are spread evenly there all the same."""
    return int(features.loss_sd.mean(-1).argmin()) == criteria.D2 and bool(criteria.even_lines(features)[criteria.D2])


def less_curved_with_fewer_on(features: LineFeatures) -> bool:
    """Whether steps of the lines with at most the median of units on have less than half the mean curvature of others."""
    active = features.count_active(grid.lines(features.positions)).reshape(features.slope.shape)
    on = (active[:, 1:] + active[:, :-1]) / 2
    fewer = on <= np.median(on)
    if fewer.all():
        return False
    return float(features.bends[fewer].mean()) < 0.5 * float(features.bends[~fewer].mean())


def shallow_before_sharp(features: LineFeatures) -> bool:
    """Whether of the true NN-GPPs the shallowest lies in the negative half, and the sharpest between 0 and 1."""
    places = np.concatenate([features.positions[found] for found in features.true_nngpps])
    curvatures = np.concatenate(features.curvatures)
    if len(places) < 2:
        return False
    return bool(places[curvatures.argmin()] < 0 < places[curvatures.argmax()] < 1)


def slightly_curved_where_nearly_flat(features: LineFeatures) -> bool:
    """Whether more than half of the points next to flat are curved, by less than a tenth of the lines' mean curvature."""
    _, curvature = find_planes_next_to_flat(features)
    return bool(len(curvature) and np.mean((curvature > 0) & (curvature < 0.1 * features.bends.mean())) > 0.5)


def constant_where_nearly_flat(features: LineFeatures) -> bool:
    """Whether the full-batch slopes at the points next to flat have one sign, and differ by at most a tenth."""
    slope, _ = find_planes_next_to_flat(features)
    if not len(slope):
        return False
    low, high = np.sort(np.abs(slope))[[0, -1]]
    return bool((slope > 0).all() or (slope < 0).all()) and bool(low >= 0.9 * high)


QUANTITIES: tuple[Callable[[LineFeatures], float], ...] = (
    criteria.expected_nngpps,
    criteria.scatter,
    lambda features: features.undecided,
    lambda features: float(np.nan_to_num(features.spreads(features.nngpps)).max()),
)
"""The four measures of the score of `is_best`: the less, the better NN-GPPs can be found."""


def score(members: Sequence[LineFeatures]) -> Float[ndarray, "W"]:
    """Mean rank of each of some landscapes among them, over the four measures; equal ones share their mean rank."""
    ranks = []
    for quantity in QUANTITIES:
        values = np.array([quantity(features) for features in members])
        ranks.append([(values < value).sum() + ((values == value).sum() + 1) / 2 for value in values])
    return np.mean(ranks, axis=0)


def is_best(members: Sequence[LineFeatures]) -> bool:
    """Whether the first of some landscapes has the lowest score, alone."""
    own, *rest = score(members)
    return bool(own < min(rest))
