"""CSV and Parquet files as named columns of numbers or texts.

Read with polars, an optional extra of the package, which only this module imports. Limits are checked before reading, and
errors name line and column.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float
from numpy import ndarray

from landscape_core.errors import ProblemError, check_budget

if TYPE_CHECKING:
    import polars

MAX_FILE_BYTES = 50_000_000
MAX_ROWS = 1_000_000
MAX_COLUMNS = 2_000
MAX_VALUES = 50_000_000
MAX_LINE_BYTES = 1_000_000

PARQUET = b"PAR1"
"""What a Parquet file begins with."""

MISSING = ("", "na", "n/a", "nan", "null", "?")
"""What stands for a missing value, in small letters."""

TYPO_SHARE = 0.9
"""A column in which so many values are numbers is one of numbers, and what else is in it is a mistake."""

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
GROUPED = r"^[+-]?\d{1,3}([,_]\d{3})+(\.\d*)?$"
"""A number with its thousands grouped: 1,000 or 1_000."""


@dataclass(frozen=True, eq=False)
class Column:
    """One column of a table.

    Attributes:
        name: Its header.
        numbers: Its values, NaN where one is missing; None if they are texts.
        texts: Its values, None where one is missing; empty if they are numbers.
    """

    name: str
    numbers: Float[ndarray, "N"] | None
    texts: tuple[str | None, ...] = ()


@dataclass(frozen=True, eq=False)
class Columns:
    """A file's columns.

    Attributes:
        columns: All of them, of the same length.
        lines: The line of the file on which each row begins, from 1; of a Parquet file its number.
        notes: What was found out or changed while reading, in words.
    """

    columns: tuple[Column, ...]
    lines: tuple[int, ...]
    notes: tuple[str, ...]


def read_columns(file: Path | str | bytes, *, header: bool | None = None) -> Columns:
    """The columns of a CSV or Parquet file, or of the bytes of one.

    Args:
        file: A path, or the content.
        header: Whether a CSV file's first line names the columns; None to find out: it does if it holds no number.

    Raises:
        ProblemError: It is no such file, or a line of it is wrong.
        BudgetError: It is larger than this module's limits.
    """
    if isinstance(file, bytes):
        data = file
        check_budget(len(data), MAX_FILE_BYTES, "bytes of file", "Give fewer rows or columns.")
    else:
        path = Path(file).expanduser()
        if not path.is_file():
            raise ProblemError(f"{path}: there is no such file")
        check_budget(path.stat().st_size, MAX_FILE_BYTES, "bytes of file", "Give fewer rows or columns.")
        data = path.read_bytes()
    return _read_parquet(data) if data.startswith(PARQUET) else _read_csv(data, header)


def _load_polars() -> Any:  # noqa: ANN401  the module
    try:
        import polars
    except ImportError as error:
        raise ProblemError("tables need polars: pip install 'batchscape[tables]'") from error
    return polars


def _read_parquet(data: bytes) -> Columns:
    polars = _load_polars()
    try:
        lazy = polars.scan_parquet(io.BytesIO(data))
        width = len(lazy.collect_schema())
        rows = int(lazy.select(polars.len()).collect().item())
        _check_size(rows, width)
        frame = lazy.collect()
    except (polars.exceptions.PolarsError, polars.exceptions.PanicException, OSError) as error:
        raise ProblemError(f"this is no whole Parquet file: {error}") from error
    columns, notes = [], []
    for series in frame:
        kind = series.dtype
        if kind.is_numeric() or kind == polars.Boolean:
            columns.append(Column(series.name, series.cast(polars.Float64).to_numpy()))
        elif any(kind == text for text in (polars.String, polars.Categorical, polars.Enum)):
            texts = _strip(series.cast(polars.String))
            columns.append(Column(series.name, None, tuple(texts.to_list())))
        else:
            notes.append(f"column {series.name!r} is left out: it holds {kind}")
    return Columns(tuple(columns), tuple(range(1, rows + 1)), tuple(notes))


def _check_size(rows: int, columns: int) -> None:
    check_budget(rows, MAX_ROWS, "rows", "Give fewer rows.")
    check_budget(columns, MAX_COLUMNS, "columns", "Give fewer columns.")
    check_budget(rows * columns, MAX_VALUES, "values", "Give fewer rows or columns.")


def _read_csv(data: bytes, header: bool | None) -> Columns:
    text, notes = _decode(data)
    if "\n" not in text:
        text = text.replace("\r", "\n")  # as old Macs wrote
    skipped = 0
    separator = None
    if (first := re.match(r"sep=(.)\r?\n", text)) is not None:  # a line for Excel
        separator, skipped, text = first[1], 1, text[first.end() :]
    text = text.rstrip("\r\n") + "\n"
    if not text.strip():
        raise ProblemError("the file is empty")
    longest = max(map(len, text.split("\n")))
    check_budget(longest, MAX_LINE_BYTES, "characters in a line", "A table has a line for each row.")
    separator = separator or _find_separator(text)
    try:
        width = len(next(_rows(text, separator)))
    except csv.Error as error:
        raise ProblemError(f"line {1 + skipped}: {error}") from error
    _check_size(text.count("\n"), width)
    frame, trimmed = _parse(text, separator, width, skipped)
    if trimmed:
        notes.append("blanks around values are trimmed")
    lines = _number_lines(frame, skipped)

    blank = frame.select(_load_polars().all_horizontal(_load_polars().all().is_null())).to_series().to_list()
    kept = [row for row, empty in enumerate(blank) if not empty or width == 1]
    names = [str(value or "").strip() for value in frame.row(kept[0])]
    if header is None:
        header = not any(NUMBER.fullmatch(name.replace(",", ".")) for name in names)
    kept = kept[1:] if header else kept
    if not kept:
        raise ProblemError("the file has a header and no rows")
    if not header:
        names = [""] * width
        notes.append("the first line holds numbers: the columns have no names")
    comma = separator != "," and _has_decimal_commas(frame)
    if comma:
        notes.append("numbers are read with a decimal comma")
    frame, kept_lines = frame[kept], tuple(lines[row] for row in kept)
    named = _name_columns(names, notes)
    columns = [_convert(series, name, comma, kept_lines) for series, name in zip(frame, named, strict=True)]
    return Columns(tuple(columns), kept_lines, tuple(notes))


def _decode(data: bytes) -> tuple[str, list[str]]:
    if data[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        try:
            return data.decode("utf-16"), []
        except UnicodeDecodeError as error:
            raise ProblemError(f"byte {error.start} is not UTF-16, which the file's first bytes say it is") from error
    if b"\0" in data:
        raise ProblemError(f"byte {data.index(bytes(1))} is 0: this is no text file")
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError as error:
        try:
            return data.decode("cp1252"), ["the file is not UTF-8: read as cp1252 (Western European)"]
        except UnicodeDecodeError:
            raise ProblemError(f"byte {error.start} is not UTF-8, nor is the file cp1252: save it as UTF-8") from error


def _find_separator(text: str) -> str:
    """A semicolon, a tab or a bar if it parts the first lines into equally many fields, else a comma."""
    for separator in (";", "\t", "|"):
        try:
            widths = {len(row) for row in _rows("\n".join(text.split("\n", 6)[:6]), separator) if row}
        except csv.Error:  # a field too long, as a whole line is
            continue
        if len(widths) == 1 and widths.pop() > 1:
            return separator
    return ","


def _rows(text: str, separator: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=separator)


def _parse(text: str, separator: str, width: int, skipped: int) -> tuple[polars.DataFrame, bool]:
    """All fields as texts, None where one is empty; and whether there were blanks around some."""
    polars = _load_polars()
    try:
        frame = polars.read_csv(text.encode(), has_header=False, infer_schema=False, separator=separator)
    except (polars.exceptions.PolarsError, polars.exceptions.PanicException) as error:
        _check_widths(text, separator, width, skipped)
        raise ProblemError(f"the file cannot be read as a table: {str(error).splitlines()[0]}") from error
    if frame.to_series(frame.width - 1).null_count():  # empty, or not there
        _check_widths(text, separator, width, skipped)
    trimmed = any(bool(column.str.contains(r"^\s|\s$").any()) for column in frame)
    return frame.select(_strip(column) for column in frame), trimmed


def _strip(column: polars.Series) -> polars.Series:
    """Without blanks around values, and None for what stands for a missing one."""
    stripped = column.str.strip_chars()
    return stripped.set(stripped.str.to_lowercase().is_in(MISSING), None)


def _check_widths(text: str, separator: str, width: int, skipped: int) -> None:
    """Refuse a line with more or fewer fields than the first, and a quotation mark that is never closed."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    try:
        for row in reader:
            if row and len(row) != width:
                raise ProblemError(f"line {line + skipped} has {len(row)} fields; the first line has {width}")
            line = reader.line_num + 1
    except csv.Error as error:
        raise ProblemError(f"line {line + skipped}: {error}") from error


