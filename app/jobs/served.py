"""Problems of your own that this server or worker was started with.

Nothing a visitor sends can name a file: a link has the name of a study's problem, which is a digest, and is followed only
where that very problem is served.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import torch

from landscape_core import Problem, load_problem
from landscape_core.problems.registry import ProblemEntry
from landscape_core.study import own_problems


@dataclass(frozen=True, eq=False)
class Served:
    """A problem that is served.

    Attributes:
        entry: Its label and description, and the key of its file.
        problem: The problem, held so that studies find it.
    """

    entry: ProblemEntry
    problem: Problem


SERVED: dict[str, Served] = {}
"""By the names that studies have for them."""


def serve_file(where: str) -> str:
    """Run a file of your own and serve the problem that it makes; return the name that studies have for it.

    Raises:
        ProblemError: It makes no problem.
    """
    entry = load_problem(where)
    problem = entry.make(torch.float64, torch.device("cpu"))
    name = own_problems.register(problem)
    SERVED[name] = Served(entry, problem)
    return name


def describe_served() -> str:
    """Part of the name of a queue: servers and workers with other files, or other versions of them, do not share one."""
    keys = sorted(served.entry.key for served in SERVED.values())
    return f":problem {hashlib.sha256(''.join(keys).encode()).hexdigest()[:12]}" if keys else ""
