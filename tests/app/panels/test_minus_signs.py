"""Numbers that a visitor reads have a minus sign (−); a hyphen is for words, code and files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from drawing import draw_view

from app.callbacks.render import content
from app.export.tables import list_tables, to_csv
from app.state.view_state import ViewState
from app.views import VIEWS
from landscape_core import (
    RaceReplicationSpec,
    RaceSpec,
    ReplicationSpec,
    StudySpec,
    TrainingSpec,
    run,
    run_race,
    run_race_replication,
    run_replication,
    run_training,
)

RUNS = {
    StudySpec: run,
    ReplicationSpec: run_replication,
    RaceSpec: run_race,
    RaceReplicationSpec: run_race_replication,
    TrainingSpec: run_training,
}

HYPHEN = re.compile(r"(?:^|[\s(±=,:<>])-[.\d]|\de-\d")
"""A hyphen before a number, or before its exponent."""

FORMATTED = re.compile(r"%\{[xyz]:")
"""A number that a template formats: Plotly writes a hyphen there, and a minus sign in what an axis formats."""

UNREAD = ("uid", "color", "fillcolor", "href", "id", "link", "meta", "namespace", "type", "line", "marker", "points")
"""Keys of what nobody reads."""

LOOKS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("compare", {}, {}),
    ("compare", {"source": "full"}, {"slope_angle": -30.0}),
    ("explore", {"at_d1": -0.5, "at_d2": -1.25, "through_d1": -1.0, "angle": -30.0}, {"slope_angle": 225.0}),
    ("explore", {"field": "negative"}, {}),
    ("explore", {"field": "below", "source": "full"}, {"activation": "relu", "domain": "local", "range": 2.0}),
    ("moments", {}, {}),
    ("moments", {"moments": "exact"}, {"range": 1e-6}),
    ("counts", {}, {}),
    ("variance", {"at_d1": -3.0, "at_d2": -1e-5, "line": "d1-d2"}, {}),
    ("static", {"line": "d1-d2"}, {}),
    ("oracle", {"line": "d1-d2", "step": 9}, {}),
    ("oracle", {"oracle": "quadratics", "step": 3}, {}),
    *(("race", {"stage": stage, "line": "d1-d2", "race_step": 5}, {}) for stage in ("one", "many", "starts", "train")),
    ("tables", {"seeds": 3}, {}),
    ("gallery", {}, {}),
    *(
        ("figures", {"figure": number, "panel": panel}, {})
        for number, panel in (
            (1, "a"),
            (1, "c"),
            (2, "c"),
            (3, "d"),
            (4, "a"),
            (9, "g"),
            (15, "a"),
            (17, "a"),
            (19, "a"),
        )
    ),
]


def words(part: Any) -> Iterator[str]:
    """Every text of a figure or a component, but for keys, colours and data."""
    if hasattr(part, "to_plotly_json"):
        part = part.to_plotly_json()
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict) and "bdata" not in part:
        for name, held in part.items():
            if isinstance(held, dict | list | tuple) or hasattr(held, "to_plotly_json") or name not in UNREAD:
                yield from words(held)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from words(one)


@pytest.fixture(scope="module")
def known() -> dict[Any, Any]:
    return {}


@pytest.mark.parametrize(("view", "look", "study"), LOOKS)
@pytest.mark.usefixtures("few_races")
def test_every_number_has_a_minus_sign(
    few: StudySpec, known: dict[Any, Any], view: str, look: dict[str, Any], study: dict[str, Any]
) -> None:
    asked = ViewState(VIEWS[view].study(few.replace(**study)), view, **look)
    for task in VIEWS[view].tasks(asked):
        if task not in known:
            known[task] = RUNS[type(task)](task, device="cpu")
    told = {
        name: [panel.title, panel.note, panel.sentence, *words(content(panel, "light"))]
        for name, panel in draw_view(asked, known).items()
    }
    found = [(name, text) for name, texts in told.items() for text in texts if HYPHEN.search(text)]
    assert not found
    assert not [name for name, texts in told.items() for text in texts if FORMATTED.search(text)]


def test_files_have_hyphens(few: StudySpec, known: dict[Any, Any]) -> None:
    study = VIEWS["counts"].study(few)
    known.setdefault(study, run(study, device="cpu"))
    (table,) = list_tables(draw_view(ViewState(study, "counts"), known)["balls"])
    written = to_csv(table)
    assert re.search(r",-\d", written)
    assert "−" not in written
