"""Studies that are too large are refused."""

import pytest

from landscape_core import BudgetError, StudySpec, run
from landscape_core.statistics import sample_table
from landscape_core.study import limits
from landscape_core.study.limits import check
from landscape_core.study.run import tabulate_landscape
from landscape_core.study.tiles import MOST_TILES

pytestmark = pytest.mark.usefixtures("few_line_draws")


def test_too_large_a_table_is_refused_before_anything_is_computed(monkeypatch):
    monkeypatch.setattr(sample_table, "tabulate", lambda *_, **__: pytest.fail("computed"))
    spec = StudySpec(resolution=1_000, line_points=50, draws=0)
    needed = (1_000**2 + 4 * 50) * 150 * 3 * 8 + 2 * 50 * 4 * 50 * 8
    lines = (2**2 + 4 * 50) * 150 * 3 * 8 + 2 * 50 * 4 * 50 * 8
    at_most = needed // MOST_TILES * 2  # each tile takes half of what is allowed
    for limit, bytes_, allowed in ((0, lines, 0), (at_most - 2, needed, MOST_TILES * (at_most // 2 - 1))):
        with pytest.raises(BudgetError) as caught:
            run(spec, device="cpu", limit=limit)
        assert str(caught.value) == (
            f"needs {bytes_:,} bytes of sample tables and kept draws; the limit is {allowed:,}. "
            "Lower the resolution or the points on a line."
        )
    check(spec, needed)
    check(spec.replace(dtype="float32"), needed // 2)
    for draws, kept in ((1, 1), (50, 50), (51, 50)):
        more = needed + kept * 1_000**2 * 8
        check(spec.replace(draws=draws), more)
        with pytest.raises(BudgetError):
            check(spec.replace(draws=draws), more - 1)
    with pytest.raises(BudgetError):
        run(StudySpec(resolution=10_000), device="cpu")


def test_too_many_draws_are_refused(monkeypatch):
    monkeypatch.setattr(limits, "LINE_DRAWS", 1_000)
    spec = StudySpec(resolution=100, line_points=100, batch_size=10, draws=79_118)
    check(spec)
    with pytest.raises(BudgetError) as caught:
        check(spec.replace(draws=79_119))
    assert str(caught.value) == (
        "needs 20,000,047,500 sample visits; the limit is 20,000,000,000. "
        "Lower the draws, the batch size or the resolution."
    )


def test_the_full_batch_is_not_drawn_and_costs_little():
    spec = StudySpec(draws=15_000)
    with pytest.raises(BudgetError):
        check(spec.replace(batch_size=149))
    check(spec.replace(batch_size=150))


def test_landscape_counts_its_memory(small):
    landscape = tabulate_landscape(small, device="cpu")
    assert landscape.nbytes == (25 + 4 * 9) * 150 * 3 * 8
