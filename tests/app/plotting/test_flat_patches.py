"""Patches where a slope is exactly 0: shaded, named, and without a line of zero along their border."""

from __future__ import annotations

from base64 import b64decode

import numpy as np
import pytest
from printing import dots, like, scene, words

from app.plotting.model import Curve, Map, Picture, Scene, Surface, Underside
from app.plotting.mpl.scenes import _triangles, _zero_segments
from app.plotting.plotly import render
from app.plotting.plotly.style import FLAT, FLAT_ZERO
from app.plotting.zeros import flat_points, inside_flat, without_flat

AXIS = np.linspace(-1.0, 1.0, 9)
ACROSS, ALONG = np.meshgrid(AXIS, AXIS)
LOCAL = np.where(ACROSS < -0.2, 0.0, (ACROSS + 0.2) * np.where(ALONG < 0.1, 1.0, -1.0))
"""Flat at the left; positive at the right in front, negative behind: the sign changes along one line beside the patch."""


def decoded(sent: dict[str, str]) -> np.ndarray:
    flat = np.frombuffer(b64decode(sent["bdata"]), dtype=sent["dtype"])
    return flat.reshape([int(side) for side in sent["shape"].split(",")])


def slowly_flat(values: np.ndarray) -> np.ndarray:
    """By loops: a point is flat if it is a corner of a cell whose corners are all 0."""
    rows, columns = values.shape
    found = np.zeros(values.shape, dtype=bool)
    for row in range(rows - 1):
        for column in range(columns - 1):
            corners = [(row + i, column + j) for i in (0, 1) for j in (0, 1)]
            if all(values[at] == 0 for at in corners):
                for at in corners:
                    found[at] = True
    return found


@pytest.mark.parametrize("seed", range(5))
def test_flat_points_are_those_of_loops(seed: int) -> None:
    values = np.random.default_rng(seed).integers(-1, 2, (12, 9)) * (np.random.default_rng(seed).random((12, 9)) < 0.3)
    found = flat_points(values.astype(float))
    np.testing.assert_array_equal(found, slowly_flat(values))
    assert found.any()
    inside = inside_flat(values.astype(float))
    for row, column in np.argwhere(np.ones(values.shape)):
        near = slowly_flat(values)[max(0, row - 1) : row + 2, max(0, column - 1) : column + 2]
        assert inside[row, column] == near.all()


def test_a_line_of_zeros_and_a_slope_that_has_vanished_are_no_patch() -> None:
    assert not flat_points(ACROSS).any()
    vanished = np.full((4, 4), 1e-300)
    vanished[:2, :2] = 0.0
    assert not flat_points(vanished).any()
    assert flat_points(np.zeros((3, 3))).all()


def zero_places(values: np.ndarray) -> np.ndarray:
    """The ends of the line of zero in print, (n, 2): along d1 and d2, from 0 to 1."""
    side = np.linspace(0, 1, len(AXIS))
    points = np.stack([*np.meshgrid(side, side), values], axis=-1)
    corners = _triangles(points)
    signed = without_flat(values).ravel()[corners]
    whole = np.isfinite(signed).all(axis=1)
    return _zero_segments(points.reshape(-1, 3)[corners][whole], signed[whole])[..., :2].reshape(-1, 2)


def test_the_line_of_zero_in_print_runs_along_the_change_of_sign_alone() -> None:
    found = 2 * zero_places(LOCAL) - 1
    assert len(found)
    border = AXIS[AXIS < -0.2].max()
    assert (found[:, 0] > border + 0.01).all()
    assert (np.abs(found[:, 1] - 0.1) < 0.26).all()
    # without a patch nothing is left out
    assert len(zero_places(ACROSS)) > 8


def test_a_patch_is_shaded_and_named_in_print() -> None:
    picture = scene(Surface("slope", LOCAL, "slope"))
    assert {FLAT, "slope 0"} <= set(words(picture))
    assert FLAT not in words(scene(Surface("slope", ACROSS, "slope")))
    image, plain = dots(picture), dots(scene(Surface("slope", LOCAL + 1e-9, "slope")))
    assert like(image, FLAT_ZERO).sum() > 20 * max(1, like(plain, FLAT_ZERO).sum())


