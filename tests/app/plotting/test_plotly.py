"""Pictures as Plotly figures: plain data, the numbers of the picture, and nothing that Plotly does not know."""

from __future__ import annotations

import base64
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from app.plotting.model import (
    WHITE,
    Axes,
    Bars,
    Chart,
    Colours,
    Curve,
    Level,
    Map,
    Mesh,
    Picture,
    Scene,
    Series,
    Sheet,
    Surface,
    Underside,
)
from app.plotting.plotly import Figure, Theme, pack_grids, render
from app.plotting.plotly.charts import SYMBOLS
from app.plotting.plotly.scenes import CAMERA, LIFT
from app.plotting.plotly.style import (
    COARSE,
    COLOUR_PERCENTILE,
    FINE,
    PALETTES,
    SEEN,
    WHOLE,
    colour_limits,
    encode_array,
)

X, Y = np.linspace(-2, 2, 4), np.linspace(-3, 3, 3)
VALUES = np.arange(12.0).reshape(3, 4) - 4
HOLED = np.where(VALUES == 0, np.nan, VALUES)
NOTHING = np.full((3, 4), np.nan)
THEMES: tuple[Theme, ...] = ("light", "dark")

PICTURES: dict[str, Picture] = {
    "scene": Scene(
        X,
        Y,
        (
            Surface("loss", VALUES, "loss"),
            Surface("slope", HOLED, "slope"),
            Surface("SD", VALUES, "sd"),
            Mesh("mesh", HOLED),
            Mesh("thick", VALUES, heavy=True),
            Sheet("zero", 0.0),
            Underside("below", VALUES, np.sign(VALUES) + 1),
        ),
        "loss",
    ),
    "chart": Chart(
        "x",
        (
            Axes(
                "value",
                (
                    Series("line", X, X**2),
                    Series("marks", X, X, 1, "star", group="one", legend=False),
                    Series("joined", X, X, 2, "dot", joined=True),
                    Series("arrow", X[:2], X[:2], 7, text=("", "end"), arrow=True),
                    Series("thin", X, np.where(X > 0, X, np.nan), 3, weight="thin"),
                    Series("reference", X, X, -1),
                ),
                (Level(1.0, "one", dashed=True), Level(0.0)),
            ),
            Axes("count", (Bars("a", X, X + 2, 1.0), Bars("b", X, X + 2, 1.0, 1, "one")), share=0.5, low=0.0),
            Axes("time", (Series("fast", X, X + 3),), (Level(100.0, "limit"),), log=True),
            Axes("", (), ticks=((0, "d1"), (1, "d2"))),
        ),
        (-2.0, 2.0),
    ),
    "square": Chart("x", (Axes("y", ()),), square=True),
    "chance": Map(X, Y, (VALUES + 4) / 20, "chance", "P", contours=(("zero", VALUES, 0.0),)),
    "signed map": Map(X, Y, HOLED, "slope", "slope"),
    "loss map": Map(X, Y, VALUES, "loss", "loss"),
    "empty map": Map(X, Y, NOTHING, "chance", "P"),
}


def decoded(sent: dict[str, str]) -> np.ndarray:
    flat = np.frombuffer(base64.b64decode(sent["bdata"]), dtype=sent["dtype"])
    return flat.reshape([int(side) for side in sent["shape"].split(",")]) if "shape" in sent else flat


def one(made: Figure, name: str) -> dict[str, Any]:
    (trace,) = [trace for trace in made["data"] if trace["name"] == name]
    return trace


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", PICTURES)
def test_every_picture_is_plain_data_that_plotly_knows(name: str, theme: Theme) -> None:
    made = render(PICTURES[name], theme)
    go.Figure(made)  # raises on anything that Plotly does not know
    assert json.loads(json.dumps(made, allow_nan=False)).keys() == {"data", "layout"}


