"""Downloads: the addresses under /export/, what they give and what they refuse."""

from __future__ import annotations

import csv
import io
import threading
import zipfile
from contextlib import closing
from importlib.metadata import version
from typing import Any

import numpy as np
import pytest
from flask import Response
from pydantic import ValidationError

from app import create_app
from app.callbacks import downloads as addresses
from app.export import citation
from app.jobs.service import Service
from app.page.export_dialog import export_button
from app.settings import Settings
from app.views import VIEWS
from landscape_core import StudySpec, load, run, storage
from landscape_core.study import run as study


@pytest.fixture
def client(settings: Settings) -> Any:
    return create_app(settings).server.test_client()


def kept(settings: Settings, link: str) -> dict[Any, Any]:
    """Compute what a link needs, as the page would."""
    request = citation.read_link(link, "float64")
    with closing(Service(settings)) as service:
        return {task: service.compute(task, lambda *_: None) for task in VIEWS[request.view].tasks(request)}


FEW = "resolution=8&line_points=12&v=1"


def test_nothing_is_computed_to_be_taken(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "tabulate_landscape", lambda *_, **__: pytest.fail("computed"))
    for path in ("study-0.npz", "numbers", "numbers/loss", "table/loss"):
        answer = client.get(f"/export/{path}?{FEW}")
        assert (answer.status_code, answer.text) == (409, addresses.NOT_YET)
        assert answer.content_type == "text/plain; charset=utf-8"
    assert "still being computed" in client.get(f"/export/dialog?{FEW}").text


def test_the_study_is_the_file_that_the_engine_writes(client: Any, settings: Settings, tmp_path: Any) -> None:
    ((spec, result),) = kept(settings, f"?seed=3&{FEW}").items()
    answer = client.get(f"/export/study-0.npz?seed=3&{FEW}")
    assert answer.status_code == 200
    assert answer.data == storage.to_bytes(result)
    name = "batchscape-study-sigmoid-global-seed3.npz"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    (tmp_path / name).write_bytes(answer.data)
    assert load(tmp_path / name).spec == spec
    assert client.get(f"/export/study-1.npz?seed=3&{FEW}").status_code == 400


def test_numbers_of_a_panel_and_of_all(client: Any, settings: Settings) -> None:
    ((_, result),) = kept(settings, f"?{FEW}").items()
    answer = client.get(f"/export/numbers/slope?{FEW}")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert 'filename="batchscape-compare-slope-sigmoid-seed12735.csv"' in answer.headers["Content-Disposition"]
    head, *rows = csv.reader(io.StringIO(answer.text))
    assert head == ["d1", "d2", "slope"]
    np.testing.assert_array_equal([float(row[2]) for row in rows], result.batch_slope.ravel())

    answer = client.get(f"/export/numbers?{FEW}")
    assert answer.content_type == "application/zip"
    assert client.get(f"/export/numbers?{FEW}").data == answer.data
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        assert packed.testzip() is None
        names = packed.namelist()
        about = packed.read("README.txt").decode()
    panels = ("loss", "slope", "minima", "nngpps")
    assert names == [f"batchscape-compare-{panel}-sigmoid-seed12735.csv" for panel in panels] + ["README.txt"]
    cited = "?resolution=8&line_points=12&batch_size=10&seed=12735&batch_seed=0&v=1"
    assert f"Link: Batchscape {version('batchscape')} · {cited}\n" in about
    assert "minimum: loss" in about
    for field in ("resolution=8", "line_points=12", "batch_size=10", "seed=12735", "batch_seed=0"):
        assert f"    {field},\n" in about


