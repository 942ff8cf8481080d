"""What stands in a report: its parts, a table of contents that leads to them, and the words between the numbers."""

from __future__ import annotations

import hashlib
import html
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from app import export, prints
from app.panels import tables as panels
from app.pictures import Drawn, Scene, Table
from app.report.order import Order
from app.report.style import STYLE
from landscape_core import StudySpec, paper, problem
from landscape_core.intervals import Among
from landscape_core.paper import Figure
from landscape_core.study import LINE_DRAWS
from landscape_core.typical import DRAWS, Count, TypicalResult

WIDTH, HEIGHT = 480, 330
"""Of a picture, in dots of the page."""

INTRODUCTION = (
    "Training draws a fresh mini-batch at every evaluation, and this turns the loss of a neural network into a "
    "discontinuous function with minima almost everywhere. Kafka and Wilke (2019) compare two ways to read such a "
    "landscape: by its minima, and by its non-negative associated gradient projection points (NN-GPPs), the places along "
    "a line where the directional derivative, or slope, turns from negative to positive. Minima appear wherever there is "
    "noise; NN-GPPs appear only where the sign of the slope is uncertain, which is mostly near the true optima.",
    "Here their experiment is computed again: Iris, a network of 83 parameters (4-10-3), six activation functions, a plane "
    "and four lines through a start point, full batches of 150 samples and mini-batches of 10. The report has every figure "
    "of the paper and both tables. The paper's number stands beside ours, together with how much ours vary from one draw "
    "of mini-batches to another and from one start point to another.",
)
SELECTED = (
    f"Seed {paper.SELECTED_SEED} was selected because its full-batch counts are those of Tables 1 and 2; the authors "
    "published neither their start point nor their directions. That these counts agree is therefore no evidence. Its "
    "mini-batch counts, and the counts at the many other start points, are a fairer comparison."
)
CITATION = f"""@misc{{kafka2019visual,
  title         = {{{paper.TITLE}}},
  author        = {{Kafka, Dominic and Wilke, Daniel}},
  year          = {{2019}},
  eprint        = {{{paper.ARXIV}}},
  archivePrefix = {{arXiv}},
  note          = {{Version 1}}
}}"""


@dataclass(frozen=True)
class Part:
    """One part of the page.

    Attributes:
        anchor: What a link to it ends with.
        title: Its heading, in the table of contents too.
        content: What it holds, as HTML.
        note: The line under the heading.
        panels: Letters and anchors of what it holds, for the table of contents.
    """

    anchor: str
    title: str
    content: str
    note: str = ""
    panels: tuple[tuple[str, str], ...] = ()


def page(
    order: Order,
    figures: Mapping[int, Sequence[str]],
    tables: Sequence[TypicalResult],
    names: Mapping[StudySpec, str],
    sizes: Mapping[str, int],
    today: date,
) -> str:
    """The whole page.

    Args:
        order: What it is made of.
        figures: The panels of each figure, as `panel` makes them.
        tables: Tables 1 and 2.
        names: The file of each study.
        sizes: Of each file, in bytes.
        today: The date in it.
    """
    parts = [
        Part("done", "What was done", _paragraphs(INTRODUCTION)),
        Part("found", "What was found", _found(order, tables)),
        *_tables(tables),
        *(_figure(figure, figures[figure.number], order, names) for figure in paper.FIGURES.values()),
        Part("choices", "Choices that the paper leaves open", _choices()),
        Part("misprints", "Known misprints of the paper", _list(paper.MISPRINTS)),
        Part("made-with", "Made with", _made_with(order, tables[0], today)),
        Part("data", "Data", _data(sizes)),
        Part("cite", "How to cite", _cite(order, tables[0], today)),
    ]
    title = "Kafka & Wilke (2019), computed again"
    heading = (
        f"<header><h1>{html.escape(title)}</h1><p>{html.escape(paper.TITLE)}, "
        f'<a href="https://arxiv.org/abs/{paper.ARXIV}v1">arXiv {paper.ARXIV}v1</a></p>'
        f'<p class="quiet">{html.escape(_made(order, tables[0], today))}</p></header>'
    )
    body = "".join(export.section(part.title, part.note, part.content, anchor=part.anchor) for part in parts)
    return export.document(title, f"{heading}{_contents(parts)}<article>{body}</article>", STYLE)


