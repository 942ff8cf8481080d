"""Snippets of Python, each run by an interpreter of its own."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from drawing import RACE_TITLES, check_drawn, small

from app.export import code_snippets
from app.state.view_state import ViewState
from app.views import VIEWS

ALONE = [
    *(small(view, **more) for view, more in {name: {} for name in VIEWS if name not in ("race", "tables")}.items()),
    *(small("race", stage=stage, budget=4) for stage in RACE_TITLES),
    small("tables", seeds=2),
    *(small("figures", figure=number, panel=letter) for number, letter in ((3, "c"), (4, "a"), (9, "g"), (19, "c"))),
]

FEWER = "import landscape_core.comparison.race_lines as _lines\n_lines.FINE_POINTS = 201\n"
"""The full batch of a race is looked at on fewer points, as where `few_races` is used."""

REPORT = """
import json as _json
_fields = [axes for number in plt.get_fignums() for axes in plt.figure(number).axes] if "plt" in globals() else []
print(_json.dumps([(axes.get_title(), axes.has_data()) for axes in _fields]))
"""


@pytest.mark.slow
@pytest.mark.usefixtures("few_races")
@pytest.mark.parametrize("request_", ALONE, ids=lambda one: f"{one.view}-{one.stage}-{one.figure}{one.panel}")
def test_the_python_of_a_view_runs_alone_and_draws(request_: ViewState, tmp_path: Path) -> None:
    code = code_snippets.write_python(request_)
    assert {*re.findall(r"^(?:from|import) (\S+)", code, re.M)} <= {
        "landscape_core",
        "matplotlib.pyplot",
        "numpy",
        "torch",
    }
    (tmp_path / "snippet.py").write_text(FEWER + code + REPORT, encoding="utf-8")
    environment = {**os.environ, "MPLBACKEND": "agg", "PYTHONWARNINGS": "error,ignore:FigureCanvasAgg:UserWarning"}
    told = subprocess.run(
        [sys.executable, "snippet.py"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    *printed, fields = told.stdout.splitlines()
    check_drawn([tuple(one) for one in json.loads(fields)], request_)
    if request_.view == "tables":
        assert sum(re.match(r"sigmoid +minima +paper +128, ours", line) is not None for line in printed) == 1
        assert len(printed) > 18 + 10
    else:
        assert not printed
