"""Parameters from a file: a state_dict as `torch.save` writes it, read without running what a pickle may hold."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from landscape_core.errors import ProblemError

PREFIXES = ("module.", "_orig_mod.")
"""What data parallelism and `torch.compile` put before the names."""

NESTED = ("state_dict", "model_state_dict", "model")
"""Where a checkpoint may keep a state_dict among other things."""


def load_weights(model: nn.Module, weights: Path | str | Mapping[str, Tensor]) -> list[str]:
    """Load a state_dict into a model, every name of which must be there, and no other.

    Args:
        model: It is changed.
        weights: A file, or a state_dict.

    Returns:
        What was done to the names, in words.

    Raises:
        ProblemError: The file is no state_dict, or its names or shapes are not the model's; lists them.
    """
    state = dict(weights) if isinstance(weights, Mapping) else _read(Path(weights).expanduser())
    remarks = []
    for prefix in PREFIXES * 2:  # one may stand within the other
        if state and all(name.startswith(prefix) for name in state):
            state = {name.removeprefix(prefix): tensor for name, tensor in state.items()}
            remarks.append(f"{prefix!r} is taken off the names of the weights")
    wanted = model.state_dict()
    wrong = {
        "missing in it": sorted(wanted.keys() - state.keys()),
        "not in the model": sorted(state.keys() - wanted.keys()),
        "of another shape": [
            f"{name} {tuple(state[name].shape)} instead of {tuple(wanted[name].shape)}"
            for name in sorted(wanted.keys() & state.keys())
            if state[name].shape != wanted[name].shape
        ],
    }
    if any(wrong.values()):
        raise ProblemError(
            "the weights are not those of the model: "
            + "; ".join(f"{kind}: {', '.join(names)}" for kind, names in wrong.items() if names)
        )
    model.load_state_dict(state)
    return remarks


def _read(path: Path) -> dict[str, Tensor]:
    if not path.is_file():
        raise ProblemError(f"{path}: there is no such file")
    try:
        found: Any = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise ProblemError(
            f"{path.name} holds more than weights, which may run code, or is no file of torch.save: save model.state_dict()"
        ) from error
    except Exception as error:  # torch raises what its readers do
        raise ProblemError(f"{path.name} is no file of torch.save: {error}") from error
    for name in NESTED:
        if isinstance(found, Mapping) and isinstance(found.get(name), Mapping):
            found = found[name]
    if not isinstance(found, Mapping) or not all(isinstance(tensor, Tensor) for tensor in found.values()):
        raise ProblemError(f"{path.name} holds no state_dict: save model.state_dict()")
    return dict(found)
