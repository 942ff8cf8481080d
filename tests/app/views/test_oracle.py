"""The oracle's view: the whole line for the browser, which samples made a point, and what is refused."""

from __future__ import annotations

import base64
import json
from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest
from drawing import draw_view

from app.callbacks.choice import choose
from app.callbacks.oracle import WAIT, made, whole_line
from app.callbacks.render import draw
from app.jobs.service import Service
from app.page import ids
from app.page.oracle_panels import STAGES
from app.page.rail.boxes import list_hidden_fields
from app.page.rail.parts import DEFAULTS, FIELDS, VIEW_DEFAULTS
from app.panels import oracle as panels
from app.state.permalink import parse, write
from app.state.view_state import ViewState
from app.views import VIEWS
from landscape_core import LandscapeError, SpecError, StudyResult, StudySpec
from landscape_core.geometry.grid import LINE_NAMES
from landscape_core.paper.sampling_oracle import evaluate_quadratics, evaluate_samples, oracle, oracle_of_quadratics
from landscape_core.problems.datasets import IRISES
from landscape_core.study import limits

SPEC = StudySpec(resolution=4, line_points=40, draws=0)
TOY = ViewState(SPEC, "oracle", oracle="quadratics")


def floats(array: dict[str, str]) -> np.ndarray:
    return np.frombuffer(base64.b64decode(array["bdata"]), dtype=np.float32)


def members(line: dict[str, Any]) -> np.ndarray:
    rows = np.frombuffer(base64.b64decode(line["members"]), dtype=np.uint8).reshape(line["points"], -1)
    return np.unpackbits(rows, axis=1, count=line["samples"], bitorder="little").astype(bool)


def trace(line: dict[str, Any], quantity: str, role: str) -> tuple[dict[str, Any], list[int]]:
    chart = line["charts"][quantity]
    at = chart["roles"].index(role)
    return chart["figure"]["data"][at], chart["known"][at]


def words(component: Any) -> str:
    return json.dumps(component.to_plotly_json(), default=lambda one: one.to_plotly_json(), ensure_ascii=False)


@pytest.fixture
def kept(service: Service, monkeypatch: pytest.MonkeyPatch) -> StudyResult:
    """A study that the service has."""
    monkeypatch.setattr(limits, "LINE_DRAWS", 20)
    return service.compute(SPEC, lambda *_: None)  # type: ignore[return-value]  # a study's result


@pytest.mark.parametrize("line", LINE_NAMES)
def test_the_browser_gets_draw_0_of_the_study(service: Service, kept: StudyResult, line: str) -> None:
    sent = whole_line(service, ViewState(SPEC, "oracle", line=line), "light", None)
    assert sent is not None
    index, shown = LINE_NAMES.index(line), oracle(kept, line)
    np.testing.assert_array_equal(members(sent), shown.members)
    for quantity, batch, full, found, true in (
        ("loss", kept.line_batch_loss, kept.line_full_loss, kept.minima, kept.true_minima),
        ("slope", kept.line_batch_slope, kept.line_full_slope, kept.nngpps, kept.true_nngpps),
    ):
        drawn, known = trace(sent, quantity, "drawn")
        np.testing.assert_array_equal(floats(drawn["x"]), kept.positions.astype(np.float32))
        np.testing.assert_array_equal(floats(drawn["y"]), batch[index].astype(np.float32))
        assert known == list(range(1, 41))
        reference, always = trace(sent, quantity, "reference")
        np.testing.assert_array_equal(floats(reference["y"]), full[index].astype(np.float32))
        assert (reference["line"]["dash"], set(always)) == ("dash", {0})
        places, known = trace(sent, quantity, "found")
        np.testing.assert_array_equal(floats(places["x"]), kept.positions[found[index]].astype(np.float32))
        assert known == (np.flatnonzero(found[index]) + (2 if quantity == "loss" else 1)).tolist()
        assert len(floats(trace(sent, quantity, "true")[0]["x"])) == true[index].sum()
        assert sent["counts"][quantity]["found"][-1] == found[index].sum()
        assert sent["counts"][quantity]["true"][-1] == true[index].sum()
        assert sent["counts"][quantity]["noise"][-1] == ("12.7" if quantity == "loss" else "9.8")
        assert {len(column) for column in sent["counts"][quantity].values()} == {41}
    assert len(sent["said"]) == 41


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("source", ["network", "quadratics"])
def test_its_charts_are_plotlys_and_hold_all_that_will_be_seen(
    service: Service, kept: StudyResult, source: str, theme: Any
) -> None:
    sent = whole_line(service, ViewState(SPEC, "oracle", oracle=source), theme, None)  # type: ignore[arg-type]
    assert sent is not None
    json.dumps(sent, allow_nan=False)
    for chart in sent["charts"].values():
        go.Figure(chart["figure"])
        assert len(chart["roles"]) == len(chart["known"]) == len(chart["figure"]["data"])
        low, high = chart["figure"]["layout"]["yaxis"]["range"]
        for role, one in zip(chart["roles"], chart["figure"]["data"], strict=True):
            values = floats(one["y"])
            if role != "model" and len(values):
                assert low < values.min()
                assert values.max() < high
        for known in chart["known"]:
            assert known == sorted(known)


