"""What follows from the numbers of a result: its summary, and where the sign of a slope is uncertain."""

import json
import math

import numpy as np
import pytest
import reference
import tolerances

from landscape_core import StudySpec, run
from landscape_core.geometry.grid import LINES
from landscape_core.study import limits
from landscape_core.study.result import collect_versions
from landscape_core.study.run import evaluate, tabulate_landscape
from landscape_core.study.spec import SMALLEST_RANGE

pytestmark = pytest.mark.usefixtures("few_line_draws")


def test_holes_are_counted_and_nothing_is_made_up(small):
    """A point that is not finite is NaN in every surface, and no optimum is seen at it or against it."""
    landscape = tabulate_landscape(small, device="cpu")
    landscape.plane.loss[3], landscape.lines.loss[4] = math.nan, math.nan
    for table, point in ((landscape.plane, 3), (landscape.lines, 4)):
        for slope in table.slopes:
            slope[point] = math.nan
    result = evaluate(small, landscape)
    assert result.holes == 2
    assert np.isnan(result.full_loss).sum() == np.isnan(result.batch_loss).sum() == 1
    assert np.isnan(result.sd_loss).sum() == np.isnan(result.sampled_sd_slope).sum() == 1
    assert result.line_negative[0, 4] == result.line_positive[0, 4] == result.line_minima_chance[0, 4] == 0.0
    for name in ("negative", "positive", "nngpp_chance", "minima_chance"):
        holes = np.argwhere(np.isnan(getattr(result, f"plane_{name}"))).tolist()
        assert holes == ([[0, 3], [1, 4]] if name == "nngpp_chance" else [[0, 3]])
    assert np.argwhere(np.isnan(result.static_loss).all(0)).tolist() == [[0, 4]]
    assert np.isnan(result.static_loss).sum() == np.isnan(result.static_slope).sum() == 50
    assert not (result.minima[0, 3:6] | result.true_minima[0, 3:6]).any()
    assert not (result.nngpps[0, 4:6] | result.true_nngpps[0, 4:6]).any()
    assert json.dumps(result.summary(), allow_nan=False)


def test_summary_is_what_the_arrays_say():
    spec = StudySpec(resolution=2, draws=0, line_points=40)
    result = run(spec, device="cpu")
    summary = json.loads(json.dumps(result.summary(), allow_nan=False))
    assert {name: summary[name] for name in spec.model_dump()} == spec.model_dump()
    assert (summary["device"], summary["versions"], summary["holes"]) == ("cpu", collect_versions(), 0)
    curves = {
        "true_minima": (reference.minima, result.line_full_loss),
        "true_nngpps": (reference.nngpps, result.line_full_slope),
        "minima": (reference.minima, result.line_batch_loss),
        "nngpps": (reference.nngpps, result.line_batch_slope),
    }
    for name, (count, values) in curves.items():
        for line, curve in zip(summary["lines"], values, strict=True):
            assert line[name] == [result.positions[place] for place in count(curve.tolist())]
        assert summary[name] == sum(len(line[name]) for line in summary["lines"]) > 0
    for name, counts in (("minima", result.line_minima_counts), ("nngpps", result.line_nngpp_counts)):
        over = [sum(row) for row in counts.tolist()]
        assert summary[f"{name}_mean"] == pytest.approx(sum(over) / len(over))
        assert summary[f"{name}_sd"] == pytest.approx(reference.population_sd(over) * math.sqrt(20 / 19))
        for line in summary["lines"]:
            found = line[name]
            assert line[f"{name}_spread"] == (pytest.approx(reference.population_sd(found) ** 2) if found else None)
    expected = [
        sum(result.line_negative[k, i - 1] * result.line_positive[k, i] for i in range(1, 40)) for k in range(4)
    ]
    assert [line["expected_nngpps"] for line in summary["lines"]] == pytest.approx(expected)
    assert summary["expected_nngpps"] == pytest.approx(sum(expected))
    np.testing.assert_array_equal(result.line_nngpp_chance[:, 0], 0.0)
    np.testing.assert_allclose(result.line_nngpp_chance.sum(1), expected, **tolerances.MOMENTS)
    for index, line in enumerate(summary["lines"]):
        assert line["minima_density"] == pytest.approx(sum(result.line_minima_counts[:, index].tolist()) / 20 / 40)
        assert line["nngpps_density"] == pytest.approx(sum(result.line_nngpp_counts[:, index].tolist()) / 20 / 40)
        assert [found["location"] for found in line["uncertain_intervals"]] == line["true_nngpps"]
    widths = [found["width"] for line in summary["lines"] for found in line["uncertain_intervals"]]
    assert any(width is not None and width > 0 for width in widths)
    assert summary["noise_ceiling"] == pytest.approx(4 * 38 / 3)
    assert summary["uniform_spread"] == pytest.approx(400 / 3)
    assert [(line["name"], line["angle"]) for line in summary["lines"]] == [(line.name, line.angle) for line in LINES]


