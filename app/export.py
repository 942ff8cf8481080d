"""Figures of the paper as files: png, svg and pdf in print, html to be turned; one, or all with an index page."""

from __future__ import annotations

import html
from pathlib import Path
from typing import get_args

from app import panels, prints, text
from app.figures import render
from app.pictures import Drawn, Table
from app.views.figures import beside
from landscape_core import SpecError, StudyResult, StudySpec, study
from landscape_core.paper import Figure, Panel
from landscape_core.study import Landscape, Progress

FORMATS = (*get_args(prints.Format), "html")

STYLE = """body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:76rem;padding:0 1rem;color:#1b2733}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(30rem,1fr));gap:1.5rem}
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
    seeds = f"seed {base.seed}, batch seed {base.batch_seed}; " if figure.has_study else ""
    return f"After Kafka & Wilke (2019), arXiv 1903.08552. {figure.remark} {seeds}{made}.".replace("  ", " ")


def index(entries: list[tuple[Figure, Path]]) -> str:
    """A page that shows all figures of a folder."""
    cells = "".join(
        f'<section><h2><a href="{html.escape(path.name)}">{html.escape(f"{figure.name} {figure.title}")}</a></h2>'
        + ("" if path.suffix in {".html", ".pdf"} else f'<img src="{html.escape(path.name)}" alt="{figure.name}">')
        + "</section>"
        for figure, path in entries
    )
    return _document("Every figure of the paper", f'<h1>Every figure of the paper</h1><div class="grid">{cells}</div>')


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
        cells.append(
            f"<section><h2>({letter}) {html.escape(panel.title)}</h2><p>{html.escape(panel.note)}</p>{live}</section>"
        )
    body = f'<h1>{html.escape(title)}</h1><div class="grid">{"".join(cells)}</div><p>{html.escape(small_print)}</p>'
    return _document(title, body)


def _document(title: str, body: str) -> str:
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)} · {text.TITLE}</title>'
        f"<style>{STYLE}</style></head><body><main>{body}</main></body></html>"
    )
