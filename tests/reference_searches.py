"""Independent slow twins of the line searches, in plain numpy, from their published descriptions.

A search is a generator. It yields the step that it looks at, or a list of two that it compares, alone or with its bracket,
and is sent (loss, slope, standard error of the loss, of the slope) of a fresh mini-batch at each. It returns its step and
why it stops. Where too few mini-batches are left, `Spent` is raised inside it.

Sources: D. Kafka and D. N. Wilke (2019, arXiv 1903.09383; 2020, arXiv 2001.05113); M. Mahsereci and P. Hennig (2015; 2017).
"""

import itertools
import math

import numpy as np

RATIO = (1 + math.sqrt(5)) / 2


class Spent(Exception):  # noqa: N818
    """No evaluation is left."""


def run(name, at, reach, budget):
    """One search.

    Args:
        name: Which.
        at: Step → what a fresh mini-batch says there.
        reach: Its first guess, longest step and unit of length.
        budget: Evaluations at most.

    Returns:
        The steps looked at; the bracket after each, NaN without one; the step taken; the name of its status.
    """
    search, trials, brackets = SEARCHES[name](*reach), [], []
    asked = next(search)
    try:
        while True:
            wanted, bracket = (asked[0], asked[1:]) if isinstance(asked, tuple) else (asked, (math.nan, math.nan))
            places = wanted if isinstance(wanted, list) else [wanted]
            left = budget - len(trials)
            if len(places) > left and trials:
                search.throw(Spent)
            brackets[-1:] = [bracket] * bool(brackets)
            answers = [at(place) for place in places[:left]]
            trials += places[:left]
            brackets += [bracket] * (len(answers) - 1) + [(math.nan, math.nan)]
            if len(answers) < len(places):
                search.throw(Spent)
            asked = search.send(answers if isinstance(wanted, list) else answers[0])
    except StopIteration as end:
        return trials, brackets, *end.value


# gradient-only and minimising searches: first guess, longest step, unit of length


def _double_or_halve(guess, a_max, unit, sign, crossed):
    """By whether the slope is below a limit: 0, or a share of that at the start."""
    a_min, a = 1e-8 * unit, 0.0
    try:
        tolerance = 0.9 * abs((yield 0.0)[1])
        limit = 0.0 if sign else tolerance
        first = min(max(guess, a_min), a_max)
        slope = (yield first)[1]
        a = first
        grows = slope < limit
        if sign and 0 < slope < tolerance:
            return a, "SMALL_OVERSHOOT"
        ended = "LONGEST" if grows else "SHORTEST"
        if a >= a_max if grows else a <= a_min:
            return a, ended
        factor = 2.0 if grows else 0.5
        while True:
            slope = (yield factor * a)[1]
            a = factor * a
            if (slope < limit) != grows:
                return a, crossed[grows]
            if a > a_max / 2 if grows else a < 2 * a_min:
                return a, ended
    except Spent:
        return a, "BUDGET"


def gols_i(guess, a_max, unit):
    return (yield from _double_or_halve(guess, a_max, unit, True, {True: "SIGN_CHANGE", False: "SIGN_CHANGE"}))


def gols_max(guess, a_max, unit):
    return (yield from _double_or_halve(guess, a_max, unit, False, {True: "STEEP", False: "SMALL_SLOPE"}))


def gols_b(_guess, a_max, unit):
    low, m = 1e-8 * unit, 5.0 * unit
    high = m + RATIO * 5.0 * unit
    if high > a_max:
        high = a_max
        m = (low + high) / 2
    try:
        at_m = (yield m, low, high)[1]
        at_high = (yield high, low, high)[1]
        evaluations = 2
        while at_high < 0:
            m, at_m = high, at_high
            high = m + RATIO**evaluations * 5.0 * unit
            evaluations += 1
            if high > a_max:
                return a_max, "LONGEST"
            at_high = (yield high, low, high)[1]
        while high - low > 1e-12 * unit:
            if at_m < 0:
                low = m
            else:  # exactly 0 as well: the published loop would go round for ever
                high = m
            at_m = (yield (low + high) / 2, low, high)[1]
            m = (low + high) / 2
        return m, "CLOSED"
    except Spent:
        return m, "BUDGET"


def gols_back(_guess, a_max, unit):
    a = 0.0
    try:
        tolerance = 0.9 * abs((yield 0.0)[1])
        slope = (yield a_max)[1]
        a = a_max
        if slope < 0:
            return a, "STILL_DESCENDING"
        while True:
            slope = (yield a / 2)[1]
            a = a / 2
            if slope <= tolerance:
                return a, "SMALL_SLOPE"
            if a < 2e-8 * unit:
                return a, "SHORTEST"
    except Spent:
        return a, "BUDGET"


