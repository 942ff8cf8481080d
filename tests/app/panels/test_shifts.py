"""Likely places beside true ones: what the panels show is what was found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from app.panels import shifts
from app.plotting.model import Chart
from landscape_core import StudyResult, StudySpec, run
from landscape_core.paper.likely_places import Shifts

STEPS = np.linspace(-2.0, 2.0, 9)


def made(line: list[int], true: list[float], likely: list[float], curvature: list[float]) -> Shifts:
    return Shifts(np.array(line), *(np.array(values, dtype=float) for values in (true, likely, curvature)))


@pytest.fixture(scope="module")
def short() -> StudyResult:
    return run(StudySpec(domain="local", line_points=len(STEPS), resolution=2, draws=0), device="cpu")


@pytest.fixture
def shifted(short: StudyResult) -> StudyResult:
    """Each line rises through 0 at 0.25, and P(slope > 0) passes ½ there; on d2 at −1.25, on d1+d2 nowhere."""
    slope = np.tile(STEPS - 0.25, (4, 1))
    positive = np.where(slope > 0, 0.9, 0.1)
    positive[1] = np.where(STEPS + 1.25 > 0, 0.9, 0.1)
    positive[2] = 0.4
    return replace(short, line_full_slope=slope, line_positive=positive)


def test_marks_stand_where_the_signs_change(shifted: StudyResult) -> None:
    drawn = shifts.likely_places(shifted)
    assert isinstance(drawn.picture, Chart)
    slope, chance, marks = drawn.picture.fields
    np.testing.assert_array_equal([item.y for item in slope.items], shifted.line_full_slope)
    np.testing.assert_array_equal([item.y for item in chance.items], shifted.line_positive)
    for mark, places in (("star", [0.25] * 4), ("diamond", [0.25, -1.25, np.nan, 0.25])):
        found = [item for item in marks.items if item.mark == mark and item.style >= 0]
        np.testing.assert_allclose([item.x[0] for item in found], places, atol=1e-12)
        assert [item.y[0] for item in found] == [0.0, 1.0, 2.0, 3.0]
    joined = [item.x.tolist() for item in marks.items if item.mark is None]
    np.testing.assert_allclose(joined[1], [0.25, -1.25])
    assert drawn.note == "d1+d2: the slope passes 0 at 0.25, P(slope > 0) passes ½ nowhere."


def test_the_farthest_is_told(shifted: StudyResult) -> None:
    positive = shifted.line_positive.copy()
    positive[2] = positive[0]
    note = shifts.likely_places(replace(shifted, line_positive=positive)).note
    assert note.startswith(
        "d2: the slope passes 0 at 0.25, P(slope > 0) passes ½ nearest to that at −1.25: shifted by 1.5."
    )
    assert "Of the 3 others none" in note
    none = replace(shifted, line_full_slope=np.ones((4, 9)))
    assert shifts.likely_places(none).note == "No true NN-GPPs on the four lines."


def test_how_often_over_start_points() -> None:
    found = {
        0: made([0, 1], [0.0, 0.0], [0.1, 2.0], [3.0, 0.1]),
        1: made([1, 1], [0.0, 1.0], [np.nan, 1.25], [0.2, 0.3]),
        2: made([3], [0.0], [0.5], [1.0]),
        5: made([2], [0.0], [0.2], [1.0]),
    }
    drawn = shifts.survey(StudySpec(domain="local", range=4.0), found)
    assert drawn.note.startswith(
        "6 true NN-GPPs at 4 start points: half are shifted by at most 0.5, 95% by at most inf; "
    )
    assert "2 by more than 0.5 (2 on d2), at 2 start points (15% to 85%)" in drawn.note
    assert isinstance(drawn.picture, Chart)
    (field,) = drawn.picture.fields
    np.testing.assert_allclose(field.items[1].x, [0.1, 0.2, 0.3])
    np.testing.assert_allclose(field.items[1].y, [2.0, 8.0, 0.25])  # one without a likely place stands at the top
    assert shifts.survey(StudySpec(), {}).note == "No start point has directions."
