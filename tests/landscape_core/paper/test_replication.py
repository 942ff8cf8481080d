"""Many start points, against single studies, plain loops and the 36 numbers of the paper."""

import math
import warnings
from dataclasses import replace

import numpy as np
import pytest
import reference

from landscape_core import BudgetError, SpecError, run, storage
from landscape_core.paper import published as paper
from landscape_core.paper import replication
from landscape_core.paper.claims import claims_about
from landscape_core.paper.published import PAPER_ACTIVATIONS
from landscape_core.paper.replication import run_replication
from landscape_core.paper.replication_spec import ReplicationSpec
from landscape_core.random_streams import Purpose
from landscape_core.sampling.minibatches import Batches, shuffle_urns
from landscape_core.study import limits
from landscape_core.study.result import collect_versions

COUNTS = ("true_minima", "true_nngpps", "minima", "nngpps")


def test_the_shown_start_point_is_a_study(replicated):
    for index, activation in enumerate(PAPER_ACTIVATIONS):
        own = run(replicated.spec.study(activation).replace(resolution=2, draws=0), device="cpu")
        assert replicated.own_true_minima[index] == own.true_minima.sum()
        assert replicated.own_true_nngpps[index] == own.true_nngpps.sum()
        np.testing.assert_array_equal(replicated.own_minima[index], own.line_minima_counts.sum(1))
        np.testing.assert_array_equal(replicated.own_nngpps[index], own.line_nngpp_counts.sum(1))
        assert (replicated.own_minima[index, 0], replicated.own_nngpps[index, 0]) == (
            own.minima.sum(),
            own.nngpps.sum(),
        )


def test_each_of_the_many_is_a_study(replicated):
    for seed, index in ((0, 1), (2, 3), (4, 4)):
        own = run(replicated.spec.study(PAPER_ACTIVATIONS[index], seed).replace(resolution=2, draws=0), device="cpu")
        assert replicated.true_minima[seed, index] == own.true_minima.sum()
        assert replicated.true_nngpps[seed, index] == own.true_nngpps.sum()
        np.testing.assert_array_equal(
            replicated.minima[seed, index], own.line_minima_counts[: replication.DRAWS].sum(1)
        )
        np.testing.assert_array_equal(replicated.nngpps[seed, index], own.line_nngpp_counts[: replication.DRAWS].sum(1))


def test_shapes(replicated):
    number = len(claims_about(replicated.spec.domain))
    assert replicated.usable.shape == replicated.true_minima.shape == replicated.true_nngpps.shape == (5, 6)
    assert replicated.minima.shape == replicated.nngpps.shape == (5, 6, replication.DRAWS)
    assert replicated.own_minima.shape == replicated.own_nngpps.shape == (6, 20)
    assert (replicated.holds.shape, replicated.own_holds.shape) == ((number, 5), (number,))
    assert set(np.unique(replicated.holds)) <= {-1, 0, 1}
    assert replicated.device == "cpu"
    assert replicated.versions == collect_versions()
    assert replicated.nbytes == sum(v.nbytes for v in vars(replicated).values() if isinstance(v, np.ndarray))


def test_one_start_point_against_the_reference(few_line_draws_here):
    found = run_replication(ReplicationSpec(seeds=2, line_points=6, domain="local", batch_size=3), device="cpu")
    start, pair, inputs, targets = reference.setting("local", "tanh", seed=1)
    root = math.sqrt(0.5)
    batches = shuffle_urns(Batches(3, 2, Purpose.LINES), range(replication.DRAWS), 24, 150)[:, :3].reshape(-1, 4, 6, 3)
    totals = np.zeros((4, replication.DRAWS), dtype=int)
    for line, (cos, sin) in enumerate([(1, 0), (0, 1), (root, root), (root, -root)]):
        points = [(s * cos, s * sin) for s in np.linspace(-2.0, 2.0, 6)]
        loss, first, second = reference.table(start, pair, points, "tanh", "tanh", inputs, targets)
        slope = cos * first + sin * second
        totals[0] += len(reference.minima([math.fsum(row) for row in loss]))
        totals[1] += len(reference.nngpps([math.fsum(row) for row in slope]))
        for draw in range(replication.DRAWS):
            own = batches[draw, line]
            totals[2, draw] += len(reference.minima([math.fsum(loss[i, batch]) for i, batch in enumerate(own)]))
            totals[3, draw] += len(reference.nngpps([math.fsum(slope[i, batch]) for i, batch in enumerate(own)]))
    assert [found.true_minima[1, 1], found.true_nngpps[1, 1]] == totals[:2, 0].tolist()
    np.testing.assert_array_equal(found.minima[1, 1], totals[2])
    np.testing.assert_array_equal(found.nngpps[1, 1], totals[3])
    assert totals[2].std() > 0


