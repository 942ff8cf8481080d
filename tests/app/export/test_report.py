"""The report: all that it must hold, on studies that take milliseconds."""

from __future__ import annotations

import re
import subprocess
import sys
from base64 import b64decode
from datetime import date
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from threading import Event

import pytest
from matplotlib.image import imread

from app.export.report import PAGE, Order, make, write
from app.panels import tables as panels
from app.plotting import mpl
from app.plotting.model import Table
from landscape_core import LandscapeError, SpecError, StudySpec, load, run, storage
from landscape_core.paper import published, replication
from landscape_core.paper.published import Figure
from landscape_core.paper.replication import ReplicationResult, run_replication

ORDER = Order(seeds=2, batch_seed=3, device="cpu")
DAY = date(2026, 1, 2)

pytestmark = pytest.mark.slow  # the whole report, with all its pictures

SMALL = {"resolution": 5, "line_points": 9}
VOID = {"meta", "img", "br", "hr", "link"}


@pytest.fixture(scope="module", autouse=True)
def small():
    """Few points, few draws, small pictures."""
    with pytest.MonkeyPatch.context() as patch:
        fields = lambda figure: StudySpec(  # noqa: E731
            **{"draws": 0, **figure.study, **SMALL, **({"draws": 3} if "draws" in figure.study else {})}
        )
        patch.setattr(Figure, "base", property(fields))
        patch.setattr("landscape_core.study.limits.LINE_DRAWS", 20)
        patch.setattr(replication, "DRAWS", 2)
        for name in ("WIDTH", "HEIGHT"):
            patch.setattr(f"app.export.report.page.{name}", 120)
        yield


