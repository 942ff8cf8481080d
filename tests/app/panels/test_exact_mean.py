"""The exact mean of the loss: what is said of it is not void."""

from __future__ import annotations

from app.panels import surfaces
from landscape_core import StudyResult


def test_of_the_exact_mean_nothing_is_said_of_sides_that_it_does_not_have(result: StudyResult) -> None:
    caption = surfaces.mean_loss(result, exact=True, turned=True).caption
    assert caption.endswith("exactly. It is the loss of the full batch.")
    assert "blue where the mean lies under the full batch" in surfaces.mean_loss(result, turned=True).note