def test_a_start_point_without_a_gradient_is_left_out(few_line_draws_here):
    """At start point 3 every ReLU is off."""
    spec = ReplicationSpec(domain="local", seeds=4, line_points=12, seed=3)
    result = run_replication(spec, device="cpu")
    relu = PAPER_ACTIVATIONS.index("relu")
    assert (~result.usable).nonzero()[0].tolist() == [3]
    assert (~result.usable).nonzero()[1].tolist() == [relu]
    for name in COUNTS:
        assert not getattr(result, name)[3, relu].any()
        assert getattr(result, name)[3, relu - 1].any()
    needing = [("relu" in claim.needs) for claim in claims_about("local")]
    assert (result.holds[:, 3] < 0).tolist() == (result.own_holds < 0).tolist() == needing
    assert (result.holds[:, :3] >= 0).all()

    row = result.rows()[relu]
    assert (row.activation, row.usable) == ("relu", 3)
    assert row.minima.ours is row.minima.over_batches is None
    assert row.minima.over_starts.count == 3 * replication.DRAWS
    for verdict, undecided in zip(result.verdicts(), needing, strict=True):
        assert (verdict.own is None) == undecided
        assert verdict.share.count == (3 if undecided else 4)


def test_without_any_usable_start_point(replicated):
    nowhere = replace(
        replicated,
        usable=np.zeros((5, 6), dtype=bool),
        own_usable=np.zeros(6, dtype=bool),
        holds=np.full_like(replicated.holds, -1),
    )
    for row in nowhere.rows():
        assert row.usable == 0
        assert row.nngpps == replication.Count(row.nngpps.paper, None, None, None)
    assert {verdict.share for verdict in nowhere.verdicts()} == {None}


def test_the_same_twice_is_the_same_bytes(replicated):
    assert storage.to_bytes(run_replication(replicated.spec, device="cpu")) == storage.to_bytes(replicated)


def test_more_start_points_change_no_other(replicated):
    fewer = run_replication(replicated.spec.replace(seeds=2, seed=0), device="cpu")
    for name in ("usable", *COUNTS):
        np.testing.assert_array_equal(getattr(fewer, name), getattr(replicated, name)[:2])
    np.testing.assert_array_equal(fewer.holds, replicated.holds[:, :2])


def test_rows_against_plain_loops(replicated):
    for index, row in enumerate(replicated.rows()):
        published = paper.find_row(replicated.spec.domain, row.activation)
        assert (row.activation, row.usable) == (PAPER_ACTIVATIONS[index], sum(replicated.usable[:, index]))
        seeds = [seed for seed in range(5) if replicated.usable[seed, index]]
        for count, number, own, many in (
            (row.true_optima, published.true_optima, None, [replicated.true_minima[z, index] for z in seeds]),
            (
                row.minima,
                published.minima,
                replicated.own_minima,
                [v for z in seeds for v in replicated.minima[z, index]],
            ),
            (
                row.nngpps,
                published.nngpps,
                replicated.own_nngpps,
                [v for z in seeds for v in replicated.nngpps[z, index]],
            ),
        ):
            assert count.paper == number
            assert count.ours == (replicated.own_true_minima[index] if own is None else own[index, 0])
            assert_among(count.over_starts, number, many)
            if own is None:
                assert count.over_batches is None
            else:
                assert_among(count.over_batches, number, own[index].tolist())


def quantile(values, percent):
    """The first in order at which so many of a hundred, or more, are counted."""
    return next(value for place, value in enumerate(sorted(values), 1) if 100 * place >= percent * len(values))


def assert_among(found, number, many):
    assert found.count == len(many)
    assert found.mean == pytest.approx(sum(map(int, many)) / len(many))
    assert found.low == quantile(many, 2.5)
    assert found.high == quantile(many, 97.5)
    assert found.inside == (found.low <= number <= found.high)
    ranks = sum(1.0 if value < number else 0.5 if value == number else 0.0 for value in many)
    assert found.percentile == pytest.approx(100 * ranks / len(many))


def test_verdicts_against_plain_loops(replicated):
    verdicts = replicated.verdicts()
    assert [verdict.claim for verdict in verdicts] == list(claims_about(replicated.spec.domain))
    for verdict, own, holds in zip(verdicts, replicated.own_holds, replicated.holds, strict=True):
        assert verdict.own == {-1: None, 0: False, 1: True}[int(own)]
        decided = [value for value in holds if value >= 0]
        assert (verdict.share.held, verdict.share.count) == (sum(decided), len(decided))


