"""Many start points, against single studies, plain loops and the 36 numbers of the paper."""

import importlib.util
import inspect
import io
import json
import math
import warnings
from dataclasses import fields, replace

import numpy as np
import oracle
import pytest

from landscape_core import (
    BudgetError,
    LandscapeError,
    SpecError,
    StudyResult,
    StudySpec,
    claims,
    intervals,
    measured,
    paper,
    questions,
    run,
    storage,
    study,
    typical,
    typical_spec,
)
from landscape_core.directions import DOMAINS
from landscape_core.randomness import Purpose
from landscape_core.sampling import Batches, urn
from landscape_core.typical import ACTIVATIONS, TypicalResult, run_typical
from landscape_core.typical_spec import FIELDS, TypicalSpec

SMALL = {"seeds": 5, "line_points": 12, "seed": 7, "batch_seed": 40}
COUNTS = ("true_minima", "true_nngpps", "minima", "nngpps")


@pytest.fixture(scope="module")
def few_line_draws_here():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study, "LINE_DRAWS", 20)
        yield


@pytest.fixture(scope="module", params=["global", "local"])
def result(request, few_line_draws_here):
    return run_typical(TypicalSpec(domain=request.param, **SMALL), device="cpu")


# the description


def test_the_default_is_the_papers():
    spec = TypicalSpec()
    assert spec.fields() == {
        "seeds": 200,
        "domain": "global",
        "seed": paper.SELECTED_SEED,
        "batch_seed": 0,
        "line_points": 100,
        "batch_size": paper.BATCH_SIZE,
        "scaling": "authors",
        "output_activation": "same",
        "dtype": "float64",
    }
    assert (spec.domain, spec.seed) == ("global", paper.SELECTED_SEED)
    assert ACTIVATIONS == ("sigmoid", "tanh", "softsign", "relu", "leaky_relu", "elu")


def test_fields_mean_what_they_mean_in_a_study():
    changes = {
        "domain": "local",
        "seed": 3,
        "batch_seed": 5,
        "line_points": 30,
        "batch_size": 20,
        "scaling": "raw",
        "output_activation": "linear",
        "dtype": "float32",
    }
    assert set(changes) == set(FIELDS)
    spec = TypicalSpec(seeds=9, **changes)
    assert spec.study("elu") == StudySpec(activation="elu", **changes)
    assert spec.study("relu", 4) == StudySpec(activation="relu", **{**changes, "seed": 4, "batch_seed": 10})
    assert TypicalSpec.from_json(spec.to_json()) == spec
    assert json.loads(spec.to_json()) == spec.fields()
    assert len({spec, TypicalSpec(seeds=9, **changes), spec.replace(seeds=10)}) == 2


def test_mini_batches_are_nobody_elses():
    spec = TypicalSpec(batch_seed=100)
    seeds = [spec.study("tanh", seed).batch_seed for seed in (None, *range(200))]
    assert seeds == list(range(100, 301))
    assert TypicalSpec(batch_seed=2**53 - 1).study("tanh", 2).batch_seed == 2


def test_keys_follow_the_description():
    keys = {TypicalSpec(**change).key() for change in ({}, {"seeds": 9}, {"domain": "local"}, {"batch_seed": 1})}
    assert len(keys) == 4
    assert TypicalSpec().key() == TypicalSpec(seeds=200).key()
    assert TypicalSpec().key().startswith("typical-")


