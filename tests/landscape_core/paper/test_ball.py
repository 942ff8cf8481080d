"""The ball around a true optimum: closed forms, enumeration of all mini-batches, fresh mini-batches, and odd lines."""

import itertools
import math
from functools import lru_cache
from statistics import NormalDist

import numpy as np
import pytest
import torch

from landscape_core import LINES, NumericalError, StudySpec, batch_factor, run
from landscape_core.geometry import grid
from landscape_core.paper import ball
from landscape_core.paper.ball import find_balls, locate_balls, mark_inside
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import Batches, batch_means, draw_shared
from landscape_core.study import limits
from landscape_core.study.plane import recall_plane

POSITIONS = np.linspace(-2.0, 2.0, 41)
NORMAL = NormalDist()


def on_first_line(slope):
    """A landscape from the slope of each sample along d1, position → list; the other lines only descend."""

    def slopes_at(line, position):
        rows = [slope(float(at)) for at in position]
        kept = [[-1.0] * len(row) if other else row for other, row in zip(line, rows, strict=True)]
        return torch.tensor(np.array(kept, dtype=np.float64))

    return slopes_at


def all_batches(samples, size):
    """Every mini-batch, as columns."""
    chosen = list(itertools.combinations(range(samples), size))
    inside = torch.zeros(samples, len(chosen), dtype=torch.float64)
    for column, batch in enumerate(chosen):
        inside[list(batch), column] = 1.0
    return inside


def drawn(size, samples, least=4_000):
    return draw_shared(Batches(size, 7, Purpose.SIGNS), least, samples)


def bowl(samples, curvature, centre=0.13):
    """Parabolas of one curvature; their slopes at a point are quantiles of a normal law with SD 1 (divisor N)."""
    places = np.array([NORMAL.inv_cdf((k + 0.5) / samples) for k in range(samples)])
    places /= places.std()
    return lambda at: curvature * (at - centre) + places


@pytest.mark.parametrize("size", [20, 150])
def test_the_ball_of_mini_batches_with_replacement(size):
    """SD 1/√B, at B = N too; both signs occur as long as single samples have them."""
    slope, way = bowl(150, 6.0), "with-replacement"
    batches = draw_shared(Batches(size, 7, Purpose.SIGNS, way), 10_000, 150)
    (found,) = locate_balls(on_first_line(slope), POSITIONS, batches, way)
    radius = NORMAL.inv_cdf(0.95) / math.sqrt(size) / 6.0
    assert found.sd == pytest.approx(1 / math.sqrt(size), rel=1e-6)
    assert found.high - found.low == pytest.approx(2 * radius, rel=0.06)
    places = slope(0.13)
    assert found.reach_high == pytest.approx(0.13 - places.min() / 6.0, abs=1e-4)
    assert found.reach_low == pytest.approx(0.13 - places.max() / 6.0, abs=1e-4)


@pytest.mark.parametrize(("size", "curvature"), [(5, 2.0), (20, 6.0), (75, 2.0), (140, 6.0)])
def test_the_radius_of_parabolas_with_normal_slopes_is_known(size, curvature):
    samples = 150
    (found,) = locate_balls(on_first_line(bowl(samples, curvature)), POSITIONS, drawn(size, samples, 10_000))
    radius = NORMAL.inv_cdf(0.95) * math.sqrt((samples - size) / (size * (samples - 1))) / curvature
    assert (found.line, found.centre) == ("d1", pytest.approx(0.13, abs=1e-9))
    assert found.curvature == pytest.approx(curvature, rel=1e-9)
    assert found.sd == pytest.approx(math.sqrt(batch_factor(samples, size)), rel=1e-12)
    assert found.law == pytest.approx(radius, rel=1e-9)
    assert found.radius == pytest.approx(radius, rel=0.05)
    assert found.chance == pytest.approx(0.25, abs=0.01)