def test_progress_is_reported_and_can_stop(few_line_draws_here):
    told = []
    run_replication(ReplicationSpec(seeds=3, line_points=5), device="cpu", progress=lambda *what: told.append(what))
    shares = [share for share, _ in told]
    assert shares == sorted(shares)
    assert len(set(shares)) == len(shares) == 4
    assert shares[-1] == 1.0
    assert [what for _, what in told] == ["Drawing mini-batches", *["Comparing start points"] * 3]

    class EnoughError(Exception):
        pass

    def stop(share, _):
        if share > 0.5:
            raise EnoughError

    with pytest.raises(EnoughError):
        run_replication(ReplicationSpec(seeds=3, line_points=5), device="cpu", progress=stop)


def test_an_unknown_device():
    with pytest.raises(SpecError) as caught:
        run_replication(ReplicationSpec(), device="abacus")
    assert str(caught.value) == "device: got 'abacus'; allowed: auto, cpu, cuda (or cuda:1 and so on) or mps"


def test_too_much_is_refused_at_once():
    with pytest.raises(BudgetError) as caught:
        run_replication(ReplicationSpec(seeds=10_000, line_points=200))
    assert str(caught.value) == (
        "needs 7,200,720,000 evaluations of the network; the limit is 4,000,000,000. "
        "Lower the start points or the points on a line."
    )
    with pytest.raises(BudgetError) as caught:
        run_replication(ReplicationSpec(seeds=1, line_points=100_000))
    assert str(caught.value) == (
        "needs 7,200,000,000 bytes of sample table; the limit is 4,294,967,296. "
        "Lower the start points or the points on a line."
    )
    replication.check(ReplicationSpec(seeds=10_000))


def test_other_settings(few_line_draws_here):
    changes = {"scaling": "raw", "output_activation": "linear", "dtype": "float32", "batch_size": 150}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = run_replication(ReplicationSpec(seeds=2, line_points=12, **changes), device="cpu")
    assert result.usable.all()
    np.testing.assert_array_equal(result.minima, np.repeat(result.true_minima[..., None], replication.DRAWS, -1))
    np.testing.assert_array_equal(result.nngpps, np.repeat(result.true_nngpps[..., None], replication.DRAWS, -1))


def test_verdicts_of_smoothness_do_not_depend_on_the_precision(few_line_draws_here):
    for domain in ("global", "local"):
        smooth = [claim.name.endswith("-smooth") for claim in claims_about(domain)]
        single = run_replication(ReplicationSpec(domain=domain, seeds=4, dtype="float32"), device="cpu")
        assert (single.holds[smooth] == 1).all()


@pytest.mark.slow
@pytest.mark.parametrize("domain", ["global", "local"])
def test_all_the_papers_numbers_are_typical(monkeypatch, few_line_draws_here, domain):
    """Each of its counts lies within the central 95% of ours over sixty start points, directions and batches."""
    monkeypatch.setattr(replication, "claims_about", lambda _: ())  # their verdicts are not looked at
    result = run_replication(ReplicationSpec(domain=domain, seeds=60), device="cpu")
    rows = result.rows()
    assert [row.activation for row in rows] == [row.activation for row in paper.TABLES if row.domain == domain]
    assert [row.usable for row in rows] == [60, 60, 60, 55 if domain == "local" else 60, 60, 60]
    numbers = [(row.activation, count) for row in rows for count in (row.true_optima, row.minima, row.nngpps)]
    assert len(numbers) == 18
    for activation, count in numbers:
        assert count.over_starts.inside, (activation, count)
    for row in rows:
        assert row.true_optima.ours == row.true_optima.paper


def test_the_shares_behind_the_claims_are_those_of_fresh_mini_batches(monkeypatch):
    """NN-GPPs from shared mini-batches and minima from triples of draws, against many fresh draws at every point."""
    seen = {}
    monkeypatch.setattr(limits, "LINE_DRAWS", 1_000)
    monkeypatch.setattr(
        replication, "judge", lambda _, landscapes: seen.update(landscapes) or np.zeros(31, dtype=np.int8)
    )
    spec = ReplicationSpec(domain="global", seeds=1, line_points=15)
    run_replication(spec, device="cpu")
    for activation in ("sigmoid", "relu"):
        own = run(spec.study(activation, 0).replace(resolution=2, draws=0), device="cpu")
        features, draws = seen[activation], 1_000
        for shares, counts in ((features.minima, own.line_minima_counts), (features.nngpps, own.line_nngpp_counts)):
            error = counts.sum(1).std() / math.sqrt(draws)
            few = 8 * error if shares is features.minima else 0.0  # from ten draws of the loss alone
            assert abs(shares.sum() - counts.sum(1).mean()) < 5 * error + few
        np.testing.assert_allclose(features.minima, own.line_minima_chance, atol=0.35)
        np.testing.assert_allclose(features.nngpps[:, 1:], own.line_nngpp_chance[:, 1:], atol=0.06)
