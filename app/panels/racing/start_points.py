"""Panels of races over start points: who wins how often, with intervals over start points."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from app.panels import text
from app.panels.racing.many_races import NAMES, describe_share, find_strongest_rival, list_win_rates
from app.panels.racing.marks import MARKS, STYLES, describe_method, list_pairs
from app.plotting.model import REFERENCE, Axes, Chart, PanelContent, Series, Table
from landscape_core.comparison.race import SCORES, Score
from landscape_core.comparison.race_replication import RaceReplicationResult
from landscape_core.line_search import METHODS
from landscape_core.paper.race_claims import judge_races


def chart_rates(result: RaceReplicationResult, score: Score) -> PanelContent:
    """Share of races won on all lines by each gradient-only search against each rival, with its interval."""
    pairs = [(pair, result.win_rate(*pair, score)) for pair in list_pairs(result.spec.methods)]
    rows = [(pair, rate) for pair, rate in pairs if rate is not None]
    items = [
        Series(
            "as often as not", np.full(2, 0.5), np.array([-0.6, len(rows) - 0.4]), REFERENCE, legend=False, kind=None
        ),
    ]
    ticks = []
    for row, ((ours, rival), rate) in enumerate(reversed(rows)):
        label, y = METHODS[ours].label, float(row)
        ticks.append((y, f"{describe_method(ours)} against {describe_method(rival)}"))
        ends, middle = np.array([rate.low, rate.high]), np.array([rate.share])
        items += [
            Series(
                f"{label}, 95% interval",
                ends,
                np.full(2, y),
                STYLES[ours],
                group=label,
                legend=False,
                kind=f"interval against {METHODS[rival].label}",
            ),
            Series(
                label,
                middle,
                np.array([y]),
                STYLES[ours],
                MARKS[ours][0],
                group=label,
                legend=False,
                kind=f"share against {METHODS[rival].label}",
            ),
        ]
    strongest = find_strongest_rival(result.spec.methods, partial(result.win_rate, score=score))
    note = f"{_describe(result)}. {strongest}"
    axes = Axes("", tuple(items), ticks=tuple(ticks), low=-0.6)
    chart = Chart("share of races won", (axes,), (0.0, 1.0), groups="method")
    said = "; ".join(
        f"{METHODS[ours].label} against {METHODS[rival].label} {rate.share:.0%} ({rate.low:.0%} to {rate.high:.0%})"
        for (ours, rival), rate in rows
    )
    title = f"Win rates at {result.usable.sum()} start points, by {NAMES[score]}"
    return PanelContent(title, note, chart, f"{note} {said}.")


def tabulate_rates(result: RaceReplicationResult, score: Score, lines: tuple[str, ...]) -> PanelContent:
    """The same on each line."""
    rows = [
        (
            describe_method(ours),
            describe_method(rival),
            *(describe_share(result.win_rate(ours, rival, score, line)) for line in range(len(lines))),
            describe_share(result.win_rate(ours, rival, score)),
        )
        for ours, rival in list_pairs(result.spec.methods)
    ]
    note = (
        f"Share of races with the smaller {NAMES[score]}, in %: the mean over start points, and its 95% interval over "
        "start points and then races. ▴ wins, ▾ loses, = undecided."
        if rows
        else "Nothing to compare: show a gradient-only search and one that looks at the loss."
    )
    columns = ("gradient-only", "against", *map(text.line_label, lines), "all")
    picture = Table(columns, tuple(rows), frozenset(range(2, len(columns))), grouped=True)
    return PanelContent("On each line", note, picture, note)


def tabulate_claims(result: RaceReplicationResult) -> PanelContent:
    """What the paper says of line searches, what is tested of it, and how it comes out."""
    marks = {"holds": "✓ holds", "does not": "✗ does not hold", "open": "– open"}
    judged, base = judge_races(result), result.spec.base
    rows = tuple(
        (one.claim.source, one.claim.statement, one.claim.test, describe_share(one.share), marks[one.verdict])
        for one in judged
    )
    strongest = find_strongest_rival(result.spec.methods, partial(result.win_rate, score="left_over"))
    note = (
        f"Checked for {text.label(base)}, {base.domain} ±{base.range:g}, |B| = {base.batch_size}; the paper speaks of all "
        f"activations. In more than half of the races at {result.usable.sum()} start points, on all lines; share in % and "
        f"its 95% interval, open where that spans one half. By excess loss: {strongest}"
        if judged
        else "Nothing to check: show a gradient-only search and its rival."
    )
    columns = ("stands in", "the paper says", "what is tested", "races won", "verdict")
    return PanelContent("What the paper says of line searches", note, Table(columns, rows, frozenset({3})), note)


def report_races(result: RaceReplicationResult, lines: tuple[str, ...]) -> tuple[list[PanelContent], dict[str, Any]]:
    """Races over start points as a command prints them: as tables, and as plain data that is fit for JSON."""
    tables = [*(tabulate_rates(result, score, lines) for score in SCORES), tabulate_claims(result)]
    claims = [one.record() for one in judge_races(result)]
    return tables, result.summary() | {"claims": claims, "win_rates": list_win_rates(result, lines)}


def _describe(result: RaceReplicationResult) -> str:
    spec = result.spec
    lost = spec.start_points - int(result.usable.sum())
    left_out = f", {lost} of them without directions and left out" if lost else ""
    return (
        f"Seeds 0 to {spec.start_points - 1}{left_out}; {spec.races} races on each of {len(spec.angles)} lines, up to "
        f"{spec.budget} evaluations, |B| = {spec.base.batch_size}"
    )
