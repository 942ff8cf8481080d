"""Problems of your own: a study names them by what they are, and finds them while they are in memory.

A name is `custom:` and 16 hexadecimal digits of a digest of model, loss and data. Results keep the name, not the problem:
they are read anywhere, but computed again only where the same problem has been handed over.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from landscape_core.errors import SpecError
from landscape_core.problems.problem import Problem

PREFIX = "custom:"
PATTERN = re.compile(PREFIX + "[0-9a-f]{16}")

_names: WeakKeyDictionary[Problem, str] = WeakKeyDictionary()
_problems: dict[str, WeakSet[Problem]] = {}


Finder = Callable[[str], Problem | None]
finders: list[Finder] = []
"""Where else a problem may be found that is not in memory; one that finds it must hold it."""


def is_own(name: object) -> bool:
    """Whether a name is that of a problem of somebody's own."""
    return isinstance(name, str) and PATTERN.fullmatch(name) is not None


def register(problem: Problem) -> str:
    """The name of a problem, by which it is found as long as somebody holds it. It must not change meanwhile."""
    name = _names.get(problem)
    if name is None:
        name = _names[problem] = PREFIX + problem.fingerprint()[:16]
    _problems.setdefault(name, WeakSet()).add(problem)
    return name


def recall(name: str) -> Problem | None:
    """The problem of a name; None if it is neither in memory nor found."""
    if not is_own(name):
        return None
    found = next(iter(_problems.get(name, ())), None)
    return found or next((one for find_elsewhere in finders if (one := find_elsewhere(name)) is not None), None)


def find(name: str) -> Problem:
    """As `recall`.

    Raises:
        SpecError: It is not in memory.
    """
    problem = recall(name)
    if problem is None:
        raise SpecError(
            "problem", name, "one that is at hand here: hand the problem itself over, as in run(problem, batch_size=10)"
        )
    return problem


def read_spec(kind: type[Any], asked: Any, fields: dict[str, Any]) -> Any:  # noqa: ANN401  one of `kind`
    """The description of what is asked for.

    Args:
        kind: Class of the description.
        asked: A description, or a problem, which the caller must hold until all is computed; None for the fields alone.
        fields: Fields of the description, or changes to it.

    Raises:
        SpecError: A field is unknown or holds a value that is not allowed.
    """
    if asked is None:
        return kind(**fields)
    if not isinstance(asked, Problem):
        return asked.replace(**fields) if fields else asked
    of_problem = {
        "problem": register(asked),
        "population": asked.samples,
        "dtype": str(asked.dtype).removeprefix("torch."),
    }
    return kind(**{**of_problem, **fields})
