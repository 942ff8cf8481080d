"""Controls: one for each field of a study, with choices from the registries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from app.page import ids
from app.panels import text
from app.state import permalink
from app.state.view_state import VIEW_FIELDS, ViewState
from app.views import VIEWS
from landscape_core import StudySpec
from landscape_core.geometry.directions import DOMAINS
from landscape_core.geometry.grid import LINE_NAMES
from landscape_core.line_search import METHODS
from landscape_core.problems.activations import ACTIVATIONS
from landscape_core.problems.datasets import SCALINGS
from landscape_core.sampling.minibatches import SHUFFLE, WITH, WITHOUT

BATCH_PRESETS = (150, 149, 10, 1)
"""The paper's batch sizes, Fig. 2."""

FIELDS = tuple(name for name in permalink.STUDY if name not in permalink.WITHOUT_CONTROL)
"""Fields of a study that have a control of the same name."""

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

EXPLANATION = "data-explanation"
"""Attribute with the text of a tooltip. Mantine's own Tooltip makes Dash walk through the whole layout at every change."""

DEFAULTS = StudySpec()
LINK_DEFAULTS = {"figure": 1, "panel": "a", "scene": 0, "exercise": 0}
"""Fields of a view that are set by links instead of a control."""

VIEW_DEFAULTS: dict[str, Any] = {
    name: getattr(ViewState(DEFAULTS), name) for name in VIEW_FIELDS if name not in LINK_DEFAULTS
}
"""Initial values of the controls of a view."""

START: dict[str, Any] = {name: getattr(DEFAULTS, name) for name in FIELDS} | VIEW_DEFAULTS
"""Initial values of all controls."""

SLIDERS = (ids.BATCH_SIZE, ids.SLOPE_ANGLE)
NUMBER_BOXES = tuple(name for name in (*permalink.WHOLE, *permalink.NUMBERS) if name in START and name not in SLIDERS)
"""Fields that are typed as numbers; errors are shown beside them."""

FROM_ONE = (ids.RACE,)
"""Fields that links count from 0 and their boxes from 1."""

BOX_FIELDS: dict[str, tuple[str, ...]] = {
    "activation-box": (ids.ACTIVATION,),
    "plane-box": (ids.DOMAIN,),
    "size-box": (ids.RANGE,),
    "resolution-box": (ids.RESOLUTION,),
    "source-box": (ids.SOURCE,),
    "moments-box": (ids.MOMENTS,),
    "draws-box": (ids.DRAWS,),
    "scales-box": (ids.SCALES,),
    "sampling-box": (ids.SAMPLING,),
    "line-box": (ids.LINE,),
    "explore-box": (ids.FIELD, ids.ARROWS, ids.THROUGH_D1, ids.THROUGH_D2, ids.ANGLE),
    "point-box": (ids.AT_D1, ids.AT_D2),
    "step-box": (ids.STEP, ids.ORACLE, ids.REFERENCE),
    "race-box": (ids.BUDGET, ids.RACE, ids.RACE_AT_STEP, ids.RACERS),
    ids.RACE_BAR: (ids.STAGE, ids.SCORE),
    ids.CAMERAS: (),
    "play-box": (ids.PLAY,),
    "slope-box": (ids.SLOPE_ANGLE,),
    "seeds-box": (ids.SEEDS,),
}
"""Boxes of controls that only some views show, and their fields, or what else may do nothing; `View.controls` names them
without -box."""

COMMON_FIELDS: dict[str, tuple[str, ...]] = {
    "batch-box": (ids.BATCH_SIZE,),
    "draw-box": (ids.BATCH_SEED,),
    "seed-box": (ids.SEED,),
    "seed-note-box": (ids.SEED,),
    "batch-seed-box": (ids.BATCH_SEED,),
    "points-box": (ids.LINE_POINTS,),
    "conventions-box": (ids.SCALING, ids.OUTPUT_ACTIVATION),
}
"""Boxes that every view shows in which their fields change anything."""

BOXES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    **{
        box: (tuple(view.name for view in VIEWS.values() if box.removesuffix("-box") in view.controls), fields)
        for box, fields in BOX_FIELDS.items()
    },
    **{box: (tuple(VIEWS), fields) for box, fields in COMMON_FIELDS.items()},
}
"""Views and fields of each box."""


def list_hidden_fields(view: object, look: Mapping[str, Any] | None = None) -> frozenset[str]:
    """List the fields whose controls a view hides, whatever is looked at in it or with a certain look, of any values.

    Raises:
        SpecError: A figure or panel is named that there is not.
    """
    hidden = frozenset(name for views, names in BOXES.values() if view not in views for name in names)
    return hidden | (VIEWS[str(view)].inert(look) if look and str(view) in VIEWS else frozenset())


def list_views_of(name: str) -> list[str]:
    """List the views that show a control or a box."""
    return [view for view in VIEWS if name not in list_hidden_fields(view) and view in BOXES.get(name, (VIEWS,))[0]]


