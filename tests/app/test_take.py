"""What can be taken away: files, the Python that makes a view, what to cite; and the addresses that give them."""

from __future__ import annotations

import csv
import io
import re
import shlex
import threading
import zipfile
from contextlib import closing
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
import typer
from flask import Response

from app import cli, create_app, ids, links, numbers, snippets, take
from app.callbacks import take as addresses
from app.callbacks.choose import choose
from app.controls import FIELDS, LOOK
from app.service import Service
from app.settings import Settings
from app.state import LOOKS, Request
from app.views import VIEWS
from landscape_core import (
    RaceSpec,
    StudySpec,
    TrainingSpec,
    load,
    paper,
    run,
    run_race,
    run_training,
    storage,
    study,
)
from landscape_core.typical import run_typical
from landscape_core.typical_spec import TypicalSpec

SMALL = {"resolution": 8, "line_points": 12}
START = {name: getattr(StudySpec(), name) for name in FIELDS}
PAGE = "https://somewhere.example/lab/"

LINKS = [
    "",
    "?activation=relu&seed=5&v=1",
    "?view=moments&draws=7&v=1",
    "?view=explore&field=negative&at_d1=2&angle=30&v=1",
    "?view=explore&camera=1,1,1,0,0,0&hide=seed&v=1",
    "?view=variance&line=d2&v=1",
    "?view=static&source=full&v=1",
    "?figure=3&panel=b",
    "?figure=9&panel=g&seed=4&v=1",
    "?table=2",
    "?view=gallery&v=1",
]


