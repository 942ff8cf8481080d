"""Tables: the files that people have, what is made of them, and what is refused with line and column."""

import io
import time
from contextlib import suppress

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits

from landscape_core import BudgetError, LandscapeError, ProblemError, read_table
from landscape_core.problems.custom import table_file

polars = pytest.importorskip("polars")


def read(text, target=None, **options):
    return read_table(text.encode() if isinstance(text, str) else text, target, **options)


GERMAN = "Länge;Breite;Art\n5,1;3,5;setosa\n4,9;3,0;virginica\n6,2;2,9;setosa\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_german_table(encoding, newline):
    table = read(GERMAN.replace("\n", newline).encode(encoding))
    assert table.features == ("Länge", "Breite")
    assert table.inputs.tolist() == [[5.1, 3.5], [4.9, 3.0], [6.2, 2.9]]
    assert (table.target, table.classes, table.targets.tolist()) == (
        "Art",
        ("setosa", "virginica"),
        [[1, 0], [0, 1], [1, 0]],
    )
    assert ("the file is not UTF-8: read as cp1252 (Western European)" in table.notes) == (encoding == "cp1252")
    assert "numbers are read with a decimal comma" in table.notes
    assert "classes: 0 = setosa, 1 = virginica" in table.notes


@pytest.mark.parametrize(
    ("values", "classes", "codes"),
    [
        (("1", "2", "3"), ("1", "2", "3"), [0, 1, 2]),
        (("-1", "+1", "-1"), ("-1", "1"), [0, 1, 0]),
        (("0", "1", "7"), ("0", "1", "7"), [0, 1, 2]),
        (("yes ", "yes", "no"), ("no", "yes"), [1, 1, 0]),
        (("1.0", "2.0", "1.0"), ("1", "2"), [0, 1, 0]),
        (("True", "False", "True"), ("False", "True"), [1, 0, 1]),
        (("a,b", 'say "x"', "a,b"), ("a,b", 'say "x"'), [0, 1, 0]),
    ],
)
def test_classes_of_any_form(values, classes, codes):
    quoted = [f'''"{value.replace('"', '""')}"''' if "," in value else value for value in values]
    rows = "".join(f"{number * number},{value}\n" for number, value in enumerate(quoted))
    table = read(f"x,y\n{rows}")
    assert table.classes == classes
    assert table.targets.argmax(1).tolist() == codes
    assert "classes: " + ", ".join(f"{number} = {name}" for number, name in enumerate(classes)) in table.notes
    assert ("blanks around values are trimmed" in table.notes) == ("yes " in values)


@pytest.mark.parametrize(
    ("values", "note"),
    [
        (["1.5", "2.7", "3.1"], "numbers with fractions"),
        ([str(value) for value in range(0, 60, 2)], "30 different whole numbers"),
    ],
)
def test_real_numbers_are_a_regression(values, note):
    table = read("x,y\n" + "".join(f"{number**2},{value}\n" for number, value in enumerate(values)))
    assert table.classes == ()
    assert table.targets[:, 0].tolist() == list(map(float, values))
    assert any(note in one for one in table.notes)
    problem = table.make_problem(hidden=())
    assert problem.loss.name == "mse"
    np.testing.assert_allclose([problem.targets.mean(), problem.targets.std(correction=0)], [0, 1], atol=1e-13)
    assert "the target 'y' is standardised" in problem.describe()["remarks"]


