"""What the paper observes of NN-GPPs along lines: beside minima, beside the uncertainty of the solution, where they shift.

Thresholds are ours, as in `criteria`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from landscape_core.geometry import grid
from landscape_core.geometry.grid import LINES
from landscape_core.paper.claims.claim import Claim, Landscapes, claim_of_all, claim_of_one
from landscape_core.paper.claims.criteria import JUMP, rank_correlation
from landscape_core.paper.claims.line_features import LineFeatures
from landscape_core.paper.claims.repeated_claims import SMOOTH
from landscape_core.paper.likely_places import FAR, find_shifts
from landscape_core.paper.published import DOMAIN_TABLE, PAPER_ACTIVATIONS
from landscape_core.statistics import moments, optima

LAW = 5 / 6
"""Variance of the NN-GPPs' places in (SD of the slope / curvature)², on a straight slope with normal noise."""

FACTOR = 2.0
"""Two numbers agree if neither is more than so many times the other."""

BEYOND = 2
"""Section 5 looks at Softsign on lines of so many times the length: [−4, 4]."""


def chance_at_minima(features: LineFeatures) -> float:
    """As `LineFeatures.at_minima`, if loss and slope were of different mini-batches; 0 without NN-GPPs."""
    near = features.minima.copy()
    near[:, 1:] += features.minima[:, :-1]  # two neighbouring points are not both minima
    total = features.nngpps.sum()
    return float((features.nngpps * near).sum() / total) if total else 0.0


def minima_at_nngpps(features: LineFeatures) -> float:
    """Of the minima of mini-batches: the share with an NN-GPP of the same ones at their point or the next; at most 1."""
    total = features.minima.sum()
    return float(features.at_minima * features.nngpps.sum() / total) if total else 0.0


def find_law(features: LineFeatures) -> Float[ndarray, "4"]:
    """SD of the slope / curvature at the true NN-GPP of each line; NaN on a line that has not exactly one."""
    found = np.full(len(LINES), np.nan)
    for line, true in enumerate(features.true_nngpps):
        if true.sum() == 1:
            right = int(np.flatnonzero(true)[0])
            step = slice(right - 1, right + 1)
            (before, after), sd = features.slope[line, step], features.sd[line, step]
            curvature = (after - before) / (features.positions[right] - features.positions[right - 1])
            found[line] = np.interp(0.0, (before, after), sd) / curvature
    return found


def find_half_widths(features: LineFeatures) -> Float[ndarray, "4"]:
    """Half of the stretch around the true NN-GPP in which the slope is nearer to 0 than one SD, straight between points.

    NaN on a line that has not exactly one true NN-GPP, or off which the stretch goes.
    """
    found = np.full(len(LINES), np.nan)
    sd = np.where(features.sd > 0, features.sd, np.nan).astype(np.float64)  # none where nothing varies
    levels = (features.slope / sd + 1) / 2  # 0 at −1 SD, 1 at +1 SD
    for line, true in enumerate(features.true_nngpps):
        if true.sum() == 1:
            right = int(np.flatnonzero(true)[0])
            low, high = optima.uncertain_interval(features.positions, levels[line], right, level=0.0)
            found[line] = np.nan if low is None or high is None else (high - low) / 2
    return found


def share_that_agrees(found: Float[ndarray, "K"], expected: Float[ndarray, "K"]) -> float:
    """How many numbers are within `FACTOR` of what is expected, of those that are known; 0 without any."""
    known = np.isfinite(found) & np.isfinite(expected)
    agree = (found[known] <= FACTOR * expected[known]) & (expected[known] <= FACTOR * found[known])
    return float(agree.mean()) if known.any() else 0.0


def follow_the_law(landscapes: Sequence[LineFeatures]) -> float:
    """On how many of the lines with one true NN-GPP the variance of the NN-GPPs' places is that of the law."""
    unit = [features.half_width**2 / 3 for features in landscapes]
    spreads = [one * features.spreads(features.nngpps) for one, features in zip(unit, landscapes, strict=True)]
    laws = [LAW * find_law(features) ** 2 for features in landscapes]
    return share_that_agrees(np.concatenate(spreads), np.concatenate(laws))


def static_as_wide(landscapes: Sequence[LineFeatures]) -> float:
    """On how many of the lines with one true NN-GPP static minimisers scatter as wide as the sign is open."""
    spreads, widths = ([one.static_sd for one in landscapes], [find_half_widths(one) for one in landscapes])
    return share_that_agrees(np.concatenate(spreads), np.concatenate(widths))


def tell_the_uncertainty(landscapes: Sequence[LineFeatures]) -> tuple[float, float]:
    """Spearman's correlation, over all lines, of the spread of static minimisers with those of NN-GPPs and of minima."""
    static = np.nan_to_num(np.concatenate([features.static_sd for features in landscapes]))
    nngpps, minima = (
        np.nan_to_num(np.concatenate([features.spreads(getattr(features, kind)) for features in landscapes]))
        for kind in ("nngpps", "minima")
    )
    return rank_correlation(static, nngpps), rank_correlation(static, minima)


