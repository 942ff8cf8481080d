"""The race in the page: its tasks, its panels against the numbers of the engine, what is refused."""

from __future__ import annotations

import dataclasses
import json
import re
from contextlib import closing

import numpy as np
import plotly.graph_objects as go
import pytest

from app import ids
from app.callbacks.choose import choose, unchanged
from app.callbacks.compute import compute
from app.callbacks.draw import content, draw
from app.controls import DEFAULTS, FIELDS, LOOK
from app.figures import render
from app.links import parse, write
from app.panels import race as panels
from app.pictures import Bars, Chart, Drawn, Series, Table
from app.service import Service
from app.settings import Settings
from app.snippets import command
from app.state import RACES, Request, task_from, task_to_dict
from app.views import VIEWS
from app.views.race import STAGES
from landscape_core import SpecError, StudySpec, storage
from landscape_core.geometry import LINE_NAMES
from landscape_core.line_search import METHODS
from landscape_core.race import RaceResult, only, run_race, split, traces
from landscape_core.race_spec import RaceSpec
from landscape_core.training import TrainingResult, TrainingSpec, run_training

START = {name: getattr(DEFAULTS, name) for name in FIELDS}
START_REQUEST = Request(StudySpec(), "race")


def quiet(_share: float, _what: str) -> None:
    pass


@pytest.fixture(scope="module")
def whole() -> RaceResult:
    """A few races on all four lines."""
    return run_race(RaceSpec(races=6, budget=7), device="cpu")


@pytest.fixture(scope="module")
def lines(whole: RaceResult) -> dict[str, RaceResult]:
    return dict(zip(LINE_NAMES, split(whole), strict=True))


@pytest.fixture(scope="module")
def trained() -> TrainingResult:
    return run_training(TrainingSpec(evaluations=40), device="cpu")


def chart(drawn: Drawn) -> Chart:
    assert isinstance(drawn.picture, Chart)
    return drawn.picture


def table(drawn: Drawn) -> Table:
    assert isinstance(drawn.picture, Table)
    return drawn.picture


def test_a_line_alone_is_the_same_as_among_the_others(whole: RaceResult, lines: dict[str, RaceResult]) -> None:
    alone = run_race(whole.spec.replace(angles=whole.spec.angles[1:2]), device="cpu")
    assert storage.to_bytes(alone) == storage.to_bytes(lines["d2"])


def test_the_line_that_is_looked_at_comes_first() -> None:
    request = Request(StudySpec(activation="elu", batch_size=3), "race", line="d1+d2", budget=9)
    assert [task.angles for task in request.races.values()] == [(45.0,), (0.0,), (90.0,), (-45.0,)]
    assert next(iter(request.races)) == "d1+d2"
    for task in request.races.values():
        assert (task.base.activation, task.base.batch_size, task.budget, task.races) == ("elu", 3, 9, RACES)
    assert request.training.base.activation == "elu"


@pytest.mark.parametrize(
    ("stage", "kinds"), [("one", ["race"]), ("many", ["race"] * 4), ("train", ["training"])], ids=str
)
def test_what_each_stage_needs(stage: str, kinds: list[str]) -> None:
    request = Request(StudySpec(), "race", stage=stage)  # type: ignore[arg-type]
    tasks = VIEWS["race"].needs(request)
    assert [task_to_dict(task)["kind"] for task in tasks] == kinds
    for task in tasks:
        assert task_from(json.loads(json.dumps(task_to_dict(task)))) == task


def test_every_stage_is_drawn_as_far_as_the_results_go(trained: TrainingResult) -> None:
    request = Request(StudySpec(), "race", line="d2", budget=5, race=2)
    tasks = request.races
    first = run_race(tasks["d2"].replace(races=6), device="cpu")
    results = {tasks["d2"]: first, request.training: trained}
    for stage, names in STAGES.items():
        now = dataclasses.replace(request, stage=stage)
        assert VIEWS["race"].draw(now, {}) == {}
        shown = VIEWS["race"].draw(now, results)
        assert set(shown) == set(names)
        for name, kind in names.items():
            made = content(shown[name], "dark")
            if kind == "figure":
                go.Figure(made)  # raises on anything that Plotly does not know
                json.dumps(made, allow_nan=False)
    assert set(VIEWS["race"].panels) == {name for names in STAGES.values() for name in names}


