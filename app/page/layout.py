"""Layout of the page: a bar, a rail of controls, and the views."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from app.jobs.small_tasks import TABLES_PARTS
from app.page import export_dialog, ids, shortcuts
from app.page.headings import HEADINGS
from app.page.intro_strip import intro_strip
from app.page.oracle_panels import stage
from app.page.race_bar import race_bar
from app.page.rail.boxes import BOXES, list_views_of
from app.page.rail.parts import EXPLANATION, VIEW_DEFAULTS, box, help_button, switch
from app.page.rail.rail import CAMERAS, rail
from app.panels import text
from app.plotting.plotly import CONFIG, NOTHING
from app.plotting.plotly.style import FONT
from app.state import tour
from app.state.permalink import exercise_link, scene_link
from app.views import FIRST, VIEWS, View

GRAPH_CONFIG = {**CONFIG, "displayModeBar": False}
"""Without Plotly's buttons, which would lie on the pictures: a double click shows all again, the head has the rest."""

DEEP = ["#EAF3FB", "#D3E5F5", "#A6CBEB", "#76AFE0", "#5097D7", "#3A88D2", "#1F72BE", "#0B5FA5", "#095088", "#063C68"]
DARK = ["#E6EDF3", "#C3CDD6", "#A9B6C2", "#7F8E9B", "#4A5A68", "#36444F", "#263440", "#1C2833", "#17212B", "#0F1720"]

THEME = {
    "primaryColor": "deep",
    "primaryShade": {"light": 7, "dark": 6},
    "colors": {"deep": DEEP, "dark": DARK},
    "fontFamily": FONT,
    "defaultRadius": "sm",
    "cursorType": "pointer",
    "respectReducedMotion": True,
}

STORES = (
    *(ids.ADDRESS, ids.LINK, ids.LINK_DONE, ids.REQUEST, ids.FIGURE, ids.HEARD, ids.INERT),
    *(ids.PENDING, ids.AWAITING, ids.COMPUTED, ids.ARRIVED, ids.ARRIVED_DONE, ids.CAMERA_DONE),
    *(ids.PROFILE, ids.COMPASS_DONE, ids.RACE_DONE, ids.HOVERED, ids.DRAGGED),
    *(name(part) for part in TABLES_PARTS for name in (ids.tables_asked, ids.tables)),
)
"""Data that callbacks pass on, initially empty."""


def page(place: str) -> Component:
    """Build the whole page; `place` stands before cited links."""
    return dmc.MantineProvider(
        id=ids.PROVIDER,
        theme=THEME,
        defaultColorScheme="light",
        children=html.Div(
            className="page",
            children=[
                html.A("Skip to main content", href="#main", className="skip"),
                _bar(),
                html.Aside(_rail(), className="rail", **{"aria-label": "Controls"}),
                html.Section(id=ids.TOUR, className="tour", **{"aria-label": "Tour and exercises"}),
                html.P(id="tour-heard", className="sr-only", role="status"),
                html.P(id="room-heard", className="sr-only", role="status"),
                html.Main([part for view in VIEWS.values() for part in _view(view)], id=ids.MAIN, tabIndex=-1),
                *(dcc.Store(id=name) for name in STORES),
                dcc.Store(id=ids.BOXES, data=BOXES),
                dcc.Store(id=ids.THEME, storage_type="local"),
                dcc.Store(id=ids.INTRO_SHOWN, storage_type="local", data=True),
                dcc.Store(id=ids.TOUR_SHOWN, data=[0, 0]),
                dcc.Store(id=ids.KEYS_LIST, data=[_key(entry) for entry in shortcuts.KEYS]),
                _keys(),
                *export_dialog.dialog(place),
            ],
        ),
    )


