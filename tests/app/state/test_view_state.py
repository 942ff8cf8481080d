"""What a request may hold, and how it refuses anything else."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from app.page.rail.parts import LINK_DEFAULTS, VIEW_DEFAULTS
from app.state.view_state import CHOICES, VIEW_FIELDS, ViewName, ViewState, parse_spec
from app.views import VIEWS
from landscape_core import SpecError, StudySpec

SPEC = StudySpec(domain="local")
ON_THE_PLANE = "a number from −2 to 2: on the plane"


def test_views_and_their_names_agree() -> None:
    assert set(VIEWS) == set(get_args(ViewName))
    assert CHOICES["line"] == ("d1", "d2", "d1+d2", "d1-d2")
    assert all(view.name == name for name, view in VIEWS.items())


def test_the_page_begins_with_the_default_look() -> None:
    assert set(VIEW_FIELDS) == {*VIEW_DEFAULTS, *LINK_DEFAULTS}
    assert ViewState(SPEC) == ViewState(SPEC, **VIEW_DEFAULTS, **LINK_DEFAULTS)


@pytest.mark.parametrize(
    "look",
    [
        {},
        {"view": "variance", "line": "d1-d2", "at_d1": 2, "at_d2": -1.5},
        {"view": "figures", "figure": 17, "panel": "b"},
        {"view": "moments", "source": "full", "moments": "exact"},
    ],
)
def test_a_request_survives_its_way_to_the_page_and_back(look: dict[str, Any]) -> None:
    request = ViewState(SPEC, **look)
    assert ViewState.from_dict(request.to_dict()) == request
    assert set(request.to_dict()) == {"spec", *VIEW_FIELDS}


@pytest.mark.parametrize(
    ("look", "said"),
    [
        ({"view": "all"}, "view: got 'all'; allowed: one of " + ", ".join(CHOICES["view"])),
        ({"field": "sd"}, "field: got 'sd'; allowed: one of loss, slope, negative, below"),
        ({"through_d1": 2.5}, f"through_d1: got 2.5; allowed: {ON_THE_PLANE}"),
        ({"angle": 361}, "angle: got 361; allowed: a number of degrees from −360 to 360"),
        ({"angle": float("nan")}, "angle: got nan; allowed: a number of degrees from −360 to 360"),
        ({"step": -1}, "step: got -1; allowed: a whole number from 0 to 1,000,000"),
        ({"budget": True}, "budget: got True; allowed: a whole number from 1 to 100"),
        ({"race": 1.0}, "race: got 1.0; allowed: a whole number from 0 to 499"),
        ({"scene": 17}, "scene: got 17; allowed: a whole number from 0 to 16"),
        ({"source": None}, "source: got None; allowed: one of batch, full"),
        ({"moments": ["exact"]}, "moments: got ['exact']; allowed: one of sampled, exact"),
        ({"line": "d3"}, "line: got 'd3'; allowed: one of d1, d2, d1+d2, d1-d2"),
        ({"at_d1": 2.5}, f"at_d1: got 2.5; allowed: {ON_THE_PLANE}"),
        ({"at_d2": -2.5}, f"at_d2: got -2.5; allowed: {ON_THE_PLANE}"),
        ({"at_d1": ""}, f"at_d1: got ''; allowed: {ON_THE_PLANE}"),
        ({"at_d1": True}, f"at_d1: got True; allowed: {ON_THE_PLANE}"),
        ({"at_d2": float("nan")}, f"at_d2: got nan; allowed: {ON_THE_PLANE}"),
        ({"at_d2": float("-inf")}, f"at_d2: got -inf; allowed: {ON_THE_PLANE}"),
        ({"at_d2": 10**5000}, f"at_d2: got a value too long to show; allowed: {ON_THE_PLANE}"),
        ({"figure": 20}, "figure: got 20; allowed: a whole number from 1 to 19"),
        ({"figure": 17, "panel": "c"}, "panel: got 'c'; allowed: one of a, b"),
    ],
)
def test_what_is_not_allowed_is_named(look: dict[str, Any], said: str) -> None:
    with pytest.raises(SpecError) as caught:
        ViewState(SPEC, **look)
    assert str(caught.value) == said


def test_the_edge_is_on_the_plane() -> None:
    assert ViewState(SPEC, at_d1=2.0, at_d2=-2).at_d2 == -2


def test_places_are_kept_to_six_decimals() -> None:
    assert ViewState(SPEC, at_d1=0.12345678, angle=-0.00000001).at_d1 == 0.123457
    assert str(ViewState(SPEC, angle=-0.00000001).angle) == "0.0"


def test_a_study_from_the_page() -> None:
    assert parse_spec(SPEC.model_dump()) == SPEC
    for body in (None, [], {1: 2}):
        with pytest.raises(SpecError, match="allowed: an object with the fields of a study"):
            parse_spec(body)
