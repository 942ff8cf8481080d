"""What importing the engine brings along, in a fresh interpreter."""

import subprocess
import sys

import pytest

import landscape_core


def fresh(code):
    return subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=120)


@pytest.fixture(scope="module")
def loaded():
    """Top-level modules present after `import landscape_core`."""
    return set(
        fresh("import sys, landscape_core; print(*{name.partition('.')[0] for name in sys.modules})").stdout.split()
    )


@pytest.mark.parametrize(
    "module",
    ["app", "dash", "plotly", "flask", "werkzeug", "pandas", "sklearn", "scipy", "matplotlib", "typer", "rich"],
)
def test_the_engine_does_not_import(loaded, module):
    assert {"landscape_core", "torch", "numpy"} <= loaded
    assert module not in loaded


def test_importing_prints_nothing_and_changes_no_global_state():
    code = """
import numpy, torch
before = torch.get_rng_state().tolist(), str(numpy.random.get_state()), torch.get_num_threads()
import landscape_core, landscape_core.storage
after = torch.get_rng_state().tolist(), str(numpy.random.get_state()), torch.get_num_threads()
assert before == after
assert torch.is_grad_enabled() and torch.get_default_dtype() == torch.float32
"""
    done = fresh(code)
    assert (done.stdout, done.stderr) == ("", "")


def test_a_whole_study_prints_nothing():
    done = fresh("from landscape_core import *; run(StudySpec(resolution=3, line_points=3, draws=2), device='cpu')")
    assert (done.stdout, done.stderr) == ("", "")


def test_two_processes_give_the_same_bytes():
    """Whatever the seed of Python's own hashing: nothing depends on the order of a set."""
    code = """
import hashlib
from landscape_core import StudySpec, run
from landscape_core.storage import to_bytes
result = run(StudySpec(resolution=12, line_points=20, draws=3, domain="local"), device="cpu")
print(result.spec.key(), hashlib.sha256(to_bytes(result)).hexdigest())
"""
    assert fresh(code).stdout == fresh(code).stdout != ""


def test_everything_offered_is_there():
    assert sorted(landscape_core.__all__) == landscape_core.__all__
    for name in landscape_core.__all__:
        assert getattr(landscape_core, name).__module__.startswith("landscape_core.")
