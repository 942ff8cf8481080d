"""The page as a visitor uses it: real server, real browser, WebGL on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from driving import camera, changed, click, retype, settle, start, values, watched
from playwright.sync_api import Browser, Page, expect

from app import ids
from app.text import GLOSSARY
from app.views import VIEWS


def press(page: Page, field: str, key: str) -> None:
    """Move a slider by its keyboard."""
    page.locator(f"#{field} [role=slider]").press(key)


def test_first_picture_shows_the_papers_counts(shared_page: Page) -> None:
    page = shared_page
    assert page.title() == "Batchscape"
    expect(page.locator("h1")).to_have_count(1)
    expect(page.locator("#compare-minima-note")).to_contain_text("128 minima found")
    expect(page.locator("#compare-minima-note")).to_contain_text("pure noise gives 131 · true 4")
    expect(page.locator("#compare-nngpps-note")).to_contain_text("17 NN-GPPs found")
    expect(page.locator("#compare-nngpps-note")).to_contain_text("true 4")


@pytest.mark.parametrize("panel", ["compare-loss", "compare-slope"])
def test_surfaces_are_really_painted(shared_page: Page, panel: str) -> None:
    page = shared_page
    page.wait_for_timeout(1000)  # the canvas cannot be asked whether a frame has been painted
    colours = page.evaluate(
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
            return seen.size;
        }""",
        panel,
    )
    assert colours > 1000


CONTROLS: dict[str, Callable[[Page], None]] = {
    "activation": lambda page: click(page, "Tanh"),
    "domain": lambda page: click(page, "Local"),
    "range": lambda page: retype(page, "range", "7.5"),
    "resolution": lambda page: retype(page, "resolution", "40"),
    "batch size by slider": lambda page: press(page, "batch_size", "ArrowRight"),
    "batch size 150": lambda page: page.locator("#batch-preset-150").click(),
    "batch size 149": lambda page: page.locator("#batch-preset-149").click(),
    "batch size 1": lambda page: page.locator("#batch-preset-1").click(),
    "full batch": lambda page: click(page, "Full batch"),
    "new draw": lambda page: page.locator("#draw-again").click(),
    "seed": lambda page: retype(page, "seed", "636"),
    "batch seed": lambda page: retype(page, "batch_seed", "5"),
    "scaling": lambda page: (page.locator("#scaling").click(), click(page, "Raw: centimetres")),
    "output layer": lambda page: (page.locator("#output_activation").click(), click(page, "Linear")),
}


@pytest.mark.parametrize("control", CONTROLS)
def test_each_control_changes_both_surfaces_and_reset_undoes_it(shared_page: Page, control: str) -> None:
    page = shared_page
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


def test_slope_direction_changes_the_slope_alone(same_page: Page) -> None:
    page = same_page
    loss, slope = values(page, "compare-loss"), values(page, "compare-slope")
    press(page, "slope_angle", "End")
    expect(page.locator("#compare-slope-title")).to_contain_text("Slope along d1 (360°)")
    settle(page)
    assert values(page, "compare-slope") != slope
    assert values(page, "compare-loss") == loss


def test_points_on_a_line_change_the_counts_alone(same_page: Page) -> None:
    page = same_page
    loss = values(page, "compare-loss")
    retype(page, "line_points", "200")
    expect(page.locator("#compare-minima-note")).to_contain_text("pure noise gives 264")
    assert values(page, "compare-loss") == loss


def test_what_is_typed_or_stepped_counts_when_it_rests(same_page: Page) -> None:
    page = same_page
    box = page.locator("#line_points")
    box.fill("200")
    expect(page).to_have_url(re.compile("line_points=200"))
    expect(box).to_be_focused()
    box.press("ArrowUp")
    expect(page).to_have_url(re.compile("line_points=210"))
    page.locator(".mantine-NumberInput-root:has(#line_points) [data-direction=down]").click()
    expect(page).to_have_url(re.compile("line_points=200"))