@pytest.mark.parametrize("name", PICTURES)
def test_themes_differ_in_colours_alone(name: str) -> None:
    light, dark = (json.dumps(render(PICTURES[name], theme)) for theme in THEMES)
    assert light != dark
    # the ink, for one, is also the colour of the heavy lines
    assert PALETTES["light"].ink in light
    assert PALETTES["light"].ink not in dark
    arrays = [[trace.get(part) for trace in json.loads(made)["data"] for part in "xyz"] for made in (light, dark)]
    assert arrays[0] == arrays[1]


def test_a_surface_carries_its_numbers() -> None:
    made = render(PICTURES["scene"], "light")
    for name, values in (("loss", VALUES), ("slope", HOLED), ("mesh", HOLED)):
        trace = one(made, name)
        np.testing.assert_array_equal(decoded(trace["z"]), values)
        np.testing.assert_array_equal(decoded(trace["x"]), X.astype(np.float32))
        np.testing.assert_array_equal(decoded(trace["y"]), Y)
    assert [trace["name"] for trace in made["data"] if trace.get("hidesurface")] == ["mesh", "thick"]
    first, name, last = made["layout"]["scene"]["xaxis"]["ticktext"]
    assert name == "<b>d1</b>"
    assert [float(text.replace("−", "-")) for text in (first, last)] == pytest.approx(
        np.quantile(X[[0, -1]], (0.25, 0.75)), rel=1e-3
    )


def test_colours_end_at_a_high_percentile() -> None:
    trace = one(render(PICTURES["scene"], "light"), "loss")
    assert (trace["cmin"], trace["cmax"]) == (-4.0, pytest.approx(np.percentile(VALUES, COLOUR_PERCENTILE)))


@pytest.mark.parametrize("values", [VALUES, HOLED, -VALUES, np.zeros((3, 4))])
def test_slope_colours_are_centred_on_zero(values: np.ndarray) -> None:
    made = render(Scene(X, Y, (Surface("slope", values, "slope"),), "slope"), "light")["data"]
    trace, flat = made[0], render(Map(X, Y, values, "slope", "slope"), "light")["data"][0]
    assert trace["cmin"] == -trace["cmax"] == flat["zmin"] == -flat["zmax"] < 0


@pytest.mark.parametrize("values", [VALUES, -VALUES])
def test_a_slope_has_a_line_at_zero_and_at_no_other_level(values: np.ndarray) -> None:
    made = render(Scene(X, Y, (Surface("slope", values, "slope"),), "slope"), "light")["data"]
    (level,) = [one["contours"]["z"] for one in made if "show" in one["contours"].get("z", {})]
    assert level["start"] == 0
    assert level["start"] < level["end"] < level["size"]


@pytest.mark.parametrize("colours", ["loss", "slope", "sd", "chance", "sign"])
@pytest.mark.parametrize(
    "values",
    [
        np.zeros((3, 4)),
        -np.zeros((3, 4)),
        np.full((3, 4), 4e-161),
        np.full((3, 4), 5e-324),
        np.full((3, 4), 0.7) + 1e-16 * np.arange(4),
        np.full((3, 4), 1e25),
        np.full((3, 4), np.nan),
        np.where(np.arange(400).reshape(20, 20) == 7, 1.0, 0.0),
        np.where(np.arange(400).reshape(20, 20) == 7, 1.0, 4e-161),
    ],
)
def test_a_scale_of_colours_has_a_width_in_float32(colours: Colours, values: np.ndarray) -> None:
    low, high = np.float32(colour_limits(colours, values))
    assert low < high
    assert np.isfinite(high - low)
    assert low < (low + high) / 2 < high or low == -high


def test_numbers_too_large_for_float32_are_sent_in_float64() -> None:
    sent = encode_array(np.array([1.0, -3e50, np.nan]))
    assert sent["dtype"] == "f8"
    np.testing.assert_array_equal(np.frombuffer(base64.b64decode(sent["bdata"])), [1.0, -3e50, np.nan])
    assert encode_array(np.array([3.4e38, np.inf, np.nan]))["dtype"] == "f4"