@pytest.mark.parametrize("size", [1, 10, 75, 149, 150])
def test_it_is_small(service: Service, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(limits, "LINE_DRAWS", 2)
    spec = StudySpec(resolution=2, draws=0, batch_size=size)
    service.compute(spec, lambda *_: None)
    sent = whole_line(service, ViewState(spec, "oracle"), "light", None)
    assert len(json.dumps(sent).encode()) < 40_000


def test_it_is_sent_once(service: Service, kept: StudyResult) -> None:
    asked = ViewState(SPEC, "oracle")
    sent = whole_line(service, asked, "light", None)
    assert sent is not None
    changes: list[dict[str, Any]] = [{}, {"step": 7}, {"reference": "hidden"}]
    for change in changes:
        assert whole_line(service, asked.replace(**change), "light", sent["key"]) is None
    for change in ({"line": "d2"}, {"oracle": "quadratics"}):
        assert whole_line(service, asked.replace(**change), "light", sent["key"]) is not None
    dark = whole_line(service, asked, "dark", sent["key"])
    assert dark is not None
    assert (dark["about"], dark["key"] == sent["key"]) == (sent["about"], False)
    large = whole_line(service, asked, "light", sent["key"], projector=True)
    assert large is not None
    assert (large["about"], large["key"] == sent["key"]) == (sent["about"], False)
    sizes = [one["charts"]["loss"]["figure"]["layout"]["font"]["size"] for one in (sent, large)]
    assert sizes[1] > sizes[0]
    assert whole_line(service, asked.replace(view="compare"), "light", None) is None
    assert whole_line(service, ViewState(SPEC.replace(seed=1), "oracle"), "light", None) is None  # not yet


def test_the_four_parabolas_need_no_study(service: Service) -> None:
    assert draw(service, TOY).pending is None
    sent = whole_line(service, TOY, "light", None)
    assert sent is not None
    assert (sent["samples"], sent["size"], sent["names"]) == (4, 1, ("A", "B", "C", "D"))
    np.testing.assert_array_equal(members(sent), oracle_of_quadratics(40, 0).members)
    assert sent["charts"]["loss"]["roles"][:4] == ["model"] * 4


def test_what_is_said_is_what_has_just_been_proved(kept: StudyResult) -> None:
    line = oracle(kept, "d1")
    said = panels.said(line, panels.words("network", "d1", IRISES))
    assert said[0].startswith("The urn holds 150 samples. Step: the oracle draws 10 of the 150")
    for index in range(40):
        one = said[index + 1]
        assert one.startswith(f"Point {index + 1}: ")
        proved = index > 0 and kept.minima[0][index - 1]
        assert (f"the loss of point {index} is below both neighbours: a minimum is declared" in one) == proved
        assert ("an NN-GPP is declared" in one) == kept.nngpps[0][index]


def test_a_line_with_holes_is_told(kept: StudyResult) -> None:
    line = oracle(kept, "d1")
    line.loss[3] = line.slope[3] = np.nan  # the array is this test's own
    spoken = panels.words("network", "d1", IRISES)
    assert panels.said(line, spoken)[4] == "Point 4: no finite value."
    assert "no finite value" in panels.explained(line, 3, 40, evaluate_samples(SPEC, "d1", 3), spoken)


def test_the_samples_that_made_a_minimum(service: Service, kept: StudyResult) -> None:
    line, asked = oracle(kept, "d2"), ViewState(SPEC, "oracle", line="d2").to_dict()
    index = int(np.flatnonzero(line.minima)[0])
    point = evaluate_samples(SPEC, "d2", index)
    drawn = np.flatnonzero(line.members[index])
    told = words(made(service, {"point": index, "step": index + 2}, asked))
    names = [str(sample + 1) for sample in drawn]
    assert f"A minimum: {line.loss[index]:.3g} is below {line.loss[index - 1]:.3g} before" in told
    assert f"because here samples {', '.join(names[:-1])} and {names[-1]} were drawn" in told
    below = int((point.loss[drawn] < point.loss.mean()).sum())
    assert f"{below} of these 10 are below the mean of all 150" in told
    # before the next point is drawn nobody knows
    assert "A minimum" not in words(made(service, {"point": index, "step": index + 1}, asked))
    rows = panels.rows(line, index, point, panels.words("network", "d2", IRISES))
    assert [row.loss for row in rows] == sorted(row.loss for row in rows)
    samples = {row.name: row for row in rows if row.kind}
    assert set(samples) == set(names)
    for sample in drawn:
        row = samples[str(sample + 1)]
        assert (row.loss, row.slope) == (point.loss[sample], point.slope[sample])
        assert row.kind == ("setosa", "versicolor", "virginica")[sample // 50]
    means = {row.name: row.loss for row in rows if not row.kind}
    assert means == {"mean of all 150": line.full_loss[index], "mean of these 10": line.loss[index]}
    assert np.mean([row.loss for row in samples.values()]) == pytest.approx(line.loss[index], abs=1e-12)


def test_the_parabola_that_made_an_nngpp(service: Service) -> None:
    line = oracle_of_quadratics(40, 0)
    index = int(np.flatnonzero(line.nngpps)[0])
    told = words(made(service, {"point": index, "step": index + 1}, TOY.to_dict()))
    letter = "ABCD"[int(np.flatnonzero(line.members[index])[0])]
    assert "An NN-GPP: the slope has turned from −" in told
    assert f"parabola {letter} was drawn" in told
    assert len(panels.rows(line, index, evaluate_quadratics(40, index), panels.words("quadratics", "d1", ()))) == 2


def test_the_full_batch_explains_itself(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "LINE_DRAWS", 2)
    spec = SPEC.replace(batch_size=150)
    service.compute(spec, lambda *_: None)
    told = words(made(service, {"point": 3, "step": 9}, ViewState(spec, "oracle").to_dict()))
    assert "All 150 samples were drawn: this is the full batch." in told
    assert "mean of these" not in told


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ([], "asked: got []; allowed: an object with point and step"),
        ("x", "asked: got 'x'; allowed: an object with point and step"),
        ({"point": 1}, "asked: got {'point': 1}; allowed: an object with point and step"),
        ({"point": True, "step": 3}, "point: got True; allowed: a whole number"),
        ({"point": 1.5, "step": 3}, "point: got 1.5; allowed: a whole number"),
        ({"point": {"$ne": 1}, "step": 3}, "point: got {'$ne': 1}; allowed: a whole number"),
        ({"point": 1, "step": None}, "step: got None; allowed: a whole number"),
        ({"point": -1, "step": 3}, "point: got -1; allowed: a whole number from 0 to 39"),
        ({"point": 40, "step": 3}, "point: got 40; allowed: a whole number from 0 to 39"),
        ({"point": 10**30, "step": 3}, f"point: got {10**30}; allowed: a whole number from 0 to 39"),
    ],
)
def test_a_forged_question_is_refused(service: Service, kept: StudyResult, asked: object, said: str) -> None:
    for request in (ViewState(SPEC, "oracle"), TOY):
        with pytest.raises(SpecError) as caught:
            made(service, asked, request.to_dict())
        assert str(caught.value) == said


