"""Figures of the paper as files: PNG, SVG and PDF for print, or interactive HTML; one, or all with an index page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import get_args

from markupsafe import Markup

from app import panels
from app.plotting import mpl
from app.plotting.model import PanelContent, Table
from app.plotting.plotly import CONFIG, render
from app.plotting.scales import share_scales
from app.templates import fill_template
from app.views.figures import beside
from landscape_core import SpecError, StudyResult, StudySpec
from landscape_core.paper import published
from landscape_core.paper.published import Figure, Panel
from landscape_core.study import run
from landscape_core.study.limits import Progress
from landscape_core.study.result import collect_versions
from landscape_core.study.run import Landscape

FORMATS = (*get_args(mpl.Format), "html")
STYLES = ("colour", "grey")
MM = 25.4
"""In an inch."""

NARROWEST_SHEET, WIDEST_SHEET = 60.0, 600.0
"""Of a printed figure, in mm."""


class Studies:
    """Results of studies, each computed once; studies on the same landscape share its tables."""

    def __init__(self, device: str, progress: Progress | None = None) -> None:
        self._device, self._progress = device, progress
        self._results: dict[StudySpec, StudyResult] = {}
        self._landscape: tuple[str, Landscape] | None = None

    def result(self, spec: StudySpec) -> StudyResult:
        """Return the result of a study.

        Raises:
            LandscapeError: As `landscape_core.study.run.run`.
        """
        if spec not in self._results:
            if self._landscape is None or self._landscape[0] != spec.table_key():
                made = run.tabulate_landscape(spec, device=self._device, progress=self._progress)
                self._landscape = spec.table_key(), made
            self._results[spec] = run.evaluate(spec, self._landscape[1], progress=self._progress)
        return self._results[spec]

    @property
    def results(self) -> Mapping[StudySpec, StudyResult]:
        """All results, in the order of their computation."""
        return MappingProxyType(self._results)


def draw_panels(
    figure: Figure, shown: tuple[Panel, ...], base: StudySpec, studies: Studies, common: bool = False
) -> list[tuple[str, PanelContent]]:
    """Draw panels of a figure from variants of its study `base`; return each with its letter.

    `common` gives surfaces of the same quantity the same scales: those of all panels, whichever are shown.
    """
    chosen = figure.panels if common else shown
    specs = [figure.spec(panel, base) for panel in chosen]
    drawn = [
        beside(figure, panel, base, panels.draw(panel, None if spec is None else studies.result(spec)))
        for panel, spec in zip(chosen, specs, strict=True)
    ]
    made = zip(chosen, share_scales(drawn) if common else drawn, strict=True)
    return [(panel.letter, one) for panel, one in made if panel in shown]


def parse_format(path: Path) -> str:
    """Return the format that a file extension stands for.

    Raises:
        SpecError: The format is not supported.
    """
    kind = path.suffix.removeprefix(".").lower()
    if kind not in FORMATS:
        raise SpecError("out", str(path), "a file that ends in ." + ", .".join(FORMATS))
    return kind


def parse_print(path: Path, *, width: str | None, title: bool, notes: bool, style: str) -> mpl.PrintOptions:
    """Parse how a figure is printed.

    Args:
        path: The file; a page of interactive figures has none of these options.
        width: Of the sheet, in mm or in, mm if nothing is said.
        title: Whether it has titles.
        notes: Whether it has notes.
        style: One of STYLES.

    Raises:
        SpecError: The format is not supported, or an option is not allowed.
    """
    if style not in STYLES:
        raise SpecError("style", style, "one of " + ", ".join(STYLES))
    inches = None if width is None else parse_width(width)
    options = mpl.PrintOptions(inches, title, notes, style == "grey")
    if parse_format(path) == "html" and options != mpl.PrintOptions():
        raise SpecError("out", str(path), "width, no-title, no-notes and style only with ." + ", .".join(FORMATS[:-1]))
    return options


def parse_width(text: str) -> float:
    """Return a width in inches.

    Raises:
        SpecError: It is no length, or a sheet cannot be as narrow or as wide.

    >>> parse_width("127mm"), parse_width("3.5 in"), parse_width("254")
    (5.0, 3.5, 10.0)
    """
    found = re.fullmatch(r"([0-9]{1,4}(?:\.[0-9]{1,4})?) ?(mm|in|)", text.strip())
    inches = float(found[1]) / (1.0 if found[2] == "in" else MM) if found else 0.0
    if not NARROWEST_SHEET <= inches * MM <= WIDEST_SHEET:
        allowed = f"a length such as 85mm or 3.4in, from {NARROWEST_SHEET:g} to {WIDEST_SHEET:g} mm"
        raise SpecError("width", text, allowed)
    return inches


def write(
    figure: Figure,
    made: list[tuple[str, PanelContent]],
    base: StudySpec,
    path: Path,
    options: mpl.PrintOptions = mpl.PrintOptions(),  # noqa: B008  frozen
) -> None:
    """Write a figure to a file, in the format of its extension; `options` are those of print.

    Raises:
        SpecError: The format is not supported.
        OSError: The file cannot be written.
    """
    kind = parse_format(path)
    title = f"{figure.name} {figure.title}"
    if kind == "html":
        path.write_text(_fill_page(title, made, write_footer(figure, base)), encoding="utf-8")
        return
    sheet = mpl.compose(made, title=title, footer=write_footer(figure, base), options=options)
    mpl.write(sheet, path, kind)  # type: ignore[arg-type]  # one of Format: it is not html


def write_footer(figure: Figure, base: StudySpec) -> str:
    """Write the line under a figure: source, seeds and versions."""
    versions = collect_versions()
    made = f"Batchscape {versions['batchscape']}, torch {versions['torch']}"
    selected = " (selected, see the README)" if base.seed == published.SELECTED_SEED else ""
    seeds = f"Seed {base.seed}{selected}, batch seed {base.batch_seed}; " if figure.has_study else ""
    return f"After Kafka & Wilke (2019), arXiv 1903.08552. {figure.remark} {seeds}{made}.".replace("  ", " ")


def fill_index(entries: list[tuple[Figure, Path]]) -> str:
    """Write the page that links all figures of a folder."""
    return fill_template("figure_index.html", title="Every figure of the paper", entries=entries)


def _fill_page(title: str, made: list[tuple[str, PanelContent]], small_print: str) -> str:
    """Write a page with interactive figures, which loads nothing."""
    from plotly.io import to_html

    shown: list[tuple[str, PanelContent, Markup]] = []
    for letter, panel in made:
        assert not isinstance(panel.picture, Table)  # noqa: S101  no figure of the paper is a table
        plot = to_html(
            render(panel.picture, "light"),
            full_html=False,
            include_plotlyjs=not shown,
            validate=False,
            default_height="440px",
            config=CONFIG,
        )
        shown.append((letter, panel, Markup(plot)))
    return fill_template("figure.html", title=title, panels=shown, footer=small_print)
