"""Links: the whole state of the page in the address, and what they do to the controls."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import ids
from app.callbacks.choose import choose
from app.controls import DEFAULTS, FIELDS, LOOK, PICKED, hidden
from app.links import HIDEABLE, LONGEST, PARAMETERS, STUDY, cited, figure_link, parse, start, table_link, write
from app.service import Service
from app.state import CHOICES, LIMITS, LOOKS, ON_THE_PLANE, Request
from app.views import VIEWS
from landscape_core import SpecError, StudySpec, paper
from landscape_core.line_search import METHODS
from landscape_core.spec import REGISTRIES, SAFE_INTEGER

PANELS = [(figure.number, panel.letter) for figure in paper.FIGURES.values() for panel in figure.panels]
START = {name: getattr(DEFAULTS, name) for name in FIELDS}
ALL = ", ".join(PARAMETERS)


@pytest.mark.parametrize(("number", "letter"), PANELS)
def test_the_link_of_a_panel_leads_to_it(service: Service, number: int, letter: str) -> None:
    changed = {**START, "seed": 5, "activation": "elu", "range": 7.5}
    link = figure_link(number, letter)
    assert link == f"?figure={number}&panel={letter}"
    answer = choose(service, ids.ADDRESS, changed, {**LOOK, "source": "full"}, link)
    request = Request.from_dict(answer["request"])
    assert (request.view, request.figure, request.panel) == ("figures", number, letter)
    assert request.spec == paper.figure(number).base.replace(draws=0)
    own = paper.figure(number).base
    # the draws have a control of their own, which figures do not use
    assert answer["fields"] == {**{name: getattr(own, name) for name in FIELDS}, "draws": DEFAULTS.draws}
    assert answer["look"] == {**LOOK, **PICKED, "view": "figures", "figure": number, "panel": letter}
    assert (answer["errors"], answer["message"]) == ({}, "")
    assert answer["link"] == f"{link}&v=1"


@pytest.mark.parametrize(("domain", "number"), paper.DOMAIN_TABLE.items())
def test_the_link_of_a_table_leads_to_it(service: Service, domain: str, number: int) -> None:
    answer = choose(service, ids.ADDRESS, {**START, "seed": 5, "batch_size": 3}, LOOK, table_link(number))
    request = Request.from_dict(answer["request"])
    assert (request.view, request.spec) == ("tables", StudySpec(domain=domain, draws=0))
    assert answer["link"] == f"{table_link(number)}&v=1"


@pytest.mark.parametrize("number", paper.FIGURES)
def test_the_link_of_a_figure_alone_leads_to_its_first_panel(number: int) -> None:
    assert figure_link(number) == f"?figure={number}"
    assert parse(figure_link(number)) == parse(figure_link(number, "a"))


def test_a_link_matters_only_when_it_is_what_was_used(service: Service) -> None:
    answer = choose(service, ids.ACTIVATION, {**START, "activation": "elu"}, LOOK, "?figure=9&panel=g")
    assert answer["request"]["view"] == "compare"
    assert answer["fields"]["activation"] == "elu"
    assert answer["link"] == "?activation=elu&v=1"


def test_an_empty_link_is_the_page_as_it_opens(service: Service) -> None:
    for query in (None, "", "?", "?&", "&&"):
        assert parse(query) == Request(StudySpec())
        answer = choose(service, None, {**START, "seed": 5}, LOOK, query)
        assert (answer["fields"], answer["message"], answer["link"]) == (START, "", "")


def test_what_is_cited_is_seen_from_the_same_side() -> None:
    assert cited("") == "?v=1"
    assert cited("?hide=seed&profile=projector&seed=5") == "?seed=5&v=1"
    assert cited("?camera=1,2,0.5,0,0,-0.1&batch_size=1&v=1") == "?batch_size=1&camera=1,2,0.5,0,0,-0.1&v=1"
    assert parse(cited("?camera=1,2,0.5,0,0,-0.1")) == parse("")
    with pytest.raises(SpecError, match="camera: got '1,2'"):
        cited("?camera=1,2")


def test_a_link_says_only_what_is_changed() -> None:
    assert write(Request(StudySpec(seed=5), "chances")) == "?view=chances&seed=5&v=1"
    assert write(Request(StudySpec(domain="local"))) == "?domain=local&range=2&v=1"
    assert write(Request(StudySpec(domain="local", range=20))) == "?domain=local&range=20&v=1"
    assert parse("?domain=local").spec.range == 2
    figure = start(parse("?figure=9"))
    assert write(Request(figure.spec.replace(seed=5), "figures", figure=9)) == "?figure=9&panel=a&seed=5&v=1"
    assert parse("?figure=12&domain=global").spec.range == 20
    assert parse("?figure=9&batch_size=1").spec.activation == "relu"


def test_every_field_of_a_study_and_of_a_look_is_in_the_link() -> None:
    assert set(STUDY) == set(StudySpec.model_fields) - {"dtype"}
    assert set(LOOKS) <= set(PARAMETERS)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Any request at all that the page can come to."""

    def one(names: Any) -> Any:
        return draw(st.sampled_from(sorted(names)))

    def whole(low: int, high: int) -> int:
        return draw(st.integers(low, high))

    width = draw(st.floats(1e-3, 1e4))
    number, letter = draw(st.sampled_from(PANELS))
    spec = StudySpec(
        **{name: one(entries) for name, entries in REGISTRIES.items()},
        output_activation=one(("same", "linear")),
        range=width,
        resolution=whole(2, 10_000),
        line_points=whole(3, 1_000_000),
        batch_size=whole(1, 150),
        draws=whole(0, 10_000_000),
        slope_angle=draw(st.floats(-360, 360)),
        seed=whole(0, SAFE_INTEGER),
        batch_seed=whole(0, SAFE_INTEGER),
    )
    looks = {name: one(names) for name, names in CHOICES.items()}
    looks |= {name: draw(st.floats(-width, width)).__round__(6) for name in ON_THE_PLANE}
    looks |= {name: whole(*limits) for name, limits in LIMITS.items()}
    looks["racers"] = draw(st.lists(st.sampled_from(tuple(METHODS)), min_size=1, unique=True))
    looks = {name: max(-width, min(width, value)) if name in ON_THE_PLANE else value for name, value in looks.items()}
    return Request(
        spec,
        **looks,
        angle=draw(st.floats(-360, 360)),
        figure=number,
        panel=letter,
        seeds=whole(1, 10_000),
    )


