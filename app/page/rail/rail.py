"""The rail: a control for each field of a study and of a view, with choices from the registries."""

from __future__ import annotations

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from app.page import ids
from app.page.rail.parts import (
    DEFAULTS,
    box,
    chips,
    coordinate,
    explained,
    group,
    number,
    pair,
    presets,
    select,
    slider,
    switch,
)
from app.page.rail.problem import problem_controls
from app.panels import text
from landscape_core.geometry.directions import DOMAINS
from landscape_core.geometry.grid import LINE_NAMES
from landscape_core.line_search import METHODS
from landscape_core.problems.activations import ACTIVATIONS
from landscape_core.sampling.minibatches import SHUFFLE, WITH, WITHOUT

PRESETS = {"all": 0, "all-but-one": -1, "10": 10, "1": 1}
"""Sizes of mini-batches that have a button, the paper's (Fig. 2): of those below 1, how far from all samples."""

SAMPLINGS = {WITHOUT: "Without replacement", WITH: "With replacement", SHUFFLE: "Epoch's shuffle"}
"""Ways to draw mini-batches, and their labels."""

CAMERAS = {
    "perspective": "Perspective",
    "from-top": "Top",
    "from-below": "Below",
    "side-d1": "Side d1",
    "side-d2": "Side d2",
}
"""Camera buttons: id and label; from a side, its direction runs across."""


def list_sizes(samples: int) -> dict[str, int]:
    """The sizes of mini-batches that have a button, by its id, for so many samples."""
    return {
        ids.BATCH_PRESET.format(name): max(1, size if size > 0 else samples + size) for name, size in PRESETS.items()
    }


def label_sizes(samples: int) -> dict[str, str]:
    """What stands on these buttons."""
    return {name: f"{size:,}" for name, size in list_sizes(samples).items()}


def rail() -> Component:
    """Build all controls, in the order of use."""
    return html.Div(
        [
            *problem_controls(),
            *_study_controls(),
            *_view_controls(),
            box("explore-box", _explore_controls()),
            box("step-box", number(ids.STEP, "Points drawn", min=0)),
            box("race-box", _race_controls()),
            box(
                "point-box",
                group("Point", pair(coordinate(ids.AT_D1, "At d1"), coordinate(ids.AT_D2, "At d2"))),
            ),
            html.Div(
                [
                    box("draw-box", dmc.Button("New mini-batches", id=ids.DRAW_AGAIN, size="sm")),
                    box(
                        "play-box", explained(dmc.Button("Play", id=ids.PLAY, size="sm", variant="default"), text.PLAY)
                    ),
                ],
                className="draw-row",
            ),
            box("slope-box", _slope_control()),
            *_seed_controls(),
            dmc.Button("Reset all", id=ids.RESET, variant="subtle", size="compact-sm", fullWidth=True),
        ],
        id=ids.CONTROLS,
        className="rail-controls",
    )


def list_planes(start_point: object) -> list[dict[str, str | bool]]:
    """The kinds of plane; those of a training can be chosen only where the start point is trained."""
    return [
        {"value": name, "label": entry.short_label, "disabled": entry.of_path and start_point != "trained"}
        for name, entry in DOMAINS.items()
    ]


def _study_controls() -> list[Component]:
    """Activation, plane and size of the mini-batches."""
    plane = dmc.SegmentedControl(
        id=ids.DOMAIN,
        data=list_planes(DEFAULTS.start_point),
        value=DEFAULTS.domain,
        fullWidth=True,
        size="xs",
        **{"aria-label": "Plane"},
    )
    size = pair(
        box("size-box", number(ids.RANGE, "Range ±", min=0, step=1, decimalScale=12)),
        box("resolution-box", number(ids.RESOLUTION, "Resolution", min=2, step=10)),
    )
    batch_size = [
        slider(ids.BATCH_SIZE, 1, DEFAULTS.samples, "Mini-batch size"),
        presets(label_sizes(DEFAULTS.samples)),
        html.P(id=ids.LIVE_NOTE, className="hint"),
    ]
    return [
        box("activation-box", chips(ids.ACTIVATION, "Activation", ACTIVATIONS.values())),
        box("plane-box", group("Plane", [plane, size], text.GLOSSARY["domain"])),
        box(
            "batch-box",
            group("Mini-batch size", batch_size, text.GLOSSARY["batch_size"], value_id=ids.BATCH_LABEL),
        ),
        box("sampling-box", select(ids.SAMPLING, "Sampling", SAMPLINGS)),
    ]


