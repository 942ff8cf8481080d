"""What claims of the paper's text look at, on lines and planes of networks, against plain loops."""

import itertools
import math
import statistics

import numpy as np
import pytest
import reference
from reference_landscapes import POINTS, bowl, four_wells

from landscape_core.paper import replication
from landscape_core.paper.claims import line_features, text_criteria
from landscape_core.paper.claims.plane_features import find_planes_next_to_flat, find_uncertain, is_outside
from landscape_core.paper.replication import run_replication
from landscape_core.paper.replication_spec import ReplicationSpec
from landscape_core.paper.variance_decomposition import VarianceParts, decompose_variance
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import Batches, shuffle_urns
from landscape_core.study import limits

LINE_POINTS = 11
DIAGONAL = (math.sqrt(0.5), math.sqrt(0.5))


@pytest.fixture(scope="module", params=["global", "local"])
def seen(request):
    """A domain, and the landscapes at its shown start point as a replication makes them, on coarse planes of few points."""
    found = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(limits, "LINE_DRAWS", 2)
        for name, value in (("CELLS", 3), ("COARSE", 4), ("LOSSES", 10)):
            patch.setattr(line_features, name, value)
        patch.setattr(
            replication, "judge", lambda claims, lines: found.append(lines) or np.zeros(len(claims), dtype=np.int8)
        )
        run_replication(ReplicationSpec(domain=request.param, seeds=1, line_points=LINE_POINTS), device="cpu")
        yield request.param, found[0]


def look_up(domain, activation, coordinates):
    """Per-sample losses, slopes along d1, d2 and d1+d2, at each point."""
    start, pair, inputs, targets = reference.setting(domain, activation)
    loss, first, second = reference.table(start, pair, coordinates, activation, activation, inputs, targets)
    return loss, first, second, DIAGONAL[0] * first + DIAGONAL[1] * second


def half_width(domain):
    return {"global": 20.0, "local": 2.0}[domain]


def centres(domain):
    """Of 3 × 3 cells, row by row."""
    at = [half_width(domain) * share for share in (-2 / 3, 0.0, 2 / 3)]
    return [(a, b) for b in at for a in at]


def mean(values):
    return math.fsum(values) / len(values)


def sd_of_batches(values):
    """Of mini-batches of ten out of 150."""
    return reference.population_sd(values) * math.sqrt(140 / (10 * 149))


def test_chances_on_the_plane(seen):
    domain, landscapes = seen
    features = landscapes["sigmoid"]
    step = 2 * half_width(domain) / (LINE_POINTS - 1)
    drawn = shuffle_urns(Batches(150, 0, Purpose.SIGNS), range(2), 1, 150)[:, :150].reshape(30, 10)
    minima, nngpps = features.chances
    for place, (a, b) in enumerate(centres(domain)):
        loss, _, _, slope = look_up(
            "global" if domain == "global" else "local", "sigmoid", [(a + d, b + d) for d in (-step, 0.0, step)]
        )
        draws = [[mean(row[batch]) for batch in drawn[10 * which : 10 * which + 10]] for which, row in enumerate(loss)]
        assert minima[place] == pytest.approx(reference.chance_of_minimum(*draws))
        signs = [[mean(row[batch]) for batch in drawn] for row in slope[:2]]
        before, here = (sum(value < 0 for value in signs[0]) / 30, sum(value > 0 for value in signs[1]) / 30)
        assert nngpps[place] == pytest.approx(before * here)
    assert 0 < minima.mean() < 1
    assert nngpps.max() > 0


def test_uncertain_areas(seen):
    domain, landscapes = seen
    below = above = 0
    for values in look_up(domain, "sigmoid", centres(domain))[3]:
        if abs(mean(values)) < sd_of_batches(values):
            below, above = below + (mean(values) < 0), above + (mean(values) >= 0)
    assert find_uncertain(landscapes["sigmoid"]) == (below / 9, above / 9)
    assert below + above > 0 or domain == "local"


def test_parts_on_the_plane(seen):
    domain, landscapes = seen
    at = [half_width(domain) * share for share in (-1, -1 / 3, 1 / 3, 1)]
    points = np.array([(a, b) for b in at for a in at])
    spec = ReplicationSpec(domain=domain).study("tanh")
    expected = decompose_variance(spec, points, np.full(16, 45.0))
    for name in VarianceParts.__dataclass_fields__:
        np.testing.assert_allclose(
            getattr(landscapes["tanh"].parts, name), getattr(expected, name), rtol=1e-9, atol=1e-15
        )
    outside = [max(abs(a), abs(b)) > 0.6 * half_width(domain) for a, b in points]
    assert is_outside(landscapes["tanh"], 0.6).tolist() == outside
    assert sum(outside) == 12


