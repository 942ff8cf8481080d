"""The page: a bar, a rail of controls, and the views."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from app import ids, text
from app.controls import BOXES, LOOK, figure_picker, help_button, rail
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
                html.Main([_view(view) for view in VIEWS.values()], id=ids.MAIN, tabIndex=-1),
                dcc.Location(id=ids.ADDRESS, refresh=False),
                dcc.Store(id=ids.REQUEST),
                dcc.Store(id=ids.FIGURE),
                dcc.Store(id=ids.BOXES, data=BOXES),
                dcc.Store(id=ids.PENDING),
                dcc.Store(id=ids.COMPUTED),
                dcc.Store(id=ids.ARRIVED),
                dcc.Store(id=ids.ARRIVED_DONE),
                dcc.Store(id=ids.CAMERA_DONE),
                dcc.Store(id=ids.THEME, storage_type="local"),
            ],
        ),
    )


def _bar() -> Component:
    return html.Header(
        className="bar",
        children=[
            html.Div(
                [html.H1(text.TITLE), html.P(text.HEADLINE, className="headline")],
                className="brand",
                title=text.TAGLINE,
            ),
            dmc.SegmentedControl(
                id=ids.VIEW,
                value=LOOK["view"],
                data=[{"value": view.name, "label": view.label} for view in VIEWS.values()],
                size="sm",
                **{"aria-label": "View"},
            ),
            dmc.ButtonGroup(
                [
                    dmc.Button("From above", id=ids.FROM_ABOVE, variant="default", size="xs", fw=500),
                    dmc.Button("From below", id=ids.FROM_BELOW, variant="default", size="xs", fw=500),
                ]
            ),
            dmc.Button("Dark", id=ids.THEME_TOGGLE, variant="default", size="xs", fw=500),
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
            *([figure_picker()] if view.name == "figures" else []),
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
                        [html.H2(id=title, children=name), *([help_button(name, explanation)] if explanation else [])],
                        className="explained",
                    ),
                    html.P(id=ids.panel_note(view.name, name), className="note"),
                ],
                className="panel-head",
            ),
            html.P(id=ids.panel_sentence(view.name, name), className="sr-only"),
            dcc.Graph(id=ids.panel(view.name, name), config=GRAPH_CONFIG, responsive=True, className="graph")
            if kind == "figure"
            else html.Div(id=ids.panel(view.name, name), className="table-box", tabIndex=0),
        ],
        **{"aria-labelledby": title},
    )
