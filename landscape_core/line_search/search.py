"""Line searches as generators: they ask for steps, receive what a mini-batch gives there, and return where they stop.

A method is a plain generator function. It yields a step a ≥ 0 along a direction, is sent the `Evaluation` of a fresh
mini-batch there, and returns an `Outcome`. It counts nothing and evaluates nothing itself, so that it reads like its
published pseudo-code, can be stopped after any evaluation, and can be run beside hundreds of others.

A method whose arithmetic is long leaves it to whoever runs it (`request_computation`), who does it for many searches at
once.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable, Generator, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

import numpy as np

from landscape_core.errors import LandscapeError

SHORTEST = 1e-8
"""The shortest step, a_min, in units of `Reach.unit` (Kafka & Wilke, 2019)."""


GOLDEN = (5**0.5 + 1) / 2
"""The golden ratio, by which brackets grow and shrink."""


class Status(Enum):
    """Why a search stopped. Stored by their order: new ones go to the end."""

    SIGN_CHANGE = "The slope changed its sign."
    SMALL_SLOPE = "The slope is small enough."
    SMALL_OVERSHOOT = "The first step was accepted: it overshot only a little."
    STILL_DESCENDING = "The longest step was accepted: the slope still descends there."
    CLOSED = "The bracket shrank to its tolerance."
    DECREASE = "The loss fell by enough, and no longer at the next trial."
    WOLFE = "Both Wolfe conditions hold with sufficient probability."
    LOWEST_MEAN = "No step was acceptable: the one with the lowest expected loss was taken."
    LONGEST = "The longest step was reached."
    SHORTEST = "The shortest step was reached."
    FLAT = "The slope at the start is exactly zero."
    NO_NOISE_ESTIMATE = "A mini-batch of one sample does not tell how noisy it is."
    NOT_FINITE = "A loss or a slope was not finite."
    BUDGET = "All evaluations were used."
    RISING = "The loss is believed to rise at the start: a hundredth of the first trial was taken."
    STEEP = "The slope became steep enough: a share of that at the start."


STATUSES = tuple(Status)
"""In the order by which results store them."""


@dataclass(frozen=True)
class Reach:
    """How far a search may go.

    Attributes:
        first: The first guess: the step that the previous search accepted, where there is one.
        longest: The longest step, a_max.
        unit: All lengths that a method was published with (a_min, δ, tolerances) are multiples of this.
    """

    first: float
    longest: float
    unit: float = 1.0

    @property
    def shortest(self) -> float:
        """The shortest step, a_min."""
        return SHORTEST * self.unit

    @property
    def guess(self) -> float:
        """The first guess, within the shortest and the longest step."""
        return min(max(self.first, self.shortest), self.longest)


class Evaluation(NamedTuple):
    """What one mini-batch says at one step; all numbers are finite but the standard errors of a batch of one.

    Attributes:
        loss: Of the mini-batch.
        slope: Its derivative by the step.
        loss_sd: Standard error of the loss, estimated within the mini-batch: √((mean ℓ² − (mean ℓ)²) / (B − 1)); NaN for
            a single sample.
        slope_sd: That of the slope, likewise.
        left: Evaluations that may still be asked for; at 0 the method has to return.
    """

    loss: float
    slope: float
    loss_sd: float = 0.0
    slope_sd: float = 0.0
    left: int = 1_000


class Outcome(NamedTuple):
    """Where a search stops, as a step, and why."""

    step: float
    status: Status


Steps = Generator[float, Evaluation, Outcome]
"""A running method: yields steps, is sent evaluations, returns an outcome."""

SearchFunction = Callable[[Reach], Steps]
"""A method before it runs; its constants have their defaults."""


class Computation(NamedTuple):
    """What a method wants computed: arrays or numbers, and what is done with those of many searches at once.

    Attributes:
        function: Is given each argument with an axis of searches before its own, and returns several arrays that begin
            with that axis. What it returns for one search must not depend on the others, to the last bit.
        arguments: Of one search.
    """

    function: Callable[..., tuple[Any, ...]]
    arguments: tuple[Any, ...]

    @property
    def kind(self) -> tuple[object, ...]:
        """Computations that can be done together have the same."""
        return self.function, *map(np.shape, self.arguments)


def request_computation(
    function: Callable[..., tuple[Any, ...]],
    *arguments: Any,  # noqa: ANN401
) -> Generator[Any, Any, tuple[Any, ...]]:
    """For a method to `yield from`: what a function, as a `Computation` has it, returns for this search."""
    return (yield Computation(function, arguments))


class Search:
    """One search under way: ask for `step`, then tell what is there, until there is an `outcome`.

    It ends the method at the first number that is not finite, at the last step that was, and sees that no more
    evaluations are asked for than there are.

    Args:
        method: A generator function.
        reach: How far it may go.
        budget: Evaluations that it may ask for, at least 1.
        start_known: Whether a first question about step 0 is no evaluation, as its answer is known.
    """

    __slots__ = ("_budget", "_finite", "_steps", "_wanted", "evaluations", "outcome", "step")

    def __init__(self, method: SearchFunction, reach: Reach, budget: int, *, start_known: bool = False) -> None:
        self._steps = method(reach)
        self._budget = budget
        self._finite = 0.0
        self._wanted: Computation | None = None
        self.outcome: Outcome | None = None
        """Where it stopped and why; None while it is under way."""
        self.step = next(self._steps)
        """Where the next evaluation is wanted."""
        self.evaluations = -1 if start_known and self.step == 0.0 else 0
        """How many there were."""

    def tell(self, loss: float, slope: float, loss_sd: float, slope_sd: float) -> None:
        """What a mini-batch says at `step`.

        Args:
            loss: Its loss.
            slope: Its slope.
            loss_sd: Standard error of the loss.
            slope_sd: Standard error of the slope.

        Raises:
            LandscapeError: The method asks for more evaluations than it has: a fault of the method.
        """
        self._receive(loss, slope, loss_sd, slope_sd)
        _compute([self])

    def _receive(self, loss: float, slope: float, loss_sd: float, slope_sd: float) -> None:
        self.evaluations += 1
        if not (math.isfinite(loss) and math.isfinite(slope)):
            self._end(Outcome(self._finite, Status.NOT_FINITE))
            return
        self._finite = self.step
        self._send(Evaluation(loss, slope, loss_sd, slope_sd, self._budget - self.evaluations))

    def _send(self, answer: Any) -> None:  # noqa: ANN401  an evaluation, or what was computed
        try:
            wanted: Any = self._steps.send(answer)
        except StopIteration as returned:
            self._end(returned.value)
            return
        self._wanted = wanted if isinstance(wanted, Computation) else None
        if self._wanted:
            return
        if self._budget == self.evaluations:
            raise LandscapeError(f"a line search asks for more than its {self._budget} evaluations")
        if not math.isfinite(wanted):
            self._end(Outcome(self._finite, Status.NOT_FINITE))
            return
        self.step = wanted

    @property
    def bracket(self) -> tuple[float, float] | None:
        """Between which steps the method knows its stop to lie: its variables `low` and `high`, if it has such ones."""
        known = inspect.getgeneratorlocals(self._steps)
        return (known["low"], known["high"]) if {"low", "high"} <= set(known) else None

    def _end(self, outcome: Outcome) -> None:
        self._steps.close()
        self._wanted = None
        self.outcome = outcome


def tell_all(searches: Sequence[Search], answers: Iterable[Sequence[float]]) -> None:
    """`Search.tell` for many searches: loss, slope, loss_sd and slope_sd of each.

    Raises:
        LandscapeError: As there.
    """
    for search, numbers in zip(searches, answers, strict=True):
        search._receive(*numbers)  # noqa: SLF001  the same module
    _compute(searches)


def _compute(searches: Sequence[Search]) -> None:
    """Give the methods what they want computed, those of one kind at once, until they go on."""
    while wanted := [(search, search._wanted) for search in searches if search._wanted]:  # noqa: SLF001
        kinds: dict[tuple[object, ...], list[tuple[Search, Computation]]] = {}
        for search, computation in wanted:
            kinds.setdefault(computation.kind, []).append((search, computation))
        for alike in kinds.values():
            arguments = zip(*(computation.arguments for _, computation in alike), strict=True)
            answers = alike[0][1].function(*map(np.array, arguments))
            for (search, _), answer in zip(alike, zip(*answers, strict=True), strict=True):
                search._send(answer)  # noqa: SLF001