def test_a_forged_request_is_refused(service: Service) -> None:
    whole = ViewState(SPEC, "oracle").to_dict()
    for body in (None, [], {**whole, "oracle": "urn"}, {**whole, "reference": 1}, {**whole, "step": -1}):
        with pytest.raises(SpecError):
            made(service, {"point": 0, "step": 1}, body)


def test_a_point_of_a_study_that_is_not_there(service: Service) -> None:
    with pytest.raises(LandscapeError, match=WAIT):
        made(service, {"point": 0, "step": 1}, ViewState(SPEC, "oracle").to_dict())
    assert "Click a point" in words(made(service, None, ViewState(SPEC, "oracle").to_dict()))


def test_too_long_a_line_is_said_at_its_control(service: Service) -> None:
    start = {name: getattr(DEFAULTS, name) for name in FIELDS}
    for source in ("network", "quadratics"):
        look = {**VIEW_DEFAULTS, "view": "oracle", "oracle": source}
        answer = choose(service, ids.LINE_POINTS, {**start, "line_points": 2_001}, look)
        assert answer["request"] is None
        assert answer["errors"] == {"line_points": "Allowed: at most 2,000 here: they are drawn one by one"}
    long = ViewState(SPEC.replace(line_points=2_001), "oracle", oracle="quadratics").to_dict()
    with pytest.raises(SpecError, match="at most 2,000"):
        made(service, {"point": 0, "step": 1}, long)