def _bar() -> Component:
    return html.Header(
        className="bar",
        children=[
            html.Div(
                [
                    html.Div(
                        [
                            html.H1(text.TITLE),
                            html.A(text.PAPER, href=text.ARXIV_LINK, target="_blank", rel="noopener noreferrer"),
                        ],
                        className="name",
                    ),
                    html.P(text.HEADLINE, className="headline"),
                ],
                className="brand",
                title=text.TAGLINE,
            ),
            html.Div(
                className="tools",
                children=[
                    dmc.ActionIconGroup(
                        [_step("Undo", "Ctrl Z", ids.UNDO), _step("Redo", "Ctrl Y", ids.REDO)],
                        **{"aria-label": "History"},
                    ),
                    html.Button(
                        "Controls",
                        id="controls-toggle",
                        type="button",
                        className="narrow-only",
                        **{"aria-expanded": "false", "aria-controls": ids.CONTROLS},
                    ),
                    html.Button("Other pair", type="button", className="plain other-pair", title="Other pair (X)"),
                    html.A(f"Tour · {tour.MINUTES} min", href=scene_link(1), id="tour-start", className="tour-start"),
                    _button("Copy link", ids.SHARE),
                    _button("Export", ids.EXPORT),
                    _help(),
                    dmc.ButtonGroup(
                        [_button("Projector", ids.PROFILE_TOGGLE), _button("Dark", ids.THEME_TOGGLE)],
                        **{"aria-label": "Display"},
                    ),
                ],
            ),
            html.Nav(
                switch(
                    ids.VIEW,
                    {view.name: _tab(view) for view in VIEWS.values()},
                    fullWidth=False,
                    withItemsBorders=False,
                    **{"aria-label": "View"},
                ),
                className="views",
                **{"aria-label": "Views"},
            ),
            box(
                ids.CAMERAS,
                dmc.ButtonGroup(
                    [_button(label, name, **{"aria-pressed": "false"}) for name, label in CAMERAS.items()],
                    **{"aria-label": "Camera"},
                ),
            ),
        ],
    )


def _tab(view: View) -> Component:
    """Build the label of a tab; that of the first view in a group shows the group's name above it."""
    return html.Span(
        view.title, className="view-name starts" if view.name in FIRST else "view-name", **{"data-group": view.group}
    )


def _step(label: str, key: str, name: str) -> Component:
    """Build a button of the history: an arrow."""
    about = {"aria-label": label, EXPLANATION: f"{label} ({key})"}
    return dmc.ActionIcon(id=name, variant="default", size=30, disabled=True, **about)


def _help() -> Component:
    """Build what explains the page, folded away."""
    entries = {ids.GLOSSARY: "Glossary", ids.KEYS: "Keys", ids.ABOUT: "About"}
    exercises = html.A("Exercises", href=exercise_link(1), className="plain")
    buttons = [_button(label, name) for name, label in entries.items()]
    return html.Details(
        [html.Summary("Help", className="plain"), html.Div([*buttons, exercises])],
        className="help",
        **{"aria-label": "Help"},
    )


def _button(label: str, name: str, **more: Any) -> Component:  # noqa: ANN401  dmc's own attributes
    return dmc.Button(label, id=name, variant="default", size="xs", fw=500, **more)


def _key(entry: shortcuts.Key) -> dict[str, Any]:
    """Describe a key for the browser: the controls that it moves, each with the views that show it."""
    return {"keys": entry.keys, "action": entry.action, "moves": {name: list_views_of(name) for name in entry.moves}}


def _keys() -> Component:
    """Build the list of keys, and the switch for single-letter keys."""
    rows = [
        html.Tr([html.Td([html.Kbd(key) for key in entry.shown.split()]), html.Td(entry.help)])
        for entry in shortcuts.KEYS
    ]
    single = dmc.Switch(id=ids.SINGLE_KEYS, label="Enable single-character shortcuts", checked=True, persistence=True)
    title = f"{ids.KEYS_DIALOG}-title"
    return html.Dialog(
        [
            export_dialog.dialog_head("Keys", title),
            html.Div([single, html.Table(html.Tbody(rows), className="numbers keys")], className="dialog-body"),
        ],
        id=ids.KEYS_DIALOG,
        className="dialog",
        role="dialog",
        **{"aria-labelledby": title},
    )


