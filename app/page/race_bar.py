"""Toolbar of the line searches: the stage, and the steps of one race."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from app.page import ids
from app.page.rail.parts import switch
from app.state.view_state import RACES

STAGES = {"one": "One race", "many": f"{RACES} races", "starts": "Start points", "train": "Training"}


def race_bar() -> Component:
    """Build the toolbar."""
    steps = (
        ("race-again", "Restart", "restart"),
        ("race-back", "Back", "back"),
        ("race-step", "Step", "step"),
        ("race-play", "Play", "play"),
        ("race-end", "End", "finish"),
        ("race-next", "Next race", "next"),
    )
    return html.Div(
        [
            html.Div(switch(ids.STAGE, STAGES, **{"aria-label": "Part of the race"}), className="stage"),
            html.Div(
                [
                    *(
                        dmc.Button(
                            label,
                            id=name,
                            size="xs",
                            variant="default",
                            **{"data-stage": action, "data-races": str(RACES)},
                        )
                        for name, label, action in steps
                    ),
                    html.Span("", id="race-at", className="note", role="status", **{"aria-live": "polite"}),
                ],
                className="steps only-one",
            ),
            html.Div(
                [
                    html.Span("Won by", className="group-title"),
                    switch(
                        ids.SCORE,
                        {"distance": "Distance", "loss": "Excess loss"},
                        **{"aria-label": "Criterion of the race"},
                    ),
                ],
                className="steps only-many",
            ),
        ],
        id=ids.RACE_BAR,
        className="view-bar panel",
    )