@pytest.mark.parametrize("size", [1, 3, 149])
def test_both_signs_occur_as_far_as_the_outermost_mini_batches(size):
    """The mean of the B smallest slopes is −m at x*, so it reaches 0 at m / curvature beyond it."""
    slope = bowl(150, 4.0)
    (found,) = locate_balls(on_first_line(slope), POSITIONS, drawn(size, 150))
    away = -sum(sorted(slope(0.13))[:size]) / size / 4.0
    assert found.reach_high == pytest.approx(0.13 + away, abs=2e-5)
    assert found.reach_low == pytest.approx(0.13 - away, abs=2e-5)


def wavy(seed, samples):
    """Slopes that rise and fall, each sample in its own way."""
    chance = np.random.default_rng(seed)
    shift, height, phase = chance.normal(size=samples), chance.uniform(0.3, 1.5, samples), chance.uniform(0, 6, samples)
    return lambda at: [
        1.2 * at + 0.5 * move + tall * math.sin(3 * at + turn)
        for move, tall, turn in zip(shift, height, phase, strict=True)
    ]


def by_walking(slope, size, centre, level, fine=8_000):
    """The ends of the stretch around x*, by looking at every mini-batch at thousands of points; None off the line."""

    def is_open(at):
        sums = [sum(batch) for batch in itertools.combinations(slope(at), size)]
        rarer = min(sum(one < 0 for one in sums), sum(one > 0 for one in sums))
        return rarer / len(sums) > level

    def walk(step):
        at = centre + step * 1e-9
        while is_open(at):
            at += step
            if abs(at) > POSITIONS[-1]:
                return None
        return at

    return walk(-4.0 / fine), walk(4.0 / fine)


@pytest.mark.parametrize(
    ("seed", "samples", "size"), [(0, 5, 2), (1, 6, 1), (2, 7, 3), (3, 8, 7), (4, 9, 4), (5, 10, 2)]
)
def test_balls_are_those_of_all_mini_batches(seed, samples, size):
    slope = wavy(seed, samples)
    found = locate_balls(on_first_line(slope), POSITIONS, all_batches(samples, size))
    full = [sum(slope(float(at))) for at in POSITIONS]
    assert len(found) == sum(first < 0 < second for first, second in itertools.pairwise(full)) > 0
    for one in found:
        assert abs(sum(slope(one.centre))) < 1e-7
        assert sum(slope(one.centre - 1e-6)) < 0 < sum(slope(one.centre + 1e-6))
        steep = (sum(slope(one.centre + 1e-6)) - sum(slope(one.centre - 1e-6))) / 2e-6 / samples
        assert one.curvature == pytest.approx(steep, rel=1e-4)
        sums = [sum(batch) for batch in itertools.combinations(slope(one.centre), size)]
        assert one.chance == pytest.approx(
            sum(x < 0 for x in sums) * sum(x > 0 for x in sums) / len(sums) ** 2, abs=0.1
        )
        assert one.sd == pytest.approx(np.std(sums) / size, rel=1e-6)
        near = {"abs": 4.0 / 8_000 + 1e-4}
        for ends, level in (((one.low, one.high), 0.05), ((one.reach_low, one.reach_high), 0.0)):
            for mine, theirs in zip(ends, by_walking(slope, size, one.centre, level), strict=True):
                assert mine == (None if theirs is None else pytest.approx(theirs, **near))


@pytest.mark.parametrize("size", [1, 9])
def test_shared_mini_batches_of_one_and_of_all_but_one_are_exact(size):
    places = on_first_line(wavy(3, 10))
    assert locate_balls(places, POSITIONS, drawn(size, 10, 1_000)) == locate_balls(
        places, POSITIONS, all_batches(10, size)
    )


def test_the_full_batch_has_no_ball_but_a_point():
    (found,) = locate_balls(on_first_line(bowl(150, 2.0)), POSITIONS, drawn(150, 150))
    assert (found.radius, found.law, found.sd, found.chance) == (0.0, 0.0, 0.0, 1.0)
    assert found.reach_low == found.low == found.centre == found.high == found.reach_high


def test_without_a_true_optimum_there_is_no_ball():
    assert locate_balls(on_first_line(lambda at: [at - 3.0, at - 4.0]), POSITIONS, all_batches(2, 1)) == ()
    assert not mark_inside((), POSITIONS).any()


