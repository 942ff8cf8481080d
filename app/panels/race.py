"""The race of line searches: one race step by step, where many stop, who wins how often, and training with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Literal

import numpy as np
from numpy import ndarray

from app.pictures import REFERENCE, Axes, Bars, Chart, Drawn, Level, Mark, Reveal, Series, Steps, Table
from landscape_core import intervals
from landscape_core.intervals import Share
from landscape_core.line_search import METHODS
from landscape_core.race import SCORES, RaceResult, Score, Trace
from landscape_core.training import TrainingResult

MARKS: dict[str, tuple[Mark, str]] = {
    "gols_i": ("dot", "●"),
    "gols_b": ("square", "■"),
    "gols_max": ("up", "▲"),
    "gols_back": ("left", "◄"),
    "golden_section": ("right", "►"),
    "armijo": ("cross", "✚"),
    "probabilistic": ("x", "✕"),
}
"""The mark of each method, in pictures and in words."""

STYLES = {name: place for place, name in enumerate(METHODS)}
OURS = tuple(name for name, method in METHODS.items() if method.uses == "slope")
RIVALS = tuple(name for name in METHODS if name not in OURS)

NAMES: dict[str, str] = {"distance": "distance from ★", "left_over": "loss left over"}

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

BINS = 60

Lines = Mapping[str, RaceResult]
"""The races on each line so far, by its name, the line that is looked at first; each of one line alone."""


def named(name: str) -> str:
    """A method's mark and name."""
    return f"{MARKS[name][1]} {METHODS[name].label}"


# one race, step by step


def line(result: RaceResult, traces: Mapping[str, Trace], name: str, race: int) -> Drawn:
    """The full batch along the line, and on it one race, step by step."""
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
            loss.append(_told(method, trace, trace.loss))
        if uses != "loss":
            slope.append(_told(method, trace, trace.slope))
        lanes += [_bracket(method, trace, rows[method], x_range), _lane(method, trace, rows[method], x_range)]
    stars = result.optima
    heights = np.interp(stars, result.positions, result.line_loss[0])
    loss.append(Series("true optimum", stars, heights, 0, "star", legend=False))
    slope.append(Series("true optimum", stars, np.zeros(len(stars)), 0, "star", legend=False))
    walls = _walls(stars, -0.6, len(traces) - 0.4)
    ticks = tuple((row, named(method)) for method, row in rows.items())
    spec = result.spec
    picture = Chart(
        f"position along {name}: searches start at {spec.origin:g}",
        (
            Axes("loss", tuple(loss), share=0.75, low=_below(loss)),
            Axes("slope", tuple(slope), (Level(0.0),), share=0.75, low=_below(slope)),
            Axes("", (walls, *lanes), share=1.25, ticks=ticks, low=-0.6),
        ),
        x_range,
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
    ends = "; ".join(f"{METHODS[method].label} {trace.stop:.3g}" for method, trace in traces.items())
    return Drawn(
        f"One race on {name}: luck decides it",
        note,
        picture,
        f"{note} True optima at {_listed(stars)}. Stops: {ends}.",
    )


def methods(result: RaceResult, traces: Mapping[str, Trace]) -> Drawn:
    """What each method does, and how its search ended."""
    rows = tuple(
        (
            named(method),
            f"{METHODS[method].help} {METHODS[method].source}.",
            _words(result, method, trace, len(trace.positions)),
        )
        for method, trace in traces.items()
    )
    note = "The same mini-batch for all at each step; they differ only by where they ask."
    return Drawn("The line searches", note, Table(("method", "what it does", "at this step"), rows), note)


def _full(positions: ndarray, values: ndarray, name: str) -> Series:
    return Series(name, positions, values, REFERENCE, legend=False)


def _told(method: str, trace: Trace, values: ndarray) -> Series:
    """What the mini-batches said: each evaluation small and, while it is the latest, large."""
    steps = range(1, len(values) + 1)
    reveal = Reveal(
        tuple(steps) * 2,
        (FOR_EVER,) * len(values) + tuple(step + 1 for step in steps),
        (0.7,) * len(values) + (NOW,) * len(values),
    )
    return _marks(method, np.tile(trace.positions, 2), np.tile(values, 2), (), reveal)


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
    )