def test_noise_of_the_loss_along_the_lines(seen):
    domain, landscapes = seen
    positions = np.linspace(-half_width(domain), half_width(domain), LINE_POINTS)[::10]
    points = [
        (s * cos, s * sin) for cos, sin in ((1, 0), (0, 1), DIAGONAL, (DIAGONAL[0], -DIAGONAL[1])) for s in positions
    ]
    for activation in ("softsign", "relu"):
        sds = [sd_of_batches(row) for row in look_up(domain, activation, points)[0]]
        np.testing.assert_allclose(landscapes[activation].loss_sd[:, ::10].ravel(), sds, rtol=1e-9)


def affine(values, weights, biases):
    return [
        math.fsum(weight * value for weight, value in zip(row, values, strict=True)) + bias
        for row, bias in zip(weights, biases, strict=True)
    ]


def test_units_that_are_on(seen):
    domain, landscapes = seen
    points = np.array([(0.0, 0.0), (-0.7, 0.4), (1.0, 1.0)]) * half_width(domain)
    for activation in ("relu", "tanh"):
        start, pair, inputs, _ = reference.setting(domain, activation)
        expected = []
        for a, b in points:
            first, second = reference.layers(start + a * pair[0] + b * pair[1])
            on = 0
            for row in inputs:
                before = affine(row, *first)
                after = affine([max(value, 0.0) for value in before], *second)
                on += sum(value > 0 for value in (*before, *after))
            expected.append(on / (150 * 13) if activation == "relu" else 1.0)
        np.testing.assert_allclose(landscapes[activation].count_active(points), expected, rtol=1e-12)


def test_planes_next_to_flat(seen):
    """Of leaky ReLU; there are such in the local domain at the shown start point."""
    domain, landscapes = seen
    features = landscapes["leaky_relu"]
    at = np.linspace(-half_width(domain), half_width(domain), 4)
    points = [(a, b) for b in at for a in at]
    _, first, second, along = look_up(domain, "leaky_relu", points)
    steepest = [max(np.abs(one).max(), np.abs(two).max()) for one, two in zip(first, second, strict=True)]
    near = [place for place, value in enumerate(steepest) if value < 0.01 * max(steepest)]
    step = 2 * half_width(domain) / (LINE_POINTS - 1)
    curvatures = []
    for place in near[:2]:
        a, b = points[place]
        changes = []
        for which, (da, db) in ((1, (step, 0.0)), (2, (0.0, step))):
            back, on = look_up(domain, "leaky_relu", [(a - da, b - db), (a + da, b + db)])[which]
            changes.append(abs(mean(on) - mean(back)) / (2 * step))
        curvatures.append(max(changes))
    slopes, found = find_planes_next_to_flat(features)
    np.testing.assert_allclose(slopes, [mean(along[place]) for place in near], rtol=1e-9)
    np.testing.assert_allclose(found[:2], curvatures, rtol=1e-6)
    assert len(near) > 0 or domain == "global"


def test_alternation_is_seen_step_by_step():
    def alternates(slope):
        bends = [abs(after - before) for before, after in itertools.pairwise(slope)]
        marks = "".join("H" if bend > max(bends) / 2 else "L" if bend < max(bends) / 10 else "" for bend in bends)
        return "L" in marks.strip("L")

    chance = np.random.default_rng(2)
    for spread in (0.5, 1.0, 2.0):
        slope = chance.lognormal(0.0, spread, size=(4, POINTS)).cumsum(-1)
        features = bowl(slope=slope)
        assert text_criteria.alternating_lines(features).tolist() == [alternates(line) for line in slope]
    assert text_criteria.alternating_lines(four_wells()).all()
    assert not text_criteria.alternating_lines(bowl()).any()


def test_the_score_is_the_mean_rank_over_four_measures(seen):
    _, landscapes = seen
    members = [landscapes[name] for name in ("relu", "leaky_relu", "elu")]
    measured = []
    for features in members:
        spreads = []
        for line, shares in enumerate(features.nngpps):
            if shares.sum() > 0:
                place = np.average(features.positions, weights=shares)
                spreads.append(np.average((features.positions - place) ** 2, weights=features.nngpps[line]))
        counts = math.fsum(features.nngpps.ravel())
        far = math.fsum((features.nngpps * features.nearest).ravel()) / counts
        measured.append((counts, far, features.undecided, max(spreads)))
    columns = [list(column) for column in zip(*measured, strict=True)]
    ranks = [
        [sorted(column).index(value) + 1 + (column.count(value) - 1) / 2 for value in column] for column in columns
    ]
    expected = [statistics.fmean(own) for own in zip(*ranks, strict=True)]
    np.testing.assert_allclose(text_criteria.score(members), expected)
    same = text_criteria.score([members[0], members[0], members[0]])
    assert same.tolist() == [2.0, 2.0, 2.0]