def test_digits_as_a_file(tmp_path):
    bunch = load_digits()
    path = tmp_path / "digits.csv"
    np.savetxt(path, np.column_stack([bunch.data, bunch.target]), fmt="%g", delimiter=",")
    table = read_table(path)
    assert table.features == tuple(f"column {number}" for number in range(1, 65) if number not in (1, 33, 40))
    np.testing.assert_array_equal(table.inputs, np.delete(bunch.data, [0, 32, 39], axis=1))
    assert [note for note in table.notes if "left out" in note] == [
        f"column 'column {number}' is left out: it is 0 in all rows" for number in (1, 33, 40)
    ]
    assert "the first line holds numbers: the columns have no names" in table.notes
    problem = table.make_problem(hidden=(16, 16), dtype=torch.float32)
    assert problem.network.sizes == (61, 16, 16, 10)
    described = problem.describe()
    assert described["classes"] == list("0123456789")
    assert (described["target"], described["scaling"]) == ("column 65", "standardised")
    assert float(problem(torch.zeros(1, problem.parameters)).mean()) == pytest.approx(np.log(10), rel=1e-6)


def test_large_numbers_keep_their_differences():
    problem = read("x,y\n1000000000,a\n1000000001,b\n1000000002,a\n").make_problem()
    third = np.sqrt(1.5)
    np.testing.assert_allclose(problem.inputs[0], [-third, 0, third], rtol=1e-15)


def test_texts_become_inputs():
    rows = [("m", "red", "n1"), ("f", "blue", "n2"), ("m", "green", "n3"), ("f", "red", "n4")]
    text = "sex,colour,name,same,y\n" + "".join(
        f"{a},{b},{c},k,{number % 2}\n" for number, (a, b, c) in enumerate(rows)
    )
    table = read(text + "".join(f"m,red,n{number},k,1\n" for number in range(5, 30)))
    assert table.features == ("sex = m", "colour = blue", "colour = green", "colour = red")
    assert table.inputs[:4].tolist() == [[1, 0, 0, 1], [0, 1, 0, 0], [1, 0, 1, 0], [0, 0, 0, 1]]
    assert "column 'name' is left out: it has 29 different texts" in table.notes
    assert "column 'same' is left out: it is k in all rows" in table.notes


def test_row_numbers_are_left_out():
    table = read("Id,x,y\n" + "".join(f"{number},{number % 7},{number % 2}\n" for number in range(1, 31)))
    assert table.features == ("x",)
    assert "column 'Id' is left out: it counts the rows" in table.notes


GAPS = "a,b,y\n1,red,0\n,blue,1\n3,,0\n4,blue,\n5,blue,1\nNA,red,1\n"


def test_missing_values_are_refused_dropped_or_filled():
    with pytest.raises(ProblemError) as caught:
        read(GAPS)
    assert str(caught.value) == (
        "4 of 6 rows have missing values (lines 3, 4, 5, 7): choose missing='drop' or missing='mean'"
    )
    dropped = read(GAPS, missing="drop")
    assert dropped.inputs.tolist() == [[1, 1], [5, 0]]
    assert "4 of 6 rows left out: missing values" in dropped.notes
    filled = read(GAPS, missing="mean")
    assert filled.inputs.tolist() == [[1, 1], [3, 0], [3, 0], [5, 0], [3, 1]]  # blue and red are as many: blue
    assert "1 of 6 rows left out: no 'y'" in filled.notes
    assert "2 missing values of column 'a' are filled" in filled.notes


def test_a_column_without_values_is_left_out():
    table = read("a,b,y\n1,,0\n2,,1\n", missing="mean")
    assert (table.features, table.classes) == (("a",), ("0", "1"))
    assert "column 'b' is left out: it has no values" in table.notes


SPOILT = [GERMAN.encode(), b'a,b,y\n1,"x, y",0\n2,"q""z",1\n,,\n', b"x\ty\n1\ta\n2\tb\n"]
SIGNS = b',;\t|"\n\r\x00 1.5eE-+NAx\xff\xfe\xc3'


