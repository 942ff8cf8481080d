"""What is taken away really arrives; the dialog works by keyboard and without permission to copy."""

from __future__ import annotations

import csv
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from driving import settle
from playwright.sync_api import Browser, Download, Page, expect

from app.figures.scenes import FINE
from app.figures.style import rounded
from landscape_core import StudySpec, load

NAME = "batchscape-compare-{}-sigmoid-seed12735"
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def closed(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that fails leaves no dialog open for the next."""
    yield
    if "shared_page" in request.fixturenames:
        request.getfixturevalue("shared_page").evaluate("() => document.getElementById('dialog').close()")


def pick(page: Page, panel: str, what: str) -> None:
    page.locator(f"#{panel}-take").click()
    page.locator(f"#take-menu [data-does={what}]").click()


def taken(page: Page, panel: str, what: str, folder: Path) -> Path:
    with page.expect_download() as waiting:
        pick(page, panel, what)
    return kept(waiting.value, folder)


def kept(download: Download, folder: Path) -> Path:
    path = folder / download.suggested_filename
    download.save_as(path)
    return path


def in_the_plot(page: Page, panel: str, trace: int, key: str) -> np.ndarray:
    found = page.evaluate(
        "([name, trace, key]) => {"
        " const one = document.querySelector(`#${name} .js-plotly-plot`)._fullData[trace][key];"
        " return [...one].map(part => part.length === undefined ? part : [...part]); }",
        [panel, trace, key],
    )
    return np.array(found, dtype=np.float32)


def link(page: Page, address: str) -> str:
    return f"{address}/?v=1"


def test_a_scene_as_png(shared_page: Page, tmp_path: Path) -> None:
    path = taken(shared_page, "compare-loss", "png", tmp_path)
    assert path.name == NAME.format("loss") + ".png"
    content = path.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", content[16:24])
    plot = shared_page.locator("#compare-loss .js-plotly-plot").bounding_box()
    assert plot is not None
    assert width == 2 * int(plot["width"])
    assert height > 2 * int(plot["height"]) + 60  # title, note and link
    expect(shared_page.locator("#said")).to_contain_text(path.name)


def test_a_chart_as_svg_is_vectors_with_title_and_link(shared_page: Page, address: str, tmp_path: Path) -> None:
    path = taken(shared_page, "compare-minima", "svg", tmp_path)
    root = ElementTree.parse(path).getroot()
    words = ["".join(found.itertext()) for found in root.iter(f"{SVG}text")]
    assert any(word.startswith("Minima") for word in words)
    assert link(shared_page, address) in words
    assert not list(root.iter(f"{SVG}image"))
    assert len(list(root.iter(f"{SVG}path"))) > 100


def test_a_scene_as_svg_says_that_it_holds_a_raster(shared_page: Page, tmp_path: Path) -> None:
    shared_page.locator("#compare-slope-take").click()
    expect(shared_page.locator("#take-menu [data-does=svg]")).to_contain_text("3-D is raster inside")
    shared_page.keyboard.press("Escape")
    root = ElementTree.parse(taken(shared_page, "compare-slope", "svg", tmp_path)).getroot()
    assert len(list(root.iter(f"{SVG}image"))) >= 1


def test_numbers_of_a_scene_and_a_chart(shared_page: Page, tmp_path: Path) -> None:
    path = taken(shared_page, "compare-slope", "csv", tmp_path)
    assert path.name == NAME.format("slope") + ".csv"
    with path.open(newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["d1", "d2", "slope"]
    values = np.array(rows, dtype=np.float64)
    drawn = in_the_plot(shared_page, "compare-slope", 0, "z")
    # the picture is sent with fewer bits
    np.testing.assert_array_equal(rounded(values[:, 2].astype(np.float32).reshape(100, 100), FINE), drawn)
    assert (values[:, 2] != values[:, 2].astype(np.float32)).any()  # more digits than the picture has

    with taken(shared_page, "compare-nngpps", "csv", tmp_path).open(newline="") as file:
        rows = [row for row in csv.reader(file) if row[1].startswith("d1: ") and row[2] == "line"]
    np.testing.assert_array_equal(
        np.array([row[4] for row in rows], dtype=np.float64).astype(np.float32),
        in_the_plot(shared_page, "compare-nngpps", 0, "y"),
    )


def test_study_and_all_numbers_from_the_dialog(shared_page: Page, address: str, tmp_path: Path) -> None:
    shared_page.locator("#export").click()
    with shared_page.expect_download() as waiting:
        shared_page.get_by_role("button", name="Study (NPZ)").click()
    study = load(kept(waiting.value, tmp_path))
    assert study.spec == StudySpec(draws=0)
    drawn = in_the_plot(shared_page, "compare-loss", 0, "z")
    np.testing.assert_array_equal(rounded(study.batch_loss.astype(np.float32), FINE), drawn)
    with shared_page.expect_download() as waiting:
        shared_page.get_by_role("button", name="All numbers (CSV)").click()
    with zipfile.ZipFile(kept(waiting.value, tmp_path)) as packed:
        assert len(packed.namelist()) == 5
        assert link(shared_page, address) in packed.read("about.txt").decode()
    expect(shared_page.locator("#dialog-said")).to_contain_text(
        "Downloaded: batchscape-compare-sigmoid-seed12735-numbers.zip"
    )
    shared_page.keyboard.press("Escape")


def test_copying_says_what_happened(page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#export").click()
    for name in ("python", "command", "citation"):
        page.locator(f"[data-copy=copy-{name}]").click()
        expect(page.locator("#dialog-said")).to_have_text("Copied.")
        assert page.evaluate("() => navigator.clipboard.readText()") == page.locator(f"#copy-{name}").text_content()
    # without permission the words are selected instead
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.locator("[data-copy=copy-citation]").click()
    expect(page.locator("#dialog-said")).to_contain_text("Selected")
    chosen = page.evaluate("() => window.getSelection().toString()")
    assert chosen.split() == (page.locator("#copy-citation").text_content() or "").split()


def test_menu_and_dialog_by_keyboard(shared_page: Page) -> None:
    page = shared_page
    seed = page.locator("#batch_seed").input_value()
    opener = page.locator("#compare-minima-take")
    assert page.locator("#compare-minima-take").evaluate("one => one.ariaHasPopup") == "menu"
    expect(page.get_by_role("button", name="Take with you: Minima along four lines")).to_have_count(1)
    opener.focus()
    page.keyboard.press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    does = "() => document.activeElement.dataset.does"
    assert page.evaluate(does) == "png"
    for key, there in (
        ("ArrowDown", "svg"),
        ("End", "table"),
        ("ArrowDown", "png"),
        ("ArrowUp", "table"),
        ("Home", "png"),
    ):
        page.keyboard.press(key)
        assert page.evaluate(does) == there
    page.keyboard.press("n")  # draws no mini-batches from within a menu
    page.keyboard.press("Escape")
    expect(opener).to_be_focused()
    expect(opener).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("Enter")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Numbers: Minima along four lines")).to_be_visible()
    expect(page.locator("#dialog-body table")).to_be_visible()
    for _ in range(6):
        page.keyboard.press("Tab")
        # after the last one the browser's own controls come, if it has any; never the page behind
        assert page.evaluate(
            "() => document.activeElement === document.body"
            " || document.getElementById('dialog').contains(document.activeElement)"
        )
    page.keyboard.press("n")
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).to_be_hidden()
    expect(opener).to_be_focused()
    assert page.locator("#batch_seed").input_value() == seed


def test_the_table_says_how_much_it_shows(shared_page: Page) -> None:
    pick(shared_page, "compare-loss", "table")
    expect(shared_page.locator("#dialog-body caption")).to_have_text(
        "Plane: 10,000 rows. Every 5th point along each side, 400 of 10,000; the CSV has them all."
    )
    expect(shared_page.locator("#dialog-body tbody tr")).to_have_count(400)
    shared_page.get_by_role("button", name="Close").click()
    expect(shared_page.locator("#compare-loss-take")).to_be_focused()


def test_the_glossary_has_formulas(shared_page: Page) -> None:
    shared_page.locator("#glossary").focus()
    shared_page.keyboard.press("g")
    expect(shared_page.locator("#dialog dt").first).to_be_visible()
    size = shared_page.locator("#dialog math msqrt").bounding_box()
    assert size is not None
    assert size["height"] > 25  # a root over fractions, not a row of letters
    shared_page.keyboard.press("Escape")
    expect(shared_page.locator("#glossary")).to_be_focused()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_dialogs_and_menu_have_no_accessibility_violations(page: Page, theme: str) -> None:
    if theme == "dark":
        page.locator("#theme-toggle").click()
        settle(page)

    def check() -> None:
        page.wait_for_timeout(300)
        found = Axe().run(page).response["violations"]
        assert [(one["id"], [node["html"][:200] for node in one["nodes"]]) for one in found] == []

    page.locator("#compare-nngpps-take").click()
    check()
    page.locator("#take-menu [data-does=table]").click()
    expect(page.locator("#dialog-body table")).to_be_visible()
    check()
    page.keyboard.press("Escape")
    for name, first in (("export", "#copy-citation"), ("glossary", "#dialog dt")):
        page.locator(f"#{name}").click()
        expect(page.locator(first).first).to_be_visible()
        check()
        page.keyboard.press("Escape")


def test_what_cannot_be_taken_is_told_in_one_line(browser: Browser, address: str) -> None:
    context = browser.new_context()  # the browser logs a refusal as an error
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto(address)
    settle(page)
    page.route("**/take/numbers/*", lambda route: route.fulfill(status=409, content_type="text/plain", body="Not yet."))
    page.route(
        "**/take/table/*", lambda route: route.fulfill(status=502, content_type="text/html", body="<h1>Bad</h1>")
    )
    pick(page, "compare-loss", "csv")
    expect(page.locator("#said")).to_have_text("Not yet.")
    pick(page, "compare-loss", "table")
    expect(page.locator("#dialog-said")).to_contain_text("The server does not answer.")
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_printed_page_is_one_sheet_in_light_colours(page: Page, address: str, theme: str) -> None:
    if theme == "dark":
        page.locator("#theme-toggle").click()
        settle(page)
        page.wait_for_timeout(1000)
    font = "() => document.querySelector('#compare-loss .js-plotly-plot')._fullLayout.font.color"
    before = page.evaluate(font)
    assert before == ("#1B2733" if theme == "light" else "#E6EDF3")
    content = page.pdf(prefer_css_page_size=True)
    assert content.count(b"/Type /Page\n") == 1
    assert page.evaluate(font) == before  # put back afterwards
    assert page.locator(".printed-scene").count() == 0
    page.emulate_media(media="print")
    page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    assert page.evaluate(font) == "#1B2733"
    expect(page.locator(".printed-scene")).to_have_count(2)
    expect(page.locator("#printed")).to_have_text(f"Batchscape · seed 12735, batch seed 0 · {address}/?v=1")
    for gone in (".bar", ".rail", ".take", ".modebar"):
        assert page.locator(gone).first.is_hidden()
    colours = page.evaluate(
        "() => ['color', 'backgroundColor'].map(name => getComputedStyle(document.querySelector('.page'))[name])"
    )
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
    assert page.evaluate(font) == before
