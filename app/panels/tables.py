"""Panels of Tables 1 and 2: the paper's counts beside ours, and the paper's observations as checked claims."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from app.panels import text
from app.plotting.model import REFERENCE, Axes, Chart, Mark, PanelContent, Series, Table
from landscape_core.paper import published
from landscape_core.paper.replication import Count, ReplicationResult
from landscape_core.problems.activations import ACTIVATIONS
from landscape_core.statistics.intervals import ENDS, Among, Share

COUNTS = {"true optima": "true_optima", "minima": "minima", "NN-GPPs": "nngpps"}
MARKS: dict[str, Mark] = {"true optima": "star", "minima": "triangle", "NN-GPPs": "diamond"}
SHIFTS = {"true optima": 0.24, "minima": 0.0, "NN-GPPs": -0.24}
"""Marks of a row stand above each other."""

OVER = {"over mini-batches": "over_batches", "over start points": "over_starts"}
"""What the paper's numbers are compared with."""


def counts(result: ReplicationResult) -> PanelContent:
    """The paper's numbers, ours, and where the paper's lie among ours."""
    rows = []
    for row in result.rows():
        for name, field in COUNTS.items():
            found: Count = getattr(row, field)
            rows.append(
                (
                    ACTIVATIONS[row.activation].label,
                    name,
                    str(found.paper),
                    "–" if found.ours is None else str(found.ours),
                    *(cell for over in OVER.values() for cell in _among(getattr(found, over))),
                )
            )
    spec = result.spec
    note = (
        f"{spec.domain.capitalize()} domain, |B| = {spec.base.batch_size}. Ours: seed {spec.base.seed}, draw 0. Then mean, "
        f"central 95% and the percentile at which the paper's number lies: over mini-batches at that start point, and "
        f"over {start_points(result)}, their directions and mini-batches. True optima: minima of the full batch."
    )
    among = [head for over in OVER for head in (f"{over}: mean (95%)", "paper's percentile")]
    columns = ("activation", "count", "paper", "ours", *among)
    return PanelContent(
        f"Table {published.DOMAIN_TABLE[spec.domain]}",
        note,
        Table(columns, tuple(rows), frozenset(range(2, len(columns))), grouped=True),
        note,
    )


def percentiles(result: ReplicationResult) -> PanelContent:
    """At which percentile of ours each of the paper's numbers lies."""
    rows = result.rows()
    heights = np.arange(len(rows) - 1, -1, -1, dtype=np.float64)
    ticks = tuple((float(height), ACTIVATIONS[row.activation].label) for height, row in zip(heights, rows, strict=True))
    fields: list[Axes] = []
    outside: list[str] = []
    for title, over in OVER.items():
        marks: list[Series] = []
        inside: list[bool] = []
        for style, (name, field) in enumerate(COUNTS.items()):
            found: list[Among | None] = [getattr(getattr(row, field), over) for row in rows]
            at = np.array([np.nan if one is None else one.percentile for one in found])
            inside += [one.inside for one in found if one is not None]
            marks.append(
                Series(name, at, heights + SHIFTS[name], style, MARKS[name], legend=not fields, kind=f"{name} {title}")
            )
        outside.append(f"{inside.count(False)} of {len(inside)} {title}")
        edges = Series(
            "central 95% of ours",
            np.array([ENDS[0]] * 2 + [np.nan] + [ENDS[1]] * 2),
            np.array([-0.5, len(rows) - 0.5, np.nan, -0.5, len(rows) - 0.5]),
            REFERENCE,
            legend=not fields,
            kind=None,
        )
        fields.append(Axes(title, (*marks, edges), ticks=ticks))
    note = (
        f"Of the paper's numbers, outside the central 95% of ours: {'; '.join(outside)}. Mini-batches at seed "
        f"{result.spec.base.seed}; {start_points(result)}."
    )
    return PanelContent(
        "Published counts as percentiles of ours",
        note,
        Chart("percentile of the paper's number among ours", tuple(fields), (0.0, 100.0)),
        note,
    )


def claims(result: ReplicationResult) -> PanelContent:
    """What the paper observes, whether it holds here, and in what share of start points."""
    rows = tuple(
        (
            "all" if verdict.claim.activation is None else ACTIVATIONS[verdict.claim.activation].label,
            verdict.claim.source,
            verdict.claim.statement,
            verdict.claim.test,
            {True: "✓ holds", False: "✗ does not hold", None: "– undecided"}[verdict.own],
            _share(verdict.share),
        )
        for verdict in result.verdicts()
    )
    note = (
        f"Observations of the paper, {result.spec.domain} domain, as checked statements: at seed "
        f"{result.spec.base.seed}, and in how many of {start_points(result)} (share, 95% interval)."
    )
    columns = ("about", "source", "the paper observes", "what is checked", "this seed", "start points where it holds")
    return PanelContent(
        f"Observations of Table {published.DOMAIN_TABLE[result.spec.domain]} and of the text",
        note,
        Table(columns, rows, frozenset({5}), grouped=True),
        note,
    )


def _among(found: Among | None) -> tuple[str, str]:
    if found is None:
        return "–", "–"
    return f"{found.mean:.1f} ({found.low} to {found.high})", text.format_share(found.percentile / 100)


def start_points(*results: ReplicationResult) -> str:
    """How many start points there are, the same in all results, and how many are usable where not all are."""
    fewer = [
        f"{ACTIVATIONS[row.activation].label}, {result.spec.domain}: {row.usable} usable"
        for result in results
        for row in result.rows()
        if row.usable < result.spec.seeds
    ]
    return f"{results[0].spec.seeds:,} start points" + (f" ({'; '.join(fewer)})" if fewer else "")


def _share(found: Share | None) -> str:
    if found is None:
        return "–"
    return f"{found.held} of {found.count}: {100 * found.share:.3g}% ({found.low:.0%} to {found.high:.0%})"


def to_record(result: ReplicationResult) -> dict[str, Any]:
    """Both tables of a domain as plain data, fit for JSON."""
    return {
        "table": published.DOMAIN_TABLE[result.spec.domain],
        **result.spec.fields(),
        "device": result.device,
        "versions": result.versions,
        "rows": [asdict(row) for row in result.rows()],
        "claims": [
            {
                "name": verdict.claim.name,
                "activation": verdict.claim.activation,
                "source": verdict.claim.source,
                "statement": verdict.claim.statement,
                "test": verdict.claim.test,
                "holds": verdict.own,
                "share": None if verdict.share is None else asdict(verdict.share),
            }
            for verdict in result.verdicts()
        ],
    }


def to_markdown(shown: list[PanelContent]) -> str:
    """Tables as Markdown."""
    parts = []
    for panel in shown:
        assert isinstance(panel.picture, Table)  # noqa: S101  for the type checker
        rule = ["---:" if index in panel.picture.numeric else "---" for index in range(len(panel.picture.columns))]
        lines = [panel.picture.columns, rule, *panel.picture.rows]
        body = "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
        parts.append(f"## {panel.title}\n\n{panel.caption}\n\n{body}\n")
    return "\n".join(parts)
