"""Charts on the page: what is said on hover, and a legend in a row."""

from __future__ import annotations

import numpy as np

from app.plotting.model import Axes, Bars, Chart, Series
from app.plotting.plotly import render

X = np.arange(4.0)


def test_what_is_said_on_hover_is_a_label_and_numbers_with_a_minus_sign() -> None:
    series, bars = Series("d1: 33", X, X, label="d1"), Bars("d1", X, X, 1.0)
    made = render(Chart("x", (Axes("y", (series,)), Axes("count", (bars,)))), "light")
    said = ["d1 at %{x}: %{y}<extra></extra>", "d1: %{y} at %{x}<extra></extra>"]
    assert [trace["hovertemplate"] for trace in made["data"]] == said
    # Plotly writes − in what an axis formats, and a hyphen in what a template formats
    assert {made["layout"][axis]["hoverformat"] for axis in ("xaxis", "yaxis", "yaxis2")} == {".4~g"}


def test_a_legend_in_a_row_hides_nothing() -> None:
    rows = [Chart("x", (Axes("y", (Series("a: 1", X, X, group="a"),)),), legend_row=row) for row in (True, False)]
    row, usual = (render(chart, "light")["layout"] for chart in rows)
    assert (row["legend"]["itemclick"], row["legend"]["itemdoubleclick"]) == (False, False)
    assert row["meta"] == {"legend": "row"}
    assert "meta" not in usual
    assert "itemclick" not in usual["legend"]