def test_a_slope_that_has_vanished_is_neutral_and_traces_beside_a_slope_nearly_so() -> None:
    assert colour_limits("slope", np.full((3, 4), -4e-161)) == (-1.0, 1.0)
    lone = np.full((20, 20), 4e-161)
    lone[0, 0] = 0.5
    low, high = colour_limits("slope", lone)
    assert (low, high) == (-0.5e-6, 0.5e-6)
    assert abs(4e-161 / high) < 1e-100


def test_the_underside_lies_below_what_it_colours() -> None:
    trace = one(render(PICTURES["scene"], "light"), "below")
    height = float(np.ptp(VALUES))
    np.testing.assert_allclose(decoded(trace["z"]), VALUES - LIFT * height, atol=height * 2.0**-SEEN)
    assert (decoded(trace["z"]) < decoded(one(render(PICTURES["scene"], "light"), "loss")["z"])).all()
    np.testing.assert_array_equal(decoded(trace["surfacecolor"]), np.sign(VALUES) + 1)


def test_a_scene_from_below_is_looked_at_from_there() -> None:
    above, below = (
        render(Scene(X, Y, (Sheet("zero", 0.0),), "loss", below=side), "light")["layout"]["scene"]
        for side in (False, True)
    )
    assert above["camera"]["eye"]["z"] > 0 > below["camera"]["eye"]["z"]
    assert above["uirevision"] != below["uirevision"]  # else Plotly would keep the other's camera


def test_surfaces_of_nothing_but_holes_draw() -> None:
    layers = (Surface("slope", NOTHING, "slope"), Mesh("mesh", NOTHING), Underside("below", NOTHING, np.zeros((3, 4))))
    made = render(Scene(X, Y, layers, "slope"), "light")
    go.Figure(made)
    assert all(trace["visible"] is False for trace in made["data"])  # it would break the scene for good


def test_curves_without_points_draw() -> None:
    none = np.array([])
    chart = Chart("x", (Axes("y", (Series("nothing", none, none, mark="star"),), low=0.0),))
    made = render(chart, "light")
    go.Figure(made)
    assert made["layout"]["yaxis"]["range"] == [0.0, 1.15]


def test_a_chart_carries_its_numbers() -> None:
    made = render(PICTURES["chart"], "light")
    np.testing.assert_array_equal(decoded(one(made, "line")["x"]), X.astype(np.float32))
    np.testing.assert_array_equal(decoded(one(made, "line")["y"]), (X**2).astype(np.float32))
    np.testing.assert_array_equal(decoded(one(made, "b")["y"]), (X + 2).astype(np.float32))
    assert one(made, "b")["width"] == 1.0
    assert one(made, "marks")["legendgroup"] == one(made, "b")["legendgroup"] == "one"
    assert [trace["name"] for trace in made["data"] if not trace["showlegend"]] == ["marks", "a", "b"]


def test_fields_of_a_chart_stand_above_each_other() -> None:
    made = render(PICTURES["chart"], "light")
    axes = [made["layout"][f"yaxis{number}"] for number in ("", "2", "3", "4")]
    assert [axis["title"]["text"] for axis in axes] == ["value", "count", "time", ""]
    assert [one(made, name)["yaxis"] for name in ("line", "a", "fast")] == ["y", "y2", "y3"]
    assert made["layout"]["xaxis"]["anchor"] == "y4"
    edges = [edge for axis in reversed(axes) for edge in axis["domain"]]
    assert edges == sorted(edges)
    assert edges[0] == pytest.approx(0)
    assert edges[-1] == 1
    heights = [top - low for low, top in (axis["domain"] for axis in axes)]
    assert heights[1] == pytest.approx(heights[0] / 2)


