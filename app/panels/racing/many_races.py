"""Panels of many races: where they stop, how far from the optima, and who wins how often."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal

import numpy as np
from numpy import ndarray

from app.panels import text
from app.panels.plane_axes import title_positions
from app.panels.racing.marks import MARKS, STYLES, describe_method, draw_walls, list_pairs
from app.plotting.model import Axes, Bars, Chart, PanelContent, Series, Table
from landscape_core.comparison.race import SCORES, RaceResult, Score
from landscape_core.comparison.race_replication import RaceReplicationResult
from landscape_core.line_search import METHODS
from landscape_core.statistics import intervals
from landscape_core.statistics.intervals import GroupedShare, Share

NAMES: dict[str, str] = {"distance": "distance from ★", "left_over": "excess loss"}

BINS = 60

Lines = Mapping[str, RaceResult]
"""The races on each line so far, by its name, the line that is looked at first; each of one line alone."""


def stops(lines: Lines) -> PanelContent:
    """Where the races on the line stop, one row a method."""
    (name, result), *_ = lines.items()
    name = text.line_label(name)
    low, high = float(result.positions[0]), float(result.positions[-1])
    edges = np.linspace(low, high, BINS + 1)
    centres, width = (edges[:-1] + edges[1:]) / 2, float(edges[1] - edges[0])
    fields = []
    for place, method in enumerate(result.spec.methods):
        counts, _ = np.histogram(np.clip(result.stops[0, place], low, high), edges)
        most = float(counts.max())
        label = METHODS[method].label
        bars = Bars(label, centres, counts.astype(float), width, STYLES[method], label, "count")
        walls = draw_walls(result.optima, 0.0, most)
        stars = Series("true optimum", result.optima, np.full(len(result.optima), most), 0, "star", legend=False)
        ticks = ((most / 2, describe_method(method)),)
        fields.append(Axes("", (bars, walls, *((stars,) if not place else ())), ticks=ticks, low=0.0))
    note = f"{_setting(result)}. ★ and dashed: {_optima(result)}. Bars are scaled separately in each row."
    if not len(result.optima):
        note = f"{_setting(result)}. The full batch has no optimum between the start and the end of this line."
    return PanelContent(
        f"Where {result.spec.races} races stop on {name}",
        note,
        Chart(title_positions(result.spec.base, name), tuple(fields), (low, high), groups="method"),
        f"{note} Median stops: "
        + "; ".join(
            f"{METHODS[method].label} {text.number(np.median(result.stops[0, place]))}"
            for place, method in enumerate(result.spec.methods)
        )
        + ".",
    )


def spread(lines: Lines, score: Score) -> PanelContent:
    """A score of each method on the line: the median, and between what the central half and nine tenths lie."""
    (name, result), *_ = lines.items()
    values = (result.distance if score == "distance" else result.left_over)[0]
    count = len(values)
    items: list[Series] = []
    medians: dict[str, float] = {}
    ticks = []
    for place, method in enumerate(result.spec.methods):
        known = values[place][np.isfinite(values[place])]
        row, style, label = float(count - 1 - place), STYLES[method], METHODS[method].label
        ticks.append((row, describe_method(method)))
        if not len(known):
            continue
        least, low, middle, high, most = np.percentile(known, [5, 25, 50, 75, 95])
        medians[method] = float(middle)
        ticks[-1] = row, f"{describe_method(method)}  {middle:.2g}"

        def bar(what: str, ends: list[float], weight: Literal["thin", "heavy"], name: str = label) -> Series:
            x, y = np.array(ends), np.full(2, row)  # noqa: B023  called at once
            return Series(f"{name}, {what}", x, y, style, group=name, legend=False, weight=weight, kind=what)  # noqa: B023

        items += [
            bar("central 90%", [least, most], "thin"),
            bar("central half", [low, high], "heavy"),
            Series(
                f"{label}, median",
                np.array([middle]),
                np.array([row]),
                style,
                MARKS[method][0],
                group=label,
                legend=False,
                kind="median",
            ),
        ]
    title = NAMES[score].capitalize()
    if medians:
        best = min(medians, key=lambda method: medians[method])
        note = f"Lowest median: {METHODS[best].label}, {medians[best]:.2g}"
    else:
        note = "There is no true optimum on this line."
    return PanelContent(
        title,
        note,
        Chart(NAMES[score], (Axes("", tuple(items), ticks=tuple(ticks), low=-0.6),), groups="method"),
        f"{title} on {text.line_label(name)}, medians. {note}: "
        + "; ".join(f"{METHODS[method].label} {median:.2g}" for method, median in medians.items()),
    )


def rates(lines: Lines, score: Score, all_lines: tuple[str, ...]) -> PanelContent:
    """How often each gradient-only method beats each rival, on each line and on all of them."""
    known = next(iter(lines.values()))
    pairs = list_pairs(known.spec.methods)
    rows = []
    lost: dict[str, list[tuple[float, str]]] = {}
    for ours, rival in pairs:
        cells = []
        for name in all_lines:
            share = lines[name].win_rate(ours, rival, score) if name in lines else None
            cells.append(describe_share(share) if name in lines else "…")
            if share is not None and share.high < 0.5:
                words = f"{METHODS[ours].label} against {METHODS[rival].label} {share.share:.0%}"
                lost.setdefault(name, []).append((share.share, words))
        if len(all_lines) > 1:
            cells.append(describe_share(_pooled(lines, ours, rival, score)) if len(lines) == len(all_lines) else "…")
        rows.append((describe_method(ours), describe_method(rival), *cells))
    strongest = ""
    if len(lines) == len(all_lines):
        strongest = (
            find_strongest_rival(known.spec.methods, lambda ours, rival: _pooled(lines, ours, rival, score)) + " "
        )
    note = (
        f"Share of races with the smaller {NAMES[score]}, in % (95% interval): ▴ wins, ▾ loses, = undecided. "
        f"{_like_with_like(lines, score)}{strongest}{_lost(lines, lost)}"
        if pairs
        else "Nothing to compare: show a gradient-only search and one that looks at the loss."
    )
    columns = ("gradient-only", "against", *map(text.line_label, all_lines), *(("all",) if len(all_lines) > 1 else ()))
    return PanelContent(
        f"Win rates by {NAMES[score]}",
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
    found = ", ".join(
        f"{text.line_label(name)} {share.share:.0%}" for name, share in shares.items() if share is not None
    )
    return f"GOLS-B against golden section: {found}. " if found else ""


def find_strongest_rival(methods: Sequence[str], rate: Callable[[str, str], Share | GroupedShare | None]) -> str:
    """The rival that the best of the gradient-only searches beats least often.

    Args:
        methods: Those that race.
        rate: (gradient-only search, rival) → how often the first wins.
    """
    best: dict[str, tuple[float, str]] = {}
    for ours, rival in list_pairs(methods):
        share = rate(ours, rival)
        if share is not None:
            best[rival] = max(best.get(rival, (-1.0, "")), (share.share, METHODS[ours].label))
    if not best:
        return ""
    rival = min(best, key=lambda one: best[one])
    most, winner = best[rival]
    return f"Strongest rival: {METHODS[rival].label}; against it {winner} does best, and wins {most:.0%}."


def _lost(lines: Lines, lost: Mapping[str, list[tuple[float, str]]]) -> str:
    """Where gradient-only loses most."""
    if not lost:
        return "Gradient-only loses nowhere."
    name = min(lost, key=lambda one: min(lost[one]))
    return f"Gradient-only loses most on {text.line_label(name)} ({_optima(lines[name])}): {min(lost[name])[1]}."


def _pooled(lines: Lines, ours: str, rival: str, score: Score) -> Share | None:
    """All lines together."""
    shares = [one for one in (result.win_rate(ours, rival, score) for result in lines.values()) if one is not None]
    held, count = sum(one.held for one in shares), sum(one.count for one in shares)
    return intervals.share(np.repeat([1, 0], [held, count - held]))


def describe_share(share: Share | GroupedShare | None) -> str:
    """A share in per cent with its interval, and whether it is decided."""
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


def to_rows(lines: Lines) -> PanelContent:
    """Every line and method in numbers."""
    rows = []
    for name, result in lines.items():
        distance, left_over = result.distance[0], result.left_over[0]
        for place, method in enumerate(result.spec.methods):
            rows.append(
                (
                    text.line_label(name),
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
    columns = ("line", "method", "evaluations", "distance", "excess loss")
    return PanelContent("Where races end", note, Table(columns, tuple(rows), frozenset({2, 3, 4}), grouped=True), note)


def _quartiles(values: ndarray) -> str:
    known = values[np.isfinite(values)]
    if not len(known):
        return "–"
    low, middle, high = np.percentile(known, [25, 50, 75])
    return f"{middle:.3g} ({low:.3g} to {high:.3g})"


def report_races(result: RaceResult, names: tuple[str, ...]) -> tuple[list[PanelContent], dict[str, Any]]:
    """Races as a command prints them: as tables, and as plain data that is fit for JSON."""
    lines = dict(zip(names, result.split_lines(), strict=True))
    return [to_rows(lines), *(rates(lines, score, names) for score in SCORES)], to_record(result, names)


def list_win_rates(result: RaceResult | RaceReplicationResult, names: tuple[str, ...]) -> list[dict[str, Any]]:
    """Who wins how often on each line and on all of them, as plain data."""
    places: dict[str, int | None] = {**{name: place for place, name in enumerate(names)}, "all": None}
    return [
        {"method": ours, "rival": rival, "score": score, "line": name, **(asdict(share) if share else {"share": None})}
        for ours, rival in list_pairs(result.spec.methods)
        for score in SCORES
        for name, place in places.items()
        for share in [result.win_rate(ours, rival, score, place)]
    ]


def to_record(result: RaceResult, names: tuple[str, ...]) -> dict[str, Any]:
    """Races as plain data, fit for JSON: how they went, and who wins how often."""
    record = result.summary()
    for name, line_record in zip(names, record["lines"], strict=True):
        line_record["name"] = name
    return record | {"win_rates": list_win_rates(result, names)}
