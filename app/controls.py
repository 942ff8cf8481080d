"""The rail of controls: one for each field of a study, its choices taken from the registries."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from app import ids, text
from app.links import figure_link
from app.state import Request
from app.views.figures import as_published
from landscape_core import StudySpec, paper
from landscape_core.activations import ACTIVATIONS
from landscape_core.datasets import SCALINGS
from landscape_core.directions import DOMAINS
from landscape_core.geometry import LINE_NAMES

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

TYPED = (
    ids.RANGE,
    ids.RESOLUTION,
    ids.LINE_POINTS,
    ids.SEED,
    ids.BATCH_SEED,
    ids.DRAWS,
    ids.AT_D1,
    ids.AT_D2,
)
"""Those that are typed, and can show an error beside them."""

DEFAULTS = StudySpec()
LOOK: dict[str, Any] = {
    "view": "compare",
    "source": "batch",
    "moments": "sampled",
    "line": LINE_NAMES[0],
    "at_d1": 0.0,
    "at_d2": 0.0,
}
"""How the page looks at a study at first: what the controls of these names hold."""

BOXES = {
    ids.SOURCE_BOX: ["compare"],
    ids.MOMENTS_BOX: ["moments"],
    ids.DRAWS_BOX: ["moments", "chances"],
    ids.LINE_BOX: ["static", "variance"],
    ids.POINT_BOX: ["variance"],
}
"""Controls that only some views have."""


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
                    _switch(ids.MOMENTS, {"sampled": "From draws", "exact": "Exact"}),
                    text.GLOSSARY["moments"],
                ),
                id=ids.MOMENTS_BOX,
                hidden=True,
            ),
            html.Div(
                _number(ids.DRAWS, "Draws", min=2, step=10, allowDecimal=False),
                id=ids.DRAWS_BOX,
                hidden=True,
            ),
            html.Div(
                _group("Line", _switch(ids.LINE, {name: name for name in LINE_NAMES}), text.GLOSSARY["line"]),
                id=ids.LINE_BOX,
                hidden=True,
            ),
            html.Div(
                _group(
                    "Point",
                    html.Div(
                        [
                            _number(ids.AT_D1, "At d1", step=1, decimalScale=6, allowNegative=True),
                            _number(ids.AT_D2, "At d2", step=1, decimalScale=6, allowNegative=True),
                        ],
                        className="pair",
                    ),
                ),
                id=ids.POINT_BOX,
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


def figure_picker() -> Component:
    """The figures of the paper as links, and below them what belongs to the one that is shown."""
    numbers = [
        dcc.Link(str(figure.number), href=figure_link(figure.number), title=figure.title, id=f"figure-{figure.number}")
        for figure in paper.FIGURES.values()
    ]
    return html.Section(
        [
            html.Nav(
                [html.Span("Figure", className="group-title"), *numbers],
                className="picker",
                **{"aria-label": "Figures"},
            ),
            html.Div(id=ids.FIGURE_STRIP, className="strip"),
        ],
        id=ids.FIGURE_PICKER,
        className="panel picker-panel",
        **{"aria-label": "Figures of the paper"},
    )


def figure_strip(request: Request) -> list[Component]:
    """Title, panels as links, and remarks of the figure that a request shows."""
    figure = paper.figure(request.figure)
    letters = [
        dcc.Link(
            f"({panel.letter})",
            href=figure_link(figure.number, panel.letter),
            className="current" if panel.letter == request.panel else "",
            **({"title": "shown"} if panel.letter == request.panel else {}),
        )
        for panel in figure.panels
    ]
    whose = ""
    if figure.has_study and as_published(figure, request.spec):
        whose = "Settings as in the paper; seeds are ours, as the authors published none. "
    elif figure.has_study:
        whose = "Settings changed: the paper has no number for them. "
    return [
        html.H2(f"{figure.name} · {figure.title}"),
        html.Nav(letters, className="picker", **{"aria-label": f"Panels of {figure.name}"}),
        html.P(f"{whose}{figure.remark}", className="note"),
    ]


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
        value=LOOK[field] if field in LOOK else getattr(DEFAULTS, field),
        size="xs",
        debounce=500,
        clampBehavior="none",
        **{"allowNegative": False, **more},
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
