"""Links: the whole state of the page in the address, and what they do to the controls."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.callbacks.choice import choose
from app.jobs.service import Service
from app.page import ids
from app.page.rail.boxes import list_hidden_fields
from app.page.rail.parts import DEFAULTS, FIELDS, LINK_DEFAULTS, VIEW_DEFAULTS
from app.state.permalink import (
    LONGEST,
    PARAMETERS,
    STUDY,
    figure_link,
    find_start,
    follow,
    parse,
    table_link,
    write,
    write_cited_link,
)
from app.state.view_state import CHOICES, LIMITS, ON_THE_PLANE, VIEW_FIELDS, ViewState
from app.views import VIEWS
from landscape_core import SpecError, StudySpec
from landscape_core.geometry.directions import DOMAINS
from landscape_core.line_search import METHODS
from landscape_core.paper import published
from landscape_core.study.spec import REGISTRIES, SAFE_INTEGER

PANELS = [(figure.number, panel.letter) for figure in published.FIGURES.values() for panel in figure.panels]
START = {name: getattr(DEFAULTS, name) for name in FIELDS}


@pytest.mark.parametrize(("number", "letter"), PANELS)
def test_the_link_of_a_panel_leads_to_it(service: Service, number: int, letter: str) -> None:
    changed = {**START, "seed": 5, "activation": "elu", "range": 7.5}
    link = figure_link(number, letter)
    assert link == f"?figure={number}&panel={letter}"
    answer = choose(service, ids.ADDRESS, changed, {**VIEW_DEFAULTS, "source": "full"}, link)
    request = answer["request"]
    assert (request.view, request.figure, request.panel) == ("figures", number, letter)
    assert request.spec == published.find_figure(number).base.replace(draws=0)
    own = published.find_figure(number).base
    # the draws have a control of their own, which figures do not use
    assert answer["fields"] == {**{name: getattr(own, name) for name in FIELDS}, "draws": DEFAULTS.draws}
    assert answer["look"] == {**VIEW_DEFAULTS, **LINK_DEFAULTS, "view": "figures", "figure": number, "panel": letter}
    assert (answer["errors"], answer["message"]) == ({}, "")
    assert answer["link"] == f"{link}&v=1"


@pytest.mark.parametrize(("domain", "number"), published.DOMAIN_TABLE.items())
def test_the_link_of_a_table_leads_to_it(service: Service, domain: str, number: int) -> None:
    answer = choose(service, ids.ADDRESS, {**START, "seed": 5, "batch_size": 3}, VIEW_DEFAULTS, table_link(number))
    request = answer["request"]
    assert (request.view, request.spec) == ("tables", StudySpec(domain=domain, draws=0))
    assert answer["link"] == f"{table_link(number)}&v=1"


@pytest.mark.parametrize("number", published.FIGURES)
def test_the_link_of_a_figure_alone_leads_to_its_first_panel(number: int) -> None:
    assert figure_link(number) == f"?figure={number}"
    assert parse(figure_link(number)) == parse(figure_link(number, "a"))


def test_a_link_matters_only_when_it_is_what_was_used(service: Service) -> None:
    answer = choose(service, ids.ACTIVATION, {**START, "activation": "elu"}, VIEW_DEFAULTS, "?figure=9&panel=g")
    assert answer["request"].view == "compare"
    assert answer["fields"]["activation"] == "elu"
    assert answer["link"] == "?activation=elu&v=1"


def test_an_empty_link_is_the_page_as_it_opens(service: Service) -> None:
    for query in (None, "", "?", "?&", "&&"):
        assert parse(query) == ViewState(StudySpec())
        answer = choose(service, None, {**START, "seed": 5}, VIEW_DEFAULTS, query)
        assert (answer["fields"], answer["message"], answer["link"]) == (START, "", "")


def test_what_is_cited_is_seen_from_the_same_side() -> None:
    stated = "seed=12735&batch_seed=0"
    assert write_cited_link("") == f"?batch_size=10&{stated}&v=1"
    assert write_cited_link("?hide=seed&profile=projector&seed=5") == "?batch_size=10&seed=5&batch_seed=0&v=1"
    assert (
        write_cited_link("?camera=1,2,0.5,0,0,-0.1&batch_size=1&v=1")
        == f"?batch_size=1&{stated}&camera=1,2,0.5,0,0,-0.1&v=1"
    )
    assert parse(write_cited_link("?camera=1,2,0.5,0,0,-0.1")) == parse("")
    with pytest.raises(SpecError, match="camera: got '1,2'"):
        write_cited_link("?camera=1,2")


def test_a_link_says_only_what_is_changed() -> None:
    assert write(ViewState(StudySpec(seed=5), "counts")) == "?view=counts&seed=5&v=1"
    assert write(ViewState(StudySpec(domain="local"))) == "?domain=local&range=2&v=1"
    assert write(ViewState(StudySpec(domain="local", range=20))) == "?domain=local&range=20&v=1"
    assert parse("?domain=local").spec.range == 2
    figure = find_start(parse("?figure=9"))
    assert write(ViewState(figure.spec.replace(seed=5), "figures", figure=9)) == "?figure=9&panel=a&seed=5&v=1"
    assert parse("?figure=12&domain=global").spec.range == 20
    assert parse("?figure=9&batch_size=1").spec.activation == "relu"


def test_every_field_of_a_study_and_of_a_look_is_in_the_link() -> None:
    assert set(STUDY) == set(StudySpec.model_fields) - {"dtype"}
    assert set(VIEW_FIELDS) <= set(PARAMETERS)


@st.composite
def requests(draw: st.DrawFn) -> ViewState:
    """Any request at all that the page can come to."""

    def one(names: Any) -> Any:
        return draw(st.sampled_from(sorted(names)))

    def whole(low: int, high: int) -> int:
        return draw(st.integers(low, high))

    width = draw(st.floats(1e-3, 1e4))
    number, letter = draw(st.sampled_from(PANELS))
    named = {name: one(entries) for name, entries in REGISTRIES.items()}
    spec = StudySpec(
        **named,
        start_point="trained" if DOMAINS[named["domain"]].of_path else one(("auto", "trained")),
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
    looks[one(("scene", "exercise"))] = 0  # never both
    looks["racers"] = draw(st.lists(st.sampled_from(tuple(METHODS)), min_size=1, unique=True))
    looks = {name: max(-width, min(width, value)) if name in ON_THE_PLANE else value for name, value in looks.items()}
    return ViewState(
        spec,
        **looks,
        angle=draw(st.floats(-360, 360)),
        figure=number,
        panel=letter,
    )


@settings(max_examples=200)
@given(requests())
def test_a_state_survives_its_way_through_a_link(request: ViewState) -> None:
    link = write(request)
    assert len(link) <= LONGEST
    back = parse(link)
    if request.view != "figures" and not (
        request.scene or request.exercise
    ):  # which figure was seen last is not part of another view
        assert (back.figure, back.panel) == (1, "a")
        request = request.replace(figure=1, panel="a")
    assert back == request
    assert write(back) == link


def test_another_view_inside_a_scene_is_in_its_link() -> None:
    scene = parse("?scene=7")
    race = scene.replace(view="race", line="d2")
    assert write(race) == "?scene=7&view=race&line=d2&v=1"
    assert parse(write(race)) == race
    figure = parse("?scene=1").replace(figure=9, panel="g")
    assert write(figure) == "?scene=1&figure=9&panel=g&v=1"
    assert parse(write(figure)) == figure


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests())
def test_the_page_writes_at_most_500_characters_and_keeps_what_is_seen(service: Service, request: ViewState) -> None:
    within = {"resolution": 123, "line_points": 1234, "draws": 1234}  # the budget of a page
    held = {name: within.get(name, getattr(request.spec, name)) for name in FIELDS}
    look = {name: getattr(request, name) for name in {*VIEW_DEFAULTS, *LINK_DEFAULTS}} | {
        "seeds": min(request.seeds, 20)
    }
    answer = choose(service, ids.ACTIVATION, held, {**look, "racers": list(request.racers)})
    assume(answer["link"] or ("do not suit the loss" not in answer["message"] and "Too large" not in answer["message"]))
    assert answer["link"], answer["message"]
    assert len(answer["link"] + "&camera=-1.123,-1.345,-0.789,0.041,0.002,-0.123&profile=projector") <= 500
    back = parse(answer["link"])
    unseen = list_hidden_fields(request.view)
    if "problem" not in VIEWS[request.view].controls and request.spec.domain not in published.DOMAIN_TABLE:
        held |= {"domain": "global", "range": 20.0}  # the paper's own figures and tables are on its planes
    assert {name: getattr(back.spec, name) for name in FIELDS if name not in unseen} == {
        name: held[name] for name in FIELDS if name not in unseen
    }
    assert {name: getattr(back, name) for name in VIEW_DEFAULTS if name not in unseen} == {
        name: look[name] for name in VIEW_DEFAULTS if name not in unseen
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
    looks |= {"angle": -27.1234} | {name: high for name, (_, high) in LIMITS.items()}
    looks |= {"scene": 0, "exercise": 0}
    looks["seeds"] = 500
    looks["racers"] = max(combinations(METHODS, len(METHODS) - 1), key=lambda names: len("".join(names)))
    shown = {name: value for name, value in looks.items() if name not in list_hidden_fields(view)} | {"view": view}
    link = write(ViewState(spec, **shown))
    assert len(link + "&camera=-1.123,-1.345,-0.789,0.041,0.002,-0.123&profile=projector&hide=seed,race") <= 500


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?figure=0", "figure: got 0; allowed: a whole number from 1 to 19"),
        ("?figure=20", "figure: got 20; allowed: a whole number from 1 to 19"),
        ("?figure=-1", "figure: got -1; allowed: a whole number from 1 to 19"),
        ("?figure=1e1", "figure: got '1e1'; allowed: a whole number from 1 to 19"),
        ("?figure=９", "figure: got '９'; allowed: a whole number from 1 to 19"),
        ("?figure=", "figure: got ''; allowed: a whole number from 1 to 19"),
        ("?figure=100", "figure: got 100; allowed: a whole number from 1 to 19"),
        ("?figure=+9", "figure: got ' 9'; allowed: a whole number from 1 to 19"),
        ("?figure=4&panel=b", "panel: got 'b'; allowed: one of a"),
        ("?figure=9&panel=", "panel: got ''; allowed: one of a, b, c, d, e, f, g, h"),
        ("?figure=9&panel=G", "panel: got 'G'; allowed: one of a, b, c, d, e, f, g, h"),
        ("?figure=17&panel=c", "panel: got 'c'; allowed: one of a, b"),
        ("?panel=a", "panel: got 'a'; allowed: only with a figure, as in ?figure=9&panel=g"),
        ("?figure=1&figure=2", "link: got '?figure=1&figure=2'; allowed: each parameter once"),
        ("?figure=1&panel=a&panel=a", "link: got '?figure=1&panel=a&panel=a'; allowed: each parameter once"),
        ("?view=compare&view=static", "link: got '?view=compare&view=static'; allowed: each parameter once"),
        ("?figure=9&seeed=1", "seeed: got '1'; allowed: nothing: a link has no such parameter; perhaps seed"),
        ("?dtype=float32", "dtype: got 'float32'; allowed: nothing: a link has no such parameter; perhaps table_dtype"),
        ("?seed=x", "seed: got 'x'; allowed: a whole number from 0 to 9,007,199,254,740,991"),
        ("?seed=1.0", "seed: got '1.0'; allowed: a whole number from 0 to 9,007,199,254,740,991"),
        ("?seed=", "seed: got ''; allowed: a whole number from 0 to 9,007,199,254,740,991"),
        ("?range=nan", "range: got 'nan'; allowed: a number from 1e-12 to 1,000,000"),
        ("?range=2&view=variance&at_d1=3", "at_d1: got 3.0; allowed: a number from −2 to 2: on the plane"),
        ("?seeds=0&table=1", "seeds: got 0; allowed: a whole number from 1 to 10,000"),
        ("?table=3", "table: got 3; allowed: one of 1, 2"),
        ("?table=one", "table: got 'one'; allowed: one of 1, 2"),
        ("?table=1&domain=local", "domain: got 'local'; allowed: nothing beside table: the table decides it"),
        ("?table=1&panel=a", "panel: got 'a'; allowed: only with a figure, as in ?figure=9&panel=g"),
        ("?figure=9&view=nothing", "view: got 'nothing'; allowed: nothing beside figure: a link starts at one place"),
        ("?figure=9&table=1", "table: got '1'; allowed: nothing beside figure: a link starts at one place"),
        ("?scene=17", "scene: got 17; allowed: a whole number from 1 to 16"),
        ("?scene=0", "scene: got 0; allowed: a whole number from 1 to 16"),
        ("?scene=1&table=2", "table: got '2'; allowed: nothing beside scene: a link starts at one place"),
        ("?scene=1&figure=20", "figure: got 20; allowed: a whole number from 1 to 19"),
        ("?scene=5&view=nothing", "view: got 'nothing'; allowed: one of " + ", ".join(CHOICES["view"])),
        ("?hide=max_samples", "hide: got 'max_samples'; allowed: controls and views, separated by commas"),
        ("?camera=1,2", "camera: got '1,2'; allowed: six numbers below 100: of the eye and of what it looks at"),
        (
            "?camera=1,2,3,4,5,x",
            "camera: got '1,2,3,4,5,x'; allowed: six numbers below 100: of the eye and of what it looks at",
        ),
        ("?profile=cinema", "profile: got 'cinema'; allowed: one of screen, projector"),
        ("?hide=seed,sead", "hide: got 'sead'; allowed: controls and views, separated by commas; perhaps seed"),
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
def test_what_is_not_allowed_in_a_link_is_named(query: str, said: str) -> None:
    with pytest.raises(SpecError) as caught:
        parse(query)
    assert str(caught.value) == said


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?seed=9&v=2", "v: got '2'; allowed: 1: the link was written by another version of Batchscape."),
        ("?seed=1&seed=2", "link: got '?seed=1&seed=2'; allowed: each parameter once."),
        ("?seed=9&hide=" + "x" * 990, "link: got '?seed=9&hide=" + "x" * 65 + "…; allowed: at most 1000 characters."),
    ],
)
def test_a_link_of_which_nothing_is_used_changes_nothing(service: Service, query: str, said: str) -> None:
    changed, look = (
        {**START, "seed": 5, "range": 7.5},
        {**VIEW_DEFAULTS, **LINK_DEFAULTS, "source": "full", "figure": 3, "panel": "b"},
    )
    answer = choose(service, ids.ADDRESS, changed, look, query)
    assert answer["message"] == f"None of this link is used. {said} Correct the link, or use the controls."
    assert (answer["fields"], answer["look"], answer["errors"], answer["left_out"]) == (changed, look, {}, ())
    request = answer["request"]
    assert (request.view, request.spec) == ("compare", StudySpec(seed=5, range=7.5, draws=0))
    assert answer["link"] is None


@pytest.mark.parametrize(
    ("query", "left_out", "same", "said"),
    [
        (
            "?batch_size=0&view=static&seed=7",
            ("batch_size",),
            "?view=static&seed=7&v=1",
            "batch_size=0 (allowed: a whole number from 1 to the number of samples). The rest of it is used.",
        ),
        (
            "?batch_size=99999&line=d9&seed=7",
            ("batch_size", "line"),
            "?seed=7&v=1",
            "batch_size=99999 (allowed: a whole number from 1 to 150 (all samples)); "
            "line=d9 (allowed: one of d1, d2, d1+d2, d1-d2). The rest of it is used.",
        ),
        (
            "?seeed=1&seed=7&v=1",
            ("seeed",),
            "?seed=7&v=1",
            "seeed=1 (a link has no such parameter; perhaps seed). The rest of it is used.",
        ),
        (
            "?scene=17&v=1",
            ("scene",),
            "",
            "scene=17 (allowed: a whole number from 1 to 16). The page is shown as it opens.",
        ),
        (
            "?figure=20&panel=b",
            ("figure", "panel"),
            "",
            "figure=20 (allowed: a whole number from 1 to 19); panel=b (allowed: only with a figure, as in "
            "?figure=9&panel=g). The page is shown as it opens.",
        ),
        (
            "?figure=9&table=1",
            ("table",),
            "?figure=9&panel=a&v=1",
            "table=1 (allowed: nothing beside figure: a link starts at one place). The rest of it is used.",
        ),
        (
            "?hide=everything&view=race",
            ("hide",),
            "?view=race&v=1",
            "hide=everything (allowed: controls and views, separated by commas). The rest of it is used.",
        ),
        (
            "?camera=1,2&profile=cinema&seed=7",
            ("camera", "profile"),
            "?seed=7&v=1",
            "camera=1,2 (allowed: six numbers below 100: of the eye and of what it looks at); profile=cinema "
            "(allowed: one of screen, projector). The rest of it is used.",
        ),
        (
            "?a=" + "y" * 100 + "&b=2&c=3&d=4&e=5",
            ("a", "b", "c", "d", "e"),
            "",
            "a=" + "y" * 60 + " (a link has no such parameter); b=2 (a link has no such parameter); "
            "c=3 (a link has no such parameter); and 2 more. The page is shown as it opens.",
        ),
    ],
)
def test_what_is_allowed_of_a_link_is_used_and_the_rest_is_explained(
    service: Service, query: str, left_out: tuple[str, ...], same: str, said: str
) -> None:
    start = {**VIEW_DEFAULTS, **LINK_DEFAULTS}
    answer = choose(service, None, START, start, query)
    assert answer["message"] == f"Not used from this link: {said} Correct the link, or use the controls."
    assert answer["left_out"] == left_out
    assert answer["link"] == same
    assert {**answer, "message": "", "left_out": ()} == choose(service, None, START, start, same)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(requests(), st.sampled_from(["batch_size=0", "seed=x", "nothing=1", "line=d3", "hide=x", "v=1", "panel=z"]))
def test_one_wrong_parameter_leaves_the_others(request: ViewState, wrong: str) -> None:
    name = wrong.split("=", maxsplit=1)[0]
    rest = [part for part in write(request).removeprefix("?").split("&") if part and part.split("=")[0] != name]
    state, refusal = follow("?" + "&".join([*rest, wrong]))
    kept, further = follow("?" + "&".join(rest))
    assert state == kept
    said = {*further.names} if further else set()  # of a problem that the page does not show
    assert ({*refusal.names} if refusal else set()) == said | ({name} if wrong != "v=1" else set())


@pytest.mark.parametrize("query", ["?figure=" + "1" * LONGEST, 5, ["?figure=1"]])
def test_what_is_no_query_is_refused(query: object) -> None:
    with pytest.raises(SpecError, match=f"allowed: at most {LONGEST} characters"):
        parse(query)
