"""Problems from a Python file of one's own, `my_problem.py:make`, and from installed packages.

Running a file is running its code: only who starts the program names one, never a visitor of the page.
"""

from __future__ import annotations

import ast
import importlib.machinery
import importlib.util
import inspect
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

from landscape_core.errors import ProblemError
from landscape_core.problems.custom.deadline import DeadlinePassed, deadline
from landscape_core.problems.custom.module import ModuleProblem
from landscape_core.problems.custom.validation import seeded
from landscape_core.problems.problem import Problem
from landscape_core.problems.registry import ProblemEntry

FUNCTION = "make"
"""What is called if no function is named."""

MOST_SECONDS = 120.0
"""How long it may take to make and check a problem, unless a caller allows more."""

LOADING = threading.Lock()
"""Held while a file is loaded: what it imports is sought in its folder, which is a setting of the whole process."""

LOADED: set[str] = set()
"""Names of modules that were loaded so, with their neighbours: they are run afresh by the next call."""


def load_problem(where: str, *, seconds: float = MOST_SECONDS) -> ProblemEntry:
    """The problem that a function in a Python file makes.

    The function takes no arguments and returns a `Problem`. It is called twice, with other random numbers at hand, and must
    make the same problem both times. What the file imports from its own folder is found there.

    Args:
        where: `path/to/file.py:function`, or the file alone for a function called `make`.
        seconds: How long all this may take. It is noticed in the main thread alone, and not on Windows.

    Returns:
        An entry as those of `PROBLEMS`; its key changes with the file, with what it imports from its folder, and with the
        problem's fingerprint.

    Raises:
        ProblemError: There is no such file or function, it fails or takes too long, or it makes no problem; says where.
    """
    path, function = _find(where)
    with LOADING, _in_folder(path):
        try:
            with deadline(seconds):
                return _load(path, function)
        except DeadlinePassed as passed:
            raise ProblemError(
                f"{_locate(path, passed)}: making and checking the problem had not ended after {seconds:g} seconds; "
                "if no loop runs for ever there, allow more: --check-seconds, or load_problem(…, seconds=…)"
            ) from None


def _load(path: Path, function: str) -> ProblemEntry:
    before = set(sys.modules)
    try:
        module = _run_file(path)
    finally:
        LOADED.update(known for known in set(sys.modules) - before if _is_in(path.parent, sys.modules[known]))
    make = _find_function(module, path, function)
    first, second = (_make(make, path, function, seed) for seed in (1, 2))
    fingerprint = _explain(path, first.fingerprint)
    if second.fingerprint() != fingerprint:
        raise ProblemError(
            f"{path.name}: {function} makes another problem at each call: set the seeds in it, as torch.manual_seed(0)"
        )
    findings = () if isinstance(first, ModuleProblem) else first.check()
    if findings:
        raise ProblemError(f"{path.name}: " + "\n".join(map(str, findings)))
    key = sha256(fingerprint.encode())
    for source in sorted({path, *_list_siblings(path.parent)}):
        key.update(source.read_bytes())
    described = first.describe()
    return ProblemEntry(
        name=f"{path.stem}:{function}",
        label=str(described.get("model") or path.stem),
        description=(inspect.getdoc(make) or f"{function} of {path.name}").strip().split("\n")[0],
        samples=first.samples,
        make=first.to,
        key=key.hexdigest(),
    )


def _find(where: str) -> tuple[Path, str]:
    name, _, function = where.rpartition(":")
    if not name or not function.isidentifier():  # no function, or a drive's colon
        name, function = where, FUNCTION
    path = Path(name).expanduser()
    if path.suffix != ".py":
        raise ProblemError(f"{where}: name a Python file and a function of it, as in my_problem.py:{FUNCTION}")
    if not path.is_file():
        raise ProblemError(f"{name}: there is no such file in {Path.cwd() if not path.is_absolute() else path.parent}")
    return path.resolve(), function