@pytest.mark.parametrize("domain", ["global", "local"])
def test_uncertain_intervals_of_a_study(monkeypatch, domain):
    monkeypatch.setattr(limits, "LINE_DRAWS", 200)
    result = run(StudySpec(domain=domain, resolution=2, draws=0), device="cpu")
    spacing = result.positions[1] - result.positions[0]
    found = result.uncertain_intervals()
    assert len(found) == 4
    for index, (line, intervals) in enumerate(zip(LINES, found, strict=True)):
        places = reference.nngpps(result.line_full_slope[index].tolist())
        assert [interval.location for interval in intervals] == [result.positions[place] for place in places]
        for interval, place in zip(intervals, places, strict=True):
            assert interval.line == line.name
            positions, positive = result.positions.tolist(), result.line_positive[index].tolist()
            expected = reference.uncertain_interval(positions, positive, place, 0.05, 1_000)
            assert (interval.low, interval.high) == tuple(
                None if end is None else pytest.approx(end, abs=spacing / 500) for end in expected
            )
            whole = interval.low is not None and interval.high is not None
            assert interval.width == (interval.high - interval.low if whole else None)
    assert any(interval.width for intervals in found for interval in intervals)
    if domain == "local":  # the contour is so flat that its sign is open up to an end
        assert any(interval.width is None for intervals in found for interval in intervals)


def test_a_hole_ends_the_line_for_an_uncertain_interval():
    spec = StudySpec(resolution=2, draws=0, line_points=40)
    landscape = tabulate_landscape(spec, device="cpu")
    whole = evaluate(spec, landscape)
    line, interval = next(
        (line, found)
        for line, intervals in enumerate(whole.uncertain_intervals())
        for found in intervals
        if found.low is not None and found.high is not None and found.high > found.location
    )
    hole = 40 * line + int(np.searchsorted(whole.positions, interval.location)) + 1
    for values in (landscape.lines.loss, *landscape.lines.slopes):
        values[hole] = math.nan
    cut = evaluate(spec, landscape).uncertain_intervals()[line]
    (found,) = [one for one in cut if one.location == interval.location]
    assert (found.low, found.high, found.width) == (interval.low, None, None)


def test_densities_of_the_smallest_plane_are_finite():
    result = run(StudySpec(range=SMALLEST_RANGE, resolution=2, draws=0), device="cpu")
    summary = json.loads(json.dumps(result.summary(), allow_nan=False))
    for index, line in enumerate(summary["lines"]):
        mean = result.line_minima_counts[:, index].mean()
        assert line["minima_density"] == pytest.approx(mean / 2e-12, rel=1e-12)
        assert mean > 0


def test_the_papers_noise_ceiling():
    assert pytest.approx(run(StudySpec(resolution=2, draws=0), device="cpu").summary()["noise_ceiling"]) == 4 * 98 / 3
