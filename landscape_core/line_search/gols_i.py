"""GOLS-I: the inexact gradient-only line search.

D. Kafka and D. N. Wilke (2019), *Gradient-only line searches: An alternative to probabilistic line searches*, arXiv
1903.09383.
"""

from __future__ import annotations

from landscape_core.line_search.search import Outcome, Reach, Status, Steps


def gols_i(reach: Reach, *, growth: float = 2.0, curvature: float = 0.9) -> Steps:
    """Double the step until the slope is not negative, or halve it until it is.

    A first step that overshoots only a little, 0 < F′(a) < |c₂ F′(0)|, is accepted at once. Growing ends just past the
    change of sign, shrinking just before it. A step above half of the longest one may still be doubled once, as published.

    Args:
        reach: How far it may go.
        growth: η.
        curvature: c₂.
    """
    a = reach.guess
    start = yield 0.0
    if not start.left:
        return Outcome(0.0, Status.BUDGET)
    here = yield a
    if 0.0 < here.slope < abs(curvature * start.slope):
        return Outcome(a, Status.SMALL_OVERSHOOT)
    if here.slope < 0.0:
        if a >= reach.longest:
            return Outcome(a, Status.LONGEST)
        while here.left:
            a *= growth
            here = yield a
            if here.slope >= 0.0:
                return Outcome(a, Status.SIGN_CHANGE)
            if a > reach.longest / growth:
                return Outcome(a, Status.LONGEST)
    else:
        if a <= reach.shortest:
            return Outcome(a, Status.SHORTEST)
        while here.left:
            a /= growth
            here = yield a
            if here.slope < 0.0:
                return Outcome(a, Status.SIGN_CHANGE)
            if a < growth * reach.shortest:
                return Outcome(a, Status.SHORTEST)
    return Outcome(a, Status.BUDGET)
