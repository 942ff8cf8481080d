"""Golden-section search on the noisy loss: the exact rival that minimises.

J. Kiefer (1953), *Sequential minimax search for a maximum*, with the bracketing of J. S. Arora, *Introduction to Optimum
Design*; as a rival of gradient-only searches in D. Kafka and D. N. Wilke (2020), arXiv 2001.05113.
"""

from __future__ import annotations

from landscape_core.line_search.search import GOLDEN, Outcome, Reach, Status, Steps

SHARE = 2 - GOLDEN
"""Where the first of the two inner points lies in a bracket: 0.382. The second lies at 1 − SHARE."""


def golden_section(reach: Reach, *, delta: float = 0.5, tolerance: float = 1e-12) -> Steps:
    """Bracket a minimum by steps that grow with the golden ratio while the loss falls, then cut the bracket.

    Every comparison draws both losses afresh, from two mini-batches, so that brackets can go wrong. If the loss still
    falls at the end of the bracket, and a longer one would reach beyond the longest step, that is the answer; else the
    middle of the last bracket. A bracket that ends at the longest step is cut like any other, and each cut rests on one
    comparison (ours: the published loop leaves such a bracket whole, and draws both losses once more where the first is
    not the smaller).

    Args:
        reach: How far it may go; its first guess is not used.
        delta: δ, the first step of the bracket, in units of `reach.unit`. Where (1 + r) δ reaches beyond the longest
            step, the bracket is all that is allowed.
        tolerance: Length at which a bracket counts as a point, in units of `reach.unit`.
    """
    step = delta * reach.unit
    low, middle, high = 0.0, step, step + GOLDEN * step
    if high > reach.longest:
        high = reach.longest
        middle = SHARE * high
    while True:
        inner = yield middle
        if not inner.left:
            return Outcome(middle, Status.BUDGET)
        outer = yield high
        if inner.loss <= outer.loss:
            break
        step *= GOLDEN
        if high + GOLDEN * step > reach.longest:
            return Outcome(reach.longest, Status.LONGEST)
        low, middle, high = middle, high, high + GOLDEN * step
        if outer.left < 2:
            return Outcome(middle, Status.BUDGET)

    left = outer.left
    while high - low > tolerance * reach.unit:
        if left < 2:
            return Outcome((low + high) / 2, Status.BUDGET)
        width = high - low
        first, second = low + SHARE * width, low + (1 - SHARE) * width
        inner = yield first
        outer = yield second
        left = outer.left
        if inner.loss < outer.loss:
            high = second
        else:
            low = first
    return Outcome((low + high) / 2, Status.CLOSED)