@pytest.mark.parametrize("race", [0, 4])
def test_one_race_shows_every_evaluation_at_its_step(lines: dict[str, RaceResult], race: int) -> None:
    result = lines["d1"]
    found = traces(result.spec, race, device="cpu")
    picture = chart(panels.line(result, found, "d1", race))
    assert picture.steps is not None
    assert picture.steps.last == result.evaluations[0, :, race].max()
    lanes = [item for item in picture.fields[2].items if isinstance(item, Series) and item.reveal and item.mark]
    assert [lane.name for lane in lanes] == [method.label for method in METHODS.values()]
    assert len({lane.mark for lane in lanes}) == len({lane.style for lane in lanes}) == len(METHODS)
    for place, (lane, trace) in enumerate(zip(lanes, found.values(), strict=True)):
        assert lane.reveal is not None
        np.testing.assert_array_equal(lane.x[:-1:3], trace.positions)
        assert lane.reveal.since[:-1:3] == tuple(range(1, len(trace.positions) + 1))
        # the stop is the one of the many races, and appears with the last evaluation
        assert lane.x[-1] == trace.stop == result.stops[0, place, race]
        assert (lane.text[-1], lane.reveal.since[-1]) == ("stop", result.evaluations[0, place, race])
        # the number of the latest evaluation is never covered but by the stop
        for step in range(1, len(trace.positions)):
            shown = [
                words
                for words, since, until in zip(lane.text, lane.reveal.since, lane.reveal.until, strict=True)
                if words and since <= step < until
            ]
            assert shown[-1] == str(step)


def test_marks_on_the_curves_are_what_the_mini_batches_said(lines: dict[str, RaceResult]) -> None:
    result = lines["d2"]
    found = traces(result.spec, 1, device="cpu")
    loss, slope, _ = (
        {item.name: item for item in field.items if isinstance(item, Series) and item.reveal}
        for field in chart(panels.line(result, found, "d2", 1)).fields
    )
    assert set(loss) == {"Golden section", "Armijo", "Probabilistic"}
    assert set(slope) == {"GOLS-I", "GOLS-B", "GOLS-Max", "GOLS-Back", "Armijo", "Probabilistic"}
    count = len(found["gols_b"].slope)
    np.testing.assert_array_equal(slope["GOLS-B"].y[:count], found["gols_b"].slope)
    np.testing.assert_array_equal(loss["Armijo"].x, np.tile(found["armijo"].positions, 2))


def test_brackets_close_in_on_the_stop(lines: dict[str, RaceResult]) -> None:
    found = traces(lines["d1"].spec, 0, device="cpu")
    for name in ("gols_b", "golden_section"):
        trace = found[name]
        low, high = trace.low[:-1], trace.high[:-1]
        assert (np.diff(low) >= 0).all()
        assert (np.diff(high) <= 0).all()
        assert (low <= trace.stop).all()
        assert (trace.stop <= high).all()
        assert np.isnan(trace.low[-1])
    assert np.isnan(found["armijo"].low).all()


def test_words_tell_each_step_and_why_it_stopped(lines: dict[str, RaceResult]) -> None:
    result = lines["d1"]
    found = traces(result.spec, 0, device="cpu")
    steps = chart(panels.line(result, found, "d1", 0)).steps
    assert steps is not None
    for words, trace, row in zip(steps.words, found.values(), table(panels.methods(result, found)).rows, strict=True):
        assert len(words) == steps.last + 1
        assert words[0] == "–"
        assert words[-1].endswith(trace.status.value)
        assert row[2] == words[-1]
    assert [row[1] for row in table(panels.methods(result, found)).rows] == [
        f"{method.help} {method.source}." for method in METHODS.values()
    ]


