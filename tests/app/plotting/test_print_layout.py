"""The printed page: that it fits a sheet, that its text can be read and touches nothing, and the options of print."""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from itertools import combinations, product

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.lines import Line2D
from matplotlib.text import Text
from printing import PICTURES, panel, written

from app.export import paper_figures
from app.plotting import mpl
from app.plotting.model import PanelContent, Table
from app.plotting.mpl.legend import ENTRY
from app.plotting.mpl.style import GREY_STYLE, PRINT_STYLE, colour_map, wrap_text
from app.plotting.plotly.style import PALETTES
from landscape_core.paper import published

A4, LETTER = (8.27, 11.69), (8.5, 11.0)
LEAST_MARGIN = 0.3
SMALL = {"resolution": 30, "line_points": 40}
NUMBERS = (1, 2, 3, 4, 5, 6, 9, 13, 14, 15, 17, 18)


@lru_cache(maxsize=1)
def studies() -> paper_figures.Studies:
    return paper_figures.Studies("cpu")


@lru_cache(maxsize=32)
def panels_of(number: int) -> tuple[tuple[str, PanelContent], ...]:
    one = published.find_figure(number)
    return tuple(paper_figures.draw_panels(one, one.panels, one.base.replace(**SMALL), studies()))


def printed(number: int, **options: object) -> Figure:
    one = published.find_figure(number)
    title, footer = f"{one.name} {one.title}", paper_figures.write_footer(one, one.base)
    return mpl.compose(panels_of(number), title=title, footer=footer, options=mpl.PrintOptions(**options))


