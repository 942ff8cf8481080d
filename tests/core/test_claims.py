"""Every claim can hold and can fail; what it rests on is measured right."""

import itertools
import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch

from landscape_core import StudySpec, claims, geometry, paper, problem, questions, statistics
from landscape_core.claims import ALL, CLAIMS, judge
from landscape_core.geometry import LINES
from landscape_core.measured import Measured, growth, steepest
from landscape_core.tabulate import SampleTable, tabulate

HALF_WIDTH, POINTS = 2.0, 100
POSITIONS = np.linspace(-HALF_WIDTH, HALF_WIDTH, POINTS)


def made(function, **changes):
    """The landscape of a function (a, b) → loss and its slopes along d1 and d2, with one sample.

    Unless changed, mini-batches find the true NN-GPPs and no other, and minima as white noise does.
    """

    def look(coordinates):
        values = (np.broadcast_to(value, len(coordinates)) for value in function(*coordinates.T))
        loss, *slopes = (torch.tensor(value.astype(float).copy())[:, None] for value in values)
        return SampleTable(loss, tuple(slopes))

    table = look(geometry.lines(POSITIONS))
    slope = table.slope(np.repeat([line.unit for line in LINES], POINTS, axis=0))
    minima = np.zeros((4, POINTS))
    minima[:, 1:-1] = 1 / 3
    nothing = np.zeros((4, POINTS))
    one = Measured(
        half_width=HALF_WIDTH,
        positions=POSITIONS,
        loss=table.loss.numpy().reshape(4, POINTS),
        slope=slope.numpy().reshape(4, POINTS),
        sd=nothing,
        minima=minima,
        nngpps=nothing,
        look=look,
    )
    return replace(one, **{"nngpps": one.true_nngpps.astype(float), **changes})


def bowl(first=1.0, second=None, **changes):
    second = first if second is None else second
    return made(
        lambda a, b: (
            (first * (a - 0.1) ** 2 + second * (b - 0.2) ** 2) / 2,
            first * (a - 0.1),
            second * (b - 0.2),
        ),
        **changes,
    )


def wells(**changes):
    """Minima at a = −1 and a = 1, with a smooth ridge between them."""
    return made(lambda a, b: ((a * a - 1) ** 2 / 4 + (b - 0.2) ** 2 / 8, a * (a * a - 1), (b - 0.2) / 4), **changes)


def four_wells():
    """Minima at a = ±1, b = ±1, with smooth ridges between them along every line."""
    return made(lambda a, b: (((a * a - 1) ** 2 + (b * b - 1) ** 2) / 4, a * (a * a - 1), b * (b * b - 1)))


def kinked(**changes):
    """Likewise, stitched together of planes."""
    return made(lambda a, _: (np.abs(np.abs(a) - 1), np.sign(np.abs(a) - 1) * np.sign(a), 0.0), **changes)


def uneven():
    """A shallow basin at a = −1 and a sharp one at a = 1."""
    return made(
        lambda a, _: (
            np.where(a > 0, 5 * (a - 1) ** 2, (a + 1) ** 2 / 20 + 4.95),
            np.where(a > 0, 10 * (a - 1), (a + 1) / 10),
            0.0,
        )
    )


def of_a_study(domain, activation):
    """The landscape of a network at the selected seed, without mini-batches."""
    spec = StudySpec(domain=domain, activation=activation)
    task = problem.problem(spec, torch.device("cpu"))
    start, pair = problem.start_and_directions(spec, task)
    positions = geometry.axis(spec.range, spec.line_points)
    look = partial(tabulate, task, start, pair, samples=spec.samples, dtype=torch.float64, device=torch.device("cpu"))
    table = look(geometry.lines(positions))
    slope = table.slope(np.repeat([line.unit for line in LINES], spec.line_points, axis=0))
    loss, slope = (statistics.full_batch(values).reshape(4, -1) for values in (table.loss, slope))
    nothing = np.zeros_like(loss)
    return Measured(spec.range, positions, loss, slope, nothing, nothing, nothing, look)


