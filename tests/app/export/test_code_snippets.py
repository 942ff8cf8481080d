"""Code snippets: the Python that makes a view, and the command that does the same."""

from __future__ import annotations

import re
import shlex
from functools import cache
from typing import Any
from unittest.mock import patch

import matplotlib.pyplot as plt
import numpy as np
import pytest
import typer
from drawing import SMALL, check_drawn, draw_view, small

from app import cli
from app.export import code_snippets, figure_snippets
from app.state.view_state import ViewState
from app.views import VIEWS, figures
from landscape_core import RaceSpec, StudySpec, TrainingSpec, run, run_race, run_training
from landscape_core.paper import published
from landscape_core.paper.likely_places import Shifts
from landscape_core.paper.replication import run_replication
from landscape_core.paper.replication_spec import ReplicationSpec

RUNS = {StudySpec: run, ReplicationSpec: run_replication, RaceSpec: run_race, TrainingSpec: run_training}


@cache
def computed(task: Any) -> Any:
    """What the engine gives; stages of a race and panels of a figure share it."""
    return RUNS[type(task)](task)


def results_of(request: ViewState) -> dict[Any, Any]:
    return {task: computed(task) for task in VIEWS[request.view].tasks(request) if type(task) in RUNS}


def executed(request: ViewState) -> dict[str, Any]:
    """What the code of a view leaves, once its picture is drawn without a screen."""
    known: dict[str, Any] = {}
    plt.switch_backend("agg")
    code = code_snippets.write_python(request)
    assert all(len(line) <= 160 for line in code.splitlines())
    with patch.object(plt, "show"):
        exec(compile(code, "snippet", "exec"), known)
    for number in plt.get_fignums():
        plt.figure(number).canvas.draw()
    check_drawn(
        [(axes.get_title(), axes.has_data()) for number in plt.get_fignums() for axes in plt.figure(number).axes],
        request,
    )
    plt.close("all")
    return known


def surface(panel: Any) -> np.ndarray:
    picture = panel.picture
    return picture.layers[0].values if hasattr(picture, "layers") else picture.values


def curves(panel: Any, field: int = 0, mark: str | None = None) -> np.ndarray:
    items = panel.picture.fields[field].items
    return np.array([item.y for item in items if getattr(item, "mark", "bars") == mark and item.style >= 0])


def equal(known: dict[str, Any], **expected: Any) -> None:
    for name, values in expected.items():
        np.testing.assert_array_equal(np.asarray(known[name], dtype=float), np.asarray(values, dtype=float), name)


def _compare(shown: Any, known: dict[str, Any], request: ViewState) -> None:
    equal(known, loss=surface(shown["loss"]), slope=surface(shown["slope"]))
    equal(known, line_loss=curves(shown["minima"]), line_slope=curves(shown["nngpps"]))
    for panel, name, mark in (("minima", "minima", "triangle"), ("nngpps", "nngpps", "diamond")):
        items = [item for item in shown[panel].picture.fields[0].items if item.mark == mark and item.style >= 0]
        assert [len(item.x) for item in items] == known[name].sum(1).tolist()


def _explore(shown: Any, known: dict[str, Any], request: ViewState) -> None:
    equal(known, loss=surface(shown["loss"]), slope=surface(shown["slope"]), shown=shown["map"].picture.values)
    equal(known, line_loss=curves(shown["line-loss"])[0], line_slope=curves(shown["line-slope"])[0])
    for name in ("at_loss", "at_slope"):
        counts = shown[name.replace("_", "-")].picture.fields[0].items[0].y
        equal({"counts": np.histogram(known[name], len(counts))[0]}, counts=counts)
    tips = shown["at-gradient"].picture.fields[0].items[1]
    equal({"tips": known["descent"][: len(tips.x)].T}, tips=[tips.x, tips.y])
    drawn = shown["map"].picture.arrows
    assert bool(drawn) == (request.arrows == "shown")
    for arrows, name in zip(drawn, ("full_arrows", "arrows"), strict=False):
        equal({name: known[name].T}, **{name: [arrows.u, arrows.v]})


