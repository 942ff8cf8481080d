"""Tables of the numbers behind a picture, in full precision, and CSV."""

from __future__ import annotations

import csv
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from io import StringIO

import numpy as np
from numpy import ndarray

from app.plotting.minus_signs import write_plain
from app.plotting.model import (
    SIGNS,
    Arrows,
    Axes,
    Bars,
    Chart,
    Curve,
    Gallery,
    Map,
    Mesh,
    PanelContent,
    Scene,
    Series,
    Surface,
    Table,
    title_plane,
)
from app.plotting.model import Underside as Under

Cell = float | int | str
Row = tuple[Cell, ...]

FORMULA_STARTS = ("=", "+", "-", "@", "\t")
"""Characters that spreadsheets take for the start of a formula, or skip before one."""

SIGN_CLASS = "sign_class"
"""The column of classes."""

SIGN_WORDS = {"+": " plus ", "−": " minus ", "<": " below ", ">": " above ", "NN-GPP": "NNGPP", "%": " percent "}
"""Signs that a key keeps as words."""

Meaning = tuple[str, str]
"""A key of a table, and what it stands for."""

MOST_ROWS = 400
"""Most rows that the dialog shows; files have all."""


@dataclass(frozen=True)
class NumbersTable:
    """One table of numbers."""

    name: str  # which of a picture's tables, fit for a file name
    columns: tuple[str, ...]
    rows: tuple[Row, ...]  # numbers and words; a number that is not finite marks a hole
    # points along d2 and along d1, if the rows are those of a plane, d1 running fastest
    grid: tuple[int, int] | None = None
    meanings: tuple[Meaning, ...] = ()  # what its keys stand for


def list_tables(drawn: PanelContent | Gallery) -> list[NumbersTable]:
    """List the tables of a panel: one of its surfaces or its map, with one row a point, and one of its lines and marks."""
    if isinstance(drawn, Gallery):
        rows = tuple((small.title, small.note, small.link) for small in drawn.thumbnails)
        return [NumbersTable("pictures", ("figure", "shows", "link"), rows)]
    picture = drawn.picture
    if isinstance(picture, Table):
        keys = _to_keys(picture.columns)
        meanings = tuple(pair for pair in zip(keys, picture.columns, strict=True) if pair[0] != pair[1])
        cells = tuple(tuple(map(write_plain, row)) for row in picture.rows)
        return [NumbersTable("table", keys, cells, meanings=meanings)]
    if isinstance(picture, Scene):
        curves = (layer for layer in picture.layers if isinstance(layer, Curve))
        of_plane = [*_unit_meanings(picture.unit), *_class_meanings(picture)]
        plane = _plane_table(picture.x, picture.y, _layer_columns(picture), of_plane)
        return [*plane, *_curve_table(("d1", "d2", picture.quantity), curves)]
    if isinstance(picture, Map):
        plane = _plane_table(picture.x, picture.y, _map_columns(picture), _unit_meanings(picture.unit))
        handle: list[Row] = [("line", *end) for end in picture.handle or ()]
        return [*plane, *_curve_table(("d1", "d2"), picture.curves, handle), *_arrow_table(picture.arrows)]
    return _chart_table(picture)


def name_tables(drawn: PanelContent | Gallery) -> list[str]:
    """Name the tables of a panel, without making them."""
    picture = None if isinstance(drawn, Gallery) else drawn.picture
    if isinstance(picture, Scene):
        return ["plane", "curves"] if any(isinstance(layer, Curve) for layer in picture.layers) else ["plane"]
    if isinstance(picture, Map):
        drawn_over = {"curves": picture.curves or picture.handle, "arrows": picture.arrows}
        return ["plane", *(name for name, there in drawn_over.items() if there)]
    return ["pictures" if picture is None else "table" if isinstance(picture, Table) else "chart"]


def to_csv(table: NumbersTable) -> str:
    """Write a table as CSV: numbers in the shortest text that reads back as the same; a hole is an empty cell."""
    return write_csv([table.columns, *table.rows])


def panels_to_csv(shown: Sequence[PanelContent]) -> str:
    """Write panels that are tables as CSV, each with title and keys, separated by empty lines."""
    rows: list[Row] = []
    for panel in shown:
        if not isinstance(panel.picture, Table):
            raise TypeError(f"{panel.title}: got a {type(panel.picture).__name__}; allowed: a Table")
        rows += [(), ("table", *_to_keys(panel.picture.columns)), *((panel.title, *row) for row in panel.picture.rows)]
    return write_csv(rows[1:])