def test_what_was_typed_is_told_once(same_page: Page) -> None:
    page = same_page
    page.evaluate(
        "() => { window.repeated = 0; document.addEventListener('keydown', (event) => {"
        " if (event.key === 'Enter' && !event.isTrusted) window.repeated += 1; }); }"
    )
    box = page.locator("#line_points")
    for last, repeated in (("Tab", 0), ("Enter", 0), ("Escape", 1), ("ArrowLeft", 1)):
        page.evaluate("() => { window.repeated = 0; }")
        box.fill("200" if box.input_value() != "200" else "190")
        box.press(last)
        page.wait_for_timeout(900)
        assert page.evaluate("() => window.repeated") == repeated, last
        expect(page).to_have_url(re.compile(f"line_points={box.input_value()}"))
    for key in ("Escape", "Home", "ArrowLeft", "Shift"):  # they change no number
        page.evaluate("() => { window.repeated = 0; }")
        box.press(key)
        page.wait_for_timeout(700)
        assert page.evaluate("() => window.repeated") == 0, key


def test_a_number_that_is_set_there_and_back_is_not_said_again(same_page: Page) -> None:
    page = same_page
    for points in (200, 100):  # as by two quick steps of the tour, or of undo
        page.evaluate("value => window.dash_clientside.set_props('line_points', { value })", points)
        page.wait_for_timeout(200)
    page.wait_for_timeout(1500)
    expect(page.locator("#line_points")).to_have_value("100")
    expect(page).to_have_url(re.compile(r"/(\?v=1)?$"))
    expect(page.locator("#compare-minima-note")).to_contain_text("pure noise gives 131")


def test_from_below_and_back_without_the_server(same_page: Page) -> None:
    page = same_page
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    assert camera(page, "compare-loss")["eye"]["z"] > 0
    for button, sign in (("from-below", -1), ("from-above", 1)):
        page.locator(f"#{button}").click()
        for panel in ("compare-loss", "compare-slope"):
            page.wait_for_function(
                "([name, sign]) => { const plot = document.querySelector(`#${name} .js-plotly-plot`);"
                " return Math.sign(plot._fullLayout.scene._scene.getCamera().eye.z) === sign; }",
                arg=[panel, sign],
            )
    assert asked == []


def test_camera_survives_new_numbers(same_page: Page) -> None:
    page = same_page
    page.locator("#from-below").click()
    page.wait_for_timeout(500)
    before = values(page, "compare-loss")
    page.locator("#draw-again").click()
    changed(page, "compare-loss", before)
    page.wait_for_timeout(1000)
    assert camera(page, "compare-loss")["eye"]["z"] < 0
    assert camera(page, "compare-slope")["eye"]["z"] < 0


def test_turning_one_surface_turns_the_other(same_page: Page) -> None:
    page = same_page
    page.wait_for_timeout(1000)
    box = page.locator("#compare-loss .js-plotly-plot").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    start = camera(page, "compare-slope")["eye"]["x"]
    for _ in range(20):  # the scene takes no notice before its first frame
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.move(x + 120, y + 20, steps=5)
        page.mouse.up()
        page.wait_for_timeout(500)
        if abs(camera(page, "compare-slope")["eye"]["x"] - start) > 0.1:
            break
    else:
        pytest.fail("turning one surface did not turn the other")
    page.wait_for_timeout(500)
    one, other = camera(page, "compare-loss"), camera(page, "compare-slope")
    assert one["eye"] == pytest.approx(other["eye"], abs=0.02)


def test_mean_and_sd_view(page: Page) -> None:
    click(page, "Mean ± SD")
    settle(page, "moments-loss", "moments-slope", "moments-sd-loss", "moments-sd-slope")
    expect(page.locator("#view-compare")).to_be_hidden()
    expect(page.locator("#moments-sd-loss-note")).to_contain_text(re.compile(r"(0\.99|1\.00)\d times the exact SD"))
    sampled = values(page, "moments-sd-slope")
    click(page, "Exact")
    expect(page.locator("#moments-loss-note")).to_contain_text("all mini-batches of 10, exactly")
    changed(page, "moments-sd-slope", sampled)
    page.locator("#from-below").click()
    page.wait_for_function(
        "() => document.querySelector('#moments-slope .js-plotly-plot')?._fullLayout?.scene?._scene?.getCamera().eye.z < 0"
    )
    # back in the other view the camera is the same
    click(page, "Compare")
    page.wait_for_function(
        "() => document.querySelector('#compare-loss .js-plotly-plot')?._fullLayout?.scene?._scene?.getCamera().eye.z < 0"
    )