def spots(*found):
    """Shares of NN-GPPs: (line, from, to, total) each, spread evenly, and 1 in the middle of every line."""
    shares = np.zeros((4, POINTS))
    shares[:, POINTS // 2] = 1.0
    for line, low, high, total in found:
        inside = (low <= POSITIONS) & (high >= POSITIONS)
        shares[line, inside] += total / inside.sum()
    return shares


EVERYWHERE = spots(*((line, -2.0, 2.0, 30.0) for line in range(4)))
"""NN-GPPs all over."""

OUTSIDE = spots((0, 1.5, 2.0, 1.5), (1, -2.0, -1.5, 1.5))
"""Three spurious NN-GPPs at the edges."""

ON_D1, ON_D2 = (spots((line, -2.0, 2.0, 5.0)) for line in (0, 1))


def six(**changes):
    return {**{name: bowl() for name in ALL}, **changes}


def each(function, **changes):
    return {name: function(**changes) for name in ALL}


CENTRED = np.where(np.abs(POSITIONS) < 0.5, 0.9, 0.0) * np.ones((4, 1))
LESS, MORE = {"nngpps": spots()}, {"nngpps": EVERYWHERE}
ON_FLAT = {"nngpps": ON_D2}
ON_STEEP = {"nngpps": ON_D1}


def flattening(**changes):
    """Less curvature along d2 than along any other line."""
    return bowl(4.0, 0.1, **changes)


SHARED = {
    "all-same-optima": (six(), six(relu=bowl(loss=bowl().loss[:, ::-1] + POSITIONS))),
    "all-ceiling": (six(elu=bowl(minima=np.full((4, POINTS), 0.17))), six(elu=bowl(minima=np.full((4, POINTS), 0.16)))),
    "all-uniform": (six(), six(relu=bowl(minima=CENTRED))),
    "all-magnitude": (each(bowl, nngpps=OUTSIDE * 2), each(bowl, nngpps=EVERYWHERE * 4)),
    "all-located": (six(), each(bowl, **MORE)),
    "all-curvature": (each(flattening, **ON_FLAT), {**each(flattening, **ON_FLAT), "relu": flattening(**ON_STEEP)}),
    "sigmoid-smooth": (six(sigmoid=wells()), six(sigmoid=kinked())),
    "sigmoid-spurious": (six(sigmoid=flattening(**ON_FLAT)), six(sigmoid=flattening(**ON_STEEP))),
    "tanh-curvature": (six(tanh=bowl(2.0)), six(tanh=bowl(0.5))),
    "tanh-located": (
        six(sigmoid=bowl(sd=np.ones((4, POINTS)))),
        six(tanh=bowl(sd=np.ones((4, POINTS)))),
    ),
    "softsign-fewest": (six(sigmoid=bowl(**MORE), tanh=bowl(**MORE)), six(softsign=bowl(**MORE))),
    "elu-optima": (six(relu=wells(), leaky_relu=wells()), six(relu=wells())),
    "elu-smooth": (six(elu=wells()), six(elu=kinked())),
    "elu-curvature": (six(elu=bowl(2.0)), six(leaky_relu=bowl(2.0))),
    "elu-located": (six(relu=bowl(**MORE), leaky_relu=bowl(**MORE)), six(relu=bowl(**MORE))),
    "elu-fewest": (six(relu=bowl(**MORE), leaky_relu=bowl(**MORE)), six(relu=bowl(**MORE))),
}
"""Landscapes for which a claim holds and for which it does not."""

CASES = {
    **{f"{domain}-{name}": both for domain in ("global", "local") for name, both in SHARED.items()},
    "global-sigmoid-one-each": (six(), six(sigmoid=wells())),
    "global-sigmoid-variance": (six(), six(sigmoid=bowl(**MORE))),
    "global-tanh-edges": (six(tanh=bowl(nngpps=OUTSIDE)), six(tanh=bowl(nngpps=spots((0, -1.0, 1.0, 9.0))))),
    "global-softsign-curvature": (six(tanh=bowl(3.0), softsign=bowl(2.0)), six(tanh=bowl(2.0), softsign=bowl(3.0))),
    "global-softsign-located": (six(sigmoid=bowl(**MORE), tanh=bowl(**MORE)), six(tanh=bowl(**MORE))),
    "global-softsign-edges": (six(sigmoid=bowl(nngpps=OUTSIDE), tanh=bowl(nngpps=OUTSIDE)), six()),
    "global-relu-exponential": (
        six(relu=made(lambda a, b: (a**6 + b**6, 6 * a**5, 6 * b**5))),
        six(relu=made(lambda a, b: (a**4 + 50 * a**3 + b**4, 4 * a**3 + 150 * a**2, 4 * b**3))),
    ),
    "global-relu-convex": (six(), six(relu=bowl(-1.0))),
    "global-relu-intricate": (six(relu=four_wells()), six(relu=wells())),
    "global-relu-optima": (six(relu=wells()), six(relu=wells(), tanh=wells())),
    "global-relu-edges": (six(relu=bowl(nngpps=spots((0, -1.0, 1.0, 9.0)))), six(relu=bowl(nngpps=OUTSIDE))),
    "global-leaky_relu-alike": (six(leaky_relu=bowl(1.04)), six(leaky_relu=bowl(1.06))),
    "global-leaky_relu-spurious": (
        six(relu=flattening(**LESS), leaky_relu=flattening(**ON_FLAT)),
        six(relu=flattening(**ON_FLAT), leaky_relu=flattening(**ON_STEEP)),
    ),
    "local-sigmoid-contour": (
        six(sigmoid=bowl(nngpps=spots((0, -2.0, 2.0, 2.0), (1, -2.0, 2.0, 5.0), (3, -2.0, 2.0, 2.5)))),
        six(sigmoid=bowl(nngpps=spots((0, -2.0, 2.0, 2.5), (1, -2.0, 2.0, 5.0), (3, -2.0, 2.0, 3.0)))),
    ),
    "local-tanh-fewest": (six(sigmoid=bowl(**MORE)), six(tanh=bowl(**MORE))),
    "local-tanh-contour": (six(tanh=bowl(**ON_FLAT)), six(tanh=bowl(nngpps=spots((1, -2.0, 2.0, 2.0))))),
    "local-softsign-curvature": (six(softsign=bowl(2.0)), six(tanh=bowl(2.0))),
    "local-softsign-located": (six(sigmoid=bowl(**MORE), tanh=bowl(**MORE)), six(tanh=bowl(**MORE))),
    "local-relu-jumps": (six(relu=kinked()), six(relu=wells())),
    "local-relu-several": (six(relu=wells()), six()),
    "local-relu-shallow": (six(relu=uneven()), six(relu=wells())),
    "local-relu-flat": (six(relu=made(lambda a, _: (np.maximum(a, 0) ** 2, 2 * np.maximum(a, 0), 0.0))), six()),
    "local-relu-quadratic": (six(), six(relu=made(lambda a, b: (a**4 + b**4, 4 * a**3, 4 * b**3)))),
    "local-leaky_relu-alike": (six(relu=kinked(), leaky_relu=kinked()), six(relu=kinked(), leaky_relu=wells())),
    "local-leaky_relu-flat": (
        six(leaky_relu=made(lambda a, _: (a, np.where(a > 0, 1.0, 1e-4), 0.0))),
        six(leaky_relu=made(lambda a, _: (a, np.where(a > 0, 1.0, 0.0), 0.0))),
    ),
    "local-elu-diagonals": (six(), six(elu=wells())),
}


def test_every_claim_has_its_cases():
    assert set(CASES) == set(CLAIMS)
    assert [claim.name for claim in (*claims.of("global"), *claims.of("local"))] == list(CLAIMS)


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_holds_and_fails(name):
    yes, no = CASES[name]
    assert judge([CLAIMS[name]], yes).tolist() == [1]
    assert judge([CLAIMS[name]], no).tolist() == [0]


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
def test_a_claim_says_what_it_needs(claim):
    class Noted(dict):
        asked: set[str]

        def __getitem__(self, name):
            self.asked.add(name)
            return super().__getitem__(name)

    for landscapes in CASES[claim.name]:
        noted = Noted(landscapes)
        noted.asked = set()
        claim.check(noted)
        assert noted.asked <= set(claim.needs)
    for missing in claim.needs:
        assert judge([claim], {name: one for name, one in landscapes.items() if name != missing}).tolist() == [-1]


@pytest.mark.parametrize("claim", CLAIMS.values(), ids=CLAIMS)
def test_a_claim_is_written_for_a_reader(claim):
    assert paper.row(claim.domain, claim.activation or "sigmoid") is not None
    assert claim.name.split("-")[:2] == [claim.domain, claim.activation or "all"]
    assert claim.activation is None or claim.activation in claim.needs
    for text in (claim.statement, claim.test):
        assert text[0].isupper()
        assert text.endswith(".")
    assert claim.statement.count(".") == 1


def test_every_row_of_both_tables_has_claims():
    for row in paper.TABLES:
        assert sum((claim.domain, claim.activation) == (row.domain, row.activation) for claim in CLAIMS.values()) >= 2


def test_verdicts_are_in_the_order_of_the_claims():
    landscapes = six(relu=wells())
    del landscapes["elu"]
    some = [CLAIMS[name] for name in ("global-relu-optima", "global-elu-smooth", "local-relu-jumps")]
    verdicts = judge(some, landscapes)
    assert verdicts.tolist() == [1, -1, 0]
    assert verdicts.dtype == np.int8


# what the claims rest on


@pytest.fixture(scope="module")
def ragged():
    """Curves without any pattern, some lines without optima."""
    chance = np.random.default_rng(5)
    loss, slope = chance.normal(size=(2, 4, POINTS)).cumsum(-1)
    slope -= slope.mean(-1, keepdims=True)
    slope[2] = np.abs(slope[2]) + 1.0
    shares = chance.random((2, 4, POINTS))
    return bowl(loss=loss, slope=slope, sd=chance.random((4, POINTS)), minima=shares[0], nngpps=shares[1])


def true_places(one):
    return [[i for i in range(1, POINTS) if line[i - 1] < 0 < line[i]] for line in one.slope]


def test_curvature(ragged):
    step = 4.0 / 99
    found = [
        [(line[i] - line[i - 1]) / step for i in places]
        for line, places in zip(ragged.slope, true_places(ragged), strict=True)
    ]
    for mine, theirs in zip(ragged.curvatures, found, strict=True):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9)
    flat = list(itertools.chain(*found))
    assert len(flat) > 4
    assert found[2] == []
    assert ragged.curvature == pytest.approx(math.fsum(flat) / len(flat))
    bending = [sum(abs(b - a) for a, b in itertools.pairwise(line)) / 4.0 for line in ragged.slope]
    np.testing.assert_allclose(ragged.bending, bending, rtol=1e-9)
    assert set(questions.flattest_lines(ragged).tolist()) == set(sorted(range(4), key=bending.__getitem__)[:2])
    assert bowl(-1.0).curvature == 0.0