def _moments(shown: Any, known: dict[str, Any], request: ViewState) -> None:
    names = {"loss": "loss", "slope": "slope", "sd_loss": "sd-loss", "sd_slope": "sd-slope"}
    equal(known, **{name: surface(shown[panel]) for name, panel in names.items()})


def _counts(shown: Any, known: dict[str, Any], request: ViewState) -> None:
    equal(known, minima=shown["minima"].picture.values, nngpps=shown["nngpps"].picture.values)
    equal(known, minima_density=curves(shown["lines"]), nngpp_density=curves(shown["lines"], 1))
    minima, nngpps = (dict(zip(item.x, item.y, strict=True)) for item in shown["thinned"].picture.fields[0].items[1:])
    for found, drawn in zip(known["thinned"], (minima, nngpps), strict=True):
        assert dict(zip(known["points"], found, strict=True)) == drawn
    rows = [(ball.line, f"{ball.centre:z.2f}") for ball in known["balls"]]
    assert [row[:2] for row in shown["balls"].picture.rows] == rows


def _variance(shown: Any, known: dict[str, Any], request: ViewState) -> None:
    for name in ("loss", "slope"):
        equal(known, **{name: shown[name].picture.fields[0].items[-1].y})
    equal(known, largest=curves(shown["largest"])[0])
    cells = dict(shown["at"].picture.rows)
    assert cells["loss: total variance"] == f"{known['at'].loss_variance[0] * known['share']:.4g}"


def _static(shown: Any, known: dict[str, Any], request: ViewState) -> None:
    for quantity in ("loss", "slope"):
        many = shown[f"static-{quantity}"].picture.fields[0].items[0].y.reshape(50, -1)[:, :-1]
        equal(known, **{f"static_{quantity}": many})
        equal(known, **{f"dynamic_{quantity}": curves(shown[f"dynamic-{quantity}"])[0]})


def _tables(shown: Any, known: dict[str, Any], request: ViewState) -> None:
    ours = [row[3] for row in shown["counts"].picture.rows]
    counts = [count for row in known["counts"] for count in (row.true_optima, row.minima, row.nngpps)]
    assert ours == ["–" if count.ours is None else str(count.ours) for count in counts]
    here = [row[4][0] for row in shown["claims"].picture.rows]
    assert here == [{True: "✓", False: "✗", None: "–"}[verdict.own] for verdict in known["claims"]]


def _gallery(shown: Any, known: dict[str, Any], request: ViewState) -> None:
    notes = {small.title.split()[1]: small.note for small in shown["all"].thumbnails}
    for number, note in notes.items():
        if "minima" in note:
            found = known["minima"][int(number)], known["nngpps"][int(number)]
            assert note == f"{found[0]} minima · {found[1]} NN-GPPs"


def _oracle(shown: Any, known: dict[str, Any], request: ViewState) -> None:
    for quantity, name in (("loss", "minima"), ("slope", "nngpps")):
        items = shown[quantity].picture.fields[0].items
        drawn = next(item for item in items if item.name == "drawn")
        equal({quantity: known[quantity][: request.step]}, **{quantity: drawn.y})
        places = known["line"].positions[known[name]]
        assert any(np.array_equal(item.x, places) for item in items)


def _race(shown: Any, known: dict[str, Any], request: ViewState) -> None:
    if request.stage == "train":
        items = shown["training"].picture.fields[0].items
        equal(known, loss=[item.y for item in items if item.mark is None])
        assert known["result"].spec.methods == request.racers
    elif request.stage == "one":
        stars = next(item for item in shown["line"].picture.fields[0].items if item.mark == "star")
        equal(known, optima=stars.x)
        assert tuple(known["found"]) == request.racers
        assert all(
            f"{trace.stop:z.3g}".replace("-", "−") in shown["line"].sentence for trace in known["found"].values()
        )
    else:
        for panel, name in (("distance", "distance"), ("left-over", "left_over")):
            medians = [item.x[0] for item in shown[panel].picture.fields[0].items if item.name.endswith("median")]
            equal({"medians": [np.median(row[np.isfinite(row)]) for row in known[name]]}, medians=medians)


