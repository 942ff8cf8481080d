"""What controls are built from, and which fields of a study and of a view have one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from app.page import ids
from app.page.rail.boxes import BOXES
from app.panels import text
from app.state import permalink
from app.state.view_state import VIEW_FIELDS, ViewState
from landscape_core import StudySpec

FIELDS = tuple(name for name in permalink.STUDY if name not in permalink.WITHOUT_CONTROL)
"""Fields of a study that have a control of the same name."""

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
"""Fields that are typed as numbers."""

TYPED = (*NUMBER_BOXES, ids.HIDDEN)
"""Fields that are typed; errors are shown beside them."""

FROM_ONE = (ids.RACE,)
"""Fields that links count from 0 and their boxes from 1."""


def box(name: str, children: Component) -> Component:
    """Build a box that only some views show."""
    return html.Div(children, id=name, hidden=VIEW_DEFAULTS["view"] not in BOXES[name][0])


def group(title: str, children: Any, help_text: str = "", value_id: str | None = None) -> Component:  # noqa: ANN401
    """Build a titled group, with a question mark and the place of a value if wished."""
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


def number(field: str, label: str, **more: Any) -> Component:  # noqa: ANN401  dmc's own attributes
    """Build a number box."""
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
    return part(field, explained(box, text.GLOSSARY[field]))


def part(field: str, control: Component) -> Component:
    """Mark a control so that links can hide it."""
    return html.Div(control, **{"data-part": field})


def switch(field: str, choices: Mapping[str, str | Component], **more: Any) -> Component:  # noqa: ANN401  dmc's own attributes
    """Build a segmented control with a label for each value."""
    return dmc.SegmentedControl(
        id=field, data=options(choices), **{"value": START.get(field), "fullWidth": True, "size": "xs", **more}
    )


def options(choices: Mapping[str, str | Component]) -> list[dict[str, str | Component]]:
    """Values and their labels as Mantine takes them."""
    return [{"value": value, "label": label} for value, label in choices.items()]


def help_button(title: str, explanation: str, **more: str) -> Component:
    """Build a question mark with an explanation."""
    about = {"aria-label": f"About: {title}", EXPLANATION: explanation, **more}
    return dmc.ActionIcon("?", variant="default", size=18, radius="xl", **about)


def explained(what: Component, explanation: str) -> Component:
    """Add a tooltip, which frontend/src/hints/tooltip.ts shows."""
    return html.Div(what, **{EXPLANATION: explanation})


def slider(field: str, low: int, high: int, label: str, step: int = 1) -> Component:
    """Build a slider that is heard when it is let go."""
    reach = {"min": low, "max": high, "step": step, "value": int(START[field])}
    return dmc.Slider(id=field, updatemode="mouseup", thumbLabel=label, label=None, size="sm", **reach)


def coordinate(field: str, label: str) -> Component:
    """Build a number box for a coordinate of the plane."""
    return number(field, label, step=1, decimalScale=6)


def pair(*controls: Component) -> Component:
    """Put controls side by side."""
    return html.Div(list(controls), className="pair")


def presets(buttons: Mapping[str, str]) -> Component:
    """Build a row of buttons: their ids, and what stands on them."""
    return html.Div(
        [dmc.Button(label, id=name, size="compact-xs", variant="default") for name, label in buttons.items()],
        className="presets",
    )


def chips(field: str, title: str, entries: Iterable[Any], multiple: bool = False) -> Component:
    """Build a group of chips, one for each entry of a registry."""
    entries_shown = html.Div(
        [dmc.Chip(entry.label, value=entry.name, size="xs") for entry in entries], className="chips"
    )
    chosen = list(START[field]) if multiple else START[field]
    chosen_group = dmc.ChipGroup(id=field, value=chosen, children=entries_shown, multiple=multiple)
    return part(field, group(title, chosen_group, text.GLOSSARY[field]))


def units(field: str, label: str) -> Component:
    """Build a box for the units of hidden layers, which is heard on Enter and when it is left."""
    shown = dmc.TextInput(id=field, label=label, value=write_units(START[field]), size="xs", debounce=True)
    return part(field, explained(shown, text.GLOSSARY[field]))


def write_units(layers: tuple[int, ...]) -> str:
    """Write units as they are typed: 32, 16."""
    return ", ".join(map(str, layers))


def select(field: str, label: str, choices: Mapping[str, str], **menu: object) -> Component:
    """Build a menu of values and their labels."""
    shown = dmc.Select(
        id=field,
        label=label,
        value=START[field],
        data=options(choices),
        allowDeselect=False,
        size="xs",
        comboboxProps=menu,
    )
    return part(field, explained(shown, text.GLOSSARY[field]))
