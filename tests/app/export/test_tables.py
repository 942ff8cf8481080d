"""The numbers behind the pictures, as tables."""

from __future__ import annotations

import csv
import math
import re
from io import StringIO

import numpy as np
import pytest
from drawing import draw_view

from app.export import tables as numbers
from app.plotting.model import Axes, Chart, Gallery, Level, PanelContent, Series, Table, Thumbnail
from app.state.view_state import ViewState
from app.views import VIEWS
from landscape_core import StudyResult, StudySpec, run
from landscape_core.paper import published
from landscape_core.paper.replication import run_replication
from landscape_core.storage import KINDS


@pytest.fixture(scope="module")
def known() -> dict:
    return {}


def drawn(request: ViewState, known: dict) -> dict:
    view = VIEWS[request.view]
    for task in view.tasks(request):
        if task not in known:
            kinds = {"StudySpec": run, "ReplicationSpec": run_replication}
            if type(task).__name__ not in kinds:
                from landscape_core import run_race, run_training

                kinds |= {"RaceSpec": run_race, "TrainingSpec": run_training}
            known[task] = kinds[type(task).__name__](task, device="cpu")
            assert type(known[task]) in KINDS
    return draw_view(request, known)


def read(text: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text)))


def column(table: numbers.NumbersTable, name: str) -> np.ndarray:
    at = table.columns.index(name)
    return np.array([row[at] for row in table.rows])


