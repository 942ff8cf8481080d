"""How typical the published numbers are: the same counts and claims at many start points."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
import torch
from jaxtyping import Bool, Integer
from numpy import ndarray

from landscape_core import claims, devices, geometry, intervals, optima, paper, problem, statistics, study
from landscape_core.claims import ALL as ACTIVATIONS
from landscape_core.claims import Claim
from landscape_core.errors import BudgetError, NumericalError
from landscape_core.geometry import LINES
from landscape_core.intervals import Among, Share
from landscape_core.measured import Look, Measured
from landscape_core.problem import Problem
from landscape_core.randomness import Purpose
from landscape_core.sampling import Batches, batch_means
from landscape_core.spec import StudySpec
from landscape_core.study import Progress
from landscape_core.tabulate import MAX_TABLE_BYTES, table_bytes, tabulate
from landscape_core.typical_spec import TypicalSpec

DRAWS = 10
"""Draws of mini-batches on the lines of each of the many start points."""

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


@dataclass(frozen=True, eq=False)
class TypicalResult:
    """Counts and verdicts at Z start points and, named `own_…`, at the shown one.

    Activations are in the order of `ACTIVATIONS`, claims in that of `claims.of(domain)`. Counts are totals over the four
    lines, and 0 where a start point is not usable.

    Attributes:
        spec: The description.
        device: Where it was computed.
        versions: Versions of what computed it.
        usable: Whether the start point has the directions of its domain: one without a gradient has none.
        true_minima: Of the full batch.
        true_nngpps: Likewise.
        minima: Of mini-batches, in each of `DRAWS` draws.
        nngpps: Likewise.
        holds: 1 where a claim holds, 0 where it does not, −1 where a landscape that it needs is not usable or has
            holes.
        own_minima: In each of `study.LINE_DRAWS` draws.
    """

    spec: TypicalSpec
    device: str
    versions: dict[str, str]
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

    @property
    def nbytes(self) -> int:
        """Memory held by the arrays, in bytes."""
        return sum(value.nbytes for value in vars(self).values() if isinstance(value, ndarray))

    def rows(self) -> tuple[Row, ...]:
        """The paper's table with ours beside it."""
        return tuple(self._row(index, name) for index, name in enumerate(ACTIVATIONS))

    def verdicts(self) -> tuple[Verdict, ...]:
        """The claims of the domain, each with how typical it is."""
        return tuple(
            Verdict(claim, None if own < 0 else bool(own), intervals.share(holds))
            for claim, own, holds in zip(claims.of(self.spec.domain), self.own_holds, self.holds, strict=True)
        )

    def _row(self, index: int, name: str) -> Row:
        published = paper.row(self.spec.domain, name)
        assert published is not None  # noqa: S101  both domains have all six
        usable, own = self.usable[:, index], bool(self.own_usable[index])

        def count(number: int, mine: ndarray, many: ndarray) -> Count:
            drawn = mine.ndim > 1
            return Count(
                number,
                int(mine[index].flat[0]) if own else None,
                intervals.among(number, mine[index]) if own and drawn else None,
                intervals.among(number, many[usable, index]),
            )

        return Row(
            name,
            int(usable.sum()),
            count(published.true_optima, self.own_true_minima, self.true_minima),
            count(published.minima, self.own_minima, self.minima),
            count(published.nngpps, self.own_nngpps, self.nngpps),
        )


def run_typical(spec: TypicalSpec, *, device: str = "auto", progress: Progress | None = None) -> TypicalResult:
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
    tasks = {name: problem.problem(spec.study(name), where) for name in ACTIVATIONS}
    work = study.LINE_DRAWS + spec.seeds * COST

    def report(done: int, what: str) -> None:
        if progress is not None:
            progress(done / work, what)

    own = _at(spec, tasks, None, study.LINE_DRAWS, lambda done: report(done, "Drawing mini-batches"))
    many = []
    for seed in range(spec.seeds):
        many.append(_at(spec, tasks, seed, DRAWS, lambda _: None))
        report(study.LINE_DRAWS + (seed + 1) * COST, "Comparing start points")
    holds = np.stack([found.pop("holds") for found in many], axis=1)
    return TypicalResult(
        spec=spec,
        device=str(where),
        versions=study.versions(),
        holds=holds,
        **{name: np.stack([found[name] for found in many]) for name in many[0]},
        **{f"own_{name}": value for name, value in own.items()},
    )


