"""The same study is the same in every bit, whatever else is computed."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from reference_results import assert_identical

from landscape_core import StudySpec, run, storage
from landscape_core.sampling import minibatches
from landscape_core.statistics import sample_table
from landscape_core.study.run import evaluate, tabulate_landscape

pytestmark = pytest.mark.usefixtures("few_line_draws")


@pytest.mark.parametrize(
    "change",
    [
        {"activation": "tanh"},
        {"output_activation": "linear"},
        {"domain": "local"},
        {"scaling": "raw"},
        {"range": 3.0},
        {"seed": 1},
        {"dtype": "float32"},
    ],
)
def test_what_makes_other_tables_makes_another_landscape(small, change):
    assert small.replace(**change).table_key() != small.table_key()
    assert not np.array_equal(run(small, device="cpu").full_loss, run(small.replace(**change), device="cpu").full_loss)


@pytest.mark.parametrize("change", [{"batch_seed": 1}, {"batch_size": 11}])
def test_other_batches_on_the_same_landscape(small, change):
    one, other = run(small, device="cpu"), run(small.replace(**change), device="cpu")
    np.testing.assert_array_equal(one.full_loss, other.full_loss)
    assert not np.array_equal(one.batch_loss, other.batch_loss)
    assert not np.array_equal(one.line_batch_loss, other.line_batch_loss)


@pytest.mark.parametrize("change", [{}, {"domain": "local", "activation": "relu"}, {"dtype": "float32", "draws": 0}])
def test_the_same_study_twice_is_identical(small, change):
    spec = small.replace(resolution=20, **change)
    one, other = run(spec, device="cpu"), run(StudySpec.from_json(spec.to_json()), device="cpu")
    assert_identical(one, other)
    assert storage.to_bytes(one) == storage.to_bytes(other)


@pytest.mark.parametrize("rows", [1, 60, 10**6])
def test_the_size_of_a_block_of_draws_changes_nothing(monkeypatch, small, rows):
    expected = run(small, device="cpu")
    monkeypatch.setattr(minibatches, "BLOCK_ROWS", rows)
    assert_identical(run(small, device="cpu"), expected)


def test_other_studies_in_between_change_nothing(small):
    before = run(small, device="cpu")
    for change in ({"activation": "elu"}, {"batch_size": 149}, {"seed": 5}, {"domain": "local"}):
        run(small.replace(**change), device="cpu")
    torch.rand(3)
    assert_identical(before, run(small, device="cpu"))


@pytest.mark.parametrize(
    "change", [{"batch_size": 1}, {"batch_size": 150}, {"draws": 0}, {"slope_angle": -10.0}, {"batch_seed": 9}]
)
def test_tables_shared_between_studies_change_nothing(small, change):
    other = small.replace(**change)
    assert other.table_key() == small.table_key()
    landscape = tabulate_landscape(small, device="cpu")
    assert_identical(evaluate(other, landscape), run(other, device="cpu"))
    assert_identical(evaluate(small, landscape), run(small, device="cpu"))


def test_progress_changes_nothing_and_grows_to_one(monkeypatch, small):
    monkeypatch.setattr(sample_table, "CHUNK_VALUES", 4 * 150)
    silent = run(small, device="cpu")
    seen = []
    told = run(small, device="cpu", progress=lambda share, what: seen.append((what, share)))
    assert_identical(silent, told)
    assert list(dict.fromkeys(what for what, _ in seen)) == ["Evaluating the network", "Drawing mini-batches"]
    for label in ("Evaluating the network", "Drawing mini-batches"):
        shares = [share for what, share in seen if what == label]
        assert shares == sorted(shares)
        assert len(shares) > 1
        assert shares[0] > 0
        assert shares[-1] == 1.0


class StopError(Exception):
    pass


@pytest.mark.parametrize("label", ["Evaluating the network", "Drawing mini-batches"])
def test_an_exception_in_progress_stops_the_study(small, label):
    seen = []

    def progress(share, what):
        seen.append(what)
        if what == label:
            raise StopError

    with pytest.raises(StopError):
        run(small, device="cpu", progress=progress)
    assert seen.count(label) == 1
    assert torch.is_grad_enabled()


@pytest.mark.parametrize("domain", ["global", "local"])
def test_no_global_state_is_touched(small, domain):
    def state():
        return (
            torch.get_rng_state().tolist(),
            str(np.random.get_state()),  # noqa: NPY002
            torch.get_num_threads(),
            torch.get_num_interop_threads(),
            torch.is_grad_enabled(),
            torch.is_inference_mode_enabled(),
            torch.get_default_dtype(),
            torch.get_default_device(),
            torch.are_deterministic_algorithms_enabled(),
            np.geterr(),
        )

    before = state()
    run(small.replace(domain=domain), device="cpu")
    assert state() == before


@pytest.mark.parametrize("domain", ["global", "local"])
@pytest.mark.parametrize("activation", ["sigmoid", "leaky_relu"])
def test_global_state_of_the_caller_has_no_say(small, domain, activation):
    spec = small.replace(domain=domain, activation=activation)
    expected = run(spec, device="cpu")
    with torch.no_grad():
        assert_identical(run(spec, device="cpu"), expected)
    torch.set_default_dtype(torch.float64)
    try:
        assert_identical(run(spec, device="cpu"), expected)
    finally:
        torch.set_default_dtype(torch.float32)
    state = np.random.get_state()  # noqa: NPY002
    np.random.seed(5)  # noqa: NPY002
    assert_identical(run(spec, device="cpu"), expected)
    np.random.set_state(state)  # noqa: NPY002


def test_studies_on_several_threads_at_once_are_those_of_one(small):
    specs = [
        small.replace(resolution=20, seed=seed, domain=domain) for seed in (0, 1) for domain in ("global", "local")
    ]
    alone = [run(spec, device="cpu") for spec in specs]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda spec: run(spec, device="cpu"), specs * 3))
    for one, other in zip(alone * 3, together, strict=True):
        assert_identical(one, other)