@pytest.mark.parametrize("public", [None, "https://landscape.example.org/lab"])
def test_what_is_cited_leads_somewhere(settings: Settings, public: str | None) -> None:
    """To the public address; without one to the program, never to one computer."""
    server = create_app(Settings(**settings.model_dump() | {"public_url": public})).server
    words = server.test_client().get(f"/export/dialog?{FEW}", base_url="http://localhost:8050").text
    for local in ("127.0.0.1", "localhost", "8050"):
        assert local not in words
    assert "seed=12735&amp;batch_seed=0&amp;" in words
    assert "batch_size=10" in words
    assert ("https://landscape.example.org/lab/?" in words) == (public is not None)
    assert (f"Link: Batchscape {version('batchscape')} · ?" in words) == (public is None)
    assert ("howpublished" in words) == (public is None)


@pytest.mark.parametrize(
    "address",
    ["landscape.example.org", "ftp://a.example/", "https://", "https://a.example/?v=1", "https://u:p@a.example"],
)
def test_a_public_address_that_leads_nowhere_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="allowed: http:// or https://, a host and a path, as https://landscape"):
        Settings(public_url=address)


def test_each_table_of_a_picture_is_a_csv(client: Any, settings: Settings) -> None:
    kept(settings, f"?view=explore&{FEW}")
    for table in ("plane", "curves", "arrows"):
        answer = client.get(f"/export/numbers/map/{table}?view=explore&{FEW}")
        assert answer.content_type == "text/csv; charset=utf-8"
        name = f"batchscape-explore-map-sigmoid-seed12735-{table}.csv"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    first = client.get(f"/export/numbers/map?view=explore&{FEW}")
    assert first.data == client.get(f"/export/numbers/map/plane?view=explore&{FEW}").data
    refused = client.get(f"/export/numbers/map/volume?view=explore&{FEW}")
    assert (refused.status_code, refused.text) == (400, "table: got 'volume'; allowed: one of plane, curves, arrows")


def test_a_panel_is_printed(client: Any, settings: Settings) -> None:
    assert client.get(f"/export/print/slope.pdf?{FEW}").status_code == 409
    kept(settings, f"?{FEW}")
    for panel in ("slope", "minima"):
        answer = client.get(f"/export/print/{panel}.pdf?{FEW}")
        assert answer.content_type == "application/pdf"
        name = f"batchscape-compare-{panel}-sigmoid-seed12735.pdf"
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert answer.data.startswith(b"%PDF")
        # only the surface is a bitmap, besides which there is none
        assert (b"/Subtype /Image" in answer.data) == (panel == "slope")
        assert client.get(f"/export/print/{panel}.pdf?{FEW}").data == answer.data


def test_what_is_not_printed_has_no_entry(client: Any, settings: Settings) -> None:
    """Small pictures are links: they have neither the entry in the menu nor the file."""
    kept(settings, f"?view=gallery&{FEW}")
    answer = client.get(f"/export/print/all.pdf?view=gallery&{FEW}")
    assert (answer.status_code, answer.text) == (400, "panel: got 'all'; allowed: one with a picture or a table")
    for name, view in VIEWS.items():
        for panel in view.panels:
            button = export_button(f"{name}-{panel}", "title", name, panel)
            assert hasattr(button, "data-prints") == (name != "gallery")


def test_fig_3d_is_two_csv_files(client: Any, settings: Settings) -> None:
    link = f"figure=3&panel=d&{FEW}"
    kept(settings, f"?{link}")
    heads = {}
    for slot in ("left", "right"):
        for table in ("plane", "curves", "arrows"):
            answer = client.get(f"/export/numbers/{slot}/{table}?{link}")
            if answer.status_code == 200:
                assert answer.content_type == "text/csv; charset=utf-8"
                heads[slot, table] = answer.text.splitlines()[0]
    assert heads["right", "plane"] == "d1,d2,mean_slope,sign_class"
    assert heads["right", "curves"] == "kind,d1,d2,slope"


def test_files_of_a_figure_are_named_after_it(client: Any, settings: Settings) -> None:
    kept(settings, f"?figure=9&panel=g&{FEW}")
    answer = client.get(f"/export/numbers/left?figure=9&panel=g&{FEW}")
    assert 'filename="batchscape-figure-9g-relu-seed12735.csv"' in answer.headers["Content-Disposition"]


