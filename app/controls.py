"""The rail of controls: one for each field of a study, its choices taken from the registries."""

from __future__ import annotations

from typing import Any

import dash_mantine_components as dmc
from dash import html
from dash.development.base_component import Component

from app import ids, text, tour
from app.links import figure_link, scene_link, start, table_link
from app.state import LOOKS, RACES, Request
from app.views import VIEWS
from app.views.figures import as_published
from landscape_core import StudySpec, paper
from landscape_core.activations import ACTIVATIONS
from landscape_core.datasets import SCALINGS
from landscape_core.directions import DOMAINS
from landscape_core.geometry import LINE_NAMES, LINES
from landscape_core.line_search import METHODS

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
    ids.SEEDS,
    ids.THROUGH_D1,
    ids.THROUGH_D2,
    ids.ANGLE,
    ids.STEP,
    ids.BUDGET,
    ids.RACE,
    ids.RACE_AT_STEP,
)
"""Those that are typed, and can show an error beside them."""

CAMERAS = {
    ids.FROM_FRONT: "Front",
    ids.FROM_ABOVE: "Above",
    ids.FROM_BELOW: "Below",
    ids.ALONG_D1: "Along d1",
}
"""Where surfaces can be seen from."""

EXPLANATION = "data-explanation"
"""What is told by mouse, keyboard or touch. Not with Mantine's Tooltip: its parent class makes Dash look through every
component of the page, for each of them, at every change of anything."""

DEFAULTS = StudySpec()
PICKED = {"figure": 1, "panel": "a", "scene": 0}
"""What has links instead of a control: which figure is shown, and which scene of the tour."""

LOOK: dict[str, Any] = {name: getattr(Request(DEFAULTS), name) for name in LOOKS if name not in PICKED}
"""How the page looks at a study at first: what the controls of these names hold."""

BOXES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    ids.ACTIVATION_BOX: (tuple(name for name in VIEWS if name not in ("tables", "gallery")), (ids.ACTIVATION,)),
    ids.PLANE_BOX: (tuple(name for name in VIEWS if name != "gallery"), (ids.DOMAIN,)),
    ids.SIZE_BOX: (tuple(name for name in VIEWS if name != "tables"), (ids.RANGE, ids.RESOLUTION)),
    ids.SOURCE_BOX: (("compare", "explore"), (ids.SOURCE,)),
    ids.MOMENTS_BOX: (("moments",), (ids.MOMENTS,)),
    ids.DRAWS_BOX: (("moments", "chances"), (ids.DRAWS,)),
    ids.LINE_BOX: (("static", "variance", "oracle", "race"), (ids.LINE,)),
    ids.EXPLORE_BOX: (("explore",), (ids.FIELD, ids.THROUGH_D1, ids.THROUGH_D2, ids.ANGLE)),
    ids.POINT_BOX: (("variance", "explore"), (ids.AT_D1, ids.AT_D2)),
    ids.STEP_BOX: (("oracle",), (ids.STEP, ids.ORACLE, ids.REFERENCE)),
    ids.RACE_BOX: (("race",), (ids.BUDGET, ids.RACE, ids.RACE_AT_STEP, ids.RACERS)),
    ids.RACE_BAR: (("race",), (ids.STAGE, ids.SCORE)),
    ids.CAMERAS: (("compare", "explore", "moments", "figures"), ()),
    ids.SLOPE_BOX: (
        ("compare", "explore", "moments", "chances", "variance", "figures", "gallery"),
        (ids.SLOPE_ANGLE,),
    ),
    ids.SEEDS_BOX: (("tables",), (ids.SEEDS,)),
}
"""Controls that only some views have: those views, and the fields that they hold."""


def hidden(view: object) -> frozenset[str]:
    """The fields whose controls are not seen in a view."""
    return frozenset(name for views, names in BOXES.values() if view not in views for name in names)


def seen_in(name: str) -> list[str]:
    """The views in which a control is seen, or a box of them."""
    return [view for view in VIEWS if name not in hidden(view) and view in BOXES.get(name, (VIEWS,))[0]]


