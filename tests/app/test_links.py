"""Links to the paper's figures, and what they do to the controls."""

from __future__ import annotations

import pytest

from app import ids
from app.callbacks.choose import choose
from app.controls import DEFAULTS, FIELDS, LOOK
from app.links import LONGEST, figure_link, parse
from app.service import Service
from app.state import Request
from landscape_core import SpecError, StudySpec, paper

PANELS = [(figure.number, panel.letter) for figure in paper.FIGURES.values() for panel in figure.panels]
START = {name: getattr(DEFAULTS, name) for name in FIELDS}


@pytest.mark.parametrize(("number", "letter"), PANELS)
def test_the_link_of_a_panel_leads_to_it(service: Service, number: int, letter: str) -> None:
    changed = {**START, "seed": 5, "activation": "elu", "range": 7.5}
    link = figure_link(number, letter)
    assert link == f"?figure={number}&panel={letter}"
    assert parse(link)["look"] == {"view": "figures", "figure": number, "panel": letter}
    answer = choose(service, ids.ADDRESS, changed, LOOK, link)
    request = Request.from_dict(answer["request"])
    assert (request.view, request.figure, request.panel) == ("figures", number, letter)
    assert request.spec == paper.figure(number).base.replace(draws=0)
    own = paper.figure(number).base
    # the draws have a control of their own, which figures do not use
    assert answer["fields"] == {**{name: getattr(own, name) for name in FIELDS}, "draws": DEFAULTS.draws}
    assert answer["look"] == {**LOOK, "view": "figures", "figure": number, "panel": letter}
    assert (answer["errors"], answer["message"]) == ({}, "")


@pytest.mark.parametrize("number", paper.FIGURES)
def test_the_link_of_a_figure_alone_leads_to_its_first_panel(number: int) -> None:
    assert figure_link(number) == f"?figure={number}"
    assert parse(figure_link(number)) == parse(figure_link(number, "a"))


def test_a_link_matters_only_when_it_is_what_was_used(service: Service) -> None:
    answer = choose(service, ids.ACTIVATION, {**START, "activation": "elu"}, LOOK, "?figure=9&panel=g")
    assert answer["request"]["view"] == "compare"
    assert answer["fields"]["activation"] == "elu"


def test_a_figure_alone_shows_its_first_panel() -> None:
    assert parse("?figure=9")["look"] == {"view": "figures", "figure": 9, "panel": "a"}


def test_no_query_changes_nothing(service: Service) -> None:
    for query in (None, "", "?", "?&", "&&"):
        assert parse(query) == {}
        answer = choose(service, None, START, LOOK, query)
        assert (answer["fields"], answer["message"]) == (START, "")


def test_a_link_to_a_view_keeps_the_study(service: Service) -> None:
    answer = choose(service, None, {**START, "seed": 5}, LOOK, "?view=chances")
    assert answer["request"]["view"] == "chances"
    assert answer["request"]["spec"]["seed"] == 5


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?figure=0", "figure: got 0; allowed: a whole number from 1 to 18"),
        ("?figure=19", "figure: got 19; allowed: a whole number from 1 to 18"),
        ("?figure=-1", "figure: got '-1'; allowed: a whole number from 1 to 18"),
        ("?figure=1e1", "figure: got '1e1'; allowed: a whole number from 1 to 18"),
        ("?figure=９", "figure: got '９'; allowed: a whole number from 1 to 18"),
        ("?figure=", "figure: got ''; allowed: a whole number from 1 to 18"),
        ("?figure=100", "figure: got '100'; allowed: a whole number from 1 to 18"),
        ("?figure=+9", "figure: got ' 9'; allowed: a whole number from 1 to 18"),
        ("?figure=4&panel=b", "panel: got 'b'; allowed: one of a"),
        ("?figure=9&panel=", "panel: got ''; allowed: one of a, b, c, d, e, f, g, h"),
        ("?figure=9&panel=G", "panel: got 'G'; allowed: one of a, b, c, d, e, f, g, h"),
        ("?figure=17&panel=c", "panel: got 'c'; allowed: one of a, b"),
        ("?panel=a", "panel: got 'a'; allowed: only with a figure, as in ?figure=9&panel=g"),
        ("?figure=1&figure=2", "link: got '?figure=1&figure=2'; allowed: each parameter once"),
        ("?figure=1&panel=a&panel=a", "link: got '?figure=1&panel=a&panel=a'; allowed: each parameter once"),
        ("?view=compare&view=static", "link: got '?view=compare&view=static'; allowed: each parameter once"),
        ("?figure=9&seed=1", "seed: got '1'; allowed: nothing: a link has the parameters figure, panel, view"),
        ("?seed=1", "seed: got '1'; allowed: nothing: a link has the parameters figure, panel, view"),
        (
            "?view=nothing",
            "view: got 'nothing'; allowed: one of compare, moments, chances, variance, static, figures, gallery",
        ),
        ("?view=" + "x" * 9994, "link: got '?view=" + "x" * 72 + "…; allowed: at most 500 characters"),
    ],
)
def test_a_bad_link_is_explained_and_changes_nothing(service: Service, query: str, said: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse(query)
    assert str(caught.value) == said
    changed, look = {**START, "seed": 5, "range": 7.5}, {**LOOK, "source": "full", "figure": 3, "panel": "b"}
    answer = choose(service, ids.ADDRESS, changed, look, query)
    assert answer["message"] == f"The link is not followed. {said}"
    assert (answer["fields"], answer["look"], answer["errors"]) == (changed, look, {})
    request = Request.from_dict(answer["request"])
    assert (request.view, request.spec) == ("compare", StudySpec(seed=5, range=7.5, draws=0))


@pytest.mark.parametrize("query", ["?figure=" + "1" * LONGEST, 5, ["?figure=1"]])
def test_what_is_no_query_is_refused(query: object) -> None:
    with pytest.raises(SpecError, match=f"allowed: at most {LONGEST} characters"):
        parse(query)