def small(view: str, **more: Any) -> Request:
    fields = {**SMALL, "draws": 6 if VIEWS[view].sampled else 0}
    fields |= {name: more.pop(name) for name in [*more] if name in StudySpec.model_fields}
    return Request(StudySpec(**fields), view, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("link", LINKS)
def test_a_link_is_taken_as_the_page_shows_it(service: Service, link: str) -> None:
    answer = choose(service, ids.ADDRESS, START, {**LOOK, "figure": 1, "panel": "a"}, link)
    assert answer["message"] == ""
    assert take.shown(link, "float64") == Request.from_dict(answer["request"])
    side = re.search("camera=[^&]*&", link)  # the page knows it itself
    cited = links.cited(link)
    assert (cited.replace(side[0], "") if side else cited) == (answer["link"] or "?v=1")


# the Python


def results_of(request: Request) -> dict[Any, Any]:
    runs = {StudySpec: run, TypicalSpec: run_typical, RaceSpec: run_race, TrainingSpec: run_training}
    return {task: runs[type(task)](task) for task in VIEWS[request.view].needs(request) if type(task) in runs}


def executed(request: Request) -> dict[str, Any]:
    known: dict[str, Any] = {}
    code = snippets.python(request)
    assert all(len(line) <= 160 for line in code.splitlines())
    exec(compile(code, "snippet", "exec"), known)
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


def _compare(shown: Any, known: dict[str, Any], request: Request) -> None:
    equal(known, loss=surface(shown["loss"]), slope=surface(shown["slope"]))
    equal(known, line_loss=curves(shown["minima"]), line_slope=curves(shown["nngpps"]))
    for panel, name, mark in (("minima", "minima", "triangle"), ("nngpps", "nngpps", "diamond")):
        items = [item for item in shown[panel].picture.fields[0].items if item.mark == mark and item.style >= 0]
        assert [len(item.x) for item in items] == known[name].sum(1).tolist()


def _explore(shown: Any, known: dict[str, Any], request: Request) -> None:
    equal(known, loss=surface(shown["loss"]), slope=surface(shown["slope"]), shown=shown["map"].picture.values)
    equal(known, line_loss=curves(shown["line-loss"])[0], line_slope=curves(shown["line-slope"])[0])
    for name in ("at_loss", "at_slope"):
        counts = shown[name.replace("_", "-")].picture.fields[0].items[0].y
        equal({"counts": np.histogram(known[name], len(counts))[0]}, counts=counts)


def _moments(shown: Any, known: dict[str, Any], request: Request) -> None:
    names = {"loss": "loss", "slope": "slope", "sd_loss": "sd-loss", "sd_slope": "sd-slope"}
    equal(known, **{name: surface(shown[panel]) for name, panel in names.items()})


def _chances(shown: Any, known: dict[str, Any], request: Request) -> None:
    equal(known, minima=shown["minima"].picture.values, nngpps=shown["nngpps"].picture.values)
    equal(known, minima_density=curves(shown["lines"]), nngpp_density=curves(shown["lines"], 1))
    minima, nngpps = (dict(zip(item.x, item.y, strict=True)) for item in shown["thinned"].picture.fields[0].items[1:])
    for found, drawn in zip(known["thinned"], (minima, nngpps), strict=True):
        assert dict(zip(known["points"], found, strict=True)) == drawn


def _variance(shown: Any, known: dict[str, Any], request: Request) -> None:
    for name in ("loss", "slope"):
        equal(known, **{name: shown[name].picture.fields[0].items[-1].y})
    equal(known, largest=curves(shown["largest"])[0])
    cells = dict(shown["at"].picture.rows)
    assert cells["loss: whole variance"] == f"{known['at'].loss_variance[0] * known['share']:.4g}"


def _static(shown: Any, known: dict[str, Any], request: Request) -> None:
    for quantity in ("loss", "slope"):
        many = shown[f"static-{quantity}"].picture.fields[0].items[0].y.reshape(50, -1)[:, :-1]
        equal(known, **{f"static_{quantity}": many})
        equal(known, **{f"dynamic_{quantity}": curves(shown[f"dynamic-{quantity}"])[0]})


def _tables(shown: Any, known: dict[str, Any], request: Request) -> None:
    ours = [row[3] for row in shown["counts"].picture.rows]
    counts = [count for row in known["counts"] for count in (row.true_optima, row.minima, row.nngpps)]
    assert ours == ["–" if count.ours is None else str(count.ours) for count in counts]
    here = [row[3][0] for row in shown["claims"].picture.rows]
    assert here == [{True: "✓", False: "✗", None: "–"}[verdict.own] for verdict in known["claims"]]


def _gallery(shown: Any, known: dict[str, Any], request: Request) -> None:
    notes = {small.title.split()[1]: small.note for small in shown["all"].thumbnails}
    for number, note in notes.items():
        if "minima" in note:
            found = known["minima"][int(number)], known["nngpps"][int(number)]
            assert note == f"{found[0]} minima · {found[1]} NN-GPPs"


def _oracle(shown: Any, known: dict[str, Any], request: Request) -> None:
    for quantity, name in (("loss", "minima"), ("slope", "nngpps")):
        items = shown[quantity].picture.fields[0].items
        drawn = next(item for item in items if item.name == "drawn")
        equal({quantity: known[quantity][: request.step]}, **{quantity: drawn.y})
        places = known["line"].positions[known[name]]
        assert any(np.array_equal(item.x, places) for item in items)


def _race(shown: Any, known: dict[str, Any], request: Request) -> None:
    if request.stage == "train":
        items = shown["training"].picture.fields[0].items
        equal(known, loss=[item.y for item in items if item.mark is None])
        assert known["result"].spec.methods == request.racers
    elif request.stage == "one":
        stars = next(item for item in shown["line"].picture.fields[0].items if item.mark == "star")
        equal(known, optima=stars.x)
        assert tuple(known["found"]) == request.racers
        assert all(f"{trace.stop:.3g}" in shown["line"].sentence for trace in known["found"].values())
    else:
        for panel, name in (("distance", "distance"), ("left-over", "left_over")):
            medians = [item.x[0] for item in shown[panel].picture.fields[0].items if item.name.endswith("median")]
            equal({"medians": [np.median(row[np.isfinite(row)]) for row in known[name]]}, medians=medians)


def _figures(shown: Any, known: dict[str, Any], request: Request) -> None:
    for slot, panel in shown.items():
        picture = panel.picture
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
    "chances": _chances,
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
    small("moments"),
    small("moments", moments="exact", scaling="raw", seed=3),
    small("chances", batch_seed=4),
    small("variance", line="d1+d2", at_d1=3.0, output_activation="linear"),
    small("static", line="d2", activation="leaky_relu"),
    small("oracle", step=12, line="d2"),
    small("oracle", step=12, oracle="quadratics", batch_seed=3),
    *(small("race", stage=stage, line="d2", budget=4, race=3) for stage in ("one", "many", "train")),
    *(small("race", stage=stage, racers=("gols_b", "armijo"), race_step=2) for stage in ("one", "many", "train")),
    small("tables", seeds=2, domain="local"),
    small("gallery", seed=7),
]


@pytest.mark.usefixtures("few_races")
@pytest.mark.parametrize("request_", REQUESTS, ids=lambda one: one.view)
def test_the_python_of_a_view_gives_the_numbers_that_it_draws(request_: Request) -> None:
    shown = VIEWS[request_.view].draw(request_, results_of(request_))
    CHECKS[request_.view](shown, executed(request_), request_)


