"""Replication of Tables 1 and 2 at many start points: how typical the published numbers are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from jaxtyping import Bool, Float, Integer
from numpy import ndarray
from torch import Tensor

from landscape_core import devices, storage
from landscape_core.errors import NumericalError, check_budget
from landscape_core.geometry import grid
from landscape_core.geometry.grid import LINES
from landscape_core.paper import published as paper
from landscape_core.paper.claims import claims_about
from landscape_core.paper.claims.claim import Claim, judge
from landscape_core.paper.claims.line_estimates import share_at_minima, spread_of_static
from landscape_core.paper.claims.line_features import LineFeatures
from landscape_core.paper.dead_units import look_at_units
from landscape_core.paper.published import PAPER_ACTIVATIONS
from landscape_core.paper.replication_spec import ReplicationSpec
from landscape_core.paper.variance_decomposition import VarianceParts, split_variance
from landscape_core.problems.mlp import MLPProblem
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import batch_means, draw_shared
from landscape_core.statistics import intervals, moments, optima
from landscape_core.statistics.intervals import Among, Share
from landscape_core.statistics.sample_table import MAX_TABLE_BYTES, table_bytes
from landscape_core.study import limits
from landscape_core.study.limits import Progress, report_share
from landscape_core.study.plane import Plane, build_mlp, place_plane
from landscape_core.study.result import collect_versions
from landscape_core.study.spec import StudySpec

DRAWS = 10
"""Draws of mini-batches on the lines of each of the many start points."""

SHARED_BATCHES = 4 * limits.SIGN_BATCHES
"""Mini-batches, at least, that the probability of an NN-GPP at a point is estimated from."""

MINIMA_DRAWS = 50
"""Draws of the loss, at most, that the probability of a minimum at a point is estimated from."""

MAX_EVALUATIONS = 4 * 10**9
"""Most samples that the network is evaluated at on lines, each about 0.15 µs on one core: ten minutes."""

COST = 600
"""What a start point costs, in draws at the shown one."""


@dataclass(frozen=True)
class Count:
    """One of the paper's numbers beside ours: totals over the four lines.

    Attributes:
        paper: As published.
        ours: At the shown start point, in draw 0; None if it is not usable.
        over_batches: The paper's among ours, over mini-batches at the shown start point; None where none are drawn.
        over_starts: Likewise, over start points, directions and mini-batches.
    """

    paper: int
    ours: int | None
    over_batches: Among | None
    over_starts: Among | None


@dataclass(frozen=True)
class Row:
    """One row of a table, with the number of start points that are usable."""

    activation: str
    usable: int
    true_optima: Count
    minima: Count
    nngpps: Count


@dataclass(frozen=True)
class Verdict:
    """A claim, whether it holds at the shown start point (None: undecided), and at what share of the many."""

    claim: Claim
    own: bool | None
    share: Share | None


def _check_arrays(spec: ReplicationSpec, arrays: dict[str, Any]) -> None:
    storage.check_sizes("start points", arrays["usable"].shape[:1], (spec.seeds,))
    if not all(arrays[field].shape[-1] for field in ("minima", "own_minima")):
        raise ValueError("no draws")
    if not all(np.isin(arrays[field], (-1, 0, 1)).all() for field in ("holds", "own_holds")):
        raise ValueError("verdicts other than −1, 0 and 1")


@storage.register_kind("a comparison of start points", ReplicationSpec.from_json, _check_arrays)
@dataclass(frozen=True, eq=False)
class ReplicationResult(storage.Result):
    """Counts and verdicts at Z start points and, named `own_…`, at the shown one.

    Activations are in the order of `PAPER_ACTIVATIONS`, claims in that of `claims_about(domain)`. Counts are totals over
    the four lines, and 0 where a start point is not usable.

    Attributes:
        usable: Whether the start point has the directions of its domain: one without a gradient has none.
        true_minima: Of the full batch.
        true_nngpps: Likewise.
        minima: Of mini-batches, in each of `DRAWS` draws.
        nngpps: Likewise.
        holds: 1 where a claim holds, 0 where it does not, −1 where a landscape that it needs is not usable or has
            holes.
        own_minima: In each of `study.LINE_DRAWS` draws.
    """

    spec: ReplicationSpec
    usable: Bool[ndarray, "Z 6"]
    true_minima: Integer[ndarray, "Z 6"]
    true_nngpps: Integer[ndarray, "Z 6"]
    minima: Integer[ndarray, "Z 6 D"]
    nngpps: Integer[ndarray, "Z 6 D"]
    holds: Integer[ndarray, "C Z"]
    own_usable: Bool[ndarray, "6"]
    own_true_minima: Integer[ndarray, "6"]
    own_true_nngpps: Integer[ndarray, "6"]
    own_minima: Integer[ndarray, "6 E"]
    own_nngpps: Integer[ndarray, "6 E"]
    own_holds: Integer[ndarray, "C"]

    def rows(self) -> tuple[Row, ...]:
        """The paper's table with ours beside it."""
        return tuple(self._make_row(index, name) for index, name in enumerate(PAPER_ACTIVATIONS))

    def verdicts(self) -> tuple[Verdict, ...]:
        """The claims of the domain, each with how typical it is; none if the file is of another list of claims."""
        if len(self.holds) != len(claims_about(self.spec.domain)):
            return ()
        return tuple(
            Verdict(claim, None if own < 0 else bool(own), intervals.share(holds))
            for claim, own, holds in zip(claims_about(self.spec.domain), self.own_holds, self.holds, strict=True)
        )

    def _make_row(self, index: int, name: str) -> Row:
        published = paper.find_row(self.spec.domain, name)
        assert published is not None  # noqa: S101  both domains have all six
        usable, own = self.usable[:, index], bool(self.own_usable[index])

        def count(number: int, mine: ndarray, many: ndarray) -> Count:
            drawn = mine.ndim > 1
            return Count(
                number,
                int(mine[index].flat[0]) if own else None,
                intervals.rank_among(number, mine[index]) if own and drawn else None,
                intervals.rank_among(number, many[usable, index]),
            )

        return Row(
            name,
            int(usable.sum()),
            count(published.true_optima, self.own_true_minima, self.true_minima),
            count(published.minima, self.own_minima, self.minima),
            count(published.nngpps, self.own_nngpps, self.nngpps),
        )