def golden_section(_guess, a_max, unit):
    low, m, growth = 0.0, 0.5 * unit, 0.5 * unit
    high = m + RATIO * growth
    if high > a_max:
        low, m, high = 0.0, a_max / RATIO**2, a_max
    try:
        while True:
            inner, outer = yield [m, high], low, high
            if inner[0] <= outer[0]:
                break
            growth = growth * RATIO
            if high + RATIO * growth > a_max:
                return a_max, "LONGEST"
            low, m, high = m, high, high + RATIO * growth
        m = (low + high) / 2
        while high - low > 1e-12 * unit:
            one, two = high - (high - low) / RATIO, low + (high - low) / RATIO
            inner, outer = yield [one, two], low, high
            if inner[0] < outer[0]:
                high = two
            else:
                low = one
            m = (low + high) / 2
        return m, "CLOSED"
    except Spent:
        return m, "BUDGET"


def armijo(guess, a_max, unit):
    a_min, a = 1e-8 * unit, 0.0
    try:
        slope = (yield 0.0)[1]
        first = min(max(guess, a_min), a_max)
        here, at_start = yield [first, 0.0]
        if here[0] <= at_start[0] + 0.2 * first * slope:
            a = first
            while a <= a_max:
                here, at_start = yield [2 * a, 0.0]
                if here[0] > at_start[0] + 0.4 * a * slope:
                    return a, "DECREASE"
                a = 2 * a
            return a_max, "LONGEST"
        a = first
        while a >= 2 * a_min:
            here, at_start = yield [a / 2, 0.0]
            a = a / 2
            if here[0] < at_start[0] + 0.2 * a * slope:
                return a, "DECREASE"
        return a, "SHORTEST"
    except Spent:
        return a, "BUDGET"


# the probabilistic search


def covariance(one, other):
    """Prior covariance of values ("v", t) and derivatives ("d", t) of a once integrated Wiener process, begun at −10."""
    (kind, s), (kind_other, t) = one, other
    s, t = np.longdouble(s) + 10, np.longdouble(t) + 10
    if kind == kind_other == "d":
        return min(s, t)
    if kind == kind_other:
        return min(s, t) ** 3 / 3 + abs(s - t) * min(s, t) ** 2 / 2
    value, rate = (s, t) if kind == "v" else (t, s)
    return rate * value - rate**2 / 2 if rate <= value else value**2 / 2


class Belief:
    """What the observations say of values and derivatives: a dense Gaussian process in extended precision.

    Args:
        knots: Where both were observed.
        values: There.
        slopes: There.
        value_sd: Noise of a value.
        slope_sd: Noise of a slope.
    """

    def __init__(self, knots, values, slopes, value_sd, slope_sd):
        self.seen = [("v", t) for t in knots] + [("d", t) for t in knots]
        noise = [value_sd] * len(knots) + [slope_sd] * len(knots)
        n = len(noise)
        self.root = np.zeros((n, n), dtype=np.longdouble)
        for i in range(n):
            for j in range(i + 1):
                rest = covariance(self.seen[i], self.seen[j]) + (np.longdouble(noise[i]) ** 2 if i == j else 0)
                rest -= self.root[i, :j] @ self.root[j, :j]
                self.root[i, j] = np.sqrt(rest) if i == j else rest / self.root[j, j]
        self.told = self._forward(np.array([*values, *slopes], dtype=np.longdouble))

    def _forward(self, right):
        found = np.zeros_like(right)
        for i in range(len(right)):
            found[i] = (right[i] - self.root[i, :i] @ found[:i]) / self.root[i, i]
        return found

    def at(self, *asked):
        """Mean, (Q,), and covariance, (Q, Q)."""
        cross = np.array([[covariance(seen, one) for one in asked] for seen in self.seen])
        reduced = self._forward(cross)
        prior = np.array([[covariance(one, other) for other in asked] for one in asked])
        return reduced.T @ self.told, prior - reduced.T @ reduced

    def mean(self, kind, t):
        return float(self.at((kind, t))[0][0])

    def wolfe(self, t):
        """Probability that a step is lower by enough, and its slope within bounds: c1 = 0.05, c2 = 0.5."""
        mean, spread = self.at(("v", 0.0), ("d", 0.0), ("v", t), ("d", t))
        weights = np.array([[1 / t, 0.05, -1 / t, 0], [0, -0.5, 0, 1]], dtype=np.longdouble)
        centre, matrix = weights @ mean, weights @ spread @ weights.T
        most = abs(mean[1]) + 2 * np.sqrt(max(spread[1, 1], 0))
        return probability(centre.astype(float), matrix.astype(float), float(most))

    def improvement(self, t, lowest):
        """How far below the lowest mean the value is expected to fall."""
        mean, spread = self.at(("v", t))
        gain, sd = float(lowest - mean[0]), math.sqrt(max(float(spread[0, 0]), 1e-300))
        return gain * _phi(gain / sd) + sd * math.exp(-((gain / sd) ** 2) / 2) / math.sqrt(2 * math.pi)

    def minimum(self, low, high):
        """Where the mean, a cubic between neighbouring knots, has its minimum, or None."""
        span = high - low
        (start, rate, end, last) = (self.at((kind, t))[0][0] for t in (low, high) for kind in ("v", "d"))
        rise = end - start
        cube, square = span * (rate + last) - 2 * rise, 3 * rise - span * (2 * rate + last)
        root = square**2 - 3 * cube * span * rate
        if root <= 0 or (cube == 0 and square <= 0):
            return None
        share = (np.sqrt(root) - square) / (3 * cube) if square < 0 else -span * rate / (square + np.sqrt(root))
        return float(low + share * span) if 0 < share < 1 else None


