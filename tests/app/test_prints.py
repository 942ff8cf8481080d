"""Pictures on paper: every kind in every format, depth, colours, sizes, and the same bytes every time."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imread
from PIL import Image

from app import prints
from app.figures.style import NEGATIVE, PALETTES, POSITIVE, UNCERTAIN
from app.pictures import (
    REFERENCE,
    WHITE,
    Axes,
    Bars,
    Chart,
    Colours,
    Curve,
    Drawn,
    Layer,
    Level,
    Map,
    Mesh,
    Picture,
    Scene,
    Series,
    Sheet,
    Surface,
    Table,
    Underside,
)
from app.prints import depth
from app.prints.bar import ColourBar
from app.prints.camera import SIDES, Margins, View
from app.prints.extents import horizontal, tick_writer, vertical, vertical_ticks
from app.prints.look import PRINTED, Box, field, scale, text_width, ticks, wrap
from app.prints.scenes import MARGINS, _explain

AXIS = np.linspace(-1.0, 1.0, 9)
ACROSS, ALONG = np.meshgrid(AXIS, AXIS)
BOWL = ACROSS**2 + ALONG**2
TILTED = ACROSS + 0.5 * ALONG
CLASSES = np.where(ACROSS < -0.3, 0.0, np.where(ACROSS > 0.3, 2.0, 1.0))
STEPS = np.arange(1.0, 6.0)
FORMATS = get_args(prints.Format)


def scene(*layers: Layer, below: bool = False) -> Scene:
    return Scene(AXIS, AXIS, layers, "height", below)


def chart(*items: Series | Bars, **more: object) -> Chart:
    return Chart("across", (Axes("upright", items, **more),))


STACKED = tuple(Bars(f"bars {style}", STEPS, np.full(5, style + 1.0), 1.0, style) for style in range(6))

PICTURES: dict[str, Picture | Table] = {
    "loss": scene(Surface("loss", BOWL, "loss")),
    "slope": scene(Surface("slope", TILTED, "slope"), Sheet("zero", 0.0)),
    "sd": scene(Surface("sd", BOWL, "sd"), Mesh("one", BOWL + 1), Mesh("two", BOWL + 2, heavy=True)),
    "chance surface": scene(Surface("chance", BOWL / 2, "chance")),
    "below": scene(Surface("mean", BOWL, "loss"), Underside("class", BOWL, CLASSES), below=True),
    "nothing": scene(),
    "level": scene(Surface("flat", np.zeros_like(BOWL), "slope")),
    "lines": chart(
        *(Series(f"style {style}", STEPS, STEPS * style, style) for style in range(6)),
        Series("reference", STEPS, STEPS, REFERENCE),
        Series("broken", STEPS, np.array([1, np.nan, 2, np.nan, 3]), weight="heavy"),
        *(Series("many", STEPS, STEPS**0.5 + offset, 1, weight="thin", legend=False) for offset in range(50)),
        levels=(Level(1.0, "level"), Level(2.0, dashed=True)),
    ),
    "marks": chart(
        *(Series(mark, STEPS, STEPS, 0, mark=mark) for mark in ("triangle", "diamond", "star")),
        Series("dot", STEPS, STEPS, 1, mark="dot", joined=True, text=("one", "", "$x_1$")),
    ),
    "bars": Chart("x", (Axes("y", (Series("line", STEPS, STEPS),), share=2.0), Axes("count", STACKED, low=0.0))),
    "arrows": Chart(
        "d1",
        (Axes("d2", tuple(Series("a", np.array([0, x]), np.array([0, y]), text=("", "tip"), arrow=True)
                          for x, y in ((1, 0), (0, 1), (0.7, -0.7), (-1, 0)))),),
        (-1.5, 1.5),
        square=True,
    ),
    "log": chart(Series("falling", STEPS, np.array([1, 1e-2, 1e-4, 0, np.nan])), log=True),
    "named ticks": chart(Series("i", STEPS, STEPS, weight="heavy"), ticks=((1.0, "first of all"), (5.0, "$fifth"))),
    "empty chart": chart(Series("none", np.array([]), np.array([]))),
    "no fields": Chart("x", ()),
    "map": Map(AXIS, AXIS, BOWL, "sd", "SD", None, (("half", BOWL, 0.5), ("tilt", TILTED, 0.0), ("never", BOWL, 99.0))),
    "signed map": Map(AXIS, AXIS, TILTED, "slope", "slope", 0.5),
    "chance map": Map(AXIS, AXIS, BOWL / 2, "chance", "P", 1.0),
    "empty map": Map(AXIS, AXIS, BOWL * np.nan, "chance", "P", None, (("none", BOWL * np.nan, 0.0),)),
    "table": Table(("name", "number"), (("sigmoid", "128"), ("tanh " * 30, "126")), frozenset({1})),
}  # fmt: skip


def panel(name: str, title: str = "Panel") -> Drawn:
    return Drawn(title, "A note of some length, so that it needs a second line of text", PICTURES[name], "sentence")


def written(figure: Figure, kind: prints.Format) -> bytes:
    buffer = BytesIO()
    prints.write(figure, buffer, kind)
    return buffer.getvalue()


def dots(picture: Picture, width: int = 300, height: int = 220) -> np.ndarray:
    return imread(BytesIO(prints.picture_png(picture, width=width, height=height)))[..., :3]


def like(image: np.ndarray, colour: str | tuple[float, float, float]) -> np.ndarray:
    """Where an image has a colour, more or less brightly lit."""
    wanted = np.array(to_rgb(colour))
    shade = (image @ wanted) / (wanted @ wanted)
    return (np.abs(image - shade[..., None] * wanted).max(axis=-1) < 0.06) & (shade > 0.55) & (shade < 1.15)


@pytest.fixture(scope="module")
def everything() -> dict[prints.Format, bytes]:
    """One sheet of all pictures, in each format."""
    figure = prints.compose([("x", panel(name)) for name in PICTURES], title="Everything", columns=5)
    before = dict(matplotlib.rcParams)
    contents = {kind: written(figure, kind) for kind in FORMATS}
    assert dict(matplotlib.rcParams) == before
    return contents


def test_every_picture_can_be_written(everything: dict[prints.Format, bytes]) -> None:
    starts = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    assert all(everything[kind].startswith(starts[kind]) for kind in FORMATS)
    ElementTree.fromstring(everything["svg"])
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


def test_a_pdf_embeds_its_fonts_as_outlines(everything: dict[prints.Format, bytes]) -> None:
    assert b"/FontFile2" in everything["pdf"]
    assert b"/Subtype /Type3" not in everything["pdf"]
    assert b"CreationDate" not in everything["pdf"]


def pixels(webp: bytes) -> np.ndarray:
    """Red, green, blue and how opaque, each from 0 to 1; a picture without holes says nothing of the last."""
    return np.asarray(Image.open(BytesIO(webp)).convert("RGBA")) / 255


EMPTY = ("table", "no fields", "nothing", "empty chart", "empty map")


@pytest.mark.parametrize("name", [name for name in PICTURES if name not in EMPTY])
def test_every_picture_shows_something(name: str) -> None:
    picture = PICTURES[name]
    assert not isinstance(picture, Table)
    image = pixels(prints.thumbnail([picture], width=90, height=60))
    assert (image[..., 3] > 0.3).sum() > 20


def test_a_png_has_200_dots_an_inch_and_as_many_rows_as_needed() -> None:
    one = prints.compose([("a", panel("lines"))], title="One")
    image = imread(BytesIO(written(one, "png")))
    wide, high = one.get_size_inches()
    assert image.shape[:2] == (round(high * 200), round(wide * 200))
    three = prints.compose([(letter, panel("lines")) for letter in "abc"], title="Three", columns=2)
    row = prints.compose([(letter, panel("lines")) for letter in "ab"], title="Two", columns=2)
    assert three.get_size_inches()[0] == row.get_size_inches()[0]
    assert three.get_size_inches()[1] > 1.8 * row.get_size_inches()[1]


def test_an_svg_is_xml_with_its_words_as_text() -> None:
    figure = prints.compose(
        [("a", panel("loss", "Loss & slope")), ("b", panel("lines", "a $ and b $"))], title="All of it", footer="seed 1"
    )
    tree = ElementTree.fromstring(written(figure, "svg"))
    words = [node.text for node in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert {"All of it", "(a) Loss & slope", "(b) a $ and b $", "seed 1", "d1", "height", "style 3", "level"} <= set(
        words
    )
    assert "many" not in words  # it has no entry of its own in the legend


@pytest.mark.parametrize("kind", ["png", "svg"])  # a PDF is written twice below
def test_bytes_are_the_same_every_time(kind: prints.Format, tmp_path: Path) -> None:
    panels = [("a", panel("slope")), ("b", panel("bars"))]
    figure = prints.compose(panels, title="Twice")
    first = written(figure, kind)
    assert written(figure, kind) == first
    prints.write(prints.compose(panels, title="Twice"), tmp_path / "figure", kind)
    assert (tmp_path / "figure").read_bytes() == first


def test_threads_do_not_disturb_each_other() -> None:
    def work(name: str) -> list[bytes]:
        figure = prints.compose([("a", panel(name))], title=name)
        return [written(figure, kind) for kind in ("pdf", "svg")] + [
            prints.thumbnail([PICTURES[name]], width=80, height=60)
        ]

    names = ["slope", "bars"]
    alone = [work(name) for name in names]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, names)) == alone


def test_neither_pyplot_nor_the_page_is_needed() -> None:
    code = (
        "import sys; from app import prints; prints.thumbnail([], width=9, height=9);"
        "print([name for name in ('matplotlib.pyplot', 'dash', 'torch', 'plotly') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def _seen(view: View, image: np.ndarray, points: list[tuple[float, float, float]]) -> np.ndarray:
    """The colours at points of the box, given in shares of it."""
    places = view(np.array(points))[:, :2] * 192
    return image[np.floor(image.shape[0] - places[:, 1]).astype(int), np.floor(places[:, 0]).astype(int)]


def view_of(picture: Scene, width: int = 300, height: int = 220) -> View:
    """How a scene is seen in the picture that `dots` makes of it."""
    box = Box(0, 0, width / 96, height / 96)
    figure = Figure(figsize=(box.width, box.height))
    return View(box.width, box.height, _explain(figure, field(figure, box), box, picture, PRINTED), below=picture.below)


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
    view = View(300 / 96, 220 / 96, MARGINS, below=below)
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


def words(picture: Picture) -> list[str | None]:
    drawing = ElementTree.fromstring(prints.picture_svg(picture, width=480, height=330))
    return [node.text for node in drawing.iter("{http://www.w3.org/2000/svg}text")]


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
    figure = prints.compose([("a", Drawn("t", "n", both, "s"))], title="")
    places = sorted({tuple(axes.get_position().bounds) for axes in figure.axes})
    bars = places[2:]  # after the sheet and the panel
    assert len(bars) == 2
    assert bars[0][0] + bars[0][2] < bars[1][0]


def test_a_scene_fills_its_panel_beside_the_bar() -> None:
    picture = scene(Surface("height", BOWL, "loss"))
    corners = view_of(picture)(np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)], dtype=float))
    assert corners[:, 0].max() < 300 / 96 - ColourBar(*scale("loss", BOWL, PRINTED.palette), "").room


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


@pytest.mark.parametrize("names", [("loss",), ("slope", "bars"), ("map", "below", "marks"), ()])
def test_thumbnails_have_their_size_on_a_transparent_ground(names: tuple[str, ...]) -> None:
    content = prints.thumbnail([PICTURES[name] for name in names], width=240, height=90)
    image = pixels(content)
    assert image.shape == (90, 240, 4)
    assert image[0, 0, 3] == (1 if names[:1] == ("map",) else 0)
    for index in range(len(names)):
        share = slice(index * 240 // len(names), (index + 1) * 240 // len(names))
        assert image[:, share, 3].sum() > 100
    assert content == prints.thumbnail([PICTURES[name] for name in names], width=240, height=90)


def test_pictures_for_a_page() -> None:
    assert imread(BytesIO(prints.picture_png(PICTURES["loss"], width=200, height=150))).shape[:2] == (300, 400)
    drawing = prints.picture_svg(PICTURES["bars"], width=400, height=300)
    assert ElementTree.fromstring(drawing).tag.endswith("svg")
    assert "<style" not in drawing
    other = prints.picture_svg(PICTURES["lines"], width=400, height=300)
    names = [{node.get("id") for node in ElementTree.fromstring(text).iter()} - {None} for text in (drawing, other)]
    # names that both have stand for the same thing: they are made from what they name
    for name in names[0] & names[1]:
        assert "_" not in str(name)


def test_a_surface_of_very_many_points_is_thinned() -> None:
    axis = np.linspace(-1, 1, 700)
    x, y = np.meshgrid(axis, axis)
    image = imread(
        BytesIO(prints.picture_png(Scene(axis, axis, (Surface("s", x * y, "slope"),), "z"), width=200, height=150))
    )
    assert image.shape[:2] == (300, 400)


def test_the_nearest_triangle_is_seen_at_every_dot() -> None:
    def square(near: float, far: float) -> np.ndarray:
        corners = np.array([[0, 0, near], [10, 0, far], [10, 10, far], [0, 10, near]], dtype=float)
        return corners[[[0, 1, 2], [0, 2, 3]]]

    layers = [
        depth.Layer(square(0.2, 0.8), depth.plain((1.0, 0.0, 0.0))),
        depth.Layer(square(0.8, 0.2), depth.plain((0.0, 0.0, 1.0))),
    ]
    for order in (layers, layers[::-1]):
        image = depth.image(order, 12, 10)
        np.testing.assert_array_equal(image[:, :5], np.broadcast_to([255, 0, 0, 255], (10, 5, 4)))
        np.testing.assert_array_equal(image[:, 5:10], np.broadcast_to([0, 0, 255, 255], (10, 5, 4)))
        assert not image[:, 10:, 3].any()
    assert not depth.image([], 3, 2).any()


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
    assert (depth.image([depth.Layer(corners, depth.plain((1.0, 1.0, 1.0)))], 44, 44)[..., 3] == 255).all()


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


def test_words_are_wrapped_to_a_width() -> None:
    words = "the quick brown fox jumps over the lazy dog"
    lines = wrap(words, 8, 1.0)
    assert " ".join(lines) == words
    assert len(lines) > 1
    assert all(text_width(line, 8) <= 1.0 for line in lines)
    assert wrap("", 8, 1.0) == []
    assert text_width("mm", 8, bold=True) > text_width("mm", 8) > text_width("m", 8)


def test_axes_end_where_the_data_do() -> None:
    assert ticks(-0.2, 1.01) == [0.0, 0.25, 0.5, 0.75, 1.0]
    bars = PICTURES["bars"]
    assert isinstance(bars, Chart)
    begin, end = horizontal(bars)
    assert begin < 0.5
    assert end > 5.5
    assert vertical(bars.fields[1], (begin, end)) == (0.0, pytest.approx(21 * 1.15))
    log = PICTURES["log"]
    assert isinstance(log, Chart)
    reach = vertical(log.fields[0], horizontal(log))
    assert [tick_writer(log.fields[0], reach)(mark) for mark in vertical_ticks(log.fields[0], reach)] == [
        "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "1",
    ]  # fmt: skip


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