@pytest.mark.parametrize("missing", ["refuse", "drop", "mean"])
def test_a_spoilt_file_is_read_or_refused(missing):
    """Bytes put in, taken out and changed at random: nothing else is raised."""
    generator = np.random.default_rng(0)
    read_ones = 0
    for _ in range(300):
        data = bytearray(SPOILT[generator.integers(3)])
        for _ in range(generator.integers(1, 6)):
            place, how = int(generator.integers(len(data))), generator.integers(3)
            sign = SIGNS[generator.integers(len(SIGNS))]
            if how == 0:
                data.insert(place, sign)
            elif how == 1 and len(data) > 9:
                del data[place : place + 3]
            else:
                data[place] = sign
        with suppress(LandscapeError):
            assert read_table(bytes(data), missing=missing).make_problem().inputs.isfinite().all()
            read_ones += 1
    assert 10 < read_ones < 290


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("sep=;\nx;y\n1;a\n2;b\n", [1, 2]),
        ("x\ty\n1\ta\n2\tb\n", [1, 2]),
        ("x|y\n1|a\n2|b\n", [1, 2]),
        ('x,y\n"1,000",a\n"2,500.5",b\n', [1000, 2500.5]),
        ("x,y\n1_000,a\n2,b\n", [1000, 2]),
        ("x;y\n1.5;a\n2;b\n", [1.5, 2]),
        ("x , y\n 1 , a\n 2 , b\n", [1, 2]),
        ("x,y\n1e3,a\n-.5,b\n", [1000, -0.5]),
        ("x,y\n\n1,a\n\n\n2,b\n\n", [1, 2]),
        ('y,x\n"a\nb",1\n"c",2\n', [1, 2]),
    ],
)
def test_ways_to_write_numbers_and_rows(text, expected):
    assert read(text, "y").inputs[:, 0].tolist() == expected
    assert read(text, "y").features == ("x",)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b,c\n1,2,3\n4,5\n", "line 3 has 2 fields; the first line has 3"),
        ("a,b,c\n1,2,3\n4,5,6,7\n", "line 3 has 4 fields; the first line has 3"),
        ('a,b\n"x\ny",1\n2\n', "line 4 has 1 fields; the first line has 2"),
        ("sep=,\na,b\n1,2\n3\n", "line 4 has 1 fields; the first line has 2"),
        ('a,b\n1,2\n"3,4\n5,6\n', "line 3: unexpected end of data"),
        (
            "a,y\n" + "1,0\n2,1\n" * 20 + "1O,0\n",
            "line 42, column 'a': '1O' is not a number, but nearly all others in ",
        ),
        ("a,y\n" + "1,0\n2,1\n" * 20 + "inf,0\n", "line 42, column 'a': 'inf' is not a finite number, but nearly all "),
        ("a,y\n1,A\n2,A\n", "column 'y' has one class only: A"),
        ("a,y\n1,3\n2,3\n", "column 'y' has one class only: 3"),
        ("a,y\n1,0\n1,1\n", "no inputs are left: classes: 0 = 0, 1 = 1; column 'a' is left out: it is 1 in all rows"),
        ("a\n1\n2\n", "a table needs a column to predict and one to predict it from; there is a"),
        ("a,b\n", "the file has a header and no rows"),
        ("\n\n", "the file is empty"),
        (b"", "the file is empty"),
        (b"a,b\n1,2\0\n", "byte 7 is 0: this is no text file"),
        (b"a,b\n1,\x81\n", "byte 6 is not UTF-8, nor is the file cp1252: save it as UTF-8"),
        (b"\xff\xfea", "byte 2 is not UTF-16, which the file's first bytes say it is"),
        ("a,y\n,1\n,0\n", "2 of 2 rows have missing values (lines 2, 3): choose missing='drop' or missing='mean'"),
        (
            "x,y\n" + "".join(f"{n % 3},t{n}\n" for n in range(120)),
            "column 'y' has 120 different texts, more than the 100",
        ),
    ],
)
def test_files_that_are_refused(text, message):
    with pytest.raises(ProblemError) as caught:
        read(text)
    assert str(caught.value).startswith(message)