def test_long_job_is_cancelled(page: Page) -> None:
    click(page, "Mean ± SD")
    settle(page, "moments-loss")
    before = values(page, "moments-loss")
    retype(page, "draws", "20000")
    expect(page.locator("#cancel")).to_be_visible()
    expect(page.locator("#busy-text")).to_contain_text(re.compile(r"Drawing mini-batches: \d+%"))
    page.locator("#cancel").click()
    expect(page.locator("#notice")).to_have_text("Cancelled. The pictures show an earlier choice.")
    expect(page.locator("#cancel")).to_be_hidden()
    assert values(page, "moments-loss") == before
    # the same can be asked for again
    page.locator("#retry").click()
    expect(page.locator("#cancel")).to_be_visible()
    # and what is at hand comes at once, whatever is being computed
    retype(page, "draws", "50")
    expect(page.locator("#cancel")).to_be_hidden()
    expect(page.locator("#notice")).to_be_empty()
    # a study that is not wanted any more makes room for the next
    retype(page, "draws", "20000")
    expect(page.locator("#cancel")).to_be_visible()
    retype(page, "draws", "20")
    expect(page.locator("#moments-loss-note")).to_contain_text("20 draws")


def test_pictures_that_are_being_replaced_are_dimmed(page: Page) -> None:
    click(page, "Mean ± SD")
    settle(page, "moments-loss")
    retype(page, "draws", "20000")
    expect(page.locator("#main")).to_have_class("stale")
    page.locator("#cancel").click()
    expect(page.locator("#main")).not_to_have_class("stale")


def test_one_draw_has_no_sd_and_breaks_nothing(page: Page) -> None:
    click(page, "Mean ± SD")
    settle(page, "moments-loss")
    retype(page, "draws", "1")
    expect(page.get_by_text("allowed: a whole number from 2 up: one draw has no SD")).to_be_visible()
    retype(page, "draws", "30")
    expect(page.locator("#moments-loss-note")).to_contain_text("30 draws")


def test_wheel_moves_both_surfaces_and_reset_brings_the_camera_back(page: Page) -> None:
    page.wait_for_timeout(1000)
    start = camera(page, "compare-slope")["eye"]
    box = page.locator("#compare-loss .js-plotly-plot").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for _ in range(20):  # the scene takes no notice before its first frame
        page.mouse.wheel(0, 120)
        page.wait_for_timeout(500)
        if camera(page, "compare-slope")["eye"]["x"] != pytest.approx(start["x"], abs=0.01):
            break
    else:
        pytest.fail("the wheel did not move the other surface")
    expect(page).to_have_url(re.compile("camera="))
    page.locator("#reset").click()
    expect(page).not_to_have_url(re.compile("camera="))
    for panel in ("compare-loss", "compare-slope"):
        page.wait_for_function(
            "([name, start]) => { const plot = document.querySelector(`#${name} .js-plotly-plot`);"
            " return Math.abs(plot._fullLayout.scene._scene.getCamera().eye.x - start) < 0.01; }",
            arg=[panel, start["x"]],
        )


def test_bad_value_is_explained_beside_its_control(same_page: Page) -> None:
    page = same_page
    before = values(page, "compare-loss")
    retype(page, "resolution", "1")
    expect(page.get_by_text("allowed: a whole number from 2")).to_be_visible()
    assert values(page, "compare-loss") == before
    retype(page, "resolution", "50")
    expect(page.get_by_text("allowed: a whole number from 2")).to_have_count(0)


def test_too_large_a_study_is_refused_before_it_starts(same_page: Page) -> None:
    page = same_page
    retype(page, "resolution", "5000")
    expect(page.locator("#message")).to_contain_text("Lower the resolution")
    expect(page.locator("#cancel")).to_be_hidden()


