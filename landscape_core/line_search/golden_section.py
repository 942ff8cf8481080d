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

    Each cut needs one evaluation: one of the two inner points is left from the cut before, with the loss that its own
    mini-batch had. Losses of different mini-batches are compared, so that brackets can go wrong.

    Args:
        reach: How far it may go; its first guess is not used.
        delta: δ, the first step of the bracket, in units of `reach.unit`. Where (1 + r) δ reaches beyond the longest
            step, the bracket is all that is allowed.
        tolerance: Length at which a bracket counts as a point, in units of `reach.unit`.
    """
    step = delta * reach.unit
    low, left, high = 0.0, step, step + GOLDEN * step
    falling = high <= reach.longest
    if not falling:
        high, left = reach.longest, SHARE * reach.longest
    here = yield left
    left_loss = here.loss
    while falling:
        if not here.left:
            return Outcome(left, Status.BUDGET)
        here = yield high
        falling = here.loss < left_loss
        if falling:
            step *= GOLDEN
            low, left, left_loss, high = left, high, here.loss, high + GOLDEN * step
            if high > reach.longest:
                return Outcome(reach.longest, Status.LONGEST)
    if not here.left:
        return Outcome(left, Status.BUDGET)

    right = low + (1 - SHARE) * (high - low)
    here = yield right
    right_loss = here.loss
    while high - low > tolerance * reach.unit and here.left:
        if left_loss < right_loss:
            high, right, right_loss = right, left, left_loss
            left = low + SHARE * (high - low)
            here = yield left
            left_loss = here.loss
        else:
            low, left, left_loss = left, right, right_loss
            right = low + (1 - SHARE) * (high - low)
            here = yield right
            right_loss = here.loss
    closed = high - low <= tolerance * reach.unit
    return Outcome(left if left_loss < right_loss else right, Status.CLOSED if closed else Status.BUDGET)
