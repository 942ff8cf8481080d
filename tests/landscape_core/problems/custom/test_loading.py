"""Problems from a Python file: what is made, and every way in which a file can be wrong."""

import importlib.util
import re
import signal
import subprocess
import sys
import threading
from importlib.metadata import EntryPoint
from pathlib import Path
from textwrap import dedent

import numpy as np
import pytest
import torch

from landscape_core import PROBLEMS, LandscapeError, ProblemEntry, ProblemError, load_problem
from landscape_core.problems import builtin

CPU = torch.device("cpu")
GOOD = """
    import torch
    from landscape_core import Problem

    def make():
        \"\"\"A small network.

        More of it.
        \"\"\"
        torch.manual_seed(0)
        model = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
        x = torch.randn(9, 2)
        return Problem.from_module(model, torch.nn.MSELoss(), x, x[:, :1] * x[:, 1:], name="Small")
"""


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Writes files in a folder and goes there."""
    monkeypatch.chdir(tmp_path)

    def write_file(text, name="mine.py"):
        Path(name).write_text(dedent(text), encoding="utf-8")
        return f"{name}:make"

    return write_file


def streams():
    """Of torch and numpy; the checks of types in these tests draw from Python's."""
    return torch.get_rng_state().tolist(), str(np.random.get_state())  # noqa: NPY002


def test_a_problem_of_a_file(write):
    before, path = streams(), sys.path.copy()
    entry = load_problem(write(GOOD))
    assert (streams(), sys.path) == (before, path)
    assert (entry.name, entry.label, entry.description, entry.samples) == ("mine:make", "Small", "A small network.", 9)
    problem = entry.make(torch.float32, CPU)
    assert (problem.dtype, problem.samples, problem.parameters) == (torch.float32, 9, 13)
    assert entry.make(torch.float64, CPU).check() == ()
    assert load_problem("mine.py").key == entry.key


def test_the_key_is_that_of_another_process_and_changes_with_the_file(write):
    where = write(GOOD)
    program = f"from landscape_core import load_problem; print(load_problem({where!r}).key)"
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=240)
    key = load_problem(where).key
    assert other.stdout.strip() == key
    assert load_problem(write(GOOD + "    # another\n")).key != key


OWN_CLASSES = """
    import torch
    from landscape_core import Problem

    class Own(torch.nn.Linear):
        def forward(self, x):
            return super().forward(x).tanh()

    def error(outputs, targets):
        return (outputs - targets).square().mean(1)

    def make():
        torch.manual_seed(0)
        return Problem.from_module(Own(2, 1), error, torch.randn(9, 2), torch.randn(9, 1))

    def of_function():
        return Problem.from_function(lambda a, x: (a * x - 1) ** 2, [1.0], [0.0, 1.0, 2.0])
"""


def fingerprints(file, module, monkeypatch):
    """Of the problems of a file that is imported under a name."""
    spec = importlib.util.spec_from_file_location(module, file)
    monkeypatch.setitem(sys.modules, module, found := importlib.util.module_from_spec(spec))
    spec.loader.exec_module(found)
    return found.make().fingerprint(), found.of_function().fingerprint()


def test_the_fingerprint_does_not_depend_on_how_a_file_is_imported(write, tmp_path, monkeypatch):
    loaded = load_problem(write(OWN_CLASSES)).make(torch.float64, CPU).fingerprint()
    found = fingerprints("mine.py", "one_name", monkeypatch)
    assert found[0] == loaded
    assert fingerprints("mine.py", "package.other_name", monkeypatch) == found
    write(OWN_CLASSES, "moved.py")
    assert fingerprints("moved.py", "moved", monkeypatch) == found
    # changes that change no number, but what is written
    write(OWN_CLASSES.replace(".mean(1)", ".mean(-1)").replace("- 1)", "- 1.0)"), "changed.py")
    assert not set(fingerprints("changed.py", "one_name", monkeypatch)) & set(found)


def test_neighbours_are_found_and_belong_to_the_key(write):
    write("def targets(x):\n    return x[:, :1]\n", "neighbour.py")
    text = GOOD.replace("import torch\n", "import torch\n    import neighbour\n", 1).replace(
        "x[:, :1] * x[:, 1:]", "neighbour.targets(x)"
    )
    first = load_problem(write(text))
    write("def targets(x):\n    return 2 * x[:, :1]\n", "neighbour.py")
    second = load_problem("mine.py:make")
    assert first.key != second.key
    assert first.make(torch.float64, CPU).hash_data() != second.make(torch.float64, CPU).hash_data()