def test_a_patch_is_a_surface_of_its_own_on_the_page() -> None:
    made = render(Scene(AXIS, AXIS, (Surface("slope", LOCAL, "slope"),), "slope"), "light")
    main, line, patch = made["data"]
    assert (patch["name"], patch["showlegend"]) == (FLAT, True)
    flat = slowly_flat(LOCAL)
    np.testing.assert_array_equal(np.isfinite(decoded(patch["z"])), flat)
    assert "z" not in main["contours"]
    x, y = (np.frombuffer(b64decode(line[side]["bdata"]), dtype=line[side]["dtype"]) for side in "xy")
    on_line = np.isfinite(x)
    assert on_line.sum() > 2
    assert (x[on_line] > AXIS[AXIS < -0.2].max() + 0.01).all()
    assert (np.abs(y[on_line] - 0.1) < 0.26).all()
    # together the two cover the plane
    assert (np.isfinite(decoded(main["z"])) | flat).all()


def test_a_map_leaves_the_border_of_a_patch_without_a_contour_and_shades_it() -> None:
    picture: Picture = Map(AXIS, AXIS, LOCAL, "slope", "slope", contours=(("slope 0", LOCAL, 0.0),))
    heat, patch, contour = render(picture, "light")["data"]
    flat = slowly_flat(LOCAL)
    assert patch["name"] == FLAT
    np.testing.assert_array_equal(np.isfinite(decoded(patch["z"])), flat)
    np.testing.assert_array_equal(np.isnan(decoded(contour["z"])), flat)
    assert np.isfinite(decoded(heat["z"])).all()
    assert like(dots(picture), FLAT_ZERO).mean() > 0.05
    assert [one["type"] for one in render(Map(AXIS, AXIS, ACROSS, "slope", "s"), "light")["data"]] == ["heatmap"]


def test_a_patch_is_a_class_of_its_own_from_below() -> None:
    classes = np.where(slowly_flat(LOCAL), 3.0, np.where(LOCAL < 0, 0.0, 2.0))
    layer = Underside("below", np.minimum(LOCAL, 0.0), classes, ("negative", "uncertain", "positive", "exactly 0"))
    picture = scene(layer, below=True)
    assert {"negative", "positive", "exactly 0"} <= set(words(picture))
    trace = render(picture, "light")["data"][0]
    assert [colour for _, colour in trace["colorscale"]][-1] == FLAT_ZERO
    assert (trace["cmin"], trace["cmax"]) == (-0.5, 3.5)
    assert like(dots(picture), FLAT_ZERO).sum() > 500


@pytest.mark.parametrize("name", ["hole", "patch"])
def test_a_surface_with_holes_has_no_line_of_its_own(name: str) -> None:
    """Under a clear plane, software WebGL would take a minute to draw it."""
    values = LOCAL if name == "patch" else np.where(ACROSS < -0.7, np.nan, ALONG - 0.1)
    made = render(Scene(AXIS, AXIS, (Surface("slope", values, "slope"),), "slope", level=0.0), "light")["data"]
    holes = [trace for trace in made if trace["type"] == "surface" and np.isnan(decoded(trace["z"])).any()]
    assert holes
    assert not any(trace.get("contours", {}).get("z", {}).get("show") for trace in holes)
    assert [trace["type"] for trace in made if trace["name"] == "slope 0"] == ["scatter3d"]


@pytest.mark.parametrize("lines", [False, True])
def test_the_key_of_a_patch_is_not_under_a_title_that_stands_over_the_surface(lines: bool) -> None:
    trails = (Curve("d1", AXIS, 0 * AXIS, 0 * AXIS),) if lines else ()
    made = render(Scene(AXIS, AXIS, (Surface("slope", LOCAL, "slope"),), "slope", trails=trails), "light")["layout"]
    assert (made["legend"]["y"], made["legend"]["yanchor"]) == ((0, "bottom") if lines else (1, "top"))