def write_csv(rows: Iterable[Row]) -> str:
    """Write rows as CSV. Text that a spreadsheet would take for a formula gets a ' in front."""
    file = StringIO(newline="")
    csv.writer(file, lineterminator="\n").writerows([escape_formula(format_cell(cell)) for cell in row] for row in rows)
    return file.getvalue()


def format_cell(cell: Cell) -> str:
    """Format a cell without loss."""
    if isinstance(cell, float):
        # + 0.0 makes 0 of −0
        return repr(cell + 0.0).removesuffix(".0") if math.isfinite(cell) else ("" if math.isnan(cell) else str(cell))
    return str(cell)


def escape_formula(text: str) -> str:
    """Put a ' before text that a spreadsheet would take for a formula; numbers stay as they are.

    >>> escape_formula("= 49 (47–52)"), escape_formula("-0.5"), escape_formula("a = b")
    ("'= 49 (47–52)", '-0.5', 'a = b')
    """
    if not text.startswith(FORMULA_STARTS):
        return text
    try:
        float(text)
    except ValueError:
        return f"'{text}"
    return text


def shorten(table: NumbersTable, most: int = MOST_ROWS) -> tuple[NumbersTable, str]:
    """Return as many rows as can be read, and a sentence on those left out, or ""."""
    count = len(table.rows)
    if count <= most:
        return table, ""
    if table.grid is None:
        return replace(table, rows=table.rows[:most]), f"The first {most:,} of {count:,} rows; the CSV has them all."
    height, width = table.grid
    step = next(k for k in range(2, count) if -(-height // k) * -(-width // k) <= most)
    kept = [row * width + column for row in range(0, height, step) for column in range(0, width, step)]
    words = f"Every {_ordinal(step)} point along each side, {len(kept):,} of {count:,}; the CSV has them all."
    return replace(table, rows=tuple(table.rows[index] for index in kept)), words


def _ordinal(step: int) -> str:
    return {2: "second", 3: "third"}.get(step, f"{step}th")


def to_key(name: str) -> str:
    """Write a name as a key of a file: words of ASCII, joined by _.

    >>> to_key("mean + SD"), to_key("P(slope < 0)"), to_key("true NN-GPP")
    ('mean_plus_sd', 'p_slope_below_0', 'true_nngpp')
    """
    for sign, word in SIGN_WORDS.items():
        name = name.replace(sign, word)
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii").lower()
    return "_".join(re.findall(r"[a-z0-9]+", plain))


def _to_keys(headings: Sequence[str]) -> tuple[str, ...]:
    """Write the headings of a table as keys."""
    return _make_distinct([to_key(heading) for heading in headings])


def _unit_meanings(unit: str) -> list[Meaning]:
    """What d1 and d2 count, if not lengths in parameter space."""
    return [(name, title) for name, title in zip(("d1", "d2"), title_plane(unit), strict=True) if name != title]


def _plane_table(
    x: ndarray, y: ndarray, values: Sequence[tuple[str, ndarray]], meanings: Sequence[Meaning] = ()
) -> Iterator[NumbersTable]:
    """One row a point, d1 running fastest."""
    if not values:
        return
    across, up = np.meshgrid(np.asarray(x, dtype=np.float64), np.asarray(y, dtype=np.float64))
    columns = [across.ravel(), up.ravel(), *(np.asarray(one).ravel() for _, one in values)]
    names = _make_distinct(["d1", "d2", *(to_key(name) for name, _ in values)])
    rows = tuple(zip(*(column.tolist() for column in columns), strict=True))
    yield NumbersTable("plane", names, rows, (len(y), len(x)), tuple(meanings))


def _layer_columns(scene: Scene) -> list[tuple[str, ndarray]]:
    """Surfaces and meshes, each name once, and classes; a level plane and the lowest of several surfaces are only drawn."""
    found: dict[str, ndarray] = {}
    for layer in scene.layers:
        if isinstance(layer, Surface | Mesh):
            found.setdefault(layer.name, np.asarray(layer.values, dtype=np.float64))
        elif isinstance(layer, Under):
            found[SIGN_CLASS] = _name_classes(layer.classes, layer.keys)
    return list(found.items())


def _name_classes(classes: ndarray, names: Sequence[str]) -> ndarray:
    """Classes in words; a hole has none."""
    return np.array(["" if np.isnan(one) else names[int(one)] for one in classes.ravel()]).reshape(classes.shape)


def _class_meanings(scene: Scene) -> list[Meaning]:
    return [
        (f"{SIGN_CLASS} = {key}", words)
        for layer in scene.layers
        if isinstance(layer, Under)
        for key, words in zip(layer.keys, layer.meanings, strict=False)
        if words
    ]


def _map_columns(picture: Map) -> list[tuple[str, ndarray]]:
    is_class = picture.colours == "sign"
    values = _name_classes(picture.values, SIGNS) if is_class else np.asarray(picture.values, dtype=np.float64)
    own = [(SIGN_CLASS if is_class else picture.quantity, values)]
    # a contour is given by the values that it is a level of
    return own + [(name.removesuffix(f" {level:g}"), values) for name, values, level in picture.contours]


def _curve_table(
    quantities: Sequence[str], curves: Iterable[Curve | Series], others: Iterable[Row] = ()
) -> Iterator[NumbersTable]:
    """One row a point of a curve: its kind and its coordinates, as many as there are quantities."""
    rows: list[Row] = [
        (to_key(curve.name), *place)
        for curve in curves
        for place in zip(*(_to_floats(getattr(curve, axis)) for axis in "xyz"[: len(quantities)]), strict=True)
    ]
    rows += others
    if rows:
        yield NumbersTable("curves", ("kind", *(to_key(name) for name in quantities)), tuple(rows))


def _arrow_table(arrows: Sequence[Arrows]) -> Iterator[NumbersTable]:
    """One row an arrow: its kind, where it begins, and the components of what it stands for."""
    rows = [
        (to_key(one.name), *numbers)
        for one in arrows
        for numbers in zip(*(_to_floats(values) for values in (one.x, one.y, one.u, one.v)), strict=True)
    ]
    if arrows:
        quantity = to_key(arrows[0].quantity)
        yield NumbersTable("arrows", ("kind", "d1", "d2", f"{quantity}_d1", f"{quantity}_d2"), tuple(rows))


def _chart_table(chart: Chart) -> list[NumbersTable]:
    """One row a point of a line, a mark or a bar. Where a gap interrupts a line, the next part begins."""
    rows: list[Row] = []
    meanings: dict[str, str] = {"position": chart.x_title}
    for field in chart.fields:
        for item in field.items:
            found = _series_rows(item, field) if isinstance(item, Series) else _bar_rows(item)
            if found:
                meanings.setdefault(str(found[0][1]), field.title or to_key(item.kind or item.name).replace("_", " "))
            rows += found
        for level in field.levels:
            if level.text:  # one without is a line to look at
                rows.append(("", to_key(level.text), 1, math.nan, level.height, ""))
                meanings.setdefault(to_key(level.text), field.title)
    columns = (chart.groups, "kind", "part", "position", "value", "label")
    grouped = any(row[0] for row in rows)
    optional = {0: grouped, 2: len({row[2] for row in rows}) > 1, 5: any(row[5] for row in rows)}
    kept = [place for place in range(len(columns)) if optional.get(place, True)]
    return [
        NumbersTable(
            "chart",
            tuple(columns[place] for place in kept),
            tuple(tuple(row[place] for place in kept) for row in rows),
            meanings=tuple(meanings.items()),
        )
    ]


def _series_rows(item: Series, field: Axes) -> list[Row]:
    if item.kind is None or not np.isfinite(item.x).any():
        return []  # only drawn, or an entry of the legend
    kind, part = to_key(item.kind or item.name), 1
    rows: list[Row] = []
    for index, (x, y) in enumerate(zip(_to_floats(item.x), _to_floats(item.y), strict=True)):
        if math.isnan(x) and item.mark is None:
            part += 1
            continue
        label = item.text[index] if item.text else "" if item.group else _find_row(field, y)
        if not (item.reveal and item.text and not label):  # drawn once more, for emphasis
            rows.append((item.group, kind, part, x, y, label))
    return list(dict.fromkeys(rows)) if item.reveal else rows


def _find_row(field: Axes, height: float) -> str:
    """The name of the row that a height lies in, where heights are rows."""
    nearest = min(field.ticks or (), key=lambda tick: abs(tick[0] - height), default=(math.inf, ""))
    return nearest[1] if abs(nearest[0] - height) < 0.5 else ""


def _bar_rows(item: Bars) -> list[Row]:
    kind = to_key(item.kind or item.name)
    return [(item.group, kind, 1, x, y, "") for x, y in zip(_to_floats(item.x), _to_floats(item.y), strict=True)]


def _to_floats(values: ndarray) -> list[float]:
    return [float(value) for value in np.asarray(values, dtype=np.float64).tolist()]


def _make_distinct(names: Sequence[str]) -> tuple[str, ...]:
    """Number keys that repeat."""
    seen: dict[str, int] = {}
    found = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name}_{seen[name]}")
    return tuple(found)