def test_steps_go_to_the_browser_with_the_figure(lines: dict[str, RaceResult]) -> None:
    found = traces(lines["d1"].spec, 0, device="cpu")
    figure = render(chart(panels.line(lines["d1"], found, "d1", 0)), "light")
    assert figure["layout"]["meta"]["last"] == 7
    assert figure["layout"]["xaxis"]["fixedrange"]  # zoomed, Plotly draws fewer brackets than there are steps
    revealed = [trace for trace in figure["data"] if "meta" in trace]
    assert all(trace["hoverinfo"] == "skip" for trace in revealed)
    assert all(len(trace["meta"]["since"]) == len(trace["meta"]["until"]) for trace in revealed)
    other = render(chart(panels.line(lines["d1"], traces(lines["d1"].spec, 1, device="cpu"), "d1", 1)), "light")
    uids = [{trace["uid"] for trace in one["data"]} for one in (figure, other)]
    assert len(uids[0]) == len(figure["data"])
    assert not uids[0] & uids[1]  # of another race nothing is drawn into the marks of this one


def test_histograms_count_the_stops(lines: dict[str, RaceResult]) -> None:
    fields = chart(panels.stops(lines)).fields
    assert len(fields) == len(METHODS)
    result = lines["d1"]
    for place, field in enumerate(fields):
        bars, walls = field.items[:2]
        assert isinstance(bars, Bars)
        assert bars.y.sum() == result.spec.races
        low, high = result.positions[[0, -1]]
        counts, _ = np.histogram(np.clip(result.stops[0, place], low, high), panels.BINS, (low, high))
        np.testing.assert_array_equal(bars.y, counts)
        np.testing.assert_array_equal(walls.x[::3], result.optima)
        assert field.ticks is not None
        assert field.ticks[0][1] == panels.named(result.spec.methods[place])


@pytest.mark.parametrize("score", ["distance", "left_over"])
def test_medians_are_those_of_the_races(lines: dict[str, RaceResult], score: str) -> None:
    values = getattr(lines["d1"], score)[0]
    drawn = panels.spread(lines, score)  # type: ignore[arg-type]
    medians = [item for item in chart(drawn).fields[0].items if isinstance(item, Series) and item.mark]
    np.testing.assert_allclose([item.x[0] for item in medians], np.median(values, axis=1))
    best = list(METHODS.values())[int(np.median(values, axis=1).argmin())]
    assert drawn.note.startswith(f"Lowest median: {best.label}, ")


@pytest.mark.parametrize("score", ["distance", "left_over"])
def test_win_rates_are_those_of_the_races(whole: RaceResult, lines: dict[str, RaceResult], score: str) -> None:
    drawn = panels.rates(lines, score, LINE_NAMES)  # type: ignore[arg-type]
    rows = table(drawn).rows
    assert len(rows) == len(panels.OURS) * len(panels.RIVALS) == 12
    pairs = [(ours, rival) for ours in panels.OURS for rival in panels.RIVALS]
    for (ours, rival), row in zip(pairs, rows, strict=True):
        assert row[:2] == (panels.named(ours), panels.named(rival))
        for place, cell in zip((0, 1, 2, 3, None), row[2:], strict=True):
            share = whole.win_rate(ours, rival, score, place)  # type: ignore[arg-type]
            if share is None:
                assert cell == "–"
                continue
            mark = "▴" if share.low > 0.5 else "▾" if share.high < 0.5 else "="
            assert cell == f"{mark} {100 * share.share:.0f} ({100 * share.low:.0f}–{100 * share.high:.0f})"


def test_lines_still_to_come_and_the_worst_one_are_said(lines: dict[str, RaceResult]) -> None:
    known = lines["d1"]
    lost = dataclasses.replace(
        known, stops=np.zeros_like(known.stops), optima=np.array([5.0]), optima_line=np.array([0])
    )
    lost.stops[:, known.spec.methods.index("gols_b")] = -15.0
    lost.stops[:, known.spec.methods.index("golden_section")] = 5.0
    drawn = panels.rates({"d2": lost}, "distance", LINE_NAMES)
    assert "GOLS-B against golden section: d2 0%. " in drawn.note
    assert "Gradient-only loses most on d2 (1 true optimum): GOLS-B against " in drawn.note
    row = table(drawn).rows[3]
    assert row[:2] == ("■ GOLS-B", "► Golden section")
    assert row[2] == row[4] == row[5] == row[6] == "…"
    assert row[3].startswith("▾ 0 (0–")


