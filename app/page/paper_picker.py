"""The picker above a view: links to the figures and tables of the paper."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app.state.permalink import figure_link, find_start, table_link
from app.state.view_state import ViewState
from app.views.figures import as_published
from landscape_core.paper import published


def picker(state: ViewState) -> list[Component]:
    """Build the links to all figures and tables, and the description of the one that is shown."""
    figure = published.find_figure(state.figure) if state.view == "figures" else None
    table = published.DOMAIN_TABLE.get(state.spec.domain) if state.view == "tables" else None
    numbers = [
        _link(
            one.name if one.section else str(one.number),
            figure_link(one.number),
            one is figure,
            f"{one.name}: {one.title}",
        )
        for one in published.FIGURES.values()
    ]
    tables = [
        _link(str(number), table_link(number), number == table, f"Table {number}: {domain} domain")
        for domain, number in published.DOMAIN_TABLE.items()
    ]
    heading = html.Nav(
        [
            html.Span("Figure", className="group-title"),
            *numbers,
            html.Span("Table", className="group-title"),
            *tables,
        ],
        className="picker",
        **{"aria-label": "Figures and tables of the paper"},
    )
    return [
        heading,
        html.Div(_describe_table(state) if figure is None else _describe_figure(figure, state), className="strip"),
    ]


def _describe_figure(figure: published.Figure, state: ViewState) -> list[Component]:
    letters = [
        _link(
            f"({panel.letter})",
            figure_link(figure.number, panel.letter),
            panel.letter == state.panel,
            f"{figure.name}({panel.letter})",
        )
        for panel in figure.panels
    ]
    settings = _describe_settings(figure.has_study, as_published(figure, state.spec))
    return [
        html.H2(f"{figure.name} · {figure.title}"),
        html.Nav(letters, className="picker", **{"aria-label": f"Panels of {figure.name}"}),
        html.P(settings + figure.remark, className="note"),
    ]


def _describe_table(state: ViewState) -> list[Component]:
    number = published.DOMAIN_TABLE.get(state.spec.domain)
    kept = {"seeds": state.seeds, "batch_seed": state.spec.batch_seed, "dtype": state.spec.dtype}
    own = find_start(state).typical.replace(**kept)
    return [
        html.H2(f"Table {number} · six activation functions, {state.spec.domain} domain"),
        html.P(
            _describe_settings(True, state.typical == own)
            + "▼ minima of the loss, ◆ NN-GPPs, ★ true optima of the full batch; totals over four lines.",
            className="note",
        ),
    ]


def _describe_settings(has_study: bool, as_published: bool) -> str:
    if not has_study:
        return ""
    if as_published:
        return "Settings as in the paper; seeds are ours, as the authors published none. "
    return "Settings changed: the paper has no number for them. "


def _link(words: str, href: str, current: bool, name: str) -> Component:
    """Build a link that the browser follows without reloading the page."""
    return html.A(
        words,
        href=href,
        className="current" if current else "",
        title=name,
        **{"aria-label": name},
        **({"aria-current": "page"} if current else {}),
    )
