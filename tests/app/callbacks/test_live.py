"""Sample tables as the browser takes them."""

from __future__ import annotations

from base64 import b64decode
from contextlib import closing
from typing import Any

import numpy as np
import pytest

from app.callbacks.live import describe
from app.jobs import small_tasks
from app.jobs.service import Service
from app.jobs.small_tasks import COARSE, SMALL_KINDS, TablesPart
from app.plotting.model import Chart
from app.plotting.plotly.charts import chart_figure
from app.settings import Settings
from app.state.view_state import ViewState
from app.views import VIEWS
from landscape_core import LandscapeError, StudySpec, run
from landscape_core.geometry import grid
from landscape_core.study.plane import build_plane

SPEC = StudySpec(activation="tanh", seed=3, resolution=9, line_points=7, batch_size=20, slope_angle=30.0)


@pytest.fixture
def service(settings: Settings) -> Any:
    with closing(Service(settings)) as made:
        yield made


def asked(spec: StudySpec) -> dict[str, Any]:
    return ViewState(spec).to_dict()


def decode(text: str, points: int) -> np.ndarray:
    return np.frombuffer(b64decode(text), dtype="<f4").reshape(points, -1)


@pytest.mark.parametrize("way", ["with-replacement", "epoch-shuffle"])
def test_the_browser_draws_without_replacement_alone(service: Service, way: str) -> None:
    sent = describe(service, asked(SPEC.replace(sampling=way)), "lines")
    assert set(sent) == {"for", "free"}
    assert sent["for"]["sampling"] == way


def test_lines_have_losses_and_their_own_slopes(service: Service) -> None:
    sent = describe(service, asked(SPEC), "lines")
    along = grid.axis(SPEC.range, 7)
    assert sent["positions"] == along.tolist()
    assert sent["points"] == list(range(28))
    assert (sent["among"], sent["samples"]) == (28, 150)
    loss, slope = (decode(table, 28) for table in sent["tables"])
    plane = build_plane(SPEC)
    for number, line in enumerate(grid.LINES):
        table = plane.table(along[:, None] * line.unit)
        own = slice(7 * number, 7 * number + 7)
        np.testing.assert_allclose(loss[own], table.loss.numpy(), rtol=1e-6)
        np.testing.assert_allclose(slope[own], table.slope(line.unit).numpy(), rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("resolution", [9, COARSE, 77])
def test_a_coarse_plane_has_points_of_the_whole_one(service: Service, resolution: int) -> None:
    spec = SPEC.replace(resolution=resolution)
    sent = describe(service, asked(spec), "plane")
    side = min(resolution, COARSE)
    assert len(sent["positions"]) == side
    assert (sent["positions"][0], sent["positions"][-1]) == (-spec.range, spec.range)
    assert sent["among"] == resolution**2
    whole = grid.plane(grid.axis(spec.range, resolution))
    coordinates = whole[sent["points"]]
    np.testing.assert_array_equal(coordinates, grid.plane(np.array(sent["positions"])))
    found = [decode(table, side**2) for table in sent["tables"]]
    some = [0, side, side**2 - 1]
    table = build_plane(spec).table(coordinates[some])
    for values, expected in zip(found, (table.loss, *table.slopes), strict=True):
        np.testing.assert_allclose(values[some], expected.numpy(), rtol=1e-5, atol=1e-8)


def test_lines_come_with_their_true_optima(service: Service) -> None:
    """In all digits of the engine: rounded to 32 bits a flat line would have optima that it has not."""
    result = run(SPEC, device="cpu")
    sent = describe(service, asked(SPEC), "lines")["true"]
    for lines, found in zip(sent, (result.true_minima, result.true_nngpps), strict=True):
        assert lines == [np.flatnonzero(line).tolist() for line in found]
    assert any(map(any, sent))
    assert describe(service, asked(SPEC), "plane")["true"] == []


def test_tables_say_what_they_are_for(service: Service) -> None:
    sent = describe(service, asked(SPEC), "lines")
    assert sent["for"] == SPEC.model_dump(mode="json")  # as the page has what it shows
    assert set(sent["free"]) == {"batch_size", "batch_seed", "draws", "slope_angle", "resolution"}
    plane = describe(service, asked(SPEC), "plane")["free"]
    assert set(plane) == {"batch_size", "batch_seed", "draws", "slope_angle", "line_points"}


@pytest.mark.parametrize("part", ["lines", "plane"])
def test_tables_do_not_depend_on_what_they_are_free_of(service: Service, part: TablesPart) -> None:
    spec = SPEC.replace(problem="two-moons", activation="sigmoid")
    sent = describe(service, asked(spec), part)
    others = {"batch_size": 3, "batch_seed": 5, "draws": 7, "slope_angle": 10.0, "resolution": 11, "line_points": 9}
    same = describe(service, asked(spec.replace(**{name: others[name] for name in sent["free"]})), part)
    assert sent["tables"] == same["tables"]
    assert sent["samples"] == 200


def test_tables_that_a_browser_cannot_hold_are_not_sent(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(small_tasks, "MOST_BYTES", 28 * 150 * 8 - 1)
    assert set(describe(service, asked(SPEC), "lines")) == {"for", "free"}
    monkeypatch.setattr(small_tasks, "MOST_BYTES", 28 * 150 * 8)
    assert "tables" in describe(service, asked(SPEC), "lines")


@pytest.mark.parametrize("forged", [None, [], {}, {"spec": {"seed": "x"}}, {"spec": None, "view": "compare"}])
def test_what_is_no_request_is_refused(service: Service, forged: object) -> None:
    with pytest.raises(LandscapeError):
        describe(service, forged, "plane")


def test_the_server_draws_what_the_browser_cannot(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it does, Play is not there."""
    assert not VIEWS["compare"].waits(SPEC)
    assert VIEWS["compare"].waits(SPEC.replace(sampling="with-replacement"))
    assert VIEWS["tables"].waits(SPEC)
    monkeypatch.setattr(small_tasks, "MOST_BYTES", 28 * 150 * 8)  # enough for the lines alone
    assert VIEWS["compare"].waits(SPEC)


FOUR = [(line.name, (0.0, 0.0), line.angle) for line in grid.LINES]


@pytest.mark.parametrize(
    ("view", "expected"),
    [
        ("compare", FOUR),
        ("counts", FOUR),
        ("static", [("", (0.0, 0.0), 90.0)]),
        ("variance", [("", (0.0, 0.0), 90.0)]),
        ("explore", [("", (3.0, 0.0), 30.0)]),
    ],
)
def test_positions_in_charts_lie_on_lines_of_the_plane(view: str, expected: list[Any]) -> None:
    """The page marks them on surfaces and maps."""
    request = ViewState(SPEC.replace(draws=2), view, line="d2", through_d1=3.0, angle=30.0)
    needs = VIEWS[view].needs(request)
    results = {need: run(need, device="cpu") for need in needs if isinstance(need, StudySpec)}
    results |= {need: SMALL_KINDS[type(need)].run(need, "cpu") for need in needs if type(need) in SMALL_KINDS}
    shown = [panel.picture for panel in VIEWS[view].draw(request, results).values()]
    charts = [picture for picture in shown if isinstance(picture, Chart) and "along the line" in picture.x_title]
    assert charts
    for chart in charts:
        for line, (group, through, angle) in zip(chart.along, expected, strict=True):
            assert line.group == group
            assert line.through == pytest.approx(through, abs=1e-12)
            assert line.unit == pytest.approx(tuple(grid.unit(angle)), abs=1e-12)
    assert chart_figure(charts[0], "light")["layout"]["meta"]["along"][0]["group"] == expected[0][0]
