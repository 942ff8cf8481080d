"""GOLS-Back: gradient-only backtracking from the longest step.

D. Kafka and D. N. Wilke (2020), arXiv 2001.05113.
"""

from __future__ import annotations

from landscape_core.line_search.search import Outcome, Reach, Status, Steps


def gols_back(reach: Reach, *, shrinkage: float = 2.0, curvature: float = 0.9) -> Steps:
    """Take the longest step if the slope is negative there; else halve it, at least once, until F′(a) ≤ |c₂ F′(0)|.

    Args:
        reach: How far it may go; its first guess is not used.
        shrinkage: What a step is divided by.
        curvature: c₂.
    """
    a = reach.longest
    start = yield 0.0
    if not start.left:
        return Outcome(0.0, Status.BUDGET)
    here = yield a
    if here.slope < 0.0:
        return Outcome(a, Status.STILL_DESCENDING)
    while here.left:
        a /= shrinkage
        here = yield a
        if here.slope <= abs(curvature * start.slope):
            return Outcome(a, Status.SMALL_SLOPE)
        if a < shrinkage * reach.shortest:
            return Outcome(a, Status.SHORTEST)
    return Outcome(a, Status.BUDGET)
