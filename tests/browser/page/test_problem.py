"""The problem: chosen by hand, by link and by keyboard, and what follows it on the page."""

from __future__ import annotations

import re

from driving import HOME, PHONE, click, follow, open_view, rest, settle, unfold, violations, watched
from playwright.sync_api import Browser, Page, expect

PANELS = ("compare-loss", "compare-slope", "compare-minima", "compare-nngpps")


def choose(page: Page, field: str, label: str) -> None:
    """Choose from a menu by hand."""
    page.locator(f"#{field}").click()
    page.get_by_role("option", name=label, exact=True).click()


def test_a_problem_is_chosen_and_everything_follows(same_page: Page) -> None:
    page = same_page
    choose(page, "problem", "Wine")
    expect(page).to_have_url(re.compile(r"\?problem=wine&v=1$"))
    settle(page, *PANELS)
    expect(page.locator("#compare-intro")).to_contain_text("±20 along d1 and d2 from its start point (seed 12735)")
    expect(page.locator("#compare-intro")).to_contain_text("Wine: a 13-16-3 network of 275 weights")
    expect(page.locator("#compare-intro")).to_contain_text("10 of 178 samples.")
    expect(page.locator("#batch-label")).to_have_text("10 of 178")
    expect(page.locator("#batch_size [role=slider]")).to_have_attribute("aria-valuemax", "178")
    expect(page.locator("#batch-preset-all")).to_have_text("178")
    expect(page.locator("#activation-box")).to_be_hidden()
    unfold(page)
    for box in ("data-box", "layers-box", "loss-box", "conventions-box", "training-box"):
        expect(page.locator(f"#{box}")).to_be_hidden()
    expect(page.locator("#start-box")).to_be_visible()
    page.locator("#batch-preset-all-but-one").click()
    expect(page.locator("#compare-loss-title")).to_contain_text("|B| = 177")
    page.locator("#main").focus()
    page.keyboard.press("+")
    expect(page.locator("#compare-loss-title")).to_contain_text("full batch")
    choose(page, "problem", "The paper's network")
    expect(page.locator("#batch-label")).to_have_text("150 of 150")
    expect(page.locator("#activation-box")).to_be_visible()
    unfold(page)
    page.locator("#undo").click()
    expect(page.locator("#problem")).to_have_value("Wine")
    rest(page)


def test_the_papers_network_has_other_data_layers_and_start(same_page: Page) -> None:
    page = same_page
    unfold(page)
    choose(page, "dataset", "Wine (178 wines, 3 cultivars)")
    expect(page.locator("#compare-intro")).to_contain_text("A 13-10-3 Sigmoid network on Wine (173 weights)")
    layers = page.locator("#hidden")
    layers.fill("8,  eight")
    layers.press("Enter")
    expect(page.locator("#layers-box")).to_contain_text("Allowed: 1 to 8 whole numbers from 1 to 4,096")
    layers.fill("8,4")
    layers.press("Enter")
    expect(layers).to_have_value("8, 4")
    expect(page.locator("#compare-intro")).to_contain_text("A 13-8-4-3 Sigmoid network on Wine (163 weights)")
    expect(page.locator("#layers-box")).not_to_contain_text("Allowed")
    choose(page, "start_point", "Trained")
    expect(page.locator("#training-box")).to_be_visible()
    expect(page.locator("#compare-intro")).to_contain_text("from where 300 steps of Adam have led")
    expect(page).to_have_url(re.compile(r"dataset=wine&.*hidden=8,4&start_point=trained"))
    unfold(page)
    follow(page, HOME)
    expect(page.locator("#hidden")).to_have_value("10")


def test_other_views_show_it_and_the_papers_figures_do_not(same_page: Page) -> None:
    page = same_page
    follow(page, "?problem=digits-mlp&resolution=20&v=1")
    settle(page, *PANELS)
    open_view(page, "Variance")
    expect(page.locator("#variance-loss-note")).to_contain_text("Digits, fully connected has another loss.")
    for nothing in ("line", "point", "batch", "plane"):  # would change anything
        expect(page.locator(f"#{nothing}-box")).to_be_hidden()
    expect(page.locator("#problem-box")).to_be_visible()
    open_view(page, "Draw by draw")
    expect(page.locator("#oracle-balls figure")).to_have_count(10)
    expect(page.locator("#oracle-urn-title")).to_contain_text("1,797 samples")
    open_view(page, "Paper figures")
    expect(page.locator("#problem-box")).to_be_hidden()
    expect(page).to_have_url(re.compile("problem=digits-mlp"))
    rest(page)
    follow(page, HOME)
    settle(page, *PANELS)


def test_while_the_size_is_dragged_its_own_mini_batches_are_drawn(same_page: Page) -> None:
    page = same_page
    page.locator("#batch_size [role=slider]").hover()  # the paper's tables are at hand
    follow(page, "?problem=two-moons&v=1")
    settle(page, *PANELS)
    page.mouse.move(0, 0)
    thumb = page.locator("#batch_size [role=slider]")
    thumb.hover()
    page.wait_for_function(
        "() => dash_component_api.getLayout('tables-lines').props.data?.for.problem === 'two-moons'"
        " && dash_component_api.getLayout('tables-plane').props.data?.for.problem === 'two-moons'"
    )
    box = thumb.bounding_box()
    assert box
    page.mouse.down()
    for step in range(1, 13):
        page.mouse.move(box["x"] + 8 + 5 * step, box["y"] + 8)
    rest(page)
    live = [page.locator(f"#compare-{name}-note").inner_text().split()[0] for name in ("minima", "nngpps")]
    page.mouse.up()
    settle(page, *PANELS)
    expect(page.locator("#compare-minima-note")).to_contain_text("over 1,000 draws")
    rest(page)
    assert [page.locator(f"#compare-{name}-note").inner_text().split()[0] for name in ("minima", "nngpps")] == live


def test_a_link_to_a_problem_that_is_not_here_says_what_to_do(same_page: Page) -> None:
    page = same_page
    follow(page, "?problem=custom:0123456789abcdef&activation=tanh&v=1")
    expect(page.locator("#message")).to_contain_text("bring a table again under Your data")
    expect(page.locator("#activation-box input:checked")).to_have_value("tanh")
    follow(page, HOME)


def test_axe_finds_nothing_open_or_on_a_phone(browser: Browser, address: str) -> None:
    with watched(browser, address) as page:
        page.goto("/?problem=wine&start_point=trained&v=1")
        settle(page, *PANELS)
        unfold(page)
        expect(page.locator("#training-box")).to_be_visible()
        rest(page)
        assert violations(page) == []
    with watched(browser, address, **PHONE) as page:
        page.goto("/?problem=wine&v=1")
        settle(page)
        page.locator("#controls-toggle").click()
        expect(page.locator("#problem")).to_be_visible()
        rest(page)
        assert violations(page) == []


def test_pca_can_be_chosen_once_the_start_point_is_trained(page: Page) -> None:
    pca = page.locator("#domain input[value=pca]")
    expect(pca).to_be_disabled()
    click(page, "Filter")
    expect(page).to_have_url(re.compile(r"domain=filter&range=1&"))
    expect(page.locator("#range")).to_have_value("1")
    page.goto("/?start_point=trained&train_steps=30")
    settle(page)
    expect(pca).to_be_enabled()
    click(page, "PCA")
    expect(page).to_have_url(re.compile(r"domain=pca&range=1.2&start_point=trained"))
    settle(page)
    click(page, "Reset all")
    expect(pca).to_be_disabled()
    expect(page.locator("#range")).to_have_value("20")
