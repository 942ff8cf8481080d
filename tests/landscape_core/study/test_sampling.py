"""Studies whose mini-batches are drawn with replacement or by an epoch's shuffle, against plain loops and other draws."""

import itertools
import math

import numpy as np
import pytest
import reference
import tolerances
import torch

from landscape_core import LINES, SpecError, StudySpec, oracle, probe_line, probe_point, run
from landscape_core.geometry.grid import unit
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import batch_means
from landscape_core.statistics import optima
from landscape_core.study import limits
from landscape_core.study.run import evaluate, tabulate_landscape
from landscape_core.study.tiles import TileSpec

WITH, SHUFFLE = "with-replacement", "epoch-shuffle"


def dealt(seed, purpose, draw, points, size, samples=150):
    """The mini-batches of successive points, by hand: ⌊N / B⌋ to an urn."""
    each = samples // size
    orders = reference.urns(seed, purpose, draw, -(-points // each), samples, each * size)
    return [orders[point // each][point % each * size :][:size] for point in range(points)]


def replaced(seed, purpose, draw, points, size, samples=150):
    """Each half of a 64-bit word, times N."""
    stream = np.random.Philox(np.random.SeedSequence(seed, spawn_key=(purpose, draw)))
    words = [stream.random_raw((points + 1) // 2).view(np.uint32)[:points].tolist() for _ in range(size)]
    return [[step[point] * samples // 2**32 for step in words] for point in range(points)]


DRAWN = {WITH: replaced, SHUFFLE: dealt}


@pytest.mark.parametrize(("way", "size"), [(WITH, 4), (WITH, 150), (SHUFFLE, 4), (SHUFFLE, 40), (SHUFFLE, 75)])
def test_the_lines_from_their_own_mini_batches(monkeypatch, way, size):
    monkeypatch.setattr(limits, "LINE_DRAWS", 5)
    spec = StudySpec(resolution=2, line_points=7, draws=0, batch_size=size, sampling=way)
    result, table = run(spec, device="cpu"), tabulate_landscape(spec, device="cpu").lines
    slope = table.slope(np.repeat([line.unit for line in LINES], 7, axis=0)).numpy()
    loss = table.loss.numpy()
    minima, nngpps, below = np.zeros((4, 7)), np.zeros((4, 7)), np.zeros((4, 7))
    for draw in range(5):
        batches = DRAWN[way](0, Purpose.LINES, draw, 28, size)
        losses, slopes = (
            np.array([math.fsum(values[g][batch]) / size for g, batch in enumerate(batches)]).reshape(4, 7)
            for values in (loss, slope)
        )
        if draw == 0:
            np.testing.assert_allclose(result.line_batch_loss, losses, **tolerances.BATCH_SUM)
            np.testing.assert_allclose(result.line_batch_slope, slopes, **tolerances.BATCH_SUM)
        for line in range(4):
            minima[line, reference.minima(losses[line])] += 1
            nngpps[line, reference.nngpps(slopes[line])] += 1
        assert result.line_minima_counts[draw].tolist() == [len(reference.minima(curve)) for curve in losses]
        assert result.line_nngpp_counts[draw].tolist() == [len(reference.nngpps(curve)) for curve in slopes]
        below += slopes < 0
    np.testing.assert_array_equal(result.line_minima_chance, minima / 5)
    np.testing.assert_array_equal(result.line_negative, below / 5)
    if way == SHUFFLE:
        np.testing.assert_array_equal(result.line_nngpp_chance, nngpps / 5)
    else:
        assert result.line_nngpp_share is None
        np.testing.assert_array_equal(
            result.line_nngpp_chance[:, 1:], result.line_negative[:, :-1] * result.line_positive[:, 1:]
        )


@pytest.mark.parametrize("angle", [0.0, 180.0, 45.0, 90.0])
@pytest.mark.parametrize("size", [5, 50])
def test_chances_of_the_plane_in_shuffled_epochs(small, angle, size):
    """Epochs go on from row to row; neighbours of one epoch are counted together, others are independent."""
    spec = small.replace(draws=6, slope_angle=angle, batch_size=size, sampling=SHUFFLE)
    result, table = run(spec, device="cpu"), tabulate_landscape(spec, device="cpu").plane
    each, slope = 150 // size, table.slope(unit(angle)).numpy()
    losses = np.array(
        [
            [table.loss[g].numpy()[batch].mean() for g, batch in enumerate(dealt(0, Purpose.PLANE, draw, 25, size))]
            for draw in range(6)
        ]
    )
    urns = -(-1_000 // each)
    shared = [dealt(0, Purpose.SIGNS, urn, each, size) for urn in range(urns)]
    signs = np.array([[[np.sign(math.fsum(slope[g][one])) for g in range(25)] for one in urn] for urn in shared])
    step, met = reference.nearest_step(angle), 0
    for row, column in np.ndindex(5, 5):
        here = 5 * row + column
        before, after = (
            None if place is None else 5 * place[0] + place[1]
            for place in (reference.neighbour(row, column, (side * step[0], side * step[1]), 5) for side in (-1, 1))
        )
        nngpp = minimum = 0.0
        if before is not None:
            together = here // each == before // each
            met += together
            pairs = itertools.permutations(range(each), 2)
            joint = np.mean([(signs[:, i, before] < 0) & (signs[:, j, here] > 0) for i, j in pairs])
            apart = (signs[..., before] < 0).mean() * (signs[..., here] > 0).mean()
            nngpp = joint if together else apart
        if before is not None and after is not None:
            triple = [losses[:, g].tolist() for g in (before, here, after)]
            together = here // each in (before // each, after // each)
            same = np.mean([left > middle < right for left, middle, right in zip(*triple, strict=True)])
            minimum = same if together else reference.chance_of_minimum(*triple)
        np.testing.assert_allclose(result.plane_nngpp_chance[row, column], nngpp, **tolerances.MOMENTS)
        np.testing.assert_allclose(result.plane_minima_chance[row, column], minimum, **tolerances.MOMENTS)
    assert (met > 0) == (angle in (0.0, 180.0) or size == 5)


def test_signs_on_the_plane_with_replacement(small):
    spec = small.replace(batch_size=150, sampling=WITH)
    result, table = run(spec, device="cpu"), tabulate_landscape(spec, device="cpu").plane
    slope, batches = table.slope(unit(45.0)).numpy(), replaced(0, Purpose.SIGNS, 0, 1_000, 150)
    for g in range(25):
        found = [math.fsum(slope[g][batch]) for batch in batches]
        assert result.plane_negative.flat[g] == sum(value < 0 for value in found) / 1_000
        assert result.plane_positive.flat[g] == sum(value > 0 for value in found) / 1_000


@pytest.mark.parametrize(("way", "size"), [(WITH, 10), (WITH, 150), (SHUFFLE, 10), (SHUFFLE, 75)])
def test_sds_of_draws_are_those_of_the_law(way, size):
    """σ/√B with replacement, at B = N too; without replacement's for each mini-batch of an epoch."""
    spec = StudySpec(resolution=12, draws=400, line_points=3, batch_size=size, sampling=way)
    landscape = tabulate_landscape(spec, device="cpu")
    result = evaluate(spec, landscape)
    slope = landscape.plane.slope(unit(45.0)).numpy()
    sd = slope.std(1) / math.sqrt(size) * (1 if way == WITH else math.sqrt((150 - size) / 149))
    np.testing.assert_allclose(result.sd_slope.ravel(), sd, **tolerances.MOMENTS)
    ratio = result.sampled_sd_slope.ravel() / sd
    assert np.abs(ratio - 1).max() < tolerances.STANDARD_ERRORS / math.sqrt(2 * 400)
    z = (result.sampled_mean_slope - result.full_slope) / (result.sd_slope / math.sqrt(400))
    assert np.abs(z).max() < tolerances.STANDARD_ERRORS


@pytest.mark.parametrize("size", [10, 50, 75])
def test_expected_nngpps_of_shuffled_epochs_agree_with_counts_on_other_draws(size):
    """On the plane and along the lines; the product of the signs' chances would be too low."""
    spec = StudySpec(resolution=20, draws=1, line_points=100, slope_angle=0.0, batch_size=size, sampling=SHUFFLE)
    landscape = tabulate_landscape(spec, device="cpu")
    one, other = evaluate(spec, landscape), evaluate(spec.replace(batch_seed=1), landscape)
    counts = one.line_nngpp_counts.sum(1)
    error = counts.std(ddof=1) * math.sqrt(2 / len(counts))
    assert abs(counts.mean() - other.line_nngpp_chance.sum()) < tolerances.STANDARD_ERRORS * error
    assert one.summary()["expected_nngpps"] == pytest.approx(counts.mean(), rel=1e-12)
    product = (one.line_negative[:, :-1] * one.line_positive[:, 1:]).sum()
    assert size == 10 or product < counts.mean() - tolerances.STANDARD_ERRORS * error
    batches = other.spec.batches(Purpose.PLANE)
    blocks = [block for (block,) in batch_means((landscape.plane.slope(unit(0.0)),), batches, range(1_000))]
    on_rows = optima.nngpps(torch.cat(blocks).numpy().reshape(-1, 20, 20)).sum((1, 2))
    error = on_rows.std(ddof=1) * math.sqrt(2 / 1_000)
    # mini-batches that all points share err alike along a line where the sign is open
    assert abs(on_rows.mean() - one.plane_nngpp_chance.sum()) < 3 * tolerances.STANDARD_ERRORS * error
    assert one.noise_ceiling == pytest.approx(98 * 3 / 8) or size != 75


def test_probes_follow_the_study(small):
    spec = small.replace(sampling=SHUFFLE, batch_size=75)
    line = probe_line(spec, (0.0, 0.0), 0.0, device="cpu")
    nngpps = np.zeros(9)
    slope = tabulate_landscape(spec, device="cpu").lines.slope(np.array([1.0, 0.0]))[:9].numpy()
    for draw in range(200):
        batches = dealt(0, Purpose.LINE_PROBE, draw, 9, 75)
        nngpps[reference.nngpps([math.fsum(slope[g][batch]) for g, batch in enumerate(batches)])] += 1
    np.testing.assert_allclose(line.nngpp_chance, nngpps / 200, **tolerances.MOMENTS)
    full = small.replace(sampling=WITH, batch_size=150)
    point = probe_point(full, (1.0, 2.0), device="cpu")
    assert point.sd_loss == pytest.approx(point.sample_loss.std() / math.sqrt(150), rel=1e-12)
    assert abs(point.batch_loss.std() / point.sd_loss - 1) < tolerances.STANDARD_ERRORS / math.sqrt(2_000)


def test_the_full_batch_is_drawn_without_replacement_alone():
    full = StudySpec(batch_size=150)
    assert [full.replace(sampling=way).full_batch for way in ("without-replacement", WITH, SHUFFLE)] == [
        True,
        False,
        True,
    ]
    assert not StudySpec(batch_size=149).full_batch


def test_the_oracle_has_an_urn_at_every_point(small):
    for way in (WITH, SHUFFLE):
        with pytest.raises(SpecError, match=f"sampling: got '{way}'; allowed: without-replacement"):
            oracle(run(small.replace(sampling=way, draws=0), device="cpu"), "d1")


def test_tiles_say_how_mini_batches_are_drawn():
    tile = TileSpec(sampling=SHUFFLE, resolution=4, first=1, rows=2)
    assert TileSpec.from_json(tile.to_json()) == tile
    assert tile.base.sampling == SHUFFLE
    assert '"sampling":"epoch-shuffle"' in tile.to_json()
    assert "sampling" not in TileSpec(resolution=4, first=1, rows=2).to_json()
