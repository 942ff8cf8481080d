"""Strip above the pictures of Compare: what is seen, three figures, and a button that puts the words away."""

from __future__ import annotations

from dash import html
from dash.development.base_component import Component

from app.page import ids
from app.page.rail.parts import DEFAULTS, help_button
from app.panels import intro, text
from app.state.view_state import ViewState

COUNTED = {"minima": "apparent minima", "nngpps": "sign changes"}

DISTANCE = "median distance from true"


def intro_strip() -> Component:
    """Build the strip with the words that the page opens with."""
    words = {**dict.fromkeys(intro.PLACES, intro.NOT_YET), **intro.introduce(ViewState(DEFAULTS), None)}

    def part(place: str, kind: type[Component] = html.Span, **more: str) -> Component:
        return kind(words[place], id=ids.intro(place), **more)

    explained = help_button(DISTANCE, text.GLOSSARY["compare-intro"], id=ids.intro("explanation"))
    figures = [
        html.Div(
            [
                html.Dt(COUNTED[kind]),
                html.Dd([part(kind, html.B), " ", part(f"{kind}-true")]),
                html.Dd([f"{DISTANCE} ", part(f"{kind}-distance", html.B), explained if kind == "nngpps" else None]),
            ]
        )
        for kind in intro.KINDS
    ]
    return html.Section(
        [
            html.P(
                [
                    html.Strong(intro.LEAD),
                    " ",
                    html.Span([part("setting"), part("size", html.B), part("rest"), f" {intro.NNGPPS}"]),
                ],
            ),
            html.Dl(figures),
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
