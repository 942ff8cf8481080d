"""What guides the eye on the surfaces of Compare."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from app.panels import surfaces
from landscape_core import StudyResult
from landscape_core.geometry.grid import LINES


def test_guides_are_four_lines_and_what_tells_the_sign(result: StudyResult) -> None:
    found: Any = result
    loss, slope = (surfaces.with_guides(draw(found), found) for draw in (surfaces.loss, surfaces.slope))
    names = [line.name for line in LINES]
    assert [trail.name for trail in loss.picture.trails] == names  # type: ignore[union-attr]
    assert loss.picture.level is None  # type: ignore[union-attr]
    assert slope.picture.level == 0  # type: ignore[union-attr]
    assert [trail.name for trail in slope.picture.trails][:4] == names  # type: ignore[union-attr]
    low, high = np.nanmin(result.batch_loss), np.nanmax(result.batch_loss)
    for trail in loss.picture.trails:  # type: ignore[union-attr]
        assert np.hypot(trail.x, trail.y).max() == pytest.approx(result.axis[-1])
        assert ((trail.z >= low) & (trail.z <= high)).all()
    whole = surfaces.with_guides(surfaces.slope(found, full=True), found, full=True)
    assert len(whole.picture.trails) == 4  # type: ignore[union-attr]