def _phi(z):
    return math.erfc(-z / math.sqrt(2)) / 2


def probability(mean, matrix, most):
    """P(first > 0, 0 < second < most) of two normal variables, by Gauss-Legendre quadrature over the second."""
    sd, other = (math.sqrt(max(value, 0.0)) for value in np.diag(matrix))
    slope = matrix[0, 1] / other
    rest = math.sqrt(max(sd**2 - slope**2, 1e-300))
    low, high = max(-mean[1] / other, -12.0), min((most - mean[1]) / other, 12.0)
    if low >= high:
        return 0.0
    edges = [*np.arange(-12, 13)]
    if slope:
        edges.extend((-mean[0] + k * rest) / slope for k in np.arange(-10, 11))
    edges = np.unique(np.clip([low, high, *edges], low, high))
    nodes, weights = np.polynomial.legendre.leggauss(24)
    total = 0.0
    for a, b in itertools.pairwise(edges):
        for node, weight in zip(nodes, weights * (b - a) / 2, strict=True):
            z = (a + b) / 2 + node * (b - a) / 2
            total += weight * math.exp(-z * z / 2) * _phi((mean[0] + slope * z) / rest)
    return total / math.sqrt(2 * math.pi)


def probabilistic(guess, a_max, unit):  # noqa: PLR0911  one for each rule of the program
    knots, values, slopes, extra = [0.0], [0.0], [], 1.0
    first = min(max(guess, 1e-8 * unit), a_max)
    farthest, belief = a_max / first, None

    def lowest():
        return min(knots[1:], key=lambda t: belief.mean("v", t)) if belief else 0.0

    try:
        at_start, rate, loss_sd, slope_sd = yield 0.0
        scale = abs(rate)
        if scale == 0:
            return 0.0, "FLAT"
        if math.isnan(loss_sd):
            return 0.0, "NO_NOISE_ESTIMATE"
        slopes.append(rate / scale)
        t = 1.0
        while True:
            loss, slope = (yield t * first)[:2]
            knots.append(t)
            values.append((loss - at_start) / (first * scale))
            slopes.append(slope / scale)
            belief = Belief(knots, values, slopes, loss_sd / (first * scale), slope_sd / scale)
            if belief.wolfe(t) > 0.3:
                return t * first, "WOLFE"
            if len(knots) == 8:
                return lowest() * first, "LOWEST_MEAN"
            best = min(knots, key=lambda one: belief.mean("v", one))
            if abs(belief.mean("d", best)) < 1e-5 and belief.at(("v", best), ("d", best))[1][0, 1] < 1e-4:
                return best * first, "SMALL_SLOPE"
            places = sorted(knots)
            inside = [belief.minimum(*cell) for cell in itertools.pairwise(places)]
            if belief.mean("d", 0.0) > 0 and inside[0] is None:
                t = 0.01 * places[1]
                yield t * first
                return t * first, "RISING"
            good = [one for one in places[1:-1] if belief.wolfe(one) > 0.3]
            if good:
                return min(good, key=lambda one: belief.mean("v", one)) * first, "WOLFE"
            candidates = [one for one in inside if one is not None]
            beyond = min(places[-1] + extra, farthest)
            if beyond > places[-1]:
                candidates.append(beyond)
            if not candidates:
                return lowest() * first, "LOWEST_MEAN"
            floor = min(belief.mean("v", one) for one in knots)
            t = max(candidates, key=lambda one: belief.improvement(one, floor) * belief.wolfe(one))
            if t == beyond and knots[-1] == places[-1]:
                extra *= 2
    except Spent:
        return lowest() * first, "BUDGET"


SEARCHES = {
    "gols_i": gols_i,
    "gols_b": gols_b,
    "gols_max": gols_max,
    "gols_back": gols_back,
    "golden_section": golden_section,
    "armijo": armijo,
    "probabilistic": probabilistic,
}
