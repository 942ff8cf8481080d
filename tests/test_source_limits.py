"""Limits on the source: lines of a file and of a function, files in a folder, and words that stay out of the project.

What is over a limit is listed here by name with the reason, or it is split. No name is added to make room for new code.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FILE_LINES, FUNCTION_LINES, FOLDER_FILES = 400, 80, 15
TREES = ("app", "landscape_core", "assets", "frontend", "tests", "tools", "benchmarks")
SOURCES = {".py", ".js", ".ts", ".css"}
# bundles, and what they are built with
NOT_WRITTEN_HERE = {
    "assets/page.css",
    "assets/plotly",
    "assets/scripts",
    "frontend/node_modules",
}

LONG_FILES: set[str] = set()
LONG_FUNCTIONS: set[str] = set()
FULL_FOLDERS: set[str] = set()


@cache
def files(tree: str) -> tuple[Path, ...]:
    """The files of a tree, without caches, hidden ones and those that are not written by hand."""
    found = (path.relative_to(ROOT) for path in (ROOT / tree).rglob("*") if path.is_file())
    return tuple(
        path
        for path in found
        if not any(part.startswith((".", "__pycache__")) for part in path.parts)
        and not any(path.is_relative_to(other) for other in NOT_WRITTEN_HERE)
    )


def sources() -> list[Path]:
    return [path for tree in TREES for path in files(tree) if path.suffix in SOURCES]


def read(path: Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def test_no_file_is_long() -> None:
    lengths = {path.as_posix(): len(read(path).splitlines()) for path in sources()}
    assert lengths["app/cli.py"] > 0
    long = {
        f"{name} ({lines} lines)" for name, lines in lengths.items() if lines > FILE_LINES and name not in LONG_FILES
    }
    assert not long, f"over {FILE_LINES} lines; split by idea: {sorted(long)}"


def test_no_function_is_long() -> None:
    long = {
        f"{path.as_posix()}: {node.name}"
        for path in sources()
        if path.suffix == ".py"
        for node in ast.walk(ast.parse(read(path)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= FUNCTION_LINES
    }
    assert long <= LONG_FUNCTIONS, f"over {FUNCTION_LINES} lines; split: {sorted(long - LONG_FUNCTIONS)}"


def test_no_folder_is_full() -> None:
    counts = Counter(path.parent.as_posix() for tree in TREES for path in files(tree))
    full = {name for name, count in counts.items() if count > FOLDER_FILES}
    assert full <= FULL_FOLDERS, f"over {FOLDER_FILES} files; make folders by idea: {sorted(full - FULL_FOLDERS)}"


def test_listed_exceptions_exist() -> None:
    listed = LONG_FILES | FULL_FOLDERS | {entry.split(":")[0] for entry in LONG_FUNCTIONS}
    gone = sorted(name for name in listed if not (ROOT / name).exists())
    assert not gone, f"take out of the lists what is gone: {gone}"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (r"\bissue\s+#?\d|\b(?:closes|fixes|see)\s+#\d", "a tracker's numbers mean nothing to a reader of the source"),
        (r"(?<![\w.~])/(?:home|Users|work|root)/\w", "a path of one machine"),
        (r"\b(?:TODO|FIXME|XXX)\b", "finish it, or say in docs/ what is left out"),
    ],
)
def test_words_that_stay_out(words: str, why: str) -> None:
    pattern = re.compile(words, re.IGNORECASE if "issue" in words else 0)
    texts = {*sources(), *(path.relative_to(ROOT) for path in [*ROOT.glob("*.*"), *(ROOT / "docs").rglob("*.md")])}
    texts = {path for path in texts if path.suffix in SOURCES | {".md", ".toml", ".yaml", ".txt"}}
    assert Path("README.md") in texts
    found = {path.as_posix() for path in texts - {Path("tests/test_source_limits.py")} if pattern.search(read(path))}
    assert not found, f"{why}: {sorted(found)}"
