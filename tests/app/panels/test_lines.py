"""Charts of four lines: what is the same left and right."""

from __future__ import annotations

import pytest

from app.panels import lines
from app.plotting.mpl.axis_limits import vertical_limits
from app.plotting.plotly import render
from landscape_core import StudyResult


@pytest.mark.parametrize("full", [False, True])
def test_the_counts_of_minima_and_nngpps_have_the_same_axis(result: StudyResult, full: bool) -> None:
    shown = [made(result, full).picture for made in (lines.minima, lines.nngpps)]
    ends = [render(picture, "light")["layout"]["yaxis2"]["range"] for picture in shown]  # type: ignore[arg-type]
    assert ends[0] == ends[1]
    printed = [vertical_limits(picture.fields[1], (-20.0, 20.0)) for picture in shown]  # type: ignore[union-attr]
    assert printed[0] == printed[1] == tuple(ends[0])
