"""The numbers behind the pictures, as tables."""

from __future__ import annotations

import csv
import math
from io import StringIO

import numpy as np
import pytest

from app import numbers
from app.pictures import Axes, Chart, Drawn, Gallery, Level, Series, Table, Thumbnail
from app.state import Request
from app.views import VIEWS
from landscape_core import StudyResult, StudySpec, paper, run
from landscape_core.storage import KINDS
from landscape_core.typical import run_typical


@pytest.fixture(scope="module")
def known() -> dict:
    return {}


def drawn(request: Request, known: dict) -> dict:
    view = VIEWS[request.view]
    for task in view.needs(request):
        if task not in known:
            kinds = {"StudySpec": run, "TypicalSpec": run_typical}
            if type(task).__name__ not in kinds:
                from landscape_core import run_race, run_training

                kinds |= {"RaceSpec": run_race, "TrainingSpec": run_training}
            known[task] = kinds[type(task).__name__](task, device="cpu")
            assert type(known[task]) in KINDS
    return dict(view.draw(request, known))


def read(text: str) -> list[list[str]]:
    return list(csv.reader(StringIO(text)))


def column(table: numbers.NumbersTable, name: str) -> np.ndarray:
    at = table.columns.index(name)
    return np.array([row[at] for row in table.rows])


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
                    assert text == str(cell)
        if table.grid is not None:
            assert math.prod(table.grid) == len(table.rows)


@pytest.mark.parametrize("source", ["batch", "full"])
@pytest.mark.parametrize("moments", ["sampled", "exact"])
@pytest.mark.parametrize("view", VIEWS)
def test_every_panel_of_every_view_has_numbers(
    few: StudySpec, known: dict, view: str, moments: str, source: str
) -> None:
    spec = few if VIEWS[view].sampled else few.replace(draws=0)
    for panel in drawn(Request(spec, view, source, moments, seeds=3, step=3), known).values():
        check(numbers.tables(panel))


@pytest.mark.usefixtures("few_races")
@pytest.mark.parametrize("stage", ["one", "many", "train"])
def test_every_panel_of_a_race_has_numbers(few: StudySpec, known: dict, stage: str) -> None:
    shown = drawn(Request(few.replace(draws=0), "race", stage=stage, budget=4), known)  # type: ignore[arg-type]
    assert shown
    for panel in shown.values():
        check(numbers.tables(panel))


@pytest.mark.parametrize("number", paper.FIGURES)
def test_every_panel_of_the_paper_has_numbers(known: dict, number: int) -> None:
    figure = paper.figure(number)
    base = figure.base.replace(resolution=8, line_points=12)
    for panel in figure.panels[::2]:
        for shown in drawn(Request(base, "figures", figure=number, panel=panel.letter), known).values():
            check(numbers.tables(shown))


def test_a_surface_is_one_row_a_point_in_double_precision(result: StudyResult) -> None:
    shown = VIEWS["compare"].draw(Request(result.spec), {result.spec: result})
    (table,) = numbers.tables(shown["loss"])
    assert table.columns == ("d1", "d2", "loss")
    assert table.grid == (8, 8)
    # row i at d2 = axis[i], column j at d1 = axis[j]
    assert table.rows[8 * 3 + 5] == (result.axis[5], result.axis[3], result.batch_loss[3, 5])
    np.testing.assert_array_equal(column(table, "loss").reshape(8, 8), result.batch_loss)
    assert result.batch_loss.dtype == np.float64


def test_layers_of_a_scene_are_columns(result: StudyResult) -> None:
    shown = VIEWS["moments"].draw(Request(result.spec, "moments", moments="exact"), {result.spec: result})
    (table,) = numbers.tables(shown["slope"])
    assert tuple(name.split(" (")[0] for name in table.columns) == (
        "d1", "d2", "mean slope", "zero", "mean + SD", "mean − SD", "full batch", "below: lowest", "below: class"
    )  # fmt: skip
    np.testing.assert_array_equal(column(table, "mean + SD"), (result.mean_slope + result.sd_slope).ravel())
    assert set(column(table, "zero")) == {0.0}


def test_a_map_has_the_values_its_contours_are_levels_of(result: StudyResult) -> None:
    shown = VIEWS["chances"].draw(Request(result.spec, "chances"), {result.spec: result})
    (table,) = numbers.tables(shown["nngpps"])
    assert result.plane_nngpp_chance is not None
    np.testing.assert_array_equal(column(table, "P(NN-GPP)"), result.plane_nngpp_chance.ravel())
    np.testing.assert_array_equal(column(table, "level 0 of this: full-batch slope 0"), result.full_slope.ravel())