def texts(figure: Figure) -> list[tuple[Text, np.ndarray]]:
    """Every text that is seen, and its box in inches: left, bottom, right, top."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    unseen = set()
    for axes in figure.axes:  # ticks beyond the ends of an axis are not drawn
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
            out = [tick for tick in ticks if not (axes.axison and low - 1e-9 <= tick.get_loc() <= high + 1e-9)]
            unseen |= {label for tick in out for label in (tick.label1, tick.label2)}
    seen = [one for one in figure.findobj(Text) if one.get_visible() and one.get_text().strip() and one not in unseen]
    extents = [one.get_window_extent(canvas.get_renderer()) for one in seen]
    return [(one, np.array([*e.min, *e.max]) / figure.dpi) for one, e in zip(seen, extents, strict=True)]


def key_lines(figure: Figure) -> list[np.ndarray]:
    """The boxes of the sample lines of keys and legends, in inches."""
    lines = [one for one in figure.findobj(Line2D) if abs(np.ptp(one.get_xdata()) - ENTRY) < 1e-9]
    ends = [one.get_transform().transform(one.get_xydata()) / figure.dpi for one in lines]
    return [np.array([*points.min(axis=0), *points.max(axis=0)]) for points in ends]


def words_of(figure: Figure) -> list[str]:
    return [one.get_text() for one, _ in texts(figure)]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_figure_fits_a_page_with_text_that_can_be_read_and_touches_nothing(number: int) -> None:
    figure = printed(number)
    wide, high = figure.get_size_inches()
    for page in (A4, LETTER):
        assert wide <= page[0] - 2 * LEAST_MARGIN
        assert high <= page[1] - 2 * LEAST_MARGIN
    found = texts(figure)
    assert min(one.get_fontsize() for one, _ in found) >= 8
    for one, box in found:
        assert (box[:2] > -0.01).all(), one
        assert (box[2:] < np.array([wide, high]) + 0.01).all(), one
        assert "d1-d2" not in one.get_text()
        assert not one.get_text().strip().endswith("·")
    for (one, first), (other, second) in combinations(found, 2):
        apart = np.maximum(first[:2] - second[2:], second[:2] - first[2:]).max()
        assert apart > 0, (one, other)
    for sample, (one, box) in product(key_lines(figure), found):
        assert np.maximum(sample[:2] - box[2:], box[:2] - sample[2:]).max() > 0, one


@pytest.mark.parametrize(("width", "columns"), [(3.35, 1), (5.0, 1), (7.1, 2), (10.0, 2)])
def test_text_keeps_its_size_at_any_width(width: float, columns: int) -> None:
    figure = printed(9, width=width)
    assert figure.get_size_inches()[0] == pytest.approx(width, abs=0.005)
    sizes = {one.get_fontsize() for one, _ in texts(figure)}
    assert min(sizes) == 8.0
    lefts = {round(box[0], 2) for one, box in texts(figure) if one.get_text().startswith("(")}
    assert len(lefts) == columns


def test_titles_and_notes_can_be_left_out_and_letters_stay() -> None:
    whole, untitled, unnoted, bare = (
        words_of(printed(2, title=title, notes=notes))
        for title, notes in ((True, True), (False, True), (True, False), (False, False))
    )
    heading, note = "Fig. 2 Loss and slope for four batch sizes", "Full batch; black line: slope 0"
    assert {heading, note, "(a) Loss, full batch"} <= set(whole)
    assert whole.count("Sigmoid, global ±20, seed 12735") == 1  # of all panels, so it is said once
    assert heading not in untitled
    assert {note, "(a)", "(h)"} <= set(untitled)
    assert {heading, "(a) Loss, full batch"} <= set(unnoted)
    assert not any("seed" in line for line in unnoted)
    assert {"(a)", "(h)"} <= set(bare)
    assert not any("seed" in line or "Loss" in line for line in bare)


def shares(figure: Figure) -> list[tuple[float, float, float]]:
    """Of each surface the share of its panel that it covers, and the shares of width and height that it reaches over."""
    found = []
    for axes in figure.axes:
        for image in axes.images:
            seen = np.asarray(image.get_array())[..., 3] > 0
            rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
            reach = [(np.ptp(at) + 1) / side for at, side in ((columns, seen.shape[1]), (rows, seen.shape[0]))]
            found.append((float(seen.mean()), *reach))
    return found


def test_surfaces_fill_their_panels() -> None:
    (bowl,) = shares(mpl.compose([("a", panel("loss"))], title=""))
    assert bowl[1] > 0.7
    assert bowl[2] > 0.6
    assert np.mean([area for area, *_ in shares(printed(13))]) > 0.2
    covered = shares(printed(2))
    assert min(wide for _, wide, _ in covered) > 0.58
    assert np.mean([wide for _, wide, _ in covered]) > 0.65
    assert np.mean([high for _, _, high in covered]) > 0.62


WORDS = "gradient-only searches look at slopes alone and go by their signs"
WIDE = Table(
    ("claim", "what is computed", "paper", *(f"number {index}" for index in range(6))),
    tuple(
        (f"claim-{row}", WORDS, WORDS, *(f"{row}.{index} (0.125 to 0.375)" for index in range(6))) for row in range(40)
    ),
    frozenset(range(3, 9)),
)
"""Far wider than a page with every cell on one line, and higher than one."""


def test_a_table_of_any_width_and_height_has_its_type_and_all_its_words() -> None:
    pages = mpl.compose_pages(PanelContent("Claims", "A note.", WIDE, ""), footer="seed 1")
    assert len(pages) > 1
    found: list[str] = []
    for page in pages:
        seen = texts(page)
        wide, high = page.get_size_inches()
        assert wide <= A4[1] - 2 * LEAST_MARGIN
        assert high <= A4[0] - 2 * LEAST_MARGIN
        assert {one.get_fontsize() for one, _ in seen} == {8.0, 9.0}
        words = [one.get_text() for one, _ in seen]
        assert {"claim", "Claims", "seed 1"} <= set(words)
        for (one, first), (other, second) in combinations(seen, 2):
            assert np.maximum(first[:2] - second[2:], second[:2] - first[2:]).max() > -0.01, (one, other)
        assert all((box[:2] > -0.01).all() and (box[2:] < np.array([wide, high]) + 0.01).all() for _, box in seen)
        found += words
    every = " ".join(found)
    for row in WIDE.rows:
        assert row[0] in found
        assert set(row[3:]) <= set(found)  # no number is broken
    assert every.count("gradient-only") == 2 * len(WIDE.rows)


def test_a_small_table_keeps_an_upright_page_and_a_picture_its_sheet() -> None:
    (page,) = mpl.compose_pages(PanelContent("Counts", "", Table(("a", "b"), (("x", "1"),)), ""))
    assert page.get_size_inches()[0] < A4[0]
    (sheet,) = mpl.compose_pages(panel("lines"))
    assert sheet.get_size_inches()[0] < A4[0]
    assert mpl.encode_pages([page, sheet]).count(b"/Type /Page ") == 2
    assert mpl.encode_pages([page]) == mpl.encode_pages([page])


def lightness(colour: object) -> float:
    """CIE L*, 0 to 100."""
    linear = np.array([part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in to_rgb(colour)])
    luminance = float(linear @ (0.2126, 0.7152, 0.0722))
    return 116 * luminance ** (1 / 3) - 16 if luminance > 0.008856 else 903.3 * luminance


def test_lightness_is_that_of_known_colours() -> None:
    assert [round(lightness(name)) for name in ("black", "#777777", "white", "red")] == [0, 50, 100, 53]


def test_in_grey_the_sign_of_a_slope_is_read_off_the_lightness() -> None:
    colours, limits = colour_map("slope", np.array([[-1.0, 1.0]]), GREY_STYLE)
    scale = [lightness(colours(limits(value))) for value in np.linspace(-0.9, 0.9, 19)]
    assert (np.diff(scale) > 2).all()
    assert scale[14] - scale[4] > 30  # at half of the largest, either way
    hued, limits = colour_map("slope", np.array([[-1.0, 1.0]]), PRINT_STYLE)
    assert abs(lightness(hued(limits(0.5))) - lightness(hued(limits(-0.5)))) < 12  # which is why there is another style


@pytest.mark.parametrize("number", [2, 3, 5, 15])
def test_in_grey_nothing_has_a_hue(number: int) -> None:
    image = imread(BytesIO(written(printed(number, grey=True), "png")))[..., :3]
    assert np.ptp(image, axis=2).max() < 0.01


@pytest.mark.parametrize("look", [PRINT_STYLE, GREY_STYLE])
def test_layers_of_a_band_differ_in_lightness(look: mpl.style.PrintStyle) -> None:
    lower, upper = look.palette.band
    scale = [lightness(colour) for colour in (look.palette.ink, lower, upper)]
    assert (np.diff(scale) > (9 if look is GREY_STYLE else 15)).all()
    assert lightness("white") - scale[-1] > 35


def test_classes_differ_in_lightness_in_grey() -> None:
    found = sorted(lightness(colour) for colour in GREY_STYLE.classes)
    assert (np.diff(found) > 12).all()


def test_sides_of_a_band_can_be_told_apart_on_a_dark_page() -> None:
    lower, upper = (lightness(colour) for colour in PALETTES["dark"].band)
    assert upper - lower > 12


def test_a_line_ends_without_a_dot_that_divides_nothing() -> None:
    words = "86 found · 92 over draws · noise gives 131 · true 5"
    for width in (0.6, 0.9, 1.3, 2.0, 9.0):
        lines = wrap_text(words, 8, width)
        assert not any(line.endswith("·") or line.startswith("·") for line in lines)
        assert " ".join(lines).replace("· ", "") == words.replace("· ", ""), lines
    formula = "√(σ²/B\u00a0·\u00a0(N−B)/(N−1))"
    assert wrap_text(f"the exact SD {formula} on average", 8, 1.0).count(formula) == 1


def test_the_head_of_a_dotted_arrow_is_whole() -> None:
    figure = mpl.compose([("a", PanelContent("t", "", PICTURES["arrows"], "s"))], title="")
    arrows = [one.arrow_patch for one in figure.findobj(lambda one: getattr(one, "arrow_patch", None) is not None)]
    heads = [one for one in arrows if "Filled" in type(one.get_arrowstyle()).__name__]
    shafts = [one for one in arrows if one not in heads]
    assert len(heads) == len(shafts) == 4
    assert {one.get_linestyle() for one in heads} == {"solid"}
    assert all(one.shrinkB > 0 for one in shafts)  # a line would show beyond the tip
