"""Which problem is looked at: at the top of the rail its choice, and folded below it what the problem is made from."""

from __future__ import annotations

from collections.abc import Mapping

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from app.page import ids
from app.page.rail.parts import box, number, pair, select, units
from app.panels import text
from app.state import problems
from landscape_core.problems.datasets import DATASETS, SCALINGS
from landscape_core.problems.losses import LOSSES
from landscape_core.problems.registry import Entry


def problem_controls() -> list[Component]:
    """Build the group."""
    outputs = {"same": "Same activation", "linear": "Linear"}
    conventions = [
        select(ids.SCALING, "Input scaling", _labels(SCALINGS), width=300),
        select(ids.OUTPUT_ACTIVATION, "Output layer", outputs),
    ]
    details = [
        box("data-box", select(ids.DATASET, "Data", _labels(DATASETS), width=330)),
        box("layers-box", units(ids.HIDDEN, "Hidden layers")),
        box("loss-box", select(ids.LOSS, "Loss", _labels(LOSSES), width=330)),
        box("conventions-box", html.Div(conventions, className="groups")),
        box("start-box", select(ids.START_POINT, "Start point", text.STARTS)),
        box("training-box", html.Div(_training(), className="groups")),
    ]
    return [
        box(
            "problem-box",
            html.Div(
                [
                    select(ids.PROBLEM, "Problem", problems.list_offered(), width=300),
                    dmc.Button("Your data …", id=ids.OWN_DATA, size="compact-xs", variant="default", mt=8),
                ]
            ),
        ),
        html.Details(
            [
                # the paper's own figures leave open what the paper does
                html.Summary(
                    [
                        html.Span("Data, layers, loss, start", className="of-problem"),
                        html.Span("Scaling, output layer", className="of-paper"),
                    ]
                ),
                html.Div(details, className="groups"),
            ],
            className="fold",
            **{"aria-label": "The network"},
        ),
    ]


def _training() -> list[Component]:
    """Build what a trained start point has."""
    return [
        select(ids.TRAIN_OPTIMISER, "Optimiser", text.OPTIMISERS),
        pair(
            number(ids.TRAIN_STEPS, "Steps", min=1, step=100),
            number(ids.TRAIN_RATE, "Learning rate", min=0, step=0.01, decimalScale=6),
        ),
    ]


def _labels(registry: Mapping[str, Entry]) -> dict[str, str]:
    return {name: entry.label for name, entry in registry.items()}
