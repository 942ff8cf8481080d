"""A study in tiles, joined again: every array equal bit for bit."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from reference_results import assert_identical

from landscape_core import BudgetError, LandscapeError, SpecError, StudySpec, run, storage
from landscape_core.sampling import minibatches
from landscape_core.statistics import moments, sample_table
from landscape_core.statistics.sample_table import tabulate
from landscape_core.study import result, tiles
from landscape_core.study.tiles import TileSpec, frame_study, join_tiles, run_tile, split_study

LIMIT = 2**30
MIB = 2**20


def in_tiles(spec: StudySpec, edges: Sequence[int]) -> result.StudyResult:
    parts = [TileSpec(**spec.model_dump(), first=first, rows=last - first) for first, last in pairwise(edges)]
    return join_tiles(spec, run(frame_study(spec)), [run_tile(part, limit=LIMIT) for part in parts])


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch, few_line_draws: int) -> None:
    """Chunks and blocks so short that a small plane has many."""
    monkeypatch.setattr(sample_table, "CHUNK_VALUES", 150 * 7)
    for module in (tiles, moments):
        monkeypatch.setattr(module, "SIGN_ROWS_AT_A_TIME", 5)
    monkeypatch.setattr(minibatches, "BLOCK_ROWS", 90)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize("edges", [[0, 13], [0, 6, 13], [0, 1, 2, 12, 13], [0, 5, 9, 13], range(14)])
@pytest.mark.parametrize("angle", [45.0, 0.0, 90.0, -45.0, 200.0])
def test_any_tiles_make_the_whole(edges: Sequence[int], angle: float) -> None:
    spec = StudySpec(resolution=13, line_points=9, draws=4, slope_angle=angle)
    assert_identical(in_tiles(spec, edges), run(spec))


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(
    "fields",
    [
        {"draws": 0},
        {"draws": 1},
        {"draws": 53},
        {"batch_size": 1},
        {"batch_size": 149},
        {"batch_size": 130},
        {"batch_size": 150},
        {"batch_size": 150, "sampling": "with-replacement"},
        {"sampling": "with-replacement", "slope_angle": 0.0},
        {"sampling": "epoch-shuffle"},
        {"sampling": "epoch-shuffle", "slope_angle": 180.0},
        {"sampling": "epoch-shuffle", "batch_size": 4, "draws": 53},
        {"dtype": "float32"},
        {"activation": "relu", "domain": "local", "seed": 12735},
        {"activation": "elu", "scaling": "raw"},
        {"loss": "mse", "output_activation": "linear", "batch_seed": 7},
    ],
)
def test_whatever_is_asked_for(fields: dict[str, Any]) -> None:
    spec = StudySpec(**{"resolution": 12, "line_points": 9, "draws": 3, **fields})
    assert_identical(in_tiles(spec, [0, 5, 10, 12]), run(spec))


@pytest.mark.usefixtures("short")
def test_holes_stay_where_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    def with_holes(*arguments: Any, **options: Any) -> sample_table.SampleTable:
        table = tabulate(*arguments, **options)
        first, second = arguments[3].T
        for column in (table.loss, *table.slopes):
            column[(first > 5) & (first < 8) & (second < -4)] = np.nan
        return table

    monkeypatch.setattr(sample_table, "tabulate", with_holes)
    spec = StudySpec(resolution=13, line_points=9, draws=4)
    whole = run(spec)
    assert whole.holes > 3
    assert_identical(in_tiles(spec, [0, 2, 3, 13]), whole)


@pytest.mark.parametrize("edges", [[0, 37, 75], [0, 20, 21, 75]])
def test_as_they_are_computed_in_earnest(few_line_draws: int, edges: Sequence[int]) -> None:
    spec = StudySpec(resolution=75, line_points=9, draws=3)
    assert_identical(in_tiles(spec, edges), run(spec))
    tile = TileSpec(**spec.model_dump(), first=37, rows=10)
    assert tile.points("cpu") == range(2_000, 4_000)  # rows 36 to 47 are points 2,700 to 3,599
    assert tile.points("cuda") == range(75**2)


def test_a_split_covers_the_plane_and_fits(few_line_draws: int) -> None:
    spec = StudySpec(resolution=101, line_points=9, draws=2)
    assert split_study(spec, LIMIT) == []
    limit = 20 * MIB
    parts = split_study(spec, limit)
    assert len(parts) == 4
    assert {part.rows for part in parts} == {25, 26}
    for part in parts:
        tiles.check_tile(part, limit)
    computed = [run_tile(part, limit=limit) for part in parts]
    whole = run(spec)
    assert_identical(join_tiles(spec, run(frame_study(spec), limit=limit), computed), whole)
    assert_identical(run(spec, limit=limit), whole)


def test_one_table_is_held_at_a_time(monkeypatch: pytest.MonkeyPatch, few_line_draws: int) -> None:
    """A run in tiles never holds more than one tile's table, and reports its progress as one run."""
    alive: list[weakref.ref[sample_table.SampleTable]] = []
    most = 0

    def watched(*arguments: Any, **options: Any) -> sample_table.SampleTable:
        nonlocal most
        table = tabulate(*arguments, **options)
        alive.append(weakref.ref(table))
        most = max(most, sum(one() is not None and len(one().loss) > 1_000 for one in alive))
        return table

    monkeypatch.setattr(sample_table, "tabulate", watched)
    seen: list[float] = []
    run(StudySpec(resolution=101, line_points=9, draws=2), limit=20 * MIB, progress=lambda done, _: seen.append(done))
    assert len(alive) == 6
    assert most == 1
    assert min(seen) > 0
    assert seen[-1] == 1.0


