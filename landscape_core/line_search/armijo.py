"""Armijo's rule with doubling and halving, on the noisy loss: the inexact rival that minimises.

L. Armijo (1966), *Minimization of functions having Lipschitz continuous first partial derivatives*; in both directions as
a rival of gradient-only searches in D. Kafka and D. N. Wilke (2020), arXiv 2001.05113.
"""

from __future__ import annotations

from landscape_core.line_search.search import Outcome, Reach, Status, Steps


def armijo(reach: Reach, *, growth: float = 2.0, decrease: float = 0.2) -> Steps:
    """Double the step while F(a) ≤ F(0) + c a F′(0) and step back once, or halve it until F(a) is below that.

    The last doubling may go beyond the longest step; if the loss fell by enough there too, the longest is taken.
    Everything is dynamic: each comparison takes F(0) from a mini-batch of its own. F′(0) is that of the first evaluation.

    Args:
        reach: How far it may go.
        growth: What a step is multiplied or divided by.
        decrease: c, the share of the decrease promised by the slope at the start.
    """
    a = reach.guess
    start = yield 0.0
    if start.left < 2:
        return Outcome(0.0, Status.BUDGET)
    here, zero = (yield a), (yield 0.0)
    if here.loss <= zero.loss + decrease * a * start.slope:
        while zero.left >= 2:
            a *= growth
            here, zero = (yield a), (yield 0.0)
            if here.loss > zero.loss + decrease * a * start.slope:
                return Outcome(a / growth, Status.DECREASE)
            if a > reach.longest:
                return Outcome(reach.longest, Status.LONGEST)
        return Outcome(a, Status.BUDGET)
    while a >= growth * reach.shortest:
        if zero.left < 2:
            return Outcome(a, Status.BUDGET)
        a /= growth
        here, zero = (yield a), (yield 0.0)
        if here.loss < zero.loss + decrease * a * start.slope:
            return Outcome(a, Status.DECREASE)
    return Outcome(a, Status.SHORTEST)
