"""The panels of many races, against the engine's numbers."""

from __future__ import annotations

import dataclasses

import numpy as np
import plotly.graph_objects as go
import pytest
from drawing import chart_of, table_of

from app.callbacks.render import content
from app.panels.racing import many_races, marks, start_points
from app.panels.racing import one_race as panels
from app.plotting.model import Bars, Series
from landscape_core import storage
from landscape_core.comparison.race import RaceResult, run_race, trace_race
from landscape_core.comparison.race_replication import RaceReplicationResult
from landscape_core.geometry.grid import LINE_NAMES
from landscape_core.line_search import METHODS


def test_a_line_alone_is_the_same_as_among_the_others(whole: RaceResult, lines: dict[str, RaceResult]) -> None:
    alone = run_race(whole.spec.replace(angles=whole.spec.angles[1:2]), device="cpu")
    assert storage.to_bytes(alone) == storage.to_bytes(lines["d2"])


def test_histograms_count_the_stops(lines: dict[str, RaceResult]) -> None:
    fields = chart_of(many_races.stops(lines)).fields
    assert len(fields) == len(METHODS)
    result = lines["d1"]
    for place, field in enumerate(fields):
        bars, walls = field.items[:2]
        assert isinstance(bars, Bars)
        assert bars.y.sum() == result.spec.races
        low, high = result.positions[[0, -1]]
        counts, _ = np.histogram(np.clip(result.stops[0, place], low, high), many_races.BINS, (low, high))
        np.testing.assert_array_equal(bars.y, counts)
        np.testing.assert_array_equal(walls.x[::3], result.optima)
        assert field.ticks is not None
        assert field.ticks[0][1] == marks.describe_method(result.spec.methods[place])


@pytest.mark.parametrize("score", ["distance", "left_over"])
def test_medians_are_those_of_the_races(lines: dict[str, RaceResult], score: str) -> None:
    values = getattr(lines["d1"], score)[0]
    drawn = many_races.spread(lines, score)  # type: ignore[arg-type]
    medians = [item for item in chart_of(drawn).fields[0].items if isinstance(item, Series) and item.mark]
    np.testing.assert_allclose([item.x[0] for item in medians], np.median(values, axis=1))
    best = list(METHODS.values())[int(np.median(values, axis=1).argmin())]
    assert drawn.note.startswith(f"Lowest median: {best.label}, ")


@pytest.mark.parametrize("score", ["distance", "left_over"])
def test_win_rates_are_those_of_the_races(whole: RaceResult, lines: dict[str, RaceResult], score: str) -> None:
    drawn = many_races.rates(lines, score, LINE_NAMES)  # type: ignore[arg-type]
    rows = table_of(drawn).rows
    assert len(rows) == len(marks.OURS) * len(marks.RIVALS) == 12
    pairs = [(ours, rival) for ours in marks.OURS for rival in marks.RIVALS]
    for (ours, rival), row in zip(pairs, rows, strict=True):
        assert row[:2] == (marks.describe_method(ours), marks.describe_method(rival))
        for place, cell in zip((0, 1, 2, 3, None), row[2:], strict=True):
            share = whole.win_rate(ours, rival, score, place)  # type: ignore[arg-type]
            if share is None:
                assert cell == "–"
                continue
            mark = "▴" if share.low > 0.5 else "▾" if share.high < 0.5 else "="
            assert cell == f"{mark} {100 * share.share:.0f} ({100 * share.low:.0f}–{100 * share.high:.0f})"


def test_lines_still_to_come_and_the_worst_one_are_said(lines: dict[str, RaceResult]) -> None:
    known = lines["d1"]
    lost = dataclasses.replace(
        known, stops=np.zeros_like(known.stops), optima=np.array([5.0]), optima_line=np.array([0])
    )
    lost.stops[:, known.spec.methods.index("gols_b")] = -15.0
    lost.stops[:, known.spec.methods.index("golden_section")] = 5.0
    drawn = many_races.rates({"d2": lost}, "distance", LINE_NAMES)
    assert "GOLS-B against golden section: d2 0%. " in drawn.note
    assert "Gradient-only loses most on d2 (1 true optimum): GOLS-B against " in drawn.note
    row = table_of(drawn).rows[3]
    assert row[:2] == ("■ GOLS-B", "► Golden section")
    assert row[2] == row[4] == row[5] == row[6] == "…"
    assert row[3].startswith("▾ 0 (0–")


def test_a_line_without_an_optimum_is_drawn(lines: dict[str, RaceResult]) -> None:
    none = dataclasses.replace(lines["d1"], optima=np.array([]), optima_line=np.array([], dtype=np.int32))
    assert many_races.spread({"d1": none}, "distance").note == "There is no true optimum on this line."
    assert "no optimum" in many_races.stops({"d1": none}).note
    assert table_of(many_races.rates({"d1": none}, "distance", ("d1",))).rows[0][2:] == ("–",)
    found = trace_race(none.spec, 0, device="cpu")
    for drawn in (
        panels.line(none, found, "d1", 0),
        many_races.spread({"d1": none}, "distance"),
        many_races.stops({"d1": none}),
    ):
        go.Figure(content(drawn, "light"))


def test_without_a_pair_to_compare_it_is_said(lines: dict[str, RaceResult]) -> None:
    alone = {"d1": lines["d1"].keep_methods(("gols_b", "gols_i"))}
    drawn = many_races.rates(alone, "distance", LINE_NAMES)
    assert drawn.note == "Nothing to compare: show a gradient-only search and one that looks at the loss."


def test_statements_say_where_they_were_checked(started: RaceReplicationResult) -> None:
    drawn = start_points.tabulate_claims(started)
    assert drawn.note.startswith(
        "Checked for Sigmoid, global ±20, |B| = 10; the paper speaks of all activations. In more"
    )
    assert len(table_of(drawn).rows) == 5
    other = dataclasses.replace(started, spec=started.spec.replace(activation="elu", batch_size=3))
    assert start_points.tabulate_claims(other).note.startswith("Checked for ELU, global ±20, |B| = 3; ")