def run_replication(
    spec: ReplicationSpec, *, device: str = "auto", progress: Progress | None = None
) -> ReplicationResult:
    """Count and judge at many start points.

    Args:
        spec: Which.
        device: auto, cpu, cuda (cuda:1 …) or mps.
        progress: Called now and then; an exception raised in it stops the work.

    Raises:
        SpecError: The device is not there.
        BudgetError: There are too many points.
    """
    check(spec)
    where = devices.resolve(device, spec.base.dtype)
    problems = {name: build_mlp(spec.study(name), where) for name in PAPER_ACTIVATIONS}
    work = limits.LINE_DRAWS + spec.seeds * COST
    own = _compare_at(spec, problems, None, limits.LINE_DRAWS, report_share(progress, work, "Drawing mini-batches"))
    report = report_share(progress, work, "Comparing start points")
    many = []
    for seed in range(spec.seeds):
        many.append(_compare_at(spec, problems, seed, DRAWS, lambda _: None))
        report(limits.LINE_DRAWS + (seed + 1) * COST)
    holds = np.stack([found.pop("holds") for found in many], axis=1)
    return ReplicationResult(
        spec=spec,
        device=str(where),
        versions=collect_versions(),
        holds=holds,
        **{name: np.stack([found[name] for found in many]) for name in many[0]},
        **{f"own_{name}": value for name, value in own.items()},
    )


def check(spec: ReplicationSpec, limit: int = MAX_TABLE_BYTES) -> None:
    """Refuse what is too large, before anything is allocated.

    Raises:
        BudgetError: There are too many points, or their tables would take more than `limit` bytes.
    """
    remedy = "Lower the start points or the points on a line."
    points, networks = len(LINES) * spec.base.line_points, len(PAPER_ACTIVATIONS)
    needed = (1 + spec.seeds) * networks * points * spec.base.samples
    check_budget(needed, MAX_EVALUATIONS, "evaluations of the network", remedy)
    # losses and slopes of all six are kept, and one table is being made
    held = table_bytes(points, spec.base.samples, 2 * networks + 2, getattr(torch, spec.base.dtype))
    check_budget(held, limit, "bytes of sample table", remedy)


