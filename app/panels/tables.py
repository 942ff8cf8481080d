"""Tables 1 and 2: the paper's counts beside ours with how typical they are, and its observations as checked claims."""

from __future__ import annotations

import csv
from dataclasses import asdict
from io import StringIO
from typing import Any

from app.pictures import Drawn, Table
from landscape_core import paper
from landscape_core.activations import ACTIVATIONS
from landscape_core.intervals import Among, Share
from landscape_core.typical import Count, TypicalResult

COUNTS = {"true optima": "true_optima", "minima": "minima", "NN-GPPs": "nngpps"}


def counts(result: TypicalResult) -> Drawn:
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
                    *_among(found.over_batches),
                    *_among(found.over_starts),
                )
            )
    spec = result.spec
    note = (
        f"{spec.domain} domain, |B| = {spec.base.batch_size}. Ours: seed {spec.base.seed}, draw 0. Mean, central 95 % and "
        f"the percentile at which the paper's number lies: over mini-batches at that start point, and over {spec.seeds} "
        "start points, directions and mini-batches."
    )
    columns = ("activation", "count", "paper", "ours", "batches: mean", "95 %", "at", "starts: mean", "95 %", "at")
    return Drawn(
        f"Table {paper.DOMAIN_TABLE[spec.domain]}",
        note,
        Table(columns, tuple(rows), frozenset(range(2, len(columns)))),
        note,
    )


def claims(result: TypicalResult) -> Drawn:
    """What the paper observes, whether it holds here, and in what share of start points."""
    rows = tuple(
        (
            "all" if verdict.claim.activation is None else ACTIVATIONS[verdict.claim.activation].label,
            verdict.claim.statement,
            verdict.claim.test,
            {True: "holds", False: "does not", None: "undecided"}[verdict.own],
            _share(verdict.share),
        )
        for verdict in result.verdicts()
    )
    note = (
        f"Each observation of the paper as a checked statement: at seed {result.spec.base.seed}, and in what share of "
        f"{result.spec.seeds} start points (95 % interval)."
    )
    columns = ("about", "the paper observes", "what is checked", "here", "share of start points")
    return Drawn(
        f"Observations of Table {paper.DOMAIN_TABLE[result.spec.domain]}",
        note,
        Table(columns, rows, frozenset({4})),
        note,
    )


def _among(found: Among | None) -> tuple[str, str, str]:
    if found is None:
        return "–", "–", "–"
    return f"{found.mean:.1f}", f"{found.low:.0f} to {found.high:.0f}", f"{found.percentile:.0f} %"


def _share(found: Share | None) -> str:
    return "–" if found is None else f"{found.share:.0%} ({found.low:.0%} to {found.high:.0%})"


def to_record(result: TypicalResult) -> dict[str, Any]:
    """Both tables of a domain as plain data, fit for JSON."""
    return {
        "table": paper.DOMAIN_TABLE[result.spec.domain],
        **result.spec.fields(),
        "device": result.device,
        "versions": result.versions,
        "rows": [asdict(row) for row in result.rows()],
        "claims": [
            {
                "name": verdict.claim.name,
                "activation": verdict.claim.activation,
                "statement": verdict.claim.statement,
                "test": verdict.claim.test,
                "holds": verdict.own,
                "share": None if verdict.share is None else asdict(verdict.share),
            }
            for verdict in result.verdicts()
        ],
    }


def to_csv(shown: list[Drawn]) -> str:
    """Tables as CSV, each with its number in front and its headings above; an empty line between them."""
    file = StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    for index, panel in enumerate(shown):
        assert isinstance(panel.picture, Table)  # noqa: S101  for the type checker
        if index:
            writer.writerow([])
        writer.writerow(["table", *panel.picture.columns])
        writer.writerows([panel.title, *row] for row in panel.picture.rows)
    return file.getvalue()


def to_markdown(shown: list[Drawn]) -> str:
    """Tables as Markdown."""
    parts = []
    for panel in shown:
        assert isinstance(panel.picture, Table)  # noqa: S101  for the type checker
        rule = ["---:" if index in panel.picture.numeric else "---" for index in range(len(panel.picture.columns))]
        lines = [panel.picture.columns, rule, *panel.picture.rows]
        body = "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)
        parts.append(f"## {panel.title}\n\n{panel.note}\n\n{body}\n")
    return "\n".join(parts)