def _full_button(title: str) -> Component:
    """Build the button that shows a panel over the whole page."""
    own = f"{title}-full"
    return html.Button(
        id=own,
        className="full-button",
        type="button",
        title="Full screen (F)",
        **{"aria-label": "Full screen:", "aria-labelledby": f"{own} {title}", "aria-pressed": "false"},
    )


def _rail() -> list[Component]:
    return [
        html.Button(
            id="rail-toggle",
            className="rail-toggle",
            type="button",
            **{"aria-label": "Controls", "aria-expanded": "true", "aria-controls": ids.CONTROLS},
        ),
        rail(),
        html.Div(
            className="status",
            children=[
                html.Div(
                    [
                        dmc.Progress(id=ids.BUSY_BAR, value=0, size="sm", **{"aria-label": "Progress"}),
                        html.Div(
                            [
                                html.Span("Computing", id=ids.BUSY_TEXT, **{"data-place": 0}),
                                dmc.Button("Cancel", id=ids.CANCEL, size="compact-xs", variant="default"),
                            ],
                            className="busy-row",
                        ),
                    ],
                    id=ids.BUSY,
                    className="idle",
                ),
                html.Div(
                    [
                        html.P(id=ids.READOUT, className="said readout"),
                        html.P(id="said", className="said"),
                        html.P(id=ids.MESSAGE, className="message"),
                        html.P(id=ids.NOTICE, className="message notice"),
                        html.Div(
                            [
                                dmc.Button(label, id=name, size="compact-xs", variant="default")
                                for name, label in ((ids.RESTORE, "Restore settings"), (ids.RETRY, "Retry"))
                            ],
                            className="retry",
                        ),
                    ],
                    role="status",
                    **{"aria-live": "polite"},
                ),
            ],
        ),
    ]


def _view(view: View) -> list[Component]:
    panels = html.Div(
        [
            *([html.Div(id=ids.picker(view.name), className="panel picker-panel")] if view.picker else []),
            *([race_bar()] if view.name == "race" else []),
            *(_panel(view, name, kind) for name, kind in view.panels.items()),
        ],
        id=ids.view_box(view.name),
        hidden=view.name != VIEW_DEFAULTS["view"],
        className=f"view view-{view.name}",
    )
    return [*([intro_strip(view)] if view.about else []), panels]


def _panel(view: View, name: str, kind: str) -> Component:
    title = ids.panel_title(view.name, name)
    explanation = text.GLOSSARY.get(ids.panel(view.name, name))
    return html.Section(
        className=f"panel {kind} {ids.panel(view.name, name)}",
        children=[
            html.Div(
                [
                    html.Div(
                        [
                            html.H2(id=title, children=HEADINGS[ids.panel(view.name, name)]),
                            *([help_button(HEADINGS[ids.panel(view.name, name)], explanation)] if explanation else []),
                            _full_button(title),
                            export_dialog.export_button(ids.panel(view.name, name), title, view.name, name),
                        ],
                        className="explained",
                    ),
                    html.P(id=ids.panel_note(view.name, name), className="note"),
                ],
                className="panel-head",
            ),
            html.P(id=ids.panel_sentence(view.name, name), className="sr-only"),
            stage(view.name, name)
            if kind == "live"
            else dcc.Graph(
                id=ids.panel(view.name, name),
                figure=NOTHING,
                config={**GRAPH_CONFIG, **({"edits": {"shapePosition": True}} if name in view.movable else {})},
                responsive=True,
                className="graph",
            )
            if kind == "figure"
            else html.Div(id=ids.panel(view.name, name), className="table-box", tabIndex=0),
        ],
        **{"aria-labelledby": title},
    )