def test_a_ball_that_leaves_the_line_has_no_radius():
    (found,) = locate_balls(on_first_line(bowl(150, 2.0, centre=1.83)), POSITIONS, drawn(5, 150))
    assert found.low is not None
    assert found.high is None
    assert found.radius is None
    assert found.law > 0.2
    inside = mark_inside([found], POSITIONS)
    assert inside[0].tolist() == [False] + [at >= found.low for at in POSITIONS[1:]]
    assert not inside[1:].any()


def test_what_lies_inside_is_the_end_of_a_step_that_the_ball_has_part_of():
    low, high = POSITIONS[7] + 0.03, POSITIONS[9] + 0.03
    one = ball.Ball("d2", 0.0, 1.0, 1.0, 0.25, low, high, None, None)
    assert np.flatnonzero(mark_inside([one], POSITIONS)[1]).tolist() == [8, 9, 10]
    assert np.flatnonzero(mark_inside([one, one], POSITIONS)).tolist() == [41 + 8, 41 + 9, 41 + 10]


def test_an_exactly_flat_patch_has_no_ball_and_a_sign_is_certain_beside_it():
    """As where all output units of a ReLU network are off: 0 is neither sign, and −, 0, + is no NN-GPP."""
    patch = on_first_line(
        lambda at: [0.0 if -1 < at < -0.5 else at - 1.03 if at < 0 else at - 1.03 + 0.3 * k for k in (-1, 1)]
    )
    (found,) = locate_balls(patch, POSITIONS, all_batches(2, 1))
    assert (found.centre, found.low, found.high) == pytest.approx((1.03, 0.73, 1.33), abs=1e-4)
    flat = on_first_line(lambda at: [min(at + 0.5, 0.0) + max(at - 0.5, 0.0) + 0.0 * k for k in (-1, 1)])
    assert locate_balls(flat, POSITIONS, all_batches(2, 1)) == ()
    # a few samples still have a slope: mini-batches without them have no sign
    few = on_first_line(lambda at: [0.0] * 38 + [at - 0.1, at - 0.2])
    (found,) = locate_balls(few, POSITIONS, drawn(1, 40))
    assert found.radius == 0
    assert (found.reach_low, found.reach_high) == pytest.approx((0.1, 0.2), abs=1e-4)


def test_at_a_jump_of_the_slope_the_law_gives_nothing():
    """A kink of the loss, at which all samples change their sign, leaves nothing open."""
    (found,) = locate_balls(
        on_first_line(lambda at: [math.copysign(k, at) for k in (1.0, 2.0)]), POSITIONS, all_batches(2, 1)
    )
    assert found.radius == 0
    assert found.law < 1e-3
    # noise without any change of sign away from the jump: open all along the line, whatever the law says
    (found,) = locate_balls(
        on_first_line(lambda at: [math.copysign(1.0, at) + k for k in (-3, 0, 3)]), POSITIONS, all_batches(3, 1)
    )
    assert (found.low, found.high, found.radius) == (None, None, None)
    assert found.law < 1e-3


def test_a_hole_ends_the_line():
    whole = bowl(150, 2.0)
    holed = on_first_line(lambda at: [math.nan] * 150 if 0.3 < at < 0.35 + 1e-9 else whole(at))
    (found,) = locate_balls(holed, POSITIONS, drawn(5, 150))
    assert found.low is not None
    assert (found.high, found.radius) == (None, None)


@lru_cache
def of_local(activation, size=10):
    """The balls of the selected seed's local lines."""
    return find_balls(StudySpec(domain="local", activation=activation, batch_size=size), device="cpu")


SMOOTH = [
    pytest.param(activation, line, id=f"{activation}-{line}")
    for activation in ("sigmoid", "tanh", "softsign", "elu")
    for line in ("d1", "d1+d2", "d1-d2")
]


@pytest.mark.parametrize(("activation", "line"), SMOOTH)
def test_the_law_holds_along_bent_lines_of_smooth_functions(activation, line):
    """The selected seed's local lines, but for the flat d2."""
    found = [one for one in of_local(activation) if one.line == line]
    assert len(found) == 1
    assert found[0].radius == pytest.approx(found[0].law, rel=0.12)


