"""Problems with many samples: in blocks of points, with the same bits as from whole tables."""

import numpy as np
import pytest
import torch
from reference_landscapes import make_logistic
from reference_results import assert_identical

from landscape_core import PROBLEMS, Problem, StudySpec, estimate, run, run_race, trace_race
from landscape_core.comparison import race_lines
from landscape_core.problems.mlp import MLPProblem
from landscape_core.statistics import sample_table, workload
from landscape_core.study import run as running
from landscape_core.study.plane import build_plane

LARGE = {"batch_size": 7, "resolution": 6, "line_points": 9, "draws": 3, "range": 2.0}


@pytest.fixture(scope="module")
def network():
    generator = np.random.default_rng(0)
    inputs = generator.standard_normal((1_100, 3))
    return MLPProblem.from_data(inputs, (inputs[:, 0] > 0).astype(int), hidden=(4,))


@pytest.mark.usefixtures("few_line_draws")
@pytest.mark.parametrize("sampling", ["without-replacement", "with-replacement", "epoch-shuffle"])
@pytest.mark.parametrize("samples", [60, 1_100])
def test_blocks_give_the_bits_of_whole_tables(monkeypatch, network, sampling, samples):
    spec = {**LARGE, "sampling": sampling, "max_samples": samples, "resolution": 36 if samples == 60 else 8}
    whole = run(network, **spec)
    monkeypatch.setattr(running, "STREAMED_BYTES", 0)
    monkeypatch.setattr(sample_table, "BLOCK_VALUES", 60 * 1_000 if samples == 60 else 1_100 * 40)
    seen = []
    assert_identical(run(network, progress=lambda done, _: seen.append(done), **spec), whole)
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


@pytest.mark.usefixtures("few_line_draws")
def test_tables_in_half_the_memory(monkeypatch, network):
    spec = StudySpec(**{**LARGE, "problem": "wine"})
    whole, half = running.tabulate_landscape(spec), running.tabulate_landscape(spec.replace(table_dtype="float32"))
    assert 2 * half.nbytes == whole.nbytes
    exact, near = (running.evaluate(one, two) for one, two in ((spec, whole), (half_spec(spec), half)))
    assert near.full_slope.dtype == np.float64
    for name in ("full_loss", "full_slope", "sd_slope", "sampled_mean_loss", "line_batch_slope"):
        wanted = getattr(exact, name)
        np.testing.assert_allclose(getattr(near, name), wanted, rtol=0, atol=1e-7 * np.abs(wanted).max())
        assert not np.array_equal(getattr(near, name), wanted)
    monkeypatch.setattr(running, "STREAMED_BYTES", 0)
    assert_identical(run(half_spec(spec)), near)


def half_spec(spec):
    return spec.replace(table_dtype="float32")


@pytest.mark.usefixtures("few_line_draws")
def test_a_run_of_a_large_study_keeps_no_table(monkeypatch, network):
    sizes = []
    tabulate = sample_table.tabulate

    def watched(*arguments, **options):
        table = tabulate(*arguments, **options)
        sizes.append(len(table))
        return table

    monkeypatch.setattr(sample_table, "tabulate", watched)
    monkeypatch.setattr(running, "STREAMED_BYTES", 0)
    monkeypatch.setattr(sample_table, "BLOCK_VALUES", 1_100 * 40)
    run(network, **{**LARGE, "resolution": 12})
    assert max(sizes) == 40
    assert sum(sizes) == 12**2 + 4 * 9


def test_a_race_evaluates_the_mini_batches_alone_where_samples_are_many(monkeypatch, network):
    race = {"methods": ("gols_i", "armijo"), "races": 4, "budget": 5, "batch_size": 8, "range": 3.0}
    found = run_race(network, **race)
    for method, trace in trace_race(network, 2, 1, **race).items():
        assert trace.stop == found.stops[1, race["methods"].index(method), 2]
    monkeypatch.setattr(race_lines, "SPARSE_SAMPLES", 2_000)
    all_samples = run_race(network, **race)
    np.testing.assert_allclose(found.stops, all_samples.stops, rtol=1e-9)
    np.testing.assert_array_equal(found.evaluations, all_samples.evaluations)


def test_an_estimate_is_a_chunk_of_points_and_the_draws(network):
    ticks = iter([0.0, 2.0])
    found = estimate(network, clock=lambda: next(ticks), **LARGE)
    chunk = workload.chunk_points(network)
    points = 6**2 + 4 * 9
    visits = 3 * (36 * (7 + 110) + 2_500) + 1_000 * (36 * (7 + 110) + 2_500) + 1_000 * 36
    assert found.seconds == pytest.approx(points * 2.0 / min(chunk, points) + 20e-9 * visits)
    assert found.nbytes > points * 1_100 * 24


def test_chunks_follow_from_the_work_of_a_point():
    assert build_plane(StudySpec(), "cpu").chunk == 100  # as ever: other chunks have other last bits
    digits = PROBLEMS["digits-mlp"].make(torch.float64, torch.device("cpu"))
    assert workload.count_bytes(digits) == 1797 * 6 * (32 + 10) * 8
    assert workload.chunk_points(digits) == 4
    assert workload.chunk_points(make_logistic()) == 500


def test_the_memory_of_a_module_is_counted_at_a_point():
    module = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
    inputs, targets = torch.randn(300, 64), torch.zeros(300, dtype=torch.long)
    problem = Problem.from_module(module, torch.nn.CrossEntropyLoss(), inputs, targets, check=False)
    values = 300 * (32 + 10) * 8
    assert 3 * values < workload.count_bytes(problem) < 60 * values
    assert workload.chunk_points(problem) < 50
    by_hand = MLPProblem.from_data(inputs.numpy(), targets.numpy() + np.arange(300) % 10, hidden=(32,))
    assert workload.estimate_seconds(problem) > 2 * workload.estimate_seconds(by_hand)


@pytest.mark.parametrize("points", [0.2, 1, 3, 7.9, 100, 640, 1_000, 2_999])
def test_chunks_divide_blocks(points):
    chunk = sample_table.round_chunk(points)
    assert chunk <= max(1, points)
    assert 1_000 % chunk == 0 or chunk % 1_000 == 0
