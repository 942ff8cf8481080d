"""GOLS-Max: the longest step whose slope is not yet too positive.

D. Kafka and D. N. Wilke (2020), arXiv 2001.05113.
"""

from __future__ import annotations

from landscape_core.line_search.search import Outcome, Reach, Status, Steps


def gols_max(reach: Reach, *, growth: float = 2.0, curvature: float = 0.9) -> Steps:
    """With tol = |c₂ F′(0)|: double the step until F′(a) ≥ tol, or halve it until F′(a) < tol.

    A step above half of the longest one may still be doubled once, as published, and so end beyond the longest.

    Args:
        reach: How far it may go.
        growth: What a step is multiplied or divided by.
        curvature: c₂.
    """
    a = reach.guess
    start = yield 0.0
    if not start.left:
        return Outcome(0.0, Status.BUDGET)
    tolerance = abs(curvature * start.slope)
    here = yield a
    if here.slope < tolerance:
        if a >= reach.longest:
            return Outcome(a, Status.LONGEST)
        while here.left:
            a *= growth
            here = yield a
            if here.slope >= tolerance:
                return Outcome(a, Status.STEEP)
            if a > reach.longest / growth:
                return Outcome(a, Status.LONGEST)
        return Outcome(a, Status.BUDGET)
    while here.slope >= tolerance:
        if a < growth * reach.shortest:
            return Outcome(a, Status.SHORTEST)
        if not here.left:
            return Outcome(a, Status.BUDGET)
        a /= growth
        here = yield a
    return Outcome(a, Status.SMALL_SLOPE)
