"""Statements on line searches against a plain loop over start points, and their verdicts by hand."""

import numpy as np
import pytest

from landscape_core import RaceReplicationSpec
from landscape_core.comparison.race import SCORES
from landscape_core.comparison.race_replication import RaceReplicationResult
from landscape_core.line_search import METHODS
from landscape_core.paper.race_claims import RACE_CLAIMS, judge_races
from landscape_core.statistics import intervals


def made(wins, methods=tuple(METHODS)):
    """A result of Z start points, 1 line and 20 races: wins[z, score, mine, other]."""
    spec = RaceReplicationSpec(start_points=len(wins), races=20, methods=methods, angles=(0.0,))
    array = np.zeros((len(wins), len(SCORES), 1, len(methods), len(methods)), dtype=np.int32)
    array[:, :, 0] = wins
    medians = np.zeros(array.shape[:-1])
    return RaceReplicationResult(spec, "cpu", {}, np.ones(len(wins), dtype=bool), array, medians)


def against(method, rival, score, won, count=12):
    """Wins of one pair at each of some start points, out of 20."""
    wins = np.zeros((count, len(SCORES), len(METHODS), len(METHODS)), dtype=np.int32)
    names = list(METHODS)
    mine, other = names.index(method), names.index(rival)
    wins[:, SCORES.index(score), mine, other] = won
    wins[:, SCORES.index(score), other, mine] = 20 - np.asarray(won)
    return wins


@pytest.mark.parametrize("claim", RACE_CLAIMS, ids=lambda claim: f"{claim.method}-{claim.rival}-{claim.score}")
@pytest.mark.parametrize(
    ("won", "verdict"), [(15, "holds"), (5, "does not"), (10, "open"), ([20, 0] * 6, "open"), ([0] * 12, "does not")]
)
def test_each_statement_is_decided_by_its_own_pair_and_score(claim, won, verdict):
    found = made(against(claim.method, claim.rival, claim.score, won))
    judged = {one.claim: one for one in judge_races(found)}
    assert list(judged) == list(RACE_CLAIMS)
    mine = judged.pop(claim)
    assert mine.verdict == verdict
    expected = intervals.grouped_share(np.broadcast_to(won, 12), np.full(12, 20))
    assert mine.share == expected
    assert all(one.share is None and one.verdict == "open" for one in judged.values())  # nobody else raced


def test_statements_whose_searches_do_not_race_are_left_out():
    found = made(np.zeros((2, len(SCORES), 2, 2), dtype=np.int32), methods=("gols_i", "armijo"))
    assert {(one.claim.method, one.claim.rival) for one in judge_races(found)} == {("gols_i", "armijo")}


def test_the_record_says_everything():
    record = judge_races(made(against("gols_b", "golden_section", "distance", 15)))[0].record()
    assert {name: record[name] for name in ("source", "method", "rival", "score", "verdict", "groups", "share")} == {
        "source": "Section 6",
        "method": "gols_b",
        "rival": "golden_section",
        "score": "distance",
        "verdict": "holds",
        "groups": 12,
        "share": 0.75,
    }
    assert "statement" in record
    assert 0.5 < record["low"] < 0.75 < record["high"]
