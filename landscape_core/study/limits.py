"""Limits of a study: its memory and its work, known before anything is allocated."""

from __future__ import annotations

from collections.abc import Callable

import torch

from landscape_core.errors import check_budget
from landscape_core.geometry.grid import LINES
from landscape_core.statistics.sample_table import MAX_TABLE_BYTES, table_bytes
from landscape_core.study.plane import build_network
from landscape_core.study.spec import PAPER, StudySpec

LINE_DRAWS = 1_000
"""Draws on the lines: the standard error of a probability is at most 0.016."""

MAX_WORK = 2 * 10**10
"""Most work of one study in sample visits, each about 20 ns on one core: minutes."""

VISITS_A_DRAW = 2_500
"""What a draw costs beyond its points, in sample visits."""

MAX_PARAMETERS = 10_000_000
"""Most parameters of a network that is made from a study's recipe."""

STATIC_BATCHES = 50
"""Static mini-batches: each is kept along all of the four lines."""

MINIMA_DRAWS = 50
"""Draws of the plane, the first ones, that the chance of a minimum is estimated from."""

SIGN_BATCHES = 1_000
"""Mini-batches, the same at all points, that the probabilities of the slope's sign on the plane are shares of."""

SIGN_VISITS = 1_000
"""What those cost at each point of the plane, in sample visits."""

Progress = Callable[[float, str], None]
"""Called with the share done, 0 to 1, and what is being done; an exception raised in it stops the work."""


def report_share(progress: Progress | None, total: int, what: str, before: int = 0) -> Callable[[int], None]:
    """A function that is called with the work done since `before`, out of `total`, and reports the share of all."""

    def report(done: int) -> None:
        if progress is not None:
            progress((before + done) / total, what)

    return report


def check(spec: StudySpec, limit: int = MAX_TABLE_BYTES) -> None:
    """Refuse a study that is too large, before anything is allocated.

    Raises:
        BudgetError: Its tables would take more than `limit` bytes, or its draws more than `MAX_WORK`.
    """
    check_bytes(count_bytes(spec, spec.resolution**2), limit)
    check_work(spec)


def count_bytes(spec: StudySpec, points: int) -> int:
    """What the tables and kept draws of the lines and of so many points of the plane take."""
    on_lines = len(LINES) * spec.line_points
    kept = 2 * STATIC_BATCHES * on_lines + min(spec.draws, MINIMA_DRAWS) * points
    tables = table_bytes(points + on_lines, spec.samples, 2, spec.kept_precision)
    return tables + kept * getattr(torch, spec.dtype).itemsize


def check_bytes(needed: int, limit: int) -> None:
    """As `check`, for the memory alone."""
    unit = "bytes of sample tables and kept draws"
    check_budget(needed, limit, unit, "Lower the resolution or the points on a line.")


def count_visits(spec: StudySpec) -> int:
    """The work of a study's draws, in sample visits."""
    points, on_lines = spec.resolution**2, len(LINES) * spec.line_points
    each = count_batch_visits(spec)
    drawn = sum(
        draws * (places * each + VISITS_A_DRAW)
        for draws, places in ((max(1, spec.draws), points), (LINE_DRAWS, on_lines))
    )
    return drawn + (SIGN_VISITS * points if spec.draws else 0)


def count_batch_visits(spec: StudySpec) -> int:
    """The work of one mini-batch: its own samples, and a tenth of all for a fresh urn; the full batch is not drawn."""
    return (0 if spec.full_batch else spec.batch_size) + spec.samples // 10


def check_work(spec: StudySpec) -> None:
    """As `check`, for the time alone."""
    if spec.problem == PAPER:
        parameters = build_network(spec).parameters
        check_budget(parameters, MAX_PARAMETERS, "parameters", "Use fewer or smaller hidden layers.")
    remedy = "Lower the draws, the batch size or the resolution."
    check_budget(count_visits(spec), MAX_WORK, "sample visits", remedy)
