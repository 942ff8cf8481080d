"""docs/your-model.md: its script, and its commands on a file of one's own."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from landscape_core import StudySpec, load

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "your-model.md").read_text(encoding="utf-8")

FILE = """
import torch
from landscape_core import Problem

def make():
    '''A small regression.'''
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
    inputs = torch.linspace(-1, 1, 40).reshape(20, 2)
    return Problem.from_module(model, torch.nn.MSELoss(), inputs, inputs.sum(1, keepdim=True))
"""

SMALL = "--resolution 4 --line-points 5 --draws 2 --batch-size 5 --range 1"


def batchscape(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *shlex.split(command)],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "my_problem.py").write_text(FILE)
    return tmp_path


@pytest.mark.slow
def test_a_module_that_is_not_ours_goes_through_study_picture_race_and_export(tmp_path: Path) -> None:
    (script,) = re.findall(r"```python\n(.*?)```", PAGE, re.S)
    assert len([line for line in script.splitlines() if line.strip()]) <= 15
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "MPLBACKEND": "agg", "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=400,
        check=True,
    )
    assert done.stdout.startswith("Share(held=")
    assert (tmp_path / "nngpps.png").stat().st_size > 5_000
    result = load(tmp_path / "wine.npz")
    assert result.spec.problem.startswith("custom:")
    assert result.path_loss[-1] < 0.7 * result.path_loss[0]


def test_a_study_and_a_check_of_a_file(folder: Path) -> None:
    done = batchscape(folder, f"study --problem my_problem.py:make {SMALL} --train-steps 20 --out mine.npz --json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    result = load(folder / "mine.npz")
    assert summary["problem"] == result.spec.problem
    assert {"dataset", "activation", "loss", "scaling"}.isdisjoint(summary)  # of the paper's network
    assert (result.spec.samples, result.spec.start_point, len(result.theta0)) == (20, "trained", 13)
    assert np.isfinite(result.full_loss).all()
    checked = batchscape(folder, "check my_problem.py:make")
    assert checked.returncode == 0
    assert result.spec.problem.removeprefix("custom:") in checked.stdout
    (folder / "my_problem.py").write_text(FILE.replace("torch.nn.Tanh()", "torch.nn.Tanh(), torch.nn.Dropout()"))
    refused = batchscape(folder, f"study --problem my_problem.py:other {SMALL}")
    assert refused.returncode == 2
    assert "my_problem.py has no function 'other'; it has: make" in refused.stderr


def test_problems_with_a_name() -> None:
    done = batchscape(ROOT, f"study --problem two-moons {SMALL} --start zero --json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["problem"] == "two-moons"
    assert "dataset" not in summary
    listed = batchscape(ROOT, "problems --json")
    assert "digits-mlp" in [one["name"] for one in json.loads(listed.stdout)]
    refused = batchscape(ROOT, f"study --problem wine --hidden 3,x {SMALL}")
    assert refused.stderr.strip() == (
        "batchscape: hidden: got '3,x'; allowed: whole numbers with commas between, as 32,32"
    )


def test_every_start_point_is_told() -> None:
    for name in re.findall(r"\w+", StudySpec.allowed("start_point").replace(" or", "")):
        assert f"`{name}`" in PAGE


def test_a_table_of_your_own(folder: Path) -> None:
    pytest.importorskip("polars")
    rows = "".join(f"{n % 7},{n % 3},{n * n % 5},{'ab'[n % 2]}\n" for n in range(30))
    (folder / "rows.csv").write_text("x,y,z,kind\n" + rows)
    common = f"--target kind --features x,z --hidden 3,2 {SMALL}"
    done = batchscape(folder, f"study --csv rows.csv {common} --out rows.npz --json")
    assert done.returncode == 0, done.stderr
    result = load(folder / "rows.npz")
    assert len(result.theta0) == (2 + 1) * 3 + (3 + 1) * 2 + (2 + 1) * 2
    assert result.inputs.shape == (30, 2)
    raced = batchscape(
        folder,
        "race --table rows.csv --target kind --hidden 3 --races 2 --budget 4 --batch-size 5 --line d1 --json",
    )
    assert raced.returncode == 0, raced.stderr
    refused = batchscape(folder, f"study --csv rows.csv --target kind --features x,w {SMALL}")
    told, refusal = refused.stderr.strip().splitlines()
    assert told == "rows.csv: classes: 0 = a, 1 = b"
    assert refusal == "batchscape: features: got 'w'; allowed: x, y, z"
