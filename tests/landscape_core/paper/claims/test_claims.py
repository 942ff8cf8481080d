"""Every claim can hold and can fail."""

import dataclasses
import re

import numpy as np
import pytest
from reference_landscapes import POINTS, POSITIONS, bowl, build_features, four_wells, kinked, uneven, wells
from reference_line_observations import ALSO_FAIL_ON_LINES, LINE_OBSERVED
from reference_observations import ALSO_FAIL, EVERYWHERE, OBSERVED, ON_D1, ON_D2, OUTSIDE, six, spots
from scipy import stats

from landscape_core.paper import published
from landscape_core.paper.claims import CLAIMS, claims_about, criteria
from landscape_core.paper.claims.claim import judge
from landscape_core.paper.claims.line_observations import LINE_OBSERVATIONS
from landscape_core.paper.claims.observations import OBSERVATIONS


def each(function, **changes):
    return {name: function(**changes) for name in published.PAPER_ACTIVATIONS}


CENTRED = np.where(np.abs(POSITIONS) < 0.5, 0.9, 0.0) * np.ones((4, 1))
LESS, MORE = {"nngpps": spots()}, {"nngpps": EVERYWHERE}
ON_FLAT = {"nngpps": ON_D2}
ON_STEEP = {"nngpps": ON_D1}


def flattening(**changes):
    """Less curvature along d2 than along any other line."""
    return bowl(4.0, 0.1, **changes)


WIDER_ON_D1, WIDER_ON_D2 = (
    spots(*((line, -1.0, 1.0, 3.0) for line in range(4)), (wide, -2.0, 2.0, 30.0)) for wide in (0, 1)
)
"""NN-GPPs around the middle of every line, and over all of one of them."""

SHARED = {
    "all-same-optima": (six(), six(elu=bowl(loss=bowl().loss[:, ::-1] + POSITIONS))),
    "all-ceiling": (six(elu=bowl(minima=np.full((4, POINTS), 0.17))), six(elu=bowl(minima=np.full((4, POINTS), 0.16)))),
    "all-uniform": (six(), six(relu=bowl(minima=CENTRED))),
    "all-magnitude": (each(bowl, nngpps=OUTSIDE * 2), each(bowl, nngpps=EVERYWHERE * 4)),
    "all-located": (six(), each(bowl, **MORE)),
    "all-curvature": (each(flattening, **ON_FLAT), {**each(flattening, **ON_FLAT), "relu": flattening(**ON_STEEP)}),
    "all-spread": (each(flattening, nngpps=WIDER_ON_D2), each(flattening, nngpps=WIDER_ON_D1)),
    "tanh-scatter": (six(sigmoid=bowl(**MORE)), six(tanh=bowl(**MORE))),
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
        six(relu=build_features(lambda a, b: (a**4 + b**4, 4 * a**3, 4 * b**3))),
        six(relu=build_features(lambda a, b: (a**2 + 50 * a + b**2, 2 * a + 50, 2 * b))),
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
    "local-softsign-located": (six(), six(softsign=bowl(**MORE))),
    "local-relu-jumps": (six(relu=kinked()), six(relu=wells())),
    "local-relu-several": (six(relu=wells()), six()),
    "local-relu-shallow": (six(relu=uneven()), six(relu=wells())),
    "local-relu-flat": (
        six(relu=build_features(lambda a, _: (np.maximum(a, 0) ** 2, 2 * np.maximum(a, 0), 0.0))),
        six(),
    ),
    "local-relu-quadratic": (six(), six(relu=build_features(lambda a, b: (a**4 + b**4, 4 * a**3, 4 * b**3)))),
    "local-leaky_relu-alike": (six(relu=kinked(), leaky_relu=kinked()), six(relu=kinked(), leaky_relu=wells())),
    "local-leaky_relu-flat": (
        six(leaky_relu=build_features(lambda a, _: (a, np.where(a > 0, 1.0, 1e-4), 0.0))),
        six(leaky_relu=build_features(lambda a, _: (a, np.where(a > 0, 1.0, 0.0), 0.0))),
    ),
    "local-elu-diagonals": (six(), six(elu=wells())),
    **OBSERVED,
    **LINE_OBSERVED,
}


SOURCE = (
    r"Table [12]|Sections? [1-6](\.[12])?( and [3-6](\.[12])?)?|(Caption of )?Fig\. (\d+)(\([a-h]\)(, \([a-h]\))*)?"
)