def rail() -> Component:
    """All controls, in the order of use."""
    return html.Div(
        id=ids.CONTROLS,
        className="rail-controls",
        children=[
            box(
                ids.ACTIVATION_BOX,
                _part(
                    ids.ACTIVATION,
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
                ),
            ),
            box(
                ids.PLANE_BOX,
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
                        box(
                            ids.SIZE_BOX,
                            html.Div(
                                [
                                    _number(ids.RANGE, "Range ±", min=0, step=1, decimalScale=6),
                                    _number(ids.RESOLUTION, "Resolution", min=2, step=10, allowDecimal=False),
                                ],
                                className="pair",
                            ),
                        ),
                    ],
                    text.GLOSSARY["domain"],
                ),
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
            box(
                ids.SOURCE_BOX,
                _group("Show", _switch(ids.SOURCE, {"batch": "Mini-batches", "full": "Full batch"})),
            ),
            box(
                ids.MOMENTS_BOX,
                _group(
                    "Mean and SD",
                    _switch(ids.MOMENTS, {"sampled": "From draws", "exact": "Exact"}),
                    text.GLOSSARY["moments"],
                ),
            ),
            box(ids.DRAWS_BOX, _number(ids.DRAWS, "Draws", min=2, step=10, allowDecimal=False)),
            box(ids.SEEDS_BOX, _number(ids.SEEDS, "Start points compared", min=1, step=50, allowDecimal=False)),
            box(
                ids.LINE_BOX,
                _group("Line", _switch(ids.LINE, {name: name for name in LINE_NAMES}), text.GLOSSARY["line"]),
            ),
            box(
                ids.EXPLORE_BOX,
                html.Div(
                    [
                        _group(
                            "Map of",
                            _switch(
                                ids.FIELD,
                                {"loss": "Loss", "slope": "Slope", "negative": "P(−)", "below": "Below"},
                            ),
                            text.GLOSSARY["field"],
                        ),
                        _group(
                            "Line of your own",
                            [
                                html.Div(
                                    [
                                        dmc.Button(
                                            line.name,
                                            id=ids.LINE_PRESET.format(line.name),
                                            size="compact-xs",
                                            variant="default",
                                        )
                                        for line in LINES
                                    ],
                                    className="presets",
                                ),
                                html.Div(
                                    [
                                        _number(ids.ANGLE, "Angle °", step=5, decimalScale=6, allowNegative=True),
                                        _number(
                                            ids.THROUGH_D1, "Through d1", step=1, decimalScale=6, allowNegative=True
                                        ),
                                        _number(
                                            ids.THROUGH_D2, "Through d2", step=1, decimalScale=6, allowNegative=True
                                        ),
                                    ],
                                    className="triple",
                                ),
                                dmc.Button(
                                    "Listen to the line", id=ids.LISTEN, size="compact-xs", variant="default", mt=8
                                ),
                            ],
                            text.GLOSSARY["angle"],
                        ),
                    ],
                    className="groups",
                ),
            ),
            box(ids.STEP_BOX, _number(ids.STEP, "Points drawn", min=0, allowDecimal=False)),
            box(
                ids.RACE_BOX,
                html.Div(
                    [
                        html.Div(
                            [
                                _number(ids.BUDGET, "Evaluations", min=1, allowDecimal=False),
                                _number(ids.RACE, "Race shown", min=0, allowDecimal=False),
                            ],
                            className="pair",
                        ),
                        _number(ids.RACE_AT_STEP, "Step shown", min=0, allowDecimal=False),
                        _part(
                            ids.RACERS,
                            _group(
                                "Line searches",
                                dmc.ChipGroup(
                                    id=ids.RACERS,
                                    multiple=True,
                                    value=list(LOOK[ids.RACERS]),
                                    children=html.Div(
                                        [
                                            dmc.Chip(method.label, value=method.name, size="xs")
                                            for method in METHODS.values()
                                        ],
                                        className="chips",
                                    ),
                                ),
                                text.GLOSSARY["racers"],
                            ),
                        ),
                    ],
                    className="groups",
                ),
            ),
            box(
                ids.POINT_BOX,
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
            ),
            dmc.Button("Draw new mini-batches", id=ids.DRAW_AGAIN, fullWidth=True, size="sm"),
            box(
                ids.SLOPE_BOX,
                _group(
                    "Slope direction",
                    [
                        html.Div(
                            [html.Span("d1"), html.Span("d2"), html.Div(className="needle")],
                            id=ids.COMPASS,
                            className="compass",
                            **{"aria-hidden": "true"},  # the slider says and does the same
                        ),
                        _slider(
                            ids.SLOPE_ANGLE, 0, 360, int(DEFAULTS.slope_angle), "Slope direction in degrees", step=5
                        ),
                    ],
                    text.GLOSSARY["slope_angle"],
                    value_id=ids.ANGLE_LABEL,
                ),
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


STAGES = {"one": "One race", "many": f"{RACES} races", "train": "Training"}


def race_bar() -> Component:
    """Above the race: which part of it, and the steps of one race."""
    steps = (
        (ids.RACE_AGAIN, "Restart", "restart"),
        (ids.RACE_BACK, "Back", "back"),
        (ids.RACE_STEP, "Step", "step"),
        (ids.RACE_PLAY, "Play", "play"),
        (ids.RACE_END, "End", "finish"),
        (ids.RACE_NEXT, "Next race", "next"),
    )
    return html.Div(
        [
            html.Div(_switch(ids.STAGE, STAGES, **{"aria-label": "Part of the race"}), className="stage"),
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
                    html.Span("", id=ids.RACE_AT, className="note", role="status", **{"aria-live": "polite"}),
                ],
                className="steps only-one",
            ),
            html.Div(
                [
                    html.Span("Won by", className="group-title"),
                    _switch(
                        ids.SCORE,
                        {"distance": "Distance", "loss": "Loss left over"},
                        **{"aria-label": "By what a race is won"},
                    ),
                ],
                className="steps only-many",
            ),
        ],
        id=ids.RACE_BAR,
        className="view-bar panel",
    )


