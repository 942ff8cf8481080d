"""Independent slow twins of the line searches: plain functions that call back for every evaluation.

They have a mode or a loop as the published pseudo-code has, and a Gaussian process from its definition as an integral.

`at(a)` returns (loss, slope, loss_sd, slope_sd) of a fresh mini-batch, and raises `Spent` if there is none left. Each twin
returns the step at which it stops, also when evaluations run out.
"""

import itertools
import math

import numpy as np
from scipy import integrate, optimize, stats

from landscape_core.line_search.search import Computation

RATIO = (1 + math.sqrt(5)) / 2


class Spent(Exception):  # noqa: N818
    """No evaluation is left."""


def send(steps, evaluation):
    """The next step that a method asks for; what it wants computed is computed for it alone."""
    wanted = steps.send(evaluation)
    while isinstance(wanted, Computation):
        answers = wanted.function(*(np.array([argument]) for argument in wanted.arguments))
        wanted = steps.send(tuple(answer[0] for answer in answers))
    return wanted


def gols_i(at, a, a_max, unit):
    a_min = 1e-8 * unit
    a = max(a_min, min(a, a_max))
    try:
        tolerance = abs(0.9 * at(0.0)[1])
    except Spent:
        return 0.0
    try:
        slope = at(a)[1]
    except Spent:
        return 0.0
    if slope < 0 and a < a_max:
        mode = "grow"
    elif slope >= 0 and a > a_min:
        mode = "shrink"
    else:
        mode = "stop"
    if 0 < slope < tolerance:
        mode = "stop"
    try:
        while mode != "stop":
            if mode == "grow":
                slope = at(a * 2)[1]
                a = a * 2
                if slope >= 0 or a > a_max / 2:
                    mode = "stop"
            else:
                slope = at(a / 2)[1]
                a = a / 2
                if slope < 0 or a < 2 * a_min:
                    mode = "stop"
    except Spent:
        pass
    return a


def gols_b(at, a, a_max, unit):
    del a
    delta = 5 * unit
    low, middle = 1e-8 * unit, delta
    high = middle + RATIO * delta
    if high > a_max:
        high = a_max
        middle = (low + high) / 2
    count = 2
    try:
        slope_middle = at(middle)[1]
        slope_high = at(high)[1]
    except Spent:
        return middle
    while slope_high < 0:
        further = high + RATIO**count * delta
        if further > a_max:
            return a_max
        try:
            slope_further = at(further)[1]
        except Spent:
            return high
        middle, slope_middle = high, slope_high
        high, slope_high = further, slope_further
        count += 1
    while high - low > 1e-12 * unit:
        new = (middle, high) if slope_middle < 0 else (low, middle)
        halfway = (new[0] + new[1]) / 2
        try:
            slope_middle = at(halfway)[1]
        except Spent:
            return middle
        (low, high), middle = new, halfway
    return (low + high) / 2


def gols_back(at, a, a_max, unit):
    del a
    try:
        tolerance = abs(0.9 * at(0.0)[1])
        slope = at(a_max)[1]
    except Spent:
        return 0.0
    a = a_max
    if slope < 0:
        return a
    while not (slope <= tolerance or a < 2e-8 * unit):
        try:
            slope = at(a / 2)[1]
        except Spent:
            return a
        a = a / 2
    return a


def gols_max(at, a, a_max, unit):
    a = max(1e-8 * unit, min(a, a_max))
    try:
        tolerance = abs(0.9 * at(0.0)[1])
        slope = at(a)[1]
    except Spent:
        return 0.0
    double = slope < tolerance
    try:
        if double:
            while not (slope >= tolerance or a > a_max / 2):
                slope = at(a * 2)[1]
                a = a * 2
        else:
            while not (slope < tolerance or a < 2e-8 * unit):
                slope = at(a / 2)[1]
                a = a / 2
    except Spent:
        pass
    return a


def golden_section(at, a, a_max, unit):  # noqa: PLR0912
    """All positions from the ends of the bracket, both inner losses in a dictionary."""
    del a
    delta = 0.5 * unit
    points = [0.0, delta, delta * (1 + RATIO)]
    known = {}
    if points[2] > a_max:
        points = [0.0, a_max * (2 - RATIO), a_max]
        try:
            known[points[1]] = at(points[1])[0]
        except Spent:
            return 0.0
    else:
        try:
            known[points[1]] = at(points[1])[0]
        except Spent:
            return 0.0
        power = 1
        while True:
            try:
                known[points[2]] = at(points[2])[0]
            except Spent:
                return points[1]
            if not known[points[2]] < known[points[1]]:
                break
            power += 1
            following = points[2] + delta * RATIO**power
            if following > a_max:
                return a_max
            points = [points[1], points[2], following]
    low, first, high = points
    second = high - (first - low)
    values = [known[first], None]
    try:
        values[1] = at(second)[0]
    except Spent:
        return first
    while high - low > 1e-12 * unit:
        try:
            if values[0] < values[1]:
                new = low + (2 - RATIO) * (second - low)
                value = at(new)[0]
                high, second, first, values = second, first, new, [value, values[0]]
            else:
                new = high - (2 - RATIO) * (high - first)
                value = at(new)[0]
                low, first, second, values = first, second, new, [values[1], value]
        except Spent:
            break
    return first if values[0] < values[1] else second


