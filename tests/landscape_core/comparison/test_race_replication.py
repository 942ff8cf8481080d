"""Races over start points against plain loops over the races of each."""

import numpy as np
import pytest
from reference_results import assert_identical

from landscape_core import (
    BudgetError,
    NumericalError,
    RaceReplicationSpec,
    SpecError,
    run_race,
    run_race_replication,
    storage,
)
from landscape_core.comparison import race_lines, race_replication
from landscape_core.comparison.race import SCORES
from landscape_core.statistics import intervals


@pytest.fixture(autouse=True)
def coarse(monkeypatch):
    monkeypatch.setattr(race_lines, "FINE_POINTS", 101)


SPEC = RaceReplicationSpec(
    start_points=3, races=7, budget=6, angles=(0.0, 45.0), methods=("gols_i", "armijo", "probabilistic"), batch_seed=4
)


def test_each_start_point_has_the_races_of_its_seed():
    found = run_race_replication(SPEC, device="cpu")
    assert found.usable.all()
    for point in range(3):
        spec = SPEC.races_at(point)
        assert (spec.base.seed, spec.base.batch_seed, spec.races, spec.budget) == (point, 5 + point, 7, 6)
        result = run_race(spec, device="cpu")
        for index, score in enumerate(SCORES):
            values = getattr(result, score)
            for line in range(2):
                for mine in range(3):
                    known = [one for one in values[line, mine] if np.isfinite(one)]
                    expected = np.median(known) if known else np.nan
                    np.testing.assert_equal(found.medians[point, index, line, mine], expected)
                    for other in range(3):
                        wins = sum(a < b for a, b in zip(values[line, mine], values[line, other], strict=True))
                        assert found.wins[point, index, line, mine, other] == wins


def test_a_win_rate_is_the_mean_over_start_points():
    found = run_race_replication(SPEC, device="cpu")
    shares = []
    for point in range(3):
        result = run_race(SPEC.races_at(point), device="cpu")
        mine, other = result.left_over[:, 0].ravel(), result.left_over[:, 2].ravel()
        shares.append((mine < other).sum() / (mine != other).sum())
    rate = found.win_rate("gols_i", "probabilistic", "left_over")
    assert rate.groups == 3
    assert rate.share == pytest.approx(np.mean(shares), rel=1e-14)
    assert rate.low <= rate.share <= rate.high
    own = found.win_rate("gols_i", "probabilistic", "left_over", line=1)
    mine, other = found.wins[:, 1, 1, 0, 2], found.wins[:, 1, 1, 2, 0]
    assert own == intervals.grouped_share(mine, mine + other)
    with pytest.raises(SpecError, match=r"^method: got 'wolfe'; allowed: one of gols_i, "):
        found.win_rate("gols_i", "wolfe")


def test_with_the_full_batch_all_races_of_a_first_guess_are_one():
    """No noise is left: what wins is decided by the line and the first guess alone, and bisection wins."""
    spec = RaceReplicationSpec(
        start_points=2, races=4, batch_size=150, budget=15, methods=("gols_b", "golden_section"), angles=(0.0,)
    )
    found = run_race_replication(spec, device="cpu")
    again = run_race_replication(spec.replace(batch_seed=99), device="cpu")
    np.testing.assert_array_equal(found.wins, again.wins)
    for point in range(2):
        stops = run_race(spec.races_at(point), device="cpu").stops
        assert (stops == stops[..., :1]).all()  # neither uses the first guess
    assert set(np.unique(found.wins)) <= {0, 4}


def test_start_points_without_directions_are_left_out(monkeypatch):
    def run(spec, **more):
        if spec.base.seed == 1:
            raise NumericalError("no direction")
        return run_race(spec, **more)

    monkeypatch.setattr(race_replication, "run_race", run)
    found = run_race_replication(SPEC, device="cpu")
    assert found.usable.tolist() == [True, False, True]
    assert not found.wins[1].any()
    assert np.isnan(found.medians[1]).all()
    assert found.win_rate("gols_i", "armijo").groups == 2
    assert found.summary()["usable"] == 2


def test_it_is_stored_and_the_same_again():
    found = run_race_replication(SPEC.replace(start_points=2), device="cpu")
    read = storage.from_bytes(storage.to_bytes(found), race_replication.RaceReplicationResult)
    assert_identical(read, found)
    assert_identical(run_race_replication(read.spec, device="cpu"), found)


def test_more_start_points_continue_the_others():
    few, many = (run_race_replication(SPEC.replace(start_points=count, races=2), device="cpu") for count in (2, 3))
    np.testing.assert_array_equal(many.wins[:2], few.wins)


def test_what_is_refused():
    with pytest.raises(SpecError, match="start_points: got 0; allowed: a whole number from 1 to 1,000"):
        RaceReplicationSpec(start_points=0)
    with pytest.raises(BudgetError, match="Lower the start points, the races, the budget, the lines or the methods"):
        run_race_replication(RaceReplicationSpec(start_points=1_000))


def test_progress_goes_over_all_start_points():
    told = []
    spec = SPEC.replace(start_points=2)
    run_race_replication(spec, device="cpu", progress=lambda *report: told.append(report))
    assert {what for _, what in told} == {"Racing at start points"}
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert any(0.4 < share < 0.6 for share in shares)