def test_line_and_point_of_a_scene_and_a_map_are_a_table_of_their_own(few: StudySpec, known: dict) -> None:
    shown = drawn(Request(few.replace(draws=0), "explore", at_d1=3.0), known)
    plane, curves = numbers.tables(shown["loss"])
    assert plane.name == "plane"
    assert curves.columns == ("curve", "d1", "d2", "loss")
    assert [row[0] for row in curves.rows] == ["line"] * 12 + ["point"]
    assert curves.rows[-1][1:3] == (3.0, 0.0)
    curves = numbers.tables(shown["map"])[1]
    assert [row[0] for row in curves.rows] == ["start point", "point", "line", "line"]


def test_a_chart_is_one_row_a_point(result: StudyResult) -> None:
    shown = VIEWS["compare"].draw(Request(result.spec), {result.spec: result})
    (table,) = numbers.tables(shown["minima"])
    assert table.columns == ("field", "name", "shown as", "position along the line", "value")
    curve = [row for row in table.rows if row[1].startswith("d2: ") and row[2] == "line"]
    assert [row[4] for row in curve] == result.line_batch_loss[1].tolist()
    assert not any(math.isnan(row[3]) for row in table.rows if row[2] != "level")  # nor entries of the legend alone
    marks = [row[3] for row in table.rows if row[2] == "triangle"]
    assert marks == [place for found in result.minima for place in result.positions[found]]
    bars = [row for row in table.rows if row[0] == "count" and row[2].startswith("bar")]
    assert sum(row[4] for row in bars) == result.minima.sum()
    (ceiling,) = [row for row in table.rows if row[2] == "level"]
    assert ceiling[1] == "pure noise"
    assert math.isnan(ceiling[3])


def test_parts_of_an_interrupted_line_are_numbered(result: StudyResult) -> None:
    shown = VIEWS["static"].draw(Request(result.spec, "static", line="d2"), {result.spec: result})
    (table,) = numbers.tables(shown["static-loss"])
    many = [row for row in table.rows if row[1] == "50 static batches"]
    found = np.array([row[table.columns.index("value")] for row in many]).reshape(50, -1)
    np.testing.assert_array_equal(found, result.static_loss[:, 1])
    assert [row[table.columns.index("part")] for row in many] == np.repeat(np.arange(1, 51), 12).tolist()


def test_marks_without_a_place_stay_as_holes() -> None:
    series = Series("n", np.array([1.0, np.nan]), np.array([0.0, 1.0]), mark="star")
    chart = Chart("x", (Axes("", (series,), (Level(2.0),), ticks=((0.0, "low"), (1.0, "high"))),))
    (table,) = numbers.tables(Drawn("", "", chart, ""))
    assert table.columns == ("field", "name", "shown as", "x", "value", "label")
    assert [row[-1] for row in table.rows] == ["low", "high", ""]
    assert numbers.to_csv(table).splitlines()[2] == "field 1,n,star,,1,high"


def test_tables_and_galleries_as_they_are() -> None:
    table = Table(("a", "b"), (("x, y", "1"),))
    assert numbers.to_csv(numbers.tables(Drawn("", "", table, ""))[0]) == 'a,b\n"x, y",1\n'
    (small,) = numbers.tables(Gallery("", "", (Thumbnail("?figure=7", "Fig. 7", "3 minima", b""),), ""))
    assert small.rows == (("Fig. 7", "3 minima", "?figure=7"),)


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (0.1, "0.1"),
        (1.0, "1"),
        (-0.0, "-0"),
        (1e300, "1e+300"),
        (math.nan, ""),
        (math.inf, "inf"),
        (7, "7"),
        ("a", "a"),
    ],
)
def test_cells(cell: numbers.Cell, text: str) -> None:
    assert numbers.written(cell) == text


@pytest.mark.parametrize(("height", "width"), [(100, 100), (1, 900), (401, 3), (21, 20)])
def test_a_large_plane_is_thinned_evenly(height: int, width: int) -> None:
    rows = tuple((float(i), float(j)) for j in range(height) for i in range(width))
    short, words = numbers.shortened(numbers.NumbersTable("plane", ("d1", "d2"), rows, (height, width)))
    assert 100 <= len(short.rows) <= numbers.MOST_ROWS
    assert set(short.rows) <= set(rows)
    assert f"{len(short.rows):,} of {len(rows):,}" in words
    for at in (0, 1):
        assert len(set(np.diff(sorted({row[at] for row in short.rows})))) <= 1


def test_other_tables_are_cut_off_and_say_so() -> None:
    rows = tuple((float(i),) for i in range(1000))
    short, words = numbers.shortened(numbers.NumbersTable("chart", ("x",), rows))
    assert short.rows == rows[: numbers.MOST_ROWS]
    assert words == "The first 400 of 1,000 rows; the CSV has them all."
    whole = numbers.NumbersTable("chart", ("x",), rows[:400])
    assert numbers.shortened(whole) == (whole, "")
