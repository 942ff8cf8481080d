"""The line searches: a registry of methods, each in a file of its own.

To add a method, write a generator function (`search` says how) in a file of its own and add one entry to `METHODS`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from landscape_core.line_search.armijo import armijo
from landscape_core.line_search.golden_section import golden_section
from landscape_core.line_search.gols_b import gols_b
from landscape_core.line_search.gols_back import gols_back
from landscape_core.line_search.gols_i import gols_i
from landscape_core.line_search.gols_max import gols_max
from landscape_core.line_search.probabilistic import next_guess, probabilistic
from landscape_core.line_search.search import SHORTEST, Steps
from landscape_core.problems.registry import Entry, register

Uses = Literal["loss", "slope", "both"]


def previous_step(accepted: Sequence[float]) -> float:
    """The first guess of a search: the step accepted last, at first the shortest."""
    return accepted[-1] if accepted else SHORTEST


@dataclass(frozen=True)
class Method(Entry):
    """One line search.

    Attributes:
        uses: What it looks at of an evaluation.
        exact: Whether it goes on until it has located an optimum; the others stop at a step that is good enough.
        source: Who published it.
        help: What it does, in one line.
        search: The generator function; its keyword arguments are the method's constants.
        keeps_gradient: Whether training goes on along the gradient that was found at the accepted step. The others draw a
            fresh mini-batch there.
        guess: Steps accepted so far in training → the first guess of the next search.
    """

    uses: Uses
    exact: bool
    source: str
    help: str
    search: Callable[..., Steps]
    keeps_gradient: bool = False
    guess: Callable[[Sequence[float]], float] = previous_step

    @property
    def parameters(self) -> dict[str, float]:
        """Its constants by name, as published."""
        keywords = inspect.signature(self.search).parameters.values()
        return {one.name: one.default for one in keywords if one.kind is inspect.Parameter.KEYWORD_ONLY}


METHODS: dict[str, Method] = register(
    Method(
        "gols_i",
        "GOLS-I",
        "slope",
        False,
        "Kafka & Wilke (2019), arXiv 1903.09383",
        "Doubles or halves the step until the slope changes its sign.",
        gols_i,
        keeps_gradient=True,
    ),
    Method(
        "gols_b",
        "GOLS-B",
        "slope",
        True,
        "Kafka & Wilke (2020), arXiv 2001.05113",
        "Brackets the change of the slope's sign and bisects the bracket.",
        gols_b,
    ),
    Method(
        "gols_max",
        "GOLS-Max",
        "slope",
        False,
        "Kafka & Wilke (2020), arXiv 2001.05113",
        "Doubles or halves the step until the slope passes a share of that at the start.",
        gols_max,
    ),
    Method(
        "gols_back",
        "GOLS-Back",
        "slope",
        False,
        "Kafka & Wilke (2020), arXiv 2001.05113",
        "Halves the longest step until the slope is no longer too positive.",
        gols_back,
    ),
    Method(
        "golden_section",
        "Golden section",
        "loss",
        True,
        "Kiefer (1953); used as a baseline in Kafka & Wilke (2020)",
        "Brackets a minimum of the loss and cuts the bracket in the golden ratio.",
        golden_section,
    ),
    Method(
        "armijo",
        "Armijo",
        "both",
        False,
        "Armijo (1966); used as a baseline in Kafka & Wilke (2020)",
        "Doubles or halves the step by whether the loss fell by enough.",
        armijo,
    ),
    Method(
        "probabilistic",
        "Probabilistic",
        "both",
        False,
        "Mahsereci & Hennig (2015, 2017)",
        "Accepts a step once Wolfe's conditions are probable under a Gaussian-process belief.",
        probabilistic,
        keeps_gradient=True,
        guess=next_guess,
    ),
)

__all__ = ["METHODS", "Method", "previous_step"]
