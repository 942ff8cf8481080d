"""The rail of controls: one for each field of a study, its choices taken from the registries."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from app import ids, text
from landscape_core import StudySpec
from landscape_core.activations import ACTIVATIONS
from landscape_core.datasets import SCALINGS
from landscape_core.directions import DOMAINS

BATCH_PRESETS = (150, 149, 10, 1)
"""The paper's batch sizes, Fig. 2."""

FIELDS = (
    ids.ACTIVATION,
    ids.DOMAIN,
    ids.RANGE,
    ids.BATCH_SIZE,
    ids.SLOPE_ANGLE,
    ids.RESOLUTION,
    ids.LINE_POINTS,
    ids.SEED,
    ids.BATCH_SEED,
    ids.SCALING,
    ids.OUTPUT_ACTIVATION,
    ids.DRAWS,
)
"""Fields of a study that have a control of the same name."""

TYPED = (ids.RANGE, ids.RESOLUTION, ids.LINE_POINTS, ids.SEED, ids.BATCH_SEED, ids.DRAWS)
"""Those that are typed, and can show an error beside them."""

DEFAULTS = StudySpec()
LOOK = {"view": "compare", "source": "batch", "moments": "sampled"}
"""How the page looks at a study at first."""


def rail() -> Component:
    """All controls, in the order of use."""
    return html.Div(
        className="rail-controls",
        children=[
            _group(
                "Activation",
                dmc.ChipGroup(
                    id=ids.ACTIVATION,
                    value=DEFAULTS.activation,
                    children=html.Div(
                        [dmc.Chip(entry.label, value=entry.name, size="xs") for entry in ACTIVATIONS.values()],
                        className="chips",
                    ),
                ),
                text.GLOSSARY["activation"],
            ),
            _group(
                "Plane",
                [
                    dmc.SegmentedControl(
                        id=ids.DOMAIN,
                        value=DEFAULTS.domain,
                        data=[{"value": name, "label": name.capitalize()} for name in DOMAINS],
                        fullWidth=True,
                        size="xs",
                    ),
                    html.Div(
                        [
                            _number(ids.RANGE, "Range ±", min=0, step=1, decimalScale=6),
                            _number(ids.RESOLUTION, "Resolution", min=2, step=10, allowDecimal=False),
                        ],
                        className="pair",
                    ),
                ],
                text.GLOSSARY["domain"],
            ),
            _group(
                "Mini-batch size",
                [
                    _slider(ids.BATCH_SIZE, 1, DEFAULTS.samples, DEFAULTS.batch_size, "Mini-batch size"),
                    html.Div(
                        [
                            dmc.Button(
                                str(size), id=ids.BATCH_PRESET.format(size), size="compact-xs", variant="default"
                            )
                            for size in BATCH_PRESETS
                        ],
                        className="presets",
                    ),
                ],
                text.GLOSSARY["batch_size"],
                value_id=ids.BATCH_LABEL,
            ),
            html.Div(
                _group("Show", _switch(ids.SOURCE, {"batch": "Mini-batches", "full": "Full batch"})), id=ids.SOURCE_BOX
            ),
            html.Div(
                _group(
                    "Mean and SD",
                    [
                        _switch(ids.MOMENTS, {"sampled": "From draws", "exact": "Exact"}),
                        _number(ids.DRAWS, "Draws", min=2, step=10, allowDecimal=False),
                    ],
                    text.GLOSSARY["moments"],
                ),
                id=ids.MOMENTS_BOX,
                hidden=True,
            ),
            dmc.Button("Draw new mini-batches", id=ids.DRAW_AGAIN, fullWidth=True, size="sm"),
            _group(
                "Slope direction",
                _slider(ids.SLOPE_ANGLE, 0, 360, int(DEFAULTS.slope_angle), "Slope direction in degrees", step=5),
                text.GLOSSARY["slope_angle"],
                value_id=ids.ANGLE_LABEL,
            ),
            html.Div(
                [
                    _number(ids.SEED, "Seed", min=0, allowDecimal=False),
                    _number(ids.BATCH_SEED, "Batch seed", min=0, allowDecimal=False),
                    _number(ids.LINE_POINTS, "Points a line", min=3, step=10, allowDecimal=False),
                ],
                className="pair",
            ),
            html.P(text.SELECTED_SEED_NOTE, className="hint"),
            _explained(
                dmc.Select(
                    id=ids.SCALING,
                    label="Input scaling",
                    value=DEFAULTS.scaling,
                    data=[{"value": entry.name, "label": entry.label} for entry in SCALINGS.values()],
                    allowDeselect=False,
                    size="xs",
                    comboboxProps={"width": 300, "position": "top-start"},
                ),
                text.GLOSSARY["scaling"],
            ),
            _explained(
                dmc.Select(
                    id=ids.OUTPUT_ACTIVATION,
                    label="Output layer",
                    value=DEFAULTS.output_activation,
                    data=[
                        {"value": "same", "label": "Same activation, as in the paper"},
                        {"value": "linear", "label": "Linear"},
                    ],
                    allowDeselect=False,
                    size="xs",
                    comboboxProps={"position": "top-start"},
                ),
                text.GLOSSARY["output_activation"],
            ),
            dmc.Button("Reset all", id=ids.RESET, variant="subtle", size="compact-sm", fullWidth=True),
        ],
    )


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
    box = dmc.NumberInput(
        id=field,
        label=label,
        value=getattr(DEFAULTS, field),
        size="xs",
        debounce=500,
        clampBehavior="none",
        allowNegative=False,
        **more,
    )
    return _explained(box, text.GLOSSARY[field])


def _switch(field: str, choices: dict[str, str]) -> Component:
    return dmc.SegmentedControl(
        id=field,
        value=LOOK[field],
        data=[{"value": value, "label": label} for value, label in choices.items()],
        fullWidth=True,
        size="xs",
    )


def help_button(title: str, explanation: str) -> Component:
    """A question mark that explains what stands beside it."""
    mark = dmc.ActionIcon("?", variant="default", size=18, radius="xl", **{"aria-label": f"About: {title}"})
    return _explained(mark, explanation)


def _explained(what: Component, explanation: str) -> Component:
    """A component with its explanation, by mouse, by keyboard and by touch."""
    return dmc.Tooltip(
        what,
        label=explanation,
        multiline=True,
        w=280,
        position="right",
        withArrow=True,
        events={"hover": True, "focus": True, "touch": True},
        openDelay=400,
    )


def _slider(field: str, low: int, high: int, value: int, label: str, step: int = 1) -> Component:
    return dmc.Slider(
        id=field, min=low, max=high, step=step, value=value, updatemode="mouseup", thumbLabel=label, size="sm"
    )
