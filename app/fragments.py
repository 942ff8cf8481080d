"""What the page's dialog holds, as pieces of HTML that the browser fetches when it is opened.

They are not Dash components: a table of numbers has thousands of cells, Dash knows no MathML, and a strict
`script-src 'self'` lets plain markup through. Every word in them is escaped here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from app import mathml, numbers, snippets, take
from app.glossary import TERMS
from app.pictures import Drawn, Gallery
from app.settings import MIB
from app.state import Request, Task
from landscape_core import storage

DIGITS = 6


def glossary() -> str:
    """Every term."""
    entries = []
    for term in sorted(TERMS, key=lambda one: one.name.lower()):
        formula = mathml.mathml(term.formula) if term.formula else ""
        where = f'<p class="where">{escape(term.where)}</p>' if term.where else ""
        entries.append(f"<div><dt>{escape(term.name)}</dt><dd><p>{escape(term.words)}</p>{formula}{where}</dd></div>")
    return f'<dl class="glossary">{"".join(entries)}</dl>'


def table(drawn: Drawn | Gallery) -> str:
    """The numbers of a panel, as many as can be read."""
    parts = [f"<p>{escape(drawn.sentence or drawn.note)}</p>"]
    for whole in numbers.tables(drawn):
        shown, left_out = numbers.shortened(whole)
        numeric = [all(isinstance(row[at], float) for row in shown.rows) for at in range(len(shown.columns))]
        names = "".join(
            f'<th scope="col"{_class(numeric[at])}>{escape(name)}</th>' for at, name in _counted(shown.columns)
        )
        rows = "".join(
            "<tr>"
            + "".join(f"<td{_class(numeric[at])}>{escape(_short(cell))}</td>" for at, cell in _counted(row))
            + "</tr>"
            for row in shown.rows
        )
        caption = f"{whole.name.capitalize()}: {len(whole.rows):,} rows. {left_out}".strip()
        parts.append(
            f'<div class="scrolls" tabindex="0" role="group" aria-label="{escape(caption)}">'
            f'<table class="numbers"><caption>{escape(caption)}</caption>'
            f"<thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table></div>"
        )
    parts.append(f'<p class="where">Shown with {DIGITS} digits; the CSV has every one.</p>')
    return "".join(parts)


def export(request: Request, where: str, needed: Sequence[Task], results: Mapping[Task, Any]) -> str:
    """Everything that the view can be taken away as."""
    whole = len(results) == len(needed)
    gets = []
    if whole:
        gets.append(_get("take/numbers", "All numbers (CSV)", "one file a table, zipped, with what to cite"))
    for index, task in enumerate(needed):
        if task not in results:
            continue
        size = results[task].nbytes / MIB
        name = f"{storage.KINDS[type(results[task])].noun.removeprefix('a ').capitalize()} (NPZ)"
        label = name if len(needed) == 1 else f"{name}: {take.stem_of(task).removeprefix('batchscape-')}"
        gets.append(_get(f"take/study-{index}.npz", label, f"{size:.1f} MB, opened by landscape_core.load"))
    if not whole:
        gets.append("<p>Some of it is still being computed. Open this again when the pictures are there.</p>")
    elif not needed:
        gets.append("<p>This view is computed at once from its description, so it has no stored study.</p>")
    ours = snippets.command(request)
    return "".join(
        (
            f'<section><h3>Files</h3><div class="gets">{"".join(gets)}</div>',
            '<p class="where">Single pictures: the arrow in the head of each panel.</p></section>',
            _words("python", "The Python that makes this view", snippets.python(request)),
            _words("command", "The same by the command line", ours) if ours else "",
            _words("citation", "To cite", take.citation(request, where, results)),
        )
    )


def _get(path: str, label: str, note: str) -> str:
    return (
        f'<p><button type="button" class="plain" data-get="{escape(path)}">{escape(label)}</button>'
        f'<span class="where">{escape(note)}</span></p>'
    )


def _words(name: str, title: str, content: str) -> str:
    """Words to be copied."""
    return (
        f'<section><div class="copy-head"><h3 id="copy-{name}-title">{escape(title)}</h3>'
        f'<button type="button" class="plain" data-copy="copy-{name}" '
        f'aria-label="Copy: {escape(title)}">Copy</button></div>'
        f'<pre id="copy-{name}" tabindex="0" role="group" aria-labelledby="copy-{name}-title">{escape(content)}</pre>'
        "</section>"
    )


def _class(numeric: bool) -> str:
    return ' class="number"' if numeric else ""


def _counted(cells: Sequence[Any]) -> list[tuple[int, Any]]:
    return list(enumerate(cells))


def _short(cell: numbers.Cell) -> str:
    if isinstance(cell, float):
        return "–" if cell != cell else f"{cell:.{DIGITS}g}".replace("-", "−")  # noqa: PLR0124  a hole
    return str(cell)
