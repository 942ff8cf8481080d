"""The planes of a result, drawn from the sample table of a plane or of some of its rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy import ndarray
from torch import Tensor

from landscape_core.geometry import grid as geometry
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import batch_means, draw_shared
from landscape_core.statistics import moments as statistics
from landscape_core.statistics import optima
from landscape_core.statistics.sample_table import SampleTable, Tabulated, block_points
from landscape_core.study.limits import MINIMA_DRAWS, SIGN_BATCHES
from landscape_core.study.spec import StudySpec


def compute_planes(
    spec: StudySpec,
    table: Tabulated,
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
    side, batches = spec.resolution, spec.batches(Purpose.PLANE)
    rows = range(side) if rows is None else rows
    around = range(max(0, rows.start - 1), min(side, rows.stop + 1))  # the chance of a minimum depends on neighbours
    step = optima.grid_step(spec.slope_angle)
    back, each = step[0] * side + step[1], batches.per_urn(spec.samples)
    # neighbours may share an urn, so that a product of their probabilities is not the joint one
    shared = spec.draws > 0 and abs(back) < each
    size = len(table) if shared else block_points(spec.samples)
    signs = draw_shared(spec.batches(Purpose.SIGNS), SIGN_BATCHES, spec.samples) if spec.draws else None
    blocks: list[dict[str, ndarray]] = []
    for begin in range(0, len(table), size):
        points = range(begin, min(begin + size, len(table)))

        def report(done: int, before: int = begin * max(1, spec.draws)) -> None:
            progress(before + done)

        urns = (back, each) if shared else None
        blocks.append(_look_at_points(spec, table.part(points), first + begin, signs, urns, report))

    def grid(values: ndarray) -> ndarray:
        """(…, points of the table) → (…, rows around, S)."""
        inside = values[..., around.start * side - first : around.stop * side - first]
        return inside.reshape(*values.shape[:-1], len(around), side)

    flat = {name: grid(np.concatenate([block[name] for block in blocks], axis=-1)) for name in blocks[0]}
    if spec.draws:
        joint = flat.pop("joint", None)
        numbers = grid((first + np.arange(len(table))) // each) if shared else None
        signed = flat["plane_negative"], flat["plane_positive"]
        flat["plane_nngpp_chance"] = statistics.plane_nngpp_chance(*signed, step, joint)
        flat["plane_minima_chance"] = statistics.plane_minima_chance(flat.pop("earliest"), step, numbers)
    own = slice(rows.start - around.start, rows.stop - around.start)
    return {name: value[own] for name, value in flat.items()}


def _look_at_points(
    spec: StudySpec,
    table: SampleTable,
    first: int,
    signs: Tensor | None,
    shared: tuple[int, int] | None,
    progress: Callable[[int], None],
) -> dict[str, ndarray]:
    """What needs no neighbours, at G successive points of a plane, (…, G); the earliest draws of the loss among it."""
    loss, slope = table.loss, table.slope(geometry.unit(spec.slope_angle))
    moments = statistics.RunningMoments(), statistics.RunningMoments()
    earliest: list[ndarray] = []
    batch: tuple[Tensor, ...] = ()
    draws, batches = range(max(1, spec.draws)), spec.batches(Purpose.PLANE)
    for means in batch_means((loss, slope), batches, draws, first=first, points=spec.resolution**2):
        batch = batch or tuple(mean[0] for mean in means)
        if spec.draws:
            earliest.extend(statistics.to_numpy(means[0][: MINIMA_DRAWS - len(earliest)]))
        for moment, mean in zip(moments, means, strict=True):
            moment.add(mean)
        progress(moments[0].count * len(loss))

    flat: dict[str, ndarray] = {
        "full_loss": statistics.full_batch(loss),
        "full_slope": statistics.full_batch(slope),
        "batch_loss": statistics.to_numpy(batch[0]),
        "batch_slope": statistics.to_numpy(batch[1]),
        "sd_loss": statistics.exact_sd(loss, spec.batch_size, spec.sampling),
        "sd_slope": statistics.exact_sd(slope, spec.batch_size, spec.sampling),
    }
    if signs is None:
        return flat
    names = [f"sampled_{what}_{name}" for name in ("loss", "slope") for what in ("mean", "sd")]
    values = (value for moment in moments for value in (moment.mean, moment.sd()))
    pairs = zip(names, values, strict=True)
    flat |= {name: statistics.to_numpy(value) for name, value in pairs if value is not None}
    hole = np.isnan(flat["full_loss"])
    for name, share in zip(("negative", "positive"), statistics.sign_shares(slope, signs), strict=True):
        flat[f"plane_{name}"] = np.where(hole, np.nan, share)
    flat["earliest"] = np.stack(earliest)
    if shared is not None:
        back, each = shared
        order = first + np.arange(len(loss))
        same = order // each == (order - back) // each
        flat["joint"] = np.where(same, statistics.joint_shares(slope, signs, each, back), np.nan)
    return flat
