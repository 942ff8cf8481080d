"""Studies at the ends of what is allowed, from the numbers to the pictures, words and files; a warning is a failure."""

from __future__ import annotations

import csv
import json
import re
from io import StringIO
from itertools import cycle
from typing import Any

import numpy as np
import pytest
from drawing import draw_view

from app.export import tables as numbers
from app.plotting import mpl
from app.plotting.model import PanelContent, Table
from app.plotting.plotly import pack_grids, render
from app.state.view_state import ViewState
from app.views import VIEWS
from landscape_core import DOMAINS, StudyResult, StudySpec, run, storage
from landscape_core.problems.activations import ACTIVATIONS
from landscape_core.statistics.moments import LEAST_DRAWS
from landscape_core.study.spec import SMALLEST_RANGE

pytestmark = [pytest.mark.usefixtures("few_line_draws"), pytest.mark.slow]

VIEWS_IN_TURN = (
    ("compare", "explore"),
    ("moments", "variance"),
    ("counts", "explore"),
    ("static", "moments"),
    ("oracle", "compare"),
)
"""Views of a single study of the controls; each study is seen in one of these rows."""

NO_NUMBER = re.compile(r"\b(inf|nan|infinity)\b|[-−]0(\.0+)?(?![\d.e])", re.IGNORECASE)


def extremes() -> list[StudySpec]:
    """Each activation at either end of the range in either precision; what else there is takes turns."""
    sizes, draws, domains = cycle((1, 150, 149, 10)), cycle((2, 0, 1)), cycle(("global", "global", "local", "local"))
    outputs, points = cycle(("same", "same", "same", "linear")), cycle(((2, 3), (3, 4), (2, 9)))
    found = []
    for activation in ACTIVATIONS:
        for width, dtype in ((1e6, "float32"), (1e6, "float64"), (SMALLEST_RANGE, "float32"), (1e-6, "float64")):
            side, along = next(points)
            found.append(
                StudySpec(
                    activation=activation,
                    range=width,
                    dtype=dtype,
                    domain=next(domains),
                    output_activation=next(outputs),
                    batch_size=next(sizes),
                    draws=next(draws),
                    resolution=side,
                    line_points=along,
                )
            )
    return found


def limits(figure: Any) -> list[tuple[float, float]]:
    """Where the colours of all traces begin and end."""
    return [
        (trace[low], trace[high])
        for trace in figure["data"]
        for low, high in (("cmin", "cmax"), ("zmin", "zmax"))
        if low in trace
    ]


def assert_can_be_shown(name: str, panel: PanelContent) -> None:
    for words in (panel.title, panel.note, panel.sentence):
        assert not NO_NUMBER.search(words), (name, words)
    for table in numbers.list_tables(panel):
        for row in csv.reader(StringIO(numbers.to_csv(table))):
            assert not {"-0", "inf", "-inf"} & set(row), (name, row)
    if isinstance(panel.picture, Table):
        return
    figure = pack_grids(render(panel.picture, "light"))
    json.dumps(figure, allow_nan=False)
    for low, high in limits(figure):
        assert np.float32(low) < np.float32(high), (name, low, high)


@pytest.mark.parametrize(("spec", "views"), list(zip(extremes(), cycle(VIEWS_IN_TURN), strict=False)))
def test_a_study_at_the_ends_of_what_is_allowed(spec: StudySpec, views: tuple[str, ...]) -> None:
    result = run(spec, device="cpu")
    json.dumps(result.summary(), allow_nan=False)
    for name in storage.KINDS[StudyResult].types:
        array = getattr(result, name)
        absent = name.startswith(("sampled_", "plane_")) and spec.draws < (LEAST_DRAWS if "_sd_" in name else 1)
        absent |= name == "line_nngpp_share" and spec.sampling != "epoch-shuffle"
        absent |= name.startswith("path") and spec.start_point != "trained"
        absent |= name == "axis_scale" and not DOMAINS[spec.domain].unit
        assert (array is None) == absent, name
        # without an optimum there is no distance from one
        known = array if array is None or not name.endswith("_distances") else array[~np.isnan(array)]
        assert known is None or np.isfinite(known).all(), name
    for view in views:
        for name, panel in shown(view, spec, result).items():
            assert_can_be_shown(f"{view}: {name}", panel)


@pytest.mark.parametrize("spec", extremes()[::7])
def test_a_study_at_the_ends_of_what_is_allowed_on_paper(spec: StudySpec) -> None:
    result = run(spec, device="cpu")
    pictures = [panel.picture for view in ("compare", "moments") for panel in shown(view, spec, result).values()]
    assert mpl.thumbnail(pictures, width=60 * len(pictures), height=40).startswith(b"RIFF")
    mpl.compose([(str(index), PanelContent("", "", picture, "")) for index, picture in enumerate(pictures)], title="")


def shown(view: str, spec: StudySpec, result: StudyResult) -> dict[str, Any]:
    """The panels of a view, with one study in place of its kin with other draws."""
    request = ViewState(spec, view, field="below", at_d1=spec.range if spec.range < 1e5 else 0.0)
    results = {task: result if task == spec else run(task, device="cpu") for task in VIEWS[view].tasks(request)}
    return draw_view(request, results)