def test_columns_without_names_or_with_the_same():
    table = read("a,,a,y\n1,2,4,0\n2,5,8,1\n")
    assert table.features == ("a (1)", "column 2", "a (3)")
    assert "several columns have the same name, and are numbered: a" in table.notes
    assert read("1,2,0\n3,4,1\n").features == ("column 1", "column 2")
    assert read("1,2,0\n3,5,1\n4,4,0\n", header=True).features == ("1", "2")
    with pytest.raises(ProblemError, match=r"^no column 'z'; there are: a, b$"):
        read("a,b\n1,2\n", "z")


def parquet(frame):
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


FRAME = polars.DataFrame(
    {
        "x": [1.5, 2.5, None, 4.0],
        "flag": [True, False, True, False],
        "kind": polars.Series(["a", "b", "a", "a"], dtype=polars.Categorical),
        "when": polars.Series([1, 2, 3, 4]).cast(polars.Date),
        "y": ["no", "yes", "yes ", "no"],
    }
)


def test_parquet(tmp_path):
    path = tmp_path / "t.parquet"
    path.write_bytes(parquet(FRAME))
    table = read_table(path, missing="mean")
    assert table.features == ("x", "flag", "kind = b")
    np.testing.assert_allclose(table.inputs, [[1.5, 1, 0], [2.5, 0, 1], [8 / 3, 1, 0], [4, 0, 0]])
    assert table.classes == ("no", "yes")
    assert "column 'when' is left out: it holds Date" in table.notes
    with pytest.raises(ProblemError, match=r"^1 of 4 rows have missing values \(lines 3\)"):
        read_table(path)


@pytest.mark.parametrize(
    "spoil", [lambda data: data[:-10], lambda data: data[:30], lambda data: data[:4] + bytes(60) + b"PAR1"]
)
def test_parquet_that_is_cut_short(spoil):
    with pytest.raises(ProblemError, match=r"^this is no whole Parquet file: "):
        read_table(spoil(parquet(FRAME)))


@pytest.mark.parametrize(
    ("data", "unit"),
    [
        (lambda: b"x" * (table_file.MAX_FILE_BYTES + 1), "bytes of file"),
        (lambda: b"a,b\n" + b"1" * 2_000_000 + b",2\n", "characters in a line"),
        (lambda: b",".join([b"a"] * 400_000) + b"\n", "columns"),
        (lambda: b"a,b\n" + b"1,2\n" * 1_000_001, "rows"),
        (
            lambda: parquet(
                polars.DataFrame({"a": polars.zeros(1_000_001, eager=True), "y": polars.zeros(1_000_001, eager=True)})
            ),
            "rows",
        ),
    ],
)
def test_what_is_too_large_is_refused_at_once(data, unit):
    content = data()
    began = time.perf_counter()
    with pytest.raises(BudgetError) as caught:
        read_table(content)
    assert caught.value.unit == unit
    assert time.perf_counter() - began < 5


def test_a_million_columns_are_refused():
    with pytest.raises(BudgetError):
        read_table(b",".join([b"a"] * 10**6) + b"\n" + b",".join([b"1"] * 10**6))


def test_no_such_file(tmp_path):
    with pytest.raises(ProblemError, match=r"there is no such file$"):
        read_table(tmp_path / "absent.csv")
    big = tmp_path / "big.csv"
    with big.open("wb") as file:
        file.truncate(table_file.MAX_FILE_BYTES + 1)
    with pytest.raises(BudgetError):
        read_table(big)


def test_without_polars_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "polars", None)
    with pytest.raises(ProblemError, match=r"^tables need polars: pip install 'batchscape\[tables\]'$"):
        read("x,y\n1,a\n2,b\n")


def test_a_table_of_some_size_is_read_quickly():
    generator = np.random.default_rng(0)
    buffer = io.StringIO()
    np.savetxt(buffer, generator.standard_normal((20_000, 31)), fmt="%.6g", delimiter=",")
    began = time.perf_counter()
    assert read(buffer.getvalue()).inputs.shape == (20_000, 30)
    assert time.perf_counter() - began < 10