def test_where_apparent_optima_lie(ragged):
    weights = total = at_edges = 0.0
    for line, places in enumerate(true_places(ragged)):
        for i, place in enumerate(POSITIONS):
            share = ragged.nngpps[line, i]
            away = min((abs(place - POSITIONS[j]) / 2.0 for j in places), default=1.0)
            total += share
            weights += share * away
            at_edges += (share - (i in places)) * (abs(place) > 1.2)
    assert ragged.scatter(ragged.nngpps) == pytest.approx(weights / total)
    assert ragged.spurious_at_edges == pytest.approx(at_edges)
    counts = [ragged.nngpps[line].sum() - len(places) for line, places in enumerate(true_places(ragged))]
    np.testing.assert_allclose(ragged.spurious, counts)
    none = bowl(nngpps=np.zeros((4, POINTS)))
    assert none.scatter(none.nngpps) == 0.0
    assert np.isnan(none.spreads(none.nngpps)).all()


def test_spreads_are_one_for_even_places(ragged):
    even = np.ones((4, POINTS))
    np.testing.assert_allclose(ragged.spreads(even), 101 / 99, rtol=1e-9)  # of 100 points, ends included
    for line, shares in enumerate(ragged.minima):
        mean = np.average(POSITIONS, weights=shares)
        variance = np.average((POSITIONS - mean) ** 2, weights=shares)
        assert ragged.spreads(ragged.minima)[line] == pytest.approx(variance / (4.0 / 3))


