"""The export button in the head of every panel, and the dialog that frontend/src/export fills."""

from __future__ import annotations

import json

from dash import html
from dash.development.base_component import Component

from app.page import ids
from app.plotting.plotly.style import PALETTES, Theme


def export_button(panel: str, title: str, view: str, name: str) -> Component:
    """Build the button that opens the export menu of a panel; small pictures, which are links, are not printed."""
    own = f"{panel}-take"
    return html.Button(
        id=own,
        className="export-button",
        type="button",
        title="Export this panel",
        **{
            "data-take": panel,
            "data-view": view,
            "data-panel": name,
            **({} if view == "gallery" else {"data-prints": ""}),
            "aria-label": "Export:",
            "aria-labelledby": f"{own} {title}",
            "aria-haspopup": "menu",
            "aria-expanded": "false",
        },
    )


def dialog_head(title: str, name: str) -> Component:
    """Build the head of a dialog: its title, of that id, and the button that closes it."""
    close = html.Button("Close", type="button", className="plain", **{"data-close": "true"})
    return html.Div([html.H2(title, id=name), close], className="dialog-head")


def dialog(place: str) -> list[Component]:
    """Build the dialog and the menu, both empty, and the footer of a printed page; `place` stands before cited links."""
    return [
        html.Dialog(
            [
                dialog_head("", ids.DIALOG_TITLE),
                html.P(id="dialog-said", className="dialog-said", role="status", **{"aria-live": "polite"}),
                html.Div(
                    id="dialog-body",
                    className="dialog-body",
                    role="group",
                    tabIndex=0,
                    **{"aria-labelledby": ids.DIALOG_TITLE},
                ),
            ],
            id="dialog",
            className="dialog",
            role="dialog",
            **{"aria-labelledby": ids.DIALOG_TITLE},
        ),
        html.Section(
            html.Div(id="export-menu", className="export-menu", role="menu", **{"aria-label": "Export"}),
            className="export-place",
            **{"aria-label": "Menu of a panel"},
        ),
        html.P(
            id="printed",
            className="printed",
            **{
                "data-colours": json.dumps(
                    {"light": _map_colours("dark", "light"), "dark": _map_colours("light", "dark")}
                ),
                "data-place": place,
            },
        ),
    ]


def _map_colours(shown: Theme, wanted: Theme) -> dict[str, str]:
    """Map each colour of a theme to that of the other one."""
    before, after = (
        [
            colour
            for value in vars(PALETTES[theme]).values()
            for colour in ([value] if isinstance(value, str) else value)
        ]
        for theme in (shown, wanted)
    )
    return dict(reversed(list(zip(before, after, strict=True))))  # the first one counts
