"""The curves and counts on the lines of a result against plain loops."""

import math

import numpy as np
import pytest
import reference
import tolerances

from landscape_core import StudySpec, run
from landscape_core.geometry.grid import LINES
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import Batches, batch_means, shuffle_urns
from landscape_core.study import limits
from landscape_core.study.result import THINNINGS
from landscape_core.study.run import evaluate, tabulate_landscape

pytestmark = pytest.mark.usefixtures("few_line_draws")


@pytest.mark.parametrize(("activation", "domain"), [("sigmoid", "global"), ("relu", "local")])
def test_counts_and_probabilities_of_the_lines(monkeypatch, activation, domain):
    """Recounted from the same draws, one by one; where every ReLU is off, slopes are exactly 0 and have no sign."""
    monkeypatch.setattr(limits, "LINE_DRAWS", 7)
    spec = StudySpec(activation=activation, domain=domain, resolution=2, line_points=12, draws=0, batch_size=3)
    result = run(spec, device="cpu")
    lines = tabulate_landscape(spec, device="cpu").lines
    first, second = (slope.numpy() for slope in lines.slopes)
    true = [[np.flatnonzero(line).tolist() for line in found] for found in (result.true_minima, result.true_nngpps)]
    negative, positive, minima = np.zeros((4, 12)), np.zeros((4, 12)), np.zeros((4, 12))
    for draw in range(7):
        batches = shuffle_urns(Batches(3, 0, Purpose.LINES), [draw], 48, 150)[:, :3].reshape(4, 12, 3)
        found = [], []
        for index, line in enumerate(LINES):
            cos, sin = line.unit
            rows = range(12 * index, 12 * index + 12)
            own = [batches[index, place] for place in range(12)]
            loss = [lines.loss[row].numpy()[batch].mean() for row, batch in zip(rows, own, strict=True)]
            slope = [(cos * first[row] + sin * second[row])[batch].mean() for row, batch in zip(rows, own, strict=True)]
            minima[index, reference.minima(loss)] += 1
            found[0].append(reference.minima(loss))
            found[1].append(reference.nngpps(slope))
            assert result.line_minima_counts[draw, index] == len(reference.minima(loss))
            assert result.line_nngpp_counts[draw, index] == len(reference.nngpps(slope))
            if draw == 0:
                assert np.flatnonzero(result.minima[index]).tolist() == reference.minima(loss)
                assert np.flatnonzero(result.nngpps[index]).tolist() == reference.nngpps(slope)
            negative[index] += [value < 0 for value in slope]
            positive[index] += [value > 0 for value in slope]
        for places, own, distances in zip(
            found, true, (result.line_minima_distances, result.line_nngpp_distances), strict=True
        ):
            expected = reference.median_distance(result.positions, places, own)
            np.testing.assert_allclose(distances[draw], expected, rtol=1e-12)
    assert any(true[0])
    np.testing.assert_array_equal(result.minima_distance, result.line_minima_distances[0])
    np.testing.assert_array_equal(result.nngpp_distance, result.line_nngpp_distances[0])
    np.testing.assert_array_equal(result.line_negative, negative / 7)
    np.testing.assert_array_equal(result.line_positive, positive / 7)
    np.testing.assert_array_equal(result.line_minima_chance, minima / 7)
    assert (negative + positive < 7).any() == (activation == "relu")
    assert result.line_minima_counts.shape == result.line_nngpp_counts.shape == (7, 4)


def test_chances_of_the_lines_agree_with_counts(monkeypatch):
    monkeypatch.setattr(limits, "LINE_DRAWS", 400)
    spec = StudySpec(resolution=2, draws=0, line_points=60)
    landscape = tabulate_landscape(spec, device="cpu")
    one, other = evaluate(spec, landscape), evaluate(spec.replace(batch_seed=1), landscape)
    for counts, chance in (
        (one.line_nngpp_counts, other.line_nngpp_chance),
        (one.line_minima_counts, other.line_minima_chance),
    ):
        error = counts.std(0, ddof=1) * math.sqrt(2 / 400)
        assert (np.abs(counts.mean(0) - chance.sum(1)) < tolerances.STANDARD_ERRORS * error).all()
        assert counts.mean() > 1
    for row, keep in enumerate(THINNINGS):
        kept = slice(None, None, keep)
        chance = other.line_negative[:, kept][:, :-1] * other.line_positive[:, kept][:, 1:]
        # a count is a sum of exclusive neighbours: its variance is below its mean
        error = np.sqrt(2 * chance.sum(1) / 400)
        assert (np.abs(one.thinned_nngpps[row] - chance.sum(1)) < tolerances.STANDARD_ERRORS * error).all()
    # where the noise outweighs the landscape, coarser lines have the noise ceiling of as many points
    ceilings = [(points - 2) / 3 for points in one.thinned_points]
    for row, ceiling in zip(one.thinned_minima.max(1), ceilings, strict=True):
        assert 0.8 * ceiling < row < 1.2 * ceiling


