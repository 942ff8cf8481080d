"""What happens in the browser alone: cameras, theme, which view is visible. The functions are in assets/clientside.js."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, State

from app import ids
from app.controls import BOXES
from app.views import VIEWS


def register(app: Dash) -> None:
    """Wire the browser's own callbacks."""

    def here(name: str) -> ClientsideFunction:
        return ClientsideFunction("batchscape", name)

    app.clientside_callback(
        here("camera"),
        Output(ids.CAMERA_DONE, "data"),
        *(Input(button, "n_clicks") for button in (ids.FROM_ABOVE, ids.FROM_BELOW, ids.RESET)),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        here("theme"),
        Output(ids.THEME, "data"),
        Output(ids.PROVIDER, "forceColorScheme"),
        Output(ids.THEME_TOGGLE, "children"),
        Input(ids.THEME_TOGGLE, "n_clicks"),
        State(ids.THEME, "data"),
    )
    app.clientside_callback(
        here("show"),
        *(Output(ids.view_box(name), "hidden") for name in VIEWS),
        *(Output(box, "hidden") for box in BOXES),
        Input(ids.VIEW, "value"),
        State(ids.BOXES, "data"),
    )
    # by set_props, so that drawing does not wait for a study that is no longer wanted
    app.clientside_callback(
        here("arrived"),
        Output(ids.ARRIVED_DONE, "data"),
        Input(ids.COMPUTED, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        here("cancelled"),
        Output(ids.NOTICE, "children", allow_duplicate=True),
        Input(ids.CANCEL, "n_clicks"),
        prevent_initial_call=True,
    )
