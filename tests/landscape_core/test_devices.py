import json
import subprocess
import sys

import pytest
import torch

from landscape_core import SpecError, devices

NAMES = "auto, cpu, cuda (or cuda:1 and so on) or mps"


@pytest.fixture
def cuda(monkeypatch):
    """Two CUDA devices, as far as torch can tell."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


@pytest.fixture
def no_cuda(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.mark.parametrize(
    "name", ["tpu", "", "cpu:1", "auto:0", "mps:0", "cuda:x", "cuda:-1", "cuda:1:2", "CPU", "cuda:²"]
)
def test_unknown_names(name):
    with pytest.raises(SpecError) as caught:
        devices.resolve(name, "float64")
    assert str(caught.value) == f"device: got {name!r}; allowed: {NAMES}"


@pytest.mark.usefixtures("no_cuda")
def test_without_cuda():
    assert devices.resolve("auto", "float64") == torch.device("cpu")
    assert devices.resolve("cpu", "float32") == torch.device("cpu")
    for name in ("cuda", "cuda:0"):
        with pytest.raises(SpecError) as caught:
            devices.resolve(name, "float64")
        assert str(caught.value) == f"device: got '{name}'; allowed: auto or cpu: no CUDA device is available here"


@pytest.mark.usefixtures("cuda")
def test_with_cuda():
    assert devices.resolve("auto", "float64").type == "cuda"
    assert devices.resolve("cuda", "float64").type == "cuda"
    assert devices.resolve("cuda:1", "float64") == torch.device("cuda", 1)
    assert devices.resolve("cpu", "float64") == torch.device("cpu")
    with pytest.raises(SpecError) as caught:
        devices.resolve("cuda:2", "float64")
    assert str(caught.value) == "device: got 'cuda:2'; allowed: cuda:0 to cuda:1"


@pytest.mark.parametrize("there", [True, False])
def test_mps(monkeypatch, there):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: there)
    if there:
        assert devices.resolve("mps", "float32") == torch.device("mps")
    with pytest.raises(SpecError) as caught:
        devices.resolve("mps", "float64")
    hint = "mps with dtype float32 (Metal has no float64), or cpu"
    absent = "auto or cpu: no Metal device is available here"
    assert str(caught.value) == f"device: got 'mps'; allowed: {hint if there else absent}"


CALLED = """
import json
import torch
from torch.utils._python_dispatch import TorchDispatchMode

called = set()

class Seen(TorchDispatchMode):
    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        if len(args) == 1 and isinstance(args[0], torch.Tensor):
            called.add((function.overloadpacket.__name__, str(args[0].dtype)))
        return function(*args, **(kwargs or {}))

with Seen():
    import landscape_core
print(json.dumps(sorted(called)))
"""


def test_kernels_are_chosen_before_there_are_threads():
    done = subprocess.run([sys.executable, "-c", CALLED], capture_output=True, text=True, check=True)
    called = {tuple(pair) for pair in json.loads(done.stdout)}
    for name in ("sqrt", "tanh", "exp"):
        assert name in devices.VECTORISED
    assert called >= {(name, dtype) for name in devices.VECTORISED for dtype in ("torch.float32", "torch.float64")}
