"""Panels of short trainings with each line search."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Integer
from numpy import ndarray

from app.panels.racing.marks import MARKS, STYLES, describe_method
from app.plotting.model import REFERENCE, Axes, Chart, PanelContent, Series, Table
from landscape_core.comparison.training import TrainingResult
from landscape_core.line_search import METHODS
from landscape_core.problems.activations import ACTIVATIONS
from landscape_core.statistics import intervals

STEP = 1.0
"""Learning rate of the plain descent whose stranded runs are counted."""

Stranded = Mapping[str, Mapping[str, Integer[ndarray, "Z"]]]
"""By activation and run, what `find_stranded` says."""

ROOM = 1.18
"""How far the axis reaches, in evaluations used: beyond them stand the names of the thin curves."""


def loss_curves(result: TrainingResult) -> PanelContent:
    """The full-batch loss against the evaluations used, in the space of all parameters."""
    spec = result.spec
    used = np.arange(spec.evaluations + 1, dtype=np.float64)
    items: list[Series] = []
    # names at the end of the curves would cover each other: the marks and the legend tell
    for place, run in enumerate(spec.runs):
        values = result.loss[place]
        if run in METHODS:
            label, style = METHODS[run].label, STYLES[run]
            at = _spaced(len(used), place, len(spec.runs))
            items += [
                Series(label, used, values, style, group=label, legend=False, kind="loss"),
                Series(label, used[at], values[at], style, MARKS[run][0], group=label, kind=None),
            ]
        else:
            words = ("",) * (len(used) - 1) + (_run(run),)
            items.append(
                Series(run, used, values, REFERENCE, text=words, weight="thin", legend=False, kind=f"loss, {run}")
            )
    final = {run: float(values[-1]) for run, values in zip(spec.runs, result.loss, strict=True)}
    note = (
        f"From the start point of seed {spec.base.seed}, |B| = {spec.base.batch_size}; a gradient or loss of a mini-batch "
        "is one evaluation. Thin: SGD with a constant learning rate (lr)."
    )
    return PanelContent(
        "Training in all 83 dimensions",
        note,
        Chart(
            "evaluations of mini-batches",
            (Axes("full-batch loss", tuple(items), log=True),),
            (0.0, ROOM * float(used[-1])),
            groups="method",
        ),
        f"{note} Loss at the end: " + "; ".join(f"{_run(run)} {loss:.3g}" for run, loss in final.items()) + ".",
    )


def run_table(result: TrainingResult, stranded: Stranded | None = None) -> PanelContent:
    """How each run ended, the lowest loss first, and how many are stranded from other start points."""
    count = result.spec.evaluations
    order = sorted(range(len(result.spec.runs)), key=lambda place: np.nan_to_num(result.loss[place, -1], nan=np.inf))
    rows = []
    for place in order:
        run = result.spec.runs[place]
        steps = result.steps[place][np.isfinite(result.steps[place])]
        middle = f"{np.median(steps):.2g}" if len(steps) else "–"
        rows.append(
            (
                describe_method(run) if run in METHODS else _run(run),
                _loss(result.loss[place, count // 5]),
                _loss(result.loss[place, -1]),
                f"{len(steps)}",
                middle,
            )
        )
    note = f"One start point and one order of mini-batches: other seeds may give another ranking. {count} evaluations."
    if stranded:
        note += f" {_describe_stranded(stranded)}"
    columns = ("run", f"loss at {count // 5}", f"at {count}", "steps", "median step")
    return PanelContent("At equal cost", note, Table(columns, tuple(rows), frozenset({1, 2, 3, 4})), note)


def _describe_stranded(found: Stranded) -> str:
    """How many start points each run ends stranded from, with Wilson's 95% interval."""
    words, points = [], 0
    for name, runs in found.items():
        counts = []
        for run, ends in runs.items():
            points, share = len(ends), intervals.share((ends >= 0).astype(np.int8))
            if share and share.held:
                counts.append(f"{_run(run)} {share.held} ({100 * share.low:.0f} to {100 * share.high:.0f}%)")
        words.append(f"with {ACTIVATIONS[name].label} {', '.join(counts) or 'none'}")
    return f"Of {points} start points, stranded where the gradient is exactly 0: {'; '.join(words)}."


def _spaced(length: int, place: int, of: int) -> ndarray:
    """Where marks are set on a curve, apart from those of the others."""
    every = max(1, length // 6)
    return np.arange(min(length - 1, every * place // of), length, every)


def _run(run: str) -> str:
    return METHODS[run].label if run in METHODS else f"SGD, lr = {run.removeprefix('constant ')}"


def _loss(value: Any) -> str:  # noqa: ANN401  numpy's number
    return f"{value:z.3g}" if np.isfinite(value) else "diverged"