def check(spec: TypicalSpec, limit: int = MAX_TABLE_BYTES) -> None:
    """Refuse what is too large, before anything is allocated.

    Raises:
        BudgetError: There are too many points, or their tables would take more than `limit` bytes.
    """
    remedy = "Lower the start points or the points on a line."
    points, networks = len(LINES) * spec.base.line_points, len(ACTIVATIONS)
    needed = (1 + spec.seeds) * networks * points * spec.base.samples
    if needed > MAX_EVALUATIONS:
        raise BudgetError(needed, MAX_EVALUATIONS, "evaluations of the network", remedy)
    # losses and slopes of all six are kept, and one table is being made
    held = table_bytes(points, spec.base.samples, 2 * networks + 2, getattr(torch, spec.base.dtype))
    if held > limit:
        raise BudgetError(held, limit, "bytes of sample table", remedy)


def _at(
    spec: TypicalSpec, tasks: dict[str, Problem], seed: int | None, draws: int, report: Callable[[int], None]
) -> dict[str, ndarray]:
    """Everything at one start point: counts (6,) and (6, D), and verdicts (C,)."""
    own = spec.study(ACTIVATIONS[0], seed)
    positions = geometry.axis(own.range, own.line_points)
    lines, side = geometry.lines(positions), (len(LINES), own.line_points)
    units = np.repeat([line.unit for line in LINES], own.line_points, axis=0)
    looks = {name: look for name, task in tasks.items() if (look := _look(own, task)) is not None}

    values, full = [], {}
    for name, look in looks.items():
        table = look(lines)
        loss, slope = table.loss, table.slope(units)
        values += [loss, slope]
        full[name] = {
            "loss": statistics.full_batch(loss).reshape(side),
            "slope": statistics.full_batch(slope).reshape(side),
            "sd": statistics.exact_sd(slope, own.batch_size).reshape(side),
        }

    usable = np.array([name in looks for name in ACTIVATIONS])
    counts = {name: np.zeros((len(ACTIVATIONS), draws), dtype=np.int32) for name in ("minima", "nngpps")}
    shares = {name: np.zeros((len(ACTIVATIONS), *side)) for name in counts}
    batches, done = Batches(own.batch_size, own.batch_seed, Purpose.LINES), 0
    # the same mini-batches for all activations, as in a study of each
    for means in batch_means(values, batches, range(draws)) if values else ():
        block = slice(done, done + len(means[0]))
        for place, mean in enumerate(means):
            index = np.flatnonzero(usable)[place // 2]
            name, find = ("nngpps", optima.nngpps) if place % 2 else ("minima", optima.minima)
            found = find(statistics.to_numpy(mean).reshape(-1, *side))
            counts[name][index, block] = found.sum((1, 2))
            shares[name][index] += found.sum(0) / draws
        done = block.stop
        report(done)

    landscapes = {
        name: Measured(
            half_width=own.range,
            positions=positions,
            **full[name],
            **{what: share[ACTIVATIONS.index(name)] for what, share in shares.items()},
            look=look,
        )
        for name, look in looks.items()
    }
    true = np.zeros((2, len(ACTIVATIONS)), dtype=np.int32)
    for index in np.flatnonzero(usable):
        one = landscapes[ACTIVATIONS[index]]
        true[:, index] = one.true_minima.sum(), one.true_nngpps.sum()
    return {
        "usable": usable,
        "true_minima": true[0],
        "true_nngpps": true[1],
        **counts,
        "holds": claims.judge(claims.of(spec.domain), landscapes),
    }


def _look(own: StudySpec, task: Problem) -> Look | None:
    """The network on the plane of one start point; None if that has no usable directions."""
    try:
        start, pair = problem.start_and_directions(own, task)
    except NumericalError:
        return None
    kind = getattr(torch, own.dtype)
    return partial(tabulate, task, start, pair, samples=own.samples, dtype=kind, device=task.inputs.device)
