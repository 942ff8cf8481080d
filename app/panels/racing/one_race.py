"""Panels of one race, step by step."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy import ndarray

from app.panels import text
from app.panels.plane_axes import title_positions
from app.panels.racing.marks import MARKS, STYLES, describe_method, draw_walls
from app.plotting.model import REFERENCE, Axes, Bars, Chart, Level, PanelContent, Reveal, Series, Steps, Table
from landscape_core.comparison.race import RaceResult, Trace
from landscape_core.line_search import METHODS

FOR_EVER = 1_000_000
"""Until when something is seen that stays."""

NOW, STOP = 1.8, 2.2
"""How large the mark of the latest evaluation is, and that of the stop."""

CLOSE = 0.03
"""Numbers at marks nearer than this share of the line would cover each other: the later one is shown."""

LEAST = 0.015
"""Least width of a bracket that is drawn, likewise."""

EVERY = 5
"""Every so many fine points of a line are drawn."""


def line(result: RaceResult, traces: Mapping[str, Trace], name: str, race: int) -> PanelContent:
    """The full batch along the line, and on it one race, step by step."""
    name = text.line_label(name)
    last = max(len(trace.positions) for trace in traces.values())
    thin = np.s_[::EVERY]
    positions = result.positions[thin]
    room = CLOSE * (result.positions[-1] - result.positions[0])  # for marks at the ends
    x_range = float(result.positions[0] - room), float(result.positions[-1] + room)
    rows = {method: float(len(traces) - 1 - row) for row, method in enumerate(traces)}
    loss: list[Series | Bars] = [_full(positions, result.line_loss[0][thin], "full-batch loss")]
    slope: list[Series | Bars] = [_full(positions, result.line_slope[0][thin], "full-batch slope")]
    lanes: list[Series | Bars] = []
    for method, trace in traces.items():
        uses = METHODS[method].uses
        if uses != "slope":
            loss.append(_told(method, trace, trace.loss, "loss"))
        if uses != "loss":
            slope.append(_told(method, trace, trace.slope, "slope"))
        lanes += [_bracket(method, trace, rows[method], x_range), _lane(method, trace, rows[method], x_range)]
    stars = result.optima
    heights = np.interp(stars, result.positions, result.line_loss[0])
    loss.append(Series("true optimum", stars, heights, 0, "star", legend=False, kind="loss at true optimum"))
    slope.append(Series("true optimum", stars, np.zeros(len(stars)), 0, "star", legend=False, kind=None))
    walls = draw_walls(stars, -0.6, len(traces) - 0.4)
    ticks = tuple((row, describe_method(method)) for method, row in rows.items())
    spec = result.spec
    picture = Chart(
        f"{title_positions(spec.base, name)}: searches start at {text.number(spec.origin, 'g')}",
        (
            Axes("loss", tuple(loss), share=0.75, low=_below(loss)),
            Axes("slope", tuple(slope), (Level(0.0),), share=0.75, low=_below(slope)),
            Axes("", (walls, *lanes), share=1.25, ticks=ticks, low=-0.6),
        ),
        x_range,
        groups="method",
        steps=Steps(
            f"{spec.key()}-{race}",
            last,
            tuple(
                tuple(_words(result, method, trace, step) for step in range(last + 1))
                for method, trace in traces.items()
            ),
        ),
    )
    note = (
        f"Race {race + 1} of {spec.races}, up to {spec.budget} evaluations. Dashed: full batch; ★ true optima. "
        "Numbers: order of the evaluations; bars: brackets."
    )
    ends = "; ".join(f"{METHODS[method].label} {text.number(trace.stop)}" for method, trace in traces.items())
    return PanelContent(
        f"One race on {name}",
        note,
        picture,
        f"{note} True optima at {_listed(stars)}. Stops: {ends}.",
    )


def methods(result: RaceResult, traces: Mapping[str, Trace]) -> PanelContent:
    """What each method does, and how its search ended."""
    rows = tuple(
        (
            describe_method(method),
            f"{METHODS[method].help} {METHODS[method].source}.",
            _words(result, method, trace, len(trace.positions)),
        )
        for method, trace in traces.items()
    )
    note = "The same mini-batch for all at each step; they differ only in where they evaluate."
    return PanelContent("The line searches", note, Table(("method", "what it does", "at this step"), rows), note)


def _full(positions: ndarray, values: ndarray, name: str) -> Series:
    return Series(name, positions, values, REFERENCE, legend=False)


def _told(method: str, trace: Trace, values: ndarray, kind: str) -> Series:
    """What the mini-batches said: each evaluation small and, while it is the latest, large."""
    steps = range(1, len(values) + 1)
    reveal = Reveal(
        tuple(steps) * 2,
        (FOR_EVER,) * len(values) + tuple(step + 1 for step in steps),
        (0.7,) * len(values) + (NOW,) * len(values),
    )
    return _marks(method, np.tile(trace.positions, 2), np.tile(values, 2), (), reveal, kind)


def _lane(method: str, trace: Trace, row: float, x_range: tuple[float, float]) -> Series:
    """Where a method asked, in its own row, and where it stopped."""
    count = len(trace.positions)
    close = CLOSE * (x_range[1] - x_range[0])
    shown, since, until, sizes, words = [], [], [], [], []
    for step, position in enumerate(trace.positions.tolist(), 1):
        later = [
            other
            for other, place in enumerate([*trace.positions.tolist()[step:], trace.stop], step + 1)
            if abs(place - position) < close
        ]
        covered = min(later[0], count) if later else FOR_EVER
        shown += [position, position, position]
        since += [step, step, step]
        until += [FOR_EVER, step + 1, covered]
        sizes += [0.7, NOW, 0.0]
        words += ["", "", str(step)]
    shown.append(trace.stop)
    since.append(count)
    until.append(FOR_EVER)
    sizes.append(STOP)
    words.append("stop")
    return _marks(
        method,
        np.array(shown),
        np.full(len(shown), row),
        tuple(words),
        Reveal(tuple(since), tuple(until), tuple(sizes)),
        "evaluation",
    )


def _bracket(method: str, trace: Trace, row: float, x_range: tuple[float, float]) -> Series:
    """Between what the method knows its stop to lie, at each step; wide enough to be seen."""
    known = np.flatnonzero(np.isfinite(trace.low))
    low, high = trace.low[known], trace.high[known]
    more = np.maximum(0.0, LEAST * (x_range[1] - x_range[0]) - (high - low)) / 2
    ends = np.stack([low - more, high + more, np.full(len(known), np.nan)], axis=1).ravel()
    steps = np.repeat(known + 1, 3).tolist()
    reveal = Reveal(tuple(steps), tuple(step + 1 for step in steps))
    label = METHODS[method].label
    return Series(
        f"{label}, bracket",
        ends,
        np.full(len(ends), row),
        STYLES[method],
        group=label,
        legend=False,
        weight="heavy",
        reveal=reveal,
        kind="bracket",
    )


def _marks(method: str, x: ndarray, y: ndarray, words: tuple[str, ...], reveal: Reveal, kind: str) -> Series:
    label, mark = METHODS[method].label, MARKS[method][0]
    return Series(label, x, y, STYLES[method], mark, words, label, legend=False, reveal=reveal, kind=kind)


def _words(result: RaceResult, method: str, trace: Trace, step: int) -> str:
    """What a method does at a step, and from its last one on where it stopped and why."""
    if step == 0:
        return "–"
    if step < len(trace.positions):
        uses = METHODS[method].uses
        said = [
            f"{name} {text.number(values[step - 1])}"
            for name, values in (("loss", trace.loss), ("slope", trace.slope))
            if uses in (name, "both")
        ]
        return f"{step}: at {text.number(trace.positions[step - 1])}, {', '.join(said)}"
    away = np.abs(result.optima - trace.stop)
    near = f" ({away.min():.2g} from ★)" if len(away) else ""
    count = len(trace.positions)
    used = f"{count} evaluation" if count == 1 else f"{count} evaluations"
    return f"stopped after {used} at {text.number(trace.stop)}{near}. {trace.status.value}"


def _below(items: list[Series | Bars]) -> float:
    """A little below all that is drawn."""
    values = np.concatenate([item.y for item in items])
    low, high = np.nanmin(values), np.nanmax(values)
    return float(low - 0.06 * (high - low))


def _listed(places: ndarray) -> str:
    return ", ".join(text.number(place) for place in places) or "none"