def test_the_link_says_whose_urn_and_how_far() -> None:
    request = ViewState(StudySpec(), "oracle", line="d2", step=17, oracle="quadratics", reference="hidden")
    link = write(request)
    assert link == "?view=oracle&line=d2&step=17&oracle=quadratics&reference=hidden&v=1"
    assert parse(link) == request
    for bad, said in (("oracle=urn", "network, quadratics"), ("reference=no", "shown, hidden"), ("step=-1", "from 0")):
        with pytest.raises(SpecError, match=said):
            parse(f"?view=oracle&{bad}")


def test_its_choices_are_unseen_elsewhere() -> None:
    assert {ids.ORACLE, ids.REFERENCE, ids.STEP} <= list_hidden_fields("compare")
    assert not {ids.ORACLE, ids.REFERENCE, ids.STEP} & list_hidden_fields("oracle")


def test_every_live_panel_has_its_parts() -> None:
    live = {(one.name, panel) for one in VIEWS.values() for panel, kind in one.panels.items() if kind == "live"}
    assert {panel for panel in STAGES if panel[0] == "oracle"} == {panel for panel in live if panel[0] == "oracle"}


@pytest.mark.parametrize("step", [0, 1, 17, 40, 1_000])
def test_what_is_drawn_without_a_browser_is_the_state_after_so_many_draws(kept: StudyResult, step: int) -> None:
    shown = draw_view(ViewState(SPEC, "oracle", step=step), {SPEC: kept})
    assert set(shown) == set(VIEWS["oracle"].panels)
    count = min(step, 40)
    (field,) = shown["loss"].picture.fields  # type: ignore[union-attr]  # a chart
    named = {item.name: item for item in field.items}
    assert len(named["drawn"].x) == count
    minima = kept.minima[0]
    assert len(named["minima declared"].x) == minima[: max(0, count - 1)].sum()
    assert f"{minima[: max(0, count - 1)].sum()} minima declared" in shown["loss"].sentence
    assert len(shown["urn"].picture.rows) == count  # type: ignore[union-attr]  # a table
    assert len(shown["made"].picture.rows) == (12 if count else 0)  # type: ignore[union-attr]
    alone = draw_view(ViewState(SPEC, "oracle", step=step, reference="hidden"), {SPEC: kept})["loss"]
    (field,) = alone.picture.fields  # type: ignore[union-attr]
    assert {item.name for item in field.items} == {"drawn", "minima declared"}
    assert "full batch" not in alone.sentence