def test_a_field_that_begins_at_its_low_end_holds_the_stack() -> None:
    axis = render(PICTURES["chart"], "light")["layout"]["yaxis2"]
    assert axis["range"] == [0.0, pytest.approx(1.15 * 2 * 4.0)]  # two bars of 4, one on the other


def test_levels_are_lines_with_words() -> None:
    layout = render(PICTURES["chart"], "light")["layout"]
    assert [(line["yref"], line["y0"], line["line"]["dash"]) for line in layout["shapes"]] == [
        ("y", 1.0, "dash"),
        ("y", 0.0, "solid"),
        ("y3", 100.0, "solid"),
    ]
    # Plotly places annotations, unlike shapes, by the logarithm
    assert [(note["text"], note["yref"], note["y"]) for note in layout["annotations"]] == [
        ("one", "y", 1.0),
        ("limit", "y3", 2.0),
    ]


def test_never_by_colour_alone() -> None:
    styles = [Series(str(index), X, X, index) for index in range(6)]
    lines = render(Chart("x", (Axes("y", tuple(styles)),)), "dark")["data"]
    assert len({trace["line"]["dash"] for trace in lines}) == 6
    assert len(set(SYMBOLS.values())) == len(SYMBOLS)


def test_a_reference_is_dashed_ink() -> None:
    for theme in THEMES:
        line = one(render(PICTURES["chart"], theme), "reference")["line"]
        assert (line["color"], line["dash"]) == (PALETTES[theme].ink, "dash")


def test_a_map_carries_its_numbers_and_its_contour() -> None:
    heat, contour = render(PICTURES["chance"], "light")["data"]
    np.testing.assert_allclose(decoded(heat["z"]), (VALUES + 4) / 20, rtol=2.0 ** -(COARSE + 1))
    np.testing.assert_array_equal(
        decoded(contour["z"]), np.clip(VALUES, -4, 4)
    )  # 0 is passed from −3 to 1 and from 0 to 4
    assert (contour["contours"]["start"], contour["contours"]["end"]) == (0.0, 0.0)
    assert (heat["zmin"], heat["zmax"]) == (0.0, pytest.approx(11 / 20))


@pytest.mark.parametrize(("colours", "ends"), [("chance", (0.0, 0.25)), ("slope", (-0.25, 0.25))])
def test_the_upper_end_of_a_maps_colours_can_be_given(colours: Any, ends: tuple[float, float]) -> None:
    (heat,) = render(Map(X, Y, VALUES, colours, "P", high=0.25), "dark")["data"]
    assert (heat["zmin"], heat["zmax"]) == ends


def test_a_map_of_nothing_but_zeros_or_holes_has_colours() -> None:
    for values in (np.zeros((3, 4)), NOTHING):
        (heat,) = render(Map(X, Y, values, "chance", "P"), "dark")["data"]
        assert (heat["zmin"], heat["zmax"]) == (0.0, 1.0)


def test_the_browser_knows_the_camera_that_needs_no_link() -> None:
    script = (Path(__file__).parents[3] / "frontend" / "src" / "plotly" / "camera_link.ts").read_text(encoding="utf-8")
    for name in ("eye", "center", "up"):
        numbers = ", ".join(f"{axis}: {value:g}" for axis, value in CAMERA[name].items())
        assert f"{{ {numbers} }}" in script, name


def test_white_curves_lie_below_the_underside() -> None:
    underside = Underside("below", VALUES, np.sign(VALUES) + 1)
    curves = [Curve(str(style), X, X, X * 0.0, style) for style in (WHITE, 0)]
    low, white, other = render(Scene(X, Y, (underside, *curves), "slope", below=True), "light")["data"]
    height = np.ptp(VALUES)
    np.testing.assert_allclose(VALUES - decoded(low["z"]), LIFT * height, atol=height * 2.0**-SEEN)
    assert (decoded(low["z"]) > VALUES - 2 * LIFT * height).all()
    np.testing.assert_allclose(decoded(white["z"]), -2 * LIFT * np.ptp(VALUES), rtol=1e-6)
    np.testing.assert_array_equal(decoded(other["z"]), 0.0)
    assert white["line"]["color"] == "#ffffff"


