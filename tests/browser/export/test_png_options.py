"""Options of PNG files and of copied images: chosen in the dialog, seen in the pixels, and kept for the next visit."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from driving import pick_export, settle
from playwright.sync_api import Page, expect

DARK_SHEET, DARK_INK, LIGHT_INK = (0x17, 0x21, 0x2B), (0xE6, 0xED, 0xF3), (0x1B, 0x27, 0x33)
DARK_LINE, LIGHT_LINE = (0x56, 0xB4, 0xE9), (0x00, 0x72, 0xB2)
COPIED = """async () => {
    const [item] = await navigator.clipboard.read();
    const image = await createImageBitmap(await item.getType('image/png'));
    const brush = new OffscreenCanvas(image.width, image.height).getContext('2d');
    brush.drawImage(image, 0, 0);
    return [image.width, image.height, ...brush.getImageData(0, 0, 1, 1).data];
}"""


def choose(page: Page, colours: str, transparent: bool, caption: bool) -> None:
    page.locator("#export").click()
    group = page.get_by_role("group", name="PNG files and copied images")
    group.get_by_label("Colours").select_option(colours)
    group.get_by_label("Transparent background").set_checked(transparent)
    group.get_by_label("Title, note and link").set_checked(caption)
    page.keyboard.press("Escape")


def pixels(page: Page, folder: Path) -> np.ndarray:
    """The picture of a chart as it is downloaded, as bytes of red, green, blue and alpha."""
    with page.expect_download() as waiting:
        pick_export(page, "compare-minima", "png")
    path = folder / "chart.png"
    waiting.value.save_as(path)
    return np.round(255 * plt.imread(path)).astype(int)


def count(image: np.ndarray, colour: tuple[int, int, int]) -> int:
    """Opaque pixels of a colour."""
    return int(((np.abs(image[..., :3] - colour).max(-1) <= 2) & (image[..., 3] == 255)).sum())


def test_colours_background_and_caption(page: Page, tmp_path: Path) -> None:
    usual = pixels(page, tmp_path)
    assert usual.shape[1] == 1920
    assert usual[0, 0].tolist() == [255, 255, 255, 255]
    assert count(usual, LIGHT_INK) > 100
    choose(page, "dark", transparent=False, caption=True)
    dark = pixels(page, tmp_path)
    assert dark.shape == usual.shape
    assert dark[0, 0].tolist() == [*DARK_SHEET, 255]
    assert count(dark, DARK_INK) > 100
    assert count(dark, DARK_LINE) > 100 > count(usual, DARK_LINE)
    assert count(usual, LIGHT_LINE) > 100 > count(dark, LIGHT_LINE)
    assert page.locator("html").get_attribute("data-mantine-color-scheme") == "light"
    choose(page, "dark", transparent=True, caption=False)
    bare = pixels(page, tmp_path)
    assert bare.shape[0] < usual.shape[0] - 100
    assert bare[0, 0, 3] == 0
    assert (bare[..., 3] == 0).mean() > 0.3
    assert count(bare, DARK_SHEET) == 0
    # remembered, and the same for the picture that is copied
    page.reload()
    settle(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.locator("#compare-minima-take").click()
    entry = page.locator("#export-menu [data-does=png]")
    expect(entry).to_contain_text("1920 pixels wide, dark colours, transparent, without title and link")
    page.keyboard.press("Escape")
    pick_export(page, "compare-minima", "copy")
    expect(page.locator("#said")).to_have_text("The picture is copied.")
    assert page.evaluate(COPIED) == [1920, bare.shape[0], 0, 0, 0, 0]
    page.locator("#export").click()
    expect(page.get_by_label("Colours")).to_have_value("dark")
    expect(page.get_by_label("Transparent background")).to_be_checked()
    expect(page.get_by_label("Title, note and link")).not_to_be_checked()