def _number_lines(frame: polars.DataFrame, skipped: int) -> list[int]:
    """The line on which each row begins: fields in quotation marks may hold line breaks."""
    breaks = sum(
        (column.str.count_matches("\n").fill_null(0).to_numpy().astype(np.int64) for column in frame), start=np.int64(0)
    )
    return (1 + skipped + np.arange(frame.height) + np.concatenate([[0], np.cumsum(breaks)[:-1]])).tolist()


def _has_decimal_commas(frame: polars.DataFrame) -> bool:
    """Whether there are numbers with a comma in them, and none with a point."""
    return any(bool(column.str.contains(r"^[+-]?\d*,\d+$").any()) for column in frame) and not any(
        bool(column.str.contains(r"^[+-]?\d*\.\d+$").any()) for column in frame
    )


def _name_columns(names: list[str], notes: list[str]) -> list[str]:
    """The header's names, each made its own: by its number if it has none, and counted if another has it, too."""
    found = [name or f"column {number}" for number, name in enumerate(names, start=1)]
    twice = {name for name, count in Counter(found).items() if count > 1}
    if twice:
        notes.append(f"several columns have the same name, and are numbered: {', '.join(sorted(twice))}")
    return [f"{name} ({number})" if name in twice else name for number, name in enumerate(found, start=1)]