PANELS = [
    (1, "a"), (1, "c"), (3, "a"), (3, "e"), (4, "a"), (6, "a"), (6, "c"), (9, "a"), (9, "e"), (9, "g"), (17, "a")
]  # fmt: skip


@pytest.mark.parametrize(("number", "letter"), PANELS)
def test_the_python_of_a_figure_gives_the_numbers_that_it_draws(number: int, letter: str) -> None:
    base = paper.figure(number).base.replace(**SMALL)
    request = Request(base.replace(draws=0), "figures", figure=number, panel=letter)
    shown = VIEWS["figures"].draw(request, results_of(request))
    _figures(shown, executed(request), request)


def test_every_kind_of_panel_of_the_paper_has_its_python() -> None:
    shows = {panel.shows for figure in paper.FIGURES.values() for panel in figure.panels}
    assert shows == {*snippets.OF_A_PANEL, *snippets.OF_ITSELF}


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_has_python_that_names_what_is_not_the_default_only(view: str) -> None:
    spec = StudySpec() if VIEWS[view].sampled else StudySpec(draws=0)
    code = snippets.python(Request(spec, view))  # type: ignore[arg-type]
    compile(code, "snippet", "exec")
    assert "from landscape_core" in code
    assert not re.search(r"Spec\((?!draws=0\)|\))", code) or view == "race"


@pytest.mark.parametrize(
    "spec",
    [
        StudySpec(),
        StudySpec(domain="local"),
        StudySpec(domain="local", range=20.0),
        StudySpec(activation="elu", slope_angle=-12.5, batch_size=150, dtype="float32"),
        TypicalSpec(domain="local", seeds=3),
    ],
)
def test_descriptions_as_python_are_the_same(spec: Any) -> None:
    assert eval(snippets.made(spec), {"StudySpec": StudySpec, "TypicalSpec": TypicalSpec}) == spec


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
def test_the_command_of_a_view_asks_for_its_study(request_: Request) -> None:
    line = snippets.command(request_)
    assert line is not None
    name, given = parsed(line)
    assert name == "study"
    assert given.pop("out").name == "study.npz"
    fields = {name.rstrip("_"): value for name, value in given.items() if name.rstrip("_") in StudySpec.model_fields}
    assert [StudySpec(**fields)] == list(VIEWS[request_.view].needs(request_))


def test_commands_of_figures_and_tables() -> None:
    figure = Request(paper.figure(9).base.replace(seed=5), "figures", figure=9, panel="g")
    name, given = parsed(snippets.command(figure) or "")
    assert (name, given["number"], given["panel"], given["seed"]) == ("figure", 9, "g", 5)
    changed = Request(paper.figure(9).base.replace(batch_size=3), "figures", figure=9, panel="g")
    assert snippets.command(changed) is None
    name, given = parsed(snippets.command(Request(StudySpec(batch_seed=2, draws=0), "tables", seeds=7)) or "")
    assert (name, given["seeds"], given["batch_seed"]) == ("tables", 7, 2)
    assert snippets.command(Request(StudySpec(batch_size=2, draws=0), "tables")) is None
    assert snippets.command(Request(StudySpec(draws=0), "variance")) is None


def test_the_command_of_a_race() -> None:
    request = Request(StudySpec(activation="elu", seed=3, draws=0), "race", line="d1+d2", budget=7)
    name, given = parsed(snippets.command(request) or "")
    assert (name, given["activation"], given["seed"], given["budget"]) == ("race", "elu", 3, 7)
    assert list(given["line"]) == ["d1+d2"]
    many = Request(request.spec, "race", stage="many", line="d1+d2")
    assert not parsed(snippets.command(many) or "")[1]["line"]
    assert parsed(snippets.command(Request(StudySpec(range=3.0, draws=0), "race")) or "")[1]["range_"] == 3.0
    assert snippets.command(Request(StudySpec(draws=0), "race", stage="train")) is None


# what to cite


def test_the_citation_says_all_that_is_needed(result: Any) -> None:
    request = Request(result.spec, "moments")
    words = take.citation(request, f"{PAGE}?view=moments&v=1", {result.spec: result})
    assert f"Link: {PAGE}?view=moments&v=1\n" in words
    assert "Seeds: start point and directions 12735; mini-batches 0" in words
    arrays = result.inputs.astype("<f8").tobytes() + result.targets.astype("<f8").tobytes()
    assert sha256(arrays).hexdigest() in words
    for name, version in study.versions().items():
        assert version in words, name
    assert take.commit() is None or f"commit {take.commit()}" in words
    assert words.count("@misc{") == 2
    assert "1903.08552" in words
    for entry in re.findall(r"@misc\{.*?\n\}", words, re.S):
        assert entry.count("{") == entry.count("}")
    assert "±" not in words.split("@misc")[2]


