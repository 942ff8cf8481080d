"""PrLS: the probabilistic line search.

M. Mahsereci and P. Hennig (2015), *Probabilistic line searches for stochastic optimization*, NIPS 28; (2017), JMLR 18(119).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float
from numpy import ndarray

from landscape_core.line_search import spline, wolfe
from landscape_core.line_search.search import Outcome, Reach, Status, Steps, request_computation

FIRST_STEP = 1e-4
"""The first step of all, before any was accepted."""

GROWTH, MEMORY, FAR = 1.3, 0.95, 100.0
"""The next first step is this many accepted ones; the share of its past in the running average; how far it may stray."""

SHORTENED = 0.01
"""Where the mean rises at the start: the step that is taken, as a share of the first cell."""

LEVEL, CERTAIN = 1e-5, 1e-4
"""A scaled mean slope below the first whose covariance with the loss is below the second is that of an optimum."""

LARGEST = 1e100
"""Scaled losses and slopes from here on, as a slope of next to nothing at the start makes them, count as infinite."""


def probabilistic(
    reach: Reach,
    *,
    decrease: float = 0.05,
    curvature: float = 0.5,
    threshold: float = 0.3,
    trials: int = 7,
) -> Steps:
    """Accept a step once both Wolfe conditions are probable enough under a Gaussian-process belief about the line.

    Steps are measured in the first guess α₀, slopes in β = |F′(0)|, losses in α₀ β from F(0). The noise is that at the
    start, estimated within its mini-batch. After each trial, in this order: the trial is accepted if its Wolfe probability
    is large enough; the step of lowest mean, if the slope is certain to be next to nothing there; where the mean rises at
    the start and has no minimum before the first trial, a hundredth of that is evaluated and taken; of earlier trials that
    have become acceptable, but for the longest, the one of lowest mean. Else the next trial is, of the minima of the mean
    between trials and one step beyond them all, that of the largest expected improvement × Wolfe probability. The step
    beyond doubles when it is taken from a last trial that was the longest. After the last trial that of lowest mean is
    taken. Candidates beyond the longest step are moved there (ours: as published there is none).

    Args:
        reach: How far it may go.
        decrease: c₁.
        curvature: c₂.
        threshold: The least probability.
        trials: Most steps that are tried, but for the hundredth.
    """
    start = yield 0.0
    if not start.left:
        return Outcome(0.0, Status.BUDGET)
    length, steepness = reach.guess, abs(start.slope)
    height = length * steepness
    if height == 0.0:
        return Outcome(0.0, Status.FLAT)
    if math.isnan(start.loss_sd) or math.isnan(start.slope_sd):
        return Outcome(0.0, Status.NO_NOISE_ESTIMATE)
    noise = start.loss_sd / height, start.slope_sd / steepness
    knots, values, slopes = [0.0], [0.0], [start.slope / steepness]
    farthest = reach.longest / length
    beyond, t, lowest = 1.0, 1.0, 0.0
    while True:
        here = yield t * length
        knots.append(t)
        values.append((here.loss - start.loss) / height)
        slopes.append(here.slope / steepness)
        if not max(*noise, abs(values[-1]), abs(slopes[-1])) < LARGEST:
            return Outcome(lowest, Status.NOT_FINITE)
        outer = min(max(knots) + beyond, farthest)
        if not outer > max(knots):
            outer = math.nan
        means, probable, level, rises, promising = yield from request_computation(
            weigh, knots, values, slopes, *noise, outer, decrease, curvature
        )
        if math.isnan(means[0]):  # too close to an earlier step to say anything new
            return Outcome(lowest, Status.LOWEST_MEAN)
        if probable[-1] > threshold:
            return Outcome(t * length, Status.WOLFE)
        lowest = knots[1 + int(np.argmin(means[1:]))] * length
        if len(knots) > trials:
            return Outcome(lowest, Status.LOWEST_MEAN)
        if level:
            return Outcome(knots[int(np.argmin(means))] * length, Status.SMALL_SLOPE)
        if rises:
            if not here.left:
                return Outcome(lowest, Status.BUDGET)
            shortened = SHORTENED * min(knots[1:]) * length
            yield shortened
            return Outcome(shortened, Status.RISING)
        earlier = [index for index, knot in enumerate(knots) if 0.0 < knot < max(knots) and probable[index] > threshold]
        if earlier:
            return Outcome(knots[min(earlier, key=lambda index: float(means[index]))] * length, Status.WOLFE)
        if math.isnan(promising):  # there is no candidate
            return Outcome(lowest, Status.LOWEST_MEAN)
        if not here.left:
            return Outcome(lowest, Status.BUDGET)
        if promising == outer and t == max(knots):
            beyond *= 2
        t = float(promising)


def weigh(
    knots: Float[ndarray, "Z T"],
    values: Float[ndarray, "Z T"],
    slopes: Float[ndarray, "Z T"],
    value_sd: Float[ndarray, "Z"],
    slope_sd: Float[ndarray, "Z"],
    outer: Float[ndarray, "Z"],
    decrease: Float[ndarray, "Z"],
    curvature: Float[ndarray, "Z"],
) -> tuple[Float[ndarray, "Z T"], Float[ndarray, "Z T"], Bool[ndarray, "Z"], Bool[ndarray, "Z"], Float[ndarray, "Z"]]:
    """What Z searches with T evaluations each believe of their steps, and where each would look next.

    Args:
        knots: Steps evaluated so far, the start first.
        values: Losses there.
        slopes: Slopes there.
        value_sd: Noise of the losses.
        slope_sd: Noise of the slopes.
        outer: The candidate beyond all steps; NaN for none.
        decrease: c₁.
        curvature: c₂.

    Returns:
        Means of the loss at the steps and their Wolfe probabilities, all NaN where steps are too close to be told apart;
        whether the slope is certain to be next to nothing where the mean is lowest; whether the mean rises at the start
        and has no minimum before the first step; the most promising candidate, NaN if there is none.
    """
    line = spline.condition(knots, values, slopes, value_sd, slope_sd)
    minima = line.minima()
    candidates = np.concatenate([minima, outer[:, None]], axis=1)
    belief = line.evaluate(np.concatenate([knots, candidates], axis=1))
    steps = np.s_[:, : knots.shape[1]]
    means = belief.mean[steps]
    probable = wolfe.wolfe_probability(belief, decrease[:, None], curvature[:, None])
    promise = wolfe.expected_improvement(belief, means.min(1, keepdims=True)) * probable
    best = np.argmax(np.where(np.isnan(candidates), -np.inf, promise[:, knots.shape[1] :]), axis=1)
    every = np.arange(len(best))
    lowest = np.argmin(means, axis=1)
    level = (np.abs(belief.slopes[every, lowest, 2]) < LEVEL) & (belief.covariance[every, lowest] < CERTAIN)
    rises = (belief.slopes[:, 0, 0] > 0.0) & np.isnan(minima[:, 0])
    return means, probable[steps], level, rises, candidates[every, best]


def next_guess(accepted: Sequence[float]) -> float:
    """The first step of the next search: 1.3 of the last accepted step, or the running average if it is 100 times off."""
    average = FIRST_STEP
    for step in accepted:
        average = MEMORY * average + (1 - MEMORY) * step
    if not accepted:
        return FIRST_STEP
    guess = GROWTH * accepted[-1]
    return guess if average / FAR <= guess <= average * FAR else average