def test_the_radius_shrinks_with_the_mini_batch_as_its_sd():
    sizes = (5, 10, 30, 75, 140)
    balls = [next(one for one in of_local("tanh", size) if one.line == "d1") for size in sizes]
    scale = [one.radius / math.sqrt((150 - size) / (size * 149)) for size, one in zip(sizes, balls, strict=True)]
    assert max(scale) / min(scale) < 1.15
    assert balls[0].radius / balls[-1].radius > 15
    assert len({one.centre for one in balls}) == 1
    # as told in docs/theory.md
    assert [one.radius for one in balls] == pytest.approx([0.163, 0.118, 0.0624, 0.0305, 0.00838], rel=0.004)
    assert [one.law for one in balls] == pytest.approx([0.167, 0.116, 0.0622, 0.0311, 0.00831], rel=0.004)


def test_at_a_kink_of_the_selected_relu_the_law_is_a_hundred_times_too_small():
    kinked, _ = [one for one in of_local("relu") if one.line == "d2"]
    assert (kinked.centre, kinked.radius, kinked.law) == pytest.approx((-0.080, 1.95, 0.0177), rel=0.01)


def test_the_law_holds_for_most_bent_lines_of_other_start_points():
    """But for the flat d2; docs/theory.md has 96% of sixty start points within 25%."""
    ratios = [
        one.radius / one.law
        for seed in range(6)
        for one in find_balls(StudySpec(domain="local", activation="tanh", seed=seed), device="cpu")
        if one.line != "d2" and one.radius is not None
    ]
    assert len(ratios) > 12
    assert np.mean([1 / 1.25 < ratio < 1.25 for ratio in ratios]) > 0.8
    assert np.median(ratios) == pytest.approx(1.06, abs=0.05)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_fresh_mini_batches_have_both_signs_to_5_percent_at_the_ends(activation):
    plane = recall_plane(StudySpec(domain="local", activation=activation), "cpu")
    ends = [(one, at) for one in of_local(activation) for at in (one.low, one.high) if at is not None]
    assert len(ends) >= 6
    for one, at in ends:
        unit = next(line.unit for line in LINES if line.name == one.line)
        slope = plane.table(at * unit[None]).slope(unit).expand(10_000, -1)
        ((drawn_,),) = batch_means([slope], Batches(10, 3, Purpose.PLANE), [0])
        rarer = min(float((drawn_ < 0).double().mean()), float((drawn_ > 0).double().mean()))
        assert rarer == pytest.approx(0.05, abs=5 * math.sqrt(0.05 * 0.95 * (1 / 4_000 + 1 / 10_000)))


@pytest.mark.parametrize("domain", ["global", "local"])
def test_balls_are_those_of_the_true_optima_of_the_study(monkeypatch, domain):
    monkeypatch.setattr(limits, "LINE_DRAWS", 2)
    spec = StudySpec(domain=domain, activation="relu", resolution=2, draws=0)
    result = run(spec, device="cpu")
    balls = find_balls(spec, device="cpu")
    row, after = np.nonzero(result.true_nngpps)
    assert [one.line for one in balls] == [LINES[index].name for index in row]
    for one, line, place in zip(balls, row, after, strict=True):
        assert result.positions[place - 1] < one.centre <= result.positions[place]
        assert one.sd == pytest.approx(np.interp(one.centre, result.positions, result.line_sd_slope[line]), rel=0.2)
        for end, reach in ((one.low, one.reach_low), (one.high, one.reach_high)):
            assert reach is None or abs(end - one.centre) <= abs(reach - one.centre) + 1e-3
    assert mark_inside(balls, result.positions)[row, after].all()


def test_a_start_point_without_directions_is_refused():
    with pytest.raises(NumericalError):
        find_balls(StudySpec(domain="local", activation="relu", seed=3), device="cpu")


def test_the_coarsest_line_is_enough():
    spec = StudySpec(domain="local", activation="tanh", line_points=3)
    fine = of_local("tanh")
    for one in find_balls(spec, device="cpu"):
        (same,) = [other for other in fine if other.line == one.line]
        assert one.centre == pytest.approx(same.centre, abs=1e-6)
    assert grid.axis(2.0, 3).tolist() == [-2.0, 0.0, 2.0]
