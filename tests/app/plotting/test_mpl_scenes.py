"""Scenes on paper: depth, colours, colour bars, cameras."""

from __future__ import annotations

from io import BytesIO
from itertools import permutations

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from printing import ACROSS, ALONG, AXIS, BOWL, CLASSES, TILTED, dots, like, scene, words

from app.plotting import mpl
from app.plotting.model import (
    WHITE,
    Colours,
    Curve,
    Mesh,
    PanelContent,
    Scene,
    Sheet,
    Surface,
    Underside,
)
from app.plotting.mpl import depth_buffer
from app.plotting.mpl.camera import SIDES, Margins, View
from app.plotting.mpl.colour_bar import ColourBar
from app.plotting.mpl.scenes import draw_scene
from app.plotting.mpl.style import PRINT_STYLE, Box, colour_map
from app.plotting.plotly.style import NEGATIVE, PALETTES, POSITIVE, UNCERTAIN


def _seen(view: View, image: np.ndarray, points: list[tuple[float, float, float]]) -> np.ndarray:
    """The colours at points of the box, given in shares of it."""
    places = view(np.array(points))[:, :2] * 192
    return image[np.floor(image.shape[0] - places[:, 1]).astype(int), np.floor(places[:, 0]).astype(int)]


def view_of(picture: Scene, width: int = 300, height: int = 220) -> View:
    """How a scene is seen in the picture that `dots` makes of it."""
    box = Box(0, 0, width / 96, height / 96)
    figure = Figure(figsize=(box.width, box.height))
    return draw_scene(figure, box, picture, PRINT_STYLE)


@pytest.mark.parametrize("below", [False, True])
def test_crossing_surfaces_hide_each_other_where_they_are_in_front(below: bool) -> None:
    room = np.full_like(BOWL, np.nan)
    room[0, 0], room[-1, -1] = -4.0, 4.0  # lone points: nothing is drawn, but the box is as high
    picture = scene(
        Underside("rising", ACROSS, np.zeros_like(BOWL)),
        Underside("falling", -ACROSS, np.full_like(BOWL, 2.0)),
        Underside("room", room, np.ones_like(BOWL)),
        below=below,
    )
    image = dots(picture)
    view = view_of(picture)
    for x in (-0.9, -0.5, -0.06, 0.06, 0.5, 0.9):
        height = -abs(x) if below else abs(x)
        at = [((x + 1) / 2, y, (height + 4) / 8) for y in (0.1, 0.5, 0.9)]
        rising = (x > 0) != below
        assert like(_seen(view, image, at), NEGATIVE if rising else POSITIVE).all(), x


def test_from_below_only_the_classes_are_seen() -> None:
    from_above = scene(Surface("mean", BOWL, "loss"), Sheet("zero", -1.0), Underside("class", BOWL - 1, CLASSES))
    upper = dots(from_above)
    lower = dots(Scene(AXIS, AXIS, from_above.layers, "height", below=True))
    for colour in (NEGATIVE, POSITIVE, UNCERTAIN):
        assert like(lower, colour).sum() > 1_000
    yellow = (0.99, 0.87, 0.2)  # the upper end of the colours of a loss
    assert like(upper, yellow).sum() > 50
    assert not like(lower, yellow).any()
    assert like(upper, POSITIVE).sum() == 0


@pytest.mark.parametrize("side", [-1, 1])
def test_a_mesh_is_hidden_by_what_lies_before_it(side: int) -> None:
    room = np.full_like(BOWL, np.nan)
    room[0, 0], room[-1, -1] = -9.0, 9.0
    level = np.zeros_like(BOWL)
    inner = np.where(np.maximum(np.abs(ACROSS), np.abs(ALONG)) < 0.8, 0.8 * side, np.nan)
    ink = PALETTES["light"].ink
    bare = scene(Surface("s", level, "slope"), Mesh("room", room))
    meshed = scene(Surface("s", level, "slope"), Mesh("m", inner, heavy=True), Mesh("room", room))
    added = like(dots(meshed), ink).sum() - like(dots(bare), ink).sum()
    assert (added > 1_000) if side > 0 else (added < 150)


def test_the_zero_level_is_drawn_where_it_can_be_seen() -> None:
    at = [(0.5, y, 0.5) for y in (0.2, 0.5, 0.8)]
    falling = Surface("s", -ACROSS, "slope")  # towards the eye

    def colours(picture: Scene) -> np.ndarray:
        return _seen(view_of(picture), dots(picture), at)

    assert (colours(scene(falling)) < 0.25).all()
    assert (colours(scene(Surface("s", -ACROSS, "sd"))).max(axis=1) > 0.25).all()
    covered = scene(falling, Surface("over it", np.where(np.abs(ACROSS) < 0.8, 0.4, np.nan), "sd"))
    assert (colours(covered).max(axis=1) > 0.25).all()


