"""What mini-batches show together on the four lines: loss and slope of the same ones, and static ones along a line."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float
from numpy import ndarray
from torch import Tensor

from landscape_core.statistics import moments

STATIC = 1_000
"""Static mini-batches, at most, whose minimisers are looked for."""


def share_at_minima(loss: Float[ndarray, "D L A"], slope: Float[ndarray, "D L A"]) -> float:
    """Of the NN-GPPs of mini-batches: the share with a minimum of the same ones at their point or the one before.

    The mini-batches at different points are independent, so that any draws at the two points of the sign change belong
    together, and any at their neighbours: for each pair the comparisons with the two neighbours share nothing.

    Args:
        loss: Draws along lines.
        slope: Of the same mini-batches.

    Returns:
        Σ over pairs with a minimum / Σ over pairs; 0 without NN-GPPs.
    """
    higher_before, higher_after = np.zeros(loss.shape), np.zeros(loss.shape)  # the ends have no minima
    for draw in loss:
        higher_before[..., 1:] += draw[..., :-1] > loss[..., 1:]
        higher_after[..., :-1] += draw[..., 1:] > loss[..., :-1]
    found = both = 0.0
    for before, rises, side in zip(loss[..., :-1], slope[..., :-1] < 0, higher_before[..., :-1], strict=True):
        changes = rises & (slope[..., 1:] > 0)
        minimum = np.where(before < loss[..., 1:], side, 0.0) + np.where(
            loss[..., 1:] < before, higher_after[..., 1:], 0.0
        )
        found += float(changes.sum())
        both += float(minimum[changes].sum()) / len(loss)
    return both / found if found else 0.0


def spread_of_static(
    slope: Float[Tensor, "G N"], batches: Float[Tensor, "N K"], positions: Float[ndarray, "A"]
) -> Float[ndarray, "L"]:
    """SD of the places at which the slopes of static mini-batches pass 0 from below, each kept along all of a line.

    Args:
        slope: Per-sample slopes at the points of L lines, line after line.
        batches: 1 for each sample that is in a mini-batch, 0 for the others; the first `STATIC` are taken.
        positions: Along a line; slopes are taken as straight between them.

    Returns:
        For each line, over all mini-batches; NaN where none passes 0.
    """
    sums = moments.to_numpy(slope @ batches[:, :STATIC].to(slope)).reshape(
        -1, len(positions), min(STATIC, batches.shape[1])
    )
    before, after = sums[:, :-1], sums[:, 1:]
    passes = (before < 0) & (after > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = before / (before - after)
    places = positions[:-1, None] + share * np.diff(positions)[:, None]
    return np.array(
        [np.std(line[found]) if found.any() else np.nan for line, found in zip(places, passes, strict=True)]
    )