@pytest.mark.parametrize(
    ("points", "kept"), [(100, [100, 50, 34, 25, 20, 10]), (11, [11, 6, 4, 3, 3, 2]), (3, [3, 2, 1, 1, 1, 1])]
)
def test_thinned_lines(small, points, kept):
    spec = small.replace(line_points=points, draws=0)
    result = run(spec, device="cpu")
    assert THINNINGS == (1, 2, 3, 4, 5, 10)
    assert result.thinned_points.tolist() == kept
    lines = tabulate_landscape(spec, device="cpu").lines
    slope = lines.slope(np.repeat([line.unit for line in LINES], points, axis=0))
    totals = np.zeros((2, 6, 4))
    for losses, slopes in batch_means((lines.loss, slope), Batches(10, 0, Purpose.LINES), range(20)):
        for draw in range(len(losses)):
            for line in range(4):
                part = slice(line * points, line * points + points)
                for row, keep in enumerate((1, 2, 3, 4, 5, 10)):
                    totals[0, row, line] += len(reference.minima(reference.thinned(losses[draw, part].tolist(), keep)))
                    totals[1, row, line] += len(reference.nngpps(reference.thinned(slopes[draw, part].tolist(), keep)))
    np.testing.assert_array_equal(result.thinned_minima, totals[0] / 20)
    np.testing.assert_array_equal(result.thinned_nngpps, totals[1] / 20)
    np.testing.assert_allclose(result.thinned_minima[0], result.line_minima_counts.mean(0), **tolerances.MOMENTS)
    assert not result.thinned_minima[result.thinned_points < 3].any()
    assert not result.thinned_nngpps[result.thinned_points < 2].any()


@pytest.mark.parametrize("size", [1, 7, 100, 149])
def test_static_batches_against_the_reference(size):
    """One mini-batch for both quantities and all four lines, whose curves are those of its own few samples."""
    spec = StudySpec(resolution=2, line_points=3, draws=0, batch_size=size, batch_seed=4)
    result = run(spec, device="cpu")
    assert result.static_loss.shape == result.static_slope.shape == (50, 4, 3)
    start, pair, inputs, targets = reference.setting("global", "sigmoid")
    batches = shuffle_urns(Batches(size, 4, Purpose.STATIC), range(50), 1, 150)[:, :size].tolist()
    assert len({tuple(sorted(batch)) for batch in batches}) > 40
    root = math.sqrt(0.5)
    for line, (cos, sin) in enumerate([(1, 0), (0, 1), (root, root), (root, -root)]):
        points = [(s * cos, s * sin) for s in (-20.0, 0.0, 20.0)]
        loss, first, second = reference.table(start, pair, points, "sigmoid", "sigmoid", inputs, targets)
        for name, values in (("loss", loss), ("slope", cos * first + sin * second)):
            expected = [[math.fsum(row[n] for n in batch) / size for row in values] for batch in batches]
            np.testing.assert_allclose(getattr(result, f"static_{name}")[:, line], expected, **tolerances.TABLE)


def test_static_batches_start_from_one_loss_each():
    """All four lines meet in the start point, where a batch that does not change has one loss."""
    result = run(StudySpec(resolution=2, line_points=5, draws=0), device="cpu")
    centre = result.static_loss[:, :, 2]
    np.testing.assert_allclose(centre, np.repeat(centre[:, :1], 4, axis=1), **tolerances.TABLE)
    assert len(np.unique(centre[:, 0].round(12))) == 50
    assert not np.allclose(result.line_batch_loss[:, 2], result.line_batch_loss[0, 2])