@pytest.mark.parametrize(("colours", "ends"), [("loss", "2"), ("slope", "−2"), ("sd", "0.5"), ("chance", "2")])
def test_a_coloured_surface_has_a_bar_with_its_name(colours: Colours, ends: str) -> None:
    found = words(scene(Surface("how high", BOWL, colours)))
    assert "how high" in found
    assert ends in found


def test_a_bar_is_not_named_twice() -> None:
    assert words(scene(Surface("height", BOWL, "loss"))).count("height") == 1
    assert words(scene(Mesh("lines", BOWL), Sheet("zero", 0.0))).count("height") == 1


def test_two_surfaces_have_two_bars_beside_each_other() -> None:
    both = scene(Surface("one", BOWL, "loss"), Surface("other", TILTED, "slope"))
    assert {"one", "other"} <= set(words(both))
    figure = mpl.compose([("a", PanelContent("t", "n", both, "s"))], title="")
    places = sorted({tuple(axes.get_position().bounds) for axes in figure.axes})
    bars = places[2:]  # after the sheet and the panel
    assert len(bars) == 2
    assert bars[0][0] + bars[0][2] < bars[1][0]


def test_a_scene_fills_its_panel_beside_the_bar() -> None:
    picture = scene(Surface("height", BOWL, "loss"))
    corners = view_of(picture)(np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=float))
    assert corners[:, 0].max() < 300 / 96 - ColourBar(*colour_map("loss", BOWL, PRINT_STYLE), "").room + 1e-9


@pytest.mark.parametrize("below", [False, True])
def test_classes_that_are_seen_stand_in_a_key(below: bool) -> None:
    layer = Underside("u", BOWL, np.where(ACROSS < 0, 0.0, 2.0), ("lower", "equal", "higher"))
    found = words(scene(Surface("mean", BOWL, "loss"), layer, below=below))
    assert ({"lower", "higher"} <= set(found)) == below
    assert "equal" not in found  # there is no such point
    assert ("mean" in found) != below


def test_holes_are_left_out() -> None:
    holed = TILTED.copy()
    holed[2:7, 2:7] = np.nan
    holed[0, 0] = np.inf
    nothing = np.full_like(BOWL, np.nan)
    painted = {
        name: (dots(scene(Surface("s", values, "sd"), Mesh("m", values), Underside("u", values, values))) < 0.9).sum()
        for name, values in (("whole", TILTED), ("holed", holed), ("none", nothing))
    }
    assert painted["whole"] > 1.2 * painted["holed"] > 1.2 * painted["none"] > 0
    assert painted["none"] < 0.3 * painted["whole"]  # axes and grid, no bar


def test_a_surface_of_very_many_points_is_thinned() -> None:
    axis = np.linspace(-1, 1, 700)
    x, y = np.meshgrid(axis, axis)
    image = imread(
        BytesIO(
            mpl.picture_image(
                Scene(axis, axis, (Surface("s", x * y, "slope"),), "z"), width=200, height=150, kind="png"
            )
        )
    )
    assert image.shape[:2] == (300, 400)


def test_the_nearest_triangle_is_seen_at_every_dot() -> None:
    def square(near: float, far: float) -> np.ndarray:
        corners = np.array([[0, 0, near], [10, 0, far], [10, 10, far], [0, 10, near]], dtype=float)
        return corners[[[0, 1, 2], [0, 2, 3]]]

    layers = [
        depth_buffer.Layer(square(0.2, 0.8), depth_buffer.paint_plain((1.0, 0.0, 0.0))),
        depth_buffer.Layer(square(0.8, 0.2), depth_buffer.paint_plain((0.0, 0.0, 1.0))),
    ]
    for order in (layers, layers[::-1]):
        image = depth_buffer.render_image(order, 12, 10)
        np.testing.assert_array_equal(image[:, :5], np.broadcast_to([255, 0, 0, 255], (10, 5, 4)))
        np.testing.assert_array_equal(image[:, 5:10], np.broadcast_to([0, 0, 255, 255], (10, 5, 4)))
        assert not image[:, 10:, 3].any()
    assert not depth_buffer.render_image([], 3, 2).any()