def test_the_dialogs(client: Any, settings: Settings) -> None:
    kept(settings, f"?{FEW}")
    page = client.get(f"/export/table/loss?{FEW}").text
    assert page.count("<tr>") == 1 + 64
    page = client.get(f"/export/dialog?{FEW}").text
    for part in ("export/numbers", "export/study-0.npz", "copy-python", "copy-command", "copy-citation", "seed=12735"):
        assert part in page
    assert client.get("/export/glossary").text.startswith('<dl class="glossary">')
    assert "Tanh after both layers" in client.get("/export/about?activation=tanh&v=1").text
    assert client.get("/export/about?seed=x&v=1").status_code == 400
    assert "no stored study" in client.get("/export/dialog?view=variance&v=1").text


def test_every_study_of_a_view_can_be_taken(client: Any, settings: Settings) -> None:
    results = list(kept(settings, f"?figure=2&panel=c&{FEW}").values())
    assert len(results) >= 1
    for index, result in enumerate(results):
        answer = client.get(f"/export/study-{index}.npz?figure=2&panel=c&{FEW}")
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
@pytest.mark.parametrize("path", ["dialog", "print/loss.pdf", "numbers", "numbers/loss", "table/loss", "study-0.npz"])
def test_a_bad_link_is_answered_in_one_line(client: Any, path: str, query: str) -> None:
    answer = client.get(f"/export/{path}?{query}")
    assert answer.status_code == 400
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert len(answer.text.splitlines()) == 1
    assert "Traceback" not in answer.text


def test_addresses_of_earlier_versions_answer_alike(client: Any, settings: Settings) -> None:
    kept(settings, f"?{FEW}")
    names = {"dialog": "export"} | {name: name for name in ("glossary", "numbers", "numbers/loss", "table/loss")}
    for new, old in (names | {"study-0.npz": "study-0.npz"}).items():
        answers = [client.get(f"{address}?{FEW}") for address in (f"/export/{new}", f"/take/{old}")]
        assert {answer.status_code for answer in answers} == {200}
        assert answers[0].data == answers[1].data
        assert answers[0].headers.get("Content-Disposition") == answers[1].headers.get("Content-Disposition")


@pytest.mark.parametrize("path", ["numbers/nothing", "table/nothing"])
def test_a_panel_that_is_not_there_is_refused(client: Any, settings: Settings, path: str) -> None:
    kept(settings, f"?{FEW}")
    answer = client.get(f"/export/{path}?{FEW}")
    assert (answer.status_code, "one of loss, slope" in answer.text) == (400, True)


def test_a_start_point_without_directions_is_told(client: Any, dead: int) -> None:
    answer = client.get(f"/export/numbers?view=variance&activation=relu&domain=local&seed={dead}&v=1")
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
        threading.Thread(target=lambda: made.append(server.test_client().get("/export/numbers?v=1").text))
        for _ in range(addresses.AT_A_TIME)
    ]
    for maker in makers:
        maker.start()
        assert begun.acquire(timeout=60)
    client = server.test_client()
    refused = client.get("/export/dialog?v=1")
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, str(addresses.PAUSE))
    assert refused.text == "The server makes files for others. Ask again in a moment."
    assert client.get("/export/glossary").status_code == client.get("/healthz").status_code == 200
    gate.set()
    for maker in makers:
        maker.join(60)
    assert made == ["made"] * addresses.AT_A_TIME
    assert client.get("/export/dialog?v=1").status_code == 200


@pytest.fixture(scope="module")
def dead() -> int:
    from landscape_core import NumericalError

    for seed in range(200):
        try:
            run(StudySpec(activation="relu", domain="local", seed=seed, resolution=2, line_points=3, draws=0))
        except NumericalError:
            return seed
    pytest.fail("no such seed below 200")