@pytest.mark.parametrize("index", range(3))
def test_a_key_changes_with_the_code_that_decides(monkeypatch, tmp_path, index):
    deciding = list(typical_spec.DECIDING)
    assert deciding == [measured, questions, claims]
    source, before = inspect.getsource(deciding[index]), TypicalSpec().key()
    for name, text, same in (
        ("copied", source, True),
        ("changed", source.replace("0.6", "0.7").replace("0.5", "0.6"), False),
    ):
        (tmp_path / f"{name}.py").write_text(text)
        found = importlib.util.spec_from_file_location(name, tmp_path / f"{name}.py")
        deciding[index] = importlib.util.module_from_spec(found)
        monkeypatch.setattr(typical_spec, "DECIDING", tuple(deciding))
        assert (TypicalSpec().key() == before) == same


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seeds": 0}, "seeds: got 0; allowed: a whole number from 1 to 10,000"),
        ({"seeds": 10_001}, "seeds: got 10001; allowed: a whole number from 1 to 10,000"),
        ({"seeds": True}, "seeds: got True; allowed: a whole number from 1 to 10,000"),
        ({"seeds": "9"}, "seeds: got '9'; allowed: a whole number from 1 to 10,000"),
        ({"seed": -1}, "seed: got -1; allowed: a whole number from 0 to 9,007,199,254,740,991"),
        ({"domain": "polar"}, "domain: got 'polar'; allowed: one of global, local"),
        ({"batch_size": 151}, "batch_size: got 151; allowed: a whole number from 1 to 150 (all samples)"),
        (
            {"activation": "relu"},
            "activation: got 'relu'; allowed: nothing: a description of many start points has the fields seeds, domain, "
            "seed, batch_seed, line_points, batch_size, scaling, output_activation, dtype",
        ),
    ],
)
def test_fields_that_are_not_allowed(change, message):
    with pytest.raises(SpecError) as caught:
        TypicalSpec(**change)
    assert str(caught.value) == message


def test_a_domain_that_the_paper_has_not(monkeypatch):
    monkeypatch.setitem(DOMAINS, "polar", DOMAINS["global"])
    with pytest.raises(SpecError) as caught:
        TypicalSpec(domain="polar")
    assert str(caught.value) == "domain: got 'polar'; allowed: one of global, local"


@pytest.mark.parametrize(("text", "shown"), [("[]", "[]"), ("{", "'{'"), ("[" * 50_000, "'" + "[" * 78 + "…")])
def test_texts_that_are_no_description(text, shown):
    with pytest.raises(SpecError) as caught:
        TypicalSpec.from_json(text)
    assert str(caught.value) == (
        f"spec: got {shown}; allowed: a JSON object with the fields of a description of many start points"
    )


# the numbers


def test_the_shown_start_point_is_a_study(result):
    for index, activation in enumerate(ACTIVATIONS):
        own = run(result.spec.study(activation).replace(resolution=2, draws=0), device="cpu")
        assert result.own_true_minima[index] == own.true_minima.sum()
        assert result.own_true_nngpps[index] == own.true_nngpps.sum()
        np.testing.assert_array_equal(result.own_minima[index], own.line_minima_counts.sum(1))
        np.testing.assert_array_equal(result.own_nngpps[index], own.line_nngpp_counts.sum(1))
        assert (result.own_minima[index, 0], result.own_nngpps[index, 0]) == (own.minima.sum(), own.nngpps.sum())


def test_each_of_the_many_is_a_study(result):
    for seed, index in ((0, 1), (2, 3), (4, 4)):
        own = run(result.spec.study(ACTIVATIONS[index], seed).replace(resolution=2, draws=0), device="cpu")
        assert result.true_minima[seed, index] == own.true_minima.sum()
        assert result.true_nngpps[seed, index] == own.true_nngpps.sum()
        np.testing.assert_array_equal(result.minima[seed, index], own.line_minima_counts[: typical.DRAWS].sum(1))
        np.testing.assert_array_equal(result.nngpps[seed, index], own.line_nngpp_counts[: typical.DRAWS].sum(1))


def test_shapes(result):
    number = len(claims.of(result.spec.domain))
    assert result.usable.shape == result.true_minima.shape == result.true_nngpps.shape == (5, 6)
    assert result.minima.shape == result.nngpps.shape == (5, 6, typical.DRAWS)
    assert result.own_minima.shape == result.own_nngpps.shape == (6, 20)
    assert (result.holds.shape, result.own_holds.shape) == ((number, 5), (number,))
    assert set(np.unique(result.holds)) <= {-1, 0, 1}
    assert result.device == "cpu"
    assert result.versions == study.versions()
    assert result.nbytes == sum(v.nbytes for v in vars(result).values() if isinstance(v, np.ndarray))


