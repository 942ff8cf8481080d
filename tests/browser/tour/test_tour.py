"""The tour: every scene is a link; predicted, revealed and left by keyboard."""

from __future__ import annotations

import re

import pytest
from driving import camera, click, follow, settle
from playwright.sync_api import Page, expect

from app.state.problems import name_problem
from app.state.tour import OTHERS, SCENES


def test_through_all_scenes_with_a_clicker_and_back_to_where_one_was(same_page: Page) -> None:
    page = same_page
    click(page, "ELU")
    expect(page).to_have_url(re.compile("activation=elu"))
    page.locator("#main").focus()
    for number, scene in enumerate(SCENES, 1):
        page.keyboard.press("PageDown")  # of a scene that is not the first: the second press, after that of its answer
        expect(page.locator("#tour h2")).to_have_text(f"{number}/{len(SCENES)} {scene.title}")
        expect(page.locator("#tour-heard")).to_have_text(f"Scene {number}/{len(SCENES)} {scene.title}")
        expect(page).to_have_url(re.compile(rf"\?scene={number}&v=1$"))
        expect(page.locator(f"#view-{scene.state.view}")).to_be_visible()
        expect(page.locator("#message")).to_be_empty()
        expect(page.locator(".tour-answer")).to_be_hidden()
        page.keyboard.press("PageDown")
        expect(page.locator(".tour-answer")).to_be_visible()
    expect(page.locator(".tour-card")).to_be_hidden()
    page.keyboard.press("PageDown")
    expect(page.locator(".tour-card")).to_be_visible()
    expect(page.locator(".tour-card li")).to_have_text(list(SCENES[-1].takeaways))
    page.keyboard.press("PageDown")  # there is nothing more
    expect(page.locator("#tour h2")).to_contain_text(SCENES[-1].title)
    page.keyboard.press("Escape")  # the card first
    expect(page.locator(".tour-card")).to_be_hidden()
    page.keyboard.press("PageUp")
    expect(page.locator("#tour h2")).to_contain_text(SCENES[-2].title)
    page.keyboard.press("Escape")
    expect(page.locator("#tour")).to_be_hidden()
    expect(page).to_have_url(re.compile(r"\?activation=elu&v=1$"))


