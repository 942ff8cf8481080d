"""Tables that visitors bring: looked at, made problems, found again, and refused in words where they are hostile."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from app import create_app
from app.callbacks.choice import choose
from app.callbacks.uploads import CHOICES, TYPE
from app.export import citation, code_snippets, tables
from app.jobs import uploads
from app.jobs.service import Service
from app.page import ids
from app.page.rail.parts import DEFAULTS, FIELDS, VIEW_DEFAULTS, write_units
from app.settings import Settings
from app.state import permalink, problems
from app.state.view_state import ViewState
from app.views import VIEWS
from landscape_core import ProblemError, SpecError, StudySpec, run
from landscape_core.study import own_problems

KINDS = (b"Adelie", b"Gentoo", b"Chinstrap")
TABLE = b"height,weight,island,sex,species\n" + b"".join(
    b"%d.5,%d,%s,%s,%s\n" % (30 + n * n % 17, 3000 + 7 * n * n % 90, (b"Biscoe", b"Dream")[n % 2], sex, KINDS[n % 3])
    for n in range(27)
    for sex in [b"NA" if n % 9 == 8 else b"male"]
)


@pytest.fixture(autouse=True)
def only_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """What other tests brought is not found."""
    monkeypatch.setattr(own_problems, "finders", [])
    monkeypatch.setattr(own_problems, "_problems", {})


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    return create_app(Settings(cache_dir=tmp_path / "cache", warm=False)).server.test_client()


def post(client: FlaskClient, path: str, content: bytes, choices: object = None, **headers: str) -> Any:
    head = {CHOICES: json.dumps(choices if choices is not None else {}), **headers}
    return client.post(f"/data/{path}", data=content, content_type=TYPE, headers=head)


def test_a_table_is_looked_at_and_not_kept(client: FlaskClient) -> None:
    told = post(client, "look", TABLE).get_json()
    assert told["names"] == ["height", "weight", "island", "sex", "species"]
    assert told["rows"][0] == told["names"]
    assert len(told["rows"]) == 1 + uploads.PREVIEWED
    assert (told["target"], told["classes"]) == ("species", ["Adelie", "Chinstrap", "Gentoo"])
    assert (told["samples"], told["inputs"]) == (24, 3)
    assert "3 of 27 rows left out: missing values" in told["notes"]
    assert "column 'sex' is left out: it is male in all rows" in told["notes"]
    fewer = post(client, "look", TABLE, {"features": ["height"], "missing": "mean"}).get_json()
    assert (fewer["samples"], fewer["inputs"]) == (27, 1)
    assert post(client, "look", TABLE, {"target": "sex"}).get_json()["error"] == "column 'sex' has one class only: male"
    assert not own_problems._problems


def test_a_table_becomes_a_problem_with_a_link(client: FlaskClient) -> None:
    told = post(client, "use", TABLE, {"hidden": [4, 3], "features": ["height", "island"]}).get_json()
    assert told["label"] == "Your data, species"
    state, refusal = permalink.follow(told["link"])
    assert refusal is None
    assert state is not None
    assert (state.spec.problem, state.spec.samples) == (told["problem"], 24)
    described = problems.describe(state.spec)
    assert described["units"] == [2, 4, 3, 3]
    assert problems.offer(state.spec)[told["problem"]] == "Your data, species"
    assert told["problem"] not in problems.list_offered()
    assert post(client, "use", TABLE, {"hidden": [4, 3], "features": ["height", "island"]}).get_json() == told


def test_it_is_found_again_after_a_restart_and_by_a_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(cache_dir=tmp_path / "cache", warm=False)
    choices = uploads.Choices(hidden=(3,))
    with closing(Service(settings)) as service:
        name, problem = service.uploads.keep(TABLE, choices)
        first = run(StudySpec(problem=name, population=24, resolution=3, line_points=5, draws=0))
        fingerprint = problem.fingerprint()
    del problem
    monkeypatch.setattr(own_problems, "_problems", {})
    with pytest.raises(SpecError, match="one that is at hand here"):
        StudySpec(problem=name)
    with closing(Service(settings)) as service:
        again = own_problems.find(name)
        assert again.fingerprint() == fingerprint
        assert (StudySpec(problem=name).samples, service.dtype) == (24, "float64")
        second = run(StudySpec(problem=name, resolution=3, line_points=5, draws=0))
        assert (first.full_loss == second.full_loss).all()
        service.cache.drop(uploads.KEY + name)
        monkeypatch.setattr(own_problems, "_problems", {})
        service.uploads._held.clear()
        assert own_problems.recall(name) is None


@pytest.mark.parametrize("content", [b"", b"{}\n" + TABLE, b"[]\nx", b"\xff\n", TABLE, b'{"hidden": [3]}\na,b\n1,2\n'])
def test_what_is_no_table_in_the_cache_is_not_used(service: Service, content: bytes) -> None:
    service.cache.put(f"{uploads.KEY}custom:0123456789abcdef", content)
    assert own_problems.recall("custom:0123456789abcdef") is None


def test_only_the_latest_are_held(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [
        service.uploads.keep(TABLE, uploads.Choices(hidden=(units,)))[0] for units in range(1, uploads.MOST_HELD + 4)
    ]
    assert len(service.uploads._held) == uploads.MOST_HELD
    assert len(set(names)) == len(names)
    monkeypatch.setattr(own_problems, "_problems", {})
    assert own_problems.find(names[0]).describe()["units"][1] == 1


def use(service: Service, name: str) -> ViewState:
    start = {field: getattr(DEFAULTS, field) for field in FIELDS} | {ids.HIDDEN: write_units(DEFAULTS.hidden)}
    state: ViewState = choose(service, ids.PROBLEM, {**start, "problem": name, "resolution": 5}, VIEW_DEFAULTS)[
        "request"
    ]
    return state


def test_every_view_is_offered_of_it_and_what_it_exports_makes_it_again(service: Service, tmp_path: Path) -> None:
    choices = uploads.Choices(
        target="species", features=("height", "weight"), missing="mean", hidden=(5,), activation="relu"
    )
    name, _ = service.uploads.keep(TABLE, choices)
    state = use(service, name)
    assert state.spec.samples == 27
    assert "Your data, species" in citation.write_about(state, "x", {})
    code = code_snippets.write_python(state)
    (tmp_path / "my_table.csv").write_bytes(TABLE)
    made = code[: code.index("result")]
    subprocess.run([sys.executable, "-c", made], cwd=tmp_path, check=True)
    command = code_snippets.write_command(state)
    assert command is not None
    assert "--table my_table.csv --target species --features height,weight --missing mean --hidden 5" in command
    assert VIEWS["compare"].tasks(state) == [state.spec]


HOSTILE: dict[str, tuple[bytes, int]] = {
    "nothing": (b"", 422),
    "one line": (b"a," * 400_000, 413),
    "a million columns": (b",".join([b"1"] * 400_000) + b"\n" + b",".join([b"2"] * 90_000), 413),
    "too many rows": (b"a,b\n" + b"1,2\n" * 200_000, 413),
    "rows ended as on old Macs": (b"a,b\r" + b"1,2\r" * 200_000, 413),
    "too many bytes": (b"a,b\n" + b"1,2222222222222222222222222\n" * 40_000, 413),
    "NUL": (b"a,b\n1,\0\n", 422),
    "Parquet": (b"PAR1" + b"\0" * 100, 422),
    "a zip": (b"PK\x03\x04" + bytes(range(256)) * 10, 422),
    "a quotation mark without end": (b'a,b\n1,"2\n3,4\n', 422),
    "cut short": (TABLE[: len(TABLE) - 20], 422),
    "no columns": (b"\n\n\n", 422),
    "one column": (b"a\n1\n2\n", 422),
    "a column of many texts": (b"a,b\n" + b"".join(b"1,t%d\n" % n for n in range(500)), 422),
    "infinite": (b"a,b\n1e999,x\n2,y\n", 422),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_tables_are_refused_in_words(client: FlaskClient, kind: str) -> None:
    content, status = HOSTILE[kind]
    for path in ("use", "look"):
        answer = post(client, path, content)
        if path == "look" and answer.status_code == 200:  # shown beside the first rows
            assert answer.get_json()["error"]
            continue
        assert answer.status_code == status, answer.get_data(as_text=True)[:300]
        assert answer.mimetype == "text/plain"
        assert 5 < len(answer.get_data(as_text=True)) < 2000
    assert not own_problems._problems


WRONG = [
    *("[]", "nonsense", "[" * 9000, '{"target": 3}', '{"target": "nothing"}', '{"target": "' + "x" * 300 + '"}'),
    *('{"hidden": [0]}', '{"hidden": [1,1,1,1,1,1,1,1,1]}', '{"hidden": "3"}', '{"hidden": [99999]}'),
    *('{"features": ["nothing"]}', '{"features": [["a"]]}', '{"missing": "guess"}', '{"file": "/etc/passwd"}'),
    *('{"loss": "x"}', '{"activation": "../x"}'),
]


@pytest.mark.parametrize("choices", WRONG)
def test_choices_that_are_not_allowed_are_refused_in_words(client: FlaskClient, choices: str) -> None:
    answer = client.post("/data/use", data=TABLE, content_type=TYPE, headers={CHOICES: choices})
    assert answer.status_code in (400, 422)
    assert "allowed" in answer.get_data(as_text=True) or "there are" in answer.get_data(as_text=True)


def test_a_page_of_another_host_cannot_send_one(client: FlaskClient) -> None:
    for kind in ("text/plain", "multipart/form-data", "application/x-www-form-urlencoded", ""):
        assert client.post("/data/use", data=TABLE, content_type=kind).status_code == 415
    assert client.get("/data/use").status_code == 404


def test_cells_come_back_as_text_that_no_spreadsheet_computes(service: Service) -> None:
    cells = [b"=cmd|' /C calc'!A0", b"@SUM(1)", b"<img src=x onerror=alert(1)>"]
    content = b"x,kind\n" + b"".join(b"%d,%s\n" % (n, cells[n % 3]) for n in range(12))
    name, _ = service.uploads.keep(content, uploads.Choices())
    classes = problems.name_classes(StudySpec(problem=name))
    assert set(classes) == {cell.decode() for cell in cells}
    written = tables.write_csv([classes])
    assert not any(line.startswith(("=", "@")) for line in written.replace('"', "").split(","))


def test_another_file_of_the_same_name_is_another_problem(service: Service) -> None:
    first, second = (
        service.uploads.keep(TABLE + more, uploads.Choices())[0] for more in (b"", b"9,9,Dream,male,Adelie\n")
    )
    assert first != second


def test_a_table_that_cannot_be_used_so_is_not_kept(service: Service) -> None:
    with pytest.raises(ProblemError):
        service.uploads.keep(TABLE, uploads.Choices(loss="poisson", target="weight", features=("nothing",)))
    assert not own_problems._problems


@pytest.fixture
def slow_client(tmp_path: Path) -> FlaskClient:
    settings = Settings(cache_dir=tmp_path / "cache", warm=False, address_rate="3/minute")
    return create_app(settings).server.test_client()


def test_who_brings_too_many_is_told_to_wait(slow_client: FlaskClient) -> None:
    answers = [post(slow_client, "look", TABLE) for _ in range(4)]
    assert [one.status_code for one in answers] == [200, 200, 200, 429]
    assert answers[-1].get_data(as_text=True).startswith("Too fast")