def rail() -> Component:
    """Build all controls, in the order of use."""
    return html.Div(
        [
            *_study_controls(),
            *_view_controls(),
            box("explore-box", _explore_controls()),
            box("step-box", _number(ids.STEP, "Points drawn", min=0)),
            box("race-box", _race_controls()),
            box(
                "point-box",
                _group("Point", _pair(_coordinate(ids.AT_D1, "At d1"), _coordinate(ids.AT_D2, "At d2"))),
            ),
            html.Div(
                [
                    box("draw-box", dmc.Button("New mini-batches", id=ids.DRAW_AGAIN, size="sm")),
                    box(
                        "play-box", _explained(dmc.Button("Play", id=ids.PLAY, size="sm", variant="default"), text.PLAY)
                    ),
                ],
                className="draw-row",
            ),
            box("slope-box", _slope_control()),
            *_convention_controls(),
            dmc.Button("Reset all", id=ids.RESET, variant="subtle", size="compact-sm", fullWidth=True),
        ],
        id=ids.CONTROLS,
        className="rail-controls",
    )


def _study_controls() -> list[Component]:
    """Activation, plane and size of the mini-batches."""
    plane = switch(ids.DOMAIN, {name: name.capitalize() for name in DOMAINS}, **{"aria-label": "Plane"})
    size = _pair(
        box("size-box", _number(ids.RANGE, "Range ±", min=0, step=1, decimalScale=12)),
        box("resolution-box", _number(ids.RESOLUTION, "Resolution", min=2, step=10)),
    )
    batch_size = [
        _slider(ids.BATCH_SIZE, 1, DEFAULTS.samples, "Mini-batch size"),
        _presets(ids.BATCH_PRESET, BATCH_PRESETS),
        html.P(id=ids.LIVE_NOTE, className="hint"),
    ]
    return [
        box("activation-box", _chips(ids.ACTIVATION, "Activation", ACTIVATIONS.values())),
        box("plane-box", _group("Plane", [plane, size], text.GLOSSARY["domain"])),
        box(
            "batch-box",
            _group("Mini-batch size", batch_size, text.GLOSSARY["batch_size"], value_id=ids.BATCH_LABEL),
        ),
        box("sampling-box", _select(ids.SAMPLING, "Sampling", SAMPLINGS)),
    ]


def _view_controls() -> list[Component]:
    """Controls of single views that stand alone."""
    moments = switch(ids.MOMENTS, {"sampled": "From draws", "exact": "Exact"}, **{"aria-label": "Mean and SD"})
    line = switch(ids.LINE, {name: name for name in LINE_NAMES}, **{"aria-label": "Line"})
    sources = {"batch": "Mini-batches", "full": "Full batch"}
    scales = switch(ids.SCALES, {"own": "Own", "common": "Common"}, **{"aria-label": "Scales"})
    return [
        box("source-box", _group("Show", switch(ids.SOURCE, sources, **{"aria-label": "Show"}))),
        box("moments-box", _group("Mean and SD", moments, text.GLOSSARY["moments"])),
        box("draws-box", _number(ids.DRAWS, "Draws", min=2, step=10)),
        box("scales-box", _group("Scales", scales, text.GLOSSARY["scales"])),
        box("seeds-box", _number(ids.SEEDS, "Number of start points", min=1, step=50)),
        box("line-box", _group("Line", line, text.GLOSSARY["line"])),
    ]


def _explore_controls() -> Component:
    """Explore: what the map shows, and the visitor's own line."""
    quantities = {"loss": "Loss", "slope": "Slope", "negative": "P(−)", "below": "Below"}
    arrows = {"shown": "Shown", "hidden": "Hidden"}
    line = [
        _presets(ids.LINE_PRESET, LINE_NAMES),
        html.Div(
            [
                _number(ids.ANGLE, "Angle °", step=5, decimalScale=6),
                _coordinate(ids.THROUGH_D1, "Through d1"),
                _coordinate(ids.THROUGH_D2, "Through d2"),
            ],
            className="triple",
        ),
        dmc.Button("Listen to the line", id=ids.LISTEN, size="compact-xs", variant="default", mt=8),
    ]
    return html.Div(
        [
            _group("Map of", switch(ids.FIELD, quantities, **{"aria-label": "Map of"}), text.GLOSSARY["field"]),
            _group(
                "Arrows on the map",
                switch(ids.ARROWS, arrows, **{"aria-label": "Arrows on the map"}),
                text.GLOSSARY["arrows"],
            ),
            _group("Custom line", line, text.GLOSSARY["angle"]),
        ],
        className="groups",
    )