def _marks(method: str, x: ndarray, y: ndarray, words: tuple[str, ...], reveal: Reveal) -> Series:
    label = METHODS[method].label
    return Series(label, x, y, STYLES[method], MARKS[method][0], words, label, legend=False, reveal=reveal)


def _words(result: RaceResult, method: str, trace: Trace, step: int) -> str:
    """What a method does at a step, and from its last one on where it stopped and why."""
    if step == 0:
        return "–"
    if step < len(trace.positions):
        uses = METHODS[method].uses
        said = [
            f"{name} {values[step - 1]:.3g}"
            for name, values in (("loss", trace.loss), ("slope", trace.slope))
            if uses in (name, "both")
        ]
        return f"{step}: at {trace.positions[step - 1]:.3g}, {', '.join(said)}"
    away = np.abs(result.optima - trace.stop)
    near = f", {away.min():.2g} from ★" if len(away) else ""
    return f"stop after {len(trace.positions)} at {trace.stop:.3g}{near}. {trace.status.value}"


def _below(items: list[Series | Bars]) -> float:
    """A little below all that is drawn."""
    values = np.concatenate([item.y for item in items])
    low, high = np.nanmin(values), np.nanmax(values)
    return float(low - 0.06 * (high - low))


def _walls(places: ndarray, low: float, high: float) -> Series:
    """Upright lines at the true optima."""
    x = np.repeat(places, 3)
    y = np.tile([low, high, np.nan], len(places))
    return Series("true optimum", x, y, REFERENCE, legend=False)


def _listed(places: ndarray) -> str:
    return ", ".join(f"{place:.3g}" for place in places) or "none"


# many races


def stops(lines: Lines) -> Drawn:
    """Where the races on the line stop, one row a method."""
    name, result = next(iter(lines.items()))
    low, high = float(result.positions[0]), float(result.positions[-1])
    edges = np.linspace(low, high, BINS + 1)
    centres, width = (edges[:-1] + edges[1:]) / 2, float(edges[1] - edges[0])
    fields = []
    for place, method in enumerate(result.spec.methods):
        counts, _ = np.histogram(np.clip(result.stops[0, place], low, high), edges)
        most = float(counts.max())
        label = METHODS[method].label
        bars = Bars(label, centres, counts.astype(float), width, STYLES[method], label)
        walls = _walls(result.optima, 0.0, most)
        stars = Series("true optimum", result.optima, np.full(len(result.optima), most), 0, "star", legend=False)
        ticks = ((most / 2, named(method)),)
        fields.append(Axes("", (bars, walls, *((stars,) if not place else ())), ticks=ticks, low=0.0))
    note = f"{_setting(result)}. ★ and dashed: {_optima(result)}. Each row has its own height."
    if not len(result.optima):
        note = f"{_setting(result)}. The full batch has no optimum between the start and the end of this line."
    return Drawn(
        f"Where {result.spec.races} races stop on {name}",
        note,
        Chart(f"position along {name}", tuple(fields), (low, high)),
        f"{note} Median stops: "
        + "; ".join(
            f"{METHODS[method].label} {np.median(result.stops[0, place]):.3g}"
            for place, method in enumerate(result.spec.methods)
        )
        + ".",
    )


def spread(lines: Lines, score: Score) -> Drawn:
    """A score of each method on the line: the median, and between what the central half and nine tenths lie."""
    name, result = next(iter(lines.items()))
    values = (result.distance if score == "distance" else result.left_over)[0]
    count = len(values)
    items: list[Series] = []
    medians: dict[str, float] = {}
    ticks = []
    for place, method in enumerate(result.spec.methods):
        known = values[place][np.isfinite(values[place])]
        row, style, label = float(count - 1 - place), STYLES[method], METHODS[method].label
        ticks.append((row, named(method)))
        if not len(known):
            continue
        least, low, middle, high, most = np.percentile(known, [5, 25, 50, 75, 95])
        medians[method] = float(middle)
        ticks[-1] = row, f"{named(method)}  {middle:.2g}"

        def bar(what: str, ends: list[float], weight: Literal["thin", "heavy"], name: str = label) -> Series:
            x, y = np.array(ends), np.full(2, row)  # noqa: B023  called at once
            return Series(f"{name}, {what}", x, y, style, group=name, legend=False, weight=weight)  # noqa: B023

        items += [
            bar("central 90 %", [least, most], "thin"),
            bar("central half", [low, high], "heavy"),
            Series(
                f"{label}, median",
                np.array([middle]),
                np.array([row]),
                style,
                MARKS[method][0],
                group=label,
                legend=False,
            ),
        ]
    title = NAMES[score].capitalize()
    if medians:
        best = min(medians, key=lambda method: medians[method])
        note = f"Lowest median: {METHODS[best].label}, {medians[best]:.2g}"
    else:
        note = "There is no true optimum on this line."
    return Drawn(
        title,
        note,
        Chart(NAMES[score], (Axes("", tuple(items), ticks=tuple(ticks), low=-0.6),)),
        f"{title} on {name}, medians. {note}: "
        + "; ".join(f"{METHODS[method].label} {median:.2g}" for method, median in medians.items()),
    )