def assert_no_formula(text: str) -> None:
    if text[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        float(text)


def check(tables: list[numbers.NumbersTable]) -> None:
    assert tables
    assert len({table.name for table in tables}) == len(tables)
    for table in tables:
        assert table.rows
        assert len(set(table.columns)) == len(table.columns)
        head, *rows = read(numbers.to_csv(table))
        assert tuple(head) == table.columns
        for row, line in zip(table.rows, rows, strict=True):
            for cell, text in zip(row, line, strict=True):
                if isinstance(cell, float):
                    # every number comes back as it was, to the last bit
                    assert (math.isnan(cell) and text == "") or float(text) == cell
                else:
                    assert text == numbers.escape_formula(str(cell))
                assert_no_formula(text)
        if table.grid is not None:
            assert math.prod(table.grid) == len(table.rows)


@pytest.mark.parametrize("source", ["batch", "full"])
@pytest.mark.parametrize("moments", ["sampled", "exact"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_panel_of_every_view_has_numbers(
    few: StudySpec, known: dict, view: str, moments: str, source: str
) -> None:
    spec = few if VIEWS[view].sampled else few.replace(draws=0)
    for panel in drawn(ViewState(spec, view, source, moments, seeds=3, step=3), known).values():
        check(numbers.list_tables(panel))


@pytest.mark.usefixtures("few_races")
@pytest.mark.parametrize("stage", ["one", "many", "train"])
def test_every_panel_of_a_race_has_numbers(few: StudySpec, known: dict, stage: str) -> None:
    shown = drawn(ViewState(few.replace(draws=0), "race", stage=stage, budget=4), known)  # type: ignore[arg-type]
    assert shown
    for panel in shown.values():
        check(numbers.list_tables(panel))


@pytest.mark.parametrize("number", published.FIGURES)
def test_every_panel_of_the_paper_has_numbers(known: dict, number: int) -> None:
    figure = published.find_figure(number)
    base = figure.base.replace(resolution=8, line_points=12)
    for panel in figure.panels[::2]:
        for shown in drawn(ViewState(base, "figures", figure=number, panel=panel.letter), known).values():
            check(numbers.list_tables(shown))


def test_a_surface_is_one_row_a_point_in_double_precision(result: StudyResult) -> None:
    shown = VIEWS["compare"].draw(ViewState(result.spec), {result.spec: result})
    (table,) = numbers.list_tables(shown["loss"])
    assert table.columns == ("d1", "d2", "loss")
    assert table.grid == (8, 8)
    # row i at d2 = axis[i], column j at d1 = axis[j]
    assert table.rows[8 * 3 + 5] == (result.axis[5], result.axis[3], result.batch_loss[3, 5])
    np.testing.assert_array_equal(column(table, "loss").reshape(8, 8), result.batch_loss)
    assert result.batch_loss.dtype == np.float64


def test_layers_of_a_scene_are_columns(result: StudyResult) -> None:
    shown = VIEWS["moments"].draw(ViewState(result.spec, "moments", moments="exact"), {result.spec: result})
    (table,) = numbers.list_tables(shown["slope"])
    assert table.columns == (
        "d1", "d2", "mean_slope", "mean_plus_sd", "mean_minus_sd", "full_batch", "sign_class"
    )  # fmt: skip
    np.testing.assert_array_equal(column(table, "mean_plus_sd"), (result.mean_slope + result.sd_slope).ravel())
    classes = column(table, "sign_class")
    np.testing.assert_array_equal(classes == "uncertain", (np.abs(result.mean_slope) < result.sd_slope).ravel())
    assert dict(table.meanings)["sign_class = uncertain"] == "uncertain: |mean| < SD"


def test_a_map_has_the_values_its_contours_are_levels_of(result: StudyResult) -> None:
    shown = VIEWS["counts"].draw(ViewState(result.spec, "counts"), {result.spec: result})
    (table,) = numbers.list_tables(shown["nngpps"])
    assert result.plane_nngpp_chance is not None
    np.testing.assert_array_equal(column(table, "p_nngpp"), result.plane_nngpp_chance.ravel())
    np.testing.assert_array_equal(column(table, "full_batch_slope"), result.full_slope.ravel())


def test_line_and_point_of_a_scene_and_a_map_are_a_table_of_their_own(few: StudySpec, known: dict) -> None:
    shown = drawn(ViewState(few.replace(draws=0), "explore", at_d1=3.0), known)
    plane, curves = numbers.list_tables(shown["loss"])
    assert plane.name == "plane"
    assert curves.columns == ("kind", "d1", "d2", "loss")
    assert [row[0] for row in curves.rows] == ["line"] * 12 + ["point"]
    assert curves.rows[-1][1:3] == (3.0, 0.0)
    curves = numbers.list_tables(shown["map"])[1]
    assert [row[0] for row in curves.rows] == ["start_point", "point", "line", "line"]


def test_a_chart_is_one_row_a_point(result: StudyResult) -> None:
    shown = VIEWS["compare"].draw(ViewState(result.spec), {result.spec: result})
    (table,) = numbers.list_tables(shown["minima"])
    assert table.columns == ("line", "kind", "position", "value")
    curve = [row for row in table.rows if row[:2] == ("d2", "loss")]
    assert [row[3] for row in curve] == result.line_batch_loss[1].tolist()
    assert not any(math.isnan(row[2]) for row in table.rows if row[1] != "white_noise")
    marks = [row[2] for row in table.rows if row[1] == "minimum"]
    assert marks == [place for found in result.minima for place in result.positions[found]]
    assert sum(row[3] for row in table.rows if row[1] == "count") == result.minima.sum()
    (ceiling,) = [row for row in table.rows if row[1] == "white_noise"]
    assert math.isnan(ceiling[2])


@pytest.mark.usefixtures("few_races")
def test_keys_of_files_are_the_same_whatever_is_drawn(few: StudySpec, known: dict) -> None:
    """Not the legend's words, whose counts change with each draw."""
    spec = few.replace(draws=0)

    def keys(batch_seed: int) -> dict[tuple[str, str, str], tuple[object, ...]]:
        found = {}
        for asked in (
            *(ViewState(spec.replace(batch_seed=batch_seed), name) for name in ("compare", "explore", "static")),  # type: ignore[arg-type]
            *(
                ViewState(spec.replace(batch_seed=batch_seed), "race", stage=stage, budget=4)
                for stage in ("one", "train")
            ),  # type: ignore[arg-type]
        ):
            for panel, content in drawn(asked, known).items():
                for table in numbers.list_tables(content):
                    kinds = (
                        {row[table.columns.index("kind")] for row in table.rows} if "kind" in table.columns else set()
                    )
                    assert all(re.fullmatch("[a-z0-9_]+", key) for key in (*table.columns, *kinds))
                    found[asked.view + asked.stage, panel, table.name] = table.columns
        return found

    assert keys(0) == keys(1)


@pytest.mark.parametrize("view", ["compare", "explore", "moments", "counts", "static"])
def test_the_menu_names_the_tables_that_there_are(few: StudySpec, known: dict, view: str) -> None:
    spec = few if VIEWS[view].sampled else few.replace(draws=0)
    for content in drawn(ViewState(spec, view), known).values():  # type: ignore[arg-type]
        assert numbers.name_tables(content) == [table.name for table in numbers.list_tables(content)]


def test_parts_of_an_interrupted_line_are_numbered(result: StudyResult) -> None:
    shown = VIEWS["static"].draw(ViewState(result.spec, "static", line="d2"), {result.spec: result})
    (table,) = numbers.list_tables(shown["static-loss"])
    assert table.columns == ("kind", "part", "position", "value")
    many = [row for row in table.rows if row[0] == "static_batch"]
    np.testing.assert_array_equal(np.array([row[3] for row in many]).reshape(50, -1), result.static_loss[:, 1])
    assert [row[1] for row in many] == np.repeat(np.arange(1, 51), 12).tolist()


def test_marks_without_a_place_stay_as_holes() -> None:
    series = Series("n", np.array([1.0, np.nan]), np.array([0.0, 1.0]), mark="star")
    chart = Chart("x", (Axes("", (series,), (Level(2.0),), ticks=((0.0, "low"), (1.0, "high"))),))
    (table,) = numbers.list_tables(PanelContent("", "", chart, ""))
    assert table.columns == ("kind", "position", "value", "label")
    assert [row[-1] for row in table.rows] == ["low", "high"]
    assert numbers.to_csv(table).splitlines()[2] == "n,,1,high"


def test_tables_and_galleries_as_they_are() -> None:
    table = Table(("a", "b"), (("x, y", "1"),))
    assert numbers.to_csv(numbers.list_tables(PanelContent("", "", table, ""))[0]) == 'a,b\n"x, y",1\n'
    (small,) = numbers.list_tables(Gallery("", "", (Thumbnail("?figure=7", "Fig. 7", "3 minima", b""),), ""))
    assert small.rows == (("Fig. 7", "3 minima", "?figure=7"),)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (0.1, "0.1"),
        (1.0, "1"),
        (-0.0, "0"),
        (-0.25, "-0.25"),
        (1e300, "1e+300"),
        (math.nan, ""),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (7, "7"),
        ("a", "a"),
    ],
)
def test_cells(cell: numbers.Cell, text: str) -> None:
    assert numbers.format_cell(cell) == text


@pytest.mark.parametrize(("height", "width"), [(100, 100), (1, 900), (401, 3), (21, 20)])
def test_a_large_plane_is_thinned_evenly(height: int, width: int) -> None:
    rows = tuple((float(i), float(j)) for j in range(height) for i in range(width))
    short, words = numbers.shorten(numbers.NumbersTable("plane", ("d1", "d2"), rows, (height, width)))
    assert 100 <= len(short.rows) <= numbers.MOST_ROWS
    assert set(short.rows) <= set(rows)
    assert f"{len(short.rows):,} of {len(rows):,}" in words
    for at in (0, 1):
        assert len(set(np.diff(sorted({row[at] for row in short.rows})))) <= 1


def test_other_tables_are_cut_off_and_say_so() -> None:
    rows = tuple((float(i),) for i in range(1000))
    short, words = numbers.shorten(numbers.NumbersTable("chart", ("x",), rows))
    assert short.rows == rows[: numbers.MOST_ROWS]
    assert words == "The first 400 of 1,000 rows; the CSV has them all."
    whole = numbers.NumbersTable("chart", ("x",), rows[:400])
    assert numbers.shorten(whole) == (whole, "")


@pytest.mark.parametrize("text", ["= 49 (47–52)", "=1+1", "+cmd", "@SUM(A1)", "-x", "- 3", "\t=1", "=", "-", "+-1"])
def test_text_that_a_spreadsheet_would_compute_is_written_as_text(text: str) -> None:
    ((cell, number, harmless),) = read(numbers.write_csv([(text, -0.5, "a = b")]))
    assert cell == f"'{text}"
    assert float(number) == -0.5
    assert harmless == "a = b"


def test_tables_side_by_side_have_titles_and_an_empty_line_between() -> None:
    shown = [
        PanelContent(title, "", Table(("=a", "b"), (("▴ 80 (70–90)", "= 49 (47–52)"),)), "")
        for title in ("One", "+Two")
    ]
    assert numbers.panels_to_csv(shown) == (
        "table,a,b\nOne,▴ 80 (70–90),'= 49 (47–52)\n\ntable,a,b\n'+Two,▴ 80 (70–90),'= 49 (47–52)\n"
    )
    with pytest.raises(TypeError, match="got a Chart; allowed: a Table"):
        numbers.panels_to_csv([PanelContent("One", "", Chart("", ()), "")])
