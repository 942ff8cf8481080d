"""What the same mini-batches show of loss and slope, against plain loops."""

import itertools
import math

import numpy as np
import pytest
import torch

from landscape_core.paper.claims.line_estimates import STATIC, share_at_minima, spread_of_static


def test_nngpps_at_minima_over_all_draws_that_can_stand_together():
    """Every combination of draws at four neighbouring points, one after the other."""
    chance = np.random.default_rng(4)
    draws, lines, points = 3, 2, 6
    loss, slope = chance.normal(size=(2, draws, lines, points))
    found, both = 0, 0.0
    for line, i in itertools.product(range(lines), range(1, points)):
        for a, b, c, d in itertools.product(range(draws), repeat=4):
            if slope[b, line, i - 1] < 0 < slope[c, line, i]:
                before, here = loss[b, line, i - 1], loss[c, line, i]
                found += 1
                both += i > 1 and loss[a, line, i - 2] > before < here
                both += i < points - 1 and before > here < loss[d, line, i + 1]
    assert share_at_minima(loss, slope) == pytest.approx(both / found)
    assert 0 < both < found


def test_nngpps_at_minima_of_one_draw_are_counted():
    """− + at 1: a minimum at 1. − + at 4: the minimum at 3. − + at 6, an end of the line: none."""
    slope = np.array([[[-1.0, 1, -1, -1, 1, -1, 1]]])
    loss = np.array([[[2.0, 1, 3, 2, 4, 5, 4]]])
    assert share_at_minima(loss, slope) == pytest.approx(2 / 3)
    assert share_at_minima(loss, -np.abs(slope)) == 0.0


def test_static_minimisers_by_plain_loops():
    chance = np.random.default_rng(9)
    positions, samples, kept = np.linspace(-2, 2, 9), 7, STATIC + 5
    slope = chance.normal(size=(18, samples)) + np.tile(positions, 2)[:, None]
    slope[9:] = np.abs(slope[9:])
    batches = (chance.random((samples, kept)) < 0.4).astype(float)
    places = []
    for batch in range(STATIC):
        chosen = [n for n in range(samples) if batches[n, batch]]
        curve = [math.fsum(slope[i, n] for n in chosen) for i in range(9)]
        for i in range(1, 9):
            if curve[i - 1] < 0 < curve[i]:
                places += [positions[i - 1] + 0.5 * curve[i - 1] / (curve[i - 1] - curve[i])]
    mean = math.fsum(places) / len(places)
    expected = math.sqrt(math.fsum((place - mean) ** 2 for place in places) / len(places))
    found = spread_of_static(torch.tensor(slope), torch.tensor(batches), positions)
    assert found[0] == pytest.approx(expected)
    assert np.isnan(found[1])  # nowhere below 0
