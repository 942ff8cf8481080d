"""Downloads: pictures, numbers and studies arrive as they are shown."""

from __future__ import annotations

import csv
import struct
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
from driving import pick_export
from playwright.sync_api import Download, Page, expect

from app.plotting.plotly.scenes import FINE
from app.plotting.plotly.style import round_mantissa
from landscape_core import StudySpec, load

NAME = "batchscape-compare-{}-sigmoid-seed12735"


SVG = "{http://www.w3.org/2000/svg}"


def taken(page: Page, panel: str, what: str, folder: Path) -> Path:
    with page.expect_download() as waiting:
        pick_export(page, panel, what)
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


LINK = "Batchscape 1.0.0 · ?batch_size=10&seed=12735&batch_seed=0&v=1"


def test_a_surface_as_png(same_page: Page, tmp_path: Path) -> None:
    same_page.evaluate(
        "() => { const { readPixels } = WebGLRenderingContext.prototype;"
        " window.widest = 0;"
        " WebGLRenderingContext.prototype.readPixels = function (...given) {"
        "  window.widest = Math.max(window.widest, given[2]); return readPixels.apply(this, given); }; }"
    )
    path = taken(same_page, "compare-loss", "png", tmp_path)
    assert path.name == NAME.format("loss") + ".png"
    content = path.read_bytes()
    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", content[16:24])
    plot = same_page.locator("#compare-loss .js-plotly-plot").bounding_box()
    assert plot is not None
    assert width == 1920
    assert height > (plot["height"] + 30) * width / plot["width"]  # title, note and link
    assert b"pHYs" in content[:60]
    # the scene is drawn with as many pixels, not the screen's bitmap enlarged
    on_screen = same_page.locator("#compare-loss canvas").first.evaluate("one => one.getBoundingClientRect().width")
    assert same_page.evaluate("() => window.widest") >= 0.99 * on_screen * width / plot["width"]
    expect(same_page.locator("#said")).to_contain_text(path.name)


def test_a_chart_as_svg_is_vectors_with_title_and_link(same_page: Page, address: str, tmp_path: Path) -> None:
    path = taken(same_page, "compare-minima", "svg", tmp_path)
    root = ElementTree.parse(path).getroot()
    words = ["".join(found.itertext()) for found in root.iter(f"{SVG}text")]
    assert any(word.startswith("Minima") for word in words)
    assert LINK in words
    assert not any(address in word for word in words)
    assert not list(root.iter(f"{SVG}image"))
    assert len(list(root.iter(f"{SVG}path"))) > 100
    (style,) = [found.text or "" for found in root.iter(f"{SVG}style") if "@font-face" in (found.text or "")]
    assert "url(data:font/woff2;base64," in style.replace('"', "")


def test_a_surface_as_svg_is_said_to_hold_a_raster(same_page: Page, tmp_path: Path) -> None:
    same_page.locator("#compare-slope-take").click()
    expect(same_page.locator("#export-menu [data-does=svg]")).to_contain_text("3-D parts are embedded as bitmaps")
    same_page.keyboard.press("Escape")
    root = ElementTree.parse(taken(same_page, "compare-slope", "svg", tmp_path)).getroot()
    assert len(list(root.iter(f"{SVG}image"))) >= 1


def test_numbers_of_a_surface_and_a_chart(same_page: Page, tmp_path: Path) -> None:
    path = taken(same_page, "compare-slope", "csv", tmp_path)
    assert path.name == NAME.format("slope") + ".csv"
    with path.open(newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["d1", "d2", "slope"]
    values = np.array(rows, dtype=np.float64)
    drawn = in_the_plot(same_page, "compare-slope", 0, "z")
    # the picture is sent with fewer bits
    np.testing.assert_array_equal(round_mantissa(values[:, 2].astype(np.float32).reshape(100, 100), FINE), drawn)
    assert (values[:, 2] != values[:, 2].astype(np.float32)).any()  # more digits than the picture has

    with taken(same_page, "compare-nngpps", "csv", tmp_path).open(newline="") as file:
        rows = [row for row in csv.reader(file) if row[:2] == ["d1", "slope"]]
    np.testing.assert_array_equal(
        np.array([row[3] for row in rows], dtype=np.float64).astype(np.float32),
        in_the_plot(same_page, "compare-nngpps", 0, "y"),
    )


def test_study_and_all_numbers_from_the_dialog(same_page: Page, tmp_path: Path) -> None:
    same_page.locator("#export").click()
    with same_page.expect_download() as waiting:
        same_page.get_by_role("button", name="Study (NPZ)").click()
    study = load(kept(waiting.value, tmp_path))
    assert study.spec == StudySpec(draws=0)
    drawn = in_the_plot(same_page, "compare-loss", 0, "z")
    np.testing.assert_array_equal(round_mantissa(study.batch_loss.astype(np.float32), FINE), drawn)
    with same_page.expect_download() as waiting:
        same_page.get_by_role("button", name="All numbers (CSV)").click()
    with zipfile.ZipFile(kept(waiting.value, tmp_path)) as packed:
        assert len(packed.namelist()) == 5
        assert LINK in packed.read("README.txt").decode()
    expect(same_page.locator("#dialog-said")).to_contain_text(
        "Downloaded: batchscape-compare-sigmoid-seed12735-numbers.zip"
    )
    same_page.keyboard.press("Escape")


def test_every_picture_of_the_view_from_the_dialog(same_page: Page, tmp_path: Path) -> None:
    page = same_page
    page.locator("#export").click()
    buttons = page.locator("#png-files button")
    titles = [page.locator(f"#compare-{name}-title").inner_text() for name in ("loss", "slope", "minima", "nngpps")]
    expect(buttons).to_have_text(titles)
    with page.expect_download() as waiting:
        buttons.nth(2).click()
    path = kept(waiting.value, tmp_path)
    assert path.name == NAME.format("minima") + ".png"
    assert path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    expect(page.locator("#dialog-said")).to_contain_text(path.name)
    page.keyboard.press("Escape")
    page.locator("#view").get_by_text("Appendix figures", exact=True).click()
    expect(page.locator("#view-gallery")).to_be_visible()
    page.locator("#export").click()
    expect(page.locator("#png-title")).to_be_visible()
    expect(buttons).to_have_count(0)  # its pictures are links to the figures
    page.keyboard.press("Escape")