def rates(lines: Lines, score: Score, all_lines: tuple[str, ...]) -> Drawn:
    """How often each gradient-only method beats each rival, on each line and on all of them."""
    known = next(iter(lines.values()))
    pairs = [
        (ours, rival) for ours in known.spec.methods if ours in OURS for rival in known.spec.methods if rival in RIVALS
    ]
    rows = []
    lost: dict[str, list[tuple[float, str]]] = {}
    for ours, rival in pairs:
        cells = []
        for name in all_lines:
            share = lines[name].win_rate(ours, rival, score) if name in lines else None
            cells.append(_cell(share) if name in lines else "…")
            if share is not None and share.high < 0.5:
                words = f"{METHODS[ours].label} against {METHODS[rival].label} {share.share:.0%}"
                lost.setdefault(name, []).append((share.share, words))
        if len(all_lines) > 1:
            cells.append(_cell(_pooled(lines, ours, rival, score)) if len(lines) == len(all_lines) else "…")
        rows.append((named(ours), named(rival), *cells))
    note = (
        f"Share of races with the smaller {NAMES[score]}, in % (95 % interval): ▴ wins, ▾ loses, = undecided. "
        f"{_like_with_like(lines, score)}{_lost(lines, lost)}"
        if pairs
        else "Nothing to compare: show a gradient-only search and one that looks at the loss."
    )
    columns = ("gradient-only", "against", *all_lines, *(("all",) if len(all_lines) > 1 else ()))
    return Drawn(
        f"Who wins, by {NAMES[score]}",
        note,
        Table(columns, tuple(rows), frozenset(range(2, len(columns))), grouped=True),
        note,
    )


def _like_with_like(lines: Lines, score: Score) -> str:
    """The two searches that go on until they have closed in, on each line."""
    known = next(iter(lines.values())).spec.methods
    if not {"gols_b", "golden_section"} <= set(known):
        return ""
    shares = {name: result.win_rate("gols_b", "golden_section", score) for name, result in lines.items()}
    found = ", ".join(f"{name} {share.share:.0%}" for name, share in shares.items() if share is not None)
    return f"GOLS-B against golden section: {found}. " if found else ""


def _lost(lines: Lines, lost: Mapping[str, list[tuple[float, str]]]) -> str:
    """Where gradient-only loses most."""
    if not lost:
        return "Gradient-only loses nowhere."
    name = min(lost, key=lambda one: min(lost[one]))
    return f"Gradient-only loses most on {name} ({_optima(lines[name])}): {min(lost[name])[1]}."


def _pooled(lines: Lines, ours: str, rival: str, score: Score) -> Share | None:
    """All lines together."""
    shares = [one for one in (result.win_rate(ours, rival, score) for result in lines.values()) if one is not None]
    held, count = sum(one.held for one in shares), sum(one.count for one in shares)
    return intervals.share(np.repeat([1, 0], [held, count - held]))


def _cell(share: Share | None) -> str:
    if share is None:
        return "–"
    verdict = "▴" if share.low > 0.5 else "▾" if share.high < 0.5 else "="
    return f"{verdict} {100 * share.share:.0f} ({100 * share.low:.0f}–{100 * share.high:.0f})"


def _optima(result: RaceResult) -> str:
    count = len(result.optima)
    return "1 true optimum" if count == 1 else f"{count} true optima"


def _setting(result: RaceResult) -> str:
    spec = result.spec
    return f"{spec.budget} evaluations each, |B| = {spec.base.batch_size}"


