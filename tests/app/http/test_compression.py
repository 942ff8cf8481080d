"""How answers travel, what is seen first, and the page's plotly.js, through the server's own WSGI object."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient
from plotly.offline import get_plotlyjs_version

from app import create_app
from app.http.compression import IMMUTABLE, REVALIDATE, Compression
from app.jobs.cache import DiskCache
from app.page.loading_screen import SURFACES
from app.plotting.model import PanelContent
from app.plotting.plotly.style import FONT
from app.settings import MIB, Settings
from app.state.view_state import ViewState
from app.views import VIEWS
from landscape_core import StudySpec, run

ASSETS = Path(__file__).parents[3] / "assets"
FRONTEND = Path(__file__).parents[3] / "frontend"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    server: Flask = create_app(Settings(cache_dir=tmp_path_factory.mktemp("cache"), warm=False)).server
    return server


class Client(FlaskClient):
    def open(self, *args: Any, **options: Any) -> Any:
        return super().open(*args, **{"buffered": True, **options})  # reads and closes files


@pytest.fixture
def client(server: Flask) -> FlaskClient:
    return Client(server, server.response_class)


def page(client: FlaskClient, query: str = "") -> str:
    return client.get("/" + query).get_data(as_text=True)


def addresses(client: FlaskClient) -> list[str]:
    return re.findall(r'(?:src|href|srcset)="(/[^"]*)"', page(client))


def test_every_file_of_the_page_is_kept_for_ever_and_is_ours(client: FlaskClient) -> None:
    found = addresses(client)
    assert len(found) > 15
    for address in found:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert answer.headers["Cache-Control"] == IMMUTABLE, address
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page(client))


def test_the_page_itself_is_asked_for_each_time(client: FlaskClient) -> None:
    for address in ("/", "/_dash-layout", "/_dash-dependencies", "/assets/page.css"):
        answer = client.get(address)
        assert answer.headers["Cache-Control"] == REVALIDATE, address
        assert answer.headers["ETag"], address


@pytest.mark.parametrize("address", ["/_dash-layout", "/_dash-dependencies", "/assets/page.css"])
def test_what_has_not_changed_is_not_sent_again(client: FlaskClient, address: str) -> None:
    for encoding in ("br", "identity"):
        first = client.get(address, headers={"Accept-Encoding": encoding})
        again = client.get(address, headers={"Accept-Encoding": encoding, "If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")


UNPACK = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip, deflate", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0.1, gzip;q=0.9", "gzip"),
        ("identity", None),
        ("zstd", None),
        ("", None),
        ("nonsense;q=much", None),
    ],
)
@pytest.mark.parametrize("address", ["/assets/page.css", "/assets/plotly/plotly.min.js", "/_dash-layout"])
def test_a_browser_gets_what_it_can_read(client: FlaskClient, address: str, accepted: str, encoding: Any) -> None:
    plain = client.get(address, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    for _ in ("made", "kept"):
        answer = client.get(address, headers={"Accept-Encoding": accepted})
        assert answer.headers.get("Content-Encoding") == encoding
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert int(answer.headers["Content-Length"]) == len(answer.data)
        assert UNPACK[encoding](answer.data) == plain.data


def test_pictures_and_short_answers_stay_as_they_are(client: FlaskClient) -> None:
    for address in ("/assets/first/loss-light.webp", "/assets/favicon.svg"):
        assert "Content-Encoding" not in client.get(address, headers={"Accept-Encoding": "br"}).headers


def test_callbacks_answers_are_compressed_and_kept_by_nobody(client: FlaskClient) -> None:
    config = json.loads(re.findall(r'id="_dash-config"[^>]*>(.*?)</script>', page(client), re.S)[0])
    needed = client.get("/_dash-dependencies").get_json()
    (choose,) = [
        entry for entry in needed if "request.data" in entry["output"] and not entry.get("clientside_function")
    ]
    names = re.findall(r"([\w-]+)\.(\w+)", choose["output"])
    inputs = [{**entry, "value": None} for entry in choose["inputs"]]
    body = {
        "output": choose["output"],
        "outputs": [{"id": name, "property": part} for name, part in names],
        "inputs": inputs,
        "state": [{**entry, "value": None} for entry in choose["state"]],
        "changedPropIds": [],
    }
    answer = client.post(
        f"/_dash-update-component?endId={config.get('end_id', '')}", json=body, headers={"Accept-Encoding": "br"}
    )
    assert "Cache-Control" not in answer.headers or "immutable" not in answer.headers["Cache-Control"]
    if len(answer.data) > 1024:
        assert answer.headers["Content-Encoding"] == "br"


def test_an_answer_for_one_visitor_is_compressed_when_that_pays() -> None:
    server = Flask(__name__)
    Compression().install(server)
    server.add_url_rule("/<int:length>", "a", lambda length: {"a": "x" * length}, methods=["GET", "POST"])
    client = server.test_client()
    short = client.post("/100", headers={"Accept-Encoding": "br"})
    long = client.post("/5000", headers={"Accept-Encoding": "br"})
    assert "Content-Encoding" not in short.headers
    assert json.loads(brotli.decompress(long.data)) == {"a": "x" * 5000}
    assert "Cache-Control" not in long.headers
    assert "Content-Encoding" not in client.get("/5000/none", headers={"Accept-Encoding": "br"}).headers


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[DiskCache]:
    cache = DiskCache(tmp_path, 64 * MIB)
    yield cache
    cache.close()


def test_files_are_compressed_well_once(disk: DiskCache, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.http.compression.compress_fully", lambda content: brotli.compress(content, quality=1))
    text = "var a = 1;\n" * 1000
    server = Flask(__name__)
    server.add_url_rule(
        "/", "page", lambda: '<script src="/assets/a.js"></script><a href="/elsewhere">', methods=["GET"]
    )
    server.add_url_rule("/assets/a.js", "file", lambda: (text, {"Content-Type": "text/javascript"}), methods=["GET"])
    first = Compression(disk)
    first.install(server)
    assert first.compress_files(server) == 1
    assert Compression(disk).compress_files(server) == 0
    answer = server.test_client().get("/assets/a.js", headers={"Accept-Encoding": "br"})
    assert answer.data == brotli.compress(text.encode(), quality=1)


# what is seen first


def test_the_first_picture_is_in_the_page_before_any_script(client: FlaskClient) -> None:
    first = page(client)
    before = first[: first.index("<script src")]
    assert before.count("<h1>") == 1
    assert before.count("<picture>") == 2
    assert "128 minima found" in before
    assert "17 NN-GPPs found" in before
    for alt in re.findall(r'<img [^>]*alt="([^"]*)"', before):
        assert re.search(r"\d+ (minima|NN-GPPs) found", alt)
    assert "<noscript>Batchscape needs JavaScript" in before


def test_another_address_gets_the_frame_without_pictures_of_something_else(client: FlaskClient) -> None:
    first = page(client, "?activation=relu&v=1")
    assert "<picture>" not in first
    assert first.count("<h1>") == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_first_pictures_are_small(theme: str) -> None:
    contents = [(ASSETS / "first" / f"{name}-{theme}.webp").read_bytes() for name in SURFACES]
    assert all(content[8:12] == b"WEBP" for content in contents)
    assert 10_000 < sum(map(len, contents)) <= 60_000


def test_first_words_are_what_compare_says() -> None:
    request = ViewState(StudySpec(draws=0))
    result = run(request.spec)
    drawn = VIEWS["compare"].draw(request, {request.spec: result})
    words = json.loads((ASSETS / "first" / "words.json").read_text(encoding="utf-8"))
    for name, panel in drawn.items():
        assert isinstance(panel, PanelContent)
        assert (words[name]["title"], words[name]["note"]) == (panel.title, panel.note), "make first"
    assert words["loss"]["alt"].startswith(drawn["loss"].sentence)
    assert set(words) == set(VIEWS["compare"].panels)
    intro = json.loads((ASSETS / "first" / "intro.json").read_text(encoding="utf-8"))
    assert intro == VIEWS["compare"].introduce(request, result), "make first"


def test_the_font_is_asked_for_first_and_once(client: FlaskClient) -> None:
    first = page(client)
    (asked,) = re.findall(r'<link rel="preload" href="([^"]*)" as="font" type="font/woff2" crossorigin>', first)
    assert re.findall(r'url\("([^"]*)"\)', first) == [asked]
    assert first.index(asked) < first.index("<script")
    answer = client.get(asked, headers={"Accept-Encoding": "br"})
    assert answer.mimetype == "font/woff2"
    assert "Content-Encoding" not in answer.headers  # it is compressed
    assert answer.data[:4] == b"wOF2"
    assert len(answer.data) < 30_000
    assert "SIL Open Font License" in (ASSETS / "fonts" / "LICENSE").read_text(encoding="utf-8")
    (family,) = re.findall(r'font-family: ("[^"]*");', first)
    assert FONT.startswith(family.replace('"', "'"))
    body = (FRONTEND / "style" / "frame.css").read_text(encoding="utf-8")
    assert f"font-family: {FONT};".replace("'", '"') in body.replace("'", '"')


# the page's plotly.js


def test_plotly_is_of_the_version_that_plotly_py_writes_for() -> None:
    bundle = (ASSETS / "plotly" / "plotly.min.js").read_text(encoding="utf-8")
    version = get_plotlyjs_version()
    assert bundle.startswith(f"/*!\n * plotly.js v{version}\n"), "make bundle"
    assert "Licensed under the MIT license" in bundle[:300]
    assert f'.version="{version}"' in bundle
    assert "MIT License" in (ASSETS / "plotly" / "LICENSE").read_text(encoding="utf-8")
    pinned = json.loads((FRONTEND / "package.json").read_text(encoding="utf-8"))
    locked = json.loads((FRONTEND / "package-lock.json").read_text(encoding="utf-8"))
    assert pinned["devDependencies"]["plotly.js"] == version
    assert locked["packages"]["node_modules/plotly.js"]["version"] == version


def test_plotly_holds_every_trace_that_a_figure_can_have() -> None:
    written = {
        name
        for path in (ASSETS.parent / "app" / "plotting" / "plotly").glob("*.py")
        for name in re.findall(r'"type": "(\w+)"', path.read_text(encoding="utf-8"))
    } - {"line", "log", "rect", "path"}  # shapes and axes
    bundle = (ASSETS / "plotly" / "plotly.min.js").read_text(encoding="utf-8")
    held = set(json.loads((FRONTEND / "traces.json").read_text(encoding="utf-8")))
    assert written
    assert written <= held
    assert f" * Traces: {', '.join(json.loads((FRONTEND / 'traces.json').read_text()))}\n" in bundle
    for name in held:
        assert (
            f'moduleType="trace",e.name="{name}"' in bundle or f'name:"{name}"' in bundle or f'.name="{name}"' in bundle
        )


def test_dash_does_not_ask_for_the_whole_of_plotly(client: FlaskClient) -> None:
    scripts = re.findall(r'<script src="([^"]*)"', page(client))
    ours = [script.split("?")[0] for script in scripts if "/assets/" in script]
    assert ours == ["/assets/plotly/plotly.min.js", "/assets/scripts/batchscape.min.js"]  # in this order
    assert [script for script in scripts if "plotly" in script and "/assets/" not in script] == []
    assert [script for script in scripts if "dash_table" in script or "polyfill" in script] == []
    assert scripts.index(next(script for script in scripts if "dash_renderer" in script)) > 1