class Outline(HTMLParser):
    """Elements, in order, each with its attributes and all words in it; refuses what is not closed."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None], list[str]]] = []
        self._open: list[int] = []
        self.feed(page)
        self.close()
        assert not self._open, [self.elements[index][0] for index in self._open]

    def handle_starttag(self, tag, attrs):
        assert len(dict(attrs)) == len(attrs), tag
        self.elements.append((tag, dict(attrs), []))
        if tag not in VOID:
            self._open.append(len(self.elements) - 1)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), []))

    def handle_endtag(self, tag):
        assert self.elements[self._open.pop()][0] == tag, tag

    def handle_data(self, data):
        for index in self._open:
            self.elements[index][2].append(data)

    def all(self, *tags: str) -> list[tuple[dict[str, str | None], str]]:
        return [(given, "".join(words)) for tag, given, words in self.elements if tag in tags]

    def part(self, anchor: str) -> str:
        (found,) = [words for given, words in self.all("section") if given.get("id") == anchor]
        return found


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "made" / "here"
    seen: list[tuple[float, str]] = []
    files = write(ORDER, folder, progress=lambda share, what: seen.append((share, what)), today=DAY)
    return folder, files, seen


@pytest.fixture(scope="module")
def page(report) -> str:
    return (report[0] / PAGE).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def outline(page) -> Outline:
    return Outline(page)


@pytest.fixture(scope="module")
def results(report) -> list[ReplicationResult]:
    return [load(report[0] / f"table-{number}.npz", ReplicationResult) for number in (1, 2)]


def test_every_part_has_an_anchor_and_the_contents_lead_to_it(outline):
    anchors = [given["id"] for given, _ in outline.all("section")]
    assert len(anchors) == len(set(anchors))
    wanted = {f"figure-{figure.number}" for figure in published.FIGURES.values()}
    wanted |= {
        f"figure-{figure.number}-{panel.letter}" for figure in published.FIGURES.values() for panel in figure.panels
    }
    wanted |= {f"{what}-{number}" for what in ("table", "observations") for number in (1, 2)}
    wanted |= {"done", "found", "choices", "misprints", "made-with", "data", "cite"}
    assert set(anchors) == wanted
    links = [str(given["href"]) for given, _ in outline.all("a")]
    assert {link[1:] for link in links if link.startswith("#")} == wanted


def test_every_panel_has_title_note_and_a_picture_with_its_sentence(outline, page):
    shown = outline.all("img", "svg")
    assert len(shown) == sum(len(figure.panels) for figure in published.FIGURES.values())
    for given, _ in shown:
        assert len(given.get("alt") or given["aria-label"] or "") > 20
        assert given.get("alt") or given["role"] == "img"
    assert outline.part("figure-2-e").startswith("(e) Loss")
    assert "Sigmoid, global ±20, seed 12735. A fresh mini-batch of 10 at every point" in outline.part("figure-2-e")
    (note,) = re.findall(r"The paper has 13\. (\d+) NN-GPPs found", outline.part("figure-9-h"))
    spec = published.find_figure(9).base.replace(batch_seed=3)
    assert int(note) == int(run(spec, device="cpu").nngpps.sum())
    assert "The paper's captions of (c) and (d) are swapped." in outline.part("figure-9")
    for dots in re.findall(r"data:image/webp;base64,([^\"]+)", page):
        assert imread(BytesIO(b64decode(dots)), format="webp").shape[:2] == (360, 360)


def test_the_tables_hold_the_numbers_of_the_results(outline, results):
    tables = {str(given["aria-label"]): index for index, (given, _) in enumerate(outline.all("div")) if "role" in given}
    assert len(tables) == 5
    cells = [words for _, words in outline.all("td")]
    wanted: list[str] = []
    for result in results:
        again = run_replication(result.spec, device="cpu")
        assert storage.to_bytes(again) == storage.to_bytes(result)
        for shown in (panels.counts(result), panels.claims(result)):
            assert isinstance(shown.picture, Table)
            assert shown.title in tables
            wanted += [cell for row in shown.picture.rows for cell in row]
            assert shown.note in outline.part(
                f"{'table' if shown.title.startswith('T') else 'observations'}-{re.findall('[12]', shown.title)[0]}"
            )
    assert cells == wanted + [cell for one in published.CHOICES for cell in (one.open, one.ours, one.reason)]


def test_what_was_found_is_counted_from_the_tables(outline, results):
    found = outline.part("found")
    rows = [row for result in results for row in result.rows()]
    same = sum(row.true_optima.paper == row.true_optima.ours for row in rows)
    assert f"at seed 12735, {same} of the paper's 12 counts of true optima agree with ours" in found
    counts = [count for row in rows for count in (row.minima, row.nngpps)]
    inside = [
        sum(over is not None and over.inside for over in many)
        for many in ([count.over_batches for count in counts], [count.over_starts for count in counts])
    ]
    assert f"24 counts of minima and NN-GPPs, {inside[0]} lie in the central 95%" in found
    assert f"and {inside[1]} in the central 95% over 2 start points" in found
    verdicts = [verdict for result in results for verdict in result.verdicts()]
    held = sum(verdict.own is True for verdict in verdicts)
    whole = f"of the {len(verdicts)} statements drawn from the paper's tables, text and captions"
    assert f"{whole}, {held} hold at seed 12735" in found
    assert "12735 was selected" in found


def test_data_load_back_as_what_the_engine_computes(report, outline):
    folder, files, _ = report
    assert files[0] == folder / PAGE
    assert {path.name for path in files} == {path.name for path in folder.iterdir()}
    links = {str(given["href"]) for given, _ in outline.all("a")}
    assert {path.name for path in files[1:]} <= links
    wanted = {
        figure.spec(panel, ORDER.base(figure)) for figure in published.FIGURES.values() for panel in figure.panels
    } - {None}
    stored = {path.name: load(path) for path in files if path.name.startswith("figure")}
    assert {result.spec for result in stored.values()} == wanted
    assert len(stored) == len(wanted)
    assert stored["figure-02-batch-size-149.npz"].spec.batch_size == 149
    again = run(stored["figure-09.npz"].spec, device="cpu")
    assert storage.to_bytes(again) == (folder / "figure-09.npz").read_bytes()
    assert "Data: figure-15.npz, figure-16.npz" in outline.part("figure-17")
    assert "Data:" not in outline.part("figure-6")


def test_nothing_is_loaded_from_anywhere(outline, page):
    assert outline.all("script", "link", "iframe", "object", "base") == []
    for given, _ in outline.all("img"):
        assert str(given["src"]).startswith("data:image/webp;base64,")
    elsewhere = [str(given["href"]) for given, _ in outline.all("a") if ":" in str(given["href"])]
    assert elsewhere == ["https://arxiv.org/abs/1903.08552v1"]
    inside = {given.get("xlink:href", given.get("href")) for given, _ in outline.all("use", "image")}
    assert all(str(link).startswith(("#", "data:")) for link in inside)
    assert not re.search(r"@import|url\((?!#)", page)


def test_it_says_what_it_was_made_with(outline):
    made = outline.part("made-with")
    assert "batchscape report --start-points 2 --seed 12735 --batch-seed 3 --device cpu" in made
    assert "2026-01-02" in made
    assert re.search(r"batchscape [\d.]+, numpy [\d.]+, torch [\d.]+.*, python 3", made)
    assert re.search(r"sha256 of inputs, then targets, as float64, row by row: [0-9a-f]{64}", made)
    assert "seeds 0 to 1" in made
    assert [misprint for misprint in published.MISPRINTS if misprint in outline.part("misprints")] == [
        *published.MISPRINTS
    ]
    cite = outline.part("cite")
    assert "eprint        = {1903.08552}" in cite
    assert "Report made by Batchscape" in cite


def test_progress_of_both_halves_reaches_the_end(report):
    for what in ("Figures", "Tables"):
        shares = [share for share, name in report[2] if name == what]
        assert shares == sorted(shares)
        assert shares[-1] == 1.0


def test_twice_the_same_is_the_same(report, page, tmp_path):
    again = write(ORDER, tmp_path, today=DAY)
    for path in again:
        assert path.read_bytes() == (report[0] / path.name).read_bytes(), path.name


def test_another_seed_is_not_called_selected(monkeypatch, tmp_path):
    monkeypatch.setattr(mpl, "picture_image", lambda picture, **size: b"")
    monkeypatch.setattr(mpl, "picture_svg", lambda picture, **size: "<svg ></svg>")
    path, *_ = write(Order(seeds=1, seed=4, device="cpu"), tmp_path)
    written = Outline(path.read_text(encoding="utf-8"))
    assert "selected" not in written.part("found")
    assert "The paper has" not in written.part("figure-9-h")
    assert "seed 4" in written.part("figure-9-a")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"seeds": 0}, "seeds: got 0; allowed: a whole number from 1 to 10,000"),
        ({"seed": -1}, "seed: got -1; allowed: a whole number from 0 to 9,007,199,254,740,991"),
        ({"device": "tpu"}, "device: got 'tpu'; allowed: "),
    ],
)
def test_bad_orders_are_refused_before_anything_is_made(fields, said, tmp_path):
    with pytest.raises(SpecError) as caught:
        write(Order(**fields), tmp_path / "new")
    assert str(caught.value).startswith(said)
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("existed", [False, True])
@pytest.mark.parametrize("half", ["_figures", "_tables"])
def test_a_failure_stops_both_halves_and_leaves_nothing(half, existed, monkeypatch, tmp_path):
    folder = tmp_path / "report"
    if existed:
        folder.mkdir()
        (folder / PAGE).write_text("that of yesterday")
    stopped = Event()

    def fails(*_: object) -> None:
        raise LandscapeError("no more")

    def goes_on(*given: object) -> None:
        try:
            while True:
                given[-1](0.5, "Going on")  # type: ignore[operator]
        finally:
            stopped.set()

    (other,) = {"_figures", "_tables"} - {half}
    monkeypatch.setattr(make, half, fails)
    monkeypatch.setattr(make, other, goes_on)
    with pytest.raises(LandscapeError, match="no more"):
        write(ORDER, folder)
    assert stopped.is_set()
    assert [path.name for path in folder.glob("**/*")] == ([PAGE] if existed else [])
    assert folder.exists() == existed


def test_ctrl_c_stops_both_halves_and_leaves_nothing(monkeypatch, tmp_path):
    def goes_on(*given: object) -> None:
        while True:
            given[-1](0.5, "Going on")  # type: ignore[operator]

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(make, "_figures", goes_on)
    monkeypatch.setattr(make, "_tables", goes_on)
    monkeypatch.setattr(make, "wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write(ORDER, tmp_path / "report")
    assert not (tmp_path / "report").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--seeds", "0", "--out", "new"], "seeds: got 0; allowed: a whole number from 1 to 10,000"),
        (["--out", "taken"], "out: taken is a file; give a folder, which is made if it is not there"),
        (["--out", "taken/inside"], "out: taken/inside cannot be written: Not a directory"),
    ],
)
def test_the_command_refuses_in_one_line(arguments, said, tmp_path):
    (tmp_path / "taken").write_text("")
    root = Path(__file__).parents[3]
    code = f"import sys; sys.path.insert(0, {str(root)!r}); from app.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "report", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr == f"batchscape: {said}\n"
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]