def test_what_one_sees_through_lies_over_what_is_behind_it_in_any_order() -> None:
    def square(depth: float) -> np.ndarray:
        corners = np.array([[0, 0, depth], [10, 0, depth], [10, 10, depth], [0, 10, depth]])
        return corners[[[0, 1, 2], [0, 2, 3]]]

    red = depth_buffer.Layer(square(0.5), depth_buffer.paint_plain((1.0, 0.0, 0.0)))
    green = depth_buffer.Layer(square(0.3), depth_buffer.paint_plain((0.0, 1.0, 0.0)), 0.5)
    blue = depth_buffer.Layer(square(0.2), depth_buffer.paint_plain((0.0, 0.0, 1.0)), 0.25)
    hidden = depth_buffer.Layer(square(0.7), depth_buffer.paint_plain((1.0, 1.0, 1.0)), 0.9)
    for order in permutations((red, green, blue, hidden)):
        image = depth_buffer.render_image(order, 10, 10)
        # 0.25 blue over 0.5 green over red
        np.testing.assert_array_equal(image, np.broadcast_to([96, 96, 64, 255], (10, 10, 4)))
    clear = depth_buffer.render_image([blue], 10, 10)
    np.testing.assert_array_equal(clear, np.broadcast_to([0, 0, 255, 64], (10, 10, 4)))


BAND = (
    Surface("mean", BOWL, "loss"),
    Mesh("mean + SD", BOWL + 0.6, side=1),
    Mesh("mean − SD", BOWL - 0.6, side=0),
    Mesh("full batch", BOWL + 0.05, heavy=True),
    Sheet("zero", 0.7, clear=True),
    Underside("below", BOWL - 0.02, CLASSES),
)


@pytest.mark.parametrize("name", ["mean", "mean + SD", "mean − SD", "full batch", "zero"])
def test_every_layer_of_a_band_is_seen_and_named(name: str) -> None:
    """From above; from below those that are not hidden by the underside, which stands for mean, full batch and zero."""
    for below in (False, True):
        if below and name in ("mean", "full batch", "zero"):
            continue
        whole, without = (
            dots(scene(*layers, below=below)) for layers in (BAND, [one for one in BAND if one.name != name])
        )
        size = tuple(min(pair) for pair in zip(whole.shape, without.shape, strict=True))
        assert (np.abs(whole[: size[0]] - without[: size[0]]).max(axis=-1) > 0.05).sum() > 1_500, below
    assert name in words(scene(*BAND))
    assert name in [layer.name for layer in scene(*BAND).named]


def test_triangles_share_edges_without_gaps() -> None:
    rng = np.random.default_rng(3)
    side = 12
    x, y = np.meshgrid(np.arange(side) * 4.0, np.arange(side) * 4.0)
    points = np.stack([x, y, np.full_like(x, 0.5)], axis=-1)
    points[1:-1, 1:-1, :2] += rng.uniform(-1, 1, (side - 2, side - 2, 2))
    a, b, c, d = points[:-1, :-1], points[:-1, 1:], points[1:, 1:], points[1:, :-1]
    corners = np.concatenate(
        [np.stack([a, b, c], axis=2).reshape(-1, 3, 3), np.stack([a, c, d], axis=2).reshape(-1, 3, 3)]
    )
    assert (
        depth_buffer.render_image([depth_buffer.Layer(corners, depth_buffer.paint_plain((1.0, 1.0, 1.0)))], 44, 44)[
            ..., 3
        ]
        == 255
    ).all()


@pytest.mark.parametrize("below", [False, True])
def test_the_box_fills_the_room_between_the_margins(below: bool) -> None:
    view = View(4.0, 3.0, Margins(0.5, 0.25, 0.3, 0.1), below=below)
    corners = view(np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=float))
    low, high = corners.min(axis=0), corners.max(axis=0)
    assert low[0] >= 0.5 - 1e-9
    assert low[1] >= 0.3 - 1e-9
    assert high[0] <= 3.75 + 1e-9
    assert high[1] <= 2.9 + 1e-9
    assert (high[:2] - low[:2] >= np.array([3.25, 2.6]) - 1e-9).any()
    assert low[2] > 0
    assert high[2] < 1
    up = view(np.array([[0.5, 0.5, 0.0], [0.5, 0.5, 1.0]]))
    assert up[1, 1] > up[0, 1]
    assert (up[1, 2] < up[0, 2]) != below
    assert SIDES[2] < 1


def test_white_curves_are_seen_on_an_underside() -> None:
    flat = np.zeros_like(BOWL)
    layers = Surface("mean", flat, "sd"), Underside("u", flat, flat)
    bare, bound = (
        dots(scene(*layers, *more, below=True)) for more in ((), (Curve("bound", AXIS, AXIS * 0, AXIS * 0, WHITE),))
    )
    changed = (bare != bound).any(-1)
    assert changed.sum() > 100
    assert np.median(bound[changed]) > 0.95
    assert like(bare, NEGATIVE)[changed].mean() > 0.7  # the others are those at its ends
