"""The numbers behind a picture, as tables: from the neutral pictures, in the precision in which they were computed."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

import numpy as np
from numpy import ndarray

from app.pictures import Axes, Bars, Chart, Curve, Drawn, Gallery, Map, Mesh, Scene, Series, Sheet, Surface, Table
from app.pictures import Underside as Under

Cell = float | int | str
Row = tuple[Cell, ...]

MOST_ROWS = 400
"""Rows shown where a table is read instead of a picture; files have them all."""


@dataclass(frozen=True)
class NumbersTable:
    """One table of numbers.

    Attributes:
        name: Which of a picture's tables, fit for a file name.
        columns: Headings.
        rows: Numbers and words; a number that is not finite marks a hole.
        grid: Points along d2 and along d1, if the rows are those of a plane, d1 running fastest.
    """

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    grid: tuple[int, int] | None = None


def tables(drawn: Drawn | Gallery) -> list[NumbersTable]:
    """All numbers of a panel: those of its surface or map as one row a point, those of its lines and marks as another."""
    if isinstance(drawn, Gallery):
        rows = tuple((small.title, small.note, small.link) for small in drawn.thumbnails)
        return [NumbersTable("pictures", ("figure", "shows", "link"), rows)]
    picture = drawn.picture
    if isinstance(picture, Table):
        return [NumbersTable("table", _distinct(picture.columns), picture.rows)]
    if isinstance(picture, Scene):
        return [*_plane(picture.x, picture.y, _of_layers(picture)), *_curves(picture)]
    if isinstance(picture, Map):
        return [*_plane(picture.x, picture.y, _of_map(picture)), *_on_map(picture)]
    return _of_chart(picture)


def to_csv(table: NumbersTable) -> str:
    """A table as CSV: each number in the shortest text that is read back as the same; a hole is an empty cell."""
    file = StringIO(newline="")
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows([written(cell) for cell in row] for row in table.rows)
    return file.getvalue()


def written(cell: Cell) -> str:
    """One cell as text, without loss."""
    if isinstance(cell, float):
        return repr(cell).removesuffix(".0") if math.isfinite(cell) else ("" if math.isnan(cell) else str(cell))
    return str(cell)


def shortened(table: NumbersTable, most: int = MOST_ROWS) -> tuple[NumbersTable, str]:
    """As much of a table as can be read, and what was left out, in words; "" if nothing was."""
    count = len(table.rows)
    if count <= most:
        return table, ""
    if table.grid is None:
        return _with(table, table.rows[:most]), f"The first {most:,} of {count:,} rows; the CSV has them all."
    height, width = table.grid
    step = next(k for k in range(2, count) if -(-height // k) * -(-width // k) <= most)
    kept = [row * width + column for row in range(0, height, step) for column in range(0, width, step)]
    words = f"Every {_ordinal(step)} point along each side, {len(kept):,} of {count:,}; the CSV has them all."
    return _with(table, tuple(table.rows[index] for index in kept)), words


def _ordinal(step: int) -> str:
    return {2: "second", 3: "third"}.get(step, f"{step}th")


def _with(table: NumbersTable, rows: tuple[Row, ...]) -> NumbersTable:
    return NumbersTable(table.name, table.columns, rows, table.grid)


def _plane(x: ndarray, y: ndarray, values: Sequence[tuple[str, ndarray]]) -> Iterator[NumbersTable]:
    """One row a point, d1 running fastest."""
    if not values:
        return
    across, up = np.meshgrid(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    columns = [across.ravel(), up.ravel(), *(np.asarray(one, dtype=np.float64).ravel() for _, one in values)]
    names = _distinct(["d1", "d2", *(name for name, _ in values)])
    rows = tuple(zip(*(column.tolist() for column in columns), strict=True))
    yield NumbersTable("plane", names, rows, (len(y), len(x)))


def _of_layers(scene: Scene) -> list[tuple[str, ndarray]]:
    found: list[tuple[str, ndarray]] = []
    for layer in scene.layers:
        if isinstance(layer, Surface | Mesh):
            found.append((layer.name, layer.values))
        elif isinstance(layer, Under):
            meant = ", ".join(f"{index} {words}" for index, words in enumerate(layer.meanings) if words)
            classes = f"{layer.name}: class" + (f" ({meant})" if meant else "")
            found += [(f"{layer.name}: lowest", layer.lowest), (classes, layer.classes)]
        elif isinstance(layer, Sheet):
            found.append((layer.name, np.full((len(scene.y), len(scene.x)), layer.height)))
    return found


def _of_map(picture: Map) -> list[tuple[str, ndarray]]:
    own = [(picture.quantity, picture.values)]
    # a contour is given by the values that it is a level of
    return own + [(f"level {level:g} of this: {name}", values) for name, values, level in picture.contours]


def _curves(scene: Scene) -> Iterator[NumbersTable]:
    curves = [layer for layer in scene.layers if isinstance(layer, Curve)]
    rows = [
        (curve.name, *place)
        for curve in curves
        for place in zip(*(_listed(axis) for axis in (curve.x, curve.y, curve.z)), strict=True)
    ]
    if rows:
        yield NumbersTable("curves", ("curve", "d1", "d2", scene.quantity), tuple(rows))


def _on_map(picture: Map) -> Iterator[NumbersTable]:
    rows: list[Row] = []
    for curve in picture.curves:
        rows += [(curve.name, *place) for place in zip(_listed(curve.x), _listed(curve.y), strict=True)]
    if picture.handle is not None:
        rows += [("line", float(across), float(up)) for across, up in picture.handle]
    if rows:
        yield NumbersTable("curves", ("curve", "d1", "d2"), tuple(rows))


def _of_chart(chart: Chart) -> list[NumbersTable]:
    """One row a point of a line, a mark or a bar. Where a gap interrupts a line, the next part begins."""
    rows: list[Row] = []
    for index, field in enumerate(chart.fields):
        title = field.title or f"field {index + 1}"
        for item in field.items:
            rows += _of_series(title, item, field) if isinstance(item, Series) else _of_bars(title, item)
        rows += [(title, level.text or "level", "level", 1, math.nan, level.height, "") for level in field.levels]
    columns = ("field", "name", "shown as", "part", chart.x_title, "value", "label")
    kept = [place for place in range(len(columns)) if place not in (3, 6) or len({row[place] for row in rows}) > 1]
    names = _distinct([columns[place] for place in kept])
    return [NumbersTable("chart", names, tuple(tuple(row[place] for place in kept) for row in rows))]


def _of_series(title: str, item: Series, field: Axes) -> Iterator[Row]:
    if not np.isfinite(item.x).any():
        return  # an entry of the legend
    kind = item.mark or "line"
    labels = dict(field.ticks or ())
    part = 1
    for index, (x, y) in enumerate(zip(_listed(item.x), _listed(item.y), strict=True)):
        if math.isnan(x) and item.mark is None:
            part += 1
            continue
        yield title, item.name, kind, part, x, y, item.text[index] if item.text else labels.get(y, "")


def _of_bars(title: str, item: Bars) -> Iterator[Row]:
    for x, y in zip(_listed(item.x), _listed(item.y), strict=True):
        yield title, item.name, f"bar of width {item.width:g}", 1, x, y, ""


def _listed(values: ndarray) -> list[float]:
    return [float(value) for value in np.asarray(values, dtype=np.float64).tolist()]


def _distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Headings of which none comes twice."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(found)
