"""The panels of one race, against the engine's trace of it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from drawing import chart_of, table_of

from app.panels.racing import one_race as panels
from app.plotting.model import Series
from app.plotting.plotly import render
from landscape_core.comparison.race import RaceResult, trace_race
from landscape_core.line_search import METHODS


@pytest.mark.parametrize("race", [0, 4])
def test_one_race_shows_every_evaluation_at_its_step(lines: dict[str, RaceResult], race: int) -> None:
    result = lines["d1"]
    found = trace_race(result.spec, race, device="cpu")
    picture = chart_of(panels.line(result, found, "d1", race))
    assert picture.steps is not None
    assert picture.steps.last == result.evaluations[0, :, race].max()
    lanes = [item for item in picture.fields[2].items if isinstance(item, Series) and item.reveal and item.mark]
    assert [lane.name for lane in lanes] == [method.label for method in METHODS.values()]
    assert len({lane.mark for lane in lanes}) == len({lane.style for lane in lanes}) == len(METHODS)
    for place, (lane, trace) in enumerate(zip(lanes, found.values(), strict=True)):
        assert lane.reveal is not None
        np.testing.assert_array_equal(lane.x[:-1:3], trace.positions)
        assert lane.reveal.since[:-1:3] == tuple(range(1, len(trace.positions) + 1))
        # the stop is the one of the many races, and appears with the last evaluation
        assert lane.x[-1] == trace.stop == result.stops[0, place, race]
        assert (lane.text[-1], lane.reveal.since[-1]) == ("stop", result.evaluations[0, place, race])
        # the number of the latest evaluation is never covered but by the stop
        for step in range(1, len(trace.positions)):
            shown = [
                words
                for words, since, until in zip(lane.text, lane.reveal.since, lane.reveal.until, strict=True)
                if words and since <= step < until
            ]
            assert shown[-1] == str(step)


def test_marks_on_the_curves_are_what_the_mini_batches_said(lines: dict[str, RaceResult]) -> None:
    result = lines["d2"]
    found = trace_race(result.spec, 1, device="cpu")
    loss, slope, _ = (
        {item.name: item for item in field.items if isinstance(item, Series) and item.reveal}
        for field in chart_of(panels.line(result, found, "d2", 1)).fields
    )
    assert set(loss) == {"Golden section", "Armijo", "Probabilistic"}
    assert set(slope) == {"GOLS-I", "GOLS-B", "GOLS-Max", "GOLS-Back", "Armijo", "Probabilistic"}
    count = len(found["gols_b"].slope)
    np.testing.assert_array_equal(slope["GOLS-B"].y[:count], found["gols_b"].slope)
    np.testing.assert_array_equal(loss["Armijo"].x, np.tile(found["armijo"].positions, 2))


def test_brackets_close_in_on_the_stop(lines: dict[str, RaceResult]) -> None:
    found = trace_race(lines["d1"].spec, 0, device="cpu")
    for name in ("gols_b", "golden_section"):
        trace = found[name]
        low, high = trace.low[:-1], trace.high[:-1]
        assert (np.diff(low) >= 0).all()
        assert (np.diff(high) <= 0).all()
        assert (low <= trace.stop).all()
        assert (trace.stop <= high).all()
        assert np.isnan(trace.low[-1])
    assert np.isnan(found["armijo"].low).all()


def test_words_tell_each_step_and_why_it_stopped(lines: dict[str, RaceResult]) -> None:
    result = lines["d1"]
    found = trace_race(result.spec, 0, device="cpu")
    steps = chart_of(panels.line(result, found, "d1", 0)).steps
    assert steps is not None
    for words, trace, row in zip(
        steps.words, found.values(), table_of(panels.methods(result, found)).rows, strict=True
    ):
        assert len(words) == steps.last + 1
        assert words[0] == "–"
        assert words[-1].endswith(trace.status.value)
        assert row[2] == words[-1]
    assert [row[1] for row in table_of(panels.methods(result, found)).rows] == [
        f"{method.help} {method.source}." for method in METHODS.values()
    ]


def test_steps_go_to_the_browser_with_the_figure(lines: dict[str, RaceResult]) -> None:
    found = trace_race(lines["d1"].spec, 0, device="cpu")
    figure = render(chart_of(panels.line(lines["d1"], found, "d1", 0)), "light")
    assert figure["layout"]["meta"]["last"] == 7
    assert figure["layout"]["xaxis"]["fixedrange"]  # zoomed, Plotly draws fewer brackets than there are steps
    revealed = [trace for trace in figure["data"] if "meta" in trace]
    assert all(trace["hoverinfo"] == "skip" for trace in revealed)
    assert all(len(trace["meta"]["since"]) == len(trace["meta"]["until"]) for trace in revealed)
    other = render(chart_of(panels.line(lines["d1"], trace_race(lines["d1"].spec, 1, device="cpu"), "d1", 1)), "light")
    uids = [{trace["uid"] for trace in one["data"]} for one in (figure, other)]
    assert len(uids[0]) == len(figure["data"])
    assert not uids[0] & uids[1]  # of another race nothing is drawn into the marks of this one


def test_lines_and_numbers_have_a_minus(lines: dict[str, RaceResult]) -> None:
    found = trace_race(lines["d1-d2"].spec, 0, device="cpu")
    drawn = panels.line(lines["d1-d2"], found, "d1-d2", 0)
    steps = chart_of(drawn).steps
    assert steps is not None
    words = [
        drawn.title,
        drawn.note,
        drawn.sentence,
        chart_of(drawn).x_title,
        *(one for row in steps.words for one in row),
    ]
    assert "d1−d2" in drawn.title
    assert not [one for one in words if re.search(r"(^|[ (])-[0-9]|d1-d2", one)]
    assert re.match(r"stopped after \d+ evaluations? at [−0-9.]+", steps.words[0][-1])
