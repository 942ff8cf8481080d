"""Mean ± SD in a real browser."""

from __future__ import annotations

import base64
import re

import numpy as np
from driving import changed, click, follow, retype, settle, values
from playwright.sync_api import Page, expect

from app.page.rail.parts import DEFAULTS
from app.plotting.plotly import render
from app.state.view_state import ViewState
from app.views import VIEWS
from landscape_core import StudySpec
from landscape_core.study.run import run


def test_sampled_and_exact_moments(same_page: Page) -> None:
    page = same_page
    click(page, "Mean ± SD")
    settle(page, "moments-loss", "moments-slope", "moments-sd-loss", "moments-sd-slope")
    expect(page.locator("#view-compare")).to_be_hidden()
    expect(page.locator("#moments-sd-loss-note")).to_contain_text(re.compile(r"(0\.99|1\.00)\d times the exact SD"))
    sampled = values(page, "moments-sd-slope")
    click(page, "Exact")
    expect(page.locator("#moments-intro")).to_contain_text(
        "over all mini-batches of 10 of 150 samples, by a closed form"
    )
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


def test_one_draw_is_refused_because_it_has_no_sd(same_page: Page) -> None:
    page = same_page
    click(page, "Mean ± SD")
    settle(page, "moments-loss")
    retype(page, "draws", "1")
    expect(page.get_by_text("allowed: a whole number from 2 up: one draw has no SD")).to_be_visible()
    retype(page, "draws", "30")
    expect(page.locator("#moments-loss-sentence")).to_contain_text("30 draws")


def test_grids_arrive_bit_for_bit(same_page: Page) -> None:
    page = same_page
    follow(page, "?view=moments&resolution=40")
    settle(page, "moments-loss", "moments-slope", "moments-sd-loss")
    spec = StudySpec(resolution=40, draws=DEFAULTS.draws)
    drawn = VIEWS["moments"].draw(ViewState(spec, "moments"), {spec: run(spec)})
    for panel in ("loss", "slope", "sd-loss"):
        # but for the legend's entries of classes, which have no grid
        made = [one for one in render(drawn[panel].picture, "light")["data"] if one["type"] != "scatter3d"]
        shown = page.evaluate(
            """name => document.querySelector(`#moments-${name} .js-plotly-plot`).data
                .filter(trace => trace.type !== "scatter3d")
                .map(trace => trace.z ? Array.from(trace.z, row => Array.from(row)) : null)""",
            panel,
        )
        assert len(shown) == len(made)
        for ours, trace in zip(shown, made, strict=True):
            sent = np.frombuffer(base64.b64decode(trace["z"]["bdata"]), dtype=np.float32)
            np.testing.assert_array_equal(np.float32(ours).ravel(), sent)


def test_a_frame_is_not_hidden_by_an_earlier_one_of_the_same_task(same_page: Page) -> None:
    page = same_page
    follow(page, "?view=moments&resolution=40")
    settle(page, "moments-loss")
    alike = page.evaluate("""async () => {
        const {aspectratio, _scene: scene} = document.querySelector('#moments-loss .js-plotly-plot')._fullLayout.scene;
        const picture = () => { scene.glplot.redraw(); return scene.glplot.canvas.toDataURL(); };
        const {x, y, z} = aspectratio;
        scene.glplot.setAspectratio({x: 1.5 * x, y: 1.5 * y, z: 1.5 * z});
        const before = picture();
        scene.glplot.setAspectratio(aspectratio);
        const second = picture();
        await new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)));
        const alone = picture();
        return [before !== alone, second === alone];
    }""")
    assert alike == [True, True]
