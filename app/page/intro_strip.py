"""Strip above the pictures of Compare: what is seen, three figures, and a button that puts the words away."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app.page import ids
from app.page.rail.parts import DEFAULTS, help_button
from app.panels import intro, text
from app.state.view_state import ViewState

COUNTS = (("minima", "apparent minima", "true-minima"), ("nngpps", "sign changes", "true-nngpps"))
"""A count's place, its label, and the place of the true number."""

DISTANCE = "median distance from true"


def intro_strip() -> Component:
    """Build the strip with the words that the page opens with."""
    words = {**dict.fromkeys(intro.PLACES, intro.NOT_YET), **intro.introduce(ViewState(DEFAULTS), None)}

    def part(place: str, kind: type[Component] = html.Span, **more: str) -> Component:
        return kind(words[place], id=ids.intro(place), **more)

    counts = [
        html.Div([html.Dt(label), html.Dd([part(place, html.B), " ", part(true)])]) for place, label, true in COUNTS
    ]
    explained = help_button(DISTANCE, text.GLOSSARY["compare-intro"], id=ids.intro("explanation"))
    distance = html.Div([html.Dt([DISTANCE, explained]), html.Dd(part("distance", html.B))])
    return html.Section(
        [
            html.P(
                [
                    html.Strong(intro.LEAD),
                    " ",
                    html.Span([part("setting"), part("size", html.B), part("rest"), f" {intro.NNGPPS}"]),
                ],
            ),
            html.Dl([*counts, distance]),
            html.Button(
                id=ids.INTRO_TOGGLE,
                className="intro-toggle",
                type="button",
                **{"aria-expanded": "true", "aria-controls": ids.INTRO, "aria-label": "Introduction"},
            ),
        ],
        id=ids.INTRO,
        className="intro",
        **{"aria-label": "Introduction"},
    )