def _figures(shown: Any, known: dict[str, Any], request: ViewState) -> None:
    for slot, panel in shown.items():
        picture = panel.picture
        if isinstance(known[slot], Shifts | dict):
            own = known[slot]
            size = np.concatenate([one.size for one in (own.values() if isinstance(own, dict) else [own])])
            assert f"{np.quantile(size, 0.5, method='higher'):.2g}" in panel.note or f"{size.max():.2g}" in panel.note
            continue
        if hasattr(picture, "layers"):
            inside = known[slot]
            values = surface(panel)
            if inside.shape != values.shape:  # what is around the units that are off is not drawn
                assert np.isfinite(values).any()
                np.testing.assert_array_equal(inside[np.isfinite(inside)], values[np.isfinite(values)])
            else:
                equal(known, **{slot: values})
        elif known[slot].dtype == bool:
            mark = next(item.mark for item in picture.fields[0].items if item.mark)
            found = [len(item.x) for item in picture.fields[0].items if item.mark == mark and item.style >= 0]
            assert found == known[slot].sum(1).tolist()
        elif request.figure == 4:
            equal(known, **{slot: [(item.x[1], item.y[1]) for item in picture.fields[0].items]})
        elif known[slot].ndim == 1:
            equal(known, **{slot: picture.fields[0].items[0].y})
        else:
            equal(known, **{slot: curves(panel)})


CHECKS = {
    "compare": _compare,
    "explore": _explore,
    "moments": _moments,
    "counts": _counts,
    "variance": _variance,
    "static": _static,
    "oracle": _oracle,
    "race": _race,
    "figures": _figures,
    "tables": _tables,
    "gallery": _gallery,
}

REQUESTS = [
    small("compare"),
    small("compare", source="full", activation="tanh", domain="local", range=3.5),
    *(small("explore", field=field, at_d1=1.5, angle=30.0) for field in ("loss", "slope", "negative", "below")),
    small("explore", source="full", through_d2=-2.0, batch_size=3, slope_angle=10.0),
    small("explore", arrows="hidden"),
    small("moments"),
    small("moments", moments="exact", scaling="raw", seed=3),
    small("counts", batch_seed=4),
    small("variance", line="d1+d2", at_d1=3.0, output_activation="linear"),
    small("static", line="d2", activation="leaky_relu"),
    small("static", sampling="epoch-shuffle", batch_size=50),
    small("moments", sampling="with-replacement", batch_size=150),
    small("variance", sampling="with-replacement", batch_size=150),
    small("oracle", step=12, line="d2"),
    small("oracle", step=12, oracle="quadratics", batch_seed=3),
    *(small("race", stage=stage, line="d2", budget=4, race=3) for stage in ("one", "many", "train")),
    *(small("race", stage=stage, racers=("gols_b", "armijo"), race_step=2) for stage in ("one", "many", "train")),
    small("tables", seeds=2, domain="local"),
    small("gallery", seed=7),
]


@pytest.mark.usefixtures("few_races")
@pytest.mark.parametrize(
    "request_",
    [pytest.param(one, marks=[pytest.mark.slow] if one.view == "race" else [], id=one.view) for one in REQUESTS],
)
def test_the_python_of_a_view_gives_the_numbers_that_it_draws(request_: ViewState) -> None:
    shown = draw_view(request_, results_of(request_))
    CHECKS[request_.view](shown, executed(request_), request_)


PANELS = [
    (1, "a"), (1, "c"), (3, "a"), (3, "e"), (4, "a"), (6, "a"), (6, "c"), (9, "a"), (9, "e"), (9, "g"), (17, "a"),
    (19, "a"), (19, "c"),
]  # fmt: skip


@pytest.mark.parametrize(("number", "letter"), PANELS)
def test_the_python_of_a_figure_gives_the_numbers_that_it_draws(number: int, letter: str) -> None:
    base = published.find_figure(number).base.replace(**SMALL)
    request = ViewState(base.replace(draws=0), "figures", figure=number, panel=letter)
    shown = draw_view(request, results_of(request))
    _figures(shown, executed(request), request)


