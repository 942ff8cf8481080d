"""Registries: named choices, from which menus, checks and contract tests follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import torch

from landscape_core.errors import ProblemError

if TYPE_CHECKING:
    from landscape_core.problems.problem import Problem


@dataclass(frozen=True)
class Entry:
    """An entry of a registry.

    Attributes:
        name: Key in the registry, on the command line and in links.
        label: What a reader sees.
    """

    name: str
    label: str


@dataclass(frozen=True)
class ProblemEntry(Entry):
    """A problem that can be made anew.

    Attributes:
        description: One sentence for a reader.
        samples: N, known before anything is read.
        make: (precision, device) → the problem, the same at every call.
        key: A digest of what its numbers follow from; empty for a problem that comes with the engine, whose name says it.
    """

    description: str
    samples: int
    make: Callable[[torch.dtype, torch.device], Problem]
    key: str = ""


AnyEntry = TypeVar("AnyEntry", bound=Entry)


def register(*entries: AnyEntry) -> dict[str, AnyEntry]:
    """Entries by their names, in their order."""
    return {entry.name: entry for entry in entries}


def look_up(registry: Mapping[str, AnyEntry], name: str, noun: str) -> AnyEntry:
    """An entry by its name.

    Args:
        registry: Where to look.
        name: Its key.
        noun: What an entry is called in the message.

    Raises:
        ProblemError: There is none of that name.
    """
    if name not in registry:
        raise ProblemError(f"there is no {noun} {name!r}; there are: {', '.join(registry)}")
    return registry[name]
