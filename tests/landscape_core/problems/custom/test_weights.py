"""Weights from files: the model's names and no others, and nothing in a file is run."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn
from zoo import CROSS_ENTROPY, X, Y, between

from landscape_core import Problem, ProblemError


@pytest.fixture
def models():
    """Two of the same architecture."""
    with torch.random.fork_rng():
        torch.manual_seed(4)
        return between(nn.BatchNorm1d(8)).eval(), between(nn.BatchNorm1d(8)).eval()


@pytest.mark.parametrize("prefix", ["", "module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module."])
@pytest.mark.parametrize("nested", [False, True])
def test_a_state_dict_from_a_file(models, tmp_path, prefix, nested):
    model, trained = models
    state = {prefix + name: tensor for name, tensor in trained.state_dict().items()}
    path = tmp_path / "weights.pt"
    torch.save({"epoch": 3, "state_dict": state} if nested else state, path)
    expected = Problem.from_module(trained, CROSS_ENTROPY, X, Y)
    for weights in (path, str(path), state):
        problem = Problem.from_module(model, CROSS_ENTROPY, X, Y, weights=weights)
        np.testing.assert_array_equal(problem.start, expected.start)
        said = [f"'{part}.' is taken off the names of the weights" for part in prefix.split(".") if part]
        assert sorted(problem.describe()["remarks"][1:]) == sorted(said)
    assert not np.array_equal(Problem.from_module(model, CROSS_ENTROPY, X, Y).start, expected.start)


def test_names_and_shapes_that_are_not_the_models(models):
    state = models[1].state_dict()
    state["fc1.weight.bad_key"] = state.pop("0.weight")
    state["0.bias"] = torch.zeros(5)
    with pytest.raises(ProblemError) as caught:
        Problem.from_module(models[0], CROSS_ENTROPY, X, Y, weights=state)
    assert str(caught.value) == (
        "the weights are not those of the model: missing in it: 0.weight; not in the model: fc1.weight.bad_key; "
        "of another shape: 0.bias (5,) instead of (8,)"
    )


UNSAFE = "weights.pt holds more than weights, which may run code, or is no file of torch.save: save model.state_dict()"


class Hostile:
    def __reduce__(self):
        return os.system, ("touch touched",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            Hostile(),
            UNSAFE,
        ),
        (
            between(),
            UNSAFE,
        ),
        (3, "weights.pt holds no state_dict: save model.state_dict()"),
        ({"a": 3}, "weights.pt holds no state_dict: save model.state_dict()"),
        (b"no file of torch", UNSAFE),
    ],
)
def test_files_that_are_refused(models, tmp_path, monkeypatch, content, message):
    monkeypatch.chdir(tmp_path)
    if isinstance(content, bytes):
        Path("weights.pt").write_bytes(content)
    else:
        torch.save(content, "weights.pt")
    with pytest.raises(ProblemError) as caught:
        Problem.from_module(models[0], CROSS_ENTROPY, X, Y, weights="weights.pt")
    assert str(caught.value).startswith(message)
    assert not Path("touched").exists()


def test_no_such_file(models, tmp_path):
    with pytest.raises(ProblemError, match=r"there is no such file$"):
        Problem.from_module(models[0], CROSS_ENTROPY, X, Y, weights=tmp_path / "absent.pt")
