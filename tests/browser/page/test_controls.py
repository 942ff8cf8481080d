"""Controls: each changes what it should; a bad value is explained beside its control."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from driving import changed, click, follow, rest, retype, settle, unfold, values
from playwright.sync_api import Page, expect


def press(page: Page, field: str, key: str) -> None:
    """Move a slider by its keyboard."""
    page.locator(f"#{field} [role=slider]").press(key)


def test_the_page_opens_with_the_counts_of_the_paper(same_page: Page) -> None:
    page = same_page
    assert page.title() == "Batchscape"
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("#compare-minima-note")).to_contain_text("128 minima found")
    expect(page.locator("#compare-minima-note")).to_contain_text("white noise would give 131 · true 4")
    expect(page.locator("#compare-nngpps-note")).to_contain_text("17 NN-GPPs found")
    expect(page.locator("#compare-nngpps-note")).to_contain_text("true 4")


@pytest.mark.parametrize("panel", ["compare-loss", "compare-slope"])
def test_surfaces_are_painted(same_page: Page, panel: str) -> None:
    page = same_page
    # the canvas cannot be asked whether a frame has been painted
    page.wait_for_function(
        """async name => {
            const plot = document.querySelector(`#${name} .js-plotly-plot`);
            const image = new Image();
            image.src = await window.Plotly.toImage(plot, {format: 'png', width: 400, height: 300});
            await image.decode();
            const canvas = document.createElement('canvas');
            canvas.width = 400;
            canvas.height = 300;
            const pen = canvas.getContext('2d', {willReadFrequently: true});
            pen.drawImage(image, 0, 0);
            const bytes = pen.getImageData(0, 0, 400, 300).data;
            const seen = new Set();
            for (let at = 0; at < bytes.length; at += 4) {
                if (bytes[at + 3] > 0) seen.add(bytes[at] * 65536 + bytes[at + 1] * 256 + bytes[at + 2]);
            }
            return seen.size > 1000;
        }""",
        arg=panel,
    )


CONTROLS: dict[str, Callable[[Page], None]] = {
    "activation": lambda page: click(page, "Tanh"),
    "domain": lambda page: click(page, "Local"),
    "range": lambda page: retype(page, "range", "7.5"),
    "resolution": lambda page: retype(page, "resolution", "40"),
    "batch size by slider": lambda page: press(page, "batch_size", "ArrowRight"),
    "batch size 150": lambda page: page.locator("#batch-preset-all").click(),
    "batch size 149": lambda page: page.locator("#batch-preset-all-but-one").click(),
    "batch size 1": lambda page: page.locator("#batch-preset-1").click(),
    "full batch": lambda page: click(page, "Full batch"),
    "new draw": lambda page: page.locator("#draw-again").click(),
    "seed": lambda page: retype(page, "seed", "636"),
    "batch seed": lambda page: retype(page, "batch_seed", "5"),
    "scaling": lambda page: (unfold(page), page.locator("#scaling").click(), click(page, "Raw: as measured")),
    "output layer": lambda page: (unfold(page), page.locator("#output_activation").click(), click(page, "Linear")),
}


@pytest.mark.parametrize("control", CONTROLS)
def test_each_control_changes_both_surfaces_and_reset_undoes_it(same_page: Page, control: str) -> None:
    page = same_page
    before = {panel: values(page, panel) for panel in ("compare-loss", "compare-slope")}
    CONTROLS[control](page)
    for panel, old in before.items():
        changed(page, panel, old)
    expect(page.locator("#message")).to_be_empty()
    expect(page.locator("#notice")).to_be_empty()
    page.locator("#reset").click()
    for panel, old in before.items():
        page.wait_for_function(
            "([name, old]) => { const plot = document.querySelector(`#${name} .js-plotly-plot`);"
            " return JSON.stringify(plot.data[0].z) === old; }",
            arg=[panel, old],
        )


def test_the_slope_direction_changes_only_the_slope(same_page: Page) -> None:
    page = same_page
    loss, slope = values(page, "compare-loss"), values(page, "compare-slope")
    press(page, "slope_angle", "End")
    expect(page.locator("#compare-slope-title")).to_contain_text("Slope along d1 (360°)")
    settle(page)
    assert values(page, "compare-slope") != slope
    assert values(page, "compare-loss") == loss


def test_the_points_of_a_line_change_only_the_counts(same_page: Page) -> None:
    page = same_page
    loss = values(page, "compare-loss")
    retype(page, "line_points", "200")
    expect(page.locator("#compare-minima-note")).to_contain_text("white noise would give 264")
    assert values(page, "compare-loss") == loss


def test_a_bad_value_is_explained_beside_its_control(same_page: Page) -> None:
    page = same_page
    before = values(page, "compare-loss")
    retype(page, "resolution", "1")
    expect(page.get_by_text("allowed: a whole number from 2")).to_be_visible()
    assert values(page, "compare-loss") == before
    retype(page, "resolution", "50")
    expect(page.get_by_text("allowed: a whole number from 2")).to_have_count(0)


def test_a_study_over_the_limit_is_refused_before_it_starts(same_page: Page) -> None:
    page = same_page
    retype(page, "resolution", "5000")
    expect(page.locator("#message")).to_contain_text(
        "Too large: needs 90 GB, the limit is 0.67 GB. Use a resolution of at most about"
    )
    expect(page.locator("#cancel")).to_be_hidden()


def test_a_start_point_without_a_gradient_is_explained(same_page: Page, dead_relu_seed: int) -> None:
    page = same_page
    click(page, "ReLU")
    click(page, "Local")
    retype(page, "seed", str(dead_relu_seed))
    expect(page.locator("#notice")).to_contain_text("use another seed, or the global domain")


def test_controls_that_change_nothing_are_not_there(same_page: Page) -> None:
    page = same_page
    shown = ["activation-box", "plane-box", "batch-box", "draw-box", "seed-box"]

    def expect_shown(*boxes: str) -> None:
        for box in shown:
            expect(page.locator(f"#{box}")).to_be_visible(visible=box in boxes)

    expect_shown(*shown)
    follow(page, "?figure=1&v=1")
    expect_shown()
    page.locator("#main").focus()
    page.keyboard.press("n")
    page.keyboard.press("a")
    rest(page)
    expect(page).to_have_url(re.compile(r"\?figure=1&panel=a&v=1$"))
    follow(page, "?view=race&stage=train&v=1")
    expect_shown(*(box for box in shown if box != "plane-box"))


def test_who_changes_mini_batches_sees_mini_batches(same_page: Page) -> None:
    page = same_page
    click(page, "Full batch")
    expect(page.locator("#compare-loss-title")).to_have_text("Loss, full batch")
    press(page, "batch_size", "ArrowRight")
    expect(page.locator("#compare-loss-title")).to_have_text("Loss, |B| = 11")
    expect(page).to_have_url(re.compile(r"/\?batch_size=11&v=1$"))
