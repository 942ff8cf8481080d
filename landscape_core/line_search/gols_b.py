"""GOLS-B: gradient-only bisection.

D. Kafka and D. N. Wilke (2020), *Resolving learning rates adaptively by locating stochastic non-negative associated
gradient projection points using line searches*, arXiv 2001.05113, in the authors' MATLAB form.
"""

from __future__ import annotations

from landscape_core.line_search.search import GOLDEN, Outcome, Reach, Status, Steps


def gols_b(reach: Reach, *, delta: float = 5.0, tolerance: float = 1e-12) -> Steps:
    """Bracket the change of sign by steps that grow with the golden ratio, then halve the bracket.

    A slope of exactly 0, as ReLU has where all units are off, does not descend, and counts as positive (ours: as
    published the loop would stand still there).

    Args:
        reach: How far it may go; its first guess is not used.
        delta: δ, the first step of the bracket, in units of `reach.unit`. Where (1 + r) δ reaches beyond the longest
            step, the bracket is all that is allowed.
        tolerance: Length at which a bracket counts as a point, in units of `reach.unit`.
    """
    first = delta * reach.unit
    low, middle, high = reach.shortest, first, first + GOLDEN * first
    if high > reach.longest:
        high = reach.longest
        middle = (low + high) / 2
    here = yield middle
    if not here.left:
        return Outcome(middle, Status.BUDGET)
    end = yield high
    evaluations = 2
    while end.slope < 0.0:
        grown = high + GOLDEN**evaluations * first
        if grown > reach.longest:
            return Outcome(reach.longest, Status.LONGEST)
        if not end.left:
            return Outcome(high, Status.BUDGET)
        middle, high, here = high, grown, end
        end = yield high
        evaluations += 1
    left = end.left
    while high - low > tolerance * reach.unit:
        if not left:
            return Outcome(middle, Status.BUDGET)
        if here.slope < 0.0:
            low = middle
        else:
            high = middle
        middle = (low + high) / 2
        here = yield middle
        left = here.left
    return Outcome(middle, Status.CLOSED)