def switches_at_jumps(features: LineFeatures) -> bool:
    """Whether there are jumps of the full-batch slope, and at each some unit goes on or off for some sample."""
    bends = features.sharpest
    jump = bends.left_over > JUMP
    if not jump.any():
        return False
    ends = [at[jump, None] * bends.unit[jump] for at in (bends.left, bends.right)]
    switched = np.zeros(int(jump.sum()), dtype=bool)
    for before, after in zip(*(features.look_at_units(end) for end in ends), strict=True):
        switched |= moments.to_numpy((before != after).flatten(1).any(-1))
    return bool(switched.all())


def shifts_along_flattest(features: LineFeatures) -> bool:
    """Whether the likely place nearest to some true NN-GPP is far, and the farthest is on one of the two flattest lines."""
    positions = BEYOND * features.positions
    units = np.repeat([line.unit for line in LINES], len(positions), axis=0)
    slope = features.tabulate(grid.lines(positions)).slope(units)
    _, positive = moments.sign_shares(slope, features.shared)
    full = moments.full_batch(slope).reshape(len(LINES), -1)
    found = find_shifts(positions, full, positive.reshape(full.shape))
    if not (found.size > FAR).any():
        return False
    flattest = np.argsort(np.abs(np.diff(full)).mean(-1), kind="stable")[:2]
    return bool(found.line[found.size.argmax()] in flattest)


def _all_six(landscapes: Landscapes) -> list[LineFeatures]:
    return [landscapes[name] for name in PAPER_ACTIVATIONS]


def _claims_of_both(domain: str) -> tuple[Claim, ...]:
    """What Fig. 1 shows of four parabolas, of the network; and the laws behind it."""
    return (
        claim_of_all(
            f"{domain}-all-minimisers",
            "Every NN-GPP is also a minimiser.",
            "For each activation, at least nine in ten NN-GPPs of mini-batches have a minimum of the same mini-batches at "
            "their point or the one before.",
            lambda features: features.at_minima >= 0.9,
            "Section 1",
        ),
        Claim(
            f"{domain}-all-beside-minima",
            "NN-GPPs are minimisers more often than chance makes them.",
            "On the mean of the six, NN-GPPs of mini-batches have a minimum of the same mini-batches at their point or the "
            "one before more often than if loss and slope were of different ones.",
            PAPER_ACTIVATIONS,
            lambda found: float(np.mean([one.at_minima - chance_at_minima(one) for one in _all_six(found)])) > 0,
            "Section 1",
        ),
        claim_of_all(
            f"{domain}-all-ignored",
            "The majority of the minimisers are no NN-GPPs.",
            "For each activation, less than half of the minima of mini-batches have an NN-GPP of the same mini-batches at "
            "their point or the next.",
            lambda features: minima_at_nngpps(features) < 0.5,
            "Section 1",
        ),
        Claim(
            f"{domain}-all-uncertainty",
            "The spread of the NN-GPPs tells how uncertain the solution is, that of the minimisers does not.",
            "How uncertain a solution is, the minimisers of static mini-batches tell, each kept along the line. Over the "
            "24 lines of the six, Spearman's correlation of their SD with the variance of the NN-GPPs' places is at least "
            "a half, with that of the minima's less than a half.",
            PAPER_ACTIVATIONS,
            lambda found: tell_the_uncertainty(_all_six(found))[0] >= 0.5 > tell_the_uncertainty(_all_six(found))[1],
            "Section 1",
        ),
        Claim(
            f"{domain}-all-static",
            "NN-GPPs stay where single mini-batches have their own minima.",
            "On more than half of the lines of the six with one true NN-GPP, the SD of the places where the slopes of "
            "static mini-batches pass 0 is within a factor of two of half the stretch in which the full-batch slope is "
            "nearer to 0 than one SD of a mini-batch's.",
            PAPER_ACTIVATIONS,
            lambda found: static_as_wide(_all_six(found)) > 0.5,
            "Caption of Fig. 1",
        ),
        Claim(
            f"{domain}-all-law",
            "The variance of the NN-GPPs' places follows from the noise and the curvature.",
            "On more than half of the lines of Sigmoid, Tanh, Softsign and ELU with one true NN-GPP, it is within a factor "
            "of two of 5/6 (SD of the slope / curvature)², what a straight slope with normal noise gives.",
            SMOOTH,
            lambda found: follow_the_law([found[name] for name in SMOOTH]) > 0.5,
            "Section 6",
        ),
    )


def _claim_switching(activation: str, observed: str) -> Claim:
    return claim_of_one(
        f"local-{activation}-units",
        f"{observed} are units that go on or off.",
        "At each of the three sharpest bends on every line that jumps, and at one at least, some unit goes on or off for "
        "some sample within the last zoom: 1/2048 of a step of the line.",
        switches_at_jumps,
        "Caption of Fig. 15",
    )


LINE_OBSERVATIONS: tuple[Claim, ...] = (
    *(claim for domain in DOMAIN_TABLE for claim in _claims_of_both(domain)),
    claim_of_one(
        "local-softsign-shift",
        "In directions of low curvature the likely place of an NN-GPP can shift.",
        "On ±4, some true NN-GPP is farther than 0.5 from the nearest place where P(slope > 0) passes one half, and the "
        "farthest is on one of the two lines whose slope changes least along their length.",
        shifts_along_flattest,
        "Section 5",
    ),
    _claim_switching("relu", "The jumps of the slope of ReLU"),
    _claim_switching("leaky_relu", "The jumps of the slope of leaky ReLU, as those of ReLU,"),
)