def test_undecided_stretches(ragged):
    lengths = []
    for line, places in enumerate(true_places(ragged)):
        undecided = [abs(slope) < 1.645 * sd for slope, sd in zip(ragged.slope[line], ragged.sd[line], strict=True)]
        for place in places:
            left = place
            while left > 0 and undecided[left - 1]:
                left -= 1
            right = place
            while right < POINTS and undecided[right]:
                right += 1
            lengths.append((right - left + 1) * 2 / 99)
    assert ragged.undecided == pytest.approx(sum(lengths) / len(lengths))
    assert max(lengths) > min(lengths)
    assert bowl(-1.0).undecided == 1.0


@pytest.mark.parametrize("place", [0.3, 0.123456789, -1.7])
def test_a_jump_persists_and_a_steep_slope_does_not(place):
    def step(size):
        return made(lambda a, _: (a, 100 * np.tanh(a) + size * (a > place), 0.0))

    assert step(0.1).persistence == pytest.approx(1.0, abs=0.01)
    assert step(0.0).persistence < 1 / 32
    bent = made(lambda a, _: (a, np.abs(a - place), 0.0))  # continuous, with a kink
    assert bent.persistence < 0.25 + 1e-6
    beside = made(lambda a, _: (a, 100 * np.tanh(9 * (a + 1)) + 0.1 * (a > 1.1), 0.0))  # its sharpest bends are smooth
    assert beside.persistence == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("domain", ["global", "local"])