def picker(request: Request) -> list[Component]:
    """The figures and tables of the paper as links, and below them what belongs to the one that is shown."""
    figure = paper.figure(request.figure) if request.view == "figures" else None
    table = paper.DOMAIN_TABLE.get(request.spec.domain) if request.view == "tables" else None
    numbers = [
        _link(str(one.number), figure_link(one.number), one is figure, f"{one.name}: {one.title}")
        for one in paper.FIGURES.values()
    ]
    tables = [
        _link(str(number), table_link(number), number == table, f"Table {number}: {domain} domain")
        for domain, number in paper.DOMAIN_TABLE.items()
    ]
    heading = html.Nav(
        [
            html.Span("Figure", className="group-title"),
            *numbers,
            html.Span("Table", className="group-title"),
            *tables,
        ],
        className="picker",
        **{"aria-label": "Figures and tables of the paper"},
    )
    return [heading, html.Div(_of_table(request) if figure is None else _of_figure(figure, request), className="strip")]


def tour_strip(request: Request) -> list[Component]:
    """The scene of the tour that is shown: what is seen, a question, answers to choose from, and what is revealed."""
    if not request.scene:
        return []
    scene, number = tour.SCENES[request.scene - 1], request.scene
    ways = [
        _way("Back", scene_link(number - 1), "tour-back") if number > 1 else None,
        _way("Next", scene_link(number + 1), "tour-next") if number < len(tour.SCENES) else None,
        _way("Leave", "?", "tour-leave"),
    ]
    options = [
        html.Button(words, className="tour-option", type="button", **{"aria-pressed": "false", "data-right": right})
        for words, right in ((one, "yes" if at == scene.right else "no") for at, one in enumerate(scene.options))
    ]
    return [
        html.Div(
            [
                html.H2([html.Span(f"{number}/{len(tour.SCENES)} "), scene.title], tabIndex=-1),
                html.Nav([way for way in ways if way], className="tour-ways", **{"aria-label": "Scenes of the tour"}),
            ],
            className="tour-head",
        ),
        html.P([f"{scene.told} ", html.Strong(scene.question)]),
        html.Div(
            [
                html.Div(options, className="tour-options", role="group", **{"aria-label": "Your prediction"}),
                html.Details(
                    [
                        html.Summary("Reveal"),
                        html.P(
                            [html.Strong(className="tour-said"), f"{scene.revealed} ", html.Em(f"Try: {scene.trial}")],
                            role="status",
                        ),
                    ]
                ),
            ],
            className="tour-answers",
        ),
    ]