def panel(figure: Figure, letter: str, shown: Drawn) -> str:
    """A panel of a figure with its picture: surfaces as dots, anything else as a drawing."""
    picture, sentence = shown.picture, html.escape(shown.sentence)
    assert not isinstance(picture, Table)  # noqa: S101  no figure of the paper is a table
    if isinstance(picture, Scene):
        dots = b64encode(prints.picture_webp(picture, width=WIDTH, height=HEIGHT)).decode("ascii")
        size = f'width="{WIDTH}" height="{HEIGHT}"'
        content = f'<img class="picture" {size} alt="{sentence}" src="data:image/webp;base64,{dots}">'
    else:
        drawing = prints.picture_svg(picture, width=WIDTH, height=HEIGHT)
        content = drawing.replace("<svg ", f'<svg class="picture" role="img" aria-label="{sentence}" ', 1)
    return export.section(
        f"({letter}) {shown.title}", shown.note, content, anchor=f"{_anchor(figure)}-{letter}", level=3
    )


def _anchor(figure: Figure) -> str:
    return f"figure-{figure.number}"


def _figure(figure: Figure, cells: Sequence[str], order: Order, names: Mapping[StudySpec, str]) -> Part:
    specs = (figure.spec(panel, order.base(figure)) for panel in figure.panels)
    files = dict.fromkeys(names[spec] for spec in specs if spec is not None)
    data = f'<p class="quiet">Data: {", ".join(map(_link, files))}</p>' if files else ""
    letters = tuple((panel.letter, f"{_anchor(figure)}-{panel.letter}") for panel in figure.panels)
    content = f'<div class="grid">{"".join(cells)}</div>{data}'
    return Part(_anchor(figure), f"{figure.name} {figure.title}", content, figure.remark, letters)


def _tables(results: Sequence[TypicalResult]) -> Iterator[Part]:
    for result in results:
        number = paper.DOMAIN_TABLE[result.spec.domain]
        data = f'<p class="quiet">Data: {_link(f"table-{number}.npz")}</p>'
        for anchor, shown in (
            (f"table-{number}", panels.counts(result)),
            (f"observations-{number}", panels.claims(result)),
        ):
            assert isinstance(shown.picture, Table)  # noqa: S101  for the type checker
            yield Part(anchor, shown.title, export.table(shown.picture, shown.title) + data, shown.note)


def _found(order: Order, results: Sequence[TypicalResult]) -> str:
    """What Tables 1 and 2 come to."""
    rows = [row for result in results for row in result.rows()]
    true = [row.true_optima for row in rows]
    drawn = [count for row in rows for count in (row.minima, row.nngpps)]
    verdicts = [verdict for result in results for verdict in result.verdicts()]
    here = sum(verdict.own is True for verdict in verdicts)
    mostly = sum(verdict.share is not None and verdict.share.share > 0.5 for verdict in verdicts)
    surely = sum(verdict.share is not None and verdict.share.low > 0.5 for verdict in verdicts)
    items = (
        f"Full batch: at seed {order.seed}, {sum(count.ours == count.paper for count in true)} of the paper's {len(true)} "
        "counts of true optima agree with ours.",
        f"Mini-batches: of the paper's {len(drawn)} counts of minima and NN-GPPs, {_within(drawn, 'over_batches')} lie in "
        f"the central 95 % of {LINE_DRAWS:,} draws at seed {order.seed}, and {_within(drawn, 'over_starts')} in the "
        f"central 95 % over {panels.start_points(*results)}.",
        f"Observations: of the paper's {len(verdicts)}, {here} hold at seed {order.seed}; {mostly} hold at more than half "
        f"of the usable start points, and for {surely} of these the whole 95 % interval lies above one half.",
    )
    return _list(items) + (_paragraphs([SELECTED]) if order.seed == paper.SELECTED_SEED else "")


