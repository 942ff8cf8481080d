"""What happens in the browser alone: cameras, theme, which view is visible. The functions are in assets."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, State

from app import ids
from app.controls import BOXES, CAMERAS
from app.views import VIEWS


def register(app: Dash) -> None:
    """Wire the browser's own callbacks."""

    def here(name: str) -> ClientsideFunction:
        return ClientsideFunction("batchscape", name)

    app.clientside_callback(
        here("camera"),
        Output(ids.CAMERA_DONE, "data"),
        *(Input(button, "n_clicks") for button in (*CAMERAS, ids.RESET)),
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
    app.clientside_callback(
        here("opened"),
        Output(ids.ADDRESS, "data"),
        Output(ids.PROFILE, "data"),
        Input(ids.ADDRESS, "id"),
    )
    app.clientside_callback(
        here("projector"),
        Output(ids.PROFILE, "data", allow_duplicate=True),
        Input(ids.PROFILE_TOGGLE, "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(here("compass"), Output(ids.COMPASS_DONE, "data"), Input(ids.SLOPE_ANGLE, "value"))
    buttons = ((ids.UNDO, "undo"), (ids.REDO, "redo"), (ids.SHARE, "share"), (ids.LISTEN, "listen"))
    for button, name in buttons:
        app.clientside_callback(
            here(name), Output(button, "className"), Input(button, "n_clicks"), prevent_initial_call=True
        )
    app.clientside_callback(
        here("openKeys"), Output(ids.KEYS_OPEN, "opened"), Input(ids.KEYS, "n_clicks"), prevent_initial_call=True
    )
    app.clientside_callback(
        here("heedKeys"),
        Output(ids.KEYS_LIST, "modified_timestamp"),
        Input(ids.KEYS_LIST, "data"),
        Input(ids.SINGLE_KEYS, "checked"),
    )
    app.clientside_callback(
        here("remember"),
        Output(ids.LINK_DONE, "data"),
        Input(ids.LINK, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        here("race"),
        Output(ids.RACE_DONE, "data"),
        Input(ids.RACE_AT_STEP, "value"),
        Input(ids.panel("race", "line"), "figure"),
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