@settings(max_examples=200)
@given(requests())
def test_a_state_survives_its_way_through_a_link(request: Request) -> None:
    link = write(request)
    assert len(link) <= LONGEST
    back = parse(link)
    if request.view != "figures" and not request.scene:  # which figure was seen last is not part of another view
        assert (back.figure, back.panel) == (1, "a")
        request = replace(request, figure=1, panel="a")
    assert back == request
    assert write(back) == link


def test_another_view_inside_a_scene_is_in_its_link() -> None:
    scene = parse("?scene=7")
    race = replace(scene, view="race", line="d2")
    assert write(race) == "?scene=7&view=race&line=d2&v=1"
    assert parse(write(race)) == race
    figure = replace(parse("?scene=1"), figure=9, panel="g")
    assert write(figure) == "?scene=1&figure=9&panel=g&v=1"
    assert parse(write(figure)) == figure


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests())
def test_the_page_writes_at_most_500_characters_and_keeps_what_is_seen(service: Service, request: Request) -> None:
    within = {"resolution": 123, "line_points": 1234, "draws": 1234}  # the budget of a page
    held = {name: within.get(name, getattr(request.spec, name)) for name in FIELDS}
    look = {name: getattr(request, name) for name in {*LOOK, *PICKED}} | {"seeds": min(request.seeds, 20)}
    answer = choose(service, ids.ACTIVATION, held, {**look, "racers": list(request.racers)})
    assert answer["link"], answer["message"]
    assert len(answer["link"] + "&camera=-1.123,-1.345,-0.789,0.041,0.002,-0.123&profile=projector") <= 500
    back = parse(answer["link"])
    unseen = hidden(request.view)
    assert {name: getattr(back.spec, name) for name in FIELDS if name not in unseen} == {
        name: held[name] for name in FIELDS if name not in unseen
    }
    assert {name: getattr(back, name) for name in LOOK if name not in unseen} == {
        name: look[name] for name in LOOK if name not in unseen
    }