def _convert(series: polars.Series, name: str, comma: bool, lines: tuple[int, ...]) -> Column:
    """A column of numbers if its values are, else of texts.

    Raises:
        ProblemError: Nearly all are numbers, or one is infinite.
    """
    polars = _load_polars()
    texts = series.str.replace(",", ".") if comma else series
    grouped = texts.str.contains(GROUPED).fill_null(False)
    if grouped.any():
        texts = texts.zip_with(~grouped, texts.str.replace_all("[,_]", ""))
    numbers = texts.cast(polars.Float64, strict=False)
    present = series.is_not_null()
    wrong = (present & numbers.is_null()).to_numpy()
    count = int(present.sum())
    if wrong.sum() > (1 - TYPO_SHARE) * count or (count and wrong.all()):
        return Column(name, None, tuple(series.to_list()))
    found = numbers.to_numpy()
    wrong |= np.isinf(found)
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        others = "but nearly all others in that column are" if len(found) > 1 else "as it must be"
        kind = "finite number" if np.isinf(found[place]) else "number"
        raise ProblemError(f"line {lines[place]}, column {name!r}: {series[place]!r} is not a {kind}, {others}")
    return Column(name, found)


def drop_rows(columns: Columns, kept: ndarray) -> Columns:
    """Only some of the rows.

    Args:
        columns: The table.
        kept: Whether each row is kept, (N,).
    """
    places = np.flatnonzero(kept)
    return replace(
        columns,
        lines=tuple(columns.lines[place] for place in places),
        columns=tuple(
            Column(one.name, one.numbers[kept])
            if one.numbers is not None
            else Column(one.name, None, tuple(one.texts[place] for place in places))
            for one in columns.columns
        ),
    )
