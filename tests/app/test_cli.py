"""The command line, most of it run in this process."""

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
from typing import NamedTuple, get_args

import numpy as np
import pytest

from app import cli, cli_options, cli_problems
from app.cli import main
from landscape_core import StudySpec, load, run, storage
from landscape_core.problems.custom import loading
from landscape_core.study.spec import REGISTRIES

SMALL = ["--resolution", "6", "--line-points", "10", "--draws", "3"]


def start(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, which takes seconds."""
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments],
        capture_output=True,
        text=True,
        timeout=300,
        env={**os.environ, **environment},
        check=False,
    )


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


Batchscape = Callable[..., Done]
Refuse = Callable[..., str]


@pytest.fixture
def batchscape(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Batchscape:
    """The command, run in this process."""
    monkeypatch.setattr(cli.OUT, "width", 120)

    def batchscape(*arguments: str) -> Done:
        monkeypatch.setattr(sys, "argv", ["batchscape", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert isinstance(ended.value.code, int)
        return Done(ended.value.code, *capsys.readouterr())

    return batchscape


@pytest.fixture
def refused(batchscape: Batchscape) -> Refuse:
    """What a command that is refused says."""

    def refused(*arguments: str) -> str:
        done = batchscape(*arguments)
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.count("\n") == 1
        return done.stderr

    return refused


@pytest.mark.slow
def test_a_bad_value_ends_the_process_with_one_line_and_code_2() -> None:
    done = start("study", "--activation", "nosuch")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("batchscape: activation: got 'nosuch'; allowed: one of sigmoid, tanh, softsign, ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("option", "registry"), [("Activation", "activation"), ("Domain", "domain"), ("Scaling", "scaling")]
)
def test_help_names_all_that_can_be_chosen(option: str, registry: str) -> None:
    words = re.findall(r"[a-z0-9_-]+", get_args(getattr(cli_options, option))[1].help)
    assert set(REGISTRIES[registry]) <= set(words)


def test_version() -> None:
    done = start("--version")
    assert done.returncode == 0
    assert re.fullmatch(r"batchscape \d+\.\d+\.\d+\n", done.stdout)


def test_study_prints_json_and_saves(batchscape: Batchscape, tmp_path: Path) -> None:
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


@pytest.mark.parametrize("option", ["--domain", "--plane"])
def test_study_of_a_plane_that_the_paper_has_not(batchscape: Batchscape, tmp_path: Path, option: str) -> None:
    out = tmp_path / "pca.npz"
    small = ("--problem", "digits-mlp", "--max-samples", "60", "--train-steps", "20", *SMALL[:2])
    done = batchscape("study", option, "pca", "--start", "trained", *small, "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "pca, ±1.2 training distances, |B| =" in done.stdout
    result = load(out)
    assert (result.spec.domain, result.spec.range) == ("pca", 1.2)
    assert result.scale == float(np.load(out)["axis_scale"]) > 0
    done = batchscape("study", option, "filter", *small[:4], *SMALL[:2], "--json")
    printed = json.loads(done.stdout)
    assert (printed["domain"], printed["range"], printed["unit"]) == ("filter", 1.0, "weight norms")
    assert printed["scale"] > 0


def test_a_plane_of_a_training_without_one_is_refused(batchscape: Batchscape) -> None:
    done = batchscape("study", "--domain", "pca", *SMALL[:2])
    assert done.returncode == 2
    assert done.stderr == (
        "batchscape: domain: got 'pca'; allowed: one of global, local, filter, or else a start_point that is trained: pca "
        "shows the way to it\n"
    )


def test_study_draws_as_it_is_told(batchscape: Batchscape) -> None:
    done = batchscape("study", *SMALL[:2], "--draws", "0", "--batch-size", "150", "--sampling", "with-replacement")
    assert done.returncode == 0, done.stderr
    assert "|B| = 150, with" in done.stdout
    assert "130.7" in done.stdout
    assert not re.search(r"Over 1,000 draws: 4.0 ± 0.0 minima", done.stdout)


def test_study_prints_a_table_beside_the_papers_counts(batchscape: Batchscape) -> None:
    done = batchscape("study", "--resolution", "4", "--draws", "0")
    assert done.returncode == 0, done.stderr
    assert re.search(r"all four\s+│\s+4 │\s+4 │", done.stdout)
    assert re.search(r"paper .*│\s+4 │\s+4 │\s+128 │\s+17 │", done.stdout)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--batch-size", "151"], "batchscape: batch_size: got 151; allowed: a whole number from 1 to 150"),
        (
            ["--sampling", "urn"],
            "batchscape: sampling: got 'urn'; allowed: without-replacement, with-replacement or ep",
        ),
        (["--batch-size", "ten"], "batchscape: Invalid value for '--batch-size'"),
        (["--range", "0"], "batchscape: range: got 0.0; allowed: a number from 1e-12 to 1,000,000"),
        (["--range", "nan"], "batchscape: range: got nan; allowed: a number from 1e-12 to 1,000,000"),
        (["--device", "tpu"], "batchscape: device: got 'tpu'; allowed: auto, cpu, cuda"),
        (["--resolution", "10000"], "batchscape: needs "),
        (["--resolution", "100000"], "batchscape: resolution: got 100000; allowed: a whole number from 2 to 10,000"),
        (["--out", "/no/such/folder/x.npz"], "batchscape: out: /no/such/folder is not a directory; make it first"),
        (["--colour", "red"], "batchscape: No such option: --colour"),
    ],
)
def test_bad_values_of_a_study_are_refused(refused: Refuse, arguments: list[str], message: str) -> None:
    assert refused("study", *arguments).startswith(message)


@pytest.mark.parametrize("command", ["check {0}", "study --problem {0}", "race --problem {0}", "serve {0}"])
def test_a_file_that_never_ends_is_given_up(refused: Refuse, tmp_path: Path, command: str) -> None:
    (tmp_path / "endless.py").write_text("def make():\n    while True: pass\n")
    message = refused(*command.format(tmp_path / "endless.py").split(), "--check-seconds", "0.3")
    assert message.startswith(
        "batchscape: endless.py, line 2, in make: making and checking the problem had not ended after 0.3 s"
    )


def test_the_time_for_a_check_is_that_of_the_engine() -> None:
    assert cli_problems.CHECK_SECONDS == loading.MOST_SECONDS


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


@pytest.mark.slow
def test_serve_refuses_a_taken_port_and_starts_again_after_a_kill(tmp_path: Path) -> None:
    with served("0", tmp_path) as line:
        address = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        assert address, line
        with urllib.request.urlopen(address.group(), timeout=60) as answer:
            assert b'<html lang="en">' in answer.read()
        refused = start("serve", "--port", address.group(1), BATCHSCAPE_CACHE_DIR=str(tmp_path))
        assert refused.returncode == 2
        assert refused.stderr.startswith(f"batchscape: cannot listen on 127.0.0.1:{address.group(1)}")
    with served(address.group(1), tmp_path) as line:
        assert address.group() in line


def test_bad_settings_are_refused_in_one_line(refused: Refuse, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.server.stop_while_starting", lambda: None)  # it would change how this process ends
    monkeypatch.setenv("BATCHSCAPE_WORKERS", "many")
    assert refused("serve").startswith("batchscape: workers: got 'many'")


def test_figure_is_written(batchscape: Batchscape, tmp_path: Path) -> None:
    out = tmp_path / "fig4.svg"
    done = batchscape("figure", "4", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "Fig. 4 The four directions" in out.read_text(encoding="utf-8")
    assert done.stderr.replace("\n", "") == f"Saved {out}"


def test_a_figure_for_a_paper_that_has_its_caption(batchscape: Batchscape, tmp_path: Path) -> None:
    out = tmp_path / "fig4.svg"
    bare = "--width", "85mm", "--no-title", "--no-notes", "--style", "grey", "--common-scales"
    done = batchscape("figure", "4", "--out", str(out), *bare)
    assert done.returncode == 0, done.stderr
    page = out.read_text(encoding="utf-8")
    wide = re.search(r'width="([0-9.]+)pt"', page)
    assert wide is not None
    assert float(wide[1]) == pytest.approx(85 / 25.4 * 72, abs=0.4)
    assert "(a)" in page
    assert "Fig. 4" not in page
    assert "unit length" not in page
    assert "d1−d2" in page
    assert all(len({code[:2], code[2:4], code[4:]}) == 1 for code in re.findall(r"#([0-9a-f]{6})", page))


def test_one_panel_with_seeds_of_ones_own(batchscape: Batchscape, tmp_path: Path) -> None:
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
        (["20", "--out", "x.png"], "figure: got 20; allowed: a whole number from 1 to 19"),
        (["3", "--panel", "z", "--out", "x.png"], "panel: got 'z'; allowed: one of a, b, c, d, e, f"),
        (["3", "--out", "x.gif"], "out: got 'x.gif'; allowed: a file that ends in .png, .svg, .pdf, .html"),
        (
            ["--all", "--format", "gif", "--out", "x"],
            "out: got 'figure.gif'; allowed: a file that ends in .png, .svg, .pdf, .html",
        ),
        (
            ["4", "--out", "x.svg", "--width", "5mm"],
            "width: got '5mm'; allowed: a length such as 85mm or 3.4in, from 60 to 600 mm",
        ),
        (
            ["4", "--out", "x.svg", "--width", "wide"],
            "width: got 'wide'; allowed: a length such as 85mm or 3.4in, from 60 to 600 mm",
        ),
        (["4", "--out", "x.svg", "--style", "red"], "style: got 'red'; allowed: one of colour, grey"),
        (
            ["4", "--out", "x.html", "--no-title"],
            "out: got 'x.html'; allowed: width, no-title, no-notes and style only with .png, .svg, .pdf",
        ),
    ],
)
def test_figure_refuses_in_one_line(refused: Refuse, arguments: list[str], message: str) -> None:
    assert refused("figure", *arguments) == f"batchscape: {message}\n"


def test_figure_into_a_folder_that_is_not_there(refused: Refuse, tmp_path: Path) -> None:
    message = refused("figure", "4", "--out", str(tmp_path / "no" / "fig4.png"))
    assert message == f"batchscape: out: {tmp_path / 'no'} is not a directory; make it first\n"


@pytest.mark.parametrize("command", ["tables", "report"])
def test_start_points_had_another_name(batchscape: Batchscape, refused: Refuse, command: str) -> None:
    assert refused(command, "--start-points", "0").startswith("batchscape: Invalid value for '--start-points': ")
    shown = re.sub(r"\x1b\[[0-9;]*m", "", batchscape(command, "--help").stdout)
    assert "--start-points" in shown
    assert "--seeds" not in shown


def test_tables_as_json(batchscape: Batchscape) -> None:
    done = batchscape("tables", "--seeds", "2", "--json")
    assert done.returncode == 0, done.stderr
    first, second = json.loads(done.stdout)
    assert (first["table"], second["table"]) == (1, 2)
    row = first["rows"][0]
    assert (row["activation"], row["minima"]["paper"], row["minima"]["ours"]) == ("sigmoid", 128, 128)
    assert (row["nngpps"]["paper"], row["nngpps"]["ours"]) == (17, 17)
    assert [row["true_optima"]["ours"] for row in first["rows"]] == [4, 4, 4, 8, 8, 4]
    assert [row["true_optima"]["ours"] for row in second["rows"]] == [4, 4, 4, 5, 5, 4]
    assert all(claim["source"] and claim["statement"] and claim["test"] for claim in first["claims"] + second["claims"])


@pytest.mark.slow
def test_tables_as_text(batchscape: Batchscape) -> None:
    markdown = batchscape("tables", "--start-points", "1", "--markdown").stdout
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
