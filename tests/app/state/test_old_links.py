"""Links of version 1 keep their meaning: each gives the state that it gave when it was written.

`links_v1.json` maps links to states, written by the code of that time: the first holds the page as it opens, every other
what differs from it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.state.permalink import parse, write
from app.state.tour import SCENES
from app.state.view_state import CHOICES, ViewState
from landscape_core.paper import published

NEWER = {"spec.sampling": "without-replacement", "scales": "own", "arrows": "shown", "exercise": 0}
"""Fields that are newer than the links: those leave them as they open."""

STATES: dict[str, dict[str, Any]] = json.loads(Path(__file__).with_name("links_v1.json").read_text())


def flatten(state: ViewState) -> dict[str, Any]:
    fields = state.to_dict()
    spec = fields.pop("spec")
    return fields | {f"spec.{name}": value for name, value in spec.items()}


@pytest.mark.parametrize("link", STATES)
def test_an_old_link_gives_its_state(link: str) -> None:
    state = parse(link)
    scene = STATES[link].get("scene")
    if link == f"?scene={scene}&v=1":  # the link of a scene means that scene, whatever it shows by now
        assert flatten(state) == flatten(SCENES[scene - 1].state) | {"scene": scene}
    else:
        assert flatten(state) == STATES[""] | NEWER | STATES[link]
    assert parse(write(state)) == state
    assert ViewState.from_dict(json.loads(json.dumps(state.to_dict()))) == state


def test_every_view_figure_table_and_scene_is_among_them() -> None:
    states = [STATES[""] | NEWER | changes for changes in STATES.values()]
    for name, values in CHOICES.items():
        assert {state[name] for state in states} == set(values) - {"starts"} - (
            {"common", "hidden"} if name in NEWER else set()
        )
    assert {state["figure"] for state in states} == set(published.FIGURES) - {19}  # likewise
    assert {state["scene"] for state in states} == set(range(len(SCENES) + 1))
    assert {"?table=1&v=1", "?table=2&seeds=500&v=1"} <= set(STATES)


@pytest.mark.parametrize("query", ["?view=chances", "?view=chances&hide=chances&v=1", "?scene=3&view=chances"])
def test_a_view_that_has_another_name_now_is_found_by_the_old_one(query: str) -> None:
    assert parse(query).view == "counts"
    assert "chances" not in write(parse(query))