def test_too_large_even_in_tiles_is_refused() -> None:
    with pytest.raises(BudgetError, match=r"the limit is 83,886,080\. Lower the resolution or the points on a line\."):
        split_study(StudySpec(resolution=200), 20 * MIB)
    with pytest.raises(BudgetError, match=r"the limit is 20,971,520\. Lower"):
        split_study(StudySpec(line_points=10_000), 20 * MIB)
    with pytest.raises(BudgetError, match="sample visits"):
        split_study(StudySpec(draws=10**6), LIMIT)
    with pytest.raises(BudgetError, match=r"the limit is 1,048,576\. Lower"):
        run_tile(TileSpec(resolution=100, rows=50), limit=MIB)


def test_a_tile_is_kept_like_a_study(few_line_draws: int) -> None:
    for draws in (0, 2):
        tile = run_tile(TileSpec(resolution=9, draws=draws, first=2, rows=3), limit=LIMIT)
        content = storage.to_bytes(tile)
        found = storage.from_bytes(content, tiles.TileResult)
        assert storage.to_bytes(found) == content
        assert found.spec == tile.spec
        assert tile.nbytes == (6 if draws == 0 else 14) * 3 * 9 * 8
        with pytest.raises(LandscapeError, match="not a study"):
            storage.from_bytes(content, result.StudyResult)
    with pytest.raises(LandscapeError, match=r"rows and points of a row; the description has \(4, 9\)"):
        storage.from_bytes(storage.to_bytes(replace(tile, spec=tile.spec.replace(rows=4))), tiles.TileResult)


def test_progress_and_stopping(few_line_draws: int) -> None:
    seen: list[tuple[str, float]] = []
    run_tile(
        TileSpec(resolution=9, draws=2, rows=3), limit=LIMIT, progress=lambda done, what: seen.append((what, done))
    )
    assert seen[-1] == ("Drawing mini-batches", 1.0)
    assert ("Evaluating the network", 1.0) in seen

    def stop(_share: float, _what: str) -> None:
        raise KeyError("stop")

    with pytest.raises(KeyError, match="stop"):
        run_tile(TileSpec(resolution=9, draws=2, rows=3), limit=LIMIT, progress=stop)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"first": -1}, "first: got -1; allowed: a whole number from 0: a row of the plane"),
        ({"rows": 0}, "rows: got 0; allowed: a whole number from 1, up to the last row of the plane"),
        ({"first": 7, "rows": 3}, "rows: got 3; allowed: rows of the plane: it has 9, and the first is 7"),
        ({"rows": 1.5}, "rows: got 1.5; allowed: a whole number from 1, up to the last row of the plane"),
        ({"resolution": 1}, "resolution: got 1; allowed: a whole number from 2 to 10,000"),
    ],
)
def test_what_is_no_tile_is_said(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError) as caught:
        TileSpec(**{"resolution": 9, **fields})
    assert str(caught.value) == message


def test_only_what_belongs_together_is_joined(few_line_draws: int) -> None:
    spec = StudySpec(resolution=9, line_points=9, draws=0)
    lines = run(frame_study(spec))
    first, last = (
        run_tile(TileSpec(**spec.model_dump(), first=begin, rows=rows), limit=LIMIT) for begin, rows in ((0, 4), (4, 5))
    )
    for some in ([], [last], [first], [last, first], [first, first]):
        with pytest.raises(LandscapeError, match="the tiles do not cover the 9 rows of the plane, one after another"):
            join_tiles(spec, lines, some)
    for other in ((spec.replace(seed=1), lines), (spec, run(frame_study(spec.replace(seed=1))))):
        with pytest.raises(LandscapeError, match="the parts are of different studies"):
            join_tiles(*other, [first, last])
    for stranger in (replace(last, device="cuda"), replace(last, versions={**last.versions, "torch": "1"})):
        with pytest.raises(LandscapeError, match="let all workers be alike"):
            join_tiles(spec, lines, [first, stranger])