def test_one_start_point_against_the_oracle(few_line_draws_here):
    found = run_typical(TypicalSpec(seeds=2, line_points=6, domain="local", batch_size=3), device="cpu")
    start, pair, inputs, targets = oracle.setting("local", "tanh", seed=1)
    root = math.sqrt(0.5)
    batches = urn(Batches(3, 2, Purpose.LINES), range(typical.DRAWS), 24, 150)[:, :3].reshape(-1, 4, 6, 3)
    totals = np.zeros((4, typical.DRAWS), dtype=int)
    for line, (cos, sin) in enumerate([(1, 0), (0, 1), (root, root), (root, -root)]):
        points = [(s * cos, s * sin) for s in np.linspace(-2.0, 2.0, 6)]
        loss, first, second = oracle.table(start, pair, points, "tanh", "tanh", inputs, targets)
        slope = cos * first + sin * second
        totals[0] += len(oracle.minima([math.fsum(row) for row in loss]))
        totals[1] += len(oracle.nngpps([math.fsum(row) for row in slope]))
        for draw in range(typical.DRAWS):
            own = batches[draw, line]
            totals[2, draw] += len(oracle.minima([math.fsum(loss[i, batch]) for i, batch in enumerate(own)]))
            totals[3, draw] += len(oracle.nngpps([math.fsum(slope[i, batch]) for i, batch in enumerate(own)]))
    assert [found.true_minima[1, 1], found.true_nngpps[1, 1]] == totals[:2, 0].tolist()
    np.testing.assert_array_equal(found.minima[1, 1], totals[2])
    np.testing.assert_array_equal(found.nngpps[1, 1], totals[3])
    assert totals[2].std() > 0


def test_a_start_point_without_a_gradient_is_left_out(few_line_draws_here):
    """At start point 3 every ReLU is off."""
    spec = TypicalSpec(domain="local", seeds=4, line_points=12, seed=3)
    result = run_typical(spec, device="cpu")
    relu = ACTIVATIONS.index("relu")
    assert (~result.usable).nonzero()[0].tolist() == [3]
    assert (~result.usable).nonzero()[1].tolist() == [relu]
    for name in COUNTS:
        assert not getattr(result, name)[3, relu].any()
        assert getattr(result, name)[3, relu - 1].any()
    needing = [("relu" in claim.needs) for claim in claims.of("local")]
    assert (result.holds[:, 3] < 0).tolist() == (result.own_holds < 0).tolist() == needing
    assert (result.holds[:, :3] >= 0).all()

    row = result.rows()[relu]
    assert (row.activation, row.usable) == ("relu", 3)
    assert row.minima.ours is row.minima.over_batches is None
    assert row.minima.over_starts.count == 3 * typical.DRAWS
    for verdict, undecided in zip(result.verdicts(), needing, strict=True):
        assert (verdict.own is None) == undecided
        assert verdict.share.count == (3 if undecided else 4)


def test_without_any_usable_start_point(result):
    nowhere = replace(
        result,
        usable=np.zeros((5, 6), dtype=bool),
        own_usable=np.zeros(6, dtype=bool),
        holds=np.full_like(result.holds, -1),
    )
    for row in nowhere.rows():
        assert row.usable == 0
        assert row.nngpps == typical.Count(row.nngpps.paper, None, None, None)
    assert {verdict.share for verdict in nowhere.verdicts()} == {None}


def test_the_same_twice_is_the_same_bytes(result):
    assert storage.to_bytes(run_typical(result.spec, device="cpu")) == storage.to_bytes(result)


def test_more_start_points_change_no_other(result):
    fewer = run_typical(result.spec.replace(seeds=2, seed=0), device="cpu")
    for name in ("usable", *COUNTS):
        np.testing.assert_array_equal(getattr(fewer, name), getattr(result, name)[:2])
    np.testing.assert_array_equal(fewer.holds, result.holds[:, :2])


# rows and verdicts


def test_rows_against_plain_loops(result):
    for index, row in enumerate(result.rows()):
        published = paper.row(result.spec.domain, row.activation)
        assert (row.activation, row.usable) == (ACTIVATIONS[index], sum(result.usable[:, index]))
        seeds = [seed for seed in range(5) if result.usable[seed, index]]
        for count, number, own, many in (
            (row.true_optima, published.true_optima, None, [result.true_minima[z, index] for z in seeds]),
            (row.minima, published.minima, result.own_minima, [v for z in seeds for v in result.minima[z, index]]),
            (row.nngpps, published.nngpps, result.own_nngpps, [v for z in seeds for v in result.nngpps[z, index]]),
        ):
            assert count.paper == number
            assert count.ours == (result.own_true_minima[index] if own is None else own[index, 0])
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