def test_a_prediction_is_answered_and_stays_while_one_tries(same_page: Page) -> None:
    page = same_page
    follow(page, "?scene=7")
    expect(page.locator(".tour-option").first).to_be_visible()
    settle(page)
    options = page.locator(".tour-option")
    expect(page.locator(".tour-answer p")).to_be_hidden()
    for answer in ("#compare-minima-note", ".legend-row b", "#compare-minima ~ .sr-only"):
        expect(page.locator(answer).first).to_be_hidden()
    size = page.locator("#compare-minima").bounding_box()
    options.nth(0).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".tour-answer p")).to_be_visible()
    expect(page.locator(".tour-said")).to_have_text("Not quite. ")
    options.nth(SCENES[6].right).click()
    expect(page.locator(".tour-said")).to_have_text("Yes. ")
    expect(page.locator(".legend-row b").first).to_be_visible()
    assert page.locator("#compare-minima").bounding_box() == size  # nothing moves
    page.locator("#batch-preset-1").click()
    expect(page.locator("#compare-loss-note")).to_contain_text("mini-batch of 1 ")
    expect(page.locator(".tour-answer p")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?scene=7&batch_size=1&v=1$"))


def test_by_mouse_and_the_focus_stays_in_the_strip(same_page: Page) -> None:
    page = same_page
    page.locator("#tour-start").click()
    heading = page.locator("#tour h2")
    expect(heading).to_contain_text(SCENES[0].title)
    page.locator(".tour-next").click()
    expect(heading).to_contain_text(SCENES[1].title)
    page.locator(".tour-back").click()
    expect(heading).to_contain_text(SCENES[0].title)
    page.locator(".tour-next").focus()
    page.keyboard.press("Enter")
    expect(heading).to_contain_text(SCENES[1].title)
    expect(heading).to_be_focused()
    page.locator(".tour-leave").click()
    expect(page.locator("#tour")).to_be_hidden()


def test_another_view_inside_a_scene_can_be_undone_and_is_exported(blank: Page) -> None:
    page = blank
    page.goto("/?scene=7")
    settle(page)
    page.locator("#view").get_by_text("Fixed batch", exact=True).click()
    expect(page).to_have_url(re.compile(r"\?scene=7&view=static&v=1$"))
    page.locator("#batch-preset-1").click()
    expect(page).to_have_url(re.compile(r"\?scene=7&view=static&batch_size=1&v=1$"))
    page.locator("#export").click()
    expect(page.locator("#copy-citation")).to_contain_text("?scene=7&view=static&batch_size=1&seed=12735")
    page.keyboard.press("Escape")
    page.locator("#undo").click()
    expect(page).to_have_url(re.compile(r"\?scene=7&view=static&v=1$"))
    expect(page.locator("#view-static")).to_be_visible()
    page.locator("#undo").click()
    expect(page.locator("#view-compare")).to_be_visible()


def test_the_clicker_works_from_a_number_box_and_each_scene_has_its_own_camera(same_page: Page) -> None:
    page = same_page
    follow(page, "?scene=5")
    expect(page.locator("#tour h2")).to_contain_text(SCENES[4].title)
    settle(page)
    home = camera(page, "compare-loss")["eye"]
    page.locator("#main").focus()
    page.keyboard.press("Shift+ArrowRight")
    expect(page).to_have_url(re.compile("camera="))
    page.locator("#seed").fill("7")
    expect(page).to_have_url(re.compile("seed=7"))
    page.keyboard.press("PageDown")
    expect(page.locator(".tour-answer")).to_be_visible()
    page.keyboard.press("PageDown")
    expect(page.locator("#tour h2")).to_contain_text(SCENES[5].title)
    expect(page).to_have_url(re.compile(r"\?scene=6&v=1$"))
    settle(page)
    eye = camera(page, "compare-loss")["eye"]
    assert eye == pytest.approx(home, abs=1e-3)


def test_an_answer_can_change_what_is_shown(same_page: Page) -> None:
    page = same_page
    follow(page, "?scene=12")
    settle(page, "race-line")
    expect(page.locator("#race-at")).to_have_text("Step 15 of 15")
    page.keyboard.press("Enter")
    expect(page.locator("#race-rates")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?scene=12&stage=many&v=1$"))
    more = page.locator(".tour-more")
    more.focus()
    page.keyboard.press("Enter")
    expect(more).to_have_attribute("aria-expanded", "true")
    expect(page.locator(".tour-card")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.locator(".tour-card a").first).to_be_focused()
    more.click()
    expect(page.locator(".tour-card")).to_be_hidden()


def test_a_projector_shows_the_pair_that_answers(blank: Page) -> None:
    page = blank
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.set_viewport_size({"width": 1024, "height": 768})
    page.goto("/?scene=7&profile=projector")
    settle(page)
    surface, line = page.locator("#compare-loss"), page.locator("#compare-minima")
    expect(surface).to_be_visible()
    expect(line).to_be_hidden()
    page.keyboard.press("PageDown")
    expect(line).to_be_visible()
    expect(surface).to_be_hidden()
    page.keyboard.press("PageDown")
    expect(page.locator("#tour h2")).to_contain_text(SCENES[7].title)
    page.keyboard.press("PageUp")
    expect(page.locator("#tour h2")).to_contain_text(SCENES[6].title)
    expect(surface).to_be_visible()
    follow(page, "?scene=10&profile=projector")
    settle(page, "counts-minima")
    expect(page.locator("#counts-lines")).to_be_hidden()
    page.keyboard.press("PageDown")
    for shown in ("#counts-thinned", "#counts-lines"):
        expect(page.locator(shown)).to_be_visible()
        assert page.locator(shown).bounding_box()["height"] > 140
    follow(page, "?scene=12&profile=projector")
    settle(page, "race-line")
    assert page.locator("#tour").bounding_box()["height"] < 0.35 * 768
    assert page.locator("#race-line").bounding_box()["height"] > 200
    ways = [one.bounding_box()["y"] for one in page.locator(".tour-ways a").all()]
    assert max(ways) - min(ways) < 2  # they stand in one row
    page.keyboard.press("PageDown")
    settle(page, "race-stops")
    assert page.locator("#race-stops").bounding_box()["height"] > 200
    assert errors == []


def test_a_scene_that_was_opened_by_its_link_is_left_in_place(blank: Page) -> None:
    page = blank
    page.goto("/?scene=11")
    settle(page)
    page.keyboard.press("Escape")
    expect(page.locator("#tour")).to_be_hidden()
    expect(page).to_have_url(re.compile(r"\?activation=relu&domain=local&range=2&v=1$"))
    expect(page.locator("#compare-intro")).to_contain_text(re.compile(r"ReLU network on Iris .* ±2 along"))


def test_through_the_scenes_of_other_problems(same_page: Page) -> None:
    page = same_page
    page.keyboard.press("i")
    page.locator("#dialog-body").get_by_role("link", name=OTHERS[0].title).click()
    for number, scene in enumerate(OTHERS, 1):
        expect(page.locator("#tour h2")).to_have_text(f"{number}/{len(OTHERS)} {scene.title}")
        expect(page).to_have_url(re.compile(rf"\?scene={len(SCENES) + number}&v=1$"))
        settle(page)
        expect(page.locator("#message")).to_be_empty()
        expect(page.locator("#batch-label")).to_have_text(f"10 of {scene.state.spec.samples}")
        expect(page.locator("#compare-loss-sentence")).to_contain_text(f"Loss, {name_problem(scene.state.spec)}, ")
        page.keyboard.press("PageDown")
        expect(page.locator(".tour-answer")).to_be_visible()
        page.keyboard.press("PageDown")
    expect(page.locator("#tour h2")).to_contain_text(OTHERS[-1].title)
    expect(page.locator(".tour-card li")).to_have_text(list(OTHERS[-1].takeaways))
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page).to_have_url(re.compile(r"/\??$"))
    expect(page.locator("html")).to_have_attribute("data-pair", "first")