def _run_file(path: Path) -> ModuleType:
    """The file as a module of a name of its own, afresh each time."""
    _refuse_shadowed(path)
    for known in [known for known in LOADED if _is_in(path.parent, sys.modules.get(known))]:
        LOADED.remove(known)
        del sys.modules[known]  # as it was when a file was loaded before
    name = f"batchscape_problem_{sha256(str(path).encode()).hexdigest()[:12]}"
    loader = importlib.machinery.SourceFileLoader(name, str(path))
    module = importlib.util.module_from_spec(importlib.machinery.ModuleSpec(name, loader, origin=str(path)))
    module.__file__ = str(path)
    sys.modules[name] = module  # dataclasses and pickle look there
    _explain(path, lambda: loader.exec_module(module))
    return module


def _refuse_shadowed(path: Path) -> None:
    """Refuse a file that imports a neighbour whose name another module of this process has already."""
    try:
        tree = ast.parse(path.read_bytes())
    except (SyntaxError, ValueError):
        return  # said when it is run
    wanted = {
        alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names
    }
    wanted |= {node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    for name in sorted(wanted & {neighbour.stem for neighbour in path.parent.glob("*.py")}):
        if name in sys.modules and not _is_in(path.parent, sys.modules[name]):
            raise ProblemError(
                f"{path.name} imports {name!r}, which is the name of another module of this program: rename {name}.py"
            )


def _find_function(module: ModuleType, path: Path, name: str) -> Callable[[], Any]:
    make = getattr(module, name, None)
    if not callable(make):
        own = [
            key
            for key, value in vars(module).items()
            if inspect.isfunction(value) and value.__module__ == module.__name__
        ]
        listed = f"it has: {', '.join(own)}" if own else "it has none"
        raise ProblemError(f"{path.name} has no function {name!r}; {listed}")
    try:
        inspect.signature(make).bind()
    except TypeError as error:
        raise ProblemError(f"{path.name}: {name} must be callable without arguments; {error}") from error
    except ValueError:  # without a signature
        pass
    return make


def _make(make: Callable[[], Any], path: Path, name: str, seed: int) -> Problem:
    with seeded(seed):
        found = _explain(path, make)
    if not isinstance(found, Problem):
        raise ProblemError(
            f"{path.name}: {name} returned a {type(found).__name__}; it must return a Problem, as "
            "Problem.from_module(model, loss, inputs, targets) gives it"
        )
    return found


def _explain(path: Path, call: Callable[[], Any]) -> Any:  # noqa: ANN401  what the call gives
    """What a call gives; what it raises is told with the last line of the file that it came from."""
    try:
        return call()
    except SyntaxError as error:
        where = Path(error.filename).name if error.filename else path.name
        raise ProblemError(f"{where}, line {error.lineno}: {error.msg}") from error
    except (Exception, SystemExit) as error:
        kind = "" if isinstance(error, ProblemError) else f"{type(error).__name__}: "
        raise ProblemError(f"{_locate(path, error)}: {kind}{error}") from error


def _locate(path: Path, error: BaseException) -> str:
    """The last line of the file, or of a neighbour, that an error came from."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if Path(frame.filename).parent == path.parent]
    return f"{Path(own[-1].filename).name}, line {own[-1].lineno}, in {own[-1].name}" if own else path.name


@contextmanager
def _in_folder(path: Path) -> Iterator[None]:
    """With the file's folder the first place that modules are sought in."""
    folder = str(path.parent)
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path.remove(folder)


def _is_in(folder: Path, module: Any) -> bool:  # noqa: ANN401  sys.modules may hold anything
    file = getattr(module, "__file__", None)
    return bool(file) and Path(str(file)).parent == folder and getattr(module, "__name__", "") != "__main__"


def _list_siblings(folder: Path) -> list[Path]:
    """Modules of the folder that have been imported."""
    return [Path(str(module.__file__)) for module in list(sys.modules.values()) if _is_in(folder, module)]