def test_another_scaling_is_other_data() -> None:
    assert take.data_hash(StudySpec()) != take.data_hash(StudySpec(scaling="raw"))
    assert take.data_hash(StudySpec()) == take.data_hash(StudySpec(seed=3, activation="relu"))


def test_an_unknown_commit_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(take, "commit", lambda: None)
    assert "commit" not in take.citation(Request(StudySpec()), PAGE, {})


# the addresses


@pytest.fixture
def client(settings: Settings) -> Any:
    return create_app(settings).server.test_client()


def kept(settings: Settings, link: str) -> dict[Any, Any]:
    """Compute what a link needs, as the page would."""
    request = take.shown(link, "float64")
    with closing(Service(settings)) as service:
        return {task: service.compute(task, lambda *_: None) for task in VIEWS[request.view].needs(request)}


FEW = "resolution=8&line_points=12&v=1"


def test_nothing_is_computed_to_be_taken(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "tabulate_landscape", lambda *_, **__: pytest.fail("computed"))
    for path in ("study-0.npz", "numbers", "numbers/loss", "table/loss"):
        answer = client.get(f"/take/{path}?{FEW}")
        assert (answer.status_code, answer.text) == (409, addresses.NOT_YET)
        assert answer.content_type == "text/plain; charset=utf-8"
    assert "still being computed" in client.get(f"/take/export?{FEW}").text


def test_the_study_is_the_file_that_the_engine_writes(client: Any, settings: Settings, tmp_path: Any) -> None:
    ((spec, result),) = kept(settings, f"?seed=3&{FEW}").items()
    answer = client.get(f"/take/study-0.npz?seed=3&{FEW}")
    assert answer.status_code == 200
    assert answer.data == storage.to_bytes(result)
    name = "batchscape-study-sigmoid-global-seed3.npz"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    (tmp_path / name).write_bytes(answer.data)
    assert load(tmp_path / name).spec == spec
    assert client.get(f"/take/study-1.npz?seed=3&{FEW}").status_code == 400


def test_numbers_of_a_panel_and_of_all(client: Any, settings: Settings) -> None:
    ((_, result),) = kept(settings, f"?{FEW}").items()
    answer = client.get(f"/take/numbers/slope?{FEW}")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert 'filename="batchscape-compare-slope-sigmoid-seed12735.csv"' in answer.headers["Content-Disposition"]
    head, *rows = csv.reader(io.StringIO(answer.text))
    assert head == ["d1", "d2", "slope"]
    np.testing.assert_array_equal([float(row[2]) for row in rows], result.batch_slope.ravel())

    answer = client.get(f"/take/numbers?{FEW}", headers={"X-Batchscape-Page": PAGE})
    assert answer.content_type == "application/zip"
    assert client.get(f"/take/numbers?{FEW}", headers={"X-Batchscape-Page": PAGE}).data == answer.data
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        assert packed.testzip() is None
        names = packed.namelist()
        about = packed.read("about.txt").decode()
    panels = ("loss", "slope", "minima", "nngpps")
    assert names == [f"batchscape-compare-{panel}-sigmoid-seed12735.csv" for panel in panels] + ["about.txt"]
    assert f"Link: {PAGE}?line_points=12&resolution=8&v=1" in about or f"Link: {PAGE}?resolution=8" in about
    assert "run(StudySpec(resolution=8, line_points=12, draws=0))" in about


def test_a_picture_of_several_tables_is_an_archive(client: Any, settings: Settings) -> None:
    kept(settings, f"?view=explore&{FEW}")
    answer = client.get(f"/take/numbers/map?view=explore&{FEW}")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        assert [name.rsplit("-", 1)[1] for name in packed.namelist()] == ["plane.csv", "curves.csv"]


def test_files_of_a_figure_are_named_after_it(client: Any, settings: Settings) -> None:
    kept(settings, f"?figure=9&panel=g&{FEW}")
    answer = client.get(f"/take/numbers/left?figure=9&panel=g&{FEW}")
    assert 'filename="batchscape-figure-9g-relu-seed12735.csv"' in answer.headers["Content-Disposition"]


def test_the_dialogs(client: Any, settings: Settings) -> None:
    kept(settings, f"?{FEW}")
    page = client.get(f"/take/table/loss?{FEW}").text
    assert page.count("<tr>") == 1 + 64
    page = client.get(f"/take/export?{FEW}", headers={"X-Batchscape-Page": PAGE}).text
    for part in ("take/numbers", "take/study-0.npz", "copy-python", "copy-command", "copy-citation", PAGE):
        assert part in page
    assert client.get("/take/glossary").text.startswith('<dl class="glossary">')
    assert "no stored study" in client.get("/take/export?view=variance&v=1").text


