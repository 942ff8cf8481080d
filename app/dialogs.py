"""Where things are taken from: a button in the head of every panel, and one dialog that assets/take.js fills."""

from __future__ import annotations

import json

from dash import html
from dash.development.base_component import Component

from app import ids
from app.figures.style import PALETTES


def take_button(panel: str, title: str, view: str, name: str) -> Component:
    """Opens the menu of a panel. It is named after the panel, whatever that shows."""
    own = f"{panel}-take"
    return html.Button(
        id=own,
        className="take",
        type="button",
        title="Take it with you",
        **{
            "data-take": panel,
            "data-view": view,
            "data-panel": name,
            "aria-label": "Take with you:",
            "aria-labelledby": f"{own} {title}",
            "aria-haspopup": "menu",
            "aria-expanded": "false",
        },
    )


def dialog() -> list[Component]:
    """The dialog and the menu, both empty, and what stands under a printed page."""
    return [
        html.Dialog(
            [
                html.Div(
                    [
                        html.H2(id=ids.DIALOG_TITLE),
                        html.Button("Close", type="button", className="plain", **{"data-close": "true"}),
                    ],
                    className="dialog-head",
                ),
                html.P(id=ids.DIALOG_SAID, className="dialog-said", role="status", **{"aria-live": "polite"}),
                html.Div(
                    id=ids.DIALOG_BODY,
                    className="dialog-body",
                    role="group",
                    tabIndex=0,
                    **{"aria-labelledby": ids.DIALOG_TITLE},
                ),
            ],
            id=ids.DIALOG,
            className="dialog",
            role="dialog",
            **{"aria-labelledby": ids.DIALOG_TITLE},
        ),
        html.Section(
            html.Div(id=ids.TAKE_MENU, className="take-menu", role="menu", **{"aria-label": "Take it with you"}),
            className="take-place",
            **{"aria-label": "Menu of a panel"},
        ),
        html.P(id=ids.PRINTED, className="printed", **{"data-colours": json.dumps(_on_paper())}),
    ]


def _on_paper() -> dict[str, str]:
    """Colours of the dark theme, each with that of the light theme which is printed instead."""
    dark, light = ([*vars(PALETTES[theme]).values()] for theme in ("dark", "light"))
    pairs = zip(dark, light, strict=True)
    single = [
        pair
        for before, after in pairs
        for pair in (zip(before, after, strict=True) if isinstance(before, tuple) else [(before, after)])
    ]
    return {str(before): str(after) for before, after in reversed(single)}  # the first one counts