def test_a_projector_has_larger_type_and_ticks_of_a_scene_as_large_as_a_charts() -> None:
    screen, far = (render(PICTURES["scene"], "light", projector)["layout"] for projector in (False, True))
    assert far["font"]["size"] == pytest.approx(1.4 * screen["font"]["size"])
    ticks = far["scene"]["xaxis"]["tickfont"]["size"] / screen["font"]["size"]
    assert ticks**2 == pytest.approx(1.4)  # Plotly draws them with the square of their size


@pytest.mark.parametrize("bits", [FINE, COARSE, SEEN])
@pytest.mark.parametrize("offset", [0.0, 0.35, -1e3, 1e4])
def test_what_rounding_takes_is_a_small_share_of_the_height(offset: float, bits: int) -> None:
    values = offset + 1e-2 * np.random.default_rng(2).random((50, 50))
    exact = np.float32(values)
    error = np.abs(decoded(encode_array(values, bits)).astype(float) - exact)
    assert error.max() <= np.ptp(values) * 2.0**-bits
    assert (error <= np.abs(exact) * 2.0 ** -(bits + 1)).all()


def unpacked(grid: dict[str, Any]) -> list[list[float]]:
    """The numbers of a packed grid, bit by bit."""
    content = base64.b64decode(grid["packed"])
    rows, columns = grid["shape"]
    count = rows * columns
    whole = [[0] * columns for _ in range(rows)]
    for row in range(rows):
        for column in range(columns):
            zigzag = sum(content[place * count + row * columns + column] << (8 * place) for place in range(4))
            step = -(zigzag + 1) // 2 if zigzag % 2 else zigzag // 2
            left = whole[row][column - 1] if column else None
            above = whole[row - 1][column] if row else None
            near = [one for one in (left, above) if one is not None]
            total = step + (sum(near) // len(near) if near else 0)
            whole[row][column] = (total + 2**31) % 2**32 - 2**31
    return [
        [struct.unpack("<f", struct.pack("<I", (one * 2 ** grid["spare"]) % 2**32))[0] for one in row] for row in whole
    ]


@pytest.mark.parametrize("bits", [WHOLE, FINE, SEEN])
@pytest.mark.parametrize(
    "values",
    [
        np.zeros((2, 3)),
        np.array([[1.0, -1.0, 0.0], [-0.0, np.nan, np.inf], [3e38, -3e38, 1e-45]]),
        np.random.default_rng(1).normal(size=(40, 7)),
        np.full((1, 1), -2.5),
    ],
)
def test_packed_grids_hold_the_same_bits(values: np.ndarray, bits: int) -> None:
    sent = encode_array(values, bits)
    sent_by: Figure = {"data": [{"type": "surface", "z": sent, "x": encode_array(np.arange(3))}], "layout": {}}
    (trace,) = pack_grids(sent_by)["data"]
    np.testing.assert_array_equal(np.float32(unpacked(trace["z"])).view(np.uint32), decoded(sent).view(np.uint32))
    assert trace["x"] == sent_by["data"][0]["x"]
    assert sent_by["data"][0]["z"] is sent


@given(arrays(np.float32, st.tuples(st.integers(1, 5), st.integers(1, 5)), elements=st.floats(width=32)))
def test_any_grid_can_be_packed(values: np.ndarray) -> None:
    sent = encode_array(values)
    (trace,) = pack_grids({"data": [{"z": sent}], "layout": {}})["data"]
    np.testing.assert_array_equal(np.float32(unpacked(trace["z"])).view(np.uint32), decoded(sent).view(np.uint32))