def test_a_line_without_an_optimum_is_drawn(lines: dict[str, RaceResult]) -> None:
    none = dataclasses.replace(lines["d1"], optima=np.array([]), optima_line=np.array([], dtype=np.int32))
    assert panels.spread({"d1": none}, "distance").note == "There is no true optimum on this line."
    assert "no optimum" in panels.stops({"d1": none}).note
    assert table(panels.rates({"d1": none}, "distance", ("d1",))).rows[0][2:] == ("–",)
    found = traces(none.spec, 0, device="cpu")
    for drawn in (
        panels.line(none, found, "d1", 0),
        panels.spread({"d1": none}, "distance"),
        panels.stops({"d1": none}),
    ):
        go.Figure(content(drawn, "light"))


def test_training_shows_the_loss_of_every_run(trained: TrainingResult) -> None:
    drawn = panels.training(trained)
    (field,) = chart(drawn).fields
    assert field.log
    curves = [item for item in field.items if isinstance(item, Series) and item.mark is None]
    for curve, loss in zip(curves, trained.loss, strict=True):
        np.testing.assert_array_equal(curve.y, loss)
    rows = table(panels.runs(trained)).rows
    assert [row[2] for row in rows] == [f"{loss:.3g}" for loss in sorted(trained.loss[:, -1])]


def test_a_run_that_diverged_is_last(trained: TrainingResult) -> None:
    loss = trained.loss.copy()
    loss[0, 3:] = np.nan
    rows = table(panels.runs(dataclasses.replace(trained, loss=loss))).rows
    assert rows[-1][:1] + rows[-1][2:3] == (panels.named(trained.spec.runs[0]), "diverged")


def test_races_and_trainings_are_kept_like_a_study(
    service: Service, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for task, run in ((RaceSpec(races=2, budget=3), run_race), (TrainingSpec(evaluations=8), run_training)):
        assert service.cached(task) is None
        seen: list[float] = []
        computed = service.compute(task, lambda share, _, seen=seen: seen.append(share))
        assert storage.to_bytes(computed) == storage.to_bytes(run(task, device="cpu"))  # type: ignore[operator]
        assert seen[-1] == pytest.approx(1.0)
        with closing(Service(settings)) as other:
            found = other.cached(task)
        assert found is not None
        assert storage.to_bytes(found) == storage.to_bytes(computed)
        for name in ("race.run_race", "training.run_training"):
            monkeypatch.setattr(f"app.service.{name}", lambda *_, **__: pytest.fail("computed again"))
        assert service.compute(task, quiet) is computed
        monkeypatch.undo()


def test_cancelling_keeps_nothing(service: Service) -> None:
    def stop(_share: float, _what: str) -> None:
        raise KeyError("stop")

    for task in (RaceSpec(races=2, budget=3), TrainingSpec(evaluations=8)):
        with pytest.raises(KeyError, match="stop"):
            service.compute(task, stop)
        assert service.cached(task) is None


@pytest.mark.parametrize(
    ("kind", "fields", "said"),
    [
        ("race", {"races": 10_000, "angles": list(range(360))}, "evaluations"),
        ("race", {"budget": 101}, "budget: got 101; allowed: a whole number from 1 to 100"),
        ("race", {"methods": ["newton"]}, "methods: got ('newton',); allowed: different names out of gols_i"),
        ("race", {"resolution": 5}, "resolution: got 5; allowed: nothing"),
        ("training", {"evaluations": 0}, "evaluations: got 0; allowed: a whole number from 1"),
        ("training", {"domain": "global"}, "domain: got 'global'; allowed: nothing"),
    ],
)
def test_forged_tasks_are_refused(service: Service, kind: str, fields: dict, said: str) -> None:
    answer = compute(service, lambda _: None, {"kind": kind, "fields": fields})
    assert said in answer["error"]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stage", "five hundred"),
        ("stage", None),
        ("score", "speed"),
        ("race", RACES),
        ("race", -1),
        ("budget", True),
        ("race_step", 101),
        ("race_step", 2.0),
        ("racers", None),
        ("racers", []),
        ("racers", "gols_i"),
        ("racers", ["gols_i", 5]),
        ("racers", [["gols_i"]]),
        ("racers", ["gols_i", "gols_i"]),
    ],
)
def test_forged_requests_are_refused(field: str, value: object) -> None:
    with pytest.raises(SpecError, match=f"^{field}: got "):
        Request.from_dict({**Request(StudySpec(), "race").to_dict(), field: value})


