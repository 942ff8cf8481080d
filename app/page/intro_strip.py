"""Strip above the pictures of a view: what is seen; in Compare also figures, and a button that puts the words away."""

from __future__ import annotations

from collections.abc import Callable

from dash import html
from dash.development.base_component import Component

from app.page import ids
from app.page.rail.parts import DEFAULTS, help_button
from app.panels import intro, text
from app.state.view_state import ViewState
from app.views import View

COUNTED = {"minima": "apparent minima", "nngpps": "sign changes"}

DISTANCE = "median distance from true"


def intro_strip(view: View) -> Component:
    """Build the strip of a view with the words that the page opens with."""
    words = {**dict.fromkeys(intro.PLACES, intro.NOT_YET), **view.introduce(ViewState(DEFAULTS), None)}

    def part(place: str, kind: type[Component] = html.Span) -> Component:
        return kind(words[place], id=ids.intro(view.name, place))

    kinds = [html.B if place == "size" else html.Span for place in intro.SENTENCE]
    sentence = html.Span([part(place, kind) for place, kind in zip(intro.SENTENCE, kinds, strict=True)])
    return html.Section(
        [html.P([html.Strong(view.lead), " ", sentence]), *(_figures(view, part) if view.figures else [])],
        id=ids.intro_strip(view.name),
        className="intro",
        **{"aria-label": f"Introduction to {view.title}"},
    )


def _figures(view: View, part: Callable[..., Component]) -> list[Component]:
    """Build what is counted, and the button that leaves only that."""
    explained = help_button(DISTANCE, text.GLOSSARY["compare-intro"], id=ids.intro(view.name, "explanation"))
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
    toggle = html.Button(
        id=ids.INTRO_TOGGLE,
        className="intro-toggle",
        type="button",
        **{"aria-expanded": "true", "aria-controls": ids.intro_strip(view.name), "aria-label": "Introduction"},
    )
    return [html.Dl(figures), toggle]