def _within(counts: Sequence[Count], over: str) -> int:
    """How many of the paper's numbers lie in the central 95 % of ours."""
    found: list[Among | None] = [getattr(count, over) for count in counts]
    return sum(among is not None and among.inside for among in found)


def _choices() -> str:
    rows = tuple((choice.open, choice.ours, choice.reason) for choice in paper.CHOICES)
    return export.table(Table(("open", "ours", "reason"), rows), "Choices that the paper leaves open")


def _made(order: Order, result: TypicalResult, today: date) -> str:
    version = result.versions["batchscape"]
    return f"Batchscape {version}, {today.isoformat()}, seed {order.seed}, batch seed {order.batch_seed}"


def _made_with(order: Order, result: TypicalResult, today: date) -> str:
    inputs, targets = problem.data(result.spec.base)
    digest = hashlib.sha256(inputs.tobytes() + targets.tobytes()).hexdigest()
    facts = {
        "Made on": today.isoformat(),
        "Again by": order.command,
        "Versions": ", ".join(f"{name} {version}" for name, version in result.versions.items()),
        "Device": f"{result.device}, {result.spec.base.dtype}",
        "Start point": f"seed {order.seed}: start point and directions of all figures, and of “ours” in the tables",
        "Mini-batches": f"batch seed {order.batch_seed}; draw 0 in the figures and in “ours”, {LINE_DRAWS:,} draws on the "
        f"lines, {DRAWS} at each of the other start points",
        "Other start points": f"seeds 0 to {order.seeds - 1:,}",
        "Data set": f"Iris, {len(inputs)} samples, scaling {result.spec.base.scaling}; sha256 of inputs, then targets, as "
        f"{inputs.dtype}, row by row: {digest}",
    }
    items = "".join(f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>" for name, value in facts.items())
    return f"<dl>{items}</dl>"


def _data(sizes: Mapping[str, int]) -> str:
    items = "".join(f"<li>{_link(name)} ({size / 1e6:.1f} MB)</li>" for name, size in sizes.items())
    code = (
        "from landscape_core import load\n"
        "from landscape_core.typical import TypicalResult\n\n"
        'figure = load("figure-09.npz")\n'
        'table = load("table-1.npz", TypicalResult)'
    )
    return (
        "<p>Every number behind the figures and the tables, beside this page. A study that several figures show is stored "
        f"once. Any program that reads NumPy's format can open the files; Batchscape reads them so:</p><pre>{code}</pre>"
        f"<ul>{items}</ul>"
    )


def _cite(order: Order, result: TypicalResult, today: date) -> str:
    version = result.versions["batchscape"]
    own = f"""@misc{{batchscape{today.year}report,
  title  = {{Kafka and Wilke (2019), computed again}},
  author = {{{{Batchscape}}}},
  year   = {{{today.year}}},
  note   = {{Report made by Batchscape {version} on {today.isoformat()}: {order.command}}}
}}"""
    return f"<p>The paper:</p><pre>{html.escape(CITATION)}</pre><p>This report:</p><pre>{html.escape(own)}</pre>"


def _contents(parts: Sequence[Part]) -> str:
    """The table of contents."""

    def letters(part: Part) -> str:
        links = (
            f'<li><a href="#{anchor}" aria-label="Panel {letter} of {html.escape(part.title)}">{letter}</a></li>'
            for letter, anchor in part.panels
        )
        return f"<ol>{''.join(links)}</ol>" if part.panels else ""

    items = "".join(f'<li><a href="#{part.anchor}">{html.escape(part.title)}</a>{letters(part)}</li>' for part in parts)
    return f'<nav aria-label="Contents"><h2>Contents</h2><ol>{items}</ol></nav>'


def _paragraphs(words: Sequence[str]) -> str:
    return "".join(f"<p>{html.escape(one)}</p>" for one in words)


def _list(items: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{html.escape(item)}</li>' for item in items)}</ul>"


def _link(name: str) -> str:
    return f'<a href="{html.escape(name)}">{html.escape(name)}</a>'