@pytest.mark.parametrize(
    "query", ["?view=race&stage=x", "?view=race&race=500", "?view=race&score=1", "?view=race&budget=0"]
)
def test_bad_links_are_refused(query: str) -> None:
    with pytest.raises(SpecError):
        parse(query)


def test_links_bring_everything_back() -> None:
    request = Request(StudySpec(), "race", line="d1-d2", budget=30, race=12, stage="many", score="loss")
    assert write(request) == "?view=race&line=d1-d2&budget=30&race=12&stage=many&score=loss&v=1"
    assert parse(write(request)) == request
    request = dataclasses.replace(request, racers=("armijo", "gols_i"), race_step=7)
    assert write(request).endswith("&race=12&race_step=7&racers=gols_i,armijo&stage=many&score=loss&v=1")
    assert parse(write(request)) == request
    assert write(dataclasses.replace(START_REQUEST, racers=tuple(reversed(METHODS)))) == "?view=race&v=1"


@pytest.mark.parametrize("racers", [("armijo",), ("gols_b",), ("gols_i", "gols_b", "probabilistic"), tuple(METHODS)])
def test_only_the_chosen_searches_are_seen_anywhere(
    lines: dict[str, RaceResult], trained: TrainingResult, racers: tuple[str, ...]
) -> None:
    """In every picture, table, note and sentence; what is said of the others does not change."""
    request = dataclasses.replace(START_REQUEST, racers=racers)
    results = {**dict(zip(request.races.values(), lines.values(), strict=True)), request.training: trained}
    labels = {method.label: name for name, method in METHODS.items()}
    rows: dict[str, list[tuple[str, ...]]] = {}
    for stage, names in STAGES.items():
        shown, all_ = (
            VIEWS["race"].draw(dataclasses.replace(one, stage=stage), results)
            for one in (request, dataclasses.replace(request, racers=tuple(METHODS)))
        )
        for name in names:
            panel, whole_panel = shown[name], all_[name]
            go.Figure(content(panel, "light")) if names[name] == "figure" else content(panel, "light")
            words = " ".join([panel.note, panel.sentence])
            if isinstance(panel.picture, Table):
                rows[name] = list(panel.picture.rows)
                assert set(panel.picture.rows) <= set(whole_panel.picture.rows)  # type: ignore[union-attr]
                words += " ".join(" ".join(row) for row in panel.picture.rows)
            else:
                items = [item for field in chart(panel).fields for item in field.items]
                ticks = [tick for field in chart(panel).fields for tick in field.ticks or ()]
                words += " ".join([*(item.name for item in items), *(str(tick) for _, tick in ticks)])
                assert {labels[item.group] for item in items if item.group} == set(racers)
            for label, method in labels.items():
                assert method in racers or not re.search(rf"{label}\b", words), (name, label)
    assert len(rows["methods"]) == len(racers)
    assert len(rows["runs"]) == len(racers) + 3
    ours = [name for name in racers if name in panels.OURS]
    assert len(rows["rates"]) == len(ours) * (len(racers) - len(ours))


