"""The public API: `landscape_core.__all__` against docs/api.md, and what is said to be computed from it alone."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import landscape_core

ROOT = Path(__file__).parents[2]
API = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def test_the_document_lists_the_api():
    listed = re.findall(r"^\| `(\w+)` \| .+ \|$", API, re.M)
    assert sorted(listed) == sorted(landscape_core.__all__)
    assert len(set(listed)) == len(listed)


@pytest.mark.parametrize("name", landscape_core.__all__)
def test_every_name_is_there_and_documented(name):
    value = getattr(landscape_core, name)
    if inspect.isclass(value) or inspect.isfunction(value):
        assert inspect.getdoc(value)
    else:
        assert len(value)  # a registry


def test_no_document_imports_a_deeper_module():
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        assert not re.findall(r"(?:from|import) landscape_core\.\w+", page.read_text(encoding="utf-8")), page.name


def test_the_example_runs():
    (example,) = re.findall(r"```python\n(.*?)```", API, re.S)
    done = subprocess.run([sys.executable, "-c", example], capture_output=True, text=True, check=True, timeout=240)
    shape, total = done.stdout.splitlines()
    assert shape == "(20, 20) ['d1', 'd2', 'd1+d2', 'd1-d2']"
    assert float(total) > 0
