"""The engine against the 36 numbers that Kafka & Wilke (2019) published."""

import numpy as np
import pytest

from landscape_core import NumericalError, StudySpec, paper, run, study

SETTINGS = [pytest.param(row, id=f"{row.domain}-{row.activation}") for row in paper.TABLES]
SEEDS = range(100)
WITHOUT_GRADIENT = {("local", "relu"): [3, 17, 18, 34, 38, 62, 76, 85]}
"""Start points at which every ReLU is off for every flower, so that there is no direction of steepest descent."""


def totals(row, seed, batch_seed):
    """True minima, true NN-GPPs, minima and NN-GPPs over the four lines."""
    spec = StudySpec(
        domain=row.domain,
        activation=row.activation,
        batch_size=paper.BATCH_SIZE,
        seed=seed,
        batch_seed=batch_seed,
        resolution=2,
        draws=0,
    )
    result = run(spec, device="cpu")
    return [int(mask.sum()) for mask in (result.true_minima, result.true_nngpps, result.minima, result.nngpps)]


@pytest.fixture(scope="module")
def one_line_draw():
    """Only draw 0 is looked at here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(study, "LINE_DRAWS", 1)
        yield


@pytest.fixture(scope="module")
def over_seeds(one_line_draw):
    """For each setting the four totals of every seed, and the seeds that have no gradient."""
    found, skipped = {}, {}
    for row in paper.TABLES:
        setting = row.domain, row.activation
        found[setting], skipped[setting] = [], []
        for seed in SEEDS:
            try:
                found[setting].append(totals(row, seed, batch_seed=seed))
            except NumericalError:
                skipped[setting].append(seed)
    return {setting: np.array(rows) for setting, rows in found.items()}, skipped


def test_the_tables_are_complete():
    activations = ["sigmoid", "tanh", "softsign", "relu", "leaky_relu", "elu"]
    assert [(row.domain, row.activation) for row in paper.TABLES] == [
        (domain, activation) for domain in ("global", "local") for activation in activations
    ]
    assert [row.true_optima for row in paper.TABLES] == [4, 4, 4, 8, 8, 4, 4, 4, 4, 5, 5, 4]
    assert [row.minima for row in paper.TABLES] == [128, 126, 117, 104, 101, 99, 117, 130, 123, 105, 124, 121]
    assert [row.nngpps for row in paper.TABLES] == [17, 23, 5, 13, 17, 5, 37, 12, 11, 26, 28, 16]


def test_a_row_by_its_setting():
    assert paper.row("local", "relu") == paper.TableRow("local", "relu", 5, 105, 26)
    assert paper.row("global", "gelu") is None


def test_the_selected_seed_is_the_default():
    assert StudySpec().seed == paper.SELECTED_SEED
    assert StudySpec().batch_size == paper.BATCH_SIZE


@pytest.mark.usefixtures("one_line_draw")
@pytest.mark.parametrize("row", SETTINGS)
def test_the_selected_seed_has_the_papers_true_optima(row):
    true_minima, true_nngpps, minima, nngpps = totals(row, paper.SELECTED_SEED, batch_seed=0)
    assert true_minima == true_nngpps == row.true_optima
    assert minima > 10 * row.true_optima
    assert nngpps < minima / 2


@pytest.mark.parametrize("row", SETTINGS)
def test_the_papers_counts_are_among_ours(row, over_seeds):
    """Each of the paper's counts lies within the central 95 % of ours over a hundred start points and batches."""
    found = over_seeds[0][row.domain, row.activation]
    published = [row.true_optima, row.true_optima, row.minima, row.nngpps]
    low, high = np.percentile(found, [2.5, 97.5], axis=0)
    assert (low <= published).all(), (low, published)
    assert (published <= high).all(), (published, high)


def test_few_start_points_have_no_gradient(over_seeds):
    assert {setting: seeds for setting, seeds in over_seeds[1].items() if seeds} == WITHOUT_GRADIENT