def test_a_claim_says_where_the_paper_makes_it():
    assert (CLAIMS["global-tanh-edges"].source, CLAIMS["local-tanh-contour"].source) == ("Table 1", "Table 2")
    assert CLAIMS["global-all-magnitude"].source == "Section 4.1"
    assert CLAIMS["local-all-magnitude"].source == "Section 5"
    assert all(claim.place for claim in (*OBSERVATIONS, *LINE_OBSERVATIONS))


def test_every_claim_has_its_cases():
    assert set(CASES) == set(CLAIMS)
    assert [claim.name for claim in (*claims_about("global"), *claims_about("local"))] == list(CLAIMS)


@pytest.mark.parametrize("name", CLAIMS)
def test_a_claim_holds_and_fails(name):
    yes, no = CASES[name]
    assert judge([CLAIMS[name]], yes).tolist() == [1]
    assert judge([CLAIMS[name]], no).tolist() == [0]


@pytest.mark.parametrize("name", ALSO_FAIL | ALSO_FAIL_ON_LINES)
def test_a_claim_fails_by_each_part_of_its_test(name):
    assert judge([CLAIMS[name.split()[0]]], (ALSO_FAIL | ALSO_FAIL_ON_LINES)[name]).tolist() == [0]


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
    assert published.find_row(claim.domain, claim.activation or "sigmoid") is not None
    assert claim.name.split("-")[:2] == [claim.domain, claim.activation or "all"]
    assert claim.activation is None or claim.activation in claim.needs
    assert re.fullmatch(SOURCE, claim.source)
    for text in (claim.statement, claim.test):
        assert text[0].isupper()
        assert text.endswith(".")
    assert claim.statement.count(".") == 1


def test_every_row_of_both_tables_has_claims():
    for row in published.TABLES:
        assert sum((claim.domain, claim.activation) == (row.domain, row.activation) for claim in CLAIMS.values()) >= 2


def test_verdicts_are_in_the_order_of_the_claims():
    landscapes = six(relu=wells())
    del landscapes["elu"]
    some = [CLAIMS[name] for name in ("global-relu-optima", "global-elu-smooth", "local-relu-jumps")]
    verdicts = judge(some, landscapes)
    assert verdicts.tolist() == [1, -1, 0]
    assert verdicts.dtype == np.int8


@pytest.mark.filterwarnings("error")
def test_holes_decide_nothing_and_break_nothing():
    empty = bowl(
        loss=np.full((4, POINTS), np.nan),
        slope=np.full((4, POINTS), np.nan),
        minima=np.zeros((4, POINTS)),
        nngpps=np.zeros((4, POINTS)),
    )
    assert set(judge(list(CLAIMS.values()), dict.fromkeys(published.PAPER_ACTIVATIONS, empty)).tolist()) == {-1}
    assert empty.persistence == 0.0
    hole = bowl().slope.copy()
    hole[1, 5] = np.nan
    some = judge(list(CLAIMS.values()), six(relu=bowl(slope=hole)))
    assert (some < 0).tolist() == ["relu" in claim.needs for claim in CLAIMS.values()]


def test_places_with_the_variance_of_even_ones_are_not_always_even():
    """Two clusters at ±R/√3, and even places."""
    two = np.where(np.abs(np.abs(POSITIONS) - 2 / 3**0.5) < 0.1, 0.9, 0.0) * np.ones((4, 1))
    clustered, even = bowl(minima=two), bowl()
    assert (np.abs(clustered.spreads(two) - 1) < 0.25).all()
    assert not criteria.evenly_spread(clustered)
    assert criteria.evenly_spread(even)


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_spread_by_curvature_is_spearmans(order):
    """Lines of four curvatures, with NN-GPPs over more or less of each."""
    features = build_features(lambda a, b: (a**2 + 3 * b**2 + a * b, 2 * a + b, 6 * b + a))
    widths = 0.4 + 0.4 * np.array(order)
    nngpps = spots(*((line, -width, width, 3.0) for line, width in enumerate(widths)))
    found = dataclasses.replace(features, nngpps=nngpps)
    expected = stats.spearmanr(found.bending, found.spreads(nngpps)).statistic
    assert criteria.spread_by_curvature(found) == pytest.approx(expected)
