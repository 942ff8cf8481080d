"""What importing the engine brings along, in a fresh interpreter."""

import json
import subprocess
import sys

import pytest

import landscape_core


def fresh(code, *arguments):
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=240)


PROGRAM = """
import sys, hashlib, json
import numpy, torch

def state():
    return torch.get_rng_state().tolist(), str(numpy.random.get_state()), torch.get_num_threads()

before = state()
import landscape_core
loaded = sorted({name.partition(".")[0] for name in sys.modules})
import landscape_core.storage
assert before == state()
assert torch.is_grad_enabled() and torch.get_default_dtype() == torch.float32
spec = landscape_core.StudySpec(resolution=12, line_points=20, draws=3, domain="local")
result = landscape_core.run(spec, device="cpu")
digest = hashlib.sha256(landscape_core.storage.to_bytes(result)).hexdigest()
with open(sys.argv[1], "w") as file:
    json.dump([loaded, result.spec.key(), digest], file)
"""


@pytest.fixture(scope="module")
def processes(tmp_path_factory):
    """Two processes that import the engine and run a study: what they print and what they find."""
    folder = tmp_path_factory.mktemp("processes")
    outputs = [folder / "first.json", folder / "second.json"]
    printed = [fresh(PROGRAM, str(output)) for output in outputs]
    return printed, [json.loads(output.read_text()) for output in outputs]


@pytest.mark.parametrize(
    "module",
    [
        "app",
        "dash",
        "plotly",
        "flask",
        "werkzeug",
        "pandas",
        "polars",
        "sklearn",
        "scipy",
        "matplotlib",
        "typer",
        "rich",
    ],
)
def test_the_engine_does_not_import(processes, module):
    for loaded, *_ in processes[1]:
        assert {"landscape_core", "torch", "numpy"} <= set(loaded)
        assert module not in loaded


def test_importing_and_a_whole_study_print_nothing_and_change_no_global_state(processes):
    """The program itself asserts that the state is as it was."""
    for done in processes[0]:
        assert (done.stdout, done.stderr) == ("", "")


def test_two_processes_give_the_same_bytes(processes):
    """Whatever the seed of Python's own hashing: nothing depends on the order of a set."""
    (_, *one), (_, *other) = processes[1]
    assert one == other
    assert all(one)


def test_everything_offered_is_there():
    assert sorted(landscape_core.__all__) == landscape_core.__all__
    for name in landscape_core.__all__:
        value = getattr(landscape_core, name)
        if isinstance(value, dict | tuple):
            value = next(iter(value.values() if isinstance(value, dict) else value))  # an entry of a registry
        assert value.__module__.startswith("landscape_core.")