@pytest.mark.parametrize("view", VIEWS)
def test_links_of_all_that_a_view_has_are_short(view: str) -> None:
    """With every control changed that is seen there, a camera, a projector's size and a part taken off the page."""
    spec = StudySpec(
        activation="leaky_relu", domain="local", range=2.5, resolution=150, line_points=250, batch_size=149
    )
    spec = spec.replace(draws=200, slope_angle=135.5, seed=123456789, batch_seed=999999, scaling="standardised")
    spec = spec.replace(output_activation="linear")
    looks: dict[str, Any] = {name: names[-1] for name, names in CHOICES.items()} | dict.fromkeys(ON_THE_PLANE, -1.2345)
    looks |= {"angle": -27.1234, "seeds": 500} | {name: high for name, (_, high) in LIMITS.items() if name != "scene"}
    looks["racers"] = max(combinations(METHODS, len(METHODS) - 1), key=lambda names: len("".join(names)))
    shown = {name: value for name, value in looks.items() if name not in hidden(view)} | {"view": view}
    link = write(Request(spec, **shown))
    assert len(link + "&camera=-1.123,-1.345,-0.789,0.041,0.002,-0.123&profile=projector&hide=seed,race") <= 500


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?figure=0", "figure: got 0; allowed: a whole number from 1 to 18"),
        ("?figure=19", "figure: got 19; allowed: a whole number from 1 to 18"),
        ("?figure=-1", "figure: got -1; allowed: a whole number from 1 to 18"),
        ("?figure=1e1", "figure: got '1e1'; allowed: a whole number from 1 to 18"),
        ("?figure=９", "figure: got '９'; allowed: a whole number from 1 to 18"),
        ("?figure=", "figure: got ''; allowed: a whole number from 1 to 18"),
        ("?figure=100", "figure: got 100; allowed: a whole number from 1 to 18"),
        ("?figure=+9", "figure: got ' 9'; allowed: a whole number from 1 to 18"),
        ("?figure=4&panel=b", "panel: got 'b'; allowed: one of a"),
        ("?figure=9&panel=", "panel: got ''; allowed: one of a, b, c, d, e, f, g, h"),
        ("?figure=9&panel=G", "panel: got 'G'; allowed: one of a, b, c, d, e, f, g, h"),
        ("?figure=17&panel=c", "panel: got 'c'; allowed: one of a, b"),
        ("?panel=a", "panel: got 'a'; allowed: only with a figure, as in ?figure=9&panel=g"),
        ("?figure=1&figure=2", "link: got '?figure=1&figure=2'; allowed: each parameter once"),
        ("?figure=1&panel=a&panel=a", "link: got '?figure=1&panel=a&panel=a'; allowed: each parameter once"),
        ("?view=compare&view=static", "link: got '?view=compare&view=static'; allowed: each parameter once"),
        ("?figure=9&seeed=1", f"seeed: got '1'; allowed: nothing: a link has the parameters {ALL}"),
        ("?dtype=float32", f"dtype: got 'float32'; allowed: nothing: a link has the parameters {ALL}"),
        ("?seed=x", "seed: got 'x'; allowed: a whole number from 0 to 9,007,199,254,740,991"),
        ("?seed=1.0", "seed: got '1.0'; allowed: a whole number from 0 to 9,007,199,254,740,991"),
        ("?seed=", "seed: got ''; allowed: a whole number from 0 to 9,007,199,254,740,991"),
        (
            "?range=nan",
            "range: got 'nan'; allowed: a number above 0, at most 1,000,000; leave it out for the domain's own",
        ),
        ("?range=2&view=variance&at_d1=3", "at_d1: got 3.0; allowed: a number from −2 to 2: on the plane"),
        ("?seeds=0&table=1", "seeds: got 0; allowed: a whole number from 1 to 10,000"),
        ("?table=3", "table: got 3; allowed: one of 1, 2"),
        ("?table=one", "table: got 'one'; allowed: one of 1, 2"),
        ("?table=1&domain=local", "domain: got 'local'; allowed: nothing beside table: the table decides it"),
        ("?table=1&panel=a", "panel: got 'a'; allowed: only with a figure, as in ?figure=9&panel=g"),
        ("?figure=9&view=nothing", "view: got 'nothing'; allowed: nothing beside figure: a link starts at one place"),
        ("?figure=9&table=1", "table: got '1'; allowed: nothing beside figure: a link starts at one place"),
        ("?scene=13", "scene: got 13; allowed: a whole number from 1 to 12"),
        ("?scene=0", "scene: got 0; allowed: a whole number from 1 to 12"),
        ("?scene=1&table=2", "table: got '2'; allowed: nothing beside scene: a link starts at one place"),
        ("?scene=1&figure=19", "figure: got 19; allowed: a whole number from 1 to 18"),
        ("?scene=5&view=nothing", "view: got 'nothing'; allowed: one of " + ", ".join(CHOICES["view"])),
        ("?hide=dataset", "hide: got 'dataset'; allowed: names separated by commas, out of " + ", ".join(HIDEABLE)),
        ("?camera=1,2", "camera: got '1,2'; allowed: six numbers below 100: of the eye and of what it looks at"),
        (
            "?camera=1,2,3,4,5,x",
            "camera: got '1,2,3,4,5,x'; allowed: six numbers below 100: of the eye and of what it looks at",
        ),
        ("?profile=cinema", "profile: got 'cinema'; allowed: one of screen, projector"),
        (
            "?hide=seed,nothing",
            "hide: got 'nothing'; allowed: names separated by commas, out of " + ", ".join(HIDEABLE),
        ),
        ("?angle=400", "angle: got 400.0; allowed: a number of degrees from −360 to 360"),
        ("?budget=0", "budget: got 0; allowed: a whole number from 1 to 100"),
        ("?race_step=101", "race_step: got 101; allowed: a whole number from 0 to 100"),
        ("?race_step=two", "race_step: got 'two'; allowed: a whole number from 0 to 100"),
        ("?racers=gols_i,newton", f"racers: got 'newton'; allowed: at least one of {', '.join(METHODS)}"),
        ("?racers=", f"racers: got ''; allowed: at least one of {', '.join(METHODS)}"),
        ("?racers=armijo,armijo", f"racers: got 'armijo'; allowed: each once, at least one of {', '.join(METHODS)}"),
        ("?v=2", "v: got '2'; allowed: 1: the link was written by another version of Batchscape"),
        (
            "?view=nothing",
            "view: got 'nothing'; allowed: one of " + ", ".join(CHOICES["view"]),
        ),
        ("?view=" + "x" * 9994, "link: got '?view=" + "x" * 72 + "…; allowed: at most 1000 characters"),
    ],
)
def test_a_bad_link_is_explained_and_changes_nothing(service: Service, query: str, said: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse(query)
    assert str(caught.value) == said
    changed, look = {**START, "seed": 5, "range": 7.5}, {**LOOK, **PICKED, "source": "full", "figure": 3, "panel": "b"}
    answer = choose(service, ids.ADDRESS, changed, look, query)
    assert answer["message"] == f"The link is not followed. {said}"
    assert (answer["fields"], answer["look"], answer["errors"]) == (changed, look, {})
    request = Request.from_dict(answer["request"])
    assert (request.view, request.spec) == ("compare", StudySpec(seed=5, range=7.5, draws=0))
    assert answer["link"] is None


@pytest.mark.parametrize("query", ["?figure=" + "1" * LONGEST, 5, ["?figure=1"]])
def test_what_is_no_query_is_refused(query: object) -> None:
    with pytest.raises(SpecError, match=f"allowed: at most {LONGEST} characters"):
        parse(query)