def _compare_at(
    spec: ReplicationSpec,
    problems: Mapping[str, MLPProblem],
    seed: int | None,
    draws: int,
    report: Callable[[int], None],
) -> dict[str, ndarray]:
    """Everything at one start point: counts (6,) and (6, D), and verdicts (C,)."""
    own = spec.study(PAPER_ACTIVATIONS[0], seed)
    positions = grid.axis(own.range, own.line_points)
    lines, side = grid.lines(positions), (len(LINES), own.line_points)
    units = np.repeat([line.unit for line in LINES], own.line_points, axis=0)
    planes = {name: plane for name, problem in problems.items() if (plane := _place_plane(own, problem)) is not None}

    signs = draw_shared(own.batches(Purpose.SIGNS), SHARED_BATCHES, own.samples)
    values, landscapes = [], {}
    for name, plane in planes.items():
        table = plane.table(lines)
        loss, slope = table.loss, table.slope(units)
        values += [loss, slope]
        landscapes[name] = LineFeatures(
            half_width=own.range,
            positions=positions,
            loss=moments.full_batch(loss).reshape(side),
            slope=moments.full_batch(slope).reshape(side),
            loss_sd=moments.exact_sd(loss, own.batch_size).reshape(side),
            sd=moments.exact_sd(slope, own.batch_size).reshape(side),
            minima=np.zeros(side),  # filled below
            nngpps=_estimate_nngpps(slope, signs).reshape(side),
            tabulate=plane.table,
            split=partial(_split, problems[name], plane),
            at_minima=0.0,  # likewise
            static_sd=spread_of_static(slope, signs, positions),
            look_at_units=partial(look_at_units, problems[name], plane),
            shared=signs,
        )

    rows = len(PAPER_ACTIVATIONS)
    true_minima, true_nngpps = np.zeros((2, rows), dtype=np.int32)
    minima, nngpps = np.zeros((2, rows, draws), dtype=np.int32)
    for name, features in landscapes.items():
        row = PAPER_ACTIVATIONS.index(name)
        true_minima[row], true_nngpps[row] = features.true_minima.sum(), features.true_nngpps.sum()
    batches, done = own.batches(Purpose.LINES), 0
    drawn: dict[str, list[tuple[ndarray, ndarray]]] = {name: [] for name in landscapes}
    # the same mini-batches for all activations, as in a study of each
    for means in batch_means(values, batches, range(draws)) if values else ():
        block = slice(done, done + len(means[0]))
        curves = [moments.to_numpy(mean).reshape(-1, *side) for mean in means]
        for name, losses, slopes in zip(landscapes, curves[::2], curves[1::2], strict=True):
            row = PAPER_ACTIVATIONS.index(name)
            minima[row, block], nngpps[row, block] = (
                found.sum((1, 2)) for found in (optima.minima(losses), optima.nngpps(slopes))
            )
            if done < MINIMA_DRAWS:
                drawn[name].append((losses.copy(), slopes.copy()))
        done = block.stop
        report(done)
    for name, features in [*landscapes.items()]:
        losses, slopes = (np.concatenate(kept)[:MINIMA_DRAWS] for kept in zip(*drawn[name], strict=True))
        inside = (losses[:, :, place : place + own.line_points - 2] for place in range(3))
        features.minima[:, 1:-1] = moments.chance_of_minimum(*inside)
        landscapes[name] = replace(features, at_minima=share_at_minima(losses, slopes))
    return {
        "usable": np.array([name in planes for name in PAPER_ACTIVATIONS]),
        "true_minima": true_minima,
        "true_nngpps": true_nngpps,
        "minima": minima,
        "nngpps": nngpps,
        "holds": judge(claims_about(spec.domain), landscapes),
    }


def _estimate_nngpps(slope: Float[Tensor, "G N"], signs: Float[Tensor, "N K"]) -> Float[ndarray, "G"]:
    """P(slope < 0) at the point before × P(slope > 0) here, as shares of mini-batches; 0 at first points."""
    negative, positive = (share.reshape(len(LINES), -1) for share in moments.sign_shares(slope, signs))
    return moments.nngpp_chance(negative, positive).ravel()


def _split(problem: MLPProblem, plane: Plane, coordinates: Float[ndarray, "G 2"]) -> VarianceParts:
    """The parts of the variance, with the slope along d1+d2."""
    return split_variance(problem, plane, coordinates, np.full(len(coordinates), StudySpec().slope_angle))


def _place_plane(own: StudySpec, problem: MLPProblem) -> Plane | None:
    """The plane of one start point; None if that has no usable directions."""
    try:
        return place_plane(own, problem)
    except NumericalError:
        return None