def _way(words: str, href: str, name: str) -> Component:
    return html.A(words, href=href, className=name)


def _of_figure(figure: paper.Figure, request: Request) -> list[Component]:
    letters = [
        _link(
            f"({panel.letter})",
            figure_link(figure.number, panel.letter),
            panel.letter == request.panel,
            f"{figure.name}({panel.letter})",
        )
        for panel in figure.panels
    ]
    return [
        html.H2(f"{figure.name} · {figure.title}"),
        html.Nav(letters, className="picker", **{"aria-label": f"Panels of {figure.name}"}),
        html.P(f"{_whose(figure.has_study, as_published(figure, request.spec))}{figure.remark}", className="note"),
    ]


def _of_table(request: Request) -> list[Component]:
    number = paper.DOMAIN_TABLE.get(request.spec.domain)
    kept = {"seeds": request.seeds, "batch_seed": request.spec.batch_seed, "dtype": request.spec.dtype}
    own = start(request).typical.replace(**kept)
    return [
        html.H2(f"Table {number} · six activation functions, {request.spec.domain} domain"),
        html.P(
            _whose(True, request.typical == own)
            + "▼ minima of the loss, ◆ NN-GPPs, ★ true optima of the full batch; totals over four lines.",
            className="note",
        ),
    ]


def _whose(has_study: bool, as_published: bool) -> str:
    if not has_study:
        return ""
    if as_published:
        return "Settings as in the paper; seeds are ours, as the authors published none. "
    return "Settings changed: the paper has no number for them. "


def _link(words: str, href: str, current: bool, name: str) -> Component:
    """A link to a place of the page; the browser's own code follows it without loading the page again."""
    return html.A(
        words,
        href=href,
        className="current" if current else "",
        title=name,
        **{"aria-label": name},
        **({"aria-current": "page"} if current else {}),
    )


def box(name: str, children: Component) -> Component:
    """What only some views have."""
    return html.Div(children, id=name, hidden=LOOK["view"] not in BOXES[name][0])


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
        debounce=True,  # and when it rests: assets/typed.js
        clampBehavior="none",
        **{"allowNegative": False, **more},
    )
    return _part(field, _explained(box, text.GLOSSARY[field]))


def _part(field: str, control: Component) -> Component:
    """A control, marked so that a link can take it off the page."""
    return html.Div(control, **{"data-part": field})


def _switch(field: str, choices: dict[str, str], **more: Any) -> Component:  # noqa: ANN401  dmc's own attributes
    return dmc.SegmentedControl(
        id=field,
        value=LOOK[field],
        data=[{"value": value, "label": label} for value, label in choices.items()],
        fullWidth=True,
        size="xs",
        **more,
    )


def help_button(title: str, explanation: str) -> Component:
    """A question mark that explains what stands beside it."""
    about = {"aria-label": f"About: {title}", EXPLANATION: explanation}
    return dmc.ActionIcon("?", variant="default", size=18, radius="xl", **about)


def _explained(what: Component, explanation: str) -> Component:
    """A component with its explanation, which assets/explain.js shows."""
    return html.Div(what, **{EXPLANATION: explanation})


def _slider(field: str, low: int, high: int, value: int, label: str, step: int = 1) -> Component:
    return dmc.Slider(
        id=field, min=low, max=high, step=step, value=value, updatemode="mouseup", thumbLabel=label, size="sm"
    )