def to_rows(lines: Lines) -> Drawn:
    """Every line and method in numbers."""
    rows = []
    for name, result in lines.items():
        distance, left_over = result.distance[0], result.left_over[0]
        for place, method in enumerate(result.spec.methods):
            rows.append(
                (
                    name,
                    METHODS[method].label,
                    f"{result.evaluations[0, place].mean():.1f}",
                    *(_quartiles(values[place]) for values in (distance, left_over)),
                )
            )
    spec = next(iter(lines.values())).spec
    note = (
        f"{spec.races} races on each line, budget {spec.budget}, |B| = {spec.base.batch_size}, seed {spec.base.seed}: "
        "medians, and between what the central half lies."
    )
    columns = ("line", "method", "evaluations", "distance", "loss left over")
    return Drawn("Where races end", note, Table(columns, tuple(rows), frozenset({2, 3, 4}), grouped=True), note)


def _quartiles(values: ndarray) -> str:
    known = values[np.isfinite(values)]
    if not len(known):
        return "–"
    low, middle, high = np.percentile(known, [25, 50, 75])
    return f"{middle:.3g} ({low:.3g} to {high:.3g})"


def to_record(result: RaceResult, names: tuple[str, ...]) -> dict[str, Any]:
    """Races as plain data, fit for JSON: how they went, and who wins how often on each line and on all of them."""
    places: dict[str, int | None] = {**{name: place for place, name in enumerate(names)}, "all": None}
    record = result.summary()
    for name, line_record in zip(names, record["lines"], strict=True):
        line_record["name"] = name
    record["win_rates"] = [
        {"method": ours, "rival": rival, "score": score, "line": name, **(asdict(share) if share else {"share": None})}
        for ours in result.spec.methods
        if ours in OURS
        for rival in result.spec.methods
        if rival in RIVALS
        for score in SCORES
        for name, place in places.items()
        for share in [result.win_rate(ours, rival, score, place)]
    ]
    return record


# training


def training(result: TrainingResult) -> Drawn:
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
                Series(label, used, values, style, group=label, legend=False),
                Series(label, used[at], values[at], style, MARKS[run][0], group=label),
            ]
        else:
            words = ("",) * (len(used) - 1) + (run.removeprefix("constant "),)
            items.append(Series(run, used, values, REFERENCE, text=words, weight="thin", legend=False))
    final = {run: float(values[-1]) for run, values in zip(spec.runs, result.loss, strict=True)}
    note = (
        f"From the start point of seed {spec.base.seed}, |B| = {spec.base.batch_size}; a gradient or loss of a mini-batch "
        "is one evaluation. Thin: SGD with the constant step that stands at its end."
    )
    return Drawn(
        "Training in all 83 dimensions",
        note,
        Chart(
            "evaluations of mini-batches",
            (Axes("full-batch loss", tuple(items), log=True),),
            (0.0, 1.04 * float(used[-1])),
        ),
        f"{note} Loss at the end: " + "; ".join(f"{_run(run)} {loss:.3g}" for run, loss in final.items()) + ".",
    )


def runs(result: TrainingResult) -> Drawn:
    """How each run ended, the lowest loss first."""
    count = result.spec.evaluations
    order = sorted(range(len(result.spec.runs)), key=lambda place: np.nan_to_num(result.loss[place, -1], nan=np.inf))
    rows = []
    for place in order:
        run = result.spec.runs[place]
        steps = result.steps[place][np.isfinite(result.steps[place])]
        middle = f"{np.median(steps):.2g}" if len(steps) else "–"
        rows.append(
            (
                named(run) if run in METHODS else _run(run),
                _loss(result.loss[place, count // 5]),
                _loss(result.loss[place, -1]),
                f"{len(steps)}",
                middle,
            )
        )
    note = f"One start point and one order of mini-batches: another seed may rank them otherwise. {count} evaluations."
    columns = ("run", f"loss at {count // 5}", f"at {count}", "steps", "median step")
    return Drawn("After the same work", note, Table(columns, tuple(rows), frozenset({1, 2, 3, 4})), note)


def _spaced(length: int, place: int, of: int) -> ndarray:
    """Where marks are set on a curve, apart from those of the others."""
    every = max(1, length // 6)
    return np.arange(min(length - 1, every * place // of), length, every)


def _run(run: str) -> str:
    return METHODS[run].label if run in METHODS else f"SGD, step {run.removeprefix('constant ')}"


def _loss(value: Any) -> str:  # noqa: ANN401  numpy's number
    return f"{value:.3g}" if np.isfinite(value) else "diverged"