def armijo(at, a, a_max, unit):
    a_min = 1e-8 * unit
    a = max(a_min, min(a, a_max))
    try:
        slope = at(0.0)[1]
    except Spent:
        return 0.0

    def both(step):
        """F(a) and q(a)."""
        value = at(step)[0]
        return value, at(0.0)[0] + 0.2 * step * slope

    try:
        value, promised = both(a)
    except Spent:
        return 0.0
    try:
        if value <= promised:
            while a <= a_max / 2:
                value, promised = both(2 * a)
                if value > promised:
                    return a
                a = 2 * a
        else:
            while a >= 2 * a_min:
                value, promised = both(a / 2)
                a = a / 2
                if value < promised:
                    break
    except Spent:
        pass
    return a


# the Gaussian process: f(t) = ∫ (t − u)₊ dW(u) from −10 on


def covariance(kind, a, b):
    """Of f or f′ at a with f or f′ at b, by quadrature of the product of their weights on dW(u)."""
    weights = {"f": lambda t, u: t - u, "d": lambda _t, _u: 1.0}
    value, _ = integrate.quad(
        lambda u: weights[kind[0]](a, u) * weights[kind[1]](b, u), -10.0, min(a, b), epsabs=0, epsrel=1e-13
    )
    return value


def posterior(queries, knots, values, slopes, value_sd, slope_sd):
    """Mean and covariance of queries [(kind, t), …] given noisy values and slopes at the knots."""
    seen = [("f", t) for t in knots] + [("d", t) for t in knots]
    noise = [value_sd**2] * len(knots) + [slope_sd**2] * len(knots)
    gram = np.array([[covariance(p + q, s, t) for q, t in seen] for p, s in seen]) + np.diag(noise)
    cross = np.array([[covariance(p + q, s, t) for q, t in seen] for p, s in queries])
    prior = np.array([[covariance(p + q, s, t) for q, t in queries] for p, s in queries])
    return cross @ np.linalg.solve(gram, np.concatenate([values, slopes])), prior - cross @ np.linalg.solve(
        gram, cross.T
    )


def wolfe(mean, spread, t, decrease=0.05, curvature=0.5):
    """P of both conditions, from mean and covariance of f(0), f′(0), f(t), f′(t): conditional normal by quadrature."""
    conditions = np.array([[1, decrease * t, -1, 0], [0, -curvature, 0, 1]])
    centre, matrix = conditions @ mean, conditions @ spread @ conditions.T
    highest = 2 * curvature * (abs(mean[1]) + 2 * math.sqrt(max(spread[1, 1], 0)))
    sd = math.sqrt(matrix[1, 1])

    def inner(z):
        """Density of the second at z SDs, times P of the first given it."""
        given = centre[0] + matrix[0, 1] / sd * z
        left = math.sqrt(max(matrix[0, 0] - matrix[0, 1] ** 2 / matrix[1, 1], 1e-300))
        return stats.norm.pdf(z) * stats.norm.cdf(given / left)

    low, high = max(-centre[1] / sd, -9.0), min((highest - centre[1]) / sd, 9.0)
    return integrate.quad(inner, low, high, limit=500, epsabs=1e-12)[0] if high > low else 0.0


def probabilistic(at, a, a_max, unit):
    a = max(1e-8 * unit, min(a, a_max))
    try:
        loss0, slope0, loss_sd, slope_sd = at(0.0)
        beta = abs(slope0)
        knots, values, slopes = [0.0], [0.0], [slope0 / beta]
        noise = loss_sd / (a * beta), slope_sd / beta
        t, distance = 1.0, 1.0
        while True:
            loss, slope, *_ = at(t * a)
            knots.append(t)
            values.append((loss - loss0) / (a * beta))
            slopes.append(slope / beta)

            def belief(queries):
                return posterior(queries, knots, values, slopes, *noise)

            def four(s):
                return belief([("f", 0.0), ("d", 0.0), ("f", s), ("d", s)])

            means = belief([("f", s) for s in knots])[0]
            good = [i for i in range(1, len(knots)) if wolfe(*four(knots[i]), knots[i]) > 0.3]
            if good:
                return a * min((means[i], knots[i]) for i in good)[1]
            if len(knots) == 7:
                return a * knots[int(np.argmin(means))]
            if belief([("d", 0.0)])[0][0] > 0:
                t = 0.01 * sorted(knots)[1]
                continue
            candidates = []
            ends = sorted(knots)
            for left, right in itertools.pairwise(ends):
                fine = np.linspace(left, right, 41)
                mean_slope = [belief([("d", s)])[0][0] for s in fine]
                candidates += [
                    optimize.brentq(lambda s: belief([("d", s)])[0][0], fine[i], fine[i + 1], xtol=1e-13)
                    for i in range(40)
                    if mean_slope[i] < 0 < mean_slope[i + 1]
                ]
            outer = min(ends[-1] + distance, a_max / a)
            if outer > ends[-1]:
                candidates.append(outer)
            best, t = -1.0, None
            for s in candidates:
                mean, spread = four(s)
                gain, sd = min(means) - mean[2], math.sqrt(spread[2, 2])
                improvement = gain * stats.norm.cdf(gain / sd) + sd * stats.norm.pdf(gain / sd)
                worth = improvement * wolfe(mean, spread, s)
                if worth > best:
                    best, t = worth, s
            if t == outer:
                distance *= 2
    except Spent:
        return a * knots[int(np.argmin(means))] if len(knots) > 1 else 0.0


TWINS = {
    "gols_i": gols_i,
    "gols_b": gols_b,
    "gols_max": gols_max,
    "gols_back": gols_back,
    "golden_section": golden_section,
    "armijo": armijo,
    "probabilistic": probabilistic,
}
