"""Devices: cuda, mps or cpu."""

from __future__ import annotations

import warnings

import torch

from landscape_core.errors import SpecError

KINDS = ("auto", "cpu", "cuda", "mps")

MEMORY_WORDS = ("out of memory", "can't allocate memory", "not enough memory")
"""What torch says on Metal and on the CPU."""

VECTORISED = (
    *("acos", "asin", "atan", "cos", "erf", "erfc", "exp", "expm1"),
    *("log", "log10", "log1p", "log2", "sin", "sqrt", "tan", "tanh"),
)
"""Functions that torch leaves to MKL's vector library where it has one."""


def _choose_kernels() -> None:
    """Call each of them once, before any threads do.

    MKL chooses a function's kernel at its first call. Where threads make that call together, versions before 2025.0 may let
    one of them run the least accurate kernel, that once: thousands of units in the last place
    (https://github.com/pytorch/pytorch/issues/188792).
    """
    for dtype in (torch.float32, torch.float64):
        for name in VECTORISED:
            getattr(torch, name)(torch.ones(1, dtype=dtype))


def _meet_sparse_tensors() -> None:
    """Make a first one: torch warns, once in a process, that they are young."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.sparse_csc_tensor(torch.tensor([0, 1]), torch.tensor([0]), torch.ones(1), (1, 1))


_choose_kernels()
_meet_sparse_tensors()


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error says that memory ran out; torch has a type of its own for CUDA only."""
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return isinstance(error, RuntimeError) and any(words in str(error) for words in MEMORY_WORDS)


def release_memory() -> None:
    """Give memory that torch keeps for later back to the graphics cards."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()


def resolve(name: str, dtype: str) -> torch.device:
    """The device behind a name; "auto" takes CUDA where there is one, else the CPU.

    Raises:
        SpecError: The name is unknown, the device is not there, or it cannot do the precision.
    """
    kind, colon, index = name.partition(":")
    if kind not in KINDS or (colon and not (kind == "cuda" and index.isascii() and index.isdigit())):
        raise SpecError("device", name, "auto, cpu, cuda (or cuda:1 and so on) or mps")
    if kind == "auto":
        kind = "cuda" if torch.cuda.is_available() else "cpu"
    if kind == "cuda" and not torch.cuda.is_available():
        raise SpecError("device", name, "auto or cpu: no CUDA device is available here")
    if kind == "cuda" and index and int(index) >= torch.cuda.device_count():
        raise SpecError("device", name, f"cuda:0 to cuda:{torch.cuda.device_count() - 1}")
    if kind == "mps":
        if not torch.backends.mps.is_available():
            raise SpecError("device", name, "auto or cpu: no Metal device is available here")
        if dtype == "float64":
            raise SpecError("device", name, "mps with dtype float32 (Metal has no float64), or cpu")
    return torch.device(kind, int(index)) if index else torch.device(kind)
