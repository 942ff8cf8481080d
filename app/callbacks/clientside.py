"""Clientside callbacks: cameras, theme, which view is visible. The functions are in `frontend/src`."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, State

from app.page import ids
from app.page.rail.boxes import BOXES
from app.page.rail.parts import NUMBER_BOXES
from app.page.rail.rail import CAMERAS
from app.views import VIEWS


def here(name: str) -> ClientsideFunction:
    """Name a function of `frontend/src`."""
    return ClientsideFunction("batchscape", name)


def register(app: Dash) -> None:
    """Wire the browser's own callbacks."""
    _register_appearance(app)
    app.clientside_callback(
        here("turnCameras"),
        Output(ids.CAMERA_DONE, "data"),
        *(Input(button, "n_clicks") for button in (*CAMERAS, ids.RESET)),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        here("openPage"),
        Output(ids.ADDRESS, "data"),
        Output(ids.PROFILE, "data"),
        Input(ids.ADDRESS, "id"),
    )
    app.clientside_callback(
        here("toggleProjector"),
        Output(ids.PROFILE, "data", allow_duplicate=True),
        Input(ids.PROFILE_TOGGLE, "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(here("turnCompass"), Output(ids.COMPASS_DONE, "data"), Input(ids.SLOPE_ANGLE, "value"))
    numbers = [Input(name, "value") for name in NUMBER_BOXES]
    app.clientside_callback(here("showNumbers"), *numbers, prevent_initial_call=True)
    for button, name in ((ids.UNDO, "undo"), (ids.REDO, "redo"), (ids.SHARE, "share"), (ids.LISTEN, "listen")):
        app.clientside_callback(
            here(name), Output(button, "className"), Input(button, "n_clicks"), prevent_initial_call=True
        )
    for button, name in ((ids.KEYS, "openKeys"), (ids.OWN_DATA, "openData")):
        app.clientside_callback(here(name), Input(button, "n_clicks"), prevent_initial_call=True)
    app.clientside_callback(
        here("setKeys"),
        Output(ids.KEYS_LIST, "modified_timestamp"),
        Input(ids.KEYS_LIST, "data"),
        Input(ids.SINGLE_KEYS, "checked"),
    )
    app.clientside_callback(
        here("rememberLink"),
        Output(ids.LINK_DONE, "data"),
        Input(ids.LINK, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        here("showRace"),
        Output(ids.RACE_DONE, "data"),
        Input(ids.RACE_AT_STEP, "value"),
        Input(ids.STAGE, "value"),
        Input(ids.panel("race", "line"), "figure"),
    )
    # by set_props, so that drawing does not wait for a study that is no longer wanted
    app.clientside_callback(
        here("reportArrival"),
        Output(ids.ARRIVED_DONE, "data"),
        Input(ids.COMPUTED, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        here("reportCancelled"),
        Output(ids.NOTICE, "children", allow_duplicate=True),
        Input(ids.CANCEL, "n_clicks"),
        prevent_initial_call=True,
    )


def _register_appearance(app: Dash) -> None:
    """Wire the theme, what is put away, and which view is visible."""
    app.clientside_callback(
        here("chooseTheme"),
        Output(ids.THEME, "data"),
        Output(ids.PROVIDER, "forceColorScheme"),
        Output(ids.THEME_TOGGLE, "children"),
        Input(ids.THEME_TOGGLE, "n_clicks"),
        State(ids.THEME, "data"),
    )
    app.clientside_callback(
        here("showIntro"),
        Output(ids.INTRO_SHOWN, "data"),
        Output(ids.intro_strip("compare"), "className"),
        Output(ids.INTRO_TOGGLE, "aria-expanded"),
        Input(ids.INTRO_TOGGLE, "n_clicks"),
        State(ids.INTRO_SHOWN, "data"),
    )
    app.clientside_callback(
        here("showView"),
        *(Output(ids.view_box(name), "hidden") for name in VIEWS),
        *(Output(box, "hidden") for box in BOXES),
        Input(ids.VIEW, "value"),
        Input(ids.INERT, "data"),
        State(ids.BOXES, "data"),
    )
