"""Mini-batch gradients within the plane, against loops and enumeration."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from landscape_core.sampling.minibatches import WITH, WITHOUT
from landscape_core.statistics.gradients import angles, batch_covariance, normal_region, rounding

SAMPLES = np.random.default_rng(5).normal(size=(6, 2)) * [1.0, 3.0] + [0.5, -1.0]


@pytest.mark.parametrize("size", [1, 2, 5, 6])
@pytest.mark.parametrize("sampling", [WITHOUT, WITH])
def test_the_covariance_is_that_of_all_mini_batches_there_are(size: int, sampling: str) -> None:
    chosen = itertools.combinations(SAMPLES, size) if sampling == WITHOUT else itertools.product(SAMPLES, repeat=size)
    means = np.array([np.mean(batch, axis=0) for batch in itertools.islice(chosen, 50_000)])
    expected = np.cov(means.T, bias=True) if len(means) > 1 else np.zeros((2, 2))
    np.testing.assert_allclose(batch_covariance(SAMPLES, size, sampling), expected, rtol=1e-10, atol=1e-14)


def test_the_region_holds_its_share_of_a_normal_law() -> None:
    mean, covariance = np.array([1.0, -2.0]), np.array([[2.0, -1.2], [-1.2, 1.5]])
    outline = normal_region(mean, covariance)
    np.testing.assert_array_almost_equal(outline[0], outline[-1])
    away = outline - mean
    reach = (away * np.linalg.solve(covariance, away.T).T).sum(1)
    np.testing.assert_allclose(reach, reach[0])
    drawn = np.random.default_rng(0).multivariate_normal(mean, covariance, 100_000) - mean
    inside = (drawn * np.linalg.solve(covariance, drawn.T).T).sum(1) < reach[0]
    assert inside.mean() == pytest.approx(0.95, abs=0.0035)  # five standard errors


def test_without_spread_the_region_is_a_point_and_along_a_line_a_stretch() -> None:
    np.testing.assert_array_equal(normal_region(np.array([1.0, 2.0]), np.zeros((2, 2))), np.tile([1.0, 2.0], (73, 1)))
    along = normal_region(np.zeros(2), np.array([[4.0, 4.0], [4.0, 4.0]]))
    np.testing.assert_allclose(along[:, 0], along[:, 1], atol=1e-7)


@given(st.floats(-180, 180), st.floats(-180, 180), st.floats(1e-150, 1e150), st.floats(1e-150, 1e150))
def test_angles_are_those_between_directions(first: float, second: float, long: float, other: float) -> None:
    turned = [
        np.array([length * math.cos(math.radians(turn)), length * math.sin(math.radians(turn))])
        for turn, length in ((first, long), (second, other))
    ]
    apart = abs((first - second + 180) % 360 - 180)
    assert float(angles(*turned)) == pytest.approx(apart, abs=1e-6)


def test_right_and_straight_angles_are_exact_and_what_has_no_direction_has_none() -> None:
    gradients = np.array([[2.0, 0.0], [0.0, 3.0], [-1.0, 0.0], [0.0, 0.0], [1e-20, 0.0], [np.nan, 1.0]])
    found = angles(gradients, np.array([5.0, 0.0]), 1e-15)
    np.testing.assert_array_equal(found, [0.0, 90.0, 180.0, np.nan, np.nan, np.nan])
    assert np.isnan(angles(gradients, np.zeros(2))).all()


def test_what_is_left_of_terms_that_cancel_is_rounding() -> None:
    samples = np.concatenate([SAMPLES, -SAMPLES * (1 + 1e-16)])
    assert np.hypot(*samples.mean(0)) <= rounding(samples)
    assert np.hypot(*samples[:6].mean(0)) > rounding(samples)
    assert rounding(samples, np.float32) > rounding(samples)