def test_the_ends_of_the_central_95_percent_are_inside():
    many = np.repeat([1, 2, 3, 4], [24, 1, 950, 25])
    assert [intervals.among(number, many).inside for number in range(6)] == [False, False, True, True, False, False]
    found = intervals.among(2, many)
    assert (found.low, found.high) == (2, 3)
    assert found.percentile < 2.5  # those that are equal count by half


def test_verdicts_against_plain_loops(result):
    verdicts = result.verdicts()
    assert [verdict.claim for verdict in verdicts] == list(claims.of(result.spec.domain))
    for verdict, own, holds in zip(verdicts, result.own_holds, result.holds, strict=True):
        assert verdict.own == {-1: None, 0: False, 1: True}[int(own)]
        decided = [value for value in holds if value >= 0]
        assert (verdict.share.held, verdict.share.count) == (sum(decided), len(decided))


@pytest.mark.parametrize(("held", "count"), [(0, 1), (1, 1), (0, 200), (200, 200), (7, 10), (188, 200), (1, 3)])
def test_wilsons_interval(held, count):
    from scipy.stats import binomtest

    found = intervals.share(np.array([1] * held + [0] * (count - held) + [-1] * 4, dtype=np.int8))
    interval = binomtest(held, count).proportion_ci(0.95, method="wilson")
    assert (found.held, found.count, found.share) == (held, count, held / count)
    assert found.low == pytest.approx(interval.low, abs=1e-12)
    assert found.high == pytest.approx(interval.high, abs=1e-12)
    assert 0 <= found.low <= found.share <= found.high <= 1


def test_nothing_among_nothing():
    assert intervals.among(3, np.array([], dtype=int)) is None
    assert intervals.share(np.array([-1, -1], dtype=np.int8)) is None
    assert intervals.among(5, np.array([7])) == intervals.Among(1, 7.0, 7, 7, False, 0.0)
    assert intervals.among(7, np.array([7])).percentile == 50.0


# running


def test_progress_is_reported_and_can_stop(few_line_draws_here):
    told = []
    run_typical(TypicalSpec(seeds=3, line_points=5), device="cpu", progress=lambda *what: told.append(what))
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
        run_typical(TypicalSpec(seeds=3, line_points=5), device="cpu", progress=stop)


def test_an_unknown_device():
    with pytest.raises(SpecError) as caught:
        run_typical(TypicalSpec(), device="abacus")
    assert str(caught.value) == "device: got 'abacus'; allowed: auto, cpu, cuda (or cuda:1 and so on) or mps"


def test_too_much_is_refused_at_once():
    with pytest.raises(BudgetError) as caught:
        run_typical(TypicalSpec(seeds=10_000, line_points=200))
    assert str(caught.value) == (
        "needs 7,200,720,000 evaluations of the network; the limit is 4,000,000,000. "
        "Lower the start points or the points on a line."
    )
    with pytest.raises(BudgetError) as caught:
        run_typical(TypicalSpec(seeds=1, line_points=100_000))
    assert str(caught.value) == (
        "needs 7,200,000,000 bytes of sample table; the limit is 4,294,967,296. "
        "Lower the start points or the points on a line."
    )
    typical.check(TypicalSpec(seeds=10_000))


def test_other_settings(few_line_draws_here):
    changes = {"scaling": "raw", "output_activation": "linear", "dtype": "float32", "batch_size": 150}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = run_typical(TypicalSpec(seeds=2, line_points=12, **changes), device="cpu")
    assert result.usable.all()
    np.testing.assert_array_equal(result.minima, np.repeat(result.true_minima[..., None], typical.DRAWS, -1))
    np.testing.assert_array_equal(result.nngpps, np.repeat(result.true_nngpps[..., None], typical.DRAWS, -1))


def test_verdicts_of_smoothness_do_not_depend_on_the_precision(few_line_draws_here):
    for domain in ("global", "local"):
        smooth = [claim.name.endswith("-smooth") for claim in claims.of(domain)]
        single = run_typical(TypicalSpec(domain=domain, seeds=4, dtype="float32"), device="cpu")
        assert (single.holds[smooth] == 1).all()


# storage


