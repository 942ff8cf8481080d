"""The command line, run as a command."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from app import cli
from app.cli import main
from landscape_core import StudySpec, load, run, storage
from landscape_core.spec import REGISTRIES

SMALL = ["--resolution", "6", "--line-points", "10", "--draws", "3"]


def batchscape(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, **environment},
        check=False,
    )


Refuse = Callable[..., str]


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Refuse:
    """What a command that is refused says; in this process, for it takes seconds to start another."""

    def refused(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["batchscape", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert ended.value.code == 2
        assert printed.out == ""
        assert printed.err.count("\n") == 1
        return printed.err

    return refused


def test_a_bad_value_ends_the_process_with_one_line_and_code_2() -> None:
    done = batchscape("study", "--activation", "gelu")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("batchscape: activation: got 'gelu'; allowed: one of sigmoid, tanh, softsign, ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("option", "registry"), [("Activation", "activation"), ("Domain", "domain"), ("Scaling", "scaling")]
)
def test_help_names_all_that_can_be_chosen(option: str, registry: str) -> None:
    words = re.findall(r"[a-z_-]+", get_args(getattr(cli, option))[1].help)
    assert set(REGISTRIES[registry]) <= set(words)


def test_version() -> None:
    done = batchscape("--version")
    assert done.returncode == 0
    assert re.fullmatch(r"batchscape \d+\.\d+\.\d+\n", done.stdout)


def test_study_prints_json_and_saves(tmp_path: Path) -> None:
    out = tmp_path / "relu.npz"
    arguments = ["--activation", "relu", "--domain", "local", "--batch-size", "10", "--seed", "12735"]
    done = batchscape("study", *arguments, *SMALL[:2], "--out", str(out), "--json")
    assert done.returncode == 0, done.stderr
    printed = json.loads(done.stdout)
    assert {
        "activation": "relu",
        "domain": "local",
        "range": 2.0,
        "resolution": 6,
        "batch_size": 10,
        "seed": 12735,
        "dtype": "float64",
        "device": "cpu",
        "true_minima": 5,
        "true_nngpps": 5,
    }.items() <= printed.items()
    assert [line["name"] for line in printed["lines"]] == ["d1", "d2", "d1+d2", "d1-d2"]
    assert sum(len(line["minima"]) for line in printed["lines"]) == printed["minima"]
    assert sum(len(line["nngpps"]) for line in printed["lines"]) == printed["nngpps"]

    stored = np.load(out)
    shapes = {
        "theta0": (83,),
        "directions": (2, 83),
        "axis": (6,),
        "inputs": (150, 4),
        "targets": (150, 3),
        **{
            f"{what}_{name}": (6, 6)
            for what in ("full", "batch", "mean", "sd", "sampled_mean", "sampled_sd")
            for name in ("loss", "slope")
        },
    }
    for name, shape in shapes.items():
        assert stored[name].shape == shape, name
    spec = StudySpec.from_json(str(stored["spec"]))
    assert spec == StudySpec(activation="relu", domain="local", resolution=6)
    assert storage.to_bytes(load(out)) == storage.to_bytes(run(spec))


def test_study_prints_a_table_beside_the_papers_counts() -> None:
    done = batchscape("study", "--resolution", "4", "--draws", "0", COLUMNS="120")
    assert done.returncode == 0, done.stderr
    assert re.search(r"all four\s+│\s+4 │\s+4 │", done.stdout)
    assert re.search(r"paper .*│\s+4 │\s+4 │\s+128 │\s+17 │", done.stdout)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--batch-size", "151"], "batchscape: batch_size: got 151; allowed: a whole number from 1 to 150"),
        (["--batch-size", "ten"], "batchscape: Invalid value for '--batch-size'"),
        (["--range", "0"], "batchscape: range: got 0.0; allowed: a number above 0"),
        (["--range", "nan"], "batchscape: range: got nan; allowed: a number above 0"),
        (["--device", "tpu"], "batchscape: device: got 'tpu'; allowed: auto, cpu, cuda"),
        (["--resolution", "10000"], "batchscape: needs "),
        (["--resolution", "100000"], "batchscape: resolution: got 100000; allowed: a whole number from 2 to 10,000"),
        (["--out", "/no/such/folder/x.npz"], "batchscape: out: /no/such/folder is not a directory; make it first"),
        (["--colour", "red"], "batchscape: No such option: --colour"),
    ],
)
def test_bad_values_of_a_study_are_refused(refused: Refuse, arguments: list[str], said: str) -> None:
    assert refused("study", *arguments).startswith(said)


@contextmanager
def served(port: str, cache: Path) -> Iterator[str]:
    """A running server; yields the first line that it prints, and kills it in the end."""
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "app", "serve", "--port", port],
        env={**os.environ, "BATCHSCAPE_CACHE_DIR": str(cache), "BATCHSCAPE_WARM": "0"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline()
        finally:
            server.send_signal(signal.SIGKILL)


def test_serve_refuses_a_taken_port_and_starts_again_after_a_kill(tmp_path: Path) -> None:
    with served("0", tmp_path) as line:
        address = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        assert address, line
        with urllib.request.urlopen(address.group(), timeout=60) as answer:
            assert b'<html lang="en">' in answer.read()
        refused = batchscape("serve", "--port", address.group(1), BATCHSCAPE_CACHE_DIR=str(tmp_path))
        assert refused.returncode == 2
        assert refused.stderr.startswith(f"batchscape: cannot listen on 127.0.0.1:{address.group(1)}")
    with served(address.group(1), tmp_path) as line:
        assert address.group() in line


def test_bad_settings_are_refused_in_one_line() -> None:
    done = batchscape("serve", BATCHSCAPE_WORKERS="many")
    assert done.returncode == 2
    assert done.stderr.startswith("batchscape: workers: got 'many'")
    assert done.stderr.count("\n") == 1


def test_figure_is_written(tmp_path: Path) -> None:
    out = tmp_path / "fig4.svg"
    done = batchscape("figure", "4", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "Fig. 4 The four directions" in out.read_text(encoding="utf-8")
    assert done.stderr.replace("\n", "") == f"Saved {out}"


def test_one_panel_with_seeds_of_ones_own(tmp_path: Path) -> None:
    out = tmp_path / "fig9h.html"
    done = batchscape("figure", "9", "--panel", "h", "--seed", "5", "--batch-seed", "2", "--out", str(out))
    assert done.returncode == 0, done.stderr
    page = out.read_text(encoding="utf-8")
    assert page.count('class="plotly-graph-div"') == 1
    assert "Seed 5, batch seed 2; " in page


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["3"], "out: none was given; allowed: a file, or with --all a folder, as in --out fig3.png"),
        (["--out", "x.png"], "figure: give the number of one figure, or --all"),
        (["3", "--all", "--out", "x"], "figure: give the number of one figure, or --all"),
        (
            ["--all", "--panel", "a", "--out", "x"],
            "panel: got one with --all; allowed: only with the number of a figure",
        ),
        (["19", "--out", "x.png"], "figure: got 19; allowed: a whole number from 1 to 18"),
        (["3", "--panel", "z", "--out", "x.png"], "panel: got 'z'; allowed: one of a, b, c, d, e, f"),
        (["3", "--out", "x.gif"], "out: got 'x.gif'; allowed: a file that ends in .png, .svg, .pdf, .html"),
        (
            ["--all", "--format", "gif", "--out", "x"],
            "out: got 'figure.gif'; allowed: a file that ends in .png, .svg, .pdf, .html",
        ),
    ],
)
def test_figure_refuses_in_one_line(refused: Refuse, arguments: list[str], message: str) -> None:
    assert refused("figure", *arguments) == f"batchscape: {message}\n"


def test_figure_into_a_folder_that_is_not_there(tmp_path: Path) -> None:
    done = batchscape("figure", "4", "--out", str(tmp_path / "no" / "fig4.png"))
    assert done.returncode == 2
    assert done.stderr == f"batchscape: out: {tmp_path / 'no'} is not a directory; make it first\n"


def test_tables_as_json() -> None:
    done = batchscape("tables", "--seeds", "2", "--json")
    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout)
    assert (first["table"], second["table"]) == (1, 2)
    row = first["rows"][0]
    assert (row["activation"], row["minima"]["paper"], row["minima"]["ours"]) == ("sigmoid", 128, 128)
    assert (row["nngpps"]["paper"], row["nngpps"]["ours"]) == (17, 17)
    assert [row["true_optima"]["ours"] for row in first["rows"]] == [4, 4, 4, 8, 8, 4]
    assert [row["true_optima"]["ours"] for row in second["rows"]] == [4, 4, 4, 5, 5, 4]
    assert all(claim["statement"] and claim["test"] for claim in first["claims"] + second["claims"])


def test_tables_as_text() -> None:
    markdown = batchscape("tables", "--seeds", "1", "--markdown").stdout
    assert "| Sigmoid | NN-GPPs | 17 | 17 | " in markdown
    assert markdown.count("\n## ") + markdown.startswith("## ") == 4
    rows = list(csv.reader(batchscape("tables", "--seeds", "1", "--csv").stdout.splitlines()))
    assert rows[0][:5] == ["table", "activation", "count", "paper", "ours"]
    assert rows[2][:5] == ["Table 1", "Sigmoid", "minima", "128", "128"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--json", "--csv"], "tables: got several of --json, --csv and --markdown; allowed: one of them"),
        (["--seeds", "0"], "seeds: got 0; allowed: a whole number from 1 to 10,000"),
    ],
)
def test_tables_refuse_in_one_line(refused: Refuse, arguments: list[str], message: str) -> None:
    assert refused("tables", *arguments) == f"batchscape: {message}\n"
