"""Quantities behind the observations along lines, against plain loops; the law, by numbers; units that switch."""

import dataclasses
import math
from statistics import NormalDist

import numpy as np
import pytest
import reference as twin
import torch
from reference_landscapes import POINTS, POSITIONS, bowl

from landscape_core import StudySpec
from landscape_core.geometry import grid
from landscape_core.geometry.grid import LINES
from landscape_core.paper.claims import line_observations as observed
from landscape_core.paper.claims.criteria import JUMP
from landscape_core.paper.dead_units import look_at_units
from landscape_core.statistics import moments
from landscape_core.study.plane import build_plane


@pytest.fixture(scope="module")
def noisy():
    """A line each with one true NN-GPP, with two, with none, and with a stretch that leaves it."""
    chance = np.random.default_rng(11)
    slope = np.array(
        [1.5 * (POSITIONS - 0.31), POSITIONS**3 - 1.7 * POSITIONS + 0.1, 1 + POSITIONS**2, 0.1 * POSITIONS]
    )
    shares = chance.random((2, 4, POINTS)) / 3
    sd = 0.4 + 0.1 * np.tile(POSITIONS, (4, 1))
    return bowl(slope=slope, sd=sd, minima=shares[0], nngpps=shares[1], at_minima=0.7)


def test_the_law_is_that_of_a_straight_slope_with_normal_noise():
    """∫ z² Φ(−z) Φ(z) dz / ∫ Φ(−z) Φ(z) dz, by a fine sum."""
    places = np.linspace(-8, 8, 4001).tolist()
    weights = [NormalDist().cdf(-z) * NormalDist().cdf(z) for z in places]
    variance = math.fsum(w * z * z for w, z in zip(weights, places, strict=True)) / math.fsum(weights)
    assert pytest.approx(variance, rel=1e-6) == observed.LAW


def test_sd_over_curvature_and_half_widths(noisy):
    """On the first line the SD is 0.4 + 0.1 x, the slope 1.5 (x − 0.31); on the last ±1 SD is at x = ±(4 + x)."""
    law, half = observed.find_law(noisy), observed.find_half_widths(noisy)
    assert law[0] == pytest.approx((0.4 + 0.1 * 0.31) / 1.5, rel=1e-9)
    low, high = (1.5 * 0.31 - 0.4) / (1.5 + 0.1), (1.5 * 0.31 + 0.4) / (1.5 - 0.1)
    assert half[0] == pytest.approx((high - low) / 2, rel=1e-3)
    assert np.isnan(law[1:3]).all()
    assert np.isnan(half[1:]).all()
    assert law[3] == pytest.approx(4.0, rel=1e-9)


def test_chances_at_minima(noisy):
    both = math.fsum(
        noisy.nngpps[line, i] * (noisy.minima[line, i] + (noisy.minima[line, i - 1] if i else 0.0))
        for line in range(4)
        for i in range(POINTS)
    )
    total = math.fsum(noisy.nngpps.ravel())
    assert observed.chance_at_minima(noisy) == pytest.approx(both / total)
    assert observed.minima_at_nngpps(noisy) == pytest.approx(0.7 * total / math.fsum(noisy.minima.ravel()))
    none = dataclasses.replace(noisy, nngpps=np.zeros((4, POINTS)), minima=np.zeros((4, POINTS)))
    assert (observed.chance_at_minima(none), observed.minima_at_nngpps(none)) == (0.0, 0.0)


def test_shares_that_agree():
    found = np.array([1.0, 2.0, 2.1, 0.5, 0.4, np.nan, 1.0])
    assert observed.share_that_agrees(found, np.array([1.0] * 6 + [np.nan])) == pytest.approx(3 / 5)
    assert observed.share_that_agrees(found[:0], found[:0]) == 0.0


@pytest.mark.parametrize(("domain", "activation"), [("local", "relu"), ("global", "leaky_relu")])
def test_jumps_of_a_network_are_units_that_switch(domain, activation):
    """At the selected seed: the inputs of all units at both ends of the last zoom, from a stock torch module."""
    spec = StudySpec(domain=domain, activation=activation)
    plane = build_plane(spec, "cpu")
    positions = grid.axis(spec.range, spec.line_points)
    units = np.repeat([line.unit for line in LINES], spec.line_points, axis=0)
    slope = moments.full_batch(plane.table(grid.lines(positions)).slope(units)).reshape(4, -1)
    features = dataclasses.replace(
        bowl(),
        half_width=spec.range,
        positions=positions,
        slope=slope,
        tabulate=plane.table,
        look_at_units=lambda coordinates: look_at_units(plane.problem, plane, coordinates),
    )
    bends = features.sharpest
    jump = bends.left_over > JUMP
    assert jump.any()
    np.testing.assert_allclose(bends.right - bends.left, (positions[1] - positions[0]) / 2048, rtol=1e-6)
    assert observed.switches_at_jumps(features)
    start, pair, inputs, _ = twin.setting(domain, activation)

    def signs(at, unit):
        network = twin.module(start + at * (unit[0] * pair[0] + unit[1] * pair[1]), activation, activation)
        with torch.no_grad():
            hidden = network[0](torch.tensor(inputs, dtype=torch.float64))
            outputs = network[2](network[1](hidden))
        return np.concatenate([hidden.numpy(), outputs.numpy()], axis=1) > 0

    for unit, left, right in zip(bends.unit[jump], bends.left[jump], bends.right[jump], strict=True):
        assert (signs(left, unit) != signs(right, unit)).any()
    chance = np.random.default_rng(1)
    switches = 0
    for unit, left in zip(units[chance.integers(0, len(units), 40)], chance.uniform(-1, 1, 40), strict=True):
        at = left * spec.range
        switches += (signs(at, unit) != signs(at + bends.right[0] - bends.left[0], unit)).any()
    assert switches < 10  # elsewhere hardly any does so within so little
