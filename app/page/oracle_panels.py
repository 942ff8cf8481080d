"""Components of the panels that frontend/src/oracle animates."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from app.page import ids
from app.page.rail.parts import VIEW_DEFAULTS, part, switch
from app.panels.oracle import nothing, words

PACES = {"2": "Slow", "6": "Normal", "20": "Fast"}
"""Points per second."""

COUNTS = {"found": "declared", "noise": "white noise", "true": "full batch"}


def stage(view: str, panel: str) -> Component:
    """Build the content of a live panel."""
    return STAGES[view, panel]()


def _urn() -> Component:
    actions = {"restart": "Restart", "back": "Back", "step": "Step", "play": "Play", "finish": "End"}
    return html.Div(
        [
            html.Div(
                [
                    _choice(ids.ORACLE, {"network": "The network", "quadratics": "Four quadratics"}, "Whose urn"),
                    _choice(ids.REFERENCE, {"shown": "Full batch shown", "hidden": "Hidden"}, "Full batch"),
                ],
                className="oracle-row",
            ),
            html.Div(
                [
                    dmc.ButtonGroup(
                        [
                            dmc.Button(
                                label,
                                id=f"oracle-{action}",
                                variant="filled" if action == "step" else "default",
                                size="compact-sm",
                                fw=500,
                                **{"data-stage": action},
                            )
                            for action, label in actions.items()
                        ],
                        **{"aria-label": "Playback"},
                    ),
                    switch(ids.ORACLE_PACE, PACES, value="6", fullWidth=False, **{"aria-label": "Pace of play"}),
                ],
                className="oracle-row",
            ),
            html.P(id="oracle-said", className="oracle-said", role="status", **{"aria-live": "polite"}),
            # of the point that is opened: its sentence is read out, its table is not
            html.P(id="oracle-heard", className="sr-only", role="status"),
            html.Div(id="oracle-balls", className="urn"),
            html.P(id="oracle-listed", className="note"),
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
    return html.Table([html.Thead(html.Tr(head)), html.Tbody(body)], id="oracle-counts", className="numbers")


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
        html.P(nothing(words(VIEW_DEFAULTS["oracle"], VIEW_DEFAULTS["line"], ())).sentence, className="note hint"),
        id=ids.panel("oracle", "made"),
        className="table-box",
        tabIndex=0,
    )


def _choice(field: str, choices: dict[str, str], label: str) -> Component:
    return part(field, switch(field, choices, fullWidth=False, **{"aria-label": label}))


STAGES: dict[tuple[str, str], Callable[[], Component]] = {
    ("oracle", "urn"): _urn,
    ("oracle", "loss"): partial(_chart, "loss"),
    ("oracle", "slope"): partial(_chart, "slope"),
    ("oracle", "made"): _made,
}
