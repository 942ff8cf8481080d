"""Figures of the paper as files: png, svg and pdf in print, html to be turned; one, or all with an index page."""

from __future__ import annotations

import html
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import get_args

from app import panels, prints, text
from app.figures import render
from app.pictures import Drawn, Table
from app.views.figures import beside
from landscape_core import SpecError, StudyResult, StudySpec, paper, study
from landscape_core.paper import Figure, Panel
from landscape_core.study import Landscape, Progress

FORMATS = (*get_args(prints.Format), "html")

STYLE = """body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#1b2733}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(30rem,100%),1fr));gap:1.5rem}
.grid section{min-width:0}
h1{font-size:1.5rem}h2{font-size:1.05rem;margin:0}p{margin:.2rem 0;color:#55636f}img{max-width:100%}"""


class Studies:
    """Studies by their description, each computed once; those on the same landscape share its tables."""

    def __init__(self, device: str, progress: Progress | None = None) -> None:
        self._device, self._progress = device, progress
        self._results: dict[StudySpec, StudyResult] = {}
        self._landscape: tuple[str, Landscape] | None = None

    def result(self, spec: StudySpec) -> StudyResult:
        """The result of a study.

        Raises:
            LandscapeError: As `landscape_core.study.run`.
        """
        if spec not in self._results:
            if self._landscape is None or self._landscape[0] != spec.table_key():
                made = study.tabulate_landscape(spec, device=self._device, progress=self._progress)
                self._landscape = spec.table_key(), made
            self._results[spec] = study.evaluate(spec, self._landscape[1], progress=self._progress)
        return self._results[spec]

    @property
    def results(self) -> Mapping[StudySpec, StudyResult]:
        """All that were computed, in their order."""
        return MappingProxyType(self._results)


def drawn(figure: Figure, shown: tuple[Panel, ...], base: StudySpec, studies: Studies) -> list[tuple[str, Drawn]]:
    """Letters and panels of a figure, drawn from the studies that it makes of `base`."""
    specs = [figure.spec(panel, base) for panel in shown]
    return [
        (panel.letter, beside(figure, panel, base, panels.draw(panel, None if spec is None else studies.result(spec))))
        for panel, spec in zip(shown, specs, strict=True)
    ]


def kind_of(path: Path) -> str:
    """The format that a file's ending asks for.

    Raises:
        SpecError: It is none that can be written.
    """
    kind = path.suffix.removeprefix(".").lower()
    if kind not in FORMATS:
        raise SpecError("out", str(path), "a file that ends in ." + ", .".join(FORMATS))
    return kind


def write(figure: Figure, made: list[tuple[str, Drawn]], base: StudySpec, path: Path) -> None:
    """Write a figure to a file, in the format of its ending.

    Raises:
        SpecError: The ending is none that can be written.
        OSError: The file cannot be written.
    """
    kind = kind_of(path)
    title = f"{figure.name} {figure.title}"
    if kind == "html":
        path.write_text(_page(title, made, footer(figure, base)), encoding="utf-8")
        return
    sheet = prints.compose(made, title=title, footer=footer(figure, base))
    prints.write(sheet, path, kind)  # type: ignore[arg-type]  # one of Format: it is not html


def footer(figure: Figure, base: StudySpec) -> str:
    """What a figure was made with."""
    versions = study.versions()
    made = f"Batchscape {versions['batchscape']}, torch {versions['torch']}"
    selected = " (selected, see the README)" if base.seed == paper.SELECTED_SEED else ""
    seeds = f"Seed {base.seed}{selected}, batch seed {base.batch_seed}; " if figure.has_study else ""
    return f"After Kafka & Wilke (2019), arXiv 1903.08552. {figure.remark} {seeds}{made}.".replace("  ", " ")


def index(entries: list[tuple[Figure, Path]]) -> str:
    """A page that shows all figures of a folder."""
    cells = "".join(
        f'<section><h2><a href="{html.escape(path.name)}">{html.escape(f"{figure.name} {figure.title}")}</a></h2>'
        + ("" if path.suffix in {".html", ".pdf"} else f'<img src="{html.escape(path.name)}" alt="{figure.name}">')
        + "</section>"
        for figure, path in entries
    )
    return document("Every figure of the paper", f'<h1>Every figure of the paper</h1><div class="grid">{cells}</div>')


def _page(title: str, made: list[tuple[str, Drawn]], small_print: str) -> str:
    """A page with live figures, which needs nothing from elsewhere."""
    from plotly.io import to_html

    cells: list[str] = []
    for letter, panel in made:
        assert not isinstance(panel.picture, Table)  # noqa: S101  no figure of the paper is a table
        live = to_html(
            render(panel.picture, "light"),
            full_html=False,
            include_plotlyjs=not cells,
            validate=False,
            default_height="440px",
            config={"displaylogo": False, "showSendToCloud": False, "responsive": True},
        )
        cells.append(section(f"({letter}) {panel.title}", panel.note, live))
    # the grid has its widths only when all of it has been read
    cells.append("<script>addEventListener('load', () => dispatchEvent(new Event('resize')))</script>")
    body = f'<h1>{html.escape(title)}</h1><div class="grid">{"".join(cells)}</div><p>{html.escape(small_print)}</p>'
    return document(title, body)


def section(title: str, note: str, content: str, *, anchor: str = "", level: int = 2) -> str:
    """A part of a page; `content` is HTML already."""
    name = f' id="{html.escape(anchor)}"' if anchor else ""
    heading, below = html.escape(title), f"<p>{html.escape(note)}</p>" if note else ""
    return f"<section{name}><h{level}>{heading}</h{level}>{below}{content}</section>"


def table(shown: Table, name: str) -> str:
    """A table of a page; where it is too wide, it is moved by keys as well as by hand."""

    def row(cells: tuple[str, ...], tag: str, scope: str = "") -> str:
        kinds = (' class="number"' if index in shown.numeric else "" for index in range(len(cells)))
        return "".join(
            f"<{tag}{scope}{kind}>{html.escape(cell)}</{tag}>" for cell, kind in zip(cells, kinds, strict=True)
        )

    head = row(shown.columns, "th", ' scope="col"')
    body = "".join(f"<tr>{row(cells, 'td')}</tr>" for cells in shown.rows)
    return (
        f'<div class="wide" role="region" aria-label="{html.escape(name)}" tabindex="0">'
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def document(title: str, body: str, style: str = STYLE) -> str:
    """A whole page that needs nothing from elsewhere."""
    return (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{html.escape(title)} · {text.TITLE}</title><style>{style}</style></head>"
        f"<body><main>{body}</main></body></html>"
    )