def test_start_point_without_a_gradient_is_explained(page: Page, dead_relu_seed: int) -> None:
    click(page, "ReLU")
    click(page, "Local")
    retype(page, "seed", str(dead_relu_seed))
    expect(page.locator("#notice")).to_contain_text("use another seed, or the global domain")


def test_dark_and_light(page: Page) -> None:
    page.locator("#theme-toggle").click()
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    page.wait_for_function(
        "() => document.querySelector('#compare-minima .js-plotly-plot').layout.font.color === '#E6EDF3'"
    )
    page.reload()
    settle(page)
    expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")


def test_panels_fit_the_window(same_page: Page) -> None:
    page = same_page
    assert page.evaluate("document.documentElement.scrollHeight <= window.innerHeight")
    for panel in ("compare-loss", "compare-slope", "compare-minima", "compare-nngpps"):
        box = page.locator(f"#{panel}").bounding_box()
        assert box is not None
        assert box["height"] > 200
        assert box["y"] + box["height"] <= 768


SHOWN = {view.name: ids.panel(view.name, next(iter(view.panels))) for view in VIEWS.values()} | {
    "oracle": "oracle-loss"
}
"""A panel of each view that is there once the view is drawn."""


@pytest.fixture(scope="module", params=["light", "dark"])
def themed_page(browser: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[Page]:
    """One page for all views, in one theme."""
    with watched(browser, address) as page:
        start(page)
        if request.param == "dark":
            page.locator("#theme-toggle").click()
        yield page


@pytest.mark.parametrize("view", VIEWS)
def test_no_accessibility_violations(themed_page: Page, view: str) -> None:
    page = themed_page
    page.get_by_role("radiogroup", name="View").get_by_text(VIEWS[view].label, exact=True).click()
    if view == "tables":
        retype(page, "seeds", "3")
    page.wait_for_function("id => document.getElementById(id).childElementCount > 0", arg=SHOWN[view])
    page.wait_for_timeout(2000)
    page.wait_for_function("() => document.getElementById('busy').className === 'idle'")
    page.wait_for_timeout(1000)
    report = Axe().run(page)
    assert [
        (found["id"], [node["html"][:200] for node in found["nodes"]]) for found in report.response["violations"]
    ] == []


def test_surfaces_come_before_the_counts(same_page: Page) -> None:
    page = same_page
    page.evaluate("""() => {
        window.order = [];
        for (const name of ['loss', 'slope', 'minima', 'nngpps']) {
            const plot = document.querySelector(`#compare-${name} .js-plotly-plot`);
            let held = plot.data[0];
            plot.on('plotly_afterplot', () => {
                if (plot.data[0] !== held) window.order.push(name);  // not for a camera that moves
                held = plot.data[0];
            });
        }
    }""")
    before = {name: values(page, f"compare-{name}") for name in ("loss", "slope")}
    page.locator("#batch_size [role=slider]").press("ArrowRight")
    for name, old in before.items():
        changed(page, f"compare-{name}", old)
    expect(page.locator("#compare-minima-title")).to_contain_text("|B| = 11")
    settle(page)
    page.wait_for_timeout(1000)
    assert page.evaluate("window.order") == ["loss", "slope", "minima", "nngpps"]


def test_a_control_explains_itself(same_page: Page) -> None:
    page = same_page
    tip = page.locator("#explanation")
    mark = page.get_by_label("About: Mini-batch size")
    mark.hover()
    expect(tip).to_be_visible()
    expect(tip).to_have_text(GLOSSARY["batch_size"])
    expect(mark).to_have_attribute("aria-describedby", "explanation")
    box, window = tip.bounding_box(), page.viewport_size
    assert box is not None
    assert window is not None
    assert 0 <= box["x"] <= window["width"] - box["width"]
    tip.hover()
    page.wait_for_timeout(500)
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    expect(mark).not_to_have_attribute("aria-describedby", "explanation")
    page.locator("#seed").focus()
    expect(tip).to_have_text(GLOSSARY["seed"])
    page.keyboard.press("Tab")
    expect(tip).not_to_have_text(GLOSSARY["seed"])