def _race_controls() -> Component:
    return html.Div(
        [
            _pair(
                _number(ids.BUDGET, "Evaluations", min=1, className="of-races"),
                _number(ids.RACE, "Race no.", min=1, className="of-one-race"),
            ),
            _number(ids.RACE_AT_STEP, "Step", min=0, className="of-one-race"),
            _chips(ids.RACERS, "Line searches", METHODS.values(), multiple=True),
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
    slider = _slider(ids.SLOPE_ANGLE, 0, 360, "Slope direction in degrees", step=5)
    return _group("Slope direction", [compass, slider], text.GLOSSARY["slope_angle"], value_id=ids.ANGLE_LABEL)


def _convention_controls() -> list[Component]:
    """Seeds, and what the paper leaves open."""
    scalings = {entry.name: entry.label for entry in SCALINGS.values()}
    outputs = {"same": "Same activation", "linear": "Linear"}
    return [
        _pair(
            box("seed-box", _number(ids.SEED, "Seed", min=0)),
            box("batch-seed-box", _number(ids.BATCH_SEED, "Batch seed", min=0)),
            box("points-box", _number(ids.LINE_POINTS, "Points per line", min=3, step=10)),
        ),
        box("seed-note-box", html.P(text.SELECTED_SEED_NOTE, className="hint")),
        box(
            "conventions-box",
            html.Div(
                [
                    _select(ids.SCALING, "Input scaling", scalings, width=300),
                    _select(ids.OUTPUT_ACTIVATION, "Output layer", outputs),
                ],
                className="groups",
            ),
        ),
    ]


def box(name: str, children: Component) -> Component:
    """Build a box that only some views show."""
    return html.Div(children, id=name, hidden=VIEW_DEFAULTS["view"] not in BOXES[name][0])


def _group(title: str, children: Any, help_text: str = "", value_id: str | None = None) -> Component:  # noqa: ANN401
    slug = title.lower().replace(" ", "-") + "-group"
    heading: Component = html.Span(title, id=slug, className="group-title")
    if help_text:
        heading = html.Span([heading, help_button(title, help_text)], className="explained")
    value = [html.Span(id=value_id, className="group-value")] if value_id else []
    return html.Div(
        [html.Div([heading, *value], className="group-head"), html.Div(children)],
        className="group",
        role="group",
        **{"aria-labelledby": slug},
    )


def _number(field: str, label: str, **more: Any) -> Component:  # noqa: ANN401  dmc's own attributes
    # what is typed is never changed: anything but a number that is allowed is refused by the server
    box = dmc.NumberInput(
        id=field,
        label=label,
        value=START[field] + (field in FROM_ONE),
        size="xs",
        debounce=True,  # and when it rests: frontend/src/inputs/number_boxes.ts
        clampBehavior="none",
        **more,
    )
    return part(field, _explained(box, text.GLOSSARY[field]))


def part(field: str, control: Component) -> Component:
    """Mark a control so that links can hide it."""
    return html.Div(control, **{"data-part": field})


def switch(field: str, choices: Mapping[str, str | Component], **more: Any) -> Component:  # noqa: ANN401  dmc's own attributes
    """Build a segmented control with a label for each value."""
    return dmc.SegmentedControl(
        id=field, data=_options(choices), **{"value": START.get(field), "fullWidth": True, "size": "xs", **more}
    )


def _options(choices: Mapping[str, str | Component]) -> list[dict[str, str | Component]]:
    """Values and their labels as Mantine takes them."""
    return [{"value": value, "label": label} for value, label in choices.items()]


def help_button(title: str, explanation: str, **more: str) -> Component:
    """Build a question mark with an explanation."""
    about = {"aria-label": f"About: {title}", EXPLANATION: explanation, **more}
    return dmc.ActionIcon("?", variant="default", size=18, radius="xl", **about)


def _explained(what: Component, explanation: str) -> Component:
    """Add a tooltip, which frontend/src/hints/tooltip.ts shows."""
    return html.Div(what, **{EXPLANATION: explanation})


def _slider(field: str, low: int, high: int, label: str, step: int = 1) -> Component:
    reach = {"min": low, "max": high, "step": step, "value": int(START[field])}
    return dmc.Slider(id=field, updatemode="mouseup", thumbLabel=label, label=None, size="sm", **reach)


def _coordinate(field: str, label: str) -> Component:
    return _number(field, label, step=1, decimalScale=6)


def _pair(*controls: Component) -> Component:
    return html.Div(list(controls), className="pair")


def _presets(name: str, values: Iterable[object]) -> Component:
    """Build a button for each value; `name` is the format of their ids."""
    return html.Div(
        [dmc.Button(str(one), id=name.format(one), size="compact-xs", variant="default") for one in values],
        className="presets",
    )


def _chips(field: str, title: str, entries: Iterable[Any], multiple: bool = False) -> Component:
    chips = html.Div([dmc.Chip(entry.label, value=entry.name, size="xs") for entry in entries], className="chips")
    chosen = list(START[field]) if multiple else START[field]
    group = dmc.ChipGroup(id=field, value=chosen, children=chips, multiple=multiple)
    return part(field, _group(title, group, text.GLOSSARY[field]))


def _select(field: str, label: str, choices: dict[str, str], **menu: object) -> Component:
    menu |= {"position": "top-start"}
    select = dmc.Select(
        id=field,
        label=label,
        value=START[field],
        data=_options(choices),
        allowDeselect=False,
        size="xs",
        comboboxProps=menu,
    )
    return _explained(select, text.GLOSSARY[field])
