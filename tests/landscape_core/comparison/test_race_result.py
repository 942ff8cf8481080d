"""Scores of races that can be worked out by hand."""

import json

import numpy as np
import pytest

from landscape_core import SpecError
from landscape_core.comparison.race import RaceResult, check_score
from landscape_core.line_search.search import Status
from landscape_core.statistics import intervals
from landscape_core.storage import KINDS


@pytest.fixture
def made(few):
    """A result with scores that can be worked out by hand: two lines, the second without an optimum."""
    spec = few.replace(methods=("gols_b", "armijo"), races=4)
    stops = np.array([[[0.1, 0.4, 1.0, -1.0], [0.2, 0.4, 0.9, 2.0]], [[0.0] * 4, [1.0] * 4]])
    return RaceResult(
        spec=spec,
        device="cpu",
        versions={},
        positions=np.linspace(-1, 1, 3),
        line_loss=np.ones((2, 3)),
        line_slope=np.ones((2, 3)),
        optima=np.array([0.0, 1.5]),
        optima_line=np.array([0, 0], dtype=np.int32),
        lowest=np.array([0.5, 0.25]),
        stops=stops,
        stop_loss=stops + 1.0,
        evaluations=np.full((2, 2, 4), 8, dtype=np.int32),
        statuses=np.array([[[0, 0, 1, 0], [5] * 4], [[13] * 4, [0] * 4]], dtype=np.int32),
    )


def test_distance_is_to_the_nearest_true_optimum(made):
    expected = [[0.1, 0.4, 0.5, 1.0], [0.2, 0.4, 0.6, 0.5]]
    np.testing.assert_allclose(made.distance[0], expected, atol=1e-15)
    assert np.isnan(made.distance[1]).all()


def test_left_over_is_above_the_lowest_of_the_line(made):
    np.testing.assert_allclose(made.left_over[0], made.stops[0] + 0.5)
    np.testing.assert_allclose(made.left_over[1], made.stops[1] + 0.75)


def test_win_rates_leave_ties_out(made):
    assert made.win_rate("gols_b", "armijo") == intervals.share(np.array([1, 1, 0]))
    assert made.win_rate("armijo", "gols_b") == intervals.share(np.array([0, 0, 1]))
    assert made.win_rate("gols_b", "armijo", line=1) is None
    assert made.win_rate("gols_b", "gols_b") is None
    assert made.win_rate("gols_b", "armijo", "left_over") == intervals.share(np.array([1, 0, 1, 1, 1, 1, 1]))
    assert made.win_rate("gols_b", "armijo", "left_over", line=0) == intervals.share(np.array([1, 0, 1]))


def test_an_unknown_method_or_score_is_refused(made):
    with pytest.raises(SpecError, match=r"^method: got 'wolfe'; allowed: one of gols_b, armijo$"):
        made.win_rate("wolfe", "armijo")
    with pytest.raises(SpecError, match=r"^method: got 'gols_i'; allowed: one of gols_b, armijo$"):
        made.status_counts(0, "gols_i")
    with pytest.raises(SpecError, match=r"^score: got 'loss'; allowed: one of distance, left_over$"):
        check_score("loss")


def test_reasons_are_counted_by_name(made):
    assert made.status_counts(0, "gols_b") == {Status.SIGN_CHANGE: 3, Status.SMALL_SLOPE: 1}
    assert made.status_counts(1, "gols_b") == {Status.BUDGET: 4}


def test_summary_is_json_with_what_was_asked(made):
    summary = json.loads(json.dumps(made.summary(), allow_nan=False))
    assert summary["angles"] == [30.0, -45.0]
    first, second = summary["lines"]
    assert first["optima"] == [0.0, 1.5]
    assert first["methods"][0]["median_distance"] == pytest.approx(0.45)
    assert first["methods"][0]["statuses"] == {"SIGN_CHANGE": 3, "SMALL_SLOPE": 1}
    assert second["methods"][0]["median_distance"] is None
    assert second["methods"][1]["mean_evaluations"] == 8.0
    assert made.nbytes == sum(getattr(made, name).nbytes for name in KINDS[RaceResult].types)
