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
from landscape_core import storage
from landscape_core.race import RaceResult, run_race
from landscape_core.race_spec import RaceSpec

FEW = ["--races", "5", "--budget", "6", "--batch-size", "4", "--activation", "elu", "--seed", "3", "--batch-seed", "2"]
SPEC = RaceSpec(races=5, budget=6, batch_size=4, activation="elu", seed=3, batch_seed=2)


def batchscape(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int | str | None:
    """The exit code of the command, run in this process."""
    monkeypatch.setattr(sys, "argv", ["batchscape", "race", *arguments])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


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
    assert storage.to_bytes(storage.load(out, RaceResult)) == storage.to_bytes(result)
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
        "Who wins, by distance from ★",
        "Who wins, by loss left over",
    ]
    assert {row[1] for row in parts[0][1:]} == {"d2"}
    assert parts[1][0] == ["table", "gradient-only", "against", "d2"]


def test_what_is_wrong_is_said_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments, said in (
        (["--line", "d3"], "batchscape: line: got 'd3'; allowed: one of d1, d2, d1+d2, d1-d2"),
        (["--budget", "0"], "batchscape: budget: got 0; allowed: a whole number from 1 to 100"),
        (["--json", "--csv"], "batchscape: race: got both --json and --csv; allowed: one of them"),
        (["--out", str(tmp_path / "none" / "x.npz")], "is not a directory; make it first"),
    ):
        assert batchscape(monkeypatch, *arguments) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert said in printed.err
        assert printed.err.count("\n") == 1
