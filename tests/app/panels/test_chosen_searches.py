"""Searches that are taken off the race are seen in none of its panels."""

from __future__ import annotations

import re

import plotly.graph_objects as go
import pytest
from drawing import chart_of, draw_view

from app.callbacks.render import content
from app.panels.racing import marks
from app.plotting.model import Table
from app.state.view_state import ViewState
from app.views.race import STAGES
from landscape_core import StudySpec
from landscape_core.comparison.race import RaceResult
from landscape_core.comparison.race_replication import (
    RaceReplicationResult,
)
from landscape_core.comparison.training import TrainingResult
from landscape_core.line_search import METHODS


@pytest.mark.parametrize("racers", [("armijo",), ("gols_b",), ("gols_i", "gols_b", "probabilistic"), tuple(METHODS)])
def test_only_the_chosen_searches_are_seen_anywhere(
    lines: dict[str, RaceResult], trained: TrainingResult, started: RaceReplicationResult, racers: tuple[str, ...]
) -> None:
    """In every picture, table, note and sentence; what is said of the others does not change."""
    request = ViewState(StudySpec(), "race", racers=racers)
    results = {
        **dict(zip(request.races.values(), lines.values(), strict=True)),
        request.training: trained,
        request.race_replication: started,
    }
    ours = [name for name in racers if name in marks.OURS]
    labels = {method.label: name for name, method in METHODS.items()}
    rows: dict[str, list[tuple[str, ...]]] = {}
    for stage, names in STAGES.items():
        shown, all_ = (
            draw_view(one.replace(stage=stage), results) for one in (request, request.replace(racers=tuple(METHODS)))
        )
        for name in names:
            panel, whole_panel = shown[name], all_[name]
            go.Figure(content(panel, "light")) if names[name] == "figure" else content(panel, "light")
            words = " ".join([panel.note, panel.sentence])
            if isinstance(panel.picture, Table):
                rows[name] = list(panel.picture.rows)
                assert set(panel.picture.rows) <= set(whole_panel.picture.rows)  # type: ignore[union-attr]
                words += " ".join(" ".join(row) for row in panel.picture.rows)
            else:
                items = [item for field in chart_of(panel).fields for item in field.items]
                ticks = [tick for field in chart_of(panel).fields for tick in field.ticks or ()]
                words += " ".join([*(item.name for item in items), *(str(tick) for _, tick in ticks)])
                named = racers if name != "start-rates" else ours if len(ours) < len(racers) else ()
                assert {labels[item.group] for item in items if item.group} == set(named)
            for label, method in labels.items():
                assert method in racers or not re.search(rf"{label}\b", words), (name, label)
    assert len(rows["methods"]) == len(racers)
    assert len(rows["runs"]) == len(racers) + 3
    assert len(rows["start-lines"]) == len(rows["rates"])
    assert len(rows["rates"]) == len(ours) * (len(racers) - len(ours))
