"""Strip above the views: a scene of the tour, its question and the answer; or an exercise, and what is measured for it."""

from __future__ import annotations

import json

from dash import html
from dash.development.base_component import Component

from app.page import ids
from app.panels import text
from app.state import permalink, tour
from app.state.exercises import EXERCISES, Measured
from app.state.permalink import exercise_link, scene_link
from app.state.view_state import ViewState

HIDES = {"marks": "hides-marks", "bars": "hides-bars"}
"""Classes of what gives the answer away."""

TAKEAWAYS = "Take-aways"


def tour_strip(state: ViewState) -> list[Component]:
    """Build the strip of the current scene; empty outside the tour."""
    if not state.scene:
        return []
    part, number = tour.find_part(state.scene)
    scene, count = part[number - 1], len(part)
    ways = [
        html.A("Back", href=scene_link(state.scene - 1), className="tour-back") if number > 1 else None,
        html.A("Next", href=scene_link(state.scene + 1), className="tour-next") if number < count else None,
        html.A("Exit tour", href=permalink.write(scene.state) or "?", className="tour-leave"),
    ]
    options = [
        html.Button(words, className="tour-option", type="button", **{"aria-pressed": "false", "data-right": right})
        for words, right in ((one, "yes" if at == scene.right else "no") for at, one in enumerate(scene.options))
    ]
    head = html.Div(
        [
            html.H2([html.Span(f"{number}/{count} "), scene.title], tabIndex=-1),
            html.Nav([way for way in ways if way], className="tour-ways", **{"aria-label": "Scenes of the tour"}),
        ],
        className="tour-head",
    )
    asked = html.Div(
        [
            html.Div(options, className="tour-options", role="group", **{"aria-label": "Your prediction"}),
            html.Button(
                "Reveal",
                className="tour-reveal",
                type="button",
                **{
                    "aria-expanded": "false",
                    "data-sets": json.dumps(scene.revealed),
                    "data-pair": scene.answered_by,
                },
            ),
        ],
        className="tour-asked",
    )
    answer = html.Div(
        [
            html.P([html.Strong(className="tour-said"), f"{scene.answer} ", html.Em(f"Try: {scene.try_next}")]),
            html.Button(TAKEAWAYS, className="tour-more", type="button", **{"aria-expanded": "false"})
            if scene.takeaways
            else None,
        ],
        className="tour-answer",
        hidden=True,
        role="status",
    )
    return [
        html.Div(
            [
                html.Div(
                    [head, html.P([f"{scene.caption} ", html.Strong(scene.question)]), asked], className="tour-scene"
                ),
                answer,
            ],
            className=" ".join(["tour-answers", *(HIDES[part] for part in scene.hides)]),
        ),
        *([_takeaways(scene.takeaways, others=part is tour.SCENES)] if scene.takeaways else []),
    ]


def _takeaways(sentences: tuple[str, ...], *, others: bool) -> Component:
    """Build the card with which a tour ends: what to keep in mind, and where to go on.

    `others` says whether scenes of other problems are still to come.
    """
    start = html.A(f"{len(tour.OTHERS)} scenes of other problems", href=scene_link(len(tour.SCENES) + 1))
    return html.Div(
        [
            html.H3(TAKEAWAYS),
            html.Ul([html.Li(one) for one in sentences]),
            html.P(
                [
                    "Go on: ",
                    html.A(f"{len(EXERCISES)} exercises", href=exercise_link(1)),
                    " that the page checks; ",
                    *([start, "; "] if others else []),
                    "the paper, ",
                    html.A(text.PAPER, href=text.ARXIV_LINK, target="_blank", rel="noopener noreferrer"),
                    ".",
                ]
            ),
        ],
        className="tour-card",
        hidden=True,
    )


def exercise_strip(number: int, measured: Measured | None) -> list[Component]:
    """Build the strip of an exercise."""
    exercise, count = EXERCISES[number - 1], len(EXERCISES)
    start = permalink.parse(exercise_link(number)).replace(exercise=0)
    ways = [
        html.A("Back", href=exercise_link(number - 1), className="tour-back") if number > 1 else None,
        html.A("Next", href=exercise_link(number + 1), className="tour-next") if number < count else None,
        html.A("Exit", href=permalink.write(start) or "?", className="tour-leave"),
    ]
    head = html.Div(
        [
            html.H2([html.Span(f"{number}/{count} "), exercise.title], tabIndex=-1, **{"data-kind": "Exercise"}),
            html.Nav([way for way in ways if way], className="tour-ways", **{"aria-label": "Exercises"}),
        ],
        className="tour-head",
    )
    hint = html.Details([html.Summary("Hint"), html.P(exercise.hint)], className="hint-on-demand")
    return [
        html.Div(
            [
                html.Div([head, html.P(html.Strong(exercise.task)), hint], className="tour-scene"),
                html.Div(
                    tell_measured(number, measured), id=ids.MEASURED, className="exercise-measured", role="status"
                ),
            ],
            className="tour-answers",
        )
    ]


def tell_measured(number: int, measured: Measured | None) -> list[Component]:
    """Tell what is measured, whether that is enough, and then what was learnt and where to go on."""
    reached = measured is not None and measured.reached
    verdict = html.Strong("✓ Reached. " if reached else "Not yet. " if measured else "", className="exercise-verdict")
    words = "Measuring …" if measured is None else measured.words
    last = number == len(EXERCISES)
    onward = "That was the last exercise." if last else html.A("Next exercise", href=exercise_link(number + 1))
    # its room is kept, so that nothing moves once it is reached
    return [
        html.P([verdict, words]),
        html.P([f"{EXERCISES[number - 1].learnt} ", onward], className="exercise-learnt", hidden=not reached),
    ]