def test_every_study_of_a_view_can_be_taken(client: Any, settings: Settings) -> None:
    results = list(kept(settings, f"?figure=2&panel=c&{FEW}").values())
    assert len(results) >= 1
    for index, result in enumerate(results):
        answer = client.get(f"/take/study-{index}.npz?figure=2&panel=c&{FEW}")
        assert answer.data == storage.to_bytes(result)


@pytest.mark.parametrize(
    "query",
    [
        "nonsense=1",
        "seed=-1",
        "seed=1&seed=2",
        "v=99",
        "view=<script>alert(1)</script>",
        "activation=%00%0a%0d",
        "a" * 3000,
        "%ff%fe",
        "resolution=99999999999999999999",
        "camera=1",
    ],
)
@pytest.mark.parametrize("path", ["export", "numbers", "numbers/loss", "table/loss", "study-0.npz"])
def test_a_bad_link_is_answered_in_one_line(client: Any, path: str, query: str) -> None:
    answer = client.get(f"/take/{path}?{query}")
    assert answer.status_code == 400
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert len(answer.text.splitlines()) == 1
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("path", ["numbers/nothing", "table/nothing"])
def test_a_panel_that_is_not_there_is_refused(client: Any, settings: Settings, path: str) -> None:
    kept(settings, f"?{FEW}")
    answer = client.get(f"/take/{path}?{FEW}")
    assert (answer.status_code, "one of loss, slope" in answer.text) == (400, True)


def test_a_start_point_without_directions_is_told(client: Any, dead: int) -> None:
    answer = client.get(f"/take/numbers?view=variance&activation=relu&domain=local&seed={dead}&v=1")
    assert answer.status_code == 409
    assert len(answer.text.splitlines()) == 1


def test_only_so_many_files_are_made_at_a_time(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    server = create_app(settings).server
    gate, begun = threading.Event(), threading.Semaphore(0)

    def slow(*_: object) -> Response:
        begun.release()
        assert gate.wait(60)
        return Response("made")

    monkeypatch.setattr(addresses, "all_numbers", slow)
    monkeypatch.setattr(addresses, "WAIT_SECONDS", 0.01)
    made: list[str] = []
    makers = [
        threading.Thread(target=lambda: made.append(server.test_client().get("/take/numbers?v=1").text))
        for _ in range(addresses.AT_A_TIME)
    ]
    for maker in makers:
        maker.start()
        assert begun.acquire(timeout=60)
    client = server.test_client()
    refused = client.get("/take/export?v=1")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, str(addresses.PAUSE))
    assert refused.text == "The server makes files for others. Ask again in a moment."
    assert client.get("/take/glossary").status_code == client.get("/healthz").status_code == 200
    gate.set()
    for maker in makers:
        maker.join(60)
    assert made == ["made"] * addresses.AT_A_TIME
    assert client.get("/take/export?v=1").status_code == 200


@pytest.fixture(scope="module")
def dead() -> int:
    from landscape_core import NumericalError

    for seed in range(200):
        try:
            run(StudySpec(activation="relu", domain="local", seed=seed, resolution=2, line_points=3, draws=0))
        except NumericalError:
            return seed
    pytest.fail("no such seed below 200")


@pytest.mark.parametrize(
    ("claimed", "taken"),
    [
        ("https://a.example/x/", True),
        ("http://127.0.0.1:8050/", True),
        (None, False),
        ("", False),
        ("javascript:alert(1)", False),
        ("https://a.example/?x=1", False),
        ("https://a.example/#x", False),
        ("https://", False),
        ("https://a.example/" + "x" * 300, False),
        ("https://ä.example/", False),
        ("https://[", False),
    ],
)
def test_where_the_page_says_it_is(claimed: str | None, taken: bool) -> None:
    own = "http://server:1/"
    assert addresses.page_address(claimed, own) == (claimed if taken else own)


def test_names_of_files_hold_no_sign_that_a_file_system_refuses() -> None:
    for view in VIEWS:
        assert re.fullmatch(r"[a-z0-9_-]+", take.stem(Request(StudySpec(), view), "loss"))  # type: ignore[arg-type]
    assert take.stem_of(TypicalSpec()) == "batchscape-typical-global-seed12735"


def test_links_and_looks_are_what_the_tests_think() -> None:
    assert set(LOOKS) >= {"view", "source"}
    assert links.write(Request(StudySpec())) == ""
    assert numbers.MOST_ROWS == 400
