import math

import numpy as np
import pytest
import tolerances

from landscape_core.geometry import grid


@pytest.mark.parametrize("points", [2, 3, 100, 101])
def test_axis_is_symmetric_and_holds_both_ends(points):
    axis = grid.axis(2.5, points)
    assert axis.shape == (points,)
    assert (axis[0], axis[-1]) == (-2.5, 2.5)
    np.testing.assert_allclose(axis, -axis[::-1], rtol=0, atol=1e-15)
    np.testing.assert_allclose(np.diff(axis), 5.0 / (points - 1), rtol=1e-12)
    assert (0.0 in axis) == bool(points % 2)


def test_row_is_d2_and_column_is_d1():
    axis = np.array([-3.0, 0.5, 7.0])
    plane = grid.plane(axis)
    for i in range(3):
        for j in range(3):
            assert plane[3 * i + j].tolist() == [axis[j], axis[i]]


@pytest.mark.parametrize(
    ("angle", "expected"),
    [
        (0, (1, 0)),
        (90, (0, 1)),
        (180, (-1, 0)),
        (270, (0, -1)),
        (-90, (0, -1)),
        (360, (1, 0)),
        (-360, (1, 0)),
        (-180, (-1, 0)),
    ],
)
def test_right_angles_are_exact(angle, expected):
    assert grid.unit(float(angle)).tolist() == list(expected)


@pytest.mark.parametrize("angle", [45.0, -45.0, 30.0, 359.0, -0.001, 1e-300, -1e-300])
def test_other_angles(angle):
    expected = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    np.testing.assert_allclose(grid.unit(angle), expected, **tolerances.BY_ANGLE)
    assert np.linalg.norm(grid.unit(angle)) == pytest.approx(1.0, abs=1e-15)


def test_the_four_lines_of_figure_4():
    root = math.sqrt(0.5)
    expected = {"d1": (1, 0), "d2": (0, 1), "d1+d2": (root, root), "d1-d2": (root, -root)}
    assert [line.name for line in grid.LINES] == list(expected)
    for line in grid.LINES:
        np.testing.assert_allclose(line.unit, expected[line.name], **tolerances.BY_ANGLE)


def test_lines_come_one_after_another_each_in_its_own_unit_length():
    positions = np.array([-2.0, 0.0, 1.0])
    points = grid.lines(positions).reshape(4, 3, 2)
    for line, found in zip(grid.LINES, points, strict=True):
        for position, point in zip(positions, found, strict=True):
            np.testing.assert_array_equal(point, position * line.unit)
            assert np.linalg.norm(point) == pytest.approx(abs(position), abs=1e-15)