def test_round_trip(tmp_path, result):
    for again in (
        storage.from_bytes(storage.to_bytes(result), TypicalResult),
        storage.load(storage.save(result, tmp_path / "typical"), TypicalResult),
    ):
        for field in fields(TypicalResult):
            first, second = getattr(again, field.name), getattr(result, field.name)
            if isinstance(first, np.ndarray):
                assert (first.dtype, first.shape, first.tobytes()) == (second.dtype, second.shape, second.tobytes())
            else:
                assert first == second
        assert again.rows() == result.rows()


@pytest.fixture
def arrays(result):
    with np.load(io.BytesIO(storage.to_bytes(result))) as stored:
        return dict(stored)


def refusal(arrays, kind=TypicalResult):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    with pytest.raises(LandscapeError) as caught:
        storage.from_bytes(buffer.getvalue(), kind)
    return str(caught.value)


def test_one_kind_is_not_the_other(arrays):
    assert refusal(arrays, StudyResult) == (
        f"the stored result is not a study saved by Batchscape (seeds: got 5; allowed: nothing: a study has the fields "
        f"{', '.join(StudySpec.model_fields)})"
    )
    del arrays["spec"]
    assert refusal(arrays) == (
        "the stored result is not a comparison of start points saved by Batchscape ('spec is not a file in the archive')"
    )


@pytest.mark.parametrize("name", [field.name for field in fields(TypicalResult) if field.type not in {"str"}][2:])
def test_missing_arrays(arrays, name):
    del arrays[name]
    assert refusal(arrays).endswith(f"(missing or of the wrong shape or type: {name})")


@pytest.mark.parametrize(
    ("name", "array", "named"),
    [
        ("usable", np.ones((5, 6), dtype=np.int8), "usable"),
        ("usable", np.ones((4, 6), dtype=bool), "true_minima, true_nngpps, minima, nngpps, holds"),
        ("minima", np.zeros((5, 6, 3), dtype=np.int32), "nngpps"),
        ("nngpps", np.zeros((5, 6, 10)), "nngpps"),
        ("own_minima", np.zeros((5, 20), dtype=np.int32), "own_minima"),
        ("own_holds", np.zeros(3, dtype=np.int8), "own_holds"),
    ],
)
def test_arrays_of_the_wrong_shape_or_type(arrays, name, array, named):
    assert refusal({**arrays, name: array}).endswith(f"(missing or of the wrong shape or type: {named})")


def test_arrays_that_do_not_fit_the_description(arrays, result):
    number = len(claims.of(result.spec.domain))
    arrays["spec"] = np.array(result.spec.replace(seeds=6).to_json())
    assert refusal(arrays).endswith(f"((5, {number}) start points and claims; the description has (6, {number}))")
    arrays["spec"] = np.array(result.spec.to_json())
    fewer = {**arrays, "holds": arrays["holds"][1:], "own_holds": arrays["own_holds"][1:]}
    assert refusal(fewer).endswith(f"((5, {number - 1}) start points and claims; the description has (5, {number}))")
    for name in ("minima", "own_minima"):
        pair = {name: arrays[name][..., :0], name.replace("minima", "nngpps"): arrays[name][..., :0]}
        assert refusal({**arrays, **pair}).endswith("(no draws)")
    values = {**arrays, "holds": np.full_like(arrays["holds"], 2)}
    assert refusal(values).endswith("(verdicts other than −1, 0 and 1)")


# the paper


@pytest.mark.parametrize("domain", ["global", "local"])
def test_all_the_papers_numbers_are_typical(monkeypatch, few_line_draws_here, domain):
    """Each of its counts lies within the central 95 % of ours over sixty start points, directions and batches."""
    monkeypatch.setattr(claims, "of", lambda _: ())  # their verdicts are not looked at
    result = run_typical(TypicalSpec(domain=domain, seeds=60), device="cpu")
    rows = result.rows()
    assert [row.activation for row in rows] == [row.activation for row in paper.TABLES if row.domain == domain]
    assert [row.usable for row in rows] == [60, 60, 60, 55 if domain == "local" else 60, 60, 60]
    numbers = [(row.activation, count) for row in rows for count in (row.true_optima, row.minima, row.nngpps)]
    assert len(numbers) == 18
    for activation, count in numbers:
        assert count.over_starts.inside, (activation, count)
    for row in rows:
        assert row.true_optima.ours == row.true_optima.paper
