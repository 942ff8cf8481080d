"""The panels of a training, against the engine's numbers."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from drawing import chart_of, table_of

from app.panels.racing import marks, training
from app.plotting.model import Axes, Chart, Series
from app.plotting.plotly.charts import chart_figure
from landscape_core.comparison.training import TrainingResult


def test_training_shows_the_loss_of_every_run(trained: TrainingResult) -> None:
    drawn = training.loss_curves(trained)
    (field,) = chart_of(drawn).fields
    assert field.log
    curves = [item for item in field.items if isinstance(item, Series) and item.mark is None]
    for curve, loss in zip(curves, trained.loss, strict=True):
        np.testing.assert_array_equal(curve.y, loss)
    rows = table_of(training.run_table(trained)).rows
    assert [row[2] for row in rows] == [f"{loss:.3g}" for loss in sorted(trained.loss[:, -1])]


def test_a_run_that_diverged_is_last(trained: TrainingResult) -> None:
    loss = trained.loss.copy()
    loss[0, 3:] = np.nan
    rows = table_of(training.run_table(dataclasses.replace(trained, loss=loss))).rows
    assert rows[-1][:1] + rows[-1][2:3] == (marks.describe_method(trained.spec.runs[0]), "diverged")


def test_stranded_runs_are_counted_by_activation(trained: TrainingResult) -> None:
    ends = np.full(50, -1)
    nineteen = np.where(np.arange(50) < 19, 0, ends)
    found = {
        "relu": {"gols_i": ends, "probabilistic": nineteen, "constant 1": nineteen},
        "leaky_relu": {"gols_i": ends},
    }
    assert training.run_table(trained, found).note.endswith(
        " Of 50 start points, stranded where the gradient is exactly 0: with ReLU Probabilistic 19 (26 to 52%), "
        "SGD, lr = 1 19 (26 to 52%); with Leaky ReLU none."
    )
    assert "tranded" not in training.run_table(trained).note


def test_thin_curves_are_named_where_they_end(trained: TrainingResult) -> None:
    picture = chart_of(training.loss_curves(trained))
    names = [item.text[-1] for item in picture.fields[0].items if isinstance(item, Series) and item.text]
    assert names == [f"SGD, lr = {step:g}" for step in trained.spec.constant_steps]
    assert picture.x_range is not None
    assert picture.x_range[1] > 1.1 * trained.spec.evaluations


@pytest.mark.parametrize(
    ("losses", "ticks"),
    [((0.02, 0.5), {0.02: "0.02", 0.05: "0.05", 0.1: "0.1", 0.2: "0.2", 0.5: "0.5"}), ((1e-6, 1.0), {})],
)
def test_a_logarithmic_axis_has_ticks_between_few_powers(losses: tuple[float, float], ticks: dict[float, str]) -> None:
    curve = Series("loss", np.array([0.0, 1.0]), np.array(losses), 0)
    axis = chart_figure(Chart("evaluations", (Axes("loss", (curve,), log=True),)), "light")["layout"]["yaxis"]
    shown = dict(zip(axis.get("tickvals", []), axis.get("ticktext", []), strict=True))
    assert {place: words for place, words in shown.items() if losses[0] <= place <= losses[1]} == ticks
    assert len(set(shown.values())) == len(shown)
    assert ("dtick" in axis) == (not ticks)