def test_every_kind_of_panel_of_the_paper_has_its_python() -> None:
    shows = {panel.shows for figure in published.FIGURES.values() for panel in figure.panels}
    assert shows == {*figure_snippets.PANEL_EXPRESSIONS, *figure_snippets.STANDALONE_EXPRESSIONS}
    assert shows == {*figure_snippets.DRAWN} | figures.SURFACES


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_has_python_that_names_every_field(view: str) -> None:
    spec = StudySpec() if VIEWS[view].sampled else StudySpec(draws=0)
    code = code_snippets.write_python(ViewState(spec, view))  # type: ignore[arg-type]
    compile(code, "snippet", "exec")
    assert "from landscape_core" in code
    assert not re.search(r"Spec\([^\n]", code)
    if "Spec(" in code:  # Fig. 1 needs no study
        assert "    batch_seed=0,\n" in code
        assert "    batch_size=10,\n" in code


@pytest.mark.parametrize(
    "spec",
    [
        StudySpec(),
        StudySpec(domain="local"),
        StudySpec(domain="local", range=20.0),
        StudySpec(activation="elu", slope_angle=-12.5, batch_size=150, dtype="float32"),
        StudySpec(problem="wine"),
        ReplicationSpec(domain="local", seeds=3),
    ],
)
def test_descriptions_as_python_are_the_same(spec: Any) -> None:
    assert eval(code_snippets.write_spec(spec), {"StudySpec": StudySpec, "ReplicationSpec": ReplicationSpec}) == spec


# the command


def parsed(line: str) -> tuple[str, dict[str, Any]]:
    program, name, *rest = shlex.split(line)
    assert program == "batchscape"
    command = typer.main.get_command(cli.app)
    return name, command.commands[name].make_context(name, rest).params  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "request_",
    [one for one in REQUESTS if one.view not in ("variance", "tables", "gallery", "race") and one.oracle == "network"],
)
def test_the_command_of_a_view_asks_for_its_study(request_: ViewState) -> None:
    line = code_snippets.write_command(request_)
    assert line is not None
    name, given = parsed(line)
    assert name == "study"
    assert given.pop("out").name == "study.npz"
    said = {name.rstrip("_"): value for name, value in given.items() if value is not None}
    fields = {name: value for name, value in said.items() if name in StudySpec.model_fields}
    assert [StudySpec(**fields)] == list(VIEWS[request_.view].tasks(request_))


def test_commands_of_figures_and_tables() -> None:
    figure = ViewState(published.find_figure(9).base.replace(seed=5), "figures", figure=9, panel="g")
    name, given = parsed(code_snippets.write_command(figure) or "")
    assert (name, given["number"], given["panel"], given["seed"]) == ("figure", 9, "g", 5)
    changed = ViewState(published.find_figure(9).base.replace(batch_size=3), "figures", figure=9, panel="g")
    assert code_snippets.write_command(changed) is None
    name, given = parsed(
        code_snippets.write_command(ViewState(StudySpec(batch_seed=2, draws=0), "tables", seeds=7)) or ""
    )
    assert (name, given["start_points"], given["batch_seed"]) == ("tables", 7, 2)
    assert code_snippets.write_command(ViewState(StudySpec(batch_size=2, draws=0), "tables")) is None
    assert code_snippets.write_command(ViewState(StudySpec(draws=0), "variance")) is None


def test_the_command_of_a_race() -> None:
    request = ViewState(StudySpec(activation="elu", seed=3, draws=0), "race", line="d1+d2", budget=7)
    name, given = parsed(code_snippets.write_command(request) or "")
    assert (name, given["activation"], given["seed"], given["budget"]) == ("race", "elu", 3, 7)
    assert list(given["line"]) == ["d1+d2"]
    many = ViewState(request.spec, "race", stage="many", line="d1+d2")
    assert not parsed(code_snippets.write_command(many) or "")[1]["line"]
    assert (
        parsed(code_snippets.write_command(ViewState(StudySpec(range=3.0, draws=0), "race")) or "")[1]["range_"] == 3.0
    )
    assert code_snippets.write_command(ViewState(StudySpec(draws=0), "race", stage="train")) is None
