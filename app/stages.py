"""Panels that the browser brings to life by itself: here is what they are made of; assets/oracle.js moves it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from app import ids
from app.controls import LOOK
from app.panels.oracle import nothing, words

PACES = {"2": "Slow", "6": "Normal", "20": "Fast"}
"""Points a second."""

COUNTS = {"found": "declared", "noise": "pure noise", "true": "full batch"}


def stage(view: str, panel: str) -> Component:
    """What a live panel is made of."""
    return STAGES[view, panel]()


def _urn() -> Component:
    buttons = (
        (ids.ORACLE_RESTART, "Restart", "restart", "default"),
        (ids.ORACLE_BACK, "Back", "back", "default"),
        (ids.ORACLE_STEP, "Step", "step", "filled"),
        (ids.ORACLE_PLAY, "Play", "play", "default"),
        (ids.ORACLE_FINISH, "End", "finish", "default"),
    )
    return html.Div(
        [
            html.Div(
                [
                    _switch(ids.ORACLE, {"network": "The network", "quadratics": "Four quadratics"}, "Whose urn"),
                    _switch(ids.REFERENCE, {"shown": "Full batch shown", "hidden": "Hidden"}, "Full batch"),
                ],
                className="oracle-row",
            ),
            html.Div(
                [
                    dmc.ButtonGroup(
                        [
                            dmc.Button(
                                label, id=name, variant=variant, size="compact-sm", fw=500, **{"data-stage": action}
                            )
                            for name, label, action, variant in buttons
                        ]
                    ),
                    dmc.SegmentedControl(
                        id=ids.ORACLE_PACE,
                        value="6",
                        data=[{"value": value, "label": label} for value, label in PACES.items()],
                        size="xs",
                        **{"aria-label": "Pace of play"},
                    ),
                ],
                className="oracle-row",
            ),
            html.P(id=ids.ORACLE_SAID, className="oracle-said", role="status", **{"aria-live": "polite"}),
            # of the point that is opened: its sentence is read out, its table is not
            html.P(id=ids.ORACLE_HEARD, className="sr-only", role="status"),
            html.Div(id=ids.ORACLE_BALLS, className="urn"),
            html.P(id=ids.ORACLE_LISTED, className="note"),
            _counts(),
            dcc.Store(id=ids.ORACLE_DATA),
            dcc.Store(id=ids.ORACLE_KEY),
            dcc.Store(id=ids.ORACLE_ASKED),
        ],
        className="oracle-stage",
    )


def _counts() -> Component:
    def cells(quantity: str) -> list[Component]:
        return [html.Td(className="number", **{"data-count": f"{quantity}-{what}", "data-of": what}) for what in COUNTS]

    head = [
        html.Th("So far", scope="col"),
        *(html.Th(label, scope="col", className="number") for label in COUNTS.values()),
    ]
    body = [
        html.Tr([html.Th(label, scope="row"), *cells(quantity)])
        for quantity, label in (("loss", "▼ minima"), ("slope", "◆ NN-GPPs"))
    ]
    return html.Table([html.Thead(html.Tr(head)), html.Tbody(body)], id=ids.ORACLE_COUNTS, className="numbers")


def _chart(panel: str) -> Component:
    name = "minimum" if panel == "loss" else "NN-GPP"
    return html.Div(
        # no dcc.Graph: that would take a zoom for a figure of its own and clear what the browser has drawn
        html.Div(id=ids.panel("oracle", panel), className="graph"),
        className="oracle-chart",
        tabIndex=0,
        role="slider",
        **{
            "data-quantity": panel,
            "aria-label": f"Point of the line. Page Up and Page Down: the next {name}. Enter: which samples made it.",
            "aria-valuemin": 0,
            "aria-valuemax": 100,
            "aria-valuenow": 0,
        },
    )


def _made() -> Component:
    return html.Div(
        html.P(nothing(words(LOOK["oracle"], LOOK["line"])).sentence, className="note"),
        id=ids.panel("oracle", "made"),
        className="table-box",
        tabIndex=0,
    )


def _switch(field: str, choices: dict[str, str], label: str) -> Component:
    control: Any = dmc.SegmentedControl(
        id=field,
        value=LOOK[field],
        data=[{"value": value, "label": name} for value, name in choices.items()],
        size="xs",
        **{"aria-label": label},
    )
    return html.Div(control, **{"data-part": field})


STAGES: dict[tuple[str, str], Callable[[], Component]] = {
    ("oracle", "urn"): _urn,
    ("oracle", "loss"): partial(_chart, "loss"),
    ("oracle", "slope"): partial(_chart, "slope"),
    ("oracle", "made"): _made,
}
