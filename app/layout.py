"""The page: a bar, a rail of controls, and the views."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from app import dialogs, ids, keys, text
from app.controls import BOXES, CAMERAS, LOOK, box, help_button, race_bar, rail, seen_in
from app.figures import NOTHING
from app.links import scene_link
from app.stages import stage
from app.views import VIEWS, View

GRAPH_CONFIG = {
    "displaylogo": False,
    "showSendToCloud": False,
    "responsive": True,
    "modeBarButtonsToRemove": [
        "resetCameraDefault3d",
        "resetCameraLastSave3d",
        "hoverClosest3d",
        "select2d",
        "lasso2d",
        "sendChartToCloud",
    ],
    "toImageButtonOptions": {"format": "png", "scale": 2, "filename": "batchscape"},
}

THEME = {
    "primaryColor": "deep",
    "primaryShade": {"light": 7, "dark": 6},
    "colors": {
        "deep": [
            "#EAF3FB",
            "#D3E5F5",
            "#A6CBEB",
            "#76AFE0",
            "#5097D7",
            "#3A88D2",
            "#1F72BE",
            "#0B5FA5",
            "#095088",
            "#063C68",
        ],
        "dark": [
            "#E6EDF3",
            "#C3CDD6",
            "#A9B6C2",
            "#7F8E9B",
            "#4A5A68",
            "#36444F",
            "#263440",
            "#1C2833",
            "#17212B",
            "#0F1720",
        ],
    },
    "fontFamily": "system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif",
    "defaultRadius": "sm",
    "cursorType": "pointer",
    "respectReducedMotion": True,
}


def page() -> Component:
    """The whole page."""
    return dmc.MantineProvider(
        id=ids.PROVIDER,
        theme=THEME,
        defaultColorScheme="light",
        children=html.Div(
            className="page",
            children=[
                html.A("Skip to the pictures", href="#main", className="skip"),
                _bar(),
                html.Aside(_rail(), className="rail", **{"aria-label": "Controls"}),
                html.Section(id=ids.TOUR, className="tour", **{"aria-label": "Tour"}),
                html.P(id=ids.TOUR_HEARD, className="sr-only", role="status"),
                html.Main([_view(view) for view in VIEWS.values()], id=ids.MAIN, tabIndex=-1),
                dcc.Store(id=ids.ADDRESS),
                dcc.Store(id=ids.LINK),
                dcc.Store(id=ids.LINK_DONE),
                dcc.Store(id=ids.REQUEST),
                dcc.Store(id=ids.FIGURE),
                dcc.Store(id=ids.HEARD),
                dcc.Store(id=ids.BOXES, data={box: views for box, (views, _) in BOXES.items()}),
                dcc.Store(id=ids.PENDING),
                dcc.Store(id=ids.GLIMPSED),
                dcc.Store(id=ids.COMPUTED),
                dcc.Store(id=ids.ARRIVED),
                dcc.Store(id=ids.ARRIVED_DONE),
                dcc.Store(id=ids.CAMERA_DONE),
                dcc.Store(id=ids.THEME, storage_type="local"),
                dcc.Store(id=ids.PROFILE),
                dcc.Store(id=ids.COMPASS_DONE),
                dcc.Store(id=ids.RACE_DONE),
                dcc.Store(id=ids.TOUR_SHOWN, data=0),
                dcc.Store(id=ids.HOVERED),
                dcc.Store(id=ids.DRAGGED),
                dcc.Store(id=ids.KEYS_LIST, data=[_key(entry) for entry in keys.KEYS]),
                _keys(),
                *dialogs.dialog(),
            ],
        ),
    )


def _bar() -> Component:
    return html.Header(
        className="bar",
        children=[
            html.Div(
                className="top",
                children=[
                    html.Div(
                        [html.H1(text.TITLE), html.P(text.HEADLINE, className="headline")],
                        className="brand",
                        title=text.TAGLINE,
                    ),
                    dmc.ButtonGroup(
                        [_button("Undo", ids.UNDO, disabled=True), _button("Redo", ids.REDO, disabled=True)]
                    ),
                    html.Button(
                        "Controls",
                        id=ids.CONTROLS_TOGGLE,
                        type="button",
                        className="narrow-only",
                        **{"aria-expanded": "false", "aria-controls": ids.CONTROLS},
                    ),
                    html.A("Tour", href=scene_link(1), id=ids.TOUR_START, className="tour-start"),
                    _button("Copy link", ids.SHARE),
                    _button("Export", ids.EXPORT),
                    _button("Glossary", ids.GLOSSARY),
                    _button("Keys", ids.KEYS),
                    dmc.ButtonGroup([_button("Projector", ids.PROFILE_TOGGLE), _button("Dark", ids.THEME_TOGGLE)]),
                ],
            ),
            html.Nav(
                className="views",
                children=[
                    dmc.SegmentedControl(
                        id=ids.VIEW,
                        value=LOOK["view"],
                        data=[{"value": view.name, "label": view.label} for view in VIEWS.values()],
                        size="sm",
                        **{"aria-label": "View"},
                    ),
                    box(
                        ids.CAMERAS,
                        dmc.ButtonGroup(
                            [_button(label, name) for name, label in CAMERAS.items()],
                            **{"aria-label": "Where surfaces are seen from"},
                        ),
                    ),
                ],
                **{"aria-label": "Views"},
            ),
        ],
    )


def _button(label: str, name: str, **more: Any) -> Component:  # noqa: ANN401  dmc's own attributes
    return dmc.Button(label, id=name, variant="default", size="xs", fw=500, **more)


def _key(entry: keys.Key) -> dict[str, Any]:
    """A key for the browser: what it moves, each with the views where that is seen."""
    return {"keys": entry.keys, "action": entry.action, "moves": {name: seen_in(name) for name in entry.moves}}


def _keys() -> Component:
    """The list of keys, and the switch for those that are single letters."""
    rows = [
        html.Tr([html.Td([html.Kbd(key) for key in entry.shown.split()]), html.Td(entry.help)]) for entry in keys.KEYS
    ]
    return dmc.Modal(
        id=ids.KEYS_OPEN,
        title="Keys",
        size="lg",
        children=[
            dmc.Switch(
                id=ids.SINGLE_KEYS,
                label="Single letters and signs are keys",
                checked=True,
                persistence=True,
            ),
            html.Table(html.Tbody(rows), className="numbers keys"),
        ],
    )


def _rail() -> list[Component]:
    return [
        rail(),
        html.Div(
            className="status",
            children=[
                html.Div(
                    [
                        dmc.Progress(id=ids.BUSY_BAR, value=0, size="sm", **{"aria-label": "Progress"}),
                        html.Div(
                            [
                                html.Span("Computing", id=ids.BUSY_TEXT),
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
                        html.P(id=ids.SAID, className="said"),
                        html.P(id=ids.MESSAGE, className="message"),
                        html.P(id=ids.NOTICE, className="message notice"),
                        dmc.Button("Try again", id=ids.RETRY, size="compact-xs", variant="default", className="retry"),
                    ],
                    role="status",
                    **{"aria-live": "polite"},
                ),
            ],
        ),
    ]


def _view(view: View) -> Component:
    return html.Div(
        [
            *([html.Div(id=ids.picker(view.name), className="panel picker-panel")] if view.picker else []),
            *([race_bar()] if view.name == "race" else []),
            *(_panel(view, name, kind) for name, kind in view.panels.items()),
        ],
        id=ids.view_box(view.name),
        hidden=view.name != LOOK["view"],
        className=f"view view-{view.name}",
    )


def _panel(view: View, name: str, kind: str) -> Component:
    title = ids.panel_title(view.name, name)
    explanation = text.GLOSSARY.get(ids.panel(view.name, name))
    return html.Section(
        className=f"panel {kind}",
        children=[
            html.Div(
                [
                    html.Div(
                        [
                            html.H2(id=title, children=name.replace("-", " ").capitalize()),
                            *([help_button(name, explanation)] if explanation else []),
                            dialogs.take_button(ids.panel(view.name, name), title, view.name, name),
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