def test_real_slopes_jump_where_the_activation_has_a_kink(domain):
    """At the selected seed; the global lines of ReLU are sharpest bent on a steep smooth stretch at an edge."""
    for activation in ALL:
        one = of_a_study(domain, activation)
        assert questions.jumps(one) == (activation in {"relu", "leaky_relu"})
        if activation in {"relu", "leaky_relu"}:
            assert one.persistence > 0.99
        else:
            assert one.persistence < 0.26


def test_a_flat_end_is_not_quadratic():
    flat = made(lambda a, _: (np.clip(np.abs(a), 0, 1), np.where(np.abs(a) < 1, np.sign(a), 0.0), 0.0))
    assert not questions.quadratic_at_the_highest_end(flat)
    assert questions.quadratic_at_the_highest_end(bowl())


def test_rounding_is_no_jump():
    assert bowl().persistence == 0.0
    assert made(lambda a, _: (a, 0.0, 0.0)).persistence == 0.0
    assert not questions.jumps(bowl(slope=np.full((4, POINTS), np.nan)))


@pytest.mark.parametrize("degree", [1, 2, 4])
def test_growth_is_the_degree_of_a_polynomial(degree):
    one = made(lambda a, b: ((a * a + b * b) ** (degree / 2) + 1.0, a, b))
    np.testing.assert_allclose(growth(one), degree, atol=0.001)
    assert np.isnan(growth(made(lambda *_: (0.0, 0.0, 0.0)))).all()


def test_the_steepest_sample_of_either_direction():
    one = made(lambda a, b: (a, a, -3 * b))
    axis = np.linspace(-2, 2, 10)
    expected = [max(abs(a), 3 * abs(b)) for b in axis for a in axis]
    np.testing.assert_allclose(steepest(one), expected)


@pytest.mark.filterwarnings("error")
def test_holes_decide_nothing_and_break_nothing():
    empty = bowl(
        loss=np.full((4, POINTS), np.nan),
        slope=np.full((4, POINTS), np.nan),
        minima=np.zeros((4, POINTS)),
        nngpps=np.zeros((4, POINTS)),
    )
    assert set(judge(list(CLAIMS.values()), dict.fromkeys(ALL, empty)).tolist()) == {-1}
    assert empty.persistence == 0.0
    hole = bowl().slope.copy()
    hole[1, 5] = np.nan
    some = judge(list(CLAIMS.values()), six(relu=bowl(slope=hole)))
    assert (some < 0).tolist() == ["relu" in claim.needs for claim in CLAIMS.values()]
