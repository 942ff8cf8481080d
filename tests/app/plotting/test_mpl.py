"""Pictures on paper: every kind in every format, sizes, and the same bytes every time."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.patches import PathPatch
from printing import FORMATS, PICTURES, panel, pixels, written

from app.plotting import mpl
from app.plotting.model import Axes, Bars, Chart, Table
from app.plotting.mpl.axis_limits import horizontal_limits, tick_format, vertical_limits, vertical_ticks
from app.plotting.mpl.charts import draw_chart
from app.plotting.mpl.style import GREY_STYLE, PRINT_STYLE, Box, PrintStyle, choose_ticks, measure_text, wrap_text


@pytest.fixture(scope="module")
def everything() -> dict[mpl.Format, bytes]:
    """One sheet of all pictures, in each format."""
    figure = mpl.compose([("x", panel(name)) for name in PICTURES], title="Everything", columns=5)
    before = dict(matplotlib.rcParams)
    contents = {kind: written(figure, kind) for kind in FORMATS}
    assert dict(matplotlib.rcParams) == before
    return contents


def test_every_picture_can_be_written(everything: dict[mpl.Format, bytes]) -> None:
    starts = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    assert all(everything[kind].startswith(starts[kind]) for kind in FORMATS)
    ElementTree.fromstring(everything["svg"])
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()


def test_a_pdf_embeds_its_fonts_as_outlines(everything: dict[mpl.Format, bytes]) -> None:
    assert b"/FontFile2" in everything["pdf"]
    assert b"/Subtype /Type3" not in everything["pdf"]
    assert b"CreationDate" not in everything["pdf"]


EMPTY = ("table", "no fields", "nothing", "empty chart", "empty map")


@pytest.mark.parametrize("name", [name for name in PICTURES if name not in EMPTY])
def test_every_picture_shows_something(name: str) -> None:
    picture = PICTURES[name]
    assert not isinstance(picture, Table)
    image = pixels(mpl.thumbnail([picture], width=90, height=60))
    assert (image[..., 3] > 0.3).sum() > 20


def test_a_png_has_200_dots_an_inch_and_as_many_rows_as_needed() -> None:
    one = mpl.compose([("a", panel("lines"))], title="One")
    image = imread(BytesIO(written(one, "png")))
    wide, high = one.get_size_inches()
    assert image.shape[:2] == (round(high * 200), round(wide * 200))
    three = mpl.compose([(letter, panel("lines")) for letter in "abc"], title="Three", columns=2)
    row = mpl.compose([(letter, panel("lines")) for letter in "ab"], title="Two", columns=2)
    assert three.get_size_inches()[0] == row.get_size_inches()[0]
    assert three.get_size_inches()[1] > 1.8 * row.get_size_inches()[1]


def test_an_svg_is_xml_with_its_words_as_text() -> None:
    figure = mpl.compose(
        [("a", panel("loss", "Loss & slope")), ("b", panel("lines", "a $ and b $"))], title="All of it", footer="seed 1"
    )
    tree = ElementTree.fromstring(written(figure, "svg"))
    words = [node.text for node in tree.iter("{http://www.w3.org/2000/svg}text")]
    assert {"All of it", "(a) Loss & slope", "(b) a $ and b $", "seed 1", "d1", "height", "style 3", "level"} <= set(
        words
    )
    assert "many" not in words  # it has no entry of its own in the legend


@pytest.mark.parametrize("kind", ["png", "svg"])  # a PDF is written twice below
def test_bytes_are_the_same_every_time(kind: mpl.Format, tmp_path: Path) -> None:
    panels = [("a", panel("slope")), ("b", panel("bars"))]
    figure = mpl.compose(panels, title="Twice")
    first = written(figure, kind)
    assert written(figure, kind) == first
    mpl.write(mpl.compose(panels, title="Twice"), tmp_path / "figure", kind)
    assert (tmp_path / "figure").read_bytes() == first


def test_threads_do_not_disturb_each_other() -> None:
    def work(name: str) -> list[bytes]:
        figure = mpl.compose([("a", panel(name))], title=name)
        return [written(figure, kind) for kind in ("pdf", "svg")] + [
            mpl.thumbnail([PICTURES[name]], width=80, height=60)
        ]

    names = ["slope", "bars"]
    alone = [work(name) for name in names]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(work, names)) == alone


def test_neither_pyplot_nor_the_page_is_needed() -> None:
    code = (
        "import sys; from app.plotting import mpl; mpl.thumbnail([], width=9, height=9);"
        "print([name for name in ('matplotlib.pyplot', 'dash', 'torch', 'plotly') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("names", [("loss",), ("slope", "bars"), ("map", "below", "marks"), ()])
def test_thumbnails_have_their_size_on_a_transparent_ground(names: tuple[str, ...]) -> None:
    content = mpl.thumbnail([PICTURES[name] for name in names], width=240, height=90)
    image = pixels(content)
    assert image.shape == (90, 240, 4)
    assert image[0, 0, 3] == (1 if names[:1] == ("map",) else 0)
    for index in range(len(names)):
        share = slice(index * 240 // len(names), (index + 1) * 240 // len(names))
        assert image[:, share, 3].sum() > 100
    assert content == mpl.thumbnail([PICTURES[name] for name in names], width=240, height=90)


def test_pictures_for_a_page() -> None:
    assert imread(BytesIO(mpl.picture_image(PICTURES["loss"], width=200, height=150, kind="png"))).shape[:2] == (
        300,
        400,
    )
    drawing = mpl.picture_svg(PICTURES["bars"], width=400, height=300)
    assert ElementTree.fromstring(drawing).tag.endswith("svg")
    assert "<style" not in drawing
    other = mpl.picture_svg(PICTURES["lines"], width=400, height=300)
    names = [{node.get("id") for node in ElementTree.fromstring(text).iter()} - {None} for text in (drawing, other)]
    # names that both have stand for the same thing: they are made from what they name
    for name in names[0] & names[1]:
        assert "_" not in str(name)


def test_words_are_wrapped_to_a_width() -> None:
    words = "the quick brown fox jumps over the lazy dog"
    lines = wrap_text(words, 8, 1.0)
    assert " ".join(lines) == words
    assert len(lines) > 1
    assert all(measure_text(line, 8) <= 1.0 for line in lines)
    assert wrap_text("", 8, 1.0) == []
    assert measure_text("mm", 8, bold=True) > measure_text("mm", 8) > measure_text("m", 8)


def test_bars_have_patterns_only_where_there_is_no_hue() -> None:
    def patterns(look: PrintStyle) -> list[str | None]:
        figure = Figure()
        bars = tuple(Bars(str(index), np.arange(3.0), np.ones(3), 1.0, index) for index in range(3))
        draw_chart(figure, Box(0.0, 0.0, 4.0, 3.0), Chart("x", (Axes("count", bars),)), look)
        return [shape.get_hatch() for axes in figure.axes for shape in axes.patches if isinstance(shape, PathPatch)]

    assert patterns(PRINT_STYLE) == [None] * 3
    assert patterns(GREY_STYLE) == [None, "/////", ".."]


def test_axes_end_where_the_data_do() -> None:
    assert choose_ticks(-0.2, 1.01) == [0.0, 0.25, 0.5, 0.75, 1.0]
    bars = PICTURES["bars"]
    assert isinstance(bars, Chart)
    begin, end = horizontal_limits(bars)
    assert begin < 0.5
    assert end > 5.5
    assert vertical_limits(bars.fields[1], (begin, end)) == (0.0, pytest.approx(21 * 1.15))
    log = PICTURES["log"]
    assert isinstance(log, Chart)
    reach = vertical_limits(log.fields[0], horizontal_limits(log))
    assert [tick_format(log.fields[0], reach)(mark) for mark in vertical_ticks(log.fields[0], reach)] == [
        "10⁻⁴", "10⁻³", "10⁻²", "10⁻¹", "1",
    ]  # fmt: skip
