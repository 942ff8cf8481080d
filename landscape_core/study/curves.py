"""The curves and counts on the four lines of a result, drawn from the sample table of these lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy import ndarray

from landscape_core.geometry.grid import LINES, axis
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import SHUFFLE, batch_means, static_means
from landscape_core.statistics import moments, optima
from landscape_core.statistics.sample_table import Tabulated, block_points
from landscape_core.study import limits
from landscape_core.study.limits import STATIC_BATCHES
from landscape_core.study.result import THINNINGS
from landscape_core.study.spec import StudySpec

BY_DRAW = ("line_minima_counts", "line_nngpp_counts", "line_minima_distances", "line_nngpp_distances")
"""Fields of a result with a value for each draw."""


def compute_lines(spec: StudySpec, table: Tabulated, report: Callable[[int], None]) -> dict[str, ndarray]:
    """The curves and counts of a result, by the names of its fields."""
    shape = (len(LINES), spec.line_points)
    batch: tuple[ndarray, ...] = ()
    flat, drawn = _look_at_points(spec, table)
    full_loss, full_slope = (flat[f"line_full_{name}"].reshape(shape) for name in ("loss", "slope"))
    positions = axis(spec.range, spec.line_points)
    true = optima.minima(full_loss), optima.nngpps(full_slope)
    to_minimum, to_nngpp = (optima.distance_to_nearest(positions, found) for found in true)
    by_draw: dict[str, list[ndarray]] = {name: [] for name in BY_DRAW}
    shares = {name: np.zeros(shape) for name in ("line_negative", "line_positive", "line_minima_chance")}
    if spec.sampling == SHUFFLE:
        shares["line_nngpp_share"] = np.zeros(shape)
    thinned = {name: np.zeros((len(THINNINGS), len(LINES))) for name in ("thinned_minima", "thinned_nngpps")}
    seen = 0
    for means in drawn:
        losses, slopes = (mean.reshape(-1, *shape) for mean in means)
        batch = batch or (losses[0].copy(), slopes[0].copy())
        minima, nngpps = optima.minima(losses), optima.nngpps(slopes)
        by_draw["line_minima_counts"].append(minima.sum(-1, dtype=np.int32))
        by_draw["line_nngpp_counts"].append(nngpps.sum(-1, dtype=np.int32))
        by_draw["line_minima_distances"].append(optima.median_distance(minima, to_minimum))
        by_draw["line_nngpp_distances"].append(optima.median_distance(nngpps, to_nngpp))
        shares["line_negative"] += (slopes < 0).sum(0)
        shares["line_positive"] += (slopes > 0).sum(0)
        shares["line_minima_chance"] += minima.sum(0)
        if spec.sampling == SHUFFLE:
            shares["line_nngpp_share"] += nngpps.sum(0)
        for row, step in enumerate(THINNINGS):
            thinned["thinned_minima"][row] += optima.minima(losses[..., ::step]).sum((0, -1))
            thinned["thinned_nngpps"][row] += optima.nngpps(slopes[..., ::step]).sum((0, -1))
        seen += len(losses)
        report(seen * len(table))

    return {
        **{name: value.reshape(*value.shape[:-1], *shape) for name, value in flat.items()},
        "line_batch_loss": batch[0],
        "line_batch_slope": batch[1],
        **{name: total / limits.LINE_DRAWS for name, total in (shares | thinned).items()},
        **{name: np.concatenate(blocks) for name, blocks in by_draw.items()},
    }


def _look_at_points(spec: StudySpec, table: Tabulated) -> tuple[dict[str, ndarray], Iterable[tuple[ndarray, ...]]]:
    """What needs no neighbours, (…, G), and the means of the draws, (some draws, G) of loss and slope at a time.

    Means are kept only where the samples of all points are too many to be kept.
    """
    count, units = len(table), np.repeat([line.unit for line in LINES], spec.line_points, axis=0)
    size = block_points(spec.samples)
    whole = count <= size or 3 * spec.samples < 2 * limits.LINE_DRAWS
    blocks: list[dict[str, ndarray]] = []
    kept: list[tuple[ndarray, ...]] = []
    drawn: Iterable[tuple[ndarray, ...]] = ()
    for begin in range(0, count, count if whole else size):
        points = range(begin, count if whole else min(begin + size, count))
        own = table.part(points)
        both = own.loss, own.slope(units[begin : points.stop])
        static = static_means(both, spec.batches(Purpose.STATIC), range(STATIC_BATCHES))
        found = {}
        for name, values, one in zip(("loss", "slope"), both, static, strict=True):
            found[f"line_full_{name}"] = moments.full_batch(values)
            found[f"line_sd_{name}"] = moments.exact_sd(values, spec.batch_size, spec.sampling)
            found[f"static_{name}"] = moments.to_numpy(one)
        blocks.append(found)
        batches, draws = spec.batches(Purpose.LINES), range(limits.LINE_DRAWS)
        means = batch_means(both, batches, draws, first=begin, points=count)
        drawn = (tuple(moments.to_numpy(mean) for mean in some) for some in means)
        if not whole:
            kept.append(tuple(np.concatenate(mean) for mean in zip(*drawn, strict=True)))
    if not whole:
        drawn = [tuple(np.concatenate(mean, axis=1) for mean in zip(*kept, strict=True))]
    return {name: np.concatenate([block[name] for block in blocks], axis=-1) for name in blocks[0]}, drawn