def _view_controls() -> list[Component]:
    """Controls of single views that stand alone."""
    moments = switch(ids.MOMENTS, {"sampled": "From draws", "exact": "Exact"}, **{"aria-label": "Mean and SD"})
    line = switch(ids.LINE, {name: text.line_label(name) for name in LINE_NAMES}, **{"aria-label": "Line"})
    sources = {"batch": "Mini-batches", "full": "Full batch"}
    scales = switch(ids.SCALES, {"own": "Own", "common": "Common"}, **{"aria-label": "Scales"})
    return [
        box("source-box", group("Show", switch(ids.SOURCE, sources, **{"aria-label": "Show"}))),
        box("moments-box", group("Mean and SD", moments, text.GLOSSARY["moments"])),
        box("draws-box", number(ids.DRAWS, "Draws", min=2, step=10)),
        box("scales-box", group("Scales", scales, text.GLOSSARY["scales"])),
        box("seeds-box", number(ids.SEEDS, "Number of start points", min=1, step=50)),
        box("line-box", group("Line", line, text.GLOSSARY["line"])),
    ]


def _explore_controls() -> Component:
    """Explore: what the map shows, and the visitor's own line."""
    quantities = {"loss": "Loss", "slope": "Slope", "negative": "P(−)", "below": "Below"}
    arrows = {"shown": "Shown", "hidden": "Hidden"}
    line = [
        presets({ids.LINE_PRESET.format(name): text.line_label(name) for name in LINE_NAMES}),
        html.Div(
            [
                number(ids.ANGLE, "Angle °", step=5, decimalScale=6),
                coordinate(ids.THROUGH_D1, "Through d1"),
                coordinate(ids.THROUGH_D2, "Through d2"),
            ],
            className="triple",
        ),
        dmc.Button("Listen to the line", id=ids.LISTEN, size="compact-xs", variant="default", mt=8),
    ]
    return html.Div(
        [
            group("Map of", switch(ids.FIELD, quantities, **{"aria-label": "Map of"}), text.GLOSSARY["field"]),
            group(
                "Arrows on the map",
                switch(ids.ARROWS, arrows, **{"aria-label": "Arrows on the map"}),
                text.GLOSSARY["arrows"],
            ),
            group("Custom line", line, text.GLOSSARY["angle"]),
        ],
        className="groups",
    )


def _race_controls() -> Component:
    return html.Div(
        [
            pair(
                number(ids.BUDGET, "Evaluations", min=1, className="of-races"),
                number(ids.RACE, "Race no.", min=1, className="of-one-race"),
            ),
            number(ids.RACE_AT_STEP, "Step", min=0, className="of-one-race"),
            chips(ids.RACERS, "Line searches", METHODS.values(), multiple=True),
        ],
        className="groups",
    )


def _slope_control() -> Component:
    compass = html.Div(
        [html.Span("d1"), html.Span("d2"), html.Div(className="needle")],
        id="compass",
        className="compass",
        **{"aria-hidden": "true"},  # the slider says and does the same
    )
    turned = slider(ids.SLOPE_ANGLE, 0, 360, "Slope direction in degrees", step=5)
    return group("Slope direction", [compass, turned], text.GLOSSARY["slope_angle"], value_id=ids.ANGLE_LABEL)


def _seed_controls() -> list[Component]:
    """Seeds, and how fine lines are."""
    return [
        pair(
            box("seed-box", number(ids.SEED, "Seed", min=0)),
            box("batch-seed-box", number(ids.BATCH_SEED, "Batch seed", min=0)),
            box("points-box", number(ids.LINE_POINTS, "Points per line", min=3, step=10)),
        ),
        box("seed-note-box", html.P(text.SELECTED_SEED_NOTE, className="hint")),
    ]
