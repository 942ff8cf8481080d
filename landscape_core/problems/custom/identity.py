"""What tells one module from another, as a digest."""

from __future__ import annotations

import inspect
from hashlib import sha256
from typing import Any

from torch import Tensor, nn

from landscape_core.problems.custom.samples import hash_tensor

PLAIN = bool | int | float | str | None

OWN_MODULES = ("torch.", "landscape_core.")
"""Packages whose sources are known by their versions and are not hashed."""


def hash_module(module: nn.Module) -> str:
    """SHA-256 of all that is written down in a module.

    These are names, shapes, types and bytes of parameters and buffers, and whether they are frozen; for each layer its
    class, its options, its mode, its plain attributes and, unless it is torch's, its source; and likewise for functions.
    """
    found = sha256()
    for kind in (module.named_parameters(), module.named_buffers()):
        for name, tensor in kind:
            found.update(f"{name} {tensor.requires_grad}".encode())
            hash_tensor(found, tensor)
    for name, part in module.named_modules():
        described = (name, _name(type(part)), part.extra_repr(), part.training, _plain(vars(part)), source(type(part)))
        found.update(repr(described).encode())
        for key, value in sorted(vars(part).items()):
            if isinstance(value, Tensor):  # neither a parameter nor a buffer
                found.update(key.encode())
                hash_tensor(found, value)
            elif callable(value) and not isinstance(value, type) and not key.startswith("_"):
                found.update(repr((key, _name(value), source(value))).encode())
    return found.hexdigest()


def source(thing: Any) -> str:  # noqa: ANN401  a class or a function
    """The source of a class or function of the user's; empty where there is none, or where it is torch's."""
    thing = getattr(thing, "func", thing)  # of functools.partial
    if f"{getattr(thing, '__module__', '')}.".startswith(OWN_MODULES):
        return ""
    try:
        return inspect.getsource(thing)
    except (OSError, TypeError):
        return ""


def _name(thing: Any) -> str:  # noqa: ANN401
    """What a class or function is called; where its source is hashed, not by its module, which files have any names for."""
    thing = getattr(thing, "func", thing)
    own = getattr(thing, "__qualname__", type(thing).__qualname__)
    return own if source(thing) else f"{getattr(thing, '__module__', '')}.{own}"


def _plain(attributes: dict[str, Any]) -> dict[str, Any]:
    """Attributes whose text says all of them: numbers, texts, and lists and tuples of these."""
    return {
        name: value
        for name, value in sorted(attributes.items())
        if not name.startswith("_") and (isinstance(value, PLAIN) or _is_plain_list(value))
    }


def _is_plain_list(value: object) -> bool:
    return isinstance(value, tuple | list) and all(isinstance(one, PLAIN) for one in value)