def test_a_neighbour_of_another_folder_is_not_taken_for_it(write, tmp_path, monkeypatch):
    for folder, factor in (("one", 1), ("two", 2)):
        (tmp_path / folder).mkdir()
        monkeypatch.chdir(tmp_path / folder)
        write(f"FACTOR = {factor}\n", "shared_neighbour.py")
        text = GOOD.replace("import torch\n", "import torch\n    import shared_neighbour\n", 1)
        where = write(text)
        if folder == "one":
            load_problem(where)
        else:
            with pytest.raises(
                ProblemError, match=r"mine\.py imports 'shared_neighbour', .+: rename shared_neighbour\.py"
            ):
                load_problem(where)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("def make(:\n    pass\n", r"^mine\.py, line 1: invalid syntax"),
        (
            "import no_such_module\n",
            r"^mine\.py, line 1, in <module>: ModuleNotFoundError: No module named 'no_such_module'",
        ),
        ("x = 1\n", r"^mine\.py has no function 'make'; it has none$"),
        (
            "def build():\n    pass\ndef other():\n    pass\n",
            r"^mine\.py has no function 'make'; it has: build, other$",
        ),
        (
            "def make(size):\n    pass\n",
            r"^mine\.py: make must be callable without arguments; missing a required argument",
        ),
        ("def make():\n    return 1 / 0\n", r"^mine\.py, line 2, in make: ZeroDivisionError: division by zero$"),
        ("def make():\n    raise SystemExit(3)\n", r"^mine\.py, line 2, in make: SystemExit: 3$"),
        (
            "def make():\n    return 3\n",
            r"^mine\.py: make returned a int; it must return a Problem, as Problem\.from_module",
        ),
        (
            GOOD.replace("torch.manual_seed(0)", "pass"),
            r"^mine\.py: make makes another problem at each call: set the seeds",
        ),
        (
            GOOD.replace("x[:, :1] * x[:, 1:]", "x[:, 0]"),
            r"^mine\.py, line 13, in make: this model cannot be looked at",
        ),
        ("\0", r"^mine\.py"),
    ],
)
def test_files_that_are_refused(write, text, message):
    before, path = streams(), sys.path.copy()
    with pytest.raises(ProblemError, match=message):
        load_problem(write(text))
    assert (streams(), sys.path) == (before, path)


ENDLESS = """
    import time
    import torch
    from landscape_core import Problem

    class Endless(torch.nn.Linear):
        def forward(self, x):
            while True:
                {step}

    def make():
        torch.manual_seed(0)
        return Problem.from_module(Endless(2, 1), torch.nn.MSELoss(), torch.randn(9, 2), torch.randn(9, 1))
"""
TOO_LONG = (
    "mine.py, line {line}: making and checking the problem had not ended after {seconds:g} seconds; if no loop runs for "
    "ever there, allow more: --check-seconds, or load_problem(…, seconds=…)"
)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (ENDLESS.format(step="pass"), "[89], in forward"),
        (ENDLESS.format(step="time.sleep(3600)"), "[89], in forward"),
        (ENDLESS.format(step="x = x.tanh()"), "[89], in forward"),
        ("while True:\n    pass\n", "[12], in <module>"),
        ("def make():\n    while True:\n        pass\n", "[23], in make"),
    ],
)
def test_what_never_ends_is_given_up(write, text, line):
    before, path = streams(), sys.path.copy()
    with pytest.raises(ProblemError) as caught:
        load_problem(write(text), seconds=0.4)
    first, rest = (re.escape(part) for part in TOO_LONG.format(line="|", seconds=0.4).split("|"))
    assert re.fullmatch(first + line + rest, str(caught.value))
    assert (streams(), sys.path) == (before, path)
    assert load_problem(write(GOOD)).samples == 9


def test_the_deadline_leaves_handler_and_timer_as_they_were(write):
    def handle(*_):
        raise AssertionError

    before = signal.signal(signal.SIGALRM, handle)
    signal.setitimer(signal.ITIMER_REAL, 3600)
    try:
        load_problem(write(GOOD))
        assert signal.getsignal(signal.SIGALRM) is handle
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 3000
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_another_thread_has_no_deadline(write):
    found, where = [], write(GOOD)
    thread = threading.Thread(target=lambda: found.append(load_problem(where, seconds=1e-6)))
    thread.start()
    thread.join()
    assert found[0].samples == 9


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("absent.py:make", "absent.py: there is no such file in "),
        ("absent.txt:make", "absent.txt:make: name a Python file and a function of it, as in my_problem.py:make"),
        ("", ": name a Python file"),
        ("..", "..: name a Python file"),
    ],
)
def test_places_without_a_file(where, message):
    with pytest.raises(LandscapeError) as caught:
        load_problem(where)
    assert str(caught.value).startswith(message)


def test_problems_of_installed_packages(monkeypatch, caplog):
    monkeypatch.setattr(builtin, "PROBLEMS", dict(PROBLEMS))
    entry = ProblemEntry("theirs", "Theirs", "One of theirs.", 150, PROBLEMS["wine"].make)

    class Point(EntryPoint):
        def load(self):
            return {"good": lambda: entry, "bad": lambda: 1 / 0, "other": lambda: 3, "taken": lambda: PROBLEMS["wine"]}[
                self.name
            ]()

    points = [Point(name, "package:x", builtin.GROUP) for name in ("good", "bad", "other", "taken")]
    monkeypatch.setattr(builtin, "entry_points", lambda group: points)
    assert builtin.add_installed_problems() == ["theirs"]
    assert builtin.PROBLEMS["theirs"] is entry
    assert builtin.PROBLEMS["wine"] is PROBLEMS["wine"]
    assert [record.getMessage() for record in caplog.records] == [
        "the problem bad of package:x cannot be loaded: division by zero",
        "the problem other of package:x is no ProblemEntry",
    ]
    assert builtin.add_installed_problems() == []
