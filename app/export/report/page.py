"""The HTML page of a report."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from markupsafe import Markup, escape

from app.export.citation import PAPER, format_bibtex
from app.export.report.order import Order
from app.panels import tables as panels
from app.panels.shifts import START_POINTS
from app.plotting import mpl
from app.plotting.model import PanelContent, Scene, Table
from app.templates import fill_template
from landscape_core import StudySpec
from landscape_core.paper import published
from landscape_core.paper.published import Figure
from landscape_core.paper.replication import DRAWS, Count, ReplicationResult
from landscape_core.problems.datasets import SCALINGS
from landscape_core.statistics.intervals import Among
from landscape_core.study.limits import LINE_DRAWS
from landscape_core.study.plane import hash_data, load_data

TITLE = "Kafka & Wilke (2019), computed again"

WIDTH, HEIGHT = 332, 228
"""Size of a picture, in CSS pixels: as on paper, where two stand beside each other with type of 8 points."""


@dataclass(frozen=True)
class ReportPanel:
    """A panel of a figure, with its picture as HTML."""

    anchor: str
    letter: str
    title: str
    note: str
    picture: Markup


def fill_page(
    order: Order,
    figures: Mapping[int, Sequence[ReportPanel]],
    tables: Sequence[ReplicationResult],
    names: Mapping[StudySpec, str],
    sizes: Mapping[str, int],
    today: date,
) -> str:
    """Fill the template of the page.

    Args:
        order: The options of the report.
        figures: The panels of each figure, by its number.
        tables: Tables 1 and 2.
        names: The file of each study.
        sizes: Bytes of each file.
        today: The date in it.
    """
    version = tables[0].versions["batchscape"]
    return fill_template(
        "report.html",
        title=TITLE,
        order=order,
        published=published,
        version=version,
        today=today.isoformat(),
        line_draws=f"{LINE_DRAWS:,}",
        found=_summarise(tables),
        tables=[entry for result in tables for entry in _list_tables(result)],
        figures=[
            _describe_figure(figure, figures[figure.number], order, names) for figure in published.FIGURES.values()
        ],
        choices=[(choice.open, choice.ours, choice.reason) for choice in published.CHOICES],
        facts=_list_facts(order, tables[0], today),
        sizes=sizes,
        paper_entry=PAPER,
        report_entry=format_bibtex(
            f"batchscape{today.year}report",
            title=TITLE.replace("&", "and"),
            author="{Batchscape}",
            year=today.year,
            note=f"Report made by Batchscape {version} on {today.isoformat()}: {order.command}",
        ),
    )


def draw_panel(figure: Figure, letter: str, shown: PanelContent) -> ReportPanel:
    """Draw a panel of a figure: a surface as an image, anything else as SVG."""
    picture = shown.picture
    assert not isinstance(picture, Table)  # noqa: S101  no figure of the paper is a table
    if isinstance(picture, Scene):
        data = b64encode(mpl.picture_image(picture, width=WIDTH, height=HEIGHT, density=3)).decode("ascii")
        drawing = Markup(
            '<img class="picture" width="{}" height="{}" alt="{}" src="data:image/webp;base64,{}">'
        ).format(WIDTH, HEIGHT, shown.sentence, data)
    else:
        start = f'<svg class="picture" role="img" aria-label="{escape(shown.sentence)}" '
        svg = mpl.picture_svg(picture, width=WIDTH, height=HEIGHT)
        drawing = Markup(svg.replace("<svg ", start, 1))
    return ReportPanel(f"{_name_anchor(figure)}-{letter}", letter, shown.title, shown.caption, drawing)


def _name_anchor(figure: Figure) -> str:
    return f"figure-{figure.number}"


def _describe_figure(
    figure: Figure, shown: Sequence[ReportPanel], order: Order, names: Mapping[StudySpec, str]
) -> dict[str, Any]:
    specs = (figure.spec(panel, order.base(figure)) for panel in figure.panels)
    return {
        "anchor": _name_anchor(figure),
        "title": f"{figure.name} {figure.title}",
        "remark": figure.remark,
        "panels": shown,
        "files": list(dict.fromkeys(names[spec] for spec in specs if spec is not None)),
    }


def _list_tables(result: ReplicationResult) -> list[tuple[str, str, PanelContent]]:
    """List the tables of counts and of observations: anchor, file, content."""
    number = published.DOMAIN_TABLE[result.spec.domain]
    file = f"table-{number}.npz"
    return [
        (f"table-{number}", file, panels.counts(result)),
        (f"observations-{number}", file, panels.claims(result)),
    ]


def _summarise(results: Sequence[ReplicationResult]) -> dict[str, int | str]:
    """Count how many numbers of Tables 1 and 2 agree with the paper's."""
    rows = [row for result in results for row in result.rows()]
    true = [row.true_optima for row in rows]
    drawn = [count for row in rows for count in (row.minima, row.nngpps)]
    verdicts = [verdict for result in results for verdict in result.verdicts()]
    shares = [verdict.share for verdict in verdicts if verdict.share is not None]
    return {
        "true": len(true),
        "true_equal": sum(count.ours == count.paper for count in true),
        "drawn": len(drawn),
        "within_draws": _count_within(drawn, "over_batches"),
        "within_starts": _count_within(drawn, "over_starts"),
        "start_points": panels.start_points(*results),
        "claims": len(verdicts),
        "claims_here": sum(verdict.own is True for verdict in verdicts),
        "claims_mostly": sum(share.share > 0.5 for share in shares),
        "claims_surely": sum(share.low > 0.5 for share in shares),
    }


def _count_within(counts: Sequence[Count], over: str) -> int:
    """Count the paper's numbers that lie in the central 95% of ours."""
    found: list[Among | None] = [getattr(count, over) for count in counts]
    return sum(among is not None and among.inside for among in found)


def _list_facts(order: Order, result: ReplicationResult, today: date) -> dict[str, str]:
    """List seeds, versions, device and data of the report."""
    inputs, _ = load_data(result.spec.base)
    scaling = SCALINGS[result.spec.base.scaling].label.lower()
    return {
        "Made on": today.isoformat(),
        "To reproduce": order.command,
        "Versions": ", ".join(f"{name} {version}" for name, version in result.versions.items()),
        "Device": f"{result.device}, {result.spec.base.dtype}",
        "Start point": f"seed {order.seed}: start point and directions of the figures, and of “ours” in the tables; Sec. 5 "
        f"has panels of another seed, which they name, and (d) the first {START_POINTS} of the other start points",
        "Mini-batches": f"batch seed {order.batch_seed}; draw 0 in the figures and in “ours”, {LINE_DRAWS:,} draws on the "
        f"lines, {DRAWS} at each of the other start points",
        "Other start points": f"seeds 0 to {order.seeds - 1:,}",
        "Data set": f"Iris, {len(inputs)} samples, scaling: {scaling}; sha256 of inputs, then targets, as {inputs.dtype}, "
        f"row by row: {hash_data(result.spec.base)}",
    }
