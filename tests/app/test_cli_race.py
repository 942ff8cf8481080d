"""batchscape race."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from io import StringIO
from pathlib import Path

import numpy as np
import pytest

from app.cli import main
from landscape_core import RaceReplicationResult, RaceReplicationSpec, judge_races, load, storage
from landscape_core.comparison.race import RaceResult, run_race
from landscape_core.comparison.race_spec import RaceSpec

FEW = ["--races", "5", "--budget", "6", "--batch-size", "4", "--activation", "elu", "--seed", "3", "--batch-seed", "2"]
SPEC = RaceSpec(races=5, budget=6, batch_size=4, activation="elu", seed=3, batch_seed=2)


def batchscape(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    """The exit code of the command, run in this process."""
    monkeypatch.setattr(sys, "argv", ["batchscape", "race", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


@pytest.mark.slow
def test_json_and_file_hold_what_the_engine_gives(tmp_path: Path) -> None:
    out = tmp_path / "race.npz"
    done = subprocess.run(
        [sys.executable, "-m", "app", "race", *FEW, "--json", "--out", str(out)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    result = run_race(SPEC)
    assert storage.to_bytes(load(out, RaceResult)) == storage.to_bytes(result)
    printed = json.loads(done.stdout)
    assert [line["name"] for line in printed["lines"]] == ["d1", "d2", "d1+d2", "d1-d2"]
    place = result.spec.methods.index("gols_b")
    assert printed["lines"][1]["methods"][place]["median_left_over"] == np.median(result.left_over[1, place])
    assert len(printed["win_rates"]) == 12 * 2 * 5
    for rate in printed["win_rates"]:
        line = None if rate["line"] == "all" else ["d1", "d2", "d1+d2", "d1-d2"].index(rate["line"])
        share = result.win_rate(rate["method"], rate["rival"], rate["score"], line)
        assert rate["share"] == (None if share is None else share.share)


def test_csv_has_a_table_of_ends_and_one_for_each_score(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert batchscape(monkeypatch, *FEW, "--line", "d2", "--csv") == 0
    parts = [list(csv.reader(StringIO(part))) for part in capsys.readouterr().out.split("\n\n")]
    assert [len(part) for part in parts] == [1 + 7, 1 + 12, 1 + 12]
    assert [part[1][0] for part in parts] == [
        "Where races end",
        "Win rates by distance from ★",
        "Win rates by excess loss",
    ]
    assert {row[1] for row in parts[0][1:]} == {"d2"}
    assert parts[1][0] == ["table", "gradient_only", "against", "d2"]
    cells = [cell for part in parts for row in part for cell in row]
    assert any(cell.startswith("'= ") for cell in cells)
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_errors_are_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, message in (
        (["--line", "d3"], "batchscape: line: got 'd3'; allowed: one of d1, d2, d1+d2, d1-d2"),
        (["--budget", "0"], "batchscape: budget: got 0; allowed: a whole number from 1 to 100"),
        (["--json", "--csv"], "batchscape: race: got both --json and --csv; allowed: one of them"),
        (["--out", str(tmp_path / "none" / "x.npz")], "is not a directory; make it first"),
    ):
        assert batchscape(monkeypatch, *arguments) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert message in printed.err
        assert printed.err.count("\n") == 1


STARTS = ["--start-points", "2", "--races", "3", "--budget", "5", "--activation", "elu", "--batch-seed", "2"]


def test_start_points_in_json_and_a_file(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    out = tmp_path / "starts.npz"
    assert batchscape(monkeypatch, *STARTS, "--line", "d2", "--json", "--out", str(out)) == 0
    result = load(out, RaceReplicationResult)
    spec = RaceReplicationSpec(start_points=2, races=3, budget=5, activation="elu", batch_seed=2, angles=(90.0,))
    assert result.spec == spec
    printed = json.loads(capsys.readouterr().out)
    assert printed["usable"] == 2
    assert printed["claims"] == [one.record() for one in judge_races(result)]
    assert len(printed["claims"]) == 5
    for rate in printed["win_rates"]:
        share = result.win_rate(rate["method"], rate["rival"], rate["score"], None if rate["line"] == "all" else 0)
        assert (rate["share"], rate.get("low")) == ((share.share, share.low) if share else (None, None))


def test_start_points_in_csv_and_their_default_of_races(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert batchscape(monkeypatch, *STARTS, "--csv") == 0
    parts = [list(csv.reader(StringIO(part))) for part in capsys.readouterr().out.split("\n\n")]
    assert [part[0] for part in parts] == [
        *[["table", "gradient_only", "against", "d1", "d2", "d1_plus_d2", "d1_minus_d2", "all"]] * 2,
        ["table", "stands_in", "the_paper_says", "what_is_tested", "races_won", "verdict"],
    ]
    assert RaceReplicationSpec().races == 50
    assert batchscape(monkeypatch, "--start-points", "0") == 2
    assert "start_points: got 0; allowed: a whole number from 1 to 1,000" in capsys.readouterr().err
