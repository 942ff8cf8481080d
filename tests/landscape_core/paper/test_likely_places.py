"""Likely places of NN-GPPs, against plain loops over points and mini-batches."""

import math
from dataclasses import fields

import numpy as np
import reference as twin

from landscape_core import StudySpec, find_shifts, run, survey_shifts
from landscape_core.paper.published import SHIFTED_SEED
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import Batches, draw_shared
from landscape_core.study import limits

SOFTSIGN = StudySpec(activation="softsign", domain="local", range=4.0)
ANGLES = (0.0, 90.0, 45.0, -45.0)


def passes(places, values, level):
    """Where values that are straight between places pass a level from below."""
    found = []
    for i in range(1, len(places)):
        if values[i - 1] < level < values[i]:
            share = (level - values[i - 1]) / (values[i] - values[i - 1])
            found.append(places[i - 1] + share * (places[i] - places[i - 1]))
    return found


def test_the_nearest_likely_place():
    """A line whose likely place is elsewhere, one with two of them, one with none, one without a true NN-GPP."""
    places = np.linspace(-4.0, 4.0, 9)
    slope = np.array([places - 0.5, places + 1.25, 2 * (places - 0.25), np.ones(9)])
    positive = np.array(
        [
            [0.1, 0.2, 0.1, 0.4, 0.2, 0.3, 0.4, 0.8, 0.9],
            [0.1, 0.7, 0.2, 0.2, 0.2, 0.8, 0.9, 0.9, 0.9],
            [0.1, 0.2, 0.3, 0.3, 0.3, 0.3, 0.4, 0.4, 0.4],
            [0.1, 0.2, 0.3, 0.4, 0.6, 0.7, 0.8, 0.9, 0.9],
        ]
    )
    found = find_shifts(places, slope, positive)
    assert found.line.tolist() == [0, 1, 2]
    np.testing.assert_allclose(found.true, [0.5, -1.25, 0.25])
    np.testing.assert_allclose(found.likely, [2.25, 0.5, np.nan])
    np.testing.assert_allclose(found.size, [1.75, 1.75, np.inf])
    np.testing.assert_allclose(found.curvature, [1.0, 1.0, 2.0])
    nothing = find_shifts(places, np.ones((4, 9)), positive)
    assert [len(getattr(nothing, part.name)) for part in fields(nothing)] == [0] * 4


def test_a_survey_by_plain_loops(monkeypatch):
    """Seeds 0 and 1: each sample's slope from backward(), each mini-batch's sum by hand."""
    monkeypatch.setattr(limits, "SIGN_BATCHES", 45)
    spec = SOFTSIGN.replace(line_points=7, batch_seed=5)
    survey = survey_shifts(spec, 2, device="cpu")
    assert list(survey) == [0, 1]
    places = np.linspace(-4, 4, 7)
    for seed, found in survey.items():
        batches = draw_shared(Batches(10, 6 + seed, Purpose.SIGNS), 45, 150).numpy()
        start, pair, inputs, targets = twin.setting("local", "softsign", seed=seed)
        expected = []
        for line, angle in enumerate(ANGLES):
            across, up = math.cos(math.radians(angle)), math.sin(math.radians(angle))
            points = [(place * across, place * up) for place in places]
            _, first, second = twin.table(start, pair, points, "softsign", "softsign", inputs, targets)
            mean, share = [], []
            for slopes in (across * first + up * second).tolist():
                mean.append(math.fsum(slopes) / 150)
                sums = [math.fsum(s for s, inside in zip(slopes, batch, strict=True) if inside) for batch in batches.T]
                share.append(sum(total > 0 for total in sums) / len(sums))
            likely = passes(places, share, 0.5)
            for true in passes(places, mean, 0.0):
                nearest = min((abs(at - true), at) for at in likely)[1] if likely else math.nan
                expected += [(line, true, nearest)]
        assert len(expected) >= 3
        np.testing.assert_array_equal(found.line, [row[0] for row in expected])
        np.testing.assert_allclose(found.true, [row[1] for row in expected], atol=1e-9)
        np.testing.assert_allclose(found.likely, [row[2] for row in expected], atol=1e-9)


def test_start_points_without_directions_are_left_out():
    """At start point 3 every ReLU is off."""
    assert list(survey_shifts(SOFTSIGN.replace(activation="relu", line_points=6), 5, device="cpu")) == [0, 1, 2, 4]


def test_the_shown_start_point_is_shifted_far_along_d2():
    result = run(SOFTSIGN.replace(seed=SHIFTED_SEED, resolution=2, draws=0), device="cpu")
    found = find_shifts(result.positions, result.line_full_slope, result.line_positive)
    assert found.size[found.line == 1].max() > 2
    assert found.size[found.line != 1].max() < 0.1