def test_without_a_pair_to_compare_it_is_said(lines: dict[str, RaceResult]) -> None:
    alone = {"d1": only(lines["d1"], ("gols_b", "gols_i"))}
    drawn = panels.rates(alone, "distance", LINE_NAMES)
    assert drawn.note == "Nothing to compare: show a gradient-only search and one that looks at the loss."


def test_a_step_is_in_the_link_and_draws_nothing_anew(service: Service) -> None:
    look = {**LOOK, "view": "race"}
    before = choose(service, ids.VIEW, START, look)
    stepped = choose(service, ids.RACE_AT_STEP, START, {**look, "race_step": 4})
    assert stepped["link"] == "?view=race&race_step=4&v=1"
    assert unchanged(stepped["request"], json.loads(json.dumps(before["request"])))
    other = choose(service, ids.RACERS, START, {**look, "race_step": 4, "racers": ["armijo"]})
    assert other["link"] == "?view=race&race_step=4&racers=armijo&v=1"
    assert not unchanged(other["request"], before["request"])
    assert not unchanged(before["request"], None)


def test_another_race_begins_at_its_first_step(service: Service) -> None:
    look = {**LOOK, "view": "race", "race_step": 4, "race": 7}
    assert choose(service, ids.RACE, START, look)["link"] == "?view=race&race=7&v=1"
    assert choose(service, ids.SEED, START, look)["look"]["race_step"] == 4
    link = "?view=race&race=7&race_step=4"
    assert choose(service, ids.ADDRESS, START, look, link)["link"] == link + "&v=1"


def test_no_search_at_all_is_refused(service: Service) -> None:
    answer = choose(service, ids.RACERS, START, {**LOOK, "view": "race", "racers": []})
    assert answer["message"] == "racers: got []; allowed: at least one of " + ", ".join(METHODS)
    assert answer["request"] is answer["link"] is None
    elsewhere = choose(service, ids.VIEW, START, {**LOOK, "view": "compare", "racers": [], "race_step": 999})
    assert (elsewhere["message"], elsewhere["link"]) == ("", "")
    assert (elsewhere["look"]["racers"], elsewhere["look"]["race_step"]) == (tuple(METHODS), 0)


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (Request(StudySpec(), "race", line="d2"), "batchscape race --line d2 --budget 15 --out race.npz"),
        (Request(StudySpec(), "race", stage="many"), "batchscape race --budget 15 --out race.npz"),
        (Request(StudySpec(), "race", stage="train"), None),
        (
            Request(StudySpec(domain="local", range=1.5, seed=3), "race", stage="many", budget=9),
            "batchscape race --domain local --seed 3 --range 1.5 --budget 9 --out race.npz",
        ),
        (Request(StudySpec(dtype="float32"), "race"), None),
    ],
)
def test_the_command_that_does_the_same(request_: Request, said: str | None) -> None:
    assert command(request_) == said


def test_what_is_typed_wrong_is_said_at_its_control(service: Service) -> None:
    look = {**LOOK, "view": "race", "budget": 0}
    assert choose(service, ids.BUDGET, START, look)["errors"] == {"budget": "allowed: a whole number from 1 to 100"}
    look = {**LOOK, "view": "race", "race": RACES}
    assert choose(service, ids.RACE, START, look)["errors"] == {"race": "allowed: a whole number from 0 to 499"}


def test_the_page_asks_for_the_lines_one_after_the_other(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    request = Request(StudySpec(), "race", stage="many", line="d2", budget=1)
    small = {name: task.replace(races=3) for name, task in request.races.items()}
    monkeypatch.setattr(Request, "races", property(lambda _: small))
    for name in ("d2", "d1", "d1+d2", "d1-d2"):
        asked = draw(service, ids.REQUEST, request.to_dict(), None)
        assert task_from(asked["pending"]) == small[name]
        assert compute(service, lambda _: None, asked["pending"])["error"] == ""
        shown = draw(service, ids.REQUEST, request.to_dict(), None)
        assert set(shown["panels"]["race"]) == set(STAGES["many"])
    assert shown["pending"] is None
